//! What a person typed into a search, as words of the index. Amounts and telephone numbers are written in many ways; where
//! a text can be read in several, each reading is looked for.

use crate::words::{digits_of, each_word, is_unseen, plain_digit};

/// Nobody types more; what is behind it is not read.
const TEXT_LIMIT: usize = 400;
/// More parts than this say nothing more.
const PARTS_LIMIT: usize = 8;

/// One part of what was typed: any of these readings, each of which is words that must all be there.
pub(crate) type Part = Vec<Vec<String>>;

/// What was typed, part by part; nothing where there is no word in it.
pub(crate) fn parts(text: &str) -> Vec<Part> {
    let text: String = text.chars().filter(|c| !is_unseen(*c)).take(TEXT_LIMIT).map(plain).collect();
    let pieces: Vec<&str> = text.split_whitespace().map(bare).filter(|piece| !piece.is_empty()).collect();
    let mut found: Vec<Part> = Vec::new();
    let mut rest = pieces.as_slice();
    while let Some(piece) = rest.first()
        && found.len() < PARTS_LIMIT
    {
        let (taken, part) = phone(rest).or_else(|| spaced_amount(rest)).unwrap_or_default();
        if taken > 0 {
            found.push(part);
            rest = &rest[taken..];
            continue;
        }
        match amount(piece) {
            Some(readings) => found.push(readings),
            None => each_word(piece, |word| found.push(vec![vec![word.to_owned()]])),
        }
        rest = &rest[1..];
    }
    found.truncate(PARTS_LIMIT);
    found
}

/// Digits and marks of other scripts as those of ASCII; signs of currencies only part words.
fn plain(character: char) -> char {
    match character {
        '\u{66B}' => '.',
        '\u{66C}' => ',',
        '\u{2019}' => '\'',
        '$' | '\u{A2}'..='\u{A5}' | '\u{20A0}'..='\u{20CF}' | '\u{FDFC}' => ' ',
        other => plain_digit(other).unwrap_or(other),
    }
}

/// Without what stands around a word: quotes, bullets, marks of writing direction, the end of a sentence.
fn bare(piece: &str) -> &str {
    let piece =
        piece.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '(' | '.' | ','));
    piece.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ')')
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn words_of(pieces: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    for piece in pieces {
        each_word(piece, |word| words.push(word.to_owned()));
    }
    words
}

/// `12.4`, `12,40`, `1.234,50`, `1'240.00`, `1,240`: as decimals where the last mark can be a decimal one, as thousands
/// where every mark can part them.
fn amount(piece: &str) -> Option<Part> {
    let marks = ['.', ',', '\''];
    let piece = piece.trim_matches(['(', ')']);
    let at = piece.rfind(marks)?;
    let (whole, mark, part) = (&piece[..at], &piece[at..=at], &piece[at + 1..]);
    if !all_digits(part) {
        return None;
    }
    let mut readings = Vec::new();
    let grouping: Vec<char> = whole.chars().filter(|c| marks.contains(c)).collect();
    let is_even = grouping.windows(2).all(|pair| pair[0] == pair[1]);
    let is_decimal = mark != "'" && grouping.first().is_none_or(|group| !mark.starts_with(*group));
    if part.len() <= 3 && is_even && is_decimal && (whole.is_empty() || are_thousands(whole)) {
        readings.push(vec![format!("{}x{part}", without_zeros(&digits_of(whole)))]);
    }
    if !whole.is_empty()
        && part.len() == 3
        && is_even
        && (grouping.is_empty() || !is_decimal)
        && are_thousands(piece)
    {
        readings.push(vec![without_zeros(&digits_of(piece)).to_owned()]);
    }
    (!readings.is_empty()).then_some(readings)
}

/// Digits in one piece, or in groups: the first of up to three, the last of three, those between of two (lakhs) or three.
fn are_thousands(text: &str) -> bool {
    let groups: Vec<&str> = text.split(['.', ',', '\'']).collect();
    let [first, between @ .., last] = groups.as_slice() else { return all_digits(text) };
    (1..=3).contains(&first.len())
        && last.len() == 3
        && between.iter().all(|group| (2..=3).contains(&group.len()))
        && groups.iter().all(|group| all_digits(group))
}

fn without_zeros(digits: &str) -> &str {
    let bare = digits.trim_start_matches('0');
    if bare.is_empty() { "0" } else { bare }
}

/// `1 240,00`: thousands parted by spaces. The same pieces are read one by one too.
fn spaced_amount(pieces: &[&str]) -> Option<(usize, Part)> {
    let first = pieces.first().filter(|piece| all_digits(piece) && piece.len() <= 3)?;
    let mut whole = (*first).to_owned();
    for (index, piece) in pieces.iter().enumerate().skip(1) {
        let (group, part) =
            piece.split_once([',', '.']).map_or((*piece, None), |(group, part)| (group, Some(part)));
        if group.len() != 3 || !all_digits(group) {
            return None;
        }
        whole.push_str(group);
        let Some(part) = part else { continue };
        if !all_digits(part) || part.len() > 3 {
            return None;
        }
        let mut apart: Vec<String> = pieces[..index].iter().map(|piece| (*piece).to_owned()).collect();
        apart.push(format!("{}x{part}", without_zeros(group)));
        return Some((index + 1, vec![vec![format!("{}x{part}", without_zeros(&whole))], apart]));
    }
    None
}

