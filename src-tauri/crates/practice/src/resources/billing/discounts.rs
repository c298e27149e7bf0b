//! Discounts: a coupon at work on a subscription, an invoice or a line of one.

use serde_json::{Value, json};

use super::coupons::{self, COUPON};
use super::math;
use super::promotion_codes::{self, PROMOTION_CODE};
use crate::api::error::ApiError;
use crate::api::params::{int, set, text};
use crate::resources::Resource;
use crate::world::World;
use crate::world::kind::Kind;

pub(crate) const DISCOUNT: &Kind = &Kind::new("discount", "di", "discount", "");

pub(crate) const RESOURCE: Resource = Resource::new("discounts", &[DISCOUNT], &[]);

/// What a discount belongs to: `("subscription", "sub_…")`.
pub(crate) type Owner<'a> = (&'static str, &'a str);

/// Makes the discounts a parameter asks for and names them; those it names by id are taken over.
pub(crate) fn redeem(
    world: &mut World,
    asked: &[Value],
    customer: Option<&str>,
    owner: Owner<'_>,
    param: &str,
) -> Result<Vec<Value>, ApiError> {
    let mut ids = Vec::with_capacity(asked.len());
    for (place, entry) in asked.iter().enumerate() {
        let place = format!("{param}[{place}]");
        if let Some(id) = entry["discount"].as_str() {
            ids.push(world.named(DISCOUNT, id, &format!("{place}[discount]"))?["id"].clone());
            continue;
        }
        let (coupon, promotion) = source(world, entry, customer, &place)?;
        ids.push(json!(make(world, &coupon, promotion.as_deref(), customer, owner)));
    }
    Ok(ids)
}

fn source(
    world: &World,
    entry: &Value,
    customer: Option<&str>,
    place: &str,
) -> Result<(Value, Option<String>), ApiError> {
    if let Some(id) = entry["promotion_code"].as_str() {
        let promotion = world.named(PROMOTION_CODE, id, &format!("{place}[promotion_code]"))?;
        promotion_codes::redeemable(world, &promotion, customer)?;
        let coupon = world.named(
            COUPON,
            promotion["promotion"]["coupon"].as_str().unwrap_or(""),
            &format!("{place}[promotion_code]"),
        )?;
        return Ok((usable(world, coupon, place)?, Some(id.to_owned())));
    }
    let id = entry["coupon"].as_str().ok_or_else(|| ApiError::required(&format!("{place}[coupon]")))?;
    let coupon = world.named(COUPON, id, &format!("{place}[coupon]"))?;
    Ok((usable(world, coupon, place)?, None))
}

fn usable(world: &World, coupon: Value, place: &str) -> Result<Value, ApiError> {
    if coupons::redeemable(world, &coupon) {
        return Ok(coupon);
    }
    let message = format!("Coupon {} is used up and cannot be applied.", text(&coupon, "id"));
    Err(ApiError::invalid(message).code("coupon_expired").param(&format!("{place}[coupon]")))
}

fn make(
    world: &mut World,
    coupon: &Value,
    promotion: Option<&str>,
    customer: Option<&str>,
    owner: Owner<'_>,
) -> String {
    let (now, coupon_id) = (world.now(), text(coupon, "id").to_owned());
    let end = match text(coupon, "duration") {
        "repeating" => json!(math::months_later(now, int(coupon, "duration_in_months"))),
        _ => Value::Null,
    };
    let id = world.id(DISCOUNT);
    let mut discount = json!({
        "id": id,
        "object": "discount",
        "checkout_session": null,
        "customer": customer,
        "customer_account": null,
        "end": end,
        "invoice": null,
        "invoice_item": null,
        "promotion_code": promotion,
        "source": { "coupon": coupon_id, "type": "coupon" },
        "start": now,
        "subscription": null,
        "subscription_item": null,
    });
    set(&mut discount, owner.0, owner.1);
    world.put(DISCOUNT, &discount);
    if owner.0 == "subscription" {
        world.emit("customer.discount.created", &discount, None);
    }
    coupons::redeemed(world, &coupon_id);
    if let Some(promotion) = promotion {
        promotion_codes::redeemed(world, promotion);
    }
    id
}

/// Ends a subscription's discount. Lines that were reduced by it keep it.
pub(crate) fn end(world: &mut World, id: &str) {
    let Some(discount) = world.get(DISCOUNT, id) else { return };
    world.emit("customer.discount.deleted", &discount, None);
}

fn coupon_of(world: &World, discount: &Value) -> Value {
    coupons::even_deleted(world, discount["source"]["coupon"].as_str().unwrap_or(""))
}

/// The share of a hundred that lasting percentage discounts leave of an amount.
pub(crate) fn after_percentages(world: &World, ids: &Value, amount: i64) -> i64 {
    let ids = ids.as_array().map(Vec::as_slice).unwrap_or_default();
    ids.iter().filter_map(Value::as_str).filter(|id| runs(world, id)).fold(amount, |left, id| {
        let coupon = world.get(DISCOUNT, id).map_or(Value::Null, |discount| coupon_of(world, &discount));
        if coupon["percent_off"].is_null() {
            left
        } else {
            left - math::percent_of(left, &coupon["percent_off"])
        }
    })
}

/// Is a discount still at work now?
pub(crate) fn runs(world: &World, id: &str) -> bool {
    world
        .get(DISCOUNT, id)
        .is_some_and(|discount| discount["end"].as_i64().is_none_or(|end| end > world.now()))
}

/// Is it spent with the invoice it was used on?
pub(crate) fn is_once(world: &World, id: &str) -> bool {
    world.get(DISCOUNT, id).is_some_and(|discount| coupon_of(world, &discount)["duration"] == "once")
}

/// One line, as far as discounts are concerned.
#[derive(Debug, Clone)]
pub(crate) struct Reducible {
    /// What is left of it.
    pub left: i64,
    pub product: String,
    pub discountable: bool,
    pub taken: Vec<(String, i64)>,
}

/// Takes a discount off lines, as a whole that is shared out among them.
pub(crate) fn apply(world: &World, id: &str, currency: &str, lines: &mut [Reducible], only: Option<usize>) {
    let Some(discount) = world.look(DISCOUNT, id) else { return };
    let coupon = coupon_of(world, &discount);
    let products = coupons::products(world, text(&coupon, "id"));
    let fits = |place: usize, line: &Reducible| {
        line.discountable
            && line.left > 0
            && only.is_none_or(|only| only == place)
            && (products.is_empty() || products.contains(&line.product))
    };
    let weights: Vec<i64> =
        lines.iter().enumerate().map(|(place, line)| if fits(place, line) { line.left } else { 0 }).collect();
    let sum: i64 = weights.iter().sum();
    let off = if coupon["percent_off"].is_null() {
        coupons::amount_off(world, &coupon, currency).unwrap_or(0)
    } else {
        math::percent_of(sum, &coupon["percent_off"])
    };
    for (line, part) in lines.iter_mut().zip(math::share(off.min(sum), &weights)) {
        if line.discountable && only.is_none_or(|_| part != 0) {
            line.left -= part;
            line.taken.push((id.to_owned(), part));
        }
    }
}
