//! What a reader is told to do, one thing at a time.

use serde_json::{Value, json};

use super::readers::{READER, at_path, is_busy};
use crate::api::error::ApiError;
use crate::api::params::{int, set, text};
use crate::api::route::Answer;
use crate::resources::payment_intents::PAYMENT_INTENT;
use crate::resources::refunds;
use crate::world::World;
use crate::world::call::Call;

/// A reader gives up on a customer who does nothing.
const GIVES_UP_AFTER: i64 = 120;

/// Offline and busy readers refuse; what is on the display alone is no work.
pub(super) fn ready(call: &Call<'_>) -> Result<Value, ApiError> {
    let reader = at_path(call)?;
    let id = text(&reader, "id");
    if reader["status"] != "online" {
        let message = "Reader is currently offline, please ensure the reader is powered on and connected to the internet before \
                       retrying your request. Reference your integration logs or terminal docs for details.";
        return Err(ApiError::state("terminal_reader_offline", message));
    }
    if is_busy(call.world, id) || (working(&reader) && at_work(&reader)) {
        let message = "Reader is currently busy processing another request. Please reference the integration guide at \
                       https://stripe.com/docs/terminal/payments/collect-payment?terminal-sdk-platform=server-driven#handle-errors \
                       for details on how to handle this error.";
        return Err(ApiError::state("terminal_reader_busy", message));
    }
    Ok(reader)
}

pub(super) fn working(reader: &Value) -> bool {
    reader["action"]["status"] == "in_progress"
}

/// An authorisation under way cannot be replaced; a reader that waits for a card can.
fn at_work(reader: &Value) -> bool {
    reader["action"]["type"] == "refund_payment"
}

pub(super) fn begin(call: &mut Call<'_>, mut reader: Value, kind: &str, what: Value) -> Value {
    let mut action = json!({ "api_error": null, "failure_code": null, "failure_message": null, "status": "in_progress", "type": kind });
    set(&mut action, kind, what);
    set(&mut reader, "action", action);
    set(&mut reader, "last_seen_at", call.now() * 1000);
    call.world.put(READER, &reader);
    let mark = json!({ "reader": reader["id"], "type": kind, "began": call.world.chance.text(8) });
    call.world.schedule(call.now() + GIVES_UP_AFTER, "readers.give_up", mark.clone());
    call.world.put(
        crate::world::kind::FACT,
        &json!({ "id": format!("began:{}", text(&reader, "id")), "object": "_fact", "mark": mark }),
    );
    reader
}

/// Ends a reader's action as succeeded, or failed for this reason, and tells of it.
pub(super) fn end(world: &mut World, reader: &mut Value, failure: Option<(&str, &str)>) {
    let (status, event) = match failure {
        None => ("succeeded", "terminal.reader.action_succeeded"),
        Some(_) => ("failed", "terminal.reader.action_failed"),
    };
    if let Some(action) = reader.get_mut("action") {
        set(action, "status", status);
        if let Some((code, message)) = failure {
            set(action, "failure_code", code);
            set(action, "failure_message", message);
        }
    }
    world.put(READER, reader);
    world.emit(event, reader, None);
}

/// The reader stops waiting for the customer.
pub(super) fn time_out(world: &mut World, id: &str) -> Result<Value, ApiError> {
    let mut reader = world.at_path(READER, id, "reader")?;
    if working(&reader) {
        let why = ("terminal_reader_timeout", "The reader timed out waiting for the customer.");
        end(world, &mut reader, Some(why));
    }
    Ok(reader)
}

/// The customer never came.
pub(super) fn task(world: &mut World, _task: &str, mark: &Value) {
    let id = text(mark, "reader");
    let current = world.look(crate::world::kind::FACT, &format!("began:{id}"));
    if current.is_some_and(|fact| fact["mark"] == *mark) && time_out(world, id).is_err() {
        tracing::debug!(id, "the reader is gone");
    }
}

/// The intent a reader is to take, which must be one for readers and open.
fn payable(call: &Call<'_>) -> Result<Value, ApiError> {
    let intent = call
        .reference(PAYMENT_INTENT, "payment_intent")?
        .ok_or_else(|| ApiError::required("payment_intent"))?;
    let takes = intent["payment_method_types"]
        .as_array()
        .is_some_and(|types| types.iter().any(|kind| kind == "card_present" || kind == "interac_present"));
    if !takes {
        let message =
            "The PaymentIntent must include card_present or interac_present in its payment_method_types.";
        return Err(ApiError::state("payment_intent_invalid_parameter", message).param("payment_intent"));
    }
    if !matches!(
        text(&intent, "status"),
        "requires_payment_method" | "requires_confirmation" | "requires_action"
    ) {
        let message = format!(
            "This PaymentIntent could not be processed because it has a status of {}. Only a PaymentIntent with a status of \
             requires_payment_method, requires_confirmation or requires_action may be processed.",
            text(&intent, "status")
        );
        return Err(ApiError::state("intent_invalid_state", message).param("payment_intent"));
    }
    Ok(intent)
}

