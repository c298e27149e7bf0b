//! One call, as the operation that serves it sees it.

use serde_json::Value;

use super::kind::Kind;
use super::state::World;
use crate::api::error::ApiError;
use crate::api::params::Params;
use crate::api::route::PathParts;

/// A call whose key and parameters were found to be in order.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub world: &'a mut World,
    pub params: Params,
    pub parts: PathParts,
    /// `/v1/customers`, without the query.
    pub path: String,
    /// Was it sent with a publishable key?
    pub publishable: bool,
}

impl Call<'_> {
    /// What stands in the braces of that name.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str())
    }

    /// The object the path names; `param` is what Stripe calls it when there is none.
    pub(crate) fn object(&self, kind: &Kind, part: &str, param: &str) -> Result<Value, ApiError> {
        self.world.at_path(kind, self.part(part), param)
    }

    /// The id of an object a parameter names, if it was sent; 400 where there is no such object.
    pub(crate) fn reference(&self, kind: &Kind, path: &str) -> Result<Option<Value>, ApiError> {
        let Some(id) = self.params.str(path) else { return Ok(None) };
        self.world.named(kind, id, path).map(Some)
    }

    pub(crate) fn now(&self) -> i64 {
        self.world.now()
    }
}
