//! Credit notes: what an invoice that cannot be changed any more is less by.

use serde_json::{Value, json};

use super::invoices::{self, INVOICE, customer_of};
use super::{lines, math, prices, tax_rates};
use crate::api::error::ApiError;
use crate::api::params::{Params, int, merged_metadata, set, text};
use crate::api::route::{Answer, get, post};
use crate::facts;
use crate::resources::Resource;
use crate::resources::charges::CHARGE;
use crate::resources::customers::CUSTOMER;
use crate::resources::payment_intents::PAYMENT_INTENT;
use crate::resources::refunds::{self, REFUND};
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::{self, Filter};

pub(crate) const CREDIT_NOTE: &Kind =
    &Kind::new("credit_note", "cn", "credit note", "/v1/credit_notes").indexed(&["customer", "invoice"]);
pub(crate) const CREDIT_NOTE_LINE: &Kind =
    &Kind::new("credit_note_line_item", "cnli", "credit note line item", "");

pub(crate) const RESOURCE: Resource = Resource::new(
    "credit_notes",
    &[CREDIT_NOTE, CREDIT_NOTE_LINE],
    &[
        get("/v1/credit_notes", list),
        post("/v1/credit_notes", create),
        get("/v1/credit_notes/preview", preview),
        get("/v1/credit_notes/preview/lines", preview_lines),
        get("/v1/credit_notes/{credit_note}/lines", line_items),
        get("/v1/credit_notes/{id}", retrieve),
        post("/v1/credit_notes/{id}", update),
        post("/v1/credit_notes/{id}/void", void),
    ],
);

fn refuse(message: impl Into<String>, param: &str) -> ApiError {
    ApiError::invalid(message).param(param)
}

/// The line of a part of an invoice's line.
fn of_invoice_line(
    world: &mut World,
    invoice: &Value,
    entry: &Params,
    place: &str,
) -> Result<Value, ApiError> {
    let wanted = entry
        .str("invoice_line_item")
        .ok_or_else(|| ApiError::required(&format!("{place}[invoice_line_item]")))?;
    let all = lines::of(world, text(invoice, "id"));
    let source = all.iter().find(|line| line["id"] == wanted);
    let source = source.ok_or_else(|| {
        ApiError::no_such("invoice line item", wanted, &format!("{place}[invoice_line_item]"))
    })?;
    let (whole, of) = (int(source, "amount"), int(source, "quantity").max(1));
    let amount = match (entry.int("amount"), entry.int("quantity")) {
        (Some(amount), _) => amount,
        (None, Some(quantity)) if quantity > of => {
            return Err(refuse(
                "The quantity to credit exceeds the line item's quantity.",
                &format!("{place}[quantity]"),
            ));
        }
        (None, Some(quantity)) => math::scaled(whole, quantity, of),
        (None, None) => whole,
    };
    if amount < 1 || amount > whole {
        return Err(refuse(
            "The amount to credit must be between 1 and the line item's amount.",
            &format!("{place}[amount]"),
        ));
    }
    let part = |value: i64| math::scaled(value, amount, whole);
    let share = |list: &Value, name: &str| -> Vec<Value> {
        let mut list = list.as_array().cloned().unwrap_or_default();
        for entry in &mut list {
            for member in ["amount", name] {
                if let Some(value) = entry[member].as_i64() {
                    set(entry, member, part(value));
                }
            }
        }
        list
    };
    let mut line = blank(world, amount, "invoice_line_item");
    let discounts = share(&source["discount_amounts"], "amount");
    set(
        &mut line,
        "description",
        entry.owned("description").map_or_else(|| source["description"].clone(), Value::from),
    );
    set(&mut line, "discount_amount", lines::sum(&discounts));
    set(&mut line, "discount_amounts", discounts);
    set(&mut line, "invoice_line_item", wanted);
    set(&mut line, "quantity", entry.int("quantity").map_or_else(|| source["quantity"].clone(), Value::from));
    set(&mut line, "taxes", share(&source["taxes"], "taxable_amount"));
    let rates = source["taxes"].as_array().cloned().unwrap_or_default();
    let rates: Vec<Value> = rates
        .iter()
        .filter_map(|tax| world.get(tax_rates::TAX_RATE, text(&tax["tax_rate_details"], "tax_rate")))
        .collect();
    set(&mut line, "tax_rates", rates);
    Ok(line)
}

