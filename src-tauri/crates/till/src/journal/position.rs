//! Where the journal stands, for files that are made from it, and the entry that tells of such a file.

use rusqlite::OptionalExtension;
use serde_json::{Map, Value};

use super::{Entry, hex, kind};
use crate::view::Right;
use crate::{Signed, Till, TillError};

/// A place in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalPosition {
    /// Position of the last entry; 0 before the first.
    pub seq: i64,
    /// Its code, hex; zeros before the first.
    pub head: String,
    /// The moment this was looked at.
    pub at_ms: i64,
}

impl Till {
    /// Where the journal stands.
    pub fn journal_position(&self) -> Result<JournalPosition, TillError> {
        let last = self.read(|db| {
            Ok(db
                .prepare_cached("SELECT seq, mac FROM journal WHERE till_id = ?1 ORDER BY seq DESC LIMIT 1")?
                .query_row([self.till_id()], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))
                .optional()?)
        })?;
        let (seq, mac) = last.unwrap_or((0, vec![0; 32]));
        Ok(JournalPosition { seq, head: hex(&mac), at_ms: self.now_ms() })
    }

    /// Whether this person may write files for the accountant. Before set-up there is nobody to ask, and nothing of a
    /// till to export: whoever can open the files may.
    pub fn may_export(&self, by: &Signed) -> Result<(), TillError> {
        if self.shop()?.is_none() {
            return Ok(());
        }
        self.authorise(by, Right::Export).map(|_| ())
    }

    /// Tells the journal of a file that was made. None where the house is open for reading only: beside an open window
    /// the file is made all the same, and says that the journal does not know of it.
    pub fn note_export(
        &self,
        by: &Signed,
        data: Map<String, Value>,
    ) -> Result<Option<JournalPosition>, TillError> {
        self.may_export(by)?;
        if !self.is_writable() {
            return Ok(None);
        }
        let at_ms = self.now_ms();
        let staff = by.staff().map(|staff| (staff.id.as_str(), staff.name.as_str()));
        let head = self.write(|tx| {
            self.append(tx, Entry { at_ms, staff, kind: kind::EXPORT_WRITTEN, data, ..Entry::default() })
        })?;
        Ok(Some(JournalPosition { seq: head.seq, head: head.code, at_ms }))
    }
}
