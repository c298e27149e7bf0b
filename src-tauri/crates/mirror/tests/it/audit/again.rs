//! What is read again: what waits, what is believed, and what goes with what is gone.

use serde_json::{Value, json};
use tillbook_mirror::SyncOptions;

use super::{DAY, change_foreign, named, synced};
use crate::fake::{Fake, NOW, refused};
use crate::house::House;

/// A poll as a loop of polls makes it.
async fn poll(house: &House) {
    house.try_sync(SyncOptions::default()).await.unwrap();
}

fn asked_for(fake: &Fake, path: &str) -> usize {
    fake.drain().iter().filter(|asked| asked.as_str() == path).count()
}

fn fails(fake: &Fake, paths: &'static [&'static str]) {
    fake.world().ways.push(Box::new(move |path, _| paths.contains(&path).then(|| refused(500, "oops"))));
}

#[tokio::test]
async fn what_cannot_be_read_waits_longer_each_time_and_names_itself() {
    let (fake, house) = synced().await;
    poll(&house).await;
    change_foreign(&fake, NOW + 500, named("cus_1", "Grace"));
    fails(&fake, &["customers/cus_1"]);
    let mut tries = Vec::new();
    for step in 0..40 {
        fake.drain();
        poll(&house).await;
        if asked_for(&fake, "customers/cus_1") > 0 {
            tries.push(step);
        }
        fake.world().now += 300;
    }
    assert_eq!(tries, [0, 3, 9, 21]);
    let problems = house.mirror.status().unwrap().problems;
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    assert_eq!((problem.resource.as_str(), problem.code.as_str()), ("customers", "unread"));
    assert!(problem.text.contains("cus_1"), "{}", problem.text);
    // Whoever asks does not wait.
    fake.world().ways.clear();
    assert_eq!(house.sync().await.problems, []);
    house.assert_equals(&fake);
    assert_eq!(house.mirror.status().unwrap().problems, []);
}

#[tokio::test]
async fn a_stripe_that_fails_at_every_object_is_not_asked_for_each() {
    let (fake, house) = synced().await;
    for number in 1..=12 {
        let id = format!("cus_{number}");
        let mut spread = named(&id, "Grace");
        spread["created"] = json!(NOW - 90 * DAY + number * DAY);
        change_foreign(&fake, NOW + 500, spread);
    }
    fake.world().ways.push(Box::new(|path, _| path.starts_with("customers").then(|| refused(503, "down"))));
    poll(&house).await;
    let asked = fake.drain().iter().filter(|asked| asked.starts_with("customers")).count();
    assert!(asked <= 44, "eleven objects, each four times: {asked}");
    let report = house.try_sync(SyncOptions::default()).await.unwrap();
    assert_eq!(fake.drain().iter().filter(|asked| asked.starts_with("customers")).count(), 0);
    assert!(report.problems.iter().any(|p| p.resource == "customers"), "{:?}", report.problems);
    fake.world().ways.clear();
    fake.world().now += 2000;
    poll(&house).await;
    house.assert_equals(&fake);
    assert_eq!(house.mirror.status().unwrap().problems, []);
}

#[tokio::test]
async fn no_network_ends_the_sync_and_nothing_is_put_off() {
    let (fake, house) = synced().await;
    change_foreign(&fake, NOW + 500, named("cus_1", "Grace"));
    fake.world().ways.push(Box::new(|path, _| (path == "customers/cus_1").then(|| refused(401, "no key"))));
    assert!(house.try_sync(SyncOptions::default()).await.is_err());
    assert_eq!(house.number("SELECT count(*) FROM dirty WHERE tries = 0"), 1);
    fake.world().ways.clear();
    poll(&house).await;
    house.assert_equals(&fake);
}

