//! Invoice items: what will be on a customer's next invoice, or is on a draft.

use serde_json::{Value, json};

use super::invoices::{self, INVOICE};
use super::lines::{self, LINE};
use super::{discounts, prices, subscriptions, tax_rates};
use crate::api::error::ApiError;
use crate::api::params::{Params, int, set, text};
use crate::api::route::{Answer, delete, get, post};
use crate::facts;
use crate::resources::Resource;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::{self, Filter};

pub(crate) const INVOICE_ITEM: &Kind =
    &Kind::new("invoiceitem", "ii", "invoiceitem", "/v1/invoiceitems").indexed(&["customer", "invoice"]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "invoice_items",
    &[INVOICE_ITEM],
    &[
        get("/v1/invoiceitems", list),
        post("/v1/invoiceitems", create),
        get("/v1/invoiceitems/{invoiceitem}", retrieve),
        post("/v1/invoiceitems/{invoiceitem}", update),
        delete("/v1/invoiceitems/{invoiceitem}", remove),
    ],
);

/// An item of so much on no invoice yet.
pub(crate) fn blank(world: &mut World, customer: &Value, amount: i64, currency: &str) -> Value {
    let (id, now) = (world.id(INVOICE_ITEM), world.now());
    json!({
        "id": id,
        "object": "invoiceitem",
        "amount": amount,
        "currency": currency,
        "customer": customer["id"],
        "customer_account": null,
        "date": now,
        "description": null,
        "discountable": amount >= 0,
        "discounts": [],
        "invoice": null,
        "livemode": false,
        "metadata": {},
        "net_amount": amount,
        "parent": null,
        "period": { "end": now, "start": now },
        "pricing": { "type": "price_details", "unit_amount_decimal": amount.to_string() },
        "proration": false,
        "quantity": 1,
        "quantity_decimal": "1",
        "tax_rates": [],
        "test_clock": customer["test_clock"],
    })
}

/// What an item costs, from whichever way it is said.
fn price(world: &mut World, params: &Params, item: &mut Value) -> Result<(), ApiError> {
    let quantity = params.int("quantity").unwrap_or_else(|| int(item, "quantity").max(1));
    if quantity < 0 {
        let message = "This value must be greater than or equal to 0.";
        return Err(ApiError::invalid(message).code("parameter_invalid_integer").param("quantity"));
    }
    let price = prices::of_entry(world, &params.0, "", false)?;
    if price.is_some() && params.get("amount").is_some() {
        let message = "You may only specify one of these parameters: amount, pricing.";
        return Err(ApiError::invalid(message).code("parameters_exclusive").param("amount"));
    }
    if let Some(price) = price {
        if !text(item, "currency").is_empty() && item["currency"] != price["currency"] {
            let message = format!(
                "The price specified only supports `{}`. This doesn't match the expected currency: `{}`.",
                text(&price, "currency"),
                text(item, "currency")
            );
            return Err(ApiError::invalid(message).param("pricing[price]"));
        }
        set(item, "currency", price["currency"].clone());
        set(item, "pricing", prices::pricing(&price));
        set(item, "amount", prices::amount(&price, quantity));
        if item["description"].is_null() {
            set(item, "description", prices::product_name(world, &price));
        }
    } else if let Some(amount) = params.int("amount") {
        set(item, "amount", amount);
        set(item, "pricing", json!({ "type": "price_details", "unit_amount_decimal": amount.to_string() }));
    } else if let Some(unit) = params.owned("unit_amount_decimal") {
        set(item, "amount", prices::decimal_amount(&unit, quantity));
        set(item, "pricing", json!({ "type": "price_details", "unit_amount_decimal": unit }));
    } else if params.sent("quantity") {
        let unit = item["pricing"]["unit_amount_decimal"].as_str().unwrap_or("0").to_owned();
        set(item, "amount", prices::decimal_amount(&unit, quantity));
    }
    if int(item, "amount").abs() > facts::MOST {
        let message =
            format!("Amount must be no more than {}", facts::spoken(facts::MOST, text(item, "currency")));
        return Err(ApiError::invalid(message).code("amount_too_large").param("amount"));
    }
    set(item, "quantity", quantity);
    set(item, "quantity_decimal", quantity.to_string());
    set(item, "net_amount", item["amount"].clone());
    Ok(())
}

