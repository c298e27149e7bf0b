//! The news: polls of the event list, and what is done where news was missed.

use crate::engine::PERMISSION;
use crate::events::{self, Gap, Reach, UNREADABLE};
use crate::hold::listable;
use crate::kind::KindId;
use crate::line::Line;
use crate::options::{Phase, Progress, Trouble};
use crate::state::{self, name};
use crate::{Mirror, MirrorError, SyncReport, hold, kinds};

/// Events are kept this long: Stripe shows them for 30 days.
const EVENTS_KEPT_S: i64 = 90 * 86_400;
/// A day of events is read again once a day.
const SWEEP_S: i64 = 86_400;
const SWEPT_BACK_S: i64 = 7 * SWEEP_S;
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
            // The lists are read all the same, and the position waits.
            Err(error) => {
                let trouble = events::news_of(&error).ok_or(error)?;
                return self.tell_of_news(line, trouble, report).map(|()| None);
            }
        };
        report.events += polled.events;
        if polled.events > 0 {
            self.inner.is_active();
        }
        if !polled.is_whole {
            return self.tell_of_news(line, REPEATS, report).map(|()| None);
        }
        let (swept, complete_to) = self.inner.store.mirror.write(|tx| {
            if let Some(complete_to) = polled.complete_to {
                events::complete(tx, complete_to)?;
            }
            state::overcome(tx, kinds::EVENT.kind().list, &[PERMISSION.1, UNREADABLE.1, REPEATS.1])?;
            let complete_to: i64 = state::get(tx, name::COMPLETE_TO)?.unwrap_or_default();
            Ok::<_, MirrorError>((state::get::<i64>(tx, name::SWEPT_AT)?, complete_to))
        })?;
        let date = polled.date;
        // Where the budget had no room for one, the next goes back further.
        let from = match swept {
            Some(swept) if swept < date - 2 * SWEEP_S => swept.max(date - SWEPT_BACK_S),
            _ => date - SWEEP_S - 3600,
        };
        let is_due = swept.is_none_or(|swept| !(0..SWEEP_S).contains(&(date - swept)));
        if is_due && (swept.is_none() || self.may_sweep(line, from)?) {
            if let Some(swept) = swept {
                report.events += events::sweep(line, from, swept, complete_to).await?;
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
        let trouble = Trouble::of(list, (code, text));
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
        // A quiet shop that was shut for some days: its last event is gone, and nothing was missed.
        if gap == Gap::AgedOut
            && self.inner.store.mirror.write(|tx| events::outlive_anchor(tx, at))?
            && self.catch_up(line, Reach::Far, progress, report).await?.is_none()
        {
            return Ok(());
        }
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
        // What a pass that is under way has read may be as old as what was listed before: it begins anew too.
        let known: Vec<KindId> = self.read(|c| {
            let mut known = Vec::new();
            for kind in listable() {
                let list = hold::list_state(c, kind.kind().list)?;
                if list.was_listed || list.is_under_way {
                    known.push(kind);
                }
            }
            Ok(known)
        })?;
        for kind in known.iter().copied() {
            self.begin_pass(kind, at)?;
        }
        events::hand_over(line).await?;
        // Where somebody had the reading of lists wait, this waits with it.
        if !self.is_held()? {
            self.pass(line, &known, true, progress, report).await?;
        }
        self.close_gap(&known)?;
        match self.catch_up(line, Reach::Far, progress, report).await? {
            None => Ok(()),
            Some(gap) => {
                Err(MirrorError::BadAnswer { asked: "/v1/events".to_owned(), detail: gap.text().to_owned() })
            }
        }
    }

    /// A gap is closed when every list was read again, be it by the sync that found it or by a later one that went on.
    pub(super) fn close_gap(&self, listed: &[KindId]) -> Result<(), MirrorError> {
        let at = self.inner.last_date().unwrap_or_default();
        self.inner.store.mirror.write(|tx| {
            if state::get::<String>(tx, name::GAP)?.is_none() {
                return Ok(());
            }
            for kind in listed {
                let list = hold::list_state(tx, kind.kind().list)?;
                if list.is_under_way && !list.is_blocked {
                    return Ok(());
                }
            }
            tx.execute(
                "UPDATE difference SET healed_at = ?1 WHERE kind = 'event_list' AND healed_at IS NULL",
                [at],
            )?;
            state::clear(tx, name::GAP)
        })
    }
}
