//! The keychain of the operating system.
//!
//! One thread of our own talks to it, for three reasons. The Secret Service's blocking client starts an async runtime
//! and panics inside another one. A keychain may ask a person and block for minutes. And a daemon that hangs must not
//! hang the program: whoever asks waits for a limited time. The connection is made when it is first needed and made
//! again after a failure, so a keychain that starts late is found.

use std::sync::mpsc::{self, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use crate::{Secret, Vault, VaultError, check_name, hex};

/// Time for a person to find and answer the keychain's question.
const PATIENCE: Duration = Duration::from_secs(120);

/// Time for the keychain to answer at all; nobody is asked anything for that.
const GREETING: Duration = Duration::from_secs(10);

/// Makes a connection to the keychain. Passed in by tests.
pub(crate) type Connect = Box<dyn Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send>;

/// Secrets in the operating system's keychain, as hex text under this service and their name.
#[derive(Debug)]
pub struct Keychain {
    requests: Mutex<Sender<Request>>,
}

struct Request {
    name: String,
    what: What,
    answer: SyncSender<Result<Option<Secret>, VaultError>>,
}

enum What {
    Probe,
    Get,
    Set(Secret),
    Delete,
}

impl Keychain {
    /// Opens the keychain and makes sure that it answers. `service` separates the secrets of one data folder from those
    /// of another: `tillbook/<till id>`.
    ///
    /// # Errors
    /// [`VaultError::NoKeychain`] where there is none.
    pub fn open(service: &str) -> Result<Keychain, VaultError> {
        Keychain::with(service, Box::new(connect), GREETING)
    }

    pub(crate) fn with(service: &str, connect: Connect, greeting: Duration) -> Result<Keychain, VaultError> {
        let (requests, inbox) = mpsc::channel::<Request>();
        let service = service.to_owned();
        thread::Builder::new()
            .name("keychain".to_owned())
            .spawn(move || {
                let mut line = Line { service, connect, store: None };
                for request in inbox {
                    let answer = line.serve(&request.name, &request.what);
                    // Whoever asked may have given up waiting.
                    let _ = request.answer.send(answer);
                }
            })
            .map_err(|error| VaultError::NoKeychain { detail: error.to_string() })?;
        let keychain = Keychain { requests: Mutex::new(requests) };
        keychain.ask("probe", What::Probe, greeting)?;
        Ok(keychain)
    }

    fn ask(&self, name: &str, what: What, patience: Duration) -> Result<Option<Secret>, VaultError> {
        check_name(name)?;
        // Room for one answer, so that the thread never waits for whoever gave up.
        let (answer, wait) = mpsc::sync_channel(1);
        let request = Request { name: name.to_owned(), what, answer };
        let gone = || VaultError::NoKeychain { detail: "the thread that talks to it is gone".to_owned() };
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).send(request).map_err(|_| gone())?;
        match wait.recv_timeout(patience) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                Err(VaultError::NoKeychain { detail: "it does not answer".to_owned() })
            }
            Err(RecvTimeoutError::Disconnected) => Err(gone()),
        }
    }
}

impl Vault for Keychain {
    fn get(&self, name: &str) -> Result<Option<Secret>, VaultError> {
        self.ask(name, What::Get, PATIENCE)
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), VaultError> {
        self.ask(name, What::Set(secret.clone()), PATIENCE).map(|_| ())
    }

    fn delete(&self, name: &str) -> Result<(), VaultError> {
        self.ask(name, What::Delete, PATIENCE).map(|_| ())
    }
}

/// The thread's side: the connection, while there is one.
struct Line {
    service: String,
    connect: Connect,
    store: Option<Arc<CredentialStore>>,
}

impl Line {
    fn serve(&mut self, name: &str, what: &What) -> Result<Option<Secret>, VaultError> {
        let fresh = self.store.is_none();
        let answer = self.once(name, what);
        match answer {
            // A keychain that was restarted leaves a dead connection behind; a new one is tried, once.
            Err(Failure::Line(_)) if !fresh => {
                self.store = None;
                self.once(name, what).map_err(Failure::into_error)
            }
            Err(Failure::Line(error)) => {
                self.store = None;
                Err(error)
            }
            other => other.map_err(Failure::into_error),
        }
    }

    fn once(&mut self, name: &str, what: &What) -> Result<Option<Secret>, Failure> {
        let store = match &self.store {
            Some(store) => Arc::clone(store),
            None => {
                let store = (self.connect)().map_err(|error| {
                    Failure::Line(VaultError::NoKeychain { detail: without_secrets(&error) })
                })?;
                Arc::clone(self.store.insert(store))
            }
        };
        if matches!(what, What::Probe) {
            return Ok(None);
        }
        let entry = store.build(&self.service, name, None).map_err(classify)?;
        match what {
            What::Probe => Ok(None),
            What::Get => get(&entry, name),
            What::Set(secret) => {
                let text = Zeroizing::new(hex::encode(secret.expose()));
                entry.set_password(&text).map(|()| None).map_err(classify)
            }
            What::Delete => match entry.delete_credential() {
                Ok(()) | Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(classify(error)),
            },
        }
    }
}

