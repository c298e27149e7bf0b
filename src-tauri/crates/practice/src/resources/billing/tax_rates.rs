//! Tax rates.

use serde_json::{Value, json};

use super::math::{decimal, percentage};
use crate::api::error::ApiError;
use crate::api::params::{set, text};
use crate::api::route::{Answer, get, post};
use crate::resources::Resource;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const TAX_RATE: &Kind =
    &Kind::new("tax_rate", "txr", "tax rate", "/v1/tax_rates").indexed(&["active", "inclusive"]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "tax_rates",
    &[TAX_RATE],
    &[
        get("/v1/tax_rates", list),
        post("/v1/tax_rates", create),
        get("/v1/tax_rates/{tax_rate}", retrieve),
        post("/v1/tax_rates/{tax_rate}", update),
    ],
);

const PLAIN: &[&str] =
    &["active", "country", "description", "display_name", "jurisdiction", "state", "tax_type"];

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    let percent = params.value("percentage");
    let (units, scale) = decimal(&percent.to_string()).unwrap_or((-1, 1));
    if units < 0 || units > scale * 100 {
        let message = "Invalid percentage: must be between 0 and 100.";
        return Err(ApiError::invalid(message).param("percentage"));
    }
    let mut rate = json!({
        "id": "",
        "object": "tax_rate",
        "active": true,
        "country": null,
        "created": call.world.now(),
        "description": null,
        "display_name": "",
        "effective_percentage": null,
        "flat_amount": null,
        "inclusive": params.bool("inclusive"),
        "jurisdiction": null,
        "jurisdiction_level": null,
        "livemode": false,
        "metadata": params.metadata()?,
        "percentage": percent,
        "rate_type": "percentage",
        "state": null,
        "tax_type": null,
    });
    params.copy(&mut rate, PLAIN);
    set(&mut rate, "id", call.world.id(TAX_RATE));
    call.world.create(TAX_RATE, &rate, "tax_rate.created");
    Ok(rate.into())
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(TAX_RATE, "tax_rate", "tax_rate").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut rate = call.object(TAX_RATE, "tax_rate", "tax_rate")?;
    call.params.copy(&mut rate, PLAIN);
    call.params.merge_metadata(&mut rate)?;
    call.world.update(TAX_RATE, &rate, "tax_rate.updated");
    Ok(rate.into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let filter = Filter::default().sent(&call.params, "active").sent(&call.params, "inclusive");
    call.page(TAX_RATE, &filter)
}

/// The rates a parameter names, whole, as objects carry them.
pub(crate) fn named(world: &World, ids: &[Value], param: &str) -> Result<Vec<Value>, ApiError> {
    let mut rates = Vec::with_capacity(ids.len());
    for id in ids.iter().filter_map(Value::as_str) {
        let rate = world.named(TAX_RATE, id, param)?;
        if rate["active"] != true {
            let message = format!("The tax rate {id} is inactive and cannot be applied.");
            return Err(ApiError::invalid(message).param(param));
        }
        rates.push(rate);
    }
    Ok(rates)
}

/// The tax in an amount, and what it was reckoned on: for each rate its tax.
pub(crate) fn taxes(rates: &[Value], amount: i64, exempt: &str) -> Vec<Value> {
    let inclusive: (i128, i128) = rates
        .iter()
        .filter(|rate| rate["inclusive"] == true)
        .map(|rate| percentage(&rate["percentage"]))
        .fold((0, 1), |(sum, scale), (units, other)| (sum * other + units * scale, scale * other));
    let free = matches!(exempt, "exempt" | "reverse");
    // What the inclusive rates leave of the amount is what is taxed.
    let whole = inclusive.1 * 100 + inclusive.0;
    let net = super::math::ratio(i128::from(amount) * inclusive.1 * 100, whole);
    rates
        .iter()
        .map(|rate| {
            let (units, scale) = percentage(&rate["percentage"]);
            let within = rate["inclusive"] == true;
            let tax = match (free, within) {
                (true, _) => 0,
                (false, true) => super::math::ratio(i128::from(amount) * units * inclusive.1, scale * whole),
                (false, false) => super::math::percent_of(net, &rate["percentage"]),
            };
            let reason = match exempt {
                "exempt" => "customer_exempt",
                "reverse" => "reverse_charge",
                _ if units == 0 => "zero_rated",
                _ => "standard_rated",
            };
            json!({
                "amount": tax,
                "tax_behavior": if within { "inclusive" } else { "exclusive" },
                "tax_rate_details": { "tax_rate": text(rate, "id") },
                "taxability_reason": reason,
                "taxable_amount": if free { 0 } else { net },
                "type": "tax_rate_details",
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inclusive_tax_is_within_and_exclusive_on_top() {
        let rate = |percent: Value, inclusive: bool| json!({"id": "txr", "percentage": percent, "inclusive": inclusive});
        let tax = |rates: &[Value], amount, exempt| {
            taxes(rates, amount, exempt)
                .iter()
                .map(|tax| tax["amount"].as_i64().expect("a number"))
                .collect::<Vec<_>>()
        };
        assert_eq!(tax(&[rate(json!(19), true)], 1190, "none"), [190]);
        assert_eq!(tax(&[rate(json!(19), false)], 1000, "none"), [190]);
        assert_eq!(tax(&[rate(json!(8.875), false)], 999, "none"), [89]);
        assert_eq!(tax(&[rate(json!(19), false)], 1000, "reverse"), [0]);
        assert_eq!(tax(&[rate(json!(10), true), rate(json!(10), true)], 1200, "none"), [100, 100]);
    }
}
