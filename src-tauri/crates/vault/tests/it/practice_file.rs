//! The unwrapped file.

use std::fs;

use tillbook_vault::{PracticeFile, Secret, Vault, VaultError, names};

use crate::{behaves, tells_nothing};

#[test]
fn it_behaves_as_a_vault() {
    let dir = tempfile::tempdir().unwrap();
    behaves(&PracticeFile::open(dir.path().join("vault.json")).unwrap());
}

#[test]
fn secrets_outlive_the_program() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    let made = PracticeFile::open(&path).unwrap().random_secret(names::MIRROR_DB).unwrap();
    assert_eq!(PracticeFile::open(&path).unwrap().get(names::MIRROR_DB).unwrap(), Some(made));
}

#[test]
fn reading_makes_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let vault = PracticeFile::open(dir.path().join("vault.json")).unwrap();
    assert!(vault.get(names::TILL_DB).unwrap().is_none());
    vault.delete(names::TILL_DB).unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn live_keys_are_refused_however_they_are_dressed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    let vault = PracticeFile::open(&path).unwrap();
    vault.set(names::STRIPE_KEY, &Secret::from("sk_test_practice_1")).unwrap();
    for key in ["sk_live_abc", "rk_live_abc", " sk_live_abc", "\"rk_live_abc\"", "key=sk_live_abc"] {
        let refused = vault.set(names::STRIPE_KEY, &Secret::from(key)).unwrap_err();
        assert!(matches!(refused, VaultError::LiveKeyRefused), "{refused:?}");
        tells_nothing(&refused, "live_abc");
    }
    let kept = vault.get(names::STRIPE_KEY).unwrap().unwrap();
    assert_eq!(kept.expose_text(), Some("sk_test_practice_1"));
}

#[cfg(unix)]
#[test]
fn only_the_user_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    PracticeFile::open(&path).unwrap().random_secret(names::TILL_DB).unwrap();
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    // A copy or a restore may have opened it.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    PracticeFile::open(&path).unwrap();
    assert_eq!(mode(), 0o600);
}

#[test]
fn a_torn_file_is_damage_is_left_alone_and_does_not_spill() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    let vault = PracticeFile::open(&path).unwrap();
    vault.random_secret(names::TILL_DB).unwrap();
    let whole = fs::read_to_string(&path).unwrap();
    let torn = [
        String::new(),
        whole[..whole.len() / 2].to_owned(),
        "[]".to_owned(),
        whole.replace("\"secrets\"", "\"secret\""),
        whole.replace("\"till-db\": \"", "\"till-db\": 12, \"x\": \""),
    ];
    for text in torn {
        fs::write(&path, &text).unwrap();
        let error = PracticeFile::open(&path).unwrap_err();
        assert!(matches!(error, VaultError::Damaged { .. }), "{text}: {error:?}");
        assert!(vault.set(names::JOURNAL, &Secret::from("x")).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    fs::write(&path, whole.replace("\"till-db\": \"", "\"till-db\": \"zz")).unwrap();
    let error = vault.get(names::TILL_DB).unwrap_err();
    assert!(matches!(error, VaultError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_newer_file_and_another_kind_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    fs::write(&path, r#"{"format":2,"kind":"practice"}"#).unwrap();
    assert!(matches!(PracticeFile::open(&path), Err(VaultError::NewerFile { .. })));
    fs::write(&path, r#"{"format":1,"kind":"passphrase"}"#).unwrap();
    assert!(matches!(PracticeFile::open(&path), Err(VaultError::OtherKind { .. })));
}

#[test]
fn threads_do_not_lose_each_others_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let vault = PracticeFile::open(dir.path().join("vault.json")).unwrap();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let vault = &vault;
            scope.spawn(move || vault.set(&format!("name-{number}"), &Secret::from("x")).unwrap());
        }
    });
    for number in 0..8 {
        assert!(vault.get(&format!("name-{number}")).unwrap().is_some(), "{number}");
    }
}
