//! The journal: who did what when, chained by HMAC-SHA256 under a key from the vault, written in the same transaction
//! as what it tells of. Nothing in it is ever changed; the schema refuses it.

mod anchor;
mod canonical;
mod check;
mod position;

use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use tillbook_vault::Secret;

use crate::TillError;
pub(crate) use canonical::canonical;
pub use position::JournalPosition;

/// What is said of every kind of entry.
pub(crate) mod kind {
    pub(crate) const SHOP_SET_UP: &str = "shop_set_up";
    pub(crate) const STAFF_ADDED: &str = "staff_added";
    pub(crate) const SIGNED_IN: &str = "signed_in";
    pub(crate) const PIN_SLOWED: &str = "pin_slowed";
    pub(crate) const SALE_OPENED: &str = "sale_opened";
    pub(crate) const LINE_REDUCED: &str = "line_reduced";
    pub(crate) const SALE_PARKED: &str = "sale_parked";
    pub(crate) const SALE_RESUMED: &str = "sale_resumed";
    pub(crate) const SALE_VOIDED: &str = "sale_voided";
    pub(crate) const SALE_PAID: &str = "sale_paid";
    pub(crate) const PAYMENT_STARTED: &str = "payment_started";
    pub(crate) const PAYMENT_DECLINED: &str = "payment_declined";
    pub(crate) const PAYMENT_RETRIED: &str = "payment_retried";
    pub(crate) const PAYMENT_CANCEL_ASKED: &str = "payment_cancel_asked";
    pub(crate) const PAYMENT_CANCELED: &str = "payment_canceled";
    pub(crate) const PAYMENT_RECEIVED: &str = "payment_received";
    pub(crate) const EXPORT_WRITTEN: &str = "export_written";
    pub(crate) const REFUND_STARTED: &str = "refund_started";
    pub(crate) const REFUND_CHANGED: &str = "refund_changed";
    pub(crate) const REFUND_ELSEWHERE: &str = "refund_elsewhere";
    pub(crate) const MIRROR_CERTIFIED: &str = "mirror_certified";
    pub(crate) const FULL_CHECK_ASKED: &str = "full_check_asked";
    pub(crate) const BACKFILL_HURRIED: &str = "backfill_hurried";
    pub(crate) const COPY_PAUSED: &str = "copy_paused";
    pub(crate) const COPY_GONE_ON: &str = "copy_gone_on";
    pub(crate) const RECEIVER_ON: &str = "receiver_on";
    pub(crate) const RECEIVER_OFF: &str = "receiver_off";
}

/// The journal's key; wiped when dropped, never printed.
pub(crate) struct JournalKey(Secret);

impl JournalKey {
    pub(crate) fn new(secret: Secret) -> Self {
        Self(secret)
    }

    /// The code of an entry: HMAC-SHA256 over the code before it and its canonical body.
    fn mac(&self, prev: &[u8], body: &str) -> Result<[u8; 32], TillError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose()).map_err(TillError::internal)?;
        mac.update(prev);
        mac.update(body.as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }
}

/// Where the journal stands after an entry; Stripe is told both as a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    /// Hex.
    pub(crate) code: String,
}

/// An entry to be written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry<'a> {
    pub(crate) at_ms: i64,
    /// Id and name.
    pub(crate) staff: Option<(&'a str, &'a str)>,
    pub(crate) kind: &'static str,
    pub(crate) sale_id: Option<&'a str>,
    pub(crate) amount_minor: Option<i64>,
    pub(crate) data: Map<String, Value>,
}

/// Writes the next entry of this till's journal. Only inside the transaction of what it tells of.
pub(crate) fn append(
    tx: &Connection,
    key: &JournalKey,
    till_id: &str,
    entry: Entry<'_>,
) -> Result<Head, TillError> {
    let last = tx
        .prepare_cached("SELECT seq, mac FROM journal WHERE till_id = ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([till_id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    let (last_seq, prev) = last.unwrap_or((0, vec![0; 32]));
    let seq = last_seq.checked_add(1).ok_or_else(|| TillError::internal("the journal is full"))?;
    let body = body_of(till_id, seq, &entry);
    let mac = key.mac(&prev, &body)?;
    tx.prepare_cached(
        "INSERT INTO journal (till_id, seq, at_ms, staff_name, kind, sale_id, amount_minor, body, prev, mac)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        till_id,
        seq,
        entry.at_ms,
        entry.staff.map(|(_, name)| name),
        entry.kind,
        entry.sale_id,
        entry.amount_minor,
        body,
        prev,
        mac
    ])?;
    Ok(Head { seq, code: hex(&mac) })
}

/// The canonical body: everything the entry says, so that its columns can be checked against it.
fn body_of(till_id: &str, seq: i64, entry: &Entry<'_>) -> String {
    canonical(&json!({
        "v": 1,
        "till_id": till_id,
        "seq": seq,
        "at_ms": entry.at_ms,
        "staff": entry.staff.map(|(id, name)| json!({ "id": id, "name": name })),
        "kind": entry.kind,
        "sale_id": entry.sale_id,
        "amount_minor": entry.amount_minor,
        "data": entry.data,
    }))
}

/// A map for [`Entry::data`].
pub(crate) fn data<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0x0f] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    text
}
