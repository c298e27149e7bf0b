//! Payouts: what is available goes to the bank, once a day by itself or when the shop asks. An automatic payout gathers
//! balance transactions, which can then be listed by it; that is how an accountant ties a bank line to sales.

use serde_json::{Value, json};

use super::Resource;
use super::balance_transactions::{self, BALANCE_TRANSACTION, Movement};
use crate::api::error::ApiError;
use crate::api::params::{int, set, text};
use crate::api::route::{Answer, get, post};
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const PAYOUT: &Kind =
    &Kind::new("payout", "po", "payout", "/v1/payouts").indexed(&["status", "destination"]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "payouts",
    &[PAYOUT],
    &[
        get("/v1/payouts", list),
        post("/v1/payouts", create),
        get("/v1/payouts/{payout}", retrieve),
        post("/v1/payouts/{payout}", update),
        post("/v1/payouts/{payout}/cancel", cancel),
        post("/v1/payouts/{payout}/reverse", reverse),
    ],
)
.task(task);

const DAY: i64 = 86_400;

/// A payout leaves some time after it was made; until then it can be canceled.
const LEAVES_AFTER: i64 = 3_600;

/// Days until the bank has it.
const ARRIVES_AFTER: i64 = 2 * DAY;

/// What a payout is made of.
struct Order<'a> {
    amount: i64,
    currency: &'a str,
    automatic: bool,
    description: Value,
    metadata: Value,
    statement_descriptor: Value,
    original: Value,
}

/// Sees to it that what becomes available at `at` is paid out then. One task a day is enough for all of it.
pub(crate) fn expect(world: &mut World, at: i64) {
    let day = (at.div_euclid(DAY) + 1) * DAY;
    let mark = format!("payouts {day}");
    if world.look(crate::world::kind::FACT, &mark).is_none() {
        world.put(crate::world::kind::FACT, &json!({ "id": mark, "object": "_fact", "created": day }));
        world.schedule(day, "payouts.daily", json!(day));
    }
}

fn task(world: &mut World, task: &str, data: &Value) {
    match task {
        "payouts.daily" => {
            world.forget(crate::world::kind::FACT, &format!("payouts {data}"));
            daily(world);
        }
        "payouts.leave" => leave(world, data),
        "payouts.arrive" => arrive(world, data),
        _ => {}
    }
}

/// Gathers what is available and in no payout yet, by currency.
fn daily(world: &mut World) {
    let now = world.now();
    let rows = world.stored_where(BALANCE_TRANSACTION, |row| int(row, "available_on") <= now);
    let mut by_currency: std::collections::BTreeMap<String, Vec<Value>> = std::collections::BTreeMap::new();
    for row in rows {
        if text(&row, "type").starts_with("payout")
            || balance_transactions::is_paid_out(world, text(&row, "id"))
        {
            continue;
        }
        by_currency.entry(text(&row, "currency").to_owned()).or_default().push(row);
    }
    for (currency, rows) in by_currency {
        let amount: i64 = rows.iter().map(|row| int(row, "net")).sum();
        // A debt waits for the next sales.
        if amount <= 0 {
            continue;
        }
        let order = Order {
            amount,
            currency: &currency,
            automatic: true,
            description: json!("STRIPE PAYOUT"),
            metadata: json!({}),
            statement_descriptor: Value::Null,
            original: Value::Null,
        };
        let payout = make(world, &order);
        for row in rows {
            balance_transactions::pay_out(world, text(&row, "id"), text(&payout, "id"));
        }
    }
}

fn make(world: &mut World, order: &Order<'_>) -> Value {
    let id = world.id(PAYOUT);
    let now = world.now();
    let reversal = order.original.is_string();
    let booked = balance_transactions::book(
        world,
        &Movement {
            kind: "payout",
            category: if reversal { "payout_reversal" } else { "payout" },
            amount: -order.amount,
            fee: 0,
            currency: order.currency,
            source: &id,
            description: order.description.clone(),
            at_once: true,
        },
    );
    if order.automatic {
        balance_transactions::pay_out(world, &booked, &id);
    }
    let payout = json!({
        "id": id,
        "object": "payout",
        "amount": order.amount,
        "application_fee": null,
        "application_fee_amount": null,
        "arrival_date": ((now + ARRIVES_AFTER).div_euclid(DAY)) * DAY,
        "automatic": order.automatic,
        "balance_transaction": booked,
        "created": now,
        "currency": order.currency,
        "description": order.description,
        "destination": bank(world),
        "failure_balance_transaction": null,
        "failure_code": null,
        "failure_message": null,
        "livemode": false,
        "metadata": order.metadata,
        "method": "standard",
        "original_payout": order.original,
        "payout_method": null,
        "reconciliation_status": if order.automatic { "in_progress" } else { "not_applicable" },
        "reversed_by": null,
        "source_type": "card",
        "statement_descriptor": order.statement_descriptor,
        "status": "pending",
        "trace_id": { "status": "pending", "value": null },
        "type": "bank_account",
    });
    world.create(PAYOUT, &payout, "payout.created");
    world.schedule(now + LEAVES_AFTER, "payouts.leave", json!(id));
    payout
}

