//! Everything that can go wrong with the books, with what to do about it.

use std::path::{Path, PathBuf};

use tillbook_mirror::MirrorError;
use tillbook_store::StoreError;
use tillbook_till::TillError;
use tillbook_vault::VaultError;

/// Why there is no file, or why it could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum BooksError {
    /// Not a day of the calendar.
    #[error("{given:?} is not a day; write it as 2026-03-31")]
    Day {
        /// As typed.
        given: String,
    },
    /// The end is not after the beginning.
    #[error(
        "the period from {from} to {to} is empty: the last day is not part of it, so name the day after it"
    )]
    Period {
        /// First day.
        from: String,
        /// Day after the last.
        to: String,
    },
    /// Not a time zone.
    #[error("{given:?} is not a time zone")]
    Zone {
        /// As stored.
        given: String,
    },
    /// A record contradicts itself. No file is better than a wrong one.
    #[error(
        "{id} does not add up: gross {gross_minor} less fee {fee_minor} is not net {net_minor}; nothing was exported"
    )]
    NetMismatch {
        /// The balance transaction.
        id: String,
        /// Minor units.
        gross_minor: i64,
        /// Minor units.
        fee_minor: i64,
        /// Minor units.
        net_minor: i64,
    },
    /// Without its exponent an amount cannot be written.
    #[error("{id} is in {currency:?}, a currency this version does not know; nothing was exported")]
    Currency {
        /// The balance transaction.
        id: String,
        /// Its code.
        currency: String,
    },
    /// A total beyond what 64 bits hold.
    #[error("the total of {currency} is too large")]
    Overflow {
        /// Its code.
        currency: String,
    },
    /// A time no calendar has.
    #[error("{id} has an impossible time")]
    Time {
        /// The record.
        id: String,
    },
    /// The file cannot be written there.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mirror cannot be read.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// The till says no.
    #[error(transparent)]
    Till(#[from] TillError),
    /// The vault cannot be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The vault's key is none.
    #[error("the key in the vault that signs exports is missing or damaged; restore the vault from a backup")]
    BadSigningKey,
    /// The manifest is no manifest.
    #[error("{} is not a manifest: {problem}", path.display())]
    Manifest {
        /// Where.
        path: PathBuf,
        /// Why.
        problem: String,
    },
}

impl BooksError {
    pub(crate) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> BooksError {
        let path = path.to_owned();
        move |source| BooksError::Write { path, source }
    }

    pub(crate) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> BooksError {
        let path = path.to_owned();
        move |source| BooksError::Read { path, source }
    }
}

impl From<rusqlite::Error> for BooksError {
    fn from(error: rusqlite::Error) -> BooksError {
        BooksError::Store(error.into())
    }
}
