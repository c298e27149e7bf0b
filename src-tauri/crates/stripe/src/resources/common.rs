//! What several resources share.

use serde::{Deserialize, Serialize};

use crate::metadata::Standard;
use crate::{Form, Metadata, Prepared, Query, Unsendable};

/// A range of creation times, whole unix seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Created {
    pub gt: Option<i64>,
    pub gte: Option<i64>,
    pub lt: Option<i64>,
    pub lte: Option<i64>,
}

/// Which page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Paging {
    /// 1 to 100; Stripe's own default is 10.
    pub limit: Option<u8>,
    /// The page of objects older than this one.
    pub starting_after: Option<String>,
    /// The page of objects newer than this one.
    pub ending_before: Option<String>,
    /// Fields to send as objects, such as `data.latest_charge`.
    pub expand: Vec<String>,
}

/// A postal address, sent and received.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    pub line1: Option<String>,
    pub line2: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
}

/// Where goods go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shipping {
    pub name: Option<String>,
    pub phone: Option<String>,
    pub address: Option<Address>,
}

/// For calls that take nothing but `expand[]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Expand {
    pub expand: Vec<String>,
}

/// A discount on a session, a subscription or an invoice: one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Discount {
    pub coupon: Option<String>,
    pub promotion_code: Option<String>,
}

/// A field that can be taken away again: Stripe unsets what gets an empty text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrUnset<T> {
    /// The new value.
    Set(T),
    /// None from now on.
    Unset,
}

impl<T: Serialize> Serialize for OrUnset<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => value.serialize(serializer),
            Self::Unset => serializer.serialize_str(""),
        }
    }
}

/// A percentage in hundredths of a percent, sent as a decimal: 1250 is `12.5`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Percent(pub u32);

impl Serialize for Percent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        if part == 0 {
            return serializer.collect_str(&whole);
        }
        let text = format!("{whole}.{part:02}");
        serializer.serialize_str(text.trim_end_matches('0'))
    }
}

pub(crate) fn create(
    collection: &str,
    params: &impl Serialize,
    metadata: &Metadata,
    standard: Standard,
    key: &str,
) -> Result<Prepared, Unsendable> {
    metadata.check_new(standard)?;
    Prepared::new(format!("/v1/{collection}"), &Form::of(params), key)
}

pub(crate) fn update(
    collection: &str,
    id: &str,
    params: &impl Serialize,
    metadata: &Metadata,
    standard: Standard,
    key: &str,
) -> Result<Prepared, Unsendable> {
    metadata.check_change(standard)?;
    Prepared::new(crate::request::path_of(collection, id, "")?, &Form::of(params), key)
}

/// A POST to `/v1/{collection}/{id}/{action}`.
pub(crate) fn act(
    collection: &str,
    id: &str,
    action: &str,
    params: &impl Serialize,
    key: &str,
) -> Result<Prepared, Unsendable> {
    Prepared::new(crate::request::path_of(collection, id, action)?, &Form::of(params), key)
}

pub(crate) fn retrieve(collection: &str, id: &str) -> Result<Query, Unsendable> {
    Ok(Query::new(crate::request::path_of(collection, id, "")?, Form::new()))
}

pub(crate) fn list(collection: &str, params: &impl Serialize) -> Query {
    Query::new(format!("/v1/{collection}"), Form::of(params))
}

/// Amounts of a payment: positive, and at most eight digits.
pub(crate) fn check_amount(param: &'static str, minor: i64) -> Result<(), Unsendable> {
    if (1..=99_999_999).contains(&minor) {
        return Ok(());
    }
    Err(Unsendable::Param { param, rule: "must be 1 to 99999999 in the smallest unit of the currency" })
}

/// ISO code, lower case.
pub(crate) fn check_currency(currency: &str) -> Result<(), Unsendable> {
    if currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_lowercase()) {
        return Ok(());
    }
    Err(Unsendable::Param { param: "currency", rule: "must be three lower-case letters" })
}

/// A text's length in characters.
pub(crate) fn check_length(param: &'static str, text: Option<&str>, limit: usize) -> Result<(), Unsendable> {
    if text.is_none_or(|text| text.chars().count() <= limit) {
        return Ok(());
    }
    Err(Unsendable::Param { param, rule: "is too long" })
}
