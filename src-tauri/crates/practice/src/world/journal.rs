//! The state on disk: one line per transaction, checked by a digest and synced before the call is answered. A torn last
//! line is what a killed program leaves and is cut off; damage before it is an error.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::state::World;
use crate::options::PracticeError;

const NAME: &str = "practice.journal";
const LOCK: &str = "practice.lock";
const HEADER: &str = "tillbook practice journal 1\n";
/// A journal is rewritten when it is this much larger than what is alive in it.
const SLACK: u64 = 4 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    #[serde(rename = "k")]
    kind: &'a str,
    #[serde(rename = "i", borrow)]
    id: std::borrow::Cow<'a, str>,
    #[serde(rename = "c")]
    created: i64,
    #[serde(rename = "s")]
    sequence: u64,
    #[serde(rename = "d")]
    deleted: bool,
    /// Absent where the row was taken out.
    #[serde(rename = "j", borrow, skip_serializing_if = "Option::is_none")]
    json: Option<&'a RawValue>,
}

/// The open journal; holds the folder's lock.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    length: u64,
    _lock: File,
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> PracticeError + '_ {
    move |source| PracticeError::State { path: path.to_owned(), source }
}

fn seal(payload: &[u8]) -> String {
    Sha256::digest(payload).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn line(entries: &[Entry<'_>]) -> Result<Vec<u8>, std::io::Error> {
    let payload = serde_json::to_vec(entries).map_err(std::io::Error::other)?;
    let mut line = seal(&payload).into_bytes();
    line.push(b' ');
    line.extend_from_slice(&payload);
    line.push(b'\n');
    Ok(line)
}

impl Journal {
    /// Opens the folder's journal and puts what it holds into the world.
    pub(crate) fn open(folder: &Path, reset: bool, world: &mut World) -> Result<Self, PracticeError> {
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
        let lock_path = folder.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(failed(&lock_path))?;
        lock.try_lock().map_err(|_| PracticeError::StateInUse { path: folder.to_owned() })?;
        let path = folder.join(NAME);
        if reset && path.exists() {
            std::fs::remove_file(&path).map_err(failed(&path))?;
        }
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        private(&mut options);
        let mut file = options.open(&path).map_err(failed(&path))?;
        let length = replay(&mut file, &path, world)?;
        file.set_len(length).map_err(failed(&path))?;
        if length == 0 {
            file.write_all(HEADER.as_bytes()).map_err(failed(&path))?;
        }
        let mut journal = Self { file, path, length: length.max(HEADER.len() as u64), _lock: lock };
        journal.seek_end()?;
        if journal.length > 2 * live_size(world) + SLACK {
            journal.rewrite(world)?;
        }
        Ok(journal)
    }

    fn seek_end(&mut self) -> Result<(), PracticeError> {
        use std::io::Seek;
        self.file.seek(std::io::SeekFrom::Start(self.length)).map(drop).map_err(failed(&self.path))
    }

    /// Writes what changed and waits until it is on the disk. A failed write leaves the file as it was.
    pub(crate) fn append(&mut self, world: &World) -> Result<(), std::io::Error> {
        let mut entries = Vec::with_capacity(world.changes().len());
        let mut told = std::collections::HashSet::new();
        for change in world.changes().iter().rev() {
            if !told.insert((change.kind.object, change.id.as_str())) {
                continue;
            }
            let row = world.table(change.kind).and_then(|table| table.row(&change.id));
            entries.push(Entry {
                kind: change.kind.object,
                id: change.id.as_str().into(),
                created: row.map_or(0, |row| row.created),
                sequence: row.map_or(0, |row| row.sequence),
                deleted: row.is_some_and(|row| row.deleted),
                json: row.map(|row| serde_json::from_str(&row.json)).transpose()?,
            });
        }
        entries.reverse();
        let line = line(&entries)?;
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => {
                self.length += line.len() as u64;
                Ok(())
            }
            Err(error) => {
                // What got through of it is not a transaction.
                self.file.set_len(self.length)?;
                let _ = self.seek_end();
                Err(error)
            }
        }
    }

    /// Writes the live rows alone into a new file and puts it in the old one's place.
    fn rewrite(&mut self, world: &World) -> Result<(), PracticeError> {
        let fresh = self.path.with_extension("new");
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).read(true).write(true);
        private(&mut options);
        let file = options.open(&fresh).map_err(failed(&fresh))?;
        let mut out = BufWriter::new(file);
        let mut length = HEADER.len() as u64;
        out.write_all(HEADER.as_bytes()).map_err(failed(&fresh))?;
        for table in world.tables() {
            for (id, row) in table.stored() {
                let json = serde_json::from_str(&row.json)
                    .map_err(|error| damaged(&self.path, &error.to_string()))?;
                let entry = Entry {
                    kind: table.kind.object,
                    id: id.into(),
                    created: row.created,
                    sequence: row.sequence,
                    deleted: row.deleted,
                    json: Some(json),
                };
                let line = line(&[entry]).map_err(failed(&fresh))?;
                length += line.len() as u64;
                out.write_all(&line).map_err(failed(&fresh))?;
            }
        }
        let file = out
            .into_inner()
            .map_err(|error| PracticeError::State { path: fresh.clone(), source: error.into_error() })?;
        file.sync_all().map_err(failed(&fresh))?;
        std::fs::rename(&fresh, &self.path).map_err(failed(&fresh))?;
        self.file = file;
        self.length = length;
        self.seek_end()
    }
}

