//! How far the copy is as a whole. A pass knows what it read since it began; a person wants to know what is here, and a
//! pass that was stopped and taken up again did not begin at nothing.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::line::Line;
use crate::options::Progress;
use crate::{Mirror, MirrorError, hold};

/// How often what was spent is written down.
const BOOK_EVERY: Duration = Duration::from_secs(20);

/// Between a pass and whoever is told of it.
pub(super) struct Meter<'p> {
    line: &'p Line,
    /// Objects that are here of other lists, and of pages read before.
    before: u64,
    booked: Mutex<Instant>,
    progress: &'p (dyn Fn(Progress) + Send + Sync),
}

impl<'p> Meter<'p> {
    pub(super) fn new(
        mirror: &Mirror,
        line: &'p Line,
        full: bool,
        progress: &'p (dyn Fn(Progress) + Send + Sync),
    ) -> Result<Meter<'p>, MirrorError> {
        // Where every list is read once more, that begins at nothing.
        let before = if full { 0 } else { mirror.copying(hold::rows)?.objects };
        let before = u64::try_from(before).unwrap_or(0);
        Ok(Meter { line, before, booked: Mutex::new(Instant::now()), progress })
    }

    pub(super) fn tell(&self, mut news: Progress) {
        self.book();
        news.objects = news.objects.saturating_add(self.before);
        news.estimate = news.estimate.saturating_add(self.before);
        (self.progress)(news);
    }

    /// A copy of hours is not booked in its last one, and what was spent is known after a power cut too.
    fn book(&self) {
        let mut booked = self.booked.lock().unwrap_or_else(PoisonError::into_inner);
        if booked.elapsed() < BOOK_EVERY {
            return;
        }
        *booked = Instant::now();
        // What is told along the way stops no copy.
        if let Err(error) = self.line.book() {
            tracing::warn!(%error, "what was spent could not be written down");
        }
    }
}
