//! The shop a fresh state begins with.

use std::collections::HashSet;

use serde_json::Value;
use tillbook_practice::{PracticeOptions, ShopSpec};

use crate::shop::{NOW_S, Shop, options};

async fn all(shop: &Shop, path: &str) -> Vec<Value> {
    let mut rows: Vec<Value> = Vec::new();
    loop {
        let after = rows
            .last()
            .map(|row| format!("&starting_after={}", row["id"].as_str().unwrap_or("")))
            .unwrap_or_default();
        let sign = if path.contains('?') { '&' } else { '?' };
        let page = shop.get(&format!("{path}{sign}limit=100{after}")).await.ok();
        rows.extend(page.json["data"].as_array().cloned().unwrap_or_default());
        if page.json["has_more"] == false {
            return rows;
        }
    }
}

#[tokio::test]
async fn it_sells_books_and_coffee_and_has_a_past_that_adds_up() {
    let shop = Shop::start();
    let products = all(&shop, "/v1/products").await;
    let categories: HashSet<&str> =
        products.iter().filter_map(|product| product["metadata"]["category"].as_str()).collect();
    assert_eq!((products.len(), categories.len()), (40, 6));
    assert_eq!(all(&shop, "/v1/prices").await.len(), 40);
    assert_eq!(all(&shop, "/v1/customers").await.len(), 12);
    let reader = shop.get("/v1/terminal/readers").await.ok();
    assert_eq!((reader.text("/data/0/label"), reader.text("/data/0/status")), ("Counter", "online"));
    let intents = all(&shop, "/v1/payment_intents").await;
    assert!(intents.len() >= 200, "{}", intents.len());
    let (charges, refunds) = (all(&shop, "/v1/charges").await, all(&shop, "/v1/refunds").await);
    let transactions = all(&shop, "/v1/balance_transactions").await;
    let created = |rows: &[Value]| -> Vec<i64> {
        rows.iter().map(|row| row["created"].as_i64().unwrap_or(0)).collect()
    };
    for rows in [&intents, &charges, &refunds, &transactions] {
        let times = created(rows);
        assert!(times.windows(2).all(|pair| pair[0] >= pair[1]), "newest first");
        assert!(times.iter().all(|at| *at <= NOW_S && *at > NOW_S - 16 * 86_400));
    }
    let sum =
        |rows: &[Value], name: &str| rows.iter().map(|row| row[name].as_i64().unwrap_or(0)).sum::<i64>();
    let paid: i64 = charges
        .iter()
        .filter(|charge| charge["paid"] == true)
        .map(|charge| charge["amount_captured"].as_i64().unwrap_or(0))
        .sum();
    assert_eq!(sum(&intents, "amount_received"), paid);
    assert_eq!(sum(&charges, "amount_refunded"), sum(&refunds, "amount"));
    assert!(!refunds.is_empty());
    assert_eq!(sum(&transactions, "amount"), paid - sum(&refunds, "amount"));
    let balance = shop.get("/v1/balance").await.ok();
    let on_hand = balance.json["available"][0]["amount"].as_i64().unwrap_or(0)
        + balance.json["pending"][0]["amount"].as_i64().unwrap_or(0);
    assert_eq!(on_hand, sum(&transactions, "net"));
    let events = all(&shop, "/v1/events").await;
    assert!(events.len() > intents.len() * 2);
    let ids: HashSet<&str> = events.iter().filter_map(|event| event["id"].as_str()).collect();
    assert_eq!(ids.len(), events.len());
}

#[tokio::test]
async fn one_of_the_past_is_read_changed_and_refunded_like_any_other() {
    let shop = Shop::start();
    let list = shop.get("/v1/charges?limit=30").await.ok();
    let charge = list.json["data"]
        .as_array()
        .and_then(|rows| rows.iter().find(|row| row["paid"] == true && row["amount_refunded"] == 0))
        .cloned()
        .expect("a paid charge");
    let (id, intent) = (charge["id"].as_str().unwrap_or(""), charge["payment_intent"].as_str().unwrap_or(""));
    let read = shop
        .get(&format!(
            "/v1/charges/{id}?expand[]=balance_transaction&expand[]=payment_intent&expand[]=payment_method"
        ))
        .await;
    let read = read.ok();
    assert_eq!((read.text("/payment_intent/id"), read.text("/balance_transaction/source")), (intent, id));
    let refund = shop.post("/v1/refunds", &[("payment_intent", intent)]).await.ok();
    let after = shop.get("/v1/charges?limit=30").await.ok();
    let ids = |reply: &Value| -> Vec<String> {
        reply["data"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| row["id"].as_str().unwrap_or("").to_owned())
            .collect()
    };
    assert_eq!(ids(&after.json), ids(&list.json), "it stays where it was");
    assert_eq!(
        after.json["data"]
            .as_array()
            .and_then(|rows| rows.iter().find(|row| row["id"] == id))
            .map(|row| row["refunded"].clone()),
        Some(Value::Bool(true))
    );
    let refunds = shop.get(&format!("/v1/refunds?payment_intent={intent}")).await.ok();
    assert_eq!(refunds.text("/data/0/id"), refund.id());
    let found = shop.get(&format!("/v1/charges?payment_intent={intent}")).await.ok();
    assert_eq!(found.text("/data/0/id"), id);
    shop.get(&format!("/v1/balance_transactions?source={id}")).await.ok();
    let event = shop.get("/v1/events?limit=30").await.ok();
    let old = event.json["data"].as_array().and_then(|rows| rows.last()).cloned().expect("an event");
    assert_eq!(shop.get(&format!("/v1/events/{}", old["id"].as_str().unwrap_or(""))).await.ok().json, old);
}

#[tokio::test]
async fn a_large_shop_takes_no_longer_to_open() {
    let shop = Shop::with(PracticeOptions {
        shop: ShopSpec { products: Some(2_000), payments: Some(1_000_000), days: Some(365) },
        ..options()
    });
    let page = shop.get("/v1/payment_intents?limit=100").await.ok();
    let last = page.text("/data/99/id").to_owned();
    let next = shop.get(&format!("/v1/payment_intents?limit=100&starting_after={last}")).await.ok();
    assert_ne!(next.text("/data/0/id"), last);
    let back = shop
        .get(&format!("/v1/payment_intents?limit=100&ending_before={}", next.text("/data/0/id")))
        .await
        .ok();
    assert_eq!(back.json["data"], page.json["data"]);
    let middle = NOW_S - 180 * 86_400;
    let old = shop.get(&format!("/v1/charges?limit=100&created[lt]={middle}")).await.ok();
    assert_eq!(old.json["data"].as_array().map(Vec::len), Some(100));
    let key = shop.get("/v1/prices?lookup_keys[0]=item-001234").await.ok();
    assert_eq!(key.json["data"].as_array().map(Vec::len), Some(1));
    let product = key.text("/data/0/product").to_owned();
    assert!(!shop.get(&format!("/v1/products/{product}")).await.ok().text("/metadata/barcode").is_empty());
    assert_eq!(
        shop.get(&format!("/v1/prices?product={product}")).await.ok().text("/data/0/lookup_key"),
        "item-001234"
    );
}
