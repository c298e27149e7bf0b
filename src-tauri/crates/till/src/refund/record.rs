//! A refund's row.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::TillError;
use crate::view::{Notice, RefundReason, RefundState, Tender};

#[derive(Debug, Clone)]
pub(crate) struct RefundRecord {
    pub(crate) id: String,
    pub(crate) sale_seq: i64,
    pub(crate) attempt_id: String,
    pub(crate) tender: Tender,
    pub(crate) amount_minor: i64,
    pub(crate) state: RefundState,
    pub(crate) reason: RefundReason,
    pub(crate) detail: Option<String>,
    pub(crate) refund: Option<String>,
    pub(crate) refunded_by: String,
    pub(crate) approved_by: String,
    pub(crate) notice: Option<Notice>,
    pub(crate) started_at_ms: i64,
}

impl RefundRecord {
    /// Whether its amount is given back, on its way back, or not known not to be.
    pub(crate) fn counts(&self) -> bool {
        !matches!(self.state, RefundState::Failed | RefundState::Canceled)
    }
}

const COLUMNS: &str = "r.id, r.sale_seq, r.attempt_id, r.tender, r.amount_minor, r.state, r.reason, r.detail, \
     r.refund, r.refunded_by, r.approved_by, r.notice_code, r.notice_text, r.started_at_ms";

fn from_row(row: &Row<'_>) -> rusqlite::Result<RefundRecord> {
    let notice: (Option<String>, Option<String>) = (row.get(11)?, row.get(12)?);
    Ok(RefundRecord {
        id: row.get(0)?,
        sale_seq: row.get(1)?,
        attempt_id: row.get(2)?,
        tender: if row.get_ref(3)?.as_str()? == "cash" { Tender::Cash } else { Tender::Card },
        amount_minor: row.get(4)?,
        state: RefundState::parse(row.get_ref(5)?.as_str()?),
        reason: RefundReason::parse(row.get_ref(6)?.as_str()?).unwrap_or(RefundReason::RequestedByCustomer),
        detail: row.get(7)?,
        refund: row.get(8)?,
        refunded_by: row.get(9)?,
        approved_by: row.get(10)?,
        notice: notice.0.map(|code| Notice { code, text: notice.1.unwrap_or_default() }),
        started_at_ms: row.get(13)?,
    })
}

impl RefundState {
    /// As it is stored, which is as Stripe writes it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Pending => "pending",
            Self::RequiresAction => "requires_action",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// Stripe's word for it. One that is not known yet is money on its way until Stripe says otherwise.
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "checking" => Self::Checking,
            "requires_action" => Self::RequiresAction,
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            "canceled" => Self::Canceled,
            _ => Self::Pending,
        }
    }
}

impl RefundReason {
    /// As Stripe writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Fraudulent => "fraudulent",
            Self::RequestedByCustomer => "requested_by_customer",
        }
    }

    /// Reads Stripe's word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "duplicate" => Some(Self::Duplicate),
            "fraudulent" => Some(Self::Fraudulent),
            "requested_by_customer" => Some(Self::RequestedByCustomer),
            _ => None,
        }
    }
}

/// A refund by its id.
pub(crate) fn find(db: &Connection, id: &str) -> Result<RefundRecord, TillError> {
    let sql = format!("SELECT {COLUMNS} FROM refund_attempt r WHERE r.id = ?1");
    db.prepare_cached(&sql)?
        .query_row([id], from_row)
        .optional()?
        .ok_or(TillError::NotFound { what: "refund" })
}

/// A refund by Stripe's id.
pub(crate) fn find_by_refund(db: &Connection, refund: &str) -> Result<Option<RefundRecord>, TillError> {
    let sql = format!("SELECT {COLUMNS} FROM refund_attempt r WHERE r.refund = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([refund], from_row).optional()?)
}

/// The refunds of a sale, oldest first.
pub(crate) fn of_sale(db: &Connection, sale_seq: i64) -> Result<Vec<RefundRecord>, TillError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM refund_attempt r WHERE r.sale_seq = ?1 ORDER BY r.started_at_ms, r.rowid"
    );
    let mut found = db.prepare_cached(&sql)?;
    let rows = found.query_map([sale_seq], from_row)?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

/// Ids of the refunds whose outcome is not known, oldest first.
pub(crate) fn checking(db: &Connection) -> Result<Vec<String>, TillError> {
    let mut found = db.prepare_cached(
        "SELECT id FROM refund_attempt WHERE state = 'checking' ORDER BY started_at_ms, id",
    )?;
    let rows = found.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

/// The sale a refund belongs to, by id.
pub(crate) fn sale_id_of(db: &Connection, id: &str) -> Result<String, TillError> {
    db.prepare_cached("SELECT s.id FROM refund_attempt r JOIN sale s ON s.seq = r.sale_seq WHERE r.id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?
        .ok_or(TillError::NotFound { what: "refund" })
}
