//! The data folder of one account and mode: what is in it, who it is, and who has it open.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde::{Deserialize, Serialize};
use tillbook_vault::private_file;

use crate::{StoreError, open};

/// The newest shape of `tillbook.json` that this program knows.
const IDENTITY_FORMAT: u32 = 1;

/// Which Stripe a folder belongs to. The three never mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The Stripe inside the program.
    Practice,
    /// Stripe's test mode.
    Test,
    /// Real money.
    Live,
}

/// Where the secrets of a folder are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VaultKind {
    /// In an unwrapped file; practice only.
    PracticeFile,
    /// In a file wrapped by a passphrase.
    PassphraseFile,
    /// In the keychain of the operating system.
    Keychain,
}

/// What a folder says about itself, in `tillbook.json`. Plain, and nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Shape of this file.
    pub format: u32,
    /// Which Stripe.
    pub mode: Mode,
    /// `acct_…`, once Stripe has told it.
    pub account: Option<String>,
    /// The till's id, a UUIDv7; every row that this till makes names it.
    pub till_id: String,
    /// Where the keys are.
    pub vault: VaultKind,
}

/// A data folder. Cloning it is cheap, and clones share the lock.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    lock: Weak<File>,
    seat: Weak<()>,
}

/// Keeps other copies of Tillbook from writing in the folder while it lives.
#[derive(Debug, Clone)]
pub struct FolderLock {
    _file: Arc<File>,
}

/// The one place from which the files of a folder are written. Holders of the lock share the lock, not this.
#[derive(Debug)]
pub(crate) struct Seat {
    _lock: FolderLock,
    _seat: Arc<()>,
}

