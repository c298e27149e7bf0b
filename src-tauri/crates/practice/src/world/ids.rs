//! Ids and chance, from one seeded source: a state with the same seed and the same calls has the same ids.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A small seeded generator (splitmix64): chance for ids and faults, never for secrets of the real world.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

/// One round of splitmix64's mixing: a number that shows nothing of the one it came from.
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next() % limit }
    }

    /// That many characters of an id.
    pub(crate) fn text(&mut self, length: usize) -> String {
        (0..length).map(|_| letter(self.below(62))).collect()
    }
}

fn letter(digit: u64) -> char {
    usize::try_from(digit).ok().and_then(|digit| ALPHABET.get(digit)).copied().map_or('0', char::from)
}

/// A number as exactly `length` characters of base 62.
pub(crate) fn base62(mut number: u64, length: usize) -> String {
    let mut out = vec!['0'; length];
    for place in out.iter_mut().rev() {
        *place = letter(number % 62);
        number /= 62;
    }
    out.into_iter().collect()
}

/// The number behind such characters.
pub(crate) fn from_base62(text: &str) -> Option<u64> {
    text.bytes().try_fold(0_u64, |number, byte| {
        let digit =
            ALPHABET.iter().position(|&letter| letter == byte).and_then(|digit| u64::try_from(digit).ok())?;
        number.checked_mul(62)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base62_goes_both_ways_and_seeds_repeat() {
        for number in [0, 61, 62, 123_456_789] {
            assert_eq!(from_base62(&base62(number, 8)), Some(number));
        }
        assert_eq!(from_base62("!!"), None);
        assert_eq!(Chance::new(7).text(14), Chance::new(7).text(14));
        assert_ne!(Chance::new(7).text(14), Chance::new(8).text(14));
    }
}
