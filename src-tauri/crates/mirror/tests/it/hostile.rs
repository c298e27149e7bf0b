//! Answers that no Stripe should give: recorded, nothing lost, nothing stuck.

use serde_json::{Value, json};
use tillbook_mirror::{MirrorError, SyncOptions};

use crate::fake::{Fake, NOW, customer, payment, refused};
use crate::house::House;

const DAY: i64 = 86_400;

fn shop() -> Fake {
    let fake = Fake::new();
    for number in 0..250 {
        fake.world().put("payment_intents", payment(number, NOW - 90 * DAY + number * 1000, "succeeded"));
        fake.world().put("customers", customer(&format!("cus_{number}"), NOW - 90 * DAY + number, "Ada"));
    }
    fake
}

/// A page whose text is written by hand.
fn page(elements: &str) -> String {
    format!(
        "{{\"object\": \"list\", \"data\": [{elements}], \"has_more\": false, \"url\": \"/v1/customers\"}}"
    )
}

#[tokio::test]
async fn no_permission_for_one_resource() {
    let fake = shop();
    fake.world().ways.push(Box::new(|path, _| (path == "customers").then(|| refused(403, "no"))));
    let house = House::with(&fake).await;
    let report = house.sync().await;
    let [trouble] = report.problems.as_slice() else { panic!("{:?}", report.problems) };
    assert_eq!((trouble.resource.as_str(), trouble.code.as_str()), ("customers", "permission"));
    assert!(house.json("pi_000249").is_some());
    assert_eq!(house.mirror.status().unwrap().problems, report.problems);
    fake.world().ways.clear();
    assert_eq!(house.sync().await.problems, []);
    house.assert_equals(&fake);
    assert_eq!(house.mirror.status().unwrap().problems, []);
}

#[tokio::test]
async fn a_key_that_is_refused_in_the_middle() {
    let fake = shop();
    let mut lists = 0;
    fake.world().ways.push(Box::new(move |path, _| {
        lists += usize::from(path != "account");
        (lists > 6).then(|| refused(401, "Invalid API Key"))
    }));
    let house = House::with(&fake).await;
    let stopped = house.try_sync(SyncOptions::default()).await;
    assert!(matches!(stopped, Err(MirrorError::KeyRefused(_))), "{stopped:?}");
    assert_eq!(house.mirror.status().unwrap().stopped.map(|(code, _)| code).as_deref(), Some("refused"));
    fake.world().ways.clear();
    house.sync().await;
    house.assert_equals(&fake);
    assert_eq!(house.mirror.status().unwrap().stopped, None);
}

#[tokio::test]
async fn pages_that_are_no_json() {
    for broken in [
        "",
        "{",
        "<html>",
        "{\"object\":\"list\",\"data\":[{\"id\":\"cus_1\"",
        "{\"object\":\"list\"}",
        "{\"data\":[1,]}",
    ] {
        let fake = shop();
        fake.world()
            .ways
            .push(Box::new(move |path, _| (path == "customers").then(|| (200, broken.to_owned()))));
        let house = House::with(&fake).await;
        let report = house.sync().await;
        assert_eq!(report.problems.len(), 1, "{broken}: {:?}", report.problems);
        assert!(house.json("pi_000000").is_some(), "the rest is here");
        fake.world().ways.clear();
        assert_eq!(house.sync().await.problems, []);
        house.assert_equals(&fake);
    }
}

