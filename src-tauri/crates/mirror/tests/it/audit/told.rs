//! What is said of the copy is so.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tillbook_mirror::{Cancel, Doubt, NotCompared, Progress, SyncOptions};

use super::{DAY, named, synced};
use crate::fake::{Fake, NOW, payment, refused};
use crate::house::House;

#[tokio::test]
async fn the_estimate_is_of_this_world() {
    let fake = Fake::new();
    for number in 0..2000 {
        fake.world().put("payment_intents", payment(number, NOW - 390 * DAY + number * 16_000, "succeeded"));
    }
    let house = House::with(&fake).await;
    let largest = AtomicUsize::new(0);
    let note = |progress: Progress| {
        largest.fetch_max(usize::try_from(progress.estimate).unwrap_or(usize::MAX), Ordering::SeqCst);
    };
    house.mirror.sync(&house.client, &SyncOptions::default(), &note).await.unwrap();
    let largest = largest.into_inner();
    assert!(largest < 20_000, "2,000 objects were announced as {largest}");
}

#[tokio::test]
async fn the_estimate_survives_a_new_start() {
    let fake = Fake::new();
    for number in 0..3000 {
        fake.world().put("payment_intents", payment(number, NOW - 390 * DAY + number * 10_000, "succeeded"));
    }
    let house = House::with(&fake).await;
    let cancel = Cancel::new();
    let (switch, pages) = (cancel.clone(), AtomicUsize::new(0));
    let options = SyncOptions { cancel, ..SyncOptions::default() };
    let stop = |_| {
        if pages.fetch_add(1, Ordering::SeqCst) == 15 {
            switch.cancel();
        }
    };
    let _ = house.mirror.sync(&house.client, &options, &stop).await;
    let house = house.reopen();
    let largest = AtomicUsize::new(0);
    let note = |progress: Progress| {
        largest.fetch_max(usize::try_from(progress.estimate).unwrap_or(usize::MAX), Ordering::SeqCst);
    };
    house.mirror.sync(&house.client, &SyncOptions::default(), &note).await.unwrap();
    let largest = largest.into_inner();
    assert!(largest < 30_000, "3,000 objects were announced as {largest}");
}

fn with_balance(fake: &Fake, amount: i64) {
    fake.world().ways.push(Box::new(move |path, _| {
        let balance =
            json!({"object": "balance", "available": [{"amount": amount, "currency": "usd"}], "pending": []});
        (path == "balance").then(|| (200, balance.to_string()))
    }));
}

fn txn(number: i64) -> Value {
    json!({"id": format!("txn_{number}"), "object": "balance_transaction", "created": NOW - 5 * DAY + number,
        "amount": 100, "fee": 0, "net": 100, "currency": "usd", "type": "charge", "status": "available",
        "available_on": NOW - 3 * DAY, "source": null})
}

#[tokio::test]
async fn what_was_not_put_right_is_not_called_healed() {
    let fake = Fake::new();
    fake.world().put("balance_transactions", txn(1));
    with_balance(&fake, 999);
    let house = House::with(&fake).await;
    house.sync().await;
    let certificate = house.mirror.certificate().unwrap().unwrap();
    assert!(!certificate.holds && !certificate.doubts.is_empty());
    assert_eq!(certificate.healed, []);
}

#[tokio::test]
async fn sums_that_add_up_later_are_healed() {
    let fake = Fake::new();
    fake.world().put("balance_transactions", txn(1));
    with_balance(&fake, 999);
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().ways.clear();
    with_balance(&fake, 100);
    fake.world().now += 2 * DAY;
    house.sync().await;
    assert!(house.mirror.certificate().unwrap().unwrap().holds);
    assert_eq!(house.number("SELECT count(*) FROM difference WHERE healed_at IS NULL"), 0);
}

#[tokio::test]
async fn a_certificate_names_what_was_never_copied() {
    let fake = Fake::new();
    fake.world().put("customers", named("cus_1", "Ada"));
    fake.world().put("payment_intents", payment(1, NOW - DAY, "succeeded"));
    let house = House::with(&fake).await;
    let resources = Some(vec!["customers".to_owned()]);
    house.try_sync(SyncOptions { resources, ..SyncOptions::default() }).await.unwrap();
    let certificate = house.mirror.certificate().unwrap();
    assert!(
        certificate.is_none_or(|c| !c.holds),
        "no payment was ever copied, and the copy is called proven"
    );
}

#[tokio::test]
async fn a_certificate_says_that_the_balance_was_not_compared() {
    let fake = Fake::new();
    fake.world().put("balance_transactions", txn(1));
    fake.world().ways.push(Box::new(|path, _| (path == "balance").then(|| refused(403, "no"))));
    let house = House::with(&fake).await;
    house.sync().await;
    let certificate = house.mirror.certificate().unwrap().unwrap();
    assert!(!certificate.holds || !certificate.doubts.is_empty(), "{certificate:?}");
}

