//! One copy writes; readers work beside it.

use std::fs;

use tillbook_store::{Access, StoreError};

use crate::{Place, note, notes, open};

#[test]
fn a_second_copy_is_told_and_may_still_read() {
    let place = Place::new();
    let first = place.open().unwrap();
    note(&first, "one").unwrap();
    let second = place.open();
    assert!(matches!(second, Err(StoreError::OpenElsewhere { .. })), "{second:?}");
    let reader = place.read().unwrap();
    assert_eq!(notes(&reader).unwrap(), ["one"]);
    note(&first, "two").unwrap();
    assert_eq!(notes(&reader).unwrap(), ["one", "two"]);
    drop(first);
    note(&place.open().unwrap(), "three").unwrap();
    assert_eq!(notes(&reader).unwrap().len(), 3);
}

#[test]
fn one_copy_does_not_write_from_two_places() {
    let place = Place::new();
    let folder = place.folder();
    let lock = folder.lock().unwrap();
    let store = open(&folder, Access::ReadWrite).unwrap();
    let twice = open(&folder.clone(), Access::ReadWrite);
    assert!(matches!(twice, Err(StoreError::OpenElsewhere { .. })), "{twice:?}");
    drop(store);
    drop(open(&folder, Access::ReadWrite).unwrap());
    // The lock taken first is still held.
    assert!(matches!(place.folder().lock(), Err(StoreError::OpenElsewhere { .. })));
    drop(lock);
    place.folder().lock().unwrap();
}

#[test]
fn a_lock_file_left_by_a_kill_locks_nobody_out() {
    let place = Place::new();
    place.folder().create().unwrap();
    fs::write(place.folder().path().join("tillbook.lock"), b"").unwrap();
    place.open().unwrap();
}

#[test]
fn a_reader_cannot_write() {
    let place = Place::new();
    drop(place.open().unwrap());
    let reader = place.read().unwrap();
    assert!(matches!(note(&reader, "no"), Err(StoreError::ReadOnly { .. })));
    assert!(!reader.till.is_writable());
}

#[test]
fn a_reader_makes_nothing_in_an_empty_folder() {
    let place = Place::new();
    let read = place.read();
    assert!(matches!(read, Err(StoreError::Missing { .. })), "{read:?}");
    assert!(!place.folder().path().exists());
}
