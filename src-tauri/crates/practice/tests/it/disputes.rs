//! Disputes from the first notice to the end, and the payouts that take the rest to the bank.

use serde_json::Value;

use crate::shop::{Reply, Shop};

const DAY_MS: i64 = 86_400_000;

async fn pay(shop: &Shop, card: &str, amount: &str) -> Reply {
    let form = [
        ("amount", amount),
        ("currency", "usd"),
        ("payment_method", card),
        ("confirm", "true"),
        ("automatic_payment_methods[enabled]", "true"),
        ("automatic_payment_methods[allow_redirects]", "never"),
    ];
    shop.post("/v1/payment_intents", &form).await.ok()
}

/// The dispute of a payment made with this card, two seconds later.
async fn disputed(shop: &Shop, card: &str) -> Value {
    let intent = pay(shop, card, "5000").await;
    shop.clock.advance_ms(2_000);
    let list = shop.get(&format!("/v1/disputes?payment_intent={}", intent.id())).await.ok();
    list.json["data"][0].clone()
}

async fn balance(shop: &Shop) -> i64 {
    let balance = shop.get("/v1/balance").await.ok().json;
    let sum = |side: &str| -> i64 {
        balance[side].as_array().into_iter().flatten().filter_map(|row| row["amount"].as_i64()).sum()
    };
    sum("available") + sum("pending")
}

async fn answer(shop: &Shop, dispute: &Value, words: &str) -> Value {
    let path = format!("/v1/disputes/{}", dispute["id"].as_str().unwrap());
    let sent = shop.post(&path, &[("evidence[uncategorized_text]", words)]).await.ok().json;
    assert!(sent["status"].as_str().unwrap().ends_with("under_review"), "{sent}");
    assert_eq!(sent["evidence_details"]["submission_count"], 1);
    shop.clock.advance_ms(3_000);
    shop.get(&path).await.ok().json
}

