//! Events: the list of what happened, 30 days of it. `data.object` is rendered in the account's own API version,
//! whatever version was asked for: an event is a signal, the object is fetched where fields matter.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::common::{self, Created, Paging};
use crate::resources::calls::listed;
use crate::{Query, Unsendable};

const PATH: &str = "events";

/// Stripe takes at most this many names in `types`.
pub const TYPES_PER_LIST: usize = 20;

/// `GET /v1/events`. With `ending_before`, pages come from old to new, but each page is newest first.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListParams {
    pub created: Option<Created>,
    /// One name, or a group: `charge.*`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// At most [`TYPES_PER_LIST`].
    pub types: Vec<String>,
    #[serde(flatten)]
    pub page: Paging,
}

listed!(ListParams);

/// `GET /v1/events/{id}`.
pub fn retrieve(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(PATH, id)
}

/// An event with its object as Stripe wrote it; borrows from the reply.
#[derive(Debug, Deserialize)]
pub struct Event<'a> {
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    #[serde(rename = "type", borrow)]
    pub kind: Cow<'a, str>,
    pub created: i64,
    #[serde(default)]
    pub livemode: bool,
    pub api_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub data: EventData<'a>,
    pub request: Option<EventRequest>,
    pub account: Option<Cow<'a, str>>,
}

/// What it is about.
#[derive(Debug, Deserialize)]
pub struct EventData<'a> {
    #[serde(borrow)]
    pub object: &'a RawValue,
    #[serde(borrow)]
    pub previous_attributes: Option<&'a RawValue>,
}

/// The request that made it happen, if it was one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct EventRequest {
    pub id: Option<String>,
    pub idempotency_key: Option<String>,
}
