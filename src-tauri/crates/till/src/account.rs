//! Whose key this is. A data folder belongs to one account; money never moves through another one's key.

use std::sync::atomic::Ordering;

use tillbook_store::StoreError;
use tillbook_stripe::Error;
use tillbook_stripe::account::{self, Account};

use crate::{Clash, Till, TillError};

/// What was found out about the key in this run.
pub(crate) const NOT_ASKED: u8 = 0;
const OURS: u8 = 1;

impl Till {
    /// Asks Stripe, once in a run, which account the key belongs to, binds the folder to it the first time and
    /// refuses another one afterwards. Learns Stripe's time on the way.
    pub async fn check_account(&self) -> Result<(), TillError> {
        if self.inner.account_seen.load(Ordering::Acquire) == OURS {
            return Ok(());
        }
        self.client()?;
        let reply = match self.look(&account::retrieve()).await {
            Ok(reply) => reply,
            // A restricted key may not be told its account. It was given by the person who owns it; the mirror still
            // refuses records of another account.
            Err(Error::Permission(problem)) => {
                self.note_date(problem.date_s);
                tracing::warn!("the Stripe key may not read its account; the folder cannot be matched to it");
                self.inner.account_seen.store(OURS, Ordering::Release);
                return Ok(());
            }
            Err(error) => return Err(stripe_error(&error)),
        };
        let account: Account = reply.json().map_err(|error| stripe_error(&error))?;
        match self.inner.folder.bind_account(&account.id) {
            Ok(_) => {}
            Err(StoreError::AccountMismatch { .. }) => return Err(Clash::OtherAccount.into()),
            Err(error) => return Err(error.into()),
        }
        self.inner.account_seen.store(OURS, Ordering::Release);
        Ok(())
    }

    /// What groups the tills of a shop in Stripe's metadata: the account, once it is known.
    pub(crate) fn workspace_id(&self) -> String {
        match self.inner.folder.identity() {
            Ok(Some(identity)) => identity.account.unwrap_or(identity.till_id),
            _ => self.till_id().to_owned(),
        }
    }
}

/// An error of Stripe's where no payment hangs on it. The client's words are safe to show.
pub(crate) fn stripe_error(error: &Error) -> TillError {
    match error {
        Error::NotSent(_) | Error::Unreachable(_) | Error::ApiDown(_) => TillError::Offline,
        _ => TillError::Stripe {
            message: error.to_string(),
            request_id: error.request_id().map(ToOwned::to_owned),
        },
    }
}
