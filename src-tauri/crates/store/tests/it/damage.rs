//! A wrong key, damage and foreign files, told apart; the till's own file is never touched.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use tillbook_store::{Access, FileKey, Store, StoreError};

use crate::{MIRROR_KEY, Place, TILL_KEY, note, notes};

fn scribble(file: &Path, at: u64) {
    let mut file = OpenOptions::new().write(true).open(file).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[0xAA; 64]).unwrap();
}

fn closed_with_a_note() -> Place {
    let place = Place::new();
    note(&place.open().unwrap(), "kept").unwrap();
    place
}

#[test]
fn a_wrong_key_is_not_damage_and_changes_nothing() {
    let place = closed_with_a_note();
    let folder = place.folder();
    let before = fs::read(folder.till_db()).unwrap();
    for access in [Access::ReadWrite, Access::ReadOnly] {
        let wrong = Store::open(&folder, &FileKey::new([1; 32]), &FileKey::new(MIRROR_KEY), access);
        assert!(
            matches!(&wrong, Err(StoreError::WrongKey { file }) if file.ends_with("till.db")),
            "{wrong:?}"
        );
        let wrong = Store::open(&folder, &FileKey::new(TILL_KEY), &FileKey::new([1; 32]), access);
        assert!(
            matches!(&wrong, Err(StoreError::WrongKey { file }) if file.ends_with("mirror.db")),
            "{wrong:?}"
        );
    }
    assert_eq!(fs::read(folder.till_db()).unwrap(), before);
    assert_eq!(notes(&place.open().unwrap()).unwrap(), ["kept"]);
}

#[test]
fn a_damaged_first_page_is_damage_and_the_till_is_left_alone() {
    let place = closed_with_a_note();
    let folder = place.folder();
    scribble(&folder.till_db(), 100);
    let before = fs::read(folder.till_db()).unwrap();
    for access in [Access::ReadWrite, Access::ReadOnly] {
        let damaged = crate::open(&folder, access);
        assert!(
            matches!(&damaged, Err(StoreError::Damaged { file, .. }) if file.ends_with("till.db")),
            "{damaged:?}"
        );
    }
    assert_eq!(fs::read(folder.till_db()).unwrap(), before);
}

#[test]
fn a_damaged_page_inside_is_found_when_it_is_read() {
    let place = closed_with_a_note();
    let folder = place.folder();
    let length = fs::metadata(folder.till_db()).unwrap().len();
    scribble(&folder.till_db(), length - 2000);
    let store = place.open().unwrap();
    assert!(matches!(notes(&store), Err(StoreError::Damaged { .. })));
    let checked = store.check_till();
    assert!(
        matches!(&checked, Err(StoreError::Damaged { file, .. }) if file.ends_with("till.db")),
        "{checked:?}"
    );
}

#[test]
fn a_cut_file_is_damage() {
    for keep in [0, 10, 1000, 4096 * 2 + 17] {
        let place = closed_with_a_note();
        let file = OpenOptions::new().write(true).open(place.folder().till_db()).unwrap();
        file.set_len(keep).unwrap();
        let opened = place.open().and_then(|store| store.check_till());
        assert!(matches!(opened, Err(StoreError::Damaged { .. })), "{keep}: {opened:?}");
        let read = place.read().and_then(|store| store.check_till());
        assert!(matches!(read, Err(StoreError::Damaged { .. })), "{keep}: {read:?}");
    }
}

#[test]
fn an_unencrypted_file_is_foreign() {
    let place = closed_with_a_note();
    let file = place.folder().till_db();
    fs::remove_file(&file).unwrap();
    rusqlite::Connection::open(&file).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let opened = place.open();
    assert!(matches!(opened, Err(StoreError::ForeignFile { .. })), "{opened:?}");
}

#[test]
fn one_file_in_the_place_of_the_other_is_foreign() {
    let place = Place::new();
    let same = FileKey::new([3; 32]);
    let open = |access| Store::open(&place.folder(), &same, &same, access);
    drop(open(Access::ReadWrite).unwrap());
    let (till, mirror) = (place.folder().till_db(), place.folder().mirror_db());
    fs::copy(&till, &mirror).unwrap();
    for access in [Access::ReadWrite, Access::ReadOnly] {
        let opened = open(access);
        assert!(
            matches!(&opened, Err(StoreError::ForeignFile { file, .. } | StoreError::Damaged { file, .. })
                if file.ends_with("mirror.db")),
            "{opened:?}"
        );
    }
}

#[test]
fn a_till_that_was_here_once_is_never_started_anew() {
    let place = closed_with_a_note();
    fs::remove_file(place.folder().till_db()).unwrap();
    for opened in [place.open(), place.read()] {
        assert!(matches!(opened, Err(StoreError::Missing { .. })), "{opened:?}");
    }
    assert!(!place.folder().till_db().exists());
}

#[test]
fn a_lost_or_wrong_key_note_is_put_right_by_the_right_key() {
    let place = closed_with_a_note();
    let keyid = place.folder().path().join("till.keyid");
    let right = fs::read(&keyid).unwrap();
    for content in [None, Some("torn"), Some("0123456789abcdef")] {
        match content {
            Some(text) => fs::write(&keyid, text).unwrap(),
            None => fs::remove_file(&keyid).unwrap(),
        }
        assert_eq!(notes(&place.open().unwrap()).unwrap(), ["kept"]);
        assert_eq!(fs::read(&keyid).unwrap(), right);
    }
}

#[test]
fn the_first_opening_may_be_cut_short_at_any_file() {
    let place = Place::new();
    let folder = place.folder();
    folder.create().unwrap();
    // Killed after the file was made and before anything was in it.
    fs::write(folder.till_db(), b"").unwrap();
    note(&place.open().unwrap(), "first").unwrap();
    assert_eq!(notes(&place.open().unwrap()).unwrap(), ["first"]);
}

#[test]
fn what_a_kill_left_in_the_log_is_taken_in() {
    let place = Place::new();
    let store = place.open().unwrap();
    note(&store, "acknowledged").unwrap();
    // The files as they lie on the disk while the program runs: what a kill leaves.
    let after = Place::new();
    after.folder().create().unwrap();
    for name in ["till.db", "till.db-wal", "till.keyid", "mirror.db", "mirror.db-wal", "mirror.keyid"] {
        fs::copy(store.folder().path().join(name), after.folder().path().join(name)).unwrap();
    }
    assert_eq!(notes(&after.open().unwrap()).unwrap(), ["acknowledged"]);
}

#[test]
fn a_damaged_mirror_is_put_aside_on_a_word_and_the_till_stays() {
    let place = closed_with_a_note();
    let folder = place.folder();
    scribble(&folder.mirror_db(), 100);
    let damaged = place.open();
    assert!(
        matches!(&damaged, Err(StoreError::Damaged { file, .. }) if file.ends_with("mirror.db")),
        "{damaged:?}"
    );
    let aside = Store::set_mirror_aside(&folder, 1_700_000_000_000).unwrap();
    assert!(aside.ends_with("mirror.db.damaged-1700000000000") && aside.exists());
    let store = place.open().unwrap();
    assert_eq!(notes(&store).unwrap(), ["kept"]);
    let in_use = Store::set_mirror_aside(store.folder(), 1);
    assert!(matches!(in_use, Err(StoreError::OpenElsewhere { .. })), "{in_use:?}");
}

#[test]
fn every_error_says_what_to_do() {
    let place = closed_with_a_note();
    scribble(&place.folder().till_db(), 100);
    let error = place.open().unwrap_err();
    assert!(!error.next_step().is_empty());
    assert!(error.to_string().contains("till.db"));
}
