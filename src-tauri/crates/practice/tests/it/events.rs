//! The list of events.

use crate::shop::Shop;

#[tokio::test]
async fn events_tell_who_what_and_what_was_before() {
    let shop = Shop::start();
    let customer = shop.post_keyed("/v1/customers", "key-1", &[("name", "Nia")]).await.ok();
    let path = format!("/v1/customers/{}", customer.id());
    shop.post(&path, &[("name", "Mia"), ("metadata[a]", "1")]).await.ok();
    let list = shop.get("/v1/events?limit=2").await.ok();
    assert_eq!(list.text("/data/0/type"), "customer.updated");
    assert_eq!(
        list.json["data"][0]["data"]["previous_attributes"],
        serde_json::json!({"metadata": {"a": null}, "name": "Nia"})
    );
    assert_eq!(list.text("/data/1/request/idempotency_key"), "key-1");
    assert_eq!(list.text("/data/1/request/id"), customer.header("request-id"));
    assert_eq!(list.text("/data/1/api_version"), "2026-10-28.endive");
    let one = shop.get(&format!("/v1/events/{}", list.text("/data/0/id"))).await.ok();
    assert_eq!(one.text("/data/object/name"), "Mia");
    // Nothing changed: nothing is told.
    shop.post(&path, &[("name", "Mia")]).await.ok();
    assert_eq!(shop.newest_event().await, list.text("/data/0/id"));
}

#[tokio::test]
async fn events_are_filtered_and_age_out() {
    let shop = Shop::start();
    let mark = shop.newest_event().await;
    shop.post("/v1/customers", &[("name", "Nia")]).await.ok();
    shop.pay("900", "pm_card_visa").await.ok();
    let count = |query: String| {
        let shop = &shop;
        async move { shop.get(&query).await.ok().json["data"].as_array().map(Vec::len).unwrap_or(0) }
    };
    assert_eq!(count(format!("/v1/events?ending_before={mark}&type=charge.*")).await, 1);
    assert_eq!(
        count(format!("/v1/events?ending_before={mark}&types[]=customer.created&types[]=charge.succeeded"))
            .await,
        2
    );
    assert_eq!(count(format!("/v1/events?ending_before={mark}&delivery_success=false")).await, 0);
    assert_eq!(count(format!("/v1/events?ending_before={mark}&created[lt]={}", crate::shop::NOW_S)).await, 0);
    let many: Vec<String> = (0..21).map(|n| format!("types[{n}]=customer.created")).collect();
    assert_eq!(shop.get(&format!("/v1/events?{}", many.join("&"))).await.status, 400);
    shop.clock.advance_ms(31 * 86_400 * 1000);
    // The day's payout is made and told of meanwhile.
    let customers = "/v1/events?limit=100&type=customer.*";
    assert_eq!(count(customers.to_owned()).await, 0);
    shop.post("/v1/customers", &[("name", "Zoe")]).await.ok();
    assert_eq!(count(customers.to_owned()).await, 1);
    shop.get(&format!("/v1/events?ending_before={mark}")).await;
}
