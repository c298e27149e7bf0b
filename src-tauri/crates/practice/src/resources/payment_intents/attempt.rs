//! Confirming: what the card says, what the bank says, and what the intent becomes.

use serde_json::{Value, json};

use super::PAYMENT_INTENT;
use crate::api::error::ApiError;
use crate::api::params::{Params, int, set, text};
use crate::cards::{After, Behaviour, Decline, Need};
use crate::facts;
use crate::resources::billing::invoices;
use crate::resources::charges::{self, AtReader, Fate};
use crate::resources::payment_methods::{self, PAYMENT_METHOD, card_of};
use crate::resources::setup_intents;
use crate::world::World;

/// How an intent is confirmed.
#[derive(Debug, Default, Clone)]
pub(crate) struct Confirm {
    pub off_session: bool,
    pub error_on_requires_action: bool,
    pub return_url: Option<String>,
    pub use_stripe_sdk: bool,
}

impl Confirm {
    pub(crate) fn from_params(params: &Params) -> Self {
        Self {
            off_session: params.bool("off_session").unwrap_or(params.str("off_session").is_some()),
            error_on_requires_action: params.bool("error_on_requires_action") == Some(true),
            return_url: params.owned("return_url"),
            use_stripe_sdk: params.bool("use_stripe_sdk") == Some(true),
        }
    }
}

/// What the card wants before, or says to, being charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Charged(Fate),
    Authenticate,
}

const DECLINED: Decline =
    Decline { code: "card_declined", decline_code: "generic_decline", param: "", advice: "try_again_later" };
const LOOKUP: Decline = Decline {
    code: "processing_error",
    decline_code: "processing_error",
    param: "",
    advice: "try_again_later",
};
pub(crate) const NOT_AUTHENTICATED: Decline = Decline {
    code: "authentication_required",
    decline_code: "authentication_required",
    param: "",
    advice: "",
};

fn verdict(
    behaviour: Behaviour,
    off_session: bool,
    set_up: bool,
    asked_for: bool,
    authenticated: bool,
) -> Verdict {
    match behaviour {
        Behaviour::Declines { decline, .. } => Verdict::Charged(Fate::Declined(decline)),
        Behaviour::Blocked => Verdict::Charged(Fate::Blocked),
        Behaviour::Secure { need, after } => {
            let needed = match need {
                Need::Always => true,
                Need::UnlessSetUp => !(set_up && off_session),
                Need::OnSession => !off_session,
                Need::Optional => asked_for && !off_session,
            };
            if needed && !authenticated {
                return Verdict::Authenticate;
            }
            // What is wrong with the lookup matters only where one is made.
            match after {
                After::Pays => Verdict::Charged(Fate::Paid),
                After::Declines(code) => {
                    Verdict::Charged(Fate::Declined(Decline { decline_code: code, ..DECLINED }))
                }
                After::LookupError if needed => Verdict::Charged(Fate::Declined(LOOKUP)),
                After::LookupError => Verdict::Charged(Fate::Paid),
            }
        }
        _ => Verdict::Charged(Fate::Paid),
    }
}

/// A confirm that may send the customer elsewhere must say where they come back to.
pub(super) fn may_redirect(intent: &Value, how: &Confirm) -> Result<(), ApiError> {
    let redirects = intent["automatic_payment_methods"]["allow_redirects"] == "always";
    if !redirects
        || how.return_url.is_some()
        || how.off_session
        || how.use_stripe_sdk
        || how.error_on_requires_action
    {
        return Ok(());
    }
    Err(ApiError::invalid(
        "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods \
         might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based \
         payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to \
         `never` when creating Setup Intents and Payment Intents.",
    )
    .param("return_url"))
}

/// Confirms an intent that has its payment method.
pub(crate) fn confirm_intent(world: &mut World, mut intent: Value, how: &Confirm) -> Result<Value, ApiError> {
    may_redirect(&intent, how)?;
    let Some(method) = intent["payment_method"].as_str().and_then(|id| world.get(PAYMENT_METHOD, id)) else {
        let message = "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the \
                       PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment \
                       method or ConfirmationToken.";
        return Err(
            ApiError::state("payment_intent_unexpected_state", message).with("payment_intent", intent)
        );
    };
    if method["type"] != "card" {
        let message = "This PaymentIntent is confirmed by a reader.";
        return Err(
            ApiError::state("payment_intent_unexpected_state", message).with("payment_intent", intent)
        );
    }
    let asked_for = matches!(
        intent["payment_method_options"]["card"]["request_three_d_secure"].as_str(),
        Some("any" | "challenge")
    );
    let set_up = setup_intents::was_set_up(world, text(&method, "id"));
    set(&mut intent, "next_action", Value::Null);
    match verdict(card_of(&method).behaviour, how.off_session, set_up, asked_for, false) {
        Verdict::Charged(fate) => charge_with(world, intent, &method, fate, None),
        Verdict::Authenticate if how.off_session || how.error_on_requires_action => {
            let decline = if how.off_session {
                NOT_AUTHENTICATED
            } else {
                Decline { decline_code: "authentication_not_handled", ..NOT_AUTHENTICATED }
            };
            charge_with(world, intent, &method, Fate::Declined(decline), None)
        }
        Verdict::Authenticate => Ok(ask(world, intent, how)),
    }
}

