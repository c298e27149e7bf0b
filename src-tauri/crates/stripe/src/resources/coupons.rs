//! Coupons and promotion codes: a coupon is the discount, a promotion code is the word a customer says for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Number, json};

use super::common::{self, Created, Paging, Percent};
use crate::metadata::Standard;
use crate::tolerant::{identified, null_as_default, open_enum};
use crate::{Expandable, Form, Metadata, Prepared, Query, Unsendable};

const COUPONS: &str = "coupons";
const CODES: &str = "promotion_codes";

open_enum! {
    /// For how long a subscription has it.
    pub enum Duration {
        Once = "once",
        Repeating = "repeating",
        Forever = "forever",
    }
}

/// `POST /v1/coupons`: a share or an amount.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CreateCoupon {
    /// The shop's own id for it, such as `STAFF20`.
    pub id: Option<String>,
    pub name: Option<String>,
    pub percent_off: Option<Percent>,
    pub amount_off: Option<i64>,
    /// With `amount_off`.
    pub currency: Option<String>,
    pub duration: Option<Duration>,
    pub duration_in_months: Option<i64>,
    pub max_redemptions: Option<i64>,
    pub redeem_by: Option<i64>,
    pub applies_to: Option<AppliesTo>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

/// What a coupon is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppliesTo {
    pub products: Vec<String>,
}

impl CreateCoupon {
    /// Checks that it is either a share or an amount, and the metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        if self.percent_off.is_some() == self.amount_off.is_some() {
            return Err(Unsendable::Param {
                param: "percent_off",
                rule: "or amount_off must be given, one of them",
            });
        }
        if let Some(amount) = self.amount_off {
            common::check_amount("amount_off", amount)?;
            common::check_currency(self.currency.as_deref().unwrap_or_default())?;
        }
        common::check_length("name", self.name.as_deref(), 40)?;
        common::create(COUPONS, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `POST /v1/coupons/{id}`: what it takes off never changes.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UpdateCoupon {
    pub name: Option<String>,
    pub metadata: Metadata,
}

impl UpdateCoupon {
    /// For one coupon.
    pub fn prepare(&self, id: &str, key: &str) -> Result<Prepared, Unsendable> {
        common::check_length("name", self.name.as_deref(), 40)?;
        common::update(COUPONS, id, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `GET /v1/coupons/{id}`.
pub fn retrieve_coupon(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(COUPONS, id)
}

/// `DELETE /v1/coupons/{id}`: those who have it keep it.
pub fn delete_coupon(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(COUPONS, id)
}

/// `GET /v1/coupons`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListCoupons {
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

impl ListCoupons {
    /// The page.
    pub fn query(&self) -> Query {
        common::list(COUPONS, self)
    }
}

/// `POST /v1/promotion_codes`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CreatePromotionCode {
    #[serde(skip)]
    pub coupon: String,
    /// What customers say; `None` lets Stripe make one up.
    pub code: Option<String>,
    pub active: Option<bool>,
    /// For one customer alone.
    pub customer: Option<String>,
    pub expires_at: Option<i64>,
    pub max_redemptions: Option<i64>,
    pub restrictions: Option<Restrictions>,
    pub metadata: Metadata,
    pub expand: Vec<String>,
}

/// Who may use it and for what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Restrictions {
    pub first_time_transaction: Option<bool>,
    pub minimum_amount: Option<i64>,
    pub minimum_amount_currency: Option<String>,
}

impl CreatePromotionCode {
    /// Checks code and metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        common::check_length("code", self.code.as_deref(), 500)?;
        self.metadata.check_new(Standard::OTHER)?;
        // The coupon sits in a branch of its own since the clover versions.
        let mut form = Form::new().with("promotion", json!({"type": "coupon", "coupon": self.coupon}));
        form.extend(Form::of(self));
        Prepared::new(format!("/v1/{CODES}"), &form, key)
    }
}

/// `POST /v1/promotion_codes/{id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UpdatePromotionCode {
    pub active: Option<bool>,
    pub metadata: Metadata,
}

impl UpdatePromotionCode {
    /// For one promotion code.
    pub fn prepare(&self, id: &str, key: &str) -> Result<Prepared, Unsendable> {
        common::update(CODES, id, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `GET /v1/promotion_codes/{id}`.
pub fn retrieve_promotion_code(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(CODES, id)
}

/// `GET /v1/promotion_codes`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListPromotionCodes {
    pub active: Option<bool>,
    /// Exact, in any case.
    pub code: Option<String>,
    pub coupon: Option<String>,
    pub customer: Option<String>,
    pub created: Option<Created>,
    #[serde(flatten)]
    pub page: Paging,
}

impl ListPromotionCodes {
    /// The page.
    pub fn query(&self) -> Query {
        common::list(CODES, self)
    }
}

/// A coupon, or what is left of a deleted one.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Coupon {
    pub id: String,
    #[serde(default)]
    pub deleted: bool,
    pub name: Option<String>,
    pub percent_off: Option<Number>,
    pub amount_off: Option<i64>,
    pub currency: Option<String>,
    #[serde(default)]
    pub duration: Duration,
    pub duration_in_months: Option<i64>,
    pub max_redemptions: Option<i64>,
    #[serde(default)]
    pub times_redeemed: i64,
    pub redeem_by: Option<i64>,
    #[serde(default)]
    pub valid: bool,
    pub applies_to: Option<AppliesTo>,
    #[serde(default)]
    pub created: i64,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

/// A promotion code.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PromotionCode {
    pub id: String,
    pub code: String,
    #[serde(default)]
    pub active: bool,
    pub promotion: Option<Promotion>,
    pub customer: Option<Expandable<super::customers::Customer>>,
    pub expires_at: Option<i64>,
    pub max_redemptions: Option<i64>,
    #[serde(default)]
    pub times_redeemed: i64,
    pub restrictions: Option<Restrictions>,
    #[serde(default)]
    pub created: i64,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

/// What a promotion code stands for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Promotion {
    #[serde(rename = "type")]
    pub kind: String,
    pub coupon: Option<Expandable<Coupon>>,
}

identified!(Coupon, PromotionCode);
