//! Payment methods: the test cards, by their `pm_card_…` names or their numbers, attached to customers or not.

use serde_json::{Value, json};

use super::Resource;
use super::customers::CUSTOMER;
use crate::api::error::ApiError;
use crate::api::params::{Params, set, text, with_address};
use crate::api::route::{Answer, get, post};
use crate::cards::{self, Behaviour, CARDS, Card};
use crate::facts;
use crate::http::date::civil;
use crate::world::World;
use crate::world::call::Call;
use crate::world::ids::{base62, mix};
use crate::world::kind::{FACT, Kind};
use crate::world::list::Filter;

pub(crate) const PAYMENT_METHOD: &Kind =
    &Kind::new("payment_method", "pm", "PaymentMethod", "/v1/payment_methods").indexed(&["customer", "type"]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "payment_methods",
    &[PAYMENT_METHOD],
    &[
        get("/v1/payment_methods", list),
        post("/v1/payment_methods", create).open(),
        get("/v1/payment_methods/{payment_method}", retrieve),
        post("/v1/payment_methods/{payment_method}", update),
        post("/v1/payment_methods/{payment_method}/attach", attach),
        post("/v1/payment_methods/{payment_method}/detach", detach),
    ],
);

/// The same card has the same fingerprint wherever it is used; it is also how the card behind an object is known.
pub(crate) fn fingerprint(card: &Card) -> String {
    let place = CARDS.iter().position(|known| std::ptr::eq(known, card)).unwrap_or(0);
    base62(mix(u64::try_from(place).unwrap_or(0) + 0x7111_b00c), 11) + "Prac1"
}

/// The test card behind a payment method.
pub(crate) fn card_of(method: &Value) -> &'static Card {
    let print = method["card"]["fingerprint"]
        .as_str()
        .or(method["card_present"]["fingerprint"].as_str())
        .unwrap_or("");
    CARDS.iter().find(|card| fingerprint(card) == print).unwrap_or(&CARDS[0])
}

pub(crate) fn last4(card: &Card) -> &'static str {
    card.number.get(card.number.len().saturating_sub(4)..).unwrap_or("")
}

/// Stripe's test cards always expire next year in the month they are used.
pub(crate) fn expiry(now: i64) -> (i64, i64) {
    let (year, month, _) = civil(now.div_euclid(86_400));
    (month, year + 1)
}

/// What a card's checks say.
pub(crate) fn checks(card: &Card, billing: &Value, cvc: bool) -> Value {
    let (mut line1, mut zip, mut code) = (
        if billing["address"]["line1"].is_string() { json!("pass") } else { Value::Null },
        if billing["address"]["postal_code"].is_string() { json!("pass") } else { Value::Null },
        if cvc { json!("pass") } else { Value::Null },
    );
    if let Behaviour::Checks(which) = card.behaviour {
        let said = if which == "unchecked" { "unavailable" } else { "fail" };
        for (name, check) in [("line1", &mut line1), ("zip", &mut zip), ("cvc", &mut code)] {
            if (which.contains(name) || (which == "unchecked" && name != "cvc")) && !check.is_null() {
                *check = json!(said);
            }
        }
    }
    json!({ "address_line1_check": line1, "address_postal_code_check": zip, "cvc_check": code })
}

/// A payment method for a test card, not yet put anywhere.
pub(crate) fn of_card(world: &mut World, card: &'static Card, billing: Option<&Value>, cvc: bool) -> Value {
    let id = world.id(PAYMENT_METHOD);
    let billing = with_address(billing, &["email", "name", "phone", "tax_id"]);
    let (month, year) = expiry(world.now());
    let secure = !matches!(card.brand, "amex" | "interac" | "eftpos_au" | "girocard");
    json!({
        "id": id,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing,
        "card": {
            "brand": card.brand,
            "checks": checks(card, &billing, cvc),
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year,
            "fingerprint": fingerprint(card),
            "funding": card.funding,
            "generated_from": null,
            "last4": last4(card),
            "networks": { "available": [card.brand], "preferred": null },
            "regulated_status": "unregulated",
            "three_d_secure_usage": { "supported": secure },
            "wallet": null,
        },
        "created": world.now(),
        "customer": null,
        "customer_account": null,
        "livemode": false,
        "metadata": {},
        "type": "card",
    })
}

