//! Subscription items on their own: adding, changing and taking away one of the things subscribed to.

use serde::Serialize;

use super::common::{self, Paging};
use super::subscriptions::Proration;
use crate::metadata::Standard;
use crate::resources::calls::{listed, updates};
use crate::{Form, Metadata, Prepared, Query, Unsendable};

const PATH: &str = "subscription_items";

/// `POST /v1/subscription_items`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Create {
    pub subscription: String,
    pub price: String,
    pub quantity: Option<i64>,
    pub proration_behavior: Option<Proration>,
    pub proration_date: Option<i64>,
    pub metadata: Metadata,
}

impl Create {
    /// Checks the metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        common::create(PATH, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `POST /v1/subscription_items/{id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub price: Option<String>,
    pub quantity: Option<i64>,
    pub proration_behavior: Option<Proration>,
    pub proration_date: Option<i64>,
    pub metadata: Metadata,
}

updates!(Update, Standard::OTHER);

/// `DELETE /v1/subscription_items/{id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Delete {
    pub proration_behavior: Option<Proration>,
    pub proration_date: Option<i64>,
}

impl Delete {
    /// For [`Client::delete`](crate::Client::delete).
    pub fn query(&self, id: &str) -> Result<Query, Unsendable> {
        Ok(Query::new(crate::request::path_of(PATH, id, "")?, Form::of(self)))
    }
}

/// `GET /v1/subscription_items/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// `GET /v1/subscription_items`: those of one subscription.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub subscription: String,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);
