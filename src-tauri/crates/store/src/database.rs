//! One open file: one connection that writes, a few that read.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::open::{self, Kind, Reach};
use crate::{FileKey, StoreError};

/// Readers that are kept open while nobody reads. More are opened when more read at once, and closed afterwards.
const IDLE_READERS: usize = 4;

/// One of the two files. Shared by reference between threads; every call blocks while SQLite works.
pub struct Database {
    file: PathBuf,
    key: FileKey,
    kind: Kind,
    reach: Reach,
    /// Above the writer on purpose: fields are dropped in this order, and only a writer that closes last moves the log
    /// into the file and removes it.
    readers: Mutex<Vec<Connection>>,
    /// `None` if the store was opened for reading only.
    writer: Option<Mutex<Connection>>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let writes = self.writer.is_some();
        f.debug_struct("Database").field("file", &self.file).field("writes", &writes).finish_non_exhaustive()
    }
}

impl Database {
    pub(crate) fn new(
        file: PathBuf,
        key: FileKey,
        kind: Kind,
        writer: Option<Connection>,
        reader: Option<(Connection, Reach)>,
    ) -> Database {
        let (reader, reach) = match reader {
            Some((reader, reach)) => (Some(reader), reach),
            None => (None, Reach::Read),
        };
        Database {
            file,
            key,
            kind,
            reach,
            writer: writer.map(Mutex::new),
            readers: Mutex::new(reader.into_iter().collect()),
        }
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether [`Database::write`] can work at all.
    pub fn is_writable(&self) -> bool {
        self.writer.is_some()
    }

    /// Runs `f` in one transaction that holds the file's write lock from its start. `Ok` commits (for `till.db`: it is
    /// on the disk when this returns); `Err` or a panic leaves the file as it was. One write runs at a time: do not
    /// call `write` of the same database inside `f`, and do nothing slow there.
    ///
    /// # Errors
    /// What `f` says; [`StoreError::ReadOnly`], [`StoreError::FullDisk`], [`StoreError::Busy`],
    /// [`StoreError::Damaged`].
    pub fn write<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let sql = |error| StoreError::from_sql(&self.file, error);
        let writer = self.writer.as_ref().ok_or_else(|| StoreError::ReadOnly { file: self.file.clone() })?;
        // A panic inside `f` rolled its transaction back, so the connection is as good as before.
        let mut connection = writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
        let value = f(&transaction)?;
        transaction.commit().map_err(sql)?;
        Ok(value)
    }

    /// Runs `f` on a connection that only reads, in one transaction: everything it reads is of the same moment,
    /// whatever is written meanwhile. Readers wait for nobody.
    ///
    /// # Errors
    /// What `f` says; [`StoreError::Damaged`], [`StoreError::Busy`].
    pub fn read<T, E: From<StoreError>>(&self, f: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let sql = |error| StoreError::from_sql(&self.file, error);
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            // Who reads alone on a full disk has one connection: a second would wait for the first.
            None if self.reach == Reach::Alone => {
                return Err(StoreError::Busy { file: self.file.clone() }.into());
            }
            None => open::connect(&self.file, &self.key, &self.kind, self.reach).map_err(sql)?,
        };
        let transaction = connection.transaction().map_err(sql)?;
        let value = f(&transaction);
        transaction.finish().map_err(sql)?;
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
        value
    }

    pub(crate) const fn key(&self) -> &FileKey {
        &self.key
    }

    pub(crate) const fn kind(&self) -> &Kind {
        &self.kind
    }
}
