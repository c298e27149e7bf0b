//! The two marks in the event list: what a poll costs after a burst, and that nothing is lost by reading less.

use std::time::Duration;

use serde_json::Value;
use tillbook_mirror::{SyncOptions, SyncReport};

use crate::fake::{Fake, NOW, customer, refused};
use crate::house::House;

const DAY: i64 = 86_400;
/// No far read is later than this, and none but those of the greatest price is this late.
const LATEST_S: i64 = 120;

fn named(id: &str, name: &str) -> Value {
    customer(id, NOW - 100 * DAY, name)
}

/// A synced shop with an old event, and a burst of events that no poll has seen.
async fn burst(events: i64) -> (Fake, House) {
    let fake = Fake::new();
    for number in 1..=3 {
        fake.world().put("customers", named(&format!("cus_{number}"), "Ada"));
    }
    fake.world().event("customer.created", NOW - 10 * DAY, named("cus_1", "Ada"));
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().now += 1000;
    add(&fake, events, "Burst");
    fake.drain();
    (fake, house)
}

/// Changes a customer so many times, all in the present second, or nearly.
fn add(fake: &Fake, events: i64, name: &str) {
    let mut world = fake.world();
    for number in 0..events {
        let at = world.now - (events - number) / 100;
        world.event("customer.updated", at, named("cus_1", &format!("{name} {number}")));
    }
    world.put("customers", named("cus_1", &format!("{name} {}", events - 1)));
}

/// An event that takes its place in the order of time: it was not there when its neighbours were read.
fn surface(fake: &Fake, at: i64, id: &str, name: &str) {
    let mut world = fake.world();
    world.put("customers", named(id, name));
    world.event("customer.updated", at, named(id, name));
    world.lists.get_mut("events").unwrap().sort_by_key(|event| event["created"].as_i64());
}

async fn poll(house: &House) -> SyncReport {
    house.try_sync(SyncOptions::default()).await.unwrap()
}

#[tokio::test]
async fn idle_polls_after_a_burst_are_one_request() {
    let (fake, house) = burst(2000).await;
    assert_eq!(poll(&house).await.events, 2000);
    fake.drain();
    let mut spent = Vec::new();
    // A poll every five seconds until the burst is old.
    for _ in 0..130 {
        fake.world().now += 5;
        let report = poll(&house).await;
        assert_eq!(report.events, 0);
        spent.push(fake.drain().iter().filter(|asked| asked.starts_with("events")).count());
    }
    let far = spent.iter().filter(|requests| **requests > 1).count();
    assert!((4..=5).contains(&far), "a far read every two minutes: {spent:?}");
    assert!(spent.iter().all(|requests| *requests == 1 || *requests >= 20), "{spent:?}");
    assert_eq!(spent[spent.len() - 5..], [1; 5], "the burst is old, and one page is left");
    house.assert_equals(&fake);
}

#[tokio::test]
async fn with_a_page_or_less_every_poll_is_a_far_read() {
    let (fake, house) = burst(96).await;
    assert_eq!(poll(&house).await.events, 96);
    for late in 1..=4 {
        fake.world().now += 1;
        surface(&fake, NOW + 500 - late, "cus_2", &format!("Late {late}"));
        fake.drain();
        let report = poll(&house).await;
        // A second may have passed between question and answer.
        assert_eq!((report.events, report.complete_to), (1, Some(NOW + 999 + late)));
        assert_eq!(fake.drain().len(), 1);
    }
}

#[tokio::test]
async fn news_behind_the_near_mark_comes_with_one_request() {
    let (fake, house) = burst(1000).await;
    poll(&house).await;
    for round in 0..20 {
        fake.world().now += 2;
        fake.drain();
        // More than half a page each time would need a second page; the mark keeps up with less.
        add(&fake, 40, &format!("Round {round}"));
        assert_eq!(poll(&house).await.events, 40);
        assert_eq!(fake.drain().iter().filter(|asked| asked.starts_with("events")).count(), 1, "{round}");
        // Even one that surfaces a little late.
        let at = fake.world().now - 1;
        surface(&fake, at, "cus_3", &format!("Late {round}"));
        assert_eq!(poll(&house).await.events, 1);
    }
    house.assert_equals(&fake);
}

