//! The real program against the practice Stripe, as a script would run it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests may be blunt, and their helpers too"
)]

mod day;
mod files;
mod find;
mod interrupted;
mod lost;
mod practice;
mod refused;
mod status;
mod world;