impl Folder {
    /// Names a folder; touches nothing.
    pub fn at(path: impl Into<PathBuf>) -> Folder {
        Folder { path: path.into(), held: Arc::default() }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `till.db`, what exists nowhere else.
    pub fn till_db(&self) -> PathBuf {
        self.path.join("till.db")
    }

    /// `mirror.db`, Stripe's records; it can be fetched again.
    pub fn mirror_db(&self) -> PathBuf {
        self.path.join("mirror.db")
    }

    /// `tillbook.json`, what the folder says about itself.
    pub fn identity_file(&self) -> PathBuf {
        self.path.join("tillbook.json")
    }

    /// `vault.json`, for the kinds of vault that are a file.
    pub fn vault_file(&self) -> PathBuf {
        self.path.join("vault.json")
    }

    /// Where the copies from before a migration are kept.
    pub fn backups(&self) -> PathBuf {
        self.path.join("backups")
    }

    fn lock_file(&self) -> PathBuf {
        self.path.join("tillbook.lock")
    }

    /// Makes the folder if it is not there, open to this user alone.
    ///
    /// # Errors
    /// [`StoreError::ReadOnlyFolder`], [`StoreError::FullDisk`] or [`StoreError::Io`].
    pub fn create(&self) -> Result<(), StoreError> {
        open::make_folder(&self.path)
    }

    /// Takes the folder for writing, making it if it is not there. Clones of this `Folder` share the lock; another
    /// process, or another `Folder::at`, is refused until the last holder lets go.
    ///
    /// # Errors
    /// [`StoreError::OpenElsewhere`] if another copy has it, [`StoreError::ReadOnlyFolder`] if it cannot be written.
    pub fn lock(&self) -> Result<FolderLock, StoreError> {
        self.lock_held(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// As [`Folder::lock`], for the one [`crate::Store`] that writes.
    pub(crate) fn seat(&self) -> Result<Seat, StoreError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = self.lock_held(&mut held)?;
        if held.seat.strong_count() > 0 {
            return Err(StoreError::OpenElsewhere { folder: self.path.clone() });
        }
        let seat = Arc::new(());
        held.seat = Arc::downgrade(&seat);
        Ok(Seat { _lock: lock, _seat: seat })
    }

    fn lock_held(&self, held: &mut Held) -> Result<FolderLock, StoreError> {
        if let Some(file) = held.lock.upgrade() {
            return Ok(FolderLock { _file: file });
        }
        self.create()?;
        let path = self.lock_file();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(|source| StoreError::from_io(&path, source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::OpenElsewhere { folder: self.path.clone() });
            }
            Err(TryLockError::Error(source)) => return Err(StoreError::from_io(&path, source)),
        }
        let file = Arc::new(file);
        held.lock = Arc::downgrade(&file);
        Ok(FolderLock { _file: file })
    }

    /// What the folder says about itself; `None` if it is new.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the file is torn, [`StoreError::NewerFile`] if a newer program wrote it.
    pub fn identity(&self) -> Result<Option<Identity>, StoreError> {
        let file = self.identity_file();
        let bytes = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StoreError::Io { path: file, source }),
        };
        let damaged = |detail: String| StoreError::Damaged { file: file.clone(), detail };
        // The format is read by itself first: a newer file may have fields that this program cannot read.
        let value: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        let format = value.get("format").and_then(serde_json::Value::as_u64);
        let format = format.and_then(|number| u32::try_from(number).ok());
        match format {
            Some(IDENTITY_FORMAT) => {
                serde_json::from_value(value).map(Some).map_err(|error| damaged(error.to_string()))
            }
            Some(found) if found > IDENTITY_FORMAT => {
                Err(StoreError::NewerFile { file: file.clone(), found, known: IDENTITY_FORMAT })
            }
            _ => Err(damaged("it has no format number".to_owned())),
        }
    }

    /// Writes down what this folder is, once and for all. The till's id comes from [`crate::Ids`].
    ///
    /// # Errors
    /// [`StoreError::AlreadySetUp`] if the folder has an identity, [`StoreError::Missing`] if it lost the one its till was
    /// made with; file errors.
    pub fn create_identity(
        &self,
        mode: Mode,
        vault: VaultKind,
        till_id: &str,
    ) -> Result<Identity, StoreError> {
        if self.identity()?.is_some() {
            return Err(StoreError::AlreadySetUp { folder: self.path.clone() });
        }
        // A till that lost the page that says whose it is must not become another's: its rows name the old one.
        if self.till_db().exists() {
            return Err(StoreError::Missing { file: self.identity_file() });
        }
        self.create()?;
        let identity =
            Identity { format: IDENTITY_FORMAT, mode, account: None, till_id: till_id.to_owned(), vault };
        self.write_identity(&identity)?;
        Ok(identity)
    }

    /// Binds the folder to an account, the first time; afterwards only checks that it is the same.
    ///
    /// # Errors
    /// [`StoreError::AccountMismatch`] for another account, [`StoreError::BadAccount`] for none,
    /// [`StoreError::NotSetUp`] for a folder without an identity; file errors.
    pub fn bind_account(&self, account: &str) -> Result<Identity, StoreError> {
        let named = account.strip_prefix("acct_").is_some_and(|rest| !rest.is_empty());
        if !named || !account.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(StoreError::BadAccount(account.chars().take(40).collect()));
        }
        let mut identity =
            self.identity()?.ok_or_else(|| StoreError::NotSetUp { folder: self.path.clone() })?;
        match &identity.account {
            Some(bound) if bound == account => Ok(identity),
            Some(bound) => {
                Err(StoreError::AccountMismatch { expected: bound.clone(), got: account.to_owned() })
            }
            None => {
                identity.account = Some(account.to_owned());
                self.write_identity(&identity)?;
                Ok(identity)
            }
        }
    }

    fn write_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        let file = self.identity_file();
        let mut text = serde_json::to_vec_pretty(identity)
            .map_err(|error| StoreError::Io { path: file.clone(), source: error.into() })?;
        text.push(b'\n');
        private_file::write(&file, &text).map_err(|source| StoreError::from_io(&file, source))
    }
}