#[tokio::test]
async fn another_burst_behind_the_near_mark_is_read_to_its_end() {
    let (fake, house) = burst(1000).await;
    poll(&house).await;
    fake.world().now += 5;
    add(&fake, 777, "Again");
    fake.drain();
    assert_eq!(poll(&house).await.events, 777);
    assert_eq!(fake.drain().iter().filter(|asked| asked.starts_with("events")).count(), 9);
    assert_eq!(poll(&house).await.events, 0);
    assert_eq!(fake.drain().len(), 1);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn what_surfaces_behind_the_near_mark_is_applied_once_and_soon() {
    let (fake, house) = burst(2000).await;
    poll(&house).await;
    fake.world().now += 5;
    surface(&fake, NOW + 985, "cus_2", "Late");
    let complete_to = poll(&house).await.complete_to;
    assert_eq!(house.json("cus_2").unwrap()["name"], "Ada", "behind the near mark");
    assert_eq!(complete_to, Some(NOW + 999), "so the copy does not claim to have it");
    let mut applied = 0;
    for _ in 0..LATEST_S / 5 {
        fake.world().now += 5;
        applied += poll(&house).await.events;
    }
    assert_eq!(applied, 1);
    house.assert_equals(&fake);
    assert!(house.mirror.status().unwrap().complete_to.unwrap() > NOW + 1000 + 5);
}

#[tokio::test]
async fn every_late_event_of_ten_minutes_is_applied_once() {
    let (fake, house) = burst(3000).await;
    let mut applied = poll(&house).await.events;
    let mut told = 3000_u64;
    let mut lateness = 7;
    // Ten minutes and more in which events come in time and up to nine minutes late.
    for step in 0..200 {
        fake.world().now += 5;
        let now = fake.world().now;
        if step % 3 == 0 {
            lateness = lateness * 31 % 541;
            surface(&fake, now - lateness, "cus_2", &format!("Late {step}"));
            told += 1;
        }
        add(&fake, 4, "News");
        told += 4;
        applied += poll(&house).await.events;
    }
    fake.world().now += LATEST_S;
    applied += poll(&house).await.events;
    assert_eq!(applied, told);
    assert_eq!(house.mirror.status().unwrap().dirty, 0);
}

#[tokio::test]
async fn a_new_start_reads_from_the_far_anchor() {
    let (fake, mut house) = burst(1500).await;
    for round in 0..4 {
        let stop = SyncOptions::default();
        let (switch, mut left) = (stop.cancel.clone(), 3 + round);
        // Broken off at another page each time, and started anew.
        fake.world().after = Some(Box::new(move |_, _| {
            left -= 1;
            if left == 0 {
                switch.cancel();
            }
        }));
        assert!(house.try_sync(stop).await.is_err());
        fake.world().after = None;
        house = house.reopen();
    }
    poll(&house).await;
    surface(&fake, NOW + 988, "cus_2", "Late");
    let house = house.reopen();
    assert_eq!(poll(&house).await.events, 1, "nothing of the near mark is left, and nothing is missed");
    house.assert_equals(&fake);
    assert_eq!(house.number("SELECT count(*) FROM event WHERE applied = 1"), 1501);
}

#[tokio::test]
async fn a_near_mark_that_is_gone_is_no_gap() {
    let (fake, house) = burst(1000).await;
    poll(&house).await;
    surface(&fake, NOW + 993, "cus_2", "Late");
    fake.drain();
    // Stripe knows neither the mark nor anything near it.
    fake.world().lists.get_mut("events").unwrap().retain(|event| {
        let number: i64 = event["id"].as_str().unwrap()[4..].parse().unwrap();
        !(900..980).contains(&number)
    });
    let report = poll(&house).await;
    assert_eq!((report.events, report.differences.len()), (1, 0));
    let asked = fake.drain();
    assert!(asked.iter().all(|path| path.starts_with("events")), "no list was read again: {asked:?}");
    assert_eq!(house.json("cus_2").unwrap()["name"], "Late");
}

#[tokio::test]
async fn a_machine_that_slept_reads_far_with_its_first_poll() {
    let (fake, house) = burst(1000).await;
    poll(&house).await;
    surface(&fake, NOW + 993, "cus_2", "Late");
    // No clock here has moved; only Stripe's answer tells.
    fake.world().now += 3600;
    assert_eq!(poll(&house).await.events, 1);
    assert_eq!(house.mirror.status().unwrap().complete_to, Some(NOW + 4600));
}

#[tokio::test]
async fn a_full_sync_reads_from_the_far_anchor() {
    let (fake, house) = burst(1000).await;
    poll(&house).await;
    surface(&fake, NOW + 993, "cus_2", "Late");
    let report = house.full().await;
    assert_eq!((report.events, report.differences), (1, Vec::new()), "what an event tells is no difference");
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_burst_where_there_is_no_anchor_yet() {
    let fake = Fake::new();
    for number in 1..=3 {
        fake.world().put("customers", named(&format!("cus_{number}"), "Ada"));
    }
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().now += 100;
    add(&fake, 2000, "First");
    assert_eq!(poll(&house).await.events, 2000);
    fake.drain();
    poll(&house).await;
    assert_eq!(fake.drain().len(), 1);
    surface(&fake, NOW + 83, "cus_2", "Late");
    fake.world().now += LATEST_S;
    assert_eq!(poll(&house).await.events, 1);
    fake.world().now += 1000;
    add(&fake, 1, "Last");
    assert_eq!(poll(&house).await.events, 1);
    fake.drain();
    poll(&house).await;
    assert_eq!(fake.drain().len(), 1);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn an_event_that_surfaces_while_pages_are_read_is_not_passed() {
    let (fake, house) = burst(1000).await;
    // The pages take their time: when the last one comes, the first is eleven minutes old.
    let mut read = 0;
    fake.world().after = Some(Box::new(move |world, _| {
        read += 1;
        world.now += 66;
        if read == 4 {
            world.put("customers", named("cus_2", "Late"));
            world.event("customer.updated", NOW + 991, named("cus_2", "Late"));
            world.lists.get_mut("events").unwrap().sort_by_key(|event| event["created"].as_i64());
        }
    }));
    poll(&house).await;
    fake.world().after = None;
    let mut applied = 0;
    for _ in 0..3 {
        fake.world().now += LATEST_S;
        applied += poll(&house).await.events;
    }
    assert_eq!(applied, 1);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn an_event_list_that_leads_back_into_itself_is_told_and_left() {
    for has_anchor in [true, false] {
        let (fake, house) = burst(350).await;
        if !has_anchor {
            house.tamper("DELETE FROM state WHERE name LIKE 'anchor%'");
            house.tamper("INSERT INTO state (name, value) VALUES ('since', 0)");
        }
        let page = |from: usize| {
            let page: Vec<Value> =
                fake.world().lists["events"][from..from + 100].iter().rev().cloned().collect();
            serde_json::json!({"object": "list", "data": page, "has_more": true, "url": "/v1/events"})
                .to_string()
        };
        // Two pages in turns, for ever.
        let (one, two) = (page(1), page(101));
        let mut turn = 0;
        fake.world().ways.push(Box::new(move |path, _| {
            turn += 1;
            assert!(turn < 500, "it never stops");
            (path == "events").then(|| (200, if turn % 2 == 0 { one.clone() } else { two.clone() }))
        }));
        let report = poll(&house).await;
        assert_eq!(report.complete_to, Some(NOW), "the end was never seen");
        assert_eq!(report.problems.len(), 1);
        assert_eq!(
            (report.problems[0].resource.as_str(), report.problems[0].code.as_str()),
            ("events", "repeats")
        );
        assert!(fake.drain().len() < 20);
        fake.world().ways.clear();
        assert_eq!(poll(&house).await.problems, []);
        assert_eq!(house.mirror.status().unwrap().problems, []);
        house.assert_equals(&fake);
    }
}

#[tokio::test]
async fn a_page_of_events_that_repeats_once_is_asked_for_again() {
    let (fake, house) = burst(350).await;
    let mut seen = 0;
    let first: Vec<Value> = fake.world().lists["events"][1..101].iter().rev().cloned().collect();
    let first = serde_json::json!({"object": "list", "data": first, "has_more": true}).to_string();
    fake.world().ways.push(Box::new(move |path, _| {
        seen += usize::from(path == "events");
        (path == "events" && seen == 2).then(|| (200, first.clone()))
    }));
    let report = poll(&house).await;
    assert_eq!((report.events, report.problems.len(), report.complete_to), (350, 0, Some(NOW + 999)));
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_key_that_may_not_read_events_reads_the_rest() {
    let fake = Fake::new();
    fake.world().put("customers", named("cus_1", "Ada"));
    fake.world().ways.push(Box::new(|path, _| (path == "events").then(|| refused(403, "no"))));
    let house = House::with(&fake).await;
    for _ in 0..2 {
        let report = house.sync().await;
        let [trouble] = report.problems.as_slice() else { panic!("{:?}", report.problems) };
        assert_eq!((trouble.resource.as_str(), trouble.code.as_str()), ("events", "permission"));
        assert_eq!(report.complete_to, None, "nothing is known of the news");
    }
    assert!(house.json("cus_1").is_some());
    fake.world().now += 3 * DAY;
    let at = fake.world().now - 2 * DAY;
    fake.world().put("customers", named("cus_1", "Grace"));
    fake.world().event("customer.updated", at, named("cus_1", "Grace"));
    fake.world().ways.clear();
    let report = house.sync().await;
    assert_eq!((report.events, report.problems), (1, Vec::new()), "from the hand-over on");
    assert!(report.complete_to.is_some());
    house.assert_equals(&fake);
}

#[tokio::test]
async fn what_was_delivered_never_becomes_the_anchor() {
    let fake = Fake::new();
    fake.world().put("customers", named("cus_1", "Ada"));
    let house = House::with(&fake).await;
    house.sync().await;
    // Delivered, and never on the list: of a connected account, say.
    house.tamper(&format!(
        "INSERT INTO event (id, created, as_of, until, origin, deleted, applied, raw) VALUES ('evt_other', {NOW}, {NOW}, {NOW}, 2, 0, 1, x'00')"
    ));
    fake.world().now += 1000;
    house.sync().await;
    fake.drain();
    assert_eq!(house.sync().await.differences, []);
    assert!(!fake.drain().iter().any(|asked| asked.contains("evt_other")));
}

#[tokio::test]
async fn watching_after_a_burst_costs_one_request_a_poll() {
    let (fake, house) = burst(1000).await;
    poll(&house).await;
    let options = SyncOptions::default();
    let (stop, mut rounds) = (options.cancel.clone(), Vec::new());
    let after = |outcome: &Result<SyncReport, tillbook_mirror::MirrorError>| {
        rounds.push(outcome.as_ref().unwrap().requests);
        if rounds.len() == 4 {
            stop.cancel();
        }
    };
    house.mirror.watch(&house.client, &options, Duration::ZERO, &|_| {}, after).await.unwrap();
    assert_eq!(rounds, [1, 1, 1, 1], "{:?}", fake.drain());
}

#[tokio::test]
async fn a_clock_an_hour_wrong_loses_no_news() {
    for is_ahead in [true, false] {
        let fake = Fake::new();
        fake.world().put("customers", named("cus_1", "Ada"));
        let house = House::with(&fake).await;
        // Before Stripe's clock was ever seen, an object is taken with a time of this machine.
        let told = if is_ahead { NOW + 3600 } else { NOW - 3600 };
        house.mirror.take(named("cus_1", "Ada").to_string().as_bytes(), told * 1000).unwrap();
        house.sync().await;
        for step in 1..=3 {
            fake.world().now += 5;
            let at = fake.world().now - 2;
            fake.world().put("customers", customer(&format!("cus_new{step}"), at, "New"));
            fake.world().event("customer.created", at, customer(&format!("cus_new{step}"), at, "New"));
            assert_eq!(poll(&house).await.events, 1, "{is_ahead} {step}");
        }
        assert_eq!(house.sync().await.differences, []);
        house.assert_equals(&fake);
    }
}
