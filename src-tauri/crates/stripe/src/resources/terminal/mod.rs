//! Terminal: card readers driven by the server. The reader is told what to do; what came of it is asked of the reader
//! (`action`) and of the PaymentIntent, whose word counts.

mod locations;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::locations::{
    CreateLocation, Location, UpdateLocation, delete_location, list_locations, retrieve_location,
};
use super::common::{self, Expand, Paging};
use crate::metadata::Standard;
use crate::tolerant::{identified, null_as_default, open_enum};
use crate::{Expandable, Metadata, Prepared, Query, Unsendable};

const READERS: &str = "terminal/readers";

/// `POST /v1/terminal/readers`: takes a reader in by the code on its screen (`simulated-wpe` in test).
#[derive(Debug, Clone, Default, Serialize)]
pub struct RegisterReader {
    pub registration_code: String,
    pub label: Option<String>,
    pub location: Option<String>,
    pub metadata: Metadata,
}

impl RegisterReader {
    /// Checks the metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        common::create(READERS, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `POST /v1/terminal/readers/{id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UpdateReader {
    pub label: Option<String>,
    pub metadata: Metadata,
}

impl UpdateReader {
    /// For one reader.
    pub fn prepare(&self, id: &str, key: &str) -> Result<Prepared, Unsendable> {
        common::update(READERS, id, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `GET /v1/terminal/readers/{id}`.
pub fn retrieve_reader(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(READERS, id)
}

/// `DELETE /v1/terminal/readers/{id}`.
pub fn delete_reader(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(READERS, id)
}

/// `GET /v1/terminal/readers`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListReaders {
    pub location: Option<String>,
    /// `online` or `offline`.
    pub status: Option<String>,
    #[serde(flatten)]
    pub page: Paging,
}

impl ListReaders {
    /// The page.
    pub fn query(&self) -> Query {
        common::list(READERS, self)
    }
}

/// `POST …/process_payment_intent`: charges. A lost answer is settled by asking, never by sending this again; after a
/// decline the same PaymentIntent goes again with a new key.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProcessPaymentIntent {
    pub payment_intent: String,
    pub process_config: Option<ProcessConfig>,
    pub expand: Vec<String>,
}

/// How the reader asks.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProcessConfig {
    /// A cancel button on the reader.
    pub enable_customer_cancellation: Option<bool>,
    pub skip_tipping: Option<bool>,
    pub tipping: Option<Tipping>,
    /// `always`, `limited`, `unspecified`: may the card be offered again?
    pub allow_redisplay: Option<String>,
}

/// A tip on the reader.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tipping {
    /// What percentages are taken of.
    pub amount_eligible: Option<i64>,
}

impl ProcessPaymentIntent {
    /// On one reader.
    pub fn prepare(&self, reader: &str, key: &str) -> Result<Prepared, Unsendable> {
        common::act(READERS, reader, "process_payment_intent", self, key)
    }
}

/// `POST …/collect_payment_method`: reads the card, charges nothing; [`ConfirmPaymentIntent`] follows.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CollectPaymentMethod {
    pub payment_intent: String,
    pub collect_config: Option<ProcessConfig>,
    pub expand: Vec<String>,
}

impl CollectPaymentMethod {
    /// On one reader.
    pub fn prepare(&self, reader: &str, key: &str) -> Result<Prepared, Unsendable> {
        common::act(READERS, reader, "collect_payment_method", self, key)
    }
}

/// `POST …/confirm_payment_intent`: charges the card that was collected.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ConfirmPaymentIntent {
    pub payment_intent: String,
    pub expand: Vec<String>,
}

impl ConfirmPaymentIntent {
    /// On one reader.
    pub fn prepare(&self, reader: &str, key: &str) -> Result<Prepared, Unsendable> {
        common::act(READERS, reader, "confirm_payment_intent", self, key)
    }
}

/// `POST …/cancel_action`: resets the reader and leaves the PaymentIntent payable.
pub fn cancel_action(reader: &str, key: &str) -> Result<Prepared, Unsendable> {
    common::act(READERS, reader, "cancel_action", &Expand::default(), key)
}

/// `POST …/set_reader_display`: the cart, for the customer to see.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SetReaderDisplay {
    pub cart: Cart,
    #[serde(rename = "type")]
    kind: CartKind,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "snake_case")]
enum CartKind {
    #[default]
    Cart,
}

/// What the reader shows.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Cart {
    pub line_items: Vec<CartLine>,
    pub currency: String,
    pub tax: Option<i64>,
    pub total: i64,
}

/// A line of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CartLine {
    pub description: String,
    pub amount: i64,
    pub quantity: i64,
}

impl SetReaderDisplay {
    /// A cart.
    pub fn cart(cart: Cart) -> Self {
        Self { kind: CartKind::Cart, cart }
    }

    /// On one reader.
    pub fn prepare(&self, reader: &str, key: &str) -> Result<Prepared, Unsendable> {
        common::check_currency(&self.cart.currency)?;
        common::act(READERS, reader, "set_reader_display", self, key)
    }
}

/// `POST …/refund_payment`: a refund that needs the card (Interac).
#[derive(Debug, Clone, Default, Serialize)]
pub struct RefundPayment {
    pub payment_intent: Option<String>,
    pub charge: Option<String>,
    pub amount: Option<i64>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

impl RefundPayment {
    /// On one reader; carries what a refund carries.
    pub fn prepare(&self, reader: &str, key: &str) -> Result<Prepared, Unsendable> {
        self.metadata.check_new(Standard::REFUND)?;
        common::act(READERS, reader, "refund_payment", self, key)
    }
}

open_enum! {
    /// Whether a reader can be reached.
    pub enum ReaderStatus {
        Online = "online",
        Offline = "offline",
    }
}

open_enum! {
    /// Where a reader's action stands.
    pub enum ActionStatus {
        InProgress = "in_progress",
        Succeeded = "succeeded",
        Failed = "failed",
    }
}

/// A reader, or what is left of a deleted one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Reader {
    pub id: String,
    #[serde(default)]
    pub deleted: bool,
    #[serde(default, deserialize_with = "null_as_default")]
    pub label: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub device_type: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub serial_number: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub status: ReaderStatus,
    pub location: Option<Expandable<Location>>,
    pub action: Option<Action>,
    /// Milliseconds.
    pub last_seen_at: Option<i64>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(Reader);

/// What a reader is doing, or did last.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Action {
    /// `process_payment_intent`, `set_reader_display`, `refund_payment`, …
    #[serde(rename = "type")]
    pub kind: String,
    pub status: ActionStatus,
    pub failure_code: Option<String>,
    /// Stripe's text, for logs.
    pub failure_message: Option<String>,
    process_payment_intent: Option<OnIntent>,
    collect_payment_method: Option<OnIntent>,
    confirm_payment_intent: Option<OnIntent>,
    refund_payment: Option<OnIntent>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct OnIntent {
    payment_intent: Option<Expandable<super::payment_intents::PaymentIntent>>,
}

impl Action {
    /// The PaymentIntent it is about. An action is ours only if it names ours: another till may have taken the reader.
    pub fn payment_intent(&self) -> Option<&str> {
        [
            &self.process_payment_intent,
            &self.collect_payment_method,
            &self.confirm_payment_intent,
            &self.refund_payment,
        ]
        .into_iter()
        .flatten()
        .find_map(|on| on.payment_intent.as_ref())
        .map(Expandable::id)
    }
}
