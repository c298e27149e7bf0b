//! What time does to a subscription: trials end, periods turn, what was never paid expires.

use serde_json::{Value, json};

use super::bill::{self, Bill, Rest};
use super::object::{interval, items, period, save, set_period};
use super::{SUBSCRIPTION, has_method};
use crate::api::params::{int, set, text};
use crate::resources::billing::invoices::{self, INVOICE};
use crate::resources::billing::{discounts, lines, math};
use crate::world::World;
use crate::world::kind::FACT;
use crate::world::list::Filter;

const DAY: i64 = 86_400;
/// How long a first payment may take.
const COMPLETE_WITHIN: i64 = 23 * 3600;
/// How long before its end a trial is told of.
const NOTICE: i64 = 3 * DAY;

fn notice_fact(subscription: &Value) -> String {
    format!("trial_notice:{}:{}", text(subscription, "id"), int(subscription, "trial_end"))
}

fn notice_at(world: &World, subscription: &Value) -> Option<i64> {
    let end = subscription["trial_end"].as_i64().filter(|_| subscription["status"] == "trialing")?;
    world.look(FACT, &notice_fact(subscription)).is_none().then_some(end - NOTICE)
}

/// When the next thing happens to a subscription on its own.
pub(crate) fn due(world: &World, subscription: &Value) -> Option<i64> {
    let cancel = subscription["cancel_at"].as_i64();
    match text(subscription, "status") {
        "canceled" | "incomplete_expired" => None,
        "incomplete" => Some(int(subscription, "created") + COMPLETE_WITHIN),
        "paused" => cancel,
        _ => {
            let resumes = subscription["pause_collection"]["resumes_at"].as_i64();
            let turn = Some(period(subscription).1);
            [cancel, resumes, turn, notice_at(world, subscription)].into_iter().flatten().min()
        }
    }
}

/// Does everything a subscription is due for by now, each thing at the time it was due.
pub(crate) fn proceed(world: &mut World, id: &str) {
    // Every step moves what is due on; the bound is for a wall clock that jumped years.
    for _ in 0..1000 {
        let Some(subscription) = world.get(SUBSCRIPTION, id) else { return };
        if due(world, &subscription).is_none_or(|at| at > world.now()) {
            return;
        }
        step(world, subscription);
    }
}

fn step(world: &mut World, mut subscription: Value) {
    let now = world.now();
    let reached = |at: Option<i64>| at.is_some_and(|at| at <= now);
    if subscription["status"] == "incomplete" {
        expire(world, subscription);
    } else if reached(subscription["cancel_at"].as_i64()) {
        end(world, subscription, None);
    } else if reached(notice_at(world, &subscription)) {
        world.put(FACT, &json!({ "id": notice_fact(&subscription), "object": FACT.object }));
        world.emit("customer.subscription.trial_will_end", &subscription, None);
        // Nothing of it changed: what comes next is asked for again.
        let next = due(world, &subscription);
        crate::resources::billing::wake(world, &subscription, None, next, "subscriptions.proceed");
    } else if reached(subscription["pause_collection"]["resumes_at"].as_i64()) {
        set(&mut subscription, "pause_collection", Value::Null);
        save(world, &subscription, "customer.subscription.updated");
    } else if subscription["status"] == "trialing" {
        end_trial(world, subscription);
    } else {
        turn(world, subscription);
    }
}

/// The first payment never came.
fn expire(world: &mut World, mut subscription: Value) {
    set(&mut subscription, "status", "incomplete_expired");
    set(&mut subscription, "ended_at", world.now());
    save(world, &subscription, "customer.subscription.updated");
    let invoice = subscription["latest_invoice"].as_str().and_then(|id| world.get(INVOICE, id));
    if let Some(invoice) = invoice.filter(|invoice| invoice["status"] == "open")
        && let Err(error) = invoices::void(world, invoice)
    {
        tracing::debug!(?error, "the invoice of an expired subscription could not be voided");
    }
}

