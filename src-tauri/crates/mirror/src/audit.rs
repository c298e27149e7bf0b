//! Closed days are compared with Stripe once they are closed, and then again and again: round after round, the day whose
//! comparison is the oldest first.

use std::collections::BTreeMap;

use rusqlite::Connection;
use tillbook_stripe::Form;

use crate::difference::Difference;
use crate::engine::{Aim, Engine};
use crate::kind::KindId;
use crate::line::Line;
use crate::options::Progress;
use crate::range::Range;
use crate::state;
use crate::{Mirror, MirrorError, dirty, hold, kinds};

const DAY: i64 = 86_400;
/// A day is closed when it is over everywhere on Earth and Stripe's books had a day to settle.
const CLOSED_AFTER_S: i64 = 2 * DAY;
/// Days that were compared before may cost one read of so many; days that never were come first.
const AGAIN_SHARE: u64 = 4;
/// What is compared of a closed day.
const MONEY: &[KindId] = &[
    kinds::PAYMENT_INTENT,
    kinds::CHARGE,
    kinds::REFUND,
    kinds::BALANCE_TRANSACTION,
    kinds::DISPUTE,
    kinds::PAYOUT,
];
/// Up to where every day was audited, in the table `state`.
const AUDITED_TO: &str = "audited_to";

/// Whole days, as seconds: from the first of one to the first behind another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Days {
    lo: i64,
    hi: i64,
}

/// How far closed days were audited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Audited {
    /// Every day before this second was, at least once.
    pub(crate) to: Option<i64>,
    /// And each of them since this second.
    pub(crate) since: Option<i64>,
}

