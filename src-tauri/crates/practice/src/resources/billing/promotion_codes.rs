//! Promotion codes: what a customer types to get a coupon.

use serde_json::{Value, json};

use super::coupons::{self, COUPON};
use crate::api::error::ApiError;
use crate::api::params::{int, set, text};
use crate::api::route::{Answer, get, post};
use crate::resources::Resource;
use crate::resources::customers::CUSTOMER;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const PROMOTION_CODE: &Kind =
    &Kind::new("promotion_code", "promo", "promotion code", "/v1/promotion_codes").indexed(&[
        "active",
        "code",
        "customer",
        "promotion.coupon",
    ]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "promotion_codes",
    &[PROMOTION_CODE],
    &[
        get("/v1/promotion_codes", list),
        post("/v1/promotion_codes", create),
        get("/v1/promotion_codes/{promotion_code}", retrieve),
        post("/v1/promotion_codes/{promotion_code}", update),
    ],
)
.task(task);

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let coupon = call.params.need("promotion.coupon")?;
    let coupon = call.world.named(COUPON, coupon, "promotion[coupon]")?;
    if !coupons::redeemable(call.world, &coupon) {
        let message = format!("Coupon {} is invalid.", text(&coupon, "id"));
        return Err(ApiError::invalid(message).param("promotion[coupon]"));
    }
    let customer =
        call.reference(CUSTOMER, "customer")?.map_or(Value::Null, |customer| customer["id"].clone());
    let code = match call.params.owned("code") {
        Some(code) if code.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_') => {
            code
        }
        Some(_) => {
            let message = "Promotion codes may only contain letters, digits, dashes and underscores.";
            return Err(ApiError::invalid(message).param("code"));
        }
        None => call.world.chance.text(8).to_uppercase(),
    };
    let active = call.params.bool("active").unwrap_or(true);
    if active {
        taken(call.world, &code, &customer)?;
    }
    if call.params.int("expires_at").is_some_and(|at| at <= call.world.now()) {
        return Err(ApiError::invalid("expires_at must be a timestamp in the future.").param("expires_at"));
    }
    let params = &call.params;
    let mut promotion = json!({
        "id": "",
        "object": "promotion_code",
        "active": active,
        "code": code,
        "created": call.world.now(),
        "customer": customer,
        "customer_account": null,
        "expires_at": params.value("expires_at"),
        "livemode": false,
        "max_redemptions": params.value("max_redemptions"),
        "metadata": params.metadata()?,
        "promotion": { "coupon": coupon["id"], "type": "coupon" },
        "restrictions": {
            "first_time_transaction": params.bool("restrictions.first_time_transaction").unwrap_or(false),
            "minimum_amount": params.value("restrictions.minimum_amount"),
            "minimum_amount_currency": params.value("restrictions.minimum_amount_currency"),
        },
        "times_redeemed": 0,
    });
    set(&mut promotion, "id", call.world.id(PROMOTION_CODE));
    if let Some(at) = promotion["expires_at"].as_i64() {
        call.world.schedule(at, "promotion_codes.expire", promotion["id"].clone());
    }
    call.world.create(PROMOTION_CODE, &promotion, "promotion_code.created");
    Ok(promotion.into())
}

/// One active code of that spelling at a time.
fn taken(world: &World, code: &str, customer: &Value) -> Result<(), ApiError> {
    let same = |other: &Value| {
        other["active"] == true
            && text(other, "code").eq_ignore_ascii_case(code)
            && (other["customer"].is_null() || customer.is_null() || other["customer"] == *customer)
    };
    if world.stored_where(PROMOTION_CODE, same).is_empty() {
        return Ok(());
    }
    let message = format!("An active promotion code with `code: {code}` already exists.");
    Err(ApiError::invalid(message).param("code"))
}

fn task(world: &mut World, _task: &str, data: &Value) {
    if let Some(mut promotion) = data.as_str().and_then(|id| world.get(PROMOTION_CODE, id)) {
        set(&mut promotion, "active", false);
        world.update(PROMOTION_CODE, &promotion, "promotion_code.updated");
    }
}

/// May this customer redeem the code? Says why not.
pub(crate) fn redeemable(world: &World, promotion: &Value, customer: Option<&str>) -> Result<(), ApiError> {
    let refuse =
        |why: &str| Err(ApiError::invalid(why).code("promotion_code_invalid").param("promotion_code"));
    if promotion["active"] != true || promotion["expires_at"].as_i64().is_some_and(|at| at <= world.now()) {
        return refuse("This promotion code is no longer active.");
    }
    if promotion["customer"].as_str().is_some_and(|owner| Some(owner) != customer) {
        return refuse(
            "This promotion code cannot be redeemed because the associated customer is not this customer.",
        );
    }
    if promotion["restrictions"]["first_time_transaction"] == true
        && customer.is_some_and(|id| has_paid(world, id))
    {
        return refuse(
            "This promotion code cannot be redeemed because the associated customer has prior transactions.",
        );
    }
    Ok(())
}

fn has_paid(world: &World, customer: &str) -> bool {
    let filter = Filter::default().is("customer", customer);
    world.all(crate::resources::charges::CHARGE, &filter, 20).iter().any(|charge| charge["paid"] == true)
}

/// Counts one redemption.
pub(crate) fn redeemed(world: &mut World, id: &str) {
    let Some(mut promotion) = world.get(PROMOTION_CODE, id) else { return };
    let times = int(&promotion, "times_redeemed") + 1;
    set(&mut promotion, "times_redeemed", times);
    if promotion["max_redemptions"].as_i64().is_some_and(|most| times >= most) {
        set(&mut promotion, "active", false);
    }
    world.update(PROMOTION_CODE, &promotion, "promotion_code.updated");
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(PROMOTION_CODE, "promotion_code", "promotion_code").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut promotion = call.object(PROMOTION_CODE, "promotion_code", "promotion_code")?;
    if call.params.bool("active") == Some(true) && promotion["active"] == false {
        taken(call.world, text(&promotion, "code"), &promotion["customer"])?;
    }
    call.params.copy(&mut promotion, &["active"]);
    call.params.merge_metadata(&mut promotion)?;
    call.world.update(PROMOTION_CODE, &promotion, "promotion_code.updated");
    Ok(promotion.into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    let mut filter = Filter::default().sent(params, "active").sent(params, "customer").sent_as(
        params,
        "coupon",
        "promotion.coupon",
    );
    if let Some(code) = params.str("code") {
        // Whatever its capitals.
        let found =
            call.world.stored_where(PROMOTION_CODE, |other| text(other, "code").eq_ignore_ascii_case(code));
        filter = filter.any("code", found.iter().map(|other| text(other, "code").to_owned()).collect());
    }
    call.page(PROMOTION_CODE, &filter)
}
