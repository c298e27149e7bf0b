//! Subscriptions, on the wall's time and on test clocks.

use serde_json::Value;

use crate::billing::customer;
use crate::shop::{NOW_S, Shop};

pub const DAY: i64 = 86_400;

pub async fn price(shop: &Shop, amount: &str, interval: &str) -> String {
    let form = [
        ("unit_amount", amount),
        ("currency", "usd"),
        ("recurring[interval]", interval),
        ("product_data[name]", "Tea"),
    ];
    shop.post("/v1/prices", &form).await.ok().id()
}

pub async fn clock(shop: &Shop) -> String {
    shop.post("/v1/test_helpers/test_clocks", &[("frozen_time", &NOW_S.to_string()), ("name", "Year")])
        .await
        .ok()
        .id()
}

/// Moves a clock on and waits for nothing: the next call finds it there.
pub async fn advance(shop: &Shop, clock: &str, to: i64) {
    let path = format!("/v1/test_helpers/test_clocks/{clock}");
    let moved = shop.post(&format!("{path}/advance"), &[("frozen_time", &to.to_string())]).await.ok();
    assert_eq!(moved.text("/status"), "advancing");
    let there = shop.get(&path).await.ok();
    assert_eq!((there.text("/status"), there.json["frozen_time"].as_i64()), ("ready", Some(to)));
}

pub async fn subscribe(
    shop: &Shop,
    customer: &str,
    price: &str,
    extra: &[(&str, &str)],
) -> crate::shop::Reply {
    shop.post("/v1/subscriptions", &[&[("customer", customer), ("items[0][price]", price)], extra].concat())
        .await
}

pub async fn status(shop: &Shop, id: &str) -> String {
    shop.get(&format!("/v1/subscriptions/{id}")).await.ok().text("/status").to_owned()
}

