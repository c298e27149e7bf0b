//! Everything that can go wrong at a till, in words for the person in front of it: what happened and what to do next.

use serde::Serialize;
use serde_json::json;
use tillbook_mirror::MirrorError;
use tillbook_money::MoneyError;
use tillbook_store::StoreError;
use tillbook_vault::VaultError;
use ts_rs::TS;

use crate::reasons;
use crate::view::{Reason, Right};

/// The kinds of error that a person or a program treats differently. Add one only if a consumer uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Wrong PIN; `details.attempts_left` before it is slowed.
    PinWrong,
    /// Too many wrong PINs; `details.retry_after_ms`.
    PinSlowed,
    /// Nobody is signed in, or they no longer work here.
    SignedOut,
    /// This person may not; `details.right`.
    NotAllowed,
    /// The input cannot be right; `details.field` says where.
    Invalid,
    /// It is not there.
    NotFound,
    /// It is not in a state for that: an outcome is still being checked, it is already paid, …
    Conflict,
    /// Below the currency's smallest charge; `details.minimum_minor`.
    AmountTooSmall,
    /// No reader can be used.
    Reader,
    /// Stripe cannot be reached.
    Offline,
    /// Stripe refused.
    Stripe,
    /// The store cannot be read or written; money actions stop.
    Store,
    /// A defect in Tillbook.
    Internal,
}

/// Why something is not in a state for what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Clash {
    /// A payment of this sale is not final yet.
    #[error("a payment of this sale is still open; wait until Stripe has settled it, or cancel it first")]
    PaymentOpen,
    /// It was paid, part or all.
    #[error("this sale has been paid for; it can be refunded, not changed")]
    SalePaid,
    /// It ended without payment.
    #[error("this sale has ended; start a new one")]
    SaleEnded,
    /// It was put aside.
    #[error("this sale is parked; resume it first")]
    SaleParked,
    /// It is not put aside.
    #[error("this sale is not parked")]
    SaleNotParked,
    /// Another sale with lines is being rung up.
    #[error("another sale is being rung up; park it or finish it first")]
    AnotherSale,
    /// There is nothing in the sale.
    #[error("there is nothing in this sale yet; add an item first")]
    EmptySale,
    /// The payment has ended.
    #[error("this payment has already ended")]
    PaymentEnded,
    /// The payment was not refused, so it cannot be presented again.
    #[error("this payment is under way; it can be presented again only after it was declined")]
    PaymentUnderWay,
    /// Nothing was paid, or all was given back.
    #[error("nothing of this sale can be refunded any more")]
    NothingToRefund,
    /// Set-up was done before.
    #[error("this till is already set up; sign in instead")]
    AlreadySetUp,
    /// Set-up was not done yet.
    #[error("this till is not set up yet; set it up first")]
    NotSetUp,
    /// The folder belongs to another mode.
    #[error(
        "this folder belongs to another mode of Stripe; practice, test and live never mix: choose another folder or key"
    )]
    OtherMode,
    /// The key is another account's.
    #[error(
        "the key belongs to another Stripe account than this folder; use that account's key or another folder"
    )]
    OtherAccount,
    /// Something that was asked of the copy of Stripe's records is waiting or under way.
    #[error("a comparison with Stripe is under way already; wait for it, or stop it first")]
    UnderWay,
    /// Another command changed the same thing at the same moment.
    #[error("somebody else changed this at the same moment; look again and repeat it if it is still needed")]
    Raced,
}

/// Every error of the till.
#[derive(Debug, thiserror::Error)]
pub enum TillError {
    /// Wrong PIN.
    #[error("that PIN is not right; {attempts_left} more before sign-in is slowed")]
    PinWrong {
        /// Tries left before it is slowed.
        attempts_left: i64,
    },
    /// Too many wrong PINs.
    #[error("too many wrong PINs; wait {} seconds and try again", .retry_after_ms.saturating_add(999).checked_div(1000).unwrap_or(0))]
    PinSlowed {
        /// How long no PIN is looked at.
        retry_after_ms: i64,
    },
    /// Nobody is signed in, or they no longer work here.
    #[error("sign in first")]
    SignedOut,
    /// This person may not.
    #[error("{name} may not do that; ask a manager")]
    NotAllowed {
        /// Who.
        name: String,
        /// The right that is missing.
        right: Right,
    },
    /// The input cannot be right.
    #[error("{message}")]
    Invalid {
        /// Which input.
        field: &'static str,
        /// Why.
        reason: Reason,
        /// What it has to be.
        message: String,
    },
    /// It is not there.
    #[error("there is no such {what}")]
    NotFound {
        /// `sale`, `payment`, …
        what: &'static str,
    },
    /// It is not in a state for that.
    #[error(transparent)]
    Conflict(#[from] Clash),
    /// Below the currency's smallest card charge.
    #[error("this is below the smallest amount a card can be charged ({}); take cash instead", crate::money_text(*.minimum_minor, .currency))]
    AmountTooSmall {
        /// The smallest charge.
        minimum_minor: i64,
        /// Lower-case ISO code.
        currency: String,
    },
    /// Above what Stripe charges at once.
    #[error("this is above the largest amount a card can be charged at once; split the sale")]
    AmountTooLarge,
    /// No reader can be used.
    #[error("{message}")]
    Reader {
        /// There is none, it is not known, or one has to be chosen.
        reason: Reason,
        /// For a person.
        message: String,
    },
    /// Stripe cannot be reached; nothing was changed.
    #[error("Stripe cannot be reached; check the network. Cash can be taken meanwhile")]
    Offline,
    /// No key was given to this run.
    #[error("no Stripe key is known; give one to take cards and to synchronise")]
    NoKey,
    /// Stripe refused.
    #[error("Stripe refused: {message}")]
    Stripe {
        /// In words that carry no secret.
        message: String,
        /// To quote to Stripe's support.
        request_id: Option<String>,
    },
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys cannot be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The mirror cannot answer.
    #[error(transparent)]
    Mirror(MirrorError),
    /// A test stopped the program here.
    #[error("stopped at {0}")]
    Stopped(&'static str),
    /// A defect in Tillbook; nothing was changed.
    #[error("Tillbook made a mistake ({0}); nothing was changed. Please report it")]
    Internal(String),
}

impl TillError {
    /// Input that cannot be right.
    pub(crate) fn invalid(field: &'static str, reason: Reason, message: impl Into<String>) -> Self {
        Self::Invalid { field, reason, message: message.into() }
    }

    /// A defect.
    pub(crate) fn internal(what: impl std::fmt::Display) -> Self {
        Self::Internal(what.to_string())
    }

    /// Which kind.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::PinWrong { .. } => Code::PinWrong,
            Self::PinSlowed { .. } => Code::PinSlowed,
            Self::SignedOut => Code::SignedOut,
            Self::NotAllowed { .. } => Code::NotAllowed,
            Self::Invalid { .. } => Code::Invalid,
            Self::NotFound { .. } => Code::NotFound,
            Self::Conflict(_) => Code::Conflict,
            Self::AmountTooSmall { .. } => Code::AmountTooSmall,
            Self::AmountTooLarge => Code::Invalid,
            Self::Reader { .. } => Code::Reader,
            Self::Offline => Code::Offline,
            Self::NoKey | Self::Stripe { .. } => Code::Stripe,
            Self::Store(_) | Self::Vault(_) | Self::Mirror(_) => Code::Store,
            Self::Stopped(_) | Self::Internal(_) => Code::Internal,
        }
    }

