//! Billing: tax rates, coupons, invoices, credit notes, subscriptions, and the test clocks their customers may live on.
//!
//! An object of a customer on a test clock lives at that clock's time ([`on_clock`]); everything else lives at the wall's.
//! What is to happen when is never kept apart from the objects: it is read off them (`due`), by a task of the wall's time
//! or by a clock that is moved on.

pub(crate) mod coupons;
pub(crate) mod credit_notes;
pub(crate) mod discounts;
pub(crate) mod invoice_items;
pub(crate) mod invoice_payments;
pub(crate) mod invoices;
pub(crate) mod lines;
pub(crate) mod math;
mod pages;
pub(crate) mod prices;
pub(crate) mod promotion_codes;
pub(crate) mod subscriptions;
pub(crate) mod tax_rates;
pub(crate) mod test_clocks;

use serde_json::Value;

use crate::api::error::ApiError;
use crate::resources::customers::CUSTOMER;
use crate::world::World;

/// Pages for people.
pub(crate) const PAGES: &[&[crate::http::pages::Page]] = &[pages::PAGES];

/// The customer a parameter names, whose time it is from now on.
pub(crate) fn customer(world: &mut World, id: &str, param: &str) -> Result<Value, ApiError> {
    let customer = world.named(CUSTOMER, id, param)?;
    on_clock(world, &customer);
    Ok(customer)
}

/// Goes over to the time of the clock an object is on, if it is on one.
pub(crate) fn on_clock(world: &mut World, object: &Value) {
    let clock = object["test_clock"].as_str().and_then(|id| world.get(test_clocks::TEST_CLOCK, id));
    if let Some(at) = clock.and_then(|clock| clock["frozen_time"].as_i64()) {
        world.live_at(at);
    }
}

/// Does something at a time of the wall's for an object that is on no clock; clocks look for themselves.
pub(crate) fn wake(world: &mut World, object: &Value, before: Option<i64>, due: Option<i64>, task: &str) {
    if object["test_clock"].is_null()
        && before != due
        && let Some(at) = due
    {
        world.schedule(at, task, object["id"].clone());
    }
}