impl Mirror {
    /// Lists closed days once more and compares, as many as `reads` allow: those that never were, and then, for a part of
    /// the reads, those whose comparison is the oldest.
    pub(crate) async fn audit_days(
        &self,
        line: &Line,
        reads: u64,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<(), MirrorError> {
        if reads == 0 {
            return Ok(());
        }
        let date = match self.inner.last_date() {
            Some(date) => date,
            None => line.get("/v1/account", &Form::new()).await?.until,
        };
        let kinds = self.money_listed()?;
        let mut left = reads;
        if let Some(days) = self.read(|c| never_audited(c, &kinds, closed(date), reads))? {
            left = left.saturating_sub(self.read(|c| cost(c, &kinds, days))?);
            self.audit(line, &kinds, days, date, progress).await?;
        }
        let again = (reads / AGAIN_SHARE).min(left);
        if let Some(days) = self.read(|c| oldest_audited(c, &kinds, date, again))? {
            self.audit(line, &kinds, days, date, progress).await?;
        }
        Ok(())
    }

    async fn audit(
        &self,
        line: &Line,
        kinds: &[KindId],
        days: Days,
        date: i64,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<(), MirrorError> {
        let first = self.newest_difference()?;
        let mut engine = Engine::new(line, Aim::Again, days.lo, date, progress);
        for kind in kinds {
            let mut range = Range::new(*kind, days.lo, days.hi);
            range.audit = true;
            engine.add(range);
        }
        engine.run().await?;
        let done: Vec<KindId> = kinds.iter().copied().filter(|kind| engine.is_done(*kind)).collect();
        self.inner.store.mirror.write(|tx| {
            for kind in &done {
                let which = "created >= ?1 AND created < ?2 AND as_of < ?3";
                dirty::mark_unlisted(tx, *kind, which, (days.lo, days.hi, date))?;
            }
            Ok::<(), MirrorError>(())
        })?;
        dirty::resolve(line, self.floor()?, progress).await?;
        if done.len() < kinds.len() {
            return Ok(());
        }
        self.inner.store.mirror.write(|tx| record(tx, kinds, days, date, first))
    }

    /// A full pass compared every closed day.
    pub(crate) fn audited_all(&self, chosen: &[KindId]) -> Result<(), MirrorError> {
        let Some(date) = self.inner.last_date() else { return Ok(()) };
        let kinds = self.money_listed()?;
        let is_whole = self.read(|c| {
            for kind in &kinds {
                let list = hold::list_state(c, kind.kind().list)?;
                if list.is_under_way || list.is_blocked {
                    return Ok(false);
                }
            }
            Ok(true)
        })?;
        if !is_whole || MONEY.iter().any(|kind| !chosen.contains(kind)) {
            return Ok(());
        }
        let (hi, told) = (closed(date), self.newest_told()?);
        self.inner.store.mirror.write(|tx| {
            // Where there is no money yet, the days until now are compared all the same.
            let lo = first_day(tx, &kinds)?.map_or(hi, |lo| lo.min(hi));
            record(tx, &kinds, Days { lo, hi }, date, told)
        })
    }

    fn money_listed(&self) -> Result<Vec<KindId>, MirrorError> {
        self.read(|c| {
            let mut listed = Vec::new();
            for kind in MONEY {
                if state::is_listed(c, kind.kind().list)? {
                    listed.push(*kind);
                }
            }
            Ok(listed)
        })
    }

    /// How far closed days were audited, and since when.
    pub(crate) fn audited(&self) -> Result<Audited, MirrorError> {
        let kinds = self.money_listed()?;
        self.read(|c| {
            let Some(to) = state::get::<i64>(c, AUDITED_TO)? else { return Ok(Audited::default()) };
            let Some(lo) = first_day(c, &kinds)?.filter(|lo| *lo < to) else {
                return Ok(Audited { to: Some(to), since: None });
            };
            let sql = "SELECT count(*), min(at) FROM audited_day WHERE day >= ?1 AND day < ?2";
            let (days, at): (i64, Option<i64>) = c
                .prepare_cached(sql)?
                .query_row([lo / DAY, to / DAY], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(Audited { to: Some(to), since: at.filter(|_| days == (to - lo) / DAY) })
        })
    }
}

/// The first second behind the newest closed day.
fn closed(date: i64) -> i64 {
    (date - CLOSED_AFTER_S).div_euclid(DAY) * DAY
}

/// The first day there is money of.
fn first_day(connection: &Connection, kinds: &[KindId]) -> Result<Option<i64>, MirrorError> {
    let mut first: Option<i64> = None;
    for kind in kinds {
        let sql = format!("SELECT min(created) FROM {} WHERE created > 0", kind.kind().table);
        let oldest: Option<i64> = connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?;
        first = first.into_iter().chain(oldest).min();
    }
    Ok(first.map(|at| at.div_euclid(DAY) * DAY))
}

/// What listing these days costs.
fn cost(connection: &Connection, kinds: &[KindId], days: Days) -> Result<u64, MirrorError> {
    let mut pages = 0;
    for kind in kinds {
        let sql = format!("SELECT count(*) FROM {} WHERE created >= ?1 AND created < ?2", kind.kind().table);
        let here: i64 = connection.prepare_cached(&sql)?.query_row([days.lo, days.hi], |row| row.get(0))?;
        pages += u64::try_from(here).unwrap_or(0) / 100 + 1;
    }
    Ok(pages)
}

/// As many of these days as fit into the reads. A single day is always looked at.
fn affordable(
    connection: &Connection,
    kinds: &[KindId],
    mut days: Days,
    reads: u64,
) -> Result<Days, MirrorError> {
    while days.hi - days.lo > DAY && cost(connection, kinds, days)? > reads {
        days.hi = days.lo + ((days.hi - days.lo) / 2).div_euclid(DAY).max(1) * DAY;
    }
    Ok(days)
}

/// From where the last audit of new days ended, or where money begins.
fn never_audited(
    connection: &Connection,
    kinds: &[KindId],
    closed: i64,
    reads: u64,
) -> Result<Option<Days>, MirrorError> {
    let lo = match state::get::<i64>(connection, AUDITED_TO)? {
        Some(to) => Some(to),
        None => first_day(connection, kinds)?,
    };
    match lo.filter(|lo| *lo < closed) {
        Some(lo) => affordable(connection, kinds, Days { lo, hi: closed }, reads).map(Some),
        None => Ok(None),
    }
}

/// The days whose audit is the oldest, one after the other, where it is a day old. Days that nothing is written down of
/// were audited before anything was.
fn oldest_audited(
    connection: &Connection,
    kinds: &[KindId],
    date: i64,
    reads: u64,
) -> Result<Option<Days>, MirrorError> {
    let to = state::get::<i64>(connection, AUDITED_TO)?;
    let (Some(to), Some(first)) = (to, first_day(connection, kinds)?) else { return Ok(None) };
    if reads == 0 {
        return Ok(None);
    }
    let (first, last) = (first / DAY, to / DAY);
    let audited: BTreeMap<i64, i64> = connection
        .prepare_cached("SELECT day, at FROM audited_day WHERE day >= ?1 AND day < ?2")?
        .query_map([first, last], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let at = |day: i64| audited.get(&day).copied().unwrap_or(0);
    let is_due = |day: &i64| at(*day) <= date - DAY;
    let Some(day) = (first..last).min_by_key(|day| (at(*day), *day)).filter(is_due) else { return Ok(None) };
    let end = (day..last).find(|day| !is_due(day)).unwrap_or(last);
    affordable(connection, kinds, Days { lo: day * DAY, hi: end * DAY }, reads).map(Some)
}

/// Writes down that days were audited, each with what was compared and how much of it differed.
fn record(
    connection: &Connection,
    kinds: &[KindId],
    days: Days,
    at: i64,
    first: i64,
) -> Result<(), MirrorError> {
    let mut counts: BTreeMap<i64, (i64, i64)> =
        (days.lo / DAY..days.hi / DAY).map(|day| (day, (0, 0))).collect();
    for kind in kinds {
        let table = kind.kind().table;
        let objects = format!(
            "SELECT created / {DAY}, count(*), 0 FROM {table} WHERE created >= ?1 AND created < ?2 AND ?3 >= 0
             GROUP BY 1"
        );
        let differences = format!(
            "SELECT t.created / {DAY}, 0, count(*) FROM difference d JOIN {table} t ON t.id = d.id
             WHERE d.number > ?3 AND d.kind = '{table}' AND t.created >= ?1 AND t.created < ?2 GROUP BY 1"
        );
        for sql in [objects, differences] {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([days.lo, days.hi, first])?;
            while let Some(row) = rows.next()? {
                let count = counts.entry(row.get(0)?).or_default();
                *count = (count.0 + row.get::<_, i64>(1)?, count.1 + row.get::<_, i64>(2)?);
            }
        }
    }
    let mut write = connection.prepare_cached(
        "INSERT INTO audited_day (day, at, objects, differences) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (day) DO UPDATE SET at = ?2, objects = ?3, differences = ?4",
    )?;
    for (day, (objects, differences)) in counts {
        write.execute((day, at, objects, differences))?;
    }
    let to = state::get::<i64>(connection, AUDITED_TO)?.unwrap_or(days.hi).max(days.hi);
    state::set(connection, AUDITED_TO, to)
}

/// A difference that was only suspected when its day was audited.
pub(crate) fn count_in_day(connection: &Connection, difference: &Difference) -> Result<(), MirrorError> {
    if MONEY.contains(&difference.kind) {
        let sql = format!(
            "UPDATE audited_day SET differences = differences + 1
             WHERE day = (SELECT created / {DAY} FROM {} WHERE id = ?1)",
            difference.kind.kind().table
        );
        connection.prepare_cached(&sql)?.execute([&difference.id])?;
    }
    Ok(())
}
