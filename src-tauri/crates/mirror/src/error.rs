//! Everything that can go wrong between Stripe and the mirror.

use tillbook_store::StoreError;

use crate::scan::NotJson;

/// Why the mirror could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MirrorError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Stripe, or the way to it.
    #[error(transparent)]
    Stripe(#[from] tillbook_stripe::Error),
    /// Stripe refuses the key. What was mirrored stays; a new key goes on where this one stopped.
    #[error("{0}")]
    KeyRefused(#[source] tillbook_stripe::Error),
    /// Stripe answered with something that is not what was asked for.
    #[error("Stripe's answer to {asked} cannot be read: {detail}")]
    BadAnswer {
        /// The path.
        asked: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A stored object cannot be unpacked.
    #[error("the stored form of {id} is damaged")]
    DamagedRow {
        /// The object.
        id: String,
    },
    /// The folder belongs to another account than the key.
    #[error("this folder belongs to the Stripe account {expected}, the key to {got}")]
    OtherAccount {
        /// The account of the folder.
        expected: String,
        /// The account of the key.
        got: String,
    },
    /// A name that is none of Stripe's lists.
    #[error("{0:?} is not a list that is mirrored")]
    UnknownResource(String),
    /// Somebody asked to stop. What was done is kept.
    #[error("stopped as asked")]
    Canceled,
    /// Something in this machine broke off the work.
    #[error("the work broke off: {0}")]
    Broken(String),
}

impl MirrorError {
    /// What stood in the way, for whoever says it in another language: `refused`, `other_account`, `offline`,
    /// `rate_limited`, `permission`, `stripe`, `store`, `stopped`, `broken`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        use tillbook_stripe::Error;
        match self {
            MirrorError::KeyRefused(_) => "refused",
            MirrorError::OtherAccount { .. } => "other_account",
            MirrorError::Stripe(Error::NotSent(_) | Error::Unreachable(_)) => "offline",
            MirrorError::Stripe(Error::RateLimited(_)) => "rate_limited",
            MirrorError::Stripe(Error::Permission(_)) => "permission",
            MirrorError::Stripe(_) | MirrorError::BadAnswer { .. } => "stripe",
            MirrorError::Store(_) | MirrorError::DamagedRow { .. } => "store",
            MirrorError::Canceled => "stopped",
            MirrorError::UnknownResource(_) | MirrorError::Broken(_) => "broken",
        }
    }
}

impl From<rusqlite::Error> for MirrorError {
    fn from(error: rusqlite::Error) -> MirrorError {
        MirrorError::Store(StoreError::from(error))
    }
}

impl From<NotJson> for MirrorError {
    fn from(error: NotJson) -> MirrorError {
        MirrorError::BadAnswer { asked: String::new(), detail: error.to_string() }
    }
}
