//! A subscription begins: with a trial, or with its first payment.

use serde_json::{Value, json};

use super::bill::{self, Bill};
use super::object::{blank, interval, save, set_items, set_period};
use super::{SUBSCRIPTION, collect_now, fill, has_method};
use crate::api::error::ApiError;
use crate::api::params::{Params, int, set, text};
use crate::api::route::Answer;
use crate::resources::billing::invoice_items::{self, INVOICE_ITEM};
use crate::resources::billing::{invoices, math};
use crate::resources::setup_intents::{self, SETUP_INTENT};
use crate::world::World;
use crate::world::call::Call;

const DAY: i64 = 86_400;

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    make(call.world, &params).map(Answer::from)
}

/// A new subscription with its first invoice.
pub(crate) fn make(world: &mut World, params: &Params) -> Result<Value, ApiError> {
    let customer = super::super::customer(world, params.need("customer")?, "customer")?;
    let entries = params.list("items").to_vec();
    if entries.is_empty() {
        return Err(ApiError::required("items"));
    }
    let currency = currency(world, params, &entries)?;
    let mut subscription = blank(world, &customer, &currency);
    let mut all = Vec::with_capacity(entries.len());
    for (place, entry) in entries.iter().filter_map(Value::as_object).enumerate() {
        all.push(fill::item(world, &subscription, entry, &format!("items[{place}]"), None)?);
    }
    set_items(&mut subscription, all);
    fill::agree(&subscription)?;
    begin(world, params, &mut subscription)?;
    fill::fill(world, params, &mut subscription)?;
    fill::ending(world, params, &mut subscription)?;
    if params.str("billing_mode.type") == Some("classic") {
        set(&mut subscription, "billing_mode", json!({ "flexible": null, "type": "classic" }));
    }
    add_items(world, params, &subscription)?;
    first_invoice(world, params, subscription)
}

fn currency(world: &World, params: &Params, entries: &[Value]) -> Result<String, ApiError> {
    if let Some(currency) = params.currency("currency")? {
        return Ok(currency);
    }
    let first = entries.first().unwrap_or(&Value::Null);
    let data = first["price_data"]["currency"].as_str().map(str::to_ascii_lowercase);
    let Some(id) = first["price"].as_str().or(first["plan"].as_str()) else {
        return data.ok_or_else(|| ApiError::required("items[0][price]"));
    };
    let price = world.named(crate::resources::prices::PRICE, id, "items[0][price]")?;
    Ok(text(&price, "currency").to_owned())
}

/// The end of the trial that is asked for.
fn trial(world: &World, params: &Params) -> Result<Option<i64>, ApiError> {
    let days = params.int("trial_period_days");
    let end = params.int("trial_end");
    if days.is_some() && params.get("trial_end").is_some() {
        let message = "You may only specify one of these parameters: trial_end, trial_period_days.";
        return Err(ApiError::invalid(message).code("parameters_exclusive").param("trial_end"));
    }
    match (days, end) {
        (Some(days), _) if !(0..=730).contains(&days) => {
            let message = "Invalid trial_period_days: must be between 0 and 730.";
            Err(ApiError::invalid(message).param("trial_period_days"))
        }
        (Some(0), _) | (None, None) => Ok(None),
        (Some(days), _) => Ok(Some(world.now() + days * DAY)),
        (None, Some(end)) => future(world, end).map(Some),
    }
}

/// A trial's end must lie ahead, by at most five years.
pub(super) fn future(world: &World, end: i64) -> Result<i64, ApiError> {
    let now = world.now();
    if end <= now {
        let message = "Invalid timestamp: must be an integer Unix timestamp in the future.";
        return Err(ApiError::invalid(message).param("trial_end"));
    }
    if end > now + 5 * 366 * DAY {
        return Err(ApiError::invalid("Invalid timestamp: can be no more than five years in the future.")
            .param("trial_end"));
    }
    Ok(end)
}

/// Its first period, and the anchor of those that follow.
fn begin(world: &World, params: &Params, subscription: &mut Value) -> Result<(), ApiError> {
    let now = world.now();
    let (each, count) = interval(subscription);
    let natural = math::later(now, &each, count);
    if let Some(end) = trial(world, params)? {
        set(subscription, "status", "trialing");
        set(subscription, "trial_start", now);
        set(subscription, "trial_end", end);
        set(subscription, "billing_cycle_anchor", end);
        set_period(subscription, now, end);
        return Ok(());
    }
    let anchor = match params.int("billing_cycle_anchor") {
        Some(at) if at <= now => {
            let message = "billing_cycle_anchor must be a timestamp in the future.";
            return Err(ApiError::invalid(message).param("billing_cycle_anchor"));
        }
        Some(at) if at > natural => {
            let message = format!(
                "billing_cycle_anchor cannot be later than next natural billing date ({natural}) for plan"
            );
            return Err(ApiError::invalid(message).param("billing_cycle_anchor"));
        }
        other => other,
    };
    set(subscription, "billing_cycle_anchor", anchor.unwrap_or(now));
    set_period(subscription, now, anchor.unwrap_or(natural));
    Ok(())
}

/// Items that are on the first invoice besides.
fn add_items(world: &mut World, params: &Params, subscription: &Value) -> Result<(), ApiError> {
    for entry in params.list("add_invoice_items").iter().filter_map(Value::as_object) {
        let mut entry = Params(entry.clone());
        entry.0.shift_remove("period");
        let mut item = invoice_items::make(world, &entry, subscription["customer"].as_str())?;
        let details = json!({ "subscription": subscription["id"] });
        set(&mut item, "parent", json!({ "subscription_details": details, "type": "subscription_details" }));
        world.create(INVOICE_ITEM, &item, "invoiceitem.created");
    }
    Ok(())
}

fn first_invoice(world: &mut World, params: &Params, mut subscription: Value) -> Result<Value, ApiError> {
    let behaviour = params.str("payment_behavior").unwrap_or("allow_incomplete").to_owned();
    if behaviour == "pending_if_incomplete" {
        let message = "`pending_if_incomplete` is not supported when creating a subscription.";
        return Err(ApiError::invalid(message).param("payment_behavior"));
    }
    let sends = subscription["collection_method"] == "send_invoice";
    let trialing = subscription["status"] == "trialing";
    let mut invoice = bill::draft(world, &subscription, "subscription_create", Bill::Period);
    let due = int(&invoice, "amount_due");
    if !trialing {
        set(&mut subscription, "status", if sends || due == 0 { "active" } else { "incomplete" });
    }
    if trialing && !sends && behaviour == "default_incomplete" && !has_method(world, &subscription) {
        let intent = pending_setup(world, &subscription);
        set(&mut subscription, "pending_setup_intent", intent);
    }
    set(&mut subscription, "latest_invoice", invoice["id"].clone());
    save(world, &subscription, "customer.subscription.created");
    // What is sent is finalized within the hour; what is charged, at once.
    if sends && due > 0 {
        return Ok(subscription);
    }
    invoice = invoices::finalize(world, invoice)?;
    if invoice["status"] == "open" && behaviour != "default_incomplete" {
        collect_now(world, &invoice, &behaviour, params.bool("off_session") == Some(true), true)?;
    }
    world.at_path(SUBSCRIPTION, text(&subscription, "id"), "subscription")
}

/// A trial that is to be paid for later asks for a method now.
fn pending_setup(world: &mut World, subscription: &Value) -> Value {
    let mut intent = setup_intents::blank(world);
    set(&mut intent, "customer", subscription["customer"].clone());
    world.create(SETUP_INTENT, &intent, "setup_intent.created");
    intent["id"].clone()
}
