//! The change log: what changed, in the order it was committed. Followers read it from the position they have taken; what
//! every one of them has taken, and nobody is likely to want again, is forgotten.
//!
//! A follower outside this file keeps its position with what it did about the changes, and tells it here afterwards
//! ([`Mirror::taken`]). Nothing is forgotten before somebody follows, nor what any follower or the search index has not
//! taken. A position that the log does not know any more, or not yet, is answered with [`Changes::Forgotten`], never with
//! a gap. The newest row stays for ever: positions go on from it and are never used twice.

use rusqlite::{Connection, OptionalExtension};

use crate::kind::KindId;
use crate::state;
use crate::{Mirror, MirrorError, index};

/// Positions that stay although everybody has taken them, so that a copy of `till.db` from some days ago is followed on from
/// where it is. A million take 31 MB in a backfill's rows and 41 MB in those of news, these some four.
const KEPT: i64 = 100_000;
/// Rows that are forgotten in one transaction. One holds up to some hundred changes.
const STEP: i64 = 50;
/// Ids in a row where everything is named again.
const AGAIN: i64 = 500;
/// `taken:<follower>`, in the table `state`: up to where it has taken the changes.
const TAKEN: &str = "taken:";

/// Something that changed, at its place in the order of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it stands; the next one is asked for with it.
    pub position: i64,
    /// Stripe's name of the object's kind; empty where it has no table of its own.
    pub object: &'static str,
    /// Its id.
    pub id: String,
}

/// What changed behind a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// The changes that follow, oldest first. An object may be named more than once.
    Since(Vec<Change>),
    /// What followed is not known: the log begins later, or it is another log. Whoever follows has to look at everything
    /// it cares about and goes on from here.
    Forgotten {
        /// The newest position before the look.
        newest: i64,
    },
}

impl Mirror {
    /// What changed behind a position; 0 for everything.
    pub fn changes_since(&self, position: i64, limit: usize) -> Result<Changes, MirrorError> {
        self.read(|connection| since(connection, position, limit))
    }

    /// The same for a follower that tells what it has taken. One that says it has taken changes and was never heard of
    /// has followed another log.
    pub fn changes_for(&self, follower: &str, position: i64, limit: usize) -> Result<Changes, MirrorError> {
        self.read(|connection| {
            if position > 0 && taken(connection, follower)?.is_none() {
                return Ok(Changes::Forgotten { newest: newest_position(connection)? });
            }
            since(connection, position, limit)
        })
    }

    /// A follower has taken every change up to a position and has written that down. It cannot take one back.
    pub fn taken(&self, follower: &str, position: i64) -> Result<(), MirrorError> {
        if self.read(|connection| taken(connection, follower))?.is_some_and(|before| before >= position) {
            return Ok(());
        }
        self.inner.store.mirror.write(|tx| {
            let position = position.clamp(0, newest_position(tx)?);
            let before = taken(tx, follower)?.unwrap_or(position);
            state::set(tx, &format!("{TAKEN}{follower}"), position.max(before))
        })
    }

    /// The position of the newest change; 0 before the first.
    pub fn position(&self) -> Result<i64, MirrorError> {
        self.read(newest_position)
    }

    /// Forgets some of what everybody has taken; answers whether there was anything. To be called when nothing else is to
    /// be done.
    pub fn forget_some(&self) -> Result<bool, MirrorError> {
        if self.read(forgettable)?.is_none() {
            return Ok(false);
        }
        self.inner.store.mirror.write(|tx| {
            let Some(to) = forgettable(tx)? else { return Ok(false) };
            let sql = "DELETE FROM change_log WHERE position IN
                       (SELECT position FROM change_log WHERE position + count - 1 <= ?1 ORDER BY position LIMIT ?2)";
            Ok(tx.prepare_cached(sql)?.execute([to, STEP])? > 0)
        })
    }
}

