//! When to send again, and how long to wait before.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Sleeping and chance, so that tests need neither.
pub trait Timing: Send + Sync {
    /// Waits.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
    /// A number from 0 to 1000.
    fn chance_per_mille(&self) -> u32;
}

/// The real thing: tokio's timer, and a small generator that only has to keep tills from knocking in step.
#[derive(Debug)]
pub struct SystemTiming(AtomicU64);

impl Default for SystemTiming {
    fn default() -> Self {
        use std::hash::{BuildHasher, Hasher};
        // The standard library seeds every RandomState differently; that is all the randomness jitter needs.
        Self(AtomicU64::new(std::hash::RandomState::new().build_hasher().finish()))
    }
}

impl Timing for SystemTiming {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn chance_per_mille(&self) -> u32 {
        // SplitMix64.
        let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u32::try_from((z ^ (z >> 31)) % 1001).unwrap_or(0)
    }
}

/// min(0.5·2^(n−1), 5) s × 0.5…1 before the n-th repetition, as the official SDKs wait.
pub(crate) fn backoff(repetition: u32, chance_per_mille: u32) -> Duration {
    let full_ms = 500_u64.saturating_mul(1 << repetition.saturating_sub(1).min(8)).min(5_000);
    let share_per_mille = 500 + u64::from(chance_per_mille.min(1000)) / 2;
    Duration::from_millis(full_ms.saturating_mul(share_per_mille) / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_five_seconds() {
        let full: Vec<u128> = (1..=6).map(|n| backoff(n, 1000).as_millis()).collect();
        assert_eq!(full, [500, 1000, 2000, 4000, 5000, 5000]);
        assert_eq!(backoff(1, 0).as_millis(), 250);
        assert_eq!(backoff(u32::MAX, 1000).as_millis(), 5000);
    }

    #[test]
    fn chance_stays_in_its_range_and_moves() {
        let timing = SystemTiming::default();
        let drawn: Vec<u32> = (0..200).map(|_| timing.chance_per_mille()).collect();
        assert!(drawn.iter().all(|c| *c <= 1000));
        assert!(drawn.iter().any(|c| *c != drawn[0]));
    }
}
