//! The texts inside an object's JSON that it is searched by.

use crate::MirrorError;
use crate::scan::{NotJson, Scanner, Spot, unescape};
use crate::words::Words;

/// Members whose text is searched, wherever they are in an object; of `metadata` every value is.
const WANTED: &[&[u8]] = &[
    b"name",
    b"email",
    b"description",
    b"number",
    b"last4",
    b"brand",
    b"customer",
    b"receipt_email",
    b"receipt_number",
    b"customer_name",
    b"customer_email",
    b"city",
];

/// Members that hold telephone numbers.
const PHONES: &[&[u8]] = &[b"phone", b"customer_phone"];

/// What becomes of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Take {
    No,
    Words,
    Phone,
}

type Buffer = (Vec<u8>, Vec<Spot>);

/// Adds the texts of wanted members, at every depth.
pub(crate) fn values_of(json: &str, words: &mut Words) -> Result<(), MirrorError> {
    walk(&mut Scanner::new(json), Take::No, &mut (Vec::new(), Vec::new()), words)?;
    Ok(())
}

fn walk(
    scanner: &mut Scanner<'_>,
    take: Take,
    buffer: &mut Buffer,
    words: &mut Words,
) -> Result<(), NotJson> {
    match scanner.next_token() {
        Some(b'{') => scanner.members(|scanner, name| {
            if name == b"metadata" {
                return metadata(scanner, buffer, words);
            }
            let take = match name {
                name if WANTED.contains(&name) => Take::Words,
                name if PHONES.contains(&name) => Take::Phone,
                _ => Take::No,
            };
            walk(scanner, take, buffer, words)
        }),
        Some(b'[') => scanner.elements(|scanner| walk(scanner, Take::No, buffer, words)),
        _ => text(scanner, take, buffer, words),
    }
}

fn metadata(scanner: &mut Scanner<'_>, buffer: &mut Buffer, words: &mut Words) -> Result<(), NotJson> {
    match scanner.next_token() {
        Some(b'{') => scanner.members(|scanner, _| text(scanner, Take::Words, buffer, words)),
        _ => text(scanner, Take::No, buffer, words),
    }
}

fn text(
    scanner: &mut Scanner<'_>,
    take: Take,
    buffer: &mut Buffer,
    words: &mut Words,
) -> Result<(), NotJson> {
    buffer.0.clear();
    scanner.value(None, &mut buffer.0, &mut buffer.1)?;
    if take == Take::No || buffer.0.first() != Some(&b'"') {
        return Ok(());
    }
    let mut text = String::new();
    unescape(&buffer.0[1..buffer.0.len() - 1], &mut text);
    match take {
        Take::Phone => words.add_phone(&text),
        _ => words.add(&text),
    }
    Ok(())
}
