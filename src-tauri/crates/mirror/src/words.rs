//! Text into words for the search: lower case, accents and foreign digits folded, everything that is no letter or digit
//! parts words. The same on both sides, so that what is typed meets what is stored.

/// The longest beginning of a word that the index holds as such.
pub(crate) const PREFIX: usize = 5;
/// Longer words are cut: nobody types more.
const WORD_LIMIT: usize = 40;
/// A document has no more words than this; metadata could hold fifty values of five hundred letters.
const WORDS_LIMIT: usize = 400;
/// So many last digits of a telephone number are what neighbours dial.
const LOCAL: usize = 7;

/// Calls `each` with every word of a text.
pub(crate) fn each_word(text: &str, mut each: impl FnMut(&str)) {
    let mut word = String::new();
    for character in text.chars().chain(std::iter::once(' ')) {
        if is_unseen(character) {
            continue;
        }
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

/// Marks of writing direction and the like: people copy them without knowing.
pub(crate) const fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
    )
}

/// The ASCII digit that means the same, for those of Arabic and Persian keyboards and of wide type.
pub(crate) fn plain_digit(character: char) -> Option<char> {
    let zero = match character {
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6F0}'..='\u{6F9}' => 0x6F0,
        '\u{FF10}'..='\u{FF19}' => 0xFF10,
        _ => return None,
    };
    char::from_digit(u32::from(character) - zero, 10)
}

/// The ASCII digits of a text.
pub(crate) fn digits_of(text: &str) -> String {
    text.chars().filter_map(|c| plain_digit(c).or(Some(c).filter(char::is_ascii_digit))).collect()
}

/// How many of an international number's digits are the country's (ITU-T E.164): one for 1 and 7, two for those below, three
/// for all others.
fn country_code(digits: &str) -> usize {
    let two = digits.get(..2).unwrap_or_default();
    match two.as_bytes() {
        [b'1' | b'7', _] => 1,
        [b'2', b'0' | b'7']
        | [b'3', b'0'..=b'4' | b'6' | b'9']
        | [b'4', b'0' | b'1' | b'3'..=b'9']
        | [b'5', b'1'..=b'8']
        | [b'6', b'0'..=b'6']
        | [b'8', b'1' | b'2' | b'4' | b'6']
        | [b'9', b'0'..=b'5' | b'8'] => 2,
        _ => 3.min(digits.len()),
    }
}

/// Lower case without accents, for the letters of Latin scripts; others stay as they are.
fn fold(character: char, word: &mut String) {
    if let Some(digit) = plain_digit(character) {
        word.push(digit);
        return;
    }
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

    /// A telephone number's digits, as they are dialled from abroad, from the country and from the town; its groups are
    /// words besides.
    pub(crate) fn add_phone(&mut self, text: &str) {
        self.add(text);
        let digits = digits_of(&text.replace("(0)", ""));
        if !(7..=15).contains(&digits.len()) {
            return;
        }
        let is_foreign = text.trim_start().starts_with('+');
        let country = if is_foreign { country_code(&digits) } else { 0 };
        let national = digits[country..].trim_start_matches('0');
        self.push(&digits);
        self.push(national);
        if let Some(local) = national.len().checked_sub(LOCAL).filter(|at| *at > 0) {
            self.push(&national[local..]);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        each_word(text, |word| out.push(word.to_owned()));
        out
    }

    fn phone(text: &str) -> String {
        let mut words = Words::default();
        words.add_phone(text);
        words.joined()
    }

    #[test]
    fn texts_become_words() {
        assert_eq!(
            words("Café-Crème, STRASSE/straße İ 4242"),
            ["cafe", "creme", "strasse", "strasse", "i", "4242"]
        );
        assert_eq!(words("ada@example.com +1 (555) 010"), ["ada", "example", "com", "1", "555", "010"]);
        assert_eq!(words("北京 \u{FFFD}"), ["北京"]);
        assert_eq!(words("٤٢٤٢ ۱۲ ４２"), ["4242", "12", "42"]);
    }

    #[test]
    fn an_amount_is_one_word() {
        assert_eq!(
            (amount(1240, 2), amount(5, 2), amount(500, 0)),
            ("12x40".into(), "0x05".into(), "500".into())
        );
    }

    #[test]
    fn a_telephone_number_is_found_however_it_is_dialled() {
        assert_eq!(phone("+1 555 010 0123"), "1 555 010 0123 15550100123 5550100123 0100123");
        assert_eq!(phone("+49 (0)171 1234567"), "49 0 171 1234567 491711234567 1711234567");
        assert_eq!(phone("0171 1234567"), "0171 1234567 01711234567 1711234567");
        assert_eq!(phone("+971501234567"), "971501234567 501234567 1234567");
        assert_eq!(phone("+1"), "1");
        assert_eq!(phone("ask Bob"), "ask bob");
    }
}
