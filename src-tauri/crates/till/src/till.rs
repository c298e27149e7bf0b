//! The till itself: what every command needs, in one place.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tillbook_mirror::Mirror;
use tillbook_store::{Clock, Folder, Ids, Store};
use tillbook_stripe::Client;
use tillbook_vault::Vault;

use crate::crash::Stops;
use crate::journal::{self, Entry, Head, JournalKey};
use crate::payment::record::Attempt;
use crate::rights::rights_of;
use crate::staff::find_staff;
use crate::view::{Right, Role, Staff};
use crate::{Signed, TillError};

/// A till. Cheap to clone; all clones are the same till.
#[derive(Clone)]
pub struct Till {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) folder: Folder,
    pub(crate) store: Arc<Store>,
    pub(crate) mirror: Mirror,
    pub(crate) client: Option<Client>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) journal_key: JournalKey,
    pub(crate) till_id: String,
    pub(crate) pace: Pace,
    pub(crate) stops: Arc<dyn Stops>,
    /// Payments that this run of the program started or presented again: somebody is standing there. All others are
    /// settled by asking and closing, never presented to anybody.
    pub(crate) attended: Mutex<HashSet<String>>,
    /// One driver for each payment or refund.
    pub(crate) driving: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// Woken when somebody asks for a payment to be canceled.
    pub(crate) nudge: tokio::sync::Notify,
    /// Counts the reads for open payments, and slows none of them; and how many of them the mirror was told.
    pub(crate) looks: Arc<tillbook_stripe::Pace>,
    pub(crate) looks_told: AtomicU64,
    /// Stripe's clock minus ours, in milliseconds, as last seen.
    pub(crate) server_ahead_ms: AtomicI64,
    /// See `account.rs`.
    pub(crate) account_seen: AtomicU8,
    /// PINs are looked at one after the other.
    pub(crate) signing_in: Mutex<()>,
}

/// How patient the till is with Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Between two looks at a reader and its payment.
    pub poll: Duration,
    /// Looks in a row that may fail before a payment is left as "checking" for the next round of settling.
    pub patience: u32,
}

impl Pace {
    /// For Stripe itself: its own advice is a look every two to three seconds.
    pub const LIVE: Self = Self { poll: Duration::from_secs(2), patience: 10 };
    /// For a Stripe on this machine.
    pub const LOOPBACK: Self = Self { poll: Duration::from_millis(60), patience: 10 };
}

/// Who does something, looked up at the moment of doing it.
#[derive(Debug, Clone)]
pub(crate) struct Actor(Option<Staff>);

impl Actor {
    /// Whoever started a payment, for what follows from it.
    pub(crate) fn of(attempt: &Attempt) -> Self {
        // Their role is not asked any more: what Stripe did is a fact, whatever they may do by now.
        let (id, name) = (attempt.staff_id.clone(), attempt.staff_name.clone());
        Self(Some(Staff { id, name, role: Role::Cashier }))
    }

    /// Id and name for the journal.
    pub(crate) fn who(&self) -> Option<(&str, &str)> {
        self.0.as_ref().map(|staff| (staff.id.as_str(), staff.name.as_str()))
    }

    /// The person; commands that a row remembers somebody for need one.
    pub(crate) fn person(&self) -> Result<&Staff, TillError> {
        self.0.as_ref().ok_or(TillError::SignedOut)
    }
}

impl Till {
    /// Checks a right against what the store says of this person now.
    pub(crate) fn authorise(&self, signed: &Signed, right: Right) -> Result<Actor, TillError> {
        let Some(staff) = signed.staff() else {
            return if signed.rights().contains(&right) {
                Ok(Actor(None))
            } else {
                Err(TillError::SignedOut)
            };
        };
        let now = self.read(|db| find_staff(db, &staff.id))?.ok_or(TillError::SignedOut)?;
        if rights_of(now.role).contains(&right) {
            Ok(Actor(Some(now)))
        } else {
            Err(TillError::NotAllowed { name: now.name, right })
        }
    }

    /// Whether this house was opened for writing.
    pub(crate) fn is_writable(&self) -> bool {
        self.inner.store.till.is_writable()
    }

    /// Runs a transaction; all of it happens or nothing.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, TillError>,
    ) -> Result<T, TillError> {
        self.inner.store.till.write(work)
    }

    /// Reads.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, TillError>,
    ) -> Result<T, TillError> {
        self.inner.store.till.read(work)
    }

    /// Writes a journal entry in the transaction of what it tells of.
    pub(crate) fn append(&self, tx: &Connection, entry: Entry<'_>) -> Result<Head, TillError> {
        journal::append(tx, &self.inner.journal_key, &self.inner.till_id, entry)
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.inner.clock.now_ms()
    }

    pub(crate) fn new_id(&self) -> String {
        self.inner.ids.next(self.inner.clock.now_ms())
    }

    pub(crate) fn till_id(&self) -> &str {
        &self.inner.till_id
    }

    pub(crate) fn mirror(&self) -> &Mirror {
        &self.inner.mirror
    }

    pub(crate) fn client(&self) -> Result<&Client, TillError> {
        self.inner.client.as_ref().ok_or(TillError::NoKey)
    }

    /// A place where a test may stop the program.
    pub(crate) fn stop_here(&self, place: &'static str) -> Result<(), TillError> {
        if self.inner.stops.stop_at(place) { Err(TillError::Stopped(place)) } else { Ok(()) }
    }

    pub(crate) fn attend(&self, id: &str) {
        locked(&self.inner.attended).insert(id.to_owned());
    }

    pub(crate) fn leave(&self, id: &str) {
        locked(&self.inner.attended).remove(id);
    }

    pub(crate) fn is_attended(&self, id: &str) -> bool {
        locked(&self.inner.attended).contains(id)
    }

    /// The one lock of a payment or refund: whoever holds it talks to Stripe about it.
    pub(crate) fn lock_of(&self, id: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut driving = locked(&self.inner.driving);
        // Locks that nobody holds or waits for are forgotten, so that a long day does not gather them.
        driving.retain(|_, lock| Arc::strong_count(lock) > 1);
        Arc::clone(driving.entry(id.to_owned()).or_default())
    }
}

impl std::fmt::Debug for Till {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Till").field("till_id", &self.inner.till_id).finish_non_exhaustive()
    }
}

/// A set or map stays whole whatever happened to a thread that held it.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