fn fill(world: &mut World, params: &Params, item: &mut Value) -> Result<(), ApiError> {
    params.copy(item, &["description"]);
    price(world, params, item)?;
    if let Some(period) = params.get("period") {
        if int(period, "end") < int(period, "start") {
            return Err(
                ApiError::invalid("The period's end must not be before its start.").param("period[end]")
            );
        }
        set(item, "period", json!({ "end": period["end"], "start": period["start"] }));
    }
    if let Some(discountable) = params.bool("discountable") {
        set(item, "discountable", discountable);
    }
    if params.sent("tax_rates") {
        let rates = tax_rates::named(world, params.list("tax_rates"), "tax_rates")?;
        set(item, "tax_rates", rates);
    }
    if params.sent("discounts") {
        let (id, customer) = (text(item, "id").to_owned(), text(item, "customer").to_owned());
        let ids = discounts::redeem(
            world,
            params.list("discounts"),
            Some(&customer),
            ("invoice_item", &id),
            "discounts",
        )?;
        set(item, "discounts", ids);
    }
    params.merge_metadata(item)
}

/// An item from parameters, and the invoice it goes on if one is named.
pub(crate) fn make(world: &mut World, params: &Params, owner: Option<&str>) -> Result<Value, ApiError> {
    let invoice = match params.str("invoice") {
        Some(id) => Some(world.named(INVOICE, id, "invoice")?),
        None => None,
    };
    let of_invoice = invoice.as_ref().and_then(|invoice| invoice["customer"].as_str().map(str::to_owned));
    let owner = params.owned("customer").or(owner.map(str::to_owned)).or(of_invoice);
    let owner = owner.ok_or_else(|| ApiError::required("customer"))?;
    let customer = super::customer(world, &owner, "customer")?;
    let mut currency = params.currency("currency")?.unwrap_or_default();
    if let Some(invoice) = &invoice {
        invoices::editable(invoice)?;
        if invoice["customer"] != customer["id"] {
            let message =
                format!("The invoice {} does not belong to the customer you supplied.", text(invoice, "id"));
            return Err(ApiError::invalid(message).param("invoice"));
        }
        if !currency.is_empty() && invoice["currency"] != currency.as_str() {
            let message = format!(
                "The currency of the invoice item must be the invoice's: {}.",
                text(invoice, "currency")
            );
            return Err(ApiError::invalid(message).param("currency"));
        }
        text(invoice, "currency").clone_into(&mut currency);
    }
    let priced = ["pricing", "price", "price_data"].iter().any(|name| params.get(name).is_some());
    if !priced && currency.is_empty() {
        currency = customer["currency"].as_str().unwrap_or("").to_owned();
        if currency.is_empty() {
            return Err(ApiError::required("currency"));
        }
    }
    if !priced && params.get("amount").is_none() && params.get("unit_amount_decimal").is_none() {
        return Err(ApiError::required("amount"));
    }
    let mut item = blank(world, &customer, 0, &currency);
    set(&mut item, "discountable", params.int("amount").is_none_or(|amount| amount >= 0));
    if let Some(id) = params.str("subscription") {
        let subscription = world.named(subscriptions::SUBSCRIPTION, id, "subscription")?;
        let details = json!({ "subscription": subscription["id"] });
        set(&mut item, "parent", json!({ "subscription_details": details, "type": "subscription_details" }));
    }
    fill(world, params, &mut item)?;
    Ok(item)
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    let mut item = make(call.world, &params, None)?;
    call.world.create(INVOICE_ITEM, &item, "invoiceitem.created");
    if let Some(id) = params.str("invoice") {
        let mut invoice = call.world.named(INVOICE, id, "invoice")?;
        attach(call.world, &mut item, id);
        invoices::save(call.world, &mut invoice, "invoice.updated");
    }
    Ok(item.into())
}

/// Puts a pending item on a draft.
pub(crate) fn attach(world: &mut World, item: &mut Value, invoice: &str) {
    set(item, "invoice", invoice);
    world.put(INVOICE_ITEM, item);
    let mut line = lines::blank(world, invoice, 0, text(item, "currency"));
    onto(item, &mut line);
    world.put(LINE, &line);
}

