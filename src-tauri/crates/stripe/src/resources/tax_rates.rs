//! Tax rates: named percentages, inclusive or on top.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::common::{self, Created, Paging, Percent};
use crate::metadata::Standard;
use crate::resources::calls::{listed, updates};
use crate::tolerant::{identified, null_as_default};
use crate::{Metadata, Prepared, Query, Unsendable};

const PATH: &str = "tax_rates";

/// `POST /v1/tax_rates`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub display_name: String,
    pub inclusive: bool,
    pub percentage: Percent,
    pub active: Option<bool>,
    pub country: Option<String>,
    pub description: Option<String>,
    pub jurisdiction: Option<String>,
    pub state: Option<String>,
    /// Such as `vat`, `sales_tax`.
    pub tax_type: Option<String>,
    pub metadata: Metadata,
}

impl Create {
    /// Checks name and metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        common::check_length("display_name", Some(&self.display_name), 50)?;
        common::create(PATH, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `POST /v1/tax_rates/{id}`: the percentage never changes.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub display_name: Option<String>,
    pub active: Option<bool>,
    pub description: Option<String>,
    pub jurisdiction: Option<String>,
    pub metadata: Metadata,
}

updates!(Update, Standard::OTHER);

/// `GET /v1/tax_rates/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/tax_rates`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub active: Option<bool>,
    pub inclusive: Option<bool>,
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

/// A tax rate.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TaxRate {
    pub id: String,
    pub display_name: String,
    pub inclusive: bool,
    /// As Stripe wrote it; never reckoned with as a float.
    pub percentage: Number,
    #[serde(default)]
    pub active: bool,
    pub country: Option<String>,
    pub state: Option<String>,
    pub jurisdiction: Option<String>,
    pub tax_type: Option<String>,
    #[serde(default)]
    pub created: i64,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(TaxRate);
