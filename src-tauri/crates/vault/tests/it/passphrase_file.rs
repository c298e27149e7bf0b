//! The file wrapped by a passphrase.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tillbook_vault::{KdfCost, PassphraseFile, PracticeFile, Secret, Vault, VaultError, names};

use crate::{behaves, tells_nothing};

/// As cheap as Argon2 goes: what is tested is not how slow it is.
const CHEAP: KdfCost = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };

fn open(path: &Path, passphrase: &str) -> Result<PassphraseFile, VaultError> {
    PassphraseFile::open_at_cost(path, passphrase, CHEAP)
}

fn edit(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    change(&mut value);
    fs::write(path, serde_json::to_vec(&value).unwrap()).unwrap();
}

#[test]
fn it_behaves_as_a_vault_and_keeps_live_keys() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    let vault = open(&path, "correct horse").unwrap();
    behaves(&vault);
    vault.set(names::STRIPE_KEY, &Secret::from("sk_live_abc")).unwrap();
    let again = open(&path, "correct horse").unwrap();
    assert_eq!(again.get(names::STRIPE_KEY).unwrap().unwrap().expose_text(), Some("sk_live_abc"));
}

#[test]
fn nothing_readable_is_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    let vault = open(&path, "correct horse").unwrap();
    vault.set(names::STRIPE_KEY, &Secret::from("sk_live_abc")).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    // 736b5f6c6976655f is sk_live_ in hex.
    assert!(!text.contains("sk_live_") && !text.contains("736b5f6c6976655f") && !text.contains("horse"));
    assert!(!format!("{vault:?}").contains("horse"));
}

#[test]
fn a_wrong_passphrase_is_not_damage_and_damage_is_not_a_wrong_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    open(&path, "right").unwrap().random_secret(names::TILL_DB).unwrap();
    let whole = fs::read(&path).unwrap();
    for wrong in ["wrong", "Right", "right ", "\0"] {
        let error = open(&path, wrong).unwrap_err();
        assert!(matches!(error, VaultError::WrongPassphrase), "{error:?}");
    }
    tells_nothing(&open(&path, "guessed-passphrase").unwrap_err(), "guessed-passphrase");
    assert!(matches!(open(&path, ""), Err(VaultError::NoPassphrase)));
    assert_eq!(fs::read(&path).unwrap(), whole, "a wrong passphrase changes nothing");

    for pointer in ["/head/salt", "/head/wrapped_key/nonce", "/head/wrapped_key/sealed", "/head/checksum"] {
        fs::write(&path, &whole).unwrap();
        edit(&path, |value| {
            let text = value.pointer(pointer).unwrap().as_str().unwrap();
            let flipped = if text.starts_with('0') { "1" } else { "0" };
            *value.pointer_mut(pointer).unwrap() = format!("{flipped}{}", &text[1..]).into();
        });
        let error = open(&path, "right").unwrap_err();
        assert!(matches!(error, VaultError::Damaged { .. }), "{pointer}: {error:?}");
    }
    for length in [0, 1, whole.len() / 2, whole.len() - 3] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(matches!(open(&path, "right"), Err(VaultError::Damaged { .. })), "{length}");
    }
}

#[test]
fn entries_cannot_be_swapped_or_changed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    let vault = open(&path, "right").unwrap();
    vault.set("a", &Secret::from("first")).unwrap();
    vault.set("b", &Secret::from("second")).unwrap();
    let whole = fs::read(&path).unwrap();
    edit(&path, |value| {
        let first = value["secrets"]["a"].clone();
        value["secrets"]["b"] = first;
    });
    assert_eq!(vault.get("a").unwrap().unwrap().expose_text(), Some("first"));
    assert!(matches!(vault.get("b"), Err(VaultError::Damaged { .. })));
    fs::write(&path, whole).unwrap();
    edit(&path, |value| value["secrets"]["a"]["sealed"] = "00".repeat(30).into());
    assert!(matches!(vault.get("a"), Err(VaultError::Damaged { .. })));
}

#[test]
fn a_forged_cost_is_refused_before_it_is_paid() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    open(&path, "right").unwrap().random_secret("a").unwrap();
    edit(&path, |value| value["head"]["cost"]["memory_kib"] = u32::MAX.into());
    assert!(matches!(open(&path, "right"), Err(VaultError::Damaged { .. })));
}

#[test]
fn a_vault_put_in_the_place_of_an_open_one_is_not_mixed_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (path, other) = (dir.path().join("vault.json"), dir.path().join("other.json"));
    let vault = open(&path, "right").unwrap();
    vault.random_secret("a").unwrap();
    open(&other, "right").unwrap().random_secret("b").unwrap();
    fs::rename(&other, &path).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(vault.set("c", &Secret::from("x")), Err(VaultError::Damaged { .. })));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn only_the_user_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    open(&path, "right").unwrap().random_secret("a").unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn another_kind_of_vault_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    open(&path, "right").unwrap().random_secret("a").unwrap();
    assert!(matches!(PracticeFile::open(&path), Err(VaultError::OtherKind { .. })));
    fs::remove_file(&path).unwrap();
    PracticeFile::open(&path).unwrap().random_secret("a").unwrap();
    assert!(matches!(open(&path, "right"), Err(VaultError::OtherKind { .. })));
}

#[test]
fn the_standard_cost_opens_what_it_made() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    let made = PassphraseFile::open(&path, "right").unwrap().random_secret("a").unwrap();
    // The cost is the file's, whatever the program would choose today.
    assert_eq!(open(&path, "right").unwrap().get("a").unwrap(), Some(made));
}