pub(super) fn process_payment_intent(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let reader = ready(call)?;
    let intent = payable(call)?;
    let mut what = json!({ "payment_intent": intent["id"] });
    if let Some(config) = call.params.get("process_config") {
        set(&mut what, "process_config", config.clone());
    }
    Ok(begin(call, reader, "process_payment_intent", what).into())
}

pub(super) fn collect_payment_method(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let reader = ready(call)?;
    let intent = payable(call)?;
    let mut what = json!({ "payment_intent": intent["id"] });
    if let Some(config) = call.params.get("collect_config") {
        set(&mut what, "collect_config", config.clone());
    }
    Ok(begin(call, reader, "collect_payment_method", what).into())
}

/// Charges the card that was collected before.
pub(super) fn confirm_payment_intent(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let reader = ready(call)?;
    let intent = payable(call)?;
    let collected = reader["action"]["collect_payment_method"]["payment_method"].clone();
    let same = reader["action"]["collect_payment_method"]["payment_intent"] == intent["id"];
    if !same || collected.is_null() {
        let message = "The reader has not collected a payment method for this PaymentIntent.";
        return Err(ApiError::state("intent_invalid_state", message).param("payment_intent"));
    }
    let mut what = json!({ "payment_intent": intent["id"] });
    if let Some(config) = call.params.get("confirm_config") {
        set(&mut what, "confirm_config", config.clone());
    }
    let mut reader = begin(call, reader, "confirm_payment_intent", what);
    super::present::charge(call.world, &mut reader, intent, &collected);
    Ok(reader.into())
}

pub(super) fn refund_payment(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let reader = ready(call)?;
    let params = call.params.clone();
    let charge = refunds::charge_meant(call.world, params.str("charge"), params.str("payment_intent"))?;
    let amount = refunds::checked(call.world, &charge, params.int("amount"))?;
    let mut what = json!({
        "amount": amount, "charge": charge["id"], "metadata": params.metadata()?, "payment_intent": charge["payment_intent"],
    });
    for name in ["refund_application_fee", "refund_payment_config", "reverse_transfer"] {
        if let Some(value) = params.get(name) {
            set(&mut what, name, value.clone());
        }
    }
    Ok(begin(call, reader, "refund_payment", what).into())
}

pub(super) fn set_reader_display(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut reader = ready(call)?;
    if working(&reader) {
        let message = "Reader is currently busy processing another request.";
        return Err(ApiError::state("terminal_reader_busy", message));
    }
    call.params.currency("cart.currency")?;
    let mut cart = call.params.value("cart");
    if cart.is_object() && cart["tax"].is_null() {
        set(&mut cart, "tax", Value::Null);
    }
    let what = json!({ "cart": cart, "type": "cart" });
    let action = json!({
        "api_error": null, "failure_code": null, "failure_message": null, "set_reader_display": what, "status": "succeeded",
        "type": "set_reader_display",
    });
    set(&mut reader, "action", action);
    call.world.put(READER, &reader);
    call.world.emit("terminal.reader.action_succeeded", &reader, None);
    Ok(reader.into())
}

/// Resets the reader; the payment stays as payable as it was.
pub(super) fn cancel(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut reader = at_path(call)?;
    if reader["status"] != "online" {
        let message = "Reader is currently offline, please ensure the reader is powered on and connected to the internet before \
                       retrying your request.";
        return Err(ApiError::state("terminal_reader_offline", message));
    }
    set(&mut reader, "action", Value::Null);
    call.world.put(READER, &reader);
    Ok(reader.into())
}

/// Refunds what the reader was told to, once the card is there.
pub(super) fn refund_now(world: &mut World, reader: &mut Value) -> Result<(), ApiError> {
    let what = reader["action"]["refund_payment"].clone();
    let mut charge = refunds::charge_meant(world, what["charge"].as_str(), None)?;
    let amount = refunds::checked(world, &charge, Some(int(&what, "amount")))?;
    let refund =
        refunds::refund(world, &mut charge, amount, json!("requested_by_customer"), what["metadata"].clone());
    set(&mut reader["action"]["refund_payment"], "refund", refund["id"].clone());
    Ok(())
}
