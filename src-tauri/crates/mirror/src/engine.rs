//! Reads ranges of lists side by side and hands their pages to one writer. A page and the position of its range commit
//! together, so a kill at any moment costs at most the pages that were under way.

use std::sync::Arc;

use tillbook_stripe::{Error, Form};
use tokio::task::JoinSet;

use crate::estimate::Damped;
use crate::kind::{KindId, Listing};
use crate::line::{Line, Page};
use crate::options::{Phase, Progress, Trouble};
use crate::range::{BEGIN, Doing, END, RECENT, Range, Step};
use crate::stamp::Stamp;
use crate::writer::Writer;
use crate::{Inner, MirrorError, estimate, kinds, state};

/// Pages under way at once when nothing holds the line back: enough to keep one writer busy.
const AT_ONCE_FREE: usize = 3;
/// The same under a pace: the network's delay times the rate, with room.
const AT_ONCE_PACED: usize = 40;
/// Of one list, so that others are not starved.
const AT_ONCE_OF_A_KIND: usize = 10;
/// How often a range is tried again after a failure that may pass.
const TRIES: u32 = 6;
const DAY: i64 = 86_400;
/// How often the years of a list are halved to find where it begins: six times is a month of five years.
const HALVINGS: u8 = 6;

/// What a run of the engine is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    /// Whole lists; ranges are written down, so that a pass can be resumed.
    Backfill,
    /// Some ranges again, to see what the news could not say.
    Again,
}

/// One run.
pub(crate) struct Engine<'p> {
    line: Line,
    writer: Writer,
    aim: Aim,
    ranges: Vec<Range>,
    floor: i64,
    date: i64,
    month_ago: i64,
    left: Damped,
    began: tokio::time::Instant,
    progress: &'p (dyn Fn(Progress) + Send + Sync),
    pub(crate) objects: u64,
    pub(crate) troubles: Vec<Trouble>,
    /// Whether everything that was read is committed.
    is_written: bool,
    /// Pages that may still be asked for, where a budget says so.
    pub(crate) allowance: Option<u64>,
    /// A list failed, and no page has come since.
    is_failing: bool,
}

type Fetched = (usize, Result<Page, MirrorError>);

