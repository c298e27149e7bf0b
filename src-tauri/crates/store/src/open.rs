//! Opening one encrypted file: the key, the settings, and telling a wrong key from damage.

use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};
use tillbook_vault::private_file;

use crate::{FileKey, StoreError};

/// How long a statement waits for another connection before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Statements a connection keeps prepared. A sale uses some dozens; the mirror has a few for each resource.
const PREPARED_STATEMENTS: usize = 256;

/// A log that grew behind a long report is cut back to this at the next checkpoint.
const LOG_LIMIT_BYTES: u32 = 64 * 1024 * 1024;

/// What differs between the two files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// Written into the file's header, so that one file is not taken for the other.
    pub(crate) application_id: i32,
    /// `FULL` or `NORMAL`.
    pub(crate) synchronous: &'static str,
    /// Bytes of one encrypted page.
    pub(crate) page_size: u32,
    /// What the writer keeps in memory, in KiB.
    pub(crate) writer_cache_kib: u32,
    /// What each reader keeps in memory, in KiB.
    pub(crate) reader_cache_kib: u32,
    /// Pages in the write-ahead log before they are moved into the file.
    pub(crate) checkpoint_pages: u32,
}

/// `till.db`: every commit is on the disk before it returns.
pub(crate) const TILL: Kind = Kind {
    application_id: 0x5442_5401,
    synchronous: "FULL",
    page_size: 4096,
    writer_cache_kib: 4096,
    reader_cache_kib: 4096,
    checkpoint_pages: 1000,
};

/// `mirror.db`: a power cut may lose the last commits, never the file; the next sync brings them again.
///
/// Measured on inserts into a table with three indexes, in commits of 100 rows: pages of 4 KiB beat 8 and 16 KiB (by 9
/// and 17 %), because a changed page is encrypted whole; checkpoints every 4,000 pages instead of 1,000 gain 12 %;
/// SHA-256 or SHA-1 in place of SHA-512 gains nothing, and no checksum at all 7 %, which is not worth not knowing that a
/// page is damaged. `cipher_memory_security` would cost a quarter and is off by default.
pub(crate) const MIRROR: Kind = Kind {
    application_id: 0x5442_4D01,
    synchronous: "NORMAL",
    page_size: 4096,
    writer_cache_kib: 6_144,
    reader_cache_kib: 8192,
    checkpoint_pages: 4000,
};

/// How a connection reaches the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Reads and writes; the file must exist.
    Write,
    /// Reads, beside a writer or alone.
    Read,
    /// Reads a file that nobody can be writing, in a folder that cannot be written.
    Immutable,
    /// Reads on a full disk. SQLite's own lock keeps everybody else out meanwhile, so the index of the log, for which
    /// there is no room beside the file, can be kept in memory.
    Alone,
}

/// Opens a connection, hands over the key and proves that the file can be read with it.
pub(crate) fn connect(
    file: &Path,
    key: &FileKey,
    kind: &Kind,
    reach: Reach,
) -> Result<Connection, rusqlite::Error> {
    // A path is only taken as a URI where it was made into one here.
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match reach {
        // The lock of one who is alone is a writer's, though nothing is written.
        Reach::Write | Reach::Alone => {
            Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_READ_WRITE)?
        }
        Reach::Read => Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        Reach::Immutable => {
            let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(immutable_uri(file), flags)?
        }
    };
    // SQLCipher writes to stderr what it also returns; a wrong key is told once, by us.
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    // The key before anything reads the file. Its statement's text would be in the error, so the error is replaced.
    if connection.execute_batch(&key.pragma()).is_err() {
        return Err(rusqlite::Error::InvalidQuery);
    }
    if reach == Reach::Alone {
        // Ahead of the first read, which some of the settings below are. The log stays as it is: moving it into the file
        // needs room too.
        connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ON")?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    }
    let cache_kib = if reach == Reach::Write { kind.writer_cache_kib } else { kind.reader_cache_kib };
    connection.execute_batch(&format!(
        "PRAGMA cipher_page_size = {page};
         PRAGMA cache_size = -{cache_kib};
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA synchronous = {synchronous};
         PRAGMA wal_autocheckpoint = {checkpoint};
         PRAGMA journal_size_limit = {LOG_LIMIT_BYTES};",
        page = kind.page_size,
        synchronous = kind.synchronous,
        checkpoint = kind.checkpoint_pages,
    ))?;
    // Whoever has the file open has made the room that was missing: nobody is waited for.
    connection.busy_timeout(if reach == Reach::Alone { Duration::ZERO } else { BUSY_TIMEOUT })?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    // The first read: fails here if the key is not the file's or the first page is damaged.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

fn immutable_uri(file: &Path) -> PathBuf {
    // Characters that mean something in a URI are escaped; a path that is not UTF-8 cannot be written as one here
    // and is then reported as a file that cannot be opened.
    let mut uri = String::from("file:");
    for byte in file.as_os_str().as_encoded_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(char::from(*byte))
            }
            b'\\' if cfg!(windows) => uri.push('/'),
            b':' if cfg!(windows) => uri.push(':'),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    PathBuf::from(uri)
}

