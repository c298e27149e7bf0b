//! One pass over Stripe's JSON as text: checks it, drops white space, cuts out `client_secret` at every depth, and notes
//! where the wanted values are. Nothing is parsed into values and written again, so numbers, escapes, the order of
//! members, NUL and unpaired surrogates come out as they came in.

use crate::kind::{Place, Want};

/// How deep JSON may nest. Stripe's deepest object has less than twenty.
const DEPTH_LIMIT: u32 = 128;

/// Spaces of one level of indented JSON.
const INDENT: usize = 2;

/// The one member that is never stored.
const SECRET: &[u8] = b"client_secret";

/// Why a text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not valid JSON at byte {at}")]
pub struct NotJson {
    /// Where it stopped making sense.
    pub at: usize,
}

/// A wanted value: where it lies in the minified text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) want: Want,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Reads one text.
pub(crate) struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    depth: u32,
}

impl<'a> Scanner<'a> {
    /// Of a text that is known to be UTF-8.
    pub(crate) fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text: text.as_bytes(), at: 0, depth: 0 }
    }

    fn bad<T>(&self) -> Result<T, NotJson> {
        Err(NotJson { at: self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Skips white space, then tells the next byte.
    pub(crate) fn next_token(&mut self) -> Option<u8> {
        while let Some(byte) = self.peek() {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    fn expect(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.next_token() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            self.bad()
        }
    }

    /// Whether nothing is left.
    pub(crate) fn finish(&mut self) -> Result<(), NotJson> {
        if self.next_token().is_none() { Ok(()) } else { self.bad() }
    }

    /// Copies the next value to `out`, minified, and notes wanted places in `spots`.
    pub(crate) fn value(
        &mut self,
        place: Option<&Place>,
        out: &mut Vec<u8>,
        spots: &mut Vec<Spot>,
    ) -> Result<(), NotJson> {
        let start = out.len();
        match self.next_token() {
            Some(b'"') => {
                let from = self.at;
                self.string()?;
                out.extend_from_slice(&self.text[from..self.at]);
            }
            Some(b'{') => self.object(place, out, spots)?,
            Some(b'[') => self.array(out, spots)?,
            Some(b't') => self.word(b"true", out)?,
            Some(b'f') => self.word(b"false", out)?,
            Some(b'n') => self.word(b"null", out)?,
            Some(b'-' | b'0'..=b'9') => {
                let from = self.at;
                self.number()?;
                out.extend_from_slice(&self.text[from..self.at]);
            }
            _ => return self.bad(),
        }
        if let Some(want) = place.and_then(|place| place.want) {
            spots.push(Spot { want, start, end: out.len() });
        }
        Ok(())
    }

    /// Goes through the members of the next object: `each` gets the name between its quotes and must consume the value.
    pub(crate) fn members(
        &mut self,
        mut each: impl FnMut(&mut Self, &'a [u8]) -> Result<(), NotJson>,
    ) -> Result<(), NotJson> {
        self.expect(b'{')?;
        self.deeper()?;
        if self.next_token() == Some(b'}') {
            self.at += 1;
            self.depth -= 1;
            return Ok(());
        }
        loop {
            if self.next_token() != Some(b'"') {
                return self.bad();
            }
            let from = self.at + 1;
            self.string()?;
            let text: &'a [u8] = self.text;
            let name = &text[from..self.at - 1];
            self.expect(b':')?;
            each(self, name)?;
            match self.next_token() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    self.depth -= 1;
                    return Ok(());
                }
                _ => return self.bad(),
            }
        }
    }

    /// Goes through the elements of the next array: `each` must consume one value.
    pub(crate) fn elements(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<(), NotJson>,
    ) -> Result<(), NotJson> {
        self.expect(b'[')?;
        self.deeper()?;
        if self.next_token() == Some(b']') {
            self.at += 1;
            self.depth -= 1;
            return Ok(());
        }
        loop {
            each(self)?;
            match self.next_token() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    self.depth -= 1;
                    return Ok(());
                }
                _ => return self.bad(),
            }
        }
    }

    fn deeper(&mut self) -> Result<(), NotJson> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT { self.bad() } else { Ok(()) }
    }

    fn object(
        &mut self,
        place: Option<&Place>,
        out: &mut Vec<u8>,
        spots: &mut Vec<Spot>,
    ) -> Result<(), NotJson> {
        out.push(b'{');
        let mut first = true;
        self.members(|scanner, name| {
            if is_secret(name) {
                let (length, noted) = (out.len(), spots.len());
                scanner.value(None, out, spots)?;
                out.truncate(length);
                spots.truncate(noted);
                return Ok(());
            }
            if !first {
                out.push(b',');
            }
            first = false;
            out.push(b'"');
            out.extend_from_slice(name);
            out.extend_from_slice(b"\":");
            scanner.value(place.and_then(|place| place.find(name)), out, spots)
        })?;
        out.push(b'}');
        Ok(())
    }

    fn array(&mut self, out: &mut Vec<u8>, spots: &mut Vec<Spot>) -> Result<(), NotJson> {
        out.push(b'[');
        let mut first = true;
        self.elements(|scanner| {
            if !first {
                out.push(b',');
            }
            first = false;
            scanner.value(None, out, spots)
        })?;
        out.push(b']');
        Ok(())
    }

    /// Steps over a string, quotes included.
    fn string(&mut self) -> Result<(), NotJson> {
        self.at += 1;
        loop {
            let Some(run) =
                self.text[self.at..].iter().position(|byte| matches!(byte, b'"' | b'\\') || *byte < 0x20)
            else {
                self.at = self.text.len();
                return self.bad();
            };
            self.at += run;
            match self.text[self.at] {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => {
                    self.at += 1;
                    match self.peek() {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
                        Some(b'u') => {
                            let digits = self.text.get(self.at + 1..self.at + 5);
                            if !digits.is_some_and(|four| four.iter().all(u8::is_ascii_hexdigit)) {
                                return self.bad();
                            }
                            self.at += 5;
                        }
                        _ => return self.bad(),
                    }
                }
                _ => return self.bad(),
            }
        }
    }

    fn word(&mut self, word: &[u8], out: &mut Vec<u8>) -> Result<(), NotJson> {
        if !self.text[self.at..].starts_with(word) {
            return self.bad();
        }
        self.at += word.len();
        out.extend_from_slice(word);
        Ok(())
    }

    fn digits(&mut self) -> Result<(), NotJson> {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == from { self.bad() } else { Ok(()) }
    }

    fn number(&mut self) -> Result<(), NotJson> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }
}

