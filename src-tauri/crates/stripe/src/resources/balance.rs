//! The balance and the transactions it is made of: `net = amount − fee`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::common::{self, Created, Paging};
use crate::resources::calls::listed;
use crate::tolerant::{identified, open_enum};
use crate::{Form, Query, Unsendable};

const PATH: &str = "balance_transactions";

/// `GET /v1/balance`.
pub fn retrieve() -> Query {
    Query::new("/v1/balance", Form::new())
}

/// `GET /v1/balance_transactions/{id}`.
pub fn retrieve_transaction(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/balance_transactions`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub created: Option<Created>,
    pub currency: Option<String>,
    /// What an automatic payout gathered.
    pub payout: Option<String>,
    pub source: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

/// The balance, by currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Balance {
    pub livemode: bool,
    pub available: Vec<Funds>,
    pub pending: Vec<Funds>,
}

/// An amount of the balance; may be negative.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Funds {
    pub amount: i64,
    pub currency: String,
    #[serde(default)]
    pub source_types: BTreeMap<String, i64>,
}

open_enum! {
    /// Whether it can be paid out.
    pub enum Status {
        Available = "available",
        Pending = "pending",
    }
}

/// One movement of the balance.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BalanceTransaction {
    pub id: String,
    pub amount: i64,
    pub fee: i64,
    pub net: i64,
    pub currency: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub reporting_category: String,
    pub status: Status,
    #[serde(default)]
    pub created: i64,
    #[serde(default)]
    pub available_on: i64,
    /// The charge, refund, dispute or payout it came from: an id, or any of those objects.
    pub source: Option<crate::Expandable<serde_json::Value>>,
    pub description: Option<String>,
    #[serde(default)]
    pub fee_details: Vec<Fee>,
}

identified!(BalanceTransaction);

/// A part of the fee.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Fee {
    pub amount: i64,
    pub currency: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub description: Option<String>,
}
