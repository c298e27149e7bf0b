//! Disputes: opened by the cards that are disputed, answered with evidence, decided by what the evidence says, closed
//! by the shop or by time. What they take from the balance and give back is booked.

use serde_json::{Value, json};

use super::Resource;
use super::balance_transactions::{self, BALANCE_TRANSACTION, Movement};
use super::charges::CHARGE;
use crate::api::error::ApiError;
use crate::api::params::{int, set, text};
use crate::api::route::{Answer, get, post};
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const DISPUTE: &Kind =
    &Kind::new("dispute", "dp", "dispute", "/v1/disputes").indexed(&["charge", "payment_intent"]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "disputes",
    &[DISPUTE],
    &[
        get("/v1/disputes", list),
        get("/v1/disputes/{dispute}", retrieve),
        post("/v1/disputes/{dispute}", update),
        post("/v1/disputes/{dispute}/close", close),
    ],
)
.task(task);

const DAY: i64 = 86_400;

/// Days to answer, as a card network gives them.
const DAYS_TO_ANSWER: i64 = 9;

/// What a lost customer costs besides the money.
const FEE_MINOR: i64 = 1_500;

/// How long the bank thinks about evidence that decides.
const DECIDES_AFTER: i64 = 2;

/// What a test card's dispute is about.
struct Case {
    reason: &'static str,
    code: &'static str,
    kind: &'static str,
    eligible: &'static str,
}

impl Case {
    fn of(name: &str) -> Option<Self> {
        let case = |reason, code, kind, eligible| Some(Self { reason, code, kind, eligible });
        match name {
            "product_not_received" => case("product_not_received", "13.1", "chargeback", ""),
            "inquiry" => case("general", "10.4", "inquiry", ""),
            "ce3" => case("fraudulent", "10.4", "chargeback", "visa_compelling_evidence_3"),
            "compliance" => case("noncompliant", "98", "compliance", "visa_compliance"),
            "mastercard_compliance" => case("noncompliant", "4900", "compliance", "mastercard_compliance"),
            "fraudulent" | "multiple" | "smart" => case("fraudulent", "10.4", "chargeback", ""),
            // An early warning of fraud is no dispute.
            _ => None,
        }
    }

    fn is_inquiry(&self) -> bool {
        self.kind == "inquiry"
    }
}

fn task(world: &mut World, task: &str, data: &Value) {
    match task {
        "disputes.open" => open(world, data),
        "disputes.decide" => decide(world, data),
        "disputes.due" => run_out(world, data),
        _ => {}
    }
}

fn open(world: &mut World, data: &Value) {
    let name = text(data, "reason");
    let Some(case) = Case::of(name) else { return };
    let Some(charge) = world.get(CHARGE, text(data, "charge")) else { return };
    let amount = int(&charge, "amount") - int(&charge, "amount_refunded");
    if name == "multiple" {
        // The holder disputes the payment in two parts.
        let first = amount / 2;
        open_one(world, &charge, &case, first);
        open_one(world, &charge, &case, amount - first);
    } else {
        open_one(world, &charge, &case, amount);
    }
}

fn open_one(world: &mut World, charge: &Value, case: &Case, amount: i64) {
    if amount <= 0 {
        return;
    }
    let id = world.id(DISPUTE);
    let mut dispute = object(&id, world.now(), charge, case, amount);
    if !case.is_inquiry() {
        withdraw(world, &mut dispute);
    }
    world.put(DISPUTE, &dispute);
    if let Some(mut charge) = world.get(CHARGE, text(charge, "id")) {
        set(&mut charge, "disputed", true);
        world.update(CHARGE, &charge, "charge.updated");
    }
    world.emit("charge.dispute.created", &dispute, None);
    if !case.is_inquiry() {
        world.emit("charge.dispute.funds_withdrawn", &dispute, None);
    }
    let due = dispute["evidence_details"]["due_by"].as_i64().unwrap_or_default();
    world.schedule(due, "disputes.due", json!(id));
}

