//! Balance transactions: what moved money, its fee, and when it becomes available.

use serde_json::{Value, json};

use super::Resource;
use crate::api::error::ApiError;
use crate::api::params::{int, set};
use crate::api::route::{Answer, get};
use crate::facts;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const BALANCE_TRANSACTION: &Kind =
    &Kind::new("balance_transaction", "txn", "balance transaction", "/v1/balance_transactions")
        .indexed(&["source", "type", "currency", PAID_OUT]);

/// Which payout took it to the bank: a member of our own, for the list's `payout` filter; never answered.
const PAID_OUT: &str = "_payout";

pub(crate) const RESOURCE: Resource = Resource::new(
    "balance_transactions",
    &[BALANCE_TRANSACTION],
    &[get("/v1/balance_transactions", list), get("/v1/balance_transactions/{id}", retrieve)],
);

const DAY: i64 = 86_400;

/// A movement of money to be booked.
#[derive(Debug, Clone)]
pub(crate) struct Movement<'a> {
    /// `charge`, `refund`, `refund_failure`, `adjustment`, `payout` …
    pub kind: &'a str,
    /// `charge`, `refund`, `dispute`, `payout` …
    pub category: &'a str,
    /// Signed: what it adds to the balance before the fee.
    pub amount: i64,
    pub fee: i64,
    pub currency: &'a str,
    pub source: &'a str,
    pub description: Value,
    /// Counts at once rather than in two days.
    pub at_once: bool,
}

/// Two days later at midnight, as a US account is paid.
pub(crate) fn available_on(created: i64) -> i64 {
    (created + 2 * DAY).div_euclid(DAY) * DAY
}

/// Books a movement and answers with its id.
pub(crate) fn book(world: &mut World, movement: &Movement<'_>) -> String {
    let id = world.id(BALANCE_TRANSACTION);
    let now = world.now();
    let available = if movement.at_once { now } else { available_on(now) };
    let row = object(&id, now, available, movement);
    world.put(BALANCE_TRANSACTION, &row);
    if !movement.kind.starts_with("payout") {
        super::payouts::expect(world, available);
    }
    id
}

/// Notes that a payout took it to the bank.
pub(crate) fn pay_out(world: &mut World, id: &str, payout: &str) {
    if let Some(mut row) = world.get(BALANCE_TRANSACTION, id) {
        set(&mut row, PAID_OUT, payout);
        world.put(BALANCE_TRANSACTION, &row);
    }
}

/// Was it taken to the bank by an automatic payout?
pub(crate) fn is_paid_out(world: &World, id: &str) -> bool {
    let row = world.table(BALANCE_TRANSACTION).and_then(|table| table.row(id));
    row.is_some_and(|row| row.keys.last().is_some_and(|payout| !payout.is_empty()))
}

/// A balance transaction as it is answered.
pub(crate) fn object(id: &str, created: i64, available: i64, movement: &Movement<'_>) -> Value {
    let details = if movement.fee == 0 {
        json!([])
    } else {
        json!([{
            "amount": movement.fee, "application": null, "currency": movement.currency,
            "description": "Stripe processing fees", "type": "stripe_fee",
        }])
    };
    json!({
        "id": id,
        "object": "balance_transaction",
        "amount": movement.amount,
        "available_on": available,
        "balance_type": "payments",
        "created": created,
        "currency": movement.currency,
        "description": movement.description,
        "exchange_rate": null,
        "fee": movement.fee,
        "fee_details": details,
        "net": movement.amount - movement.fee,
        "reporting_category": movement.category,
        "source": movement.source,
        "status": if available <= created { "available" } else { "pending" },
        "type": movement.kind,
    })
}

/// Time alone makes a pending one available.
pub(crate) fn live(mut value: Value, now: i64) -> Value {
    if value["status"] == "pending" && int(&value, "available_on") <= now {
        value["status"] = json!("available");
    }
    if let Some(members) = value.as_object_mut() {
        members.shift_remove(PAID_OUT);
    }
    value
}

/// The movement of a charge: its fee is Stripe's.
pub(crate) fn of_charge<'a>(
    amount: i64,
    currency: &'a str,
    charge: &'a str,
    description: Value,
) -> Movement<'a> {
    Movement {
        kind: "charge",
        category: "charge",
        amount,
        fee: facts::fee(amount, currency),
        currency,
        source: charge,
        description,
        at_once: false,
    }
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let filter = Filter::default()
        .sent(&call.params, "source")
        .sent(&call.params, "type")
        .sent(&call.params, "currency");
    match call.params.owned("payout") {
        Some(payout) => call.page(BALANCE_TRANSACTION, &filter.is(PAID_OUT, &payout)),
        None => call.page(BALANCE_TRANSACTION, &filter),
    }
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(BALANCE_TRANSACTION, "id", "id").map(Answer::from)
}
