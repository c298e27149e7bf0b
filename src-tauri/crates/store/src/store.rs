//! Both files of a folder, open.

use std::fs;
use std::path::{Path, PathBuf};

use crate::folder::Seat;
use crate::migrations::{self, Migration};
use crate::open::{self, Kind};
use crate::{Database, FileKey, Folder, StoreError, backup, migrate};

/// What a command wants to do with a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Sells, syncs, changes. One at a time.
    ReadWrite,
    /// Only reads, beside an open window too and where nothing can be written.
    ReadOnly,
}

/// The two files of a folder.
#[derive(Debug)]
pub struct Store {
    /// What exists nowhere else: staff, sales, attempts, journal. Every commit is durable.
    pub till: Database,
    /// Stripe's records. Fast, and can be fetched again.
    pub mirror: Database,
    folder: Folder,
    _seat: Option<Seat>,
}

impl Store {
    /// Opens both files. For writing it takes the folder's lock, makes what is new and brings what is old up to date
    /// (after a copy of `till.db` into `backups`); for reading it changes nothing.
    ///
    /// # Errors
    /// Each names the file: [`StoreError::WrongKey`], [`StoreError::Damaged`], [`StoreError::NewerFile`],
    /// [`StoreError::OlderFile`] (reading only), [`StoreError::Missing`], [`StoreError::OpenElsewhere`],
    /// [`StoreError::ReadOnlyFolder`], [`StoreError::FullDisk`], … A damaged `mirror.db` may be put aside with
    /// [`Store::set_mirror_aside`]; a damaged `till.db` is never touched.
    pub fn open(
        folder: &Folder,
        till_key: &FileKey,
        mirror_key: &FileKey,
        access: Access,
    ) -> Result<Store, StoreError> {
        let till = Part { file: folder.till_db(), key: till_key, kind: open::TILL, steps: migrations::TILL };
        let mirror =
            Part { file: folder.mirror_db(), key: mirror_key, kind: open::MIRROR, steps: migrations::MIRROR };
        match access {
            Access::ReadOnly => Ok(Store {
                till: till.open_to_read()?,
                mirror: mirror.open_to_read()?,
                folder: folder.clone(),
                _seat: None,
            }),
            Access::ReadWrite => {
                let seat = folder.seat()?;
                // A till that was here once is never started anew in silence.
                if open::size(&till.file)?.is_none() && open::key_id_file(&till.file).exists() {
                    return Err(StoreError::Missing { file: till.file });
                }
                Ok(Store {
                    till: till.open_to_write(Some(&folder.backups()))?,
                    mirror: mirror.open_to_write(None)?,
                    folder: folder.clone(),
                    _seat: Some(seat),
                })
            }
        }
    }

    /// The folder.
    pub const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Copies what a restore needs into `dir` while the till goes on: `till.db` with its key id, and `tillbook.json`.
    /// The copy is encrypted under the same key and has been read back in full. `mirror.db` is not in it: it can be
    /// fetched again. Files of these names in `dir` are refused.
    ///
    /// # Errors
    /// [`StoreError::AlreadySetUp`] if `dir` holds such a copy; [`StoreError::FullDisk`], file errors.
    pub fn backup_to(&self, dir: &Path) -> Result<PathBuf, StoreError> {
        let target = Folder::at(dir);
        target.create()?;
        let file = target.till_db();
        if open::size(&file)?.is_some() || open::size(&target.identity_file())?.is_some() {
            return Err(StoreError::AlreadySetUp { folder: dir.to_owned() });
        }
        self.till.read::<_, StoreError>(|connection| {
            backup::copy(connection, &file, self.till.key(), self.till.kind())
        })?;
        let identity = self.folder.identity_file();
        if open::size(&identity)?.is_some() {
            let text = fs::read(&identity).map_err(|source| StoreError::from_io(&identity, source))?;
            let to = target.identity_file();
            tillbook_vault::private_file::write(&to, &text)
                .map_err(|source| StoreError::from_io(&to, source))?;
        }
        Ok(file)
    }

    /// Reads every page of `till.db` and checks it.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the first thing found.
    pub fn check_till(&self) -> Result<(), StoreError> {
        self.till.read(|connection| backup::check(connection, self.till.file()))
    }

