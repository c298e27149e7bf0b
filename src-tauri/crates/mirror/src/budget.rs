//! The governor's outlook, from what the store has counted.

use std::sync::atomic::Ordering;

use crate::governor::{self, Outlook, Plan, WINDOW_DAYS};
use crate::state::{self, name};
use crate::{Mirror, MirrorError};

/// Tills of the account, in the table `state`.
const TILLS: &str = "tills";
const DAY: i64 = 86_400;

impl Mirror {
    /// What may be spent now, and how often Stripe may be asked. Reads only this machine.
    pub fn plan(&self) -> Result<Plan, MirrorError> {
        Ok(governor::plan(&self.outlook()?))
    }

    /// How many tills of the account read Stripe on their own: the budget is divided by it.
    pub fn set_tills(&self, tills: u32) -> Result<(), MirrorError> {
        self.inner.store.mirror.write(|tx| state::set(tx, TILLS, tills.max(1)))
    }

    fn outlook(&self) -> Result<Outlook, MirrorError> {
        let now = self.inner.clock.now_ms().div_euclid(1000);
        let today = now.div_euclid(DAY);
        self.read(|c| {
            let spent = |from: i64, purpose: &str| -> Result<i64, MirrorError> {
                let sql = "SELECT coalesce(sum(requests), 0) FROM spent WHERE day >= ?1 AND (?2 = '' OR purpose = ?2)";
                Ok(c.prepare_cached(sql)?.query_row((from, purpose), |row| row.get(0))?)
            };
            // By Stripe's clock where it is known: charges carry Stripe's seconds.
            let date: i64 = state::get(c, name::COMPLETE_TO)?.or_else(|| self.inner.last_date()).unwrap_or(now);
            let transactions = c
                .prepare_cached("SELECT count(*) FROM charge WHERE created >= ?1 AND status = 'succeeded'")?
                .query_row([date - WINDOW_DAYS * DAY], |row| row.get(0))?;
            Ok(Outlook {
                now,
                transactions,
                tills: state::get(c, TILLS)?.unwrap_or(1),
                spent: spent(today - WINDOW_DAYS + 1, "")?,
                spent_today: spent(today, "")?,
                payments_today: spent(today, "fetch")?,
                active_at: self.inner.active_at.load(Ordering::Relaxed),
                payment_open: false,
            })
        })
    }
}
