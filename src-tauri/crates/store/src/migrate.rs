//! Bringing a file up to date, one closed step after the other.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use sha2::{Digest, Sha256};

use crate::StoreError;
use crate::key::hex;
use crate::migrations::Migration;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_step (
    number INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    sha256 TEXT NOT NULL
) STRICT";

/// The number of the newest step that the file went through; 0 for a new one.
pub(crate) fn version(connection: &Connection, file: &Path) -> Result<u32, StoreError> {
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|error| StoreError::from_sql(file, error))
}

/// Checks that the file went through exactly the first of these steps, and no others. Answers its number.
///
/// # Errors
/// [`StoreError::NewerFile`], [`StoreError::ChangedStep`].
pub(crate) fn check(connection: &Connection, file: &Path, steps: &[Migration]) -> Result<u32, StoreError> {
    let found = version(connection, file)?;
    let known = newest(steps);
    if found > known {
        return Err(StoreError::NewerFile { file: file.to_owned(), found, known });
    }
    for step in steps.iter().filter(|step| step.number <= found) {
        let noted: Option<String> = connection
            .query_row("SELECT sha256 FROM schema_step WHERE number = ?1", [step.number], |row| row.get(0))
            .optional()
            .map_err(|error| StoreError::from_sql(file, error))?;
        if noted.as_deref() != Some(checksum(step.sql).as_str()) {
            return Err(StoreError::ChangedStep { file: file.to_owned(), number: step.number });
        }
    }
    Ok(found)
}

/// Takes the file through the steps that it has not been through. Each is one transaction with its number and
/// checksum, so that whatever stops the program leaves the file before a step or after it.
///
/// # Errors
/// [`StoreError::StepFailed`]; what [`check`] finds.
pub(crate) fn migrate(
    connection: &mut Connection,
    file: &Path,
    steps: &[Migration],
) -> Result<(), StoreError> {
    let found = check(connection, file, steps)?;
    for step in steps.iter().filter(|step| step.number > found) {
        apply(connection, step).map_err(|error| match StoreError::from_sql(file, error) {
            StoreError::Sql(error) => StoreError::StepFailed {
                file: file.to_owned(),
                number: step.number,
                detail: error.to_string(),
            },
            other => other,
        })?;
    }
    Ok(())
}

fn apply(connection: &mut Connection, step: &Migration) -> Result<(), rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(TABLE)?;
    transaction.execute_batch(step.sql)?;
    transaction.execute(
        "INSERT INTO schema_step (number, name, sha256) VALUES (?1, ?2, ?3)",
        (step.number, step.name, checksum(step.sql)),
    )?;
    transaction.pragma_update(None, "user_version", step.number)?;
    transaction.commit()
}

/// The number that a file has when it is up to date.
pub(crate) fn newest(steps: &[Migration]) -> u32 {
    steps.iter().map(|step| step.number).max().unwrap_or(0)
}

/// Line ends do not count: a checkout on Windows may have changed them.
fn checksum(sql: &str) -> String {
    hex(&Sha256::digest(sql.replace("\r\n", "\n").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileKey, migrations, open};

    const ONE: Migration = Migration { number: 1, name: "0001_a", sql: "CREATE TABLE a (x INTEGER) STRICT;" };
    const TWO: Migration = Migration {
        number: 2,
        name: "0002_b",
        sql: "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO a VALUES (1);",
    };
    const TWO_BROKEN: Migration = Migration {
        number: 2,
        name: "0002_b",
        sql: "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO c VALUES (1);",
    };

    struct File {
        dir: tempfile::TempDir,
    }

    impl File {
        fn new() -> File {
            File { dir: tempfile::tempdir().unwrap() }
        }

        fn path(&self) -> std::path::PathBuf {
            self.dir.path().join("till.db")
        }

        fn open(&self) -> Connection {
            open::writer(&self.path(), &FileKey::new([1; 32]), &open::TILL).unwrap()
        }

        fn migrate(&self, steps: &[Migration]) -> Result<(), StoreError> {
            migrate(&mut self.open(), &self.path(), steps)
        }

        fn schema(&self) -> Vec<(String, String)> {
            let connection = self.open();
            let mut statement = connection
                .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name")
                .unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.collect::<Result<_, _>>().unwrap()
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_before_it_and_can_be_tried_again() {
        let file = File::new();
        file.migrate(&[ONE]).unwrap();
        let before = file.schema();
        let failed = file.migrate(&[ONE, TWO_BROKEN]);
        assert!(matches!(failed, Err(StoreError::StepFailed { number: 2, .. })), "{failed:?}");
        assert_eq!(file.schema(), before);
        assert_eq!(version(&file.open(), &file.path()).unwrap(), 1);
        file.migrate(&[ONE, TWO]).unwrap();
        assert_eq!(version(&file.open(), &file.path()).unwrap(), 2);
        file.migrate(&[ONE, TWO]).unwrap();
    }

    #[test]
    fn a_stop_between_two_steps_goes_on_from_there() {
        let (stopped, whole) = (File::new(), File::new());
        // The first step is done and the second never began.
        let failed = stopped.migrate(&[ONE, TWO_BROKEN]);
        assert!(failed.is_err());
        stopped.migrate(&[ONE, TWO]).unwrap();
        whole.migrate(&[ONE, TWO]).unwrap();
        assert_eq!(stopped.schema(), whole.schema());
    }

    #[test]
    fn an_older_program_refuses_a_newer_file() {
        let file = File::new();
        file.migrate(&[ONE, TWO]).unwrap();
        let refused = file.migrate(&[ONE]);
        assert!(matches!(refused, Err(StoreError::NewerFile { found: 2, known: 1, .. })), "{refused:?}");
    }

    #[test]
    fn a_step_that_was_edited_after_it_was_applied_is_found() {
        let file = File::new();
        file.migrate(&[ONE]).unwrap();
        let edited = Migration { sql: "CREATE TABLE a (x TEXT) STRICT;", ..ONE };
        assert!(matches!(file.migrate(&[edited]), Err(StoreError::ChangedStep { number: 1, .. })));
        let checked_out_on_windows = Migration { sql: "CREATE TABLE a (x INTEGER) STRICT;\r\n", ..ONE };
        let unix = Migration { sql: "CREATE TABLE a (x INTEGER) STRICT;\n", ..ONE };
        assert_eq!(checksum(checked_out_on_windows.sql), checksum(unix.sql));
    }

    #[test]
    fn the_steps_are_numbered_from_one_without_holes_and_named_so() {
        for steps in [migrations::TILL, migrations::MIRROR] {
            for (step, number) in steps.iter().zip(1..) {
                assert_eq!(step.number, number);
                assert!(step.name.starts_with(&format!("{number:04}_")), "{}", step.name);
            }
        }
    }

    #[test]
    fn a_file_brought_up_step_by_step_equals_a_fresh_one() {
        for steps in [migrations::TILL, migrations::MIRROR] {
            let (fresh, old) = (File::new(), File::new());
            fresh.migrate(steps).unwrap();
            for count in 1..=steps.len() {
                old.migrate(&steps[..count]).unwrap();
            }
            assert_eq!(fresh.schema(), old.schema());
        }
    }
}
