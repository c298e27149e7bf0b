//! Text into words for the search: lower case, accents folded, everything that is no letter or digit parts words. The same
//! on both sides, so that what is typed meets what is stored.

/// The longest beginning of a word that the index holds as such.
pub(crate) const PREFIX: usize = 5;
/// Longer words are cut: nobody types more.
const WORD_LIMIT: usize = 40;
/// A document has no more words than this; metadata could hold fifty values of five hundred letters.
const WORDS_LIMIT: usize = 120;

/// Calls `each` with every word of a text.
pub(crate) fn each_word(text: &str, mut each: impl FnMut(&str)) {
    let mut word = String::new();
    for character in text.chars().chain(std::iter::once(' ')) {
        if character.is_alphanumeric() {
            if word.len() < WORD_LIMIT {
                fold(character, &mut word);
            }
        } else if !word.is_empty() {
            each(&word);
            word.clear();
        }
    }
}

/// Lower case without accents, for the letters of Latin scripts; others stay as they are.
fn fold(character: char, word: &mut String) {
    for lower in character.to_lowercase() {
        let plain = match lower {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
            'ç' | 'ć' | 'č' | 'ĉ' | 'ċ' => "c",
            'ď' | 'đ' | 'ð' => "d",
            'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
            'ğ' | 'ĝ' | 'ģ' | 'ġ' => "g",
            'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' | 'ĩ' => "i",
            'ķ' => "k",
            'ł' | 'ļ' | 'ľ' | 'ĺ' => "l",
            'ñ' | 'ń' | 'ň' | 'ņ' => "n",
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
            'ŕ' | 'ř' => "r",
            'ś' | 'š' | 'ş' | 'ș' => "s",
            'ß' => "ss",
            'ť' | 'ţ' | 'ț' => "t",
            'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
            'ý' | 'ÿ' => "y",
            'ź' | 'ž' | 'ż' => "z",
            'æ' => "ae",
            'œ' => "oe",
            // Left over from the lower case of a dotted capital, or written apart from its letter.
            '\u{300}'..='\u{36F}' => "",
            other => {
                word.push(other);
                continue;
            }
        };
        word.push_str(plain);
    }
}

/// The words of a document, each once.
#[derive(Default)]
pub(crate) struct Words {
    words: Vec<String>,
}

impl Words {
    pub(crate) fn clear(&mut self) {
        self.words.clear();
    }

    /// Adds the words of a text.
    pub(crate) fn add(&mut self, text: &str) {
        each_word(text, |word| self.push(word));
    }

    /// Adds a word as it is.
    pub(crate) fn push(&mut self, word: &str) {
        if self.words.len() < WORDS_LIMIT && !self.words.iter().any(|known| known == word) {
            self.words.push(word.to_owned());
        }
    }

    /// An amount as people write it: `12.40` is one word, whatever mark stands in it.
    pub(crate) fn add_amount(&mut self, minor: i64, exponent: u8) {
        self.push(&amount(minor, exponent));
    }

    /// A day as one word, `20261121`.
    pub(crate) fn add_day(&mut self, second: i64) {
        let (year, month, day) = civil(second.div_euclid(86_400));
        self.push(&format!("{year:04}{month:02}{day:02}"));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    pub(crate) fn joined(&self) -> String {
        self.words.join(" ")
    }
}

/// `12x40` for 12.40: a word that no other text makes, and whose beginnings are those of the amount.
pub(crate) fn amount(minor: i64, exponent: u8) -> String {
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = usize::from(exponent) + 1);
    let (whole, part) = digits.split_at(digits.len() - usize::from(exponent));
    if part.is_empty() { whole.to_owned() } else { format!("{whole}x{part}") }
}

/// What a person typed, as words of the index: amounts and dates are recognised.
pub(crate) fn typed(query: &str) -> Vec<String> {
    let mut words = Vec::new();
    for piece in query.split_whitespace() {
        let piece = piece.trim_matches(|c: char| matches!(c, '$' | '€' | '£' | '#' | ',' | '.' | ';'));
        if let Some(word) = typed_amount(piece).or_else(|| typed_day(piece)) {
            words.push(word);
        } else {
            each_word(piece, |word| words.push(word.to_owned()));
        }
    }
    words.truncate(8);
    words
}

/// `12.4`, `12,40`, `1.234,50`: the last mark is the decimal one where at most three digits follow it.
fn typed_amount(piece: &str) -> Option<String> {
    let at = piece.rfind(['.', ','])?;
    let (whole, part) = (&piece[..at], &piece[at + 1..]);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // Thousands are parted in threes; anything else with several marks is no amount.
    let mut groups = whole.split(['.', ',', '\'']).skip(1);
    if groups.any(|group| group.len() != 3) {
        return None;
    }
    let whole: String = whole.chars().filter(|c| !matches!(c, '.' | ',' | '\'')).collect();
    (digits(&whole) && digits(part) && part.len() <= 3).then(|| format!("{whole}x{part}"))
}

/// `2026-11-21`, `21.11.2026`, `11/21/2026` where the order of day and month is sure.
fn typed_day(piece: &str) -> Option<String> {
    let parts: Vec<&str> = piece.split(['-', '.', '/']).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() <= 4);
    let (a, b, c, dotted) = (number(a)?, number(b)?, number(c)?, piece.contains('.'));
    let (year, month, day) = match (a, b, c) {
        (1970.., _, _) => (a, b, c),
        (_, _, 1970..) if b > 12 => (c, a, b),
        (_, _, 1970..) if a > 12 || dotted => (c, b, a),
        _ => return None,
    };
    (1..=12).contains(&month).then(|| format!("{year:04}{month:02}{day:02}"))
}

/// Year, month and day of a day since 1970.
fn civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let era_day = shifted.rem_euclid(146_097);
    let year = (era_day - era_day / 1460 + era_day / 36_524 - era_day / 146_096) / 365;
    let of_year = era_day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (year + era * 400 + carry, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        each_word(text, |word| out.push(word.to_owned()));
        out
    }

    #[test]
    fn texts_become_words() {
        assert_eq!(
            words("Café-Crème, STRASSE/straße İ 4242"),
            ["cafe", "creme", "strasse", "strasse", "i", "4242"]
        );
        assert_eq!(words("ada@example.com +1 (555) 010"), ["ada", "example", "com", "1", "555", "010"]);
        assert_eq!(words("北京 \u{FFFD}"), ["北京"]);
    }

    #[test]
    fn amounts_and_days_are_words() {
        assert_eq!(
            (amount(1240, 2), amount(5, 2), amount(500, 0)),
            ("12x40".into(), "0x05".into(), "500".into())
        );
        assert_eq!(typed("$12.40 #99 Ada."), ["12x40", "99", "ada"]);
        assert_eq!(typed("1.234,5"), ["1234x5"]);
        assert_eq!(typed("2026-11-21 21.11.2026 11/21/2026"), ["20261121"; 3]);
        assert_eq!(typed("1.2.3.4"), ["1", "2", "3", "4"]);
        let mut day = Words::default();
        day.add_day(1_795_283_844);
        assert_eq!(day.joined(), "20261121");
    }
}
