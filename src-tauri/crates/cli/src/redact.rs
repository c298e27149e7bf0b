//! Takes out of a text what must never be read in one: a Stripe key or a card number that somebody typed where a name or an
//! id belongs.

/// How Stripe's secrets begin. A publishable key is none.
const BEGINNINGS: [&str; 6] = ["sk_test_", "sk_live_", "rk_test_", "rk_live_", "whsec_", "sk_org_"];
const HIDDEN: &str = "(hidden)";

/// The text, with each of them replaced.
pub fn without_secrets(text: &str) -> String {
    without_cards(&without_keys(text))
}

fn without_keys(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = BEGINNINGS.iter().filter_map(|beginning| rest.find(beginning)).min() {
        let (before, key) = rest.split_at(at);
        let beginning =
            BEGINNINGS.iter().find(|beginning| key.starts_with(**beginning)).map_or(0, |b| b.len());
        let body = key.get(beginning..).unwrap_or_default();
        let tail = body.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        kept.push_str(before);
        // "keys begin with sk_test_" is no key.
        kept.push_str(if tail.len() == body.len() {
            key.get(..beginning).unwrap_or_default()
        } else {
            HIDDEN
        });
        rest = tail;
    }
    kept + rest
}

/// A run of 14 to 19 digits that passes the check that card numbers pass.
fn without_cards(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, run) = rest.split_at(at);
        let tail = run.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = run.strip_suffix(tail).unwrap_or_default();
        kept.push_str(before);
        kept.push_str(if (14..=19).contains(&digits.len()) && passes_luhn(digits) { HIDDEN } else { digits });
        rest = tail;
    }
    kept + rest
}

fn passes_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            if place % 2 == 0 { digit } else { digit / 5 + digit * 2 % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn keys_and_cards_are_hidden_wherever_they_stand() {
        for (text, shown) in [
            ("no key in the variable sk_test_practice_AbC9", "no key in the variable (hidden)"),
            ("'rk_live_1' and \"sk_live_2\"", "'(hidden)' and \"(hidden)\""),
            ("ключ sk_test_x\u{e9}", "ключ (hidden)\u{e9}"),
            ("\"4242424242424242\" is not a test card", "\"(hidden)\" is not a test card"),
        ] {
            assert_eq!(without_secrets(text), shown);
        }
    }

    #[test]
    fn the_rest_stays() {
        for text in [
            "they begin with sk_test_, rk_test_, sk_live_ or rk_live_",
            "pk_test_1 holds a publishable key",
            "4006381333932 is not known",
            "pi_3Nabc 01a1ff94-db6e-74b0-92df-9a0f80cc9ae9",
            "",
        ] {
            assert_eq!(without_secrets(text), text);
        }
    }
}
