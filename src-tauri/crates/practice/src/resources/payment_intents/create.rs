//! Making and changing payment intents.

use serde_json::{Value, json};

use super::attempt::{Confirm, confirm_intent};
use super::object::present_options;
use super::{PAYMENT_INTENT, at_path, blank, unexpected};
use crate::api::error::ApiError;
use crate::api::params::{Params, int, set, text, with_address};
use crate::api::route::Answer;
use crate::facts;
use crate::resources::customers::CUSTOMER;
use crate::resources::payment_methods;
use crate::world::World;
use crate::world::call::Call;

const PLAIN: &[&str] = &[
    "description",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
    "excluded_payment_method_types",
];

/// Within what Stripe charges in that currency.
pub(crate) fn amount_in_bounds(amount: i64, currency: &str) -> Result<(), ApiError> {
    let refuse = |code: &str, message: String| Err(ApiError::invalid(message).code(code).param("amount"));
    if amount < 1 {
        return refuse(
            "parameter_invalid_integer",
            "This value must be greater than or equal to 1.".to_owned(),
        );
    }
    let least = facts::minimum(currency);
    if amount < least {
        let message = format!("Amount must be at least {} {currency}", facts::spoken(least, currency));
        return refuse("amount_too_small", message);
    }
    if amount > facts::MOST {
        let message =
            format!("Amount must be no more than {} {currency}", facts::spoken(facts::MOST, currency));
        return refuse("amount_too_large", message);
    }
    let step = facts::step(currency);
    if amount % step != 0 {
        let message = format!("Invalid amount: amounts in {currency} must be a multiple of {step}.");
        return Err(ApiError::invalid(message).param("amount"));
    }
    Ok(())
}

/// A new intent, unconfirmed and not yet put anywhere.
pub(crate) fn make(world: &mut World, params: &Params) -> Result<Value, ApiError> {
    let amount = params.int("amount").ok_or_else(|| ApiError::required("amount"))?;
    let currency = params.currency("currency")?.ok_or_else(|| ApiError::required("currency"))?;
    amount_in_bounds(amount, &currency)?;
    let id = world.id(PAYMENT_INTENT);
    let secret = world.chance.text(25);
    let mut intent = blank(&id, &secret, world.now(), amount, &currency);
    methods(params, &mut intent)?;
    params.copy(&mut intent, &["capture_method", "confirmation_method"]);
    fill(world, params, &mut intent)?;
    Ok(intent)
}

/// Which kinds of payment methods it takes.
fn methods(params: &Params, intent: &mut Value) -> Result<(), ApiError> {
    let allowed = params.list("allowed_payment_method_types");
    if allowed.is_empty() {
        let wanted = params.bool("automatic_payment_methods.enabled").unwrap_or(true);
        if wanted {
            let redirects = params.str("automatic_payment_methods.allow_redirects").unwrap_or("always");
            set(
                intent,
                "automatic_payment_methods",
                json!({ "allow_redirects": redirects, "enabled": true }),
            );
        }
        return Ok(());
    }
    if params.bool("automatic_payment_methods.enabled") == Some(true) {
        let message = "You may only specify one of these parameters: automatic_payment_methods, allowed_payment_method_types.";
        return Err(ApiError::invalid(message)
            .code("parameters_exclusive")
            .param("allowed_payment_method_types"));
    }
    let types: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
    if let Some(other) =
        types.iter().find(|kind| !matches!(**kind, "card" | "card_present" | "interac_present" | "link"))
    {
        let message = format!(
            "The payment method type \"{other}\" is invalid. Please ensure the provided type is activated in your dashboard \
             (https://dashboard.stripe.com/account/payments/settings) and your account is enabled for any preview features that \
             you are trying to use."
        );
        return Err(ApiError::invalid(message)
            .code("payment_intent_invalid_parameter")
            .param("allowed_payment_method_types"));
    }
    set(intent, "allowed_payment_method_types", json!(types));
    set(intent, "payment_method_types", json!(types));
    if types.contains(&"card_present") {
        set(intent, "payment_method_options", present_options());
    }
    Ok(())
}

/// What creating, updating and confirming have in common.
fn fill(world: &mut World, params: &Params, intent: &mut Value) -> Result<(), ApiError> {
    if let Some(id) = params.str("customer") {
        let customer = world.named(CUSTOMER, id, "customer")?;
        set(intent, "customer", customer["id"].clone());
    } else if params.sent("customer") {
        set(intent, "customer", Value::Null);
    }
    params.copy(intent, PLAIN);
    if params.sent("shipping") {
        let shipping = params.get("shipping");
        let shipping = shipping.map_or(Value::Null, |sent| {
            with_address(Some(sent), &["carrier", "name", "phone", "tracking_number"])
        });
        set(intent, "shipping", shipping);
    }
    if let Some(wanted) = params.str("payment_method_options.card.request_three_d_secure") {
        set(&mut intent["payment_method_options"]["card"], "request_three_d_secure", wanted);
    }
    for name in ["request_extended_authorization", "request_incremental_authorization_support"] {
        if let Some(wanted) = params.bool(&format!("payment_method_options.card_present.{name}"))
            && intent["payment_method_options"]["card_present"].is_object()
        {
            set(&mut intent["payment_method_options"]["card_present"], name, wanted);
        }
    }
    params.merge_metadata(intent)?;
    method(world, params, intent)
}

