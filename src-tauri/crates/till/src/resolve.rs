//! Settling what is not known: payments and refunds that a run before this one, or a lost line, left open.

use serde::Serialize;

use crate::payment::record as payments;
use crate::refund::record as refunds;
use crate::view::{PaymentState, RefundState};
use crate::{Till, TillError};

/// Something that was looked into, and where it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Settled {
    /// A payment.
    Payment {
        /// The attempt's id.
        attempt_id: String,
        /// Its sale.
        sale_id: String,
        /// `checking` if Stripe did not answer.
        state: PaymentState,
    },
    /// A refund.
    Refund {
        /// The refund attempt's id.
        refund_attempt_id: String,
        /// Its sale.
        sale_id: String,
        /// `checking` if Stripe did not answer.
        state: RefundState,
    },
}

impl Till {
    /// Settles every payment and refund whose outcome is not known, by asking Stripe and closing what can still be paid.
    /// Nothing that a person is attending to is touched, and nothing is ever charged twice. Needs nobody signed in: it
    /// ends what was begun and begins nothing.
    pub async fn resolve(&self) -> Result<Vec<Settled>, TillError> {
        let mut settled = Vec::new();
        for id in self.read(payments::unresolved)? {
            let attempt = self.read(|db| payments::find(db, &id))?;
            if self.is_attended(&id) && attempt.state != PaymentState::Checking {
                continue;
            }
            let lock = self.lock_of(&id);
            let Ok(_held) = lock.try_lock() else { continue };
            self.close(&id).await?;
            let (sale_id, state) =
                self.read(|db| Ok((payments::sale_id_of(db, &id)?, payments::find(db, &id)?.state)))?;
            settled.push(Settled::Payment { attempt_id: id.clone(), sale_id, state });
        }
        self.sweep_leftovers().await?;
        for id in self.read(refunds::checking)? {
            let lock = self.lock_of(&id);
            let Ok(_held) = lock.try_lock() else { continue };
            if self.inner.client.is_some() {
                self.settle_refund(&id).await?;
            }
            let (sale_id, state) =
                self.read(|db| Ok((refunds::sale_id_of(db, &id)?, refunds::find(db, &id)?.state)))?;
            settled.push(Settled::Refund { refund_attempt_id: id.clone(), sale_id, state });
        }
        Ok(settled)
    }

    /// How many payments and refunds are not known yet.
    pub fn unsettled(&self) -> Result<usize, TillError> {
        self.read(|db| Ok(payments::unresolved(db)?.len().saturating_add(refunds::checking(db)?.len())))
    }

    async fn sweep_leftovers(&self) -> Result<(), TillError> {
        if self.inner.client.is_none() {
            return Ok(());
        }
        for id in self.read(payments::leftovers)? {
            let lock = self.lock_of(&id);
            let Ok(_held) = lock.try_lock() else { continue };
            self.sweep(&id).await?;
        }
        Ok(())
    }
}
