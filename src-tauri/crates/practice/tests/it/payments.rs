//! Payments by card through their whole life.

use serde_json::Value;

use crate::shop::Shop;

#[tokio::test]
async fn a_card_pays_and_the_money_is_booked() {
    let shop = Shop::start();
    let mark = shop.newest_event().await;
    let made = shop
        .post(
            "/v1/payment_intents",
            &[
                ("amount", "1240"),
                ("currency", "usd"),
                ("metadata[sale_id]", "s1"),
                ("automatic_payment_methods[enabled]", "true"),
                ("automatic_payment_methods[allow_redirects]", "never"),
            ],
        )
        .await
        .ok();
    assert_eq!(made.text("/status"), "requires_payment_method");
    let path = format!("/v1/payment_intents/{}", made.id());
    let reply = shop.post(&format!("{path}/confirm"), &[]).await;
    assert_eq!((reply.status, reply.text("/error/code")), (400, "payment_intent_unexpected_state"));
    let paid = shop
        .post(
            &format!("{path}/confirm"),
            &[("payment_method", "pm_card_visa"), ("expand[]", "latest_charge.balance_transaction")],
        )
        .await
        .ok();
    assert_eq!((paid.text("/status"), paid.json["amount_received"].as_i64()), ("succeeded", Some(1240)));
    let booked = &paid.json["latest_charge"]["balance_transaction"];
    assert_eq!((booked["fee"].as_i64(), booked["net"].as_i64()), (Some(66), Some(1174)));
    assert_eq!(paid.text("/latest_charge/metadata/sale_id"), "s1");
    assert_eq!(
        shop.events_after(&mark).await,
        ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    );
    assert_eq!(
        shop.post(&format!("{path}/cancel"), &[])
            .await
            .refused(400, "payment_intent_unexpected_state", "")
            .text("/error/payment_intent/status"),
        "succeeded"
    );
    let list = shop.get(&format!("/v1/charges?payment_intent={}", made.id())).await.ok();
    assert_eq!(list.json["data"].as_array().map(Vec::len), Some(1));
    let noted = shop
        .post(
            &format!("/v1/charges/{}", list.text("/data/0/id")),
            &[("description", "Tea"), ("fraud_details[user_report]", "safe")],
        )
        .await
        .ok();
    assert_eq!(noted.text("/description"), "Tea");
    let transactions =
        shop.get(&format!("/v1/balance_transactions?source={}", list.text("/data/0/id"))).await.ok();
    assert_eq!(transactions.text("/data/0/status"), "pending");
    let one = format!("/v1/balance_transactions/{}", transactions.text("/data/0/id"));
    shop.clock.advance_ms(3 * 86_400 * 1000);
    assert_eq!(shop.get(&one).await.ok().text("/status"), "available");
}

#[tokio::test]
async fn every_test_card_does_what_it_is_for() {
    let shop = Shop::start();
    for method in tillbook_practice::cards::methods() {
        let reply = shop.pay("5000", method).await;
        let lower = method.to_lowercase();
        let declines = lower.contains("chargedeclined")
            && !lower.contains("securerequired")
            && !lower.contains("authenticationrequired");
        let fails = declines
            || matches!(
                method,
                "pm_card_chargeCustomerFail" | "pm_card_radarBlock" | "pm_card_riskLevelHighest"
            );
        let asks = matches!(
            method,
            "pm_card_authenticationRequiredOnSetup"
                | "pm_card_authenticationRequired"
                | "pm_card_authenticationRequiredSetupForOffSession"
                | "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"
                | "pm_card_threeDSecure2Required"
                | "pm_card_threeDSecureRequiredChargeDeclined"
                | "pm_card_threeDSecureRequiredProcessingError"
        );
        if fails {
            assert_eq!((reply.status, reply.text("/error/type")), (402, "card_error"), "{method}");
            assert_eq!(reply.text("/error/payment_intent/status"), "requires_payment_method", "{method}");
            assert!(reply.text("/error/charge").starts_with("ch_"), "{method}");
            let open = shop
                .get(&format!("/v1/payment_intents/{}", reply.text("/error/payment_intent/id")))
                .await
                .ok();
            assert_eq!(open.text("/last_payment_error/code"), reply.text("/error/code"), "{method}");
        } else if asks {
            assert_eq!((reply.status, reply.text("/status")), (200, "requires_action"), "{method}");
        } else {
            assert_eq!((reply.status, reply.text("/status")), (200, "succeeded"), "{method}");
        }
    }
}

