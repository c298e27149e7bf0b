//! Charges: one attempt each to take money, made by payment intents.

use serde_json::{Value, json};

use super::Resource;
use super::balance_transactions;
use super::payment_methods::{card_of, checks};
use super::refunds::REFUND;
use crate::api::error::ApiError;
use crate::api::params::{int, set, text, with_address};
use crate::api::route::{Answer, get, post};
use crate::cards::{Behaviour, Decline};
use crate::facts;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const CHARGE: &Kind = &Kind::new("charge", "ch", "charge", "/v1/charges").indexed(&[
    "customer",
    "payment_intent",
    "transfer_group",
]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "charges",
    &[CHARGE],
    &[
        get("/v1/charges", list),
        get("/v1/charges/search", search),
        get("/v1/charges/{charge}", retrieve),
        post("/v1/charges/{charge}", update),
        post("/v1/charges/{charge}/capture", capture),
    ],
)
.include(include);

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Taken, or held where it is captured later.
    Paid,
    Declined(Decline),
    /// Stopped by Radar before the bank was asked.
    Blocked,
}

/// The reader a card was presented to.
#[derive(Debug, Clone)]
pub(crate) struct AtReader {
    pub reader: String,
    pub location: Value,
}

/// A charge for an intent with this outcome, put into the world with its balance transaction and told of.
pub(crate) fn attempt(
    world: &mut World,
    intent: &Value,
    method: &Value,
    fate: Fate,
    at: Option<&AtReader>,
) -> Value {
    let id = world.id(CHARGE);
    let manual = text(intent, "capture_method") == "manual";
    let mut charge = object(&id, world.now(), intent, method);
    let details = details(method, int(intent, "amount"), at);
    set(&mut charge, "payment_method_details", details);
    set(&mut charge, "outcome", outcome(method, fate));
    match fate {
        Fate::Paid if manual => {
            set(&mut charge, "captured", false);
            world.put(CHARGE, &charge);
            world.emit("charge.succeeded", &charge, None);
        }
        Fate::Paid => {
            let amount = int(intent, "amount");
            set(&mut charge, "amount_captured", amount);
            book(world, &mut charge, amount);
            world.put(CHARGE, &charge);
            world.emit("charge.succeeded", &charge, None);
        }
        Fate::Declined(_) | Fate::Blocked => {
            set(&mut charge, "captured", false);
            set(&mut charge, "paid", false);
            set(&mut charge, "status", "failed");
            let (code, decline) = refusal(fate);
            set(&mut charge, "failure_code", code);
            set(&mut charge, "failure_message", facts::decline_message(code, decline));
            set(&mut charge, "receipt_url", Value::Null);
            world.put(CHARGE, &charge);
            world.emit("charge.failed", &charge, None);
        }
    }
    charge
}

fn refusal(fate: Fate) -> (&'static str, &'static str) {
    match fate {
        Fate::Declined(decline) => (decline.code, decline.decline_code),
        _ => ("card_declined", "fraudulent"),
    }
}

/// Books the money of a charge and names the balance transaction in it.
pub(crate) fn book(world: &mut World, charge: &mut Value, amount: i64) {
    let (id, currency) = (text(charge, "id").to_owned(), text(charge, "currency").to_owned());
    let mut movement = balance_transactions::of_charge(amount, &currency, &id, charge["description"].clone());
    movement.at_once = card_of(&charge_method(charge)).behaviour == Behaviour::AvailableAtOnce;
    let booked = balance_transactions::book(world, &movement);
    set(charge, "balance_transaction", booked);
}

/// What `card_of` reads, from a charge's own details.
pub(crate) fn charge_method(charge: &Value) -> Value {
    let details = &charge["payment_method_details"];
    json!({ "card": details["card"], "card_present": details["card_present"] })
}

