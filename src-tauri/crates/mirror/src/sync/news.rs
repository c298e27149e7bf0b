//! The news: polls of the event list, and what is done where news was missed.

use tillbook_stripe::Error;

use crate::engine::PERMISSION;
use crate::events::{self, Gap, Reach};
use crate::kind::KindId;
use crate::line::Line;
use crate::options::{Phase, Progress, Trouble};
use crate::state::{self, name};
use crate::sync::lists::listable;
use crate::{Mirror, MirrorError, SyncReport, kinds};

/// Events are kept this long: Stripe shows them for 30 days.
const EVENTS_KEPT_S: i64 = 90 * 86_400;
/// A day of events is read again once a day.
const SWEEP_S: i64 = 86_400;
const REPEATS: (&str, &str) = (
    "repeats",
    "Stripe's event list led back into itself. What could be read is here; the next poll looks again.",
);

impl Mirror {
    /// Reads the news. Answers a gap where polling cannot go on.
    pub(super) async fn catch_up(
        &self,
        line: &Line,
        reach: Reach,
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
        let polled = match events::poll(line, reach).await {
            Ok(Ok(polled)) => polled,
            Ok(Err(gap)) => return Ok(Some(gap)),
            // The lists are read all the same; the position waits for the permission.
            Err(MirrorError::Stripe(Error::Permission(_))) => {
                return self.tell_of_news(line, PERMISSION, report).map(|()| None);
            }
            Err(error) => return Err(error),
        };
        report.events += polled.events;
        if polled.events > 0 {
            self.inner.is_active();
        }
        if !polled.is_whole {
            return self.tell_of_news(line, REPEATS, report).map(|()| None);
        }
        let swept: Option<i64> = self.inner.store.mirror.write(|tx| {
            if let Some(complete_to) = polled.complete_to {
                state::set(tx, name::COMPLETE_TO, complete_to)?;
            }
            state::overcome(tx, kinds::EVENT.kind().list, &[PERMISSION.1, REPEATS.1])?;
            state::get(tx, name::SWEPT_AT)
        })?;
        let date = polled.date;
        if swept.is_none_or(|swept| !(0..SWEEP_S).contains(&(date - swept))) {
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

    /// What stands in the way of the news is told; everything else goes on.
    fn tell_of_news(
        &self,
        line: &Line,
        (code, text): (&str, &str),
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        let list = kinds::EVENT.kind().list;
        let at = line.inner.last_date().unwrap_or_default();
        let trouble = Trouble { resource: list.to_owned(), code: code.to_owned(), text: text.to_owned() };
        if !report.problems.contains(&trouble) {
            report.problems.push(trouble);
        }
        self.inner.store.mirror.write(|tx| {
            // The list may have been blocked before: when it was tried last is not changed by that.
            let known = "SELECT 1 FROM resource WHERE list = ?1 AND problem = ?2";
            if tx.prepare_cached(known)?.exists((list, text))? {
                return Ok(());
            }
            state::trouble(tx, list, code, text, at)
        })
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
        match self.catch_up(line, Reach::Far, progress, report).await? {
            None => Ok(()),
            Some(gap) => {
                Err(MirrorError::BadAnswer { asked: "/v1/events".to_owned(), detail: gap.text().to_owned() })
            }
        }
    }
}
