//! How fast requests may go: one bucket for the account and one for each endpoint.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Token buckets. A client that has none is not slowed (practice on loopback); the mirror sets one for real accounts.
#[derive(Debug)]
pub struct Pace {
    account: Option<Rate>,
    endpoint: Option<Rate>,
    state: Mutex<State>,
    requests: AtomicU64,
    rate_limited: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    account: Option<Instant>,
    endpoints: HashMap<String, Instant>,
}

/// Evenly spaced requests, with a small burst on top.
#[derive(Debug, Clone, Copy)]
struct Rate {
    spacing: Duration,
    burst: Duration,
}

impl Rate {
    fn per_second(requests: u32) -> Option<Self> {
        let spacing = Duration::from_secs(1).checked_div(requests)?;
        // A fifth of a second's worth: Stripe's own bucket is a second deep, the rest of it is left for what bunches
        // up on the way.
        Some(Self { spacing, burst: spacing * (requests / 5) })
    }

    /// Takes the next free place; answers how long to wait for it.
    fn take(self, next: Option<Instant>, now: Instant) -> (Duration, Instant) {
        let place = next.unwrap_or(now).max(now);
        let wait = place.duration_since(now).saturating_sub(self.burst);
        (wait, place + self.spacing)
    }
}

impl Pace {
    /// Requests per second for the account and for each endpoint; 0 is no limit.
    pub fn new(account_per_s: u32, endpoint_per_s: u32) -> Self {
        Self {
            account: Rate::per_second(account_per_s),
            endpoint: Rate::per_second(endpoint_per_s),
            state: Mutex::default(),
            requests: AtomicU64::new(0),
            rate_limited: AtomicU64::new(0),
        }
    }

    /// Requests sent at this pace so far, repeated ones counted: what a read budget is counted in.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// How many of them were answered with 429.
    pub fn rate_limited(&self) -> u64 {
        self.rate_limited.load(Ordering::Relaxed)
    }

    /// Notes an answer's status.
    pub(crate) fn answered(&self, status: u16) {
        if status == 429 {
            self.rate_limited.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits for a free place at the endpoint and then for one of the account, so that what queues for one endpoint
    /// takes no places of the account from the others.
    pub(crate) async fn wait(&self, path: &str) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        pause(self.take_endpoint(endpoint_of(path), Instant::now())).await;
        pause(self.take_account(Instant::now())).await;
    }

    fn take_endpoint(&self, endpoint: &str, now: Instant) -> Duration {
        let Some(rate) = self.endpoint else { return Duration::ZERO };
        let mut state = self.state();
        let (wait, next) = rate.take(state.endpoints.get(endpoint).copied(), now);
        state.endpoints.insert(endpoint.to_owned(), next);
        wait
    }

    fn take_account(&self, now: Instant) -> Duration {
        let Some(rate) = self.account else { return Duration::ZERO };
        let mut state = self.state();
        let (wait, next) = rate.take(state.account, now);
        state.account = Some(next);
        wait
    }

    /// Nothing panics between lock and unlock; if it did, the times in here would still be times.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn pause(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}

/// `/v1/charges/ch_1/capture` → `charges`; what has a namespace keeps it (`terminal/readers`).
fn endpoint_of(path: &str) -> &str {
    let path = path.strip_prefix("/v1/").unwrap_or(path);
    let depth = match path.split('/').next() {
        Some("terminal" | "checkout" | "reporting") => 2,
        Some("test_helpers") => 3,
        _ => 1,
    };
    match path.match_indices('/').nth(depth - 1) {
        Some((at, _)) => &path[..at],
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_endpoint_never_exceeds_its_rate_plus_the_burst() {
        let pace = Pace::new(100, 25);
        let now = Instant::now();
        let waits: Vec<Duration> = (0..50).map(|_| pace.take_endpoint("charges", now)).collect();
        assert_eq!(waits.iter().filter(|w| w.is_zero()).count(), 6, "the burst and one");
        assert_eq!(waits[49], Duration::from_millis(40 * (49 - 5)));
        assert!(pace.take_endpoint("customers", now) < waits[49], "another endpoint does not wait behind it");
    }

    #[test]
    fn the_account_holds_all_endpoints_together() {
        let pace = Pace::new(100, 25);
        let now = Instant::now();
        let last = (0..200).map(|_| pace.take_account(now)).max().unwrap();
        assert_eq!(last, Duration::from_millis(10 * (199 - 20)));
    }

    #[test]
    fn zero_is_no_limit() {
        let pace = Pace::new(0, 0);
        let now = Instant::now();
        assert!(
            (0..1000)
                .all(|_| pace.take_endpoint("charges", now).is_zero() && pace.take_account(now).is_zero())
        );
    }

    #[test]
    fn endpoints_by_path() {
        assert_eq!(endpoint_of("/v1/charges"), "charges");
        assert_eq!(endpoint_of("/v1/charges/ch_1/capture"), "charges");
        assert_eq!(endpoint_of("/v1/terminal/readers/tmr_1/cancel_action"), "terminal/readers");
        assert_eq!(endpoint_of("/v1/test_helpers/terminal/readers/tmr_1"), "test_helpers/terminal/readers");
        assert_eq!(endpoint_of("/v1/checkout/sessions"), "checkout/sessions");
    }
}
