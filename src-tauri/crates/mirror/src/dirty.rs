//! Objects that have to be read again: together by listing their range of `created` where that costs fewer requests, one
//! by one where there are few. What cannot be read stays dirty, waits longer each time, and is told; it stops nothing else.

mod clusters;
mod fault;
mod nested;
mod singly;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rusqlite::Connection;

use self::clusters::{Cluster, clusters};
use self::fault::{Fault, Why};
use crate::apply::NESTED;
use crate::engine::{Aim, Engine};
use crate::kind::{KindId, Listing};
use crate::kinds;
use crate::line::Line;
use crate::options::{Progress, Trouble};
use crate::range::{BEGIN, END, Range};
use crate::{Inner, Mirror, MirrorError, SyncOptions, Windows, hold};

/// Why an object is dirty: a full pass did not see it.
pub(crate) const UNLISTED: &str = "unlisted";
/// Looked at in one round; the rest follows in the next.
const ROUND: usize = 20_000;
/// Rounds of one sync: objects that change while they are read come again.
const ROUNDS: u32 = 200;
/// How long an object waits that could not be read; each time twice as long.
const FIRST_WAIT_S: i64 = 900;
const LONGEST_WAIT_S: i64 = 86_400;
/// More than this many, and more than one in fifty of what is here, are no deletions that nobody told of: rather the list
/// was cut short. It is listed once more.
const MANY: i64 = 50;
const ONE_IN: i64 = 50;
/// So many that two lists did not show and that are there all the same say that the list is wrong, not the mirror.
const ENOUGH: u64 = 20;
/// Requests of a sync whose budget is used up.
const AT_LEAST: i64 = 8;
/// What a page that cannot be read held is asked for by name up to this many.
const OF_A_PAGE: usize = 100;

#[derive(Debug, Clone)]
struct Dirty {
    kind: KindId,
    id: String,
    created: i64,
    reason: String,
    mark: i64,
}

/// What came of reading again.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    /// Objects that were listed or read.
    pub(crate) objects: u64,
    /// What stands in the way of others.
    pub(crate) troubles: Vec<Trouble>,
}

/// What was found of objects of a kind that two lists did not show.
#[derive(Debug, Clone, Copy, Default)]
struct Unshown {
    there: u64,
    gone: u64,
}

/// The longest that anything waits in a sync: a person who asks has perhaps just put right what stood in the way.
pub(crate) fn patience(options: &SyncOptions) -> i64 {
    match options.windows {
        _ if options.full => 0,
        Windows::Now => 0,
        Windows::OnRequest => 60,
        Windows::WhenDue => LONGEST_WAIT_S,
    }
}

/// Marks what lists should have shown and did not, so that each is asked for. `which` picks from the rows that are no
/// tombstones.
pub(crate) fn mark_unlisted(
    connection: &Connection,
    kind: KindId,
    which: &str,
    params: impl rusqlite::Params,
) -> Result<(), MirrorError> {
    let table = kind.kind().table;
    let sql = format!(
        "INSERT INTO dirty (kind, id, created, reason, mark)
         SELECT '{table}', id, created, '{UNLISTED}', 0 FROM {table} WHERE deleted = 0 AND {which}
         ON CONFLICT (kind, id) DO UPDATE SET reason = excluded.reason, mark = mark + 1"
    );
    connection.execute(&sql, params)?;
    Ok(())
}

