//! Drafts: made, changed and thrown away.

use serde_json::{Value, json};

use super::close::due_date;
use super::{INVOICE, at_path, blank, editable, save};
use crate::api::error::ApiError;
use crate::api::params::{Params, set, text, with_address};
use crate::api::route::Answer;
use crate::resources::billing::invoice_items::{self, INVOICE_ITEM};
use crate::resources::billing::lines::{self, LINE};
use crate::resources::billing::{discounts, subscriptions, tax_rates};
use crate::resources::payment_methods::PAYMENT_METHOD;
use crate::world::World;
use crate::world::call::Call;
use crate::world::list::Filter;

const PLAIN: &[&str] = &[
    "auto_advance",
    "collection_method",
    "custom_fields",
    "description",
    "due_date",
    "effective_at",
    "footer",
    "number",
    "statement_descriptor",
];

fn fill(world: &mut World, params: &Params, invoice: &mut Value) -> Result<(), ApiError> {
    params.copy(invoice, PLAIN);
    let sent = invoice["collection_method"] == "send_invoice";
    for name in ["due_date", "days_until_due"] {
        if params.get(name).is_some() && !sent {
            let message = format!("You can only specify `{name}` if `collection_method` is `send_invoice`.");
            return Err(ApiError::invalid(message).param(name));
        }
    }
    if params.get("days_until_due").is_some() {
        let due = due_date(invoice, params.int("days_until_due"), world.now());
        set(invoice, "due_date", due);
    }
    if let Some(id) = params.str("default_payment_method") {
        let method = world.named(PAYMENT_METHOD, id, "default_payment_method")?;
        if method["customer"] != invoice["customer"] {
            let message = format!(
                "The customer does not have a payment method with the ID {id}. The payment method must be attached to the customer."
            );
            return Err(ApiError::invalid(message).code("resource_missing").param("default_payment_method"));
        }
    }
    params.copy(invoice, &["default_payment_method"]);
    if params.sent("default_tax_rates") {
        let rates = tax_rates::named(world, params.list("default_tax_rates"), "default_tax_rates")?;
        set(invoice, "default_tax_rates", rates);
    }
    if params.sent("discounts") {
        let (id, customer) = (text(invoice, "id").to_owned(), text(invoice, "customer").to_owned());
        let ids = discounts::redeem(
            world,
            params.list("discounts"),
            Some(&customer),
            ("invoice", &id),
            "discounts",
        )?;
        set(invoice, "discounts", ids);
    }
    if params.sent("shipping_details") {
        let shipping = params
            .get("shipping_details")
            .map_or(Value::Null, |sent| with_address(Some(sent), &["name", "phone"]));
        set(invoice, "shipping_details", shipping);
    }
    if let Some(rendering) = params.get("rendering") {
        let shown = json!({
            "amount_tax_display": rendering["amount_tax_display"], "pdf": rendering["pdf"],
            "template": rendering["template"], "template_version": rendering["template_version"],
        });
        set(invoice, "rendering", shown);
    }
    advance(world, invoice);
    params.merge_metadata(invoice)
}

/// A draft that advances on its own is finalized an hour after it was made.
pub(crate) fn advance(world: &World, invoice: &mut Value) {
    let at = if invoice["auto_advance"] == true { json!(world.now() + 3600) } else { Value::Null };
    if invoice["automatically_finalizes_at"].is_null() || at.is_null() {
        set(invoice, "automatically_finalizes_at", at.clone());
    }
    let charged = invoice["collection_method"] == "charge_automatically";
    set(invoice, "next_payment_attempt", if charged { at } else { Value::Null });
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    if params.get("from_invoice").is_some() {
        let message = "The practice account does not revise invoices: make a credit note and a new invoice.";
        return Err(ApiError::invalid(message).param("from_invoice"));
    }
    let world = &mut *call.world;
    let customer = super::super::customer(world, params.need("customer")?, "customer")?;
    let subscription = match params.str("subscription") {
        Some(id) => Some(world.named(subscriptions::SUBSCRIPTION, id, "subscription")?),
        None => None,
    };
    let currency = match (params.currency("currency")?, &subscription) {
        (Some(currency), _) => currency,
        (None, Some(subscription)) => text(subscription, "currency").to_owned(),
        (None, None) => customer["currency"].as_str().unwrap_or("usd").to_owned(),
    };
    let mut invoice = blank(world, &customer, &currency, "manual");
    if let Some(subscription) = &subscription {
        set(&mut invoice, "parent", subscriptions::parent_of(subscription));
        set(&mut invoice, "discounts", subscription["discounts"].clone());
    }
    fill(world, &params, &mut invoice)?;
    if invoice["collection_method"] == "send_invoice" && invoice["due_date"].is_null() {
        let message =
            "If invoice `collection_method`=`send_invoice`, you must specify `due_date` or `days_until_due`.";
        return Err(ApiError::invalid(message).param("due_date"));
    }
    let wanted = params.str("pending_invoice_items_behavior");
    if wanted == Some("include") || (wanted.is_none() && subscription.is_some()) {
        take_pending(world, &invoice, params.str("subscription"));
    }
    save(world, &mut invoice, "invoice.created");
    Ok(invoice.into())
}

/// Puts a customer's pending items on a draft.
pub(crate) fn take_pending(world: &mut World, invoice: &Value, subscription: Option<&str>) {
    let (id, customer) = (text(invoice, "id").to_owned(), text(invoice, "customer").to_owned());
    for mut item in invoice_items::pending(world, &customer, text(invoice, "currency"), subscription) {
        invoice_items::attach(world, &mut item, &id);
    }
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut invoice = at_path(call)?;
    let params = call.params.clone();
    let open = ["metadata", "auto_advance", "default_payment_method", "expand"];
    if params.0.keys().any(|name| !open.contains(&name.as_str())) {
        editable(&invoice)?;
    }
    if invoice["status"] == "draft" {
        fill(call.world, &params, &mut invoice)?;
    } else {
        params.copy(&mut invoice, &["auto_advance", "default_payment_method"]);
        params.merge_metadata(&mut invoice)?;
    }
    save(call.world, &mut invoice, "invoice.updated");
    Ok(invoice.into())
}

pub(super) fn remove(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let invoice = at_path(call)?;
    if invoice["status"] != "draft" {
        let message = format!(
            "You can only delete draft invoices. This invoice has a status of {}: void it instead.",
            text(&invoice, "status")
        );
        return Err(ApiError::state("invoice_not_editable", message));
    }
    if subscriptions::named_by(&invoice).is_some() {
        return Err(ApiError::state("", "You can't delete invoices created by subscriptions."));
    }
    for line in lines::of(call.world, text(&invoice, "id")) {
        call.world.forget(LINE, text(&line, "id"));
    }
    // What was on it waits for the next one.
    for mut item in call.world.all(INVOICE_ITEM, &Filter::default().is("invoice", text(&invoice, "id")), 250)
    {
        set(&mut item, "invoice", Value::Null);
        call.world.put(INVOICE_ITEM, &item);
    }
    Ok(call.world.bury(INVOICE, &invoice, "invoice.deleted").into())
}
