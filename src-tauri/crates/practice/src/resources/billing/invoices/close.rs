//! How an invoice leaves its draft, and how it ends.

use serde_json::{Value, json};

use super::object::{customer_of, reckon};
use super::{INVOICE, save};
use crate::api::error::ApiError;
use crate::api::params::{int, set, text};
use crate::resources::billing::invoice_payments::{self, INVOICE_PAYMENT};
use crate::resources::billing::{discounts, lines, subscriptions};
use crate::resources::customers::CUSTOMER;
use crate::resources::payment_intents::{self, PAYMENT_INTENT};
use crate::world::World;

const DAY: i64 = 86_400;

/// Finalizes a draft: it gets its number, is charged against the balance, and asks for the rest.
pub(crate) fn finalize(world: &mut World, mut invoice: Value) -> Result<Value, ApiError> {
    if invoice["status"] != "draft" {
        let message = "This invoice is already finalized, you can't re-finalize a non-draft invoice.";
        return Err(ApiError::state("invoice_not_editable", message));
    }
    let now = world.now();
    let ending = reckon(world, &mut invoice);
    number(world, &mut invoice, ending);
    let url = format!("{}/_practice/invoices/{}", world.identity.base_url, text(&invoice, "id"));
    set(&mut invoice, "status", "open");
    set(&mut invoice["status_transitions"], "finalized_at", now);
    if invoice["effective_at"].is_null() {
        set(&mut invoice, "effective_at", now);
    }
    set(&mut invoice, "automatically_finalizes_at", Value::Null);
    set(&mut invoice, "next_payment_attempt", Value::Null);
    set(&mut invoice, "ending_balance", ending);
    set(&mut invoice, "invoice_pdf", format!("{url}/pdf"));
    set(&mut invoice, "hosted_invoice_url", url);
    if int(&invoice, "amount_due") > 0 {
        ask(world, &invoice);
    }
    save(world, &mut invoice, "invoice.updated");
    world.emit("invoice.finalized", &invoice, None);
    if int(&invoice, "amount_due") == 0 {
        return Ok(paid(world, invoice));
    }
    Ok(invoice)
}

fn number(world: &mut World, invoice: &mut Value, ending: i64) {
    let mut customer = customer_of(world, invoice);
    let next = int(&customer, "next_invoice_sequence").max(1);
    if invoice["number"].is_null() {
        set(invoice, "number", format!("{}-{next:04}", text(&customer, "invoice_prefix")));
        set(&mut customer, "next_invoice_sequence", next + 1);
    }
    if customer["currency"].is_null() {
        set(&mut customer, "currency", invoice["currency"].clone());
    }
    set(&mut customer, "balance", ending);
    if customer["deleted"] != true {
        world.update(CUSTOMER, &customer, "customer.updated");
    }
}

/// The intent that is to pay the invoice.
fn ask(world: &mut World, invoice: &Value) {
    let (id, secret) = (world.id(PAYMENT_INTENT), world.chance.text(25));
    let (amount, currency) = (int(invoice, "amount_due"), text(invoice, "currency"));
    let mut intent = payment_intents::blank(&id, &secret, world.now(), amount, currency);
    let subscribed = subscriptions::named_by(invoice).is_some();
    let what = match text(invoice, "billing_reason") {
        "subscription_create" => "Subscription creation".to_owned(),
        "subscription_update" => "Subscription update".to_owned(),
        _ => format!("Payment for Invoice {}", text(invoice, "number")),
    };
    set(&mut intent, "description", what);
    set(&mut intent, "customer", invoice["customer"].clone());
    set(&mut intent, "receipt_email", invoice["customer_email"].clone());
    set(&mut intent, "capture_method", "automatic");
    if subscribed {
        set(&mut intent, "setup_future_usage", "off_session");
    }
    world.create(PAYMENT_INTENT, &intent, "payment_intent.created");
    invoice_payments::open(world, invoice, &id, amount);
}

/// What is still to be paid was paid or is nothing any more.
pub(crate) fn paid(world: &mut World, mut invoice: Value) -> Value {
    set(&mut invoice, "status", "paid");
    set(&mut invoice, "attempted", true);
    set(&mut invoice, "auto_advance", false);
    set(&mut invoice, "amount_remaining", 0);
    set(&mut invoice, "next_payment_attempt", Value::Null);
    set(&mut invoice["status_transitions"], "paid_at", world.now());
    save(world, &mut invoice, "invoice.updated");
    world.emit("invoice.paid", &invoice, None);
    world.emit("invoice.payment_succeeded", &invoice, None);
    owes(world, &invoice, false);
    spend_discounts(world, &invoice);
    subscriptions::after_payment(world, &invoice);
    invoice
}

