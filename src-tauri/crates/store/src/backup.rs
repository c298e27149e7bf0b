//! Copies of an open file, made by SQLite page by page: they stay encrypted under the same key.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::open::{self, Kind, Reach};
use crate::{FileKey, StoreError};

/// Copies from before a migration that are kept.
const KEPT: usize = 3;

/// Copies what `source` sees now to `target`, which must not exist, and proves that the copy can be read. A copy that
/// fails is removed.
pub(crate) fn copy(source: &Connection, target: &Path, key: &FileKey, kind: &Kind) -> Result<(), StoreError> {
    let result = copy_pages(source, target, key, kind).and_then(|()| {
        let copy = open::connect(target, key, kind, Reach::Immutable)
            .map_err(|error| StoreError::from_sql(target, error))?;
        check(&copy, target)
    });
    if result.is_err() {
        // Best effort: the error that is told is the one that stopped the copying.
        let _ = fs::remove_file(target);
        let _ = fs::remove_file(open::key_id_file(target));
    }
    result
}

fn copy_pages(source: &Connection, target: &Path, key: &FileKey, kind: &Kind) -> Result<(), StoreError> {
    let sql = |error| StoreError::from_sql(target, error);
    open::make_new(target)?;
    let mut copy = open::connect(target, key, kind, Reach::Write).map_err(sql)?;
    {
        // All pages in one go: in steps, a write by another connection would start it over each time.
        let backup = Backup::new(source, &mut copy).map_err(sql)?;
        match backup.step(-1).map_err(sql)? {
            StepResult::Done => {}
            _ => return Err(StoreError::Busy { file: target.to_owned() }),
        }
    }
    // The pages say WAL; a copy that lies still is one file.
    copy.pragma_update(None, "journal_mode", "DELETE").map_err(sql)?;
    drop(copy);
    fs::File::open(target)
        .and_then(|file| file.sync_all())
        .map_err(|source| StoreError::from_io(target, source))?;
    open::remember_key(target, key)
}

/// Reads the whole file: every page's checksum and every table's structure.
///
/// # Errors
/// [`StoreError::Damaged`] with the first thing found.
pub(crate) fn check(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    let sql = |error| StoreError::from_sql(file, error);
    let damaged = |detail: String| StoreError::Damaged { file: file.to_owned(), detail };
    let mut pages = connection.prepare("PRAGMA cipher_integrity_check").map_err(sql)?;
    if let Some(row) = pages.query([]).map_err(sql)?.next().map_err(sql)? {
        return Err(damaged(row.get(0).map_err(sql)?));
    }
    let found: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(sql)?;
    if found == "ok" { Ok(()) } else { Err(damaged(found)) }
}

/// A copy from before a migration: `backups/till-0003.db`, the number being that of the file's newest step. Only the
/// last three are kept. A migration that is tried again makes the same copy again.
pub(crate) fn before_migration(
    source: &Connection,
    folder: &Path,
    version: u32,
    key: &FileKey,
    kind: &Kind,
) -> Result<PathBuf, StoreError> {
    open::make_folder(folder)?;
    let target = folder.join(format!("till-{version:04}.db"));
    let fresh = folder.join(format!("till-{version:04}.new.db"));
    for leftover in [&fresh, &open::key_id_file(&fresh)] {
        remove_if_there(leftover)?;
    }
    copy(source, &fresh, key, kind)?;
    open::remember_key(&target, key)?;
    fs::rename(&fresh, &target).map_err(|source| StoreError::from_io(&target, source))?;
    remove_if_there(&open::key_id_file(&fresh))?;
    prune(folder)?;
    Ok(target)
}

fn prune(folder: &Path) -> Result<(), StoreError> {
    let io = |source| StoreError::from_io(folder, source);
    let mut copies = Vec::new();
    for entry in fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if is_copy(&path) {
            copies.push(path);
        }
    }
    copies.sort();
    let surplus = copies.len().saturating_sub(KEPT);
    for old in copies.iter().take(surplus) {
        remove_if_there(old)?;
        remove_if_there(&open::key_id_file(old))?;
    }
    Ok(())
}

/// Only files that this module named are ever removed.
fn is_copy(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let number = name.strip_prefix("till-").and_then(|rest| rest.strip_suffix(".db"));
    number.is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn remove_if_there(file: &Path) -> Result<(), StoreError> {
    match fs::remove_file(file) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(StoreError::from_io(file, source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_from_before_migrations_open_and_only_three_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let key = FileKey::new([4; 32]);
        let source = open::writer(&dir.path().join("till.db"), &key, &open::TILL).unwrap();
        source.execute_batch("CREATE TABLE a (x TEXT) STRICT; INSERT INTO a VALUES ('kept')").unwrap();
        let backups = dir.path().join("backups");
        open::make_folder(&backups).unwrap();
        fs::write(backups.join("till-mine.db"), b"a person's own").unwrap();
        fs::write(backups.join("till-0001.new.db"), b"what a kill left").unwrap();
        for version in [1, 1, 2, 3, 4, 5] {
            let copy = before_migration(&source, &backups, version, &key, &open::TILL).unwrap();
            let (copy, _) = open::reader(&copy, &key, &open::TILL).unwrap();
            let text: String = copy.query_row("SELECT x FROM a", [], |row| row.get(0)).unwrap();
            assert_eq!(text, "kept");
        }
        // Readers leave files beside a copy in WAL mode; these copies are not in it.
        let mut names: Vec<_> = fs::read_dir(&backups)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(
            names,
            [
                "till-0003.db",
                "till-0003.keyid",
                "till-0004.db",
                "till-0004.keyid",
                "till-0005.db",
                "till-0005.keyid",
                "till-mine.db"
            ]
        );
    }
}
