//! What creating and changing a subscription have in common.

use serde_json::{Map, Value, json};

use super::object::{items, period};
use crate::api::error::ApiError;
use crate::api::params::{Params, merged_metadata, set, text};
use crate::resources::billing::{discounts, lines, prices, tax_rates};
use crate::resources::payment_methods::PAYMENT_METHOD;
use crate::world::World;

const PLAIN: &[&str] = &[
    "collection_method",
    "days_until_due",
    "default_payment_method",
    "description",
    "pending_invoice_item_interval",
];

/// Everything but items, periods and when it ends.
pub(super) fn fill(world: &mut World, params: &Params, subscription: &mut Value) -> Result<(), ApiError> {
    params.copy(subscription, PLAIN);
    if let Some(id) = params.str("default_payment_method") {
        let method = world.named(PAYMENT_METHOD, id, "default_payment_method")?;
        if method["customer"] != subscription["customer"] {
            let message = format!(
                "The customer does not have a payment method with the ID {id}. The payment method must be attached to the customer."
            );
            return Err(ApiError::invalid(message).code("resource_missing").param("default_payment_method"));
        }
    }
    let sends = subscription["collection_method"] == "send_invoice";
    if sends && subscription["days_until_due"].is_null() {
        let message =
            "If subscription `collection_method`=`send_invoice`, you must specify `days_until_due`.";
        return Err(ApiError::invalid(message).code("parameter_missing").param("days_until_due"));
    }
    if !sends && params.get("days_until_due").is_some() {
        let message = "`days_until_due` can only be set if `collection_method` is `send_invoice`.";
        return Err(ApiError::invalid(message).param("days_until_due"));
    }
    if params.sent("default_tax_rates") {
        let rates = tax_rates::named(world, params.list("default_tax_rates"), "default_tax_rates")?;
        set(subscription, "default_tax_rates", rates);
    }
    for (name, kept) in [
        ("payment_settings", ["payment_method_types", "save_default_payment_method"].as_slice()),
        ("invoice_settings", &["description", "footer", "custom_fields"]),
    ] {
        for member in kept {
            if let Some(value) = params.get(&format!("{name}.{member}")) {
                set(&mut subscription[name], member, value.clone());
            }
        }
    }
    for member in ["billing_cycle_anchor", "missing_payment_method"] {
        if let Some(value) = params.get(&format!("trial_settings.end_behavior.{member}")) {
            set(&mut subscription["trial_settings"]["end_behavior"], member, value.clone());
        }
    }
    for member in ["comment", "feedback", "feedback_option"] {
        if let Some(value) = params.get(&format!("cancellation_details.{member}")) {
            set(&mut subscription["cancellation_details"], member, value.clone());
        }
    }
    if params.sent("pause_collection") {
        let pause = params.get("pause_collection").map_or(
            Value::Null,
            |pause| json!({ "behavior": pause["behavior"], "resumes_at": pause["resumes_at"] }),
        );
        set(subscription, "pause_collection", pause);
    }
    params.merge_metadata(subscription)?;
    reduce(world, params, subscription)
}

fn reduce(world: &mut World, params: &Params, subscription: &mut Value) -> Result<(), ApiError> {
    if !params.sent("discounts") {
        return Ok(());
    }
    let (id, customer) = (text(subscription, "id").to_owned(), text(subscription, "customer").to_owned());
    let before = lines::ids(&subscription["discounts"]);
    let now = discounts::redeem(
        world,
        params.list("discounts"),
        Some(&customer),
        ("subscription", &id),
        "discounts",
    )?;
    for gone in before.iter().filter(|id| !now.iter().any(|kept| kept == id.as_str())) {
        discounts::end(world, gone);
    }
    set(subscription, "discounts", now);
    Ok(())
}

/// When it is to end, once it is known how long its period is.
pub(super) fn ending(world: &World, params: &Params, subscription: &mut Value) -> Result<(), ApiError> {
    let (_, end) = period(subscription);
    match params.bool("cancel_at_period_end") {
        Some(true) => {
            set(subscription, "cancel_at_period_end", true);
            set(subscription, "cancel_at", end);
            asked_for(world, subscription);
        }
        Some(false) => {
            set(subscription, "cancel_at_period_end", false);
            not_ending(subscription);
        }
        None => {}
    }
    if !params.sent("cancel_at") {
        return Ok(());
    }
    set(subscription, "cancel_at_period_end", false);
    match params.get("cancel_at") {
        None => not_ending(subscription),
        Some(at) => {
            let at = at.as_i64().unwrap_or(end);
            if at <= world.now() {
                return Err(
                    ApiError::invalid("cancel_at must be a timestamp in the future.").param("cancel_at")
                );
            }
            set(subscription, "cancel_at", at);
            asked_for(world, subscription);
        }
    }
    Ok(())
}

