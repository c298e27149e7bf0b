//! Readers and locations, of which Stripe tells nothing.

use serde_json::{Value, json};
use tillbook_mirror::{SyncOptions, SyncReport, Windows};

use crate::fake::{Fake, NOW, refused};
use crate::house::House;

const QUARTER_S: i64 = 900;

fn reader(number: usize, status: &str) -> Value {
    json!({"id": format!("tmr_{number:03}"), "object": "terminal.reader", "label": format!("Counter {number}"),
        "status": status, "location": "tml_1", "device_type": "simulated_wisepos_e", "last_seen_at": 1, "action": null})
}

async fn shop(readers: usize) -> (Fake, House) {
    let fake = Fake::new();
    for number in 0..readers {
        fake.world().put("terminal/readers", reader(number, "online"));
    }
    let location = json!({"id": "tml_1", "object": "terminal.location", "display_name": "Shop"});
    fake.world().put("terminal/locations", location);
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().now += 5;
    poll(&house).await;
    fake.drain();
    (fake, house)
}

async fn poll(house: &House) -> SyncReport {
    house.try_sync(SyncOptions::default()).await.unwrap()
}

fn status(house: &House, id: &str) -> String {
    house.json(id).unwrap()["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_reader_that_goes_offline_is_seen_within_a_quarter_of_an_hour() {
    let (fake, house) = shop(3).await;
    fake.world().put("terminal/readers", reader(1, "offline"));
    fake.world().now += QUARTER_S - 6;
    assert_eq!(poll(&house).await.requests, 1, "an idle poll");
    assert_eq!(status(&house, "tmr_001"), "online");
    fake.world().now += 6;
    let report = poll(&house).await;
    assert_eq!((status(&house, "tmr_001").as_str(), report.differences), ("offline", Vec::new()));
    let asked = fake.drain();
    let looks = asked.iter().filter(|path| path.starts_with("terminal/")).count();
    assert_eq!(looks, 2, "a page of each: {asked:?}");
    assert_eq!(poll(&house).await.requests, 1, "and then an idle poll again");
    // Somebody asks, a minute later.
    fake.world().put("terminal/readers", reader(1, "online"));
    fake.world().now += 61;
    house.try_sync(SyncOptions { windows: Windows::OnRequest, ..SyncOptions::default() }).await.unwrap();
    assert_eq!(status(&house, "tmr_001"), "online");
    house.assert_equals(&fake);
}

#[tokio::test]
async fn what_is_made_or_removed_in_the_dashboard_is_no_difference() {
    let (fake, house) = shop(3).await;
    fake.world().remove("terminal/readers", "tmr_000");
    fake.world().put("terminal/readers", reader(7, "online"));
    fake.world().put(
        "terminal/locations",
        json!({"id": "tml_2", "object": "terminal.location", "display_name": "Stall"}),
    );
    fake.world().now += QUARTER_S;
    let report = poll(&house).await;
    assert_eq!((report.differences, report.problems), (Vec::new(), Vec::new()));
    assert!(house.is_tombstone("tmr_000"), "asked for by name, and gone");
    assert!(fake.drain().contains(&"terminal/readers/tmr_000".to_owned()));
    assert!(house.json("tmr_007").is_some() && house.json("tml_2").is_some());
    house.assert_equals(&fake);
    fake.world().now += QUARTER_S;
    poll(&house).await;
    assert!(!fake.drain().iter().any(|asked| asked.starts_with("terminal/readers/")), "asked once");
}

#[tokio::test]
async fn a_reader_that_a_list_forgot_is_no_tombstone() {
    let (fake, house) = shop(2).await;
    let short = json!({"object": "list", "data": [reader(1, "offline")], "has_more": false}).to_string();
    fake.world()
        .ways
        .push(Box::new(move |path, _| (path == "terminal/readers").then(|| (200, short.clone()))));
    fake.world().now += QUARTER_S;
    poll(&house).await;
    assert_eq!(
        (status(&house, "tmr_000").as_str(), status(&house, "tmr_001").as_str()),
        ("online", "offline")
    );
}

#[tokio::test]
async fn a_look_costs_one_page_however_many_readers_there_are() {
    let (fake, house) = shop(250).await;
    fake.world().remove("terminal/readers", "tmr_010");
    fake.world().put("terminal/readers", reader(20, "offline"));
    for round in 0..3 {
        fake.world().now += QUARTER_S;
        poll(&house).await;
        let asked = fake.drain();
        let pages = asked.iter().filter(|path| path.starts_with("terminal/readers?")).count();
        assert_eq!(pages, 1, "{asked:?}");
        assert_eq!(
            house.is_tombstone("tmr_010"),
            round > 0,
            "with the first one after the copy it is the third"
        );
    }
    assert_eq!(status(&house, "tmr_020"), "offline");
    // The reader that a look ended with is removed: the next one begins again.
    fake.world().now += QUARTER_S;
    poll(&house).await;
    fake.world().remove("terminal/readers", "tmr_150");
    for _ in 0..4 {
        fake.world().now += QUARTER_S;
        assert_eq!(poll(&house).await.problems, []);
    }
    assert!(house.is_tombstone("tmr_150"));
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_look_that_is_refused_is_told_and_stops_nothing() {
    let (fake, house) = shop(2).await;
    for answer in [refused(403, "no"), (200, "<html>".to_owned())] {
        let body = answer.clone();
        fake.world().ways.push(Box::new(move |path, _| (path == "terminal/readers").then(|| body.clone())));
        fake.world().now += QUARTER_S;
        let report = poll(&house).await;
        assert_eq!(report.problems.len(), 1, "{answer:?}");
        assert_eq!(report.problems[0].resource, "terminal/readers");
        assert!(report.complete_to.unwrap() > NOW + QUARTER_S);
        fake.world().ways.clear();
        fake.world().now += QUARTER_S;
        assert_eq!(poll(&house).await.problems, []);
        assert_eq!(house.mirror.status().unwrap().problems, []);
    }
    house.assert_equals(&fake);
}
