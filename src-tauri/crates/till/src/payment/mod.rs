//! Payments. An attempt is written down with its first step before Stripe hears of it; it is final when Stripe says so
//! and not before; until then nothing else may take its place.

mod cash;
pub(crate) mod close;
mod drive;
pub(crate) mod outcome;
pub(crate) mod progress;
pub(crate) mod reader;
pub(crate) mod record;
mod start;
pub(crate) mod step;