fn asked_for(world: &World, subscription: &mut Value) {
    set(subscription, "canceled_at", world.now());
    set(&mut subscription["cancellation_details"], "reason", "cancellation_requested");
}

fn not_ending(subscription: &mut Value) {
    set(subscription, "cancel_at", Value::Null);
    set(subscription, "canceled_at", Value::Null);
    set(&mut subscription["cancellation_details"], "reason", Value::Null);
}

/// An item as an entry of `items` wants it: a new one, or `known` changed.
pub(super) fn item(
    world: &mut World,
    subscription: &Value,
    entry: &Map<String, Value>,
    place: &str,
    known: Option<Value>,
) -> Result<Value, ApiError> {
    let params = Params(entry.clone());
    let price = prices::of_entry(world, entry, place, true)?;
    let price = price.or_else(|| known.as_ref().map(|item| item["price"].clone()));
    let price = price.ok_or_else(|| ApiError::required(&format!("{place}[price]")))?;
    let currency = text(subscription, "currency");
    if price["currency"] != currency {
        let message = format!(
            "The price specified only supports `{}`. This doesn't match the expected currency: `{currency}`.",
            text(&price, "currency")
        );
        return Err(ApiError::invalid(message).param(&format!("{place}[price]")));
    }
    let quantity = params
        .int("quantity")
        .or_else(|| known.as_ref().and_then(|item| item["quantity"].as_i64()))
        .unwrap_or(1);
    if quantity < 0 {
        let message = "This value must be greater than or equal to 0.";
        return Err(ApiError::invalid(message)
            .code("parameter_invalid_integer")
            .param(&format!("{place}[quantity]")));
    }
    if price["recurring"]["usage_type"] == "metered" && params.get("quantity").is_some() {
        let message = "You cannot set the quantity for metered plans.";
        return Err(ApiError::invalid(message).param(&format!("{place}[quantity]")));
    }
    let mut item = match known {
        Some(item) => item,
        None => super::object::item(world, text(subscription, "id"), &price, quantity),
    };
    super::object::price_item(&mut item, &price, quantity);
    if params.sent("tax_rates") {
        let rates = tax_rates::named(world, params.list("tax_rates"), &format!("{place}[tax_rates]"))?;
        set(&mut item, "tax_rates", rates);
    }
    if let Some(sent) = params.0.get("metadata") {
        let metadata = merged_metadata(item.get("metadata"), sent, &format!("{place}[metadata]"))?;
        set(&mut item, "metadata", metadata);
    }
    if params.sent("discounts") {
        let (id, customer) = (text(&item, "id").to_owned(), text(subscription, "customer").to_owned());
        let place = format!("{place}[discounts]");
        let ids = discounts::redeem(
            world,
            params.list("discounts"),
            Some(&customer),
            ("subscription_item", &id),
            &place,
        )?;
        set(&mut item, "discounts", ids);
    }
    Ok(item)
}

/// Items must be billed together, each price once, and there must be some.
pub(super) fn agree(subscription: &Value) -> Result<(), ApiError> {
    let all = items(subscription);
    let Some(first) = all.first() else {
        let message = "A subscription must have at least one active plan. To cancel a subscription, please use the cancel API \
                       endpoint on subscriptions.";
        return Err(ApiError::invalid(message).param("items"));
    };
    if all.len() > 20 {
        return Err(ApiError::invalid("A subscription can have at most 20 items.").param("items"));
    }
    let each = |item: &Value| {
        (item["price"]["recurring"]["interval"].clone(), item["price"]["recurring"]["interval_count"].clone())
    };
    if all.iter().any(|item| each(item) != each(first)) {
        let message = "The practice account bills all items of a subscription together: their prices must have the same \
                       `recurring[interval]` and `recurring[interval_count]`.";
        return Err(ApiError::invalid(message).param("items"));
    }
    let twice = all.iter().enumerate().any(|(place, item)| {
        all.iter().skip(place + 1).any(|other| other["price"]["id"] == item["price"]["id"])
    });
    if twice {
        let message = "Cannot add multiple subscription items with the same plan.";
        return Err(ApiError::invalid(message).param("items"));
    }
    Ok(())
}
