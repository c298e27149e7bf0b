//! What was found among Stripe's records, and one of them whole.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FindKind {
    /// Payments; a refund, charge or dispute stands for the payment it belongs to.
    Payment,
    /// Customers.
    Customer,
    /// Invoices.
    Invoice,
    /// Products.
    Product,
}

/// What somebody typed. Not `Debug`: it may be a card that was swiped by mistake.
#[derive(Clone, PartialEq, Eq, Deserialize, TS)]
pub struct FindInput {
    /// Names, e-mail addresses, telephone numbers, amounts, days, last four digits, ids, metadata values; empty for
    /// the newest.
    pub text: String,
    /// Only these; none for all.
    pub kind: Option<FindKind>,
    /// 1 to 200.
    pub limit: u32,
}

/// One of Stripe's records as a line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FindRow {
    /// Stripe's name of its kind: `payment_intent`, `charge`, `customer`, `invoice`, `product`, …
    pub object: String,
    /// Its id.
    pub id: String,
    /// When it was created; none where Stripe does not say.
    pub created_ms: Option<i64>,
    /// Who paid, the customer, the product.
    pub title: Option<String>,
    /// The description, e-mail address, number or SKU.
    pub detail: Option<String>,
    /// Its amount.
    pub amount_minor: Option<i64>,
    /// Lower-case ISO code.
    pub currency: Option<String>,
    /// Stripe's word on where it stands.
    pub status: Option<String>,
    /// `visa`, …
    pub brand: Option<String>,
    /// Last four digits of the card.
    pub last4: Option<String>,
    /// The sale of this till that it belongs to.
    pub sale_id: Option<String>,
}

/// What matches, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FindPage {
    /// Up to as many as were asked for.
    pub rows: Vec<FindRow>,
    /// There are more.
    pub more: bool,
    /// Changes that the search does not know yet; 0 where it knows all that is here.
    pub unindexed: i64,
}

/// Which record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct RecordInput {
    /// `pi_…`, `cus_…`, …
    pub id: String,
}

/// What a fact is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FactValue {
    /// Words.
    Text {
        /// As Stripe has them.
        text: String,
    },
    /// An amount of money.
    Money {
        /// In minor units.
        minor: i64,
        /// Lower-case ISO code.
        currency: String,
    },
    /// A moment.
    Time {
        /// Since 1970, UTC.
        ms: i64,
    },
    /// A day, the same one in every time zone.
    Day {
        /// Its beginning in UTC, since 1970.
        ms: i64,
    },
    /// Yes or no.
    Flag {
        /// Which.
        on: bool,
    },
    /// A number that is no amount.
    Number {
        /// In digits, as Stripe wrote it.
        number: String,
    },
    /// Another record.
    Reference {
        /// Stripe's name of its kind.
        object: String,
        /// Its id.
        id: String,
    },
    /// Stripe's word on where something stands.
    State {
        /// As Stripe has it.
        state: String,
    },
}

/// Something Stripe says about a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RecordFact {
    /// Stripe's name for it: `amount_received`, `available_on`.
    pub name: String,
    /// What it says.
    pub value: FactValue,
}

/// One record, with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RecordView {
    /// As a line of a list.
    pub row: FindRow,
    /// Stripe said so at this time.
    pub as_of_ms: i64,
    /// Stripe deleted it; of its facts nothing is left.
    pub deleted: bool,
    /// What Stripe says about it.
    pub facts: Vec<RecordFact>,
    /// What it points to, and what points to it.
    pub related: Vec<FindRow>,
    /// Stripe's own JSON, indented, without secrets; for who may export.
    pub json: Option<String>,
}
