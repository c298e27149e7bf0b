//! Terminal's locations: where card readers stand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::common::{self, Address, Paging};
use crate::metadata::Standard;
use crate::tolerant::{identified, null_as_default};
use crate::{Metadata, Prepared, Query, Unsendable};

const LOCATIONS: &str = "terminal/locations";

/// `POST /v1/terminal/locations`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CreateLocation {
    pub display_name: String,
    pub address: Address,
    pub phone: Option<String>,
    pub metadata: Metadata,
}

impl CreateLocation {
    /// Checks the metadata.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        common::create(LOCATIONS, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `POST /v1/terminal/locations/{id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UpdateLocation {
    pub display_name: Option<String>,
    pub address: Option<Address>,
    pub phone: Option<String>,
    pub metadata: Metadata,
}

impl UpdateLocation {
    /// For one location.
    pub fn prepare(&self, id: &str, key: &str) -> Result<Prepared, Unsendable> {
        common::update(LOCATIONS, id, self, &self.metadata, Standard::OTHER, key)
    }
}

/// `GET /v1/terminal/locations/{id}`.
pub fn retrieve_location(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(LOCATIONS, id)
}

/// `DELETE /v1/terminal/locations/{id}`.
pub fn delete_location(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(LOCATIONS, id)
}

/// `GET /v1/terminal/locations`.
pub fn list_locations(page: &Paging) -> Query {
    common::list(LOCATIONS, page)
}

/// Where readers stand, or what is left of a deleted one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Location {
    pub id: String,
    #[serde(default)]
    pub deleted: bool,
    #[serde(default, deserialize_with = "null_as_default")]
    pub display_name: String,
    pub address: Option<Address>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

identified!(Location);
