//! Setup intents: a card made ready for later.

use serde_json::{Value, json};

use super::Resource;
use super::customers::CUSTOMER;
use super::payment_methods::{self, PAYMENT_METHOD, card_of};
use crate::api::error::ApiError;
use crate::api::params::{Params, set, text};
use crate::api::route::{Answer, get, post};
use crate::cards::{Behaviour, Need};
use crate::facts;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::{FACT, Kind};
use crate::world::list::Filter;

pub(crate) const SETUP_INTENT: &Kind = &Kind::new("setup_intent", "seti", "setupintent", "/v1/setup_intents")
    .indexed(&["customer", "payment_method", "status"]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "setup_intents",
    &[SETUP_INTENT],
    &[
        get("/v1/setup_intents", list),
        post("/v1/setup_intents", create),
        get("/v1/setup_intents/{intent}", retrieve).open(),
        post("/v1/setup_intents/{intent}", update),
        post("/v1/setup_intents/{intent}/cancel", cancel),
        post("/v1/setup_intents/{intent}/confirm", confirm).open(),
    ],
);

/// Was a method set up for payments without the customer?
pub(crate) fn was_set_up(world: &World, method: &str) -> bool {
    // A subscription's first payment sets its card up too.
    if world.look(FACT, &format!("set_up:{method}")).is_some() {
        return true;
    }
    let filter = Filter::default().is("payment_method", method).is("status", "succeeded");
    world.all(SETUP_INTENT, &filter, 5).iter().any(|intent| intent["usage"] == "off_session")
}

/// A new setup intent, not yet put anywhere.
pub(crate) fn blank(world: &mut World) -> Value {
    let id = world.id(SETUP_INTENT);
    let secret = world.chance.text(34);
    json!({
        "id": id,
        "object": "setup_intent",
        "allowed_payment_method_types": null,
        "application": null,
        "automatic_payment_methods": { "allow_redirects": "always", "enabled": true },
        "cancellation_reason": null,
        "client_secret": format!("{id}_secret_{secret}"),
        "created": world.now(),
        "customer": null,
        "customer_account": null,
        "description": null,
        "excluded_payment_method_types": null,
        "flow_directions": null,
        "last_setup_error": null,
        "latest_attempt": null,
        "livemode": false,
        "mandate": null,
        "metadata": {},
        "next_action": null,
        "on_behalf_of": null,
        "payment_method": null,
        "payment_method_configuration_details": null,
        "payment_method_options": { "card": { "mandate_options": null, "network": null, "request_three_d_secure": "automatic" } },
        "payment_method_types": ["card"],
        "single_use_mandate": null,
        "status": "requires_payment_method",
        "usage": "off_session",
    })
}

fn fill(world: &mut World, params: &Params, intent: &mut Value) -> Result<(), ApiError> {
    if let Some(id) = params.str("customer") {
        let customer = world.named(CUSTOMER, id, "customer")?;
        set(intent, "customer", customer["id"].clone());
    }
    params.copy(intent, &["description", "usage", "flow_directions", "excluded_payment_method_types"]);
    if let Some(types) = params.get("allowed_payment_method_types") {
        set(intent, "allowed_payment_method_types", types.clone());
        set(intent, "payment_method_types", types.clone());
        set(intent, "automatic_payment_methods", Value::Null);
    }
    params.merge_metadata(intent)?;
    let method = if let Some(id) = params.str("payment_method") {
        payment_methods::resolve(world, id, "payment_method")?
    } else if let Some(data) = params.get("payment_method_data").and_then(Value::as_object) {
        payment_methods::make(world, &Params(data.clone()))?
    } else {
        return Ok(());
    };
    if method["customer"].is_string() && method["customer"] != intent["customer"] {
        let message = format!("The PaymentMethod {} belongs to another Customer.", text(&method, "id"));
        return Err(ApiError::state("setup_intent_invalid_parameter", message).param("payment_method"));
    }
    if method["customer"].is_null() && payment_methods::is_spent(world, text(&method, "id")) {
        return Err(payment_methods::spent());
    }
    set(intent, "payment_method", method["id"].clone());
    if intent["status"] == "requires_payment_method" {
        set(intent, "status", "requires_confirmation");
    }
    Ok(())
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    let mut intent = blank(call.world);
    fill(call.world, &params, &mut intent)?;
    call.world.create(SETUP_INTENT, &intent, "setup_intent.created");
    if params.bool("confirm") == Some(true) {
        return confirm_setup(call.world, intent, params.owned("return_url")).map(Answer::from);
    }
    Ok(intent.into())
}

fn at_path(call: &Call<'_>) -> Result<Value, ApiError> {
    let intent = call.object(SETUP_INTENT, "intent", "intent")?;
    match call.params.str("client_secret") {
        Some(secret) if intent["client_secret"] != secret => {
            let message = "The client_secret provided does not match the client_secret associated with this SetupIntent.";
            Err(ApiError::invalid(message).code("setup_intent_invalid_parameter").param("client_secret"))
        }
        None if call.publishable => Err(ApiError::required("client_secret")),
        _ => Ok(intent),
    }
}