#[tokio::test]
async fn a_truncated_page_once_in_a_while_costs_a_request() {
    let fake = shop();
    let mut count = 0;
    fake.world().ways.push(Box::new(move |_, query| {
        count += 1;
        (count % 7 == 0 && !query.is_empty())
            .then(|| (200, "{\"object\": \"list\", \"data\": [{}".to_owned()))
    }));
    let house = House::with(&fake).await;
    assert_eq!(house.sync().await.problems, []);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_list_that_never_ends() {
    let fake = shop();
    let forever: Vec<Value> = (0..3).map(|n| customer(&format!("cus_{n}"), NOW - 10 * DAY, "Ada")).collect();
    let body =
        json!({"object": "list", "data": forever, "has_more": true, "url": "/v1/customers"}).to_string();
    fake.world().ways.push(Box::new(move |path, _| (path == "customers").then(|| (200, body.clone()))));
    fake.world().ways.push(Box::new(move |path, _| {
        let empty = r#"{"object":"list","data":[],"has_more":true,"url":"/v1/terminal/readers"}"#;
        (path == "terminal/readers").then(|| (200, empty.to_owned()))
    }));
    let house = House::with(&fake).await;
    let report = house.sync().await;
    assert!(
        report.problems.iter().any(|p| p.resource == "customers" && p.code == "repeats"),
        "{:?}",
        report.problems
    );
    assert!(house.json("cus_2").is_some() && house.json("pi_000249").is_some());
    assert!(fake.drain().len() < 60);
}

#[tokio::test]
async fn a_page_that_repeats_once() {
    let fake = shop();
    let mut last = None;
    fake.world().ways.push(Box::new(move |path, query| {
        if path != "customers" {
            return None;
        }
        // The second page is answered with the first one again, once.
        let again = query.contains("starting_after") && last.is_none();
        last = last.take().or_else(|| again.then_some(()));
        again.then(|| {
            let first: Vec<Value> =
                (150..250).rev().map(|n| customer(&format!("cus_{n}"), NOW - 90 * DAY + n, "Ada")).collect();
            (
                200,
                json!({"object": "list", "data": first, "has_more": true, "url": "/v1/customers"})
                    .to_string(),
            )
        })
    }));
    let house = House::with(&fake).await;
    let report = house.sync().await;
    assert_eq!(report.problems.len(), 1);
    house.assert_equals(&fake);
    house.full().await;
    assert_eq!(house.mirror.status().unwrap().problems, [], "the next full check found it whole");
}

#[tokio::test]
async fn a_cursor_that_was_deleted_meanwhile() {
    let fake = shop();
    let house = House::with(&fake).await;
    fake.world().after = Some(Box::new(|world, _| {
        let listed = world.asked.iter().filter(|asked| asked.starts_with("customers")).count();
        if listed == 1 {
            world.remove("customers", "cus_150");
        }
    }));
    assert_eq!(house.sync().await.problems, []);
    assert!(house.json("cus_149").is_some() && house.json("cus_0").is_some());
}

#[tokio::test]
async fn values_without_an_id_are_kept_aside() {
    let fake = shop();
    let elements = r#"{"object":"customer","name":"nobody"}, 7, {"id":"","object":"customer"}, {"id":5,"object":"customer"},
        {"id":"cus_a","object":"customer","created":1700000000}, "text""#;
    let body = page(elements);
    fake.world().ways.push(Box::new(move |path, _| (path == "customers").then(|| (200, body.clone()))));
    let house = House::with(&fake).await;
    house.sync().await;
    assert_eq!(house.mirror.status().unwrap().rejected, 5);
    assert!(house.json("cus_a").is_some());
    house.full().await;
    assert_eq!(house.mirror.status().unwrap().rejected, 5, "each kept once");
}

#[tokio::test]
async fn text_that_no_column_can_hold_is_kept_as_written() {
    let fake = Fake::new();
    let element = r#"{"id":"cus_a","object":"customer","created":1700000000,"name":"a\u0000b\ud800","n":1.0e+2,
        "big":12345678901234567890.10,"o":{"b":1,"a":2,"b":3},"e":"\/\u00E9"}"#;
    let body = page(element);
    fake.world().ways.push(Box::new(move |path, _| (path == "customers").then(|| (200, body.clone()))));
    let house = House::with(&fake).await;
    house.sync().await;
    let tillbook_mirror::Shown::Object(text) = house.mirror.show("cus_a").unwrap().unwrap() else { panic!() };
    assert_eq!(text, element.replace([' ', '\n'], ""), "value for value, in Stripe's own writing");
    assert_eq!(house.number("SELECT length(name) FROM customer WHERE id = 'cus_a'"), 4);
}

#[tokio::test]
async fn an_object_of_four_megabytes() {
    let fake = shop();
    let mut large = customer("cus_large", NOW - 5 * DAY, "Large");
    large["description"] = json!("x\u{e9}\u{1F600}".repeat(600_000));
    fake.world().put("customers", large);
    let house = House::with(&fake).await;
    assert_eq!(house.sync().await.problems, []);
    house.assert_equals(&fake);
}

#[tokio::test]
async fn errors_that_pass_do_not_stop_a_sync() {
    let fake = shop();
    let mut seed = 7_u64;
    fake.world().ways.push(Box::new(move |_, _| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        match seed >> 60 {
            0 => Some(refused(500, "oops")),
            1 => Some(refused(429, "slow down")),
            2 => Some((502, "<html>bad gateway</html>".to_owned())),
            _ => None,
        }
    }));
    let house = House::with(&fake).await;
    let report = house.sync().await;
    assert_eq!(report.problems, []);
    assert!(report.rate_limited > 0);
    assert_eq!(report.requests, fake.drain().len() as u64, "repeated ones are counted");
    fake.world().ways.clear();
    house.assert_equals(&fake);
}
