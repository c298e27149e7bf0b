//! What a practice Stripe is started with, and why it may refuse to start.

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::{Clock, SystemClock};

/// How large a shop the fresh state has. Where a number is absent the start shop's own is used: about 40 products,
/// two weeks of sales.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShopSpec {
    /// Products in the catalogue, at most 100,000.
    pub products: Option<u32>,
    /// Past payments, at most 1,000,000.
    pub payments: Option<u32>,
    /// Days the past payments are spread over.
    pub days: Option<u32>,
}

/// What [`crate::Practice::start`] is given. `..Default::default()` is the start shop in memory on a random port.
#[derive(Debug, Clone)]
pub struct PracticeOptions {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The folder that keeps the state; `None` keeps it in memory alone.
    pub data: Option<PathBuf>,
    /// Throws the kept state away and starts anew.
    pub reset: bool,
    /// The shop of a fresh state.
    pub shop: ShopSpec,
    /// Makes keys, ids and the shop repeatable; `None` asks the machine for randomness.
    pub seed: Option<u64>,
    /// Faults to begin with, as the JSON that `POST /_practice/faults` takes.
    pub faults: Option<String>,
    /// Requests per second before Stripe's 429; `None` is no limit.
    pub rate: Option<u32>,
    /// A loopback URL that every event is posted to, signed with [`crate::Running::webhook_secret`].
    pub forward_to: Option<String>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
}

impl Default for PracticeOptions {
    fn default() -> Self {
        Self {
            port: 0,
            data: None,
            reset: false,
            shop: ShopSpec::default(),
            seed: None,
            faults: None,
            rate: None,
            forward_to: None,
            clock: Arc::new(SystemClock),
        }
    }
}

/// Why the practice Stripe did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PracticeError {
    /// Another program listens there.
    #[error("port {port} on 127.0.0.1 is in use by another program")]
    PortInUse {
        /// The port that was asked for.
        port: u16,
    },
    /// The port cannot be listened on for another reason.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The folder of the state cannot be read or written.
    #[error("the practice state in {path} cannot be used: {source}")]
    State {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another practice Stripe uses the same folder.
    #[error("the practice state in {path} is used by another practice Stripe")]
    StateInUse {
        /// The folder.
        path: PathBuf,
    },
    /// The kept state is not one of ours or is damaged beyond its torn tail.
    #[error("the practice state in {path} is damaged: {what}; start it with reset to begin anew")]
    StateDamaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// The options contradict themselves or go beyond what is served.
    #[error("{0}")]
    Options(String),
    /// The machine gave no randomness or no thread.
    #[error("the practice Stripe could not be started: {0}")]
    System(String),
}
