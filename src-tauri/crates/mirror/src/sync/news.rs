//! The news: polls of the event list, and what is done where news was missed.

use crate::events::{self, Gap};
use crate::kind::KindId;
use crate::line::Line;
use crate::options::{Phase, Progress};
use crate::state::{self, name};
use crate::sync::lists::listable;
use crate::{Mirror, MirrorError, SyncReport};

/// Events are kept this long: Stripe shows them for 30 days.
const EVENTS_KEPT_S: i64 = 90 * 86_400;
/// A day of events is read again once a day.
const SWEEP_S: i64 = 86_400;

impl Mirror {
    /// Reads the news. Answers a gap where polling cannot go on.
    pub(super) async fn catch_up(
        &self,
        line: &Line,
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<Option<Gap>, MirrorError> {
        progress(Progress {
            phase: Phase::Events,
            resource: "events".to_owned(),
            objects: report.objects,
            estimate: report.objects,
            per_s: 0,
            left_s: None,
        });
        let polled = match events::poll(line).await? {
            Ok(polled) => polled,
            Err(gap) => return Ok(Some(gap)),
        };
        report.events += polled.events;
        if polled.events > 0 {
            self.inner.is_active();
        }
        self.inner.store.mirror.write(|tx| state::set(tx, name::COMPLETE_TO, polled.complete_to))?;
        let swept: Option<i64> = self.read(|c| state::get(c, name::SWEPT_AT))?;
        let date = polled.complete_to;
        if swept.is_none_or(|swept| date - swept >= SWEEP_S) {
            if swept.is_some() {
                report.events += events::sweep(line, date - SWEEP_S - 3600).await?;
            }
            self.inner.store.mirror.write(|tx| {
                tx.execute("DELETE FROM event WHERE created < ?1", [date - EVENTS_KEPT_S])?;
                state::set(tx, name::SWEPT_AT, date)
            })?;
        }
        Ok(None)
    }

    /// News was missed: notes the new position first, lists everything that was ever listed again, and compares.
    pub(super) async fn heal_gap(
        &self,
        line: &Line,
        gap: Gap,
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        let at = line.inner.last_date().unwrap_or_default();
        let what = match gap {
            Gap::Hole => "hole",
            Gap::AgedOut => "aged_out",
        };
        self.inner.store.mirror.write(|tx| {
            tx.execute(
                "INSERT INTO difference (at, kind, id, what, detail) VALUES (?1, 'event_list', ?2, 'gap', ?3)",
                (at, what, gap.text()),
            )?;
            state::set(tx, name::GAP, what)
        })?;
        events::hand_over(line).await?;
        let listed: Vec<KindId> = listable()
            .filter_map(|kind| match self.read(|c| state::is_listed(c, kind.kind().list)) {
                Ok(true) => Some(Ok(kind)),
                Ok(false) => None,
                Err(error) => Some(Err(error)),
            })
            .collect::<Result<_, _>>()?;
        self.pass(line, &listed, true, progress, report).await?;
        self.inner.store.mirror.write(|tx| {
            tx.execute(
                "UPDATE difference SET healed_at = ?1 WHERE kind = 'event_list' AND healed_at IS NULL",
                [at],
            )?;
            state::clear(tx, name::GAP)
        })?;
        match self.catch_up(line, progress, report).await? {
            None => Ok(()),
            Some(gap) => {
                Err(MirrorError::BadAnswer { asked: "/v1/events".to_owned(), detail: gap.text().to_owned() })
            }
        }
    }
}
