//! Control totals: what the columns of a file add up to, one total for each currency, in minor units.

use std::collections::BTreeMap;

use tillbook_money::{Currency, Money, to_decimal};

use crate::BooksError;

/// Running totals of a file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Totals {
    by_currency: BTreeMap<Currency, Total>,
    rows: u64,
}

/// Totals in one currency.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// Rows in this currency.
    pub rows: u64,
    /// Sum of gross.
    pub gross_minor: i64,
    /// Sum of fees.
    pub fee_minor: i64,
    /// Sum of net.
    pub net_minor: i64,
}

impl Totals {
    /// Adds a row, after checking that its net is its gross less its fee.
    pub fn add(
        &mut self,
        id: &str,
        currency: Currency,
        gross_minor: i64,
        fee_minor: i64,
        net_minor: i64,
    ) -> Result<(), BooksError> {
        if gross_minor.checked_sub(fee_minor) != Some(net_minor) {
            return Err(BooksError::NetMismatch { id: id.to_owned(), gross_minor, fee_minor, net_minor });
        }
        let total = self.by_currency.entry(currency).or_default();
        let sum = |a: i64, b: i64| {
            a.checked_add(b).ok_or_else(|| BooksError::Overflow { currency: currency.code().to_owned() })
        };
        total.gross_minor = sum(total.gross_minor, gross_minor)?;
        total.fee_minor = sum(total.fee_minor, fee_minor)?;
        total.net_minor = sum(total.net_minor, net_minor)?;
        total.rows = total.rows.saturating_add(1);
        self.rows = self.rows.saturating_add(1);
        Ok(())
    }

    /// Rows in all.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Each currency with its totals, by code.
    pub fn iter(&self) -> impl Iterator<Item = (Currency, &Total)> {
        self.by_currency.iter().map(|(currency, total)| (*currency, total))
    }
}

/// An amount as it stands in a file: major units with exactly the currency's decimals.
pub fn decimal(minor: i64, currency: Currency) -> String {
    to_decimal(Money::new(minor, currency))
}

/// The reverse of [`decimal`]: minor units; none if the text was not written by it. Fees may be finer than what can be
/// charged, so the currency's smallest step is not asked for here.
pub fn minor_of(text: &str, currency: Currency) -> Option<i64> {
    let digits: String = text.chars().filter(|c| *c != '.').collect();
    let minor: i64 = digits.parse().ok()?;
    (decimal(minor, currency) == text).then_some(minor)
}

#[cfg(test)]
mod tests {
    use super::{Totals, decimal, minor_of};
    use crate::BooksError;
    use tillbook_money::Currency;

    #[test]
    fn each_currency_has_its_own_total() {
        let (usd, jpy) = (Currency::parse("usd").unwrap(), Currency::parse("jpy").unwrap());
        let mut totals = Totals::default();
        totals.add("a", usd, 1_240, 66, 1_174).unwrap();
        totals.add("b", usd, -1_240, 0, -1_240).unwrap();
        totals.add("c", jpy, 500, 18, 482).unwrap();
        let all: Vec<_> = totals.iter().collect();
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].0, all[0].1.net_minor), (jpy, 482));
        assert_eq!(
            (all[1].0, all[1].1.gross_minor, all[1].1.fee_minor, all[1].1.net_minor),
            (usd, 0, 66, -66)
        );
        assert_eq!(totals.rows(), 3);
    }

    #[test]
    fn a_row_that_does_not_add_up_is_named() {
        let mut totals = Totals::default();
        let usd = Currency::parse("usd").unwrap();
        let error = totals.add("txn_9", usd, 100, 3, 98).unwrap_err();
        assert!(matches!(&error, BooksError::NetMismatch { id, .. } if id == "txn_9"));
        assert!(matches!(totals.add("txn_8", usd, i64::MIN, 1, 0), Err(BooksError::NetMismatch { .. })));
    }

    #[test]
    fn a_total_beyond_64_bits_stops_the_file() {
        let mut totals = Totals::default();
        let usd = Currency::parse("usd").unwrap();
        totals.add("a", usd, i64::MAX, 0, i64::MAX).unwrap();
        assert!(matches!(totals.add("b", usd, 1, 0, 1), Err(BooksError::Overflow { .. })));
    }

    #[test]
    fn amounts_read_back_only_as_they_were_written() {
        for (code, minor) in
            [("usd", -5), ("usd", 0), ("usd", 123_456), ("jpy", -500), ("kwd", 123), ("usd", i64::MIN)]
        {
            let currency = Currency::parse(code).unwrap();
            assert_eq!(minor_of(&decimal(minor, currency), currency), Some(minor));
        }
        let usd = Currency::parse("usd").unwrap();
        for bad in ["1", "1.0", "1.000", "01.00", "+1.00", "1,00", "--1.00", "-0.00", "", "1e2", "'-1.00"] {
            assert_eq!(minor_of(bad, usd), None, "{bad}");
        }
    }
}