#[tokio::test]
async fn a_dispute_takes_the_money_and_a_fee_and_winning_gives_the_money_back() {
    let shop = Shop::start();
    let before = balance(&shop).await;
    let dispute = disputed(&shop, "pm_card_createDispute").await;
    assert_eq!(dispute["status"], "needs_response");
    assert_eq!(dispute["amount"], 5_000);
    let fee = 5_000 * 29 / 1_000 + 30;
    assert_eq!(balance(&shop).await, before - fee - 1_500);

    let charge = dispute["charge"].as_str().unwrap().to_owned();
    assert_eq!(shop.get(&format!("/v1/charges/{charge}")).await.ok().json["disputed"], true);
    shop.post("/v1/refunds", &[("charge", &charge)]).await.refused(400, "charge_disputed", "");

    let won = answer(&shop, &dispute, "winning_evidence").await;
    assert_eq!(won["status"], "won");
    assert_eq!(won["balance_transactions"].as_array().unwrap().len(), 2);
    assert_eq!(balance(&shop).await, before + 5_000 - fee - 1_500);
    let events = shop
        .get("/v1/events?types[]=charge.dispute.closed&types[]=charge.dispute.funds_reinstated")
        .await
        .ok();
    assert_eq!(events.json["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn lost_closed_and_forgotten_disputes_end() {
    let shop = Shop::start();
    let lost = disputed(&shop, "pm_card_createDispute").await;
    assert_eq!(answer(&shop, &lost, "losing_evidence").await["status"], "lost");

    let given_up = disputed(&shop, "pm_card_createDisputeProductNotReceived").await;
    assert_eq!(given_up["reason"], "product_not_received");
    let path = format!("/v1/disputes/{}/close", given_up["id"].as_str().unwrap());
    assert_eq!(shop.post(&path, &[]).await.ok().json["status"], "lost");
    shop.post(&path, &[]).await.refused(400, "dispute_already_closed", "");

    let forgotten = disputed(&shop, "pm_card_createDispute").await;
    shop.clock.advance_ms(11 * DAY_MS);
    let path = format!("/v1/disputes/{}", forgotten["id"].as_str().unwrap());
    let after = shop.get(&path).await.ok().json;
    assert_eq!(after["status"], "lost");
    assert_eq!(after["evidence_details"]["past_due"], true);
}

#[tokio::test]
async fn evidence_waits_where_it_is_told_to() {
    let shop = Shop::start();
    let dispute = disputed(&shop, "pm_card_createDispute").await;
    let path = format!("/v1/disputes/{}", dispute["id"].as_str().unwrap());
    let staged = shop.post(&path, &[("evidence[customer_name]", "Ann"), ("submit", "false")]).await.ok().json;
    assert_eq!(staged["status"], "needs_response");
    assert_eq!(staged["evidence"]["customer_name"], "Ann");
    assert_eq!(staged["evidence_details"]["has_evidence"], true);
    let noted = shop.post(&path, &[("metadata[desk]", "2")]).await.ok().json;
    assert_eq!((&noted["status"], &noted["metadata"]["desk"]), (&"needs_response".into(), &"2".into()));
    assert_eq!(shop.post(&path, &[("submit", "true")]).await.ok().json["status"], "under_review");
    shop.post(&path, &[("submit", "true")]).await.refused(400, "", "");
}

#[tokio::test]
async fn an_inquiry_takes_nothing_until_it_escalates() {
    let shop = Shop::start();
    let before = balance(&shop).await;
    let inquiry = disputed(&shop, "pm_card_createDisputeInquiry").await;
    assert_eq!(inquiry["status"], "warning_needs_response");
    assert_eq!(inquiry["is_charge_refundable"], true);
    let paid = balance(&shop).await;
    assert!(paid > before);
    let now = answer(&shop, &inquiry, "escalate_inquiry_evidence").await;
    assert_eq!(now["status"], "needs_response");
    assert_eq!(now["payment_method_details"]["card"]["case_type"], "chargeback");
    assert_eq!(balance(&shop).await, paid - 5_000 - 1_500);
}

#[tokio::test]
async fn one_payment_can_be_disputed_in_parts() {
    let shop = Shop::start();
    let intent = pay(&shop, "pm_card_createMultipleDisputes", "5001").await;
    shop.clock.advance_ms(2_000);
    let list = shop.get(&format!("/v1/disputes?payment_intent={}", intent.id())).await.ok().json;
    let amounts: Vec<i64> =
        list["data"].as_array().unwrap().iter().filter_map(|row| row["amount"].as_i64()).collect();
    assert_eq!(amounts, [2_501, 2_500]);
}

#[tokio::test]
async fn a_daily_payout_gathers_what_is_available_and_can_be_taken_apart_again() {
    let shop = Shop::start();
    let intent = pay(&shop, "pm_card_visa", "9000").await;
    shop.clock.advance_ms(4 * DAY_MS);
    let payouts = shop.get("/v1/payouts?limit=100").await.ok().json;
    let mut found = false;
    for payout in payouts["data"].as_array().unwrap() {
        let id = payout["id"].as_str().unwrap();
        let rows = shop.get(&format!("/v1/balance_transactions?payout={id}&limit=100")).await.ok().json;
        let rows = rows["data"].as_array().unwrap().clone();
        // The payout's own row takes out what the others brought.
        let net: i64 = rows.iter().filter_map(|row| row["net"].as_i64()).sum();
        assert_eq!(net, 0, "{id}");
        assert!(rows.iter().all(|row| row.get("_payout").is_none()));
        let charge = intent.text("/latest_charge").to_owned();
        found |= rows.iter().any(|row| row["source"] == charge.as_str());
    }
    assert!(found, "the payment is in a payout");
    shop.clock.advance_ms(3 * DAY_MS);
    let paid = shop.get("/v1/payouts?status=paid&limit=100").await.ok().json;
    assert!(!paid["data"].as_array().unwrap().is_empty());
    assert_eq!(paid["data"][0]["reconciliation_status"], "completed");
}

#[tokio::test]
async fn a_payout_the_shop_asks_for_is_bounded_and_can_be_stopped() {
    let shop = Shop::start();
    pay(&shop, "pm_card_bypassPending", "20000").await;
    let before = balance(&shop).await;
    let form = [("amount", "999999999"), ("currency", "usd")];
    shop.post("/v1/payouts", &form).await.refused(400, "balance_insufficient", "amount");
    let payout = shop.post("/v1/payouts", &[("amount", "10000"), ("currency", "usd")]).await.ok();
    assert_eq!((payout.text("/status"), payout.json["automatic"].as_bool()), ("pending", Some(false)));
    assert_eq!(balance(&shop).await, before - 10_000);
    let noted = shop.post(&format!("/v1/payouts/{}", payout.id()), &[("metadata[bank]", "north")]).await.ok();
    assert_eq!(noted.text("/metadata/bank"), "north");
    let path = format!("/v1/payouts/{}", payout.id());
    shop.post(&format!("{path}/reverse"), &[]).await.refused(400, "payouts_not_allowed", "payout");
    assert_eq!(shop.post(&format!("{path}/cancel"), &[]).await.ok().text("/status"), "canceled");
    assert_eq!(balance(&shop).await, before);
    shop.post(&format!("{path}/cancel"), &[]).await.refused(400, "payouts_not_allowed", "payout");
}

#[tokio::test]
async fn a_payout_that_was_sent_can_be_called_back_once() {
    let shop = Shop::start();
    pay(&shop, "pm_card_bypassPending", "20000").await;
    let payout = shop.post("/v1/payouts", &[("amount", "10000"), ("currency", "usd")]).await.ok();
    let path = format!("/v1/payouts/{}", payout.id());
    shop.clock.advance_ms(3 * DAY_MS);
    assert_eq!(shop.get(&path).await.ok().text("/status"), "paid");
    let reversal = shop.post(&format!("{path}/reverse"), &[]).await.ok();
    assert_eq!(reversal.json["amount"], -10_000);
    assert_eq!(shop.get(&path).await.ok().text("/reversed_by"), reversal.id());
    shop.post(&format!("{path}/reverse"), &[]).await.refused(400, "payouts_not_allowed", "payout");
}
