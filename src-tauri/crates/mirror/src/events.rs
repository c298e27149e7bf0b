//! Stripe's event list, applied exactly once.
//!
//! A poll reads every event newer than an anchor, oldest page first. The anchor is at least ten minutes old, so an event
//! that surfaces late behind one already read is still read; a table of seen events keeps it from being applied twice. A
//! page's events, what they change and the anchor commit together.

use std::sync::LazyLock;

use rusqlite::{Connection, OptionalExtension};
use tillbook_stripe::{API_VERSION, Error, Form};
use tokio::sync::mpsc;

use crate::apply::Applier;
use crate::batch::Glance;
use crate::batch::{Batch, Row};
use crate::kind::KindId;
use crate::kinds;
use crate::line::{Answer, Line, Page};
use crate::stamp::Stamp;
use crate::state::{self, name};
use crate::{MirrorError, sql};

/// How long an event may surface late and still be read by the next poll.
const OVERLAP_S: i64 = 600;
/// Stripe keeps events for 30 days; an hour is left for clocks and slow requests.
const KEPT_S: i64 = 30 * 86_400 - 3600;
/// Pages that wait between fetching, taking apart and applying: what keeps memory independent of the gap.
const AHEAD: usize = 3;
/// Pages in one transaction.
const TOGETHER: usize = 8;
/// An anchor this old would soon age out although nothing is missed.
const ANCHOR_LIMIT_S: i64 = 25 * 86_400;

/// What a poll found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Polled {
    /// Events that were news.
    pub(crate) events: u64,
    /// Everything up to this second is here.
    pub(crate) complete_to: i64,
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
/// empty event list is a position too.
pub(crate) async fn hand_over(line: &Line) -> Result<(), MirrorError> {
    let date = line.inner.last_date().unwrap_or_else(|| line.inner.clock.now_ms().div_euclid(1000));
    let settled = date - OVERLAP_S;
    let form = Form::new().with("limit", 1).with("created", serde_json::json!({ "lte": settled }));
    let page = line.page(kinds::EVENT, "/v1/events", &form, false).await?;
    let newest =
        page.batch.rows.first().filter(|row| row.created <= settled && row.created > date - ANCHOR_LIMIT_S);
    line.inner.store.mirror.write(|tx| {
        match newest {
            Some(row) => set_anchor(tx, page.batch.id(row), row.created)?,
            None => set_since(tx, settled)?,
        }
        state::set(tx, name::POLLED_AT, date)
    })
}

/// Reads and applies everything that is new.
pub(crate) async fn poll(line: &Line) -> Result<Result<Polled, Gap>, MirrorError> {
    let Some(position) = line.inner.store.mirror.read(position)? else {
        return Ok(Err(Gap::Hole));
    };
    let polled_at: Option<i64> = line.inner.store.mirror.read(|c| state::get(c, name::POLLED_AT))?;
    if let (Some(date), Some(polled_at)) = (line.inner.last_date(), polled_at)
        && date - polled_at > KEPT_S
    {
        return Ok(Err(Gap::Hole));
    }
    let polled = match position {
        Position::Anchor { id, .. } => forward(line, id).await,
        Position::Since(second) => backward(line, second).await,
    };
    match polled {
        Err(MirrorError::Stripe(Error::InvalidRequest(_) | Error::NotFound(_))) => Ok(Err(Gap::AgedOut)),
        Err(error) => Err(error),
        // Stripe's clock may not have been known before: then the first answer tells how long nobody looked.
        Ok(polled) if polled_at.is_some_and(|polled_at| polled.complete_to - polled_at > KEPT_S) => {
            Ok(Err(Gap::Hole))
        }
        Ok(polled) => {
            line.inner.store.mirror.write(|tx| settle(tx, polled.complete_to))?;
            Ok(Ok(polled))
        }
    }
}