fn object(id: &str, now: i64, intent: &Value, method: &Value) -> Value {
    let billing = with_address(method.get("billing_details"), &["email", "name", "phone", "tax_id"]);
    json!({
        "id": id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": null,
        "application_fee": null,
        "application_fee_amount": null,
        "balance_transaction": null,
        "billing_details": billing,
        "calculated_statement_descriptor": "LANTERN BOOKS",
        "captured": true,
        "created": now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": false,
        "failure_balance_transaction": null,
        "failure_code": null,
        "failure_message": null,
        "fraud_details": {},
        "livemode": false,
        "metadata": intent["metadata"],
        "on_behalf_of": null,
        "outcome": null,
        "paid": true,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": null,
        "receipt_email": intent["receipt_email"],
        "receipt_number": null,
        "receipt_url": format!("https://pay.stripe.com/receipts/practice/{id}"),
        "refunded": false,
        "review": null,
        "shipping": intent["shipping"],
        "source": null,
        "source_transfer": null,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded",
        "transfer_data": null,
        "transfer_group": intent["transfer_group"],
    })
}

fn outcome(method: &Value, fate: Fate) -> Value {
    let risk = match card_of(method).behaviour {
        Behaviour::Elevated => ("elevated", 70),
        Behaviour::Blocked => ("highest", 90),
        _ => ("normal", 12),
    };
    let (network, reason, seller, kind) = match fate {
        Fate::Paid => ("approved_by_network", Value::Null, "Payment complete.", "authorized"),
        Fate::Declined(decline) => (
            "declined_by_network",
            json!(decline.decline_code),
            "The bank did not return any further details with this decline.",
            "issuer_declined",
        ),
        Fate::Blocked => (
            "not_sent_to_network",
            json!("highest_risk_level"),
            "Stripe blocked this payment as too risky.",
            "blocked",
        ),
    };
    let advice = match fate {
        Fate::Declined(decline) if !decline.advice.is_empty() => json!(decline.advice),
        _ => Value::Null,
    };
    json!({
        "advice_code": advice,
        "network_advice_code": null,
        "network_decline_code": if matches!(fate, Fate::Declined(_)) { json!("05") } else { Value::Null },
        "network_status": network,
        "reason": reason,
        "risk_level": risk.0,
        "risk_score": risk.1,
        "seller_message": seller,
        "type": kind,
    })
}

fn details(method: &Value, amount: i64, at: Option<&AtReader>) -> Value {
    let card = card_of(method);
    let Some(at) = at else {
        let shown = &method["card"];
        return json!({
            "type": "card",
            "card": {
                "amount_authorized": amount, "authorization_code": "123456", "brand": card.brand,
                "checks": checks(card, &method["billing_details"], shown["checks"]["cvc_check"].is_string()),
                "country": card.country, "electronic_commerce_indicator": null, "exp_month": shown["exp_month"],
                "exp_year": shown["exp_year"], "extended_authorization": { "status": "disabled" },
                "fingerprint": shown["fingerprint"], "funding": card.funding,
                "incremental_authorization": { "status": "unavailable" }, "installments": null, "last4": shown["last4"],
                "mandate": null, "multicapture": { "status": "unavailable" }, "network": card.brand,
                "network_token": { "used": false }, "network_transaction_id": "104102978678771",
                "overcapture": { "maximum_amount_capturable": amount, "status": "unavailable" },
                "regulated_status": "unregulated", "three_d_secure": null, "transaction_link_id": null, "wallet": null,
            },
        });
    };
    let kind = text(method, "type").to_owned();
    let shown = &method["card_present"];
    let mut details = json!({ "type": kind });
    set(
        &mut details,
        &kind,
        json!({
            "amount_authorized": amount, "brand": card.brand, "brand_product": null, "cardholder_name": null,
            "country": card.country, "description": null, "emv_auth_data": null, "exp_month": shown["exp_month"],
            "exp_year": shown["exp_year"], "fingerprint": shown["fingerprint"], "funding": card.funding,
            "generated_card": null, "incremental_authorization_supported": false, "last4": shown["last4"],
            "location": at.location, "network": card.brand, "network_transaction_id": "104102978678771", "offline": null,
            "overcapture_supported": false, "preferred_locales": ["en"], "read_method": method[&kind]["read_method"],
            "reader": at.reader,
            "receipt": {
                "account_type": if card.funding == "debit" { "checking" } else { "credit" },
                "application_cryptogram": "9D8B5C3AE1F2A077", "application_preferred_name": "Stripe Credit",
                "authorization_code": "123456", "authorization_response_code": "3030",
                "cardholder_verification_method": "approval", "dedicated_file_name": "A000000003101001",
                "terminal_verification_results": "8000008000", "transaction_status_information": "6800",
            },
        }),
    );
    details
}