impl<'p> Engine<'p> {
    pub(crate) fn new(
        line: &Line,
        aim: Aim,
        floor: i64,
        date: i64,
        progress: &'p (dyn Fn(Progress) + Send + Sync),
    ) -> Engine<'p> {
        Engine {
            line: line.clone(),
            writer: Writer::start(&line.inner),
            aim,
            ranges: Vec::new(),
            floor,
            date,
            month_ago: date - 30 * DAY,
            left: Damped::default(),
            began: tokio::time::Instant::now(),
            progress,
            objects: 0,
            troubles: Vec::new(),
            is_written: false,
            allowance: None,
            is_failing: false,
        }
    }

    /// Adds a range to be read.
    pub(crate) fn add(&mut self, range: Range) {
        self.ranges.push(range);
    }

    /// Reads every range to its end. Lists that cannot be read are told in `troubles`; what concerns the whole line (the
    /// key, the network) ends the run.
    pub(crate) async fn run(&mut self) -> Result<(), MirrorError> {
        self.trust_what_is_read()?;
        let mut under_way: JoinSet<Fetched> = JoinSet::new();
        let at_once = if self.line.is_paced { AT_ONCE_PACED } else { AT_ONCE_FREE };
        let outcome = loop {
            while under_way.len() < at_once
                && self.allowance != Some(0)
                && let Some(index) = self.choose()
            {
                self.ranges[index].doing = Doing::Reading;
                self.allowance = self.allowance.map(|left| left - 1);
                let (line, range) = (self.line.clone(), self.ranges[index].clone());
                under_way.spawn(async move { (index, fetch(&line, &range).await) });
            }
            let Some(joined) = under_way.join_next().await else { break Ok(()) };
            let (index, fetched) = match joined {
                Ok(fetched) => fetched,
                Err(error) => break Err(MirrorError::Broken(error.to_string())),
            };
            let outcome = match fetched {
                Ok(page) => self.took(index, page).await,
                Err(error) => self.failed(index, error).await,
            };
            if let Err(error) = outcome {
                break Err(error);
            }
        };
        under_way.shutdown().await;
        // What was handed to the writer is committed in any case.
        let written = self.writer.finish().await;
        self.is_written = written.is_ok();
        outcome.and(written)
    }

    /// A state that is stamped later than now would keep out what is read from here on. Where whole lists are read again
    /// nothing may: a clock was wrong once.
    fn trust_what_is_read(&self) -> Result<(), MirrorError> {
        if self.aim != Aim::Backfill || self.date <= 0 {
            return Ok(());
        }
        let mut again: Vec<KindId> = self.ranges.iter().filter(|r| r.audit).map(|r| r.kind).collect();
        again.extend(again.clone().iter().filter_map(|kind| kind.nested().map(|(_, inside)| inside)));
        again.sort_unstable();
        again.dedup();
        self.line.inner.store.mirror.write(|tx| {
            for kind in &again {
                let table = kind.kind().table;
                // Just before, so that what turns out not to be on its list is asked for.
                let sql = format!("UPDATE {table} SET as_of = ?1 - 1, until = ?1 - 1 WHERE as_of > ?1");
                tx.execute(&sql, [self.date])?;
            }
            Ok(())
        })
    }

    /// The next range to read a page of; cuts one where all that are left are being read.
    fn choose(&mut self) -> Option<usize> {
        let waiting = (0..self.ranges.len())
            .filter(|index| self.ranges[*index].doing == Doing::Waiting)
            .map(|index| (self.reading(self.ranges[index].kind), index))
            .filter(|(busy, _)| *busy < AT_ONCE_OF_A_KIND)
            .min_by_key(|(busy, index)| (self.ranges[*index].rank(self.month_ago), *busy, *index))
            .map(|(_, index)| index);
        if waiting.is_some_and(|index| self.ranges[index].rank(self.month_ago) <= RECENT) {
            return waiting;
        }
        // What is recent is cut finer before what is older gets a place that it leaves free.
        self.cut_longest(RECENT).or(waiting).or_else(|| self.cut_longest(u8::MAX))
    }

    /// Pages of a list that are under way.
    fn reading(&self, kind: KindId) -> usize {
        self.ranges.iter().filter(|range| range.kind == kind && range.doing == Doing::Reading).count()
    }

    /// Cuts the longest range that is being read, of those up to a rank.
    fn cut_longest(&mut self, rank: u8) -> Option<usize> {
        let index = (0..self.ranges.len())
            .filter(|index| self.ranges[*index].doing == Doing::Reading)
            .filter(|index| self.ranges[*index].rank(self.month_ago) <= rank)
            .filter(|index| self.reading(self.ranges[*index].kind) < AT_ONCE_OF_A_KIND)
            .max_by_key(|index| self.ranges[*index].left(self.floor_of(*index)))?;
        self.cut(index, None)
    }

    /// The second before which a range has nothing to be looked for. A Stripe that shows older events than it says is
    /// believed.
    fn floor_of(&self, index: usize) -> i64 {
        let range = &self.ranges[index];
        let floor = estimate::floor_of(range.kind, self.floor, self.date);
        let is_older = range.cursor.as_ref().is_some_and(|(_, at)| *at < floor);
        if is_older { self.floor } else { floor }
    }

    /// Cuts a range; answers where the older part is.
    fn cut(&mut self, index: usize, at: Option<i64>) -> Option<usize> {
        let floor = self.floor_of(index);
        let older = self.ranges[index].cut(floor, at)?;
        self.ranges.push(older);
        let new = self.ranges.len() - 1;
        if self.aim != Aim::Again {
            let (number, middle) = (self.ranges[index].number, self.ranges[index].lo);
            let assigned = self.line.inner.store.mirror.write(|tx| {
                tx.execute("UPDATE backfill_range SET lo = ?2 WHERE number = ?1", (number, middle))?;
                insert_range(tx, &self.ranges[new])
            });
            match assigned {
                Ok(number) => self.ranges[new].number = Some(number),
                // The cut was not written, so it did not happen.
                Err(_) => {
                    let older = self.ranges.pop()?;
                    self.ranges[index].lo = older.lo;
                    return None;
                }
            }
        }
        Some(new)
    }

    async fn took(&mut self, index: usize, page: Page) -> Result<(), MirrorError> {
        self.is_failing = false;
        let Page { batch, end, from, until } = page;
        let last = batch.rows.last().map(|row| (batch.id(row).to_owned(), row.created));
        // What a range that was cut meanwhile has too much of is read, and counted, by the other half.
        let low = if self.ranges[index].kind.kind().listing == Listing::Ranged {
            self.ranges[index].lo
        } else {
            BEGIN
        };
        let objects = batch.rows.iter().filter(|row| row.created >= low).count();
        let was_first = self.ranges[index].cursor.is_none() && self.ranges[index].objects == 0;
        let range = &mut self.ranges[index];
        let step = range.advance(objects, last, end.has_more);
        range.doing = match (&step, range.doing) {
            (Step::Done, _) | (_, Doing::Done) => Doing::Done,
            // Another page of the list was refused while this one was under way.
            (_, Doing::Blocked) => Doing::Blocked,
            _ => Doing::Waiting,
        };
        let (kind, position) = (range.kind, range.clone());
        let goes_in_circles = step == Step::Repeats;
        self.objects += objects as u64;
        self.writer
            .send(Box::new(move |applier| {
                applier.audits = position.audit;
                applier.put_batch(&batch, Stamp::read(from, until))?;
                save_range(applier.connection(), &position)?;
                if goes_in_circles {
                    let (code, text) = REPEATS;
                    state::trouble(applier.connection(), position.kind.kind().list, code, text, until)?;
                }
                Ok(())
            }))
            .await?;
        if goes_in_circles {
            let trouble = Trouble::of(kind.kind().list, REPEATS);
            if !self.troubles.contains(&trouble) {
                self.troubles.push(trouble);
            }
        }
        if was_first && kind != kinds::EVENT && self.ranges[index].doing == Doing::Waiting {
            // The last month first, the years before it side by side with the rest.
            self.cut(index, Some(self.month_ago));
        }
        if was_first {
            self.look_further_back(index);
        }
        self.tell(kind);
        Ok(())
    }

    /// How far back a list goes is found as a word is in a dictionary: a page of the older half of its years is read
    /// early, and where that is empty, one of the older half of what remains. A shop that began long after its account is
    /// foretold by what it has, and nobody waits for years without records.
    fn look_further_back(&mut self, index: usize) {
        let range = &self.ranges[index];
        let (kind, halvings) = (range.kind, range.halvings);
        let is_years = range.hi == self.month_ago && range.doing == Doing::Waiting;
        let is_empty = halvings > 0 && range.doing == Doing::Done && range.objects == 0;
        let newer = match (is_years, is_empty) {
            (true, _) => Some(index),
            (_, true) => self.ranges.iter().position(|newer| {
                newer.kind == kind
                    && newer.lo == range.hi
                    && !matches!(newer.doing, Doing::Done | Doing::Blocked)
            }),
            _ => None,
        };
        if self.aim == Aim::Backfill
            && halvings < HALVINGS
            && let Some(newer) = newer
            && let Some(older) = self.cut(newer, None)
        {
            self.ranges[older].halvings = halvings + 1;
        }
    }

    fn tell(&mut self, kind: KindId) {
        let left = KindId::all().map(|kind| self.left_of(kind)).fold(0, i64::saturating_add);
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let per_s = self.objects.saturating_mul(1000) / ms;
        let left = self.left.follow(u64::try_from(left).unwrap_or(0));
        (self.progress)(Progress {
            phase: if self.aim == Aim::Again { Phase::Again } else { Phase::Backfill },
            resource: kind.kind().list.to_owned(),
            objects: self.objects,
            estimate: self.objects.saturating_add(left),
            per_s,
            left_s: left.checked_div(per_s),
        });
    }

    /// Objects of a list that may be left.
    fn left_of(&self, kind: KindId) -> i64 {
        if kind.kind().listing != Listing::Ranged {
            return 0;
        }
        let pieces = self.ranges.iter().filter(|range| range.kind == kind).map(Range::piece);
        estimate::left(pieces, estimate::floor_of(kind, self.floor, self.date), self.date)
    }

    /// Sorts failures: what may pass is tried again, what is about one list blocks that list, the rest ends the run.
    async fn failed(&mut self, index: usize, error: MirrorError) -> Result<(), MirrorError> {
        let is_about_list = matches!(error, MirrorError::Stripe(_) | MirrorError::BadAnswer { .. });
        if is_about_list && self.ranges[index].doing == Doing::Blocked {
            return Ok(());
        }
        let (code, text) = match &error {
            MirrorError::Stripe(Error::Permission(_)) => PERMISSION,
            MirrorError::Stripe(Error::NotFound(_)) => {
                ("not_offered", "Stripe does not offer this list to this account.")
            }
            MirrorError::Stripe(Error::TooLarge(_)) => {
                ("too_large", "Stripe's answer is larger than any object can be.")
            }
            MirrorError::BadAnswer { .. } | MirrorError::Stripe(Error::Malformed(_)) => {
                ("malformed", "Stripe's answer cannot be read. It is tried again every quarter of an hour.")
            }
            MirrorError::Stripe(Error::InvalidRequest(_)) => {
                if self.ranges[index].drop_cursor() {
                    self.ranges[index].doing = Doing::Waiting;
                    return Ok(());
                }
                ("refused", "Stripe refuses to list this.")
            }
            MirrorError::Stripe(
                Error::RateLimited(_)
                | Error::LockTimeout(_)
                | Error::ApiDown(_)
                | Error::Unreachable(_)
                | Error::NotSent(_)
                | Error::Conflict(_),
            ) if self.ranges[index].tries < TRIES => {
                self.ranges[index].tries += 1;
                self.line.pause(self.ranges[index].tries).await;
                self.ranges[index].doing = Doing::Waiting;
                return Ok(());
            }
            // One list that fails is that list's; two in a row without a page between them are Stripe's.
            MirrorError::Stripe(Error::ApiDown(_)) if !self.is_failing => {
                self.is_failing = true;
                FAILS
            }
            _ => return Err(error),
        };
        let kind = self.ranges[index].kind;
        // A page that cannot be read says nothing of the other ranges of its list.
        let is_one_page = matches!(code, "malformed" | "too_large");
        for (at, range) in self.ranges.iter_mut().enumerate() {
            if at == index || (!is_one_page && range.kind == kind && range.doing != Doing::Done) {
                range.doing = Doing::Blocked;
            }
        }
        let list = kind.kind().list;
        if !self.troubles.iter().any(|known| known.resource == list) {
            self.troubles.push(Trouble::of(list, (code, text)));
        }
        let at = self.line.inner.last_date().unwrap_or_default();
        self.writer
            .send(Box::new(move |applier| state::trouble(applier.connection(), list, code, text, at)))
            .await
    }

    /// How many pages are left to be read, as far as can be told.
    pub(crate) fn pages_left(&self) -> u64 {
        let open = self.ranges.iter().filter(|range| !matches!(range.doing, Doing::Done | Doing::Blocked));
        let objects = KindId::all().map(|kind| self.left_of(kind)).fold(0, i64::saturating_add);
        u64::try_from(objects).unwrap_or(0) / 100 + open.count() as u64
    }

    /// Whether every range of a kind was read to its end and is committed.
    pub(crate) fn is_done(&self, kind: KindId) -> bool {
        self.is_written
            && self.ranges.iter().filter(|range| range.kind == kind).all(|range| range.doing == Doing::Done)
    }
}

