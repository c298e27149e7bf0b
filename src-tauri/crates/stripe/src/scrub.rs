//! Takes out of a text what must never be shown or logged.

/// Replaces anything that looks like a key, a client secret or a card number by `[…]`, and cuts at 500 characters.
/// Stripe's messages are free text and may quote what was sent.
pub(crate) fn text(message: &str) -> String {
    let mut out = String::with_capacity(message.len().min(512));
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '*');
    let mut rest = message;
    while let Some(first) = rest.chars().next() {
        let end =
            if is_word(first) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (word, tail) = rest.split_at(end);
        out.push_str(if looks_like_secret(word) { "[…]" } else { word });
        rest = tail;
    }
    let out = without_card_numbers(&out);
    match out.char_indices().nth(500) {
        Some((cut, _)) => format!("{}…", &out[..cut]),
        None => out,
    }
}

/// A key of Stripe's, a signing secret, or the secret half of a client secret.
pub(crate) fn looks_like_secret(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    ["sk_", "rk_", "whsec_"].iter().any(|prefix| {
        lower.match_indices(prefix).any(|(at, _)| {
            let before = lower[..at].bytes().next_back();
            // `task_1` is not a key: the prefix has to begin a word.
            !before.is_some_and(|b| b.is_ascii_alphanumeric()) && lower.len() > at + prefix.len()
        })
    }) || lower.contains("_secret_")
}

/// Whether 14 to 19 digits (spaces and dashes between them allowed) that pass Luhn's check are in the text.
pub(crate) fn has_card_number(text: &str) -> bool {
    digit_runs(text).into_iter().any(|(start, end, digits)| is_card(&digits) && !in_hex_id(text, start, end))
}

fn without_card_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (start, end, digits) in digit_runs(text) {
        if is_card(&digits) && !in_hex_id(text, start, end) {
            out.push_str(&text[from..start]);
            out.push_str("[…]");
            from = end;
        }
    }
    out.push_str(&text[from..]);
    out
}

/// Runs of digits with single spaces or dashes between them: `(start, end, digits)`, end after the last digit.
fn digit_runs(text: &str) -> Vec<(usize, usize, Vec<u8>)> {
    let bytes = text.as_bytes();
    let mut runs = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let mut end = at;
        let mut digits = Vec::new();
        while at < bytes.len() {
            if bytes[at].is_ascii_digit() {
                digits.push(bytes[at] - b'0');
                at += 1;
                end = at;
            } else if matches!(bytes[at], b' ' | b'-') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
                at += 1;
            } else {
                break;
            }
        }
        runs.push((start, end, digits));
    }
    runs
}

/// Whether the run is part of a UUID or of a hash: one in some thousands of those has a run that passes for a card
/// number, and refusing a sale for that would be worse than the leak it guards against.
fn in_hex_id(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let in_uuid = (start.saturating_sub(35)..=start)
        .any(|from| from + 36 >= end && bytes.get(from..from + 36).is_some_and(is_uuid));
    let from = bytes[..start].iter().rposition(|b| !b.is_ascii_hexdigit()).map_or(0, |at| at + 1);
    let to = bytes[end..].iter().position(|b| !b.is_ascii_hexdigit()).map_or(bytes.len(), |at| end + at);
    let word = &bytes[from..to];
    let in_hash = word.len() >= 20
        && word.iter().all(u8::is_ascii_hexdigit)
        && word.iter().any(u8::is_ascii_alphabetic);
    in_uuid || in_hash
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(at, b)| match at {
        8 | 13 | 18 | 23 => *b == b'-',
        _ => b.is_ascii_hexdigit(),
    })
}

fn is_card(digits: &[u8]) -> bool {
    (14..=19).contains(&digits.len()) && digits.iter().any(|d| *d != 0) && luhn(digits)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = u32::from(*digit) * if place % 2 == 1 { 2 } else { 1 };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_secrets_and_cards_go() {
        for (message, shown) in [
            ("Invalid API Key provided: sk_test_****1234", "Invalid API Key provided: […]"),
            ("no such pi_1_secret_abc, sorry", "no such […], sorry"),
            ("card 4242 4242-4242 4242 refused", "card […] refused"),
            ("whsec_abc and rk_live_x.", "[…] and […]."),
            ("No such price: 'price_1'; task_1", "No such price: 'price_1'; task_1"),
            ("order 1234567890123456", "order 1234567890123456"),
        ] {
            assert_eq!(text(message), shown);
        }
        assert_eq!(text(&"é".repeat(600)).chars().count(), 501);
    }

    #[test]
    fn card_numbers_are_found_and_others_left() {
        for text in ["4242424242424242", "4000-0025-0000-3155", "x378282246310005y", "3056 9300 0902 0004"] {
            assert!(has_card_number(text), "{text}");
        }
        for text in [
            "01890a5d-ac96-774b-bcce-b302099a8057",
            "01890a5d-ac96-774b-4242-424242424242",
            "9f4242424242424242ab1234567890abcdef",
            "1700000000123",
            "0000000000000000",
            "42424242",
            "42424242424242424242",
        ] {
            assert!(!has_card_number(text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_secret_is_found_wherever_it_stands(
            before in "[^A-Za-z0-9_*]{0,20}",
            kind in "(sk|rk)_(test|live)_",
            secret in "[A-Za-z0-9]{12,40}",
            after in "[^A-Za-z0-9_*]\\PC{0,20}",
        ) {
            let shown = text(&format!("{before}{kind}{secret}{after}"));
            proptest::prop_assert!(!shown.contains(&secret), "{}", shown);
        }

        #[test]
        fn ids_of_ours_are_never_taken_for_a_card(high: u64, low: u64) {
            let hex = format!("{high:016x}{low:016x}");
            let uuid = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
            let named = format!("sale-{uuid}");
            // A hash without a single letter is one in 10^13.
            let hash = format!("seq 17, head {hex}a{hex}");
            for text in [uuid, named, hash] {
                proptest::prop_assert!(!has_card_number(&text), "{}", text);
            }
        }
    }
}