/// A telephone number, however it is grouped. Where the digits could as well be something else, both are looked for.
fn phone(pieces: &[&str]) -> Option<(usize, Part)> {
    let taken = pieces.iter().take_while(|piece| is_phone_like(piece)).count();
    let run = pieces.get(..taken).filter(|run| !run.is_empty())?;
    let digits = digits_of(&run.concat().replace("(0)", ""));
    let is_dialled = run[0].starts_with(['+', '0', '(']);
    let is_grouped = taken > 1 || !all_digits(run[0]);
    let enough = if is_dialled { 4 } else { 6 };
    if !(enough..=15).contains(&digits.len()) || !(is_dialled || is_grouped) {
        return None;
    }
    // `00` dials abroad as `+` does, `0` out of town.
    let mut readings = vec![words_of(run), vec![digits.clone()], vec![without_zeros(&digits).to_owned()]];
    readings.dedup();
    Some((taken, readings))
}

/// Digits with what people put between those of a telephone number. One dot is a decimal mark and two are a day's.
fn is_phone_like(piece: &str) -> bool {
    let dots = piece.bytes().filter(|byte| *byte == b'.').count();
    piece.bytes().any(|byte| byte.is_ascii_digit())
        && piece
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'(' | b')' | b'-' | b'/' | b'.'))
        && (dots == 0 || dots > 1 && digits_of(piece).len() > 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Readings with `|`, words of one with `&`, parts with a space.
    fn read(text: &str) -> String {
        let part = |part: &Part| part.iter().map(|all| all.join("&")).collect::<Vec<_>>().join("|");
        parts(text).iter().map(part).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_amount_is_read_however_it_is_written() {
        for (typed, wanted) in [
            ("12.40", "12x40"),
            ("12,40", "12x40"),
            ("$12.40", "12x40"),
            ("12,40€", "12x40"),
            ("US$12.4", "us 12x4"),
            ("٫٤٠", "0x40"),
            ("١٢٫٤٠", "12x40"),
            ("\u{200F}12.40\u{200F}", "12x40"),
            ("1,240.00", "1240x00"),
            ("1.240,00", "1240x00"),
            ("1\u{202F}240,00", "1240x00|1&240x00"),
            ("1’240.50", "1240x50"),
            ("1,23,456.00", "123456x00"),
            ("1,240", "1x240|1240"),
            ("1.234.567", "1234567"),
            ("1240", "1240"),
            ("012.40", "12x40"),
            (".50", "0x50"),
            ("CHF 12.-", "chf 12"),
        ] {
            assert_eq!(read(typed), wanted, "{typed}");
        }
    }

    #[test]
    fn what_is_no_amount_stays_words() {
        assert_eq!(read("1.2.3.4"), "1 2 3 4");
        assert_eq!(read("#99, Ada."), "99 ada");
        assert_eq!(read("•4242 visa"), "4242 visa");
        assert_eq!(read("12.4567"), "12 4567");
        assert_eq!(read("ada@example.com"), "ada example com");
        assert_eq!(read("12 40"), "12 40");
    }

    #[test]
    fn a_telephone_number_is_read_in_one_piece_too() {
        assert_eq!(read("+1 (555) 010-0123"), "1&555&010&0123|15550100123");
        assert_eq!(read("0171 1234567"), "0171&1234567|01711234567|1711234567");
        assert_eq!(read("01711234567"), "01711234567|1711234567");
        assert_eq!(read("+49 (0)171 12"), "49&0&171&12|4917112");
        assert_eq!(read("555.010.0123"), "555&010&0123|5550100123");
        assert_eq!(read("ada 5550100"), "ada 5550100");
    }

    #[test]
    fn nothing_typed_is_more_than_words() {
        assert_eq!(read("\" OR * ( NEAR(a b) ) ^ {words}: -x"), "or near a b words x");
        assert_eq!(read("🎉 \0 ؟ \u{202E}"), "");
        assert_eq!(read("ad\0a"), "ad a");
        assert_eq!(parts(&"9".repeat(10_000)).len(), 1);
        assert!(parts(&"a ".repeat(5000)).len() <= PARTS_LIMIT);
        assert!(parts(&"1 ".repeat(5000)).len() <= PARTS_LIMIT);
        for mark in [".", ",", "'", "+", "(", "()", "(0)", "..", "0.", "'.", "+.", "1.,2", ",'1", "1''234.5"]
        {
            let _ = parts(mark);
        }
    }
}
