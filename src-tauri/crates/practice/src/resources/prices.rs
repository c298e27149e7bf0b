//! Prices and their lookup keys.

use serde_json::{Value, json};

use super::Resource;
use super::products::{self, PRODUCT};
use crate::api::error::ApiError;
use crate::api::params::{Params, set, text};
use crate::api::route::{Answer, get, post};
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const PRICE: &Kind = &Kind::new("price", "price", "price", "/v1/prices").indexed(&[
    "active",
    "currency",
    "lookup_key",
    "product",
    "type",
    "recurring.interval",
    "recurring.usage_type",
    "recurring.meter",
]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "prices",
    &[PRICE],
    &[
        get("/v1/prices", list),
        post("/v1/prices", create),
        get("/v1/prices/search", search),
        get("/v1/prices/{price}", retrieve),
        post("/v1/prices/{price}", update),
    ],
)
.include(include);

/// A price of so much for one.
pub(crate) fn blank(id: &str, now: i64, product: &str, currency: &str, amount: i64) -> Value {
    json!({
        "id": id,
        "object": "price",
        "active": true,
        "billing_scheme": "per_unit",
        "created": now,
        "currency": currency,
        "custom_unit_amount": null,
        "livemode": false,
        "lookup_key": null,
        "metadata": {},
        "nickname": null,
        "product": product,
        "recurring": null,
        "tax_behavior": "unspecified",
        "tiers_mode": null,
        "transform_quantity": null,
        "type": "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": amount.to_string(),
    })
}

/// A new price from these parameters (`price_data` too); what goes wrong names `prefix[…]`.
pub(crate) fn make(world: &mut World, params: &Params, prefix: &str) -> Result<Value, ApiError> {
    let place = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}[{name}]") };
    let currency = params.currency("currency")?.ok_or_else(|| ApiError::required(&place("currency")))?;
    let product = match (params.str("product"), params.get("product_data").and_then(Value::as_object)) {
        (Some(id), _) => text(&world.named(PRODUCT, id, &place("product"))?, "id").to_owned(),
        (None, Some(data)) => {
            let product = products::make(world, &Params(data.clone()))?;
            world.create(PRODUCT, &product, "product.created");
            text(&product, "id").to_owned()
        }
        (None, None) => return Err(ApiError::required(&place("product"))),
    };
    let (amount, decimal) = unit_amount(params, &place)?;
    let id = world.id(PRICE);
    let mut price = blank(&id, world.now(), &product, &currency, 0);
    set(&mut price, "unit_amount", amount);
    set(&mut price, "unit_amount_decimal", decimal);
    if let Some(custom) = params.get("custom_unit_amount") {
        let member = |name: &str| custom.get(name).cloned().unwrap_or(Value::Null);
        let custom =
            json!({ "maximum": member("maximum"), "minimum": member("minimum"), "preset": member("preset") });
        set(&mut price, "custom_unit_amount", custom);
    }
    if params.sent("tiers") {
        set(&mut price, "billing_scheme", "tiered");
        set(&mut price, "unit_amount", Value::Null);
        set(&mut price, "unit_amount_decimal", Value::Null);
    }
    if let Some(recurring) = params.get("recurring") {
        set(&mut price, "type", "recurring");
        set(&mut price, "recurring", recurrence(recurring));
    }
    params.copy(
        &mut price,
        &["active", "nickname", "tax_behavior", "billing_scheme", "tiers_mode", "transform_quantity"],
    );
    for (name, usual) in [("active", json!(true)), ("tax_behavior", json!("unspecified"))] {
        if price[name].is_null() {
            set(&mut price, name, usual);
        }
    }
    params.merge_metadata(&mut price)?;
    lookup_key(world, params, &mut price)?;
    Ok(price)
}

fn recurrence(sent: &Value) -> Value {
    json!({
        "interval": sent["interval"],
        "interval_count": sent["interval_count"].as_i64().unwrap_or(1),
        "meter": sent["meter"],
        "trial_period_days": sent["trial_period_days"],
        "usage_type": sent["usage_type"].as_str().unwrap_or("licensed"),
    })
}

