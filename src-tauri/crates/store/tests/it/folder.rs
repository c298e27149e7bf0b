//! What a folder says about itself.

use std::fs;

use tillbook_store::{Access, Folder, Mode, StoreError, VaultKind};

use crate::{Place, note, notes, open};

const TILL_ID: &str = "0190a000-0000-7000-8000-000000000001";

#[test]
fn an_identity_is_written_once_and_read_back() {
    let folder = Place::new().folder();
    assert_eq!(folder.identity().unwrap(), None);
    let made = folder.create_identity(Mode::Practice, VaultKind::PracticeFile, TILL_ID).unwrap();
    assert_eq!(folder.identity().unwrap(), Some(made));
    let again = folder.create_identity(Mode::Live, VaultKind::Keychain, TILL_ID);
    assert!(matches!(again, Err(StoreError::AlreadySetUp { .. })));
    fs::remove_dir_all(folder.path()).unwrap();
}

#[test]
fn an_account_is_bound_once() {
    let place = Place::new();
    let folder = place.folder();
    assert!(matches!(folder.bind_account("acct_1"), Err(StoreError::NotSetUp { .. })));
    folder.create_identity(Mode::Test, VaultKind::Keychain, TILL_ID).unwrap();
    for none in ["", "acct_", "cus_1", "acct_1 2", "acct_1\n", "acct_\"x"] {
        assert!(matches!(folder.bind_account(none), Err(StoreError::BadAccount(_))), "{none:?}");
    }
    assert_eq!(folder.bind_account("acct_1").unwrap().account.as_deref(), Some("acct_1"));
    folder.bind_account("acct_1").unwrap();
    let other = place.folder().bind_account("acct_2");
    assert!(
        matches!(&other, Err(StoreError::AccountMismatch { expected, got }) if expected == "acct_1" && got == "acct_2"),
        "{other:?}"
    );
    let identity = place.folder().identity().unwrap().unwrap();
    assert_eq!((identity.account.as_deref(), identity.till_id.as_str()), (Some("acct_1"), TILL_ID));
}

#[test]
fn a_till_that_lost_its_identity_does_not_become_another() {
    let place = Place::new();
    let folder = place.folder();
    folder.create_identity(Mode::Practice, VaultKind::PracticeFile, TILL_ID).unwrap();
    fs::write(folder.till_db(), "what exists nowhere else").unwrap();
    fs::remove_file(folder.identity_file()).unwrap();
    let again = folder.create_identity(Mode::Practice, VaultKind::PracticeFile, "another");
    assert!(matches!(again, Err(StoreError::Missing { .. })), "{again:?}");
    assert!(!folder.identity_file().exists());
}

#[test]
fn a_torn_identity_is_damage_and_a_newer_one_is_newer() {
    let place = Place::new();
    let folder = place.folder();
    folder.create_identity(Mode::Practice, VaultKind::PracticeFile, TILL_ID).unwrap();
    let whole = fs::read_to_string(folder.identity_file()).unwrap();
    for torn in
        ["", "{", &whole[..whole.len() / 2], "[]", "{\"format\":\"1\"}", "{\"format\":1}", "\u{0}\u{0}"]
    {
        fs::write(folder.identity_file(), torn).unwrap();
        let read = folder.identity();
        assert!(matches!(read, Err(StoreError::Damaged { .. })), "{torn:?}: {read:?}");
        // A torn identity is never replaced by a fresh one.
        assert!(folder.create_identity(Mode::Live, VaultKind::Keychain, TILL_ID).is_err());
    }
    fs::write(folder.identity_file(), "{\"format\":2,\"shape\":\"of the future\"}").unwrap();
    assert!(matches!(folder.identity(), Err(StoreError::NewerFile { found: 2, known: 1, .. })));
}

#[test]
fn a_half_written_identity_beside_the_file_changes_nothing() {
    let place = Place::new();
    let folder = place.folder();
    let made = folder.create_identity(Mode::Practice, VaultKind::PracticeFile, TILL_ID).unwrap();
    fs::write(folder.path().join("tillbook.json.new-1"), "{\"for").unwrap();
    assert_eq!(folder.identity().unwrap(), Some(made));
    folder.bind_account("acct_1").unwrap();
}

#[test]
fn folders_with_hostile_names_work() {
    let place = Place::new();
    for name in ["a b", "50%", "q?immutable=1", "h#sh", "it's \"quoted\"", "ünï·çødé 漢字", "file:x", "-n"]
    {
        let folder = Folder::at(place.folder().path().join(name));
        note(&open(&folder, Access::ReadWrite).unwrap(), name).unwrap();
        assert_eq!(notes(&open(&folder, Access::ReadOnly).unwrap()).unwrap(), [name]);
        assert!(folder.till_db().exists(), "{name}");
    }
}
