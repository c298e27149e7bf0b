//! The key that signs manifests: an Ed25519 seed in the vault, made when the folder is made.

use ed25519_dalek::SigningKey;
use tillbook_till::House;
use tillbook_vault::names;

use crate::BooksError;
use crate::atomic_file::hex;

/// The till's public key, hex, by which its files can be told from others; none before its first file.
pub fn public_key(house: &House) -> Result<Option<String>, BooksError> {
    let secret = house.vault.get(names::SIGNING)?;
    secret
        .map(|secret| seed_of(secret.expose()))
        .transpose()
        .map(|seed| seed.map(|seed| hex(SigningKey::from_bytes(&seed).verifying_key().as_bytes())))
}

/// The seed.
pub(crate) fn signing_seed(house: &House) -> Result<[u8; 32], BooksError> {
    let secret = house.vault.get(names::SIGNING)?.ok_or(BooksError::BadSigningKey)?;
    seed_of(secret.expose())
}

fn seed_of(secret: &[u8]) -> Result<[u8; 32], BooksError> {
    secret.try_into().map_err(|_| BooksError::BadSigningKey)
}
