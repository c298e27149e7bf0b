//! A sale's row and the questions that decide what may be done to it.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{Clash, TillError};

/// Where a sale stands, as stored; the rest of its state follows from its payments and refunds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    Open,
    Parked,
    Paid,
    Void,
}

#[derive(Debug, Clone)]
pub(crate) struct SaleRecord {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) number: i64,
    pub(crate) state: Stored,
    pub(crate) currency: String,
    pub(crate) business_date: String,
    pub(crate) staff_name: String,
    pub(crate) opened_at_ms: i64,
    pub(crate) closed_at_ms: Option<i64>,
    pub(crate) summary: String,
    pub(crate) units: i64,
    pub(crate) total_minor: i64,
}

/// Columns of a [`SaleRecord`], in its order.
pub(crate) const COLUMNS: &str = "s.seq, s.id, s.number, s.state, s.currency, s.business_date, s.staff_name, \
     s.opened_at_ms, s.closed_at_ms, s.summary, s.units, s.total_minor";

pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<SaleRecord> {
    Ok(SaleRecord {
        seq: row.get(0)?,
        id: row.get(1)?,
        number: row.get(2)?,
        state: match row.get_ref(3)?.as_str()? {
            "parked" => Stored::Parked,
            "paid" => Stored::Paid,
            "void" => Stored::Void,
            _ => Stored::Open,
        },
        currency: row.get(4)?,
        business_date: row.get(5)?,
        staff_name: row.get(6)?,
        opened_at_ms: row.get(7)?,
        closed_at_ms: row.get(8)?,
        summary: row.get(9)?,
        units: row.get(10)?,
        total_minor: row.get(11)?,
    })
}

/// A sale by its id.
pub(crate) fn find(db: &Connection, id: &str) -> Result<SaleRecord, TillError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM sale s WHERE s.id = ?1"))?
        .query_row([id], from_row)
        .optional()?
        .ok_or(TillError::NotFound { what: "sale" })
}

/// A sale by its place.
pub(crate) fn find_by_seq(db: &Connection, seq: i64) -> Result<SaleRecord, TillError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM sale s WHERE s.seq = ?1"))?
        .query_row([seq], from_row)
        .optional()?
        .ok_or(TillError::NotFound { what: "sale" })
}

const CURRENT: &str = "current_sale";

/// The sale being rung up.
pub(crate) fn current(db: &Connection) -> Result<Option<SaleRecord>, TillError> {
    let found = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM sale s JOIN setting c ON c.value = s.id WHERE c.key = ?1 AND s.state = 'open'"
        ))?
        .query_row([CURRENT], from_row)
        .optional()?;
    Ok(found)
}

/// Makes a sale the one being rung up.
pub(crate) fn set_current(tx: &Connection, id: &str) -> Result<(), TillError> {
    tx.prepare_cached(
        "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![CURRENT, id])?;
    Ok(())
}

/// No sale is being rung up any more, if it was this one.
pub(crate) fn clear_current(tx: &Connection, id: &str) -> Result<(), TillError> {
    tx.prepare_cached("DELETE FROM setting WHERE key = ?1 AND value = ?2")?.execute(params![CURRENT, id])?;
    Ok(())
}

/// Whether a payment of the sale is not final.
pub(crate) fn has_open_payment(db: &Connection, seq: i64) -> Result<bool, TillError> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM attempt WHERE sale_seq = ?1 AND state NOT IN ('paid', 'canceled'))",
        )?
        .query_row([seq], |row| row.get(0))?)
}

/// What its payments took from the total: a tip is beyond it, a smaller receipt covers less.
pub(crate) fn covered_minor(db: &Connection, seq: i64) -> Result<i64, TillError> {
    Ok(db
        .prepare_cached(
            "SELECT coalesce(sum(min(amount_minor, received_minor)), 0) FROM attempt
             WHERE sale_seq = ?1 AND state = 'paid'",
        )?
        .query_row([seq], |row| row.get(0))?)
}

impl SaleRecord {
    /// Open, and nothing of it under way.
    pub(crate) fn check_open(&self, db: &Connection) -> Result<(), TillError> {
        match self.state {
            Stored::Open => {}
            Stored::Parked => return Err(Clash::SaleParked.into()),
            Stored::Paid => return Err(Clash::SalePaid.into()),
            Stored::Void => return Err(Clash::SaleEnded.into()),
        }
        if has_open_payment(db, self.seq)? { Err(Clash::PaymentOpen.into()) } else { Ok(()) }
    }

    /// Open, nothing under way and nothing paid: its lines may change, it may be parked or voided.
    pub(crate) fn check_unpaid(&self, db: &Connection) -> Result<(), TillError> {
        self.check_open(db)?;
        let paid: bool = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM attempt WHERE sale_seq = ?1 AND state = 'paid')")?
            .query_row([self.seq], |row| row.get(0))?;
        if paid { Err(Clash::SalePaid.into()) } else { Ok(()) }
    }

    /// What is still to be paid.
    pub(crate) fn remaining_minor(&self, db: &Connection) -> Result<i64, TillError> {
        Ok(self.total_minor.saturating_sub(covered_minor(db, self.seq)?).max(0))
    }
}