/// The payment method an id names. `pm_card_…` makes a new one each time, as Stripe does.
pub(crate) fn resolve(world: &mut World, id: &str, param: &str) -> Result<Value, ApiError> {
    if let Some(card) = cards::by_method(id).or_else(|| by_country(id)) {
        let method = of_card(world, card, None, false);
        world.put(PAYMENT_METHOD, &method);
        return Ok(method);
    }
    world.named(PAYMENT_METHOD, id, param)
}

/// `pm_card_de` and its like are the visa card of that country.
fn by_country(id: &str) -> Option<&'static Card> {
    let country = id.strip_prefix("pm_card_")?;
    (country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_lowercase())).then(|| &CARDS[0])
}

/// Stripe's refusals of card data typed wrong.
pub(crate) fn typed(world: &mut World, data: &Params) -> Result<Value, ApiError> {
    let wrong = |code: &str, message: &str, param: &str| ApiError::card(code, message).param(param);
    if let Some(token) = data.str("card.token") {
        let card = match token.strip_prefix("tok_") {
            Some("visa") => cards::by_method("pm_card_visa"),
            Some(name) => CARDS.iter().find(|card| card.method.strip_prefix("pm_card_") == Some(name)),
            None => None,
        };
        let card = card.ok_or_else(|| ApiError::no_such("token", token, "card[token]"))?;
        return Ok(of_card(world, card, data.get("billing_details"), false));
    }
    let number: String =
        data.need("card.number")?.chars().filter(|sign| !sign.is_whitespace() && *sign != '-').collect();
    if !cards::passes_luhn(&number) {
        return Err(wrong(
            "incorrect_number",
            facts::decline_message("incorrect_number", ""),
            "card[number]",
        ));
    }
    let Some(card) = cards::by_number(&number) else {
        let message = "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of \
                       valid test cards, visit: https://stripe.com/docs/testing.";
        return Err(
            ApiError::card("card_declined", message).with("decline_code", json!("test_mode_live_card"))
        );
    };
    let month = data.int("card.exp_month").ok_or_else(|| ApiError::required("card[exp_month]"))?;
    let year = data.int("card.exp_year").ok_or_else(|| ApiError::required("card[exp_year]"))?;
    let year = if (0..100).contains(&year) { year + 2000 } else { year };
    let (this_year, this_month, _) = civil(world.now().div_euclid(86_400));
    if !(1..=12).contains(&month) {
        return Err(wrong(
            "invalid_expiry_month",
            "Your card's expiration month is invalid.",
            "card[exp_month]",
        ));
    }
    if (year, month) < (this_year, this_month) || year > this_year + 50 {
        return Err(wrong(
            "invalid_expiry_year",
            "Your card's expiration year is invalid.",
            "card[exp_year]",
        ));
    }
    let cvc = data.str("card.cvc");
    if cvc.is_some_and(|cvc| !(3..=4).contains(&cvc.len()) || !cvc.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(wrong("invalid_cvc", "Your card's security code is invalid.", "card[cvc]"));
    }
    let mut method = of_card(world, card, data.get("billing_details"), cvc.is_some());
    set(&mut method["card"], "exp_month", month);
    set(&mut method["card"], "exp_year", year);
    Ok(method)
}

/// A payment method from `payment_method_data` or the like, put into the world.
pub(crate) fn make(world: &mut World, data: &Params) -> Result<Value, ApiError> {
    let kind = data.str("type").unwrap_or("card").to_owned();
    if kind != "card" {
        let message =
            format!("The payment method type \"{kind}\" is invalid. The practice account takes cards alone.");
        return Err(ApiError::invalid(message).param("type"));
    }
    let mut method = typed(world, data).map_err(|mut error| {
        // Nothing was made that could stay.
        error.keeps = false;
        error
    })?;
    data.merge_metadata(&mut method)?;
    data.copy(&mut method, &["allow_redisplay"]);
    world.put(PAYMENT_METHOD, &method);
    Ok(method)
}

