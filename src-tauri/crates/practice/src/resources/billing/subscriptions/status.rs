//! What becomes of a subscription when its invoice is paid, fails or is closed.

use serde_json::{Value, json};

use super::object::save;
use super::{SUBSCRIPTION, cycle};
use crate::api::params::{set, text};
use crate::resources::billing::{discounts, lines};
use crate::world::World;

const UPDATED: &str = "customer.subscription.updated";

/// The id of the subscription an invoice belongs to.
pub(crate) fn named_by(invoice: &Value) -> Option<&str> {
    invoice["parent"]["subscription_details"]["subscription"].as_str()
}

/// The subscription an invoice belongs to.
pub(crate) fn of_invoice(world: &World, invoice: &Value) -> Option<Value> {
    named_by(invoice).and_then(|id| world.get(SUBSCRIPTION, id))
}

/// How an invoice says which subscription it belongs to.
pub(crate) fn parent_of(subscription: &Value) -> Value {
    json!({
        "quote_details": null,
        "subscription_details": { "metadata": subscription["metadata"], "subscription": subscription["id"] },
        "type": "subscription_details",
    })
}

fn latest(subscription: &Value, invoice: &Value) -> bool {
    subscription["latest_invoice"] == invoice["id"]
}

/// An invoice was paid.
pub(crate) fn after_payment(world: &mut World, invoice: &Value) {
    let Some(mut subscription) = of_invoice(world, invoice) else { return };
    match text(&subscription, "status") {
        "incomplete" | "past_due" | "unpaid" if latest(&subscription, invoice) => {
            set(&mut subscription, "status", "active");
            save(world, &subscription, UPDATED);
        }
        "paused" if latest(&subscription, invoice) => super::pause::resumed(world, subscription),
        _ => {}
    }
}

/// An invoice was voided or given up: the next one counts.
pub(crate) fn after_closing(world: &mut World, invoice: &Value) {
    let Some(mut subscription) = of_invoice(world, invoice) else { return };
    let status = match text(&subscription, "status") {
        "past_due" | "unpaid" => "active",
        "incomplete" => "incomplete_expired",
        _ => return,
    };
    if latest(&subscription, invoice) {
        set(&mut subscription, "status", status);
        if status == "incomplete_expired" {
            set(&mut subscription, "ended_at", world.now());
        }
        save(world, &subscription, UPDATED);
    }
}

/// An invoice could not be charged, for the last time where `exhausted`.
pub(crate) fn after_failure(world: &mut World, mut subscription: Value, exhausted: bool) {
    if exhausted {
        // In Stripe's Dashboard this is a setting of the account; here a subscription may choose for itself.
        match subscription["metadata"]["practice_after_retries"].as_str() {
            Some("unpaid") => {
                set(&mut subscription, "status", "unpaid");
                save(world, &subscription, UPDATED);
            }
            Some("past_due") => {}
            _ => cycle::end(world, subscription, Some("payment_failed")),
        }
    } else if matches!(text(&subscription, "status"), "active" | "trialing") {
        set(&mut subscription, "status", "past_due");
        save(world, &subscription, UPDATED);
    }
}

/// A subscription that asks for it keeps the method it was paid with.
pub(crate) fn keep_method(world: &mut World, invoice: &Value, method: &str) {
    let Some(mut subscription) = of_invoice(world, invoice) else { return };
    if subscription["payment_settings"]["save_default_payment_method"] == "on_subscription" {
        set(&mut subscription, "default_payment_method", method);
        save(world, &subscription, UPDATED);
    }
}

/// Discounts that were good for one invoice are gone.
pub(crate) fn drop_discounts(world: &mut World, id: &str, used: &[String]) {
    let Some(mut subscription) = world.get(SUBSCRIPTION, id) else { return };
    let mut kept = lines::ids(&subscription["discounts"]);
    let before = kept.len();
    kept.retain(|id| !used.contains(id));
    if kept.len() == before {
        return;
    }
    set(&mut subscription, "discounts", kept);
    for id in used {
        discounts::end(world, id);
    }
    save(world, &subscription, UPDATED);
}
