//! The till against the practice Stripe, through a line that loses what it is told to lose.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may be blunt")]

mod card;
mod cash;
mod concurrent;
mod crashes;
mod elsewhere;
mod find;
mod journal;
mod list;
mod lost;
mod opening;
mod proxy;
mod refunds;
mod rights;
mod rules;
mod shop;
mod staff;
mod upkeep;
