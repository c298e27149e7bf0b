//! What happens when the customer presses the button on a checkout page.

use serde_json::{Value, json};

use super::{SESSION, session, subscribe};
use crate::api::error::ApiError;
use crate::api::params::{Params, set, text};
use crate::resources::customers::{self, CUSTOMER};
use crate::resources::payment_intents::{self, Confirm, PAYMENT_INTENT};
use crate::resources::payment_methods;
use crate::resources::setup_intents::{self, SETUP_INTENT};
use crate::world::World;

/// How it ended for now.
pub(super) enum Outcome {
    /// The session is complete.
    Done,
    /// The bank asks the customer to authenticate on that page first.
    Authenticate(String),
    /// Refused, in Stripe's words for the customer.
    Refused(String),
}

/// What the customer filled in.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub number: String,
    pub month: i64,
    pub year: i64,
    pub cvc: String,
    pub name: String,
    pub email: String,
}

/// Pays an open session with a card.
pub(super) fn pay(world: &mut World, session: Value, form: &Form) -> Outcome {
    match try_to_pay(world, session, form) {
        Ok(outcome) => outcome,
        Err(error) => {
            let words = error.fields.get("message").and_then(Value::as_str);
            Outcome::Refused(words.unwrap_or("The payment did not go through.").to_owned())
        }
    }
}

fn try_to_pay(world: &mut World, mut session: Value, form: &Form) -> Result<Outcome, ApiError> {
    let method = method_of(world, form)?;
    meet(world, &mut session, form);
    let back = format!("{}/c/pay/{}/return", world.identity.base_url, text(&session, "id"));
    let intent = match text(&session, "mode") {
        "setup" => set_up(world, &mut session, &method, back)?,
        "subscription" => match subscribe::subscribe(world, &mut session, &method, back)? {
            Some(intent) => intent,
            None => {
                complete(world, session);
                return Ok(Outcome::Done);
            }
        },
        _ => charge(world, &mut session, &method, back)?,
    };
    Ok(follow(world, session, &intent))
}

fn method_of(world: &mut World, form: &Form) -> Result<Value, ApiError> {
    let digits: String = form.number.chars().filter(char::is_ascii_digit).collect();
    let data = json!({
        "type": "card",
        "card": { "number": digits, "exp_month": form.month, "exp_year": form.year, "cvc": form.cvc },
        "billing_details": { "name": form.name, "email": form.email },
    });
    payment_methods::make(world, &Params(data.as_object().cloned().unwrap_or_default()))
}

