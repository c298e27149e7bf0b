//! Lines of invoices: what is charged, less discounts, plus tax.

use serde_json::{Value, json};

use super::discounts::{self, Reducible};
use super::invoice_items::INVOICE_ITEM;
use super::subscriptions::items::SUBSCRIPTION_ITEM;
use super::tax_rates;
use crate::api::params::{int, set, text};
use crate::resources::Resource;
use crate::world::World;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const LINE: &Kind = &Kind::new("line_item", "il", "line item", "").indexed(&["invoice"]);

pub(crate) const RESOURCE: Resource = Resource::new("lines", &[LINE], &[]);

/// More lines than an invoice may have.
const MOST: usize = 250;

/// A line of so much.
pub(crate) fn blank(world: &mut World, invoice: &str, amount: i64, currency: &str) -> Value {
    let id = world.id(LINE);
    let now = world.now();
    json!({
        "id": id,
        "object": "line_item",
        "amount": amount,
        "currency": currency,
        "description": null,
        "discount_amounts": [],
        "discountable": true,
        "discounts": [],
        "invoice": invoice,
        "livemode": false,
        "metadata": {},
        "parent": null,
        "period": { "end": now, "start": now },
        "pretax_credit_amounts": [],
        "pricing": null,
        "quantity": 1,
        "quantity_decimal": "1",
        "subscription": null,
        "subtotal": amount,
        "taxes": [],
    })
}

/// The lines of an invoice, newest first as Stripe lists them.
pub(crate) fn of(world: &World, invoice: &str) -> Vec<Value> {
    world.all(LINE, &Filter::default().is("invoice", invoice), MOST)
}

/// The item a line was made from.
pub(crate) fn item_of(line: &Value) -> Option<&str> {
    let parent = &line["parent"];
    parent["invoice_item_details"]["invoice_item"]
        .as_str()
        .or(parent["subscription_item_details"]["invoice_item"].as_str())
}

/// The rates of a line: its item's own, else the invoice's.
fn rates(world: &World, line: &Value, invoice: &Value) -> Vec<Value> {
    let own = |object: Option<Value>| {
        object.and_then(|object| object["tax_rates"].as_array().cloned()).filter(|rates| !rates.is_empty())
    };
    let item = item_of(line).and_then(|id| world.look(INVOICE_ITEM, id));
    let subscribed = line["parent"]["subscription_item_details"]["subscription_item"].as_str();
    own(item)
        .or_else(|| own(subscribed.and_then(|id| world.look(SUBSCRIPTION_ITEM, id))))
        .or_else(|| invoice["default_tax_rates"].as_array().cloned())
        .unwrap_or_default()
}

/// Reckons an invoice's lines and totals anew and puts the lines where they belong.
pub(crate) fn reckon(world: &mut World, invoice: &mut Value) {
    let (id, currency) = (text(invoice, "id").to_owned(), text(invoice, "currency").to_owned());
    let mut lines = of(world, &id);
    lines.reverse();
    let reduced = reduce(world, invoice, &lines, &currency);
    let exempt = text(invoice, "customer_tax_exempt").to_owned();
    for (line, left) in lines.iter_mut().zip(&reduced) {
        let taken: Vec<Value> = left
            .taken
            .iter()
            .map(|(discount, amount)| json!({ "amount": amount, "discount": discount }))
            .collect();
        set(line, "discount_amounts", taken);
        let taxes = tax_rates::taxes(&rates(world, line, invoice), left.left, &exempt);
        set(line, "taxes", taxes);
        set(line, "subtotal", line["amount"].clone());
        // All of them, oldest first: that is the order they keep.
        world.put(LINE, line);
    }
    totals(invoice, &lines);
    lines.reverse();
    let more = lines.len() > 10;
    lines.truncate(10);
    let list = json!({
        "object": "list", "data": lines, "has_more": more, "url": format!("/v1/invoices/{id}/lines"),
    });
    set(invoice, "lines", list);
}

fn reduce(world: &World, invoice: &Value, lines: &[Value], currency: &str) -> Vec<Reducible> {
    let mut reduced: Vec<Reducible> = lines
        .iter()
        .map(|line| Reducible {
            left: int(line, "amount"),
            product: line["pricing"]["price_details"]["product"].as_str().unwrap_or("").to_owned(),
            discountable: line["discountable"] == true,
            taken: Vec::new(),
        })
        .collect();
    for (place, line) in lines.iter().enumerate() {
        for discount in ids(&line["discounts"]) {
            discounts::apply(world, &discount, currency, &mut reduced, Some(place));
        }
    }
    for discount in ids(&invoice["discounts"]) {
        discounts::apply(world, &discount, currency, &mut reduced, None);
    }
    reduced
}

/// The ids in a list.
pub(crate) fn ids(list: &Value) -> Vec<String> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Adds up entries of the lines' lists by what they are about.
fn gathered<'a>(lists: impl Iterator<Item = &'a Value>, same: impl Fn(&Value, &Value) -> bool) -> Vec<Value> {
    let mut sums: Vec<Value> = Vec::new();
    for entry in lists.flat_map(|list| list.as_array().map(Vec::as_slice).unwrap_or_default()) {
        match sums.iter_mut().find(|sum| same(sum, entry)) {
            Some(sum) => {
                for name in ["amount", "taxable_amount"] {
                    if let Some(more) = entry[name].as_i64() {
                        let whole = int(sum, name) + more;
                        set(sum, name, whole);
                    }
                }
            }
            None => sums.push(entry.clone()),
        }
    }
    sums
}

/// The tax of lines, rate by rate.
pub(crate) fn total_taxes(lines: &[Value]) -> Vec<Value> {
    gathered(lines.iter().map(|line| &line["taxes"]), |sum, entry| {
        sum["tax_rate_details"] == entry["tax_rate_details"]
    })
}

/// The discounts of lines, one by one.
pub(crate) fn total_discounts(lines: &[Value]) -> Vec<Value> {
    gathered(lines.iter().map(|line| &line["discount_amounts"]), |sum, entry| {
        sum["discount"] == entry["discount"]
    })
}

/// The sum of a list's amounts.
pub(crate) fn sum(list: &[Value]) -> i64 {
    list.iter().map(|entry| int(entry, "amount")).sum()
}

fn totals(invoice: &mut Value, lines: &[Value]) {
    let (discounts, taxes) = (total_discounts(lines), total_taxes(lines));
    let subtotal = sum(lines);
    let within: i64 =
        taxes.iter().filter(|tax| tax["tax_behavior"] == "inclusive").map(|tax| int(tax, "amount")).sum();
    let on_top = sum(&taxes) - within;
    let total = subtotal - sum(&discounts) + on_top;
    set(invoice, "subtotal", subtotal);
    set(invoice, "subtotal_excluding_tax", subtotal - within);
    set(invoice, "total", total);
    set(invoice, "total_excluding_tax", total - within - on_top);
    set(invoice, "total_discount_amounts", discounts);
    set(invoice, "total_taxes", taxes);
}
