//! Keeps the search up with the copy, in time that nobody else needs. The copy's file has one writer and a payment writes
//! there too: a step is so short that a sale does not feel it, and while a payment is open or lists are copied there are
//! hardly any.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tillbook_mirror::MirrorError;

use crate::inputs::Tag;
use crate::state::{News, Open};
use crate::sync_view::SyncPhase;

/// A step should take about this long.
const STEP: Duration = Duration::from_millis(25);
/// Changes in one step: to begin with, at least, at most.
const CHANGES: usize = 50;
const FEWEST: usize = 5;
const MOST: usize = 1000;
/// After a step, as long as it took and at least this long the file is everybody else's.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
/// Between two looks while there is nothing to do.
const IDLE: Duration = Duration::from_secs(2);
/// While something more important goes on there are no steps at first, and then one a second: a payment that waits for
/// Stripe through an evening does not leave the search where it was.
const BUSY: Duration = Duration::from_secs(1);
const BUSY_AT_FIRST: Duration = Duration::from_secs(60);
/// After a step that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(30);
/// How often the window hears how far it is.
const WORD_EVERY: Duration = Duration::from_secs(3);

/// Whether it shall go on.
#[derive(Default)]
pub struct Indexing {
    stopped: AtomicBool,
}

impl Indexing {
    /// The program ends: the step under way is the last one.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// Goes on until the program ends. What a crash broke off was not written; the next start begins where the last whole step
/// ended.
pub async fn keep_up(open: &Arc<Open>, news: &News) {
    let indexing = &open.follower.indexing;
    let mut steps = Steps { changes: CHANGES };
    let mut busy_since: Option<Instant> = None;
    let mut told: Option<Instant> = None;
    while !indexing.is_stopped() {
        busy_since = is_busy(open).then(|| busy_since.unwrap_or_else(Instant::now));
        if busy_since.is_some() {
            tokio::time::sleep(BUSY).await;
        }
        if indexing.is_stopped() || !may_step(busy_since.map(|since| since.elapsed())) {
            continue;
        }
        let pause = match step(open, steps.changes).await {
            Some((0, _)) => {
                if told.take().is_some() {
                    news.changed(&[Tag::Sync]);
                }
                IDLE
            }
            Some((_, took)) => {
                steps.note(took);
                if told.is_none_or(|at| at.elapsed() >= WORD_EVERY) {
                    told = Some(Instant::now());
                    news.changed(&[Tag::Sync]);
                }
                took.max(SHORTEST_PAUSE)
            }
            None => AFTER_FAILURE,
        };
        tokio::time::sleep(pause).await;
    }
}

/// One step on a thread of its own, where a panic ends only it. Tells what is left and how long it took.
async fn step(open: &Arc<Open>, changes: usize) -> Option<(i64, Duration)> {
    let open = Arc::clone(open);
    let step = tokio::task::spawn_blocking(move || {
        let began = Instant::now();
        let left = open.house.mirror.index_step(changes)?;
        Ok::<_, MirrorError>((left, began.elapsed()))
    });
    match step.await {
        Ok(Ok(done)) => Some(done),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the search was not brought up to date");
            None
        }
        Err(_) => None,
    }
}

/// A payment is open, or records are copied as fast as they come.
fn is_busy(open: &Open) -> bool {
    let copying = open.follower.work.view().is_some_and(|work| work.phase == SyncPhase::Lists);
    copying || open.house.till.unsettled().map_or(true, |open| open > 0)
}

/// Whether a step may be made when something more important has gone on for so long.
fn may_step(busy_for: Option<Duration>) -> bool {
    busy_for.is_none_or(|busy_for| busy_for >= BUSY_AT_FIRST)
}

/// How much fits into a step on this machine.
struct Steps {
    changes: usize,
}

impl Steps {
    fn note(&mut self, took: Duration) {
        self.changes = match took {
            took if took > STEP => (self.changes / 2).max(FEWEST),
            took if took < STEP / 2 => (self.changes + self.changes / 4 + 1).min(MOST),
            _ => self.changes,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_gets_as_long_as_the_machine_can_do_in_a_moment() {
        let mut steps = Steps { changes: CHANGES };
        for _ in 0..100 {
            // A machine that does ten changes in a millisecond.
            steps.note(Duration::from_millis(u64::try_from(steps.changes).unwrap() / 10));
        }
        assert!((125..=250).contains(&steps.changes), "{}", steps.changes);
        for _ in 0..100 {
            steps.note(Duration::from_secs(2));
        }
        assert_eq!(steps.changes, FEWEST);
        for _ in 0..100 {
            steps.note(Duration::ZERO);
        }
        assert_eq!(steps.changes, MOST);
    }

    #[test]
    fn a_payment_goes_first_but_not_for_ever() {
        assert!(may_step(None));
        assert!(!may_step(Some(BUSY)));
        assert!(may_step(Some(BUSY_AT_FIRST)));
    }

    #[test]
    fn what_is_stopped_stays_stopped() {
        let indexing = Indexing::default();
        assert!(!indexing.is_stopped());
        indexing.stop();
        assert!(indexing.is_stopped());
    }
}