/// Who pays: told to the session, and made a customer where that was asked for.
fn meet(world: &mut World, session: &mut Value, form: &Form) {
    let email = session["customer_email"].as_str().unwrap_or(&form.email).to_owned();
    let details = json!({
        "address": { "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null },
        "business_name": null, "email": email, "individual_name": null, "name": form.name, "phone": null,
        "tax_exempt": "none", "tax_ids": [],
    });
    set(session, "customer_details", details);
    let wanted = session["customer_creation"] == "always" || session["mode"] == "subscription";
    if session["customer"].is_null() && wanted {
        let mut customer = customers::blank(world);
        set(&mut customer, "email", email);
        set(&mut customer, "name", form.name.clone());
        world.create(CUSTOMER, &customer, "customer.created");
        set(session, "customer", customer["id"].clone());
    }
    world.put(SESSION, session);
}

fn charge(world: &mut World, session: &mut Value, method: &Value, back: String) -> Result<Value, ApiError> {
    let mut intent = match session["payment_intent"].as_str().and_then(|id| world.get(PAYMENT_INTENT, id)) {
        Some(intent) => intent,
        None => begin(world, session)?,
    };
    set(&mut intent, "payment_method", method["id"].clone());
    set(&mut intent, "status", "requires_confirmation");
    world.put(PAYMENT_INTENT, &intent);
    let how = Confirm { return_url: Some(back), ..Confirm::default() };
    payment_intents::confirm_intent(world, intent, &how)
}

/// The session's payment, made the first time somebody tries to pay.
fn begin(world: &mut World, session: &mut Value) -> Result<Value, ApiError> {
    let mut params = session::data(world, text(session, "id"), "payment_intent_data");
    params.insert("amount".to_owned(), session["amount_total"].clone());
    params.insert("currency".to_owned(), session["currency"].clone());
    if session["customer"].is_string() {
        params.insert("customer".to_owned(), session["customer"].clone());
    }
    let intent = payment_intents::make(world, &Params(params))?;
    world.create(PAYMENT_INTENT, &intent, "payment_intent.created");
    super::name(world, session, "payment_intent", text(&intent, "id"));
    Ok(intent)
}

fn set_up(world: &mut World, session: &mut Value, method: &Value, back: String) -> Result<Value, ApiError> {
    let mut intent = match session["setup_intent"].as_str().and_then(|id| world.get(SETUP_INTENT, id)) {
        Some(intent) => intent,
        None => {
            let mut intent = setup_intents::blank(world);
            let data = Params(session::data(world, text(session, "id"), "setup_intent_data"));
            set(&mut intent, "customer", session["customer"].clone());
            data.copy(&mut intent, &["description"]);
            data.merge_metadata(&mut intent)?;
            world.create(SETUP_INTENT, &intent, "setup_intent.created");
            super::name(world, session, "setup_intent", text(&intent, "id"));
            intent
        }
    };
    set(&mut intent, "payment_method", method["id"].clone());
    world.put(SETUP_INTENT, &intent);
    setup_intents::confirm_setup(world, intent, Some(back))
}

/// Where a confirmed intent leaves its session.
fn follow(world: &mut World, session: Value, intent: &Value) -> Outcome {
    match text(intent, "status") {
        "succeeded" | "requires_capture" | "processing" => {
            complete(world, session);
            Outcome::Done
        }
        "requires_action" => {
            let page = intent["next_action"]["redirect_to_url"]["url"].as_str().unwrap_or_default();
            Outcome::Authenticate(page.to_owned())
        }
        _ => {
            let error =
                ["last_payment_error", "last_setup_error"].map(|member| intent[member]["message"].as_str());
            let words = error.into_iter().flatten().next().unwrap_or("The payment did not go through.");
            Outcome::Refused(words.to_owned())
        }
    }
}

/// The customer comes back from their bank.
pub(super) fn come_back(world: &mut World, session: Value) -> Outcome {
    let intent = match text(&session, "mode") {
        "subscription" => subscribe::intent(world, &session),
        "setup" => session["setup_intent"].as_str().and_then(|id| world.get(SETUP_INTENT, id)),
        _ => session["payment_intent"].as_str().and_then(|id| world.get(PAYMENT_INTENT, id)),
    };
    match intent {
        Some(intent) => follow(world, session, &intent),
        None => Outcome::Refused("The payment did not go through.".to_owned()),
    }
}

/// The session is done, and everybody hears of it.
pub(super) fn complete(world: &mut World, mut session: Value) {
    set(&mut session, "status", "complete");
    set(&mut session, "url", Value::Null);
    if session["mode"] != "setup" {
        set(&mut session, "payment_status", "paid");
    }
    if let Some(link) = session["payment_link"].as_str().map(str::to_owned) {
        super::links::count(world, &link);
    }
    world.put(SESSION, &session);
    world.emit("checkout.session.completed", &session, None);
}

/// Cancels what an expired session leaves open.
pub(super) fn let_go(world: &mut World, intent: &str) {
    if let Some(intent) = world.get(PAYMENT_INTENT, intent)
        && !matches!(text(&intent, "status"), "succeeded" | "canceled" | "processing")
        && let Err(error) = payment_intents::cancel_intent(world, intent, json!("abandoned"))
    {
        tracing::debug!(?error, "the payment of an expired session was not canceled");
    }
}
