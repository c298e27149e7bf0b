//! What goes on and on: answers that stay wrong, keys that end, work that is stopped at each of its requests.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tillbook_mirror::{MirrorError, SyncOptions};
use tillbook_stripe::{ApiKey, Client, ClientOptions, Endpoint};

use crate::fake::{Fake, NOW, customer, payment, refused};
use crate::house::{House, client};

const DAY: i64 = 86_400;
const OTHER_KEY: &str = "sk_test_practice_9876543210fedcba9876543210";

fn shop(payments: i64) -> Fake {
    let fake = Fake::new();
    for number in 0..payments {
        let at = NOW - 400 * DAY + number * (399 * DAY / payments);
        fake.world().put("payment_intents", payment(number, at, "succeeded"));
    }
    for number in 0..20 {
        fake.world().put("customers", customer(&format!("cus_{number}"), NOW - 90 * DAY + number, "Ada"));
    }
    fake.world().event("customer.created", NOW - 10 * DAY, customer("cus_1", NOW - 90 * DAY + 1, "Ada"));
    fake
}

/// Changes a little of everything: news, news that has to be asked about, what has no event, what a list forgot.
fn change(fake: &Fake, round: i64) {
    let mut world = fake.world();
    world.now += 1000;
    let at = world.now - 10;
    let mut intent = payment(round, NOW - 300, "succeeded");
    intent["metadata"] = json!({"round": round.to_string()});
    world.put("payment_intents", intent);
    for name in ["First", "Second"] {
        let named = customer("cus_3", NOW - 90 * DAY + 3, &format!("{name} {round}"));
        world.put("customers", named.clone());
        world.event("customer.updated", at, named);
    }
    let mut foreign = world.event("customer.updated", at, customer("cus_4", NOW - 90 * DAY + 4, "Ada"));
    foreign["api_version"] = json!("2020-08-27");
    *world.lists.get_mut("events").unwrap().last_mut().unwrap() = foreign;
}

#[tokio::test]
async fn a_page_that_stays_unreadable_blocks_its_range_only() {
    let fake = shop(3000);
    let broken: Arc<Mutex<Option<String>>> = Arc::default();
    let chosen = Arc::clone(&broken);
    let mut pages = 0;
    fake.world().ways.push(Box::new(move |path, query| {
        if path != "payment_intents" {
            return None;
        }
        pages += 1;
        let mut chosen = chosen.lock().unwrap();
        if pages == 6 {
            *chosen = Some(query.to_owned());
        }
        (chosen.as_deref() == Some(query))
            .then(|| (200, "{\"object\":\"list\",\"data\":[{\"id\":".to_owned()))
    }));
    let house = House::with(&fake).await;
    let report = house.sync().await;
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert_eq!(report.problems[0].code, "malformed");
    let here = house.number("SELECT count(*) FROM payment_intent");
    assert!(here >= 1500, "the other ranges were read: {here} of 3000");
    assert_eq!(house.number("SELECT count(*) FROM customer"), 20);
    fake.world().ways.clear();
    fake.drain();
    assert_eq!(house.sync().await.problems, []);
    house.assert_equals(&fake);
    let pages = fake.drain().iter().filter(|asked| asked.starts_with("payment_intents")).count();
    assert!(pages <= 18, "what was read is not read again: {pages} pages");
}

#[tokio::test]
async fn a_list_that_refuses_every_cursor_comes_to_an_end() {
    let fake = shop(0);
    for number in 0..150 {
        fake.world().put("payment_intents", payment(number, NOW - 50 * DAY, "succeeded"));
        let reader =
            json!({"id": format!("tmr_{number:03}"), "object": "terminal.reader", "label": "Counter"});
        fake.world().put("terminal/readers", reader);
    }
    let mut asked = 0;
    fake.world().ways.push(Box::new(move |_, query| {
        asked += 1;
        // Whoever never gives up is stopped here.
        if asked > 500 {
            return Some(refused(401, "enough"));
        }
        query.contains("starting_after").then(|| refused(400, "No such object"))
    }));
    let house = House::with(&fake).await;
    let report = house.sync().await;
    let mut told: Vec<_> = report.problems.iter().map(|p| (p.resource.as_str(), p.code.as_str())).collect();
    told.sort_unstable();
    assert_eq!(told, [("payment_intents", "refused"), ("terminal/readers", "refused")]);
    assert_eq!(house.number("SELECT count(*) FROM terminal_reader"), 100);
    assert_eq!(house.number("SELECT count(*) FROM customer"), 20);
}

