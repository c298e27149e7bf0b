//! Events: each rule of applying them exactly once, in order, and what happens where they cannot decide.

use std::time::Duration;

use serde_json::{Value, json};
use tillbook_mirror::{MirrorError, SyncOptions, SyncReport, Windows};

use crate::fake::{Fake, NOW, customer, payment, refused};
use crate::house::House;

const DAY: i64 = 86_400;

/// A shop with three customers and an old event, synced once.
async fn synced() -> (Fake, House) {
    let fake = Fake::new();
    {
        let mut world = fake.world();
        for number in 1..=3 {
            world.put("customers", customer(&format!("cus_{number}"), NOW - 100 * DAY, "Ada"));
        }
        world.event("customer.created", NOW - 10 * DAY, customer("cus_1", NOW - 100 * DAY, "Ada"));
    }
    let house = House::with(&fake).await;
    house.sync().await;
    fake.drain();
    fake.world().now += 1000;
    (fake, house)
}

/// Changes an object at Stripe and tells it by an event.
fn change(fake: &Fake, kind: &str, list: &str, at: i64, object: Value) -> Value {
    let mut world = fake.world();
    world.put(list, object.clone());
    world.event(kind, at, object)
}

fn named(id: &str, name: &str) -> Value {
    customer(id, NOW - 100 * DAY, name)
}

#[tokio::test]
async fn news_is_applied_once() {
    let (fake, house) = synced().await;
    change(&fake, "customer.updated", "customers", NOW + 500, named("cus_1", "Grace"));
    let before = house.mirror.position().unwrap();
    let report = house.sync().await;
    assert_eq!((report.events, house.json("cus_1").unwrap()["name"].as_str()), (1, Some("Grace")));
    assert_eq!(house.mirror.position().unwrap(), before + 1);
    assert_eq!(house.sync().await.events, 0, "read again, and known");
    assert_eq!(house.mirror.position().unwrap(), before + 1, "no change is told twice");
    house.assert_equals(&fake);
}

#[tokio::test]
async fn an_idle_poll_is_one_request() {
    let (fake, house) = synced().await;
    house.sync().await;
    fake.drain();
    let mut rounds = Vec::new();
    let options = SyncOptions::default();
    let stop = options.cancel.clone();
    let after = |outcome: &Result<SyncReport, MirrorError>| {
        rounds.push(outcome.as_ref().unwrap().requests);
        if rounds.len() == 3 {
            stop.cancel();
        }
    };
    house.mirror.watch(&house.client, &options, Duration::ZERO, &|_| {}, after).await.unwrap();
    assert_eq!(rounds, [1, 1, 1]);
    // Nor does a new start of the program cost more, or somebody who asks twice within a minute.
    let house = house.reopen();
    for windows in [Windows::WhenDue, Windows::OnRequest] {
        house.try_sync(SyncOptions { windows, ..SyncOptions::default() }).await.unwrap();
    }
    let asked = fake.drain();
    assert!(asked.len() == 5 && asked.iter().all(|path| path.starts_with("events?")), "{asked:?}");
}

#[tokio::test]
async fn a_list_that_is_not_offered_does_not_make_polls_dear() {
    let fake = Fake::new();
    fake.world().event("customer.created", NOW - 10 * DAY, named("cus_1", "Ada"));
    fake.world().put("customers", named("cus_1", "Ada"));
    fake.world().ways.push(Box::new(|path, _| (path == "coupons").then(|| refused(404, "no such path"))));
    let house = House::with(&fake).await;
    let first = house.sync().await;
    assert_eq!(first.problems.len(), 1);
    fake.world().now += 20;
    house.sync().await;
    let idle = house.try_sync(SyncOptions::default()).await.unwrap();
    assert_eq!((idle.requests, idle.problems), (1, first.problems), "and it is still told");
    fake.world().ways.clear();
    fake.world().now += 900;
    assert_eq!(house.try_sync(SyncOptions::default()).await.unwrap().problems, []);
}