#[tokio::test]
async fn another_object_is_no_answer() {
    let (fake, house) = synced().await;
    change_foreign(&fake, NOW + 500, named("cus_1", "Grace"));
    let other = named("cus_2", "Ada").to_string();
    fake.world()
        .ways
        .push(Box::new(move |path, _| (path == "customers/cus_1").then(|| (200, other.clone()))));
    poll(&house).await;
    assert_eq!(house.mirror.status().unwrap().dirty, 1);
    fake.world().ways.clear();
    house.sync().await;
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_budget_that_is_used_up_leaves_a_few_reads_to_each_sync() {
    let fake = Fake::new();
    many(&fake, 600);
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().now += 5000;
    for number in 0..45 {
        fake.world().remove("customers", &format!("cus_{}", number * 13));
    }
    house.tamper(
        "INSERT INTO dirty (kind, id, created, reason, mark)
         SELECT 'customer', id, created, 'unlisted', 0 FROM customer WHERE substr(id, 5) % 13 = 0",
    );
    let day = (NOW + 3600).div_euclid(DAY);
    house.tamper(&format!("INSERT INTO spent (day, purpose, requests) VALUES ({day}, 'test', 100000)"));
    let before = house.mirror.status().unwrap().dirty;
    assert!((45..=50).contains(&before), "{before}");
    fake.drain();
    let mut left = before;
    for _ in 0..20 {
        let options = SyncOptions { governed: Some(true), ..SyncOptions::default() };
        house.try_sync(options).await.unwrap();
        let asked = fake.drain().iter().filter(|asked| asked.starts_with("customers/")).count();
        assert!(asked <= 8, "{asked} reads of a budget that is used up");
        let dirty = house.mirror.status().unwrap().dirty;
        assert!(dirty < left || left == 0, "it goes on with the next sync: {dirty} of {left}");
        left = dirty;
    }
    assert_eq!(left, 0);
    house.assert_equals(&fake);
}

fn many(fake: &Fake, customers: i64) {
    for number in 0..customers {
        let mut one = named(&format!("cus_{number}"), "Ada");
        one["created"] = json!(NOW - 100 * DAY + number * 60);
        fake.world().put("customers", one);
    }
}

#[tokio::test]
async fn many_deletions_that_nobody_told_are_found() {
    let fake = Fake::new();
    many(&fake, 600);
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().now += 5000;
    for number in 100..300 {
        fake.world().remove("customers", &format!("cus_{number}"));
    }
    house.full().await;
    house.assert_equals(&fake);
    assert!(house.is_tombstone("cus_100"));
    fake.world().now += 5000;
    house.sync().await;
    assert_eq!(house.number("SELECT count(*) FROM difference WHERE what = 'deleted'"), 200);
    assert_eq!(house.mirror.status().unwrap().problems, []);
}

#[tokio::test]
async fn a_list_that_leaves_records_out_is_told_and_takes_nothing_away() {
    let fake = Fake::new();
    many(&fake, 600);
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().now += 5000;
    fake.world().ways.push(Box::new(|path, _| {
        let empty = r#"{"object":"list","data":[],"has_more":false,"url":"/v1/customers"}"#;
        (path == "customers").then(|| (200, empty.to_owned()))
    }));
    let report = house.full().await;
    assert!(report.problems.iter().any(|p| p.code == "unlisted"), "{:?}", report.problems);
    let status = house.mirror.status().unwrap();
    assert!(status.dirty > 500, "the backlog is shown: {}", status.dirty);
    house.assert_equals(&fake);
    fake.drain();
    fake.world().now += 60;
    poll(&house).await;
    assert_eq!(fake.drain().iter().filter(|asked| asked.starts_with("customers")).count(), 0, "it waits");
    fake.world().ways.clear();
    fake.world().now += 1000;
    poll(&house).await;
    let asked = fake.drain().iter().filter(|asked| asked.starts_with("customers")).count();
    assert!(asked < 30, "listed again, not asked for one by one: {asked}");
    house.assert_equals(&fake);
    let status = house.mirror.status().unwrap();
    assert_eq!((status.dirty, status.problems), (0, Vec::new()));
}

fn invoice(lines: &[(&str, i64)], has_more: bool) -> Value {
    let lines: Vec<Value> = lines.iter().map(|(id, amount)| line(id, *amount)).collect();
    json!({"id": "in_1", "object": "invoice", "created": NOW - DAY, "status": "draft", "customer": "cus_1",
        "lines": {"object": "list", "has_more": has_more, "data": lines}})
}

fn line(id: &str, amount: i64) -> Value {
    json!({"id": id, "object": "line_item", "invoice": "in_1", "amount": amount, "currency": "usd"})
}

fn lines_of(fake: &Fake, lines: Vec<Value>, has_more: bool) {
    fake.world().ways.push(Box::new(move |path, _| {
        let body = json!({"object": "list", "data": lines, "has_more": has_more, "url": "/v1/x"});
        (path == "invoices/in_1/lines").then(|| (200, body.to_string()))
    }));
}

async fn with_invoice(has_more: bool) -> (Fake, House) {
    let (fake, house) = synced().await;
    let invoice = invoice(&[("il_1", 5), ("il_2", 6)], has_more);
    fake.world().put("invoices", invoice.clone());
    fake.world().event("invoice.created", NOW + 100, invoice);
    if has_more {
        lines_of(&fake, vec![line("il_1", 5), line("il_2", 6), line("il_3", 7)], false);
    }
    house.sync().await;
    fake.world().ways.clear();
    fake.world().now += 1000;
    (fake, house)
}

fn lines_here(house: &House) -> i64 {
    house.number("SELECT count(*) FROM invoice_line WHERE deleted = 0")
}

#[tokio::test]
async fn a_line_in_doubt_has_its_invoice_asked() {
    let (fake, house) = with_invoice(false).await;
    house.tamper(
        "INSERT INTO dirty (kind, id, created, reason, mark) VALUES ('invoice_line', 'il_1', 0, 'test', 0)",
    );
    lines_of(&fake, vec![line("il_1", 9)], false);
    house.sync().await;
    assert_eq!(house.json("il_1").unwrap()["amount"], 9);
    assert_eq!(lines_here(&house), 1, "and what is not on it any more is gone");
    assert_eq!(house.mirror.status().unwrap().dirty, 0);
}

#[tokio::test]
async fn a_nested_list_that_goes_in_circles_takes_nothing_away() {
    let (fake, house) = with_invoice(true).await;
    assert_eq!(lines_here(&house), 3);
    let mut changed = invoice(&[("il_1", 5)], true);
    changed["status"] = json!("open");
    fake.world().put("invoices", changed.clone());
    fake.world().event("invoice.updated", NOW + 1500, changed);
    lines_of(&fake, vec![line("il_1", 5)], true);
    super::fuse(&fake, 100);
    poll(&house).await;
    assert_eq!(lines_here(&house), 3);
    let status = house.mirror.status().unwrap();
    assert_eq!(status.dirty, 1);
    assert!(status.problems.iter().any(|p| p.resource == "invoices" && p.text.contains("in_1")));
    fake.world().ways.clear();
    lines_of(&fake, vec![line("il_1", 5)], false);
    house.sync().await;
    assert_eq!(lines_here(&house), 1);
    assert_eq!(house.mirror.status().unwrap().problems, []);
}

#[tokio::test]
async fn lines_of_an_invoice_that_is_not_there_any_more_go_with_it() {
    let (fake, house) = with_invoice(true).await;
    fake.world().remove("invoices", "in_1");
    house.tamper(
        "INSERT INTO dirty (kind, id, created, reason, mark) VALUES ('invoice_line', 'in_1', 0, 'nested', 0)",
    );
    house.sync().await;
    assert!(house.is_tombstone("in_1"), "no event told, and its lines could not be read");
    assert_eq!((lines_here(&house), house.mirror.status().unwrap().dirty), (0, 0));
}

#[tokio::test]
async fn a_payment_method_that_was_detached_leaves_its_customer() {
    let (fake, house) = synced().await;
    let method = |id: &str, customer: Value| json!({"id": id, "object": "payment_method", "created": NOW - 5, "customer": customer, "type": "card"});
    let list = |fake: &Fake, ids: &[&str]| {
        let data: Vec<Value> = ids.iter().map(|id| method(id, json!("cus_1"))).collect();
        let body = json!({"object": "list", "data": data, "has_more": false, "url": "/v1/x"});
        fake.world().ways.clear();
        fake.world().ways.push(Box::new(move |path, _| {
            (path == "customers/cus_1/payment_methods").then(|| (200, body.to_string()))
        }));
    };
    list(&fake, &["pm_1", "pm_2", "pm_3"]);
    house.mirror.fetch_payment_methods(&house.client, "cus_1").await.unwrap();
    fake.world().now += 100;
    list(&fake, &["pm_1"]);
    fake.world().put("payment_methods", method("pm_2", Value::Null));
    assert_eq!(house.mirror.fetch_payment_methods(&house.client, "cus_1").await.unwrap(), 1);
    let of = "SELECT count(*) FROM payment_method WHERE customer = 'cus_1' AND deleted = 0";
    assert_eq!(house.number(of), 1);
    assert!(house.json("pm_2").unwrap()["customer"].is_null(), "detached, and still a record of Stripe's");
    assert!(house.is_tombstone("pm_3"), "Stripe has it no more");
}
