//! What a checkout session or a payment link sells.

use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::params::{Params, int, text};
use crate::resources::prices::{self, PRICE};
use crate::resources::products::PRODUCT;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::{FACT, Kind};

/// Kept for their ids alone; line items have no list of their own.
pub(super) const ITEM: &Kind = &Kind::new("item", "li", "line item", "");

/// The most different items of one sale.
const MOST: usize = 100;

/// Reads `line_items`, making prices where they are described rather than named.
pub(super) fn read(world: &mut World, params: &Params) -> Result<Vec<Value>, ApiError> {
    let sent = params.list("line_items").to_vec();
    if sent.len() > MOST {
        let message = format!("You can pass at most {MOST} line items.");
        return Err(ApiError::invalid(message).param("line_items"));
    }
    let mut items = Vec::with_capacity(sent.len());
    for (index, item) in sent.iter().enumerate() {
        let price = price_of(world, item, index)?;
        let quantity = item.get("quantity").and_then(Value::as_i64).unwrap_or(1);
        if quantity < 1 {
            let message = "This value must be greater than or equal to 1.";
            let param = format!("line_items[{index}][quantity]");
            return Err(ApiError::invalid(message).code("parameter_invalid_integer").param(&param));
        }
        items.push(object(world, &price, quantity)?);
    }
    Ok(items)
}

fn price_of(world: &mut World, item: &Value, index: usize) -> Result<Value, ApiError> {
    let named = format!("line_items[{index}][price]");
    if let Some(id) = item.get("price").and_then(Value::as_str) {
        let price = world.named(PRICE, id, &named)?;
        if price["active"] == false {
            let message =
                format!("The price specified is inactive. This field only accepts active prices: {id}");
            return Err(ApiError::invalid(message).param(&named));
        }
        return Ok(price);
    }
    let Some(data) = item.get("price_data").and_then(Value::as_object) else {
        return Err(ApiError::required(&named));
    };
    let price = prices::make(world, &Params(data.clone()), &format!("line_items[{index}][price_data]"))?;
    // A subscription that begins here names it.
    world.put(PRICE, &price);
    Ok(price)
}

fn object(world: &mut World, price: &Value, quantity: i64) -> Result<Value, ApiError> {
    let total = int(price, "unit_amount")
        .checked_mul(quantity)
        .ok_or_else(|| ApiError::invalid("The total of a line item is too large.").param("line_items"))?;
    let product = world.look(PRODUCT, text(price, "product")).unwrap_or(Value::Null);
    let name = product["name"].as_str().unwrap_or("Item").to_owned();
    let id = world.id(ITEM);
    Ok(json!({
        "id": id,
        "object": "item",
        "adjustable_quantity": null,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": price["currency"],
        "description": name,
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }))
}

/// The sum, in the one currency all items share.
pub(super) fn total(items: &[Value]) -> Result<(i64, String), ApiError> {
    let currency = items.first().map(|item| text(item, "currency").to_owned()).unwrap_or_default();
    let mut sum = 0_i64;
    for item in items {
        if text(item, "currency") != currency {
            let message = "All line items must have the same currency.";
            return Err(ApiError::invalid(message).param("line_items"));
        }
        sum = sum
            .checked_add(int(item, "amount_total"))
            .ok_or_else(|| ApiError::invalid("The total is too large.").param("line_items"))?;
    }
    Ok((sum, currency))
}

/// Does any item come again and again?
pub(super) fn recurs(items: &[Value]) -> bool {
    items.iter().any(|item| item["price"]["recurring"].is_object())
}

fn fact(owner: &str) -> String {
    format!("items of {owner}")
}

/// Keeps the items of a session or a link.
pub(super) fn keep(world: &mut World, owner: &str, items: &[Value]) {
    let fact = json!({ "id": fact(owner), "object": "_fact", "created": world.now(), "items": items });
    world.put(FACT, &fact);
}

/// The items of a session or a link.
pub(super) fn of(world: &World, owner: &str) -> Vec<Value> {
    let kept = world.look(FACT, &fact(owner)).unwrap_or(Value::Null);
    kept["items"].as_array().cloned().unwrap_or_default()
}

/// The list of items as it is answered: within the owner where it is expanded, or by itself.
pub(super) fn list(world: &World, owner: &str, url: &str, limit: usize, after: Option<&str>) -> Value {
    let all = of(world, owner);
    let start = after.and_then(|id| all.iter().position(|item| item["id"] == id)).map_or(0, |at| at + 1);
    let rest = all.get(start..).unwrap_or_default();
    let page: Vec<Value> = rest.iter().take(limit).cloned().collect();
    json!({ "object": "list", "data": page, "has_more": rest.len() > limit, "url": url })
}

/// The list of items as a call of its own asks for it.
pub(super) fn page(call: &Call<'_>, owner: &str) -> Result<Value, ApiError> {
    let limit = crate::world::list::limit(&call.params)?;
    Ok(list(call.world, owner, &call.path, limit, call.params.str("starting_after")))
}
