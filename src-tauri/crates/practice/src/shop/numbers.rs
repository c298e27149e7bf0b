//! Ids of things that are made when somebody looks: each holds its own number, shuffled by the seed.

use crate::world::ids::{base62, from_base62, mix};

const BITS: u32 = 40;
const MASK: u64 = (1 << BITS) - 1;
const FACTOR: u64 = 0x5_DEEC_E66D | 1;
const DIGITS: usize = 7;

/// Ids of one kind.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    prefix: &'static str,
    length: usize,
    salt: u64,
    inverse: u64,
}

impl Ids {
    /// Ids of `prefix_` and so many characters.
    pub(super) fn new(prefix: &'static str, length: usize, seed: u64) -> Self {
        let salt = mix(seed ^ prefix.bytes().fold(17, |sum, byte| sum * 31 + u64::from(byte)));
        // Newton's way to the inverse of an odd number modulo a power of two.
        let inverse = (0..6).fold(FACTOR, |inverse, _| {
            inverse.wrapping_mul(2_u64.wrapping_sub(FACTOR.wrapping_mul(inverse)))
        });
        Self { prefix, length, salt, inverse }
    }

    pub(super) fn id(&self, number: u64) -> String {
        let shuffled = number.wrapping_mul(FACTOR).wrapping_add(self.salt) & MASK;
        let filler = base62(mix(self.salt ^ number), 10) + &base62(mix(self.salt ^ !number), 10);
        let filler = filler.get(..self.length - DIGITS).unwrap_or_default();
        format!("{}_{}{filler}", self.prefix, base62(shuffled, DIGITS))
    }

    pub(super) fn number(&self, id: &str) -> Option<u64> {
        let tail = id.strip_prefix(self.prefix)?.strip_prefix('_')?;
        let shuffled = from_base62(tail.get(..DIGITS)?)?;
        let number = shuffled.wrapping_sub(self.salt).wrapping_mul(self.inverse) & MASK;
        (self.id(number) == id).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_leads_back_and_no_other_does() {
        let ids = Ids::new("pi", 24, 5);
        for number in [0, 1, 19, 1_000_000, MASK] {
            let id = ids.id(number);
            assert_eq!((id.len(), ids.number(&id)), (27, Some(number)));
        }
        assert_eq!(ids.number("pi_notoneofthemnotoneofthem"), None);
        assert_eq!(ids.number("ch_x"), None);
        assert_eq!(Ids::new("prod", 14, 5).number(&ids.id(3)), None);
    }
}
