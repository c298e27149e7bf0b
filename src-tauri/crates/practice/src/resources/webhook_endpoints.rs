//! Webhook endpoints: who is told of events, on this machine alone.

use serde_json::{Value, json};

use super::Resource;
use crate::api::error::ApiError;
use crate::api::params::{set, text};
use crate::api::route::{Answer, delete, get, post};
use crate::http::forward::{self, Target};
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::{FACT, Kind};
use crate::world::list::Filter;

pub(crate) const WEBHOOK_ENDPOINT: &Kind =
    &Kind::new("webhook_endpoint", "we", "webhook endpoint", "/v1/webhook_endpoints");

pub(crate) const RESOURCE: Resource = Resource::new(
    "webhook_endpoints",
    &[WEBHOOK_ENDPOINT],
    &[
        get("/v1/webhook_endpoints", list),
        post("/v1/webhook_endpoints", create),
        get("/v1/webhook_endpoints/{webhook_endpoint}", retrieve),
        post("/v1/webhook_endpoints/{webhook_endpoint}", update),
        delete("/v1/webhook_endpoints/{webhook_endpoint}", remove),
    ],
);

/// As many as Stripe allows.
const MOST: usize = 16;
/// The secret of what `forward_to` names.
const FORWARD: &str = "whsec forward";

/// Everybody who is to hear of such an event.
pub(crate) fn targets(world: &World, event: &str) -> Vec<Target> {
    let wants = |endpoint: &Value| {
        let types = endpoint["enabled_events"].as_array();
        endpoint["status"] == "enabled"
            && types.is_some_and(|types| types.iter().any(|wanted| wanted == "*" || wanted == event))
    };
    let endpoints = world.stored_where(WEBHOOK_ENDPOINT, wants);
    let told = endpoints.iter().filter_map(|endpoint| {
        let secret = secret(world, text(endpoint, "id"))?;
        Some(Target { url: text(endpoint, "url").to_owned(), secret })
    });
    world.forward.iter().cloned().chain(told).collect()
}

fn secret(world: &World, id: &str) -> Option<String> {
    world.look(FACT, &format!("whsec {id}"))?["secret"].as_str().map(str::to_owned)
}

fn new_secret(world: &mut World, fact: &str) -> String {
    let secret = format!("whsec_practice_{}", world.chance.text(32));
    world.put(FACT, &json!({ "id": fact, "object": FACT.object, "secret": secret }));
    secret
}

/// Tells everything to this address from now on; the secret stays the same as long as the state is kept.
pub(crate) fn forward_to(world: &mut World, url: &str) -> String {
    let kept = world.look(FACT, FORWARD).and_then(|fact| fact["secret"].as_str().map(str::to_owned));
    let secret = kept.unwrap_or_else(|| new_secret(world, FORWARD));
    world.forward = Some(Target { url: url.to_owned(), secret: secret.clone() });
    secret
}

fn checked(url: &str) -> Result<&str, ApiError> {
    forward::loopback(url).map(|_| url).ok_or_else(|| {
        let message = "Invalid URL: the practice Stripe calls nobody but this machine: http://127.0.0.1, http://localhost or \
                       http://[::1].";
        ApiError::invalid(message).code("url_invalid").param("url")
    })
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    let url = checked(params.need("url")?)?;
    if call.world.stored_where(WEBHOOK_ENDPOINT, |_| true).len() >= MOST {
        let message = format!("You have reached the maximum of {MOST} test webhook endpoints.");
        return Err(ApiError::invalid(message));
    }
    let id = call.world.id(WEBHOOK_ENDPOINT);
    let mut endpoint = json!({
        "id": id,
        "object": "webhook_endpoint",
        "api_version": params.value("api_version"),
        "application": null,
        "created": call.now(),
        "description": params.value("description"),
        "enabled_events": params.value("enabled_events"),
        "livemode": false,
        "metadata": params.metadata()?,
        "status": "enabled",
        "url": url,
    });
    call.world.put(WEBHOOK_ENDPOINT, &endpoint);
    // Shown this once.
    let secret = new_secret(call.world, &format!("whsec {id}"));
    set(&mut endpoint, "secret", secret);
    Ok(endpoint.into())
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(WEBHOOK_ENDPOINT, "webhook_endpoint", "webhook_endpoint").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut endpoint = call.object(WEBHOOK_ENDPOINT, "webhook_endpoint", "webhook_endpoint")?;
    let params = call.params.clone();
    if let Some(url) = params.str("url") {
        set(&mut endpoint, "url", checked(url)?);
    }
    params.copy(&mut endpoint, &["description", "enabled_events"]);
    if let Some(disabled) = params.bool("disabled") {
        set(&mut endpoint, "status", if disabled { "disabled" } else { "enabled" });
    }
    params.merge_metadata(&mut endpoint)?;
    call.world.put(WEBHOOK_ENDPOINT, &endpoint);
    Ok(endpoint.into())
}

fn remove(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let endpoint = call.object(WEBHOOK_ENDPOINT, "webhook_endpoint", "webhook_endpoint")?;
    call.world.forget(FACT, &format!("whsec {}", text(&endpoint, "id")));
    Ok(call.world.bury(WEBHOOK_ENDPOINT, &endpoint, "").into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.page(WEBHOOK_ENDPOINT, &Filter::default())
}