/// Opens the one connection that writes, making the file if it is new.
pub(crate) fn writer(file: &Path, key: &FileKey, kind: &Kind) -> Result<Connection, StoreError> {
    let length = size(file)?;
    let new = length.unwrap_or(0) == 0;
    if length == Some(0) && key_id_file(file).exists() {
        // The note about the key is written last, so there was something in the file once.
        return Err(StoreError::Damaged { file: file.to_owned(), detail: "it is empty".to_owned() });
    }
    if new {
        make_empty(file)?;
    }
    let connection = connect(file, key, kind, Reach::Write).map_err(|error| explain(file, key, error))?;
    // SQLite falls back to reading in silence where the file itself cannot be written.
    if connection.is_readonly("main").map_err(|error| StoreError::from_sql(file, error))? {
        return Err(StoreError::ReadOnlyFolder { folder: file.parent().unwrap_or(file).to_owned() });
    }
    let sql = |error| StoreError::from_sql(file, error);
    let new = new || was_left_blank(&connection, file).map_err(sql)?;
    check_application_id(&connection, file, kind, new)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(sql)?;
    if new {
        connection.pragma_update(None, "application_id", kind.application_id).map_err(sql)?;
    }
    remember_key(file, key)?;
    Ok(connection)
}

/// Whether the program ended while it was making the file: the key fits, nothing is in it, and the note about the key,
/// which is written last, is not there. Such a file is made to its end.
fn was_left_blank(connection: &Connection, file: &Path) -> rusqlite::Result<bool> {
    if key_id_file(file).exists() {
        return Ok(false);
    }
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let things: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(id == 0 && things == 0)
}

/// Opens a connection that only reads, beside a writer or where nothing can be written. Also tells how later readers
/// should reach the file.
pub(crate) fn reader(file: &Path, key: &FileKey, kind: &Kind) -> Result<(Connection, Reach), StoreError> {
    match size(file)? {
        None => return Err(StoreError::Missing { file: file.to_owned() }),
        Some(0) => {
            return Err(StoreError::Damaged { file: file.to_owned(), detail: "it is empty".to_owned() });
        }
        Some(_) => {}
    }
    let (connection, reach) = match connect(file, key, kind, Reach::Read) {
        Ok(connection) => (connection, Reach::Read),
        // A read-only folder: SQLite cannot make the files that it shares with a writer. With nothing left in the
        // log, the file alone is the whole truth.
        Err(error) if needs_shared_memory(&error) => {
            if size(&beside(file, "-wal"))?.unwrap_or(0) > 0 {
                return Err(StoreError::NotClosed { file: file.to_owned() });
            }
            let connection = connect(file, key, kind, Reach::Immutable);
            (connection.map_err(|error| explain(file, key, error))?, Reach::Immutable)
        }
        Err(error) if is_full(&error) => match connect(file, key, kind, Reach::Alone) {
            Ok(connection) => (connection, Reach::Alone),
            Err(_) => return Err(explain(file, key, error)),
        },
        Err(error) => return Err(explain(file, key, error)),
    };
    check_application_id(&connection, file, kind, false)?;
    Ok((connection, reach))
}