fn object(id: &str, now: i64, charge: &Value, case: &Case, amount: i64) -> Value {
    let card = ["card", "card_present"].map(|kind| &charge["payment_method_details"][kind]);
    let brand = card.iter().find_map(|card| card["brand"].as_str()).unwrap_or("visa");
    // The last second of the day.
    let due_by = (now.div_euclid(DAY) + DAYS_TO_ANSWER + 1) * DAY - 1;
    let eligible: Vec<&str> = if case.eligible.is_empty() { Vec::new() } else { vec![case.eligible] };
    json!({
        "id": id,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": eligible,
        "evidence": no_evidence(),
        "evidence_details": {
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": false,
            "past_due": false,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": null,
        "is_charge_refundable": case.is_inquiry(),
        "livemode": false,
        "metadata": {},
        "network_reason_code": case.code,
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": { "brand": brand, "case_type": case.kind, "network": brand, "network_reason_code": case.code },
            "type": "card",
        },
        "reason": case.reason,
        "status": if case.is_inquiry() { "warning_needs_response" } else { "needs_response" },
    })
}

/// The texts and files a shop may send; all of them empty.
fn no_evidence() -> Value {
    const NAMES: &[&str] = &[
        "access_activity_log",
        "billing_address",
        "cancellation_policy",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
        "customer_communication",
        "customer_email_address",
        "customer_name",
        "customer_purchase_ip",
        "customer_signature",
        "duplicate_charge_documentation",
        "duplicate_charge_explanation",
        "duplicate_charge_id",
        "product_description",
        "receipt",
        "refund_policy",
        "refund_policy_disclosure",
        "refund_refusal_explanation",
        "service_date",
        "service_documentation",
        "shipping_address",
        "shipping_carrier",
        "shipping_date",
        "shipping_documentation",
        "shipping_tracking_number",
        "uncategorized_file",
        "uncategorized_text",
    ];
    let mut evidence = json!({ "enhanced_evidence": {} });
    for name in NAMES {
        set(&mut evidence, name, Value::Null);
    }
    evidence
}

/// Takes the disputed money and the fee out of the balance.
fn withdraw(world: &mut World, dispute: &mut Value) {
    let amount = -int(dispute, "amount");
    book(world, dispute, amount, FEE_MINOR, "dispute", "Chargeback withdrawal for");
}

fn book(world: &mut World, dispute: &mut Value, amount: i64, fee: i64, category: &str, words: &str) {
    let (id, currency) = (text(dispute, "id").to_owned(), text(dispute, "currency").to_owned());
    let booked = balance_transactions::book(
        world,
        &Movement {
            kind: "adjustment",
            category,
            amount,
            fee,
            currency: &currency,
            source: &id,
            description: json!(format!("{words} {}", text(dispute, "charge"))),
            at_once: true,
        },
    );
    let row = world.get(BALANCE_TRANSACTION, &booked);
    if let (Some(rows), Some(row)) = (dispute["balance_transactions"].as_array_mut(), row) {
        rows.push(row);
    }
}

fn is_inquiry(dispute: &Value) -> bool {
    text(dispute, "status").starts_with("warning_")
}

fn is_open(dispute: &Value) -> bool {
    !matches!(text(dispute, "status"), "won" | "lost" | "warning_closed" | "prevented")
}

/// The bank's answer to evidence that Stripe's documentation names; other evidence stays under review.
fn decide(world: &mut World, data: &Value) {
    let Some(dispute) = data.as_str().and_then(|id| world.get(DISPUTE, id)) else { return };
    if !matches!(text(&dispute, "status"), "under_review" | "warning_under_review") {
        return;
    }
    match (dispute["evidence"]["uncategorized_text"].as_str(), is_inquiry(&dispute)) {
        (Some("winning_evidence"), false) => end(world, dispute, "won"),
        (Some("losing_evidence"), false) => end(world, dispute, "lost"),
        (Some("winning_evidence" | "losing_evidence"), true) => end(world, dispute, "warning_closed"),
        (Some("escalate_inquiry_evidence"), true) => escalate(world, dispute),
        _ => {}
    }
}

