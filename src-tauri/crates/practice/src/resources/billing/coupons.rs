//! Coupons: so much off, for so long.

use serde_json::{Value, json};

use super::math::decimal;
use crate::api::error::ApiError;
use crate::api::params::{int, set, text};
use crate::api::route::{Answer, delete, get, post};
use crate::resources::Resource;
use crate::resources::products::PRODUCT;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::{FACT, Kind};
use crate::world::list::Filter;

pub(crate) const COUPON: &Kind = &Kind::new("coupon", "", "coupon", "/v1/coupons");

pub(crate) const RESOURCE: Resource = Resource::new(
    "coupons",
    &[COUPON],
    &[
        get("/v1/coupons", list),
        post("/v1/coupons", create),
        get("/v1/coupons/{coupon}", retrieve),
        post("/v1/coupons/{coupon}", update),
        delete("/v1/coupons/{coupon}", remove),
    ],
)
.task(task)
.include(include);

/// One of both, and what belongs to it.
fn checked(call: &Call<'_>) -> Result<(), ApiError> {
    let params = &call.params;
    match (params.get("percent_off"), params.int("amount_off")) {
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: amount_off, percent_off.";
            return Err(ApiError::invalid(message).code("parameters_exclusive").param("percent_off"));
        }
        (None, None) => {
            let message = "Must provide either percent_off or amount_off";
            return Err(ApiError::invalid(message).code("parameter_missing").param("percent_off"));
        }
        (Some(percent), None) => {
            let (units, scale) = decimal(&percent.to_string()).unwrap_or((0, 1));
            if units <= 0 || units > scale * 100 {
                let message = "Invalid percent_off: must be greater than 0 and at most 100.";
                return Err(ApiError::invalid(message).param("percent_off"));
            }
        }
        (None, Some(amount)) if amount < 1 => {
            let message = "This value must be greater than or equal to 1.";
            return Err(ApiError::invalid(message).code("parameter_invalid_integer").param("amount_off"));
        }
        (None, Some(_)) if params.str("currency").is_none() => return Err(ApiError::required("currency")),
        _ => {}
    }
    let repeating = params.str("duration") == Some("repeating");
    if repeating != params.int("duration_in_months").is_some_and(|months| months > 0) {
        let message =
            "You must specify duration_in_months if and only if the coupon's duration is repeating.";
        return Err(ApiError::invalid(message).param("duration_in_months"));
    }
    if params.int("redeem_by").is_some_and(|by| by <= call.world.now()) {
        return Err(ApiError::invalid("redeem_by must be a timestamp in the future.").param("redeem_by"));
    }
    if params.int("max_redemptions").is_some_and(|most| most < 1) {
        let message = "This value must be greater than or equal to 1.";
        return Err(ApiError::invalid(message).code("parameter_invalid_integer").param("max_redemptions"));
    }
    Ok(())
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    checked(call)?;
    let currency = call.params.currency("currency")?;
    let id = match call.params.owned("id") {
        Some(id) => id,
        None => call.world.chance.text(8),
    };
    if call.world.get(COUPON, &id).is_some() {
        return Err(ApiError::invalid("Coupon already exists.").code("resource_already_exists").param("id"));
    }
    let params = &call.params;
    for product in params.list("applies_to.products").iter().filter_map(Value::as_str) {
        call.world.named(PRODUCT, product, "applies_to[products]")?;
    }
    let coupon = json!({
        "id": id,
        "object": "coupon",
        "amount_off": params.value("amount_off"),
        "created": call.world.now(),
        "currency": if params.int("amount_off").is_some() { json!(currency) } else { Value::Null },
        "duration": params.str("duration").unwrap_or("once"),
        "duration_in_months": params.value("duration_in_months"),
        "livemode": false,
        "max_redemptions": params.value("max_redemptions"),
        "metadata": params.metadata()?,
        "name": params.value("name"),
        "percent_off": params.value("percent_off"),
        "redeem_by": params.value("redeem_by"),
        "times_redeemed": 0,
        "valid": true,
    });
    let more = json!({
        "id": format!("coupon:{id}"), "object": FACT.object,
        "applies_to": params.value("applies_to"), "currency_options": params.value("currency_options"),
    });
    call.world.put(FACT, &more);
    if let Some(by) = call.params.int("redeem_by") {
        call.world.schedule(by, "coupons.expire", json!(id));
    }
    call.world.create(COUPON, &coupon, "coupon.created");
    Ok(coupon.into())
}