/// The customer is asked to authenticate.
fn ask(world: &mut World, mut intent: Value, how: &Confirm) -> Value {
    let id = text(&intent, "id").to_owned();
    let page = format!("{}/_practice/authenticate/{id}", world.identity.base_url);
    let action = match &how.return_url {
        Some(back) if !how.use_stripe_sdk => {
            json!({ "redirect_to_url": { "return_url": back, "url": page }, "type": "redirect_to_url" })
        }
        _ => json!({
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {
                "three_d_secure_redirect": { "source": format!("src_{}", world.chance.text(24)), "stripe_js": page },
            },
        }),
    };
    set(&mut intent, "status", "requires_action");
    set(&mut intent, "next_action", action);
    set(&mut intent, "last_payment_error", Value::Null);
    world.put(PAYMENT_INTENT, &intent);
    world.emit("payment_intent.requires_action", &intent, None);
    invoices::intent_changed(world, &intent);
    intent
}

/// The customer authenticated, or failed to; nothing happens to an intent that does not ask for it.
pub(crate) fn authenticate(world: &mut World, id: &str, passed: bool) -> Result<Value, ApiError> {
    let mut intent = world.at_path(PAYMENT_INTENT, id, "intent")?;
    if intent["status"] != "requires_action" {
        return Err(super::unexpected(&intent, "authenticate", ""));
    }
    let method = world.named(PAYMENT_METHOD, text(&intent, "payment_method"), "payment_method")?;
    set(&mut intent, "next_action", Value::Null);
    let fate = match verdict(card_of(&method).behaviour, false, false, true, true) {
        Verdict::Charged(fate) if passed => fate,
        _ => {
            let error = json!({
                "code": "payment_intent_authentication_failure",
                "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
                "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new \
                            PaymentMethod to attempt to fulfill this PaymentIntent again.",
                "payment_method": method,
                "type": "invalid_request_error",
            });
            return Ok(fail(world, intent, error));
        }
    };
    // A decline after the challenge is in the intent: there is no call it could be the answer of.
    match charge_with(world, intent, &method, fate, None) {
        Ok(intent) => Ok(intent),
        Err(_) => world.at_path(PAYMENT_INTENT, id, "intent"),
    }
}

fn fail(world: &mut World, mut intent: Value, error: Value) -> Value {
    set(&mut intent, "status", "requires_payment_method");
    set(&mut intent, "last_payment_error", error);
    set(&mut intent, "payment_method", Value::Null);
    set(&mut intent, "next_action", Value::Null);
    world.put(PAYMENT_INTENT, &intent);
    world.emit("payment_intent.payment_failed", &intent, None);
    invoices::intent_changed(world, &intent);
    intent
}

/// Charges an intent's amount to a method with an outcome that is already known. A refusal is an error that keeps what
/// was done: the charge that failed and the intent that stays open.
pub(crate) fn charge_with(
    world: &mut World,
    mut intent: Value,
    method: &Value,
    fate: Fate,
    at: Option<&AtReader>,
) -> Result<Value, ApiError> {
    let charge = charges::attempt(world, &intent, method, fate, at);
    set(&mut intent, "latest_charge", charge["id"].clone());
    if fate != Fate::Paid {
        return Err(refuse(world, intent, method, &charge, fate));
    }
    set(&mut intent, "payment_method", method["id"].clone());
    set(&mut intent, "last_payment_error", Value::Null);
    set(&mut intent, "next_action", Value::Null);
    let amount = int(&intent, "amount");
    if intent["capture_method"] == "manual" {
        set(&mut intent, "status", "requires_capture");
        set(&mut intent, "amount_capturable", amount);
        world.put(PAYMENT_INTENT, &intent);
        world.emit("payment_intent.amount_capturable_updated", &intent, None);
    } else {
        set(&mut intent, "status", "succeeded");
        set(&mut intent, "amount_received", amount);
        world.put(PAYMENT_INTENT, &intent);
        world.emit("payment_intent.succeeded", &intent, None);
    }
    keep_method(world, &intent, method);
    after_charge(world, &charge, method);
    invoices::intent_changed(world, &intent);
    Ok(intent)
}

/// Attached for later where that was asked for, used up where it belongs to nobody.
fn keep_method(world: &mut World, intent: &Value, method: &Value) {
    if method["type"] != "card" || method["customer"].is_string() {
        return;
    }
    let id = text(method, "id");
    match (intent["customer"].as_str(), intent["setup_future_usage"].as_str()) {
        (Some(customer), Some(_)) => {
            if let Err(error) = payment_methods::attach_to(world, id, customer, "payment_method") {
                tracing::debug!(?error, "a card that paid was not attached");
            }
        }
        _ => payment_methods::spend(world, id),
    }
}

/// Cards that are disputed as soon as they paid.
fn after_charge(world: &mut World, charge: &Value, method: &Value) {
    if let Behaviour::Disputed(reason) = card_of(method).behaviour {
        let data = json!({ "charge": charge["id"], "reason": reason });
        world.schedule(world.now() + 1, "disputes.open", data);
    }
}

fn refuse(world: &mut World, intent: Value, method: &Value, charge: &Value, fate: Fate) -> ApiError {
    let (code, decline_code, param, advice) = match fate {
        Fate::Declined(decline) => (decline.code, decline.decline_code, decline.param, decline.advice),
        _ => ("card_declined", "fraudulent", "", ""),
    };
    let mut error = ApiError::card(code, facts::decline_message(code, decline_code))
        .with("charge", charge["id"].clone())
        .with("decline_code", json!(decline_code))
        .with("payment_method", method.clone());
    if !advice.is_empty() {
        error = error.with("advice_code", json!(advice));
    }
    if !param.is_empty() {
        error = error.param(param);
    }
    let intent = fail(world, intent, Value::Object(error.fields.clone()));
    error.with("payment_intent", intent)
}
