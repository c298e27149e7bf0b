//! The store from outside: files that are whole, damaged, foreign, old, locked and out of reach.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    reason = "tests may be blunt, and their helpers too"
)]

mod backup;
mod damage;
mod folder;
mod full_disk;
mod lock;
mod read_only;
mod writing;

use tempfile::TempDir;
use tillbook_store::{Access, FileKey, Folder, Store, StoreError};

/// A folder of its own for one test.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Place {
        Place { dir: tempfile::tempdir().unwrap() }
    }

    /// A fresh `Folder`, as another process would make one.
    fn folder(&self) -> Folder {
        Folder::at(self.dir.path().join("data"))
    }

    fn open(&self) -> Result<Store, StoreError> {
        open(&self.folder(), Access::ReadWrite)
    }

    fn read(&self) -> Result<Store, StoreError> {
        open(&self.folder(), Access::ReadOnly)
    }
}

const TILL_KEY: [u8; 32] = [7; 32];
const MIRROR_KEY: [u8; 32] = [9; 32];

fn open(folder: &Folder, access: Access) -> Result<Store, StoreError> {
    Store::open(folder, &FileKey::new(TILL_KEY), &FileKey::new(MIRROR_KEY), access)
}

/// A table of the test's own, so that no test depends on what the rooms keep in theirs.
fn note(store: &Store, text: &str) -> Result<(), StoreError> {
    store.till.write(|till| {
        till.execute_batch("CREATE TABLE IF NOT EXISTS test_note (text TEXT NOT NULL) STRICT")?;
        till.prepare_cached("INSERT INTO test_note (text) VALUES (?1)")?.execute([text])?;
        Ok(())
    })
}

fn notes(store: &Store) -> Result<Vec<String>, StoreError> {
    store.till.read(|till| {
        let mut statement = till.prepare_cached("SELECT text FROM test_note ORDER BY rowid")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    })
}
