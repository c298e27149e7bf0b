//! Payment intents: one payment from its creation to its end.

mod attempt;
mod create;
mod object;

use serde_json::{Value, json};

pub(crate) use attempt::{Confirm, authenticate, charge_with, confirm_intent};
pub(crate) use create::{amount_in_bounds, make};

use super::Resource;
use super::charges::{self, CHARGE};
use super::customers::CUSTOMER;
use crate::api::error::ApiError;
use crate::api::params::{int, set, text};
use crate::api::route::{Answer, get, post};
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) use object::{blank, present_options};

pub(crate) const PAYMENT_INTENT: &Kind =
    &Kind::new("payment_intent", "pi", "payment_intent", "/v1/payment_intents").indexed(&["customer"]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "payment_intents",
    &[PAYMENT_INTENT],
    &[
        get("/v1/payment_intents", list),
        post("/v1/payment_intents", create::create),
        get("/v1/payment_intents/search", search),
        get("/v1/payment_intents/{intent}", retrieve).open(),
        post("/v1/payment_intents/{intent}", create::update),
        post("/v1/payment_intents/{intent}/cancel", cancel),
        post("/v1/payment_intents/{intent}/capture", capture),
        post("/v1/payment_intents/{intent}/confirm", confirm).open(),
        post("/v1/payment_intents/{intent}/increment_authorization", increment),
        get("/v1/payment_intents/{id}/amount_details_line_items", line_items),
    ],
);

/// The intent a path names. A publishable key must show its secret.
pub(crate) fn at_path(call: &Call<'_>) -> Result<Value, ApiError> {
    let intent = call.object(PAYMENT_INTENT, "intent", "intent")?;
    match call.params.str("client_secret") {
        Some(secret) if intent["client_secret"] != secret => {
            let message = "The client_secret provided does not match any associated PaymentIntent on this account. Ensure the \
                           publishable key used belongs to the same account that created the PaymentIntent.";
            Err(ApiError::invalid(message).code("payment_intent_invalid_parameter").param("client_secret"))
        }
        None if call.publishable => Err(ApiError::required("client_secret")),
        _ => Ok(intent),
    }
}

/// Stripe's refusal of something an intent is in the wrong state for.
pub(crate) fn unexpected(intent: &Value, doing: &str, allowed: &str) -> ApiError {
    let message = format!(
        "You cannot {doing} this PaymentIntent because it has a status of {}.{allowed}",
        text(intent, "status")
    );
    ApiError::state("payment_intent_unexpected_state", message).with("payment_intent", intent.clone())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    if let Some(customer) = call.params.str("customer")
        && call.world.look(CUSTOMER, customer).is_none()
    {
        return Err(ApiError::no_such("customer", customer, "customer"));
    }
    call.page(PAYMENT_INTENT, &Filter::default().sent(&call.params, "customer"))
}

fn search(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.search(PAYMENT_INTENT, &["amount", "currency", "customer", "status"])
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    at_path(call).map(Answer::from)
}

fn confirm(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut intent = at_path(call)?;
    let params = call.params.clone();
    create::apply_on_confirm(call.world, &params, &mut intent)?;
    let how = Confirm::from_params(&params);
    confirm_intent(call.world, intent, &how).map(Answer::from)
}

fn cancel(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let intent = at_path(call)?;
    let reason = call.params.value("cancellation_reason");
    cancel_intent(call.world, intent, reason).map(Answer::from)
}

const MAY_BE_CANCELED: &str = " Only a PaymentIntent with one of the following statuses may be canceled: \
                               requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.";

/// Cancels an intent, letting go what was held for it.
pub(crate) fn cancel_intent(world: &mut World, mut intent: Value, reason: Value) -> Result<Value, ApiError> {
    if matches!(text(&intent, "status"), "succeeded" | "canceled") {
        return Err(unexpected(&intent, "cancel", MAY_BE_CANCELED));
    }
    if intent["status"] == "requires_capture"
        && let Some(mut charge) = intent["latest_charge"].as_str().and_then(|id| world.get(CHARGE, id))
    {
        charges::release(world, &mut charge);
    }
    set(&mut intent, "status", "canceled");
    set(&mut intent, "canceled_at", world.now());
    set(&mut intent, "cancellation_reason", reason);
    set(&mut intent, "amount_capturable", 0);
    set(&mut intent, "next_action", Value::Null);
    world.put(PAYMENT_INTENT, &intent);
    world.emit("payment_intent.canceled", &intent, None);
    Ok(intent)
}