/// A line of its own.
fn custom(world: &mut World, entry: &Params, place: &str, exempt: &str) -> Result<Value, ApiError> {
    let quantity = entry.int("quantity").unwrap_or(1);
    let unit =
        entry.int("unit_amount").map(|unit| unit.to_string()).or_else(|| entry.owned("unit_amount_decimal"));
    let unit = unit.ok_or_else(|| ApiError::required(&format!("{place}[unit_amount]")))?;
    let description =
        entry.owned("description").ok_or_else(|| ApiError::required(&format!("{place}[description]")))?;
    let amount = prices::decimal_amount(&unit, quantity);
    if amount < 1 {
        return Err(refuse("The amount to credit must be positive.", &format!("{place}[unit_amount]")));
    }
    let rates = tax_rates::named(world, entry.list("tax_rates"), &format!("{place}[tax_rates]"))?;
    let mut line = blank(world, amount, "custom_line_item");
    set(&mut line, "description", description);
    set(&mut line, "quantity", quantity);
    set(&mut line, "taxes", tax_rates::taxes(&rates, amount, exempt));
    set(&mut line, "tax_rates", rates);
    set(&mut line, "unit_amount", unit.parse::<i64>().map_or(Value::Null, Value::from));
    set(&mut line, "unit_amount_decimal", unit);
    Ok(line)
}

fn blank(world: &mut World, amount: i64, kind: &str) -> Value {
    let id = world.id(CREDIT_NOTE_LINE);
    json!({
        "id": id, "object": "credit_note_line_item", "amount": amount, "description": null, "discount_amount": 0,
        "discount_amounts": [], "livemode": false, "metadata": {}, "pretax_credit_amounts": [], "quantity": 1,
        "tax_rates": [], "taxes": [], "type": kind, "unit_amount": null, "unit_amount_decimal": null,
    })
}

fn note_lines(world: &mut World, params: &Params, invoice: &Value) -> Result<Vec<Value>, ApiError> {
    let mut made = Vec::new();
    for (place, entry) in params.list("lines").iter().filter_map(Value::as_object).enumerate() {
        let (entry, place) = (Params(entry.clone()), format!("lines[{place}]"));
        let mut line = if entry.str("type") == Some("invoice_line_item") {
            of_invoice_line(world, invoice, &entry, &place)?
        } else {
            custom(world, &entry, &place, text(invoice, "customer_tax_exempt"))?
        };
        if let Some(sent) = entry.0.get("metadata") {
            set(&mut line, "metadata", merged_metadata(None, sent, &format!("{place}[metadata]"))?);
        }
        made.push(line);
    }
    if made.is_empty() {
        let total = params.int("amount").ok_or_else(|| {
            refuse("You must specify one of `amount`, `lines`, or `shipping_cost`.", "amount")
                .code("parameter_missing")
        })?;
        let mut line = blank(world, total, "custom_line_item");
        set(&mut line, "description", format!("Credit for invoice {}", text(invoice, "number")));
        set(&mut line, "unit_amount", total);
        set(&mut line, "unit_amount_decimal", total.to_string());
        made.push(line);
    }
    Ok(made)
}

/// The note that parameters describe; nothing has happened yet.
fn draft(world: &mut World, params: &Params) -> Result<(Value, Value, Vec<Value>), ApiError> {
    let invoice = world.named(INVOICE, params.need("invoice")?, "invoice")?;
    super::on_clock(world, &invoice);
    if !matches!(text(&invoice, "status"), "open" | "paid") {
        let message = format!(
            "Credit notes can only be created for invoices with a status of open or paid. This invoice has a status of {}.",
            text(&invoice, "status")
        );
        return Err(ApiError::state("", message).param("invoice"));
    }
    let made = note_lines(world, params, &invoice)?;
    let (discounts, taxes) = (lines::total_discounts(&made), lines::total_taxes(&made));
    let within: i64 =
        taxes.iter().filter(|tax| tax["tax_behavior"] == "inclusive").map(|tax| int(tax, "amount")).sum();
    let (subtotal, off, tax) = (lines::sum(&made), lines::sum(&discounts), lines::sum(&taxes));
    let total = subtotal - off + tax - within;
    if params.int("amount").is_some_and(|amount| !params.list("lines").is_empty() && amount != total) {
        return Err(refuse(format!("The sum of the lines, {total}, must be the amount."), "amount"));
    }
    let open = invoice["status"] == "open";
    limits(&invoice, total, open)?;
    let (id, now) = (world.id(CREDIT_NOTE), world.now());
    let number = world.all(CREDIT_NOTE, &Filter::default().is("invoice", text(&invoice, "id")), 99).len() + 1;
    let note = json!({
        "id": id,
        "object": "credit_note",
        "amount": total,
        "amount_shipping": 0,
        "created": now,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_account": null,
        "customer_balance_transaction": null,
        "discount_amount": off,
        "discount_amounts": discounts,
        "effective_at": params.int("effective_at").unwrap_or(now),
        "invoice": invoice["id"],
        "lines": {
            "object": "list", "data": made.iter().take(10).cloned().collect::<Vec<_>>(), "has_more": made.len() > 10,
            "url": format!("/v1/credit_notes/{id}/lines"),
        },
        "livemode": false,
        "memo": params.value("memo"),
        "metadata": params.metadata()?,
        "number": format!("{}-CN-{number:02}", text(&invoice, "number")),
        "out_of_band_amount": params.value("out_of_band_amount"),
        "pdf": format!("{}/_practice/credit_notes/{id}/pdf", world.identity.base_url),
        "post_payment_amount": if open { 0 } else { total },
        "pre_payment_amount": if open { total } else { 0 },
        "pretax_credit_amounts": [],
        "reason": params.value("reason"),
        "refunds": [],
        "shipping_cost": null,
        "status": "issued",
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - within,
        "total": total,
        "total_excluding_tax": total - tax,
        "total_taxes": taxes,
        "type": if open { "pre_payment" } else { "post_payment" },
        "voided_at": null,
    });
    Ok((note, invoice, made))
}