fn needs_shared_memory(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

/// Whether there is no room for what SQLite keeps beside the file. The index of the log, shared between readers, is the
/// first to find none; SQLite has a code of its own for it.
pub(crate) fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
        || error.sqlite_error().is_some_and(|told| told.extended_code == ffi::SQLITE_IOERR_SHMSIZE)
}

/// Why the file could not be opened with this key.
fn explain(file: &Path, key: &FileKey, error: rusqlite::Error) -> StoreError {
    let unreadable =
        matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt));
    if !unreadable {
        // SQLite says no more than that it could not; the system says why.
        return match fs::File::open(file) {
            Err(source) if needs_shared_memory(&error) => StoreError::Io { path: file.to_owned(), source },
            _ => StoreError::from_sql(file, error),
        };
    }
    if starts_as_plain_sqlite(file) {
        let detail = "it is an SQLite file that is not encrypted".to_owned();
        return StoreError::ForeignFile { file: file.to_owned(), detail };
    }
    match fs::read_to_string(key_id_file(file)) {
        Ok(id) if is_key_id(id.trim()) && id.trim() != key.id() => {
            StoreError::WrongKey { file: file.to_owned() }
        }
        Ok(id) if is_key_id(id.trim()) => StoreError::Damaged {
            file: file.to_owned(),
            detail: "it cannot be read with its own key".to_owned(),
        },
        _ => StoreError::Damaged {
            file: file.to_owned(),
            detail: "it cannot be read, and the note beside it that names its key is missing or torn"
                .to_owned(),
        },
    }
}

fn starts_as_plain_sqlite(file: &Path) -> bool {
    let mut head = [0_u8; 16];
    fs::File::open(file).and_then(|mut open| open.read_exact(&mut head)).is_ok()
        && head == *b"SQLite format 3\0"
}

fn check_application_id(
    connection: &Connection,
    file: &Path,
    kind: &Kind,
    new: bool,
) -> Result<(), StoreError> {
    let found: i32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(|error| StoreError::from_sql(file, error))?;
    // A file whose making was cut short carries 0 and has no tables yet; it is taken as new.
    if found == kind.application_id || (found == 0 && (new || is_bare(connection, file)?)) {
        return Ok(());
    }
    let detail = "it opens with the key, but it is another kind of file".to_owned();
    Err(StoreError::ForeignFile { file: file.to_owned(), detail })
}

fn is_bare(connection: &Connection, file: &Path) -> Result<bool, StoreError> {
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
        .map(|tables| tables == 0)
        .map_err(|error| StoreError::from_sql(file, error))
}

/// The file's length; `None` if there is no such file.
pub(crate) fn size(file: &Path) -> Result<Option<u64>, StoreError> {
    match fs::metadata(file) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::Io { path: file.to_owned(), source }),
    }
}

/// Made by us and not by SQLite, so that it and the files SQLite puts beside it are open to this user alone.
fn make_empty(file: &Path) -> Result<(), StoreError> {
    make(file, OpenOptions::new().create(true).truncate(false))
}

/// As [`make_empty`], and refuses a file that is there.
pub(crate) fn make_new(file: &Path) -> Result<(), StoreError> {
    make(file, OpenOptions::new().create_new(true))
}

fn make(file: &Path, options: &mut OpenOptions) -> Result<(), StoreError> {
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(file).map(|_| ()).map_err(|source| StoreError::from_io(file, source))
}

/// Makes a folder that is open to this user alone, if it is not there.
pub(crate) fn make_folder(folder: &Path) -> Result<(), StoreError> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| StoreError::from_io(folder, source))
}

/// `till.db` → `till.db-wal` and the like.
pub(crate) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// `till.db` → `till.keyid`.
pub(crate) fn key_id_file(file: &Path) -> PathBuf {
    file.with_extension("keyid")
}

fn is_key_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Called with a key that has just opened the file, so whatever is noted otherwise is put right.
pub(crate) fn remember_key(file: &Path, key: &FileKey) -> Result<(), StoreError> {
    let note = key_id_file(file);
    let id = key.id();
    if fs::read_to_string(&note).is_ok_and(|noted| noted.trim() == id) {
        return Ok(());
    }
    private_file::write(&note, format!("{id}\n").as_bytes())
        .map_err(|source| StoreError::from_io(&note, source))
}
