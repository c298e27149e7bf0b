//! Checking the journal: that it has no gap, that every entry follows from the one before it, that nothing in it was
//! changed, and that it agrees with what Stripe was told while it was written.

use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;
use subtle::ConstantTimeEq;

use super::{JournalKey, hex};
use crate::view::{JournalCheck, Notice, NoticeCode, Right};
use crate::{Signed, Till, TillError};

/// What is wrong with a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    /// Entries are missing between this one and the one before it.
    Gap,
    /// It does not name the code of the entry before it.
    Chain,
    /// Its code is not that of its body: the body was changed, or the key is another one.
    Body,
    /// What is shown of it is not what its body says.
    Columns,
    /// Entries after the last one are missing: somebody was told of one that is not there.
    Tail,
    /// Another code was told of this entry.
    Witness,
}

impl Fault {
    fn notice(&self) -> Notice {
        let (code, words) = match self {
            Self::Gap => (NoticeCode::JournalGap, "entries before this one are missing"),
            Self::Chain => (NoticeCode::JournalChain, "this entry does not follow from the one before it"),
            Self::Body => (NoticeCode::JournalBody, "this entry was changed after it was written"),
            Self::Columns => {
                (NoticeCode::JournalColumns, "what is shown of this entry is not what was written")
            }
            Self::Tail => (
                NoticeCode::JournalTail,
                "this entry is missing at the end, although it was told of when it was written",
            ),
            Self::Witness => (
                NoticeCode::JournalWitness,
                "another code was told of this entry when it was written: the journal was written anew",
            ),
        };
        Notice { code: code.as_str().to_owned(), text: words.to_owned() }
    }
}

struct Row {
    seq: i64,
    at_ms: i64,
    staff_name: Option<String>,
    kind: String,
    sale_id: Option<String>,
    amount_minor: Option<i64>,
    body: String,
    prev: Vec<u8>,
    mac: Vec<u8>,
}

impl Till {
    /// Checks the whole journal of this till.
    pub fn journal_check(&self, by: &Signed) -> Result<JournalCheck, TillError> {
        self.authorise(by, Right::Verify)?;
        let mut check = self.read(|db| check_chain(db, &self.inner.journal_key, self.till_id()))?;
        if check.intact {
            self.check_witnesses(&mut check)?;
        }
        Ok(check)
    }

    /// Compares the journal with everything that was told of it while it was written: this till's own payments and
    /// refunds, Stripe's records as first seen, and what is kept beside the key.
    fn check_witnesses(&self, check: &mut JournalCheck) -> Result<(), TillError> {
        for (seq, head) in self.read(own_witnesses)? {
            self.hear(check, seq, &head)?;
        }
        self.mirror().journal_witnesses::<TillError>(self.till_id(), |witness| {
            // What is no number was never written by a till.
            match witness.seq.parse() {
                Ok(seq) => self.hear(check, seq, &witness.head),
                Err(_) => Ok(()),
            }
        })?;
        if let Some((seq, head)) = self.journal_anchor()? {
            self.hear(check, seq, &head)?;
        }
        Ok(())
    }

    fn hear(&self, check: &mut JournalCheck, seq: i64, head: &str) -> Result<(), TillError> {
        if seq < 1 || check.first_bad_seq.is_some_and(|bad| bad <= seq) {
            return Ok(());
        }
        let fault = match self.read(|db| code_at(db, self.till_id(), seq))? {
            None => Fault::Tail,
            Some(code) if code != head => Fault::Witness,
            Some(_) => return Ok(()),
        };
        spoil(check, seq, &fault);
        Ok(())
    }
}

/// Position and code as payments and refunds of this till carry them.
fn own_witnesses(db: &Connection) -> Result<Vec<(i64, String)>, TillError> {
    let mut found = db.prepare_cached(
        "SELECT journal_seq, journal_head FROM attempt
         UNION ALL SELECT journal_seq, journal_head FROM refund_attempt ORDER BY 1",
    )?;
    let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

fn code_at(db: &Connection, till_id: &str, seq: i64) -> Result<Option<String>, TillError> {
    let mac: Option<Vec<u8>> = db
        .prepare_cached("SELECT mac FROM journal WHERE till_id = ?1 AND seq = ?2")?
        .query_row(rusqlite::params![till_id, seq], |row| row.get(0))
        .optional()?;
    Ok(mac.map(|mac| hex(&mac)))
}

fn check_chain(db: &Connection, key: &JournalKey, till_id: &str) -> Result<JournalCheck, TillError> {
    let mut check =
        JournalCheck { entries: 0, intact: true, first_bad_seq: None, problem: None, head: hex(&[0; 32]) };
    let mut statement = db.prepare_cached(
        "SELECT seq, at_ms, staff_name, kind, sale_id, amount_minor, body, prev, mac
         FROM journal WHERE till_id = ?1 ORDER BY seq",
    )?;
    let mut rows = statement.query([till_id])?;
    let (mut expected, mut prev) = (1_i64, vec![0_u8; 32]);
    while let Some(row) = rows.next()? {
        let row = Row {
            seq: row.get(0)?,
            at_ms: row.get(1)?,
            staff_name: row.get(2)?,
            kind: row.get(3)?,
            sale_id: row.get(4)?,
            amount_minor: row.get(5)?,
            body: row.get(6)?,
            prev: row.get(7)?,
            mac: row.get(8)?,
        };
        check.entries = check.entries.saturating_add(1);
        check.head = hex(&row.mac);
        if check.intact
            && let Some(fault) = fault_of(&row, key, till_id, expected, &prev)?
        {
            spoil(&mut check, row.seq, &fault);
        }
        expected = row.seq.saturating_add(1);
        prev = row.mac;
    }
    Ok(check)
}

fn fault_of(
    row: &Row,
    key: &JournalKey,
    till_id: &str,
    expected: i64,
    prev: &[u8],
) -> Result<Option<Fault>, TillError> {
    if row.seq != expected {
        return Ok(Some(Fault::Gap));
    }
    if row.prev != prev {
        return Ok(Some(Fault::Chain));
    }
    let mac = key.mac(prev, &row.body)?;
    if !bool::from(mac.as_slice().ct_eq(&row.mac)) {
        return Ok(Some(Fault::Body));
    }
    Ok((!agrees(row, till_id)).then_some(Fault::Columns))
}

/// Whether the columns say what the body says.
fn agrees(row: &Row, till_id: &str) -> bool {
    let Ok(body) = serde_json::from_str::<Value>(&row.body) else { return false };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(ToOwned::to_owned);
    let number = |value: Option<&Value>| value.and_then(Value::as_i64);
    text(body.get("till_id")).as_deref() == Some(till_id)
        && number(body.get("seq")) == Some(row.seq)
        && number(body.get("at_ms")) == Some(row.at_ms)
        && text(body.get("kind")).as_deref() == Some(row.kind.as_str())
        && text(body.get("sale_id")) == row.sale_id
        && number(body.get("amount_minor")) == row.amount_minor
        && text(body.pointer("/staff/name")) == row.staff_name
}

fn spoil(check: &mut JournalCheck, seq: i64, fault: &Fault) {
    check.intact = false;
    check.first_bad_seq = Some(seq);
    check.problem = Some(fault.notice());
}
