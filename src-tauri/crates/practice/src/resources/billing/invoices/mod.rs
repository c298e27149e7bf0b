//! Invoices: drafts, what is on them, and how they are finalized, sent, paid, voided or given up.

mod close;
mod collect;
mod edit;
mod object;
mod preview;

use serde_json::{Value, json};

pub(crate) use close::{finalize, paid, void};
pub(crate) use collect::{charge, collect, intent_changed, intent_of, method_for, no_method};
pub(crate) use object::{blank, customer_of};

use super::lines::LINE;
use super::{invoice_payments, subscriptions, wake};
use crate::api::error::ApiError;
use crate::api::params::{set, text};
use crate::api::route::{Answer, delete, get, post};
use crate::resources::Resource;
use crate::resources::payment_methods::PAYMENT_METHOD;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::{FACT, Kind};
use crate::world::list::Filter;

pub(crate) const SUBSCRIPTION: &str = "parent.subscription_details.subscription";

pub(crate) const INVOICE: &Kind = &Kind::new("invoice", "in", "invoice", "/v1/invoices").indexed(&[
    "customer",
    "status",
    "collection_method",
    "test_clock",
    SUBSCRIPTION,
]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "invoices",
    &[INVOICE],
    &[
        get("/v1/invoices", list),
        post("/v1/invoices", edit::create),
        post("/v1/invoices/create_preview", preview::create),
        get("/v1/invoices/search", search),
        get("/v1/invoices/{invoice}", retrieve),
        post("/v1/invoices/{invoice}", edit::update),
        delete("/v1/invoices/{invoice}", edit::remove),
        post("/v1/invoices/{invoice}/finalize", finalize_now),
        get("/v1/invoices/{invoice}/lines", line_items),
        post("/v1/invoices/{invoice}/mark_uncollectible", mark_uncollectible),
        post("/v1/invoices/{invoice}/pay", pay),
        post("/v1/invoices/{invoice}/send", send_now),
        post("/v1/invoices/{invoice}/void", void_now),
    ],
)
.task(task)
.include(include);

/// The invoice a path names, at its own time.
pub(super) fn at_path(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let invoice = call.object(INVOICE, "invoice", "invoice")?;
    super::on_clock(call.world, &invoice);
    Ok(invoice)
}

/// Only a draft may be edited.
pub(crate) fn editable(invoice: &Value) -> Result<(), ApiError> {
    if invoice["status"] == "draft" {
        return Ok(());
    }
    let message = "This invoice is no longer editable: only invoices with a status of draft can be changed.";
    Err(ApiError::state("invoice_not_editable", message))
}

/// Reckons a draft anew, puts an invoice and tells of what changed.
pub(crate) fn save(world: &mut World, invoice: &mut Value, event: &str) {
    if invoice["status"] == "draft" {
        object::reckon(world, invoice);
    }
    let before = world.get(INVOICE, text(invoice, "id")).and_then(|before| due(world, &before));
    if event == "invoice.created" {
        world.create(INVOICE, invoice, event);
    } else {
        world.update(INVOICE, invoice, event);
    }
    let after = due(world, invoice);
    wake(world, invoice, before, after, "invoices.proceed");
}

/// When the next thing happens to an invoice on its own.
pub(crate) fn due(world: &World, invoice: &Value) -> Option<i64> {
    match text(invoice, "status") {
        "draft" if invoice["auto_advance"] == true => invoice["automatically_finalizes_at"].as_i64(),
        "open" => {
            let noted = world.look(FACT, &overdue_fact(invoice)).is_some();
            let overdue = invoice["due_date"].as_i64().filter(|_| !noted);
            invoice["next_payment_attempt"].as_i64().into_iter().chain(overdue).min()
        }
        _ => None,
    }
}

/// Does everything an invoice is due for by now.
pub(crate) fn proceed(world: &mut World, id: &str) {
    // Every step moves what is due on; the bound is for what should not be.
    for _ in 0..16 {
        let now = world.now();
        let due = world.get(INVOICE, id).and_then(|invoice| due(world, &invoice));
        if due.is_none_or(|at| at > now) {
            return;
        }
        close::proceed(world, id);
    }
}

fn task(world: &mut World, _task: &str, data: &Value) {
    if let Some(id) = data.as_str() {
        proceed(world, id);
    }
}

fn overdue_fact(invoice: &Value) -> String {
    format!("overdue:{}", text(invoice, "id"))
}

/// An invoice that was sent was not paid in time.
fn note_overdue(world: &mut World, invoice: &Value) {
    world.put(FACT, &json!({ "id": overdue_fact(invoice), "object": FACT.object }));
    world.emit("invoice.overdue", invoice, None);
    if let Some(subscription) = subscriptions::of_invoice(world, invoice) {
        subscriptions::after_failure(world, subscription, false);
    }
}