/// The invoices of a subscription, newest first.
pub async fn invoices(shop: &Shop, id: &str) -> Vec<Value> {
    shop.get(&format!("/v1/invoices?subscription={id}&limit=100")).await.ok().json["data"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

#[tokio::test]
async fn a_subscription_is_paid_month_after_month() {
    let shop = Shop::start();
    let (clock, price) = (clock(&shop).await, price(&shop, "2000", "month").await);
    let owner = customer(&shop, "pm_card_visa", &[("test_clock", &clock)]).await;
    let mark = shop.newest_event().await;
    let made = subscribe(&shop, &owner, &price, &[("expand[0]", "latest_invoice.payments")]).await.ok();
    assert_eq!((made.text("/status"), made.text("/latest_invoice/status")), ("active", "paid"));
    assert_eq!(made.text("/latest_invoice/billing_reason"), "subscription_create");
    let told = shop.events_after(&mark).await;
    for name in [
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "customer.subscription.updated",
    ] {
        assert!(told.iter().any(|found| found == name), "{name} is missing from {told:?}");
    }
    let id = made.id();
    let end = made.json["items"]["data"][0]["current_period_end"].as_i64().expect("a time");
    assert_eq!(end, NOW_S + 30 * DAY, "16 November to 16 December");
    advance(&shop, &clock, end + 60).await;
    let drafts = invoices(&shop, &id).await;
    assert_eq!(
        (drafts.len(), drafts[0]["status"].as_str(), drafts[0]["created"].as_i64()),
        (2, Some("draft"), Some(end))
    );
    assert_eq!(drafts[0]["lines"]["data"][0]["description"], "1 × Tea (at $20.00 / month)");
    advance(&shop, &clock, end + 3700).await;
    assert_eq!(invoices(&shop, &id).await[0]["status"], "paid");
    advance(&shop, &clock, end + 62 * DAY).await;
    assert_eq!(invoices(&shop, &id).await.len(), 4);
    let list = shop.get(&format!("/v1/subscriptions?customer={owner}&price={price}")).await.ok();
    assert_eq!(list.text("/data/0/id"), id);
    let behind = shop
        .post(
            &format!("/v1/test_helpers/test_clocks/{clock}/advance"),
            &[("frozen_time", &NOW_S.to_string())],
        )
        .await;
    behind.refused(400, "", "frozen_time");
    let far = (end + 400 * DAY).to_string();
    shop.post(&format!("/v1/test_helpers/test_clocks/{clock}/advance"), &[("frozen_time", &far)])
        .await
        .refused(400, "", "frozen_time");
    assert_eq!(shop.get("/v1/test_helpers/test_clocks").await.ok().text("/data/0/id"), clock);
    assert_eq!(
        shop.delete(&format!("/v1/test_helpers/test_clocks/{clock}")).await.ok().json["deleted"],
        true
    );
    assert_eq!(status(&shop, &id).await, "canceled");
    assert_eq!(shop.get(&format!("/v1/customers/{owner}")).await.ok().json["deleted"], true);
}

#[tokio::test]
async fn first_payments_may_be_incomplete() {
    let shop = Shop::start();
    let (clock, price) = (clock(&shop).await, price(&shop, "2000", "month").await);
    let owner = customer(&shop, "pm_card_chargeCustomerFail", &[("test_clock", &clock)]).await;
    let failed = subscribe(&shop, &owner, &price, &[]).await.ok();
    assert_eq!(failed.text("/status"), "incomplete");
    let strict = subscribe(&shop, &owner, &price, &[("payment_behavior", "error_if_incomplete")]).await;
    strict.refused(402, "card_declined", "");
    assert_eq!(
        shop.get(&format!("/v1/subscriptions?customer={owner}")).await.ok().json["data"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let bare = customer(&shop, "", &[("test_clock", &clock)]).await;
    subscribe(&shop, &bare, &price, &[]).await.refused(400, "resource_missing", "");
    let waiting = [
        ("payment_behavior", "default_incomplete"),
        ("payment_settings[save_default_payment_method]", "on_subscription"),
        ("expand[0]", "latest_invoice.payments.data.payment.payment_intent"),
    ];
    let waits = subscribe(&shop, &bare, &price, &waiting).await.ok();
    assert_eq!(waits.text("/status"), "incomplete");
    let intent = waits.text("/latest_invoice/payments/data/0/payment/payment_intent/id").to_owned();
    let confirmed = shop
        .post(&format!("/v1/payment_intents/{intent}/confirm"), &[("payment_method", "pm_card_visa")])
        .await
        .ok();
    assert_eq!(confirmed.text("/status"), "succeeded");
    let active = shop.get(&format!("/v1/subscriptions/{}", waits.id())).await.ok();
    assert_eq!(
        (active.text("/status"), active.text("/default_payment_method")),
        ("active", confirmed.text("/payment_method"))
    );
    advance(&shop, &clock, NOW_S + 23 * 3600).await;
    assert_eq!(status(&shop, &failed.id()).await, "incomplete_expired");
    assert_eq!(invoices(&shop, &failed.id()).await[0]["status"], "void");
    assert_eq!(shop.get("/v1/subscriptions?status=ended").await.ok().text("/data/0/id"), failed.id());
    let late =
        shop.post(&format!("/v1/subscriptions/{}", failed.id()), &[("cancel_at_period_end", "true")]).await;
    assert_eq!(late.status, 400);
}

#[tokio::test]
async fn a_trial_is_told_of_ends_and_is_paid_for() {
    let shop = Shop::start();
    let (clock, price) = (clock(&shop).await, price(&shop, "2000", "month").await);
    let owner = customer(&shop, "pm_card_visa", &[("test_clock", &clock)]).await;
    let made =
        subscribe(&shop, &owner, &price, &[("trial_period_days", "14"), ("expand[0]", "latest_invoice")])
            .await
            .ok();
    assert_eq!((made.text("/status"), made.json["latest_invoice"]["total"].as_i64()), ("trialing", Some(0)));
    assert_eq!(made.text("/latest_invoice/lines/data/0/description"), "Trial period for Tea");
    let bare = customer(&shop, "", &[("test_clock", &clock)]).await;
    let ends = |how: &'static str| {
        [
            ("trial_period_days", "14"),
            ("payment_behavior", "default_incomplete"),
            ("trial_settings[end_behavior][missing_payment_method]", how),
        ]
    };
    let pauses = subscribe(&shop, &bare, &price, &ends("pause")).await.ok();
    assert!(pauses.text("/pending_setup_intent").starts_with("seti_"));
    let cancels = subscribe(&shop, &bare, &price, &ends("cancel")).await.ok().id();
    let mark = shop.newest_event().await;
    advance(&shop, &clock, NOW_S + 12 * DAY).await;
    let told = shop.events_after(&mark).await;
    assert_eq!(
        told.iter().filter(|name| *name == "customer.subscription.trial_will_end").count(),
        3,
        "{told:?}"
    );
    advance(&shop, &clock, NOW_S + 14 * DAY + 3700).await;
    assert_eq!(status(&shop, &made.id()).await, "active");
    assert_eq!(
        (status(&shop, &pauses.id()).await.as_str(), status(&shop, &cancels).await.as_str()),
        ("paused", "canceled")
    );
    let paid = invoices(&shop, &made.id()).await;
    assert_eq!((paid[0]["status"].as_str(), paid[0]["amount_paid"].as_i64()), (Some("paid"), Some(2000)));
    // Resuming needs something to pay with.
    let resume = format!("/v1/subscriptions/{}/resume", pauses.id());
    let method = shop.post("/v1/payment_methods/pm_card_visa/attach", &[("customer", &bare)]).await.ok().id();
    shop.post(&format!("/v1/subscriptions/{}", pauses.id()), &[("default_payment_method", &method)])
        .await
        .ok();
    assert_eq!(shop.post(&resume, &[]).await.ok().text("/status"), "active");
    assert_eq!(shop.post(&resume, &[]).await.status, 400);
}

#[tokio::test]
async fn what_is_not_paid_is_retried_and_then_given_up() {
    let shop = Shop::start();
    let (clock, price) = (clock(&shop).await, price(&shop, "2000", "month").await);
    let owner = customer(&shop, "pm_card_visa", &[("test_clock", &clock)]).await;
    let gives_up = subscribe(&shop, &owner, &price, &[]).await.ok().id();
    let stays =
        subscribe(&shop, &owner, &price, &[("metadata[practice_after_retries]", "unpaid")]).await.ok().id();
    let bad = shop
        .post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", &[("customer", &owner)])
        .await
        .ok()
        .id();
    shop.post(&format!("/v1/customers/{owner}"), &[("invoice_settings[default_payment_method]", &bad)])
        .await
        .ok();
    let end = NOW_S + 30 * DAY;
    advance(&shop, &clock, end + 3700).await;
    assert_eq!(status(&shop, &gives_up).await, "past_due");
    let open = invoices(&shop, &gives_up).await;
    assert_eq!((open[0]["status"].as_str(), open[0]["attempt_count"].as_i64()), (Some("open"), Some(1)));
    assert_eq!(open[0]["next_payment_attempt"].as_i64(), Some(end + 3600 + 3 * DAY));
    advance(&shop, &clock, end + 16 * DAY).await;
    assert_eq!(
        (status(&shop, &gives_up).await.as_str(), status(&shop, &stays).await.as_str()),
        ("canceled", "unpaid")
    );
    let over = shop.get(&format!("/v1/subscriptions/{gives_up}")).await.ok();
    assert_eq!(over.text("/cancellation_details/reason"), "payment_failed");
    assert_eq!(invoices(&shop, &gives_up).await[0]["attempt_count"].as_i64(), Some(4));
    // Whoever pays the open invoice is subscribed again.
    let good = shop.post("/v1/payment_methods/pm_card_visa/attach", &[("customer", &owner)]).await.ok().id();
    let latest = invoices(&shop, &stays).await[0]["id"].as_str().expect("an id").to_owned();
    shop.post(&format!("/v1/invoices/{latest}/pay"), &[("payment_method", &good)]).await.ok();
    assert_eq!(status(&shop, &stays).await, "active");
}

#[tokio::test]
async fn changes_are_prorated_by_the_second() {
    let shop = Shop::start();
    let (clock, small, large) =
        (clock(&shop).await, price(&shop, "3000", "month").await, price(&shop, "6001", "month").await);
    let owner = customer(&shop, "pm_card_visa", &[("test_clock", &clock)]).await;
    let made = subscribe(&shop, &owner, &small, &[]).await.ok();
    let (id, item) = (made.id(), made.text("/items/data/0/id").to_owned());
    advance(&shop, &clock, NOW_S + 10 * DAY).await;
    let details = [
        ("subscription", id.as_str()),
        ("subscription_details[items][0][id]", &item),
        ("subscription_details[items][0][price]", &large),
    ];
    let preview = shop.post("/v1/invoices/create_preview", &details).await.ok();
    // −3000 × 20/30, 6001 × 20/30, and the next month.
    assert_eq!(preview.json["total"].as_i64(), Some(-2000 + 4001 + 6001));
    assert_eq!(preview.json["lines"]["data"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        shop.get(&format!("/v1/subscriptions/{id}")).await.ok().text("/items/data/0/price/id"),
        small,
        "a preview changes nothing"
    );
    let path = format!("/v1/subscriptions/{id}");
    let change = [("items[0][id]", item.as_str()), ("items[0][price]", &large)];
    let changed = shop.post(&path, &change).await.ok();
    assert_eq!(changed.text("/items/data/0/price/id"), large);
    let pending = shop.get(&format!("/v1/invoiceitems?customer={owner}&pending=true")).await.ok();
    let amounts: Vec<i64> = pending.json["data"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|item| item["amount"].as_i64())
        .collect();
    assert_eq!(amounts, [4001, -2000]);
    assert_eq!(pending.text("/data/1/description"), "Unused time on Tea after 26 Nov 2026");
    // Now billed at once: the pending ones come along.
    let now = shop
        .post(
            &path,
            &[
                ("items[0][id]", item.as_str()),
                ("items[0][quantity]", "2"),
                ("proration_behavior", "always_invoice"),
                ("expand[0]", "latest_invoice"),
            ],
        )
        .await
        .ok();
    assert_eq!(
        (now.text("/latest_invoice/status"), now.json["latest_invoice"]["total"].as_i64()),
        ("paid", Some(2001 + 4000))
    );
    assert_eq!(now.text("/latest_invoice/billing_reason"), "subscription_update");
    // Each line is rounded by itself: −4000.67 and 8001.33.
    let yearly = price(&shop, "50000", "year").await;
    let turned = shop
        .post(
            &path,
            &[
                ("items[0][id]", item.as_str()),
                ("items[0][price]", &yearly),
                ("items[0][quantity]", "1"),
                ("expand[0]", "latest_invoice"),
            ],
        )
        .await
        .ok();
    assert_eq!(
        turned.json["billing_cycle_anchor"].as_i64(),
        Some(NOW_S + 10 * DAY),
        "another interval begins now"
    );
    assert_eq!(turned.json["latest_invoice"]["total"].as_i64(), Some(50_000 - 8001));
    let mixed = shop.post(&path, &[("items[0][price]", &small)]).await;
    assert_eq!(mixed.refused(400, "", "items").status, 400);
}
