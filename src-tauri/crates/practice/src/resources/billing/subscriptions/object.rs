//! A subscription and its items as they are answered.

use serde_json::{Value, json};

use super::items::SUBSCRIPTION_ITEM;
use super::{SUBSCRIPTION, cycle};
use crate::api::params::{int, set, text};
use crate::resources::billing::wake;
use crate::world::World;
use crate::world::list::Filter;

/// A subscription without items that starts now.
pub(crate) fn blank(world: &mut World, customer: &Value, currency: &str) -> Value {
    let (id, now) = (world.id(SUBSCRIPTION), world.now());
    json!({
        "id": id,
        "object": "subscription",
        "application": null,
        "application_fee_percent": null,
        "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
        "billing_cycle_anchor": now,
        "billing_cycle_anchor_config": null,
        "billing_mode": { "flexible": { "proration_discounts": "included" }, "type": "flexible" },
        "billing_schedules": [],
        "billing_thresholds": null,
        "cancel_at": null,
        "cancel_at_period_end": false,
        "canceled_at": null,
        "cancellation_details": { "comment": null, "feedback": null, "feedback_option": null, "reason": null },
        "collection_method": "charge_automatically",
        "created": now,
        "currency": currency,
        "customer": customer["id"],
        "customer_account": null,
        "days_until_due": null,
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": [],
        "ended_at": null,
        "invoice_settings": {
            "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": { "type": "self" },
        },
        "items": { "object": "list", "data": [], "has_more": false, "url": format!("/v1/subscription_items?subscription={id}") },
        "latest_invoice": null,
        "livemode": false,
        "managed_payments": null,
        "metadata": {},
        "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null,
        "pause_collection": null,
        "payment_settings": {
            "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": null,
        "pending_setup_intent": null,
        "pending_update": null,
        "schedule": null,
        "start_date": now,
        "status": "incomplete",
        "test_clock": customer["test_clock"],
        "transfer_data": null,
        "trial_end": null,
        "trial_settings": { "end_behavior": { "billing_cycle_anchor": null, "missing_payment_method": "create_invoice" } },
        "trial_start": null,
    })
}

/// The plan Stripe still shows beside a price.
fn plan(price: &Value) -> Value {
    let recurring = &price["recurring"];
    json!({
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": false,
        "metadata": price["metadata"],
        "meter": recurring["meter"],
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": price["tiers_mode"],
        "transform_usage": price["transform_quantity"],
        "trial_period_days": null,
        "usage_type": recurring["usage_type"],
    })
}

/// A new item of a subscription.
pub(crate) fn item(world: &mut World, subscription: &str, price: &Value, quantity: i64) -> Value {
    let (id, now) = (world.id(SUBSCRIPTION_ITEM), world.now());
    let mut item = json!({
        "id": id,
        "object": "subscription_item",
        "billing_thresholds": null,
        "created": now,
        "current_period_end": now,
        "current_period_start": now,
        "current_trial": null,
        "discounts": [],
        "metadata": {},
        "subscription": subscription,
        "tax_rates": [],
    });
    price_item(&mut item, price, quantity);
    item
}

/// Gives an item a price and a quantity.
pub(crate) fn price_item(item: &mut Value, price: &Value, quantity: i64) {
    set(item, "price", price.clone());
    set(item, "plan", plan(price));
    if price["recurring"]["usage_type"] == "metered" {
        if let Some(members) = item.as_object_mut() {
            members.shift_remove("quantity");
        }
    } else {
        set(item, "quantity", quantity);
    }
}

/// The items of a subscription.
pub(crate) fn items(subscription: &Value) -> Vec<Value> {
    subscription["items"]["data"].as_array().cloned().unwrap_or_default()
}

pub(crate) fn set_items(subscription: &mut Value, items: Vec<Value>) {
    set(&mut subscription["items"], "data", items);
}

/// From when to when it is billed now; all items go together.
pub(crate) fn period(subscription: &Value) -> (i64, i64) {
    let first = &subscription["items"]["data"][0];
    (int(first, "current_period_start"), int(first, "current_period_end"))
}

pub(crate) fn set_period(subscription: &mut Value, start: i64, end: i64) {
    let mut all = items(subscription);
    for item in &mut all {
        set(item, "current_period_start", start);
        set(item, "current_period_end", end);
    }
    set_items(subscription, all);
}

/// How often it is billed.
pub(crate) fn interval(subscription: &Value) -> (String, i64) {
    let recurring = &subscription["items"]["data"][0]["price"]["recurring"];
    (text(recurring, "interval").to_owned(), int(recurring, "interval_count").max(1))
}

/// Puts a subscription and its items, and tells of what changed.
pub(crate) fn save(world: &mut World, subscription: &Value, event: &str) {
    let id = text(subscription, "id").to_owned();
    let before = world.get(SUBSCRIPTION, &id).and_then(|before| cycle::due(world, &before));
    let all = items(subscription);
    for old in world.all(SUBSCRIPTION_ITEM, &Filter::default().is("subscription", &id), 100) {
        if !all.iter().any(|item| item["id"] == old["id"]) {
            world.bury(SUBSCRIPTION_ITEM, &old, "");
        }
    }
    for item in &all {
        if world.get(SUBSCRIPTION_ITEM, text(item, "id")).as_ref() != Some(item) {
            world.put(SUBSCRIPTION_ITEM, item);
        }
    }
    match event {
        "" => world.put(SUBSCRIPTION, subscription),
        "customer.subscription.created" => world.create(SUBSCRIPTION, subscription, event),
        _ => world.update(SUBSCRIPTION, subscription, event),
    }
    let after = cycle::due(world, subscription);
    wake(world, subscription, before, after, "subscriptions.proceed");
}