#[tokio::test]
async fn declines_say_what_stripe_says() {
    let shop = Shop::start();
    for (method, code, decline, advice) in [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline", "try_again_later"),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
            "try_again_later",
        ),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card", "do_not_try_again"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", "confirm_card_data"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc", "confirm_card_data"),
        ("pm_card_chargeDeclinedFraudulent", "card_declined", "fraudulent", ""),
    ] {
        let reply = shop.pay("900", method).await;
        let said =
            (reply.text("/error/code"), reply.text("/error/decline_code"), reply.text("/error/advice_code"));
        assert_eq!((reply.status, said), (402, (code, decline, advice)), "{method}");
    }
    // The refused payment can still be paid with another card.
    let refused = shop.pay("900", "pm_card_visa_chargeDeclined").await;
    let path = format!("/v1/payment_intents/{}/confirm", refused.text("/error/payment_intent/id"));
    assert_eq!(
        shop.post(&path, &[("payment_method", "pm_card_visa")]).await.ok().text("/status"),
        "succeeded"
    );
}

#[tokio::test]
async fn authentication_is_asked_for_passed_failed_or_impossible() {
    let shop = Shop::start();
    let asked = shop
        .post(
            "/v1/payment_intents",
            &[
                ("amount", "900"),
                ("currency", "usd"),
                ("confirm", "true"),
                ("payment_method", "pm_card_authenticationRequired"),
                ("return_url", "https://example.com/back"),
            ],
        )
        .await
        .ok();
    assert_eq!(asked.text("/next_action/redirect_to_url/return_url"), "https://example.com/back");
    let switch = format!("/_practice/payments/{}", asked.id());
    assert_eq!(shop.post(&switch, &[("outcome", "pass")]).await.text("/status"), "succeeded");
    assert_eq!(shop.post(&switch, &[("outcome", "pass")]).await.status, 400);
    let asked = shop.pay("900", "pm_card_threeDSecure2Required").await.ok();
    assert_eq!(asked.text("/next_action/type"), "use_stripe_sdk");
    let failed = shop.post(&format!("/_practice/payments/{}", asked.id()), &[("outcome", "fail")]).await;
    assert_eq!(failed.text("/last_payment_error/code"), "payment_intent_authentication_failure");
    let asked = shop.pay("900", "pm_card_threeDSecureRequiredChargeDeclined").await.ok();
    let declined = shop.post(&format!("/_practice/payments/{}", asked.id()), &[("outcome", "pass")]).await;
    assert_eq!(
        (declined.text("/status"), declined.text("/last_payment_error/code")),
        ("requires_payment_method", "card_declined")
    );
    let off = |method: &'static str| {
        let shop = &shop;
        async move {
            let form = [
                ("amount", "900"),
                ("currency", "usd"),
                ("confirm", "true"),
                ("payment_method", method),
                ("off_session", "true"),
            ];
            shop.post("/v1/payment_intents", &form).await
        }
    };
    off("pm_card_authenticationRequired").await.refused(402, "authentication_required", "");
    off("pm_card_authenticationRequiredSetupForOffSession").await.ok();
    let needs_return = shop
        .post(
            "/v1/payment_intents",
            &[
                ("amount", "900"),
                ("currency", "usd"),
                ("confirm", "true"),
                ("payment_method", "pm_card_visa"),
            ],
        )
        .await;
    assert_eq!((needs_return.status, needs_return.text("/error/param")), (400, "return_url"));
}

#[tokio::test]
async fn money_is_held_captured_in_part_or_let_go() {
    let shop = Shop::start();
    let hold = || {
        shop.post(
            "/v1/payment_intents",
            &[
                ("amount", "2000"),
                ("currency", "usd"),
                ("capture_method", "manual"),
                ("confirm", "true"),
                ("payment_method", "pm_card_visa"),
                ("allowed_payment_method_types[]", "card"),
            ],
        )
    };
    let held = hold().await.ok();
    assert_eq!(
        (held.text("/status"), held.json["amount_capturable"].as_i64()),
        ("requires_capture", Some(2000))
    );
    let path = format!("/v1/payment_intents/{}", held.id());
    shop.post(&format!("{path}/capture"), &[("amount_to_capture", "2001")]).await.refused(
        400,
        "amount_too_large",
        "amount_to_capture",
    );
    let taken = shop
        .post(&format!("{path}/capture"), &[("amount_to_capture", "1500"), ("expand[]", "latest_charge")])
        .await
        .ok();
    assert_eq!((taken.text("/status"), taken.json["amount_received"].as_i64()), ("succeeded", Some(1500)));
    assert_eq!(taken.json["latest_charge"]["amount_captured"], 1500);
    shop.post("/v1/refunds", &[("payment_intent", &held.id()), ("amount", "1501")])
        .await
        .refused(400, "", "amount");
    let held = hold().await.ok();
    let charge = held.text("/latest_charge").to_owned();
    let canceled = shop
        .post(&format!("/v1/payment_intents/{}/cancel", held.id()), &[("cancellation_reason", "abandoned")])
        .await
        .ok();
    assert_eq!(canceled.text("/status"), "canceled");
    assert_eq!(shop.get(&format!("/v1/charges/{charge}")).await.ok().json["refunded"], true);
    let held = hold().await.ok();
    let captured = shop.post(&format!("/v1/charges/{}/capture", held.text("/latest_charge")), &[]).await.ok();
    assert_eq!(captured.json["captured"], true);
}

