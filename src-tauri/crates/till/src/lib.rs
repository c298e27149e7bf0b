//! What staff do: staff and rights, catalogue, sales, tenders, refunds, journal.
//!
//! **What the room is for.** Money that is never in doubt. Every command takes the person who gives it ([`Signed`]),
//! names the right it needs, and changes the store in one transaction together with its journal entry.
//!
//! **What may come in.** Ids, quantities, amounts handed over, reasons, PINs. Prices come from the mirror and never from
//! a caller; what Stripe says comes from Stripe and never from a caller.
//!
//! **What never happens here.**
//! - A request that Stripe acts on leaves before it is written down whole, with its key. One that charges is never sent
//!   twice: a lost answer is settled by asking, then closing.
//! - A payment is called paid, or unpaid, before Stripe has had its last word; until then no other tender takes its
//!   place. Paid is what Stripe received.
//! - More is given back than was received, of any payment.
//! - A PIN, a key or a card's number gets into a row, a log or an error.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::float_arithmetic))]

mod account;
mod card_like;
mod catalogue;
pub mod crash;
mod day;
mod error;
mod find;
mod follow;
mod journal;
mod open;
mod payment;
mod pin;
mod reasons;
mod refund;
mod resolve;
mod rights;
mod sale;
mod set_up;
mod staff;
mod till;
mod typed_day;
mod upkeep;
pub mod view;

pub use error::{Clash, Code, TillError};
pub use journal::JournalPosition;
pub use open::{House, OpenOptions, open};
pub use refund::{Approver, RefundAsked};
pub use resolve::Settled;
pub use rights::{Signed, rights_of};
pub use sale::LineInput;
pub use set_up::{Colleague, SetUp};
pub use staff::same_name;
pub use till::{Pace, Till};

/// An amount in words of digits: `12.40 USD`.
pub(crate) fn money_text(minor: i64, currency: &str) -> String {
    match tillbook_money::Currency::parse(currency) {
        Ok(known) => {
            let amount = tillbook_money::to_decimal(tillbook_money::Money::new(minor, known));
            format!("{amount} {}", currency.to_ascii_uppercase())
        }
        Err(_) => format!("{minor} {currency}"),
    }
}
