//! Stripe's HTTP API: requests, errors, idempotency, paging, signatures.
//!
//! **What the room is for.** It turns what the program wants into the bytes Stripe expects, sends them, and turns
//! every answer (or the lack of one) into a value that says what to do next.
//!
//! **What may come in.** Keys ([`ApiKey`]), an address ([`Endpoint`]), parameters ([`Form`], the `Create` and `List`
//! structs of each resource), and what was written down before sending ([`Prepared`]).
//!
//! **What never happens here.**
//! - No database, no clock of its own, no decision about money.
//! - A POST whose answer was lost is never sent again by this crate: it is [`Error::OutcomeUnknown`], and the till
//!   settles it by asking.
//! - A live key never leaves for another address than Stripe's, and a practice key never reaches Stripe.
//! - No key, no body, no `client_secret` and no card number gets into a log line or an error text.

mod client;
mod endpoint;
mod error;
mod form;
mod key;
mod metadata;
mod options;
mod pace;
mod problem;
mod reply;
mod request;
mod retry;
mod scrub;
mod send;
mod tolerant;

pub mod declines;
pub mod permissions;
pub mod webhook;

// Fields of parameter structs and views carry Stripe's own names and Stripe's own meaning; repeating its reference
// here would only let the two drift apart. Where a rule of ours is attached to a field, it is documented.
#[allow(missing_docs)]
mod resources;

pub use client::Client;
pub use endpoint::{Endpoint, EndpointError};
pub use error::{Error, Lost, NextStep, NoAnswer};
pub use form::Form;
pub use key::{ApiKey, KeyError, KeyKind, KeyMode};
pub use metadata::{Metadata, MetadataError};
pub use options::{ClientOptions, ConfigError};
pub use pace::Pace;
pub use problem::Problem;
pub use reply::Reply;
pub use request::{Prepared, Query, Unsendable};
pub use resources::*;
pub use retry::{SystemTiming, Timing};
pub use tolerant::{Expandable, List, RawList};

/// The one version of Stripe's API this program speaks; sent with every request.
pub const API_VERSION: &str = "2026-10-28.endive";
