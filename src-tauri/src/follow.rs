//! Keeps up with Stripe while the window is open: settles what a crash left open, copies Stripe's records, reads the news at
//! the governor's pace, does what a person asked for, and tells the window what to ask for again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tillbook_mirror::{Copying, MirrorError, Progress, SyncOptions, SyncReport};
use tillbook_stripe::Client;
use tillbook_till::view::SyncState;
use tokio::sync::Notify;

use crate::indexing::{self, Indexing};
use crate::inputs::Tag;
use crate::state::{News, Open};
use crate::sync_view::{self as room, WorkKind};
use crate::work::{Asked, Work};

/// Between two readings of the news on the Stripe inside, whose reads cost nothing.
const PACE: Duration = Duration::from_secs(3);
/// After a reading that failed, and twice that each further time, up to the longest.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(300);
/// How often an open payment is asked about, and whether there is one.
const PAYMENTS: Duration = Duration::from_secs(2);
/// How often the pace is thought over: somebody may have come in.
const THINK: Duration = Duration::from_secs(3);
/// How often the window is told of progress, and that nothing is new.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);
const WORD_EVERY: Duration = Duration::from_secs(30);
/// Reads for closed days where reads cost nothing.
const READS_INSIDE: u64 = 2000;

/// What the mirror is doing, and the bells that wake it.
#[derive(Default)]
pub struct Follower {
    working: AtomicBool,
    bell: Notify,
    delivery: Notify,
    hurried: AtomicBool,
    lists_end_at: AtomicI64,
    /// What a person asked for, and what is under way.
    pub work: Work,
    /// Keeping the search up with what was copied.
    pub indexing: Indexing,
}

impl Follower {
    /// Reads the news, or does what was asked for, now instead of at the next turn.
    pub fn hurry(&self) {
        self.bell.notify_one();
    }

    /// News arrived by another way than by reading.
    pub fn delivered(&self) {
        self.delivery.notify_one();
    }

    /// Lets old records be copied without regard to the daily share of reads, or no longer.
    pub fn set_hurried(&self, hurried: bool) {
        self.hurried.store(hurried, Ordering::Relaxed);
    }

    /// Whether it does.
    pub fn is_hurried(&self) -> bool {
        self.hurried.load(Ordering::Relaxed)
    }

    /// When the lists will be here at the budget's pace (unix seconds), where they are not.
    pub fn lists_end_at(&self) -> Option<i64> {
        Some(self.lists_end_at.load(Ordering::Relaxed)).filter(|at| *at > 0)
    }

    /// What it is doing, in view of how far the copy is and of what stopped it last.
    pub fn state(&self, news_to: Option<i64>, copying: &Copying, stopped: Option<&str>) -> SyncState {
        let working = self.working.load(Ordering::Relaxed);
        let is_new = news_to.is_none() && copying.objects == 0;
        match stopped {
            // Nothing is read with a key that Stripe refuses, or of an account that is another one.
            Some("refused" | "permission" | "authentication" | "other_account") => SyncState::Refused,
            Some("offline") if !(working && is_new) => SyncState::Offline,
            _ if copying.hold.is_some() => SyncState::Paused,
            _ if is_new && !working => SyncState::Never,
            _ if !copying.is_whole() || news_to.is_none() => SyncState::Backfilling,
            _ if working => SyncState::Polling,
            _ => SyncState::Current,
        }
    }
}

/// Goes on until the program ends.
pub async fn follow(open: Arc<Open>, news: News) {
    let Some(client) = open.house.client.clone() else { return };
    tokio::join!(payments(&open, &news), records(&open, &client, &news), indexing::keep_up(&open, &news));
}

/// Open payments are asked about whatever else goes on, and whatever it costs.
async fn payments(open: &Open, news: &News) {
    loop {
        settle(open, news).await;
        tokio::time::sleep(PAYMENTS).await;
    }
}

async fn records(open: &Arc<Open>, client: &Client, news: &News) {
    let follower = &open.follower;
    let mut last_word = Instant::now();
    let mut failures = 0_u32;
    loop {
        let asked = follower.work.take();
        let kind = asked.as_ref().map(|asked| asked.kind);
        let turn = once(open, client, news, asked).await;
        let has_moved = matches!(turn, Turn::Moved | Turn::Again);
        failures = if turn == Turn::Failed { failures.saturating_add(1) } else { 0 };
        if has_moved {
            news.changed(&[Tag::Catalogue, Tag::Readers, Tag::Sale, Tag::Sales]);
        }
        if has_moved || kind.is_some() || last_word.elapsed() >= WORD_EVERY {
            news.changed(&[Tag::Sync]);
            last_word = Instant::now();
        }
        let read_at = Instant::now();
        // The pace is thought over again and again: a shop that opens does not wait as long as a closed one.
        while turn != Turn::Again && !follower.work.is_asked() {
            let left = pace(open, client, failures).saturating_sub(read_at.elapsed());
            if left.is_zero() {
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(left.min(THINK)) => {}
                () = follower.bell.notified() => {
                    news.changed(&[Tag::Sync]);
                    break;
                }
                () = follower.delivery.notified() => take_in(open, news).await,
            }
        }
    }
}

