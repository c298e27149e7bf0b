//! Refunds: full, partial, refused beyond what was paid, pending and failing later for the cards that do so.

use serde_json::{Value, json};

use super::Resource;
use super::balance_transactions::{self, Movement};
use super::charges::{CHARGE, charge_method};
use super::payment_intents::PAYMENT_INTENT;
use super::payment_methods::card_of;
use crate::api::error::ApiError;
use crate::api::params::{int, set, text};
use crate::api::route::{Answer, get, post};
use crate::cards::Behaviour;
use crate::facts;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const REFUND: &Kind =
    &Kind::new("refund", "re", "refund", "/v1/refunds").indexed(&["charge", "payment_intent"]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "refunds",
    &[REFUND],
    &[
        get("/v1/refunds", list),
        post("/v1/refunds", create),
        get("/v1/refunds/{refund}", retrieve),
        post("/v1/refunds/{refund}", update),
        post("/v1/refunds/{refund}/cancel", cancel),
        post("/v1/test_helpers/refunds/{refund}/expire", expire),
    ],
)
.task(task);

/// How long a pending refund stays so, and how long a failing one looks well.
const SETTLES_AFTER: i64 = 5;
/// How long a customer has to say where the money goes.
const WAITS_FOR: i64 = 45 * 86_400;

/// The refund of so much of a charge, done and told of.
pub(crate) fn refund(
    world: &mut World,
    charge: &mut Value,
    amount: i64,
    reason: Value,
    metadata: Value,
) -> Value {
    let id = world.id(REFUND);
    let behaviour = card_of(&charge_method(charge)).behaviour;
    let pending = behaviour == Behaviour::RefundPending;
    let mut refund = object(&id, world.now(), charge, amount, reason, metadata);
    if pending {
        set(&mut refund, "status", "pending");
        set(&mut refund, "pending_reason", "processing");
    }
    let booked = book(world, &refund, "refund", -amount);
    set(&mut refund, "balance_transaction", booked);
    world.put(REFUND, &refund);
    let refunded = int(charge, "amount_refunded") + amount;
    set(charge, "amount_refunded", refunded);
    set(charge, "refunded", refunded >= int(charge, "amount_captured"));
    world.emit("refund.created", &refund, None);
    world.update(CHARGE, charge, "charge.refunded");
    if pending {
        world.schedule(world.now() + SETTLES_AFTER, "refunds.succeed", json!(id));
    } else if behaviour == Behaviour::RefundFails {
        world.schedule(world.now() + SETTLES_AFTER, "refunds.fail", json!(id));
    }
    refund
}

/// A refund as it is answered.
pub(crate) fn object(
    id: &str,
    now: i64,
    charge: &Value,
    amount: i64,
    reason: Value,
    metadata: Value,
) -> Value {
    json!({
        "id": id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": null,
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": null,
        "destination_details": {
            "card": { "reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund" },
            "type": "card",
        },
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "receipt_number": null,
        "source_transfer_reversal": null,
        "status": "succeeded",
        "transfer_reversal": null,
    })
}

fn book(world: &mut World, refund: &Value, kind: &str, amount: i64) -> String {
    let movement = Movement {
        kind,
        category: kind,
        amount,
        fee: 0,
        currency: text(refund, "currency"),
        source: text(refund, "id"),
        description: json!(if amount < 0 { "REFUND FOR CHARGE" } else { "REFUND FAILURE" }),
        at_once: false,
    };
    balance_transactions::book(world, &movement)
}

/// Takes a refund back: the money returns to the balance and the charge may be refunded again.
fn take_back(world: &mut World, refund: &mut Value, status: &str) {
    let amount = int(refund, "amount");
    let booked = book(world, refund, "refund_failure", amount);
    set(refund, "failure_balance_transaction", booked);
    set(refund, "status", status);
    if let Some(members) = refund.as_object_mut() {
        members.shift_remove("pending_reason");
        members.shift_remove("next_action");
    }
    if let Some(mut charge) = world.get(CHARGE, text(refund, "charge")) {
        let left = int(&charge, "amount_refunded") - amount;
        set(&mut charge, "amount_refunded", left);
        set(&mut charge, "refunded", false);
        world.update(CHARGE, &charge, "charge.updated");
    }
    tell(world, refund);
}

fn tell(world: &mut World, refund: &Value) {
    let before = world.get(REFUND, text(refund, "id"));
    let previous = before.and_then(|before| crate::world::diff::previous(&before, refund));
    world.put(REFUND, refund);
    world.emit("refund.updated", refund, previous.clone());
    world.emit("charge.refund.updated", refund, previous);
}

fn task(world: &mut World, task: &str, data: &Value) {
    let Some(mut refund) = data.as_str().and_then(|id| world.get(REFUND, id)) else { return };
    match (task, text(&refund, "status")) {
        ("refunds.succeed", "pending") => {
            set(&mut refund, "status", "succeeded");
            if let Some(members) = refund.as_object_mut() {
                members.shift_remove("pending_reason");
            }
            tell(world, &refund);
        }
        ("refunds.fail", "succeeded" | "pending") => {
            let at_reader = world
                .get(CHARGE, text(&refund, "charge"))
                .is_some_and(|charge| charge["payment_method_details"]["card_present"].is_object());
            set(
                &mut refund,
                "failure_reason",
                if at_reader { "expired_or_canceled_card" } else { "lost_or_stolen_card" },
            );
            take_back(world, &mut refund, "failed");
            world.emit("refund.failed", &refund, None);
        }
        _ => {}
    }
}

