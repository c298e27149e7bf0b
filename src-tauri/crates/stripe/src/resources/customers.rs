//! Customers. Made when somebody first pays by name, never for every passer-by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::common::{self, Address, Created, Paging, Shipping};
use crate::metadata::Standard;
use crate::resources::calls::listed;
use crate::tolerant::{identified, null_as_default};
use crate::{Form, Metadata, Prepared, Query, Unsendable};

const PATH: &str = "customers";

/// `POST /v1/customers`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub description: Option<String>,
    pub address: Option<Address>,
    pub shipping: Option<Shipping>,
    pub payment_method: Option<String>,
    pub invoice_settings: Option<InvoiceSettings>,
    pub preferred_locales: Vec<String>,
    /// `none`, `exempt`, `reverse`.
    pub tax_exempt: Option<String>,
    pub metadata: Metadata,
    /// Practice and test only.
    pub test_clock: Option<String>,
    pub expand: Vec<String>,
}

/// What a customer's invoices begin with.
#[derive(Debug, Clone, Default, Serialize)]
pub struct InvoiceSettings {
    /// An empty text unsets it.
    pub default_payment_method: Option<String>,
    pub footer: Option<String>,
}

impl Create {
    /// Checks the metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        common::check_length("email", self.email.as_deref(), 512)?;
        common::create(PATH, self, &self.metadata, Standard::CUSTOMER, key)
    }
}

/// `POST /v1/customers/{id}`; an empty text unsets a field.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub description: Option<String>,
    pub address: Option<Address>,
    pub shipping: Option<Shipping>,
    pub invoice_settings: Option<InvoiceSettings>,
    pub preferred_locales: Vec<String>,
    pub tax_exempt: Option<String>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

impl Update {
    /// For one customer.
    pub fn prepare(&self, id: &str, key: &str) -> Result<Prepared, Unsendable> {
        common::check_length("email", self.email.as_deref(), 512)?;
        common::update(PATH, id, self, &self.metadata, Standard::CUSTOMER, key)
    }
}

/// `GET /v1/customers/{id}`; a deleted one reads with `deleted: true`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `DELETE /v1/customers/{id}`: for ever, and cancels what they subscribed to.
pub fn delete(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/customers`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    /// Exact, and case-sensitive.
    pub email: Option<String>,
    pub created: Option<Created>,
    pub test_clock: Option<String>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

/// `GET /v1/customers/search`: for people who look for a name. It lags behind by seconds to minutes, so nothing that
/// moves money may rest on it.
pub fn search_for_people(words: &str, limit: u8) -> Query {
    // Quotes and backslashes would end the text of the query language.
    let safe: String = words.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).take(100).collect();
    let query = format!("name~'{safe}' OR email~'{safe}' OR phone~'{safe}'");
    Query::new("/v1/customers/search", Form::new().with("query", query).with("limit", limit))
}

/// A customer, or what is left of a deleted one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Customer {
    pub id: String,
    #[serde(default)]
    pub deleted: bool,
    #[serde(default)]
    pub created: i64,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub description: Option<String>,
    pub address: Option<Address>,
    pub shipping: Option<Shipping>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub balance: i64,
    pub currency: Option<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub delinquent: bool,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(Customer);
