//! Everything that can go wrong with the files, told apart, each with the next step for a person.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::open::is_full;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file should be there and is not.
    #[error("{} is missing", .file.display())]
    Missing {
        /// The file that is missing.
        file: PathBuf,
    },
    /// The file is whole, but it was written with another key.
    #[error("{} was written with another key", .file.display())]
    WrongKey {
        /// The file.
        file: PathBuf,
    },
    /// The key is right and the file cannot be read.
    #[error("{} is damaged: {detail}", .file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What was seen.
        detail: String,
    },
    /// The file was written by a newer Tillbook.
    #[error("{} was written by a newer version of Tillbook (format {found}, this version knows {known})", .file.display())]
    NewerFile {
        /// The file.
        file: PathBuf,
        /// The number the file carries.
        found: u32,
        /// The newest number that this program knows.
        known: u32,
    },
    /// The file was written by an older Tillbook and cannot be brought up to date by a command that only reads.
    #[error("{} is from an older version of Tillbook (format {found}, this version needs {known})", .file.display())]
    OlderFile {
        /// The file.
        file: PathBuf,
        /// The number the file carries.
        found: u32,
        /// The number that this program needs.
        known: u32,
    },
    /// A step that the file went through is not the one that this program knows under that number.
    #[error("{} went through another step {number} than this version of Tillbook knows", .file.display())]
    ChangedStep {
        /// The file.
        file: PathBuf,
        /// The step's number.
        number: u32,
    },
    /// A step of bringing the file up to date failed; the file is as it was before that step.
    #[error("{} could not be brought up to date at step {number}: {detail}", .file.display())]
    StepFailed {
        /// The file.
        file: PathBuf,
        /// The step's number.
        number: u32,
        /// SQLite's words.
        detail: String,
    },
    /// The file is something else: not encrypted, or not the kind of file that belongs there.
    #[error("{} is not a file of Tillbook: {detail}", .file.display())]
    ForeignFile {
        /// The file.
        file: PathBuf,
        /// What it is instead.
        detail: String,
    },
    /// The folder cannot be written.
    #[error("the folder {} cannot be written", .folder.display())]
    ReadOnlyFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// The file was left open by a crash and its folder cannot be written, so it cannot be put in order.
    #[error("{} was not closed properly and its folder cannot be written", .file.display())]
    NotClosed {
        /// The file.
        file: PathBuf,
    },
    /// The disk is full. Nothing was changed.
    #[error("the disk is full: {} could not be written", .file.display())]
    FullDisk {
        /// The file that could not grow.
        file: PathBuf,
    },
    /// Another copy of Tillbook has this folder open.
    #[error("Tillbook is already open with the folder {}", .folder.display())]
    OpenElsewhere {
        /// The folder.
        folder: PathBuf,
    },
    /// Another connection kept the file locked for too long.
    #[error("{} is busy", .file.display())]
    Busy {
        /// The file.
        file: PathBuf,
    },
    /// This store was opened for reading only.
    #[error("{} is open for reading only", .file.display())]
    ReadOnly {
        /// The file.
        file: PathBuf,
    },
    /// The folder belongs to another Stripe account.
    #[error("this folder belongs to the Stripe account {expected}, not to {got}")]
    AccountMismatch {
        /// The account that the folder is bound to.
        expected: String,
        /// The account that was offered.
        got: String,
    },
    /// What was offered as an account is none.
    #[error("{0:?} is not a Stripe account")]
    BadAccount(String),
    /// The folder already says what it is.
    #[error("the folder {} is already set up", .folder.display())]
    AlreadySetUp {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder does not say what it is yet.
    #[error("the folder {} is not set up", .folder.display())]
    NotSetUp {
        /// The folder.
        folder: PathBuf,
    },
    /// The system refused something about a file.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// A statement failed: a broken rule of the schema, or a mistake of ours.
    #[error("the database refused a statement: {0}")]
    Sql(#[source] rusqlite::Error),
}

impl StoreError {
    /// What a person can do about it, in one or two sentences.
    pub fn next_step(&self) -> &'static str {
        match self {
            StoreError::Missing { .. } => {
                "Put the file back from a backup. If the folder was moved, point Tillbook at its new place."
            }
            StoreError::WrongKey { .. } => {
                "Nothing is lost. Unlock the keychain or give the passphrase that belongs to this folder; the files \
                 and the key must come from the same till."
            }
            StoreError::Damaged { .. } => {
                "Keep the file as it is and restore the newest backup. The copy of Stripe's records (mirror.db) can \
                 be fetched again; the till's own file cannot."
            }
            StoreError::NewerFile { .. } => {
                "Install the newest version of Tillbook and open the folder with it."
            }
            StoreError::OlderFile { .. } => {
                "Open Tillbook once with this folder: it makes a backup and brings the file up to date."
            }
            StoreError::ChangedStep { .. } => {
                "This program and the file come from different builds. Open the folder with the version of Tillbook \
                 that wrote it."
            }
            StoreError::StepFailed { .. } => {
                "The file is unharmed and a copy from before is in the folder `backups`. Go on with the previous \
                 version of Tillbook and report this."
            }
            StoreError::ForeignFile { .. } => {
                "Move that file away, or choose another folder. Tillbook does not touch files that are not its own."
            }
            StoreError::ReadOnlyFolder { .. } => {
                "Allow your user to write in the folder, or choose another one. Reports and exports work without."
            }
            StoreError::NotClosed { .. } => {
                "Allow your user to write in the folder, or copy the whole folder to a place where you can write."
            }
            StoreError::FullDisk { .. } => {
                "Free at least 100 MB on that disk and try again. Nothing was lost. Until then past sales can be \
                 looked at and exported to another disk."
            }
            StoreError::OpenElsewhere { .. } => "Go on in the window that is open, or close it first.",
            StoreError::Busy { .. } => {
                "Try again in a moment. If it stays so, close other programs that use the file."
            }
            StoreError::ReadOnly { .. } => "Open the folder for writing to do this.",
            StoreError::AccountMismatch { .. } => {
                "Use the key of the account that this folder belongs to, or choose another folder for this account."
            }
            StoreError::BadAccount(_) => "Check the key: Stripe did not answer with an account.",
            StoreError::AlreadySetUp { .. } => "Open the folder as it is, or choose an empty one.",
            StoreError::NotSetUp { .. } => "Set the folder up first.",
            StoreError::Io { .. } => "Check the disk and the rights on the folder, then try again.",
            StoreError::Sql(_) => "Nothing was changed. Try again; if it comes back, report it.",
        }
    }

    /// Whether the same call may succeed a moment later without anybody doing anything.
    pub fn is_retryable(&self) -> bool {
        matches!(self, StoreError::Busy { .. })
    }

    /// What SQLite said about this file.
    pub(crate) fn from_sql(file: &Path, error: rusqlite::Error) -> StoreError {
        let file = file.to_owned();
        if is_full(&error) {
            return StoreError::FullDisk { file };
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { file },
            Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { file },
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                StoreError::Damaged { file, detail: error.to_string() }
            }
            _ => StoreError::Sql(error),
        }
    }

    /// What the system said about this path. `folder` is named where the whole folder cannot be written.
    pub(crate) fn from_io(path: &Path, source: io::Error) -> StoreError {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                StoreError::FullDisk { file: path.to_owned() }
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                StoreError::ReadOnlyFolder { folder: path.parent().unwrap_or(path).to_owned() }
            }
            _ => StoreError::Io { path: path.to_owned(), source },
        }
    }
}

/// A statement of a caller failed inside [`crate::Database::write`] or [`crate::Database::read`]. What is not about
/// the statement (full disk, damage) keeps its own variant there; here the file is not known.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        StoreError::from_sql(Path::new("the database"), error)
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn no_room_for_the_index_of_the_log_is_a_full_disk() {
        let told = |code| rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        let of = |code| StoreError::from_sql(Path::new("till.db"), told(code));
        assert!(matches!(of(ffi::SQLITE_IOERR_SHMSIZE), StoreError::FullDisk { .. }));
        assert!(matches!(of(ffi::SQLITE_IOERR_READ), StoreError::Sql(_)));
    }
}