    /// Why, where there is a sentence for it. What Stripe said in its own words has none, and neither has a defect.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Invalid { reason, .. } => Some(*reason),
            Self::Conflict(clash) => Some(clash.reason()),
            Self::AmountTooLarge => Some(Reason::AmountTooLarge),
            Self::Reader { reason, .. } => Some(*reason),
            Self::NoKey => Some(Reason::NoKey),
            Self::Store(error) => reasons::of_store(error),
            Self::Vault(error) => reasons::of_vault(error),
            Self::Mirror(error) => reasons::of_mirror(error),
            Self::PinWrong { .. }
            | Self::PinSlowed { .. }
            | Self::SignedOut
            | Self::NotAllowed { .. }
            | Self::NotFound { .. }
            | Self::AmountTooSmall { .. }
            | Self::Offline
            | Self::Stripe { .. }
            | Self::Stopped(_)
            | Self::Internal(_) => None,
        }
    }

    /// Whether the same call may work later without anybody changing anything.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(
            self,
            Self::Offline | Self::PinSlowed { .. } | Self::Conflict(Clash::PaymentOpen | Clash::Raced)
        )
    }

    /// Numbers and names for the UI's own sentence. Never a secret.
    #[must_use]
    pub fn details(&self) -> serde_json::Value {
        let mut details = self.particulars();
        if let (Some(reason), Some(all)) = (self.reason(), details.as_object_mut()) {
            all.insert("reason".to_owned(), json!(reason));
        }
        details
    }

    fn particulars(&self) -> serde_json::Value {
        match self {
            Self::PinWrong { attempts_left } => json!({ "attempts_left": attempts_left }),
            Self::PinSlowed { retry_after_ms } => json!({ "retry_after_ms": retry_after_ms }),
            Self::NotAllowed { right, .. } => json!({ "right": right }),
            Self::Invalid { field, .. } => json!({ "field": field }),
            Self::NotFound { what } => json!({ "what": what }),
            Self::AmountTooSmall { minimum_minor, currency } => {
                json!({ "minimum_minor": minimum_minor, "currency": currency })
            }
            Self::Stripe { request_id, .. } => json!({ "request_id": request_id }),
            _ => json!({}),
        }
    }
}

impl From<rusqlite::Error> for TillError {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            // Uniques, checks and triggers are the last line of defence: the transaction is gone, nothing happened.
            rusqlite::Error::SqliteFailure(cause, _)
                if cause.code == rusqlite::ErrorCode::ConstraintViolation =>
            {
                tracing::warn!(%error, "a constraint of the store held a change back");
                Self::Conflict(Clash::Raced)
            }
            _ => Self::Store(StoreError::from(error)),
        }
    }
}

impl From<MirrorError> for TillError {
    fn from(error: MirrorError) -> Self {
        Self::Mirror(error)
    }
}

impl From<MoneyError> for TillError {
    fn from(error: MoneyError) -> Self {
        Self::Invalid { field: "amount", reason: Reason::AmountNotMoney, message: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_staff_can_act_on_carries_its_reason() {
        let store = StoreError::FullDisk { file: "till.db".into() };
        let vault = VaultError::Missing { files: "till.db".to_owned(), place: "vault.json".to_owned() };
        for (error, reason) in [
            (TillError::invalid("pin", Reason::Pin, "a PIN has 4 to 12 digits"), "pin"),
            (Clash::Raced.into(), "raced"),
            (store.into(), "disk_full"),
            (vault.into(), "vault_missing"),
            (TillError::NoKey, "no_key"),
        ] {
            assert_eq!(error.details()["reason"], reason, "{error}");
        }
        assert_eq!(TillError::invalid("pin", Reason::Pin, "").details()["field"], "pin");
        assert_eq!(TillError::SignedOut.details(), json!({}));
    }
}
