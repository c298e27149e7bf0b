//! PINs: kept as Argon2id hashes, looked at slowly on purpose, and more slowly after five wrong ones.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use crate::TillError;
use crate::view::Reason;

/// Wrong PINs before sign-in is slowed.
pub(crate) const FREE_TRIES: i64 = 5;
const FIRST_WAIT_MS: i64 = 30_000;
const LONGEST_WAIT_MS: i64 = 15 * 60_000;

/// 4 to 12 digits.
pub(crate) fn check_shape(pin: &str) -> Result<(), TillError> {
    if (4..=12).contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_digit()) {
        Ok(())
    } else {
        Err(TillError::invalid("pin", Reason::Pin, "a PIN has 4 to 12 digits"))
    }
}

/// The text that is kept of a PIN.
pub(crate) fn hash(pin: &str) -> Result<String, TillError> {
    let hash = Argon2::default().hash_password(pin.as_bytes()).map_err(TillError::internal)?;
    Ok(hash.to_string())
}

/// Whether this is the PIN.
pub(crate) fn verify(pin: &str, kept: &str) -> Result<bool, TillError> {
    let kept = PasswordHash::new(kept).map_err(|_| TillError::internal("a PIN's hash cannot be read"))?;
    Ok(Argon2::default().verify_password(pin.as_bytes(), &kept).is_ok())
}

/// How long no PIN is looked at after this many wrong ones in a row: 30 s after the fifth, doubled with each further
/// one, a quarter of an hour at most.
pub(crate) fn wait_ms(wrong_pins: i64) -> i64 {
    let beyond = wrong_pins.saturating_sub(FREE_TRIES);
    if beyond < 0 {
        return 0;
    }
    let doublings = u32::try_from(beyond).unwrap_or(u32::MAX).min(10);
    FIRST_WAIT_MS.saturating_mul(2_i64.saturating_pow(doublings)).min(LONGEST_WAIT_MS)
}

/// How much of a wait is left. A clock that was set back does not make it longer than it can be.
pub(crate) fn left_ms(slowed_until_ms: i64, now_ms: i64) -> i64 {
    slowed_until_ms.saturating_sub(now_ms).clamp(0, LONGEST_WAIT_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_digits_only() {
        for pin in ["", "123", "1234567890123", "12a4", "12 4", "１２３４"] {
            assert!(check_shape(pin).is_err(), "{pin}");
        }
        assert!(check_shape("0000").is_ok() && check_shape("123456789012").is_ok());
    }

    #[test]
    fn a_hash_is_argon2id_salted_and_tells_pins_apart() {
        let (one, two) = (hash("1234").unwrap(), hash("1234").unwrap());
        assert!(one.starts_with("$argon2id$") && one != two);
        assert!(verify("1234", &one).unwrap());
        assert!(!verify("1235", &one).unwrap());
    }

    #[test]
    fn the_wait_grows_and_ends() {
        assert_eq!(wait_ms(4), 0);
        assert_eq!(wait_ms(5), 30_000);
        assert_eq!(wait_ms(6), 60_000);
        assert_eq!(wait_ms(50), LONGEST_WAIT_MS);
        assert_eq!(left_ms(1_000, 2_000), 0);
        assert_eq!(left_ms(i64::MAX, 0), LONGEST_WAIT_MS);
    }
}