/// What stands in the way of a list that the key may not read.
pub(crate) const PERMISSION: (&str, &str) =
    ("permission", "The key may not read this. Give it the permission to read it in Stripe's dashboard.");

/// What stands in the way of a list that is answered with errors while others are not.
const FAILS: (&str, &str) =
    ("fails", "Stripe answers this list with errors of its own. It is tried again every quarter of an hour.");

const REPEATS: (&str, &str) = (
    "repeats",
    "Stripe's list repeated a page. What could be read around it was; the next full check looks again.",
);

async fn fetch(line: &Line, range: &Range) -> Result<Page, MirrorError> {
    let kind = range.kind.kind();
    let mut form = Form::new().with("limit", 100);
    if kind.listing == Listing::Ranged && (range.lo != BEGIN || range.hi != END) {
        let mut created = serde_json::Map::new();
        if range.lo != BEGIN {
            created.insert("gte".to_owned(), range.lo.into());
        }
        if range.hi != END {
            created.insert("lt".to_owned(), range.hi.into());
        }
        form.push("created", created);
    }
    if let Some((id, _)) = &range.cursor {
        form.push("starting_after", id.as_str());
    }
    for (name, value) in kind.query {
        form.push(name, *value);
    }
    line.page(range.kind, &format!("/v1/{}", kind.list), &form, false).await
}