fn capture(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let intent = at_path(call)?;
    let metadata = call.params.sent("metadata");
    let amount = call.params.int("amount_to_capture");
    let mut intent = capture_intent(call.world, text(&intent, "id"), amount, "amount_to_capture")?;
    if metadata {
        call.params.merge_metadata(&mut intent)?;
        call.world.put(PAYMENT_INTENT, &intent);
    }
    Ok(intent.into())
}

/// Captures what an intent holds, or a part of it.
pub(crate) fn capture_intent(
    world: &mut World,
    id: &str,
    amount: Option<i64>,
    param: &str,
) -> Result<Value, ApiError> {
    let mut intent = world.at_path(PAYMENT_INTENT, id, "intent")?;
    if intent["status"] != "requires_capture" {
        let allowed =
            " Only a PaymentIntent with one of the following statuses may be captured: requires_capture.";
        return Err(unexpected(&intent, "capture", allowed).code("payment_intent_unexpected_state"));
    }
    let held = int(&intent, "amount_capturable");
    let amount = amount.unwrap_or(held);
    if amount < 1 {
        let message = "This value must be greater than or equal to 1.";
        return Err(ApiError::invalid(message).code("parameter_invalid_integer").param(param));
    }
    if amount > held {
        let message = format!(
            "The provided {param} is greater than the amount that can be captured on this PaymentIntent ({amount} > {held})."
        );
        return Err(ApiError::invalid(message).code("amount_too_large").param(param));
    }
    if let Some(mut charge) = intent["latest_charge"].as_str().and_then(|id| world.get(CHARGE, id)) {
        charges::capture_amount(world, &mut charge, amount);
    }
    set(&mut intent, "status", "succeeded");
    set(&mut intent, "amount_received", amount);
    set(&mut intent, "amount_capturable", 0);
    world.put(PAYMENT_INTENT, &intent);
    world.emit("payment_intent.succeeded", &intent, None);
    Ok(intent)
}

/// Holds more, where a reader took the card and the intent asked for that beforehand.
fn increment(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut intent = at_path(call)?;
    if intent["status"] != "requires_capture" {
        let allowed =
            " Only a PaymentIntent with one of the following statuses may be incremented: requires_capture.";
        return Err(unexpected(&intent, "increment", allowed));
    }
    if intent["payment_method_options"]["card_present"]["request_incremental_authorization_support"] != true {
        let message = "This PaymentIntent is not eligible for incremental authorization.";
        return Err(
            ApiError::state("payment_intent_unexpected_state", message).with("payment_intent", intent)
        );
    }
    let amount = call.params.int("amount").unwrap_or(0);
    if amount <= int(&intent, "amount") {
        let message = "The amount must be greater than the amount that is already authorized.";
        return Err(ApiError::invalid(message).param("amount"));
    }
    amount_in_bounds(amount, text(&intent, "currency"))?;
    set(&mut intent, "amount", amount);
    set(&mut intent, "amount_capturable", amount);
    call.params.copy(&mut intent, &["description"]);
    call.params.merge_metadata(&mut intent)?;
    if let Some(mut charge) = intent["latest_charge"].as_str().and_then(|id| call.world.get(CHARGE, id)) {
        set(&mut charge, "amount", amount);
        call.world.update(CHARGE, &charge, "charge.updated");
    }
    call.world.put(PAYMENT_INTENT, &intent);
    call.world.emit("payment_intent.amount_capturable_updated", &intent, None);
    Ok(intent.into())
}

fn line_items(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(PAYMENT_INTENT, "id", "id")?;
    Ok(Answer::Object(json!({ "object": "list", "data": [], "has_more": false, "url": call.path })))
}
