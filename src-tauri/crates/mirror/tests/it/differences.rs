//! What is a difference and what is none: found while windows and lists are read again, held against the news.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tillbook_mirror::{SyncOptions, SyncReport, Windows};

use crate::fake::{Fake, NOW, World, customer, payment};
use crate::house::House;

const DAY: i64 = 86_400;

fn transaction(number: i64, created: i64, status: &str) -> Value {
    json!({"id": format!("txn_{number}"), "object": "balance_transaction", "created": created, "amount": 1000 + number,
        "fee": 50, "net": 950 + number, "currency": "usd", "type": "charge", "status": status,
        "available_on": created + 2 * DAY, "source": format!("ch_{number}")})
}

fn session(number: i64, created: i64, status: &str) -> Value {
    json!({"id": format!("cs_{number}"), "object": "checkout.session", "created": created, "status": status,
        "payment_status": "unpaid", "mode": "payment", "amount_total": 500, "currency": "usd", "metadata": {}})
}

/// Ten payments of the last hours with their money, three checkouts, and a copy of them.
async fn synced() -> (Fake, House) {
    let fake = Fake::new();
    for number in 1..=10 {
        let at = NOW - 3000 + number * 200;
        let mut world = fake.world();
        let status = if number > 8 { "requires_payment_method" } else { "succeeded" };
        world.put("payment_intents", payment(number, at, status));
        world.event("payment_intent.created", at, payment(number, at, status));
        world.put("balance_transactions", transaction(number, at, "pending"));
        if number <= 3 {
            world.put("checkout/sessions", session(number, at, "open"));
        }
    }
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().now += 1000;
    (fake, house)
}

fn edit(fake: &Fake, list: &str, id: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut world = fake.world();
    let object = world.lists.get_mut(list).unwrap().iter_mut().find(|object| object["id"] == id).unwrap();
    change(object);
    object.clone()
}

/// Puts an event where its second belongs, among those that were read already.
fn surface(fake: &Fake, kind: &str, at: i64, object: Value) -> String {
    let mut world = fake.world();
    let event = world.event(kind, at, object);
    world.lists.get_mut("events").unwrap().sort_by_key(|event| event["created"].as_i64());
    event["id"].as_str().unwrap().to_owned()
}

