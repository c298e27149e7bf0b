//! The trailing windows: what changes without an event is read again.

use crate::engine::{Aim, Engine};
use crate::kind::KindId;
use crate::line::Line;
use crate::options::Progress;
use crate::range::{END, Range};
use crate::state::{self, name};
use crate::{Mirror, MirrorError, SyncReport, kinds};

/// How far back payments and sessions are read again.
const WINDOW_S: i64 = 86_400;

impl Mirror {
    /// Reads again what changes without an event: new balance transactions and those that became available, metadata of
    /// PaymentIntents, the creation of sessions.
    pub(super) async fn windows(
        &self,
        line: &Line,
        chosen: &[KindId],
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        let date = line.inner.last_date().unwrap_or_default();
        let last: i64 = self.read(|c| state::get(c, name::RELISTED_AT))?.unwrap_or(date);
        let mut engine = Engine::new(line, Aim::Again, self.floor()?, date, progress);
        for (kind, lo) in [
            (kinds::BALANCE_TRANSACTION, last.min(date) - 3600),
            (kinds::PAYMENT_INTENT, last.min(date) - WINDOW_S),
            (kinds::CHECKOUT_SESSION, last.min(date) - WINDOW_S),
        ] {
            let listed_at: Option<i64> = self.read(|c| {
                let sql = "SELECT max(listed_at) FROM resource WHERE list = ?1";
                Ok(c.prepare_cached(sql)?.query_row([kind.kind().list], |row| row.get(0))?)
            })?;
            // What was just listed has no window to look through.
            if chosen.contains(&kind) && listed_at.is_some_and(|listed| listed < date - 1) {
                engine.add(Range::new(kind, lo, END));
            }
        }
        engine.run().await?;
        report.objects += engine.objects;
        self.inner.store.mirror.write(|tx| {
            let due = "INSERT INTO dirty (kind, id, created, reason, mark)
                       SELECT 'balance_transaction', id, created, 'due', 0 FROM balance_transaction
                       WHERE status = 'pending' AND available_on <= ?1 AND as_of < ?1
                       ON CONFLICT (kind, id) DO NOTHING";
            if chosen.contains(&kinds::BALANCE_TRANSACTION) {
                tx.execute(due, [date])?;
            }
            state::set(tx, name::RELISTED_AT, date)
        })
    }
}
