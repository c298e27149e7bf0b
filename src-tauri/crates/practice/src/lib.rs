//! The Stripe that lives inside the program: a stateful server on loopback that speaks Stripe's API.
//!
//! What it is for: learning, demonstrating and testing the till without an account at Stripe. What may come in:
//! HTTP requests as Stripe's own clients send them, and [`PracticeOptions`]. What never happens there: it shares no
//! type with the client (it is the second opinion on it), never listens beyond 127.0.0.1, never takes a real key and
//! never sends anything to the network.

// Stripe's larger objects are written out whole.
#![recursion_limit = "512"]

mod api;
pub mod cards;
mod clock;
mod facts;
mod http;
mod options;
mod resources;
mod running;
mod shop;
mod world;

pub use clock::{Clock, ManualClock, SystemClock};
pub use options::{PracticeError, PracticeOptions, ShopSpec};
pub use running::Running;

/// The practice Stripe. [`Practice::start`] is the one way in.
#[derive(Debug)]
pub struct Practice;

impl Practice {
    /// Opens (or makes) the state, binds `127.0.0.1` and serves on a thread of its own until [`Running`] is stopped
    /// or dropped.
    pub fn start(options: PracticeOptions) -> Result<Running, PracticeError> {
        running::start(options)
    }
}

/// Every operation of Stripe's API that is served, as `POST /v1/customers/{customer}`.
pub fn operations() -> Vec<String> {
    resources::routes().map(api::route::Route::operation).collect()
}