#[tokio::test]
async fn a_list_that_fails_for_ever_is_told_while_the_others_go_on() {
    let fake = shop(300);
    fake.world().ways.push(Box::new(|path, _| (path == "coupons").then(|| refused(500, "oops"))));
    let house = House::with(&fake).await;
    let report = house.sync().await;
    let [trouble] = report.problems.as_slice() else { panic!("{:?}", report.problems) };
    assert_eq!((trouble.resource.as_str(), trouble.code.as_str()), ("coupons", "fails"));
    assert!(report.complete_to.is_some(), "the news is read");
    house.assert_equals(&fake);
    fake.world().now += 20;
    house.try_sync(SyncOptions::default()).await.unwrap();
    fake.world().now += 20;
    let idle = house.try_sync(SyncOptions::default()).await.unwrap();
    assert_eq!(
        (idle.requests, idle.problems),
        (1, report.problems.clone()),
        "an idle poll stays one request"
    );
    fake.world().now += 900;
    assert_eq!(house.try_sync(SyncOptions::default()).await.unwrap().problems, report.problems);
    fake.world().ways.clear();
    assert_eq!(house.sync().await.problems, []);
}

#[tokio::test]
async fn a_stripe_that_fails_altogether_is_no_trouble_of_its_lists() {
    let fake = shop(300);
    let mut asked = 0;
    fake.world().ways.push(Box::new(move |path, _| {
        asked += usize::from(path != "account");
        (asked > 3).then(|| refused(503, "down"))
    }));
    let house = House::with(&fake).await;
    assert!(matches!(house.try_sync(SyncOptions::default()).await, Err(MirrorError::Stripe(_))));
    fake.world().ways.clear();
    assert_eq!(house.sync().await.problems, []);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn pages_too_large_for_an_answer_are_asked_for_in_pieces() {
    let fake = shop(0);
    let large = |number: i64, name: &str| {
        let mut large = customer(&format!("cus_large{number}"), NOW - 80 * DAY + number, name);
        large["description"] = json!("x\u{e9}".repeat(60_000));
        large
    };
    for number in 0..12 {
        fake.world().put("customers", large(number, "Ada"));
    }
    let base = fake.serve().await;
    let mut house = House::beside(&base, OTHER_KEY);
    let options = ClientOptions { body_limit_bytes: 400_000, ..ClientOptions::default() };
    house.client =
        Client::new(ApiKey::parse(OTHER_KEY).unwrap(), Endpoint::parse(&base).unwrap(), options).unwrap();
    assert_eq!(house.sync().await.problems, []);
    house.assert_equals(&fake);
    fake.world().now += 1000;
    for number in 0..12 {
        fake.world().put("customers", large(number, "Grace"));
        fake.world().event("customer.updated", NOW + 900 + number, large(number, "Grace"));
    }
    let report = house.sync().await;
    assert_eq!((report.events, report.problems.len()), (12, 0));
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_key_that_is_refused_at_any_request_goes_on_with_a_new_one() {
    let fake = shop(400);
    let mut house = House::with(&fake).await;
    let base = house.client.endpoint().origin().to_owned();
    for round in 1..60 {
        change(&fake, round);
        let mut left = round;
        fake.world().ways.push(Box::new(move |_, _| {
            left -= 1;
            (left <= 0).then(|| refused(401, "Invalid API Key"))
        }));
        let stopped = house.try_sync(SyncOptions::default()).await;
        fake.world().ways.clear();
        let Err(error) = stopped else {
            assert!(round > 5, "it was never stopped");
            break;
        };
        assert!(matches!(error, MirrorError::KeyRefused(_)), "{round}: {error}");
        let stopped = house.mirror.status().unwrap().stopped.unwrap();
        assert_eq!(stopped.0, "refused", "{round}");
        house.client =
            client(&base, if round % 2 == 0 { OTHER_KEY } else { "sk_test_practice_third_key_0000000000" });
    }
    house.sync().await;
    house.assert_equals(&fake);
    assert_eq!(house.mirror.status().unwrap().stopped, None);
}

#[tokio::test]
async fn a_sync_that_is_stopped_at_any_request_goes_on() {
    let fake = shop(400);
    let mut house = House::with(&fake).await;
    let mut rounds = 0;
    for round in 1..80 {
        change(&fake, round);
        let options = SyncOptions { full: round % 3 == 0, ..SyncOptions::default() };
        let (switch, mut left) = (options.cancel.clone(), round);
        fake.world().after = Some(Box::new(move |_, _| {
            left -= 1;
            if left == 0 {
                switch.cancel();
            }
        }));
        let outcome = house.try_sync(options).await;
        fake.world().after = None;
        rounds += i64::from(outcome.is_err());
        assert!(matches!(outcome, Ok(_) | Err(MirrorError::Canceled)), "{round}: {outcome:?}");
        if round % 4 == 0 {
            house = house.reopen();
        }
    }
    assert!(rounds > 10, "{rounds}");
    house.sync().await;
    house.full().await;
    house.assert_equals(&fake);
    assert_eq!(house.full().await.differences, []);
    assert_eq!(house.mirror.status().unwrap().dirty, 0);
}

#[tokio::test]
async fn an_event_list_that_cannot_be_read_stops_nothing_else() {
    let fake = shop(100);
    let house = House::with(&fake).await;
    house.sync().await;
    change(&fake, 1);
    let bodies = [
        r#"{"object":"list","data":7,"has_more":false}"#.to_owned(),
        r#"{"object":"list","data":[{"object":"event","type":"x"}],"has_more":true}"#.to_owned(),
        r#"{"object":"list","data":[],"has_more":true}"#.to_owned(),
    ];
    for body in bodies {
        let answer = body.clone();
        fake.world().ways.push(Box::new(move |path, _| (path == "events").then(|| (200, answer.clone()))));
        fake.world().now += 2000;
        let report = house.try_sync(SyncOptions::default()).await.unwrap();
        assert_eq!(report.complete_to, Some(NOW), "{body}");
        let [trouble] = report.problems.as_slice() else { panic!("{body}: {:?}", report.problems) };
        assert_eq!(trouble.resource, "events");
        assert_eq!(
            house.json("pi_000001").unwrap()["metadata"]["round"],
            "1",
            "the windows were looked through"
        );
        fake.world().ways.clear();
    }
    assert_eq!(house.sync().await.problems, []);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_list_that_is_forbidden_half_way_waits_while_others_go_on() {
    let fake = shop(2000);
    let mut pages = 0;
    fake.world().ways.push(Box::new(move |path, _| {
        pages += usize::from(path == "payment_intents");
        (path == "payment_intents" && pages > 5).then(|| refused(403, "no more"))
    }));
    let house = House::with(&fake).await;
    let report = house.sync().await;
    let [trouble] = report.problems.as_slice() else { panic!("{:?}", report.problems) };
    assert_eq!((trouble.resource.as_str(), trouble.code.as_str()), ("payment_intents", "permission"));
    assert_eq!(house.number("SELECT count(*) FROM customer"), 20);
    let before = fake.drain().iter().filter(|asked| asked.starts_with("payment_intents")).count();
    assert!(before <= 20, "one refusal is enough for the list: {before}");
    fake.world().ways.clear();
    house.sync().await;
    house.assert_equals(&fake);
}

#[tokio::test]
async fn an_event_without_an_id_is_put_aside() {
    let fake = shop(10);
    let house = House::with(&fake).await;
    house.sync().await;
    change(&fake, 1);
    let nameless =
        json!({"object": "event", "created": NOW + 985, "type": "customer.updated", "data": {"object": {}}});
    let events: Vec<Value> = {
        let world = fake.world();
        world.lists["events"][1..].iter().rev().cloned().collect()
    };
    let events = [vec![nameless], events].concat();
    let page = json!({"object": "list", "data": events, "has_more": false}).to_string();
    fake.world().ways.push(Box::new(move |path, _| (path == "events").then(|| (200, page.clone()))));
    let report = house.sync().await;
    assert_eq!((report.events, report.problems.len()), (3, 0));
    assert_eq!(house.mirror.status().unwrap().rejected, 1);
}
