//! Objects that have to be read again: together by listing their range of `created` where that costs fewer requests, one
//! by one where there are few.

use std::collections::BTreeMap;

use tillbook_stripe::{Error, Form};
use tokio::task::JoinSet;

use crate::apply::{Applier, NESTED};
use crate::engine::{Aim, Engine};
use crate::kind::{KindId, Listing};
use crate::kinds;
use crate::line::Line;
use crate::options::Progress;
use crate::range::Range;
use crate::stamp::Stamp;
use crate::{Inner, MirrorError};

/// Why an object is dirty: a full pass did not see it.
pub(crate) const UNLISTED: &str = "unlisted";
/// Read at once, one by one.
const AT_ONCE: usize = 8;
/// Looked at in one round; the rest follows in the next.
const ROUND: usize = 20_000;
/// Rounds of one sync: objects that change while they are read come again.
const ROUNDS: u32 = 200;
/// How often an object is asked for before it waits for the next sync.
const TRIES: i64 = 5;
const PAGE: i64 = 100;

#[derive(Debug, Clone)]
struct Dirty {
    kind: KindId,
    id: String,
    created: i64,
    reason: String,
    mark: i64,
}

/// Reads everything again that is dirty. Answers how many objects were listed or read.
pub(crate) async fn resolve(
    line: &Line,
    floor: i64,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<u64, MirrorError> {
    let mut objects = 0;
    for round in 0..ROUNDS {
        let dirty = line.inner.store.mirror.read(|connection| load(connection, round))?;
        if dirty.is_empty() {
            break;
        }
        let date = line.inner.last_date().unwrap_or_default();
        let mut engine = Engine::new(line, Aim::Again, floor, date, progress);
        let (mut singly, mut listed) = (Vec::new(), Vec::new());
        let mut by_kind: BTreeMap<KindId, Vec<Dirty>> = BTreeMap::new();
        for one in dirty {
            by_kind.entry(one.kind).or_default().push(one);
        }
        for (kind, many) in by_kind {
            let (together, alone): (Vec<_>, Vec<_>) = many.into_iter().partition(|one| {
                one.created > 0
                    && kind.kind().listing == Listing::Ranged
                    && one.reason != UNLISTED
                    && one.reason != NESTED
            });
            singly.extend(alone);
            for cluster in clusters(&line.inner, kind, together)? {
                match cluster {
                    Cluster::Singly(few) => singly.extend(few),
                    Cluster::Listed(many, lo, hi) => {
                        engine.add(Range::new(kind, lo, hi));
                        listed.extend(many);
                    }
                }
            }
        }
        engine.run().await?;
        objects += engine.objects;
        // What a list should have shown and did not is asked for by name.
        singly.extend(settle(&line.inner, listed, date)?);
        objects += read_singly(line, singly).await?;
    }
    Ok(objects)
}

fn load(connection: &rusqlite::Connection, round: u32) -> Result<Vec<Dirty>, MirrorError> {
    // In a first round everything gets another chance; later ones take what is new.
    let tries = if round == 0 { i64::MAX } else { TRIES };
    let mut statement = connection.prepare_cached(
        "SELECT kind, id, created, reason, mark FROM dirty WHERE tries < ?1 ORDER BY kind, created LIMIT ?2",
    )?;
    let rows = statement.query_map((tries, i64::try_from(ROUND).unwrap_or(i64::MAX)), |row| {
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

#[derive(Debug)]
enum Cluster {
    Singly(Vec<Dirty>),
    Listed(Vec<Dirty>, i64, i64),
}

/// Cuts dirty objects (in the order of `created`) where the gaps are widest, until listing a piece costs fewer requests
/// than reading its objects one by one, or the piece is small.
fn clusters(inner: &Inner, kind: KindId, dirty: Vec<Dirty>) -> Result<Vec<Cluster>, MirrorError> {
    let mut done = Vec::new();
    let mut waiting = vec![dirty];
    while let Some(mut piece) = waiting.pop() {
        let (Some(first), Some(last)) = (piece.first(), piece.last()) else { continue };
        let (lo, hi) = (first.created, last.created.saturating_add(1));
        let singly = i64::try_from(piece.len()).unwrap_or(i64::MAX);
        if singly > 2 {
            let sql =
                format!("SELECT count(*) FROM {} WHERE created >= ?1 AND created < ?2", kind.kind().table);
            let here: i64 = inner
                .store
                .mirror
                .read::<_, MirrorError>(|c| Ok(c.query_row(&sql, [lo, hi], |r| r.get(0))?))?;
            let pages = here.max(singly) / PAGE + 1;
            if pages < singly {
                done.push(Cluster::Listed(piece, lo, hi));
                continue;
            }
        }
        let widest = piece
            .windows(2)
            .map(|pair| pair[1].created - pair[0].created)
            .enumerate()
            .max_by_key(|(_, w)| *w);
        match widest {
            Some((at, _)) if piece.len() > 8 => {
                let right = piece.split_off(at + 1);
                waiting.extend([piece, right]);
            }
            _ => done.push(Cluster::Singly(piece)),
        }
    }
    Ok(done)
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
fn clean(connection: &rusqlite::Connection, one: &Dirty) -> Result<(), MirrorError> {
    connection.prepare_cached("DELETE FROM dirty WHERE kind = ?1 AND id = ?2 AND mark = ?3")?.execute((
        one.kind.kind().table,
        &one.id,
        one.mark,
    ))?;
    Ok(())
}

/// Could not be read: it stays dirty, and waits longer each time.
fn put_off(connection: &rusqlite::Connection, one: &Dirty) -> Result<(), MirrorError> {
    connection
        .prepare_cached("UPDATE dirty SET tries = tries + 1 WHERE kind = ?1 AND id = ?2")?
        .execute((one.kind.kind().table, &one.id))?;
    Ok(())
}

async fn read_singly(line: &Line, dirty: Vec<Dirty>) -> Result<u64, MirrorError> {
    let mut objects = 0;
    let mut waiting = dirty.into_iter();
    let mut under_way = JoinSet::new();
    loop {
        while under_way.len() < AT_ONCE
            && let Some(one) = waiting.next()
        {
            let line = line.clone();
            under_way.spawn(async move { read_one(&line, one).await });
        }
        match under_way.join_next().await {
            None => return Ok(objects),
            Some(Ok(read)) => objects += read?,
            Some(Err(error)) => return Err(MirrorError::Broken(error.to_string())),
        }
    }
}

async fn read_one(line: &Line, one: Dirty) -> Result<u64, MirrorError> {
    if one.reason == NESTED {
        return read_nested(line, one).await;
    }
    let Some(path) = one.kind.single_path() else {
        line.inner.store.mirror.write(|tx| clean(tx, &one))?;
        return Ok(0);
    };
    let answer = line.get(&single(path, &one.id), &Form::new()).await;
    let gone = match &answer {
        Err(MirrorError::Stripe(Error::NotFound(_))) => true,
        Err(MirrorError::Stripe(Error::Permission(_) | Error::InvalidRequest(_) | Error::Unsendable(_))) => {
            line.inner.store.mirror.write(|tx| clean(tx, &one))?;
            return Ok(0);
        }
        _ => false,
    };
    let date = line.inner.last_date().unwrap_or_default();
    let packed = match answer {
        Ok(answer) => match line.inner.pack_object(&answer.body, one.kind) {
            Ok(batch) => Some((batch, answer.from, answer.until)),
            Err(MirrorError::BadAnswer { .. }) => {
                line.inner.store.mirror.write(|tx| put_off(tx, &one))?;
                return Ok(0);
            }
            Err(error) => return Err(error),
        },
        Err(_) if gone => None,
        Err(error) => return Err(error),
    };
    line.inner.store.mirror.write(|tx| {
        let mut applier = Applier::new(tx);
        applier.follow = true;
        // What was never here leaves no tombstone, and news may have told of a deletion meanwhile.
        let was_here = applier.is_known(one.kind, &one.id)?;
        let (gone, until) = match &packed {
            Some((batch, from, until)) => {
                applier.put_batch(batch, Stamp::read(*from, *until))?;
                (batch.rows.iter().any(|row| row.deleted), *until)
            }
            None => {
                if was_here {
                    applier.bury(one.kind, &one.id, Stamp::read(date, date))?;
                }
                (true, date)
            }
        };
        if gone && was_here && one.reason == UNLISTED {
            applier.tell_deleted(one.kind, &one.id, until)?;
        }
        applier.tell(until)?;
        applier.finish()?;
        clean(tx, &one)
    })?;
    Ok(1)
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

/// Reads a nested list to its end: the lines of an invoice, the items of a subscription.
async fn read_nested(line: &Line, one: Dirty) -> Result<u64, MirrorError> {
    let mut objects = 0;
    let mut cursor: Option<String> = None;
    loop {
        let mut form = Form::new().with("limit", 100);
        let path = if one.kind == kinds::INVOICE_LINE {
            format!("{}/lines", single("invoices", &one.id))
        } else {
            form.push("subscription", one.id.as_str());
            "/v1/subscription_items".to_owned()
        };
        if let Some(cursor) = &cursor {
            form.push("starting_after", cursor.as_str());
        }
        let page = match line.page(one.kind, &path, &form, false).await {
            Err(MirrorError::Stripe(
                Error::NotFound(_) | Error::Permission(_) | Error::InvalidRequest(_),
            )) => break,
            page => page?,
        };
        let last = page.batch.rows.last().map(|row| page.batch.id(row).to_owned());
        let goes_on = page.end.has_more && last.is_some() && last != cursor;
        cursor = last;
        objects += line.inner.store.mirror.write(|tx| {
            let mut applier = Applier::new(tx);
            let objects = applier.put_batch(&page.batch, Stamp::read(page.from, page.until))?;
            applier.finish()?;
            Ok::<u64, MirrorError>(objects)
        })?;
        if !goes_on {
            break;
        }
    }
    line.inner.store.mirror.write(|tx| clean(tx, &one))?;
    Ok(objects)
}
