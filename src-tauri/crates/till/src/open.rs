//! Opening a house: the data folder, who it is, its keys, its two files, the mirror and the till, and a way to Stripe
//! where a key and an address are known.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64};
use std::sync::{Arc, Mutex};

use tillbook_mirror::Mirror;
use tillbook_store::{
    Access, Clock, FileKey, Folder, Identity, Ids, Mode, RandomIds, Store, StoreError, SystemClock, VaultKind,
};
use tillbook_stripe::{ApiKey, Client, ClientOptions, Endpoint, KeyMode};
use tillbook_vault::{Keychain, PassphraseFile, PracticeFile, Secret, Vault, VaultError, names};

use crate::crash::{NeverStops, Stops};
use crate::journal::JournalKey;
use crate::till::{Inner, Pace};
use crate::upkeep::OnRecord;
use crate::view::Reason;
use crate::{Clash, Till, TillError, account};

/// Name of the keychain's entries, before the till's id: two folders on one machine have two sets of keys, and a
/// folder that is moved keeps its own.
const KEYCHAIN: &str = "tillbook";

/// What a house is opened with.
pub struct OpenOptions {
    /// The data folder of one account and mode.
    pub data: PathBuf,
    /// Where Stripe is; without it Stripe's own address where there is a key.
    pub endpoint: Option<Endpoint>,
    /// The Stripe key. Used in this run, never stored.
    pub key: Option<ApiKey>,
    /// Reading needs neither key nor network and works beside an open window.
    pub access: Access,
    /// Unlocks the vault where there is no keychain.
    pub passphrase: Option<String>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// How patient to be; chosen by the address without it.
    pub pace: Option<Pace>,
    /// How requests are sent; the client's own defaults without it.
    pub client: Option<ClientOptions>,
    /// Where a test stops the program; never without it.
    pub stops: Arc<dyn Stops>,
}

impl OpenOptions {
    /// For this folder, with the machine's clock and randomness, for writing.
    #[must_use]
    pub fn at(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            endpoint: None,
            key: None,
            access: Access::ReadWrite,
            passphrase: None,
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            pace: None,
            client: None,
            stops: Arc::new(NeverStops),
        }
    }
}

