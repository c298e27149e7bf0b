//! How far the reading of lists is, and a person's wish that it wait: then no list is read on, and the news still is. The
//! wish is kept with the copy, so that it outlives the program.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::estimate::{self, Piece};
use crate::kind::{Kind, KindId, Listing};
use crate::state::{self, name};
use crate::{Mirror, MirrorError};

/// Somebody had the copy wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Since when, by this machine's clock.
    pub at_ms: i64,
    /// Who.
    pub by: Option<String>,
}

/// How far the reading of lists is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Copying {
    /// Lists that were never read to their end and in whose way nothing stands.
    pub lists_left: u64,
    /// Lists that are being read once more, such as after a gap in the news.
    pub lists_again: u64,
    /// News was missed, and what was here is being read again because of it.
    pub gap: bool,
    /// Objects that are here of the lists that were read, or were read in the present pass.
    pub objects: i64,
    /// How many it will be, as far as can be told from how close together they are.
    pub estimate: i64,
    /// A person had it wait.
    pub hold: Option<Hold>,
}

impl Copying {
    /// Whether nothing older than the news is missing. A list that is read once more to be compared is here meanwhile.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.lists_left == 0 && !self.gap
    }
}

impl Mirror {
    /// Has the reading of lists wait, in later runs too, until it is told to go on. A pass that is under way ends when its
    /// sync is canceled. False where it waits already or nothing is left to be read.
    pub fn hold_copy(&self, by: Option<&str>) -> Result<bool, MirrorError> {
        let now_ms = self.inner.clock.now_ms();
        let hold = Hold { at_ms: now_ms, by: by.map(str::to_owned) };
        let text = serde_json::to_string(&hold).map_err(|error| MirrorError::Broken(error.to_string()))?;
        self.inner.store.mirror.write(|tx| {
            let (left, again) = lists(tx)?;
            if state::get::<String>(tx, name::HOLD)?.is_some() || left + again == 0 {
                return Ok(false);
            }
            state::set(tx, name::HOLD, text)?;
            Ok(true)
        })
    }

    /// Lets it go on from the page where it stood, with the next sync. False where it did not wait.
    pub fn release_copy(&self) -> Result<bool, MirrorError> {
        self.inner.store.mirror.write(|tx| {
            let was = hold(tx)?.is_some();
            state::clear(tx, name::HOLD)?;
            Ok(was)
        })
    }

    /// Lists that are still to be read to their end, and whether they wait. Reads only this machine.
    pub(crate) fn lists_left(&self) -> Result<(u64, bool), MirrorError> {
        self.read(|c| {
            let (left, again) = lists(c)?;
            Ok((left + again, hold(c)?.is_some()))
        })
    }

    /// How far the reading of lists is, with what is known of the rows of a table.
    pub(crate) fn copying(
        &self,
        rows: fn(&Connection, &Kind) -> Result<i64, MirrorError>,
    ) -> Result<Copying, MirrorError> {
        let (floor, now) = (self.floor()?, self.now());
        self.read(|c| copying(c, floor, now, rows))
    }

    /// Stripe's clock as last seen, or this machine's.
    pub(crate) fn now(&self) -> i64 {
        self.inner.last_date().unwrap_or_else(|| self.inner.clock.now_ms().div_euclid(1000))
    }

    /// A wish that there is nothing left for is forgotten.
    pub(crate) fn end_hold(&self) -> Result<(), MirrorError> {
        if let (0, true) = self.lists_left()? {
            self.release_copy()?;
        }
        Ok(())
    }

    /// Whether somebody had it wait. Reads only this machine.
    pub fn is_held(&self) -> Result<bool, MirrorError> {
        Ok(self.read(hold)?.is_some())
    }
}

pub(crate) fn hold(connection: &Connection) -> Result<Option<Hold>, MirrorError> {
    let text: Option<String> = state::get(connection, name::HOLD)?;
    // Words that cannot be read are a wish all the same.
    Ok(text.map(|text| serde_json::from_str(&text).unwrap_or(Hold { at_ms: 0, by: None })))
}

/// A list, as far as its pass is concerned.
pub(crate) struct ListState {
    pub(crate) was_listed: bool,
    /// A pass over it has begun and not ended.
    pub(crate) is_under_way: bool,
    /// Another try would most likely be answered the same.
    pub(crate) is_blocked: bool,
}

