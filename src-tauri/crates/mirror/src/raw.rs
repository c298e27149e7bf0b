//! How raw JSON is kept: compressed by zstd with a dictionary of its kind, trained from the first page of it. The first
//! two bytes of a stored value name the dictionary, 0 for none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rusqlite::{Connection, OptionalExtension};
use tillbook_store::{Database, StoreError};
use zstd::zstd_safe::{CCtx, CDict, DCtx, DDict, compress_bound, get_frame_content_size, train_from_buffer};

use crate::MirrorError;
use crate::kind::KindId;

/// Fast, and with a dictionary nearly as small as slower levels.
const LEVEL: i32 = 1;
/// Larger dictionaries cost memory for every kind and gain little.
const DICTIONARY_LIMIT: usize = 16 * 1024;
/// Fewer objects teach a dictionary nothing.
const SAMPLES_AT_LEAST: usize = 10;
/// Training time grows with what it is shown.
const SAMPLE_BYTES_LIMIT: usize = 120 * 1024;
/// No stored object is larger; anything that claims to be is damage.
const UNPACKED_LIMIT: u64 = 256 * 1024 * 1024;

/// A dictionary, prepared for both ways.
pub(crate) struct Dictionary {
    number: u16,
    pack: CDict<'static>,
    unpack: DDict<'static>,
}

#[derive(Default)]
struct Known {
    of_kind: HashMap<KindId, Arc<Dictionary>>,
    numbered: HashMap<u16, Arc<Dictionary>>,
}

/// The dictionaries of one mirror.
#[derive(Default)]
pub(crate) struct Dictionaries {
    known: RwLock<Known>,
    /// Whether the stored ones were read. Held while a new one is trained.
    loaded: Mutex<bool>,
}

impl Dictionaries {
    /// Reads those that were stored.
    fn load(&self, connection: &Connection) -> Result<(), MirrorError> {
        let mut rows = connection.prepare("SELECT number, kind, bytes FROM dictionary ORDER BY number")?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let (number, kind, bytes): (u16, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            self.learn(number, KindId::of_table(&kind), &bytes);
        }
        Ok(())
    }

    fn learn(&self, number: u16, kind: Option<KindId>, bytes: &[u8]) -> Option<Arc<Dictionary>> {
        let pack = CDict::try_create(bytes, LEVEL)?;
        let unpack = DDict::try_create(bytes)?;
        let dictionary = Arc::new(Dictionary { number, pack, unpack });
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.numbered.insert(number, Arc::clone(&dictionary));
        if let Some(kind) = kind {
            known.of_kind.insert(kind, Arc::clone(&dictionary));
        }
        Some(dictionary)
    }

    fn of_kind(&self, kind: KindId) -> Option<Arc<Dictionary>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).of_kind.get(&kind).cloned()
    }

    fn numbered(&self, number: u16) -> Option<Arc<Dictionary>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).numbered.get(&number).cloned()
    }

    /// The dictionary of a kind. Where there is none yet and the samples suffice, one is trained and stored, before any
    /// row is packed with it.
    pub(crate) fn for_kind(
        &self,
        database: &Database,
        kind: KindId,
        samples: &[&[u8]],
    ) -> Result<Option<Arc<Dictionary>>, MirrorError> {
        if let Some(found) = self.of_kind(kind) {
            return Ok(Some(found));
        }
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if !*loaded {
            database.read(|connection| self.load(connection))?;
            *loaded = true;
        }
        if let Some(found) = self.of_kind(kind) {
            return Ok(Some(found));
        }
        if samples.len() < SAMPLES_AT_LEAST {
            return Ok(None);
        }
        let Some(bytes) = train(samples) else { return Ok(None) };
        let number = database.write(|tx| {
            let last: Option<u16> =
                tx.query_row("SELECT max(number) FROM dictionary", [], |row| row.get(0))?;
            let number = last.unwrap_or(0).saturating_add(1);
            tx.execute(
                "INSERT INTO dictionary (number, kind, bytes) VALUES (?1, ?2, ?3)",
                (number, kind.kind().table, &bytes),
            )?;
            Ok::<u16, StoreError>(number)
        })?;
        Ok(self.learn(number, Some(kind), &bytes))
    }

    /// Unpacks a stored value.
    pub(crate) fn unpack(
        &self,
        connection: &Connection,
        id: &str,
        stored: &[u8],
    ) -> Result<String, MirrorError> {
        let damaged = || MirrorError::DamagedRow { id: id.to_owned() };
        let (head, frame) = stored.split_at_checked(2).ok_or_else(damaged)?;
        let number = u16::from_le_bytes([head[0], head[1]]);
        let size = get_frame_content_size(frame).ok().flatten().filter(|size| *size <= UNPACKED_LIMIT);
        let mut out: Vec<u8> =
            Vec::with_capacity(size.and_then(|size| usize::try_from(size).ok()).ok_or_else(damaged)?);
        let mut context = DCtx::try_create().ok_or_else(damaged)?;
        if number == 0 {
            context.decompress(&mut out, frame).map_err(|_| damaged())?;
        } else {
            let dictionary = match self.numbered(number) {
                Some(known) => known,
                None => self.fetch(connection, number)?.ok_or_else(damaged)?,
            };
            context.decompress_using_ddict(&mut out, frame, &dictionary.unpack).map_err(|_| damaged())?;
        }
        String::from_utf8(out).map_err(|_| damaged())
    }

    /// A dictionary that another process stored meanwhile.
    fn fetch(&self, connection: &Connection, number: u16) -> Result<Option<Arc<Dictionary>>, MirrorError> {
        let found: Option<(String, Vec<u8>)> = connection
            .query_row("SELECT kind, bytes FROM dictionary WHERE number = ?1", [number], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        Ok(found.and_then(|(kind, bytes)| self.learn(number, KindId::of_table(&kind), &bytes)))
    }
}

fn train(samples: &[&[u8]]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut sizes = Vec::new();
    for sample in samples {
        if bytes.len() + sample.len() > SAMPLE_BYTES_LIMIT {
            break;
        }
        bytes.extend_from_slice(sample);
        sizes.push(sample.len());
    }
    let mut dictionary: Vec<u8> = Vec::with_capacity(DICTIONARY_LIMIT.min(bytes.len() / 2));
    // Too little or too uniform input makes no dictionary; then rows are packed without one.
    train_from_buffer(&mut dictionary, &bytes, &sizes).ok()?;
    (!dictionary.is_empty()).then_some(dictionary)
}

/// Packs values one after the other into one buffer.
pub(crate) struct Press {
    context: Option<CCtx<'static>>,
    buffer: Vec<u8>,
}

impl Default for Press {
    fn default() -> Press {
        Press { context: CCtx::try_create(), buffer: Vec::new() }
    }
}

impl Press {
    /// Appends the stored form of a text to `out`.
    pub(crate) fn pack(
        &mut self,
        dictionary: Option<&Dictionary>,
        text: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), MirrorError> {
        let broken = || MirrorError::Broken("zstd could not compress".to_owned());
        let context = self.context.as_mut().ok_or_else(broken)?;
        self.buffer.clear();
        self.buffer.reserve(compress_bound(text.len()));
        let number = match dictionary {
            Some(dictionary) => {
                context
                    .compress_using_cdict(&mut self.buffer, text, &dictionary.pack)
                    .map_err(|_| broken())?;
                dictionary.number
            }
            None => {
                context.compress(&mut self.buffer, text, LEVEL).map_err(|_| broken())?;
                0
            }
        };
        out.extend_from_slice(&number.to_le_bytes());
        out.extend_from_slice(&self.buffer);
        Ok(())
    }
}
