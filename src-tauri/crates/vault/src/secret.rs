//! Bytes that never print themselves.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A secret. Wiped when dropped; `Debug` shows its length and nothing more.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes the bytes; no copy is left with the caller.
    pub const fn new(bytes: Vec<u8>) -> Secret {
        Secret(bytes)
    }

    /// The bytes. The long name is on purpose: whoever calls it must not print, log or keep them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The secret as text, if it is text (a Stripe key is).
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Secret {
        Secret(text.as_bytes().to_vec())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints_itself() {
        let shown = format!("{:?}", Secret::from("sk_test_123"));
        assert_eq!(shown, "Secret(11 bytes)");
    }
}
