//! From a subscription to the invoices it makes.

use serde_json::{Value, json};

use super::object::{items, period};
use super::parent_of;
use crate::api::params::{int, set, text};
use crate::resources::billing::invoice_items::{self, INVOICE_ITEM};
use crate::resources::billing::invoices::{self, blank, customer_of};
use crate::resources::billing::lines::{self, LINE};
use crate::resources::billing::{discounts, math, prices};
use crate::world::World;

/// What an invoice of a subscription is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bill {
    /// The current period of every item, and what is pending.
    Period,
    /// What is pending alone.
    Pending,
}

/// A draft for a subscription, told of.
pub(crate) fn draft(world: &mut World, subscription: &Value, reason: &str, bill: Bill) -> Value {
    let customer = customer_of(world, subscription);
    let mut invoice = blank(world, &customer, text(subscription, "currency"), reason);
    let (id, now) = (text(&invoice, "id").to_owned(), world.now());
    for name in ["collection_method", "default_payment_method", "default_tax_rates"] {
        set(&mut invoice, name, subscription[name].clone());
    }
    let running: Vec<String> =
        lines::ids(&subscription["discounts"]).into_iter().filter(|id| discounts::runs(world, id)).collect();
    set(&mut invoice, "discounts", running);
    set(&mut invoice, "parent", parent_of(subscription));
    for name in ["description", "footer", "custom_fields"] {
        set(&mut invoice, name, subscription["invoice_settings"][name].clone());
    }
    if subscription["collection_method"] == "send_invoice" {
        set(&mut invoice, "due_date", now + subscription["days_until_due"].as_i64().unwrap_or(30) * 86_400);
    } else {
        set(&mut invoice, "next_payment_attempt", now + 3600);
    }
    set(&mut invoice, "auto_advance", true);
    set(&mut invoice, "automatically_finalizes_at", now + 3600);
    if bill == Bill::Period {
        for item in items(subscription) {
            let line = line_of(world, &invoice, subscription, &item);
            world.put(LINE, &line);
        }
    }
    let customer = text(&customer, "id").to_owned();
    let own = subscription["id"].as_str();
    for mut item in invoice_items::pending(world, &customer, text(subscription, "currency"), own) {
        invoice_items::attach(world, &mut item, &id);
    }
    invoices::save(world, &mut invoice, "invoice.created");
    invoice
}

/// The line of an item's current period; a trial costs nothing.
fn line_of(world: &mut World, invoice: &Value, subscription: &Value, item: &Value) -> Value {
    let trial = subscription["status"] == "trialing";
    let price = &item["price"];
    let quantity = item["quantity"].as_i64().unwrap_or(0);
    let whole = prices::amount(price, quantity);
    let amount = if trial { 0 } else { first_share(subscription, item, whole) };
    let mut line = lines::blank(world, text(invoice, "id"), amount, text(invoice, "currency"));
    let description = if trial {
        format!("Trial period for {}", prices::product_name(world, price))
    } else {
        prices::description(world, price, quantity)
    };
    set(&mut line, "description", description);
    set(&mut line, "discounts", item["discounts"].clone());
    set(&mut line, "metadata", item["metadata"].clone());
    set(
        &mut line,
        "period",
        json!({ "end": item["current_period_end"], "start": item["current_period_start"] }),
    );
    set(&mut line, "pricing", prices::pricing(price));
    set(&mut line, "quantity", quantity);
    set(&mut line, "quantity_decimal", quantity.to_string());
    set(&mut line, "subscription", subscription["id"].clone());
    let details = json!({
        "invoice_item": null, "proration": false, "proration_details": { "credited_items": null },
        "subscription": subscription["id"], "subscription_item": item["id"],
    });
    let parent = json!({ "invoice_item_details": null, "subscription_item_details": details, "type": "subscription_item_details" });
    set(&mut line, "parent", parent);
    line
}

/// A first period that only leads up to the anchor costs its share of a whole one.
fn first_share(subscription: &Value, item: &Value, whole: i64) -> i64 {
    let (start, end) = (int(item, "current_period_start"), int(item, "current_period_end"));
    let (interval, count) = super::object::interval(subscription);
    let full = math::later(end, &interval, -count);
    if end != int(subscription, "billing_cycle_anchor") || start <= full {
        return whole;
    }
    math::scaled(whole, end - start, end - full)
}

/// Pending lines that give back, or ask for, the rest of the current period.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest {
    /// From when on.
    pub at: i64,
    /// The period it is a rest of.
    pub period: (i64, i64),
}

impl Rest {
    pub(crate) fn of(subscription: &Value, at: i64) -> Self {
        let period = period(subscription);
        Self { at: at.clamp(period.0, period.1.max(period.0)), period }
    }
}

/// What an item's rest of the period is worth, with the subscription's percentages taken off.
fn worth(world: &World, subscription: &Value, item: &Value, rest: Rest) -> i64 {
    let whole = prices::amount(&item["price"], item["quantity"].as_i64().unwrap_or(0));
    let whole = discounts::after_percentages(world, &item["discounts"], whole);
    let whole = discounts::after_percentages(world, &subscription["discounts"], whole);
    math::scaled(whole, rest.period.1 - rest.at, rest.period.1 - rest.period.0)
}

/// A pending item for the rest of a period: a credit for what an item was, or a charge for what it is.
pub(crate) fn prorate(world: &mut World, subscription: &Value, item: &Value, rest: Rest, credit: bool) {
    let sign = if credit { -1 } else { 1 };
    let amount = sign * worth(world, subscription, item, rest);
    let customer = customer_of(world, subscription);
    let quantity = item["quantity"].as_i64().unwrap_or(0);
    let mut pending = invoice_items::blank(world, &customer, amount, text(subscription, "currency"));
    let name = prices::product_name(world, &item["price"]);
    let many = if quantity == 1 { name } else { format!("{quantity} × {name}") };
    let what = if credit { "Unused" } else { "Remaining" };
    set(&mut pending, "description", format!("{what} time on {many} after {}", math::day_of(rest.at)));
    set(&mut pending, "discountable", false);
    set(&mut pending, "period", json!({ "end": rest.period.1, "start": rest.at }));
    set(&mut pending, "pricing", prices::pricing(&item["price"]));
    set(&mut pending, "proration", true);
    set(&mut pending, "quantity", quantity);
    set(&mut pending, "quantity_decimal", quantity.to_string());
    set(&mut pending, "tax_rates", item["tax_rates"].clone());
    let details = json!({ "subscription": subscription["id"], "subscription_item": item["id"] });
    set(&mut pending, "parent", json!({ "subscription_details": details, "type": "subscription_details" }));
    set(&mut pending, "proration_details", json!({ "credited_items": null, "discount_amounts": [] }));
    world.create(INVOICE_ITEM, &pending, "invoiceitem.created");
}
