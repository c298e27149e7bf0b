//! Ids that are unique across tills: UUIDv7, whose text sorts by the millisecond it was made in.

use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use uuid::Builder;

/// Makes ids. Passed in, so that a scenario can be replayed from its seed.
pub trait Ids: Send + Sync {
    /// A new UUIDv7 for this millisecond since 1970, as 36 lower-case characters.
    fn next(&self, now_ms: i64) -> String;
}

/// Ids from the system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

/// Counts the ids of this process, for the fallback below.
static MADE: AtomicU64 = AtomicU64::new(0);

impl Ids for RandomIds {
    fn next(&self, now_ms: i64) -> String {
        let mut tail = [0_u8; 10];
        if getrandom::fill(&mut tail).is_err() {
            // An id must be unique, not secret: process, count and time are enough where the system has no
            // randomness to give, and a sale must not fail for it.
            let count = MADE.fetch_add(1, Ordering::Relaxed);
            tail = digest_tail(&[u64::from(std::process::id()), count, now_ms.unsigned_abs()]);
        }
        uuid_text(now_ms, &tail)
    }
}

/// The same ids in the same order for the same seed and times.
#[derive(Debug)]
pub struct SeededIds {
    seed: u64,
    count: AtomicU64,
}

impl SeededIds {
    /// Starts the series of this seed.
    pub const fn new(seed: u64) -> SeededIds {
        SeededIds { seed, count: AtomicU64::new(0) }
    }
}

impl Ids for SeededIds {
    fn next(&self, now_ms: i64) -> String {
        let count = self.count.fetch_add(1, Ordering::SeqCst);
        uuid_text(now_ms, &digest_tail(&[self.seed, count]))
    }
}

fn digest_tail(numbers: &[u64]) -> [u8; 10] {
    let mut hash = Sha256::new();
    for number in numbers {
        hash.update(number.to_be_bytes());
    }
    let digest = hash.finalize();
    let mut tail = [0_u8; 10];
    for (to, from) in tail.iter_mut().zip(digest.iter()) {
        *to = *from;
    }
    tail
}

fn uuid_text(now_ms: i64, tail: &[u8; 10]) -> String {
    // A time before 1970 has no UUIDv7; it is taken as 1970.
    let now_ms = u64::try_from(now_ms).unwrap_or(0);
    Builder::from_unix_timestamp_millis(now_ms, tail).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn random_ids_are_uuid_v7_and_differ() {
        let made: HashSet<String> = (0..1_000).map(|_| RandomIds.next(1_700_000_000_000)).collect();
        assert_eq!(made.len(), 1_000);
        for id in made {
            let parsed = uuid::Uuid::parse_str(&id).unwrap();
            assert_eq!(parsed.get_version_num(), 7);
            assert_eq!(id, id.to_lowercase());
        }
    }

    #[test]
    fn ids_sort_by_time() {
        let early = RandomIds.next(1_700_000_000_000);
        let late = RandomIds.next(1_700_000_000_001);
        assert!(early < late);
    }

    #[test]
    fn a_seed_repeats_its_ids() {
        let (a, b, other) = (SeededIds::new(7), SeededIds::new(7), SeededIds::new(8));
        let first: Vec<String> = (0..5).map(|n| a.next(n)).collect();
        let again: Vec<String> = (0..5).map(|n| b.next(n)).collect();
        assert_eq!(first, again);
        assert_ne!(first[0], other.next(0));
    }

    #[test]
    fn a_clock_before_1970_still_gives_an_id() {
        assert_eq!(RandomIds.next(-5).len(), 36);
    }
}