/// An inquiry becomes a chargeback: now the money goes.
fn escalate(world: &mut World, mut dispute: Value) {
    set(&mut dispute, "status", "needs_response");
    set(&mut dispute, "is_charge_refundable", false);
    set(&mut dispute["payment_method_details"]["card"], "case_type", "chargeback");
    withdraw(world, &mut dispute);
    world.update(DISPUTE, &dispute, "charge.dispute.updated");
    world.emit("charge.dispute.funds_withdrawn", &dispute, None);
}

fn end(world: &mut World, mut dispute: Value, status: &str) {
    set(&mut dispute, "status", status);
    set(&mut dispute, "is_charge_refundable", status != "lost");
    if status == "won" {
        let amount = int(&dispute, "amount");
        book(world, &mut dispute, amount, 0, "dispute_reversal", "Chargeback reversal for");
    }
    world.update(DISPUTE, &dispute, "charge.dispute.closed");
    if status == "won" {
        world.emit("charge.dispute.funds_reinstated", &dispute, None);
    }
}

/// Nobody answered in time.
fn run_out(world: &mut World, data: &Value) {
    let Some(mut dispute) = data.as_str().and_then(|id| world.get(DISPUTE, id)) else { return };
    set(&mut dispute["evidence_details"], "past_due", true);
    match text(&dispute, "status") {
        "needs_response" => end(world, dispute, "lost"),
        "warning_needs_response" => end(world, dispute, "warning_closed"),
        _ => {}
    }
}

/// May this charge be refunded as far as disputes go? Not while one holds its money.
pub(crate) fn allow_refund(world: &World, charge: &str) -> bool {
    world
        .all(DISPUTE, &Filter::default().is("charge", charge), 10)
        .iter()
        .all(|dispute| dispute["is_charge_refundable"] == true)
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let filter = Filter::default().sent(&call.params, "charge").sent(&call.params, "payment_intent");
    call.page(DISPUTE, &filter)
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(DISPUTE, "dispute", "dispute").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut dispute = call.object(DISPUTE, "dispute", "dispute")?;
    let evidence = call.params.get("evidence").and_then(Value::as_object).cloned();
    if evidence.is_some() && !is_open(&dispute) {
        return Err(ApiError::invalid("This dispute is already closed.").code("dispute_already_closed"));
    }
    let staged = evidence.as_ref().is_some_and(|sent| !sent.is_empty());
    for (name, value) in evidence.into_iter().flatten() {
        let value = if value.as_str() == Some("") { Value::Null } else { value };
        set(&mut dispute["evidence"], &name, value);
    }
    if staged {
        set(&mut dispute["evidence_details"], "has_evidence", true);
    }
    call.params.copy(&mut dispute, &["intended_submission_method"]);
    call.params.merge_metadata(&mut dispute)?;
    // Evidence is submitted unless it is said that it waits.
    if call.params.bool("submit").unwrap_or(staged) {
        submit(call.world, &mut dispute)?;
    }
    call.world.update(DISPUTE, &dispute, "charge.dispute.updated");
    Ok(dispute.into())
}

fn submit(world: &mut World, dispute: &mut Value) -> Result<(), ApiError> {
    let status = match text(dispute, "status") {
        "needs_response" => "under_review",
        "warning_needs_response" => "warning_under_review",
        // Once submitted, evidence is the bank's.
        _ => {
            let message = "Evidence for this dispute has already been submitted, or the dispute is closed.";
            return Err(ApiError::invalid(message));
        }
    };
    set(dispute, "status", status);
    let details = &mut dispute["evidence_details"];
    let count = int(details, "submission_count") + 1;
    set(details, "submission_count", count);
    set(details, "submission_method", "manual");
    let id = text(dispute, "id").to_owned();
    world.schedule(world.now() + DECIDES_AFTER, "disputes.decide", json!(id));
    Ok(())
}

/// The shop accepts.
fn close(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let dispute = call.object(DISPUTE, "dispute", "dispute")?;
    if !is_open(&dispute) {
        let message = "This dispute is already closed.";
        return Err(ApiError::invalid(message).code("dispute_already_closed"));
    }
    let status = if is_inquiry(&dispute) { "warning_closed" } else { "lost" };
    end(call.world, dispute, status);
    call.object(DISPUTE, "dispute", "dispute").map(Answer::from)
}
