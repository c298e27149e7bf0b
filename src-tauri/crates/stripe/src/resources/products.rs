//! Products: what the shop sells. Barcode, SKU, category, tax and colour are metadata.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::common::{self, Created, Paging};
use super::prices::Price;
use crate::metadata::Standard;
use crate::resources::calls::{listed, updates};
use crate::tolerant::{identified, null_as_default};
use crate::{Expandable, Metadata, Prepared, Query, Unsendable};

const PATH: &str = "products";

/// `POST /v1/products`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub name: String,
    pub id: Option<String>,
    pub active: Option<bool>,
    pub description: Option<String>,
    pub images: Vec<String>,
    pub metadata: Metadata,
    pub shippable: Option<bool>,
    pub statement_descriptor: Option<String>,
    pub tax_code: Option<String>,
    pub unit_label: Option<String>,
    pub url: Option<String>,
    pub expand: Vec<String>,
}

impl Create {
    /// Checks name and metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        if self.name.trim().is_empty() {
            return Err(Unsendable::Param { param: "name", rule: "must not be empty" });
        }
        common::check_length("statement_descriptor", self.statement_descriptor.as_deref(), 22)?;
        common::create(PATH, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `POST /v1/products/{id}`; an empty text unsets a field.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub name: Option<String>,
    pub active: Option<bool>,
    pub default_price: Option<String>,
    pub description: Option<String>,
    pub images: Vec<String>,
    pub metadata: Metadata,
    pub tax_code: Option<String>,
    pub unit_label: Option<String>,
    pub url: Option<String>,
    pub expand: Vec<String>,
}

updates!(Update, Standard::OTHER);

/// `GET /v1/products/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `DELETE /v1/products/{id}`: only one without prices can be deleted; archive the others.
pub fn delete(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/products`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub active: Option<bool>,
    pub ids: Vec<String>,
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

/// A product, or what is left of a deleted one.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Product {
    pub id: String,
    #[serde(default)]
    pub deleted: bool,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub active: bool,
    #[serde(default)]
    pub created: i64,
    #[serde(default)]
    pub updated: i64,
    pub description: Option<String>,
    pub default_price: Option<Expandable<Price>>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub images: Vec<String>,
    pub tax_code: Option<Expandable<serde_json::Value>>,
    pub unit_label: Option<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(Product);
