//! The mirror against small Stripes that do what a test needs, and against the practice Stripe.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says what it did"
)]

mod audit;
mod backfill;
mod budget;
mod certificate;
mod differences;
mod fake;
mod faults;
mod fixtures;
mod hostile;
mod house;
mod log;
mod marks;
mod news;
mod pause;
mod plain;
mod practice;
mod progress;
mod reads;
mod receiver;
mod record;
mod rounds;
mod search;
mod stubborn;
