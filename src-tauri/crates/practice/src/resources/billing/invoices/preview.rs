//! What an invoice would be: everything is done as it would be done, looked at, and undone.

use serde_json::{Map, Value, json};

use super::{INVOICE, blank, edit, save};
use crate::api::error::ApiError;
use crate::api::params::{Params, set, text};
use crate::api::route::Answer;
use crate::resources::billing::invoice_items::{self, INVOICE_ITEM};
use crate::resources::billing::{discounts, subscriptions};
use crate::resources::customers::{self, CUSTOMER};
use crate::world::World;
use crate::world::call::Call;

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    let shown = simulate(call.world, &params);
    call.world.undo();
    shown.map(Answer::from).map_err(|mut error| {
        error.keeps = false;
        error
    })
}

fn simulate(world: &mut World, params: &Params) -> Result<Value, ApiError> {
    for name in ["schedule", "schedule_details"] {
        if params.get(name).is_some() {
            let message = "The practice account has no subscription schedules.";
            return Err(ApiError::invalid(message).param(name));
        }
    }
    let subscription = match params.str("subscription") {
        Some(id) => Some(world.named(subscriptions::SUBSCRIPTION, id, "subscription")?),
        None => None,
    };
    let customer = customer(world, params, subscription.as_ref())?;
    let extra = items(world, params, &customer, subscription.as_ref())?;
    let details = params.get("subscription_details").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut invoice = match subscription {
        Some(subscription) => subscriptions::preview_change(world, subscription, &details)?,
        None if details.contains_key("items") => fresh(world, params, &customer, details)?,
        None => pending(world, params, &customer, extra)?,
    };
    if params.sent("discounts") {
        let (id, owner) = (text(&invoice, "id").to_owned(), text(&customer, "id").to_owned());
        let ids =
            discounts::redeem(world, params.list("discounts"), Some(&owner), ("invoice", &id), "discounts")?;
        set(&mut invoice, "discounts", ids);
        set(&mut invoice, "status", "draft");
        save(world, &mut invoice, "invoice.updated");
    }
    Ok(upcoming(world, invoice))
}

fn customer(world: &mut World, params: &Params, subscription: Option<&Value>) -> Result<Value, ApiError> {
    let id = params
        .owned("customer")
        .or_else(|| subscription.and_then(|known| known["customer"].as_str().map(str::to_owned)));
    if let Some(id) = id {
        return super::super::customer(world, &id, "customer");
    }
    let Some(details) = params.get("customer_details") else { return Err(ApiError::required("customer")) };
    let mut customer = customers::blank(world);
    set(&mut customer, "address", crate::api::params::address(details.get("address")));
    if let Some(exempt) = details["tax_exempt"].as_str() {
        set(&mut customer, "tax_exempt", exempt);
    }
    world.put(CUSTOMER, &customer);
    Ok(customer)
}

/// The items that are to be on it besides what is pending. How many there were.
fn items(
    world: &mut World,
    params: &Params,
    customer: &Value,
    subscription: Option<&Value>,
) -> Result<usize, ApiError> {
    let sent = params.list("invoice_items").to_vec();
    for entry in sent.iter().filter_map(Value::as_object) {
        let mut entry = Params(entry.clone());
        if let Some(id) = entry.owned("invoiceitem") {
            let known = world.named(INVOICE_ITEM, &id, "invoice_items[invoiceitem]")?;
            world.forget(INVOICE_ITEM, text(&known, "id"));
        }
        if let Some(unit) = entry.int("unit_amount") {
            entry.0.insert("unit_amount_decimal".to_owned(), json!(unit.to_string()));
        }
        if let Some(subscription) = subscription {
            entry.0.entry("currency").or_insert_with(|| subscription["currency"].clone());
        } else if let Some(currency) = params.str("currency") {
            entry.0.entry("currency").or_insert_with(|| json!(currency));
        }
        let item = invoice_items::make(world, &entry, customer["id"].as_str())?;
        world.put(INVOICE_ITEM, &item);
    }
    Ok(sent.len())
}

fn fresh(
    world: &mut World,
    params: &Params,
    customer: &Value,
    mut details: Map<String, Value>,
) -> Result<Value, ApiError> {
    details.insert("customer".to_owned(), customer["id"].clone());
    details.insert("payment_behavior".to_owned(), json!("default_incomplete"));
    if let Some(currency) = params.get("currency") {
        details.insert("currency".to_owned(), currency.clone());
    }
    let subscription = subscriptions::make(world, &Params(details))?;
    world.at_path(INVOICE, text(&subscription, "latest_invoice"), "invoice")
}

fn pending(world: &mut World, params: &Params, customer: &Value, extra: usize) -> Result<Value, ApiError> {
    let currency = params.currency("currency")?.or_else(|| customer["currency"].as_str().map(str::to_owned));
    let first =
        params.list("invoice_items").first().and_then(|entry| entry["currency"].as_str().map(str::to_owned));
    let currency = currency.or(first).unwrap_or_else(|| "usd".to_owned());
    let id = text(customer, "id");
    if extra == 0 && invoice_items::pending(world, id, &currency, None).is_empty() {
        let mut error =
            ApiError::state("invoice_upcoming_none", format!("No upcoming invoices for customer: {id}"));
        error.status = 404;
        return Err(error);
    }
    let mut invoice = blank(world, customer, &currency, "upcoming");
    edit::take_pending(world, &invoice, None);
    save(world, &mut invoice, "invoice.created");
    Ok(invoice)
}

/// The same invoice as one that does not exist yet.
fn upcoming(world: &mut World, mut invoice: Value) -> Value {
    let id = format!("upcoming_{}", text(&invoice, "id"));
    if let Some(lines) = invoice["lines"]["data"].as_array_mut() {
        for line in lines {
            let tail = text(line, "id").trim_start_matches("il_").to_owned();
            set(line, "id", format!("il_tmp_{tail}"));
            set(line, "invoice", id.clone());
        }
    }
    set(&mut invoice["lines"], "url", format!("/v1/invoices/{id}/lines"));
    let due = invoice["amount_due"].clone();
    let later = if invoice["collection_method"] == "charge_automatically" {
        json!(world.now() + 3600)
    } else {
        Value::Null
    };
    let reset = [
        ("id", json!(id)),
        ("status", json!("draft")),
        ("billing_reason", json!("upcoming")),
        ("amount_paid", json!(0)),
        ("amount_remaining", due),
        ("attempt_count", json!(0)),
        ("attempted", json!(false)),
        ("automatically_finalizes_at", Value::Null),
        ("effective_at", Value::Null),
        ("hosted_invoice_url", Value::Null),
        ("invoice_pdf", Value::Null),
        ("next_payment_attempt", later),
        ("number", Value::Null),
        ("webhooks_delivered_at", Value::Null),
    ];
    for (name, value) in reset {
        set(&mut invoice, name, value);
    }
    let transitions =
        json!({ "finalized_at": null, "marked_uncollectible_at": null, "paid_at": null, "voided_at": null });
    set(&mut invoice, "status_transitions", transitions);
    invoice
}
