//! The vault from outside: files that are whole, torn, swapped and of another kind, and names that are hostile.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    reason = "tests may be blunt, and their helpers too"
)]

mod keychain;
mod passphrase_file;
mod practice_file;

use tillbook_vault::{Secret, Vault, VaultError, names};

/// What every home of secrets must do.
fn behaves(vault: &dyn Vault) {
    assert!(vault.get(names::JOURNAL).unwrap().is_none());
    vault.delete(names::JOURNAL).unwrap();
    let made = vault.random_secret(names::JOURNAL).unwrap();
    assert_eq!(made.expose().len(), 32);
    assert_eq!(vault.random_secret(names::JOURNAL).unwrap(), made, "made once");
    assert_ne!(vault.random_secret(names::SIGNING).unwrap(), made);
    // Any bytes, none at all too.
    for bytes in [vec![], vec![0], (0..=255).collect::<Vec<u8>>()] {
        vault.set(names::TILL_DB, &Secret::new(bytes.clone())).unwrap();
        assert_eq!(vault.get(names::TILL_DB).unwrap().unwrap().expose(), bytes);
    }
    assert_eq!(vault.get(names::JOURNAL).unwrap(), Some(made));
    vault.delete(names::JOURNAL).unwrap();
    assert!(vault.get(names::JOURNAL).unwrap().is_none());
    for name in ["", "Journal", "a b", "../x", "till_db", "a\0", "é", &"x".repeat(41)] {
        assert!(matches!(vault.get(name), Err(VaultError::BadName)), "{name:?}");
        assert!(matches!(vault.set(name, &Secret::from("x")), Err(VaultError::BadName)), "{name:?}");
        assert!(matches!(vault.delete(name), Err(VaultError::BadName)), "{name:?}");
    }
}

/// Errors are shown and logged: whatever went wrong, no secret is in them.
fn tells_nothing(error: &VaultError, secret: &str) {
    assert!(!format!("{error} {error:?} {}", error.next_step()).contains(secret));
}
