//! Checkout in `subscription` mode: the subscription is made incomplete, and its first invoice is paid while the customer
//! is there.

use serde_json::{Map, Value, json};

use super::{items, session};
use crate::api::error::ApiError;
use crate::api::params::{Params, set, text};
use crate::resources::billing::invoices::{self, INVOICE};
use crate::resources::billing::subscriptions::{self, SUBSCRIPTION};
use crate::resources::payment_intents::PAYMENT_INTENT;
use crate::resources::payment_methods;
use crate::world::World;

/// Begins the session's subscription with this card. Answers with the intent of its first invoice, or with nothing
/// where there is nothing to pay yet (a trial).
pub(super) fn subscribe(
    world: &mut World,
    session: &mut Value,
    method: &Value,
    back: String,
) -> Result<Option<Value>, ApiError> {
    let (customer, card) = (text(session, "customer").to_owned(), text(method, "id").to_owned());
    payment_methods::attach_to(world, &card, &customer, "payment_method")?;
    let subscription = match session["subscription"].as_str().and_then(|id| world.get(SUBSCRIPTION, id)) {
        Some(subscription) => subscription,
        None => begin(world, session, &customer, &card)?,
    };
    if matches!(text(&subscription, "status"), "active" | "trialing") {
        return Ok(None);
    }
    let invoice = world.named(INVOICE, text(&subscription, "latest_invoice"), "invoice")?;
    let mut intent = invoices::charge(world, &invoice, method, false)?;
    if intent["status"] == "requires_action" {
        // The bank's page leads back here.
        let page = format!("{}/_practice/authenticate/{}", world.identity.base_url, text(&intent, "id"));
        let action =
            json!({ "redirect_to_url": { "return_url": back, "url": page }, "type": "redirect_to_url" });
        set(&mut intent, "next_action", action);
        world.put(PAYMENT_INTENT, &intent);
    }
    Ok(Some(intent))
}

/// The subscription, made once and named in its session.
fn begin(world: &mut World, session: &mut Value, customer: &str, card: &str) -> Result<Value, ApiError> {
    let id = text(session, "id").to_owned();
    let mut params: Map<String, Value> = session::data(world, &id, "subscription_data");
    let sold = items::of(world, &id);
    let (recurring, once): (Vec<&Value>, Vec<&Value>) =
        sold.iter().partition(|item| item["price"]["recurring"].is_object());
    let entries = |items: Vec<&Value>| -> Vec<Value> {
        items
            .iter()
            .map(|item| json!({ "price": item["price"]["id"], "quantity": item["quantity"] }))
            .collect()
    };
    params.insert("customer".to_owned(), json!(customer));
    params.insert("items".to_owned(), json!(entries(recurring)));
    if !once.is_empty() {
        params.insert("add_invoice_items".to_owned(), json!(entries(once)));
    }
    params.insert("default_payment_method".to_owned(), json!(card));
    params.insert("payment_behavior".to_owned(), json!("default_incomplete"));
    let subscription = subscriptions::make(world, &Params(params))?;
    set(session, "invoice", subscription["latest_invoice"].clone());
    super::name(world, session, "subscription", text(&subscription, "id"));
    Ok(subscription)
}

/// The intent of the session's first invoice.
pub(super) fn intent(world: &World, session: &Value) -> Option<Value> {
    invoices::intent_of(world, session["invoice"].as_str()?)
}
