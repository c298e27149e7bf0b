//! Refunds: their arithmetic, and the ones that do not end well.

use crate::shop::Shop;

#[tokio::test]
async fn refunds_never_exceed_the_charge() {
    let shop = Shop::start();
    let paid = shop.pay("1000", "pm_card_visa").await.ok();
    let charge = paid.text("/latest_charge").to_owned();
    let part = shop
        .post(
            "/v1/refunds",
            &[
                ("payment_intent", &paid.id()),
                ("amount", "400"),
                ("reason", "requested_by_customer"),
                ("metadata[sale_id]", "s"),
            ],
        )
        .await
        .ok();
    assert_eq!(part.text("/status"), "succeeded");
    let after =
        shop.get(&format!("/v1/charges/{charge}?expand[]=refunds&expand[]=balance_transaction")).await.ok();
    assert_eq!(
        (after.json["amount_refunded"].as_i64(), after.json["refunded"].as_bool()),
        (Some(400), Some(false))
    );
    assert_eq!(after.text("/refunds/data/0/id"), part.id());
    let over =
        shop.post("/v1/refunds", &[("charge", &charge), ("amount", "601")]).await.refused(400, "", "amount");
    assert_eq!(
        over.text("/error/message"),
        "Refund amount ($6.01) is greater than unrefunded amount on charge ($6.00)"
    );
    shop.post("/v1/refunds", &[("charge", &charge), ("amount", "0")]).await.refused(
        400,
        "parameter_invalid_integer",
        "amount",
    );
    let mark = shop.newest_event().await;
    shop.post("/v1/refunds", &[("charge", &charge)]).await.ok();
    assert_eq!(shop.events_after(&mark).await, ["refund.created", "charge.refunded"]);
    shop.post("/v1/refunds", &[("payment_intent", &paid.id())]).await.refused(
        400,
        "charge_already_refunded",
        "",
    );
    let list = shop.get(&format!("/v1/refunds?payment_intent={}", paid.id())).await.ok();
    assert_eq!(list.json["data"].as_array().map(Vec::len), Some(2));
    let path = format!("/v1/refunds/{}", part.id());
    assert_eq!(shop.post(&path, &[("metadata[b]", "c")]).await.ok().text("/metadata/b"), "c");
    let booked = shop.get(&format!("{path}?expand[]=balance_transaction&expand[]=charge")).await.ok();
    assert_eq!(
        (booked.json["balance_transaction"]["net"].as_i64(), booked.text("/balance_transaction/type")),
        (Some(-400), "refund")
    );
    assert_eq!(shop.post(&format!("{path}/cancel"), &[]).await.status, 400);
    assert_eq!(shop.post(&format!("/v1/test_helpers/refunds/{}/expire", part.id()), &[]).await.status, 400);
    let open = shop.post("/v1/payment_intents", &[("amount", "500"), ("currency", "usd")]).await.ok();
    shop.post("/v1/refunds", &[("payment_intent", &open.id())]).await.refused(
        400,
        "payment_intent_unexpected_state",
        "payment_intent",
    );
    shop.post("/v1/refunds", &[("charge", "ch_none")]).await.refused(400, "resource_missing", "charge");
}

#[tokio::test]
async fn a_refund_may_be_pending_fail_later_or_be_canceled() {
    let shop = Shop::start();
    let refund = |card: &'static str| {
        let shop = &shop;
        async move {
            let paid = shop.pay("1000", card).await.ok();
            let refund = shop.post("/v1/refunds", &[("payment_intent", &paid.id())]).await.ok();
            (refund, paid.text("/latest_charge").to_owned())
        }
    };
    let (pending, _) = refund("pm_card_pendingRefund").await;
    assert_eq!((pending.text("/status"), pending.text("/pending_reason")), ("pending", "processing"));
    let (canceled, held) = refund("pm_card_pendingRefund").await;
    let taken_back = shop.post(&format!("/v1/refunds/{}/cancel", canceled.id()), &[]).await.ok();
    assert_eq!(taken_back.text("/status"), "canceled");
    assert_eq!(shop.get(&format!("/v1/charges/{held}")).await.ok().json["amount_refunded"], 0);
    let (fails, charge) = refund("pm_card_refundFail").await;
    assert_eq!(fails.text("/status"), "succeeded");
    let mark = shop.newest_event().await;
    shop.clock.advance_ms(10_000);
    let settled = shop.get(&format!("/v1/refunds/{}", pending.id())).await.ok();
    assert_eq!(settled.text("/status"), "succeeded");
    let failed =
        shop.get(&format!("/v1/refunds/{}?expand[]=failure_balance_transaction", fails.id())).await.ok();
    assert_eq!(
        (failed.text("/status"), failed.json["failure_balance_transaction"]["net"].as_i64()),
        ("failed", Some(1000))
    );
    let open_again = shop.get(&format!("/v1/charges/{charge}")).await.ok();
    assert_eq!(
        (open_again.json["amount_refunded"].as_i64(), open_again.json["refunded"].as_bool()),
        (Some(0), Some(false))
    );
    let told = shop.events_after(&mark).await;
    assert!(
        told.contains(&"refund.failed".to_owned()) && told.contains(&"refund.updated".to_owned()),
        "{told:?}"
    );
    assert!(shop.get(&format!("/v1/refunds/{}", canceled.id())).await.ok().text("/status") == "canceled");
}

#[tokio::test]
async fn a_refund_that_waits_for_the_customer_runs_out_or_is_canceled() {
    let shop = Shop::start();
    for end in ["expire", "cancel"] {
        let paid = shop.pay("1000", "pm_card_pendingRefund").await.ok();
        let refund = shop.post("/v1/refunds", &[("payment_intent", &paid.id())]).await.ok().id();
        let switch = format!("/_practice/refunds/{refund}");
        assert_eq!(shop.post(&switch, &[("state", "requires_action")]).await.status, 200);
        assert_eq!(shop.post(&switch, &[("state", "requires_action")]).await.status, 400, "it already does");
        // The time at which it would have settled passes.
        shop.clock.advance_ms(60_000);
        let waits = shop.get(&format!("/v1/refunds/{refund}")).await.ok();
        assert_eq!(
            (waits.text("/status"), waits.text("/next_action/type")),
            ("requires_action", "display_details")
        );
        let (path, left) = match end {
            "expire" => (format!("/v1/test_helpers/refunds/{refund}/expire"), "failed"),
            _ => (format!("/v1/refunds/{refund}/cancel"), "canceled"),
        };
        let ended = shop.post(&path, &[]).await.ok();
        assert_eq!((ended.text("/status"), ended.json["next_action"].is_null()), (left, true));
        assert!(ended.text("/failure_balance_transaction").starts_with("txn_"));
        let charge = shop.get(&format!("/v1/charges/{}", paid.text("/latest_charge"))).await.ok();
        assert_eq!(charge.json["amount_refunded"], 0);
    }
}
