//! The governor's outlook, from what the store has counted.

use std::sync::atomic::Ordering;

use crate::governor::{self, Outlook, Plan, WINDOW_DAYS};
use crate::line::Line;
use crate::state::{self, name};
use crate::{Mirror, MirrorError, Windows, kinds};

/// Tills of the account, in the table `state`.
const TILLS: &str = "tills";
const DAY: i64 = 86_400;

/// How long the news of one minute took to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay {
    /// Of their arrival, since 1970.
    pub minute: i64,
    /// How many.
    pub events: i64,
    /// Seconds of all of them together.
    pub sum_s: i64,
    /// Seconds of the slowest.
    pub max_s: i64,
}

impl Mirror {
    /// What may be spent now, and how often Stripe may be asked. Reads only this machine.
    pub fn plan(&self) -> Result<Plan, MirrorError> {
        Ok(governor::plan(&self.outlook()?))
    }

    /// How many tills of the account read Stripe on their own: the budget is divided by it.
    pub fn set_tills(&self, tills: u32) -> Result<(), MirrorError> {
        self.inner.store.mirror.write(|tx| state::set(tx, TILLS, tills.max(1)))
    }

    /// Somebody is at the till: Stripe is asked as often as in opening hours.
    pub fn somebody_is_here(&self) {
        self.inner.is_active();
    }

    /// Requests that were booked on a day (since 1970, UTC).
    pub fn requests_on(&self, day: i64) -> Result<i64, MirrorError> {
        self.read(|c| {
            let sql = "SELECT coalesce(sum(requests), 0) FROM spent WHERE day = ?1";
            Ok(c.prepare_cached(sql)?.query_row([day], |row| row.get(0))?)
        })
    }

    /// Requests by the hour (since 1970, UTC), from an hour on, oldest first. Hours without any are left out.
    pub fn requests_by_hour(&self, hour: i64) -> Result<Vec<(i64, i64)>, MirrorError> {
        self.read(|c| {
            let sql = "SELECT hour, requests FROM spent_hour WHERE hour >= ?1 ORDER BY hour";
            let mut hours = c.prepare_cached(sql)?;
            let rows = hours.query_map([hour], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// How long news took to arrive, from a minute (since 1970) on, oldest first.
    pub fn delays_since(&self, minute: i64) -> Result<Vec<Delay>, MirrorError> {
        self.read(|c| {
            let sql = "SELECT minute, events, sum_s, max_s FROM delay WHERE minute >= ?1 ORDER BY minute";
            let mut delays = c.prepare_cached(sql)?;
            let rows = delays.query_map([minute], |row| {
                Ok(Delay { minute: row.get(0)?, events: row.get(1)?, sum_s: row.get(2)?, max_s: row.get(3)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// What reading every list once more would cost: its price in reads, as far as it can be told before.
    pub fn full_check_reads(&self) -> Result<i64, MirrorError> {
        self.read(|c| {
            let mut reads = 0;
            for kind in kinds::ALL.iter().filter(|kind| !kind.list.is_empty()) {
                if state::is_listed(c, kind.list)? {
                    let sql = format!("SELECT count(*) FROM {}", kind.table);
                    let objects: i64 = c.query_row(&sql, [], |row| row.get(0))?;
                    reads += objects / 100 + 1;
                }
            }
            Ok(reads)
        })
    }

    /// Forgets a repeated reading of lists that somebody stopped, so that the next sync does not go on with it. What was
    /// never read to its end stays to be read, and so does everything where a gap in the news is being closed.
    pub fn give_up_full_check(&self) -> Result<(), MirrorError> {
        self.inner.store.mirror.write(|tx| {
            if state::get::<String>(tx, name::GAP)?.is_some() {
                return Ok(());
            }
            tx.execute(
                "DELETE FROM backfill_range
                 WHERE list IN (SELECT list FROM resource WHERE listed_at IS NOT NULL)",
                [],
            )?;
            tx.execute(
                "DELETE FROM state
                 WHERE name IN (SELECT ?1 || list FROM resource WHERE listed_at IS NOT NULL)",
                [name::PASS],
            )?;
            Ok(())
        })
    }

    /// Whether the budget has room for a look at what has no event. Somebody who asks is not refused.
    pub(crate) fn may_look(&self, line: &Line, windows: Windows) -> Result<bool, MirrorError> {
        if !line.is_governed || windows != Windows::WhenDue {
            return Ok(true);
        }
        let date = self.inner.last_date().unwrap_or_default();
        let last: Option<i64> = self.read(|c| {
            let sql = "SELECT max(value) FROM state WHERE substr(name, 1, length(?1)) = ?1";
            Ok(c.prepare_cached(sql)?.query_row([name::RELISTED_AT], |row| row.get(0))?)
        })?;
        let pause = governor::look_after_s(&self.outlook()?);
        Ok(last.is_none_or(|last| !(0..pause).contains(&date.saturating_sub(last))))
    }

    fn outlook(&self) -> Result<Outlook, MirrorError> {
        let now = self.inner.clock.now_ms().div_euclid(1000);
        let today = now.div_euclid(DAY);
        self.read(|c| {
            let spent = |from: i64, purpose: &str| -> Result<i64, MirrorError> {
                let sql = "SELECT coalesce(sum(requests), 0) FROM spent WHERE day >= ?1 AND (?2 = '' OR purpose = ?2)";
                Ok(c.prepare_cached(sql)?.query_row((from, purpose), |row| row.get(0))?)
            };
            // By Stripe's clock where it is known: charges carry Stripe's seconds.
            let date: i64 = state::get(c, name::COMPLETE_TO)?.or_else(|| self.inner.last_date()).unwrap_or(now);
            let transactions = c
                .prepare_cached("SELECT count(*) FROM charge WHERE created >= ?1 AND status = 'succeeded'")?
                .query_row([date - WINDOW_DAYS * DAY], |row| row.get(0))?;
            Ok(Outlook {
                now,
                transactions,
                tills: state::get(c, TILLS)?.unwrap_or(1),
                spent: spent(today - WINDOW_DAYS + 1, "")?,
                spent_today: spent(today, "")?,
                payments_today: spent(today, "fetch")?,
                active_at: self.inner.active_at.load(Ordering::Relaxed),
                payment_open: false,
            })
        })
    }
}
