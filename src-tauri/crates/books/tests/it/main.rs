//! The transactions file of a shop with a history, made and checked as an accountant would.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests may be blunt, and their helpers too"
)]

mod shop;
mod transactions;