    /// Renames a damaged `mirror.db` to `mirror.db.damaged-<now_ms>`, so that the next [`Store::open`] begins a new one
    /// and the mirror fetches Stripe's records again. Answers the new name. Only on a person's word, or where the
    /// caller has seen [`StoreError::Damaged`] for this very file.
    ///
    /// # Errors
    /// [`StoreError::OpenElsewhere`] if a store has the folder open for writing; file errors.
    pub fn set_mirror_aside(folder: &Folder, now_ms: i64) -> Result<PathBuf, StoreError> {
        let _seat = folder.seat()?;
        let file = folder.mirror_db();
        let aside = open::beside(&file, &format!(".damaged-{now_ms}"));
        fs::rename(&file, &aside).map_err(|source| StoreError::from_io(&file, source))?;
        // The log belongs to the old file; beside a new one it would be damage of its own.
        for suffix in ["-wal", "-shm"] {
            let (from, to) = (open::beside(&file, suffix), open::beside(&aside, suffix));
            if open::size(&from)?.is_some() {
                fs::rename(&from, &to).map_err(|source| StoreError::from_io(&from, source))?;
            }
        }
        Ok(aside)
    }
}

/// One file on its way to being open.
struct Part<'a> {
    file: PathBuf,
    key: &'a FileKey,
    kind: Kind,
    steps: &'static [Migration],
}

impl Part<'_> {
    fn open_to_read(self) -> Result<Database, StoreError> {
        let (connection, reach) = open::reader(&self.file, self.key, &self.kind)?;
        let found = migrate::check(&connection, &self.file, self.steps)?;
        let known = migrate::newest(self.steps);
        if found < known {
            return Err(StoreError::OlderFile { file: self.file, found, known });
        }
        Ok(Database::new(self.file, self.key.clone(), self.kind, None, Some((connection, reach))))
    }

    fn open_to_write(self, backups: Option<&Path>) -> Result<Database, StoreError> {
        let mut connection = open::writer(&self.file, self.key, &self.kind)?;
        let found = migrate::check(&connection, &self.file, self.steps)?;
        if let Some(folder) = backups.filter(|_| found > 0 && found < migrate::newest(self.steps)) {
            backup::before_migration(&connection, folder, found, self.key, &self.kind)?;
        }
        migrate::migrate(&mut connection, &self.file, self.steps)?;
        Ok(Database::new(self.file, self.key.clone(), self.kind, Some(connection), None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Migration = Migration { number: 1, name: "0001_a", sql: "CREATE TABLE a (x TEXT) STRICT;" };
    const TWO: Migration = Migration { number: 2, name: "0002_b", sql: "CREATE TABLE b (x TEXT) STRICT;" };
    const TWO_BROKEN: Migration = Migration { number: 2, name: "0002_b", sql: "DROP TABLE a; DROP TABLE c;" };

    fn part<'a>(folder: &Folder, key: &'a FileKey, steps: &'static [Migration]) -> Part<'a> {
        Part { file: folder.till_db(), key, kind: open::TILL, steps }
    }

    #[test]
    fn an_old_file_is_copied_before_it_is_brought_up_to_date() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path());
        let key = FileKey::new([5; 32]);
        let backups = folder.backups();
        let old = part(&folder, &key, &[ONE]).open_to_write(Some(&backups)).unwrap();
        old.write::<_, StoreError>(|till| Ok(till.execute("INSERT INTO a VALUES ('kept')", [])?)).unwrap();
        drop(old);
        assert!(!backups.exists(), "a new file needs no copy");

        let reading = part(&folder, &key, &[ONE, TWO]).open_to_read();
        assert!(matches!(reading, Err(StoreError::OlderFile { found: 1, known: 2, .. })), "{reading:?}");
        let broken = part(&folder, &key, &[ONE, TWO_BROKEN]).open_to_write(Some(&backups));
        assert!(matches!(broken, Err(StoreError::StepFailed { number: 2, .. })), "{broken:?}");
        drop(part(&folder, &key, &[ONE, TWO]).open_to_write(Some(&backups)).unwrap());
        let reading = part(&folder, &key, &[ONE]).open_to_read();
        assert!(matches!(reading, Err(StoreError::NewerFile { found: 2, known: 1, .. })), "{reading:?}");

        let (copy, _) = open::reader(&backups.join("till-0001.db"), &key, &open::TILL).unwrap();
        assert_eq!(migrate::version(&copy, &folder.till_db()).unwrap(), 1);
        let text: String = copy.query_row("SELECT x FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(text, "kept");
    }

    #[test]
    fn no_copy_no_migration() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path());
        let key = FileKey::new([5; 32]);
        let backups = folder.backups();
        drop(part(&folder, &key, &[ONE]).open_to_write(Some(&backups)).unwrap());
        fs::write(&backups, b"a file where the folder should be").unwrap();
        part(&folder, &key, &[ONE, TWO]).open_to_write(Some(&backups)).unwrap_err();
        part(&folder, &key, &[ONE]).open_to_read().unwrap();
    }
}
