//! Records whole: what each kind says, and what belongs to it.

use serde_json::{Value as Json, json};
use tillbook_mirror::{Record, Value};

use crate::fake::{Fake, NOW};
use crate::house::House;

fn charge(number: u32) -> Json {
    json!({"id": format!("ch_{number}"), "object": "charge", "created": NOW - 500, "amount": 1240, "amount_captured": 1240,
        "amount_refunded": 240, "currency": "usd", "payment_intent": format!("pi_{number}"), "customer": "cus_1",
        "balance_transaction": "txn_1", "status": "succeeded", "paid": true, "captured": true, "refunded": false,
        "disputed": true, "description": null, "failure_code": null, "payment_method": "pm_1",
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242"}}})
}

fn money_world() -> Fake {
    let fake = Fake::new();
    let mut world = fake.world();
    world.put(
        "customers",
        json!({"id": "cus_1", "object": "customer", "created": NOW - 900, "name": "Ada Lovelace",
        "email": "ada@example.com", "currency": "usd", "balance": -500, "delinquent": false, "metadata": {}}),
    );
    for number in 1..=30 {
        world.put("payment_intents", json!({"id": format!("pi_{number}"), "object": "payment_intent",
            "created": NOW - 600 + i64::from(number), "amount": 1240, "amount_received": 1240, "currency": "usd",
            "status": "succeeded", "customer": "cus_1", "latest_charge": format!("ch_{number}"), "payment_method": "pm_1",
            "client_secret": "pi_1_secret_never", "description": "Table \"7\"\n", "canceled_at": null, "last_payment_error": null,
            "metadata": {"sale_id": "0199-sale"}}));
    }
    world.put("charges", charge(1));
    world.put("balance_transactions", json!({"id": "txn_1", "object": "balance_transaction", "created": NOW - 500,
        "amount": 1150, "fee": 63, "net": 1087, "currency": "eur", "type": "charge", "status": "pending", "source": "ch_1",
        "available_on": 1_790_035_200, "exchange_rate": 0.9274, "description": null, "reporting_category": "charge"}));
    world.put("refunds", json!({"id": "re_1", "object": "refund", "created": NOW - 400, "amount": 240, "currency": "usd",
        "charge": "ch_1", "payment_intent": "pi_1", "status": "succeeded", "reason": "requested_by_customer", "metadata": {}}));
    world.put(
        "disputes",
        json!({"id": "du_1", "object": "dispute", "created": NOW - 300, "amount": 1240, "currency": "usd",
        "charge": "ch_1", "payment_intent": "pi_1", "status": "needs_response", "reason": "fraudulent",
        "evidence_details": {"due_by": NOW + 86_400}}),
    );
    world.put("checkout/sessions", json!({"id": "cs_1", "object": "checkout.session", "created": NOW - 610, "mode": "payment",
        "status": "complete", "payment_status": "paid", "amount_total": 1240, "currency": "usd", "payment_intent": "pi_1",
        "customer": "cus_1", "metadata": {}}));
    world.put("payouts", json!({"id": "po_1", "object": "payout", "created": NOW - 100, "amount": 1087, "currency": "eur",
        "arrival_date": 1_790_035_200, "status": "in_transit", "automatic": true, "balance_transaction": "txn_2",
        "destination": "ba_1", "failure_code": null}));
    world.put("balance_transactions", json!({"id": "txn_2", "object": "balance_transaction", "created": NOW - 100,
        "amount": -1087, "fee": 0, "net": -1087, "currency": "eur", "type": "payout", "status": "available", "source": "po_1"}));
    drop(world);
    fake
}

fn billing(fake: &Fake) {
    let mut world = fake.world();
    world.put(
        "products",
        json!({"id": "prod_1", "object": "product", "created": NOW - 950, "name": "Coffee club",
        "active": true, "default_price": "price_1", "metadata": {}}),
    );
    world.put(
        "prices",
        json!({"id": "price_1", "object": "price", "created": NOW - 950, "product": "prod_1", "active": true,
        "currency": "usd", "unit_amount": 1240, "type": "recurring", "recurring": {"interval": "month"}}),
    );
    world.put("subscriptions", json!({"id": "sub_1", "object": "subscription", "created": NOW - 700, "status": "active",
        "customer": "cus_1", "currency": "usd", "latest_invoice": "in_1", "start_date": NOW - 700, "cancel_at_period_end": false,
        "items": {"object": "list", "has_more": false, "data": [{"id": "si_1", "object": "subscription_item",
            "created": NOW - 700, "subscription": "sub_1", "price": {"id": "price_1", "object": "price"}, "quantity": 2}]}}));
    world.put("invoices", json!({"id": "in_1", "object": "invoice", "created": NOW - 650, "number": "SHOP-1", "status": "paid",
        "customer": "cus_1", "customer_name": "Ada Lovelace", "currency": "usd", "total": 1240, "amount_due": 1240,
        "amount_paid": 1240, "amount_remaining": 0, "due_date": NOW, "parent": {"subscription_details": {"subscription": "sub_1"}},
        "lines": {"object": "list", "has_more": false, "data": [{"id": "il_1", "object": "line_item", "invoice": "in_1",
            "amount": 1240, "currency": "usd", "quantity": 2, "description": "2 × Coffee club"}]}}));
    world.put("invoice_payments", json!({"id": "inpay_1", "object": "invoice_payment", "created": NOW - 640, "invoice": "in_1",
        "status": "paid", "amount_paid": 1240, "currency": "usd", "payment": {"type": "payment_intent", "payment_intent": "pi_1"}}));
    world.put(
        "credit_notes",
        json!({"id": "cn_1", "object": "credit_note", "created": NOW - 630, "number": "CN-1",
        "invoice": "in_1", "customer": "cus_1", "currency": "usd", "total": 240, "status": "issued"}),
    );
}

async fn mirrored(fake: &Fake) -> House {
    let house = House::with(fake).await;
    house.sync().await;
    while house.mirror.index_some().unwrap() > 0 {}
    house
}

fn record(house: &House, id: &str) -> Record {
    house.mirror.record(id).unwrap().unwrap()
}

fn related(record: &Record) -> Vec<&str> {
    record.related.iter().map(|hit| hit.id.as_str()).collect()
}

fn fact<'r>(record: &'r Record, name: &str) -> Option<&'r Value> {
    let mut named = record.facts.iter().filter(|fact| fact.name == name);
    let value = named.next().map(|fact| &fact.value);
    assert!(named.next().is_none(), "{name} is told twice");
    value
}

