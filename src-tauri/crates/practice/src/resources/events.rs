//! Events, as they are read.

use serde_json::Value;

use super::Resource;
use crate::api::error::ApiError;
use crate::api::params::int;
use crate::api::route::{Answer, get};
use crate::world::World;
use crate::world::call::Call;
use crate::world::events::EVENT;
use crate::world::list::{self, Filter};

pub(crate) const RESOURCE: Resource =
    Resource::new("events", &[EVENT], &[get("/v1/events", list_all), get("/v1/events/{id}", retrieve)])
        .task(task);

fn list_all(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let types = call.params.list("types");
    if types.len() > 20 {
        return Err(ApiError::invalid("You may only specify up to 20 event types.").param("types"));
    }
    if !types.is_empty() && call.params.str("type").is_some() {
        let message = "You may only specify one of these parameters: type, types.";
        return Err(ApiError::invalid(message).code("parameters_exclusive").param("type"));
    }
    let mut filter =
        Filter::default().wild().sent_as(&call.params, "types", "type").sent(&call.params, "type");
    match call.params.bool("delivery_success") {
        Some(true) => filter = filter.is("pending_webhooks", "0"),
        // At most so many can be waiting: sixteen endpoints and one that is forwarded to.
        Some(false) => {
            filter = filter.any("pending_webhooks", (1..=17).map(|many| many.to_string()).collect())
        }
        None => {}
    }
    let (low, high) = list::span(&call.params);
    let horizon = call.world.event_horizon();
    for name in ["starting_after", "ending_before"] {
        if let Some(id) = call.params.str(name)
            && kept(call.world, id).is_none()
        {
            return Err(ApiError::no_such("event", id, name));
        }
    }
    call.page_within(EVENT, &filter, (low.max(horizon), high))
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = call.part("id");
    kept(call.world, id).map(Answer::from).ok_or_else(|| ApiError::missing("event", id, "id"))
}

/// An event that has not aged out.
fn kept(world: &World, id: &str) -> Option<Value> {
    world.get(EVENT, id).filter(|event| int(event, "created") >= world.event_horizon())
}

/// An event that was held back appears.
fn task(world: &mut World, _task: &str, event: &Value) {
    world.list_event(event);
}
