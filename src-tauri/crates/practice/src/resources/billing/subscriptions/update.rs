//! A subscription is changed, and what that costs or gives back is reckoned by the second.

use serde_json::{Map, Value, json};

use super::bill::{self, Bill, Rest};
use super::object::{interval, items, period, save, set_items, set_period};
use super::{SUBSCRIPTION, collect_now, create, cycle, fill};
use crate::api::error::ApiError;
use crate::api::params::{Params, set, text};
use crate::api::route::Answer;
use crate::resources::billing::invoices::{self, INVOICE};
use crate::resources::billing::math;
use crate::world::World;
use crate::world::call::Call;

const UPDATED: &str = "customer.subscription.updated";

pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let subscription = super::at_path(call, "subscription_exposed_id")?;
    let params = call.params.clone();
    apply(call.world, subscription, &params).map(Answer::from)
}

/// What is already over changes no more, but for what is said about it.
fn over(subscription: &Value, params: &Params) -> Result<bool, ApiError> {
    if !matches!(text(subscription, "status"), "canceled" | "incomplete_expired") {
        return Ok(false);
    }
    let allowed = ["metadata", "cancellation_details", "expand"];
    if params.0.keys().all(|name| allowed.contains(&name.as_str())) {
        return Ok(true);
    }
    let message = "A canceled subscription can only update its cancellation_details and metadata.";
    Err(ApiError::state("", message))
}

/// Changes a subscription as parameters say.
pub(crate) fn apply(world: &mut World, before: Value, params: &Params) -> Result<Value, ApiError> {
    let mut subscription = before.clone();
    if over(&before, params)? {
        fill::fill(world, params, &mut subscription)?;
        save(world, &subscription, UPDATED);
        return Ok(subscription);
    }
    fill::fill(world, params, &mut subscription)?;
    change_items(world, params, &mut subscription)?;
    fill::agree(&subscription)?;
    let at = proration_date(world, params, &before)?;
    let restarts = restarts(&before, &subscription, params);
    let prorates = params.str("proration_behavior") != Some("none")
        && !matches!(text(&before, "status"), "trialing" | "paused");
    let bill = if let Some(end) = params.int("trial_end") {
        let end = create::future(world, end)?;
        if prorates {
            cycle::credit_rest(world, &before, at);
        }
        on_trial(world, &mut subscription, end);
        None
    } else if restarts {
        if prorates {
            cycle::credit_rest(world, &before, at);
        }
        restart(world, &mut subscription);
        Some(Bill::Period)
    } else {
        let made = prorates && prorate_changes(world, &before, &subscription, at);
        (made && params.str("proration_behavior") == Some("always_invoice")).then_some(Bill::Pending)
    };
    fill::ending(world, params, &mut subscription)?;
    if subscription["cancel_at_period_end"] == true {
        let end = period(&subscription).1;
        set(&mut subscription, "cancel_at", end);
    }
    match bill {
        Some(bill) => bill_now(world, params, subscription, bill),
        None => {
            save(world, &subscription, UPDATED);
            Ok(subscription)
        }
    }
}

fn change_items(world: &mut World, params: &Params, subscription: &mut Value) -> Result<(), ApiError> {
    let mut all = items(subscription);
    let (start, end) = period(subscription);
    for (place, entry) in params.list("items").iter().filter_map(Value::as_object).enumerate() {
        let place = format!("items[{place}]");
        let Some(id) = entry.get("id").and_then(Value::as_str) else {
            let mut item = fill::item(world, subscription, entry, &place, None)?;
            set(&mut item, "current_period_start", start);
            set(&mut item, "current_period_end", end);
            all.push(item);
            continue;
        };
        let Some(found) = all.iter().position(|item| item["id"] == id) else {
            return Err(ApiError::no_such("subscription_item", id, &format!("{place}[id]")));
        };
        if entry.get("deleted") == Some(&Value::Bool(true)) {
            all.remove(found);
            continue;
        }
        let known = all.get(found).cloned();
        let changed = fill::item(world, subscription, entry, &place, known)?;
        if let Some(slot) = all.get_mut(found) {
            *slot = changed;
        }
    }
    set_items(subscription, all);
    Ok(())
}

/// The moment changes are reckoned from: within the current period.
fn proration_date(world: &World, params: &Params, before: &Value) -> Result<i64, ApiError> {
    let (start, end) = period(before);
    match params.int("proration_date") {
        Some(at) if at < start || at > end => {
            let message = "Cannot specify `proration_date` outside of current period.";
            Err(ApiError::invalid(message).param("proration_date"))
        }
        Some(at) => Ok(at),
        None => Ok(world.now()),
    }
}

