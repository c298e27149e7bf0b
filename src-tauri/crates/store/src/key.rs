//! The key of an encrypted file, and the id that stands beside the file.

use std::fmt;

use sha2::{Digest, Sha256};
use tillbook_vault::Secret;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// 32 random bytes that open one encrypted file. Wiped when dropped; never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct FileKey([u8; 32]);

/// The secret from the vault is not 32 bytes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a file key has 32 bytes; the vault holds {0}")]
pub struct WrongKeyLength(pub usize);

impl FileKey {
    /// Takes the key's bytes.
    pub const fn new(bytes: [u8; 32]) -> FileKey {
        FileKey(bytes)
    }

    /// What is written beside a file so that a wrong key is told apart from damage: the first 8 bytes of a hash of
    /// the key, in hex. It says nothing about the key.
    pub(crate) fn id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"tillbook file key id v1\0");
        hash.update(self.0);
        hex(hash.finalize().get(..8).unwrap_or_default())
    }

    /// The statement that hands the key to SQLCipher as raw bytes, so that no key derivation is paid for.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        // Reserved in full: a growing string would leave copies of the key behind in freed memory.
        let mut sql = Zeroizing::new(String::with_capacity(96));
        sql.push_str("PRAGMA key = \"x'");
        for byte in self.0 {
            push_hex(&mut sql, byte);
        }
        sql.push_str("'\"");
        sql
    }
}

impl TryFrom<&Secret> for FileKey {
    type Error = WrongKeyLength;

    fn try_from(secret: &Secret) -> Result<FileKey, WrongKeyLength> {
        let bytes = secret.expose();
        bytes.try_into().map(FileKey).map_err(|_| WrongKeyLength(bytes.len()))
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(…)")
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        push_hex(&mut text, *byte);
    }
    text
}

fn push_hex(text: &mut String, byte: u8) {
    for nibble in [byte >> 4, byte & 0x0f] {
        text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_tells_keys_apart_and_does_not_contain_them() {
        let (a, b) = (FileKey::new([1; 32]), FileKey::new([2; 32]));
        assert_ne!(a.id(), b.id());
        assert_eq!(a.id().len(), 16);
        assert!(!a.pragma().contains(&a.id()));
    }

    #[test]
    fn a_key_never_prints_itself() {
        let shown = format!("{:?}", FileKey::new([0xab; 32]));
        assert!(!shown.contains("ab") && !shown.contains("171"), "{shown}");
    }

    #[test]
    fn the_pragma_is_raw_hex_of_the_reserved_length() {
        let sql = FileKey::new([0x0f; 32]).pragma();
        assert_eq!(sql.as_str(), format!("PRAGMA key = \"x'{}'\"", "0f".repeat(32)));
        assert!(sql.capacity() <= 96);
    }

    #[test]
    fn a_secret_of_another_length_is_refused() {
        assert_eq!(FileKey::try_from(&Secret::new(vec![1; 31])).unwrap_err(), WrongKeyLength(31));
    }
}