/// How long after a reading the next one is due.
fn pace(open: &Open, client: &Client, failures: u32) -> Duration {
    let usual = if client.endpoint().is_loopback() {
        PACE
    } else {
        let after = open.house.mirror.plan().map_or(60, |plan| plan.poll_after_s);
        Duration::from_secs(u64::try_from(after).unwrap_or(60))
    };
    slowed(usual, failures)
}

/// Twice as long after each failure, but never so long that a line that is back is not noticed.
fn slowed(usual: Duration, failures: u32) -> Duration {
    match failures.checked_sub(1) {
        None => usual,
        Some(again) => usual.max(AFTER_FAILURE.saturating_mul(1 << again.min(6)).min(LONGEST)),
    }
}

/// How a turn ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Moved,
    Nothing,
    Failed,
    /// It was broken off so that another begins.
    Again,
}

/// One turn: the news, and before it what was asked for.
async fn once(open: &Arc<Open>, client: &Client, news: &News, asked: Option<Asked>) -> Turn {
    let (working, client, news) = (Arc::clone(open), client.clone(), news.clone());
    open.follower.working.store(true, Ordering::Relaxed);
    // On a thread of its own: unpacking and writing must not hold up the commands, and a panic is caught there.
    let here = tokio::runtime::Handle::current();
    let turn = tokio::task::spawn_blocking(move || here.block_on(turn(&working, &client, &news, asked)));
    let ended = turn.await.unwrap_or(Turn::Failed);
    open.follower.work.end(None);
    open.follower.working.store(false, Ordering::Relaxed);
    ended
}

async fn turn(open: &Open, client: &Client, news: &News, asked: Option<Asked>) -> Turn {
    let begun = Instant::now();
    let told_ms = AtomicU64::new(0);
    let progress = |progress: Progress| {
        open.follower.work.note(progress);
        let now_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let every_ms = u64::try_from(PROGRESS_EVERY.as_millis()).unwrap_or(u64::MAX);
        if now_ms.saturating_sub(told_ms.load(Ordering::Relaxed)) >= every_ms {
            told_ms.store(now_ms, Ordering::Relaxed);
            news.changed(&[Tag::Sync]);
        }
    };
    let outcome = match &asked {
        None => read(open, client, &progress).await,
        Some(asked) => prove(open, client, asked, &progress).await,
    };
    match outcome {
        Ok(report) => {
            follow_sales(open).await;
            if has_news(&report) { Turn::Moved } else { Turn::Nothing }
        }
        // Somebody had the copy wait, or go on: the next turn knows.
        Err(MirrorError::Canceled) => {
            follow_sales(open).await;
            Turn::Again
        }
        Err(error) => {
            tracing::warn!(%error, "the copy of Stripe's records was not brought up to date");
            news.changed(&[Tag::Sync]);
            Turn::Failed
        }
    }
}

type Tell<'a> = &'a (dyn Fn(Progress) + Send + Sync);

async fn read(open: &Open, client: &Client, progress: Tell<'_>) -> Result<SyncReport, MirrorError> {
    let cancel = open.follower.work.begin(WorkKind::News, None);
    let options = SyncOptions { hurry: open.follower.is_hurried(), cancel, ..SyncOptions::default() };
    let report = open.house.mirror.sync(client, &options, progress).await?;
    open.follower.lists_end_at.store(report.backfill_ends_at.unwrap_or(0), Ordering::Relaxed);
    if report.backfill_ends_at.is_none() {
        open.follower.set_hurried(false);
    }
    Ok(report)
}

/// What a person asked for: the news and then a certificate, or every list again, which ends with one by itself.
async fn prove(
    open: &Open,
    client: &Client,
    asked: &Asked,
    progress: Tell<'_>,
) -> Result<SyncReport, MirrorError> {
    let mirror = &open.house.mirror;
    let cancel = open.follower.work.begin(asked.kind, asked.by.staff().map(|staff| staff.name.clone()));
    let full = asked.kind == WorkKind::FullCheck;
    let options = SyncOptions { full, hurry: full, cancel, ..SyncOptions::default() };
    let report = mirror.sync(client, &options, progress).await;
    let certified = match &report {
        Ok(_) if !full => certify(open, client, &options, progress).await,
        _ => Ok(()),
    };
    if matches!((&report, &certified), (Err(MirrorError::Canceled), _) | (_, Err(MirrorError::Canceled))) {
        mirror.give_up_full_check()?;
        return Ok(report.unwrap_or_default());
    }
    // A copy that is up to date and could not be proven is up to date: that much is told apart.
    let failed = report.as_ref().err().or(certified.as_ref().err()).map(room::trouble);
    if let Some(why) = &failed {
        tracing::warn!(why.text, "the copy of Stripe's records was not proven");
    }
    open.follower.work.end(failed);
    report
}