fn unit_amount(params: &Params, place: &impl Fn(&str) -> String) -> Result<(Value, Value), ApiError> {
    if let Some(amount) = params.int("unit_amount") {
        if amount < 0 {
            let message = "This value must be greater than or equal to 0.";
            return Err(ApiError::invalid(message)
                .code("parameter_invalid_integer")
                .param(&place("unit_amount")));
        }
        if params.get("unit_amount_decimal").is_some() {
            let message = "You may only specify one of these parameters: unit_amount, unit_amount_decimal.";
            return Err(ApiError::invalid(message).code("parameters_exclusive").param(&place("unit_amount")));
        }
        return Ok((json!(amount), json!(amount.to_string())));
    }
    if let Some(decimal) = params.str("unit_amount_decimal") {
        let whole = decimal
            .split_once('.')
            .map_or(decimal, |(whole, part)| if part.trim_matches('0').is_empty() { whole } else { "" });
        let amount = whole.parse::<i64>().map_or(Value::Null, |amount| json!(amount));
        return Ok((amount, json!(decimal)));
    }
    if params.sent("custom_unit_amount") || params.sent("tiers") {
        return Ok((Value::Null, Value::Null));
    }
    Err(ApiError::required(&place("unit_amount")))
}

/// A lookup key names one price: another that has it keeps it, or hands it over.
fn lookup_key(world: &mut World, params: &Params, price: &mut Value) -> Result<(), ApiError> {
    if !params.sent("lookup_key") {
        return Ok(());
    }
    let Some(key) = params.owned("lookup_key") else {
        set(price, "lookup_key", Value::Null);
        return Ok(());
    };
    let holders = world.all(PRICE, &Filter::default().is("lookup_key", &key), 2);
    for mut holder in holders.into_iter().filter(|holder| holder["id"] != price["id"]) {
        if params.bool("transfer_lookup_key") != Some(true) {
            let message = format!(
                "A price (`{}`) already uses that lookup key. To transfer the lookup key from that price to this one, set \
                 `transfer_lookup_key` to `true`.",
                text(&holder, "id")
            );
            return Err(ApiError::invalid(message).param("lookup_key"));
        }
        set(&mut holder, "lookup_key", Value::Null);
        world.update(PRICE, &holder, "price.updated");
    }
    set(price, "lookup_key", key);
    Ok(())
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let price = make(call.world, &call.params, "")?;
    call.world.create(PRICE, &price, "price.created");
    Ok(price.into())
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(PRICE, "price", "price").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut price = call.object(PRICE, "price", "price")?;
    call.params.copy(&mut price, &["active", "nickname", "tax_behavior"]);
    call.params.merge_metadata(&mut price)?;
    lookup_key(call.world, &call.params, &mut price)?;
    call.world.update(PRICE, &price, "price.updated");
    Ok(price.into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    if params.list("lookup_keys").len() > 10 {
        let message = "You cannot specify more than 10 lookup keys.";
        return Err(ApiError::invalid(message).param("lookup_keys"));
    }
    let mut filter = Filter::default()
        .sent(params, "active")
        .sent(params, "currency")
        .sent(params, "product")
        .sent(params, "type")
        .sent_as(params, "lookup_keys", "lookup_key");
    for (param, member) in [
        ("recurring.interval", "recurring.interval"),
        ("recurring.usage_type", "recurring.usage_type"),
        ("recurring.meter", "recurring.meter"),
    ] {
        filter = filter.sent_as(params, param, member);
    }
    call.page(PRICE, &filter)
}

fn search(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.search(PRICE, &["active", "currency", "lookup_key", "product", "type"])
}

/// `currency_options` is there only when it is asked for.
fn include(_world: &World, owner: &Value, member: &str) -> Option<Value> {
    if owner["object"] != "price" || member != "currency_options" {
        return None;
    }
    let mut options = json!({});
    set(
        &mut options,
        text(owner, "currency"),
        json!({
            "custom_unit_amount": owner["custom_unit_amount"], "tax_behavior": owner["tax_behavior"],
            "unit_amount": owner["unit_amount"], "unit_amount_decimal": owner["unit_amount_decimal"],
        }),
    );
    Some(options)
}