fn unexpected(intent: &Value, doing: &str) -> ApiError {
    let message =
        format!("You cannot {doing} this SetupIntent because it has a status of {}.", text(intent, "status"));
    ApiError::state("setup_intent_unexpected_state", message).with("setup_intent", intent.clone())
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    at_path(call).map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut intent = at_path(call)?;
    if call.params.sent("payment_method") && matches!(text(&intent, "status"), "succeeded" | "canceled") {
        return Err(unexpected(&intent, "update"));
    }
    let params = call.params.clone();
    fill(call.world, &params, &mut intent)?;
    call.world.put(SETUP_INTENT, &intent);
    Ok(intent.into())
}

fn cancel(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut intent = at_path(call)?;
    if matches!(text(&intent, "status"), "succeeded" | "canceled") {
        return Err(unexpected(&intent, "cancel"));
    }
    set(&mut intent, "status", "canceled");
    set(&mut intent, "cancellation_reason", call.params.value("cancellation_reason"));
    set(&mut intent, "next_action", Value::Null);
    call.world.put(SETUP_INTENT, &intent);
    call.world.emit("setup_intent.canceled", &intent, None);
    Ok(intent.into())
}

fn confirm(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut intent = at_path(call)?;
    if matches!(text(&intent, "status"), "succeeded" | "canceled") {
        return Err(unexpected(&intent, "confirm"));
    }
    let params = call.params.clone();
    fill(call.world, &params, &mut intent)?;
    confirm_setup(call.world, intent, params.owned("return_url")).map(Answer::from)
}

/// Confirms a setup intent: its card is asked whether it may be kept.
pub(crate) fn confirm_setup(
    world: &mut World,
    mut intent: Value,
    back: Option<String>,
) -> Result<Value, ApiError> {
    let Some(method) = intent["payment_method"].as_str().and_then(|id| world.get(PAYMENT_METHOD, id)) else {
        let message = "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a \
                       payment method and then confirm it again.";
        return Err(ApiError::state("setup_intent_unexpected_state", message).with("setup_intent", intent));
    };
    match card_of(&method).behaviour {
        Behaviour::Declines { decline, attaches: false } => {
            let error =
                ApiError::card(decline.code, facts::decline_message(decline.code, decline.decline_code))
                    .with("decline_code", json!(decline.decline_code))
                    .with("payment_method", method);
            let intent = fail(world, intent, Value::Object(error.fields.clone()));
            Err(error.with("setup_intent", intent))
        }
        Behaviour::Secure { need: Need::Always | Need::UnlessSetUp, .. } => {
            let page = format!("{}/_practice/authenticate/{}", world.identity.base_url, text(&intent, "id"));
            let action = match back {
                Some(back) => {
                    json!({ "redirect_to_url": { "return_url": back, "url": page }, "type": "redirect_to_url" })
                }
                None => {
                    json!({ "type": "use_stripe_sdk", "use_stripe_sdk": { "three_d_secure_redirect": { "stripe_js": page } } })
                }
            };
            set(&mut intent, "status", "requires_action");
            set(&mut intent, "next_action", action);
            world.put(SETUP_INTENT, &intent);
            world.emit("setup_intent.requires_action", &intent, None);
            Ok(intent)
        }
        _ => succeed(world, intent),
    }
}

fn succeed(world: &mut World, mut intent: Value) -> Result<Value, ApiError> {
    if let Some(customer) = intent["customer"].as_str() {
        payment_methods::attach_to(world, text(&intent, "payment_method"), customer, "payment_method")?;
    }
    set(&mut intent, "status", "succeeded");
    set(&mut intent, "next_action", Value::Null);
    set(&mut intent, "last_setup_error", Value::Null);
    world.put(SETUP_INTENT, &intent);
    world.emit("setup_intent.succeeded", &intent, None);
    Ok(intent)
}

fn fail(world: &mut World, mut intent: Value, error: Value) -> Value {
    set(&mut intent, "status", "requires_payment_method");
    set(&mut intent, "payment_method", Value::Null);
    set(&mut intent, "next_action", Value::Null);
    set(&mut intent, "last_setup_error", error);
    world.put(SETUP_INTENT, &intent);
    world.emit("setup_intent.setup_failed", &intent, None);
    intent
}

/// The customer authenticated, or failed to.
pub(crate) fn authenticate(world: &mut World, id: &str, passed: bool) -> Result<Value, ApiError> {
    let intent = world.at_path(SETUP_INTENT, id, "intent")?;
    if intent["status"] != "requires_action" {
        return Err(unexpected(&intent, "authenticate"));
    }
    if passed {
        return succeed(world, intent);
    }
    let error = json!({
        "code": "setup_intent_authentication_failure",
        "message": "The latest attempt to set up the payment method has failed because authentication failed.",
        "type": "invalid_request_error",
    });
    Ok(fail(world, intent, error))
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    call.page(SETUP_INTENT, &Filter::default().sent(params, "customer").sent(params, "payment_method"))
}