#[tokio::test]
async fn the_sweep_tells_no_delay_of_what_was_never_awaited() {
    let fake = Fake::new();
    fake.world().put("customers", named("cus_1", "Ada"));
    for minutes in 1..=5 {
        fake.world().event("customer.updated", NOW - 600 - minutes * 300, named("cus_1", "Ada"));
    }
    let mut events = fake.world().lists.remove("events").unwrap();
    events.sort_by_key(|event| event["created"].as_i64());
    fake.world().lists.insert("events".to_owned(), events);
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().now += DAY + 60;
    house.sync().await;
    let slowest = house.mirror.delays_since(0).unwrap().iter().map(|delay| delay.max_s).max().unwrap_or(0);
    assert!(slowest < 3600, "an event of before the copy is told as {slowest} s late");
}

#[tokio::test]
async fn complete_to_never_goes_back() {
    let (fake, house) = synced().await;
    house.sync().await;
    house.sync().await;
    let before = house.mirror.status().unwrap().complete_to;
    let house = house.reopen();
    house.sync().await;
    assert!(house.mirror.status().unwrap().complete_to >= before);
    drop(fake);
}

#[tokio::test]
async fn a_balance_that_the_key_may_not_read_is_named_until_it_may() {
    let fake = Fake::new();
    fake.world().put("balance_transactions", txn(1));
    with_balance(&fake, 100);
    fake.world().ways.insert(0, Box::new(|path, _| (path == "balance").then(|| refused(403, "no"))));
    let house = House::with(&fake).await;
    house.sync().await;
    let certificate = house.mirror.certificate().unwrap().unwrap();
    assert_eq!((certificate.holds, certificate.not_compared), (false, Some(NotCompared::Permission)));
    let problems = house.mirror.status().unwrap().problems;
    assert!(problems.iter().any(|p| p.resource == "balance" && p.code == "permission"), "{problems:?}");
    drop(fake.world().ways.remove(0));
    fake.world().now += 2 * DAY;
    house.sync().await;
    let certificate = house.mirror.certificate().unwrap().unwrap();
    assert_eq!((certificate.holds, certificate.not_compared, certificate.balance.len()), (true, None, 1));
    assert_eq!(house.mirror.status().unwrap().problems, []);
}

#[tokio::test]
async fn money_that_moves_too_fast_to_be_counted_is_said_and_counted_later() {
    let fake = Fake::new();
    fake.world().put("balance_transactions", txn(1));
    let mut number = 1;
    let newest = move |path: &str, query: &str| {
        let is_counted = path == "balance_transactions" && !query.contains("created");
        number += i64::from(is_counted);
        let body = json!({"object": "list", "data": [txn(number)], "has_more": false, "url": "/v1/x"});
        is_counted.then(|| (200, body.to_string()))
    };
    fake.world().ways.push(Box::new(newest));
    with_balance(&fake, 100);
    let house = House::with(&fake).await;
    house.sync().await;
    let certificate = house.mirror.certificate().unwrap().unwrap();
    assert_eq!((certificate.not_compared, &certificate.balance), (Some(NotCompared::Moving), &Vec::new()));
}

#[tokio::test]
async fn a_difference_that_nobody_could_look_at_again_stays_open_until_the_sums_agree() {
    let fake = Fake::new();
    fake.world().put("balance_transactions", txn(1));
    with_balance(&fake, 999);
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().now += 2 * DAY;
    house.sync().await;
    assert_eq!(house.number("SELECT count(*) FROM difference"), 1, "one, however often it was found");
    fake.world().ways.insert(0, Box::new(|path, _| (path == "balance").then(|| refused(403, "no"))));
    fake.world().now += 2 * DAY;
    house.sync().await;
    let certificate = house.mirror.certificate().unwrap().unwrap();
    assert!(!certificate.holds);
    assert_eq!((certificate.healed.len(), certificate.open.len()), (0, 1));
    let is_open = |doubt: &Doubt| matches!(doubt, Doubt::Open { id, .. } if id == "usd");
    assert!(certificate.causes.iter().any(is_open), "{:?}", certificate.doubts);
    fake.world().ways.clear();
    with_balance(&fake, 100);
    fake.world().now += 2 * DAY;
    house.sync().await;
    let certificate = house.mirror.certificate().unwrap().unwrap();
    assert!(certificate.holds, "{:?}", certificate.doubts);
    assert_eq!((certificate.healed.len(), certificate.open.len()), (1, 0), "told as healed once it is");
    fake.world().now += 2 * DAY;
    house.sync().await;
    assert_eq!(house.mirror.certificate().unwrap().unwrap().healed, []);
}

#[tokio::test]
async fn a_full_check_that_could_not_read_the_money_audits_no_day() {
    let fake = Fake::new();
    for number in 1..=20 {
        fake.world().put("balance_transactions", txn(number));
    }
    for number in 0..20 {
        fake.world().put("payment_intents", payment(number, NOW - 9 * DAY + number * 1000, "succeeded"));
    }
    let house = House::with(&fake).await;
    house.sync().await;
    let before = house.mirror.certificate().unwrap().unwrap().audited_to;
    fake.world().now += 3 * DAY;
    fake.world()
        .ways
        .insert(0, Box::new(|path, _| (path == "balance_transactions").then(|| refused(403, "no"))));
    let _ = house.try_sync(SyncOptions { full: true, ..SyncOptions::default() }).await;
    let certificate = house.mirror.certificate().unwrap().unwrap();
    assert_eq!((certificate.holds, certificate.audited_to), (false, before), "{certificate:?}");
    assert_eq!(certificate.not_compared, Some(NotCompared::Permission));
}
