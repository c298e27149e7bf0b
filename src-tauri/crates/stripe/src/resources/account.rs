//! The account itself. A restricted key may get 403 on the account.

use serde::Deserialize;

use crate::tolerant::identified;
use crate::{Form, Query};

/// `GET /v1/account`.
pub fn retrieve() -> Query {
    Query::new("/v1/account", Form::new())
}

/// The account that the key belongs to.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Account {
    pub id: String,
    pub country: Option<String>,
    pub default_currency: Option<String>,
    pub email: Option<String>,
    #[serde(default)]
    pub charges_enabled: bool,
    #[serde(default)]
    pub payouts_enabled: bool,
    pub settings: Option<Settings>,
    pub business_profile: Option<BusinessProfile>,
}

identified!(Account);

/// As far as the program looks into them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub dashboard: Option<Dashboard>,
}

/// What the shop is called at Stripe, and its time zone.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Dashboard {
    pub display_name: Option<String>,
    pub timezone: Option<String>,
}

/// What customers see.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct BusinessProfile {
    pub name: Option<String>,
    pub support_email: Option<String>,
    pub support_phone: Option<String>,
    pub url: Option<String>,
}