/// What a line says of its item.
fn onto(item: &Value, line: &mut Value) {
    for name in [
        "amount",
        "description",
        "discountable",
        "discounts",
        "metadata",
        "period",
        "pricing",
        "quantity",
        "quantity_decimal",
    ] {
        set(line, name, item[name].clone());
    }
    let about = &item["parent"]["subscription_details"];
    let shared = |mut details: Value| {
        let members = [
            ("invoice_item", &item["id"]),
            ("proration", &item["proration"]),
            ("subscription", &about["subscription"]),
        ];
        for (name, value) in members {
            set(&mut details, name, value.clone());
        }
        set(&mut details, "proration_details", json!({ "credited_items": null }));
        details
    };
    set(line, "subscription", about["subscription"].clone());
    let parent = if about["subscription_item"].is_string() {
        let details = shared(json!({ "subscription_item": about["subscription_item"] }));
        json!({ "invoice_item_details": null, "subscription_item_details": details, "type": "subscription_item_details" })
    } else {
        json!({ "invoice_item_details": shared(json!({})), "subscription_item_details": null, "type": "invoice_item_details" })
    };
    set(line, "parent", parent);
}

/// A customer's items that are on no invoice, oldest first; those of another subscription than `subscription` are left.
pub(crate) fn pending(
    world: &World,
    customer: &str,
    currency: &str,
    subscription: Option<&str>,
) -> Vec<Value> {
    let filter = Filter::default().is("customer", customer).is("invoice", "");
    let mut items = world.all(INVOICE_ITEM, &filter, 250);
    items.retain(|item| {
        let of = item["parent"]["subscription_details"]["subscription"].as_str();
        item["currency"] == currency && (of.is_none() || of == subscription)
    });
    items.reverse();
    items
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(INVOICE_ITEM, "invoiceitem", "invoiceitem").map(Answer::from)
}

/// The draft an item is on; refused where it is no draft any more.
fn draft_of(world: &World, item: &Value) -> Result<Option<Value>, ApiError> {
    let Some(invoice) = item["invoice"].as_str().and_then(|id| world.get(INVOICE, id)) else {
        return Ok(None);
    };
    if invoice["status"] != "draft" {
        let message = "This invoice item is attached to an invoice that is no longer editable.";
        return Err(ApiError::state("invoice_not_editable", message));
    }
    Ok(Some(invoice))
}

fn line_for(world: &World, invoice: &Value, item: &Value) -> Option<Value> {
    lines::of(world, text(invoice, "id")).into_iter().find(|line| lines::item_of(line) == item["id"].as_str())
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut item = call.object(INVOICE_ITEM, "invoiceitem", "invoiceitem")?;
    super::on_clock(call.world, &item);
    let draft = draft_of(call.world, &item)?;
    let params = call.params.clone();
    fill(call.world, &params, &mut item)?;
    call.world.put(INVOICE_ITEM, &item);
    if let Some(mut invoice) = draft {
        if let Some(mut line) = line_for(call.world, &invoice, &item) {
            onto(&item, &mut line);
            call.world.put(LINE, &line);
        }
        invoices::save(call.world, &mut invoice, "invoice.updated");
    }
    Ok(item.into())
}

fn remove(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let item = call.object(INVOICE_ITEM, "invoiceitem", "invoiceitem")?;
    super::on_clock(call.world, &item);
    let draft = draft_of(call.world, &item)?;
    let tombstone = call.world.bury(INVOICE_ITEM, &item, "invoiceitem.deleted");
    if let Some(mut invoice) = draft {
        if let Some(line) = line_for(call.world, &invoice, &item) {
            call.world.forget(LINE, text(&line, "id"));
        }
        invoices::save(call.world, &mut invoice, "invoice.updated");
    }
    Ok(tombstone.into())
}

/// `date` is what an item has for `created`.
fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    let mut filter = Filter::default().sent(params, "customer").sent(params, "invoice");
    match params.bool("pending") {
        Some(true) => filter = filter.is("invoice", ""),
        Some(false) => {
            let on = call.world.stored_where(INVOICE_ITEM, |item| item["invoice"].is_string());
            filter = filter.any("invoice", on.iter().map(|item| text(item, "invoice").to_owned()).collect());
        }
        None => {}
    }
    call.page_within(INVOICE_ITEM, &filter, list::span(params))
}
