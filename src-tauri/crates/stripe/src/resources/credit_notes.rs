//! Credit notes: what is taken back from a finalised invoice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::common::{self, Created, Expand, Paging};
use super::customers::Customer;
use super::invoices::Invoice;
use crate::metadata::Standard;
use crate::resources::calls::{listed, updates};
use crate::tolerant::{identified, null_as_default, open_enum};
use crate::{Expandable, Form, Metadata, Prepared, Query, Unsendable, request};

const PATH: &str = "credit_notes";

/// `POST /v1/credit_notes`, and `GET /v1/credit_notes/preview` with the same parameters.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub invoice: String,
    /// In all; or [`lines`](Self::lines).
    pub amount: Option<i64>,
    pub lines: Vec<CreditedLine>,
    /// To the customer's balance.
    pub credit_amount: Option<i64>,
    /// Refunded to the card, by Stripe.
    pub refund_amount: Option<i64>,
    /// Given back outside of Stripe (cash).
    pub out_of_band_amount: Option<i64>,
    pub memo: Option<String>,
    /// `duplicate`, `fraudulent`, `order_change`, `product_unsatisfactory`.
    pub reason: Option<String>,
    pub metadata: Metadata,
}

/// A line that is taken back.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CreditedLine {
    /// `invoice_line_item` or `custom_line_item`.
    #[serde(rename = "type")]
    pub kind: String,
    pub invoice_line_item: Option<String>,
    pub quantity: Option<i64>,
    pub amount: Option<i64>,
    pub unit_amount: Option<i64>,
    pub description: Option<String>,
}

impl Create {
    /// Checks amounts and metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        if self.amount.is_some() != self.lines.is_empty() {
            return Err(Unsendable::Param { param: "amount", rule: "or lines must be given, one of them" });
        }
        common::create(PATH, self, &self.metadata, Standard::OTHER, key)
    }

    /// What it would come to.
    pub fn preview(&self) -> Query {
        Query::new(format!("/v1/{PATH}/preview"), Form::of(self))
    }
}

/// `POST /v1/credit_notes/{id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub memo: Option<String>,
    pub metadata: Metadata,
}

updates!(Update, Standard::OTHER);

/// `POST …/void`.
pub fn void(id: &str, key: &str) -> Result<Prepared, Unsendable> {
    common::act(PATH, id, "void", &Expand::default(), key)
}

/// `GET /v1/credit_notes/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET …/lines`.
pub fn lines(id: &str, page: &Paging) -> Result<Query, Unsendable> {
    Ok(Query::new(request::path_of(PATH, id, "lines")?, Form::of(page)))
}

/// `GET /v1/credit_notes`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub customer: Option<String>,
    pub invoice: Option<String>,
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

open_enum! {
    /// Where a credit note stands.
    pub enum Status {
        Issued = "issued",
        Void = "void",
    }
}

/// A credit note.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CreditNote {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub status: Status,
    #[serde(default)]
    pub total: i64,
    #[serde(default)]
    pub number: String,
    #[serde(default)]
    pub created: i64,
    pub customer: Option<Expandable<Customer>>,
    pub invoice: Option<Expandable<Invoice>>,
    pub memo: Option<String>,
    pub reason: Option<String>,
    pub pdf: Option<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(CreditNote);