/// After a poll that reached the end: notes it, and moves the position where it would age.
fn settle(connection: &Connection, date: i64) -> Result<(), MirrorError> {
    state::set(connection, name::POLLED_AT, date)?;
    match position(connection)? {
        // A quiet shop: the newest event grows old although every poll saw everything.
        Some(Position::Anchor { created, .. }) if created < date - ANCHOR_LIMIT_S => {
            set_since(connection, date - OVERLAP_S)
        }
        Some(Position::Since(since)) => {
            let sql = "SELECT id, created FROM event WHERE created <= ?1 AND created >= ?2 ORDER BY created DESC LIMIT 1";
            let newest: Option<(String, i64)> = connection
                .prepare_cached(sql)?
                .query_row([date - OVERLAP_S, since], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            match newest {
                Some((id, created)) => set_anchor(connection, &id, created),
                None => set_since(connection, since.max(date - ANCHOR_LIMIT_S)),
            }
        }
        _ => Ok(()),
    }
}

/// Oldest page first, each behind the newest event of the one before. Three things go on at once: a page is fetched, the
/// one before it is taken apart, and those before that are applied.
async fn forward(line: &Line, anchor: String) -> Result<Polled, MirrorError> {
    let (fetched, mut to_pack) = mpsc::channel(AHEAD);
    let (packed, mut to_apply) = mpsc::channel(AHEAD);
    let fetch = async move {
        let mut cursor = anchor;
        loop {
            let (answer, seen) = behind(line, &cursor).await?;
            // A page that begins with its own cursor would be asked for for ever.
            let next = seen.first.filter(|first| seen.end.has_more && *first != cursor);
            // Whoever waits for it has failed and says why.
            if fetched.send(answer).await.is_err() {
                return Ok(());
            }
            match next {
                Some(next) => cursor = next,
                None => return Ok::<(), MirrorError>(()),
            }
        }
    };
    let pack = async move {
        while let Some(answer) = to_pack.recv().await {
            let page = line.pack(kinds::EVENT, "/v1/events", answer, true).await?;
            if packed.send(page).await.is_err() {
                return Ok(());
            }
        }
        Ok::<(), MirrorError>(())
    };
    let apply = async move {
        let mut polled = Polled::default();
        while let Some(page) = to_apply.recv().await {
            let mut pages = vec![page];
            while pages.len() < TOGETHER
                && let Ok(page) = to_apply.try_recv()
            {
                pages.push(page);
            }
            polled.complete_to = pages.last().map_or(polled.complete_to, |page| page.from);
            polled.events += apply(line, pages, Moves::Anchor).await?;
        }
        Ok::<Polled, MirrorError>(polled)
    };
    let (fetched, packed, applied) = tokio::join!(fetch, pack, apply);
    // What was fetched before something failed is applied and stays.
    fetched?;
    packed?;
    applied
}

async fn behind(line: &Line, id: &str) -> Result<(Answer, Glance), MirrorError> {
    let form = Form::new().with("limit", 100).with("ending_before", id);
    line.glance("/v1/events", &form).await
}

/// Newest page first, from a second on, where there is no event to stand on. The position stays until the end.
async fn backward(line: &Line, since: i64) -> Result<Polled, MirrorError> {
    let mut polled = Polled::default();
    let mut cursor: Option<String> = None;
    loop {
        let mut form = Form::new().with("limit", 100).with("created", serde_json::json!({ "gte": since }));
        if let Some(cursor) = &cursor {
            form.push("starting_after", cursor.as_str());
        }
        let page = line.page(kinds::EVENT, "/v1/events", &form, true).await?;
        if cursor.is_none() {
            polled.complete_to = page.from;
        }
        let last = page.batch.rows.last().map(|row| page.batch.id(row).to_owned());
        let goes_on = page.end.has_more && last.is_some() && last != cursor;
        cursor = last;
        polled.events += apply(line, vec![page], Moves::Nothing).await?;
        if !goes_on {
            return Ok(polled);
        }
    }
}

/// Reads a day of events again, for those that surfaced later than a poll waits.
pub(crate) async fn sweep(line: &Line, from: i64) -> Result<u64, MirrorError> {
    Ok(backward(line, from).await?.events)
}

/// Whether a page moves the anchor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moves {
    Anchor,
    Nothing,
}

async fn apply(line: &Line, pages: Vec<Page>, moves: Moves) -> Result<u64, MirrorError> {
    let inner = std::sync::Arc::clone(&line.inner);
    let applied = tokio::task::spawn_blocking(move || {
        inner.store.mirror.write(|tx| {
            let mut applier = Applier::new(tx);
            applier.follow = true;
            let mut delays = Delays::default();
            for page in &pages {
                for row in page.batch.rows.iter().rev() {
                    if apply_event(&mut applier, &page.batch, row)? {
                        delays.add(page.until - row.created);
                    }
                }
                for rejected in &page.batch.rejected {
                    applier.reject(rejected, page.until)?;
                }
                let settled = page.batch.rows.iter().find(|row| row.created <= page.from - OVERLAP_S);
                if moves == Moves::Anchor
                    && let Some(row) = settled
                {
                    set_anchor(tx, page.batch.id(row), row.created)?;
                }
            }
            applier.finish()?;
            delays.note(tx, pages.last().map_or(0, |page| page.until))?;
            Ok::<u64, MirrorError>(delays.events)
        })
    });
    applied.await.map_err(|error| MirrorError::Broken(error.to_string()))?
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

/// Applies an event that was not applied before; answers whether it was news.
pub(crate) fn apply_event(applier: &mut Applier<'_>, batch: &Batch, row: &Row) -> Result<bool, MirrorError> {
    if !applier.see_event(batch, row)? {
        return Ok(false);
    }
    let Some(news) = row.news.and_then(|index| batch.news.get(index)) else { return Ok(true) };
    let kind_of_event = batch.column(row, "type").unwrap_or_default();
    let id = batch.id(news);
    let stamp = Stamp::event(row.created, kind_of_event.ends_with(".created"));
    if is_deletion(kind_of_event, news.kind) {
        applier.bury(news.kind, id, stamp)?;
    } else if is_foreign(batch.column(row, "api_version")) && news.kind.single_path().is_some() {
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