/// Minified JSON on many lines, for people; nothing else of it changes.
pub(crate) fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if in_string {
            out.push(letter);
            in_string = is_escaped || letter != '"';
            is_escaped = letter == '\\' && !is_escaped;
            continue;
        }
        let next_line = |depth: usize, out: &mut String| {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', depth * INDENT));
        };
        match letter {
            '{' | '[' => {
                out.push(letter);
                if let Some(end) = letters.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    next_line(depth, &mut out);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                next_line(depth, &mut out);
                out.push(letter);
            }
            ',' => {
                out.push(letter);
                next_line(depth, &mut out);
            }
            ':' => out.push_str(": "),
            other => {
                in_string = other == '"';
                out.push(other);
            }
        }
    }
    out
}

/// A name may be written with escapes and still be the same name.
fn is_secret(name: &[u8]) -> bool {
    if !name.contains(&b'\\') {
        return name == SECRET;
    }
    let mut plain = String::new();
    unescape(name, &mut plain);
    plain.as_bytes() == SECRET
}

/// Appends what a string (without its quotes) says. What no text can hold — NUL, half of a surrogate pair — becomes
/// U+FFFD: this is for columns; the raw JSON keeps what Stripe wrote.
pub(crate) fn unescape(inner: &[u8], out: &mut String) {
    let mut rest = inner;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        out.push_str(&String::from_utf8_lossy(&rest[..at]));
        let (taken, character) = one_escape(&rest[at..]);
        out.push(character);
        rest = rest.get(at + taken..).unwrap_or_default();
    }
    out.push_str(&String::from_utf8_lossy(rest));
}

