//! A disk without a byte left: what is there can be read all the same. It takes a small disk of our own, which only
//! root can mount; elsewhere these tests say that they were skipped.

#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tillbook_store::{Access, Folder, StoreError};

use crate::{Place, note, notes, open};

/// A disk of 4 MB.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Option<SmallDisk> {
        let place = tempfile::tempdir().unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(place.path()).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(SmallDisk(place));
        }
        println!("skipped: no disk can be mounted here");
        None
    }

    fn folder(&self) -> Folder {
        Folder::at(self.0.path().join("data"))
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut rest = File::create(self.0.path().join("rest")).unwrap();
        for size in [65_536, 4096, 1] {
            while rest.write_all(&vec![0x5a; size]).is_ok() {}
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

fn copy(from: &Folder, to: &Folder) {
    to.create().unwrap();
    for entry in fs::read_dir(from.path()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if !name.to_string_lossy().ends_with("-shm") {
            fs::copy(entry.path(), to.path().join(name)).unwrap();
        }
    }
}

fn length(file: &Path) -> u64 {
    fs::metadata(file).map(|found| found.len()).unwrap_or_default()
}

#[test]
fn what_is_on_a_full_disk_can_be_read_and_a_writer_is_told() {
    let Some(disk) = SmallDisk::mount() else { return };
    let place = Place::new();
    note(&place.open().unwrap(), "kept").unwrap();
    let folder = disk.folder();
    copy(&place.folder(), &folder);
    disk.fill();
    let writer = open(&folder, Access::ReadWrite);
    assert!(matches!(writer, Err(StoreError::FullDisk { .. })), "{writer:?}");
    for _ in 0..2 {
        let reader = open(&folder, Access::ReadOnly).unwrap();
        assert_eq!(notes(&reader).unwrap(), ["kept"]);
        assert_eq!(notes(&reader).unwrap(), ["kept"]);
        assert!(matches!(note(&reader, "no"), Err(StoreError::ReadOnly { .. })));
        reader.check_till().unwrap();
    }
}

#[test]
fn what_a_crash_left_in_the_log_is_read_too_and_stays_there() {
    let Some(disk) = SmallDisk::mount() else { return };
    let place = Place::new();
    let running = place.open().unwrap();
    note(&running, "in the log").unwrap();
    let folder = disk.folder();
    copy(&place.folder(), &folder);
    drop(running);
    let log = folder.path().join("till.db-wal");
    let left = length(&log);
    assert!(left > 0);
    disk.fill();
    assert_eq!(notes(&open(&folder, Access::ReadOnly).unwrap()).unwrap(), ["in the log"]);
    assert_eq!(length(&log), left);
    // With room again everything goes on from there.
    fs::remove_file(folder.path().parent().unwrap().join("rest")).unwrap();
    let again = open(&folder, Access::ReadWrite).unwrap();
    note(&again, "after").unwrap();
    assert_eq!(notes(&again).unwrap(), ["in the log", "after"]);
}

#[test]
fn a_reader_beside_a_writer_needs_no_room_and_keeps_nobody_out() {
    let Some(disk) = SmallDisk::mount() else { return };
    let folder = disk.folder();
    let writer = open(&folder, Access::ReadWrite).unwrap();
    note(&writer, "kept").unwrap();
    disk.fill();
    let beside = open(&Folder::at(folder.path()), Access::ReadOnly).unwrap();
    assert_eq!(notes(&beside).unwrap(), ["kept"]);
    fs::remove_file(folder.path().parent().unwrap().join("rest")).unwrap();
    note(&writer, "more").unwrap();
    assert_eq!(notes(&beside).unwrap(), ["kept", "more"]);
}