/// The charge a request means.
pub(crate) fn charge_meant(
    world: &World,
    charge: Option<&str>,
    intent: Option<&str>,
) -> Result<Value, ApiError> {
    match (charge, intent) {
        (Some(id), _) => world.named(CHARGE, id, "charge"),
        (None, Some(id)) => {
            let intent = world.named(PAYMENT_INTENT, id, "payment_intent")?;
            let charge = intent["latest_charge"].as_str().and_then(|id| world.get(CHARGE, id));
            charge.filter(|charge| charge["status"] == "succeeded").ok_or_else(|| {
                let message =
                    format!("This PaymentIntent ({id}) does not have a successful charge to refund.");
                ApiError::state("payment_intent_unexpected_state", message).param("payment_intent")
            })
        }
        (None, None) => {
            let message =
                "One of the following params should be provided for this request: payment_intent or charge.";
            Err(ApiError::invalid(message))
        }
    }
}

/// How much of a charge may be refunded, and Stripe's refusals.
pub(crate) fn checked(world: &World, charge: &Value, asked: Option<i64>) -> Result<i64, ApiError> {
    let id = text(charge, "id");
    if charge["status"] != "succeeded" || charge["captured"] != true {
        return Err(ApiError::state("charge_not_refundable", format!("Charge {id} cannot be refunded."))
            .param("charge"));
    }
    if charge["refunded"] == true {
        let message = format!("Charge {id} has already been refunded.");
        return Err(ApiError::state("charge_already_refunded", message));
    }
    if !super::disputes::allow_refund(world, id) {
        let message = format!("Charge {id} has been charged back; cannot issue a refund.");
        return Err(ApiError::state("charge_disputed", message));
    }
    let rest = int(charge, "amount_captured") - int(charge, "amount_refunded");
    let amount = asked.unwrap_or(rest);
    if amount < 1 {
        let message = "This value must be greater than or equal to 1.";
        return Err(ApiError::invalid(message).code("parameter_invalid_integer").param("amount"));
    }
    if amount > rest {
        let currency = text(charge, "currency");
        let message = format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            facts::spoken(amount, currency),
            facts::spoken(rest, currency)
        );
        return Err(ApiError::invalid(message).param("amount"));
    }
    Ok(amount)
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    let mut charge = charge_meant(call.world, params.str("charge"), params.str("payment_intent"))?;
    let amount = checked(call.world, &charge, params.int("amount"))?;
    let (reason, metadata) = (params.value("reason"), params.metadata()?);
    Ok(refund(call.world, &mut charge, amount, reason, metadata).into())
}

/// A pending refund waits for the customer from now on, as those of bank transfers do: it is a switch of ours, for no
/// card does so.
pub(crate) fn ask_customer(world: &mut World, id: &str) -> Result<Value, ApiError> {
    let mut refund = world.at_path(REFUND, id, "refund")?;
    if refund["status"] != "pending" {
        return Err(ApiError::invalid("Only a pending refund can wait for the customer.").param("state"));
    }
    set(&mut refund, "status", "requires_action");
    let email = refund["instructions_email"].as_str().unwrap_or("customer@example.com").to_owned();
    let details = json!({
        "email_sent": { "email_sent_at": world.now(), "email_sent_to": email },
        "expires_at": world.now() + WAITS_FOR,
    });
    set(&mut refund, "next_action", json!({ "type": "display_details", "display_details": details }));
    if let Some(members) = refund.as_object_mut() {
        members.shift_remove("pending_reason");
    }
    tell(world, &refund);
    Ok(refund)
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(REFUND, "refund", "id").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut refund = call.object(REFUND, "refund", "id")?;
    let before = refund.clone();
    call.params.merge_metadata(&mut refund)?;
    if refund != before {
        tell(call.world, &refund);
    }
    Ok(refund.into())
}

fn cancel(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut refund = call.object(REFUND, "refund", "id")?;
    let status = text(&refund, "status");
    if !matches!(status, "pending" | "requires_action") {
        let message = format!("A refund with a status of {status} cannot be canceled.");
        return Err(ApiError::state("", message).param("refund"));
    }
    take_back(call.world, &mut refund, "canceled");
    Ok(refund.into())
}

/// Only a refund that waits for the customer can run out.
fn expire(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut refund = call.object(REFUND, "refund", "id")?;
    if refund["status"] != "requires_action" {
        let message = "Only refunds with a status of requires_action can be expired.";
        return Err(ApiError::state("", message).param("refund"));
    }
    set(&mut refund, "failure_reason", "expired_or_canceled_card");
    take_back(call.world, &mut refund, "failed");
    call.world.emit("refund.failed", &refund, None);
    Ok(refund.into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let filter = Filter::default().sent(&call.params, "charge").sent(&call.params, "payment_intent");
    call.page(REFUND, &filter)
}