fn found(report: &SyncReport) -> Vec<(&str, &str)> {
    assert!(report.differences.iter().all(|difference| difference.healed));
    let mut found: Vec<_> =
        report.differences.iter().map(|one| (one.id.as_str(), one.what.as_str())).collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn a_window_names_what_it_heals() {
    let (fake, house) = synced().await;
    house.tamper("DELETE FROM payment_intent WHERE id = 'pi_000001'");
    house.tamper("UPDATE payment_intent SET amount = 1 WHERE id = 'pi_000002'");
    house.tamper("UPDATE payment_intent SET amount = 1 WHERE id = 'pi_000009'");
    house.tamper("DELETE FROM balance_transaction WHERE id = 'txn_9'");
    house.tamper("UPDATE balance_transaction SET net = net + 1 WHERE id = 'txn_10'");
    house.tamper("DELETE FROM checkout_session WHERE id = 'cs_1'");
    // Nothing can change any more of what is paid, so no news is waited for.
    edit(&fake, "payment_intents", "pi_000003", |object| object["amount"] = json!(7));
    let before = house.mirror.position().unwrap();
    let report = house.try_sync(SyncOptions::default()).await.unwrap();
    let wanted = [
        ("cs_1", "missing"),
        ("pi_000001", "missing"),
        ("pi_000002", "changed"),
        ("pi_000003", "changed"),
        ("pi_000009", "changed"),
        ("txn_10", "changed"),
        ("txn_9", "missing"),
    ];
    assert_eq!(found(&report), wanted);
    let details: Vec<_> = report.differences.iter().map(|one| one.detail.as_str()).collect();
    assert!(details.contains(&"amount: 1003 here, 7 at Stripe"), "{details:?}");
    house.assert_equals(&fake);
    let amount = "SELECT amount FROM payment_intent WHERE id = 'pi_000002'";
    assert_eq!(house.number(amount), 1002);
    assert_eq!(house.mirror.position().unwrap(), before + 7, "whoever follows is told of what was healed");
    let certificate = house.mirror.certify(&house.client, &SyncOptions::default(), 0, &|_| {}).await.unwrap();
    assert_eq!(certificate.healed.len(), 7);
    assert_eq!(house.full().await.differences, [], "told once");
}

#[tokio::test]
async fn what_changes_without_an_event_is_no_difference() {
    let (fake, house) = synced().await;
    edit(&fake, "payment_intents", "pi_000001", |object| object["metadata"] = json!({"note": "new"}));
    edit(&fake, "payment_intents", "pi_000009", |object| object["amount"] = json!(5));
    edit(&fake, "payment_intents", "pi_000010", |object| object["status"] = json!("requires_confirmation"));
    edit(&fake, "balance_transactions", "txn_1", |object| object["status"] = json!("available"));
    edit(&fake, "checkout/sessions", "cs_1", |object| object["amount_total"] = json!(5));
    fake.world().put("balance_transactions", transaction(20, NOW + 100, "pending"));
    fake.world().put("checkout/sessions", session(20, NOW + 100, "open"));
    for _ in 0..3 {
        assert_eq!(house.sync().await.differences, []);
        fake.world().now += 1000;
    }
    house.assert_equals(&fake);
    edit(&fake, "payment_intents", "pi_000010", |object| object["status"] = json!("requires_action"));
    fake.world().put("terminal/readers", json!({"id": "tmr_1", "object": "terminal.reader", "label": "New"}));
    assert_eq!(house.full().await.differences, []);
    fake.world().now += 10;
    fake.world().lists.get_mut("terminal/readers").unwrap().clear();
    assert_eq!(house.full().await.differences, []);
    assert!(house.is_tombstone("tmr_1"));
    fake.world().now += 3000;
    assert_eq!(house.sync().await.differences, []);
    // Transactions that came while only other lists were looked through.
    fake.world().put("balance_transactions", transaction(30, NOW + 10_000, "pending"));
    fake.world().now = NOW + 2 * DAY;
    let resources = Some(vec!["customers".to_owned()]);
    let report = house.try_sync(SyncOptions { resources, ..SyncOptions::default() }).await.unwrap();
    assert_eq!(report.differences, []);
}

#[tokio::test]
async fn a_change_is_named_when_no_news_has_told_of_it_for_ten_minutes() {
    let (fake, house) = synced().await;
    edit(&fake, "payment_intents", "pi_000001", |object| object["status"] = json!("canceled"));
    let told = edit(&fake, "payment_intents", "pi_000002", |object| object["status"] = json!("canceled"));
    let at = NOW + 999;
    fake.world().put("payment_intents", payment(50, at, "succeeded"));
    fake.world().put("payment_intents", payment(51, at, "succeeded"));
    assert_eq!(house.sync().await.differences, [], "an event may surface late");
    house.assert_equals(&fake);
    fake.world().now += 590;
    surface(&fake, "payment_intent.canceled", at, told);
    surface(&fake, "payment_intent.created", at, payment(51, at, "requires_payment_method"));
    assert_eq!(house.sync().await.differences, []);
    fake.world().now += 20;
    let report = house.try_sync(SyncOptions::default()).await.unwrap();
    assert_eq!(found(&report), [("pi_000001", "changed"), ("pi_000050", "missing")]);
    assert_eq!(report.differences[0].changes[0].stripe.as_deref(), Some("canceled"));
    assert_eq!(house.sync().await.differences, []);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn news_in_another_version_or_of_a_part_explains_too() {
    let (fake, house) = synced().await;
    let charge = json!({"id": "ch_1", "object": "charge", "created": NOW - 2500, "amount": 1001, "amount_refunded": 0,
        "status": "succeeded", "currency": "usd", "payment_intent": "pi_000001", "disputed": false});
    fake.world().put("charges", charge.clone());
    fake.world().event("charge.succeeded", NOW + 990, charge);
    house.sync().await;
    let canceled = edit(&fake, "payment_intents", "pi_000002", |object| object["status"] = json!("canceled"));
    edit(&fake, "charges", "ch_1", |object| object["disputed"] = json!(true));
    house.tamper("DELETE FROM state WHERE name LIKE 'relisted_at%'");
    // A full check of a shop in which something moves, so nothing is named at once.
    let moves = customer("cus_1", NOW - 100 * DAY, "Ada");
    let mut is_told = false;
    fake.world().after = Some(Box::new(move |world, _| {
        let is_listing = world.asked.last().is_some_and(|asked| asked.starts_with("charges"));
        if is_listing && !std::mem::replace(&mut is_told, true) {
            world.put("customers", moves.clone());
            let now = world.now;
            world.event("customer.created", now, moves.clone());
        }
    }));
    fake.world().now += 100;
    assert_eq!(house.full().await.differences, []);
    assert_eq!(house.number("SELECT count(*) FROM suspect WHERE id IN ('ch_1', 'pi_000002')"), 2);
    fake.world().after = None;
    fake.world().now += 300;
    let at = fake.world().now - 250;
    surface(&fake, "payment_intent.canceled", at, canceled);
    fake.world().lists.get_mut("events").unwrap().last_mut().unwrap()["api_version"] = json!("2020-08-27");
    let dispute = json!({"id": "dp_1", "object": "dispute", "created": at, "charge": "ch_1", "amount": 1001,
        "status": "needs_response", "currency": "usd"});
    fake.world().put("disputes", dispute.clone());
    surface(&fake, "charge.dispute.created", at, dispute);
    house.sync().await;
    assert_eq!(house.number("SELECT count(*) FROM suspect"), 0);
    fake.world().now += 2000;
    assert_eq!(house.sync().await.differences, []);
    house.assert_equals(&fake);
}

/// Events that have not surfaced yet, and when they do.
type Late = Arc<Mutex<Vec<(i64, Value)>>>;

fn surface_due(world: &mut World, late: &Late) {
    let now = world.now;
    let mut late = late.lock().unwrap();
    let events = world.lists.entry("events".to_owned()).or_default();
    events.extend(late.iter().filter(|(at, _)| *at <= now).map(|(_, event)| event.clone()));
    events.sort_by_key(|event| event["created"].as_i64());
    late.retain(|(at, _)| *at > now);
}

/// Whatever is asked, something happens: payments are made and paid, customers come and go. Every third event surfaces up
/// to nine minutes late.
fn sell(world: &mut World, late: &Late, serial: i64) {
    world.now += 1;
    let (now, number) = (world.now, serial / 2);
    let delay = if serial % 3 == 0 { 60 * (serial % 10) } else { 0 };
    let tell = |world: &mut World, kind: &str, object: Value| {
        let event = world.event(kind, now, object);
        if delay > 0 {
            world.lists.get_mut("events").unwrap().pop();
            late.lock().unwrap().push((now + delay, event));
        }
    };
    if serial % 2 == 0 {
        let made = payment(number, now, "requires_payment_method");
        world.put("payment_intents", made.clone());
        tell(world, "payment_intent.created", made);
    } else if number > 0 {
        let all = world.lists.get_mut("payment_intents").unwrap();
        let known = all.iter_mut().find(|one| one["id"] == format!("pi_{number:06}")).unwrap();
        known["status"] = json!("succeeded");
        known["amount_received"] = known["amount"].clone();
        let paid = known.clone();
        tell(world, "payment_intent.succeeded", paid);
        world.put("balance_transactions", transaction(number, now, "pending"));
    }
    if serial % 7 == 0 {
        let made = customer(&format!("cus_{serial}"), now, "Ada");
        world.put("customers", made.clone());
        tell(world, "customer.created", made);
    } else if serial % 7 == 5 {
        let gone = world.lists.get_mut("customers").unwrap().pop().unwrap();
        tell(world, "customer.deleted", gone);
    }
    surface_due(world, late);
}

#[tokio::test]
async fn a_busy_shop_has_no_differences() {
    let fake = Fake::new();
    for number in 1..=9 {
        fake.world().put("customers", customer(&format!("cus_0{number}"), NOW - 100 * DAY, "Ada"));
    }
    let house = House::with(&fake).await;
    house.sync().await;
    let late = Late::default();
    let (waiting, mut serial) = (Arc::clone(&late), 0);
    fake.world().after = Some(Box::new(move |world, _| {
        serial += 1;
        sell(world, &waiting, serial);
    }));
    let mut suspected = 0;
    for round in 0..120 {
        fake.world().now += 300;
        surface_due(&mut fake.world(), &late);
        let windows = if round % 2 == 0 { Windows::WhenDue } else { Windows::OnRequest };
        let report = house.try_sync(SyncOptions { windows, ..SyncOptions::default() }).await.unwrap();
        assert_eq!(report.differences, [], "round {round}");
        suspected += house.number("SELECT count(*) FROM suspect");
        if round % 20 == 19 {
            assert_eq!(house.full().await.differences, [], "round {round}");
        }
    }
    assert!(suspected > 5, "nothing came close: {suspected}");
    fake.world().after = None;
    for _ in 0..3 {
        fake.world().now += 1000;
        surface_due(&mut fake.world(), &late);
        assert_eq!(house.sync().await.differences, []);
    }
    house.assert_equals(&fake);
    assert_eq!(house.number("SELECT count(*) FROM suspect"), 0);
}

#[tokio::test]
async fn an_event_that_polls_passed_is_named_by_the_daily_sweep() {
    let (fake, house) = synced().await;
    fake.world().put("customers", customer("cus_1", NOW - 100 * DAY, "Ada"));
    fake.world().event("customer.created", NOW + 900, customer("cus_1", NOW - 100 * DAY, "Ada"));
    house.sync().await;
    fake.world().now = NOW + 9000;
    fake.world().event("customer.updated", NOW + 8000, customer("cus_1", NOW - 100 * DAY, "Ada"));
    house.sync().await;
    let grace = customer("cus_1", NOW - 100 * DAY, "Grace");
    fake.world().put("customers", grace.clone());
    let skipped = surface(&fake, "customer.updated", NOW + 7000, grace.clone());
    assert_eq!(house.sync().await.differences, [], "behind the anchor");
    fake.world().now = NOW + DAY + 5000;
    // Young enough to come with the next poll, so no poll has passed it.
    let young = surface(&fake, "customer.updated", NOW + DAY + 4900, grace);
    let report = house.sync().await;
    assert_eq!((report.events, found(&report)), (2, vec![(skipped.as_str(), "missing")]), "{young}");
    assert_eq!(report.differences[0].detail, "an event that was not applied");
    assert_eq!(house.json("cus_1").unwrap()["name"], "Grace");
    house.assert_equals(&fake);
}

#[tokio::test]
async fn events_from_before_the_copy_were_not_skipped() {
    let fake = Fake::new();
    let ada = customer("cus_1", NOW - 100 * DAY, "Ada");
    for before in [3000, 900, 700, 500, 5] {
        fake.world().event("customer.updated", NOW - before, ada.clone());
    }
    fake.world().put("customers", ada);
    let house = House::with(&fake).await;
    let resources = Some(vec!["customers".to_owned()]);
    house.try_sync(SyncOptions { resources, ..SyncOptions::default() }).await.unwrap();
    fake.world().now = NOW + DAY;
    let report = house.sync().await;
    assert_eq!((report.events, report.differences), (3, vec![]), "the sweep goes an hour further back");
}

#[tokio::test]
async fn a_full_check_names_rows_of_kinds_that_have_no_window() {
    let fake = Fake::new();
    let old = NOW - 50 * DAY;
    let kinds = [
        ("customers", json!({"object": "customer", "name": "Ada", "email": "ada@example.com", "balance": 0})),
        ("products", json!({"object": "product", "name": "Tea", "active": true, "metadata": {"sku": "T1"}})),
        (
            "prices",
            json!({"object": "price", "product": "x", "active": true, "currency": "usd", "unit_amount": 5}),
        ),
        ("invoices", json!({"object": "invoice", "status": "paid", "total": 500, "currency": "usd"})),
        ("subscriptions", json!({"object": "subscription", "status": "active", "customer": "x"})),
    ];
    for (list, object) in &kinds {
        for number in 1..=3 {
            let mut object = object.clone();
            object["id"] = json!(format!("{list}_{number}"));
            object["created"] = json!(old + number);
            fake.world().put(list, object);
        }
    }
    let house = House::with(&fake).await;
    house.sync().await;
    for (list, _) in &kinds {
        let table = list.trim_end_matches('s');
        house.tamper(&format!("DELETE FROM {table} WHERE id = '{list}_1'"));
    }
    house.tamper("UPDATE customer SET email = 'eve@example.com' WHERE id = 'customers_2'");
    house.tamper("UPDATE product SET sku = 'T9' WHERE id = 'products_2'");
    house.tamper("UPDATE price SET unit_amount = 1 WHERE id = 'prices_2'");
    house.tamper("UPDATE invoice SET total = 1 WHERE id = 'invoices_2'");
    house.tamper("UPDATE subscription SET status = 'canceled' WHERE id = 'subscriptions_2'");
    // What Stripe changed and deleted without a word.
    edit(&fake, "customers", "customers_3", |object| object["name"] = json!("Grace"));
    fake.world().remove("products", "products_3");
    fake.world().now += 1000;
    assert_eq!(house.sync().await.differences, []);
    let report = house.full().await;
    let mut wanted: Vec<(String, &str)> = Vec::new();
    for (list, _) in &kinds {
        wanted.extend([(format!("{list}_1"), "missing"), (format!("{list}_2"), "changed")]);
    }
    wanted.extend([("customers_3".to_owned(), "changed"), ("products_3".to_owned(), "deleted")]);
    wanted.sort_unstable();
    let wanted: Vec<(&str, &str)> = wanted.iter().map(|(id, what)| (id.as_str(), *what)).collect();
    assert_eq!(found(&report), wanted);
    let certificate = house.mirror.certificate().unwrap().unwrap();
    assert_eq!(certificate.healed.len(), wanted.len(), "the certificate of the check says so");
    house.assert_equals(&fake);
    assert_eq!(house.number("SELECT count(*) FROM customer WHERE email = 'eve@example.com'"), 0);
    assert_eq!(house.full().await.differences, []);
}