/// The payment method, whose customer must be the intent's.
fn method(world: &mut World, params: &Params, intent: &mut Value) -> Result<(), ApiError> {
    let method = if let Some(id) = params.str("payment_method") {
        payment_methods::resolve(world, id, "payment_method")?
    } else if let Some(data) = params.get("payment_method_data").and_then(Value::as_object) {
        payment_methods::make(world, &Params(data.clone()))?
    } else {
        if params.sent("payment_method") {
            set(intent, "payment_method", Value::Null);
            set(intent, "status", "requires_payment_method");
        }
        return Ok(());
    };
    let id = text(&method, "id");
    if method["customer"].is_null() && payment_methods::is_spent(world, id) {
        return Err(payment_methods::spent());
    }
    if let Some(owner) = method["customer"].as_str()
        && intent["customer"] != owner
    {
        let message = if intent["customer"].is_null() {
            format!(
                "The PaymentMethod {id} belongs to the Customer {owner}. Please include the Customer in the `customer` parameter \
                 on the PaymentIntent."
            )
        } else {
            format!("The PaymentMethod {id} does not belong to the Customer you supplied.")
        };
        return Err(ApiError::state("payment_intent_invalid_parameter", message).param("payment_method"));
    }
    if !takes(intent, text(&method, "type")) {
        let message = format!(
            "The PaymentMethod provided ({}) is not allowed for this PaymentIntent. Please attach a PaymentMethod of one of the \
             following types: {}",
            text(&method, "type"),
            intent["payment_method_types"]
                .as_array()
                .map(|types| types.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
                .unwrap_or_default()
        );
        return Err(ApiError::state("payment_intent_invalid_parameter", message).param("payment_method"));
    }
    set(intent, "payment_method", id);
    if intent["status"] == "requires_payment_method" {
        set(intent, "status", "requires_confirmation");
    }
    Ok(())
}

fn takes(intent: &Value, kind: &str) -> bool {
    intent["payment_method_types"].as_array().is_some_and(|types| types.iter().any(|known| known == kind))
}

/// What belongs to confirming is refused without it.
fn needs_confirm(params: &Params) -> Result<(), ApiError> {
    for name in [
        "off_session",
        "error_on_requires_action",
        "return_url",
        "mandate_data",
        "use_stripe_sdk",
        "confirmation_token",
    ] {
        if params.get(name).is_some() && params.bool("confirm") != Some(true) {
            let message = format!(
                "The parameter `{name}` cannot be passed when creating a PaymentIntent unless `confirm` is set to true."
            );
            return Err(ApiError::invalid(message).code("payment_intent_invalid_parameter").param(name));
        }
    }
    Ok(())
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    needs_confirm(&params)?;
    let intent = make(call.world, &params)?;
    let confirm = params.bool("confirm") == Some(true);
    if confirm {
        super::attempt::may_redirect(&intent, &Confirm::from_params(&params))?;
    }
    call.world.create(PAYMENT_INTENT, &intent, "payment_intent.created");
    if confirm {
        return confirm_intent(call.world, intent, &Confirm::from_params(&params)).map(Answer::from);
    }
    Ok(intent.into())
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut intent = at_path(call)?;
    let params = call.params.clone();
    let open = matches!(
        text(&intent, "status"),
        "requires_payment_method" | "requires_confirmation" | "requires_action"
    );
    let money = [
        "amount",
        "currency",
        "payment_method",
        "payment_method_data",
        "customer",
        "capture_method",
        "setup_future_usage",
    ];
    if !open && let Some(name) = money.iter().find(|name| params.sent(name)) {
        let message = format!(
            "This PaymentIntent's {name} could not be updated because it has a status of {}. You may only update the {name} of a \
             PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action.",
            text(&intent, "status")
        );
        return Err(
            ApiError::state("payment_intent_unexpected_state", message).with("payment_intent", intent)
        );
    }
    if let Some(currency) = params.currency("currency")? {
        set(&mut intent, "currency", currency);
    }
    let amount = params.int("amount").unwrap_or_else(|| int(&intent, "amount"));
    amount_in_bounds(amount, text(&intent, "currency"))?;
    set(&mut intent, "amount", amount);
    params.copy(&mut intent, &["capture_method"]);
    fill(call.world, &params, &mut intent)?;
    // Stripe tells nobody that an intent was edited.
    call.world.put(PAYMENT_INTENT, &intent);
    Ok(intent.into())
}

/// What a confirm may change of its intent on the way.
pub(super) fn apply_on_confirm(
    world: &mut World,
    params: &Params,
    intent: &mut Value,
) -> Result<(), ApiError> {
    let ready = matches!(
        text(intent, "status"),
        "requires_payment_method" | "requires_confirmation" | "requires_action"
    );
    if !ready {
        let allowed = match text(intent, "status") {
            "succeeded" => " It has already been confirmed.",
            _ => "",
        };
        return Err(unexpected(intent, "confirm", allowed));
    }
    params.copy(intent, &["capture_method"]);
    fill(world, params, intent)
}
