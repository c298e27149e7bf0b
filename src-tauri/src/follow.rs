//! Keeps up with Stripe while the window is open: settles what a crash left open, copies Stripe's records, then reads
//! the news, and tells the window what to ask for again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tillbook_mirror::{SyncOptions, SyncReport};
use tillbook_stripe::Client;
use tillbook_till::view::SyncState;
use tokio::sync::Notify;

use crate::inputs::Tag;
use crate::state::{News, Open};

/// Between two readings of the news on the Stripe inside, whose reads cost nothing.
const PACE: Duration = Duration::from_secs(3);
/// How often the window is told of progress, and that nothing is new.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);
const WORD_EVERY: Duration = Duration::from_secs(30);

/// What the mirror is doing, and the bell that hurries it.
#[derive(Default)]
pub struct Follower {
    working: AtomicBool,
    hurry: Notify,
}

impl Follower {
    /// Reads the news now instead of at the next turn.
    pub fn hurry(&self) {
        self.hurry.notify_one();
    }

    /// What it is doing, in view of whether the mirror was ever complete and what stopped it last.
    pub fn state(&self, complete: bool, stopped: Option<&str>) -> SyncState {
        match (self.working.load(Ordering::Relaxed), complete, stopped) {
            (true, false, _) => SyncState::Backfilling,
            (_, _, Some("refused" | "permission" | "authentication")) => SyncState::Refused,
            (_, _, Some("offline")) => SyncState::Offline,
            (true, true, _) => SyncState::Polling,
            (false, true, _) => SyncState::Current,
            (false, false, _) => SyncState::Never,
        }
    }
}

/// Goes on until the program ends.
pub async fn follow(open: Arc<Open>, news: News) {
    let Some(client) = open.house.client.clone() else { return };
    settle(&open, &news).await;
    let mut last_word = Instant::now();
    loop {
        let moved = once(&open, &client, &news).await;
        if moved {
            news.changed(&[Tag::Catalogue, Tag::Readers, Tag::Sale, Tag::Sales, Tag::Sync]);
            last_word = Instant::now();
        } else if last_word.elapsed() >= WORD_EVERY {
            news.changed(&[Tag::Sync]);
            last_word = Instant::now();
        }
        settle(&open, &news).await;
        tokio::select! {
            () = tokio::time::sleep(PACE) => {}
            () = open.follower.hurry.notified() => {
                news.changed(&[Tag::Sync]);
                last_word = Instant::now();
            }
        }
    }
}

/// One reading. Answers whether anything changed.
async fn once(open: &Arc<Open>, client: &Client, news: &News) -> bool {
    let (open, client, news) = (Arc::clone(open), client.clone(), news.clone());
    open.follower.working.store(true, Ordering::Relaxed);
    let working = Arc::clone(&open);
    // On a thread of its own: unpacking and writing must not hold up the commands, and a panic is caught there.
    let here = tokio::runtime::Handle::current();
    let reading = tokio::task::spawn_blocking(move || here.block_on(read(&open, &client, &news)));
    let moved = reading.await.unwrap_or(false);
    working.follower.working.store(false, Ordering::Relaxed);
    moved
}

async fn read(open: &Open, client: &Client, news: &News) -> bool {
    let begun = Instant::now();
    let told_ms = AtomicU64::new(0);
    let progress = |_| {
        let now_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let every_ms = u64::try_from(PROGRESS_EVERY.as_millis()).unwrap_or(u64::MAX);
        if now_ms.saturating_sub(told_ms.load(Ordering::Relaxed)) >= every_ms {
            told_ms.store(now_ms, Ordering::Relaxed);
            news.changed(&[Tag::Sync]);
        }
    };
    match open.house.mirror.sync(client, &SyncOptions::default(), &progress).await {
        Ok(report) => {
            if let Err(error) = open.house.till.follow_mirror().await {
                tracing::warn!(%error, "what Stripe's news mean for the sales was not taken in");
            }
            has_news(&report)
        }
        Err(error) => {
            tracing::warn!(%error, "the news were not read");
            news.changed(&[Tag::Sync]);
            false
        }
    }
}

fn has_news(report: &SyncReport) -> bool {
    report.objects > 0 || report.events > 0 || !report.differences.is_empty()
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
    use super::*;

    #[test]
    fn the_word_for_the_mirror_says_what_stands_in_the_way() {
        let follower = Follower::default();
        assert_eq!(follower.state(false, None), SyncState::Never);
        assert_eq!(follower.state(true, None), SyncState::Current);
        assert_eq!(follower.state(true, Some("offline")), SyncState::Offline);
        follower.working.store(true, Ordering::Relaxed);
        assert_eq!(follower.state(false, Some("offline")), SyncState::Backfilling);
        assert_eq!(follower.state(true, Some("refused")), SyncState::Refused);
        assert_eq!(follower.state(true, None), SyncState::Polling);
    }
}
