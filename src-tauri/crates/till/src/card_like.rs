//! Tells payment cards from goods. A scanner is a keyboard: a card swiped or keyed into it would end up in a sale, a
//! log or a search field. What looks like a card is discarded before anybody sees it.

/// Whether this burst could be a card: track data of a magnetic stripe, or a number of 14 to 19 digits that passes
/// the check that card numbers pass, however it is grouped.
pub(crate) fn looks_like_card(code: &str) -> bool {
    has_track_data(code) || has_card_number(code)
}

/// `%B…^…` is track 1, `;…=…?` is track 2.
fn has_track_data(code: &str) -> bool {
    let lower = code.to_ascii_lowercase();
    let track_1 = lower.find("%b").is_some_and(|at| lower.get(at..).is_some_and(|rest| rest.contains('^')));
    let track_2 = code.find(';').is_some_and(|at| {
        code.get(at..).is_some_and(|rest| rest.contains('=') && rest.contains('?') && digits(rest) >= 12)
    });
    track_1 || track_2
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

fn has_card_number(code: &str) -> bool {
    let mut run: Vec<u8> = Vec::with_capacity(19);
    let mut seen = false;
    for byte in code.bytes().chain(std::iter::once(b'|')) {
        match byte {
            b'0'..=b'9' => run.push(byte.wrapping_sub(b'0')),
            b' ' | b'-' if !run.is_empty() => {}
            _ => {
                seen = seen || ((14..=19).contains(&run.len()) && passes_luhn(&run));
                run.clear();
            }
        }
    }
    seen
}

/// ISO/IEC 7812's check: from the right, every second digit doubled and its digits added, ends in 0.
fn passes_luhn(number: &[u8]) -> bool {
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            let doubled = u32::from(digit).wrapping_mul(if place & 1 == 1 { 2 } else { 1 });
            if doubled > 9 { doubled.wrapping_sub(9) } else { doubled }
        })
        .fold(0, u32::wrapping_add);
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_seen_however_they_come() {
        for code in [
            "4242424242424242",
            "4242 4242 4242 4242",
            "4242-4242-4242-4242",
            "378282246310005",
            "30569309025904",
            "6304000000000000000",
            "card 5555555555554444 please",
            "%B4242424242424242^DOE/JOHN^3012101?",
            "%b4242424242424242^doe/john^3012101?",
            ";4242424242424242=30121010000012345678?",
            ";5610591081018250=30121?",
        ] {
            assert!(looks_like_card(code), "{code}");
        }
    }

    #[test]
    fn goods_are_not_cards() {
        for code in [
            "4006381333931",
            "96385074",
            "012345678905",
            "00012345600012",
            "4242424242424241",
            "SKU-1234-5678",
            "espresso_double",
            ";a=b?",
            "",
        ] {
            assert!(!looks_like_card(code), "{code}");
        }
    }
}
