//! Transactions, settings, and what is on the disk.

use std::fs;

use tillbook_store::StoreError;

use crate::{Place, note, notes};

#[test]
fn what_was_written_is_there_after_opening_again() {
    let place = Place::new();
    note(&place.open().unwrap(), "kept").unwrap();
    assert_eq!(notes(&place.open().unwrap()).unwrap(), ["kept"]);
}

#[test]
fn nothing_readable_is_on_the_disk() {
    let place = Place::new();
    let store = place.open().unwrap();
    note(&store, "a customer called Rosalind").unwrap();
    for entry in fs::read_dir(place.folder().path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let holds = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
        assert!(!holds(b"Rosalind") && !holds(b"CREATE TABLE") && !holds(b"SQLite format"), "{path:?}");
        assert!(!holds(b"0707070707070707"), "{path:?} holds the key");
    }
}

#[cfg(unix)]
#[test]
fn other_users_cannot_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let store = place.open().unwrap();
    note(&store, "x").unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = place.folder();
    assert_eq!(mode(folder.path().to_owned()), 0o700);
    for name in ["till.db", "till.db-wal", "mirror.db", "till.keyid"] {
        assert_eq!(mode(folder.path().join(name)), 0o600, "{name}");
    }
}

#[test]
fn the_settings_hold_on_every_connection() {
    let place = Place::new();
    let store = place.open().unwrap();
    let setting = |connection: &rusqlite::Connection, name: &str| {
        connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0)).unwrap()
    };
    use rusqlite::types::Value::{Integer, Text};
    store
        .till
        .write::<_, StoreError>(|till| {
            assert_eq!(setting(till, "journal_mode"), Text("wal".into()));
            assert_eq!(setting(till, "synchronous"), Integer(2), "FULL");
            assert_eq!(setting(till, "foreign_keys"), Integer(1));
            Ok(())
        })
        .unwrap();
    store
        .mirror
        .write::<_, StoreError>(|mirror| {
            assert_eq!(setting(mirror, "journal_mode"), Text("wal".into()));
            assert_eq!(setting(mirror, "synchronous"), Integer(1), "NORMAL");
            Ok(())
        })
        .unwrap();
    store
        .mirror
        .read::<_, StoreError>(|mirror| {
            assert_eq!(setting(mirror, "foreign_keys"), Integer(1));
            assert!(mirror.execute("DELETE FROM schema_step", []).is_err(), "a reader must not write");
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_error_or_a_panic_leaves_the_file_as_it_was() {
    let place = Place::new();
    let store = place.open().unwrap();
    note(&store, "first").unwrap();
    let refused: Result<(), StoreError> = store.till.write(|till| {
        till.execute("INSERT INTO test_note (text) VALUES ('half')", [])?;
        Err(StoreError::BadAccount("no".into()))
    });
    assert!(matches!(refused, Err(StoreError::BadAccount(_))));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.till.write::<(), StoreError>(|till| {
            till.execute("INSERT INTO test_note (text) VALUES ('half')", [])?;
            panic!("as a bug would")
        })
    }));
    assert!(panicked.is_err());
    note(&store, "second").unwrap();
    assert_eq!(notes(&store).unwrap(), ["first", "second"]);
}

#[test]
fn a_reader_sees_one_moment_while_others_write() {
    let place = Place::new();
    let store = place.open().unwrap();
    note(&store, "before").unwrap();
    store
        .till
        .read::<_, StoreError>(|till| {
            let count = |till: &rusqlite::Connection| {
                till.query_row("SELECT count(*) FROM test_note", [], |row| row.get::<_, i64>(0)).unwrap()
            };
            assert_eq!(count(till), 1);
            note(&store, "meanwhile")?;
            assert_eq!(count(till), 1);
            Ok(())
        })
        .unwrap();
    assert_eq!(notes(&store).unwrap().len(), 2);
}

#[test]
fn many_threads_write_and_read_at_once() {
    let place = Place::new();
    let store = place.open().unwrap();
    note(&store, "0").unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let store = &store;
            scope.spawn(move || {
                for number in 0..20 {
                    note(store, &format!("{thread}/{number}")).unwrap();
                    assert!(!notes(store).unwrap().is_empty());
                }
            });
        }
    });
    assert_eq!(notes(&store).unwrap().len(), 161);
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let place = Place::new();
    let store = place.open().unwrap();
    note(&store, "kept").unwrap();
    let full = store.till.write::<_, StoreError>(|till| {
        // SQLite's own limit answers as a full disk does.
        let pages: i64 = till.pragma_query_value(None, "page_count", |row| row.get(0))?;
        till.pragma_update(None, "max_page_count", pages)?;
        till.execute("INSERT INTO test_note (text) VALUES (?1)", ["long ".repeat(100_000)])?;
        Ok(())
    });
    assert!(matches!(full, Err(StoreError::FullDisk { .. })), "{full:?}");
    assert_eq!(notes(&store).unwrap(), ["kept"]);
}

#[test]
fn every_table_is_strict() {
    let place = Place::new();
    let store = place.open().unwrap();
    for database in [&store.till, &store.mirror] {
        let loose = database.read::<Vec<String>, StoreError>(|connection| {
            // Full-text tables and the tables behind them cannot be strict.
            let mut statement = connection.prepare(
                "SELECT name FROM pragma_table_list
                 WHERE type = 'table' AND schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
            )?;
            let names = statement.query_map([], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        });
        assert_eq!(loose.unwrap(), Vec::<String>::new(), "{:?}", database.file());
    }
}

#[test]
fn foreign_keys_point_at_tables_that_exist() {
    let place = Place::new();
    let store = place.open().unwrap();
    for database in [&store.till, &store.mirror] {
        database
            .read::<_, StoreError>(|connection| {
                // Fails for a reference to a table or column that is not there.
                connection.prepare("PRAGMA foreign_key_check")?.query([])?.next()?;
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn closing_moves_the_log_into_the_file() {
    let place = Place::new();
    let store = place.open().unwrap();
    note(&store, "kept").unwrap();
    notes(&store).unwrap();
    drop(store);
    let log = place.folder().path().join("till.db-wal");
    assert!(!log.exists(), "a copy of the file alone must be whole");
}