/// Up to which position everything may be forgotten, where there is something.
fn forgettable(connection: &Connection) -> Result<Option<i64>, MirrorError> {
    let first = "SELECT position + count - 1 FROM change_log ORDER BY position LIMIT 1";
    let Some(first) = number(connection, first)? else { return Ok(None) };
    let kept = newest_position(connection)? - KEPT;
    if first > kept {
        return Ok(None);
    }
    let slowest = "SELECT min(value) FROM state WHERE name GLOB 'taken:*'";
    let Some(slowest) = number(connection, slowest)? else { return Ok(None) };
    let to = kept.min(slowest).min(index::indexed(connection)?);
    Ok(Some(to).filter(|to| first <= *to))
}

fn number(connection: &Connection, sql: &str) -> Result<Option<i64>, MirrorError> {
    let found =
        connection.prepare_cached(sql)?.query_row([], |row| row.get::<_, Option<i64>>(0)).optional()?;
    Ok(found.flatten())
}

fn taken(connection: &Connection, follower: &str) -> Result<Option<i64>, MirrorError> {
    state::get(connection, &format!("{TAKEN}{follower}"))
}

/// The position of the newest change; 0 before the first.
pub(crate) fn newest_position(connection: &Connection) -> Result<i64, MirrorError> {
    Ok(number(connection, "SELECT position + count - 1 FROM change_log ORDER BY position DESC LIMIT 1")?
        .unwrap_or(0))
}

/// Whether everything behind a position is in the log.
pub(crate) fn reaches(connection: &Connection, position: i64) -> Result<bool, MirrorError> {
    let first = number(connection, "SELECT position FROM change_log ORDER BY position LIMIT 1")?.unwrap_or(1);
    Ok(first <= position.saturating_add(1) && position <= newest_position(connection)?)
}

fn since(connection: &Connection, position: i64, limit: usize) -> Result<Changes, MirrorError> {
    if !reaches(connection, position)? {
        return Ok(Changes::Forgotten { newest: newest_position(connection)? });
    }
    Ok(Changes::Since(changes_since(connection, position, limit)?))
}

/// The changes behind a position that the log reaches.
pub(crate) fn changes_since(
    connection: &Connection,
    position: i64,
    limit: usize,
) -> Result<Vec<Change>, MirrorError> {
    let mut found = Vec::new();
    // The row that holds the position itself may hold later ones too.
    let mut statement = connection.prepare_cached(
        "SELECT position, kind, ids FROM change_log
         WHERE position >= coalesce((SELECT max(position) FROM change_log WHERE position <= ?1), 0) ORDER BY position",
    )?;
    let mut rows = statement.query([position])?;
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        let (first, kind, ids): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let object = KindId::of_table(&kind).map_or("", |kind| kind.kind().object);
        let ids: Vec<String> = serde_json::from_str(&ids).map_err(|e| MirrorError::Broken(e.to_string()))?;
        let changes = (first..).zip(ids).map(|(position, id)| Change { position, object, id });
        found.extend(changes.filter(|change| change.position > position).take(limit - found.len()));
    }
    Ok(found)
}

/// Where somebody begins who wants every object of these kinds: at 0, or, where the log has forgotten its beginning, behind
/// the newest change, after which they are then all named once more.
pub(crate) fn from_the_beginning(
    connection: &Connection,
    kinds: impl Iterator<Item = KindId>,
) -> Result<i64, MirrorError> {
    if reaches(connection, 0)? {
        return Ok(0);
    }
    let newest = newest_position(connection)?;
    let mut position = newest + 1;
    for kind in kinds {
        let table = kind.kind().table;
        let sql = format!(
            "SELECT count(*), json_group_array(id), max(id) FROM
             (SELECT id FROM {table} WHERE id > ?1 AND deleted = 0 ORDER BY id LIMIT ?2)"
        );
        let mut last = String::new();
        loop {
            let (count, ids, next): (i64, String, Option<String>) = connection
                .prepare_cached(&sql)?
                .query_row((&last, AGAIN), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let Some(next) = next else { break };
            let sql = "INSERT INTO change_log (position, count, kind, ids) VALUES (?1, ?2, ?3, ?4)";
            connection.prepare_cached(sql)?.execute((position, count, table, ids))?;
            position += count;
            last = next;
        }
    }
    Ok(newest)
}
