//! Named positions and dates, and the counters of what was spent.

use rusqlite::types::{FromSql, ToSql};
use rusqlite::{Connection, OptionalExtension};

use crate::MirrorError;

/// Names in the table `state`.
pub(crate) mod name {
    /// The event that polls read from.
    pub(crate) const ANCHOR: &str = "anchor";
    /// Its second.
    pub(crate) const ANCHOR_CREATED: &str = "anchor_created";
    /// Where polls read from while there is no anchor.
    pub(crate) const SINCE: &str = "since";
    /// Up to when everything that the event list showed is here.
    pub(crate) const COMPLETE_TO: &str = "complete_to";
    /// When a poll last reached the end.
    pub(crate) const POLLED_AT: &str = "polled_at";
    /// When a day of events was last read again.
    pub(crate) const SWEPT_AT: &str = "swept_at";
    /// `relisted_at:<list>`: when what has no event was last read again.
    pub(crate) const RELISTED_AT: &str = "relisted_at:";
    /// `window_tried_at:<list>`: when that was tried and the list could not be read.
    pub(crate) const WINDOW_TRIED_AT: &str = "window_tried_at:";
    /// When what has no event was last looked through, for the budget.
    pub(crate) const LOOKED_AT: &str = "looked_at";
    /// The account of the key.
    pub(crate) const ACCOUNT: &str = "account";
    /// When the account was made: nothing of it is older.
    pub(crate) const ACCOUNT_CREATED: &str = "account_created";
    /// Set while everything has to be listed again, with the reason.
    pub(crate) const GAP: &str = "gap";
    /// A person's wish that lists are not read on, in JSON.
    pub(crate) const HOLD: &str = "hold";
    /// `pass:<list>`: when the present pass over a list began.
    pub(crate) const PASS: &str = "pass:";
    /// The last thing that stopped a sync, until one goes through: a code.
    pub(crate) const STOPPED: &str = "stopped";
    /// The same in words.
    pub(crate) const STOPPED_TEXT: &str = "stopped_text";
}

pub(crate) fn get<T: FromSql>(connection: &Connection, name: &str) -> Result<Option<T>, MirrorError> {
    let value = connection
        .prepare_cached("SELECT value FROM state WHERE name = ?1 AND value IS NOT NULL")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(value)
}

pub(crate) fn set(connection: &Connection, name: &str, value: impl ToSql) -> Result<(), MirrorError> {
    connection
        .prepare_cached(
            "INSERT INTO state (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute(rusqlite::params![name, value])?;
    Ok(())
}

pub(crate) fn clear(connection: &Connection, name: &str) -> Result<(), MirrorError> {
    connection.prepare_cached("DELETE FROM state WHERE name = ?1")?.execute([name])?;
    Ok(())
}

const HOUR_MS: i64 = 3_600_000;
const DAY_HOURS: i64 = 24;
/// Hours that are kept for the chart.
const HOURS_KEPT: i64 = 8 * DAY_HOURS;

/// Adds to what was spent: to its day, by purpose, and to its hour.
pub(crate) fn spend(
    connection: &Connection,
    now_ms: i64,
    purpose: &str,
    requests: u64,
) -> Result<(), MirrorError> {
    let requests = i64::try_from(requests).unwrap_or(i64::MAX);
    let hour = now_ms.div_euclid(HOUR_MS);
    connection
        .prepare_cached(
            "INSERT INTO spent (day, purpose, requests) VALUES (?1, ?2, ?3)
             ON CONFLICT (day, purpose) DO UPDATE SET requests = requests + excluded.requests",
        )?
        .execute((hour.div_euclid(DAY_HOURS), purpose, requests))?;
    connection
        .prepare_cached(
            "INSERT INTO spent_hour (hour, requests) VALUES (?1, ?2)
             ON CONFLICT (hour) DO UPDATE SET requests = requests + excluded.requests",
        )?
        .execute((hour, requests))?;
    connection.prepare_cached("DELETE FROM spent_hour WHERE hour < ?1")?.execute([hour - HOURS_KEPT])?;
    Ok(())
}

/// Notes what stands in the way of a list.
pub(crate) fn trouble(
    connection: &Connection,
    list: &str,
    code: &str,
    text: &str,
    at: i64,
) -> Result<(), MirrorError> {
    connection
        .prepare_cached(
            "INSERT INTO resource (list, problem_code, problem, problem_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (list) DO UPDATE SET problem_code = ?2, problem = ?3, problem_at = ?4",
        )?
        .execute((list, code, text, at))?;
    Ok(())
}

/// Forgets what stood in the way of a list, where it was one of these.
pub(crate) fn overcome(connection: &Connection, list: &str, texts: &[&str]) -> Result<(), MirrorError> {
    let sql = "UPDATE resource SET problem_code = NULL, problem = NULL, problem_at = NULL
               WHERE list = ?1 AND problem = ?2";
    for text in texts {
        connection.prepare_cached(sql)?.execute((list, text))?;
    }
    Ok(())
}

/// Notes that a list was read to its end.
pub(crate) fn listed(connection: &Connection, list: &str, at: i64) -> Result<(), MirrorError> {
    connection
        .prepare_cached(
            "INSERT INTO resource (list, listed_at) VALUES (?1, ?2)
             ON CONFLICT (list) DO UPDATE SET listed_at = ?2, problem_code = NULL, problem = NULL, problem_at = NULL",
        )?
        .execute((list, at))?;
    Ok(())
}

/// When a list was last read to its end.
pub(crate) fn listed_at(connection: &Connection, list: &str) -> Result<Option<i64>, MirrorError> {
    let at = connection
        .prepare_cached("SELECT listed_at FROM resource WHERE list = ?1")?
        .query_row([list], |row| row.get(0))
        .optional()?;
    Ok(at.flatten())
}

/// Whether a list was ever read to its end.
pub(crate) fn is_listed(connection: &Connection, list: &str) -> Result<bool, MirrorError> {
    Ok(listed_at(connection, list)?.is_some())
}
