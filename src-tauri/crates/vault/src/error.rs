//! Everything that can go wrong with secrets, told apart, each with the next step for a person. No variant ever
//! carries a secret or a passphrase.

use std::io;
use std::path::{Path, PathBuf};

/// Why the vault could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// There is no keychain on this machine, or it does not answer.
    #[error("there is no keychain to keep secrets in: {detail}")]
    NoKeychain {
        /// The system's words.
        detail: String,
    },
    /// The keychain is locked.
    #[error("the keychain is locked")]
    Locked,
    /// A person or the system said no.
    #[error("access to the keychain was refused")]
    Denied,
    /// The keychain answered with something else.
    #[error("the keychain failed: {detail}")]
    Keychain {
        /// The system's words.
        detail: String,
    },
    /// The passphrase is not the one that the file was made with.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// No passphrase was given.
    #[error("the passphrase is empty")]
    NoPassphrase,
    /// The file or the entry cannot be read, whatever the passphrase.
    #[error("the vault {place} is damaged: {detail}")]
    Damaged {
        /// The file, or the entry in it.
        place: String,
        /// What was seen.
        detail: String,
    },
    /// The files are there and what opens them is not: the vault was deleted, or is another one that does not hold it.
    #[error("the keys of {files} are missing: {place} does not hold them")]
    Missing {
        /// The files that cannot be opened.
        files: String,
        /// Where their keys should be.
        place: String,
    },
    /// The file was written by a newer Tillbook.
    #[error("{} was written by a newer version of Tillbook", .file.display())]
    NewerFile {
        /// The file.
        file: PathBuf,
    },
    /// The file is of another kind: wrapped where an unwrapped one belongs, or the reverse.
    #[error("{} is a vault of another kind", .file.display())]
    OtherKind {
        /// The file.
        file: PathBuf,
    },
    /// A live key was about to be written into a file that is not wrapped.
    #[error("a live key is never kept in an unwrapped file")]
    LiveKeyRefused,
    /// Not a name that the vault uses.
    #[error("not a name for a secret")]
    BadName,
    /// The system has no randomness to give.
    #[error("the system gave no randomness")]
    NoRandomness,
    /// The folder cannot be written.
    #[error("{} cannot be written", .file.display())]
    ReadOnly {
        /// The file.
        file: PathBuf,
    },
    /// The system refused something about the file.
    #[error("{}: {source}", .file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's words.
        source: io::Error,
    },
}

impl VaultError {
    /// What a person can do about it, in one or two sentences.
    pub fn next_step(&self) -> &'static str {
        match self {
            VaultError::NoKeychain { .. } => {
                "Start the keychain of your desktop, or set TILLBOOK_VAULT_PASSPHRASE to keep secrets in a file \
                 wrapped by that passphrase."
            }
            VaultError::Locked => "Unlock the keychain and try again.",
            VaultError::Denied => "Allow Tillbook to use the keychain when it asks, then try again.",
            VaultError::Keychain { .. } => "Restart the keychain or log in again, then try again.",
            VaultError::WrongPassphrase => {
                "Give the passphrase that this folder was set up with (TILLBOOK_VAULT_PASSPHRASE). Nothing is lost."
            }
            VaultError::NoPassphrase => "Set TILLBOOK_VAULT_PASSPHRASE to a passphrase that is not empty.",
            VaultError::Damaged { .. } => {
                "Put the vault back from a backup; without it the files cannot be opened."
            }
            VaultError::Missing { .. } => {
                "Put the vault back from the backup that was made together with these files. Nothing in them is lost, \
                 but nobody can open them without it."
            }
            VaultError::NewerFile { .. } => "Install the newest version of Tillbook.",
            VaultError::OtherKind { .. } => "Open the folder in the mode that it was set up in.",
            VaultError::LiveKeyRefused => "Use a practice or test key in practice mode.",
            VaultError::BadName => "This is a mistake of the program; report it.",
            VaultError::NoRandomness => "Try again in a moment.",
            VaultError::ReadOnly { .. } => "Allow your user to write in the folder, or choose another one.",
            VaultError::Io { .. } => "Check the disk and the rights on the folder, then try again.",
        }
    }

    pub(crate) fn from_io(file: &Path, source: io::Error) -> VaultError {
        let file = file.to_owned();
        match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                VaultError::ReadOnly { file }
            }
            _ => VaultError::Io { file, source },
        }
    }

    pub(crate) fn damaged(place: impl ToString, detail: impl ToString) -> VaultError {
        VaultError::Damaged { place: place.to_string(), detail: detail.to_string() }
    }
}
