//! Payouts: what Stripe sends to the shop's bank. The program reads them; it never makes one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::balance::BalanceTransaction;
use super::common::{self, Created, Paging};
use crate::resources::calls::listed;
use crate::tolerant::{identified, null_as_default, open_enum};
use crate::{Expandable, Query, Unsendable};

const PATH: &str = "payouts";

/// `GET /v1/payouts/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/payouts`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub created: Option<Created>,
    pub arrival_date: Option<Created>,
    pub status: Option<String>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

open_enum! {
    /// Where a payout stands. One that was paid may fail later.
    pub enum Status {
        Pending = "pending",
        InTransit = "in_transit",
        Paid = "paid",
        Failed = "failed",
        Canceled = "canceled",
    }
}

/// A payout. What it gathered is known for automatic ones only: list balance transactions by `payout`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Payout {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub status: Status,
    #[serde(default)]
    pub automatic: bool,
    #[serde(default)]
    pub created: i64,
    #[serde(default)]
    pub arrival_date: i64,
    pub balance_transaction: Option<Expandable<BalanceTransaction>>,
    pub failure_balance_transaction: Option<Expandable<BalanceTransaction>>,
    pub failure_code: Option<String>,
    pub reconciliation_status: Option<String>,
    pub statement_descriptor: Option<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(Payout);
