//! SetupIntents: keeping a card for later without charging it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::common::{self, Created, Paging};
use super::customers::Customer;
use super::payment_intents::{AutomaticPaymentMethods, PaymentError};
use super::payment_methods::PaymentMethod;
use crate::metadata::Standard;
use crate::resources::calls::{acts, listed, updates};
use crate::tolerant::{identified, null_as_default, open_enum};
use crate::{Expandable, Metadata, Prepared, Query, Unsendable};

const PATH: &str = "setup_intents";

/// `POST /v1/setup_intents`, unconfirmed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub customer: Option<String>,
    pub allowed_payment_method_types: Vec<String>,
    pub automatic_payment_methods: Option<AutomaticPaymentMethods>,
    pub description: Option<String>,
    pub payment_method: Option<String>,
    /// `on_session` or `off_session`.
    pub usage: Option<String>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

impl Create {
    /// Checks the metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        common::create(PATH, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `POST /v1/setup_intents/{id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub customer: Option<String>,
    pub description: Option<String>,
    pub payment_method: Option<String>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

updates!(Update, Standard::OTHER);

/// `POST …/confirm`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Confirm {
    pub payment_method: Option<String>,
    pub return_url: Option<String>,
    pub expand: Vec<String>,
}

acts!(Confirm, "confirm");

/// `POST …/cancel`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Cancel {
    /// `abandoned`, `duplicate`, `requested_by_customer`.
    pub cancellation_reason: Option<String>,
    pub expand: Vec<String>,
}

acts!(Cancel, "cancel");

/// `GET /v1/setup_intents/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/setup_intents`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub customer: Option<String>,
    pub payment_method: Option<String>,
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

open_enum! {
    /// Where a SetupIntent stands.
    pub enum Status {
        RequiresPaymentMethod = "requires_payment_method",
        RequiresConfirmation = "requires_confirmation",
        RequiresAction = "requires_action",
        Processing = "processing",
        Succeeded = "succeeded",
        Canceled = "canceled",
    }
}

/// A SetupIntent. `client_secret` is left out on purpose.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SetupIntent {
    pub id: String,
    pub status: Status,
    #[serde(default)]
    pub created: i64,
    pub customer: Option<Expandable<Customer>>,
    pub payment_method: Option<Expandable<PaymentMethod>>,
    pub usage: Option<String>,
    pub cancellation_reason: Option<String>,
    pub last_setup_error: Option<PaymentError>,
    pub next_action: Option<Value>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(SetupIntent);
