//! The files of one account and mode: `till.db`, `mirror.db` and what the folder says about itself.
//!
//! What may come in: keys from the vault, closed SQL steps (`migrations/`), and closures that read or write inside one
//! transaction. What goes out: connections that are keyed and set, and errors that tell a wrong key from damage, a
//! full disk from a read-only folder, and a second running copy from everything else.
//!
//! The two files are SQLCipher under random 32-byte keys, in WAL mode, with one writer and several readers each.
//! `till.db` commits with `synchronous=FULL`: what a commit acknowledged survives a power cut. `mirror.db` commits with
//! `NORMAL`: a power cut may take its last commits, and the next sync brings them again. SQLCipher turns memory mapping
//! off, so none is asked for.
//!
//! What never happens here: Stripe, a plain copy of a file, a damaged `till.db` touched or a new one begun in its
//! place, a key in an error or a log.

#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

mod backup;
mod clock;
mod database;
mod error;
mod folder;
mod ids;
mod key;
mod migrate;
mod migrations;
mod open;
mod store;

pub use clock::{Clock, FixedClock, SystemClock};
pub use database::Database;
pub use error::StoreError;
pub use folder::{Folder, FolderLock, Identity, Mode, VaultKind};
pub use ids::{Ids, RandomIds, SeededIds};
pub use key::{FileKey, WrongKeyLength};
pub use rusqlite;
pub use store::{Access, Store};