/// Does the customer owe an invoice whose payment failed?
pub(super) fn owes(world: &mut World, invoice: &Value, owes: bool) {
    let mut customer = customer_of(world, invoice);
    if customer["deleted"] != true && customer["delinquent"] != owes {
        set(&mut customer, "delinquent", owes);
        world.update(CUSTOMER, &customer, "customer.updated");
    }
}

/// A subscription's one-time discount is gone with the first invoice it was used on.
fn spend_discounts(world: &mut World, invoice: &Value) {
    let used = lines::ids(&invoice["discounts"]).into_iter().filter(|id| discounts::is_once(world, id));
    let used: Vec<String> = used.collect();
    if let Some(subscription) =
        subscriptions::named_by(invoice).filter(|_| !used.is_empty() && int(invoice, "subtotal") > 0)
    {
        subscriptions::drop_discounts(world, subscription, &used);
    }
}

/// Lets go of the intents that were to pay an invoice.
fn call_off(world: &mut World, invoice: &Value, reason: &str) {
    for mut payment in invoice_payments::of(world, text(invoice, "id")) {
        if payment["status"] != "open" {
            continue;
        }
        set(&mut payment, "status", "canceled");
        set(&mut payment["status_transitions"], "canceled_at", world.now());
        world.put(INVOICE_PAYMENT, &payment);
        let intent =
            payment["payment"]["payment_intent"].as_str().and_then(|id| world.get(PAYMENT_INTENT, id));
        if let Some(intent) = intent
            && let Err(error) = payment_intents::cancel_intent(world, intent, json!(reason))
        {
            tracing::debug!(?error, "the intent of a closed invoice had ended already");
        }
    }
}

/// Voids an invoice that is not paid.
pub(crate) fn void(world: &mut World, mut invoice: Value) -> Result<Value, ApiError> {
    if !matches!(text(&invoice, "status"), "open" | "uncollectible") {
        let message = format!(
            "You can only void an open or uncollectible invoice. This invoice has a status of {}.",
            text(&invoice, "status")
        );
        return Err(ApiError::state("", message));
    }
    call_off(world, &invoice, "void_invoice");
    set(&mut invoice, "status", "void");
    set(&mut invoice, "auto_advance", false);
    set(&mut invoice, "next_payment_attempt", Value::Null);
    set(&mut invoice["status_transitions"], "voided_at", world.now());
    save(world, &mut invoice, "invoice.updated");
    world.emit("invoice.voided", &invoice, None);
    subscriptions::after_closing(world, &invoice);
    Ok(invoice)
}

/// Gives an open invoice up.
pub(crate) fn uncollectible(world: &mut World, mut invoice: Value) -> Result<Value, ApiError> {
    if invoice["status"] != "open" {
        let message = format!(
            "You can only mark an open invoice as uncollectible. This invoice has a status of {}.",
            text(&invoice, "status")
        );
        return Err(ApiError::state("", message));
    }
    set(&mut invoice, "status", "uncollectible");
    set(&mut invoice, "next_payment_attempt", Value::Null);
    set(&mut invoice["status_transitions"], "marked_uncollectible_at", world.now());
    save(world, &mut invoice, "invoice.updated");
    world.emit("invoice.marked_uncollectible", &invoice, None);
    subscriptions::after_closing(world, &invoice);
    Ok(invoice)
}

/// Paid some other way.
pub(crate) fn paid_elsewhere(world: &mut World, mut invoice: Value) -> Value {
    call_off(world, &invoice, "abandoned");
    let due = int(&invoice, "amount_due");
    set(&mut invoice, "amount_paid", due);
    set(&mut invoice, "amount_paid_off_stripe", due);
    paid(world, invoice)
}

/// When an invoice that was sent is due.
pub(super) fn due_date(invoice: &Value, days: Option<i64>, at: i64) -> Value {
    if invoice["collection_method"] == "send_invoice" {
        json!(at + days.unwrap_or(30) * DAY)
    } else {
        Value::Null
    }
}

/// Does what an invoice is due for now; it may be due for more afterwards.
pub(crate) fn proceed(world: &mut World, id: &str) {
    let Some(invoice) = world.get(INVOICE, id) else { return };
    if invoice["status"] == "draft" {
        match finalize(world, invoice) {
            Ok(invoice) if invoice["status"] == "open" => super::collect::collect(world, &invoice),
            Ok(_) => {}
            Err(error) => tracing::debug!(?error, "a draft could not be finalized"),
        }
    } else if invoice["next_payment_attempt"].as_i64().is_some_and(|at| at <= world.now()) {
        super::collect::collect(world, &invoice);
    } else {
        super::note_overdue(world, &invoice);
    }
}
