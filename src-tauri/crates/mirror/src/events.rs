//! Stripe's event list, applied exactly once.
//!
//! **Two marks** stand in the list. The *far anchor* is stored: an event that was at least ten minutes old when the far read
//! that moved it began. A **far read** takes in everything behind it, oldest page first, so that an event that surfaces
//! late behind one already read is still read; a table of seen events keeps it from being applied twice. A page's events,
//! what they change and the far anchor commit together. As long as no more than a page lies behind the far anchor, every
//! poll is a far read of one request.
//!
//! The *near mark* is there while more lies behind it: after a burst, and all day in a busy shop. It has half a page of
//! events behind it, all of them read. Usual polls read from it and move it; a far read follows when the last one is one
//! to two minutes old by Stripe's clock (the more pages it costs, the rarer), at a new start, and with every full sync.
//!
//! **Why nothing is lost.** The near mark decides only how soon an event is seen, never whether: it lives in memory, moves
//! no stored position, and where Stripe does not know it any more the same poll reads from the far anchor instead. Only a
//! far read moves the far anchor, to events that were ten minutes old before the read reached them, and only a far read
//! says that the copy is complete: up to the second at which it began, because later pages cannot tell what surfaced
//! behind earlier ones. What a receiver is delivered moves neither mark.

mod near;
mod read;

use std::sync::LazyLock;

use rusqlite::Connection;
use tillbook_stripe::{API_VERSION, Error, Form};

use self::near::{Near, PAGE};
use self::read::{Moves, Reading, backward, forward};
use crate::apply::Applier;
use crate::batch::{Batch, Row};
use crate::engine::PERMISSION;
use crate::kind::KindId;
use crate::kinds;
use crate::line::Line;
use crate::stamp::Stamp;
use crate::state::{self, name};
use crate::{MirrorError, sql};

pub(crate) use self::near::Near as NearMark;
#[cfg(test)]
pub(crate) use self::near::{BEHIND, every_s};

/// How long an event may surface late and still be read by a far read.
pub(crate) const OVERLAP_S: i64 = 600;
/// Stripe keeps events for 30 days; an hour is left for clocks and slow requests.
const KEPT_S: i64 = 30 * 86_400 - 3600;
/// And shows none that is older.
const SHOWN_S: i64 = 30 * 86_400;
/// What is known to be complete does not become less by as little as this; a date that lies further ahead was wrong.
const A_MOMENT_S: i64 = 5;
/// An anchor this old would soon age out although nothing is missed.
const ANCHOR_LIMIT_S: i64 = 25 * 86_400;

/// What stands in the way of the news where the event list cannot be read.
pub(crate) const UNREADABLE: (&str, &str) =
    ("malformed", "Stripe's event list cannot be read. It is tried again with the next poll.");

/// What a poll found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Polled {
    /// Events that were news.
    pub(crate) events: u64,
    /// Stripe's clock at its end.
    pub(crate) date: i64,
    /// Everything up to this second is here; a usual poll does not say.
    pub(crate) complete_to: Option<i64>,
    /// Whether the list was read to its end. One that leads back into itself has none.
    pub(crate) is_whole: bool,
}

/// How far back a poll begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// At the near mark, where there is one and its time is not over.
    Usual,
    /// At the far anchor.
    Far,
}

/// Why polling cannot go on from where it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    /// The last poll is longer ago than Stripe keeps events.
    Hole,
    /// Stripe does not know the anchor any more.
    AgedOut,
}

impl Gap {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Gap::Hole => {
                "The last look at Stripe's events is longer ago than Stripe keeps them. Everything was listed again."
            }
            Gap::AgedOut => {
                "Stripe no longer knows the event that was read last. Everything was listed again."
            }
        }
    }
}

/// Where polls read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Position {
    /// Everything newer than this event.
    Anchor { id: String, created: i64 },
    /// Everything from this second on.
    Since(i64),
}

/// The stored position.
pub(crate) fn position(connection: &Connection) -> Result<Option<Position>, MirrorError> {
    if let Some(id) = state::get::<String>(connection, name::ANCHOR)? {
        let created = state::get(connection, name::ANCHOR_CREATED)?.unwrap_or_default();
        return Ok(Some(Position::Anchor { id, created }));
    }
    Ok(state::get(connection, name::SINCE)?.map(Position::Since))
}