fn get(entry: &Entry, name: &str) -> Result<Option<Secret>, Failure> {
    let text = match entry.get_password() {
        Ok(text) => Zeroizing::new(text),
        Err(Error::NoEntry) => return Ok(None),
        Err(Error::BadEncoding(_) | Error::BadDataFormat(..)) => return Err(damaged(name)),
        Err(error) => return Err(classify(error)),
    };
    let mut bytes = hex::decode(&text).ok_or_else(|| damaged(name))?;
    Ok(Some(Secret::new(std::mem::take(&mut *bytes))))
}

fn damaged(name: &str) -> Failure {
    Failure::Answer(VaultError::damaged(format!("entry {name} of the keychain"), "it is not hexadecimal"))
}

/// What failed: the connection, which may be made again, or the keychain's answer, which stands.
enum Failure {
    Line(VaultError),
    Answer(VaultError),
}

impl Failure {
    fn into_error(self) -> VaultError {
        match self {
            Failure::Line(error) | Failure::Answer(error) => error,
        }
    }
}

fn classify(error: Error) -> Failure {
    let detail = without_secrets(&error);
    let said = detail.to_ascii_lowercase();
    // The Secret Service's client tells these apart only in its words, and wraps them in either variant.
    if said.contains("dismissed") || said.contains("denied") || said.contains("user canceled") {
        return Failure::Answer(VaultError::Denied);
    }
    if said.contains("locked") || matches!(error, Error::NoStorageAccess(_)) {
        return Failure::Answer(VaultError::Locked);
    }
    match error {
        Error::PlatformFailure(_) => Failure::Line(VaultError::Keychain { detail }),
        Error::Ambiguous(_) => Failure::Answer(VaultError::Keychain {
            detail: "it holds the same secret twice; remove one of them".to_owned(),
        }),
        _ => Failure::Answer(VaultError::Keychain { detail }),
    }
}

/// Some of the library's errors carry the secret's bytes; those are told without their content.
fn without_secrets(error: &Error) -> String {
    match error {
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "the stored value cannot be read".to_owned(),
        Error::Ambiguous(_) => "more than one entry".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use keyring_core::mock;

    const SHORT: Duration = Duration::from_millis(50);

    fn platform(words: &str) -> Error {
        Error::PlatformFailure(words.into())
    }

    #[test]
    fn a_failed_start_is_not_remembered() {
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&tries);
        let mut line = Line {
            service: "tillbook/test".to_owned(),
            connect: Box::new(move || match counted.fetch_add(1, Ordering::SeqCst) {
                0 => Err(platform("not started yet")),
                _ => Ok(mock::Store::new()?),
            }),
            store: None,
        };
        assert!(matches!(line.serve("journal", &What::Get), Err(VaultError::NoKeychain { .. })));
        line.serve("journal", &What::Set(Secret::from("kept"))).unwrap();
        let kept = line.serve("journal", &What::Get).unwrap().unwrap();
        assert_eq!(kept.expose_text(), Some("kept"));
        assert_eq!(tries.load(Ordering::SeqCst), 2, "connected once after the failure");
    }

    #[test]
    fn a_keychain_that_hangs_does_not_hang_the_program() {
        let (release, held) = mpsc::channel::<()>();
        let connect: Connect = Box::new(move || {
            let _ = held.recv();
            Err(platform("too late"))
        });
        let opened = Keychain::with("tillbook/test", connect, SHORT);
        assert!(matches!(opened, Err(VaultError::NoKeychain { .. })), "{opened:?}");
        drop(release);
    }

    #[test]
    fn what_the_keychain_says_is_told_apart() {
        let told = |error| classify(error).into_error();
        let locked = || "SS Error: object locked".into();
        assert!(matches!(told(Error::NoStorageAccess(locked())), VaultError::Locked));
        assert!(matches!(told(Error::PlatformFailure(locked())), VaultError::Locked));
        assert!(matches!(
            told(Error::NoStorageAccess("SS error: prompt dismissed".into())),
            VaultError::Denied
        ));
        assert!(matches!(told(platform("connection reset")), VaultError::Keychain { .. }));
        assert!(matches!(told(Error::Ambiguous(Vec::new())), VaultError::Keychain { .. }));
    }

    #[test]
    fn an_error_never_carries_what_was_stored() {
        let error = Error::BadEncoding(b"sk_live_abc".to_vec());
        let told = classify(error).into_error();
        // 115, 107 is how `sk` looks in a list of bytes.
        assert!(!format!("{told:?} {told}").contains("115, 107"));
    }

    #[test]
    fn what_was_put_there_by_others_is_damage() {
        let store: Arc<CredentialStore> = mock::Store::new().unwrap();
        store.build("tillbook/test", "journal", None).unwrap().set_password("not hex").unwrap();
        let mut line = Line {
            service: "tillbook/test".to_owned(),
            connect: Box::new(|| Err(platform("unused"))),
            store: Some(store),
        };
        assert!(matches!(line.serve("journal", &What::Get), Err(VaultError::Damaged { .. })));
    }
}
