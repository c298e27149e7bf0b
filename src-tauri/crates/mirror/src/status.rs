//! How far the mirror is, for the status bar, the Sync screen and the command line.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::governor::{Plan, WINDOW_DAYS};
use crate::kinds;
use crate::options::Trouble;
use crate::state::{self, name};
use crate::{Certificate, Copying, Mirror, MirrorError, budget, certificate, hold};

/// How many of a resource are mirrored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// As in Stripe's list paths; the table's name where there is no list.
    pub resource: String,
    /// Objects, tombstones not counted.
    pub objects: i64,
    /// When the list was last read to its end (unix seconds of Stripe's clock).
    pub listed_at: Option<i64>,
}

/// What is known of the mirror.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// `acct_…`, once it is known.
    pub account: Option<String>,
    /// Everything that Stripe's event list showed up to this time is here (unix seconds of Stripe's clock).
    pub complete_to: Option<i64>,
    /// How far the reading of lists is: until none is left, older records may be missing whatever the news told.
    pub copying: Copying,
    /// Ranges of lists that are still to be read.
    pub ranges_open: i64,
    /// Objects that have to be read again.
    pub dirty: i64,
    /// Objects by resource.
    pub counts: Vec<Count>,
    /// Requests of this calendar month (UTC, by this machine's clock).
    pub requests_this_month: i64,
    /// Requests of the last 30 days by purpose.
    pub spent: Vec<(String, i64)>,
    /// What stands in the way of a resource.
    pub problems: Vec<Trouble>,
    /// What stopped the last sync: a code (`offline`, `refused`, …) and words.
    pub stopped: Option<(String, String)>,
    /// Values without an id that were put aside.
    pub rejected: i64,
    /// The read budget: what is left of it, and how often Stripe is asked.
    pub plan: Plan,
    /// What was proven last.
    pub certificate: Option<Certificate>,
}

impl Mirror {
    /// How far the mirror is. Reads only this machine.
    pub fn status(&self) -> Result<Status, MirrorError> {
        let (plan, floor, now) = (self.plan()?, self.floor()?, self.now());
        let unbooked = self.inner.unbooked_payments();
        let today = self.inner.clock.now_ms().div_euclid(86_400_000);
        let month = first_of_month(today);
        self.read(|connection| {
            let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
            let mut counts = Vec::new();
            let mut known = BTreeMap::new();
            for kind in kinds::ALL {
                let objects = hold::rows(connection, kind)?;
                known.insert(kind.table, objects);
                let listed_at = state::listed_at(connection, kind.list)?;
                if objects > 0 || listed_at.is_some() {
                    let resource = if kind.list.is_empty() { kind.table } else { kind.list }.to_owned();
                    counts.push(Count { resource, objects, listed_at });
                }
            }
            let problems = connection
                .prepare_cached(
                    "SELECT list, problem_code, problem FROM resource WHERE problem_code IS NOT NULL",
                )?
                .query_map([], |row| {
                    Ok(Trouble { resource: row.get(0)?, code: row.get(1)?, text: row.get(2)? })
                })?
                .collect::<Result<_, _>>()?;
            let mut spent: Vec<(String, i64)> = connection
                .prepare_cached(
                    "SELECT purpose, sum(requests) FROM spent WHERE day > ?1 GROUP BY 1 ORDER BY 2 DESC",
                )?
                .query_map([today - WINDOW_DAYS], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            budget::add_payments(&mut spent, unbooked);
            let requests_this_month: i64 = connection
                .prepare_cached("SELECT coalesce(sum(requests), 0) FROM spent WHERE day >= ?1")?
                .query_row([month], |row| row.get(0))?;
            let stopped: Option<String> = state::get(connection, name::STOPPED)?;
            let text: Option<String> = state::get(connection, name::STOPPED_TEXT)?;
            Ok(Status {
                account: state::get(connection, name::ACCOUNT)?,
                complete_to: state::get(connection, name::COMPLETE_TO)?,
                copying: hold::copying(connection, floor, now, |_, kind| {
                    Ok(known.get(kind.table).copied().unwrap_or_default())
                })?,
                ranges_open: number("SELECT count(*) FROM backfill_range WHERE done = 0")?,
                dirty: number("SELECT count(*) FROM dirty")?,
                counts,
                requests_this_month: requests_this_month.saturating_add(unbooked),
                spent,
                problems,
                stopped: stopped.map(|code| (code, text.unwrap_or_default())),
                rejected: number("SELECT count(*) FROM rejected")?,
                plan,
                certificate: certificate::newest(connection)?,
            })
        })
    }
}

/// The first day (since 1970) of the month that a day lies in.
fn first_of_month(day: i64) -> i64 {
    // The civil calendar in years that begin in March, as days since 1970.
    let shifted = day + 719_468;
    let era_day = shifted.rem_euclid(146_097);
    let year_of_era = (era_day - era_day / 1460 + era_day / 36_524 - era_day / 146_096) / 365;
    let day_of_year = era_day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    day - (day_of_year - (153 * month + 2) / 5)
}

#[cfg(test)]
mod tests {
    use super::first_of_month;

    #[test]
    fn months_begin_on_their_first_day() {
        for (day, first) in
            [(0, 0), (30, 0), (31, 31), (58, 31), (59, 59), (11_016, 10_988), (20_778, 20_758)]
        {
            assert_eq!(first_of_month(day), first, "{day}");
        }
    }
}