fn limits(invoice: &Value, total: i64, open: bool) -> Result<(), ApiError> {
    let currency = text(invoice, "currency");
    let left = if open {
        int(invoice, "amount_remaining")
    } else {
        int(invoice, "amount_paid") - int(invoice, "post_payment_credit_notes_amount")
    };
    if total < 1 {
        return Err(refuse("The credit note's amount must be positive.", "amount"));
    }
    if total > left {
        let message = format!(
            "The sum of credit amounts ({}) must not exceed the amount that can be credited on this invoice ({}).",
            facts::spoken(total, currency),
            facts::spoken(left, currency)
        );
        return Err(refuse(message, "amount"));
    }
    Ok(())
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    let world = &mut *call.world;
    let (mut note, invoice, made) = draft(world, &params)?;
    let id = text(&note, "id").to_owned();
    if note["type"] == "pre_payment" {
        let given = ["refund_amount", "credit_amount", "out_of_band_amount", "refunds"];
        if let Some(name) = given.iter().find(|name| params.get(name).is_some()) {
            let message = format!("You cannot specify `{name}` for a credit note on an open invoice.");
            return Err(refuse(message, name));
        }
        reduce(world, invoice, int(&note, "total"));
    } else {
        give_back(world, &params, &mut note, invoice)?;
    }
    for line in &made {
        // Which note it is of is told by a fact: the line itself does not say.
        world.put(CREDIT_NOTE_LINE, line);
    }
    world.put(
        crate::world::kind::FACT,
        &json!({ "id": format!("lines:{id}"), "object": "_fact", "lines": made }),
    );
    world.create(CREDIT_NOTE, &note, "credit_note.created");
    Ok(note.into())
}

/// An open invoice asks for less.
fn reduce(world: &mut World, mut invoice: Value, by: i64) {
    for (name, change) in
        [("amount_due", -by), ("amount_remaining", -by), ("pre_payment_credit_notes_amount", by)]
    {
        let value = int(&invoice, name) + change;
        set(&mut invoice, name, value);
    }
    if let Some(mut intent) = invoices::intent_of(world, text(&invoice, "id")) {
        set(&mut intent, "amount", invoice["amount_remaining"].clone());
        world.put(PAYMENT_INTENT, &intent);
    }
    if int(&invoice, "amount_remaining") == 0 {
        invoices::paid(world, invoice);
    } else {
        invoices::save(world, &mut invoice, "invoice.updated");
    }
}

