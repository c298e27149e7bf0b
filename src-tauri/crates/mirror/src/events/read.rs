//! Readings of the event list: forward from an event, backward to a second.

use std::collections::VecDeque;
use std::sync::Arc;

use tillbook_stripe::Form;
use tokio::sync::mpsc;

use super::near::Tail;
use super::{Delays, OVERLAP_S, apply_event, set_anchor};
use crate::MirrorError;
use crate::apply::Applier;
use crate::batch::{Glance, Row};
use crate::kinds;
use crate::line::{Answer, Line, Page};
use crate::state::{self, name};

/// Pages that wait between fetching, taking apart and applying: what keeps memory independent of the gap.
const AHEAD: usize = 3;
/// Pages in one transaction.
const TOGETHER: usize = 8;
/// How often a page that leads back to one that was read is asked for again.
const REPEATS: u32 = 4;
/// Cursors that are remembered: circles are short where they happen.
const REMEMBERED: usize = 64;
/// A list longer than this many pages has no end.
const PAGES_LIMIT: u64 = 200_000;
const PATH: &str = "/v1/events";

/// What was read.
#[derive(Default)]
pub(super) struct Reading {
    /// Events that were news.
    pub(super) events: u64,
    /// When its first page was asked for: what the list showed by then, from where it was read, is here.
    pub(super) began: i64,
    /// When its last page was answered.
    pub(super) ended: i64,
    pub(super) pages: u64,
    /// Events newer than the newest one that was ten minutes old when it began.
    pub(super) behind: usize,
    /// The newest one that was ten minutes old.
    pub(super) settled: Option<(String, i64)>,
    /// The event with half a page of events behind it.
    pub(super) near: Option<String>,
    /// Whether it went to the end. A list that leads back into itself has none.
    pub(super) is_whole: bool,
}

/// Whether a reading moves the far anchor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Moves {
    Anchor,
    Nothing,
}

/// Oldest page first, each behind the newest event of the one before. Three things go on at once: a page is fetched, the
/// one before it is taken apart, and those before that are applied.
pub(super) async fn forward(line: &Line, from: String, moves: Moves) -> Result<Reading, MirrorError> {
    let (fetched, mut to_pack) = mpsc::channel(AHEAD);
    let (packed, mut to_apply) = mpsc::channel(AHEAD);
    let fetch = async move {
        let mut way = Way::default();
        let mut cursor = from;
        loop {
            let (answer, seen) = behind(line, &cursor, &way).await?;
            // Whoever waits for it has failed and says why.
            if fetched.send(answer).await.is_err() {
                return Ok(true);
            }
            match seen.first {
                _ if !seen.end.has_more => return Ok::<bool, MirrorError>(true),
                Some(next) if !way.leads_back(&cursor, &next) => way.go(&mut cursor, next),
                // There is more, and no way to it.
                _ => return Ok(false),
            }
        }
    };
    let pack = async move {
        while let Some(answer) = to_pack.recv().await {
            let page = line.pack(kinds::EVENT, PATH, answer, true).await?;
            if packed.send(page).await.is_err() {
                return Ok(());
            }
        }
        Ok::<(), MirrorError>(())
    };
    let apply = async move {
        let mut reading = Reading::default();
        let mut tail = Tail::default();
        while let Some(page) = to_apply.recv().await {
            let mut pages = vec![page];
            while pages.len() < TOGETHER
                && let Ok(page) = to_apply.try_recv()
            {
                pages.push(page);
            }
            for page in &pages {
                reading.note_newer(page);
                tail.add(page.batch.rows.iter().map(|row| page.batch.id(row)));
            }
            let settled = (moves == Moves::Anchor).then_some(reading.began - OVERLAP_S);
            reading.events += apply(line, pages, settled, None).await?;
        }
        reading.near = tail.mark();
        Ok::<Reading, MirrorError>(reading)
    };
    let (fetched, packed, applied) = tokio::join!(fetch, pack, apply);
    // What was fetched before something failed is applied and stays.
    let is_whole = fetched?;
    packed?;
    let mut reading = applied?;
    reading.is_whole = is_whole;
    Ok(reading)
}

impl Reading {
    fn note(&mut self, page: &Page) {
        if self.pages == 0 {
            self.began = page.from;
        }
        self.pages += 1;
        self.ended = page.until;
    }

    /// A page that is newer than those before. What counts as old is measured from the beginning: an event that surfaced
    /// behind a page while later ones were read is younger than that.
    fn note_newer(&mut self, page: &Page) {
        self.note(page);
        let rows = &page.batch.rows;
        match rows.iter().position(|row| row.created <= self.began - OVERLAP_S) {
            Some(newer) => self.behind = newer,
            None => self.behind += rows.len(),
        }
    }

