//! Subscriptions as they go on: their items, their pauses, their discounts and their end.

use crate::billing::customer;
use crate::shop::{NOW_S, Shop};
use crate::subscriptions::{DAY, advance, clock, invoices, price, status, subscribe};

#[tokio::test]
async fn items_come_and_go() {
    let shop = Shop::start();
    let (tea, cake) = (price(&shop, "3000", "month").await, price(&shop, "900", "month").await);
    let owner = customer(&shop, "pm_card_visa", &[]).await;
    let id = subscribe(&shop, &owner, &tea, &[]).await.ok().id();
    let added = shop
        .post("/v1/subscription_items", &[("subscription", &id), ("price", &cake), ("quantity", "2")])
        .await
        .ok();
    let path = format!("/v1/subscription_items/{}", added.id());
    assert_eq!(
        shop.post(&path, &[("quantity", "3"), ("proration_behavior", "none")]).await.ok().json["quantity"],
        3
    );
    assert_eq!(
        shop.get(&format!("/v1/subscription_items?subscription={id}")).await.ok().json["data"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    assert_eq!(shop.get(&path).await.ok().text("/price/id"), cake);
    assert_eq!(shop.delete(&path).await.ok().json["deleted"], true);
    let last = shop.get(&format!("/v1/subscriptions/{id}")).await.ok();
    assert_eq!(last.json["items"]["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        shop.delete(&format!("/v1/subscription_items/{}", last.text("/items/data/0/id"))).await.status,
        400
    );
    shop.post("/v1/subscription_items", &[("subscription", "sub_none"), ("price", &cake)]).await.refused(
        400,
        "resource_missing",
        "subscription",
    );
    subscribe(&shop, &owner, "price_none", &[]).await.refused(400, "resource_missing", "items[0][price]");
    let once = shop
        .post("/v1/prices", &[("unit_amount", "5"), ("currency", "usd"), ("product_data[name]", "Cup")])
        .await
        .ok()
        .id();
    subscribe(&shop, &owner, &once, &[]).await.refused(400, "", "items[0][price]");
}

#[tokio::test]
async fn subscriptions_end_at_once_or_with_their_period() {
    let shop = Shop::start();
    let (clock, price) = (clock(&shop).await, price(&shop, "3000", "month").await);
    let owner = customer(&shop, "pm_card_visa", &[("test_clock", &clock)]).await;
    let (now, later, dated) = (
        subscribe(&shop, &owner, &price, &[]).await.ok().id(),
        subscribe(&shop, &owner, &price, &[]).await.ok().id(),
        subscribe(&shop, &owner, &price, &[("cancel_at", &(NOW_S + 5 * DAY).to_string())]).await.ok().id(),
    );
    let mark = shop.newest_event().await;
    let ending =
        shop.post(&format!("/v1/subscriptions/{later}"), &[("cancel_at_period_end", "true")]).await.ok();
    assert_eq!(ending.json["cancel_at"].as_i64(), Some(NOW_S + 30 * DAY));
    let preview = shop.post("/v1/invoices/create_preview", &[("subscription", &later)]).await;
    preview.refused(404, "invoice_upcoming_none", "");
    advance(&shop, &clock, NOW_S + 15 * DAY).await;
    assert_eq!(
        (status(&shop, &dated).await.as_str(), status(&shop, &later).await.as_str()),
        ("canceled", "active")
    );
    let canceled = shop
        .send(shop.request(
            reqwest::Method::DELETE,
            &format!(
                "/v1/subscriptions/{now}?prorate=true&invoice_now=true&cancellation_details[feedback]=unused"
            ),
        ))
        .await
        .ok();
    assert_eq!(
        (canceled.text("/status"), canceled.text("/cancellation_details/feedback")),
        ("canceled", "unused")
    );
    // Half a month goes to the customer's balance.
    assert_eq!(shop.get(&format!("/v1/customers/{owner}")).await.ok().json["balance"].as_i64(), Some(-1500));
    assert_eq!(shop.delete(&format!("/v1/subscriptions/{now}")).await.status, 404);
    advance(&shop, &clock, NOW_S + 30 * DAY).await;
    assert_eq!(status(&shop, &later).await, "canceled");
    assert_eq!(invoices(&shop, &later).await.len(), 1, "nothing is billed at the end");
    let told = shop.events_after(&mark).await;
    assert_eq!(told.iter().filter(|name| *name == "customer.subscription.deleted").count(), 3);
    assert_eq!(shop.get("/v1/subscriptions").await.ok().json["data"], serde_json::json!([]));
    assert_eq!(
        shop.get("/v1/subscriptions?status=all").await.ok().json["data"].as_array().map(Vec::len),
        Some(3)
    );
}

#[tokio::test]
async fn collection_may_rest_and_subscriptions_may_pause() {
    let shop = Shop::start();
    let (clock, price) = (clock(&shop).await, price(&shop, "3000", "month").await);
    let owner = customer(&shop, "pm_card_visa", &[("test_clock", &clock)]).await;
    let (rests, pauses) = (
        subscribe(&shop, &owner, &price, &[]).await.ok().id(),
        subscribe(&shop, &owner, &price, &[]).await.ok().id(),
    );
    let until = (NOW_S + 40 * DAY).to_string();
    let form = [("pause_collection[behavior]", "void"), ("pause_collection[resumes_at]", until.as_str())];
    assert_eq!(
        shop.post(&format!("/v1/subscriptions/{rests}"), &form).await.ok().text("/pause_collection/behavior"),
        "void"
    );
    let paused =
        shop.post(&format!("/v1/subscriptions/{pauses}/pause"), &[("type", "subscription")]).await.ok();
    assert_eq!(
        (paused.text("/status"), paused.text("/status_details/paused/subscription/type")),
        ("paused", "pause_requested")
    );
    advance(&shop, &clock, NOW_S + 31 * DAY).await;
    assert_eq!(invoices(&shop, &rests).await[0]["status"], "void");
    assert_eq!(invoices(&shop, &pauses).await.len(), 1);
    advance(&shop, &clock, NOW_S + 62 * DAY).await;
    assert_eq!(invoices(&shop, &rests).await[0]["status"], "paid");
    let resumed = shop
        .post(&format!("/v1/subscriptions/{pauses}/resume"), &[("expand[0]", "latest_invoice")])
        .await
        .ok();
    assert_eq!((resumed.text("/status"), resumed.text("/latest_invoice/status")), ("active", "paid"));
}

#[tokio::test]
async fn discounts_and_taxes_reach_the_invoices() {
    let shop = Shop::start();
    let (clock, price) = (clock(&shop).await, price(&shop, "2000", "month").await);
    let owner = customer(&shop, "pm_card_visa", &[("test_clock", &clock)]).await;
    shop.post("/v1/coupons", &[("id", "ONCE"), ("percent_off", "50")]).await.ok();
    shop.post(
        "/v1/coupons",
        &[
            ("id", "TWO"),
            ("amount_off", "100"),
            ("currency", "usd"),
            ("duration", "repeating"),
            ("duration_in_months", "2"),
        ],
    )
    .await
    .ok();
    let rate = shop
        .post("/v1/tax_rates", &[("display_name", "Tax"), ("inclusive", "false"), ("percentage", "10")])
        .await
        .ok()
        .id();
    let form = [
        ("discounts[0][coupon]", "ONCE"),
        ("discounts[1][coupon]", "TWO"),
        ("default_tax_rates[0]", rate.as_str()),
        ("expand[0]", "latest_invoice"),
    ];
    let made = subscribe(&shop, &owner, &price, &form).await.ok();
    assert_eq!(made.json["latest_invoice"]["total"].as_i64(), Some(990), "(2000 − 1000 − 100) × 1.1");
    let id = made.id();
    advance(&shop, &clock, NOW_S + 31 * DAY).await;
    assert_eq!(invoices(&shop, &id).await[0]["total"].as_i64(), Some(2090));
    advance(&shop, &clock, NOW_S + 62 * DAY).await;
    assert_eq!(invoices(&shop, &id).await[0]["total"].as_i64(), Some(2200));
    assert_eq!(
        shop.get(&format!("/v1/subscriptions/{id}")).await.ok().json["discounts"],
        serde_json::json!([])
    );
}

#[tokio::test]
async fn the_walls_time_renews_too() {
    let shop = Shop::start();
    let price = price(&shop, "2000", "week").await;
    let owner = customer(&shop, "pm_card_visa", &[]).await;
    let id =
        subscribe(&shop, &owner, &price, &[("collection_method", "send_invoice"), ("days_until_due", "3")])
            .await
            .ok()
            .id();
    assert_eq!(status(&shop, &id).await, "active");
    shop.clock.advance_ms(20_000);
    let found = shop.get("/v1/subscriptions/search?query=status%3A%22active%22").await.ok();
    assert_eq!(found.text("/data/0/id"), id);
    shop.clock.advance_ms(7 * DAY * 1000 + 1000);
    let found = invoices(&shop, &id).await;
    assert_eq!((found.len(), found[1]["status"].as_str()), (2, Some("open")));
    assert_eq!(status(&shop, &id).await, "past_due", "the first was due four days ago");
    subscribe(&shop, &owner, &price, &[("collection_method", "send_invoice")]).await.refused(
        400,
        "parameter_missing",
        "days_until_due",
    );
    shop.delete(&format!("/v1/customers/{owner}")).await.ok();
    assert_eq!(status(&shop, &id).await, "canceled", "whoever is gone is subscribed to nothing");
}