/// Writes a new range down; answers its number.
pub(crate) fn insert_range(connection: &rusqlite::Connection, range: &Range) -> Result<i64, MirrorError> {
    let sql = "INSERT INTO backfill_range (list, lo, hi) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute((range.kind.kind().list, range.lo, range.hi))?;
    Ok(connection.last_insert_rowid())
}

/// Writes where a range is.
fn save_range(connection: &rusqlite::Connection, range: &Range) -> Result<(), MirrorError> {
    let Some(number) = range.number else { return Ok(()) };
    let (id, created) = range.cursor.as_ref().map_or((None, None), |(id, at)| (Some(id.as_str()), Some(*at)));
    let sql =
        "UPDATE backfill_range SET hi = ?2, cursor_id = ?3, cursor_created = ?4, objects = ?5, done = ?6
               WHERE number = ?1";
    let done = range.doing == Doing::Done;
    connection.prepare_cached(sql)?.execute((number, range.hi, id, created, range.objects, done))?;
    Ok(())
}

/// The ranges of a list that a pass before this one left open.
pub(crate) fn open_ranges(inner: &Arc<Inner>, kind: KindId) -> Result<Vec<Range>, MirrorError> {
    inner.store.mirror.read(|connection| {
        let mut statement = connection.prepare_cached(
            "SELECT number, lo, hi, cursor_id, cursor_created, objects FROM backfill_range WHERE list = ?1 AND done = 0",
        )?;
        let rows = statement.query_map([kind.kind().list], |row| {
            let mut range = Range::new(kind, row.get(1)?, row.get(2)?);
            range.number = Some(row.get(0)?);
            let id: Option<String> = row.get(3)?;
            range.cursor = id.zip(row.get(4)?);
            range.objects = row.get(5)?;
            Ok(range)
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    })
}