/// Does a new period begin with the change?
fn restarts(before: &Value, after: &Value, params: &Params) -> bool {
    let trial_cut = params.str("trial_end") == Some("now") && before["status"] == "trialing";
    let anchored = params.str("billing_cycle_anchor") == Some("now")
        || params.str("billing_cycle_anchor.type") == Some("now");
    // A trial goes on whatever is tried; only what comes after it changes.
    trial_cut || anchored || (interval(before) != interval(after) && before["status"] != "trialing")
}

fn on_trial(world: &World, subscription: &mut Value, end: i64) {
    let now = world.now();
    if subscription["status"] != "trialing" {
        set(subscription, "trial_start", now);
    }
    let start = if subscription["status"] == "trialing" { period(subscription).0 } else { now };
    set(subscription, "status", "trialing");
    set(subscription, "trial_end", end);
    set(subscription, "billing_cycle_anchor", end);
    set_period(subscription, start, end);
}

fn restart(world: &World, subscription: &mut Value) {
    let now = world.now();
    let (each, count) = interval(subscription);
    if subscription["status"] == "trialing" {
        set(subscription, "status", "active");
        set(subscription, "trial_end", now);
    }
    set(subscription, "billing_cycle_anchor", now);
    set_period(subscription, now, math::later(now, &each, count));
}

/// Pending items for every item that changed; were there any?
fn prorate_changes(world: &mut World, before: &Value, after: &Value, at: i64) -> bool {
    let rest = Rest::of(before, at);
    let (old, new) = (items(before), items(after));
    let costs = |item: &Value| (item["price"]["id"].clone(), item["quantity"].clone());
    let mut made = false;
    for item in &old {
        let kept = new.iter().find(|other| other["id"] == item["id"]);
        if kept.is_none_or(|kept| costs(kept) != costs(item)) {
            bill::prorate(world, before, item, rest, true);
            made = true;
        }
    }
    for item in &new {
        let known = old.iter().find(|other| other["id"] == item["id"]);
        if known.is_none_or(|known| costs(known) != costs(item)) {
            bill::prorate(world, after, item, rest, false);
            made = true;
        }
    }
    made
}

/// Bills a change at once.
fn bill_now(
    world: &mut World,
    params: &Params,
    mut subscription: Value,
    bill: Bill,
) -> Result<Value, ApiError> {
    let behaviour = params.str("payment_behavior").unwrap_or("allow_incomplete").to_owned();
    let invoice = bill::draft(world, &subscription, "subscription_update", bill);
    set(&mut subscription, "latest_invoice", invoice["id"].clone());
    save(world, &subscription, UPDATED);
    let id = text(&subscription, "id").to_owned();
    if subscription["collection_method"] == "charge_automatically" {
        let invoice = invoices::finalize(world, invoice)?;
        if invoice["status"] == "open" && behaviour == "default_incomplete" {
            let mut waiting = world.at_path(SUBSCRIPTION, &id, "subscription")?;
            set(&mut waiting, "status", "past_due");
            save(world, &waiting, UPDATED);
        } else if invoice["status"] == "open" {
            collect_now(world, &invoice, &behaviour, params.bool("off_session") == Some(true), false)?;
        }
    }
    world.at_path(SUBSCRIPTION, &id, "subscription")
}

/// The next invoice of a subscription once `details` were applied: the caller undoes it all.
pub(crate) fn preview_change(
    world: &mut World,
    subscription: Value,
    details: &Map<String, Value>,
) -> Result<Value, ApiError> {
    let none = || {
        let message = format!("No upcoming invoices for customer: {}", text(&subscription, "customer"));
        let mut error = ApiError::state("invoice_upcoming_none", message);
        error.status = 404;
        error
    };
    let before = subscription["latest_invoice"].clone();
    let mut params = Params(details.clone());
    params.0.insert("payment_behavior".to_owned(), json!("default_incomplete"));
    if params.bool("cancel_now") == Some(true) {
        let at = proration_date(world, &params, &subscription)?;
        cycle::credit_rest(world, &subscription, at);
        return Ok(bill::draft(world, &subscription, "subscription_update", Bill::Pending));
    }
    let mut changed = apply(world, subscription.clone(), &params)?;
    if matches!(text(&changed, "status"), "canceled" | "incomplete_expired" | "paused") {
        return Err(none());
    }
    if changed["latest_invoice"] != before {
        return world.at_path(INVOICE, text(&changed, "latest_invoice"), "invoice");
    }
    let end = period(&changed).1;
    if changed["cancel_at"].as_i64().is_some_and(|at| at <= end) {
        return Err(none());
    }
    world.live_at(end);
    if changed["status"] == "trialing" {
        set(&mut changed, "status", "active");
    }
    let id = text(&changed, "id").to_owned();
    cycle::turn(world, changed);
    let turned = world.at_path(SUBSCRIPTION, &id, "subscription")?;
    world.at_path(INVOICE, text(&turned, "latest_invoice"), "invoice")
}