fn set_anchor(connection: &Connection, id: &str, created: i64) -> Result<(), MirrorError> {
    state::set(connection, name::ANCHOR, id)?;
    state::set(connection, name::ANCHOR_CREATED, created)?;
    state::clear(connection, name::SINCE)
}

fn set_since(connection: &Connection, second: i64) -> Result<(), MirrorError> {
    state::clear(connection, name::ANCHOR)?;
    state::clear(connection, name::ANCHOR_CREATED)?;
    state::set(connection, name::SINCE, second)
}

/// Notes where the event list stands, before the first list is read: from here the news is replayed over the lists. An
/// empty event list is a position too, and so is one that the key may not read: once it may, the news is read from here.
pub(crate) async fn hand_over(line: &Line) -> Result<(), MirrorError> {
    line.inner.set_near(None);
    let date = line.inner.last_date().unwrap_or_else(|| line.inner.clock.now_ms().div_euclid(1000));
    let form = Form::new().with("limit", 1).with("created", serde_json::json!({ "lte": date - OVERLAP_S }));
    let page = match line.page(kinds::EVENT, "/v1/events", &form, false).await {
        Err(error) if news_of(&error).is_some() => None,
        page => Some(page?),
    };
    // The date may be one that somebody told; that of the answer is Stripe's own.
    let date = page.as_ref().map_or(date, |page| date.min(page.from));
    let settled = date - OVERLAP_S;
    let newest = page.as_ref().and_then(|page| {
        let row = page.batch.rows.first()?;
        let fits = row.created <= settled && row.created > date - ANCHOR_LIMIT_S;
        fits.then(|| (page.batch.id(row), row.created))
    });
    line.inner.store.mirror.write(|tx| {
        match newest {
            Some((id, created)) => set_anchor(tx, id, created)?,
            None => set_since(tx, settled)?,
        }
        state::set(tx, name::POLLED_AT, date)
    })
}

/// What stands in the way of the news alone: lists and single objects are read all the same.
pub(crate) fn news_of(error: &MirrorError) -> Option<(&'static str, &'static str)> {
    match error {
        MirrorError::Stripe(Error::Permission(_)) => Some(PERMISSION),
        MirrorError::BadAnswer { .. } | MirrorError::Stripe(Error::Malformed(_) | Error::TooLarge(_)) => {
            Some(UNREADABLE)
        }
        _ => None,
    }
}

/// Reads and applies everything that is new.
pub(crate) async fn poll(line: &Line, reach: Reach) -> Result<Result<Polled, Gap>, MirrorError> {
    let polled = try_poll(line, reach).await;
    if !matches!(polled, Ok(Ok(Polled { is_whole: true, .. }))) {
        line.inner.set_near(None);
    }
    match polled {
        Err(MirrorError::Stripe(Error::InvalidRequest(_) | Error::NotFound(_))) => Ok(Err(Gap::AgedOut)),
        polled => polled,
    }
}

async fn try_poll(line: &Line, reach: Reach) -> Result<Result<Polled, Gap>, MirrorError> {
    let Some(position) = line.inner.store.mirror.read(position)? else {
        return Ok(Err(Gap::Hole));
    };
    let polled_at: Option<i64> = line.inner.store.mirror.read(|c| state::get(c, name::POLLED_AT))?;
    let is_hole = |date: i64| polled_at.is_some_and(|polled_at| date - polled_at > KEPT_S);
    if line.inner.last_date().is_some_and(is_hole) {
        return Ok(Err(Gap::Hole));
    }
    let mut events = 0;
    if reach == Reach::Usual
        && let Some(near) = line.inner.near()
        && let Some(reading) = read_near(line, &near).await?
    {
        if is_hole(reading.ended) {
            return Ok(Err(Gap::Hole));
        }
        events = reading.events;
        // The machine may have slept: then the answer says that more has to be read.
        if reading.is_whole && !near.is_far_due(reading.ended) {
            let (events, date) = (reading.events, reading.ended);
            line.inner.store.mirror.write(|tx| state::set(tx, name::POLLED_AT, reading.began))?;
            line.inner.set_near(Some(Near { id: reading.near.unwrap_or(near.id), ..near }));
            return Ok(Ok(Polled { events, date, complete_to: None, is_whole: true }));
        }
    }
    let reading = match position {
        Position::Anchor { id, .. } => forward(line, id, Moves::Anchor).await?,
        Position::Since(second) => backward(line, second, None).await?,
    };
    // Stripe's clock may not have been known before: then the first answer tells how long nobody looked.
    if is_hole(reading.ended) {
        return Ok(Err(Gap::Hole));
    }
    let (date, is_whole) = (reading.ended, reading.is_whole);
    events += reading.events;
    if !is_whole {
        return Ok(Ok(Polled { events, date, complete_to: None, is_whole }));
    }
    line.inner.store.mirror.write(|tx| settle(tx, &reading))?;
    let (far_at, pages) = (reading.began, reading.pages);
    let near = reading.near.filter(|_| reading.behind > PAGE);
    line.inner.set_near(near.map(|id| Near { id, far_at, pages }));
    Ok(Ok(Polled { events, date, complete_to: Some(far_at), is_whole }))
}

