//! Customers.

use serde_json::{Value, json};

use super::Resource;
use super::billing::subscriptions;
use super::billing::test_clocks::TEST_CLOCK;
use super::payment_methods::{self, PAYMENT_METHOD};
use crate::api::error::ApiError;
use crate::api::params::{set, text, with_address};
use crate::api::route::{Answer, delete, get, post};
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const CUSTOMER: &Kind = &Kind::new("customer", "cus", "customer", "/v1/customers")
    .indexed(&["email", "test_clock"])
    .id_length(14);

pub(crate) const RESOURCE: Resource = Resource::new(
    "customers",
    &[CUSTOMER],
    &[
        get("/v1/customers", list),
        post("/v1/customers", create),
        get("/v1/customers/search", search),
        get("/v1/customers/{customer}", retrieve),
        post("/v1/customers/{customer}", update),
        delete("/v1/customers/{customer}", remove),
        get("/v1/customers/{customer}/payment_methods", methods),
        get("/v1/customers/{customer}/payment_methods/{payment_method}", method),
    ],
);

/// A customer with nothing but an id.
pub(crate) fn blank(world: &mut World) -> Value {
    let id = world.id(CUSTOMER);
    let prefix = world.chance.text(8).to_uppercase();
    json!({
        "id": id,
        "object": "customer",
        "address": null,
        "balance": 0,
        "created": world.now(),
        "currency": null,
        "customer_account": null,
        "default_source": null,
        "delinquent": false,
        "description": null,
        "discount": null,
        "email": null,
        "invoice_prefix": prefix,
        "invoice_settings": {
            "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null,
        },
        "livemode": false,
        "metadata": {},
        "name": null,
        "next_invoice_sequence": 1,
        "phone": null,
        "preferred_locales": [],
        "shipping": null,
        "tax_exempt": "none",
        "test_clock": null,
    })
}

const PLAIN: &[&str] = &[
    "balance",
    "description",
    "email",
    "invoice_prefix",
    "name",
    "next_invoice_sequence",
    "phone",
    "tax_exempt",
];

fn fill(call: &mut Call<'_>, customer: &mut Value) -> Result<(), ApiError> {
    let params = &call.params;
    if let Some(email) = params.str("email")
        && !(email.contains('@') && email.len() > 2)
    {
        return Err(ApiError::invalid(format!("Invalid email address: {email}"))
            .code("email_invalid")
            .param("email"));
    }
    params.copy(customer, PLAIN);
    for name in ["tax_exempt", "balance"] {
        if customer[name].is_null() {
            set(customer, name, if name == "balance" { json!(0) } else { json!("none") });
        }
    }
    if params.sent("preferred_locales") {
        set(customer, "preferred_locales", json!(params.list("preferred_locales")));
    }
    if params.sent("address") {
        set(customer, "address", crate::api::params::address(params.get("address")));
    }
    if params.sent("shipping") {
        let shipping =
            params.get("shipping").map_or(Value::Null, |sent| with_address(Some(sent), &["name", "phone"]));
        set(customer, "shipping", shipping);
    }
    params.merge_metadata(customer)?;
    if let Some(settings) = params.get("invoice_settings").and_then(Value::as_object) {
        for (name, value) in settings {
            set(&mut customer["invoice_settings"], name, value.clone());
        }
    }
    default_method(call, customer)
}

/// The default for invoices must be one of the customer's own.
fn default_method(call: &Call<'_>, customer: &Value) -> Result<(), ApiError> {
    let param = "invoice_settings.default_payment_method";
    let Some(id) = call.params.str(param) else { return Ok(()) };
    let refusal = || {
        let message = format!(
            "The customer does not have a payment method with the ID {id}. The payment method must be attached to the customer."
        );
        ApiError::invalid(message).code("resource_missing").param("invoice_settings[default_payment_method]")
    };
    let method = call.world.get(PAYMENT_METHOD, id).ok_or_else(refusal)?;
    if method["customer"] == customer["id"] { Ok(()) } else { Err(refusal()) }
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let clock = call.reference(TEST_CLOCK, "test_clock")?;
    if let Some(at) = clock.as_ref().and_then(|clock| clock["frozen_time"].as_i64()) {
        call.world.live_at(at);
    }
    let mut customer = blank(call.world);
    fill(call, &mut customer)?;
    set(&mut customer, "test_clock", clock.map_or(Value::Null, |clock| clock["id"].clone()));
    if let Some(method) = call.params.owned("payment_method") {
        // The customer must be there to be attached to.
        call.world.put(CUSTOMER, &customer);
        payment_methods::attach_to(call.world, &method, text(&customer, "id"), "payment_method")?;
    }
    call.world.create(CUSTOMER, &customer, "customer.created");
    Ok(customer.into())
}

/// A deleted customer is still answered, as what is left of it.
fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = call.part("customer");
    call.world.look(CUSTOMER, id).map(Answer::from).ok_or_else(|| ApiError::missing("customer", id, "id"))
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut customer = call.object(CUSTOMER, "customer", "id")?;
    fill(call, &mut customer)?;
    call.world.update(CUSTOMER, &customer, "customer.updated");
    Ok(customer.into())
}

fn remove(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let customer = call.object(CUSTOMER, "customer", "id")?;
    subscriptions::end_all_of(call.world, &customer);
    let filter = Filter::default().is("customer", text(&customer, "id"));
    for mut method in call.world.all(PAYMENT_METHOD, &filter, 500) {
        set(&mut method, "customer", Value::Null);
        call.world.put(PAYMENT_METHOD, &method);
        call.world.emit("payment_method.detached", &method, None);
    }
    Ok(call.world.bury(CUSTOMER, &customer, "customer.deleted").into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    // Customers on a test clock are listed by their clock alone.
    let clock = call.params.owned("test_clock").unwrap_or_default();
    let filter = Filter::default().sent(&call.params, "email").is("test_clock", &clock);
    call.page(CUSTOMER, &filter)
}

fn search(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.search(CUSTOMER, &["name", "email", "phone"])
}

fn methods(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let customer = call.object(CUSTOMER, "customer", "id")?;
    let filter = Filter::default().is("customer", text(&customer, "id")).sent(&call.params, "type");
    call.page(PAYMENT_METHOD, &filter)
}

fn method(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let customer = call.object(CUSTOMER, "customer", "id")?;
    let method = call.object(PAYMENT_METHOD, "payment_method", "payment_method")?;
    if method["customer"] == customer["id"] {
        Ok(method.into())
    } else {
        Err(ApiError::missing(PAYMENT_METHOD.noun, text(&method, "id"), "payment_method"))
    }
}
