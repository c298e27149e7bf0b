//! What is read, and in which order, and that it is counted.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tillbook_mirror::{Cancel, MirrorError, SyncOptions};

use super::{DAY, fuse, named, synced};
use crate::fake::{Fake, NOW, payment, refused};
use crate::house::House;

#[tokio::test]
async fn what_was_spent_is_counted_although_the_sync_failed() {
    let fake = Fake::new();
    for number in 0..2000 {
        fake.world().put("payment_intents", payment(number, NOW - 90 * DAY + number * 1000, "succeeded"));
    }
    let house = House::with(&fake).await;
    fuse(&fake, 30);
    assert!(matches!(house.try_sync(SyncOptions::default()).await, Err(MirrorError::KeyRefused(_))));
    let asked = i64::try_from(fake.drain().len()).unwrap();
    let booked = house.number("SELECT coalesce(sum(requests), 0) FROM spent");
    assert!(booked >= asked - 3, "{booked} of {asked} requests were booked");
}

#[tokio::test]
async fn what_was_spent_is_counted_although_somebody_stopped_it() {
    let fake = Fake::new();
    for number in 0..3000 {
        fake.world().put("payment_intents", payment(number, NOW - 90 * DAY + number * 1000, "succeeded"));
    }
    let house = House::with(&fake).await;
    let cancel = Cancel::new();
    let (switch, pages) = (cancel.clone(), AtomicUsize::new(0));
    let options = SyncOptions { cancel, ..SyncOptions::default() };
    let stop = |_| {
        if pages.fetch_add(1, Ordering::SeqCst) == 20 {
            switch.cancel();
        }
    };
    let outcome = house.mirror.sync(&house.client, &options, &stop).await;
    assert!(matches!(outcome, Err(MirrorError::Canceled)));
    let asked = i64::try_from(fake.drain().len()).unwrap();
    let booked = house.number("SELECT coalesce(sum(requests), 0) FROM spent");
    assert!(booked >= asked, "{booked} of {asked} requests were booked");
}

#[tokio::test]
async fn the_last_month_comes_first() {
    let fake = Fake::new();
    for number in 0..3000 {
        fake.world().put("payment_intents", payment(number, NOW - 60 * DAY + number * 1700, "succeeded"));
    }
    let house = House::with(&fake).await;
    house.sync().await;
    let bound = NOW - 30 * DAY;
    let asked: Vec<String> =
        fake.drain().into_iter().filter(|asked| asked.starts_with("payment_intents")).collect();
    let is_older = |asked: &str| {
        let upper = asked.split("created[lt]=").nth(1).and_then(|rest| rest.split('&').next());
        upper.and_then(|text| text.parse::<i64>().ok()).is_some_and(|upper| upper <= bound)
    };
    let last_newer = asked.iter().rposition(|asked| !is_older(asked)).unwrap();
    let early = asked[..last_newer].iter().filter(|asked| is_older(asked)).count();
    // One of the years before, and what it takes to find where they begin.
    assert!(early <= 8, "{early} pages of older payments were read before the last month was here");
}

#[tokio::test]
async fn many_objects_that_may_not_be_read_are_not_asked_for_one_by_one() {
    let (fake, house) = synced().await;
    {
        let mut world = fake.world();
        for number in 0..600 {
            let at = NOW - 50 * DAY + number;
            world.event("payment_intent.succeeded", NOW + 500, payment(number, at, "succeeded"));
            world.lists.get_mut("events").unwrap().last_mut().unwrap()["api_version"] = json!("2020-08-27");
        }
        world.ways.push(Box::new(|path, _| path.starts_with("payment_intents").then(|| refused(403, "no"))));
    }
    let _ = house.try_sync(SyncOptions::default()).await;
    let asked = fake.drain().len();
    assert!(asked < 60, "{asked} requests for a list that may not be read");
}

#[tokio::test]
async fn a_list_that_was_cut_short_is_not_asked_for_one_by_one() {
    let fake = Fake::new();
    for number in 0..1000 {
        fake.world().put("customers", named(&format!("cus_{number}"), "Ada"));
    }
    let house = House::with(&fake).await;
    house.sync().await;
    fake.drain();
    fake.world().now += 1000;
    fake.world().ways.push(Box::new(|path, _| {
        let empty = r#"{"object":"list","data":[],"has_more":true,"url":"/v1/customers"}"#;
        (path == "customers").then(|| (200, empty.to_owned()))
    }));
    house.full().await;
    let asked = fake.drain().len();
    assert!(asked < 200, "{asked} requests because one list said nothing");
}

/// Days of a till as its window runs it: it sleeps as the plan says, then reads the news.
async fn days(sales_a_day: i64, days: i64) -> (i64, i64) {
    let fake = Fake::new();
    for number in 0..sales_a_day * 30 {
        let at = NOW - 30 * DAY + number * DAY / sales_a_day.max(1);
        fake.world().put(
            "charges",
            json!({"id": format!("ch_{number}"), "object": "charge", "created": at,
            "status": "succeeded", "amount": 100, "currency": "usd"}),
        );
    }
    let house = House::with(&fake).await;
    house.clock.set_ms(NOW * 1000);
    house.sync().await;
    house.tamper("DELETE FROM spent");
    fake.drain();
    let (mut now, mut requests) = (NOW, 0);
    while now < NOW + days * DAY {
        now += house.mirror.plan().unwrap().poll_after_s;
        fake.world().now = now;
        house.clock.set_ms(now * 1000);
        let options = SyncOptions { governed: Some(true), ..SyncOptions::default() };
        requests += i64::try_from(house.try_sync(options).await.unwrap().requests).unwrap();
    }
    (requests, house.mirror.plan().unwrap().budget * days / 30)
}

#[tokio::test]
async fn quiet_days_stay_inside_the_budget() {
    let (requests, budget) = days(0, 10).await;
    assert!(requests <= budget, "{requests} reads in ten quiet days, {budget} are allowed");
}
