//! Puts objects into their tables, inside one transaction, and keeps the change log and the dirty set with them.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Statement};

use crate::MirrorError;
use crate::batch::{Batch, Cell, Rejected, Row};
use crate::difference::Difference;
use crate::kind::KindId;
use crate::kinds;
use crate::stamp::{Origin, Stamp, Verdict, compare};
use crate::state;
use crate::suspect::Suspects;
use crate::{log, sql};

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Stored, and it is not what was there before.
    Changed,
    /// As it was.
    Unchanged,
    /// Older than what is stored.
    Older,
    /// Only Stripe can tell; marked to be read again.
    Dirty,
}

/// A row as it is stored.
pub(crate) struct Stored {
    pub(crate) stamp: Stamp,
    pub(crate) deleted: bool,
    /// Its text is that of the news.
    pub(crate) same: bool,
}

/// One transaction's worth of news.
pub(crate) struct Applier<'c> {
    connection: &'c Connection,
    changes: BTreeMap<KindId, Vec<String>>,
    /// Whether rows are compared before they are replaced.
    pub(crate) audits: bool,
    /// What that found.
    pub(crate) found: Vec<Difference>,
    /// Whether objects that news refers to are read too.
    pub(crate) follow: bool,
    /// What news may explain; looked up when there is some.
    pub(crate) suspects: Option<Suspects>,
}

/// Why an object is dirty: its nested list has more than it shows. The id is that of the object around it.
pub(crate) const NESTED: &str = "nested";

