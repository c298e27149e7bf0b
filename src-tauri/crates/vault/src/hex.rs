//! Bytes as lower-case hex, in text that can be wiped.

use zeroize::Zeroizing;

/// Lower-case hex.
pub(crate) fn encode(bytes: &[u8]) -> String {
    // Reserved in full: a growing string would leave copies of a secret in freed memory.
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0x0f] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    text
}

/// The bytes of lower- or upper-case hex; `None` if it is anything else.
pub(crate) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(pairs.len()));
    for [high, low] in pairs {
        let high = char::from(*high).to_digit(16)?;
        let low = char::from(*low).to_digit(16)?;
        bytes.push(u8::try_from(high << 4 | low).ok()?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(*decode(&encode(&all)).unwrap(), all);
    }

    #[test]
    fn what_is_not_hex_is_refused() {
        for text in ["0", "0g", "zz", "é0", "00 0"] {
            assert!(decode(text).is_none(), "{text}");
        }
    }
}
