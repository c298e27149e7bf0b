//! A sale while it is rung up: opened by its first line, changed, parked, resumed, voided.

pub(crate) mod lines;
mod list;
pub(crate) mod read;
pub(crate) mod record;

use rusqlite::{Connection, params};
use serde_json::json;

use crate::day;
use crate::journal::{self, Entry, kind};
use crate::till::Actor;
use crate::view::{ParkedSale, Right, Sale};
use crate::{Clash, Signed, Till, TillError};
use record::{SaleRecord, Stored};

/// A price and how many of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineInput {
    /// `price_…`
    pub price_id: String,
    /// 1 to 9999.
    pub quantity: i64,
}

impl Till {
    /// The sale being rung up, if there is one.
    pub fn sale_current(&self, by: &Signed) -> Result<Option<Sale>, TillError> {
        self.authorise(by, Right::Sell)?;
        let current = self.read(|db| Ok(record::current(db)?.map(|sale| sale.id)))?;
        current.map(|id| self.view_sale(&id)).transpose()
    }

    /// Adds a price to the sale being rung up; opens one if there is none. The same price adds up in its line.
    pub fn sale_add(&self, by: &Signed, price_id: &str, quantity: i64) -> Result<Sale, TillError> {
        let actor = self.authorise(by, Right::Sell)?;
        lines::check_quantity(quantity)?;
        let item = self.sellable(price_id)?;
        let (id, _) = self.write(|tx| {
            let sale = match record::current(tx)? {
                Some(sale) => sale,
                None => self.open_sale(tx, &actor, true)?,
            };
            let line = self.add_line(tx, &sale, &item, quantity)?;
            Ok((sale.id, line))
        })?;
        self.view_sale(&id)
    }

    /// Rings up a whole sale at once, beside the one on the screen. All lines or none.
    pub fn sale_ring_up(&self, by: &Signed, lines: &[LineInput]) -> Result<Sale, TillError> {
        let actor = self.authorise(by, Right::Sell)?;
        if lines.is_empty() {
            return Err(Clash::EmptySale.into());
        }
        let mut items = Vec::with_capacity(lines.len());
        for line in lines {
            lines::check_quantity(line.quantity)?;
            items.push((self.sellable(&line.price_id)?, line.quantity));
        }
        let id = self.write(|tx| {
            let sale = self.open_sale(tx, &actor, false)?;
            for (item, quantity) in &items {
                self.add_line(tx, &sale, item, *quantity)?;
            }
            Ok(sale.id)
        })?;
        self.view_sale(&id)
    }

    /// Sets how many of a line there are; 0 takes the line out.
    pub fn sale_set_quantity(&self, by: &Signed, line_id: &str, quantity: i64) -> Result<Sale, TillError> {
        let actor = self.authorise(by, Right::Sell)?;
        if quantity != 0 {
            lines::check_quantity(quantity)?;
        }
        let id = self.write(|tx| self.set_quantity(tx, &actor, line_id, quantity))?;
        self.view_sale(&id)
    }

    /// Ends the sale being rung up without payment.
    pub fn sale_void(&self, by: &Signed) -> Result<(), TillError> {
        let actor = self.authorise(by, Right::Sell)?;
        self.write(|tx| {
            let sale = record::current(tx)?.ok_or(TillError::NotFound { what: "sale" })?;
            self.void(tx, &actor, &sale)
        })
    }

    /// Ends any open or parked sale without payment.
    pub fn sale_void_of(&self, by: &Signed, sale_id: &str) -> Result<(), TillError> {
        let actor = self.authorise(by, Right::Sell)?;
        self.write(|tx| {
            let mut sale = record::find(tx, sale_id)?;
            if sale.state == Stored::Parked {
                set_state_open(tx, &sale)?;
                sale.state = Stored::Open;
            }
            self.void(tx, &actor, &sale)
        })
    }

    /// Puts the sale being rung up aside.
    pub fn sale_park(&self, by: &Signed) -> Result<(), TillError> {
        let actor = self.authorise(by, Right::Sell)?;
        let now_ms = self.now_ms();
        self.write(|tx| {
            let sale = record::current(tx)?.ok_or(Clash::EmptySale)?;
            sale.check_unpaid(tx)?;
            if sale.units == 0 {
                return Err(Clash::EmptySale.into());
            }
            tx.execute(
                "UPDATE sale SET state = 'parked', parked_at_ms = ?2 WHERE seq = ?1",
                params![sale.seq, now_ms],
            )?;
            record::clear_current(tx, &sale.id)?;
            self.append(tx, sale_entry(now_ms, &actor, kind::SALE_PARKED, &sale))?;
            Ok(())
        })
    }