async fn certify(
    open: &Open,
    client: &Client,
    options: &SyncOptions,
    progress: Tell<'_>,
) -> Result<(), MirrorError> {
    let mirror = &open.house.mirror;
    let reads = match client.endpoint().is_loopback() {
        true => READS_INSIDE,
        false => u64::try_from(mirror.plan()?.backfill_today).unwrap_or(0),
    };
    mirror.certify(client, options, reads, progress).await.map(|_| ())
}

fn has_news(report: &SyncReport) -> bool {
    report.objects > 0 || report.events > 0 || !report.differences.is_empty()
}

/// What was delivered means something for sales.
async fn take_in(open: &Arc<Open>, news: &News) {
    follow_sales(open).await;
    news.changed(&[Tag::Catalogue, Tag::Readers, Tag::Sale, Tag::Sales, Tag::Sync]);
}

async fn follow_sales(open: &Open) {
    if let Err(error) = open.house.till.follow_mirror().await {
        tracing::warn!(%error, "what Stripe's news mean for the sales was not taken in");
    }
}

/// Settles every payment and refund whose outcome is not known: those that a crash left open, and those where Stripe
/// was silent for long.
async fn settle(open: &Open, news: &News) {
    match open.house.till.unsettled() {
        Ok(0) => return,
        Ok(_) => {}
        Err(error) => {
            tracing::error!(%error, "open payments cannot be read");
            return;
        }
    }
    match open.house.till.resolve().await {
        Ok(settled) if settled.is_empty() => {}
        Ok(settled) => {
            tracing::info!(settled = settled.len(), "open payments and refunds were settled");
            news.changed(&[Tag::Sale, Tag::Sales, Tag::Readers]);
        }
        Err(error) => tracing::warn!(%error, "open payments could not be settled now"),
    }
}

#[cfg(test)]
mod tests {
    use tillbook_mirror::Hold;

    use super::*;

    #[test]
    fn the_word_for_the_mirror_says_what_stands_in_the_way() {
        let follower = Follower::default();
        let whole = Copying { objects: 10, estimate: 10, ..Copying::default() };
        let begun = Copying { lists_left: 2, ..whole.clone() };
        let paused = Copying { hold: Some(Hold { at_ms: 1, by: None }), ..begun.clone() };
        let nothing = Copying { lists_left: 20, ..Copying::default() };
        assert_eq!(follower.state(None, &nothing, None), SyncState::Never);
        assert_eq!(follower.state(Some(5), &whole, None), SyncState::Current);
        assert_eq!(follower.state(Some(5), &whole, Some("offline")), SyncState::Offline);
        let again = Copying { lists_again: 3, ..whole.clone() };
        assert_eq!(
            follower.state(Some(5), &again, None),
            SyncState::Current,
            "a re-check takes nothing away"
        );
        let gap = Copying { gap: true, ..again };
        assert_eq!(follower.state(Some(5), &gap, None), SyncState::Backfilling);
        // News was read and lists are left, as where the day's share of reads is used up: that is not up to date.
        assert_eq!(follower.state(Some(5), &begun, None), SyncState::Backfilling);
        assert_eq!(follower.state(Some(5), &paused, None), SyncState::Paused);
        assert_eq!(follower.state(Some(5), &paused, Some("offline")), SyncState::Offline);
        follower.working.store(true, Ordering::Relaxed);
        assert_eq!(follower.state(None, &nothing, Some("offline")), SyncState::Backfilling);
        assert_eq!(follower.state(Some(5), &paused, None), SyncState::Paused);
        assert_eq!(follower.state(Some(5), &whole, Some("refused")), SyncState::Refused);
        assert_eq!(follower.state(Some(5), &whole, None), SyncState::Polling);
    }

    #[test]
    fn a_line_that_is_down_is_asked_less_and_less_but_not_forgotten() {
        assert_eq!(slowed(PACE, 0), PACE);
        assert_eq!(slowed(PACE, 1), AFTER_FAILURE);
        assert_eq!(slowed(PACE, 3), AFTER_FAILURE * 4);
        assert_eq!(slowed(PACE, 1000), LONGEST);
        assert_eq!(slowed(Duration::from_secs(900), 3), Duration::from_secs(900));
    }
}
