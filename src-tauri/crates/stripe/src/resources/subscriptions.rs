//! Subscriptions: what a customer pays again and again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::common::{self, Created, Discount, OrUnset, Paging};
use super::customers::Customer;
use super::invoices::Invoice;
use super::prices::Price;
use crate::metadata::Standard;
use crate::resources::calls::{acts, listed, updates};
use crate::tolerant::{identified, null_as_default, open_enum};
use crate::{Expandable, Form, List, Metadata, Prepared, Query, Unsendable};

const PATH: &str = "subscriptions";

open_enum! {
    /// What happens to the time already paid when something changes.
    pub enum Proration {
        CreateProrations = "create_prorations",
        AlwaysInvoice = "always_invoice",
        None = "none",
    }
}

/// What is subscribed to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewItem {
    pub price: String,
    pub quantity: Option<i64>,
    pub tax_rates: Vec<String>,
    pub metadata: Metadata,
}

/// `POST /v1/subscriptions`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub customer: String,
    pub items: Vec<NewItem>,
    pub cancel_at_period_end: Option<bool>,
    /// `charge_automatically` or `send_invoice`.
    pub collection_method: Option<String>,
    /// With `send_invoice`.
    pub days_until_due: Option<i64>,
    pub default_payment_method: Option<String>,
    pub default_tax_rates: Vec<String>,
    pub description: Option<String>,
    pub discounts: Vec<Discount>,
    /// `default_incomplete` waits for the first payment.
    pub payment_behavior: Option<String>,
    pub off_session: Option<bool>,
    pub trial_period_days: Option<i64>,
    pub trial_end: Option<i64>,
    pub trial_settings: Option<TrialSettings>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

/// What happens when a trial ends and there is no card.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TrialSettings {
    pub end_behavior: EndBehavior,
}

/// `cancel`, `create_invoice` or `pause`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EndBehavior {
    pub missing_payment_method: String,
}

impl Create {
    /// Checks items and metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        if self.items.is_empty() || self.items.len() > 20 {
            return Err(Unsendable::Param { param: "items", rule: "must be 1 to 20" });
        }
        for item in &self.items {
            item.metadata.check()?;
        }
        common::create(PATH, self, &self.metadata, Standard::SUBSCRIPTION, key)
    }
}

/// A change to what is subscribed to: another price, another quantity, one more, one less.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChangedItem {
    /// Of an item that is there.
    pub id: Option<String>,
    pub price: Option<String>,
    pub quantity: Option<i64>,
    pub deleted: Option<bool>,
}

/// `POST /v1/subscriptions/{id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub items: Vec<ChangedItem>,
    pub proration_behavior: Option<Proration>,
    /// So that what was previewed is what is charged.
    pub proration_date: Option<i64>,
    pub cancel_at_period_end: Option<bool>,
    pub default_payment_method: Option<String>,
    pub description: Option<String>,
    pub discounts: Option<OrUnset<Vec<Discount>>>,
    pub pause_collection: Option<OrUnset<PauseCollection>>,
    pub payment_behavior: Option<String>,
    pub off_session: Option<bool>,
    pub trial_end: Option<TrialEnd>,
    pub cancellation_details: Option<CancellationDetails>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

/// Invoices go on, money is not collected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseCollection {
    /// `keep_as_draft`, `mark_uncollectible`, `void`.
    pub behavior: String,
    pub resumes_at: Option<i64>,
}

/// When a trial ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialEnd {
    /// At once.
    Now,
    /// Unix seconds.
    At(i64),
}

impl Serialize for TrialEnd {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Now => serializer.serialize_str("now"),
            Self::At(time_s) => serializer.serialize_i64(*time_s),
        }
    }
}

updates!(Update, Standard::SUBSCRIPTION);

/// `POST …/pause`: nothing runs and nothing is invoiced until it is resumed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Pause {
    /// There is one kind so far.
    #[serde(rename = "type")]
    pub kind: PauseKind,
    /// `invoice` or `pending_invoice_item`.
    pub invoicing_behavior: Option<String>,
    pub expand: Vec<String>,
}

/// What is paused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseKind {
    #[default]
    Subscription,
}

acts!(Pause, "pause");

/// `POST …/resume`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Resume {
    pub billing_cycle_anchor: Option<Anchor>,
    pub proration_behavior: Option<Proration>,
    pub expand: Vec<String>,
}

/// `now` or `unchanged`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Anchor {
    #[serde(rename = "type")]
    pub kind: String,
}

acts!(Resume, "resume");

/// `DELETE /v1/subscriptions/{id}`: ends now. At the end of the period: [`Update::cancel_at_period_end`].
#[derive(Debug, Clone, Default, Serialize)]
pub struct CancelNow {
    pub invoice_now: Option<bool>,
    pub prorate: Option<bool>,
    pub cancellation_details: Option<CancellationDetails>,
}

/// Why somebody left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CancellationDetails {
    pub comment: Option<String>,
    /// `too_expensive`, `unused`, `missing_features`, `switched_service`, …
    pub feedback: Option<String>,
}

impl CancelNow {
    /// For [`Client::delete`](crate::Client::delete).
    pub fn query(&self, id: &str) -> Result<Query, Unsendable> {
        Ok(Query::new(crate::request::path_of(PATH, id, "")?, Form::of(self)))
    }
}

/// `GET /v1/subscriptions/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/subscriptions`; without `status=all` canceled ones are left out.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub customer: Option<String>,
    pub price: Option<String>,
    pub status: Option<String>,
    pub created: Option<Created>,
    pub test_clock: Option<String>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

open_enum! {
    /// Where a subscription stands.
    pub enum Status {
        Active = "active",
        Trialing = "trialing",
        PastDue = "past_due",
        Canceled = "canceled",
        Unpaid = "unpaid",
        Incomplete = "incomplete",
        IncompleteExpired = "incomplete_expired",
        Paused = "paused",
    }
}

impl Status {
    /// Whether the customer may have what they subscribed to. `past_due` may, with a warning.
    pub fn grants_access(&self) -> bool {
        matches!(self, Self::Active | Self::Trialing | Self::PastDue)
    }
}

/// A subscription. Periods live on its items.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Subscription {
    pub id: String,
    pub status: Status,
    pub customer: Option<Expandable<Customer>>,
    pub currency: Option<String>,
    #[serde(default)]
    pub created: i64,
    #[serde(default)]
    pub start_date: i64,
    #[serde(default)]
    pub cancel_at_period_end: bool,
    pub cancel_at: Option<i64>,
    pub canceled_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub trial_end: Option<i64>,
    pub collection_method: Option<String>,
    pub items: List<Item>,
    pub latest_invoice: Option<Expandable<Invoice>>,
    pub pause_collection: Option<PauseCollection>,
    pub cancellation_details: Option<CancellationDetails>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

/// One of the things subscribed to, or what is left of a deleted one.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Item {
    pub id: String,
    #[serde(default)]
    pub deleted: bool,
    #[serde(default)]
    pub subscription: String,
    pub price: Option<Price>,
    pub quantity: Option<i64>,
    pub current_period_start: Option<i64>,
    pub current_period_end: Option<i64>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(Subscription, Item);
