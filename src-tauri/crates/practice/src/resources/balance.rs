//! The balance: the sum of every balance transaction, available and pending, by currency.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Resource;
use super::balance_transactions::BALANCE_TRANSACTION;
use crate::api::error::ApiError;
use crate::api::params::{int, text};
use crate::api::route::{Answer, get};
use crate::world::World;
use crate::world::call::Call;

pub(crate) const RESOURCE: Resource = Resource::new("balance", &[], &[get("/v1/balance", retrieve)]);

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let sums = sums(call.world);
    let side = |pick: fn(&(i64, i64)) -> i64| -> Vec<Value> {
        sums.iter()
            .map(|(currency, both)| {
                let amount = pick(both);
                json!({ "amount": amount, "currency": currency, "source_types": { "card": amount } })
            })
            .collect()
    };
    Ok(Answer::Object(json!({
        "object": "balance",
        "available": side(|(available, _)| *available),
        "connect_reserved": [{ "amount": 0, "currency": "usd" }],
        "livemode": false,
        "pending": side(|(_, pending)| *pending),
        "refund_and_dispute_prefunding": {
            "available": [{ "amount": 0, "currency": "usd" }], "pending": [{ "amount": 0, "currency": "usd" }],
        },
    })))
}

/// Available and pending, by currency.
pub(crate) fn sums(world: &World) -> BTreeMap<String, (i64, i64)> {
    let mut sums = BTreeMap::from([("usd".to_owned(), (0, 0))]);
    let Some(table) = world.table(BALANCE_TRANSACTION) else { return sums };
    let now = world.now();
    let mut add = |currency: &str, net: i64, available: bool| {
        let (on_hand, pending) = sums.entry(currency.to_owned()).or_insert((0, 0));
        if available {
            *on_hand += net;
        } else {
            *pending += net;
        }
    };
    if let Some(past) = table.past() {
        // Only the newest can still be pending: the walk back ends where they begin to be available.
        let changed: BTreeSet<u64> = table.changed().collect();
        let mut available = past.net_of_all() - changed.iter().map(|index| past.net(*index)).sum::<i64>();
        for index in (0..past.len()).rev() {
            if super::balance_transactions::available_on(past.created(index)) <= now {
                break;
            }
            if !changed.contains(&index) {
                available -= past.net(index);
                add("usd", past.net(index), false);
            }
        }
        add("usd", available, true);
    }
    for (id, _) in table.stored() {
        if let Some(row) = world.get(BALANCE_TRANSACTION, id) {
            add(text(&row, "currency"), int(&row, "net"), int(&row, "available_on") <= now);
        }
    }
    sums
}
