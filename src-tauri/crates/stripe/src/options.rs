//! How the client behaves, with defaults that suit a till.

use std::sync::Arc;
use std::time::Duration;

use crate::retry::{SystemTiming, Timing};

/// Settings of a [`Client`](crate::Client).
#[derive(Clone)]
pub struct ClientOptions {
    /// Until a connection stands. 10 s.
    pub connect_timeout: Duration,
    /// Between two pieces of an answer, and until its first. 60 s: Stripe may wait for a bank that long.
    pub read_timeout: Duration,
    /// From the first byte out to the last byte in. 80 s, as the official SDKs have it.
    pub whole_timeout: Duration,
    /// An answer larger than this is refused. 64 MB.
    pub body_limit_bytes: usize,
    /// How often a GET is sent again after a failure that may pass. 3.
    pub get_retries: u32,
    /// How often a POST is sent again after an answer that says it was not processed (`lock_timeout`) or when no
    /// connection could be made. 3.
    pub unprocessed_retries: u32,
    /// Sleeping and jitter; tests pass their own.
    pub timing: Arc<dyn Timing>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            whole_timeout: Duration::from_secs(80),
            body_limit_bytes: 64 * 1024 * 1024,
            get_retries: 3,
            unprocessed_retries: 3,
            timing: Arc::new(SystemTiming::default()),
        }
    }
}

/// Why a client is refused. Never holds a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A `pk_` key.
    #[error("a publishable key (pk_) cannot take payments; use a secret (sk_) or restricted (rk_) key")]
    PublishableKey,
    /// A live key with another address than Stripe's.
    #[error("a live key is only ever sent to https://api.stripe.com")]
    LiveKeyElsewhere,
    /// A practice key with Stripe's address.
    #[error("a practice key means nothing to Stripe; practice mode stays on this machine")]
    PracticeKeyAtStripe,
    /// A new key of the other mode.
    #[error("the new key is for the other mode; test and live never mix in one data folder")]
    OtherMode,
    /// The operating system would not give what an HTTP client needs (certificates, for instance).
    #[error("the HTTP client could not be set up: {0}")]
    Http(String),
}
