//! Disputes: a customer's bank asks for the money back. Evidence can be gathered over days and is submitted once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::balance::BalanceTransaction;
use super::charges::Charge;
use super::common::{self, Created, Expand, Paging};
use super::payment_intents::PaymentIntent;
use crate::metadata::Standard;
use crate::resources::calls::listed;
use crate::tolerant::{identified, null_as_default, open_enum};
use crate::{Expandable, Metadata, Prepared, Query, Unsendable};

const PATH: &str = "disputes";

/// Stripe's limit of all texts together.
const EVIDENCE_LIMIT: usize = 150_000;

/// `POST /v1/disputes/{id}`: puts evidence in; with `submit` it goes to the bank, and nothing can be added after.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub evidence: Option<Evidence>,
    /// `Some(false)` keeps it at Stripe.
    pub submit: Option<bool>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

/// What can be said in words. Files are ids of uploaded ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    pub access_activity_log: Option<String>,
    pub billing_address: Option<String>,
    pub cancellation_policy: Option<String>,
    pub cancellation_policy_disclosure: Option<String>,
    pub cancellation_rebuttal: Option<String>,
    pub customer_communication: Option<String>,
    pub customer_email_address: Option<String>,
    pub customer_name: Option<String>,
    pub customer_signature: Option<String>,
    pub duplicate_charge_documentation: Option<String>,
    pub duplicate_charge_explanation: Option<String>,
    pub duplicate_charge_id: Option<String>,
    pub product_description: Option<String>,
    pub receipt: Option<String>,
    pub refund_policy: Option<String>,
    pub refund_policy_disclosure: Option<String>,
    pub refund_refusal_explanation: Option<String>,
    pub service_date: Option<String>,
    pub service_documentation: Option<String>,
    pub shipping_address: Option<String>,
    pub shipping_carrier: Option<String>,
    pub shipping_date: Option<String>,
    pub shipping_documentation: Option<String>,
    pub shipping_tracking_number: Option<String>,
    pub uncategorized_file: Option<String>,
    pub uncategorized_text: Option<String>,
}

impl Update {
    /// Checks the texts' length and the metadata.
    pub fn prepare(&self, id: &str, key: &str) -> Result<Prepared, Unsendable> {
        let prepared = common::update(PATH, id, self, &self.metadata, Standard::OTHER, key)?;
        // Encoded is never shorter, but plain text is nearly as long; the exact count is Stripe's.
        if prepared.body.len() > EVIDENCE_LIMIT * 3 {
            return Err(Unsendable::Param { param: "evidence", rule: "is longer than 150,000 characters" });
        }
        Ok(prepared)
    }
}

/// `POST …/close`: accepts it as lost. Cannot be undone.
pub fn close(id: &str, key: &str) -> Result<Prepared, Unsendable> {
    common::act(PATH, id, "close", &Expand::default(), key)
}

/// `GET /v1/disputes/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/disputes`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub charge: Option<String>,
    pub payment_intent: Option<String>,
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

open_enum! {
    /// Where a dispute stands; `warning_…` are inquiries, which move no money yet.
    pub enum Status {
        WarningNeedsResponse = "warning_needs_response",
        WarningUnderReview = "warning_under_review",
        WarningClosed = "warning_closed",
        NeedsResponse = "needs_response",
        UnderReview = "under_review",
        Won = "won",
        Lost = "lost",
        Prevented = "prevented",
    }
}

/// A dispute.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Dispute {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub status: Status,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub created: i64,
    pub charge: Option<Expandable<Charge>>,
    pub payment_intent: Option<Expandable<PaymentIntent>>,
    #[serde(default)]
    pub is_charge_refundable: bool,
    #[serde(default)]
    pub balance_transactions: Vec<BalanceTransaction>,
    pub evidence: Option<Evidence>,
    #[serde(default)]
    pub evidence_details: EvidenceDetails,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(Dispute);

/// By when, and how often.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct EvidenceDetails {
    pub due_by: Option<i64>,
    pub has_evidence: bool,
    pub past_due: bool,
    pub submission_count: i64,
}
