//! Objects that are read one by one.

use tillbook_stripe::{Error, Form};
use tokio::task::JoinSet;

use super::fault::{Fault, Why, why};
use super::nested::{read_around, read_nested};
use super::{Dirty, UNLISTED, Work, clean, put_off, single};
use crate::apply::{Applier, NESTED};
use crate::batch::Batch;
use crate::line::Line;
use crate::stamp::Stamp;
use crate::{Inner, MirrorError};

/// Read at once, one by one.
const AT_ONCE: usize = 8;
/// How often an answer that cannot be read is asked for again: it may have been cut short on the way.
const UNREADABLE_RETRIES: u32 = 3;
/// So many refusals with nothing read between them are a matter of the list, not of its objects.
const REFUSALS: u32 = 3;

/// What became of an object that was asked for.
pub(super) enum Read {
    /// So many objects were stored.
    There(u64),
    /// Stripe does not have it.
    Gone,
    /// It stays as it is.
    Unread(Why),
    /// Somebody else is asked instead.
    Dropped,
}

/// What was read: a state and when it was true, or nothing.
type Found = Option<(Batch, i64, i64)>;

impl Work {
    pub(super) async fn read_singly(&mut self, dirty: Vec<Dirty>) -> Result<(), MirrorError> {
        let mut waiting = dirty.into_iter();
        let mut under_way = JoinSet::new();
        loop {
            while under_way.len() < AT_ONCE
                && self.left().is_none_or(|left| left > under_way.len() as u64)
                && let Some(one) = waiting.next()
            {
                if !self.stopped.contains(&one.kind) {
                    let line = self.line.clone();
                    under_way.spawn(async move {
                        let read = read_one(&line, &one).await;
                        (one, read)
                    });
                }
            }
            match under_way.join_next().await {
                None => return Ok(()),
                Some(Ok((one, read))) => self.took(&one, read?)?,
                Some(Err(error)) => return Err(MirrorError::Broken(error.to_string())),
            }
        }
    }

    fn took(&mut self, one: &Dirty, read: Read) -> Result<(), MirrorError> {
        let why = match read {
            Read::Dropped => return Ok(()),
            Read::There(objects) => {
                self.objects += objects;
                self.in_a_row.remove(&one.kind);
                return self.saw_unshown(one, true);
            }
            Read::Gone => {
                self.objects += 1;
                self.in_a_row.remove(&one.kind);
                return self.saw_unshown(one, false);
            }
            Read::Unread(why) => why,
        };
        let date = self.inner().last_date().unwrap_or_default();
        self.inner().store.mirror.write(|tx| put_off(tx, one, date))?;
        let refusals = self.in_a_row.entry(one.kind).or_default();
        *refusals += u32::from(why != Why::Unreadable);
        let is_every = *refusals >= REFUSALS;
        if is_every {
            self.stopped.insert(one.kind);
        }
        self.faults.insert(one.kind, Fault::new(why, (!is_every).then_some(one.id.as_str())));
        Ok(())
    }
}

async fn read_one(line: &Line, one: &Dirty) -> Result<Read, MirrorError> {
    if one.reason == NESTED {
        return read_nested(line, one).await;
    }
    let Some(path) = one.kind.single_path() else { return read_around(&line.inner, one) };
    match ask(line, one, &single(path, &one.id)).await {
        Ok(found) => store(&line.inner, one, found),
        Err(error) => why(error).map(Read::Unread),
    }
}

async fn ask(line: &Line, one: &Dirty, path: &str) -> Result<Found, MirrorError> {
    let mut tries = 0;
    loop {
        let answer = match line.get(path, &Form::new()).await {
            Err(MirrorError::Stripe(Error::NotFound(_))) => return Ok(None),
            answer => answer?,
        };
        let packed = line.inner.pack_object(&answer.body, one.kind).and_then(|batch| {
            // Another object says nothing of this one.
            match batch.rows.iter().any(|row| batch.id(row) == one.id) {
                true => Ok(batch),
                false => Err(MirrorError::BadAnswer {
                    asked: path.to_owned(),
                    detail: "not the object that was asked for".to_owned(),
                }),
            }
        });
        match packed {
            Err(MirrorError::BadAnswer { .. }) if tries < UNREADABLE_RETRIES => {
                tries += 1;
                line.pause(tries).await;
            }
            packed => return packed.map(|batch| Some((batch, answer.from, answer.until))),
        }
    }
}

fn store(inner: &Inner, one: &Dirty, found: Found) -> Result<Read, MirrorError> {
    let date = inner.last_date().unwrap_or_default();
    inner.store.mirror.write(|tx| {
        let mut applier = Applier::new(tx);
        applier.follow = true;
        // What was never here leaves no tombstone, and news may have told of a deletion meanwhile.
        let was_here = applier.is_known(one.kind, &one.id)?;
        let (gone, until) = match &found {
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
        clean(tx, one)?;
        Ok(if gone { Read::Gone } else { Read::There(1) })
    })
}