/// Reads everything again that is dirty, as far as the read budget allows.
pub(crate) async fn resolve(
    line: &Line,
    floor: i64,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Resolved, MirrorError> {
    let mut work = Work::new(line)?;
    let outcome = work.run(floor, progress).await;
    // What stands in the way is told however it ended.
    let troubles = fault::tell(&line.inner, &work.faults)?;
    outcome?;
    Ok(Resolved { objects: work.objects, troubles })
}

/// One go at everything that is dirty.
struct Work {
    line: Line,
    objects: u64,
    /// Requests that may be sent, where a budget says so, and how many the line had sent before.
    allowance: Option<u64>,
    before: u64,
    /// Nothing waits longer than this.
    patience: i64,
    /// Kinds that are left alone from now on.
    stopped: BTreeSet<KindId>,
    faults: BTreeMap<KindId, Fault>,
    /// Kinds of which more was not listed than can be believed.
    unshown: BTreeMap<KindId, Option<Unshown>>,
    /// Failures of a kind since one of its objects was read.
    in_a_row: BTreeMap<KindId, u32>,
}

impl Work {
    fn new(line: &Line) -> Result<Work, MirrorError> {
        let patience = line.patience.swap(LONGEST_WAIT_S, Ordering::Relaxed);
        let allowance = if line.is_governed {
            let plan = Mirror { inner: Arc::clone(&line.inner) }.plan()?;
            u64::try_from(plan.backfill_today.max(AT_LEAST)).ok()
        } else {
            None
        };
        let date = line.inner.last_date().unwrap_or_default();
        let stopped =
            line.inner.store.mirror.read(|c| fault::blocked(c, date, patience.min(FIRST_WAIT_S)))?;
        Ok(Work {
            line: line.clone(),
            objects: 0,
            allowance,
            before: line.requests(),
            patience,
            stopped,
            faults: BTreeMap::new(),
            unshown: BTreeMap::new(),
            in_a_row: BTreeMap::new(),
        })
    }

    fn inner(&self) -> &Inner {
        &self.line.inner
    }

    /// Requests that may still be sent.
    fn left(&self) -> Option<u64> {
        let sent = self.line.requests().saturating_sub(self.before);
        self.allowance.map(|allowance| allowance.saturating_sub(sent))
    }

    async fn run(
        &mut self,
        floor: i64,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<(), MirrorError> {
        for _ in 0..ROUNDS {
            let date = self.inner().last_date().unwrap_or_default();
            let dirty = self.inner().store.mirror.read(|c| load(c, date, self.patience, &self.stopped))?;
            // What was put off in this sync waits for another one, whoever asked.
            self.patience = LONGEST_WAIT_S;
            if dirty.is_empty() || self.left() == Some(0) {
                break;
            }
            let mut engine = Engine::new(&self.line, Aim::Again, floor, date, progress);
            engine.allowance = self.left();
            let (mut singly, listed) = self.sort(dirty, &mut engine)?;
            engine.run().await?;
            self.objects += engine.objects;
            // What a list should have shown and did not is asked for by name.
            let missed = settle(self.inner(), listed, date)?;
            singly.extend(self.sort_missed(missed, &engine)?);
            // News first: what one list did not show can wait.
            singly.sort_by_key(|one| one.reason == UNLISTED);
            self.read_singly(singly).await?;
        }
        Ok(())
    }

    /// Gives the engine what is cheaper to list; answers what is to be read one by one, and what is listed.
    fn sort(
        &mut self,
        dirty: Vec<Dirty>,
        engine: &mut Engine<'_>,
    ) -> Result<(Vec<Dirty>, Vec<Dirty>), MirrorError> {
        let (mut singly, mut listed) = (Vec::new(), Vec::new());
        let mut by_kind: BTreeMap<KindId, Vec<Dirty>> = BTreeMap::new();
        for one in dirty {
            by_kind.entry(one.kind).or_default().push(one);
        }
        for (kind, many) in by_kind {
            let listing = kind.kind().listing;
            let is_doubted = listing != Listing::None && self.is_doubted(kind)?;
            let (together, alone): (Vec<_>, Vec<_>) = many.into_iter().partition(|one| {
                one.reason != NESTED
                    && (one.reason != UNLISTED || is_doubted)
                    && (one.created > 0 && listing == Listing::Ranged
                        || one.reason == UNLISTED && listing == Listing::Plain)
            });
            singly.extend(alone);
            if listing == Listing::Plain && !together.is_empty() {
                engine.add(Range::new(kind, BEGIN, END));
                listed.extend(together);
                continue;
            }
            for cluster in clusters(self.inner(), kind, together)? {
                match cluster {
                    Cluster::Singly(few) => singly.extend(few),
                    Cluster::Listed(many, lo, hi) => {
                        engine.add(Range::new(kind, lo, hi));
                        listed.extend(many);
                    }
                }
            }
        }
        Ok((singly, listed))
    }

    /// Of what lists did not show: what is to be asked for by name now. Behind a list that cannot be read everything waits,
    /// and so does what the budget had no page for.
    fn sort_missed(&mut self, missed: Vec<Dirty>, engine: &Engine<'_>) -> Result<Vec<Dirty>, MirrorError> {
        let mut by_kind: BTreeMap<KindId, Vec<Dirty>> = BTreeMap::new();
        for one in missed {
            by_kind.entry(one.kind).or_default().push(one);
        }
        let mut singly = Vec::new();
        for (kind, many) in by_kind {
            let trouble = engine.troubles.iter().find(|trouble| trouble.resource == kind.kind().list);
            let Some(trouble) = trouble else {
                if engine.is_done(kind) {
                    singly.extend(many);
                } else {
                    self.stopped.insert(kind);
                }
                continue;
            };
            let is_one_page = matches!(trouble.code.as_str(), "malformed" | "too_large" | "repeats");
            if is_one_page && many.len() <= OF_A_PAGE {
                singly.extend(many);
                continue;
            }
            self.faults.insert(kind, Fault::of_list(&trouble.code));
            self.stopped.insert(kind);
            self.inner().store.mirror.write(|tx| {
                let date = self.inner().last_date().unwrap_or_default();
                many.iter().try_for_each(|one| put_off(tx, one, date))
            })?;
        }
        Ok(singly)
    }

    /// Whether more of a kind was not listed than can be believed.
    fn is_doubted(&mut self, kind: KindId) -> Result<bool, MirrorError> {
        if let Some(known) = self.unshown.get(&kind) {
            return Ok(known.is_some());
        }
        let is_doubted = self.inner().store.mirror.read::<_, MirrorError>(|c| {
            let sql = "SELECT count(*) FROM dirty WHERE kind = ?1 AND reason = ?2";
            let unlisted: i64 =
                c.prepare_cached(sql)?.query_row((kind.kind().table, UNLISTED), |row| row.get(0))?;
            Ok(unlisted > MANY && unlisted.saturating_mul(ONE_IN) > hold::rows(c, kind.kind())?)
        })?;
        self.unshown.insert(kind, is_doubted.then(Unshown::default));
        Ok(is_doubted)
    }

    /// An object that two lists did not show was found, or not. Where they leave out what is there, the rest waits until
    /// it is listed again.
    fn saw_unshown(&mut self, one: &Dirty, is_there: bool) -> Result<(), MirrorError> {
        let Some(Some(unshown)) = self.unshown.get_mut(&one.kind) else { return Ok(()) };
        if one.reason != UNLISTED {
            return Ok(());
        }
        *(if is_there { &mut unshown.there } else { &mut unshown.gone }) += 1;
        if unshown.there < ENOUGH || unshown.there <= unshown.gone || self.stopped.contains(&one.kind) {
            return Ok(());
        }
        self.stopped.insert(one.kind);
        self.faults.insert(one.kind, Fault::new(Why::Unlisted, None));
        let date = self.inner().last_date().unwrap_or_default();
        self.inner().store.mirror.write(|tx| {
            let sql = "UPDATE dirty SET tries = tries + 1, tried_at = ?3 WHERE kind = ?1 AND reason = ?2";
            tx.prepare_cached(sql)?.execute((one.kind.kind().table, UNLISTED, date))?;
            Ok(())
        })
    }
}

/// What is to be read now.
fn load(
    connection: &Connection,
    date: i64,
    patience: i64,
    stopped: &BTreeSet<KindId>,
) -> Result<Vec<Dirty>, MirrorError> {
    let stopped: Vec<String> = stopped.iter().map(|kind| format!("'{}'", kind.kind().table)).collect();
    let sql = format!(
        "SELECT kind, id, created, reason, mark FROM dirty
         WHERE (tries = 0 OR tried_at + min(?1, {FIRST_WAIT_S} << min(tries - 1, 7)) <= ?2)
           AND kind NOT IN ({})
         ORDER BY kind, created LIMIT {ROUND}",
        stopped.join(", ")
    );
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map([patience, date], |row| {
        let table: String = row.get(0)?;
        Ok(Dirty {
            kind: KindId::of_table(&table).unwrap_or(kinds::OTHER),
            id: row.get(1)?,
            created: row.get(2)?,
            reason: row.get(3)?,
            mark: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes off the list what a listing since `date` has brought up to date; answers the rest.
fn settle(inner: &Inner, listed: Vec<Dirty>, date: i64) -> Result<Vec<Dirty>, MirrorError> {
    if listed.is_empty() {
        return Ok(listed);
    }
    inner.store.mirror.write(|tx| {
        let mut left = Vec::new();
        for one in listed {
            let sql = format!(
                "SELECT 1 FROM {} WHERE id = ?1 AND origin = 0 AND as_of >= ?2",
                one.kind.kind().table
            );
            if tx.prepare_cached(&sql)?.exists((&one.id, date))? {
                clean(tx, &one)?;
            } else {
                left.push(one);
            }
        }
        Ok(left)
    })
}

/// No longer dirty, unless news marked it again meanwhile.
fn clean(connection: &Connection, one: &Dirty) -> Result<(), MirrorError> {
    connection.prepare_cached("DELETE FROM dirty WHERE kind = ?1 AND id = ?2 AND mark = ?3")?.execute((
        one.kind.kind().table,
        &one.id,
        one.mark,
    ))?;
    Ok(())
}

/// Could not be read: it stays dirty, and waits longer each time.
fn put_off(connection: &Connection, one: &Dirty, date: i64) -> Result<(), MirrorError> {
    connection
        .prepare_cached("UPDATE dirty SET tries = tries + 1, tried_at = ?3 WHERE kind = ?1 AND id = ?2")?
        .execute((one.kind.kind().table, &one.id, date))?;
    Ok(())
}

/// `/v1/{path}/{id}`, the id encoded so that it stays in its place.
pub(crate) fn single(path: &str, id: &str) -> String {
    let mut out = format!("/v1/{path}/");
    for byte in id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
