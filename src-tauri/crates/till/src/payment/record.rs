//! A payment's row: what was asked, where it stands, what Stripe said.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::TillError;
use crate::view::{Notice, PaymentState, Tender};

#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) id: String,
    pub(crate) sale_seq: i64,
    pub(crate) tender: Tender,
    pub(crate) amount_minor: i64,
    pub(crate) received_minor: i64,
    pub(crate) currency: String,
    pub(crate) state: PaymentState,
    pub(crate) tendered_minor: Option<i64>,
    pub(crate) change_minor: Option<i64>,
    pub(crate) reader_id: Option<String>,
    pub(crate) reader_label: Option<String>,
    pub(crate) payment_intent: Option<String>,
    pub(crate) charge: Option<String>,
    pub(crate) card_brand: Option<String>,
    pub(crate) card_last4: Option<String>,
    pub(crate) presentation: i64,
    pub(crate) cancel_asked: bool,
    pub(crate) notice: Option<Notice>,
    pub(crate) staff_id: String,
    pub(crate) staff_name: String,
    pub(crate) started_at_ms: i64,
    pub(crate) ended_at_ms: Option<i64>,
}

const COLUMNS: &str = "a.id, a.sale_seq, a.tender, a.amount_minor, a.received_minor, a.currency, a.state, \
     a.tendered_minor, a.change_minor, a.reader_id, a.reader_label, a.payment_intent, a.charge, a.card_brand, \
     a.card_last4, a.presentation, a.cancel_asked, a.notice_code, a.notice_text, \
     a.staff_id, a.staff_name, a.started_at_ms, a.ended_at_ms";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    let notice: (Option<String>, Option<String>) = (row.get(17)?, row.get(18)?);
    Ok(Attempt {
        id: row.get(0)?,
        sale_seq: row.get(1)?,
        tender: if row.get_ref(2)?.as_str()? == "cash" { Tender::Cash } else { Tender::Card },
        amount_minor: row.get(3)?,
        received_minor: row.get(4)?,
        currency: row.get(5)?,
        state: state_of(row.get_ref(6)?.as_str()?),
        tendered_minor: row.get(7)?,
        change_minor: row.get(8)?,
        reader_id: row.get(9)?,
        reader_label: row.get(10)?,
        payment_intent: row.get(11)?,
        charge: row.get(12)?,
        card_brand: row.get(13)?,
        card_last4: row.get(14)?,
        presentation: row.get(15)?,
        cancel_asked: row.get(16)?,
        notice: notice.0.map(|code| Notice { code, text: notice.1.unwrap_or_default() }),
        staff_id: row.get(19)?,
        staff_name: row.get(20)?,
        started_at_ms: row.get(21)?,
        ended_at_ms: row.get(22)?,
    })
}

impl PaymentState {
    /// As it is stored.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::WaitingForCard => "waiting_for_card",
            Self::Authorising => "authorising",
            Self::Declined => "declined",
            Self::Checking => "checking",
            Self::Paid => "paid",
            Self::Canceled => "canceled",
        }
    }

    /// Whether Stripe has had its last word.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Paid | Self::Canceled)
    }
}

/// The schema allows no other word; one it does not know is treated as the most careful state.
fn state_of(text: &str) -> PaymentState {
    match text {
        "starting" => PaymentState::Starting,
        "waiting_for_card" => PaymentState::WaitingForCard,
        "authorising" => PaymentState::Authorising,
        "declined" => PaymentState::Declined,
        "paid" => PaymentState::Paid,
        "canceled" => PaymentState::Canceled,
        _ => PaymentState::Checking,
    }
}

/// A payment by its id.
pub(crate) fn find(db: &Connection, id: &str) -> Result<Attempt, TillError> {
    one(db, "a.id = ?1", id)?.ok_or(TillError::NotFound { what: "payment" })
}

/// A payment by its PaymentIntent.
pub(crate) fn find_by_intent(db: &Connection, intent: &str) -> Result<Option<Attempt>, TillError> {
    one(db, "a.payment_intent = ?1", intent)
}

fn one(db: &Connection, wher: &str, value: &str) -> Result<Option<Attempt>, TillError> {
    let sql = format!("SELECT {COLUMNS} FROM attempt a WHERE {wher}");
    Ok(db.prepare_cached(&sql)?.query_row([value], from_row).optional()?)
}

/// The payments of a sale, oldest first.
pub(crate) fn of_sale(db: &Connection, sale_seq: i64) -> Result<Vec<Attempt>, TillError> {
    let sql =
        format!("SELECT {COLUMNS} FROM attempt a WHERE a.sale_seq = ?1 ORDER BY a.started_at_ms, a.rowid");
    let mut found = db.prepare_cached(&sql)?;
    let rows = found.query_map([sale_seq], from_row)?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

/// Ids of the payments that are not final, oldest first.
pub(crate) fn unresolved(db: &Connection) -> Result<Vec<String>, TillError> {
    let mut found = db.prepare_cached(
        "SELECT id FROM attempt WHERE state NOT IN ('paid', 'canceled') ORDER BY started_at_ms, id",
    )?;
    let rows = found.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

/// Ids of the payments that were closed here while Stripe may still hold an unpaid PaymentIntent of theirs.
pub(crate) fn leftovers(db: &Connection) -> Result<Vec<String>, TillError> {
    let mut found =
        db.prepare_cached("SELECT id FROM attempt WHERE leftover = 1 ORDER BY started_at_ms, id")?;
    let rows = found.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

/// The sale a payment belongs to, by id.
pub(crate) fn sale_id_of(db: &Connection, attempt_id: &str) -> Result<String, TillError> {
    db.prepare_cached("SELECT s.id FROM attempt a JOIN sale s ON s.seq = a.sale_seq WHERE a.id = ?1")?
        .query_row([attempt_id], |row| row.get(0))
        .optional()?
        .ok_or(TillError::NotFound { what: "payment" })
}
