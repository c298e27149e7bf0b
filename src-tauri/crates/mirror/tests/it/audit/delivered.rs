//! Deliveries of `stripe listen`, and secrets in what arrives.

use serde_json::json;
use tillbook_mirror::Cancel;
use tillbook_stripe::webhook;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{DAY, change, named, synced};
use crate::fake::{NOW, customer, payment};
use crate::house::House;

async fn deliver(port: u16, body: &str, signature: &str) -> u16 {
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nstripe-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()[9..].parse().unwrap()
}

const SECRET: &str = "whsec_made_for_this_test";

async fn receiving(house: &House) -> (u16, Cancel) {
    let cancel = Cancel::new();
    let (address, work) =
        house.mirror.receive(0, vec![SECRET.to_owned()], cancel.clone(), Box::new(|_| {})).await.unwrap();
    tokio::spawn(work);
    (address.port(), cancel)
}

#[tokio::test]
async fn a_delivery_is_judged_by_the_clock_of_stripe() {
    let (fake, house) = synced().await;
    let (port, cancel) = receiving(&house).await;
    // The clock here is an hour ahead; what Stripe has just signed is not an hour old.
    change(&fake, NOW + 999, named("cus_1", "Grace"));
    let event = fake.world().lists["events"].last().unwrap().to_string();
    let header = webhook::header(event.as_bytes(), NOW + 1000, SECRET).unwrap();
    assert_eq!(deliver(port, &event, &header).await, 200);
    assert_eq!(house.json("cus_1").unwrap()["name"], "Grace");
    cancel.cancel();
}

#[tokio::test]
async fn a_delivery_that_could_not_be_applied_is_brought_by_the_next_poll() {
    let (fake, house) = synced().await;
    let (port, cancel) = receiving(&house).await;
    house.tamper("CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no room'); END");
    change(&fake, NOW + 999, named("cus_1", "Grace"));
    let event = fake.world().lists["events"].last().unwrap().to_string();
    let signed_at = NOW + 3600 + 10;
    let header = webhook::header(event.as_bytes(), signed_at, SECRET).unwrap();
    assert_eq!(deliver(port, &event, &header).await, 200, "nobody is told to send it again");
    assert_eq!(house.json("cus_1").unwrap()["name"], "Ada");
    house.tamper("DROP TRIGGER full");
    let (before, _) = (house.number("SELECT count(*) FROM event"), ());
    house.sync().await;
    assert_eq!(house.number("SELECT count(*) FROM event"), before + 1);
    house.assert_equals(&fake);
    cancel.cancel();
}

#[tokio::test]
async fn deliveries_take_any_of_several_signatures_and_move_no_anchor() {
    let (fake, house) = synced().await;
    let (port, cancel) = receiving(&house).await;
    let place = || {
        house.number(
            "SELECT count(*) FROM state WHERE name IN ('anchor', 'since', 'polled_at', 'complete_to')",
        )
    };
    let anchor = |house: &House| house.number("SELECT value FROM state WHERE name = 'polled_at'");
    let (had, was) = (place(), anchor(&house));
    change(&fake, NOW + 999, named("cus_1", "Grace"));
    let event = fake.world().lists["events"].last().unwrap().to_string();
    let header = webhook::header(event.as_bytes(), NOW + 3600, SECRET).unwrap();
    let (time, right) = header.split_once(',').unwrap();
    let header = format!("{time},v1={},{right},v0=00", "0".repeat(64));
    assert_eq!(deliver(port, &event, &header).await, 200);
    assert_eq!(house.json("cus_1").unwrap()["name"], "Grace");
    assert_eq!((place(), anchor(&house)), (had, was));
    cancel.cancel();
}

#[tokio::test]
async fn more_deliveries_than_a_second_holds_are_told_to_come_again() {
    let (_fake, house) = synced().await;
    let (port, cancel) = receiving(&house).await;
    let header = webhook::header(b"{}", NOW, SECRET).unwrap();
    // Strangers are told that they are, and what they send is not counted as deliveries.
    for _ in 0..150 {
        assert_eq!(deliver(port, "{}", "").await, 400);
    }
    let mut answers = Vec::new();
    for _ in 0..150 {
        answers.push(deliver(port, "{}", &header).await);
    }
    // A slow machine may need more than a second for them; then none is too many.
    assert!(answers.iter().all(|status| matches!(status, 200 | 429)));
    assert_eq!(answers[0], 200);
    cancel.cancel();
}

#[tokio::test]
async fn secrets_are_cut_out_of_events_deliveries_and_what_is_put_aside() {
    let (fake, house) = synced().await;
    let mut intent = payment(1, NOW + 400, "succeeded");
    intent["last_payment_error"] = json!({"setup_intent": {"client_secret": "seti_secret_deep"}});
    fake.world().put("payment_intents", intent.clone());
    fake.world().event("payment_intent.succeeded", NOW + 500, intent);
    house.sync().await;
    let events = house.number("SELECT count(*) FROM event");
    assert!(events > 1);
    let ids: Vec<String> =
        fake.world().lists["events"].iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    for id in ids.iter().map(String::as_str).chain(["pi_000001"]) {
        let text = house.json(id).unwrap().to_string();
        assert!(!text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn a_delivery_of_another_mode_is_not_taken() {
    let (fake, house) = synced().await;
    let (port, cancel) = receiving(&house).await;
    let mut event = fake.world().event("customer.created", NOW + 500, customer("cus_live", NOW, "Live"));
    event["livemode"] = json!(true);
    let body = event.to_string();
    let header = webhook::header(body.as_bytes(), NOW + 1000, SECRET).unwrap();
    assert_eq!(deliver(port, &body, &header).await, 200, "sending it again would change nothing");
    assert!(house.json("cus_live").is_none(), "a live record in a copy of test records");
    event["livemode"] = json!(false);
    for (account, is_taken) in [("acct_another", false), ("acct_1Fake", true)] {
        event["account"] = json!(account);
        let body = event.to_string();
        let header = webhook::header(body.as_bytes(), NOW + 1000, SECRET).unwrap();
        assert_eq!(deliver(port, &body, &header).await, 200);
        assert_eq!(house.json("cus_live").is_some(), is_taken, "{account}");
    }
    cancel.cancel();
}

#[tokio::test]
async fn a_delivery_from_the_future_keeps_no_later_news_out() {
    let (fake, house) = synced().await;
    let (port, cancel) = receiving(&house).await;
    change(&fake, NOW + 400 * DAY, named("cus_1", "Tomorrow"));
    let event = fake.world().lists["events"].last().unwrap().to_string();
    let header = webhook::header(event.as_bytes(), NOW + 1000, SECRET).unwrap();
    assert_eq!(deliver(port, &event, &header).await, 200);
    assert_eq!(house.json("cus_1").unwrap()["name"], "Tomorrow");
    fake.world().now += 5000;
    change(&fake, NOW + 4000, named("cus_1", "Today"));
    house.sync().await;
    house.assert_equals(&fake);
    cancel.cancel();
}
