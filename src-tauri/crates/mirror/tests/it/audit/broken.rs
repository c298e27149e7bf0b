//! What fails half-way: it is told, gone on with, and stops nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use tillbook_mirror::{MirrorError, SyncOptions};

use super::{DAY, change, change_foreign, fuse, named, synced};
use crate::fake::{Fake, NOW, refused};
use crate::house::House;

#[tokio::test]
async fn a_gap_whose_healing_was_broken_off_is_healed_later() {
    let (fake, house) = synced().await;
    fake.world().put("customers", named("cus_1", "Grace"));
    fake.world().now += 31 * DAY;
    let mut lists = 0;
    fake.world().ways.push(Box::new(move |path, _| {
        lists += usize::from(path == "customers");
        (lists > 0 && path == "customers").then(|| refused(401, "Invalid API Key"))
    }));
    assert!(house.try_sync(SyncOptions::default()).await.is_err());
    fake.world().ways.clear();
    let house = house.reopen();
    house.sync().await;
    house.assert_equals(&fake);
    assert_eq!(
        house.number("SELECT count(*) FROM difference WHERE healed_at IS NULL"),
        0,
        "healed, and said so"
    );
    assert_eq!(house.number("SELECT count(*) FROM state WHERE name = 'gap'"), 0, "no gap is left");
    house.full().await;
    let certificate = house.mirror.certificate().unwrap().unwrap();
    assert!(certificate.holds, "{:?}", certificate.doubts);
}

#[tokio::test]
async fn no_permission_for_events_lets_the_rest_sync() {
    let fake = Fake::new();
    fake.world().put("customers", named("cus_1", "Ada"));
    fake.world().ways.push(Box::new(|path, _| (path == "events").then(|| refused(403, "no"))));
    let house = House::with(&fake).await;
    let report = house.try_sync(SyncOptions::default()).await;
    assert!(house.json("cus_1").is_some(), "the rest is here: {report:?}");
    let report = report.unwrap();
    assert!(report.problems.iter().any(|p| p.resource == "events" && p.code == "permission"), "{report:?}");
}

#[tokio::test]
async fn a_list_that_is_down_keeps_no_news_out() {
    let fake = Fake::new();
    fake.world().put("customers", named("cus_1", "Ada"));
    fake.world().event("customer.created", NOW - 10 * DAY, named("cus_1", "Ada"));
    fake.world().ways.push(Box::new(|path, _| (path == "coupons").then(|| refused(500, "oops"))));
    let house = House::with(&fake).await;
    let first = house.try_sync(SyncOptions::default()).await;
    fake.world().now += 1000;
    change(&fake, NOW + 900, named("cus_1", "Grace"));
    let second = house.try_sync(SyncOptions::default()).await;
    assert_eq!(house.json("cus_1").unwrap()["name"], "Grace", "{first:?} {second:?}");
}

#[tokio::test]
async fn one_object_that_cannot_be_read_stops_nothing_else() {
    let (fake, house) = synced().await;
    change_foreign(&fake, NOW + 500, named("cus_1", "Grace"));
    change_foreign(&fake, NOW + 500, named("cus_2", "Grace"));
    fake.world().ways.push(Box::new(|path, _| (path == "customers/cus_1").then(|| refused(500, "oops"))));
    fake.world().now += 2 * DAY;
    let outcome = house.try_sync(SyncOptions::default()).await;
    assert_eq!(house.json("cus_2").unwrap()["name"], "Grace");
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(
        house.number("SELECT count(*) FROM certificate"),
        2,
        "the daily certificate came all the same"
    );
    assert_eq!(house.mirror.status().unwrap().dirty, 1, "and it is not forgotten");
}

#[tokio::test]
async fn an_object_that_may_not_be_read_again_is_shown_and_not_forgotten() {
    let (fake, house) = synced().await;
    change_foreign(&fake, NOW + 500, named("cus_1", "Grace"));
    fake.world().ways.push(Box::new(|path, _| path.starts_with("customers").then(|| refused(403, "no"))));
    let _ = house.try_sync(SyncOptions::default()).await;
    let problems = house.mirror.status().unwrap().problems;
    assert!(problems.iter().any(|p| p.resource == "customers" && p.code == "permission"), "{problems:?}");
    fake.world().ways.clear();
    fake.world().now += 2000;
    house.sync().await;
    house.assert_equals(&fake);
    assert_eq!(house.mirror.status().unwrap().problems, []);
}

#[tokio::test]
async fn event_pages_that_go_in_circles_end() {
    let (fake, house) = synced().await;
    let a = fake.world().event("customer.updated", NOW + 10, named("cus_1", "A"));
    let b = fake.world().event("customer.updated", NOW + 20, named("cus_1", "B"));
    let (first, second) = (a["id"].as_str().unwrap().to_owned(), a.clone());
    fake.world().ways.push(Box::new(move |path, query| {
        let one = if query.contains(&first) { &b } else { &second };
        let body = json!({"object": "list", "data": [one], "has_more": true, "url": "/v1/events"});
        (path == "events").then(|| (200, body.to_string()))
    }));
    fuse(&fake, 300);
    let outcome = house.try_sync(SyncOptions::default()).await;
    assert!(fake.drain().len() < 100, "it goes round for ever");
    let stopped = house.mirror.status().unwrap().stopped;
    assert!(
        outcome.is_err() || stopped.is_some() || !outcome.unwrap().problems.is_empty(),
        "and nobody is told"
    );
}

#[tokio::test]
async fn an_event_list_that_repeats_its_page_is_not_called_complete() {
    let (fake, house) = synced().await;
    let before = house.mirror.status().unwrap().complete_to;
    let event = fake.world().event("customer.updated", NOW + 10, named("cus_1", "A"));
    fake.world().ways.push(Box::new(move |path, _| {
        let body = json!({"object": "list", "data": [event], "has_more": true, "url": "/v1/events"});
        (path == "events").then(|| (200, body.to_string()))
    }));
    fuse(&fake, 300);
    let outcome = house.try_sync(SyncOptions::default()).await;
    let told = outcome.map_or(true, |report| !report.problems.is_empty());
    assert!(told || house.mirror.status().unwrap().complete_to == before, "more was promised than was read");
}

#[tokio::test]
async fn a_watch_goes_on_over_errors_and_ends_when_asked() {
    let (fake, house) = synced().await;
    let broken = Arc::new(AtomicBool::new(true));
    let stands = Arc::clone(&broken);
    fake.world().ways.push(Box::new(move |_, _| stands.load(Ordering::SeqCst).then(|| refused(500, "oops"))));
    let options = SyncOptions::default();
    let (stop, mut rounds) = (options.cancel.clone(), 0);
    change(&fake, NOW + 999, named("cus_1", "Grace"));
    let after = |outcome: &Result<_, MirrorError>| {
        rounds += 1;
        assert_eq!(outcome.is_err(), rounds <= 2);
        broken.store(rounds < 2, Ordering::SeqCst);
        if rounds == 4 {
            stop.cancel();
        }
    };
    house.mirror.watch(&house.client, &options, Duration::ZERO, &|_| {}, after).await.unwrap();
    house.assert_equals(&fake);
}