fn one_escape(text: &[u8]) -> (usize, char) {
    let plain = |character| (2, character);
    match text.get(1) {
        Some(b'b') => plain('\u{8}'),
        Some(b'f') => plain('\u{c}'),
        Some(b'n') => plain('\n'),
        Some(b'r') => plain('\r'),
        Some(b't') => plain('\t'),
        Some(b'u') => {
            let high = unit(text.get(2..6));
            if (0xD800..0xDC00).contains(&high) && text.get(6..8) == Some(b"\\u") {
                let low = unit(text.get(8..12));
                if (0xDC00..0xE000).contains(&low) {
                    let point = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                    return (12, char::from_u32(point).unwrap_or('\u{FFFD}'));
                }
            }
            (6, char::from_u32(high).filter(|c| *c != '\0').unwrap_or('\u{FFFD}'))
        }
        Some(other) => plain(char::from(*other)),
        None => (1, '\u{FFFD}'),
    }
}

fn unit(digits: Option<&[u8]>) -> u32 {
    digits
        .and_then(|four| std::str::from_utf8(four).ok())
        .and_then(|four| u32::from_str_radix(four, 16).ok())
        .unwrap_or(0xFFFD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minified(text: &str) -> Result<String, NotJson> {
        let (mut out, mut spots) = (Vec::new(), Vec::new());
        let mut scanner = Scanner::new(text);
        scanner.value(None, &mut out, &mut spots)?;
        scanner.finish()?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn indenting_changes_nothing_but_white_space() {
        let text = r#"{"a":[1.50,{"b":"x, {y}: \"[\\"},[],{}],"c":{"d":null}}"#;
        let shown = indented(text);
        assert_eq!(minified(&shown).unwrap(), text);
        assert!(
            shown.starts_with("{\n  \"a\": [\n    1.50,\n    {\n      \"b\": \"x, {y}: \\\"[\\\\\""),
            "{shown}"
        );
        assert!(shown.contains("    [],\n    {}\n  ],\n"), "{shown}");
    }

    #[test]
    fn white_space_goes_and_everything_else_stays() {
        let text = "{ \"a\" : [ 1.50e+3 , -0 ,\n12345678901234567890 ] ,\t\"b c\" : \" x \\u0000 \\ud800 \\u00e9 \\/ \" }";
        assert_eq!(
            minified(text).unwrap(),
            "{\"a\":[1.50e+3,-0,12345678901234567890],\"b c\":\" x \\u0000 \\ud800 \\u00e9 \\/ \"}"
        );
    }

    #[test]
    fn the_secret_goes_at_every_depth_and_place() {
        for (text, rest) in [
            (r#"{"client_secret":"s"}"#, "{}"),
            (r#"{"client_secret":"s","a":1}"#, r#"{"a":1}"#),
            (r#"{"a":1,"client_secret":{"x":[1,2]}}"#, r#"{"a":1}"#),
            (r#"{"a":1,"client_secret":null,"b":2}"#, r#"{"a":1,"b":2}"#),
            (r#"[{"b":{"client\u005fsecret":"s","c":"client_secret"}}]"#, r#"[{"b":{"c":"client_secret"}}]"#),
            (r#"{"client_secrets":1,"xclient_secret":2}"#, r#"{"client_secrets":1,"xclient_secret":2}"#),
        ] {
            assert_eq!(minified(text).unwrap(), rest);
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in [
            "",
            "{",
            "[1,",
            "{\"a\"}",
            "{\"a\":}",
            "{,}",
            "[1 2]",
            "01",
            "1.",
            "-",
            "1e",
            "tru",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"abc",
            "{} x",
            "{\"a\":1,}",
            "nul",
        ] {
            assert!(minified(text).is_err(), "{text}");
        }
        assert!(minified(&"[".repeat(10_000)).is_err());
        assert!(minified(&format!("{}{}", "[".repeat(120), "]".repeat(120))).is_ok());
    }

    #[test]
    fn text_for_columns_is_always_text() {
        let said = |inner: &str| {
            let mut out = String::new();
            unescape(inner.as_bytes(), &mut out);
            out
        };
        assert_eq!(said(r#"caf\u00e9 \ud83d\ude00 \"x\" \/ \n"#), "café 😀 \"x\" / \n");
        assert_eq!(said(r"a\u0000b\ud800c\udc00"), "a\u{FFFD}b\u{FFFD}c\u{FFFD}");
        assert_eq!(said(r"\ud800\u0041"), "\u{FFFD}A");
    }
}
