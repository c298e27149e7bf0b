//! What goes wrong on purpose.

use reqwest::Method;
use serde_json::json;

use crate::shop::Shop;

async fn set(shop: &Shop, plan: serde_json::Value) {
    let reply = shop.send(shop.request(Method::POST, "/_practice/faults").body(plan.to_string())).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
}

#[tokio::test]
async fn a_lost_answer_hides_work_that_was_or_was_not_done() {
    let shop = Shop::start();
    for (fault, done) in [("drop_before", false), ("drop_after", true), ("truncated", true)] {
        set(
            &shop,
            json!({"rules": [{"fault": fault, "method": "POST", "path": "/v1/customers", "times": 1}]}),
        )
        .await;
        let form = [("name", fault), ("email", "lost@example.com")];
        let answer = async {
            shop.posting("/v1/customers", &form).header("idempotency-key", fault).send().await?.bytes().await
        };
        assert!(answer.await.is_err(), "{fault}");
        let replay = shop.post_keyed("/v1/customers", fault, &form).await.ok();
        assert_eq!(replay.header("idempotent-replayed") == "true", done, "{fault}");
    }
    let made = shop.get("/v1/customers?email=lost@example.com").await.ok();
    assert_eq!(made.json["data"].as_array().map(Vec::len), Some(3), "each was made once");
}

#[tokio::test]
async fn errors_come_as_asked_for_and_a_500_sticks_to_its_key() {
    let shop = Shop::start();
    let one = |fault: &str| json!({"rules": [{"fault": fault, "times": 1}]});
    for (fault, status) in [
        ("conflict", 409),
        ("rate_limited", 429),
        ("lock_timeout", 429),
        ("unavailable", 503),
        ("error_after", 500),
    ] {
        set(&shop, one(fault)).await;
        let reply = shop.get("/v1/balance").await;
        assert_eq!(reply.status, status, "{fault}");
        assert_eq!(reply.header("stripe-rate-limited-reason").is_empty(), fault != "rate_limited");
        shop.get("/v1/balance").await.ok();
    }
    set(&shop, one("error_before")).await;
    let form = [("name", "A")];
    assert_eq!(shop.post_keyed("/v1/customers", "stuck", &form).await.status, 500);
    let again = shop.post_keyed("/v1/customers", "stuck", &form).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (500, "true"));
    set(&shop, json!({"rules": [{"fault": "slow", "ms": 1, "times": 1}]})).await;
    shop.get("/v1/customers?limit=100").await.ok();
    assert_eq!(shop.send(shop.request(Method::POST, "/_practice/faults").body("{")).await.status, 400);
}

#[tokio::test]
async fn events_are_lost_doubled_late_and_of_another_version() {
    let shop = Shop::start();
    let mark = shop.newest_event().await;
    set(&shop, json!({"events": {"lost": 1000}})).await;
    shop.post("/v1/customers", &[]).await.ok();
    assert!(shop.events_after(&mark).await.is_empty());
    set(&shop, json!({"events": {"doubled": 1000, "other_version": 1000}})).await;
    shop.post("/v1/customers", &[]).await.ok();
    assert_eq!(shop.events_after(&mark).await.len(), 2);
    assert_eq!(shop.get("/v1/events?limit=1").await.ok().text("/data/0/api_version"), "2022-08-01");
    set(&shop, json!({"events": {"late": 1000, "late_seconds": 60}})).await;
    shop.post("/v1/customers", &[]).await.ok();
    assert_eq!(shop.events_after(&mark).await.len(), 2);
    shop.clock.advance_ms(61_000);
    assert_eq!(shop.events_after(&mark).await.len(), 3);
    let late = shop.get("/v1/events?limit=1").await.ok();
    assert_eq!(late.json["data"][0]["created"], crate::shop::NOW_S, "it is as old as its change");
}

#[tokio::test]
async fn events_in_an_older_version_have_that_versions_shape() {
    let shop = Shop::start();
    let owner = crate::billing::customer(&shop, "pm_card_visa", &[]).await;
    set(&shop, json!({"events": {"other_version": 1000}})).await;
    let paid = shop.pay("1000", "pm_card_visa").await.ok();
    let price = [
        ("unit_amount", "500"),
        ("currency", "usd"),
        ("recurring[interval]", "month"),
        ("product_data[name]", "Tea"),
    ];
    let price = shop.post("/v1/prices", &price).await.ok().id();
    shop.post("/v1/subscriptions", &[("customer", &owner), ("items[0][price]", &price)]).await.ok();
    set(&shop, json!({})).await;
    let newest = async |name: &str| {
        let url = format!("{}/v1/events?type={name}&limit=1", shop.running.base_url);
        let request = reqwest::Client::new().get(url).bearer_auth(&shop.running.secret_key);
        let text = request.send().await.expect("an answer").text().await.expect("a body");
        let list: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        list["data"][0].clone()
    };
    let event = newest("payment_intent.succeeded").await;
    assert_eq!(event["api_version"], "2022-08-01");
    // The subscription's payment came last.
    let intent = &event["data"]["object"];
    assert!(
        intent.get("latest_charge").is_none() && intent["charges"]["data"][0]["id"].is_string(),
        "{paid:?}"
    );
    let invoice = newest("invoice.paid").await["data"]["object"].clone();
    assert_eq!((&invoice["payment_intent"], &invoice["paid"]), (&intent["id"], &json!(true)));
    assert!(invoice.get("parent").is_none() && invoice["subscription"].is_string(), "{invoice}");
    let subscription = newest("customer.subscription.created").await["data"]["object"].clone();
    assert!(subscription["current_period_end"].is_i64(), "{subscription}");
    assert!(subscription["items"]["data"][0].get("current_period_end").is_none());
}
