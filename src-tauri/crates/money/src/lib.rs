//! Money: integers in Stripe's minor units with their currency, and nothing else.
//!
//! What comes in: integers, currency codes, text that a person typed. What never happens here: a float, an unchecked
//! operation, input or output, a clock. Every operation that could overflow or mix currencies answers with a
//! [`MoneyError`] instead.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::float_arithmetic, clippy::as_conversions)
)]

mod amount;
mod currency;
mod decimal;
mod share;

pub use amount::Money;
pub use currency::Currency;
pub use decimal::{DecimalMark, from_decimal, from_typed, to_decimal};
pub use share::{BasisPoints, allocate, percentage, round_half_up_div, share_of_units};

/// Everything that can be wrong with money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not three ASCII letters.
    #[error("\"{0}\" is not a currency code: three letters, as in usd")]
    NotACurrency(String),
    /// The result does not fit into 64 bits.
    #[error("the amount is too large to be an amount of money")]
    Overflow,
    /// Two currencies in one sum.
    #[error("{left} and {right} cannot be added to one amount")]
    CurrencyMismatch {
        /// Of the first amount.
        left: Currency,
        /// Of the second amount.
        right: Currency,
    },
    /// Not a number, or one with a sign, group or mark where none may stand.
    #[error("\"{0}\" is not an amount; write it as in 12.40")]
    NotAnAmount(String),
    /// `1.234` could be one or one thousand.
    #[error("\"{0}\" can be read in two ways; write it without separators of thousands")]
    Ambiguous(String),
    /// More digits after the decimal mark than the currency has, or not a multiple of its smallest step.
    #[error("\"{text}\" is finer than {currency} can be paid in (steps of {step_minor} minor units)")]
    TooFine {
        /// As it was written.
        text: String,
        /// The currency.
        currency: Currency,
        /// Smallest step in minor units.
        step_minor: i64,
    },
    /// There is nothing to divide by.
    #[error("an amount cannot be shared out over nothing")]
    NothingToShareOver,
    /// Units outside the line they belong to.
    #[error("units {from} to {to} are not in a line of {of}")]
    UnitsOutOfRange {
        /// Units before the first.
        from: i64,
        /// Last unit.
        to: i64,
        /// Units of the line.
        of: i64,
    },
}