/// Reads from the near mark, unless a far read is due anyway. Nothing where Stripe does not know the mark any more.
async fn read_near(line: &Line, near: &Near) -> Result<Option<Reading>, MirrorError> {
    if line.inner.date_now().is_none_or(|date| near.is_far_due(date)) {
        return Ok(None);
    }
    match forward(line, near.id.clone(), Moves::Nothing).await {
        Err(MirrorError::Stripe(Error::InvalidRequest(_) | Error::NotFound(_))) => Ok(None),
        reading => reading.map(Some),
    }
}

/// After a far read that reached the end: notes it, and moves the position where it would age.
fn settle(connection: &Connection, reading: &Reading) -> Result<(), MirrorError> {
    let date = reading.began;
    state::set(connection, name::POLLED_AT, date)?;
    match position(connection)? {
        // A quiet shop: the newest event grows old although every poll saw everything.
        Some(Position::Anchor { created, .. }) if created < date - ANCHOR_LIMIT_S => {
            set_since(connection, date - OVERLAP_S)
        }
        // Only what the list itself showed: what was delivered need not be on it.
        Some(Position::Since(since)) => match &reading.settled {
            Some((id, created)) => set_anchor(connection, id, *created),
            None => set_since(connection, since.max(date - ANCHOR_LIMIT_S)),
        },
        _ => Ok(()),
    }
}

/// Notes how far the copy is complete. A second less than was known comes of clocks that count whole seconds.
pub(crate) fn complete(connection: &Connection, to: i64) -> Result<(), MirrorError> {
    let known: Option<i64> = state::get(connection, name::COMPLETE_TO)?;
    if known.is_some_and(|known| (0..=A_MOMENT_S).contains(&(known - to))) {
        return Ok(());
    }
    state::set(connection, name::COMPLETE_TO, to)
}

/// Where an anchor is unknown because it is older than Stripe keeps events, and not because it is another account's: what is
/// known to be complete is younger, and polls go on from there as if the anchor had been. Answers whether they do.
pub(crate) fn outlive_anchor(connection: &Connection, date: i64) -> Result<bool, MirrorError> {
    let Some(Position::Anchor { created, .. }) = position(connection)? else { return Ok(false) };
    let complete_to: Option<i64> = state::get(connection, name::COMPLETE_TO)?;
    let Some(to) = complete_to.filter(|to| created < date - SHOWN_S && date - to < KEPT_S) else {
        return Ok(false);
    };
    set_since(connection, to - OVERLAP_S)?;
    Ok(true)
}

/// Reads events from a second on again, for those that surfaced later than a far read waits. What surfaced between the last
/// sweep and where far reads have passed is a difference: it was told, and not heard.
pub(crate) async fn sweep(line: &Line, from: i64, swept: i64, complete_to: i64) -> Result<u64, MirrorError> {
    let passed = (swept, complete_to.saturating_sub(OVERLAP_S));
    Ok(backward(line, from, Some(passed)).await?.events)
}

/// How long news took to arrive.
#[derive(Default)]
pub(crate) struct Delays {
    events: u64,
    sum_s: i64,
    max_s: i64,
}