#[tokio::test]
async fn several_events_of_one_object_in_one_second() {
    let (fake, house) = synced().await;
    // The list tells them in the wrong order; only Stripe itself can say which is the last.
    change(&fake, "customer.updated", "customers", NOW + 500, named("cus_1", "Last"));
    fake.world().event("customer.updated", NOW + 500, named("cus_1", "Second"));
    fake.world().event("customer.updated", NOW + 500, named("cus_1", "First"));
    house.sync().await;
    house.assert_equals(&fake);
    assert!(fake.drain().contains(&"customers/cus_1".to_owned()), "it was read again");
}

#[tokio::test]
async fn creation_and_change_in_one_second_need_no_question() {
    let (fake, house) = synced().await;
    let at = NOW + 500;
    fake.world().event("payment_intent.created", at, payment(1, at, "requires_payment_method"));
    change(&fake, "payment_intent.succeeded", "payment_intents", at, payment(1, at, "succeeded"));
    house.sync().await;
    assert_eq!(
        house.mirror.payment_intent("pi_000001").unwrap().unwrap().status.as_deref(),
        Some("succeeded")
    );
    assert!(!fake.drain().contains(&"payment_intents/pi_000001".to_owned()));
    // The same two told the other way round.
    change(&fake, "payment_intent.succeeded", "payment_intents", at, payment(2, at, "succeeded"));
    fake.world().event("payment_intent.created", at, payment(2, at, "requires_payment_method"));
    house.sync().await;
    assert_eq!(
        house.mirror.payment_intent("pi_000002").unwrap().unwrap().status.as_deref(),
        Some("succeeded")
    );
}

