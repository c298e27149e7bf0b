//! The receiver on loopback.

use std::sync::{Arc, Mutex};

use tillbook_mirror::{Cancel, Delivered, MirrorError};
use tillbook_store::Clock;
use tillbook_stripe::webhook;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::fake::{Fake, NOW, customer};
use crate::house::House;

const SECRET: &str = "whsec_made_for_this_test";

async fn deliver(port: u16, body: &str, signature: &str) -> u16 {
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!(
        "POST /hook HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nstripe-signature: {signature}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // A body that is refused by its size may be refused before it was sent in full.
    let _ = stream.write_all(body.as_bytes()).await;
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()[9..].parse().unwrap()
}

#[tokio::test]
async fn deliveries_are_checked_and_applied_like_news() {
    let fake = Fake::new();
    fake.world().put("customers", customer("cus_1", NOW - 100, "Ada"));
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().now += 1000;
    let told = Arc::new(Mutex::new(Vec::new()));
    let (cancel, heard) = (Cancel::new(), Arc::clone(&told));
    let listen = Box::new(move |delivered| heard.lock().unwrap().push(delivered));
    let none = house.mirror.receive(0, vec![String::new()], cancel.clone(), Box::new(|_| {})).await;
    assert!(matches!(none, Err(MirrorError::Broken(_))));
    let (address, work) =
        house.mirror.receive(0, vec![SECRET.to_owned()], cancel.clone(), listen).await.unwrap();
    assert!(address.ip().is_loopback());
    let served = tokio::spawn(work);
    fake.world().put("customers", customer("cus_1", NOW - 100, "Grace"));
    let event =
        fake.world().event("customer.updated", NOW + 500, customer("cus_1", NOW - 100, "Grace")).to_string();
    // By Stripe's clock: this machine's is an hour ahead.
    let now = NOW + 1000;
    let signed = |body: &str, at: i64| webhook::header(body.as_bytes(), at, SECRET).unwrap();
    let port = address.port();
    assert_eq!(deliver(port, &event, "").await, 400);
    assert_eq!(deliver(port, &event.replace("Grace", "Mallory"), &signed(&event, now)).await, 400);
    assert_eq!(deliver(port, &event, &signed(&event, NOW - 301)).await, 400, "too old");
    assert_eq!(house.json("cus_1").unwrap()["name"], "Ada", "nothing changed");
    assert_eq!(deliver(port, &event, &signed(&event, now)).await, 200);
    assert_eq!(house.json("cus_1").unwrap()["name"], "Grace");
    assert_eq!(deliver(port, &event, &signed(&event, now)).await, 200, "a duplicate");
    let nonsense = r#"{"id":"cus_9","object":"customer"}"#;
    assert_eq!(deliver(port, nonsense, &signed(nonsense, now)).await, 200, "signed, and of no use");
    assert!(house.json("cus_9").is_none());
    let large = format!("{{\"id\":\"evt_x\",\"object\":\"event\",\"pad\":\"{}\"}}", "x".repeat(2_000_000));
    assert_eq!(deliver(port, &large, &signed(&large, now)).await, 413);
    let report = house.sync().await;
    assert_eq!(report.events, 0, "the poll knows it");
    house.assert_equals(&fake);
    let told = told.lock().unwrap().clone();
    let news = |wanted| told.iter().filter(|one| **one == Delivered::Taken { news: wanted }).count();
    assert_eq!((news(true), news(false)), (1, 1));
    assert_eq!(told.iter().filter(|one| **one == Delivered::BadSignature).count(), 3);
    assert_eq!(told.iter().filter(|one| matches!(one, Delivered::Failed(_))).count(), 1);
    cancel.cancel();
    served.await.unwrap();
}

#[tokio::test]
async fn before_anything_was_heard_of_stripe_the_clock_of_this_machine_judges() {
    let fake = Fake::new();
    let house = House::with(&fake).await;
    let cancel = Cancel::new();
    let (address, work) =
        house.mirror.receive(0, vec![SECRET.to_owned()], cancel.clone(), Box::new(|_| {})).await.unwrap();
    let served = tokio::spawn(work);
    let event = fake.world().event("customer.created", NOW, customer("cus_1", NOW, "Ada")).to_string();
    let now = house.clock.now_ms() / 1000;
    let signed = |at: i64| webhook::header(event.as_bytes(), at, SECRET).unwrap();
    assert_eq!(deliver(address.port(), &event, &signed(now - 301)).await, 400);
    assert_eq!(deliver(address.port(), &event, &signed(now)).await, 200);
    assert_eq!(house.json("cus_1").unwrap()["name"], "Ada");
    cancel.cancel();
    served.await.unwrap();
}

#[tokio::test]
async fn strangers_who_stand_in_the_door_keep_no_delivery_out() {
    let fake = Fake::new();
    let house = House::with(&fake).await;
    house.sync().await;
    let cancel = Cancel::new();
    let (address, work) =
        house.mirror.receive(0, vec![SECRET.to_owned()], cancel.clone(), Box::new(|_| {})).await.unwrap();
    let served = tokio::spawn(work);
    let mut strangers = Vec::new();
    for half in
        ["POST / HTTP/1.1\r\nhost: lo", "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n"]
    {
        for _ in 0..200 {
            let mut stranger = tokio::net::TcpStream::connect(address).await.unwrap();
            // Whoever stood there too long is seen out while others still come.
            let _ = stranger.write_all(half.as_bytes()).await;
            strangers.push(stranger);
        }
    }
    let event = fake.world().event("customer.created", NOW, customer("cus_1", NOW, "Ada")).to_string();
    let signature = webhook::header(event.as_bytes(), NOW, SECRET).unwrap();
    assert_eq!(deliver(address.port(), &event, &signature).await, 200);
    assert_eq!(house.json("cus_1").unwrap()["name"], "Ada");
    for mut stranger in strangers.drain(..300) {
        let mut heard = Vec::new();
        let _ = stranger.read_to_end(&mut heard).await;
        assert!(!heard.starts_with(b"HTTP/1.1 2"), "nobody was taken for a delivery");
    }
    drop(strangers);
    cancel.cancel();
    served.await.unwrap();
}
