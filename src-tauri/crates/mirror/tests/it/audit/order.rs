//! News in order, and objects inside others.

use serde_json::{Value, json};

use super::{DAY, change, named, synced};
use crate::fake::{Fake, NOW};
use crate::house::House;

#[tokio::test]
async fn news_from_the_future_does_not_freeze_an_object() {
    let (fake, house) = synced().await;
    change(&fake, NOW + 400 * DAY, named("cus_1", "Tomorrow"));
    house.sync().await;
    fake.world().put("customers", named("cus_1", "Today"));
    fake.world().now += 5000;
    house.full().await;
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_full_check_replaces_what_a_wrong_clock_stamped() {
    let (fake, house) = synced().await;
    house.tamper("UPDATE customer SET as_of = as_of + 40000000, until = until + 40000000");
    house.tamper("UPDATE customer SET deleted = 1, raw = x'' WHERE id = 'cus_3'");
    fake.world().put("customers", named("cus_1", "Today"));
    fake.world().remove("customers", "cus_2");
    fake.world().now += 5000;
    house.full().await;
    assert!(house.is_tombstone("cus_2"), "what is not on the list is gone");
    house.assert_equals(&fake);
}

fn subscription(items: std::ops::Range<i64>, all: i64) -> Value {
    let data: Vec<Value> = items
        .map(|n| json!({"id": format!("si_{n}"), "object": "subscription_item", "created": NOW - DAY, "subscription": "sub_1", "quantity": n}))
        .collect();
    json!({"id": "sub_1", "object": "subscription", "created": NOW - DAY, "status": "active", "customer": "cus_1",
        "items": {"object": "list", "data": data, "has_more": all > 10}})
}

fn put_items(fake: &Fake, items: std::ops::Range<i64>) {
    let mut world = fake.world();
    world.lists.remove("subscription_items");
    for n in items {
        world.put(
            "subscription_items",
            json!({"id": format!("si_{n}"), "object": "subscription_item",
            "created": NOW - DAY, "subscription": "sub_1", "quantity": n}),
        );
    }
}

#[tokio::test]
async fn nested_lists_are_read_to_their_end_and_follow_what_goes() {
    let fake = Fake::new();
    fake.world().put("subscriptions", subscription(0..10, 250));
    put_items(&fake, 0..250);
    let house = House::with(&fake).await;
    house.sync().await;
    let here = || house.number("SELECT count(*) FROM subscription_item WHERE deleted = 0");
    assert_eq!(here(), 250, "read to the end");
    assert!(
        fake.drain().iter().any(|asked| asked.starts_with("subscriptions") && asked.contains("status=all"))
    );
    // Ten more go; the list is still longer than what the subscription shows.
    fake.world().now += 1000;
    put_items(&fake, 10..250);
    let mut smaller = subscription(10..20, 240);
    smaller["status"] = json!("past_due");
    fake.world().put("subscriptions", smaller.clone());
    fake.world().event("customer.subscription.updated", NOW + 900, smaller);
    house.sync().await;
    assert_eq!(here(), 240, "what is not in it any more is gone");
}

#[tokio::test]
async fn a_deletion_in_the_second_of_a_read_is_decided_by_stripe() {
    let (fake, house) = synced().await;
    // Read again in the very second in which the event says that it went: it is still there.
    house.mirror.fetch(&house.client, "customers", "cus_1").await.unwrap();
    let at = fake.world().now;
    fake.world().event("customer.deleted", at, named("cus_1", "Ada"));
    fake.world().event("customer.deleted", at, named("cus_2", "Ada"));
    fake.world().remove("customers", "cus_2");
    house.sync().await;
    assert!(!house.is_tombstone("cus_1") && house.is_tombstone("cus_2"));
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_change_between_list_and_poll_that_surfaces_late_is_not_lost() {
    let fake = Fake::new();
    fake.world().put("customers", named("cus_1", "Ada"));
    fake.world().event("customer.created", NOW - 10 * DAY, named("cus_1", "Ada"));
    let house = House::with(&fake).await;
    house.sync().await;
    // It happened while the list was read, and is told minutes later, behind another one.
    fake.world().now += 300;
    fake.world().put("customers", named("cus_1", "Grace"));
    fake.world().event("customer.updated", NOW + 1, named("cus_1", "Grace"));
    house.sync().await;
    house.assert_equals(&fake);
}

#[tokio::test]
async fn twenty_thousand_events_wait_and_arrive_in_order() {
    let (fake, house) = synced().await;
    {
        let mut world = fake.world();
        for number in 0..20_000 {
            world.event("customer.updated", NOW + 1 + number / 25, named("cus_1", &format!("Name {number}")));
        }
        world.put("customers", named("cus_1", "Name 19999"));
        world.now = NOW + 2000;
    }
    let report = house.sync().await;
    assert_eq!(report.events, 20_000);
    assert!(report.requests < 230, "{}", report.requests);
    house.assert_equals(&fake);
    assert_eq!(house.number("SELECT count(*) FROM dirty"), 0);
}

#[tokio::test]
async fn a_clock_that_is_behind_keeps_no_news_out() {
    let (fake, house) = synced().await;
    house.clock.set_ms((NOW - 3600) * 1000);
    let house = house.reopen();
    change(&fake, NOW + 999, named("cus_1", "Grace"));
    house.sync().await;
    house.assert_equals(&fake);
    let taken = named("cus_2", "Joan");
    fake.world().put("customers", taken.clone());
    // What a reply brought is stamped with Stripe's clock, as the till does.
    house.mirror.take(taken.to_string().as_bytes(), (NOW + 1000) * 1000).unwrap();
    house.assert_equals(&fake);
}

#[tokio::test]
async fn readers_and_places_have_no_event_and_are_looked_at_again() {
    let (fake, house) = synced().await;
    fake.world().put("terminal/readers", json!({"id": "tmr_1", "object": "terminal.reader", "label": "New"}));
    fake.world().put(
        "terminal/locations",
        json!({"id": "tml_1", "object": "terminal.location", "display_name": "Main street"}),
    );
    fake.world().now += 2 * DAY;
    house.sync().await;
    assert!(house.json("tmr_1").is_some() && house.json("tml_1").is_some());
}

#[tokio::test]
async fn payment_methods_of_a_customer_are_read_to_their_end() {
    let (fake, house) = synced().await;
    fake.world().ways.push(Box::new(|path, query| {
        let rest = if query.contains("starting_after") { 100..150 } else { 0..100 };
        let data: Vec<Value> = rest
            .map(|n| json!({"id": format!("pm_{n}"), "object": "payment_method", "created": NOW - n, "customer": "cus_1", "type": "card"}))
            .collect();
        let body = json!({"object": "list", "data": data, "has_more": data.len() == 100, "url": "/v1/x"});
        (path == "customers/cus_1/payment_methods").then(|| (200, body.to_string()))
    }));
    house.mirror.fetch_payment_methods(&house.client, "cus_1").await.unwrap();
    assert_eq!(house.number("SELECT count(*) FROM payment_method"), 150);
}

#[tokio::test]
async fn a_line_of_a_deleted_invoice_goes_with_it() {
    let (fake, house) = synced().await;
    let invoice = json!({"id": "in_1", "object": "invoice", "created": NOW - DAY, "status": "draft", "customer": "cus_1",
        "lines": {"object": "list", "has_more": false, "data": [
            {"id": "il_1", "object": "line_item", "invoice": "in_1", "amount": 5, "currency": "usd"}]}});
    fake.world().put("invoices", invoice.clone());
    fake.world().event("invoice.created", NOW + 100, invoice.clone());
    house.sync().await;
    fake.world().remove("invoices", "in_1");
    fake.world().event("invoice.deleted", NOW + 500, invoice);
    house.sync().await;
    assert!(house.is_tombstone("in_1"));
    assert_eq!(house.number("SELECT count(*) FROM invoice_line WHERE deleted = 0"), 0);
}