fn money(minor: i64, currency: &str) -> Value {
    Value::Money { minor, currency: currency.to_owned() }
}

fn reference(object: &str, id: &str) -> Value {
    Value::Reference { object: object.to_owned(), id: id.to_owned() }
}

/// Stripe's own word on a payment stays `succeeded`, whatever befell it since.
#[tokio::test]
async fn a_payment_that_was_given_back_or_is_disputed_is_not_told_as_paid() {
    let fake = money_world();
    let mut told = Vec::new();
    for (number, refunded, disputed, dispute, status) in [
        (2, 0, false, None, "succeeded"),
        (3, 240, false, None, "part_refunded"),
        (4, 1240, false, None, "refunded"),
        (5, 0, true, None, "disputed"),
        (6, 240, true, Some("needs_response"), "disputed"),
        (7, 0, true, Some("won"), "succeeded"),
        (8, 1240, true, Some("lost"), "refunded"),
        (9, 240, true, Some("warning_closed"), "part_refunded"),
    ] {
        let mut one = charge(number);
        (one["amount_refunded"], one["disputed"]) = (json!(refunded), json!(disputed));
        one["refunded"] = json!(refunded == 1240);
        let mut world = fake.world();
        world.put("charges", one);
        if let Some(dispute) = dispute {
            world.put(
                "disputes",
                json!({"id": format!("du_{number}"), "object": "dispute", "created": NOW - 300,
                "amount": 1240, "currency": "usd", "charge": format!("ch_{number}"),
                "payment_intent": format!("pi_{number}"), "status": dispute, "reason": "fraudulent"}),
            );
        }
        drop(world);
        told.push((number, status));
    }
    let house = mirrored(&fake).await;
    for (number, status) in told {
        for id in [format!("pi_{number}"), format!("ch_{number}")] {
            assert_eq!(record(&house, &id).hit.status.as_deref(), Some(status), "{id}");
        }
    }
    assert_eq!(record(&house, "pi_10").hit.status.as_deref(), Some("succeeded"), "no charge is here");
}

