//! Payment links: a Checkout page that can be used again and again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::checkout::{LineItem, SubscriptionData};
use super::common::{self, Paging};
use crate::metadata::Standard;
use crate::resources::calls::{listed, updates};
use crate::tolerant::{identified, null_as_default};
use crate::{Form, Metadata, Prepared, Query, Unsendable, request};

const PATH: &str = "payment_links";

/// `POST /v1/payment_links`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub line_items: Vec<LineItem>,
    pub after_completion: Option<AfterCompletion>,
    pub allow_promotion_codes: Option<bool>,
    pub currency: Option<String>,
    pub payment_intent_data: Option<PaymentIntentData>,
    pub subscription_data: Option<SubscriptionData>,
    /// How often it may be paid.
    #[serde(serialize_with = "completed_sessions")]
    pub restrictions: Option<u32>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

/// What a link's PaymentIntents get.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PaymentIntentData {
    pub description: Option<String>,
    pub statement_descriptor_suffix: Option<String>,
    pub metadata: Metadata,
}

/// What the customer sees afterwards.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AfterCompletion {
    /// `hosted_confirmation` or `redirect`.
    #[serde(rename = "type")]
    pub kind: String,
    pub hosted_confirmation: Option<HostedConfirmation>,
    pub redirect: Option<Redirect>,
}

/// A sentence on Stripe's page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct HostedConfirmation {
    pub custom_message: Option<String>,
}

/// Another page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Redirect {
    pub url: String,
}

fn completed_sessions<S: serde::Serializer>(limit: &Option<u32>, serializer: S) -> Result<S::Ok, S::Error> {
    limit.map(|limit| serde_json::json!({"completed_sessions": {"limit": limit}})).serialize(serializer)
}

impl Create {
    /// Checks lines and metadata. A link is paid by many, so its payments cannot carry a sale's keys; they carry what
    /// says where the link came from.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        if self.line_items.is_empty() || self.line_items.iter().any(|line| line.quantity.is_none()) {
            return Err(Unsendable::Param {
                param: "line_items",
                rule: "must be given, each with a quantity",
            });
        }
        if self.line_items.iter().any(|line| !line.tax_rates.is_empty()) {
            return Err(Unsendable::Param {
                param: "line_items",
                rule: "of a payment link take no tax rates",
            });
        }
        if let Some(data) = &self.payment_intent_data {
            data.metadata.check()?;
        }
        if let Some(data) = &self.subscription_data {
            data.metadata.check_new(Standard::SUBSCRIPTION)?;
        }
        common::create(PATH, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `POST /v1/payment_links/{id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub active: Option<bool>,
    pub allow_promotion_codes: Option<bool>,
    pub after_completion: Option<AfterCompletion>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

updates!(Update, Standard::OTHER);

/// `GET /v1/payment_links/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET …/line_items`.
pub fn line_items(id: &str, page: &Paging) -> Result<Query, Unsendable> {
    Ok(Query::new(request::path_of(PATH, id, "line_items")?, Form::of(page)))
}

/// `GET /v1/payment_links`: cannot be asked for by time.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub active: Option<bool>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

/// A payment link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct PaymentLink {
    pub id: String,
    pub url: String,
    #[serde(default)]
    pub active: bool,
    pub currency: Option<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(PaymentLink);
