//! Lists that Stripe does not let this key read, or answers with what cannot be read: they are tried again now and then,
//! not with every poll.

use crate::kind::KindId;
use crate::line::Line;
use crate::options::{Progress, Trouble};
use crate::{Mirror, MirrorError, SyncOptions, SyncReport, Windows};

/// A list that could not be read to its end.
pub(super) struct Blocked {
    pub(super) kind: KindId,
    trouble: Trouble,
    /// When it was tried last.
    at: Option<i64>,
}

impl Mirror {
    /// Of the chosen lists those where another try would most likely be answered the same.
    pub(super) fn blocked(&self, chosen: &[KindId]) -> Result<Vec<Blocked>, MirrorError> {
        self.read(|c| {
            let mut statement = c.prepare_cached(
                "SELECT list, problem_code, problem, problem_at FROM resource
                 WHERE problem_code IN ('permission', 'not_offered', 'refused', 'too_large', 'malformed', 'fails')
                   AND (listed_at IS NULL
                        OR EXISTS (SELECT 1 FROM backfill_range b WHERE b.list = resource.list AND b.done = 0))",
            )?;
            let mut rows = statement.query([])?;
            let mut blocked = Vec::new();
            while let Some(row) = rows.next()? {
                let resource: String = row.get(0)?;
                let Some(kind) = KindId::of_list(&resource).filter(|kind| chosen.contains(kind)) else {
                    continue;
                };
                let trouble = Trouble {
                    resource,
                    code: row.get(1)?,
                    text: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                };
                blocked.push(Blocked { kind, trouble, at: row.get(3)? });
            }
            Ok(blocked)
        })
    }

    /// Tries those again whose time has come, and tells of the others what is known.
    pub(super) async fn try_blocked(
        &self,
        line: &Line,
        blocked: Vec<Blocked>,
        options: &SyncOptions,
        may_look: bool,
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        let date = line.inner.last_date().unwrap_or_default();
        let (again, known): (Vec<Blocked>, Vec<Blocked>) = blocked.into_iter().partition(|list| {
            // Whoever asks may have given the permission a moment ago.
            let is_granted = options.windows == Windows::OnRequest && list.trouble.code == "permission";
            is_granted || (may_look && options.windows.is_due(list.at, date))
        });
        let again: Vec<KindId> = again.into_iter().map(|list| list.kind).collect();
        for Blocked { trouble, .. } in known {
            if !report.problems.contains(&trouble) {
                report.problems.push(trouble);
            }
        }
        if again.is_empty() {
            return Ok(());
        }
        let told = report.problems.len();
        let outcome = self.pass(line, &again, false, progress, report).await;
        // What stands in the way of the news stands in the way of the list of events too.
        let found = report.problems.split_off(told);
        for trouble in found {
            if !report.problems.contains(&trouble) {
                report.problems.push(trouble);
            }
        }
        outcome
    }
}
