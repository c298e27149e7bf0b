//! A file of secrets wrapped by a passphrase, for machines without a keychain.
//!
//! Argon2id turns the passphrase into a key that wraps one random data key; XChaCha20-Poly1305 seals every secret
//! under the data key with its name as associated data, so that entries cannot be swapped. The head (salt, cost,
//! wrapped key) carries a plain checksum: if the checksum is right and the key does not unwrap, the passphrase is
//! wrong; if the checksum is wrong, the file is damaged.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{Secret, Vault, VaultError, check_name, hex, private_file, random, tighten};

const FORMAT: u32 = 1;
const KIND: &str = "passphrase";
const DATA_KEY: &str = "tillbook vault v1 data key";
const ENTRY: &str = "tillbook vault v1 entry ";

/// What one guess of the passphrase costs. It is stored in the file, so it can be raised for new files at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KdfCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes side by side.
    pub lanes: u32,
}

impl KdfCost {
    /// 64 MiB, three passes, one lane: about 0.2 s on the machines that tills run on.
    pub const STANDARD: KdfCost = KdfCost { memory_kib: 65_536, passes: 3, lanes: 1 };

    /// A file may ask for this much and no more: a forged head must not eat the machine's memory.
    const MOST: KdfCost = KdfCost { memory_kib: 1_048_576, passes: 64, lanes: 16 };

    fn is_sane(self) -> bool {
        self.memory_kib <= KdfCost::MOST.memory_kib
            && self.passes <= KdfCost::MOST.passes
            && self.lanes <= KdfCost::MOST.lanes
    }
}

/// Secrets in a file of mode 0600, wrapped by a passphrase.
pub struct PassphraseFile {
    path: PathBuf,
    /// The data key, and the lock under which the file is changed.
    state: Mutex<State>,
}

struct State {
    /// The wrapping of the data key, as it stands (or will stand) in the file.
    head: Head,
    data_key: Zeroizing<[u8; 32]>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    cost: KdfCost,
    salt: String,
    wrapped_key: Sealed,
    checksum: String,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sealed {
    nonce: String,
    sealed: String,
}

#[derive(Serialize, Deserialize)]
struct Contents {
    format: u32,
    kind: String,
    head: Head,
    secrets: BTreeMap<String, Sealed>,
}

impl std::fmt::Debug for PassphraseFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PassphraseFile").field("path", &self.path).finish_non_exhaustive()
    }
}

