//! Currencies by Stripe's rules, which are not ISO 4217's alone: ISK and UGX are sent with two decimals and must be
//! whole, the five three-decimal currencies must end in 0. Source: docs.stripe.com/currencies.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::MoneyError;

/// A currency by its lower-case ISO code, `usd`. Any three letters are accepted, since Stripe adds currencies; the
/// rules below apply to those it lists as special.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

const ZERO_DECIMAL: [&[u8; 3]; 15] = [
    b"bif", b"clp", b"djf", b"gnf", b"jpy", b"kmf", b"krw", b"mga", b"pyg", b"rwf", b"vnd", b"vuv", b"xaf",
    b"xof", b"xpf",
];
const THREE_DECIMAL: [&[u8; 3]; 5] = [b"bhd", b"jod", b"kwd", b"omr", b"tnd"];
const WHOLE_WITH_TWO_DECIMALS: [&[u8; 3]; 2] = [b"isk", b"ugx"];

const MINIMUM_CHARGE_MINOR: [(&[u8; 3], i64); 31] = [
    (b"usd", 50),
    (b"aed", 200),
    (b"ars", 50),
    (b"aud", 50),
    (b"brl", 50),
    (b"cad", 50),
    (b"chf", 50),
    (b"cop", 50),
    (b"czk", 1_500),
    (b"dkk", 250),
    (b"eur", 50),
    (b"gbp", 30),
    (b"hkd", 400),
    (b"huf", 17_500),
    (b"idr", 50),
    (b"ils", 50),
    (b"inr", 50),
    (b"jpy", 50),
    (b"krw", 50),
    (b"mxn", 1_000),
    (b"myr", 200),
    (b"nok", 300),
    (b"nzd", 50),
    (b"php", 50),
    (b"pln", 200),
    (b"ron", 200),
    (b"rub", 50),
    (b"sek", 300),
    (b"sgd", 50),
    (b"thb", 1_000),
    (b"zar", 50),
];

/// What Stripe takes payments in. Codes that were withdrawn before this list was made are not in it.
#[rustfmt::skip]
const TAKEN: [&[u8; 3]; 142] = [
    b"aed", b"afn", b"all", b"amd", b"ang", b"aoa", b"ars", b"aud", b"awg", b"azn", b"bam", b"bbd", b"bdt", b"bgn",
    b"bhd", b"bif", b"bmd", b"bnd", b"bob", b"brl", b"bsd", b"btn", b"bwp", b"byn", b"bzd", b"cad", b"cdf", b"chf",
    b"clp", b"cny", b"cop", b"crc", b"cve", b"czk", b"djf", b"dkk", b"dop", b"dzd", b"egp", b"etb", b"eur", b"fjd",
    b"fkp", b"gbp", b"gel", b"ghs", b"gip", b"gmd", b"gnf", b"gtq", b"gyd", b"hkd", b"hnl", b"htg", b"huf", b"idr",
    b"ils", b"inr", b"isk", b"jmd", b"jod", b"jpy", b"kes", b"kgs", b"khr", b"kmf", b"krw", b"kwd", b"kyd", b"kzt",
    b"lak", b"lbp", b"lkr", b"lrd", b"lsl", b"mad", b"mdl", b"mga", b"mkd", b"mmk", b"mnt", b"mop", b"mur", b"mvr",
    b"mwk", b"mxn", b"myr", b"mzn", b"nad", b"ngn", b"nio", b"nok", b"npr", b"nzd", b"omr", b"pab", b"pen", b"pgk",
    b"php", b"pkr", b"pln", b"pyg", b"qar", b"ron", b"rsd", b"rub", b"rwf", b"sar", b"sbd", b"scr", b"sek", b"sgd",
    b"shp", b"sle", b"sos", b"srd", b"std", b"svc", b"szl", b"thb", b"tjs", b"tnd", b"top", b"try", b"ttd", b"twd",
    b"tzs", b"uah", b"ugx", b"usd", b"uyu", b"uzs", b"vnd", b"vuv", b"wst", b"xaf", b"xcd", b"xof", b"xpf", b"yer",
    b"zar", b"zmw",
];