/// Attaches a method to a customer, unless its card refuses it.
pub(crate) fn attach_to(world: &mut World, id: &str, customer: &str, param: &str) -> Result<Value, ApiError> {
    let mut method = resolve(world, id, param)?;
    world.named(CUSTOMER, customer, "customer")?;
    if method["customer"] == *customer {
        return Ok(method);
    }
    if method["customer"].is_string() {
        let message = "The payment method you provided has already been attached to a customer.";
        return Err(ApiError::state("payment_method_unexpected_state", message));
    }
    if is_spent(world, id) || method["type"] == "card_present" {
        return Err(spent());
    }
    if let Behaviour::Declines { decline, attaches: false } = card_of(&method).behaviour {
        let message = facts::decline_message(decline.code, decline.decline_code);
        let mut error =
            ApiError::card(decline.code, message).with("decline_code", json!(decline.decline_code));
        error.keeps = false;
        return Err(if decline.param.is_empty() { error } else { error.param(decline.param) });
    }
    set(&mut method, "customer", customer);
    world.update(PAYMENT_METHOD, &method, "payment_method.attached");
    Ok(method)
}

/// Marks a method as used up: it belongs to nobody and was charged or detached.
pub(crate) fn spend(world: &mut World, id: &str) {
    world.put(FACT, &json!({ "id": format!("spent:{id}"), "object": FACT.object }));
}

pub(crate) fn is_spent(world: &World, id: &str) -> bool {
    world.look(FACT, &format!("spent:{id}")).is_some()
}

/// A method that was used or detached without a customer cannot be used again.
pub(crate) fn spent() -> ApiError {
    ApiError::invalid(
        "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected \
         account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod \
         multiple times, you must attach it to a Customer first.",
    )
    .param("payment_method")
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    make(call.world, &params).map(Answer::from)
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = call.part("payment_method").to_owned();
    if cards::by_method(&id).is_some() {
        return resolve(call.world, &id, "payment_method").map(Answer::from);
    }
    call.object(PAYMENT_METHOD, "payment_method", "payment_method").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut method = call.object(PAYMENT_METHOD, "payment_method", "payment_method")?;
    if !method["customer"].is_string() {
        let message = "You must save this PaymentMethod to a customer before you can update it.";
        return Err(ApiError::state("payment_method_unexpected_state", message));
    }
    call.params.copy(&mut method, &["allow_redisplay"]);
    if let Some(billing) = call.params.get("billing_details") {
        set(
            &mut method,
            "billing_details",
            with_address(Some(billing), &["email", "name", "phone", "tax_id"]),
        );
    }
    for name in ["exp_month", "exp_year"] {
        if let Some(value) = call.params.int(&format!("card.{name}")) {
            set(&mut method["card"], name, value);
        }
    }
    call.params.merge_metadata(&mut method)?;
    call.world.update(PAYMENT_METHOD, &method, "payment_method.updated");
    Ok(method.into())
}

fn attach(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let customer = call.params.need("customer")?.to_owned();
    let id = call.part("payment_method").to_owned();
    attach_to(call.world, &id, &customer, "payment_method").map(Answer::from)
}

fn detach(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut method = call.object(PAYMENT_METHOD, "payment_method", "payment_method")?;
    let Some(customer) = method["customer"].as_str().map(str::to_owned) else {
        let message =
            "The payment method you provided is not attached to a customer so detachment is impossible.";
        return Err(ApiError::state("payment_method_unexpected_state", message).param("payment_method"));
    };
    set(&mut method, "customer", Value::Null);
    spend(call.world, text(&method, "id"));
    call.world.put(PAYMENT_METHOD, &method);
    call.world.emit("payment_method.detached", &method, Some(json!({ "customer": customer })));
    forget_default(call.world, &customer, text(&method, "id"));
    Ok(method.into())
}

/// A customer's default is no default once it is gone.
fn forget_default(world: &mut World, customer: &str, method: &str) {
    let Some(mut customer) = world.get(CUSTOMER, customer) else { return };
    if customer["invoice_settings"]["default_payment_method"] == *method {
        set(&mut customer["invoice_settings"], "default_payment_method", Value::Null);
        world.update(CUSTOMER, &customer, "customer.updated");
    }
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    if let Some(customer) = call.params.str("customer") {
        call.world.named(CUSTOMER, customer, "customer")?;
        return call
            .page(PAYMENT_METHOD, &Filter::default().is("customer", customer).sent(&call.params, "type"));
    }
    // Without a customer Stripe lists what is attached to the account itself: nothing here.
    call.page(PAYMENT_METHOD, &Filter::default().is("customer", "-").sent(&call.params, "type"))
}