    /// A page that is older than those before.
    fn note_older(&mut self, page: &Page) {
        self.note(page);
        if self.settled.is_some() {
            return;
        }
        for row in &page.batch.rows {
            if row.created <= self.began - OVERLAP_S {
                self.settled = Some((page.batch.id(row).to_owned(), row.created));
                return;
            }
            self.behind += 1;
        }
    }
}

/// The cursors a reading has used.
#[derive(Default)]
struct Way {
    used: VecDeque<String>,
    pages: u64,
}

impl Way {
    /// Whether the next page would be one that was read already, or there is no end to them.
    fn leads_back(&self, cursor: &str, next: &str) -> bool {
        cursor == next || self.used.iter().any(|used| used == next) || self.pages >= PAGES_LIMIT
    }

    fn go(&mut self, cursor: &mut String, next: String) {
        self.pages += 1;
        if self.used.len() >= REMEMBERED {
            self.used.pop_front();
        }
        self.used.push_back(std::mem::replace(cursor, next));
    }
}

/// The page behind an event. One that would lead back is asked for again: it may have been a wrong answer once.
async fn behind(line: &Line, id: &str, way: &Way) -> Result<(Answer, Glance), MirrorError> {
    let form = Form::new().with("limit", 100).with("ending_before", id);
    let mut tries = 0;
    loop {
        let (answer, seen) = line.glance(PATH, &form).await?;
        let is_back = seen.end.has_more && seen.first.as_ref().is_some_and(|first| way.leads_back(id, first));
        if !is_back || tries >= REPEATS {
            return Ok((answer, seen));
        }
        tries += 1;
        line.pause(tries).await;
    }
}

/// Newest page first, from a second on, where there is no event to stand on. The position stays until the end. News between
/// the seconds of `passed` is a difference.
pub(super) async fn backward(
    line: &Line,
    since: i64,
    passed: Option<(i64, i64)>,
) -> Result<Reading, MirrorError> {
    let mut reading = Reading::default();
    let mut way = Way::default();
    let mut cursor = String::new();
    loop {
        let mut form = Form::new().with("limit", 100).with("created", serde_json::json!({ "gte": since }));
        if !cursor.is_empty() {
            form.push("starting_after", cursor.as_str());
        }
        let page = line.page(kinds::EVENT, PATH, &form, true).await?;
        reading.note_older(&page);
        if reading.pages == 1 {
            let mut tail = Tail::default();
            tail.add(page.batch.rows.iter().map(|row| page.batch.id(row)));
            reading.near = tail.mark();
        }
        let next = page.batch.rows.last().map(|row| page.batch.id(row).to_owned());
        let has_more = page.end.has_more;
        reading.events += apply(line, vec![page], None, passed).await?;
        match next {
            _ if !has_more => {
                reading.is_whole = true;
                return Ok(reading);
            }
            Some(next) if !way.leads_back(&cursor, &next) => way.go(&mut cursor, next),
            _ => return Ok(reading),
        }
    }
}

/// Applies pages, the oldest first, and moves the far anchor to the newest event that is as old as `settled` says.
async fn apply(
    line: &Line,
    pages: Vec<Page>,
    settled: Option<i64>,
    passed: Option<(i64, i64)>,
) -> Result<u64, MirrorError> {
    let inner = Arc::clone(&line.inner);
    let is_passed = move |row: &Row| passed.is_some_and(|(from, to)| (from..=to).contains(&row.created));
    let applied = tokio::task::spawn_blocking(move || {
        inner.store.mirror.write(|tx| {
            let mut applier = Applier::new(tx);
            applier.follow = true;
            let mut delays = Delays::default();
            let mut news = 0;
            // What was there before the copy was never awaited, nor what happened while it was made.
            let is_awaited = state::get::<i64>(tx, name::COMPLETE_TO)?.is_some();
            for page in &pages {
                for row in page.batch.rows.iter().rev() {
                    if !apply_event(&mut applier, &page.batch, row, page.until)? {
                        continue;
                    }
                    if is_passed(row) {
                        applier.tell_skipped(&page.batch, row);
                    }
                    // What a sweep brings in of before the first poll was never awaited.
                    if is_awaited && passed.is_none_or(|(since, _)| row.created >= since) {
                        delays.add(page.until - row.created);
                    }
                    news += 1;
                }
                for rejected in &page.batch.rejected {
                    applier.reject(rejected, page.until)?;
                }
                let anchor =
                    settled.and_then(|second| page.batch.rows.iter().find(|row| row.created <= second));
                if let Some(row) = anchor {
                    set_anchor(tx, page.batch.id(row), row.created)?;
                }
            }
            let until = pages.last().map_or(0, |page| page.until);
            applier.tell(until)?;
            applier.finish()?;
            delays.note(tx, until)?;
            Ok::<u64, MirrorError>(news)
        })
    });
    applied.await.map_err(|error| MirrorError::Broken(error.to_string()))?
}
