//! Amounts as text: plain decimals for files and machines, and what a person typed.

use crate::{Currency, Money, MoneyError};

/// The decimal mark of a locale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalMark {
    /// `12.40`
    Dot,
    /// `12,40`
    Comma,
}

/// The amount in major units with exactly the currency's decimals: `12.40`, `-0.05`, `500` for jpy.
#[must_use]
pub fn to_decimal(amount: Money) -> String {
    let digits = usize::from(amount.currency.exponent());
    let size = amount.minor.unsigned_abs();
    let sign = if amount.minor < 0 { "-" } else { "" };
    if digits == 0 {
        return format!("{sign}{size}");
    }
    let padded = format!("{size:0>width$}", width = digits.saturating_add(1));
    let (major, minor) = padded.split_at(padded.len().saturating_sub(digits));
    format!("{sign}{major}.{minor}")
}

/// Reads a plain decimal in major units, as [`to_decimal`] writes it: an optional minus, digits, an optional dot with
/// at most the currency's decimals.
///
/// # Errors
/// [`MoneyError::NotAnAmount`], [`MoneyError::TooFine`], [`MoneyError::Overflow`].
pub fn from_decimal(text: &str, currency: Currency) -> Result<Money, MoneyError> {
    let wrong = || MoneyError::NotAnAmount(text.to_owned());
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (major, minor) = match unsigned.split_once('.') {
        Some((major, minor)) if !minor.is_empty() => (major, minor),
        Some(_) => return Err(wrong()),
        None => (unsigned, ""),
    };
    if major.is_empty() || !major.bytes().chain(minor.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let digits = usize::from(currency.exponent());
    let too_fine =
        || MoneyError::TooFine { text: text.to_owned(), currency, step_minor: currency.step_minor() };
    if minor.len() > digits {
        return Err(too_fine());
    }
    let all = format!("{major}{minor:0<digits$}");
    let size: i64 = all.parse().map_err(|_| MoneyError::Overflow)?;
    let amount =
        Money::new(if negative { size.checked_neg().ok_or(MoneyError::Overflow)? } else { size }, currency);
    if amount.is_payable_step() { Ok(amount) } else { Err(too_fine()) }
}

/// Reads what a person typed at a till whose locale has this decimal mark. The numpad's dot counts as the decimal
/// mark everywhere, so in a comma locale both are taken; a text that could mean a thousand as well as one
/// (`1.234`, `1,234`) is refused rather than guessed. Spaces around it are ignored; a sign is refused.
///
/// # Errors
/// [`MoneyError::NotAnAmount`], [`MoneyError::Ambiguous`], [`MoneyError::TooFine`], [`MoneyError::Overflow`].
pub fn from_typed(text: &str, mark: DecimalMark, currency: Currency) -> Result<Money, MoneyError> {
    let trimmed = text.trim();
    let marks = trimmed.bytes().filter(|b| matches!(b, b'.' | b',')).count();
    if trimmed.starts_with(['-', '+']) || marks > 1 {
        return Err(MoneyError::NotAnAmount(text.to_owned()));
    }
    let position = trimmed.find(['.', ',']);
    let after = position.map_or(0, |at| trimmed.len().saturating_sub(at).saturating_sub(1));
    // Three digits behind a mark look like a group of thousands; only a three-decimal currency written with its own
    // locale's mark is beyond doubt.
    if after == 3 {
        let own_mark = match mark {
            DecimalMark::Dot => '.',
            DecimalMark::Comma => ',',
        };
        let written_with_own =
            position.and_then(|at| trimmed.get(at..)).is_some_and(|t| t.starts_with(own_mark));
        if currency.exponent() != 3 || !written_with_own {
            return Err(MoneyError::Ambiguous(text.to_owned()));
        }
    }
    if mark == DecimalMark::Dot && trimmed.contains(',') {
        return Err(MoneyError::Ambiguous(text.to_owned()));
    }
    let plain = trimmed.replace(',', ".");
    let plain = plain.strip_suffix('.').unwrap_or(&plain);
    let plain = if plain.starts_with('.') { format!("0{plain}") } else { plain.to_owned() };
    from_decimal(&plain, currency).map_err(|error| match error {
        MoneyError::NotAnAmount(_) => MoneyError::NotAnAmount(text.to_owned()),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn typed(text: &str, mark: DecimalMark, code: &str) -> Result<i64, MoneyError> {
        from_typed(text, mark, of(code)).map(|m| m.minor)
    }

    #[test]
    fn decimals_follow_the_currency() {
        assert_eq!(to_decimal(Money::new(1_240, of("usd"))), "12.40");
        assert_eq!(to_decimal(Money::new(-5, of("usd"))), "-0.05");
        assert_eq!(to_decimal(Money::new(500, of("jpy"))), "500");
        assert_eq!(to_decimal(Money::new(5_120, of("kwd"))), "5.120");
        assert_eq!(to_decimal(Money::new(i64::MIN, of("usd"))), "-92233720368547758.08");
    }

    #[test]
    fn a_typed_amount_is_read_by_locale_and_numpad() {
        assert_eq!(typed("12.40", DecimalMark::Dot, "usd"), Ok(1_240));
        assert_eq!(typed("12,4", DecimalMark::Comma, "eur"), Ok(1_240));
        assert_eq!(typed("12.40", DecimalMark::Comma, "eur"), Ok(1_240));
        assert_eq!(typed(".5", DecimalMark::Dot, "usd"), Ok(50));
        assert_eq!(typed(" 7. ", DecimalMark::Dot, "usd"), Ok(700));
        assert_eq!(typed("5.120", DecimalMark::Dot, "kwd"), Ok(5_120));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for (text, mark, code) in [
            ("1.234", DecimalMark::Comma, "eur"),
            ("1,234", DecimalMark::Dot, "usd"),
            ("1.234", DecimalMark::Dot, "usd"),
            ("12,40", DecimalMark::Dot, "usd"),
            ("5.120", DecimalMark::Comma, "kwd"),
        ] {
            assert_eq!(typed(text, mark, code), Err(MoneyError::Ambiguous(text.to_owned())), "{text}");
        }
        for text in ["", "-1", "+1", "1.2.3", "1,234.50", "12a", "١٢", "1e3", "."] {
            assert!(
                matches!(typed(text, DecimalMark::Dot, "usd"), Err(MoneyError::NotAnAmount(_))),
                "{text}"
            );
        }
        assert!(matches!(typed("1.5", DecimalMark::Dot, "jpy"), Err(MoneyError::TooFine { .. })));
        assert!(matches!(typed("5.50", DecimalMark::Dot, "isk"), Err(MoneyError::TooFine { .. })));
        assert!(matches!(typed("5.125", DecimalMark::Dot, "kwd"), Err(MoneyError::TooFine { .. })));
        assert_eq!(typed("99999999999999999999", DecimalMark::Dot, "usd"), Err(MoneyError::Overflow));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor in any::<i64>().prop_filter("has an opposite", |m| *m != i64::MIN), code in prop::sample::select(vec!["usd", "jpy"])) {
            let amount = Money::new(minor, of(code));
            prop_assert_eq!(from_decimal(&to_decimal(amount), amount.currency), Ok(amount));
        }
    }
}
