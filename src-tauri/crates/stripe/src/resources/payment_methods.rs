//! Payment methods: what a customer may pay with again. Numbers never come through here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::charges::Card;
use super::common::{self, Address, Expand, Paging};
use super::customers::Customer;
use crate::metadata::Standard;
use crate::resources::calls::{acts, updates};
use crate::tolerant::{identified, null_as_default};
use crate::{Expandable, Form, Metadata, Prepared, Query, Unsendable, request};

const PATH: &str = "payment_methods";

/// `POST …/attach`: to a customer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Attach {
    pub customer: String,
    pub expand: Vec<String>,
}

acts!(Attach, "attach");

/// `POST …/detach`: from its customer, for good.
pub fn detach(id: &str, key: &str) -> Result<Prepared, Unsendable> {
    common::act(PATH, id, "detach", &Expand::default(), key)
}

/// `POST /v1/payment_methods/{id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub billing_details: Option<BillingDetails>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

updates!(Update, Standard::OTHER);

/// `GET /v1/payment_methods/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/customers/{customer}/payment_methods`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListOfCustomer {
    /// Such as `card`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    #[serde(flatten)]
    pub page: Paging,
}

impl ListOfCustomer {
    /// The page.
    pub fn query(&self, customer: &str) -> Result<Query, Unsendable> {
        Ok(Query::new(request::path_of("customers", customer, PATH)?, Form::of(self)))
    }
}

/// Whose card it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BillingDetails {
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub address: Option<Address>,
}

/// A payment method.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PaymentMethod {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub created: i64,
    pub customer: Option<Expandable<Customer>>,
    pub card: Option<Card>,
    pub card_present: Option<Card>,
    pub billing_details: Option<BillingDetails>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(PaymentMethod);