#[tokio::test]
async fn an_intent_is_changed_listed_and_expanded() {
    let shop = Shop::start();
    let made = shop.post("/v1/payment_intents", &[("amount", "500"), ("currency", "USD")]).await.ok();
    let customer = shop.post("/v1/customers", &[("name", "Nia")]).await.ok().id();
    let path = format!("/v1/payment_intents/{}", made.id());
    let changed = shop
        .post(
            &path,
            &[
                ("amount", "900"),
                ("metadata[a]", "1"),
                ("customer", &customer),
                ("description", "Tea"),
                ("shipping[name]", "N"),
                ("shipping[address][line1]", "L"),
            ],
        )
        .await
        .ok();
    assert_eq!((changed.json["amount"].as_i64(), changed.text("/currency")), (Some(900), "usd"));
    let list =
        shop.get(&format!("/v1/payment_intents?customer={customer}&expand[]=data.customer")).await.ok();
    assert_eq!(list.text("/data/0/customer/name"), "Nia");
    shop.get(&format!("{path}?expand[]=nonsense")).await.refused(400, "", "expand");
    shop.get(&format!("{path}?expand[]=latest_charge.customer.default_source.x.y"))
        .await
        .refused(400, "", "expand");
    let secret = made.text("/client_secret").to_owned();
    let open = shop
        .request(reqwest::Method::GET, &format!("{path}?client_secret={secret}"))
        .header("authorization", format!("Bearer {}", shop.running.publishable_key));
    let seen: Value = shop.send(open).await.json;
    assert!(seen["error"].is_object() || seen["id"] == made.id().as_str());
    shop.post(&format!("{path}/cancel"), &[]).await.ok();
    shop.post(&path, &[("amount", "901")]).await.refused(400, "payment_intent_unexpected_state", "");
    shop.get(&format!("{path}/amount_details_line_items")).await.ok();
    shop.clock.advance_ms(60_000);
    let found = shop.get("/v1/payment_intents/search?query=metadata%5B%22a%22%5D%3A%221%22").await.ok();
    assert_eq!(found.text("/data/0/id"), made.id());
    shop.get("/v1/charges/search?query=amount%3E1").await.ok();
}

#[tokio::test]
async fn a_card_is_set_up_for_later() {
    let shop = Shop::start();
    let customer = shop.post("/v1/customers", &[("name", "Nia")]).await.ok().id();
    let done = shop
        .post(
            "/v1/setup_intents",
            &[
                ("customer", &customer),
                ("payment_method", "pm_card_visa"),
                ("confirm", "true"),
                ("usage", "off_session"),
            ],
        )
        .await
        .ok();
    assert_eq!(done.text("/status"), "succeeded");
    let later = shop
        .post(
            "/v1/payment_intents",
            &[
                ("amount", "900"),
                ("currency", "usd"),
                ("customer", &customer),
                ("payment_method", done.text("/payment_method")),
                ("confirm", "true"),
                ("off_session", "true"),
            ],
        )
        .await
        .ok();
    assert_eq!(later.text("/status"), "succeeded");
    let asks = shop
        .post(
            "/v1/setup_intents",
            &[("customer", &customer), ("payment_method", "pm_card_authenticationRequiredOnSetup")],
        )
        .await
        .ok();
    let path = format!("/v1/setup_intents/{}", asks.id());
    let asked = shop.post(&format!("{path}/confirm"), &[("return_url", "https://example.com")]).await.ok();
    assert_eq!(asked.text("/status"), "requires_action");
    assert_eq!(
        shop.post(&format!("/_practice/payments/{}", asks.id()), &[("outcome", "pass")])
            .await
            .text("/status"),
        "succeeded"
    );
    let off = shop
        .post(
            "/v1/payment_intents",
            &[
                ("amount", "900"),
                ("currency", "usd"),
                ("customer", &customer),
                ("payment_method", asks.text("/payment_method")),
                ("confirm", "true"),
                ("off_session", "true"),
            ],
        )
        .await
        .ok();
    assert_eq!(off.text("/status"), "succeeded");
    let bad = shop
        .post("/v1/setup_intents", &[("payment_method", "pm_card_visa_chargeDeclined"), ("confirm", "true")])
        .await;
    assert_eq!((bad.status, bad.text("/error/setup_intent/status")), (402, "requires_payment_method"));
    let open = shop.post("/v1/setup_intents", &[]).await.ok();
    let path = format!("/v1/setup_intents/{}", open.id());
    shop.post(&path, &[("description", "x"), ("metadata[a]", "b")]).await.ok();
    shop.get(&path).await.ok();
    shop.post(&format!("{path}/cancel"), &[]).await.ok();
    shop.post(&format!("{path}/cancel"), &[]).await.refused(400, "setup_intent_unexpected_state", "");
    shop.get(&format!("/v1/setup_intents?customer={customer}")).await.ok();
}