/// A trial is over: it is paid for from now on, or there is nothing to pay with.
fn end_trial(world: &mut World, mut subscription: Value) {
    let charged = subscription["collection_method"] == "charge_automatically";
    if charged && !has_method(world, &subscription) {
        match subscription["trial_settings"]["end_behavior"]["missing_payment_method"].as_str() {
            Some("cancel") => return end(world, subscription, None),
            Some("pause") => {
                return super::pause::paused(world, subscription, "trial_end_without_payment_method");
            }
            _ => {}
        }
    }
    set(&mut subscription, "status", "active");
    turn(world, subscription);
}

/// The next period begins and is billed.
pub(crate) fn turn(world: &mut World, mut subscription: Value) {
    let start = period(&subscription).1;
    let (each, count) = interval(&subscription);
    let end = math::next_turn(int(&subscription, "billing_cycle_anchor"), start, &each, count);
    set_period(&mut subscription, start, end);
    let (kept, over): (Vec<String>, Vec<String>) =
        lines::ids(&subscription["discounts"]).into_iter().partition(|id| discounts::runs(world, id));
    set(&mut subscription, "discounts", kept);
    for id in over {
        discounts::end(world, &id);
    }
    if subscription["cancel_at_period_end"] == true {
        set(&mut subscription, "cancel_at", end);
    }
    let mut invoice = bill::draft(world, &subscription, "subscription_cycle", Bill::Period);
    let behaviour = text(&subscription["pause_collection"], "behavior").to_owned();
    // What is unpaid is not charged again until somebody pays; what is paused may be.
    if subscription["status"] == "unpaid" || behaviour == "keep_as_draft" {
        hold(world, &mut invoice);
    }
    set(&mut subscription, "latest_invoice", invoice["id"].clone());
    save(world, &subscription, "customer.subscription.updated");
    if matches!(behaviour.as_str(), "void" | "mark_uncollectible") {
        waive(world, invoice, &behaviour);
    }
}

fn hold(world: &mut World, invoice: &mut Value) {
    set(invoice, "auto_advance", false);
    set(invoice, "automatically_finalizes_at", Value::Null);
    set(invoice, "next_payment_attempt", Value::Null);
    invoices::save(world, invoice, "invoice.updated");
}

fn waive(world: &mut World, invoice: Value, behaviour: &str) {
    match invoices::finalize(world, invoice) {
        Ok(invoice) if invoice["status"] != "open" => {}
        Ok(invoice) if behaviour == "void" => {
            if let Err(error) = invoices::void(world, invoice) {
                tracing::debug!(?error, "an invoice of a paused subscription could not be voided");
            }
        }
        Ok(invoice) => invoices::give_up(world, invoice),
        Err(error) => tracing::debug!(?error, "an invoice of a paused subscription could not be finalized"),
    }
}

/// A subscription ends. `reason` is kept where it was not asked for by anybody.
pub(crate) fn end(world: &mut World, mut subscription: Value, reason: Option<&str>) {
    let now = world.now();
    set(&mut subscription, "status", "canceled");
    if subscription["canceled_at"].is_null() {
        set(&mut subscription, "canceled_at", now);
    }
    set(&mut subscription, "ended_at", now);
    if let Some(reason) = reason {
        set(&mut subscription["cancellation_details"], "reason", reason);
    }
    save(world, &subscription, "");
    world.emit("customer.subscription.deleted", &subscription, None);
    // Nothing is collected for it any more, though what is open can still be paid.
    let id = text(&subscription, "id").to_owned();
    let open = Filter::default()
        .is(invoices::SUBSCRIPTION, &id)
        .any("status", vec!["open".to_owned(), "draft".to_owned()]);
    for mut invoice in world.all(INVOICE, &open, 100) {
        if invoice["auto_advance"] == true {
            hold(world, &mut invoice);
        }
    }
}

/// Gives back what is left of the current period, as pending items.
pub(crate) fn credit_rest(world: &mut World, subscription: &Value, at: i64) {
    if matches!(text(subscription, "status"), "trialing" | "incomplete") {
        return;
    }
    let rest = Rest::of(subscription, at);
    for item in items(subscription) {
        bill::prorate(world, subscription, &item, rest, true);
    }
}