/// A coupon ends on its own; Stripe tells nobody.
fn task(world: &mut World, _task: &str, data: &Value) {
    if let Some(mut coupon) = data.as_str().and_then(|id| world.get(COUPON, id)) {
        set(&mut coupon, "valid", false);
        world.put(COUPON, &coupon);
    }
}

/// What is there only when it is expanded.
fn include(world: &World, owner: &Value, member: &str) -> Option<Value> {
    if owner["object"] != "coupon" || !matches!(member, "applies_to" | "currency_options") {
        return None;
    }
    more(world, text(owner, "id")).get(member).filter(|value| !value.is_null()).cloned()
}

fn more(world: &World, id: &str) -> Value {
    world.look(FACT, &format!("coupon:{id}")).unwrap_or(Value::Null)
}

/// A coupon as it is, or as it was when it was deleted: a discount outlives its coupon.
pub(crate) fn even_deleted(world: &World, id: &str) -> Value {
    world.get(COUPON, id).unwrap_or_else(|| more(world, id)["coupon"].clone())
}

/// The products a coupon is for; empty where it is for all.
pub(crate) fn products(world: &World, id: &str) -> Vec<String> {
    let products = more(world, id)["applies_to"]["products"].as_array().cloned().unwrap_or_default();
    products.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What a coupon takes off in a currency; `None` where it takes nothing off in that one.
pub(crate) fn amount_off(world: &World, coupon: &Value, currency: &str) -> Option<i64> {
    if coupon["currency"] == currency {
        return coupon["amount_off"].as_i64();
    }
    more(world, text(coupon, "id"))["currency_options"][currency]["amount_off"].as_i64()
}

/// May a coupon still be redeemed?
pub(crate) fn redeemable(world: &World, coupon: &Value) -> bool {
    coupon["valid"] == true && coupon["redeem_by"].as_i64().is_none_or(|by| by > world.now())
}

/// Counts one redemption.
pub(crate) fn redeemed(world: &mut World, id: &str) {
    let Some(mut coupon) = world.get(COUPON, id) else { return };
    let times = int(&coupon, "times_redeemed") + 1;
    set(&mut coupon, "times_redeemed", times);
    if coupon["max_redemptions"].as_i64().is_some_and(|most| times >= most) {
        set(&mut coupon, "valid", false);
    }
    world.update(COUPON, &coupon, "coupon.updated");
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(COUPON, "coupon", "coupon").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut coupon = call.object(COUPON, "coupon", "coupon")?;
    call.params.copy(&mut coupon, &["name"]);
    call.params.merge_metadata(&mut coupon)?;
    if let Some(options) = call.params.get("currency_options") {
        let mut kept = more(call.world, text(&coupon, "id"));
        set(&mut kept, "currency_options", options.clone());
        call.world.put(FACT, &kept);
    }
    call.world.update(COUPON, &coupon, "coupon.updated");
    Ok(coupon.into())
}

/// Whoever has its discount keeps it.
fn remove(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let coupon = call.object(COUPON, "coupon", "coupon")?;
    let mut kept = more(call.world, text(&coupon, "id"));
    set(&mut kept, "coupon", coupon.clone());
    call.world.put(FACT, &kept);
    Ok(call.world.bury(COUPON, &coupon, "coupon.deleted").into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.page(COUPON, &Filter::default())
}