#[tokio::test]
async fn a_payment_tells_what_happened_to_its_money() {
    let house = mirrored(&money_world()).await;
    let payment = record(&house, "pi_1");
    assert!(!payment.deleted);
    assert_eq!(fact(&payment, "status"), Some(&Value::State("succeeded".to_owned())));
    assert_eq!(fact(&payment, "amount_received"), Some(&money(1240, "usd")));
    assert_eq!(fact(&payment, "amount_refunded"), Some(&money(240, "usd")));
    assert_eq!(fact(&payment, "fee"), Some(&money(63, "eur")), "in the currency of the balance");
    assert_eq!(fact(&payment, "net"), Some(&money(1087, "eur")));
    assert_eq!(fact(&payment, "available_on"), Some(&Value::Day(1_790_035_200)));
    assert_eq!(fact(&payment, "customer"), Some(&reference("customer", "cus_1")));
    assert_eq!(fact(&payment, "canceled_at"), None, "what Stripe does not say is left out");
    assert_eq!(related(&payment), ["cus_1", "ch_1", "re_1", "du_1", "txn_1", "cs_1"]);
    assert_eq!(payment.hit.sale_id.as_deref(), Some("0199-sale"));
    let json = payment.json.unwrap();
    assert!(!json.contains("secret") && json.contains("\n  \"id\": \"pi_1\""), "{json}");
    let parsed: Json = serde_json::from_str(&json).unwrap();
    assert_eq!(Some(parsed), house.json("pi_1"));
}

#[tokio::test]
async fn each_part_leads_to_the_others() {
    let house = mirrored(&money_world()).await;
    assert_eq!(related(&record(&house, "ch_1")), ["cus_1", "pi_1", "txn_1", "re_1", "du_1"]);
    assert_eq!(related(&record(&house, "re_1")), ["ch_1", "pi_1"]);
    assert_eq!(related(&record(&house, "du_1")), ["ch_1", "pi_1"]);
    assert_eq!(related(&record(&house, "txn_1")), ["ch_1"]);
    assert_eq!(related(&record(&house, "txn_2")), ["po_1"]);
    assert_eq!(related(&record(&house, "po_1")), ["txn_2"]);
    assert_eq!(related(&record(&house, "cs_1")), ["cus_1", "pi_1"]);
    let dispute = record(&house, "du_1");
    assert_eq!(fact(&dispute, "due_by"), Some(&Value::TimeMs((NOW + 86_400) * 1000)));
    let transaction = record(&house, "txn_1");
    assert_eq!(fact(&transaction, "source"), Some(&reference("charge", "ch_1")));
    assert_eq!(fact(&transaction, "exchange_rate"), Some(&Value::Number("0.9274".to_owned())));
    let payout = record(&house, "po_1");
    assert_eq!(fact(&payout, "arrival_date"), Some(&Value::Day(1_790_035_200)));
    assert_eq!(fact(&payout, "automatic"), Some(&Value::Flag(true)));
    assert_eq!(fact(&payout, "destination"), Some(&Value::Text("ba_1".to_owned())));
}

