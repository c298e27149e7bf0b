//! Subscriptions: what is billed again and again.

mod bill;
mod create;
mod cycle;
mod fill;
pub(crate) mod items;
mod object;
mod pause;
mod status;
mod update;

use serde_json::Value;

pub(crate) use create::make;
pub(crate) use cycle::{due, end, proceed};
pub(crate) use status::{
    after_closing, after_failure, after_payment, drop_discounts, keep_method, named_by, of_invoice, parent_of,
};
pub(crate) use update::preview_change;

use super::invoices::{self, customer_of};
use crate::api::error::ApiError;
use crate::api::params::{set, text};
use crate::api::route::{Answer, delete, get, post};
use crate::resources::Resource;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const SUBSCRIPTION: &Kind = &Kind::new("subscription", "sub", "subscription", "/v1/subscriptions")
    .indexed(&["customer", "status", "collection_method", "test_clock"]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "subscriptions",
    &[SUBSCRIPTION],
    &[
        get("/v1/subscriptions", list),
        post("/v1/subscriptions", create::create),
        get("/v1/subscriptions/search", search),
        get("/v1/subscriptions/{subscription_exposed_id}", retrieve),
        post("/v1/subscriptions/{subscription_exposed_id}", update::update),
        delete("/v1/subscriptions/{subscription_exposed_id}", cancel),
        post("/v1/subscriptions/{id}/pause", pause::pause),
        post("/v1/subscriptions/{subscription}/resume", pause::resume),
    ],
)
.task(task);

/// The subscription a path names, at its own time.
fn at_path(call: &mut Call<'_>, part: &str) -> Result<Value, ApiError> {
    let subscription = call.object(SUBSCRIPTION, part, "id")?;
    super::on_clock(call.world, &subscription);
    Ok(subscription)
}

fn task(world: &mut World, _task: &str, data: &Value) {
    if let Some(id) = data.as_str() {
        proceed(world, id);
    }
}

/// A customer who is deleted is subscribed to nothing any more.
pub(crate) fn end_all_of(world: &mut World, customer: &Value) {
    super::on_clock(world, customer);
    for subscription in world.all(SUBSCRIPTION, &Filter::default().is("customer", text(customer, "id")), 500)
    {
        if !matches!(text(&subscription, "status"), "canceled" | "incomplete_expired") {
            end(world, subscription, None);
        }
    }
}

/// Is there anything a subscription can be charged to?
fn has_method(world: &World, subscription: &Value) -> bool {
    subscription["default_payment_method"].is_string()
        || customer_of(world, subscription)["invoice_settings"]["default_payment_method"].is_string()
}

/// Charges an invoice while somebody waits for it. A refusal is an answer of the subscription's, unless it was asked to be
/// an error: then nothing is kept.
fn collect_now(
    world: &mut World,
    invoice: &Value,
    behaviour: &str,
    off_session: bool,
    first: bool,
) -> Result<(), ApiError> {
    let strict = behaviour == "error_if_incomplete";
    let Some(method) = invoices::method_for(world, invoice) else {
        if first || strict {
            return Err(invoices::no_method());
        }
        invoices::collect(world, invoice);
        return Ok(());
    };
    let undone = |mut error: ApiError| {
        error.keeps = false;
        error
    };
    match invoices::charge(world, invoice, &method, off_session) {
        Err(error) if strict => Err(undone(error)),
        Ok(intent) if strict && intent["status"] == "requires_action" => {
            let message = "Payment for this subscription requires additional user action before it can be completed successfully. \
                           Payment can be completed using the PaymentIntent associated with subscription's latest invoice.";
            Err(undone(ApiError::card("subscription_payment_intent_requires_action", message)))
        }
        _ => Ok(()),
    }
}

/// A canceled subscription is still answered.
fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(SUBSCRIPTION, "subscription_exposed_id", "id").map(Answer::from)
}

fn cancel(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut subscription = at_path(call, "subscription_exposed_id")?;
    let id = text(&subscription, "id").to_owned();
    if matches!(text(&subscription, "status"), "canceled" | "incomplete_expired") {
        return Err(ApiError::missing("subscription", &id, "id"));
    }
    for member in ["comment", "feedback", "feedback_option"] {
        if let Some(value) = call.params.get(&format!("cancellation_details.{member}")).cloned() {
            set(&mut subscription["cancellation_details"], member, value);
        }
    }
    if call.params.bool("prorate") == Some(true) {
        cycle::credit_rest(call.world, &subscription, call.world.now());
    }
    let last = (call.params.bool("invoice_now") == Some(true))
        .then(|| bill::draft(call.world, &subscription, "subscription_update", bill::Bill::Pending));
    if let Some(invoice) = &last {
        set(&mut subscription, "latest_invoice", invoice["id"].clone());
    }
    end(call.world, subscription, Some("cancellation_requested"));
    if let Some(invoice) = last {
        let invoice = call.world.at_path(invoices::INVOICE, text(&invoice, "id"), "invoice")?;
        let invoice = invoices::finalize(call.world, invoice)?;
        if invoice["status"] == "open" {
            invoices::collect(call.world, &invoice);
        }
    }
    call.world.at_path(SUBSCRIPTION, &id, "id").map(Answer::from)
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    let mut filter = Filter::default()
        .sent(params, "customer")
        .sent(params, "collection_method")
        .sent(params, "test_clock");
    let all = [
        "active",
        "incomplete",
        "incomplete_expired",
        "past_due",
        "paused",
        "trialing",
        "unpaid",
        "canceled",
    ];
    let wanted: Vec<&str> = match params.str("status") {
        None => all.iter().copied().filter(|status| *status != "canceled").collect(),
        Some("all") => all.to_vec(),
        Some("ended") => vec!["canceled", "incomplete_expired"],
        Some(one) => vec![one],
    };
    filter = filter.any("status", wanted.into_iter().map(str::to_owned).collect());
    let price = params.str("price").or(params.str("plan"));
    let ranges = ["current_period_start", "current_period_end"];
    if price.is_some() || ranges.iter().any(|name| params.get(name).is_some()) {
        let found = call.world.stored_where(SUBSCRIPTION, |subscription| {
            let (start, end) = object::period(subscription);
            let items = object::items(subscription);
            price.is_none_or(|price| items.iter().any(|item| item["price"]["id"] == price))
                && (params.get("current_period_start").is_none()
                    || invoices::within(params, "current_period_start", Some(start)))
                && (params.get("current_period_end").is_none()
                    || invoices::within(params, "current_period_end", Some(end)))
        });
        filter =
            filter.any("id", found.iter().map(|subscription| text(subscription, "id").to_owned()).collect());
    }
    call.page(SUBSCRIPTION, &filter)
}

fn search(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.search(SUBSCRIPTION, &["canceled_at", "customer", "status"])
}
