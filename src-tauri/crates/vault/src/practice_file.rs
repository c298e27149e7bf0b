//! The unwrapped file of practice mode: readable by the user alone, and no home for a live key.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::{Secret, Vault, VaultError, check_name, hex, private_file, tighten};

const FORMAT: u32 = 1;
const KIND: &str = "practice";

/// Secrets in a plain file of mode 0600. Only for practice mode, whose keys open nothing of value.
#[derive(Debug)]
pub struct PracticeFile {
    path: PathBuf,
    /// One change at a time: each reads the file, changes one entry and replaces the file.
    changing: Mutex<()>,
}

#[derive(Serialize, Deserialize)]
struct Contents {
    format: u32,
    kind: String,
    /// Name to hex.
    secrets: BTreeMap<String, String>,
}

impl Drop for Contents {
    fn drop(&mut self) {
        self.secrets.values_mut().for_each(Zeroize::zeroize);
    }
}

impl PracticeFile {
    /// Names the file and reads it once, so that damage is told here. A missing file is an empty vault; it is made by
    /// the first `set`.
    ///
    /// # Errors
    /// [`VaultError::Damaged`], [`VaultError::NewerFile`], [`VaultError::OtherKind`]; file errors.
    pub fn open(path: impl Into<PathBuf>) -> Result<PracticeFile, VaultError> {
        let file = PracticeFile { path: path.into(), changing: Mutex::new(()) };
        file.read()?;
        tighten(&file.path);
        Ok(file)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self) -> Result<Contents, VaultError> {
        let text = match fs::read(&self.path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Contents { format: FORMAT, kind: KIND.to_owned(), secrets: BTreeMap::new() });
            }
            Err(source) => return Err(VaultError::from_io(&self.path, source)),
        };
        crate::check_kind(&self.path, &text, KIND, FORMAT)?;
        serde_json::from_slice(&text).map_err(|error| crate::damaged_json(&self.path, &error))
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, String>) -> bool) -> Result<(), VaultError> {
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut contents = self.read()?;
        if !change(&mut contents.secrets) {
            return Ok(());
        }
        let text = serde_json::to_vec_pretty(&contents)
            .map(Zeroizing::new)
            .map_err(|error| VaultError::from_io(&self.path, error.into()))?;
        private_file::write(&self.path, &text).map_err(|source| VaultError::from_io(&self.path, source))
    }
}

impl Vault for PracticeFile {
    fn get(&self, name: &str) -> Result<Option<Secret>, VaultError> {
        check_name(name)?;
        let contents = self.read()?;
        let Some(text) = contents.secrets.get(name) else { return Ok(None) };
        match hex::decode(text) {
            Some(mut bytes) => Ok(Some(Secret::new(std::mem::take(&mut *bytes)))),
            None => Err(VaultError::damaged(format!("entry {name}"), "it is not hexadecimal")),
        }
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), VaultError> {
        check_name(name)?;
        if holds_live_key(secret.expose()) {
            return Err(VaultError::LiveKeyRefused);
        }
        self.change(|secrets| {
            if let Some(mut old) = secrets.insert(name.to_owned(), hex::encode(secret.expose())) {
                old.zeroize();
            }
            true
        })
    }

    fn delete(&self, name: &str) -> Result<(), VaultError> {
        check_name(name)?;
        self.change(|secrets| match secrets.remove(name) {
            Some(mut old) => {
                old.zeroize();
                true
            }
            None => false,
        })
    }
}

/// Looks everywhere in the value, not only at its start: a space or a quote in front must not let a live key through.
fn holds_live_key(value: &[u8]) -> bool {
    value.windows(8).any(|window| window == b"sk_live_" || window == b"rk_live_")
}
