//! Stripe's records in the store.
//!
//! **What the room is for.** Every object of the account is copied into `mirror.db` and kept true: a backfill reads every
//! list, a poll of Stripe's event list brings the news, and what the news cannot decide is read again. Staff read the copy
//! and never wait for Stripe; a certificate says how far the copy is complete, and how that is known.
//!
//! **What may come in.** Answers of Stripe's API: pages, single objects, events. They are treated as text: `client_secret`
//! is cut out at every depth, everything else is stored as Stripe wrote it, with the fields that are searched and sorted in
//! columns beside it.
//!
//! **What never happens here.** No POST: the mirror only reads. No decision about money: it tells what Stripe says. Nobody
//! else writes the tables of `mirror.db`. An object is never replaced by news that may be older.

mod apply;
mod audit;
mod batch;
mod budget;
mod cancel;
mod catalogue;
mod certificate;
mod difference;
mod dirty;
mod engine;
mod error;
mod estimate;
mod events;
mod fetch;
mod hit;
mod hold;
mod index;
mod index_text;
mod line;
mod log;
mod options;
mod pasted;
mod range;
mod raw;
mod read;
mod receiver;
mod record;
mod related;
mod row;
mod scan;
mod search;
mod sql;
mod stamp;
mod state;
mod status;
mod suspect;
mod sync;
mod told;
mod typed;
mod witness;
mod words;
mod writer;

pub mod governor;
pub mod kind;
pub mod kinds;

use std::sync::atomic::{AtomicBool, AtomicI64};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use tillbook_store::{Clock, Store};
use tokio::sync::Semaphore;

pub use budget::Delay;
pub use cancel::Cancel;
pub use catalogue::CatalogueQuery;
pub use certificate::{BalanceCheck, Certificate, Doubt, Healed, NotCompared, Witness};
pub use error::MirrorError;
pub use hit::Hit;
pub use hold::{Copying, Hold};
pub use log::{Change, Changes};
pub use options::{Changed, Found, Phase, Progress, SyncOptions, SyncReport, Trouble, Windows};
pub use receiver::Delivered;
pub use record::{Fact, Record, Value};
pub use row::{
    BalanceTransactionRow, CatalogueRow, CategoryRow, ChargeRow, PaymentIntentRow, PriceRow, ReaderRow,
    RefundRow, Shown,
};
pub use search::{Hits, SearchQuery, Searched};
pub use status::{Count, Status};
pub use witness::JournalWitness;

/// Stripe's records of one account and mode. Cloning is cheap.
#[derive(Clone)]
pub struct Mirror {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) dictionaries: raw::Dictionaries,
    pub(crate) catalogue: Mutex<catalogue::Catalogue>,
    pub(crate) packers: Mutex<Vec<batch::Packer>>,
    /// Who is told of certificates.
    pub(crate) witness: OnceLock<Arc<dyn Witness>>,
    /// Pages that are taken apart at once. More would only make more threads, each with memory of its own.
    pub(crate) packing: Semaphore,
    /// Stripe's clock as last seen, in seconds, and when that was.
    pub(crate) date: Mutex<Option<(i64, Instant)>>,
    /// Where usual polls read from while much lies behind the far anchor.
    pub(crate) near: Mutex<Option<events::NearMark>>,
    /// Whether this key was asked whose account it reads.
    pub(crate) is_recognised: AtomicBool,
    /// When something last happened here, in seconds of this machine: a closed shop is asked about rarely.
    pub(crate) active_at: AtomicI64,
    /// The account's transactions and tills, as counted last.
    pub(crate) volume: Mutex<budget::Volume>,
    /// Reads for open payments that are not written down yet.
    pub(crate) unbooked: Mutex<budget::Unbooked>,
    /// The till whose copy this is.
    pub(crate) till: OnceLock<String>,
    /// The first pause before something that failed is tried again; each further one is twice as long.
    pub(crate) pause: Duration,
}

impl Mirror {
    /// Of an open store.
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>) -> Mirror {
        Mirror::with_pause(store, clock, Duration::from_millis(200))
    }

    /// The same with another first pause before something that failed is tried again.
    pub fn with_pause(store: Arc<Store>, clock: Arc<dyn Clock>, pause: Duration) -> Mirror {
        // Whoever has just started it is there.
        let active_at = AtomicI64::new(clock.now_ms().div_euclid(1000));
        Mirror {
            inner: Arc::new(Inner {
                store,
                clock,
                dictionaries: raw::Dictionaries::default(),
                catalogue: Mutex::default(),
                packers: Mutex::default(),
                witness: OnceLock::new(),
                packing: Semaphore::new(2),
                date: Mutex::default(),
                near: Mutex::default(),
                is_recognised: AtomicBool::new(false),
                active_at,
                volume: Mutex::default(),
                unbooked: Mutex::default(),
                till: OnceLock::new(),
                pause,
            }),
        }
    }
}