fn include(world: &World, owner: &Value, member: &str) -> Option<Value> {
    if owner["object"] != "invoice" {
        return None;
    }
    match member {
        "payments" => Some(invoice_payments::listed(world, owner)),
        "confirmation_secret" => {
            let intent = intent_of(world, text(owner, "id"))?;
            Some(json!({ "client_secret": intent["client_secret"], "type": "payment_intent" }))
        }
        _ => None,
    }
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let invoice = call.object(INVOICE, "invoice", "invoice")?;
    Ok(invoice.into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    let mut filter = Filter::default()
        .sent(params, "customer")
        .sent(params, "status")
        .sent(params, "collection_method")
        .sent_as(params, "subscription", SUBSCRIPTION);
    if params.get("due_date").is_some() {
        let found = call
            .world
            .stored_where(INVOICE, |invoice| within(params, "due_date", invoice["due_date"].as_i64()));
        filter = filter.any("id", found.iter().map(|invoice| text(invoice, "id").to_owned()).collect());
    }
    call.page(INVOICE, &filter)
}

/// Does a time lie in the range a parameter sets?
pub(super) fn within(params: &crate::api::params::Params, name: &str, at: Option<i64>) -> bool {
    let Some(at) = at else { return false };
    let bound = |edge: &str| params.int(&format!("{name}.{edge}"));
    params.int(name).is_none_or(|exact| exact == at)
        && bound("gt").is_none_or(|edge| at > edge)
        && bound("gte").is_none_or(|edge| at >= edge)
        && bound("lt").is_none_or(|edge| at < edge)
        && bound("lte").is_none_or(|edge| at <= edge)
}

fn search(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.search(
        INVOICE,
        &["currency", "customer", "number", "receipt_number", "status", "subscription", "total"],
    )
}

fn line_items(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let invoice = call.object(INVOICE, "invoice", "invoice")?;
    call.page(LINE, &Filter::default().is("invoice", text(&invoice, "id")))
}

fn finalize_now(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut invoice = at_path(call)?;
    if let Some(advance) = call.params.bool("auto_advance") {
        set(&mut invoice, "auto_advance", advance);
    }
    let mut invoice = finalize(call.world, invoice)?;
    if invoice["status"] == "open"
        && invoice["auto_advance"] == true
        && invoice["collection_method"] == "charge_automatically"
    {
        set(&mut invoice, "next_payment_attempt", call.world.now() + 3600);
        save(call.world, &mut invoice, "invoice.updated");
    }
    Ok(invoice.into())
}

/// Tells that an invoice went out to its customer.
fn send(world: &mut World, invoice: &Value) {
    world.emit("invoice.sent", invoice, None);
}

fn send_now(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut invoice = at_path(call)?;
    if invoice["status"] == "draft" {
        invoice = finalize(call.world, invoice)?;
    }
    if matches!(text(&invoice, "status"), "void" | "uncollectible") {
        let message = format!("You can't send an invoice with a status of {}.", text(&invoice, "status"));
        return Err(ApiError::state("", message));
    }
    send(call.world, &invoice);
    Ok(invoice.into())
}

fn mark_uncollectible(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut invoice = at_path(call)?;
    if invoice["status"] == "draft" {
        invoice = finalize(call.world, invoice)?;
    }
    close::uncollectible(call.world, invoice).map(Answer::from)
}

/// Gives an invoice of a paused subscription up.
pub(crate) fn give_up(world: &mut World, invoice: Value) {
    if let Err(error) = close::uncollectible(world, invoice) {
        tracing::debug!(?error, "an invoice could not be given up");
    }
}

fn void_now(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let invoice = at_path(call)?;
    void(call.world, invoice).map(Answer::from)
}

fn pay(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut invoice = at_path(call)?;
    if invoice["status"] == "draft" {
        invoice = finalize(call.world, invoice)?;
        if invoice["status"] == "paid" {
            return Ok(invoice.into());
        }
    }
    match text(&invoice, "status") {
        "paid" => return Err(ApiError::state("", "Invoice is already paid")),
        "void" => return Err(ApiError::state("", "Voided invoices cannot be paid.")),
        _ => {}
    }
    if call.params.bool("paid_out_of_band") == Some(true) {
        return Ok(close::paid_elsewhere(call.world, invoice).into());
    }
    let method = match call.params.owned("payment_method") {
        Some(id) => owned_method(call.world, &id, &invoice)?,
        None => method_for(call.world, &invoice).ok_or_else(no_method)?,
    };
    let off_session = call.params.bool("off_session").unwrap_or(true);
    let intent = charge(call.world, &invoice, &method, off_session)?;
    if intent["status"] == "requires_action" {
        let message = "This payment requires additional user action before it can be completed successfully. Payment can be \
                       completed using the PaymentIntent associated with the invoice. For more details see: \
                       https://stripe.com/docs/billing/subscriptions/overview#requires-action";
        return Err(
            ApiError::card("invoice_payment_intent_requires_action", message).with("payment_intent", intent)
        );
    }
    call.object(INVOICE, "invoice", "invoice").map(Answer::from)
}

/// A method of the invoice's own customer.
fn owned_method(world: &World, id: &str, invoice: &Value) -> Result<Value, ApiError> {
    world.get(PAYMENT_METHOD, id).filter(|method| method["customer"] == invoice["customer"]).ok_or_else(|| {
        let message = format!(
            "The customer does not have a payment method with the ID {id}. The payment method must be attached to the customer."
        );
        ApiError::invalid(message).code("resource_missing").param("payment_method")
    })
}
