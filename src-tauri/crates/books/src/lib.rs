//! The books: what accountants read. Movements of money leave the program here, as a file that adds up and can be
//! checked later on another machine.
//!
//! What comes in: Stripe's balance transactions from the mirror, the till's own cash, a period of business days. What
//! never happens here: a request to Stripe, a float, a change of a sale. Only the journal learns that a file was made.
//!
//! Reading never holds more than a row in memory, and a record that contradicts itself stops the file rather than
//! entering it.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::float_arithmetic, clippy::as_conversions)
)]

mod atomic_file;
mod error;
mod export;
mod manifest;
mod period;
mod safe_text;
mod sheet;
mod signing;
mod sources;
mod totals;
mod verify;

pub use error::BooksError;
pub use export::{Exported, export_transactions};
pub use period::Period;
pub use signing::public_key;
pub use verify::{FileCheck, FileTotal, verify_file};
