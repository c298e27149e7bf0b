//! A folder that cannot be written. Root may write everywhere, so under root these tests run themselves again as an
//! ordinary user.

#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use tillbook_store::{Access, Folder, StoreError};

use crate::{Place, note, notes, open};

const FOLDER: &str = "TILLBOOK_TEST_READ_ONLY_FOLDER";
const NOBODY: u32 = 65_534;

/// Runs `check` on the closed folder as a user who may only read it.
fn as_a_reader(test: &str, folder: &Folder, check: fn(&Folder)) {
    if let Some(path) = std::env::var_os(FOLDER) {
        return check(&Folder::at(path));
    }
    for entry in fs::read_dir(folder.path()).unwrap() {
        fs::set_permissions(entry.unwrap().path(), Permissions::from_mode(0o444)).unwrap();
    }
    set_mode(folder.path().parent().unwrap(), 0o755);
    set_mode(folder.path(), 0o555);
    if fs::write(folder.path().join("probe"), b"").is_err() {
        check(folder);
    } else {
        fs::remove_file(folder.path().join("probe")).unwrap();
        let again = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(FOLDER, folder.path())
            .current_dir("/")
            .uid(NOBODY)
            .gid(NOBODY)
            .output();
        match again {
            Ok(output) => assert!(
                output.status.success(),
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ),
            Err(error) => println!("skipped: the tests cannot be run as another user here: {error}"),
        }
    }
    set_mode(folder.path(), 0o755);
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_closed_folder_can_be_read_and_says_why_it_cannot_be_written() {
    let place = Place::new();
    if std::env::var_os(FOLDER).is_none() {
        note(&place.open().unwrap(), "kept").unwrap();
    }
    let test = "read_only::a_closed_folder_can_be_read_and_says_why_it_cannot_be_written";
    as_a_reader(test, &place.folder(), |folder| {
        let reader = open(folder, Access::ReadOnly).unwrap();
        assert_eq!(notes(&reader).unwrap(), ["kept"]);
        // A second connection, opened while the first is in use, reaches it the same way.
        reader.till.read::<_, StoreError>(|_| notes(&reader)).unwrap();
        let writer = open(folder, Access::ReadWrite);
        assert!(matches!(writer, Err(StoreError::ReadOnlyFolder { .. })), "{writer:?}");
    });
}

#[test]
fn a_folder_that_was_not_closed_says_so() {
    let place = Place::new();
    if std::env::var_os(FOLDER).is_none() {
        let running = Place::new();
        let store = running.open().unwrap();
        note(&store, "in the log").unwrap();
        place.folder().create().unwrap();
        for name in ["till.db", "till.db-wal", "till.keyid", "mirror.db", "mirror.keyid"] {
            fs::copy(store.folder().path().join(name), place.folder().path().join(name)).unwrap();
        }
    }
    as_a_reader("read_only::a_folder_that_was_not_closed_says_so", &place.folder(), |folder| {
        let reader = open(folder, Access::ReadOnly);
        assert!(matches!(reader, Err(StoreError::NotClosed { .. })), "{reader:?}");
    });
}

#[test]
fn a_file_that_cannot_be_read_is_not_damaged() {
    let place = Place::new();
    if std::env::var_os(FOLDER).is_none() {
        drop(place.open().unwrap());
        fs::remove_file(place.folder().till_db()).unwrap();
        // Readable by nobody, not even its owner; only root would get through, and root does not run the check.
        fs::write(place.folder().till_db(), [1; 8192]).unwrap();
    }
    as_a_reader("read_only::a_file_that_cannot_be_read_is_not_damaged", &place.folder(), |folder| {
        let reader = open(folder, Access::ReadOnly);
        assert!(matches!(reader, Err(StoreError::Damaged { .. })), "{reader:?}");
    });
}