impl PassphraseFile {
    /// Opens the file with its passphrase at the standard cost. A missing file is an empty vault; it is made by the
    /// first `set`.
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`], [`VaultError::Damaged`], [`VaultError::NoPassphrase`]; file errors.
    pub fn open(path: impl Into<PathBuf>, passphrase: &str) -> Result<PassphraseFile, VaultError> {
        PassphraseFile::open_at_cost(path, passphrase, KdfCost::STANDARD)
    }

    /// As [`PassphraseFile::open`]; a file that does not exist yet will be made at this cost.
    ///
    /// # Errors
    /// As [`PassphraseFile::open`].
    pub fn open_at_cost(
        path: impl Into<PathBuf>,
        passphrase: &str,
        cost: KdfCost,
    ) -> Result<PassphraseFile, VaultError> {
        let path = path.into();
        if passphrase.is_empty() {
            return Err(VaultError::NoPassphrase);
        }
        let state = match read(&path)? {
            Some(contents) => {
                let data_key = contents.head.unwrap_key(&path, passphrase)?;
                tighten(&path);
                State { head: contents.head, data_key }
            }
            None => {
                let mut data_key = Zeroizing::new([0_u8; 32]);
                random(data_key.as_mut_slice())?;
                State { head: Head::wrap(passphrase, cost, &data_key)?, data_key }
            }
        };
        Ok(PassphraseFile { path, state: Mutex::new(state) })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn change(
        &self,
        change: impl FnOnce(&State, &mut BTreeMap<String, Sealed>) -> Result<bool, VaultError>,
    ) -> Result<(), VaultError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut contents = match read(&self.path)? {
            Some(contents) if contents.head == state.head => contents,
            // Somebody put another vault in this place while it was open; mixing two would lose one of them.
            Some(_) => return Err(VaultError::damaged(self.path.display(), "it was replaced while in use")),
            None => Contents {
                format: FORMAT,
                kind: KIND.to_owned(),
                head: state.head.clone(),
                secrets: BTreeMap::new(),
            },
        };
        if !change(&state, &mut contents.secrets)? {
            return Ok(());
        }
        let text = serde_json::to_vec_pretty(&contents)
            .map_err(|error| VaultError::from_io(&self.path, error.into()))?;
        private_file::write(&self.path, &text).map_err(|source| VaultError::from_io(&self.path, source))
    }
}

impl Vault for PassphraseFile {
    fn get(&self, name: &str) -> Result<Option<Secret>, VaultError> {
        check_name(name)?;
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(contents) = read(&self.path)? else { return Ok(None) };
        let Some(sealed) = contents.secrets.get(name) else { return Ok(None) };
        let opened = sealed.open(&state.data_key, &format!("{ENTRY}{name}"));
        opened
            .map(|bytes| Some(Secret::new(bytes)))
            .ok_or_else(|| VaultError::damaged(format!("entry {name}"), "it does not open under its key"))
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), VaultError> {
        check_name(name)?;
        self.change(|state, secrets| {
            let sealed = Sealed::seal(&state.data_key, &format!("{ENTRY}{name}"), secret.expose())?;
            secrets.insert(name.to_owned(), sealed);
            Ok(true)
        })
    }

    fn delete(&self, name: &str) -> Result<(), VaultError> {
        check_name(name)?;
        self.change(|_, secrets| Ok(secrets.remove(name).is_some()))
    }
}

fn read(path: &Path) -> Result<Option<Contents>, VaultError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(VaultError::from_io(path, source)),
    };
    crate::check_kind(path, &text, KIND, FORMAT)?;
    serde_json::from_slice(&text).map(Some).map_err(|error| crate::damaged_json(path, &error))
}

impl Head {
    fn wrap(passphrase: &str, cost: KdfCost, data_key: &[u8; 32]) -> Result<Head, VaultError> {
        let mut salt = [0_u8; 16];
        random(&mut salt)?;
        let wrapping_key = derive(passphrase, &salt, cost)
            .ok_or_else(|| VaultError::damaged("head", "the cost of the passphrase is out of bounds"))?;
        let wrapped_key = Sealed::seal(&wrapping_key, DATA_KEY, data_key)?;
        let mut head = Head { cost, salt: hex::encode(&salt), wrapped_key, checksum: String::new() };
        head.checksum = head.sum();
        Ok(head)
    }

    fn unwrap_key(&self, path: &Path, passphrase: &str) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let damaged = |detail: &str| VaultError::damaged(path.display(), detail);
        if self.checksum != self.sum() {
            return Err(damaged("the checksum of its head does not match"));
        }
        let salt = hex::decode(&self.salt).ok_or_else(|| damaged("its salt is not hexadecimal"))?;
        let wrapping_key = derive(passphrase, &salt, self.cost)
            .ok_or_else(|| damaged("the cost of its passphrase is out of bounds"))?;
        let opened = Zeroizing::new(
            self.wrapped_key.open(&wrapping_key, DATA_KEY).ok_or(VaultError::WrongPassphrase)?,
        );
        let mut data_key = Zeroizing::new([0_u8; 32]);
        if opened.len() != data_key.len() {
            return Err(damaged("its data key has the wrong length"));
        }
        data_key.copy_from_slice(&opened);
        Ok(data_key)
    }

    /// Tells damage from a wrong passphrase; it protects nothing, and holds nothing that is secret.
    fn sum(&self) -> String {
        let KdfCost { memory_kib, passes, lanes } = self.cost;
        let Sealed { nonce, sealed } = &self.wrapped_key;
        let text = format!("{memory_kib} {passes} {lanes} {} {nonce} {sealed}", self.salt);
        hex::encode(Sha256::digest(text.as_bytes()).get(..8).unwrap_or_default())
    }
}

impl Sealed {
    fn seal(key: &[u8; 32], place: &str, plain: &[u8]) -> Result<Sealed, VaultError> {
        let mut nonce = [0_u8; 24];
        random(&mut nonce)?;
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let sealed = XChaCha20Poly1305::new(&(*key).into())
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| VaultError::damaged(place, "it is too long to seal"))?;
        Ok(Sealed { nonce: hex::encode(&nonce), sealed: hex::encode(&sealed) })
    }

    fn open(&self, key: &[u8; 32], place: &str) -> Option<Vec<u8>> {
        let nonce = hex::decode(&self.nonce)?;
        let nonce = XNonce::from(<[u8; 24]>::try_from(nonce.as_slice()).ok()?);
        let sealed = hex::decode(&self.sealed)?;
        let payload = Payload { msg: &sealed, aad: place.as_bytes() };
        XChaCha20Poly1305::new(&(*key).into()).decrypt(&nonce, payload).ok()
    }
}

fn derive(passphrase: &str, salt: &[u8], cost: KdfCost) -> Option<Zeroizing<[u8; 32]>> {
    if !cost.is_sane() {
        return None;
    }
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).ok()?;
    let mut key = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
        .ok()?;
    Some(key)
}
