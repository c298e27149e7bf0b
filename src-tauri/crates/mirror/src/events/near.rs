//! The near mark: where usual polls read from while more than a page of events lies behind the far anchor.

use std::collections::VecDeque;
use std::sync::PoisonError;

use crate::Inner;

/// Events in a page. As long as no more lie behind the far anchor, it is all that is needed.
pub(crate) const PAGE: usize = 100;
/// Events that a usual poll reads again: half a page is left for news, so that a poll is one request.
pub(crate) const BEHIND: usize = PAGE / 2;
/// Seconds between two far reads for each page they cost, and their bounds.
const A_PAGE_S: i64 = 20;
const SOONEST_S: i64 = 60;
const LATEST_S: i64 = 120;

/// Kept in memory only: a new start begins with a far read, so there is nothing a crash could leave behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Near {
    /// The event polls read from. Everything before it was read.
    pub(crate) id: String,
    /// When the last far read began, by Stripe's clock.
    pub(crate) far_at: i64,
    /// What it cost.
    pub(crate) pages: u64,
}

impl Near {
    /// Whether it is time to read from the far anchor again. A far read in the future is one of a clock that was wrong.
    pub(crate) fn is_far_due(&self, date: i64) -> bool {
        !(0..every_s(self.pages)).contains(&date.saturating_sub(self.far_at))
    }
}

/// Seconds between two far reads: an event that surfaces late behind the near mark waits no longer than this.
pub(crate) fn every_s(pages: u64) -> i64 {
    i64::try_from(pages).unwrap_or(i64::MAX).saturating_mul(A_PAGE_S).clamp(SOONEST_S, LATEST_S)
}

/// The newest events of a reading, in the order of the list: enough to put the mark behind.
#[derive(Debug, Default)]
pub(super) struct Tail(VecDeque<String>);

impl Tail {
    /// Adds a page, its newest event first.
    pub(super) fn add<'a>(&mut self, newest_first: impl Iterator<Item = &'a str>) {
        let newest: Vec<&str> = newest_first.take(BEHIND + 1).collect();
        self.0.extend(newest.into_iter().rev().map(str::to_owned));
        self.0.drain(..self.0.len().saturating_sub(BEHIND + 1));
    }

    /// The event with half a page behind it; none where fewer were read.
    pub(super) fn mark(mut self) -> Option<String> {
        if self.0.len() > BEHIND { self.0.pop_front() } else { None }
    }
}

impl Inner {
    pub(super) fn near(&self) -> Option<Near> {
        self.near.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_near(&self, near: Option<Near>) {
        *self.near.lock().unwrap_or_else(PoisonError::into_inner) = near;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_far_read_is_due_by_its_price() {
        let near = |pages| Near { id: "evt_1".to_owned(), far_at: 1000, pages };
        for (pages, last, due) in [(1, 1059, 1060), (3, 1059, 1060), (5, 1099, 1100), (200, 1119, 1120)] {
            assert!(!near(pages).is_far_due(last), "{pages}");
            assert!(near(pages).is_far_due(due), "{pages}");
        }
        assert!(near(2).is_far_due(999), "a clock that went back");
    }

    #[test]
    fn the_mark_has_half_a_page_behind_it() {
        let names: Vec<String> = (0..130).map(|number| format!("evt_{number}")).collect();
        let newest_first = |from: usize, to: usize| names[from..to].iter().rev().map(String::as_str);
        let mut tail = Tail::default();
        tail.add(newest_first(0, 100));
        tail.add(newest_first(100, 130));
        assert_eq!(tail.mark().as_deref(), Some("evt_79"), "50 are newer, over two pages");
        let mut short = Tail::default();
        short.add(newest_first(0, 50));
        assert_eq!(short.mark(), None);
    }
}