/// What was paid goes back: to the card, to the customer's balance, or some other way.
fn give_back(
    world: &mut World,
    params: &Params,
    note: &mut Value,
    mut invoice: Value,
) -> Result<(), ApiError> {
    let total = int(note, "total");
    let (refund, credit, elsewhere) = (
        params.amount("refund_amount")?.unwrap_or(0),
        params.amount("credit_amount")?.unwrap_or(0),
        params.amount("out_of_band_amount")?.unwrap_or(0),
    );
    let mut refunded = Vec::new();
    for entry in params.list("refunds") {
        let known = world.named(REFUND, text(entry, "refund"), "refunds[refund]")?;
        let amount = entry["amount_refunded"].as_i64().unwrap_or_else(|| int(&known, "amount"));
        refunded.push(json!({
            "amount_refunded": amount, "payment_record_refund": null, "refund": known["id"], "type": "refund",
        }));
    }
    let linked: i64 = refunded.iter().map(|entry| int(entry, "amount_refunded")).sum();
    if refund + credit + elsewhere + linked != total {
        let message = format!(
            "The sum of credit amount, refund amount and out of band amount ({}) must equal the amount of the credit note ({total}).",
            refund + credit + elsewhere + linked
        );
        return Err(refuse(message, "amount"));
    }
    if refund > 0 {
        let charge = invoices::intent_of(world, text(&invoice, "id"))
            .and_then(|intent| intent["latest_charge"].as_str().map(str::to_owned));
        let charge = charge.and_then(|id| world.get(CHARGE, &id));
        let mut charge =
            charge.ok_or_else(|| refuse("This invoice has no charge to refund.", "refund_amount"))?;
        refunds::checked(world, &charge, Some(refund))?;
        let made = refunds::refund(world, &mut charge, refund, Value::Null, json!({}));
        refunded.push(json!({
            "amount_refunded": refund, "payment_record_refund": null, "refund": made["id"], "type": "refund",
        }));
    }
    set(note, "refunds", refunded);
    if credit > 0 {
        let mut customer = customer_of(world, &invoice);
        let balance = int(&customer, "balance") - credit;
        set(&mut customer, "balance", balance);
        world.update(CUSTOMER, &customer, "customer.updated");
    }
    let credited = int(&invoice, "post_payment_credit_notes_amount") + total;
    set(&mut invoice, "post_payment_credit_notes_amount", credited);
    invoices::save(world, &mut invoice, "invoice.updated");
    Ok(())
}

/// What a note would be. Nothing of it stays.
fn preview(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    let made = draft(call.world, &params);
    call.world.undo();
    made.map(|(note, _, _)| note.into())
}

fn preview_lines(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    let made = draft(call.world, &params);
    call.world.undo();
    let (_, _, lines) = made?;
    paged(call, lines)
}

/// A page of lines that are in no table of their own.
fn paged(call: &Call<'_>, lines: Vec<Value>) -> Result<Answer, ApiError> {
    let limit = list::limit(&call.params)?;
    let found = |name: &str| {
        let id = call.params.str(name)?;
        Some(
            lines
                .iter()
                .position(|line| line["id"] == id)
                .ok_or_else(|| ApiError::no_such(CREDIT_NOTE_LINE.noun, id, name)),
        )
    };
    let start = found("starting_after").transpose()?.map_or(0, |place| place + 1);
    let end = found("ending_before").transpose()?.unwrap_or(lines.len());
    let before = call.params.get("ending_before").is_some();
    let start = if before { end.saturating_sub(limit) } else { start };
    let data: Vec<Value> = lines.iter().take(end).skip(start).take(limit).cloned().collect();
    let more = if before { start > 0 } else { start + data.len() < lines.len() };
    Ok(Answer::Object(json!({ "object": "list", "data": data, "has_more": more, "url": call.path })))
}

fn line_items(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let note = call.object(CREDIT_NOTE, "credit_note", "credit_note")?;
    let fact = call.world.look(crate::world::kind::FACT, &format!("lines:{}", text(&note, "id")));
    let lines = fact.and_then(|fact| fact["lines"].as_array().cloned()).unwrap_or_default();
    paged(call, lines)
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(CREDIT_NOTE, "id", "id").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut note = call.object(CREDIT_NOTE, "id", "id")?;
    call.params.copy(&mut note, &["memo"]);
    call.params.merge_metadata(&mut note)?;
    call.world.update(CREDIT_NOTE, &note, "credit_note.updated");
    Ok(note.into())
}

/// Only a note on an invoice that is still open can be taken back.
fn void(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut note = call.object(CREDIT_NOTE, "id", "id")?;
    let invoice = call.world.at_path(INVOICE, text(&note, "invoice"), "invoice")?;
    super::on_clock(call.world, &invoice);
    if note["status"] != "issued" || note["type"] != "pre_payment" || invoice["status"] != "open" {
        return Err(ApiError::state(
            "",
            "You can only void a credit note that was issued on an invoice that is still open.",
        ));
    }
    reduce(call.world, invoice, -int(&note, "total"));
    set(&mut note, "status", "void");
    set(&mut note, "voided_at", call.world.now());
    call.world.put(CREDIT_NOTE, &note);
    call.world.emit("credit_note.voided", &note, None);
    Ok(note.into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.page(CREDIT_NOTE, &Filter::default().sent(&call.params, "customer").sent(&call.params, "invoice"))
}
