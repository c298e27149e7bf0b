//! Charges: what a PaymentIntent did. Made by confirming, never by hand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::balance::BalanceTransaction;
use super::common::{self, Created, Paging, Shipping};
use super::customers::Customer;
use super::payment_intents::PaymentIntent;
use crate::metadata::Standard;
use crate::resources::calls::{listed, updates};
use crate::tolerant::{identified, null_as_default, open_enum};
use crate::{Expandable, Metadata, Query, Unsendable};

const PATH: &str = "charges";

/// `POST /v1/charges/{id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub customer: Option<String>,
    pub description: Option<String>,
    pub metadata: Metadata,
    /// Sends Stripe's own receipt.
    pub receipt_email: Option<String>,
    pub shipping: Option<Shipping>,
    pub expand: Vec<String>,
}

updates!(Update, Standard::OTHER);

/// `GET /v1/charges/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/charges`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub customer: Option<String>,
    pub payment_intent: Option<String>,
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

open_enum! {
    /// Where a charge stands.
    pub enum Status {
        Succeeded = "succeeded",
        Pending = "pending",
        Failed = "failed",
    }
}

/// A charge.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Charge {
    pub id: String,
    pub amount: i64,
    #[serde(default)]
    pub amount_captured: i64,
    #[serde(default)]
    pub amount_refunded: i64,
    pub currency: String,
    pub status: Status,
    #[serde(default)]
    pub created: i64,
    #[serde(default)]
    pub paid: bool,
    #[serde(default)]
    pub captured: bool,
    /// True for a full refund only; refunds themselves say more.
    #[serde(default)]
    pub refunded: bool,
    #[serde(default)]
    pub disputed: bool,
    /// May be null for a moment after the payment.
    pub balance_transaction: Option<Expandable<BalanceTransaction>>,
    pub customer: Option<Expandable<Customer>>,
    pub payment_intent: Option<Expandable<PaymentIntent>>,
    pub failure_code: Option<String>,
    pub receipt_url: Option<String>,
    pub outcome: Option<Outcome>,
    /// By type; [`Charge::card`] finds the card in it.
    pub payment_method_details: Option<Value>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(Charge);

/// What the bank and Stripe's risk rules said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Outcome {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub network_status: Option<String>,
    pub reason: Option<String>,
    pub risk_level: Option<String>,
}

/// What may be shown and kept of a card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Card {
    pub brand: Option<String>,
    pub last4: Option<String>,
    pub exp_month: Option<i64>,
    pub exp_year: Option<i64>,
}

impl Charge {
    /// The card that paid, at a reader or in a page.
    pub fn card(&self) -> Option<Card> {
        let details = self.payment_method_details.as_ref()?;
        ["card_present", "interac_present", "card"]
            .iter()
            .find_map(|kind| details.get(kind).filter(|card| card.is_object()))
            .and_then(|card| Card::deserialize(card).ok())
    }
}
