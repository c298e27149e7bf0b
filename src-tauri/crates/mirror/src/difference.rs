//! Where the mirror is not what Stripe has: found while objects are stored, told apart from what Stripe changes without a
//! word and from what news may still tell.

use crate::MirrorError;
use crate::apply::{Applier, Stored};
use crate::batch::{Batch, Cell, Row};
use crate::events::OVERLAP_S;
use crate::kind::{Holds, KindId, Listing, Means};
use crate::kinds;
use crate::options::Changed;
use crate::stamp::Stamp;
use crate::state::{self, name};
use crate::told::{self, Told};
use crate::writer::note;
use crate::{sql, suspect};

/// Where the mirror was not what Stripe has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) kind: KindId,
    pub(crate) id: String,
    pub(crate) what: &'static str,
    pub(crate) detail: String,
    /// Which columns, where it is `changed`.
    pub(crate) changes: Vec<Changed>,
}

/// Of an object: what stood in its audited columns, and what Stripe has.
struct Compared<'b> {
    changes: Vec<Changed>,
    was: Option<String>,
    is: Option<&'b str>,
}

impl Applier<'_> {
    /// An object that was not here. What should have been is a difference; of an event that was skipped, what it told
    /// about is read again.
    pub(crate) fn tell_missing(&mut self, batch: &Batch, row: &Row, stamp: Stamp) -> Result<(), MirrorError> {
        // What lives inside another object comes with it.
        if row.kind.kind().listing == Listing::None {
            return Ok(());
        }
        let is_told = told::is_creation_told(row.kind);
        let known_to = if is_told {
            state::get::<i64>(self.connection(), name::COMPLETE_TO)?
        } else {
            looked_at(self.connection(), row.kind)?
        };
        let Some(known_to) = known_to.filter(|_| is_told || row.created > 0) else { return Ok(()) };
        let detail = if row.kind == kinds::EVENT { SKIPPED } else { "was not here" };
        let difference = self.missing(batch, row, detail);
        if row.created > known_to - OVERLAP_S {
            if is_told && row.kind != kinds::EVENT && !self.is_in_gap()? {
                suspect::add(self.connection(), &difference, stamp.until)?;
            }
            return Ok(());
        }
        self.found.push(difference);
        if row.kind == kinds::EVENT
            && let (Some(id), Some(object)) = (batch.column(row, "object_id"), batch.column(row, "object"))
        {
            self.mark_dirty(KindId::of_object(object), id, 0, "skipped")?;
        }
        Ok(())
    }

    /// An event that polls had passed was applied after all.
    pub(crate) fn tell_skipped(&mut self, batch: &Batch, row: &Row) {
        let difference = self.missing(batch, row, SKIPPED);
        self.found.push(difference);
    }

    /// What a list no longer showed is deleted at Stripe. It was here, so no news had told.
    pub(crate) fn tell_deleted(&mut self, kind: KindId, id: &str, until: i64) -> Result<(), MirrorError> {
        if !told::is_deletion_told(kind) {
            return Ok(());
        }
        let (id, detail) = (id.to_owned(), "deleted at Stripe; no event told".to_owned());
        let difference = Difference { kind, id, what: "deleted", detail, changes: Vec::new() };
        if self.is_in_gap()? {
            self.found.push(difference);
            return Ok(());
        }
        suspect::add(self.connection(), &difference, until)
    }

    /// Writes down what was found, healed by what is written with it.
    pub(crate) fn tell(&mut self, at: i64) -> Result<(), MirrorError> {
        for difference in std::mem::take(&mut self.found) {
            note(self.connection(), &difference, at)?;
        }
        Ok(())
    }

    fn missing(&self, batch: &Batch, row: &Row, detail: &str) -> Difference {
        let (kind, id, detail) = (row.kind, batch.id(row).to_owned(), detail.to_owned());
        Difference { kind, id, what: "missing", detail, changes: Vec::new() }
    }

    /// Compares what stands in columns with what was read. Answers whether they contradict the text they were taken from.
    pub(crate) fn compare_audited(
        &mut self,
        batch: &Batch,
        row: &Row,
        stored: &Stored,
        stamp: Stamp,
    ) -> Result<bool, MirrorError> {
        if !self.audits || row.kind.kind().listing == Listing::None {
            return Ok(false);
        }
        if stored.deleted {
            // What was buried while this was read was there a moment ago.
            if stamp.as_of > stored.stamp.until {
                let difference = self.missing(batch, row, "a tombstone was in its place");
                self.found.push(difference);
            }
            return Ok(false);
        }
        let Some(mut compared) = self.compare_columns(batch, row)? else { return Ok(false) };
        let (was, is) = (compared.was.as_deref(), compared.is);
        let told = |change: &Changed| told::change(row.kind, &change.column, was, is);
        // The same text and other columns: nothing has happened at Stripe.
        let mut is_certain = stored.same;
        if !stored.same {
            is_certain = compared.changes.iter().any(|change| told(change) == Told::Never);
            compared.changes.retain(|change| told(change) != Told::Silently);
        }
        if compared.changes.is_empty() {
            return Ok(false);
        }
        let (kind, id) = (row.kind, batch.id(row).to_owned());
        let detail = in_words(&compared.changes);
        let difference = Difference { kind, id, what: "changed", detail, changes: compared.changes };
        if is_certain || self.is_in_gap()? {
            self.found.push(difference);
        } else if !self.is_dirty(kind, &difference.id)? {
            suspect::add(self.connection(), &difference, stamp.until)?;
        }
        Ok(stored.same)
    }

    fn compare_columns<'b>(&self, batch: &'b Batch, row: &Row) -> Result<Option<Compared<'b>>, MirrorError> {
        let (id, columns) = (batch.id(row), row.kind.kind().columns);
        let Some(audited) = &sql::of(row.kind).audited else { return Ok(None) };
        let mut read = self.connection().prepare_cached(audited)?;
        let mut rows = read.query([id])?;
        let Some(old) = rows.next()? else { return Ok(None) };
        let currency = batch.column(row, "currency");
        let mut compared = Compared { changes: Vec::new(), was: None, is: batch.column(row, "status") };
        let cells = batch.cells(row).iter().zip(columns).filter(|(_, column)| column.audited);
        for (index, (cell, column)) in cells.enumerate() {
            let (here, stripe) = match (column.holds, cell) {
                (Holds::Int | Holds::Flag, cell) => {
                    let here: Option<i64> = old.get(index)?;
                    let stripe = if let Cell::Int(value) = cell { Some(*value) } else { None };
                    (here.map(|v| v.to_string()), stripe.map(|v| v.to_string()))
                }
                (_, Cell::Text(span)) => (old.get(index)?, Some(batch.text(*span).to_owned())),
                _ => (old.get(index)?, None),
            };
            if column.name == "status" {
                compared.was.clone_from(&here);
            }
            if here != stripe {
                let currency = currency.filter(|_| column.means == Means::Money).map(str::to_owned);
                let column = column.name.to_owned();
                compared.changes.push(Changed { column, here, stripe, currency });
            }
        }
        Ok(Some(compared))
    }

    /// While a gap is being closed everything that was missed is found at once, and no news will tell of it.
    fn is_in_gap(&self) -> Result<bool, MirrorError> {
        Ok(state::get::<String>(self.connection(), name::GAP)?.is_some())
    }

    /// Whether news told of it already and could not decide.
    fn is_dirty(&self, kind: KindId, id: &str) -> Result<bool, MirrorError> {
        let mut dirty =
            self.connection().prepare_cached("SELECT 1 FROM dirty WHERE kind = ?1 AND id = ?2")?;
        Ok(dirty.exists((kind.kind().table, id))?)
    }
}

const SKIPPED: &str = "an event that was not applied";

/// When a list was last read or looked through.
fn looked_at(connection: &rusqlite::Connection, kind: KindId) -> Result<Option<i64>, MirrorError> {
    let list = kind.kind().list;
    let looked: Option<i64> = state::get(connection, &format!("{}{list}", name::RELISTED_AT))?;
    Ok(looked.max(state::listed_at(connection, list)?))
}

/// `amount: 500 here, 700 at Stripe; …`, for the log and the command line.
fn in_words(changes: &[Changed]) -> String {
    let say = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let one = |change: &Changed| {
        format!("{}: {} here, {} at Stripe", change.column, say(&change.here), say(&change.stripe))
    };
    changes.iter().map(one).collect::<Vec<_>>().join("; ")
}
