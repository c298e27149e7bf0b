//! Invoices: drafted, finalised, sent, paid, voided. What is on them are invoice items and the lines they become.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::common::{self, Created, Discount, Expand, Paging};
use super::customers::Customer;
use super::subscriptions::{ChangedItem, Proration, TrialEnd};
use crate::metadata::Standard;
use crate::resources::calls::{acts, listed, updates};
use crate::tolerant::{identified, null_as_default, open_enum};
use crate::{Expandable, Form, List, Metadata, Prepared, Query, Unsendable, request};

const PATH: &str = "invoices";

/// `POST /v1/invoices`: a draft.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub customer: String,
    /// Whether Stripe finalises and collects by itself.
    pub auto_advance: Option<bool>,
    /// `charge_automatically` or `send_invoice`.
    pub collection_method: Option<String>,
    pub currency: Option<String>,
    pub days_until_due: Option<i64>,
    pub due_date: Option<i64>,
    pub default_payment_method: Option<String>,
    pub default_tax_rates: Vec<String>,
    pub description: Option<String>,
    pub discounts: Vec<Discount>,
    pub footer: Option<String>,
    /// `include` takes in the items that wait.
    pub pending_invoice_items_behavior: Option<String>,
    pub subscription: Option<String>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

impl Create {
    /// Checks the metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        common::create(PATH, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `POST /v1/invoices/{id}`: much of it while it is a draft only.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub auto_advance: Option<bool>,
    pub collection_method: Option<String>,
    pub days_until_due: Option<i64>,
    pub due_date: Option<i64>,
    pub default_payment_method: Option<String>,
    pub description: Option<String>,
    pub footer: Option<String>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

updates!(Update, Standard::OTHER);

/// `POST …/finalize`: gives it a number; its amounts never change again.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Finalize {
    pub auto_advance: Option<bool>,
    pub expand: Vec<String>,
}

acts!(Finalize, "finalize");

/// `POST …/pay`: charges. A lost answer is settled by asking, never by sending this again.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Pay {
    pub payment_method: Option<String>,
    pub off_session: Option<bool>,
    /// Paid in cash, for instance: no card is charged.
    pub paid_out_of_band: Option<bool>,
    pub expand: Vec<String>,
}

acts!(Pay, "pay");

/// `POST …/send`: by e-mail.
pub fn send(id: &str, key: &str) -> Result<Prepared, Unsendable> {
    common::act(PATH, id, "send", &Expand::default(), key)
}

/// `POST …/void`: as if it had never been, with its number kept.
pub fn void(id: &str, key: &str) -> Result<Prepared, Unsendable> {
    common::act(PATH, id, "void", &Expand::default(), key)
}

/// `POST …/mark_uncollectible`.
pub fn mark_uncollectible(id: &str, key: &str) -> Result<Prepared, Unsendable> {
    common::act(PATH, id, "mark_uncollectible", &Expand::default(), key)
}

/// `DELETE /v1/invoices/{id}`: a draft.
pub fn delete_draft(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/invoices/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET …/lines`: the invoice itself holds the first ten.
pub fn lines(id: &str, page: &Paging) -> Result<Query, Unsendable> {
    Ok(Query::new(request::path_of(PATH, id, "lines")?, Form::of(page)))
}

/// `GET /v1/invoices`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub customer: Option<String>,
    pub subscription: Option<String>,
    /// `draft`, `open`, `paid`, `uncollectible`, `void`.
    pub status: Option<String>,
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

/// `GET /v1/invoice_payments`: what paid an invoice (its `payment_intent` field is gone since the basil versions).
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListPayments {
    pub invoice: Option<String>,
    /// `open`, `paid`, `canceled`.
    pub status: Option<String>,
    #[serde(flatten)]
    pub page: Paging,
}

impl ListPayments {
    /// The page.
    pub fn query(&self) -> Query {
        common::list("invoice_payments", self)
    }
}

/// `POST /v1/invoices/create_preview`: what a change would cost. Changes nothing, so any key will do.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Preview {
    pub customer: Option<String>,
    pub currency: Option<String>,
    pub subscription: Option<String>,
    pub subscription_details: Option<PreviewDetails>,
    pub invoice_items: Vec<PreviewItem>,
    pub discounts: Vec<Discount>,
    /// `next` or `recurring`.
    pub preview_mode: Option<String>,
    pub expand: Vec<String>,
}

/// The subscription as it would be.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PreviewDetails {
    pub items: Vec<ChangedItem>,
    pub cancel_at_period_end: Option<bool>,
    pub cancel_now: Option<bool>,
    pub proration_behavior: Option<Proration>,
    pub proration_date: Option<i64>,
    pub trial_end: Option<TrialEnd>,
}

/// A line that would be on it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PreviewItem {
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub description: Option<String>,
    pub price: Option<String>,
    pub quantity: Option<i64>,
}

impl Preview {
    /// Ready to be sent.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        Prepared::new("/v1/invoices/create_preview", &Form::of(self), key)
    }
}

open_enum! {
    /// Where an invoice stands.
    pub enum Status {
        Draft = "draft",
        Open = "open",
        Paid = "paid",
        Uncollectible = "uncollectible",
        Void = "void",
    }
}

/// An invoice, or what is left of a deleted draft. A preview has no id.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Invoice {
    #[serde(default, deserialize_with = "null_as_default")]
    pub id: String,
    #[serde(default)]
    pub deleted: bool,
    #[serde(default, deserialize_with = "null_as_default")]
    pub status: Status,
    pub number: Option<String>,
    pub customer: Option<Expandable<Customer>>,
    #[serde(default)]
    pub currency: String,
    #[serde(default)]
    pub amount_due: i64,
    #[serde(default)]
    pub amount_paid: i64,
    #[serde(default)]
    pub amount_remaining: i64,
    #[serde(default)]
    pub subtotal: i64,
    #[serde(default)]
    pub total: i64,
    #[serde(default)]
    pub attempt_count: i64,
    pub auto_advance: Option<bool>,
    pub billing_reason: Option<String>,
    pub collection_method: Option<String>,
    #[serde(default)]
    pub created: i64,
    pub due_date: Option<i64>,
    pub next_payment_attempt: Option<i64>,
    pub hosted_invoice_url: Option<String>,
    pub invoice_pdf: Option<String>,
    pub description: Option<String>,
    pub lines: Option<List<Line>>,
    pub parent: Option<Parent>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

/// Where an invoice came from.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Parent {
    #[serde(rename = "type")]
    pub kind: String,
    pub subscription_details: Option<ParentSubscription>,
}

/// The subscription it is for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ParentSubscription {
    pub subscription: Option<Expandable<serde_json::Value>>,
    #[serde(deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Line {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub description: Option<String>,
    pub quantity: Option<i64>,
    #[serde(default)]
    pub discountable: bool,
    pub period: Option<super::invoice_items::Period>,
}

identified!(Invoice, Line);
