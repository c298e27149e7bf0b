//! Charging an invoice: the first time, when it is asked for, and again after it failed.

use serde_json::{Value, json};

use super::close::{owes, paid};
use super::object::customer_of;
use super::{INVOICE, save};
use crate::api::error::ApiError;
use crate::api::params::{int, set, text};
use crate::resources::billing::invoice_payments::{self, INVOICE_PAYMENT};
use crate::resources::billing::subscriptions;
use crate::resources::payment_intents::{Confirm, PAYMENT_INTENT, confirm_intent};
use crate::resources::payment_methods::PAYMENT_METHOD;
use crate::world::World;
use crate::world::kind::FACT;

const DAY: i64 = 86_400;
/// How long after each failure the next attempt follows; after the last one nothing does.
const RETRIES: [i64; 3] = [3 * DAY, 5 * DAY, 7 * DAY];

/// The method an invoice is charged to: its own, its subscription's, its customer's.
pub(crate) fn method_for(world: &World, invoice: &Value) -> Option<Value> {
    let subscription = subscriptions::of_invoice(world, invoice).unwrap_or(Value::Null);
    let customer = customer_of(world, invoice);
    let named = invoice["default_payment_method"]
        .as_str()
        .or(subscription["default_payment_method"].as_str())
        .or(customer["invoice_settings"]["default_payment_method"].as_str());
    world.get(PAYMENT_METHOD, named?).filter(|method| method["customer"] == invoice["customer"])
}

/// Stripe's refusal where there is nothing to charge.
pub(crate) fn no_method() -> ApiError {
    ApiError::state(
        "resource_missing",
        "This customer has no attached payment source or default payment method. Please consider adding a default payment method. \
         For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
    )
}

/// The intent that pays an open invoice.
pub(crate) fn intent_of(world: &World, invoice: &str) -> Option<Value> {
    let payment =
        invoice_payments::of(world, invoice).into_iter().find(|payment| payment["is_default"] == true)?;
    payment["payment"]["payment_intent"].as_str().and_then(|id| world.get(PAYMENT_INTENT, id))
}

/// Charges an open invoice to a method. Whatever comes of it is booked by [`intent_changed`].
pub(crate) fn charge(
    world: &mut World,
    invoice: &Value,
    method: &Value,
    off_session: bool,
) -> Result<Value, ApiError> {
    let Some(mut intent) = intent_of(world, text(invoice, "id")) else {
        return Err(ApiError::state("", "This invoice has no payment that is open."));
    };
    set(&mut intent, "payment_method", method["id"].clone());
    set(&mut intent, "status", "requires_confirmation");
    let how = Confirm { off_session, use_stripe_sdk: true, ..Confirm::default() };
    confirm_intent(world, intent, &how)
}

/// Charges an invoice that collects itself; one that cannot be charged has failed like any other.
pub(crate) fn collect(world: &mut World, invoice: &Value) {
    if invoice["collection_method"] != "charge_automatically" {
        super::send(world, invoice);
        return;
    }
    match method_for(world, invoice) {
        Some(method) => {
            if let Err(error) = charge(world, invoice, &method, true) {
                tracing::debug!(?error, "an invoice was not paid");
            }
        }
        None => failed(world, invoice.clone(), false),
    }
}

/// An intent came to something: if it pays an invoice, so did the invoice.
pub(crate) fn intent_changed(world: &mut World, intent: &Value) {
    let Some(payment) =
        invoice_payments::by(world, text(intent, "id")).filter(|payment| payment["status"] == "open")
    else {
        return;
    };
    let Some(mut invoice) = world.get(INVOICE, text(&payment, "invoice")) else { return };
    if !matches!(text(&invoice, "status"), "open" | "uncollectible") {
        return;
    }
    match text(intent, "status") {
        "succeeded" => {
            book(world, payment, intent);
            let attempts = int(&invoice, "attempt_count") + 1;
            set(&mut invoice, "attempt_count", attempts);
            set(&mut invoice, "amount_paid", intent["amount_received"].clone());
            remember_method(world, &invoice, intent);
            paid(world, invoice);
        }
        "requires_action" => failed(world, invoice, true),
        "requires_payment_method" => failed(world, invoice, false),
        _ => {}
    }
}

fn book(world: &mut World, mut payment: Value, intent: &Value) {
    set(&mut payment, "status", "paid");
    set(&mut payment, "amount_paid", intent["amount_received"].clone());
    set(&mut payment["status_transitions"], "paid_at", world.now());
    world.put(INVOICE_PAYMENT, &payment);
    world.emit("invoice_payment.paid", &payment, None);
}

/// A method that paid a subscription may be charged without its owner from then on.
fn remember_method(world: &mut World, invoice: &Value, intent: &Value) {
    let method = text(intent, "payment_method");
    if intent["setup_future_usage"] == "off_session" {
        world.put(FACT, &json!({ "id": format!("set_up:{method}"), "object": FACT.object }));
    }
    subscriptions::keep_method(world, invoice, method);
}

fn failed(world: &mut World, mut invoice: Value, asks: bool) {
    let attempts = int(&invoice, "attempt_count") + 1;
    set(&mut invoice, "attempt_count", attempts);
    set(&mut invoice, "attempted", true);
    let subscription = subscriptions::of_invoice(world, &invoice);
    let first = subscription.as_ref().is_some_and(|subscription| subscription["status"] == "incomplete");
    let again =
        invoice["auto_advance"] == true && invoice["collection_method"] == "charge_automatically" && !first;
    let next = usize::try_from(attempts - 1).ok().and_then(|place| RETRIES.get(place)).filter(|_| again);
    set(&mut invoice, "next_payment_attempt", next.map_or(Value::Null, |wait| json!(world.now() + wait)));
    save(world, &mut invoice, "invoice.updated");
    if asks {
        world.emit("invoice.payment_action_required", &invoice, None);
    } else {
        world.emit("invoice.payment_failed", &invoice, None);
    }
    owes(world, &invoice, true);
    if let Some(subscription) = subscription {
        subscriptions::after_failure(world, subscription, again && next.is_none());
    }
}
