//! Invoice payments: which payment intent pays which invoice.

use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::params::text;
use crate::api::route::{Answer, get};
use crate::resources::Resource;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const INVOICE_PAYMENT: &Kind =
    &Kind::new("invoice_payment", "inpay", "invoice payment", "/v1/invoice_payments").indexed(&[
        "invoice",
        "status",
        "payment.payment_intent",
    ]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "invoice_payments",
    &[INVOICE_PAYMENT],
    &[get("/v1/invoice_payments", list), get("/v1/invoice_payments/{id}", retrieve)],
);

/// The default payment of an invoice by an intent.
pub(crate) fn open(world: &mut World, invoice: &Value, intent: &str, amount: i64) {
    let id = world.id(INVOICE_PAYMENT);
    let payment = json!({
        "id": id,
        "object": "invoice_payment",
        "amount_paid": null,
        "amount_requested": amount,
        "created": world.now(),
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": true,
        "livemode": false,
        "payment": { "payment_intent": intent, "type": "payment_intent" },
        "status": "open",
        "status_transitions": { "canceled_at": null, "paid_at": null },
    });
    world.put(INVOICE_PAYMENT, &payment);
}

/// The payments of an invoice, newest first.
pub(crate) fn of(world: &World, invoice: &str) -> Vec<Value> {
    world.all(INVOICE_PAYMENT, &Filter::default().is("invoice", invoice), 10)
}

/// The payment an intent makes, if it pays an invoice.
pub(crate) fn by(world: &World, intent: &str) -> Option<Value> {
    world.all(INVOICE_PAYMENT, &Filter::default().is("payment.payment_intent", intent), 1).pop()
}

/// The payments of an invoice as a list inside it.
pub(crate) fn listed(world: &World, invoice: &Value) -> Value {
    let id = text(invoice, "id");
    json!({
        "object": "list", "data": of(world, id), "has_more": false, "url": format!("/v1/invoice_payments?invoice={id}"),
    })
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(INVOICE_PAYMENT, "id", "invoice_payment").map(Answer::from)
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    let filter = Filter::default().sent(params, "invoice").sent(params, "status").sent_as(
        params,
        "payment.payment_intent",
        "payment.payment_intent",
    );
    call.page(INVOICE_PAYMENT, &filter)
}
