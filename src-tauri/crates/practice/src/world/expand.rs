//! `expand[]`: ids become the objects they name, up to four deep.

use serde_json::Value;

use super::state::World;
use crate::api::error::ApiError;

const DEEPEST: usize = 4;

/// What a member of that name points at.
fn targets(member: &str) -> &'static [&'static str] {
    match member {
        "balance_transaction" | "failure_balance_transaction" => &["balance_transaction"],
        "charge" | "latest_charge" | "generated_charge" => &["charge"],
        "coupon" => &["coupon"],
        "credit_note" => &["credit_note"],
        "customer" => &["customer"],
        "payment_method" | "default_payment_method" | "generated_card" | "generated_sepa_debit" => {
            &["payment_method"]
        }
        "price" | "default_price" => &["price"],
        "product" => &["product"],
        "discount" | "discounts" => &["discount"],
        "dispute" => &["dispute"],
        "invoice" | "latest_invoice" | "latest_revision" | "from_invoice" => &["invoice"],
        "location" => &["terminal.location"],
        "payout" | "original_payout" | "reversed_by" | "automatic_payout" => &["payout"],
        "payment_intent" => &["payment_intent"],
        "payment_link" => &["payment_link"],
        "pending_setup_intent" | "setup_intent" => &["setup_intent"],
        "promotion_code" => &["promotion_code"],
        "refund" => &["refund"],
        "source" => &["charge", "refund", "payout", "dispute"],
        "subscription" => &["subscription"],
        "test_clock" => &["test_helpers.test_clock"],
        "tax_rate" => &["tax_rate"],
        "on_behalf_of" | "account" => &["account"],
        _ => &[],
    }
}

/// Expands every path in an answer.
pub(crate) fn apply(world: &World, answer: &mut Value, paths: &[&str]) -> Result<(), ApiError> {
    for path in paths {
        let steps: Vec<&str> = path.split('.').collect();
        if steps.iter().filter(|step| **step != "data").count() > DEEPEST {
            let message =
                format!("You cannot expand more than {DEEPEST} levels of a property. Property: {path}");
            return Err(ApiError::invalid(message).param("expand"));
        }
        walk(world, answer, &steps, path)?;
    }
    Ok(())
}

fn walk(world: &World, value: &mut Value, steps: &[&str], path: &str) -> Result<(), ApiError> {
    let Some((&step, rest)) = steps.split_first() else { return Ok(()) };
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(|item| walk(world, item, steps, path)),
        Value::Object(_) => member(world, value, step, rest, path),
        _ => Err(refused(path)),
    }
}

fn member(world: &World, owner: &mut Value, step: &str, rest: &[&str], path: &str) -> Result<(), ApiError> {
    if owner.get(step).is_none() {
        let Some(included) = crate::resources::include(world, owner, step) else {
            return if targets(step).is_empty() { Err(refused(path)) } else { Ok(()) };
        };
        crate::api::params::set(owner, step, included);
        return owner.get_mut(step).map_or(Ok(()), |inner| walk(world, inner, rest, path));
    }
    let Some(found) = owner.get_mut(step) else { return Ok(()) };
    match found {
        Value::Null => Ok(()),
        Value::String(id) => {
            if targets(step).is_empty() {
                return Err(refused(path));
            }
            let Some(object) = named(world, step, id) else { return Ok(()) };
            *found = object;
            walk(world, found, rest, path)
        }
        Value::Array(items) if items.iter().any(Value::is_string) => {
            for item in items.iter_mut() {
                if let Some(object) = item.as_str().and_then(|id| named(world, step, id)) {
                    *item = object;
                }
            }
            walk(world, found, rest, path)
        }
        inner => walk(world, inner, rest, path),
    }
}

fn named(world: &World, step: &str, id: &str) -> Option<Value> {
    targets(step).iter().find_map(|object| {
        if *object == "account" {
            return (id == world.identity.account).then(|| crate::resources::account::object(world));
        }
        world.look(world.kind_named(object)?, id)
    })
}

fn refused(path: &str) -> ApiError {
    let message = format!("This property cannot be expanded ({path}).");
    ApiError::invalid(message).param("expand")
}
