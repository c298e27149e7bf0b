//! Paused subscriptions bill nothing until they are resumed.

use serde_json::{Value, json};

use super::bill::{self, Bill};
use super::object::{interval, period, save, set_period};
use super::{SUBSCRIPTION, collect_now, cycle};
use crate::api::error::ApiError;
use crate::api::params::{set, text};
use crate::api::route::Answer;
use crate::resources::billing::invoices;
use crate::resources::billing::math;
use crate::world::World;
use crate::world::call::Call;

const UPDATED: &str = "customer.subscription.updated";

/// Pauses a subscription; `why` is one of Stripe's reasons.
pub(super) fn paused(world: &mut World, mut subscription: Value, why: &str) {
    set(&mut subscription, "status", "paused");
    let details =
        json!({ "subscription": { "type": why }, "transitioned_at": world.now(), "type": "subscription" });
    set(&mut subscription, "status_details", json!({ "paused": details }));
    save(world, &subscription, UPDATED);
    world.emit("customer.subscription.paused", &subscription, None);
}

/// A paused subscription goes on.
pub(super) fn resumed(world: &mut World, mut subscription: Value) {
    set(&mut subscription, "status", "active");
    if let Some(members) = subscription.as_object_mut() {
        members.shift_remove("status_details");
    }
    save(world, &subscription, UPDATED);
    world.emit("customer.subscription.resumed", &subscription, None);
}

pub(super) fn pause(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let subscription = super::at_path(call, "id")?;
    if !matches!(text(&subscription, "status"), "active" | "trialing" | "past_due") {
        let message = format!("You cannot pause a subscription that is {}.", text(&subscription, "status"));
        return Err(ApiError::state("", message));
    }
    let from = match call.params.str("bill_for.unused_time_from.type") {
        Some("now") => Some(call.world.now()),
        Some("item_current_period_start") => Some(period(&subscription).0),
        _ => None,
    };
    let id = text(&subscription, "id").to_owned();
    if let Some(at) = from {
        cycle::credit_rest(call.world, &subscription, at);
        if call.params.str("invoicing_behavior") == Some("invoice") {
            let invoice = bill::draft(call.world, &subscription, "subscription_update", Bill::Pending);
            invoices::finalize(call.world, invoice)?;
        }
    }
    let subscription = call.world.at_path(SUBSCRIPTION, &id, "subscription")?;
    paused(call.world, subscription, "pause_requested");
    call.world.at_path(SUBSCRIPTION, &id, "subscription").map(Answer::from)
}

pub(super) fn resume(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut subscription = super::at_path(call, "subscription")?;
    if subscription["status"] != "paused" {
        let message = format!(
            "You can only resume a paused subscription. This subscription has a status of {}.",
            text(&subscription, "status")
        );
        return Err(ApiError::state("", message));
    }
    let (world, params) = (&mut *call.world, call.params.clone());
    let id = text(&subscription, "id").to_owned();
    let now = world.now();
    let (each, count) = interval(&subscription);
    let unchanged =
        params.str("billing_cycle_anchor.type").or(params.str("billing_cycle_anchor")) == Some("unchanged");
    if unchanged && period(&subscription).1 > now {
        resumed(world, subscription);
        return world.at_path(SUBSCRIPTION, &id, "subscription").map(Answer::from);
    }
    if unchanged {
        let anchor = crate::api::params::int(&subscription, "billing_cycle_anchor");
        set_period(&mut subscription, now, math::next_turn(anchor, now, &each, count));
    } else {
        set(&mut subscription, "billing_cycle_anchor", now);
        set_period(&mut subscription, now, math::later(now, &each, count));
    }
    let invoice = bill::draft(world, &subscription, "subscription_update", Bill::Period);
    set(&mut subscription, "latest_invoice", invoice["id"].clone());
    save(world, &subscription, UPDATED);
    if params.str("payment_behavior") == Some("resume_on_payment_attempt") {
        resumed(world, subscription);
    }
    let invoice = invoices::finalize(world, invoice)?;
    if invoice["status"] == "open" && invoice["collection_method"] == "charge_automatically" {
        collect_now(world, &invoice, "allow_incomplete", true, false)?;
    }
    world.at_path(SUBSCRIPTION, &id, "subscription").map(Answer::from)
}