#[tokio::test]
async fn a_customer_has_the_newest_payments_and_what_is_billed() {
    let fake = money_world();
    billing(&fake);
    let house = mirrored(&fake).await;
    let ada = record(&house, "cus_1");
    assert_eq!(fact(&ada, "balance"), Some(&money(-500, "usd")));
    let ids = related(&ada);
    assert_eq!(&ids[..2], ["sub_1", "in_1"]);
    let payments: Vec<&str> = ids.iter().copied().filter(|id| id.starts_with("pi_")).collect();
    assert_eq!((payments.len(), payments[0], payments[19]), (20, "pi_30", "pi_11"));
    assert_eq!(related(&record(&house, "in_1")), ["cus_1", "sub_1", "pi_1", "cn_1", "il_1"]);
    assert_eq!(related(&record(&house, "sub_1")), ["cus_1", "in_1", "si_1"]);
    assert_eq!(related(&record(&house, "si_1")), ["sub_1", "price_1"]);
    assert_eq!(related(&record(&house, "prod_1")), ["price_1"]);
    assert!(related(&record(&house, "pi_1")).contains(&"in_1"));
    assert_eq!(record(&house, "sub_1").hit.detail.as_deref(), Some("Coffee club"));
    let line = record(&house, "il_1");
    assert_eq!((fact(&line, "quantity"), line.hit.created), (Some(&Value::Number("2".to_owned())), None));
}

#[tokio::test]
async fn what_stripe_deleted_is_told_as_deleted() {
    let fake = money_world();
    billing(&fake);
    let house = mirrored(&fake).await;
    fake.world().now += 1000;
    fake.world().remove("customers", "cus_1");
    fake.world().event("customer.deleted", NOW + 500, json!({"id": "cus_1", "object": "customer"}));
    house.sync().await;
    let ada = record(&house, "cus_1");
    assert!(ada.deleted && ada.facts.is_empty() && ada.json.is_none() && ada.hit.title.is_none(), "{ada:?}");
    assert_eq!(ada.hit.object, "customer");
    assert!(related(&ada).contains(&"in_1"), "what was billed is still there");
    let payment = record(&house, "pi_1");
    assert_eq!(fact(&payment, "customer"), Some(&reference("customer", "cus_1")));
    assert!(!related(&payment).contains(&"cus_1"));
    assert_eq!(house.mirror.record("cus_2").unwrap(), None);
    for id in ["", "pi_", "\0", "' OR 1=1", "pi_1\0", &"x".repeat(100_000)] {
        assert_eq!(house.mirror.record(id).unwrap(), None, "{id:?}");
    }
}

#[tokio::test]
async fn a_record_is_as_of_the_news_unless_it_is_in_doubt() {
    let fake = money_world();
    let house = mirrored(&fake).await;
    fake.world().now += 5000;
    house.sync().await;
    house.tamper("UPDATE payment_intent SET as_of = 5; UPDATE balance_transaction SET as_of = 5;");
    assert!(record(&house, "pi_1").as_of >= NOW + 4000, "the event list says that nothing happened to it");
    assert_eq!(record(&house, "txn_1").as_of, 5, "of the balance there are no events");
    house.tamper(
        "INSERT INTO dirty (kind, id, created, reason, mark) VALUES ('payment_intent', 'pi_1', 0, 'test', 0)",
    );
    assert_eq!(record(&house, "pi_1").as_of, 5);
}

#[tokio::test]
async fn a_damaged_record_still_tells_what_its_columns_do() {
    let house = mirrored(&money_world()).await;
    house.tamper("UPDATE payment_intent SET raw = x'0000FF' WHERE id = 'pi_1'");
    let payment = record(&house, "pi_1");
    assert_eq!((payment.json.as_deref(), fact(&payment, "amount")), (None, Some(&money(1240, "usd"))));
}
