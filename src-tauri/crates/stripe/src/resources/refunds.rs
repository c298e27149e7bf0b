//! Refunds: money back to the method that paid. `status` alone says where a refund stands.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::charges::Charge;
use super::common::{self, Created, Paging};
use super::payment_intents::PaymentIntent;
use crate::metadata::Standard;
use crate::resources::calls::{listed, updates};
use crate::tolerant::{identified, null_as_default, open_enum};
use crate::{Expandable, Metadata, Prepared, Query, Unsendable};

const PATH: &str = "refunds";

open_enum! {
    /// Why, in Stripe's three words.
    pub enum Reason {
        Duplicate = "duplicate",
        Fraudulent = "fraudulent",
        RequestedByCustomer = "requested_by_customer",
    }
}

/// `POST /v1/refunds`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub payment_intent: Option<String>,
    pub charge: Option<String>,
    /// `None` is all that is left.
    pub amount: Option<i64>,
    pub reason: Option<Reason>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

impl Create {
    /// Checks the target, the amount and the metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        if self.payment_intent.is_some() == self.charge.is_some() {
            return Err(Unsendable::Param {
                param: "payment_intent",
                rule: "or charge must be given, one of them",
            });
        }
        if let Some(amount) = self.amount {
            common::check_amount("amount", amount)?;
        }
        common::create(PATH, self, &self.metadata, Standard::REFUND, key)
    }
}

/// `POST /v1/refunds/{id}`: metadata is all that can change.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

updates!(Update, Standard::REFUND);

/// `POST …/cancel`: for refunds that wait for the customer (`requires_action`).
pub fn cancel(id: &str, key: &str) -> Result<Prepared, Unsendable> {
    common::act(PATH, id, "cancel", &common::Expand::default(), key)
}

/// `GET /v1/refunds/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/refunds`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub payment_intent: Option<String>,
    pub charge: Option<String>,
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

open_enum! {
    /// Where a refund stands. One that succeeded may fail later.
    pub enum Status {
        Pending = "pending",
        RequiresAction = "requires_action",
        Succeeded = "succeeded",
        Failed = "failed",
        Canceled = "canceled",
    }
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Refund {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub status: Status,
    #[serde(default)]
    pub created: i64,
    pub charge: Option<Expandable<Charge>>,
    pub payment_intent: Option<Expandable<PaymentIntent>>,
    pub reason: Option<Reason>,
    pub failure_reason: Option<String>,
    pub pending_reason: Option<String>,
    pub balance_transaction: Option<Expandable<super::balance::BalanceTransaction>>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(Refund);