/// Everything of one account and mode, wired.
pub struct House {
    /// The data folder.
    pub folder: Folder,
    /// Who it is.
    pub identity: Identity,
    /// Its keys.
    pub vault: Arc<dyn Vault>,
    /// Its two files.
    pub store: Arc<Store>,
    /// Stripe's records.
    pub mirror: Mirror,
    /// The way to Stripe, where a key is known.
    pub client: Option<Client>,
    /// The till.
    pub till: Till,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("House").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// Opens the house. A new folder is made for writing only.
pub fn open(options: OpenOptions) -> Result<House, TillError> {
    let folder = Folder::at(&options.data);
    let endpoint = options.endpoint.clone().or_else(|| options.key.as_ref().map(|_| Endpoint::Stripe));
    let client = client_of(&options, endpoint.as_ref())?;
    let asked = mode_of(&options, endpoint.as_ref());
    // The lock is taken before anything is made, so that two first starts do not make two houses.
    let lock = match options.access {
        Access::ReadWrite => Some(folder.lock()?),
        Access::ReadOnly => None,
    };
    let (identity, vault) = identity_of(&folder, &options, asked)?;
    let keys = keys_of(&folder, vault.as_ref(), identity.vault, options.access)?;
    let store = Arc::new(Store::open(&folder, &keys.till_db, &keys.mirror_db, options.access)?);
    drop(lock);
    let mirror = Mirror::new(Arc::clone(&store), Arc::clone(&options.clock));
    mirror.belongs_to_till(&identity.till_id);
    let loopback = endpoint.as_ref().is_none_or(Endpoint::is_loopback);
    let inner = Inner {
        folder: folder.clone(),
        store: Arc::clone(&store),
        mirror: mirror.clone(),
        client: client.clone(),
        clock: options.clock,
        ids: options.ids,
        vault: Arc::clone(&vault),
        journal_key: JournalKey::new(keys.journal),
        till_id: identity.till_id.clone(),
        pace: options.pace.unwrap_or(if loopback { Pace::LOOPBACK } else { Pace::LIVE }),
        stops: options.stops,
        attended: Mutex::default(),
        driving: Mutex::default(),
        nudge: tokio::sync::Notify::new(),
        looks: Arc::new(tillbook_stripe::Pace::new(0, 0)),
        looks_told: AtomicU64::new(0),
        server_ahead_ms: AtomicI64::new(0),
        account_seen: AtomicU8::new(account::NOT_ASKED),
        signing_in: Mutex::default(),
    };
    let till = Till { inner: Arc::new(inner) };
    if till.is_writable() {
        mirror.witnessed_by(Arc::new(OnRecord(Arc::downgrade(&till.inner))));
    }
    Ok(House { folder, identity, vault, store, mirror, client, till })
}

fn client_of(options: &OpenOptions, endpoint: Option<&Endpoint>) -> Result<Option<Client>, TillError> {
    let (Some(key), Some(endpoint)) = (options.key.clone(), endpoint.cloned()) else { return Ok(None) };
    let client = Client::new(key, endpoint, options.client.clone().unwrap_or_default())
        .map_err(|refused| TillError::invalid("key", Reason::Key, refused.to_string()))?;
    Ok(Some(client))
}

/// The mode that key and address ask for; none if there are neither.
fn mode_of(options: &OpenOptions, endpoint: Option<&Endpoint>) -> Option<Mode> {
    match (endpoint, &options.key) {
        (Some(Endpoint::Loopback(_)), _) => Some(Mode::Practice),
        (_, Some(key)) => Some(match key.mode() {
            KeyMode::Live => Mode::Live,
            KeyMode::Test => Mode::Test,
        }),
        _ => None,
    }
}

/// Reads who the folder is, or makes it somebody.
fn identity_of(
    folder: &Folder,
    options: &OpenOptions,
    asked: Option<Mode>,
) -> Result<(Identity, Arc<dyn Vault>), TillError> {
    if let Some(identity) = folder.identity()? {
        if asked.is_some_and(|mode| mode != identity.mode) {
            return Err(Clash::OtherMode.into());
        }
        // Told before a passphrase is asked for that would open nothing.
        let is_file = identity.vault != VaultKind::Keychain;
        if is_file && folder.till_db().exists() && !folder.vault_file().exists() {
            return Err(keys_missing(folder, identity.vault).into());
        }
        let vault = vault_of(folder, options, identity.vault, &identity.till_id)?;
        return Ok((identity, vault));
    }
    if options.access == Access::ReadOnly {
        return Err(StoreError::NotSetUp { folder: options.data.clone() }.into());
    }
    // Practice is what a fresh machine begins with.
    let mode = asked.unwrap_or(Mode::Practice);
    let till_id = options.ids.next(options.clock.now_ms());
    let (kind, vault) = new_vault(folder, options, mode, &till_id)?;
    Ok((folder.create_identity(mode, kind, &till_id)?, vault))
}

/// Practice keeps its keys in a plain file and never asks the keychain; elsewhere the keychain, or a passphrase where
/// there is none.
fn new_vault(
    folder: &Folder,
    options: &OpenOptions,
    mode: Mode,
    till_id: &str,
) -> Result<(VaultKind, Arc<dyn Vault>), TillError> {
    folder.create()?;
    let kind = if mode == Mode::Practice { VaultKind::PracticeFile } else { VaultKind::Keychain };
    match vault_of(folder, options, kind, till_id) {
        Ok(vault) => Ok((kind, vault)),
        Err(TillError::Vault(VaultError::NoKeychain { .. })) if options.passphrase.is_some() => {
            let kind = VaultKind::PassphraseFile;
            Ok((kind, vault_of(folder, options, kind, till_id)?))
        }
        Err(error) => Err(error),
    }
}

fn vault_of(
    folder: &Folder,
    options: &OpenOptions,
    kind: VaultKind,
    till_id: &str,
) -> Result<Arc<dyn Vault>, TillError> {
    Ok(match kind {
        VaultKind::PracticeFile => Arc::new(PracticeFile::open(folder.vault_file())?),
        VaultKind::PassphraseFile => {
            let passphrase = options.passphrase.as_deref().unwrap_or_default();
            Arc::new(PassphraseFile::open(folder.vault_file(), passphrase)?)
        }
        VaultKind::Keychain => Arc::new(Keychain::open(&format!("{KEYCHAIN}:{till_id}"))?),
    })
}

/// What opens the files and chains the journal.
struct Keys {
    till_db: FileKey,
    mirror_db: FileKey,
    journal: Secret,
}

/// The keys of a folder. New ones are made before the files that they are for, and never afterwards: under a new key a
/// file would seem to have a wrong one, and the vault that a backup brings back would have been written over.
fn keys_of(folder: &Folder, vault: &dyn Vault, kind: VaultKind, access: Access) -> Result<Keys, TillError> {
    let (till_db, mirror_db) = (folder.till_db(), folder.mirror_db());
    for (name, file) in
        [(names::TILL_DB, &till_db), (names::JOURNAL, &till_db), (names::MIRROR_DB, &mirror_db)]
    {
        if file.exists() && vault.get(name)?.is_none() {
            return Err(keys_missing(folder, kind).into());
        }
    }
    let secret = |name, file: &Path| -> Result<Secret, TillError> {
        match access {
            Access::ReadWrite => Ok(vault.random_secret(name)?),
            // Neither the file nor its key is there: it was never made.
            Access::ReadOnly => {
                vault.get(name)?.ok_or_else(|| StoreError::Missing { file: file.to_owned() }.into())
            }
        }
    };
    let key = |name, file| FileKey::try_from(&secret(name, file)?).map_err(TillError::internal);
    let keys = Keys {
        till_db: key(names::TILL_DB, &till_db)?,
        mirror_db: key(names::MIRROR_DB, &mirror_db)?,
        journal: secret(names::JOURNAL, &till_db)?,
    };
    if access == Access::ReadWrite {
        // Made now, so that a file can be signed beside an open window too.
        vault.random_secret(names::SIGNING)?;
    }
    Ok(keys)
}

/// The files stay as they are and so does the place of the vault, until somebody puts the vault back.
fn keys_missing(folder: &Folder, kind: VaultKind) -> VaultError {
    let there = [folder.till_db(), folder.mirror_db()].into_iter().filter(|file| file.exists());
    let names = there.filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned()));
    let place = match kind {
        VaultKind::Keychain => "the keychain of this user".to_owned(),
        VaultKind::PracticeFile | VaultKind::PassphraseFile => folder.vault_file().display().to_string(),
    };
    VaultError::Missing { files: names.collect::<Vec<_>>().join(" and "), place }
}
