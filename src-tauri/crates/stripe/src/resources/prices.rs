//! Prices: how a product is sold. The program names them by lookup key, so that a new price can take an old one's
//! place without anybody noticing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::common::{self, Created, Paging};
use super::products::Product;
use crate::metadata::Standard;
use crate::resources::calls::listed;
use crate::tolerant::{identified, null_as_default, open_enum};
use crate::{Expandable, Metadata, Prepared, Query, Unsendable};

const PATH: &str = "prices";

/// Stripe's limit of a lookup key.
const LOOKUP_KEY_LIMIT: usize = 200;
/// How many lookup keys one list may ask for.
pub const LOOKUP_KEYS_PER_LIST: usize = 10;

/// `POST /v1/prices`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub currency: String,
    pub unit_amount: Option<i64>,
    pub product: Option<String>,
    pub product_data: Option<ProductData>,
    pub active: Option<bool>,
    pub lookup_key: Option<String>,
    /// Takes the lookup key away from the price that has it.
    pub transfer_lookup_key: Option<bool>,
    pub nickname: Option<String>,
    pub recurring: Option<Recurring>,
    /// `inclusive`, `exclusive`, `unspecified`.
    pub tax_behavior: Option<String>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

/// A product made together with its price.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProductData {
    pub name: String,
    pub metadata: Metadata,
    pub tax_code: Option<String>,
    pub unit_label: Option<String>,
}

/// How often a subscription pays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurring {
    /// `day`, `week`, `month`, `year`.
    pub interval: String,
    pub interval_count: Option<i64>,
    /// `licensed` or `metered`.
    pub usage_type: Option<String>,
}

impl Create {
    /// Checks currency, amount, product and metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        common::check_currency(&self.currency)?;
        if self.unit_amount.is_some_and(|minor| !(0..=99_999_999).contains(&minor)) {
            return Err(Unsendable::Param { param: "unit_amount", rule: "must be 0 to 99999999" });
        }
        if self.product.is_some() == self.product_data.is_some() {
            return Err(Unsendable::Param {
                param: "product",
                rule: "or product_data must be given, one of them",
            });
        }
        if let Some(data) = &self.product_data {
            data.metadata.check()?;
        }
        common::check_length("lookup_key", self.lookup_key.as_deref(), LOOKUP_KEY_LIMIT)?;
        common::create(PATH, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `POST /v1/prices/{id}`: amounts never change; make a new price and transfer the lookup key.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub active: Option<bool>,
    pub lookup_key: Option<String>,
    pub transfer_lookup_key: Option<bool>,
    pub nickname: Option<String>,
    pub tax_behavior: Option<String>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

impl Update {
    /// For one price.
    pub fn prepare(&self, id: &str, key: &str) -> Result<Prepared, Unsendable> {
        common::check_length("lookup_key", self.lookup_key.as_deref(), LOOKUP_KEY_LIMIT)?;
        common::update(PATH, id, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `GET /v1/prices/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/prices`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub active: Option<bool>,
    pub currency: Option<String>,
    pub product: Option<String>,
    /// At most [`LOOKUP_KEYS_PER_LIST`].
    pub lookup_keys: Vec<String>,
    /// `one_time` or `recurring`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

/// Lists by lookup key with their products, ten keys to a request.
pub fn by_lookup_keys(lookup_keys: &[String]) -> Vec<Query> {
    lookup_keys
        .chunks(LOOKUP_KEYS_PER_LIST)
        .map(|keys| {
            let page =
                Paging { limit: Some(100), expand: vec!["data.product".to_owned()], ..Paging::default() };
            ListParams { lookup_keys: keys.to_vec(), page, ..ListParams::default() }.query()
        })
        .collect()
}

open_enum! {
    /// Once or again and again.
    pub enum Kind {
        OneTime = "one_time",
        Recurring = "recurring",
    }
}

/// A price.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Price {
    pub id: String,
    #[serde(default)]
    pub deleted: bool,
    #[serde(default)]
    pub active: bool,
    #[serde(default)]
    pub currency: String,
    /// Null where the amount has fractions of the smallest unit (`unit_amount_decimal`) or comes in tiers.
    pub unit_amount: Option<i64>,
    pub unit_amount_decimal: Option<String>,
    #[serde(rename = "type", default)]
    pub kind: Kind,
    #[serde(default)]
    pub created: i64,
    pub lookup_key: Option<String>,
    pub nickname: Option<String>,
    pub product: Option<Expandable<Product>>,
    pub recurring: Option<Recurring>,
    pub tax_behavior: Option<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(Price);
