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
            StoreError::Sql(error) => {
                StoreError::StepFailed { file: file.to_owned(), number: step.number, detail: error.to_string() }
            }
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
