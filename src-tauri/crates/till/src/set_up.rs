//! What a shop is set up with, and its people: as they are written down, and whether they can be right.

use tillbook_money::Currency;

use crate::view::{Reason, Role};
use crate::{TillError, day, pin};

/// First-run set-up.
#[derive(Clone)]
pub struct SetUp {
    /// 1 to 60 characters.
    pub shop_name: String,
    /// Lower-case ISO code.
    pub currency: String,
    /// IANA name.
    pub time_zone: String,
    /// BCP 47.
    pub locale: String,
    /// The first manager.
    pub staff_name: String,
    /// 4 to 12 digits.
    pub pin: String,
}

impl SetUp {
    /// Whether a shop can be set up with this, asked before anything is opened.
    pub fn check(&self) -> Result<(), TillError> {
        self.checked().map(drop)
    }

    /// The shop's name, the manager's and the currency, as they are kept.
    pub(crate) fn checked(&self) -> Result<(String, String, Currency), TillError> {
        let name = checked_name("shop_name", &self.shop_name)?;
        let staff_name = checked_name("staff_name", &self.staff_name)?;
        let currency = checked_currency(&self.currency)?;
        day::zone(&self.time_zone)?;
        check_locale(&self.locale)?;
        pin::check_shape(&self.pin)?;
        Ok((name, staff_name, currency))
    }
}

impl std::fmt::Debug for SetUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetUp").field("shop_name", &self.shop_name).finish_non_exhaustive()
    }
}

/// Somebody who is taken on.
#[derive(Clone)]
pub struct Colleague {
    /// 1 to 60 characters.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// 4 to 12 digits.
    pub pin: String,
}

impl Colleague {
    /// Whether somebody can be taken on with this, asked before anything is opened.
    pub fn check(&self) -> Result<(), TillError> {
        checked_name("name", &self.name)?;
        pin::check_shape(&self.pin)
    }
}

impl std::fmt::Debug for Colleague {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Colleague").field("role", &self.role).finish_non_exhaustive()
    }
}

pub(crate) fn checked_name(field: &'static str, name: &str) -> Result<String, TillError> {
    let name = name.trim();
    let fine = (1..=60).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fine {
        Ok(name.to_owned())
    } else {
        Err(TillError::invalid(field, Reason::Name, "write a name of 1 to 60 characters"))
    }
}

fn checked_currency(code: &str) -> Result<Currency, TillError> {
    let currency = Currency::parse(code).map_err(|_| {
        TillError::invalid(
            "currency",
            Reason::Currency,
            "choose a currency by its three letters, such as usd",
        )
    })?;
    if currency.is_taken_by_stripe() {
        return Ok(currency);
    }
    Err(TillError::invalid(
        "currency",
        Reason::CurrencyNotTaken,
        format!("Stripe takes no payments in {currency}; choose another currency, such as usd"),
    ))
}

fn check_locale(locale: &str) -> Result<(), TillError> {
    let fine = (2..=35).contains(&locale.len())
        && locale
            .split('-')
            .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
        && locale.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    if fine {
        Ok(())
    } else {
        Err(TillError::invalid("locale", Reason::Locale, "choose a language such as en-US or de-DE"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(currency: &str) -> Option<String> {
        checked_currency(currency).err().map(|error| error.to_string())
    }

    #[test]
    fn a_currency_that_stripe_does_not_take_is_refused_by_name() {
        assert_eq!(refused("usd"), None);
        assert_eq!(refused("JPY"), None);
        assert!(refused("xyz").is_some_and(|words| words.contains("XYZ") && words.contains("another")));
        assert!(refused("dollars").is_some_and(|words| words.contains("three letters")));
    }
}
