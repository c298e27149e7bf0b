//! PaymentIntents: one attempt to take one amount.
//!
//! Creating and charging are two steps. [`Create`] has no `confirm`: a create that was lost can be repeated without
//! harm, and a refused create cannot leave a payment that nobody knows of.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::charges::Charge;
use super::common::{self, Created, Paging, Shipping};
use super::customers::Customer;
use crate::metadata::Standard;
use crate::resources::calls::{acts, listed};
use crate::tolerant::{identified, null_as_default, open_enum};
use crate::{Expandable, Metadata, Prepared, Query, Unsendable};

const PATH: &str = "payment_intents";

/// `POST /v1/payment_intents`, unconfirmed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub amount: i64,
    pub currency: String,
    /// Such as `card_present` for a reader; empty leaves it to the account's settings.
    pub allowed_payment_method_types: Vec<String>,
    pub automatic_payment_methods: Option<AutomaticPaymentMethods>,
    pub capture_method: Option<CaptureMethod>,
    pub customer: Option<String>,
    pub description: Option<String>,
    pub metadata: Metadata,
    pub payment_method: Option<String>,
    pub payment_method_options: Option<Value>,
    pub receipt_email: Option<String>,
    /// `on_session` or `off_session`: keep the card for later.
    pub setup_future_usage: Option<String>,
    pub shipping: Option<Shipping>,
    /// At most 22 characters together with the account's prefix.
    pub statement_descriptor_suffix: Option<String>,
    pub expand: Vec<String>,
}

/// Methods by the account's settings.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AutomaticPaymentMethods {
    pub enabled: bool,
    /// `never` keeps methods out that leave the page, so that no `return_url` is needed.
    pub allow_redirects: Option<String>,
}

open_enum! {
    /// When the money is taken.
    pub enum CaptureMethod {
        Automatic = "automatic",
        AutomaticAsync = "automatic_async",
        Manual = "manual",
    }
}

impl Create {
    /// Checks amount, currency and metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        common::check_amount("amount", self.amount)?;
        common::check_currency(&self.currency)?;
        common::check_length("statement_descriptor_suffix", self.statement_descriptor_suffix.as_deref(), 22)?;
        common::check_length("description", self.description.as_deref(), 1000)?;
        common::create(PATH, self, &self.metadata, Standard::PAYMENT_INTENT, key)
    }
}

/// `POST /v1/payment_intents/{id}`; at most 1,000 an hour.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub customer: Option<String>,
    pub description: Option<String>,
    pub metadata: Metadata,
    pub payment_method: Option<String>,
    pub receipt_email: Option<String>,
    pub setup_future_usage: Option<String>,
    pub shipping: Option<Shipping>,
    pub expand: Vec<String>,
}

impl Update {
    /// Checks amount and metadata.
    pub fn prepare(&self, id: &str, key: &str) -> Result<Prepared, Unsendable> {
        if let Some(amount) = self.amount {
            common::check_amount("amount", amount)?;
        }
        common::update(PATH, id, self, &self.metadata, Standard::PAYMENT_INTENT, key)
    }
}

/// `POST …/confirm`: charges. A lost answer is settled by asking, never by sending this again.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Confirm {
    pub payment_method: Option<String>,
    pub payment_method_options: Option<Value>,
    /// The customer is not there (a saved card).
    pub off_session: Option<bool>,
    /// Fail rather than wait for an authentication.
    pub error_on_requires_action: Option<bool>,
    /// Needed where the customer may be sent to another page.
    pub return_url: Option<String>,
    pub receipt_email: Option<String>,
    pub expand: Vec<String>,
}

acts!(Confirm, "confirm");

/// `POST …/capture`: takes what was authorised, or part of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Capture {
    pub amount_to_capture: Option<i64>,
    pub final_capture: Option<bool>,
    pub statement_descriptor_suffix: Option<String>,
    pub expand: Vec<String>,
}

impl Capture {
    /// For one PaymentIntent.
    pub fn prepare(&self, id: &str, key: &str) -> Result<Prepared, Unsendable> {
        if let Some(amount) = self.amount_to_capture {
            common::check_amount("amount_to_capture", amount)?;
        }
        common::act(PATH, id, "capture", self, key)
    }
}

/// `POST …/cancel`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Cancel {
    /// `duplicate`, `fraudulent`, `requested_by_customer`, `abandoned`.
    pub cancellation_reason: Option<String>,
    pub expand: Vec<String>,
}

acts!(Cancel, "cancel");

/// `GET /v1/payment_intents`: by customer and time only; search is not read-after-write and has no place in a payment.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub customer: Option<String>,
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

/// `GET /v1/payment_intents/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

open_enum! {
    /// Where a PaymentIntent stands.
    pub enum Status {
        RequiresPaymentMethod = "requires_payment_method",
        RequiresConfirmation = "requires_confirmation",
        RequiresAction = "requires_action",
        Processing = "processing",
        RequiresCapture = "requires_capture",
        Succeeded = "succeeded",
        Canceled = "canceled",
    }
}

impl Status {
    /// Nothing more will happen to it.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Canceled)
    }

    /// It can still be paid, and so has to be cancelled before another tender takes its place.
    pub fn can_still_be_paid(&self) -> bool {
        !self.is_final()
    }
}

/// A PaymentIntent, as far as the program looks into it. `client_secret` is left out on purpose.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PaymentIntent {
    pub id: String,
    pub amount: i64,
    /// What was really taken (a tip on the reader changes it).
    #[serde(default)]
    pub amount_received: i64,
    #[serde(default)]
    pub amount_capturable: i64,
    pub currency: String,
    pub status: Status,
    #[serde(default)]
    pub created: i64,
    #[serde(default)]
    pub livemode: bool,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: std::collections::BTreeMap<String, String>,
    pub customer: Option<Expandable<Customer>>,
    pub latest_charge: Option<Expandable<Charge>>,
    pub payment_method: Option<Expandable<super::payment_methods::PaymentMethod>>,
    pub last_payment_error: Option<PaymentError>,
    pub canceled_at: Option<i64>,
    pub cancellation_reason: Option<String>,
    pub capture_method: Option<CaptureMethod>,
    pub description: Option<String>,
    pub next_action: Option<Value>,
}

identified!(PaymentIntent);

/// Why the last try failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PaymentError {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub code: Option<String>,
    pub decline_code: Option<String>,
    pub advice_code: Option<String>,
    pub charge: Option<String>,
}