/// Keys are in it: nobody else on the machine may read it.
fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = options;
}

fn damaged(path: &Path, what: &str) -> PracticeError {
    PracticeError::StateDamaged { path: path.to_owned(), what: what.to_owned() }
}

fn live_size(world: &World) -> u64 {
    world
        .tables()
        .flat_map(|table| table.stored())
        .map(|(id, row)| (id.len() + row.json.len() + 80) as u64)
        .sum()
}

/// Puts every whole transaction into the world and says where the last one ends.
fn replay(file: &mut File, path: &Path, world: &mut World) -> Result<u64, PracticeError> {
    let mut reader = BufReader::new(file);
    let mut text = Vec::new();
    let read = reader.read_until(b'\n', &mut text).map_err(failed(path))?;
    if read == 0 {
        return Ok(0);
    }
    if text != HEADER.as_bytes() {
        // A file that ends inside its first line was never answered from.
        return if HEADER.as_bytes().starts_with(&text) {
            Ok(0)
        } else {
            Err(damaged(path, "it is not a practice journal"))
        };
    }
    let mut good = HEADER.len() as u64;
    let mut broken = None;
    loop {
        text.clear();
        let read = reader.read_until(b'\n', &mut text).map_err(failed(path))?;
        if read == 0 {
            break;
        }
        if let Some(at) = broken {
            return Err(damaged(path, &format!("a transaction at byte {at} does not match its digest")));
        }
        let whole =
            text.split_last().and_then(|(last, rest)| (*last == b'\n').then_some(rest)).and_then(open_line);
        match whole {
            Some(payload) if apply(payload, world).is_ok() => good += read as u64,
            _ => broken = Some(good),
        }
    }
    Ok(good)
}

fn open_line(line: &[u8]) -> Option<&[u8]> {
    let (digest, payload) = (line.get(..16)?, line.get(17..)?);
    (seal(payload).as_bytes() == digest).then_some(payload)
}

fn apply(payload: &[u8], world: &mut World) -> Result<(), serde_json::Error> {
    let entries: Vec<Entry<'_>> = serde_json::from_slice(payload)?;
    for entry in entries {
        let row = entry.json.map(|json| (entry.created, entry.sequence, json.get(), entry.deleted));
        world.restore(entry.kind, &entry.id, row);
    }
    Ok(())
}
