//! A card at a simulated reader.

use serde_json::{Value, json};

use super::actions::{end, refund_now, working};
use super::readers::at_path;
use crate::api::error::ApiError;
use crate::api::params::{int, set, text};
use crate::api::route::Answer;
use crate::cards::{self, Behaviour, Card, Decline};
use crate::resources::charges::{AtReader, Fate};
use crate::resources::payment_intents::{PAYMENT_INTENT, charge_with};
use crate::resources::payment_methods::{PAYMENT_METHOD, card_of, expiry, fingerprint, last4};
use crate::world::World;
use crate::world::call::Call;

/// Amounts that end so are declined whatever the card, as with Stripe's physical test card.
fn steered(amount: i64) -> Option<Decline> {
    let decline_code = match amount % 100 {
        1 => "call_issuer",
        5 => "generic_decline",
        55 => "incorrect_pin",
        65 => "withdrawal_count_limit_exceeded",
        75 => "pin_try_exceeded",
        _ => return None,
    };
    Some(Decline { code: "card_declined", decline_code, param: "", advice: "" })
}

pub(super) fn present(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let reader = at_path(call)?;
    let params = call.params.clone();
    let kind = params.str("type").unwrap_or("card_present").to_owned();
    let number = params.str(&format!("{kind}.number")).unwrap_or("4242424242424242").to_owned();
    let tip = params.amount("amount_tip")?;
    hold(call.world, reader, &number, &kind, true, tip).map(Answer::from)
}

/// Somebody holds a card to the reader, or puts it in.
pub(super) fn hold(
    world: &mut World,
    mut reader: Value,
    number: &str,
    at_counter: &str,
    contactless: bool,
    tip: Option<i64>,
) -> Result<Value, ApiError> {
    if reader["status"] != "online" {
        return Err(ApiError::state("terminal_reader_offline", "Reader is currently offline."));
    }
    let kind = text(&reader["action"], "type").to_owned();
    if !working(&reader) || kind == "collect_inputs" {
        let message = "Reader has no action in progress: there is nothing to present a payment method for.";
        return Err(ApiError::state("terminal_reader_invalid_action", message).param("reader"));
    }
    let Some(card) = cards::by_number(number) else {
        let message =
            "Your card number is not one of the test cards that can be presented to a simulated reader.";
        return Err(ApiError::invalid(message).param(&format!("{at_counter}[number]")));
    };
    if kind == "refund_payment" {
        let outcome = refund_now(world, &mut reader);
        let failed = outcome.as_ref().err().map(|_| ("processing_error", "The refund could not be made."));
        end(world, &mut reader, failed);
        return Ok(reader);
    }
    let id = reader["action"][&kind]["payment_intent"].as_str().unwrap_or_default().to_owned();
    let mut intent = world.named(PAYMENT_INTENT, &id, "payment_intent")?;
    if !matches!(
        text(&intent, "status"),
        "requires_payment_method" | "requires_confirmation" | "requires_action"
    ) {
        end(world, &mut reader, Some(("intent_invalid_state", "The PaymentIntent can no longer be paid.")));
        return Ok(reader);
    }
    if let Some(tip) = tip {
        let with_tip = int(&intent, "amount") + tip;
        set(&mut intent, "amount", with_tip);
        set(&mut intent, "amount_details", json!({ "tip": { "amount": tip } }));
    }
    let mut method = method(world, card, at_counter);
    if !contactless {
        let kind = text(&method, "type").to_owned();
        set(&mut method[&kind], "read_method", "contact_emv");
    }
    if kind == "collect_payment_method" {
        set(&mut reader["action"]["collect_payment_method"], "payment_method", method);
        end(world, &mut reader, None);
        return Ok(reader);
    }
    charge(world, &mut reader, intent, &method);
    Ok(reader)
}

/// Charges a presented card and ends the reader's action accordingly.
pub(super) fn charge(world: &mut World, reader: &mut Value, intent: Value, method: &Value) {
    let fate = match card_of(method).behaviour {
        Behaviour::Declines { decline, .. } => Fate::Declined(decline),
        Behaviour::Blocked => Fate::Blocked,
        _ => steered(int(&intent, "amount")).map_or(Fate::Paid, Fate::Declined),
    };
    world.put(PAYMENT_METHOD, method);
    let at = AtReader { reader: text(reader, "id").to_owned(), location: reader["location"].clone() };
    match charge_with(world, intent, method, fate, Some(&at)) {
        Ok(_) => end(world, reader, None),
        Err(error) => {
            let member = |name: &str| {
                error.fields.get(name).and_then(Value::as_str).unwrap_or("card_declined").to_owned()
            };
            end(world, reader, Some((&member("code"), &member("message"))));
        }
    }
}

/// What a presented card is to Stripe.
fn method(world: &mut World, card: &'static Card, kind: &str) -> Value {
    let (month, year) = expiry(world.now());
    let id = world.id(PAYMENT_METHOD);
    let kind = if card.brand == "interac" { "interac_present" } else { kind };
    let kind = if kind == "card" { "card_present" } else { kind };
    let details = json!({
        "brand": card.brand, "brand_product": null, "cardholder_name": null, "country": card.country, "description": null,
        "exp_month": month, "exp_year": year, "fingerprint": fingerprint(card), "funding": card.funding, "last4": last4(card),
        "networks": { "available": [card.brand], "preferred": null }, "offline": null, "preferred_locales": ["en"],
        "read_method": "contactless_emv",
    });
    let mut method = json!({
        "id": id,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": { "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null },
            "email": null, "name": null, "phone": null, "tax_id": null,
        },
        "created": world.now(),
        "customer": null,
        "customer_account": null,
        "livemode": false,
        "metadata": {},
        "type": kind,
    });
    set(&mut method, kind, details);
    method
}
