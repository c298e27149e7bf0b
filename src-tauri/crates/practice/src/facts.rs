//! Facts about currencies and declines that Stripe documents, as tables of our own.

/// The currencies Stripe takes.
#[rustfmt::skip]
pub(crate) const CURRENCIES: &[&str] = &[
    "usd", "aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd", "bdt",
    "bgn", "bhd", "bif", "bmd", "bnd", "bob", "brl", "bsd", "bwp", "byn", "bzd", "cad", "cdf", "chf",
    "clp", "cny", "cop", "crc", "cve", "czk", "djf", "dkk", "dop", "dzd", "egp", "etb", "eur", "fjd",
    "fkp", "gbp", "gel", "gip", "gmd", "gnf", "gtq", "gyd", "hkd", "hnl", "hrk", "htg", "huf", "idr",
    "ils", "inr", "isk", "jmd", "jod", "jpy", "kes", "kgs", "khr", "kmf", "krw", "kwd", "kyd", "kzt",
    "lak", "lbp", "lkr", "lrd", "lsl", "mad", "mdl", "mga", "mkd", "mmk", "mnt", "mop", "mro", "mur",
    "mvr", "mwk", "mxn", "myr", "mzn", "nad", "ngn", "nio", "nok", "npr", "nzd", "omr", "pab", "pen",
    "pgk", "php", "pkr", "pln", "pyg", "qar", "ron", "rsd", "rub", "rwf", "sar", "sbd", "scr", "sek",
    "sgd", "shp", "sle", "sll", "sos", "srd", "std", "szl", "thb", "tjs", "tnd", "top", "try", "ttd",
    "twd", "tzs", "uah", "ugx", "uyu", "uzs", "vnd", "vuv", "wst", "xaf", "xcd", "xof", "xpf", "yer",
    "zar", "zmw", "usdc", "btn", "ghs", "eek", "lvl", "svc", "vef", "ltl",
];

const ZERO_DECIMAL: &[&str] = &[
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf",
];
const THREE_DECIMAL: &[&str] = &["bhd", "jod", "kwd", "omr", "tnd"];

/// The least that can be charged, in minor units.
#[rustfmt::skip]
const MINIMUM: &[(&str, i64)] = &[
    ("usd", 50), ("aed", 200), ("ars", 50), ("aud", 50), ("brl", 50), ("cad", 50), ("chf", 50), ("cop", 50),
    ("czk", 1500), ("dkk", 250), ("eur", 50), ("gbp", 30), ("hkd", 400), ("huf", 17500), ("idr", 50),
    ("ils", 50), ("inr", 50), ("jpy", 50), ("krw", 50), ("mxn", 1000), ("myr", 200), ("nok", 300),
    ("nzd", 50), ("php", 50), ("pln", 200), ("ron", 200), ("rub", 50), ("sek", 300), ("sgd", 50),
    ("thb", 1000), ("zar", 50),
];

/// The most a card can be charged.
pub(crate) const MOST: i64 = 99_999_999;

pub(crate) fn is_currency(code: &str) -> bool {
    CURRENCIES.contains(&code)
}

/// How many minor digits Stripe counts in.
pub(crate) fn exponent(code: &str) -> u32 {
    if ZERO_DECIMAL.contains(&code) {
        0
    } else if THREE_DECIMAL.contains(&code) {
        3
    } else {
        2
    }
}

/// The least amount Stripe charges in this currency.
pub(crate) fn minimum(code: &str) -> i64 {
    MINIMUM.iter().find(|(known, _)| *known == code).map_or(1, |(_, least)| *least)
}

/// Amounts must be multiples of this.
pub(crate) fn step(code: &str) -> i64 {
    match code {
        "isk" | "ugx" => 100,
        _ if THREE_DECIMAL.contains(&code) => 10,
        _ => 1,
    }
}

/// `$12.40` as Stripe's messages write it.
pub(crate) fn spoken(amount: i64, currency: &str) -> String {
    let sign = match currency {
        "usd" => "$",
        "eur" => "\u{20ac}",
        "gbp" => "\u{a3}",
        _ => "",
    };
    format!("{sign}{}", decimal(amount, currency))
}

/// `12.40`: an amount in major units with the currency's digits.
pub(crate) fn decimal(amount: i64, currency: &str) -> String {
    let digits = exponent(currency);
    if digits == 0 {
        return amount.to_string();
    }
    let unit = 10_i64.pow(digits);
    let width = usize::try_from(digits).unwrap_or(2);
    format!("{}.{:0width$}", amount / unit, (amount % unit).abs())
}

/// Stripe's fee: 2.9 % and 30 cents or the currency's like, rounded to the nearest minor unit.
pub(crate) fn fee(amount: i64, currency: &str) -> i64 {
    let fixed = match exponent(currency) {
        0 => 30,
        3 => 300,
        _ => 30,
    };
    ((amount * 29 + 500) / 1000 + fixed).min(amount)
}

/// What Stripe says to the customer for an error or decline code.
pub(crate) fn decline_message(code: &str, decline_code: &str) -> &'static str {
    match (code, decline_code) {
        ("expired_card", _) => "Your card has expired.",
        ("incorrect_cvc", _) => "Your card's security code is incorrect.",
        ("incorrect_number", _) => "Your card number is incorrect.",
        ("processing_error", _) => "An error occurred while processing your card. Try again in a little bit.",
        ("authentication_required", _) => "Your card was declined. This transaction requires authentication.",
        (_, "insufficient_funds") => "Your card has insufficient funds.",
        (_, "card_velocity_exceeded") => {
            "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."
        }
        _ => "Your card was declined.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_and_exponents_are_the_documented_ones() {
        assert_eq!(fee(1240, "usd"), 66);
        assert_eq!(fee(10, "usd"), 10);
        assert_eq!((exponent("jpy"), exponent("isk"), exponent("kwd")), (0, 2, 3));
        assert_eq!((minimum("usd"), minimum("gbp"), step("ugx")), (50, 30, 100));
        assert_eq!(spoken(99_999_999, "usd"), "$999999.99");
    }
}