impl<'c> Applier<'c> {
    pub(crate) fn connection(&self) -> &'c Connection {
        self.connection
    }

    pub(crate) fn new(connection: &'c Connection) -> Applier<'c> {
        Applier {
            connection,
            changes: BTreeMap::new(),
            audits: false,
            found: Vec::new(),
            follow: false,
            suspects: None,
        }
    }

    /// Everything of a batch that was read between two seconds. Answers how many objects it held.
    pub(crate) fn put_batch(&mut self, batch: &Batch, stamp: Stamp) -> Result<u64, MirrorError> {
        let mut objects = 0;
        // Oldest first: ids and times that grow fill the pages of a tree better than such that shrink.
        for row in batch.rows.iter().rev() {
            self.put(batch, row, stamp)?;
            objects += 1;
        }
        for rejected in &batch.rejected {
            self.reject(rejected, stamp.until)?;
        }
        Ok(objects)
    }

    /// One object, and those inside it.
    pub(crate) fn put(&mut self, batch: &Batch, row: &Row, stamp: Stamp) -> Result<Outcome, MirrorError> {
        let outcome = self.put_one(batch, row, stamp)?;
        if outcome == Outcome::Changed {
            self.put_nested(batch, row, stamp)?;
            if self.follow {
                self.follow_reference(batch, row)?;
            }
        }
        Ok(outcome)
    }

    /// Objects that live inside another one: what is not in it any more is gone; what did not fit into it is read.
    fn put_nested(&mut self, batch: &Batch, row: &Row, stamp: Stamp) -> Result<(), MirrorError> {
        let Some((_, kind)) = row.kind.nested() else { return Ok(()) };
        let parent = batch.id(row);
        for inner in batch.nested(row) {
            self.put_one(batch, inner, stamp)?;
        }
        if !row.nested_whole {
            return self.mark_dirty(kind, parent, row.created, NESTED);
        }
        for id in self.inside(row.kind, kind, parent)? {
            if !batch.nested(row).iter().any(|inner| batch.id(inner) == id) {
                self.bury(kind, &id, stamp)?;
            }
        }
        Ok(())
    }

    /// The objects of a kind that are inside another one here.
    pub(crate) fn inside(&self, parent: KindId, kind: KindId, id: &str) -> Result<Vec<String>, MirrorError> {
        let (table, column) = (kind.kind().table, parent.kind().table);
        let sql = format!("SELECT id FROM {table} WHERE {column} = ?1 AND deleted = 0");
        let mut known = self.connection.prepare_cached(&sql)?;
        Ok(known.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Balance transactions have no events: they are read when something that names them is news.
    fn follow_reference(&mut self, batch: &Batch, row: &Row) -> Result<(), MirrorError> {
        let Some(id) = batch.column(row, "balance_transaction") else { return Ok(()) };
        if id.is_empty() || self.is_known(kinds::BALANCE_TRANSACTION, id)? {
            return Ok(());
        }
        if state::is_listed(self.connection, kinds::BALANCE_TRANSACTION.kind().list)? {
            self.mark_dirty(kinds::BALANCE_TRANSACTION, id, row.created, "reference")?;
        }
        Ok(())
    }

    fn put_one(&mut self, batch: &Batch, row: &Row, stamp: Stamp) -> Result<Outcome, MirrorError> {
        let id = batch.id(row);
        if row.deleted {
            return self.bury(row.kind, id, stamp);
        }
        let sql = sql::of(row.kind);
        // Most rows of a backfill are new: try that first, and look only when it is taken. News is mostly of what is known.
        let mut stored = None;
        if stamp.origin != Origin::Read {
            self.explain_by(batch, row)?;
        }
        if stamp.origin == Origin::Event {
            stored = self.stored(row.kind, id, batch.raw(row))?;
        }
        if stored.is_none() {
            let mut insert = self.connection.prepare_cached(&sql.insert)?;
            bind(&mut insert, batch, row, stamp)?;
            if insert.raw_execute()? == 1 {
                if self.audits {
                    self.tell_missing(batch, row, stamp)?;
                }
                self.changed(row.kind, id);
                return Ok(Outcome::Changed);
            }
            stored = self.stored(row.kind, id, batch.raw(row))?;
        }
        let Some(stored) = stored else { return Ok(Outcome::Unchanged) };
        match compare(stored.stamp, stamp, stored.same, stored.deleted) {
            Verdict::Older if stored.same => Ok(Outcome::Unchanged),
            Verdict::Older => Ok(Outcome::Older),
            Verdict::Undecided => {
                self.mark_dirty(row.kind, id, row.created, "same_second")?;
                Ok(Outcome::Dirty)
            }
            Verdict::Newer => {
                let contradicts = self.compare_audited(batch, row, &stored, stamp)?;
                let mut update = self.connection.prepare_cached(&sql.update)?;
                bind(&mut update, batch, row, stamp)?;
                update.raw_execute()?;
                if stored.same && !stored.deleted && !contradicts {
                    return Ok(Outcome::Unchanged);
                }
                self.changed(row.kind, id);
                Ok(Outcome::Changed)
            }
        }
    }

    /// Leaves a tombstone. What Stripe deleted is not kept: only that it was there.
    pub(crate) fn bury(&mut self, kind: KindId, id: &str, stamp: Stamp) -> Result<Outcome, MirrorError> {
        if stamp.origin != Origin::Read {
            self.explain(kind, id)?;
        }
        if let Some(stored) = self.stored(kind, id, &[])? {
            let within = stamp.as_of >= stored.stamp.as_of && stamp.as_of <= stored.stamp.until;
            if stamp.as_of < stored.stamp.as_of {
                return Ok(Outcome::Older);
            }
            if stored.deleted {
                return Ok(Outcome::Unchanged);
            }
            if within && stamp.origin != Origin::Read && stored.stamp.origin == Origin::Read {
                self.mark_dirty(kind, id, 0, "same_second")?;
                return Ok(Outcome::Dirty);
            }
        }
        self.put_tombstone(kind, id, stamp)?;
        self.bury_inside(kind, id, stamp)?;
        Ok(Outcome::Changed)
    }

    /// What was inside an object that is gone is gone with it: nobody has to be asked.
    pub(crate) fn bury_inside(&mut self, parent: KindId, id: &str, stamp: Stamp) -> Result<(), MirrorError> {
        let Some((_, kind)) = parent.nested() else { return Ok(()) };
        for inner in self.inside(parent, kind, id)? {
            if self.stored(kind, &inner, &[])?.is_some_and(|stored| stored.stamp.as_of <= stamp.as_of) {
                self.put_tombstone(kind, &inner, stamp)?;
            }
        }
        Ok(())
    }

    fn put_tombstone(&mut self, kind: KindId, id: &str, stamp: Stamp) -> Result<(), MirrorError> {
        let mut bury = self.connection.prepare_cached(&sql::of(kind).bury)?;
        bury.execute((id, stamp.as_of, stamp.until, stamp.origin.number()))?;
        self.changed(kind, id);
        Ok(())
    }

    /// Whether there is a row of that id that is no tombstone.
    pub(crate) fn is_known(&self, kind: KindId, id: &str) -> Result<bool, MirrorError> {
        let mut known = self.connection.prepare_cached(&sql::of(kind).known)?;
        Ok(known.exists([id])?)
    }

    fn stored(&self, kind: KindId, id: &str, raw: &[u8]) -> Result<Option<Stored>, MirrorError> {
        let mut look = self.connection.prepare_cached(&sql::of(kind).look)?;
        let stored = look
            .query_row([id], |row| {
                let stamp = Stamp { as_of: row.get(0)?, until: row.get(1)?, origin: Origin::of(row.get(2)?) };
                Ok(Stored {
                    stamp,
                    deleted: row.get(3)?,
                    same: row.get_ref(4)?.as_blob().is_ok_and(|old| old == raw),
                })
            })
            .optional()?;
        Ok(stored)
    }

    /// Marks an object to be read again.
    pub(crate) fn mark_dirty(
        &self,
        kind: KindId,
        id: &str,
        created: i64,
        reason: &str,
    ) -> Result<(), MirrorError> {
        let mut mark = self.connection.prepare_cached(
            "INSERT INTO dirty (kind, id, created, reason, mark) VALUES (?1, ?2, ?3, ?4, 0)
             ON CONFLICT (kind, id) DO UPDATE SET reason = excluded.reason, mark = mark + 1",
        )?;
        mark.execute((kind.kind().table, id, created, reason))?;
        Ok(())
    }

    /// Keeps a value that has no id of its own.
    pub(crate) fn reject(&self, rejected: &Rejected, at: i64) -> Result<(), MirrorError> {
        let mut keep = self.connection.prepare_cached(
            "INSERT INTO rejected (digest, kind, reason, at, raw) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?;
        keep.execute((
            digest(&rejected.raw),
            rejected.kind.kind().table,
            rejected.reason,
            at,
            &rejected.raw,
        ))?;
        Ok(())
    }

    fn changed(&mut self, kind: KindId, id: &str) {
        if kind != kinds::EVENT {
            self.changes.entry(kind).or_default().push(id.to_owned());
        }
    }

    /// Writes the change log; to be called before the transaction commits. Answers how many objects changed.
    pub(crate) fn finish(self) -> Result<usize, MirrorError> {
        let mut total = 0;
        if self.changes.is_empty() {
            return Ok(total);
        }
        let mut position = log::newest_position(self.connection)? + 1;
        let mut log = self
            .connection
            .prepare_cached("INSERT INTO change_log (position, count, kind, ids) VALUES (?1, ?2, ?3, ?4)")?;
        for (kind, ids) in self.changes {
            let text = serde_json::to_string(&ids).map_err(|error| MirrorError::Broken(error.to_string()))?;
            let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
            log.execute((position, count, kind.kind().table, text))?;
            position = position.saturating_add(count);
            total += ids.len();
        }
        Ok(total)
    }
}

pub(crate) fn bind(
    statement: &mut Statement<'_>,
    batch: &Batch,
    row: &Row,
    stamp: Stamp,
) -> Result<(), MirrorError> {
    statement.raw_bind_parameter(1, batch.id(row))?;
    statement.raw_bind_parameter(2, row.created)?;
    statement.raw_bind_parameter(3, stamp.as_of)?;
    statement.raw_bind_parameter(4, stamp.until)?;
    statement.raw_bind_parameter(5, stamp.origin.number())?;
    statement.raw_bind_parameter(6, batch.raw(row))?;
    for (index, cell) in batch.cells(row).iter().enumerate() {
        let at = index + 7;
        match cell {
            Cell::Null => statement.raw_bind_parameter(at, rusqlite::types::Null)?,
            Cell::Int(value) => statement.raw_bind_parameter(at, *value)?,
            Cell::Text(span) => statement.raw_bind_parameter(at, batch.text(*span))?,
        }
    }
    Ok(())
}

/// Enough to keep the same value once: FNV-1a over the packed bytes, and their length.
fn digest(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    format!("{hash:016x}-{}", bytes.len())
}