impl Currency {
    /// Reads a code in either case.
    ///
    /// # Errors
    /// [`MoneyError::NotACurrency`] where it is not three ASCII letters.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        let bytes: [u8; 3] =
            code.as_bytes().try_into().map_err(|_| MoneyError::NotACurrency(code.to_owned()))?;
        if !bytes.iter().all(u8::is_ascii_alphabetic) {
            return Err(MoneyError::NotACurrency(code.to_owned()));
        }
        Ok(Self(bytes.map(|b| b.to_ascii_lowercase())))
    }

    /// Lower case, as Stripe writes it.
    #[must_use]
    pub fn code(&self) -> &str {
        // Only ASCII letters are ever inside, see `parse`.
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Whether Stripe takes payments in it. A shop is set up in no other; what Stripe itself sends is never asked.
    #[must_use]
    pub fn is_taken_by_stripe(&self) -> bool {
        TAKEN.binary_search(&&self.0).is_ok()
    }

    /// Digits after the decimal mark of an amount in Stripe's minor units: 0, 2 or 3.
    #[must_use]
    pub fn exponent(&self) -> u8 {
        if ZERO_DECIMAL.contains(&&self.0) {
            0
        } else if THREE_DECIMAL.contains(&&self.0) {
            3
        } else {
            2
        }
    }

    /// Minor units in one major unit: 1, 100 or 1000.
    #[must_use]
    pub fn minor_per_major(&self) -> i64 {
        match self.exponent() {
            0 => 1,
            3 => 1_000,
            _ => 100,
        }
    }

    /// Amounts Stripe accepts are a multiple of this many minor units.
    #[must_use]
    pub fn step_minor(&self) -> i64 {
        if WHOLE_WITH_TWO_DECIMALS.contains(&&self.0) {
            100
        } else if self.exponent() == 3 {
            10
        } else {
            1
        }
    }

    /// The smallest charge, where Stripe states one for this currency. It is checked by Stripe against the
    /// settlement currency after conversion, so an amount above it can still be refused.
    #[must_use]
    pub fn minimum_charge_minor(&self) -> Option<i64> {
        MINIMUM_CHARGE_MINOR.iter().find(|(code, _)| **code == self.0).map(|(_, minimum)| *minimum)
    }

    /// The largest card charge.
    #[must_use]
    pub fn maximum_charge_minor(&self) -> i64 {
        99_999_999
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code().to_ascii_uppercase())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn stripe_decides_the_decimals_not_iso_alone() {
        assert_eq!((of("usd").exponent(), of("usd").step_minor()), (2, 1));
        assert_eq!((of("jpy").exponent(), of("jpy").step_minor()), (0, 1));
        assert_eq!((of("kwd").exponent(), of("kwd").step_minor()), (3, 10));
        // ISO 4217 gives both no decimals; Stripe takes them with two, whole.
        assert_eq!((of("isk").exponent(), of("isk").step_minor()), (2, 100));
        assert_eq!((of("ugx").exponent(), of("ugx").step_minor()), (2, 100));
    }

    #[test]
    fn codes_are_three_letters_in_any_case() {
        assert_eq!(of("EUR").code(), "eur");
        assert_eq!(of("eur").to_string(), "EUR");
        for wrong in ["", "eu", "euro", "e1r", "€", "eü"] {
            assert_eq!(Currency::parse(wrong), Err(MoneyError::NotACurrency(wrong.to_owned())));
        }
    }

    #[test]
    fn every_table_is_lower_case_and_without_doubles() {
        let mut seen = Vec::new();
        for code in ZERO_DECIMAL.iter().chain(&THREE_DECIMAL).chain(&WHOLE_WITH_TWO_DECIMALS) {
            assert!(code.iter().all(u8::is_ascii_lowercase));
            assert!(!seen.contains(code));
            seen.push(code);
        }
        assert!(TAKEN.is_sorted_by(|left, right| left < right), "it is searched by halves");
        assert_eq!(of("gbp").minimum_charge_minor(), Some(30));
        assert_eq!(of("xxx").minimum_charge_minor(), None);
    }

    #[test]
    fn what_stripe_takes_is_known_and_what_only_looks_like_a_currency_is_not() {
        for code in ["usd", "EUR", "aed", "zmw", "kwd", "isk", "ugx"] {
            assert!(of(code).is_taken_by_stripe(), "{code}");
        }
        let special = ZERO_DECIMAL.iter().chain(&THREE_DECIMAL).chain(&WHOLE_WITH_TWO_DECIMALS);
        for code in special.chain(MINIMUM_CHARGE_MINOR.iter().map(|(code, _)| code)) {
            assert!(TAKEN.binary_search(code).is_ok(), "{code:?} has a rule, so it is taken");
        }
        // A slip, gold, the code for tests, and what the euro replaced.
        for code in ["xyz", "uds", "xau", "xts", "dem", "hrk"] {
            assert!(!of(code).is_taken_by_stripe(), "{code}");
        }
    }

    #[test]
    fn json_is_the_code() {
        assert_eq!(serde_json::to_string(&of("usd")).unwrap(), "\"usd\"");
        assert!(serde_json::from_str::<Currency>("\"dollars\"").is_err());
    }
}