/// The account's one bank account.
fn bank(world: &World) -> String {
    format!("ba_{}", world.identity.account.trim_start_matches("acct_"))
}

fn leave(world: &mut World, data: &Value) {
    let Some(mut payout) = data.as_str().and_then(|id| world.get(PAYOUT, id)) else { return };
    if payout["status"] != "pending" {
        return;
    }
    set(&mut payout, "status", "in_transit");
    world.update(PAYOUT, &payout, "payout.updated");
    world.schedule(int(&payout, "arrival_date"), "payouts.arrive", payout["id"].clone());
}

fn arrive(world: &mut World, data: &Value) {
    let Some(mut payout) = data.as_str().and_then(|id| world.get(PAYOUT, id)) else { return };
    if payout["status"] != "in_transit" {
        return;
    }
    set(&mut payout, "status", "paid");
    let trace = format!("TRN{}", int(&payout, "created"));
    set(&mut payout, "trace_id", json!({ "status": "supported", "value": trace }));
    let automatic = payout["automatic"] == true;
    if automatic {
        set(&mut payout, "reconciliation_status", "completed");
    }
    world.update(PAYOUT, &payout, "payout.paid");
    if automatic {
        world.emit("payout.reconciliation_completed", &payout, None);
    }
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    let currency = params.currency("currency")?.unwrap_or_default();
    let amount = params.amount("amount")?.unwrap_or_default();
    let available = super::balance::sums(call.world).get(&currency).map_or(0, |(available, _)| *available);
    if amount < 1 {
        let message = "This value must be greater than or equal to 1.";
        return Err(ApiError::invalid(message).code("parameter_invalid_integer").param("amount"));
    }
    if amount > available {
        let message = "You have insufficient funds in your Stripe account for this payout.";
        return Err(ApiError::state("balance_insufficient", message).param("amount"));
    }
    let order = Order {
        amount,
        currency: &currency,
        automatic: false,
        description: params.value("description"),
        metadata: params.metadata()?,
        statement_descriptor: params.value("statement_descriptor"),
        original: Value::Null,
    };
    Ok(make(call.world, &order).into())
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(PAYOUT, "payout", "payout").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut payout = call.object(PAYOUT, "payout", "payout")?;
    call.params.merge_metadata(&mut payout)?;
    call.world.update(PAYOUT, &payout, "payout.updated");
    Ok(payout.into())
}

/// Only one that the shop asked for and that has not left yet.
fn cancel(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut payout = call.object(PAYOUT, "payout", "payout")?;
    if payout["automatic"] == true || payout["status"] != "pending" {
        let message =
            "Payouts can only be canceled while they are pending and if they were created manually.";
        return Err(ApiError::state("payouts_not_allowed", message).param("payout"));
    }
    let (id, currency) = (text(&payout, "id").to_owned(), text(&payout, "currency").to_owned());
    let booked = balance_transactions::book(
        call.world,
        &Movement {
            kind: "payout_cancel",
            category: "payout_reversal",
            amount: int(&payout, "amount"),
            fee: 0,
            currency: &currency,
            source: &id,
            description: json!("STRIPE PAYOUT CANCEL"),
            at_once: true,
        },
    );
    set(&mut payout, "status", "canceled");
    set(&mut payout, "failure_balance_transaction", booked);
    call.world.update(PAYOUT, &payout, "payout.canceled");
    Ok(payout.into())
}

/// Calls the money of a payout back from the bank.
fn reverse(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut payout = call.object(PAYOUT, "payout", "payout")?;
    let sent = matches!(text(&payout, "status"), "paid" | "in_transit");
    if !sent || payout["reversed_by"].is_string() || payout["original_payout"].is_string() {
        let message = "Only payouts that were sent and are not reversed yet can be reversed.";
        return Err(ApiError::state("payouts_not_allowed", message).param("payout"));
    }
    let currency = text(&payout, "currency").to_owned();
    let order = Order {
        amount: -int(&payout, "amount"),
        currency: &currency,
        automatic: false,
        description: json!("STRIPE PAYOUT REVERSAL"),
        metadata: call.params.metadata()?,
        statement_descriptor: Value::Null,
        original: payout["id"].clone(),
    };
    let reversal = make(call.world, &order);
    set(&mut payout, "reversed_by", reversal["id"].clone());
    call.world.update(PAYOUT, &payout, "payout.updated");
    Ok(reversal.into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let filter = Filter::default().sent(&call.params, "status").sent(&call.params, "destination");
    call.page(PAYOUT, &filter)
}
