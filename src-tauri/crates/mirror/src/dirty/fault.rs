//! Why objects could not be read again, and what is told of it.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use tillbook_stripe::Error;

use super::nested::around;
use crate::engine::PERMISSION;
use crate::kind::{KindId, Listing};
use crate::options::Trouble;
use crate::state::{self, name};
use crate::{Inner, MirrorError};

/// Every text of this room ends so: that is how it knows its own.
const AGAIN: &str = "It is tried again, and waits longer each time.";
/// Stands for every record of a list.
const MAY_NOT: &str = "The key may not read single records of this list.";
const FAILS: &str = "Stripe answers with errors where records of this list are read again.";
const LEFT_OUT: &str = "Stripe's list leaves out records that Stripe has.";
/// Longer names are cut where they are told.
const NAME: usize = 60;

/// Why an object could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// The key may not.
    Permission,
    /// Stripe answers with errors.
    Fails,
    /// The answer cannot be read, or Stripe refuses the question.
    Unreadable,
    /// It is there and its list does not show it.
    Unlisted,
}

/// What is told of a kind.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    code: String,
    text: String,
    /// Its list was refused a moment ago, and said so in other words.
    is_of_list: bool,
}

impl Fault {
    /// Of one object, or of all of a kind.
    pub(super) fn new(why: Why, id: Option<&str>) -> Fault {
        let id = id.map(|id| id.chars().take(NAME).collect::<String>());
        let (code, text) = match (why, id) {
            (Why::Permission, Some(id)) => ("permission", format!("The key may not read {id}.")),
            (Why::Permission, None) => ("permission", MAY_NOT.to_owned()),
            (Why::Fails, None) => ("fails", FAILS.to_owned()),
            (Why::Unlisted, _) => ("unlisted", LEFT_OUT.to_owned()),
            (Why::Fails, Some(id)) => ("unread", format!("Stripe answers with an error where {id} is read.")),
            (Why::Unreadable, Some(id)) => ("unread", format!("Stripe's answer for {id} cannot be read.")),
            (Why::Unreadable, None) => ("unread", FAILS.to_owned()),
        };
        Fault { code: code.to_owned(), text: format!("{text} {AGAIN}"), is_of_list: false }
    }

    /// Of a list that was to be read again, as the engine calls it.
    pub(super) fn of_list(code: &str) -> Fault {
        let text = if code == "permission" { MAY_NOT } else { FAILS };
        Fault { code: code.to_owned(), text: format!("{text} {AGAIN}"), is_of_list: true }
    }
}

/// What concerns one object; the network, the key and the disk are everybody's and given back.
pub(super) fn why(error: MirrorError) -> Result<Why, MirrorError> {
    match error {
        MirrorError::Stripe(Error::Permission(_)) => Ok(Why::Permission),
        MirrorError::Stripe(Error::ApiDown(_) | Error::Conflict(_) | Error::LockTimeout(_)) => Ok(Why::Fails),
        MirrorError::BadAnswer { .. }
        | MirrorError::Stripe(
            Error::InvalidRequest(_)
            | Error::NotFound(_)
            | Error::Unsendable(_)
            | Error::Malformed(_)
            | Error::TooLarge(_),
        ) => Ok(Why::Unreadable),
        error => Err(error),
    }
}

/// The list that a kind's troubles are told of.
fn list_of(kind: KindId) -> &'static str {
    let around = around(kind).unwrap_or(kind);
    if around.kind().list.is_empty() {
        around.single_path().unwrap_or(around.kind().table)
    } else {
        around.kind().list
    }
}

/// Kinds whose list was refused less than a while ago: their objects would be too.
pub(super) fn blocked(
    connection: &Connection,
    date: i64,
    pause: i64,
) -> Result<BTreeSet<KindId>, MirrorError> {
    let mut refused = connection.prepare_cached(
        "SELECT list FROM resource
         WHERE (problem IN (?1, ?2) OR problem_code IN ('fails', 'refused')) AND problem_at + ?3 > ?4",
    )?;
    let mut lists = BTreeSet::new();
    let mut rows = refused.query((PERMISSION.1, format!("{MAY_NOT} {AGAIN}"), pause, date))?;
    while let Some(row) = rows.next()? {
        lists.insert(row.get::<_, String>(0)?);
    }
    Ok(KindId::all().filter(|kind| lists.contains(list_of(*kind))).collect())
}

/// Tells what stands in the way, forgets what no longer does, and answers what is left.
pub(super) fn tell(inner: &Inner, faults: &BTreeMap<KindId, Fault>) -> Result<Vec<Trouble>, MirrorError> {
    let standing = inner.store.mirror.read(own)?;
    if faults.is_empty() && standing.is_empty() {
        return Ok(standing);
    }
    let at = inner.last_date().unwrap_or_default();
    inner.store.mirror.write(|tx| {
        for trouble in standing {
            let is_waiting = is_waiting(tx, &trouble.resource)?;
            if !is_waiting {
                state::overcome(tx, &trouble.resource, &[&trouble.text])?;
            }
        }
        for (kind, fault) in faults {
            let list = list_of(*kind);
            if may_tell(tx, *kind, list, fault.is_of_list)? {
                state::trouble(tx, list, &fault.code, &fault.text, at)?;
            }
        }
        own(tx)
    })
}

/// What was told from here.
fn own(connection: &Connection) -> Result<Vec<Trouble>, MirrorError> {
    let sql = "SELECT list, problem_code, problem FROM resource WHERE problem LIKE '%' || ?1";
    let mut told = connection.prepare_cached(sql)?;
    let rows = told.query_map([AGAIN], |row| {
        Ok(Trouble { resource: row.get(0)?, code: row.get(1)?, text: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether objects wait that are told of under a list.
fn is_waiting(connection: &Connection, list: &str) -> Result<bool, MirrorError> {
    let mut waits = connection.prepare_cached("SELECT 1 FROM dirty WHERE kind = ?1 AND tries > 0")?;
    for kind in KindId::all().filter(|kind| list_of(*kind) == list) {
        if waits.exists([kind.kind().table])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A pass says itself what stands in its way, and so does whoever reads a list; none of their words is lost.
fn may_tell(
    connection: &Connection,
    kind: KindId,
    list: &str,
    is_of_list: bool,
) -> Result<bool, MirrorError> {
    if around(kind).unwrap_or(kind).kind().listing != Listing::None {
        let is_under_way = state::get::<i64>(connection, &format!("{}{list}", name::PASS))?.is_some();
        if is_under_way || !state::is_listed(connection, list)? {
            return Ok(false);
        }
    }
    let others =
        "SELECT 1 FROM resource WHERE list = ?1 AND problem_code IS NOT NULL AND problem NOT LIKE '%' || ?2";
    Ok(is_of_list || !connection.prepare_cached(others)?.exists((list, AGAIN))?)
}
