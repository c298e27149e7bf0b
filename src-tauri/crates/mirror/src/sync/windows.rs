//! The trailing windows: what changes without an event is read again.

use crate::engine::{Aim, Engine};
use crate::kind::KindId;
use crate::line::Line;
use crate::options::{Progress, WINDOWS_EVERY_S};
use crate::range::{END, Range};
use crate::state::{self, name};
use crate::{Mirror, MirrorError, SyncReport, Windows, kinds};

/// What changes without an event, and how many seconds before the last look it is read again from.
const WINDOWS: [(KindId, i64); 3] =
    [(kinds::BALANCE_TRANSACTION, 3600), (kinds::PAYMENT_INTENT, 86_400), (kinds::CHECKOUT_SESSION, 86_400)];

/// The state that says when a list could not be looked through.
fn tried_at(kind: KindId) -> String {
    format!("{}{}", name::WINDOW_TRIED_AT, kind.kind().list)
}

/// The state that says when a list was looked through.
fn relisted_at(kind: KindId) -> String {
    format!("{}{}", name::RELISTED_AT, kind.kind().list)
}

impl Mirror {
    /// Whether it is time to look through the windows of any of these lists.
    pub(super) fn are_windows_due(&self, chosen: &[KindId], windows: Windows) -> Result<bool, MirrorError> {
        let date = self.inner.last_date().unwrap_or_default();
        for (kind, _) in WINDOWS.iter().filter(|(kind, _)| chosen.contains(kind)) {
            let last: Option<i64> =
                self.read(|c| Ok(state::get(c, &relisted_at(*kind))?.max(state::get(c, &tried_at(*kind))?)))?;
            if windows.is_due(last, date) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads again what changes without an event: new balance transactions and those that became available, metadata of
    /// PaymentIntents, the creation of sessions. What news should have told and did not is noted as a difference. `again`
    /// says that the next sync is to look once more.
    pub(super) async fn windows(
        &self,
        line: &Line,
        chosen: &[KindId],
        again: bool,
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        let date = line.inner.last_date().unwrap_or_default();
        let mut engine = Engine::new(line, Aim::Again, self.floor()?, date, progress);
        let looked: Vec<KindId> =
            WINDOWS.iter().map(|(kind, _)| *kind).filter(|kind| chosen.contains(kind)).collect();
        for (kind, back) in WINDOWS.iter().copied().filter(|(kind, _)| chosen.contains(kind)) {
            let last: Option<i64> = self.read(|c| state::get(c, &relisted_at(kind)))?;
            let listed_at = self.read(|c| state::listed_at(c, kind.kind().list))?;
            // What was just listed has no window to look through.
            if let Some(listed) = listed_at.filter(|listed| *listed < date - 1) {
                let mut range = Range::new(kind, last.unwrap_or(listed).min(date) - back, END);
                range.audit = true;
                engine.add(range);
            }
        }
        engine.run().await?;
        report.objects += engine.objects;
        self.inner.store.mirror.write(|tx| {
            let due = "INSERT INTO dirty (kind, id, created, reason, mark)
                       SELECT 'balance_transaction', id, created, 'due', 0 FROM balance_transaction
                       WHERE status = 'pending' AND available_on <= ?1 AND as_of < ?1
                       ON CONFLICT (kind, id) DO NOTHING";
            if looked.contains(&kinds::BALANCE_TRANSACTION) {
                tx.execute(due, [date])?;
            }
            let at = if again { date - WINDOWS_EVERY_S } else { date };
            looked.iter().try_for_each(|kind| {
                // What could not be read is tried again when it is due, from where it was last read.
                let name = if engine.is_done(*kind) { relisted_at(*kind) } else { tried_at(*kind) };
                state::set(tx, &name, at)
            })
        })
    }
}