pub(crate) fn list_state(connection: &Connection, list: &str) -> Result<ListState, MirrorError> {
    let known: Option<(Option<i64>, Option<String>)> = {
        use rusqlite::OptionalExtension;
        connection
            .prepare_cached("SELECT listed_at, problem_code FROM resource WHERE list = ?1")?
            .query_row([list], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
    };
    let (listed_at, problem) = known.unwrap_or_default();
    let pass: Option<i64> = state::get(connection, &format!("{}{list}", name::PASS))?;
    Ok(ListState {
        was_listed: listed_at.is_some(),
        is_under_way: pass.is_some(),
        is_blocked: problem.is_some_and(|code| !matches!(code.as_str(), "repeats" | "unread" | "unlisted")),
    })
}

impl ListState {
    /// One where it is still to be read to its end and nothing stands in its way: for the first time, or once more.
    fn is_left(&self) -> (u64, u64) {
        let counts = |is: bool| u64::from(is && !self.is_blocked);
        (counts(!self.was_listed), counts(self.was_listed && self.is_under_way))
    }
}

/// Lists that are still to be read to their end and in whose way nothing stands: for the first time, and once more.
fn lists(connection: &Connection) -> Result<(u64, u64), MirrorError> {
    let (mut left, mut again) = (0, 0);
    for id in listable() {
        let (first, more) = list_state(connection, id.kind().list)?.is_left();
        left += first;
        again += more;
    }
    Ok((left, again))
}

/// Lists that were never read to their end and in whose way nothing stands.
pub(crate) fn never_read(connection: &Connection) -> Result<u64, MirrorError> {
    Ok(lists(connection)?.0)
}

pub(crate) fn listable() -> impl Iterator<Item = KindId> {
    KindId::all().filter(|id| id.kind().listing != Listing::None)
}

pub(crate) fn copying(
    connection: &Connection,
    floor: i64,
    now: i64,
    mut rows: impl FnMut(&Connection, &Kind) -> Result<i64, MirrorError>,
) -> Result<Copying, MirrorError> {
    let gap = state::get::<String>(connection, name::GAP)?.is_some();
    let mut all = Copying { gap, hold: hold(connection)?, ..Copying::default() };
    for id in listable() {
        let kind = id.kind();
        let list = list_state(connection, kind.list)?;
        let (first, again) = list.is_left();
        all.lists_left += first;
        all.lists_again += again;
        let (objects, left) = if list.is_under_way {
            let pieces = pieces(connection, kind.list)?;
            let read = pieces.iter().map(|piece| piece.objects).fold(0, i64::saturating_add);
            let floor = estimate::floor_of(id, floor, now);
            let is_ranged = kind.listing == Listing::Ranged;
            (read, if is_ranged { estimate::left(pieces.iter().copied(), floor, now) } else { 0 })
        } else {
            (rows(connection, kind)?, 0)
        };
        let estimate = if list.was_listed && list.is_under_way {
            // What was read before tells better how much it is.
            objects.max(rows(connection, kind)?)
        } else {
            objects.saturating_add(left)
        };
        all.objects = all.objects.saturating_add(objects);
        all.estimate = all.estimate.saturating_add(estimate);
    }
    Ok(all)
}

/// Objects of a kind that are here, tombstones not counted.
pub(crate) fn rows(connection: &Connection, kind: &Kind) -> Result<i64, MirrorError> {
    let count = |sql: String| -> Result<i64, MirrorError> {
        Ok(connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
    };
    // Both counts are of an index: a million payments are counted without being read.
    Ok(count(format!("SELECT count(*) FROM {}", kind.table))?
        - count(format!("SELECT count(*) FROM {} WHERE deleted = 1", kind.table))?)
}

fn pieces(connection: &Connection, list: &str) -> Result<Vec<Piece>, MirrorError> {
    let sql = "SELECT lo, hi, CASE WHEN done THEN lo ELSE coalesce(cursor_created, hi) END, objects, done
               FROM backfill_range WHERE list = ?1";
    let mut ranges = connection.prepare_cached(sql)?;
    let rows = ranges.query_map([list], |row| {
        let is_done: bool = row.get(4)?;
        Ok(Piece {
            lo: row.get(0)?,
            hi: row.get(1)?,
            at: row.get(2)?,
            objects: row.get(3)?,
            is_open: !is_done,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
