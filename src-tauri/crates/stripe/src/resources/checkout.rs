//! Checkout Sessions: a page of Stripe's that takes a payment, a card to keep, or a subscription. At the counter it is
//! the QR code on the customer's display.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::common::{self, Created, Discount, Expand, Paging};
use super::customers::Customer;
use super::payment_intents::PaymentIntent;
use super::prices::{ProductData, Recurring};
use crate::metadata::Standard;
use crate::resources::calls::listed;
use crate::tolerant::{identified, null_as_default, open_enum};
use crate::{Expandable, Form, Metadata, Prepared, Query, Unsendable, request};

const PATH: &str = "checkout/sessions";

/// What a payment at a counter may be made with: the customer and the till know at once whether it went through.
pub const SETTLES_AT_ONCE: &[&str] = &[
    "card",
    "link",
    "cashapp",
    "paypal",
    "amazon_pay",
    "revolut_pay",
    "ideal",
    "bancontact",
    "blik",
    "twint",
];

open_enum! {
    /// What the page is for.
    pub enum Mode {
        Payment = "payment",
        Setup = "setup",
        Subscription = "subscription",
    }
}

/// `POST /v1/checkout/sessions`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub line_items: Vec<LineItem>,
    pub mode: Mode,
    pub success_url: Option<String>,
    pub cancel_url: Option<String>,
    /// In payment mode, one or more of [`SETTLES_AT_ONCE`].
    pub allowed_payment_method_types: Vec<String>,
    pub currency: Option<String>,
    pub customer: Option<String>,
    pub customer_email: Option<String>,
    /// At most 200 characters; comes back with the session.
    pub client_reference_id: Option<String>,
    pub discounts: Vec<Discount>,
    pub allow_promotion_codes: Option<bool>,
    /// 30 minutes to 24 hours from now.
    pub expires_at: Option<i64>,
    pub locale: Option<String>,
    pub payment_intent_data: Option<PaymentIntentData>,
    pub setup_intent_data: Option<SetupIntentData>,
    pub subscription_data: Option<SubscriptionData>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

/// A line of the page: a price of the catalogue, or one made for it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LineItem {
    pub price: Option<String>,
    pub price_data: Option<PriceData>,
    pub quantity: Option<i64>,
    pub tax_rates: Vec<String>,
}

/// A price for this page alone.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PriceData {
    pub currency: String,
    pub unit_amount: Option<i64>,
    pub product: Option<String>,
    pub product_data: Option<ProductData>,
    pub recurring: Option<Recurring>,
    pub tax_behavior: Option<String>,
}

/// What the session's PaymentIntent gets; the session's own metadata does not reach it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PaymentIntentData {
    pub description: Option<String>,
    pub receipt_email: Option<String>,
    pub setup_future_usage: Option<String>,
    pub statement_descriptor_suffix: Option<String>,
    pub metadata: Metadata,
}

/// What the session's SetupIntent gets.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SetupIntentData {
    pub description: Option<String>,
    pub metadata: Metadata,
}

/// What the session's subscription gets.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SubscriptionData {
    pub description: Option<String>,
    pub trial_period_days: Option<i64>,
    pub metadata: Metadata,
}

impl Create {
    /// Checks the mode's own rules and all the metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        common::check_length("client_reference_id", self.client_reference_id.as_deref(), 200)?;
        let standard = match self.mode {
            Mode::Payment => {
                self.check_payment()?;
                Standard::CHECKOUT_SESSION
            }
            Mode::Subscription => {
                let data = self.subscription_data.as_ref().ok_or(Unsendable::Param {
                    param: "subscription_data",
                    rule: "must carry the subscription's metadata",
                })?;
                data.metadata.check_new(Standard::SUBSCRIPTION)?;
                Standard::CHECKOUT_SUBSCRIPTION
            }
            Mode::Setup | Mode::Other(_) => {
                if let Some(data) = &self.setup_intent_data {
                    data.metadata.check()?;
                }
                Standard::CHECKOUT_SESSION
            }
        };
        common::create(PATH, self, &self.metadata, standard, key)
    }

    fn check_payment(&self) -> Result<(), Unsendable> {
        let data = self.payment_intent_data.as_ref().ok_or(Unsendable::Param {
            param: "payment_intent_data",
            rule: "must carry the payment's metadata",
        })?;
        data.metadata.check_new(Standard::PAYMENT_INTENT)?;
        let types = &self.allowed_payment_method_types;
        if types.is_empty() || types.iter().any(|kind| !SETTLES_AT_ONCE.contains(&kind.as_str())) {
            return Err(Unsendable::Param {
                param: "allowed_payment_method_types",
                rule: "must name methods that settle at once",
            });
        }
        Ok(())
    }
}

/// `POST …/expire`: closes an open page; nobody can pay on it afterwards.
pub fn expire(id: &str, key: &str) -> Result<Prepared, Unsendable> {
    common::act(PATH, id, "expire", &Expand::default(), key)
}

/// `GET /v1/checkout/sessions/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET …/line_items`: the session itself holds the first ten.
pub fn line_items(id: &str, page: &Paging) -> Result<Query, Unsendable> {
    Ok(Query::new(request::path_of(PATH, id, "line_items")?, Form::of(page)))
}

/// `GET /v1/checkout/sessions`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub customer: Option<String>,
    pub payment_intent: Option<String>,
    pub payment_link: Option<String>,
    pub subscription: Option<String>,
    /// `open`, `complete`, `expired`.
    pub status: Option<String>,
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

open_enum! {
    /// Whether the page is open.
    pub enum Status {
        Open = "open",
        Complete = "complete",
        Expired = "expired",
    }
}

open_enum! {
    /// Whether money came.
    pub enum PaymentStatus {
        Paid = "paid",
        Unpaid = "unpaid",
        NoPaymentRequired = "no_payment_required",
    }
}

/// A Checkout Session. `client_secret` is left out on purpose.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Session {
    pub id: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub mode: Mode,
    #[serde(default, deserialize_with = "null_as_default")]
    pub status: Status,
    #[serde(default, deserialize_with = "null_as_default")]
    pub payment_status: PaymentStatus,
    /// Where the customer pays; null once it is closed.
    pub url: Option<String>,
    pub amount_total: Option<i64>,
    pub amount_subtotal: Option<i64>,
    pub currency: Option<String>,
    #[serde(default)]
    pub created: i64,
    #[serde(default)]
    pub expires_at: i64,
    pub customer: Option<Expandable<Customer>>,
    pub payment_intent: Option<Expandable<PaymentIntent>>,
    pub client_reference_id: Option<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(Session);
