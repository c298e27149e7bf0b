//! The items of subscriptions, one by one.

use serde_json::{Map, Value, json};

use super::{SUBSCRIPTION, update};
use crate::api::error::ApiError;
use crate::api::params::{Params, text};
use crate::api::route::{Answer, delete, get, post};
use crate::resources::Resource;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const SUBSCRIPTION_ITEM: &Kind =
    &Kind::new("subscription_item", "si", "subscription_item", "/v1/subscription_items")
        .indexed(&["subscription"])
        .id_length(14);

pub(crate) const RESOURCE: Resource = Resource::new(
    "subscription_items",
    &[SUBSCRIPTION_ITEM],
    &[
        get("/v1/subscription_items", list),
        post("/v1/subscription_items", create),
        get("/v1/subscription_items/{item}", retrieve),
        post("/v1/subscription_items/{item}", change),
        delete("/v1/subscription_items/{item}", remove),
    ],
);

const OF_SUBSCRIPTION: &[&str] = &["proration_behavior", "proration_date", "payment_behavior", "off_session"];

/// Changes a subscription by one entry of its items.
fn through(call: &mut Call<'_>, subscription: &str, entry: Map<String, Value>) -> Result<Value, ApiError> {
    let subscription = call.world.named(SUBSCRIPTION, subscription, "subscription")?;
    super::super::on_clock(call.world, &subscription);
    let mut params = Map::new();
    for name in OF_SUBSCRIPTION {
        if let Some(value) = call.params.get(name) {
            params.insert((*name).to_owned(), value.clone());
        }
    }
    params.insert("items".to_owned(), json!([entry]));
    update::apply(call.world, subscription, &Params(params))
}

fn entry(call: &Call<'_>) -> Map<String, Value> {
    let of_item = |name: &String| {
        !OF_SUBSCRIPTION.contains(&name.as_str()) && name != "subscription" && name != "expand"
    };
    call.params
        .0
        .iter()
        .filter(|(name, _)| of_item(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = call.params.need("subscription")?.to_owned();
    let entry = entry(call);
    let changed = through(call, &id, entry)?;
    let newest = changed["items"]["data"].as_array().and_then(|items| items.last()).cloned();
    newest.map(Answer::from).ok_or_else(|| ApiError::broken(500, "The item was not made."))
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(SUBSCRIPTION_ITEM, "item", "item").map(Answer::from)
}

fn change(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let item = call.object(SUBSCRIPTION_ITEM, "item", "item")?;
    let mut entry = entry(call);
    entry.insert("id".to_owned(), item["id"].clone());
    through(call, text(&item, "subscription"), entry)?;
    call.object(SUBSCRIPTION_ITEM, "item", "item").map(Answer::from)
}

fn remove(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let item = call.object(SUBSCRIPTION_ITEM, "item", "item")?;
    let entry = json!({ "id": item["id"], "deleted": true }).as_object().cloned().unwrap_or_default();
    through(call, text(&item, "subscription"), entry)?;
    Ok(json!({ "id": item["id"], "object": "subscription_item", "deleted": true }).into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = call.params.need("subscription")?;
    call.world.named(SUBSCRIPTION, id, "subscription")?;
    call.page(SUBSCRIPTION_ITEM, &Filter::default().is("subscription", id))
}
