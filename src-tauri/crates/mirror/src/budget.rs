//! The governor's outlook, from what the store has counted.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use rusqlite::Connection;

use crate::governor::{self, Days, Outlook, Plan, WINDOW_DAYS};
use crate::line::Line;
use crate::state::{self, name};
use crate::{Inner, Mirror, MirrorError, Windows, kinds};

const DAY: i64 = 86_400;
/// How long a count of the account's transactions holds, and one that was long work.
const VOLUME_HOLDS_S: i64 = 60;
const LARGE_VOLUME_HOLDS_S: i64 = 600;
const LARGE_VOLUME: i64 = 10_000;
/// How often reads for open payments are written down, where no sync does it before.
const PAYMENTS_BOOKED_MS: i64 = 60_000;
const PAYMENTS: &str = "payments";

/// What the account's budget is made of, as counted last.
#[derive(Debug, Default)]
pub(crate) struct Volume {
    /// When, and how many transactions on which day.
    sold: Option<(i64, Days)>,
    /// When, and how many tills.
    tills: Option<(i64, i64)>,
}

/// Reads for open payments that are not written down yet: a look at a reader is no write.
#[derive(Debug, Default)]
pub(crate) struct Unbooked {
    reads: u64,
    /// When the first of them was.
    since_ms: Option<i64>,
}

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

    /// The till whose copy this is. The budget is divided by the tills that payments name, and by this one.
    pub fn belongs_to_till(&self, till_id: &str) {
        let _ = self.inner.till.set(till_id.to_owned());
    }

    /// Reads that an open payment cost: counted and never held back. They are written down with the next sync, and once a
    /// minute where there is none.
    pub fn spent_on_payments(&self, reads: u64) {
        let now_ms = self.inner.clock.now_ms();
        let is_time = {
            let mut unbooked = self.inner.unbooked.lock().unwrap_or_else(PoisonError::into_inner);
            unbooked.reads = unbooked.reads.saturating_add(reads);
            let since_ms = *unbooked.since_ms.get_or_insert(now_ms);
            !(0..PAYMENTS_BOOKED_MS).contains(&now_ms.saturating_sub(since_ms))
        };
        if is_time && let Err(error) = self.inner.book_payments() {
            tracing::warn!(%error, "reads for open payments could not be written down");
        }
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

    /// Whether it is time for a look at what has no event, and the budget has room for it. Somebody who asks is not refused.
    pub(crate) fn may_look(&self, line: &Line, windows: Windows) -> Result<bool, MirrorError> {
        if !line.is_governed || windows != Windows::WhenDue {
            return Ok(true);
        }
        let Some(pause) = self.plan()?.look_after_s else { return Ok(false) };
        let date = self.inner.last_date().unwrap_or_default();
        let last: Option<i64> = self.read(|c| state::get(c, name::LOOKED_AT))?;
        Ok(last.is_none_or(|last| !(0..pause).contains(&date.saturating_sub(last))))
    }

    /// Whether the budget has room for the events since a second, as many as are known here.
    pub(crate) fn may_sweep(&self, line: &Line, from: i64) -> Result<bool, MirrorError> {
        if !line.is_governed {
            return Ok(true);
        }
        line.book()?;
        let sql = "SELECT count(*) / 100 + 1 FROM event WHERE created >= ?1";
        let pages: i64 = self.read(|c| Ok(c.prepare_cached(sql)?.query_row([from], |row| row.get(0))?))?;
        Ok(pages <= self.plan()?.spare_today)
    }

    /// Notes that a look was had.
    pub(crate) fn looked(&self) -> Result<(), MirrorError> {
        let Some(date) = self.inner.last_date() else { return Ok(()) };
        self.inner.store.mirror.write(|tx| state::set(tx, name::LOOKED_AT, date))
    }

    /// The volume is counted anew with the next plan: lists have just been read.
    pub(crate) fn forget_volume(&self) {
        *self.inner.volume.lock().unwrap_or_else(PoisonError::into_inner) = Volume::default();
    }

    fn outlook(&self) -> Result<Outlook, MirrorError> {
        let now = self.inner.clock.now_ms().div_euclid(1000);
        let today = now.div_euclid(DAY);
        let unbooked = self.inner.unbooked_payments();
        self.read(|c| {
            let (sold, tills) = self.inner.volume(c, now)?;
            let mut outlook = Outlook {
                now,
                sold,
                tills,
                payments_today: unbooked,
                active_at: self.inner.active_at.load(Ordering::Relaxed),
                ..Outlook::default()
            };
            outlook.spent[0] = unbooked;
            let sql = "SELECT day, purpose, requests FROM spent WHERE day > ?1";
            let mut spent = c.prepare_cached(sql)?;
            let mut rows = spent.query([today - WINDOW_DAYS])?;
            while let Some(row) = rows.next()? {
                let (day, purpose, requests): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
                add(&mut outlook.spent, today - day, requests);
                match purpose.as_str() {
                    _ if day != today => {}
                    // What a till reads of a charge once it is taken is part of its payment.
                    PAYMENTS | "fetch" => outlook.payments_today += requests,
                    "backfill" | "certificate" => outlook.copied_today += requests,
                    _ => {}
                }
            }
            Ok(outlook)
        })
    }
}

