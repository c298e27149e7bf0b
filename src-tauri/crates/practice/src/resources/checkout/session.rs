//! Checkout sessions as objects: made, read, expired.

use serde_json::{Value, json};

use super::{SESSION, items};
use crate::api::error::ApiError;
use crate::api::params::{Params, set, text};
use crate::resources::customers::CUSTOMER;
use crate::resources::payment_intents::amount_in_bounds;
use crate::world::World;
use crate::world::kind::FACT;

const HALF_AN_HOUR: i64 = 1_800;
const DAY: i64 = 86_400;

/// A new session, open, in the world, its end scheduled.
pub(super) fn make(world: &mut World, params: &Params, link: Option<&str>) -> Result<Value, ApiError> {
    let items = items::read(world, params)?;
    open(world, params, &items, link)
}

/// A new session that sells these items.
pub(super) fn open(
    world: &mut World,
    params: &Params,
    items: &[Value],
    link: Option<&str>,
) -> Result<Value, ApiError> {
    let mode = mode(params, items)?;
    let (total, currency) = items::total(items)?;
    if mode == "payment" {
        amount_in_bounds(total, &currency)?;
    }
    let page = params.str("ui_mode").unwrap_or("hosted_page");
    if page == "hosted_page" && params.str("success_url").is_none() && link.is_none() {
        return Err(ApiError::required("success_url"));
    }
    let id = format!("cs_test_{}", world.chance.text(58));
    let mut session = object(&id, world.now(), &mode);
    if mode == "setup" {
        let currency = params.currency("currency")?.unwrap_or_else(|| "usd".to_owned());
        set(&mut session, "currency", currency);
    } else {
        set(&mut session, "amount_subtotal", total);
        set(&mut session, "amount_total", total);
        set(&mut session, "currency", currency);
        set(
            &mut session,
            "total_details",
            json!({ "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 }),
        );
    }
    fill(world, params, &mut session)?;
    set(&mut session, "payment_link", link);
    set(&mut session, "ui_mode", page);
    if page == "hosted_page" {
        set(&mut session, "url", format!("{}/c/pay/{id}", world.identity.base_url));
    } else {
        let secret = format!("{id}_secret_{}", world.chance.text(40));
        set(&mut session, "client_secret", secret);
    }
    let expires = end(params, world.now())?;
    set(&mut session, "expires_at", expires);
    items::keep(world, &id, items);
    keep_data(world, &id, params);
    world.put(SESSION, &session);
    world.schedule(expires, "checkout.expire", json!(id));
    Ok(session)
}

fn mode(params: &Params, items: &[Value]) -> Result<String, ApiError> {
    let recurs = items::recurs(items);
    let mode = match params.str("mode") {
        Some(mode) => mode,
        None if recurs => "subscription",
        None => "payment",
    };
    if mode == "setup" {
        return Ok(mode.to_owned());
    }
    if items.is_empty() {
        return Err(ApiError::required("line_items"));
    }
    match (mode, recurs) {
        ("payment", true) => {
            let message = "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only \
                           one-time prices.";
            Err(ApiError::invalid(message).param("line_items"))
        }
        ("subscription", false) => {
            let message =
                "You must provide at least one recurring price in `subscription` mode when using prices.";
            Err(ApiError::invalid(message).param("line_items"))
        }
        _ => Ok(mode.to_owned()),
    }
}

/// Half an hour to a day ahead; a day where nothing was said.
fn end(params: &Params, now: i64) -> Result<i64, ApiError> {
    let Some(at) = params.int("expires_at") else { return Ok(now + DAY) };
    if at < now + HALF_AN_HOUR {
        let message =
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.";
        return Err(ApiError::invalid(message).param("expires_at"));
    }
    if at > now + DAY {
        let message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.";
        return Err(ApiError::invalid(message).param("expires_at"));
    }
    Ok(at)
}

fn object(id: &str, now: i64, mode: &str) -> Value {
    let creates = matches!(mode, "subscription");
    json!({
        "id": id, "object": "checkout.session", "adaptive_pricing": { "enabled": false }, "after_expiration": null,
        "allow_promotion_codes": null, "allowed_payment_method_types": null, "amount_subtotal": null, "amount_total": null,
        "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
        "billing_address_collection": null, "cancel_url": null, "client_reference_id": null, "client_secret": null,
        "collected_information": null, "consent": null, "consent_collection": null, "created": now, "currency": null,
        "currency_conversion": null, "custom_fields": [],
        "custom_text": {
            "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null,
        },
        "customer": null, "customer_account": null,
        "customer_creation": if creates { Value::Null } else { json!("if_required") },
        "customer_details": null, "customer_email": null, "discounts": [], "expires_at": now, "integration_identifier": null,
        "invoice": null, "invoice_creation": null, "livemode": false, "locale": null, "managed_payments": null,
        "metadata": {}, "mode": mode, "origin_context": null, "payment_intent": null, "payment_link": null,
        "payment_method_collection": if creates { json!("always") } else { json!("if_required") },
        "payment_method_configuration_details": null, "payment_method_options": {}, "payment_method_types": ["card"],
        "payment_status": if mode == "setup" { "no_payment_required" } else { "unpaid" },
        "permissions": null, "phone_number_collection": { "enabled": false }, "recovered_from": null,
        "saved_payment_method_options": null, "setup_intent": null, "shipping_address_collection": null,
        "shipping_cost": null, "shipping_options": [], "status": "open", "submit_type": null, "subscription": null,
        "success_url": null, "total_details": null, "ui_mode": "hosted_page", "url": null, "wallet_options": null,
    })
}

const PLAIN: &[&str] = &[
    "allow_promotion_codes",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "customer_creation",
    "customer_email",
    "locale",
    "origin_context",
    "payment_method_collection",
    "submit_type",
    "success_url",
    "integration_identifier",
];

fn fill(world: &World, params: &Params, session: &mut Value) -> Result<(), ApiError> {
    params.copy(session, PLAIN);
    if let Some(back) = params.str("return_url") {
        set(session, "return_url", back);
    }
    if let Some(id) = params.str("customer") {
        let customer = world.named(CUSTOMER, id, "customer")?;
        if params.sent("customer_email") {
            let message = "You may only specify one of these parameters: customer, customer_email.";
            return Err(ApiError::invalid(message).code("parameters_exclusive").param("customer"));
        }
        set(session, "customer", customer["id"].clone());
        set(session, "customer_creation", Value::Null);
    }
    let types = params.list("allowed_payment_method_types");
    if !types.is_empty() {
        if let Some(other) =
            types.iter().filter_map(Value::as_str).find(|kind| !matches!(*kind, "card" | "link"))
        {
            let message = format!(
                "The payment method type provided: {other} is invalid. Please ensure it is activated in your dashboard."
            );
            return Err(ApiError::invalid(message).param("allowed_payment_method_types"));
        }
        set(session, "allowed_payment_method_types", json!(types));
        set(session, "payment_method_types", json!(types));
    }
    set(session, "metadata", params.metadata()?);
    Ok(())
}

fn fact(session: &str) -> String {
    format!("data of {session}")
}

/// What the session hands on to the payment, the set-up or the subscription it makes.
fn keep_data(world: &mut World, id: &str, params: &Params) {
    let fact = json!({
        "id": fact(id), "object": "_fact", "created": world.now(),
        "payment_intent_data": params.value("payment_intent_data"),
        "setup_intent_data": params.value("setup_intent_data"),
        "subscription_data": params.value("subscription_data"),
    });
    world.put(FACT, &fact);
}

/// One of `payment_intent_data`, `setup_intent_data`, `subscription_data`.
pub(super) fn data(world: &World, id: &str, name: &str) -> serde_json::Map<String, Value> {
    let kept = world.look(FACT, &fact(id)).unwrap_or(Value::Null);
    kept[name].as_object().cloned().unwrap_or_default()
}

/// Ends an open session without a payment.
pub(super) fn expire(world: &mut World, mut session: Value) -> Result<Value, ApiError> {
    let status = text(&session, "status").to_owned();
    if status != "open" {
        let message = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of {status}."
        );
        return Err(ApiError::state("", message));
    }
    set(&mut session, "status", "expired");
    set(&mut session, "url", Value::Null);
    if let Some(intent) = session["payment_intent"].as_str().map(str::to_owned) {
        super::pay::let_go(world, &intent);
    }
    world.update(SESSION, &session, "checkout.session.expired");
    Ok(session)
}
