//! Copies made while the till goes on.

use std::fs;

use tillbook_store::{Folder, Mode, StoreError, VaultKind};

use crate::{Place, note, notes};

#[test]
fn a_backup_made_in_use_opens_as_a_till_of_its_own() {
    let place = Place::new();
    let folder = place.folder();
    let made = folder.create_identity(Mode::Practice, VaultKind::PracticeFile, "till-1").unwrap();
    let store = place.open().unwrap();
    note(&store, "before").unwrap();
    let target = Place::new();
    store.backup_to(target.folder().path()).unwrap();
    note(&store, "after").unwrap();

    let restored = target.open().unwrap();
    assert_eq!(notes(&restored).unwrap(), ["before"]);
    restored.check_till().unwrap();
    assert_eq!(target.folder().identity().unwrap(), Some(made));
}

#[test]
fn a_backup_never_overwrites_one() {
    let place = Place::new();
    let store = place.open().unwrap();
    note(&store, "x").unwrap();
    let target = Place::new();
    store.backup_to(target.folder().path()).unwrap();
    let before = fs::read(target.folder().till_db()).unwrap();
    let again = store.backup_to(target.folder().path());
    assert!(matches!(again, Err(StoreError::AlreadySetUp { .. })), "{again:?}");
    assert_eq!(fs::read(target.folder().till_db()).unwrap(), before);
}

#[test]
fn a_backup_of_a_damaged_file_is_refused_and_leaves_no_copy() {
    let place = Place::new();
    note(&place.open().unwrap(), "x").unwrap();
    let file = place.folder().till_db();
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.len() - 2000;
    bytes[at..at + 64].fill(0xAA);
    fs::write(&file, bytes).unwrap();
    let store = place.open().unwrap();
    let target = Folder::at(place.folder().path().join("copy"));
    let copied = store.backup_to(target.path());
    assert!(matches!(copied, Err(StoreError::Damaged { .. })), "{copied:?}");
    assert!(!target.till_db().exists());
}
