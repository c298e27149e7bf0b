//! Secrets: where the keys of the files, the journal's key, the signing key and the Stripe key are kept.
//!
//! What may come in: names from a small set and bytes. What goes out: the same bytes, as a [`Secret`] that wipes
//! itself and never prints. Three homes, one trait: the operating system's keychain ([`Keychain`]), a file wrapped by
//! a passphrase ([`PassphraseFile`]) for machines without one, and an unwrapped file ([`PracticeFile`]) for practice
//! mode alone.
//!
//! What never happens here: a secret in a log, an error or a panic; a live Stripe key in an unwrapped file; a wrong
//! passphrase taken for damage, or the reverse.

mod error;
mod hex;
mod keychain;
mod passphrase_file;
mod practice_file;
pub mod private_file;
mod secret;

use std::path::Path;

pub use error::VaultError;
pub use keychain::Keychain;
pub use passphrase_file::{KdfCost, PassphraseFile};
pub use practice_file::PracticeFile;
pub use secret::Secret;

/// The secrets that Tillbook keeps.
pub mod names {
    /// Key of `till.db`: 32 bytes.
    pub const TILL_DB: &str = "till-db";
    /// Key of `mirror.db`: 32 bytes.
    pub const MIRROR_DB: &str = "mirror-db";
    /// Key that chains the journal: 32 bytes.
    pub const JOURNAL: &str = "journal";
    /// Ed25519 seed that signs exports: 32 bytes.
    pub const SIGNING: &str = "signing";
    /// The Stripe key, as text.
    pub const STRIPE_KEY: &str = "stripe-key";
    /// What `stripe listen` signs its deliveries with, as text.
    pub const RECEIVER: &str = "receiver";
}

/// A place for secrets. Calls may block (a keychain may ask a person): keep them off the threads of an async runtime.
pub trait Vault: Send + Sync {
    /// The secret of this name, if there is one.
    ///
    /// # Errors
    /// See [`VaultError`].
    fn get(&self, name: &str) -> Result<Option<Secret>, VaultError>;

    /// Keeps a secret under this name, in place of what was there; durable when it returns.
    ///
    /// # Errors
    /// See [`VaultError`].
    fn set(&self, name: &str, secret: &Secret) -> Result<(), VaultError>;

    /// Forgets the secret of this name; nothing happens if there is none.
    ///
    /// # Errors
    /// See [`VaultError`].
    fn delete(&self, name: &str) -> Result<(), VaultError>;

    /// The secret of this name, or 32 new random bytes that are kept under it. Only for whoever holds the data
    /// folder's lock: two that create at once would each believe in their own.
    ///
    /// # Errors
    /// See [`VaultError`].
    fn random_secret(&self, name: &str) -> Result<Secret, VaultError> {
        if let Some(secret) = self.get(name)? {
            return Ok(secret);
        }
        let mut bytes = vec![0_u8; 32];
        random(&mut bytes)?;
        let secret = Secret::new(bytes);
        self.set(name, &secret)?;
        Ok(secret)
    }
}

/// Names are short and plain, so that none means something else to a keychain, a file or a person.
fn check_name(name: &str) -> Result<(), VaultError> {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if name.is_empty() || name.len() > 40 || !plain { Err(VaultError::BadName) } else { Ok(()) }
}

fn random(bytes: &mut [u8]) -> Result<(), VaultError> {
    getrandom::fill(bytes).map_err(|_| VaultError::NoRandomness)
}

/// Serde's own words may quote the file, and the file holds secrets: only the place is told.
fn damaged_json(path: &Path, error: &serde_json::Error) -> VaultError {
    VaultError::damaged(path.display(), format!("line {}, column {}", error.line(), error.column()))
}

/// Reads what kind of vault file this is before anything else of it.
fn check_kind(path: &Path, text: &[u8], kind: &str, format: u32) -> Result<(), VaultError> {
    #[derive(serde::Deserialize)]
    struct Head {
        format: u32,
        kind: String,
    }
    let head: Head = serde_json::from_slice(text).map_err(|error| damaged_json(path, &error))?;
    if head.kind != kind {
        return Err(VaultError::OtherKind { file: path.to_owned() });
    }
    if head.format > format {
        return Err(VaultError::NewerFile { file: path.to_owned() });
    }
    Ok(())
}

/// A copy or a restore may have opened the file to others; it is closed again where the system lets us.
fn tighten(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let Ok(metadata) = std::fs::metadata(path) else { return };
        if metadata.permissions().mode() & 0o077 != 0
            && std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).is_err()
        {
            tracing::warn!("the vault file can be read by other users and could not be closed to them");
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}
