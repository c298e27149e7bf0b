//! Where readers stand.

use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::params::{address, set};
use crate::api::route::{Answer, delete, get, post};
use crate::resources::Resource;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const LOCATION: &Kind =
    &Kind::new("terminal.location", "tml", "location", "/v1/terminal/locations");

pub(crate) const RESOURCE: Resource = Resource::new(
    "locations",
    &[LOCATION],
    &[
        get("/v1/terminal/locations", list),
        post("/v1/terminal/locations", create),
        get("/v1/terminal/locations/{location}", retrieve),
        post("/v1/terminal/locations/{location}", update),
        delete("/v1/terminal/locations/{location}", remove),
        post("/v1/terminal/connection_tokens", connection_token),
    ],
);

/// A location of this name and address.
pub(crate) fn make(world: &mut World, name: &str, place: &Value) -> Value {
    json!({
        "id": world.id(LOCATION),
        "object": "terminal.location",
        "address": address(Some(place)),
        "display_name": name,
        "livemode": false,
        "metadata": {},
    })
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    let name = params.need("display_name")?;
    let place = params.get("address").ok_or_else(|| ApiError::required("address"))?;
    if place["country"].is_null() {
        return Err(ApiError::required("address[country]"));
    }
    let mut location = make(call.world, name, place);
    params.merge_metadata(&mut location)?;
    call.world.put(LOCATION, &location);
    Ok(location.into())
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = call.part("location");
    call.world
        .look(LOCATION, id)
        .map(Answer::from)
        .ok_or_else(|| ApiError::missing("location", id, "location"))
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut location = call.object(LOCATION, "location", "location")?;
    call.params.copy(&mut location, &["display_name"]);
    if let Some(place) = call.params.get("address") {
        set(&mut location, "address", address(Some(place)));
    }
    call.params.merge_metadata(&mut location)?;
    call.world.put(LOCATION, &location);
    Ok(location.into())
}

fn remove(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let location = call.object(LOCATION, "location", "location")?;
    Ok(call.world.bury(LOCATION, &location, "").into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.page(LOCATION, &Filter::default())
}

/// What a reader's own SDK signs in with; the practice readers need none.
fn connection_token(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let location = call.reference(LOCATION, "location")?;
    let secret = format!("pst_test_practice_{}", call.world.chance.text(24));
    let mut token = json!({ "object": "terminal.connection_token", "secret": secret });
    if let Some(location) = location {
        set(&mut token, "location", location["id"].clone());
    }
    Ok(token.into())
}