    /// The sales that were put aside, oldest first.
    pub fn sale_parked(&self, by: &Signed) -> Result<Vec<ParkedSale>, TillError> {
        self.authorise(by, Right::Sell)?;
        self.read(|db| {
            let mut found = db.prepare_cached(
                "SELECT id, number, parked_at_ms, summary, total_minor FROM sale
                 WHERE state = 'parked' ORDER BY parked_at_ms, seq",
            )?;
            let rows = found.query_map([], |row| {
                Ok(ParkedSale {
                    id: row.get(0)?,
                    number: row.get(1)?,
                    parked_at_ms: row.get(2)?,
                    summary: row.get(3)?,
                    total_minor: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })
    }

    /// Takes a parked sale, or an open one that was left unpaid, up again.
    pub fn sale_resume(&self, by: &Signed, sale_id: &str) -> Result<Sale, TillError> {
        let actor = self.authorise(by, Right::Sell)?;
        let now_ms = self.now_ms();
        self.write(|tx| {
            let sale = record::find(tx, sale_id)?;
            match record::current(tx)? {
                Some(current) if current.id == sale.id => return Ok(()),
                Some(current) if current.units > 0 => return Err(Clash::AnotherSale.into()),
                Some(empty) => self.void(tx, &actor, &empty)?,
                None => {}
            }
            match sale.state {
                Stored::Parked => set_state_open(tx, &sale)?,
                Stored::Open => {}
                Stored::Paid | Stored::Void => return Err(Clash::SaleNotParked.into()),
            }
            record::set_current(tx, &sale.id)?;
            self.append(tx, sale_entry(now_ms, &actor, kind::SALE_RESUMED, &sale))?;
            Ok(())
        })?;
        self.view_sale(sale_id)
    }

    /// Opens a sale with the next number and today's date in the shop.
    fn open_sale(&self, tx: &Connection, actor: &Actor, on_screen: bool) -> Result<SaleRecord, TillError> {
        let staff = actor.person()?;
        let now_ms = self.now_ms();
        let (currency, zone): (String, String) = tx
            .prepare_cached("SELECT currency, time_zone FROM shop WHERE id = 1")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let business_date = day::business_date(now_ms, &day::zone(&zone)?)?;
        let id = self.new_id();
        let number: i64 = tx
            .prepare_cached("SELECT coalesce(max(number), 0) + 1 FROM sale WHERE till_id = ?1")?
            .query_row([self.till_id()], |row| row.get(0))?;
        tx.prepare_cached(
            "INSERT INTO sale (id, till_id, number, state, currency, business_date, staff_id, staff_name, opened_at_ms)
             VALUES (?1, ?2, ?3, 'open', ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![id, self.till_id(), number, currency, business_date, staff.id, staff.name, now_ms])?;
        let sale = record::find(tx, &id)?;
        tx.prepare_cached(
            "INSERT INTO business_day (day, first_seq, last_seq) VALUES (?1, ?2, ?2)
             ON CONFLICT (day) DO UPDATE SET first_seq = min(first_seq, excluded.first_seq),
               last_seq = max(last_seq, excluded.last_seq)",
        )?
        .execute(params![business_date, sale.seq])?;
        if on_screen {
            record::set_current(tx, &sale.id)?;
        }
        let mut entry = sale_entry(now_ms, actor, kind::SALE_OPENED, &sale);
        entry.amount_minor = None;
        self.append(tx, entry)?;
        Ok(sale)
    }

    fn void(&self, tx: &Connection, actor: &Actor, sale: &SaleRecord) -> Result<(), TillError> {
        sale.check_unpaid(tx)?;
        let now_ms = self.now_ms();
        tx.execute(
            "UPDATE sale SET state = 'void', closed_at_ms = ?2 WHERE seq = ?1",
            params![sale.seq, now_ms],
        )?;
        record::clear_current(tx, &sale.id)?;
        self.append(tx, sale_entry(now_ms, actor, kind::SALE_VOIDED, sale))?;
        Ok(())
    }
}

fn set_state_open(tx: &Connection, sale: &SaleRecord) -> Result<(), TillError> {
    tx.execute("UPDATE sale SET state = 'open', parked_at_ms = NULL WHERE seq = ?1", [sale.seq])?;
    Ok(())
}

/// An entry about a whole sale.
pub(crate) fn sale_entry<'a>(
    at_ms: i64,
    actor: &'a Actor,
    kind: &'static str,
    sale: &'a SaleRecord,
) -> Entry<'a> {
    Entry {
        at_ms,
        staff: actor.who(),
        kind,
        sale_id: Some(&sale.id),
        amount_minor: Some(sale.total_minor),
        data: journal::data([("number", json!(sale.number)), ("units", json!(sale.units))]),
    }
}