/// A charge at the counter whose amounts, times and names are still to be filled in.
pub(crate) fn past(intent: &Value) -> Value {
    let method = json!({ "type": "card_present", "card_present": {} });
    let mut charge = object("", 0, intent, &method);
    let at = AtReader { reader: String::new(), location: Value::Null };
    set(&mut charge, "payment_method_details", details(&method, 0, Some(&at)));
    set(&mut charge, "outcome", outcome(&method, Fate::Paid));
    charge
}

/// Captures `amount` of a held charge; the rest is let go.
pub(crate) fn capture_amount(world: &mut World, charge: &mut Value, amount: i64) {
    set(charge, "captured", true);
    set(charge, "amount_captured", amount);
    book(world, charge, amount);
    world.put(CHARGE, charge);
    world.emit("charge.captured", charge, None);
}

/// Lets a held charge go.
pub(crate) fn release(world: &mut World, charge: &mut Value) {
    let amount = int(charge, "amount");
    set(charge, "amount_refunded", amount);
    set(charge, "refunded", true);
    world.update(CHARGE, charge, "charge.refunded");
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    let filter = Filter::default()
        .sent(params, "customer")
        .sent(params, "payment_intent")
        .sent(params, "transfer_group");
    call.page(CHARGE, &filter)
}

fn search(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.search(
        CHARGE,
        &[
            "amount",
            "currency",
            "customer",
            "disputed",
            "payment_method_details.card.last4",
            "refunded",
            "status",
        ],
    )
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(CHARGE, "charge", "id").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut charge = call.object(CHARGE, "charge", "id")?;
    call.params.copy(&mut charge, &["description", "receipt_email", "transfer_group"]);
    if let Some(customer) = call.reference(super::customers::CUSTOMER, "customer")? {
        set(&mut charge, "customer", customer["id"].clone());
    }
    if let Some(report) = call.params.str("fraud_details.user_report") {
        set(&mut charge, "fraud_details", json!({ "user_report": report }));
    }
    if let Some(shipping) = call.params.get("shipping") {
        set(
            &mut charge,
            "shipping",
            with_address(Some(shipping), &["carrier", "name", "phone", "tracking_number"]),
        );
    }
    call.params.merge_metadata(&mut charge)?;
    call.world.update(CHARGE, &charge, "charge.updated");
    Ok(charge.into())
}

/// A charge of a payment intent is captured through the intent.
fn capture(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let charge = call.object(CHARGE, "charge", "id")?;
    if charge["captured"] == true {
        let message = format!("Charge {} has already been captured.", text(&charge, "id"));
        return Err(ApiError::state("charge_already_captured", message));
    }
    let intent = text(&charge, "payment_intent").to_owned();
    super::payment_intents::capture_intent(call.world, &intent, call.params.int("amount"), "amount")?;
    call.object(CHARGE, "charge", "id").map(Answer::from)
}

/// `refunds` is there only when it is expanded.
fn include(world: &World, owner: &Value, member: &str) -> Option<Value> {
    if owner["object"] != "charge" || member != "refunds" {
        return None;
    }
    let id = text(owner, "id");
    let data = world.all(REFUND, &Filter::default().is("charge", id), 11);
    let more = data.len() > 10;
    let data: Vec<Value> = data.into_iter().take(10).collect();
    Some(
        json!({ "object": "list", "data": data, "has_more": more, "url": format!("/v1/charges/{id}/refunds") }),
    )
}