impl Inner {
    /// Reads for open payments that are still to be written down.
    pub(crate) fn unbooked_payments(&self) -> i64 {
        let unbooked = self.unbooked.lock().unwrap_or_else(PoisonError::into_inner);
        i64::try_from(unbooked.reads).unwrap_or(i64::MAX)
    }

    /// Writes them down.
    pub(crate) fn book_payments(&self) -> Result<(), MirrorError> {
        if !self.store.mirror.is_writable() {
            return Ok(());
        }
        let taken = std::mem::take(&mut *self.unbooked.lock().unwrap_or_else(PoisonError::into_inner));
        if taken.reads == 0 {
            return Ok(());
        }
        let now_ms = self.clock.now_ms();
        let booked = self.store.mirror.write(|tx| state::spend(tx, now_ms, PAYMENTS, taken.reads));
        if booked.is_err() {
            let mut unbooked = self.unbooked.lock().unwrap_or_else(PoisonError::into_inner);
            unbooked.reads = unbooked.reads.saturating_add(taken.reads);
            // Tried again in a minute, not with every look.
            unbooked.since_ms = Some(now_ms);
        }
        booked
    }

    /// Transactions of the last 30 days, and the tills they came from. Counted now and then: there may be many.
    fn volume(&self, connection: &Connection, now: i64) -> Result<(Days, i64), MirrorError> {
        let mut volume = self.volume.lock().unwrap_or_else(PoisonError::into_inner);
        // By Stripe's clock where it is known: charges carry Stripe's seconds.
        let date: i64 =
            state::get(connection, name::COMPLETE_TO)?.or_else(|| self.last_date()).unwrap_or(now);
        let from = date - WINDOW_DAYS * DAY;
        let is_fresh = |at: i64, for_s: i64| (0..for_s).contains(&now.saturating_sub(at));
        let (_, sold) = match volume.sold {
            Some((at, sold)) if is_fresh(at, volume_holds_s(&sold)) => (at, sold),
            _ => *volume.sold.insert((now, sold(connection, from, date)?)),
        };
        let (_, tills) = match volume.tills {
            Some((at, count)) if is_fresh(at, DAY) => (at, count),
            _ => {
                let own = self.till.get().map_or("", String::as_str);
                *volume.tills.insert((now, tills(connection, from, own)?))
            }
        };
        Ok((sold, tills))
    }
}

/// Adds reads for open payments to what was spent, most first.
pub(crate) fn add_payments(spent: &mut Vec<(String, i64)>, reads: i64) {
    if reads == 0 {
        return;
    }
    match spent.iter_mut().find(|(purpose, _)| purpose == PAYMENTS) {
        Some((_, known)) => *known = known.saturating_add(reads),
        None => spent.push((PAYMENTS.to_owned(), reads)),
    }
    spent.sort_by_key(|(_, requests)| std::cmp::Reverse(*requests));
}

/// Adds to a day; what is older counts no more, and a clock that went back makes it today's.
fn add(days: &mut Days, ago: i64, count: i64) {
    let day = usize::try_from(ago.max(0)).ok().and_then(|ago| days.get_mut(ago));
    if let Some(day) = day {
        *day = day.saturating_add(count);
    }
}

/// Transactions since a second, by the days before another.
fn sold(connection: &Connection, from: i64, date: i64) -> Result<Days, MirrorError> {
    let sql = "SELECT created / 86400, count(*) FROM charge WHERE created >= ?1 AND status = 'succeeded' GROUP BY 1";
    let mut days = Days::default();
    let mut by_day = connection.prepare_cached(sql)?;
    let mut rows = by_day.query([from])?;
    while let Some(row) = rows.next()? {
        // The window begins in the middle of a day: what is left of that day counts with the one behind it.
        let ago = (date.div_euclid(DAY) - row.get::<_, i64>(0)?).min(WINDOW_DAYS - 1);
        add(&mut days, ago, row.get(1)?);
    }
    Ok(days)
}

fn volume_holds_s(sold: &Days) -> i64 {
    if sold.iter().sum::<i64>() > LARGE_VOLUME { LARGE_VOLUME_HOLDS_S } else { VOLUME_HOLDS_S }
}

/// Tills that payments and refunds since a second name, and this one.
fn tills(connection: &Connection, from: i64, own: &str) -> Result<i64, MirrorError> {
    let sql = "SELECT count(DISTINCT till_id) FROM (
                 SELECT till_id FROM payment_intent WHERE created >= ?1 AND till_id <> ''
                 UNION ALL SELECT till_id FROM refund WHERE created >= ?1 AND till_id <> ''
                 UNION ALL SELECT ?2 WHERE ?2 <> '')";
    let tills: i64 = connection.prepare_cached(sql)?.query_row((from, own), |row| row.get(0))?;
    Ok(tills.max(1))
}
