//! Invoice items: what goes on a draft, or waits for the next one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::common::{self, Created, Discount, Paging};
use super::customers::Customer;
use crate::metadata::Standard;
use crate::resources::calls::{listed, updates};
use crate::tolerant::{identified, null_as_default};
use crate::{Expandable, Metadata, Prepared, Query, Unsendable};

const PATH: &str = "invoiceitems";

/// `POST /v1/invoiceitems`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub customer: String,
    /// A draft; `None` waits for the next invoice.
    pub invoice: Option<String>,
    /// May be negative (a credit).
    pub amount: Option<i64>,
    pub currency: Option<String>,
    /// In place of `amount`.
    pub pricing: Option<Pricing>,
    pub quantity: Option<i64>,
    pub description: Option<String>,
    pub discountable: Option<bool>,
    pub discounts: Vec<Discount>,
    pub period: Option<Period>,
    pub subscription: Option<String>,
    pub tax_behavior: Option<String>,
    pub tax_rates: Vec<String>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

/// A price of the catalogue.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Pricing {
    pub price: String,
}

/// From when to when; unix seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub start: i64,
    pub end: i64,
}

impl Create {
    /// Checks that there is an amount or a price, and the metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        if self.amount.is_some() == self.pricing.is_some() {
            return Err(Unsendable::Param { param: "amount", rule: "or pricing must be given, one of them" });
        }
        common::create(PATH, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `POST /v1/invoiceitems/{id}`: while its invoice is a draft.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub amount: Option<i64>,
    pub quantity: Option<i64>,
    pub description: Option<String>,
    pub discountable: Option<bool>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

updates!(Update, Standard::OTHER);

/// `GET /v1/invoiceitems/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `DELETE /v1/invoiceitems/{id}`.
pub fn delete(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/invoiceitems`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub customer: Option<String>,
    pub invoice: Option<String>,
    /// Those that wait.
    pub pending: Option<bool>,
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

/// An invoice item, or what is left of a deleted one.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct InvoiceItem {
    pub id: String,
    #[serde(default)]
    pub deleted: bool,
    #[serde(default)]
    pub amount: i64,
    #[serde(default)]
    pub currency: String,
    pub customer: Option<Expandable<Customer>>,
    pub description: Option<String>,
    pub invoice: Option<Expandable<super::invoices::Invoice>>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub quantity: i64,
    #[serde(default)]
    pub proration: bool,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(InvoiceItem);