#[tokio::test]
async fn a_new_event_in_a_second_already_read() {
    let (fake, house) = synced().await;
    let at = NOW + 1000;
    change(&fake, "customer.updated", "customers", at, named("cus_1", "Grace"));
    house.sync().await;
    change(&fake, "customer.updated", "customers", at, named("cus_2", "Joan"));
    change(&fake, "customer.updated", "customers", at, named("cus_1", "Edsger"));
    assert_eq!(house.sync().await.events, 2);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn an_event_that_surfaces_late_behind_one_already_read() {
    let (fake, house) = synced().await;
    change(&fake, "customer.updated", "customers", NOW + 900, named("cus_1", "Grace"));
    house.sync().await;
    let late = change(&fake, "customer.updated", "customers", NOW + 600, named("cus_2", "Late"));
    let events = fake.world().lists.remove("events").unwrap();
    let mut sorted: Vec<Value> = events;
    sorted.sort_by_key(|event| event["created"].as_i64());
    assert_ne!(sorted.last(), Some(&late));
    fake.world().lists.insert("events".to_owned(), sorted);
    assert_eq!(house.sync().await.events, 1);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn one_that_is_later_than_a_poll_waits_is_found_by_the_daily_sweep() {
    let (fake, house) = synced().await;
    house.sync().await;
    fake.world().now += 7200;
    change(&fake, "customer.updated", "customers", NOW + 8000, named("cus_1", "Grace"));
    fake.world().now += 1200;
    house.sync().await;
    fake.world().put("customers", named("cus_2", "Late"));
    fake.world().event("customer.updated", NOW + 3000, named("cus_2", "Late"));
    let mut sorted = fake.world().lists.remove("events").unwrap();
    sorted.sort_by_key(|event| event["created"].as_i64());
    fake.world().lists.insert("events".to_owned(), sorted);
    assert_eq!(house.sync().await.events, 0, "behind the anchor");
    fake.world().now = NOW + DAY + 2000;
    assert_eq!(house.sync().await.events, 1);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_change_between_backfill_and_first_poll() {
    let fake = Fake::new();
    fake.world().put("customers", named("cus_1", "Ada"));
    let house = House::with(&fake).await;
    // While the lists are read, a customer that was already listed changes, and one is made.
    let changed = std::sync::atomic::AtomicBool::new(false);
    fake.world().after = Some(Box::new(move |world, _| {
        let listed = world.asked.last().is_some_and(|asked| asked.starts_with("customers"));
        if listed && !changed.swap(true, std::sync::atomic::Ordering::SeqCst) {
            world.now += 5;
            let at = world.now;
            world.put("customers", named("cus_1", "Grace"));
            world.event("customer.updated", at, named("cus_1", "Grace"));
            world.put("customers", customer("cus_2", at, "New"));
            world.event("customer.created", at, customer("cus_2", at, "New"));
        }
    }));
    house.sync().await;
    house.assert_equals(&fake);
}

#[tokio::test]
async fn older_news_never_overwrites_newer() {
    let (fake, house) = synced().await;
    // Of a time before the list was read.
    fake.world().event("customer.updated", NOW - 2 * DAY, named("cus_1", "Long ago"));
    fake.world().event("customer.updated", NOW + 20, named("cus_2", "Newer"));
    fake.world().event("customer.updated", NOW + 10, named("cus_2", "Older"));
    fake.world().put("customers", named("cus_2", "Newer"));
    house.sync().await;
    house.assert_equals(&fake);
}

#[tokio::test]
async fn deletions_leave_tombstones() {
    let (fake, house) = synced().await;
    fake.world().remove("customers", "cus_1");
    fake.world().event("customer.deleted", NOW + 500, named("cus_1", "Ada"));
    // Older news of it comes after; it stays deleted.
    fake.world().event("customer.updated", NOW + 499, named("cus_1", "Grace"));
    house.sync().await;
    assert!(house.is_tombstone("cus_1"));
    assert_eq!(house.number("SELECT count(*) FROM customer WHERE id = 'cus_1' AND name IS NOT NULL"), 0);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn an_ended_subscription_is_no_tombstone() {
    let (fake, house) = synced().await;
    let ended = json!({"id": "sub_1", "object": "subscription", "created": NOW - DAY, "status": "canceled",
        "customer": "cus_1", "items": {"object": "list", "data": [
            {"id": "si_1", "object": "subscription_item", "subscription": "sub_1", "quantity": 2}], "has_more": false}});
    change(&fake, "customer.subscription.deleted", "subscriptions", NOW + 500, ended);
    house.sync().await;
    house.assert_equals(&fake);
    assert_eq!(house.json("si_1").unwrap()["quantity"], 2);
}

#[tokio::test]
async fn duplicates_and_two_events_for_one_change() {
    let (fake, house) = synced().await;
    change(&fake, "customer.updated", "customers", NOW + 500, named("cus_1", "Grace"));
    fake.world().event("customer.updated", NOW + 500, named("cus_1", "Grace"));
    let before = house.mirror.position().unwrap();
    assert_eq!(house.sync().await.events, 2);
    assert_eq!(house.mirror.position().unwrap(), before + 1, "one change");
    assert!(!fake.drain().contains(&"customers/cus_1".to_owned()), "and no question");
}

#[tokio::test]
async fn events_in_another_version_are_fetched_together() {
    let (fake, house) = synced().await;
    {
        let mut world = fake.world();
        for number in 0..1500 {
            let at = NOW - 50 * DAY + number;
            world.put("payment_intents", payment(number, at, "succeeded"));
            let mut old = payment(number, at, "succeeded");
            old["charges"] = json!({"object": "list", "data": []});
            world.event("payment_intent.succeeded", NOW + 500 + number / 10, old);
            world.lists.get_mut("events").unwrap().last_mut().unwrap()["api_version"] = json!("2020-08-27");
        }
        world.now += 400;
    }
    assert_eq!(house.sync().await.events, 1500);
    house.assert_equals(&fake);
    let asked = fake.drain();
    assert!(asked.len() < 60, "{} requests for 1500 objects", asked.len());
    assert_eq!(house.mirror.status().unwrap().dirty, 0);
}

#[tokio::test]
async fn an_empty_event_list_is_a_position_too() {
    let fake = Fake::new();
    fake.world().put("customers", named("cus_1", "Ada"));
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().now += 5;
    change(&fake, "customer.updated", "customers", NOW + 3, named("cus_1", "Grace"));
    assert_eq!(house.sync().await.events, 1);
    house.assert_equals(&fake);
    fake.world().now += 5000;
    assert_eq!(house.sync().await.events, 0);
    change(&fake, "customer.updated", "customers", NOW + 5000, named("cus_1", "Joan"));
    assert_eq!(house.sync().await.events, 1);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn an_object_of_a_kind_never_seen() {
    let (fake, house) = synced().await;
    let novel = json!({"id": "nov_1", "object": "novel.thing", "created": NOW, "deep": {"client_secret": "x", "a": [1]}});
    fake.world().event("novel.thing.created", NOW + 500, novel);
    fake.world().event("balance.available", NOW + 501, json!({"object": "balance", "available": []}));
    assert_eq!(house.sync().await.events, 2);
    assert_eq!(
        house.json("nov_1").unwrap(),
        json!({"id": "nov_1", "object": "novel.thing", "created": NOW, "deep": {"a": [1]}})
    );
}

#[tokio::test]
async fn many_events_wait() {
    let (fake, house) = synced().await;
    {
        let mut world = fake.world();
        for number in 0..5000 {
            let id = format!("cus_{}", number % 3 + 1);
            world.event("customer.updated", NOW + 1 + number, named(&id, &format!("Name {number}")));
        }
        for number in 4997..5000 {
            let id = format!("cus_{}", number % 3 + 1);
            world.put("customers", named(&id, &format!("Name {number}")));
        }
        world.now = NOW + 9000;
    }
    let report = house.sync().await;
    assert_eq!(report.events, 5000);
    assert!(report.requests < 70, "{}", report.requests);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_cursor_that_aged_out() {
    let (fake, house) = synced().await;
    {
        let mut world = fake.world();
        world.lists.get_mut("events").unwrap().clear();
        // Missed for ever: its event is gone.
        world.put("customers", named("cus_1", "Grace"));
        world.remove("customers", "cus_2");
        // Younger than Stripe keeps events: nobody can say what else it has forgotten.
        world.now += 15 * DAY;
    }
    let report = house.sync().await;
    house.assert_equals(&fake);
    assert!(house.is_tombstone("cus_2"));
    assert!(
        report.differences.iter().any(|found| found.what == "gap" && found.healed),
        "{:?}",
        report.differences
    );
    assert_eq!(house.sync().await.differences, [], "told once");
}

#[tokio::test]
async fn a_quiet_shop_that_was_shut_has_no_gap() {
    let (fake, house) = synced().await;
    // Nothing happens for a fortnight, and every poll sees it: the newest event is 24 days old.
    fake.world().now += 14 * DAY;
    house.sync().await;
    // Shut for a week, in which Stripe forgets that event; one thing happens on the way.
    {
        let mut world = fake.world();
        world.now += 7 * DAY;
        let (now, at) = (world.now, world.now - 2 * DAY);
        world
            .lists
            .get_mut("events")
            .unwrap()
            .retain(|event| event["created"].as_i64() > Some(now - 30 * DAY));
        world.put("customers", named("cus_1", "Grace"));
        world.event("customer.updated", at, named("cus_1", "Grace"));
    }
    fake.drain();
    let report = house.try_sync(SyncOptions::default()).await.unwrap();
    assert_eq!((report.events, report.differences), (1, vec![]));
    assert!(!fake.drain().iter().any(|asked| asked.starts_with("customers")), "nothing was listed again");
    house.assert_equals(&fake);
    assert_eq!(report.complete_to, Some(fake.world().now));
}

#[tokio::test]
async fn a_hole_of_31_days() {
    let (fake, house) = synced().await;
    {
        let mut world = fake.world();
        world.put("customers", named("cus_1", "Grace"));
        world.now += 31 * DAY;
        let at = world.now - DAY;
        world.put("customers", named("cus_3", "Joan"));
        world.event("customer.updated", at, named("cus_3", "Joan"));
    }
    let report = house.sync().await;
    house.assert_equals(&fake);
    assert!(report.differences.iter().any(|found| found.what == "gap" && found.id == "hole"));
}

#[tokio::test]
async fn a_quiet_shop_has_no_gap() {
    let (fake, house) = synced().await;
    for _ in 0..5 {
        fake.world().now += 9 * DAY;
        let since = fake.world().now - 30 * DAY;
        fake.world().lists.get_mut("events").unwrap().retain(|event| event["created"].as_i64() > Some(since));
        assert_eq!(house.sync().await.differences, []);
    }
    let at = fake.world().now - 5;
    change(&fake, "customer.updated", "customers", at, named("cus_1", "Grace"));
    assert_eq!(house.sync().await.events, 1);
}

#[tokio::test]
async fn what_has_no_event_arrives_within_a_quarter_of_an_hour() {
    let (fake, house) = synced().await;
    let mut intent = payment(1, NOW + 100, "succeeded");
    change(&fake, "payment_intent.succeeded", "payment_intents", NOW + 100, intent.clone());
    let mut edit = |note: &str| {
        intent["metadata"] = json!({ "note": note });
        fake.world().put("payment_intents", intent.clone());
    };
    let note = || house.json("pi_000001").unwrap()["metadata"]["note"].clone();
    let poll = async |windows| {
        house.try_sync(SyncOptions { windows, ..SyncOptions::default() }).await.unwrap();
    };
    edit("first");
    poll(Windows::WhenDue).await;
    assert_eq!(note(), "first", "the first sync after the copy looks");
    edit("second");
    for (later, windows, seen) in
        [(59, Windows::OnRequest, "first"), (1, Windows::WhenDue, "first"), (0, Windows::OnRequest, "second")]
    {
        fake.world().now += later;
        poll(windows).await;
        assert_eq!(note(), seen, "{windows:?}");
    }
    edit("third");
    for (later, seen) in [(899, "second"), (1, "third")] {
        fake.world().now += later;
        poll(Windows::WhenDue).await;
        assert_eq!(note(), seen);
    }
    // Whoever reads other lists takes no look away.
    edit("fourth");
    fake.world().now += 2 * DAY;
    let resources = Some(vec!["customers".to_owned()]);
    house.try_sync(SyncOptions { resources, ..SyncOptions::default() }).await.unwrap();
    poll(Windows::WhenDue).await;
    assert_eq!(note(), "fourth");
}

#[tokio::test]
async fn a_hole_is_seen_by_a_new_start_that_does_not_know_the_time() {
    let (fake, house) = synced().await;
    let house = house.reopen();
    // Stripe still knows the anchor, and no longer what came behind it.
    fake.world().put("customers", named("cus_1", "Grace"));
    fake.world().now += 31 * DAY;
    let report = house.try_sync(SyncOptions::default()).await.unwrap();
    assert!(report.differences.iter().any(|found| found.what == "gap" && found.id == "hole"));
    house.assert_equals(&fake);
}

#[tokio::test]
async fn what_has_no_event_is_read_again() {
    let (fake, house) = synced().await;
    let mut intent = payment(1, NOW + 100, "succeeded");
    change(&fake, "payment_intent.succeeded", "payment_intents", NOW + 100, intent.clone());
    let txn = |status: &str| {
        json!({"id": "txn_1", "object": "balance_transaction", "created": NOW + 100, "amount": 1001, "fee": 59,
            "net": 942, "currency": "usd", "type": "charge", "status": status, "available_on": NOW + 2 * DAY, "source": "ch_1"})
    };
    fake.world().put("balance_transactions", txn("pending"));
    house.sync().await;
    house.assert_equals(&fake);
    intent["metadata"] = json!({"note": "edited without an event"});
    fake.world().put("payment_intents", intent);
    fake.world().now += 3600;
    house.sync().await;
    house.assert_equals(&fake);
    fake.world().put("balance_transactions", txn("available"));
    fake.world().now += 3 * DAY;
    house.sync().await;
    house.assert_equals(&fake);
}
