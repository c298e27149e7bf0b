//! What so many of a price cost, and how lines of an invoice say it.

use serde_json::{Map, Value, json};

use super::math;
use crate::api::error::ApiError;
use crate::api::params::{Params, int, text};
use crate::facts;
use crate::resources::prices::{self, PRICE};
use crate::resources::products::PRODUCT;
use crate::world::World;

/// The price of an entry: one that is named, or made from `price_data`.
pub(crate) fn of_entry(
    world: &mut World,
    entry: &Map<String, Value>,
    place: &str,
    recurring: bool,
) -> Result<Option<Value>, ApiError> {
    let params = Params(entry.clone());
    let named =
        params.owned("price").or_else(|| params.owned("pricing.price")).or_else(|| params.owned("plan"));
    let at = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}[{name}]") };
    let param = if params.sent("pricing") { "pricing[price]".to_owned() } else { at("price") };
    let price = if let Some(id) = named {
        world.named(PRICE, &id, &param)?
    } else if let Some(data) = params.get("price_data").and_then(Value::as_object) {
        let price = prices::make(world, &Params(data.clone()), &at("price_data"))?;
        world.put(PRICE, &price);
        price
    } else {
        return Ok(None);
    };
    let kind = if recurring { "recurring" } else { "one_time" };
    if price["type"] != kind {
        let message = format!(
            "The price specified is set to `type={}` but this field only accepts prices with `type={kind}`.",
            text(&price, "type")
        );
        return Err(ApiError::invalid(message).param(&param));
    }
    if price["active"] != true {
        let message = "The price specified is inactive. This field only accepts active prices.";
        return Err(ApiError::invalid(message).param(&param));
    }
    Ok(Some(price))
}

/// So many of a price; metered ones cost nothing here, for nobody reports usage.
pub(crate) fn amount(price: &Value, quantity: i64) -> i64 {
    if price["recurring"]["usage_type"] == "metered" {
        return 0;
    }
    let quantity = match price["transform_quantity"]["divide_by"].as_i64() {
        Some(by) if by > 0 && price["transform_quantity"]["round"] == "up" => {
            (quantity + by - 1).div_euclid(by)
        }
        Some(by) if by > 0 => quantity.div_euclid(by),
        _ => quantity,
    };
    decimal_amount(text(price, "unit_amount_decimal"), quantity)
}

/// So many at a decimal unit amount.
pub(crate) fn decimal_amount(unit: &str, quantity: i64) -> i64 {
    let (units, scale) = math::decimal(unit).unwrap_or((0, 1));
    math::ratio(units * i128::from(quantity), scale)
}

/// How lines point at a price.
pub(crate) fn pricing(price: &Value) -> Value {
    json!({
        "price_details": { "price": price["id"], "product": price["product"] },
        "type": "price_details",
        "unit_amount_decimal": price["unit_amount_decimal"],
    })
}

/// What the product of a price is called.
pub(crate) fn product_name(world: &World, price: &Value) -> String {
    let product = price["product"].as_str().and_then(|id| world.look(PRODUCT, id)).unwrap_or(Value::Null);
    text(&product, "name").to_owned()
}

/// `1 × Tea (at $4.00 / month)`.
pub(crate) fn description(world: &World, price: &Value, quantity: i64) -> String {
    let every = match (price["recurring"]["interval"].as_str(), price["recurring"]["interval_count"].as_i64())
    {
        (Some(interval), Some(1) | None) => format!(" / {interval}"),
        (Some(interval), Some(count)) => format!(" / every {count} {interval}s"),
        _ => return product_name(world, price),
    };
    let each = facts::spoken(int(price, "unit_amount"), text(price, "currency"));
    format!("{quantity} × {} (at {each}{every})", product_name(world, price))
}
