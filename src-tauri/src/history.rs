//! Requests to Stripe by the hour. The mirror keeps them by the day; the hours are known for this run of the program only.

use std::collections::VecDeque;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;
const HOURS: usize = 24;

/// The requests of the last hours of this run.
#[derive(Default)]
pub struct History {
    /// Day (since 1970, UTC) and what had been booked on it.
    seen: Option<(i64, i64)>,
    /// Hour (since 1970) and its requests, oldest first.
    hours: VecDeque<(i64, i64)>,
}

impl History {
    /// So many requests have been booked today: what is more than last time was sent since then.
    pub fn note(&mut self, now_ms: i64, booked_today: i64) {
        let day = now_ms.div_euclid(DAY_MS);
        let since = match self.seen {
            Some((seen_day, seen)) if seen_day == day => booked_today.saturating_sub(seen).max(0),
            // A new day begins at nothing; a new run does not know when today's were sent.
            Some(_) => booked_today,
            None => 0,
        };
        self.seen = Some((day, booked_today));
        let hour = now_ms.div_euclid(HOUR_MS);
        match self.hours.back_mut() {
            Some((last, requests)) if *last >= hour => *requests = requests.saturating_add(since),
            _ => self.hours.push_back((hour, since)),
        }
        while self.hours.len() > HOURS || self.hours.front().is_some_and(|(first, _)| *first <= hour - 24) {
            self.hours.pop_front();
        }
    }

    /// When an hour began, and its requests; hours without any are there too.
    pub fn hours(&self) -> Vec<(i64, i64)> {
        let (Some((first, _)), Some((last, _))) = (self.hours.front(), self.hours.back()) else {
            return Vec::new();
        };
        (*first..=*last)
            .map(|hour| {
                let requests = self.hours.iter().find(|(known, _)| *known == hour).map_or(0, |(_, n)| *n);
                (hour.saturating_mul(HOUR_MS), requests)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_fall_into_their_hours_over_midnight_and_gaps() {
        let mut history = History::default();
        let at = |hour: i64, minute: i64| hour * HOUR_MS + minute * 60_000;
        history.note(at(22, 0), 500);
        history.note(at(22, 30), 510);
        history.note(at(22, 50), 512);
        // The next day begins at nothing.
        history.note(at(25, 0), 7);
        let hours: Vec<i64> = history.hours().into_iter().map(|(_, requests)| requests).collect();
        assert_eq!(hours, [12, 0, 0, 7]);
        assert_eq!(history.hours()[0].0, at(22, 0));
    }

    #[test]
    fn a_day_is_kept() {
        let mut history = History::default();
        for hour in 0..60 {
            history.note(hour * HOUR_MS, hour);
        }
        assert_eq!(history.hours().len(), HOURS);
        assert_eq!(history.hours()[0].0, 36 * HOUR_MS);
    }
}
