//! Objects as an older version of the API rendered them: a reader that takes them for today's must notice.

use serde_json::{Value, json};

use super::state::World;
use crate::api::params::{set, text};
use crate::resources::billing::invoices::intent_of;
use crate::resources::charges::CHARGE;

/// A version before payment intents lost `charges`, invoices `payment_intent` and subscriptions their period.
pub(crate) const VERSION: &str = "2022-08-01";

/// The object of an event in that version's shape.
pub(crate) fn render(world: &World, object: &mut Value) {
    match text(object, "object") {
        "payment_intent" => payment_intent(world, object),
        "setup_intent" | "checkout.session" => drop_members(object, &["allowed_payment_method_types"]),
        "invoice" => invoice(world, object),
        "subscription" => subscription(object),
        "promotion_code" => coupon_of(object, "promotion"),
        "discount" => coupon_of(object, "source"),
        _ => {}
    }
}

fn drop_members(object: &mut Value, names: &[&str]) {
    if let Some(members) = object.as_object_mut() {
        for name in names {
            members.shift_remove(*name);
        }
    }
}

fn payment_intent(world: &World, intent: &mut Value) {
    let charge = intent["latest_charge"].as_str().and_then(|id| world.get(CHARGE, id));
    let url = format!("/v1/charges?payment_intent={}", text(intent, "id"));
    let data: Vec<Value> = charge.into_iter().collect();
    let charges =
        json!({ "object": "list", "total_count": data.len(), "data": data, "has_more": false, "url": url });
    set(intent, "charges", charges);
    drop_members(intent, &["latest_charge", "allowed_payment_method_types"]);
}

fn invoice(world: &World, invoice: &mut Value) {
    let intent = intent_of(world, text(invoice, "id")).unwrap_or_default();
    let subscription = invoice["parent"]["subscription_details"]["subscription"].clone();
    let paid = invoice["status"] == "paid";
    set(invoice, "payment_intent", intent["id"].clone());
    set(invoice, "charge", intent["latest_charge"].clone());
    set(invoice, "subscription", subscription);
    set(invoice, "paid", paid);
    drop_members(invoice, &["parent", "payments"]);
}

fn subscription(subscription: &mut Value) {
    let names = ["current_period_start", "current_period_end"];
    for name in names {
        let when = subscription["items"]["data"][0][name].clone();
        set(subscription, name, when);
    }
    for item in subscription["items"]["data"].as_array_mut().into_iter().flatten() {
        drop_members(item, &names);
    }
}

fn coupon_of(object: &mut Value, within: &str) {
    let coupon = object[within]["coupon"].clone();
    set(object, "coupon", coupon);
    drop_members(object, &[within]);
}
