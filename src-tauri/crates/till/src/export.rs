//! What the books ask of the till: may this person export, where does the journal stand, and an entry for each file.

use rusqlite::OptionalExtension;
use serde_json::{Map, Value};

use crate::journal::{self, Entry, Head, kind};
use crate::view::Right;
use crate::{Signed, Till, TillError};

/// Where the journal stood when something was made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalPosition {
    /// Number of the last entry; 0 before the first.
    pub seq: i64,
    /// Its code, hex; empty before the first.
    pub head: String,
    /// When that was, milliseconds since 1970.
    pub at_ms: i64,
}

impl Till {
    /// Whether this person may make files. Before the shop is set up anybody may who can open the folder: there is
    /// nobody to sign in yet.
    pub fn may_export(&self, by: &Signed) -> Result<(), TillError> {
        if self.shop()?.is_some() {
            self.authorise(by, Right::Export)?;
        }
        Ok(())
    }

    /// Writes down that a file was made. None where the folder is open to read only: the journal is another window's.
    pub fn note_export(
        &self,
        by: &Signed,
        what: Map<String, Value>,
    ) -> Result<Option<JournalPosition>, TillError> {
        self.may_export(by)?;
        if !self.inner.store.till.is_writable() {
            return Ok(None);
        }
        let at_ms = self.now_ms();
        let staff = by.staff().map(|staff| (staff.id.as_str(), staff.name.as_str()));
        let head = self.write(|tx| {
            self.append(tx, Entry { at_ms, staff, kind: kind::EXPORTED, data: what, ..Entry::default() })
        })?;
        Ok(Some(JournalPosition { seq: head.seq, head: head.code, at_ms }))
    }

    /// Where the journal stands now.
    pub fn journal_position(&self) -> Result<JournalPosition, TillError> {
        let last = self.read(|db| {
            Ok(db
                .prepare_cached("SELECT seq, mac FROM journal WHERE till_id = ?1 ORDER BY seq DESC LIMIT 1")?
                .query_row([self.till_id()], |row| {
                    Ok(Head { seq: row.get(0)?, code: journal::hex(&row.get::<_, Vec<u8>>(1)?) })
                })
                .optional()?)
        })?;
        let head = last.unwrap_or(Head { seq: 0, code: String::new() });
        Ok(JournalPosition { seq: head.seq, head: head.code, at_ms: self.now_ms() })
    }
}
