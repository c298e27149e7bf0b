//! Events that are told to others: signed, in order, again where they were not taken.

use std::sync::{Arc, Mutex};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tillbook_practice::{Practice, PracticeOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::shop::{NOW_S, Shop, options};

/// A receiver that answers 500 so many times first.
struct Receiver {
    url: String,
    heard: UnboundedReceiver<(String, String)>,
}

impl Receiver {
    async fn open(refusals: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let (tell, heard) = unbounded_channel();
        let left = Arc::new(Mutex::new(refusals));
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut text = Vec::new();
                let (head, body) = loop {
                    socket.read_buf(&mut text).await.expect("bytes");
                    let whole = String::from_utf8_lossy(&text).into_owned();
                    let Some((head, body)) = whole.split_once("\r\n\r\n") else { continue };
                    let length = line(head, "content-length").parse::<usize>().expect("a length");
                    if body.len() >= length {
                        break (head.to_owned(), body.to_owned());
                    }
                };
                assert!(head.starts_with("POST /hook HTTP/1.1"), "{head}");
                let refused = {
                    let mut left = left.lock().expect("a number");
                    let refused = *left > 0;
                    *left = left.saturating_sub(1);
                    refused
                };
                let status = if refused { "500 Not now" } else { "200 OK" };
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                socket.write_all(answer.as_bytes()).await.expect("sent");
                tell.send((line(&head, "stripe-signature"), body)).expect("heard");
            }
        });
        Self { url, heard }
    }

    /// The next event, which must be signed with this secret.
    async fn next(&mut self, secret: &str) -> Value {
        let (signature, body) = self.heard.recv().await.expect("an event");
        let (at, given) = signature.split_once(",v1=").expect("both parts");
        let at = at.strip_prefix("t=").expect("a time");
        assert_eq!(at, NOW_S.to_string());
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
        mac.update(format!("{at}.{body}").as_bytes());
        let right: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(given, right);
        serde_json::from_str(&body).expect("JSON")
    }
}

fn line(head: &str, name: &str) -> String {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map_or(String::new(), |(_, value)| value.to_owned())
}

/// Waits until an event is written down as delivered; the receiver heard of it before.
async fn delivered(shop: &Shop, id: &str) {
    for _ in 0..500 {
        if shop.get(&format!("/v1/events/{id}")).await.ok().json["pending_webhooks"] == 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{id} is still to be delivered");
}

#[tokio::test]
async fn every_event_is_forwarded_in_order_and_again_where_it_was_not_taken() {
    let mut receiver = Receiver::open(1).await;
    let shop = Shop::with(PracticeOptions { forward_to: Some(receiver.url.clone()), ..options() });
    let secret = shop.running.webhook_secret.clone().expect("a secret");
    assert!(secret.starts_with("whsec_practice_"));
    let mark = shop.newest_event().await;
    shop.pay("1000", "pm_card_visa").await.ok();
    let listed = shop.events_after(&mark).await;
    let refused = receiver.next(&secret).await;
    let mut told = Vec::new();
    for _ in &listed {
        let event = receiver.next(&secret).await;
        told.push(event["type"].as_str().unwrap_or("").to_owned());
        if told.len() == 1 {
            assert_eq!((&event["id"], &event["pending_webhooks"]), (&refused["id"], &1.into()));
        }
        delivered(&shop, event["id"].as_str().unwrap_or("")).await;
    }
    assert_eq!(told, listed);
    let waiting = shop.get("/v1/events?delivery_success=false").await.ok();
    assert_eq!(waiting.json["data"], serde_json::json!([]));
}

#[tokio::test]
async fn an_endpoint_hears_of_what_it_asked_for_until_it_is_disabled() {
    let mut receiver = Receiver::open(0).await;
    let shop = Shop::start();
    let form = [
        ("url", receiver.url.as_str()),
        ("enabled_events[]", "customer.created"),
        ("enabled_events[]", "customer.deleted"),
    ];
    let made = shop.post("/v1/webhook_endpoints", &form).await.ok();
    let (path, secret) = (format!("/v1/webhook_endpoints/{}", made.id()), made.text("/secret").to_owned());
    assert!(shop.get(&path).await.ok().json["secret"].is_null(), "the secret is shown once");
    let customer = shop.post("/v1/customers", &[("name", "Ada")]).await.ok().id();
    shop.post(&format!("/v1/customers/{customer}"), &[("name", "Grace")]).await.ok();
    shop.delete(&format!("/v1/customers/{customer}")).await.ok();
    for name in ["customer.created", "customer.deleted"] {
        let event = receiver.next(&secret).await;
        assert_eq!(
            (&event["type"], &event["data"]["object"]["id"]),
            (&name.into(), &customer.clone().into())
        );
        delivered(&shop, event["id"].as_str().unwrap_or("")).await;
    }
    shop.post(&path, &[("disabled", "true"), ("description", "Off")]).await.ok();
    shop.post("/v1/customers", &[("name", "Ada")]).await.ok();
    let newest = shop.get("/v1/events?limit=1").await.ok();
    assert_eq!(newest.json["data"][0]["pending_webhooks"], 0);
    assert_eq!(shop.get("/v1/webhook_endpoints").await.ok().text("/data/0/status"), "disabled");
    let far = [("url", "https://example.com/hook"), ("enabled_events[]", "*")];
    shop.post("/v1/webhook_endpoints", &far).await.refused(400, "url_invalid", "url");
    shop.post(&path, &[("url", "http://192.168.0.1/")]).await.refused(400, "url_invalid", "url");
    assert_eq!(shop.delete(&path).await.ok().json["deleted"], true);
    shop.get(&path).await.refused(404, "resource_missing", "webhook_endpoint");
}

#[tokio::test]
async fn forwarding_begins_and_ends_while_it_serves_with_one_secret() {
    let mut receiver = Receiver::open(0).await;
    let shop = Shop::start();
    shop.post("/v1/customers", &[("name", "Ada")]).await.ok();
    let secret = shop.running.forward_to(Some(&receiver.url)).expect("loopback").expect("a secret");
    assert!(secret.starts_with("whsec_practice_"));
    let customer = shop.post("/v1/customers", &[("name", "Grace")]).await.ok().id();
    // Nothing from before it began.
    assert_eq!(receiver.next(&secret).await["data"]["object"]["id"], customer.as_str());
    assert_eq!(shop.running.forward_to(None).expect("nothing to refuse"), None);
    shop.post("/v1/customers", &[("name", "Joan")]).await.ok();
    let again = shop.running.forward_to(Some(&receiver.url)).expect("loopback");
    assert_eq!(again, Some(secret.clone()));
    let last = shop.post("/v1/customers", &[("name", "Mary")]).await.ok().id();
    assert_eq!(receiver.next(&secret).await["data"]["object"]["id"], last.as_str());
    assert!(shop.running.forward_to(Some("http://example.com/")).is_err());
}

#[test]
fn nothing_is_forwarded_beyond_this_machine() {
    let options = PracticeOptions { forward_to: Some("http://example.com/".to_owned()), ..options() };
    let refused = Practice::start(options).expect_err("not loopback");
    assert!(refused.to_string().contains("this machine alone"), "{refused}");
}