impl Delays {
    pub(crate) fn add(&mut self, delay_s: i64) {
        self.events += 1;
        self.sum_s = self.sum_s.saturating_add(delay_s.max(0));
        self.max_s = self.max_s.max(delay_s);
    }

    /// Adds them to the minute they arrived in.
    pub(crate) fn note(&self, connection: &Connection, at: i64) -> Result<(), MirrorError> {
        if self.events == 0 {
            return Ok(());
        }
        let sql = "INSERT INTO delay (minute, events, sum_s, max_s) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (minute) DO UPDATE
                   SET events = events + ?2, sum_s = sum_s + ?3, max_s = max(max_s, ?4)";
        let events = i64::try_from(self.events).unwrap_or(i64::MAX);
        connection.prepare_cached(sql)?.execute((at.div_euclid(60), events, self.sum_s, self.max_s))?;
        Ok(())
    }
}

/// Applies an event that was not applied before; answers whether it was news. It was read by the second `until`: no state it
/// tells of is newer than that, whatever time it names.
pub(crate) fn apply_event(
    applier: &mut Applier<'_>,
    batch: &Batch,
    row: &Row,
    until: i64,
) -> Result<bool, MirrorError> {
    if !applier.see_event(batch, row)? {
        return Ok(false);
    }
    let Some(news) = row.news.and_then(|index| batch.news.get(index)) else { return Ok(true) };
    let kind_of_event = batch.column(row, "type").unwrap_or_default();
    let id = batch.id(news);
    let stamp = Stamp::event(row.created.min(until), kind_of_event.ends_with(".created"));
    if is_deletion(kind_of_event, news.kind) {
        applier.bury(news.kind, id, stamp)?;
    } else if is_foreign(batch.column(row, "api_version")) && news.kind.single_path().is_some() {
        applier.explain(news.kind, id)?;
        applier.mark_dirty(news.kind, id, news.created, "version")?;
    } else {
        applier.put(batch, news, stamp)?;
    }
    Ok(true)
}

/// A subscription that ended stays an object at Stripe, although its event says deleted.
fn is_deletion(event: &str, kind: KindId) -> bool {
    event.ends_with(".deleted") && kind != kinds::SUBSCRIPTION
}

/// Whether an object was rendered in a version whose fields may mean something else: only releases of one name (the word
/// behind the date) promise not to break.
fn is_foreign(version: Option<&str>) -> bool {
    let name = |version: &str| version.split_once('.').map(|(_, name)| name.to_owned());
    match version {
        None => false,
        Some(version) => {
            version != API_VERSION && (name(version).is_none() || name(version) != name(API_VERSION))
        }
    }
}

/// Inserts an event as applied, or marks it so; touches nothing where it was applied before.
fn see_sql() -> &'static str {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        let insert = &sql::of(kinds::EVENT).insert;
        insert.replacen(", raw,", ", applied, raw,", 1).replacen(", ?6,", ", 1, ?6,", 1).replacen(
            "ON CONFLICT (id) DO NOTHING",
            "ON CONFLICT (id) DO UPDATE SET applied = 1 WHERE applied = 0",
            1,
        )
    });
    &SQL
}

impl Applier<'_> {
    /// Writes an event down; answers whether it was not applied before.
    fn see_event(&mut self, batch: &Batch, row: &Row) -> Result<bool, MirrorError> {
        let mut see = self.connection().prepare_cached(see_sql())?;
        crate::apply::bind(&mut see, batch, row, Stamp::event(row.created, true))?;
        Ok(see.raw_execute()? == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_matter() {
        assert!(!is_foreign(Some(API_VERSION)));
        assert!(!is_foreign(Some("2026-09-30.endive")), "releases of one name do not break");
        assert!(!is_foreign(None));
        for version in ["2023-08-16", "2025-03-31.basil", "2027-01-01.fennel", ""] {
            assert!(is_foreign(Some(version)), "{version}");
        }
    }

    #[test]
    fn what_deletes() {
        assert!(is_deletion("customer.deleted", kinds::CUSTOMER));
        assert!(!is_deletion("customer.subscription.deleted", kinds::SUBSCRIPTION));
        assert!(!is_deletion("customer.updated", kinds::CUSTOMER));
    }
}
