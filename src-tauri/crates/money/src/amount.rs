//! An amount of money: an integer and its currency, with checked arithmetic.

use serde::{Deserialize, Serialize};

use crate::{Currency, MoneyError};

/// An amount in Stripe's minor units. Negative where money went the other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: cents for usd, yen for jpy.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// An amount of so many minor units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in this currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency: self.currency })
    }

    /// The difference; may be negative.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency: self.currency })
    }

    /// The price of so many.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn times(self, quantity: i64) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(quantity).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency: self.currency })
    }

    /// The same amount in the other direction.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] for the one number that has no opposite.
    pub fn negated(self) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_neg().ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency: self.currency })
    }

    /// Whether Stripe could charge it: a multiple of the currency's step.
    #[must_use]
    pub fn is_payable_step(&self) -> bool {
        self.minor.checked_rem(self.currency.step_minor()) == Some(0)
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("usd").unwrap())
    }

    #[test]
    fn currencies_never_mix() {
        let eur = Money::new(1, Currency::parse("eur").unwrap());
        assert!(matches!(usd(1).plus(eur), Err(MoneyError::CurrencyMismatch { .. })));
        assert!(matches!(usd(1).minus(eur), Err(MoneyError::CurrencyMismatch { .. })));
    }

    #[test]
    fn overflow_is_an_error_at_every_edge() {
        assert_eq!(usd(i64::MAX).plus(usd(1)), Err(MoneyError::Overflow));
        assert_eq!(usd(i64::MIN).minus(usd(1)), Err(MoneyError::Overflow));
        assert_eq!(usd(i64::MAX).times(2), Err(MoneyError::Overflow));
        assert_eq!(usd(i64::MIN).negated(), Err(MoneyError::Overflow));
    }

    #[test]
    fn steps_follow_the_currency() {
        let isk = Currency::parse("isk").unwrap();
        assert!(Money::new(500, isk).is_payable_step());
        assert!(!Money::new(550, isk).is_payable_step());
    }
}
