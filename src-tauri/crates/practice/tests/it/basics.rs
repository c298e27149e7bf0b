//! Keys, paths, parameters, limits, idempotency: what every call has in common.

use reqwest::Method;
use tillbook_practice::{Practice, PracticeError, PracticeOptions};

use crate::shop::{Shop, options};

#[tokio::test]
async fn keys_are_checked_and_paths_are_known() {
    let shop = Shop::start();
    let base = shop.running.base_url.clone();
    let bare = reqwest::Client::new();
    let reply = shop.send(bare.get(format!("{base}/v1/account"))).await;
    assert_eq!((reply.status, reply.text("/error/type")), (401, "invalid_request_error"));
    let reply = shop.send(bare.get(format!("{base}/v1/account")).bearer_auth("sk_test_nope")).await;
    assert_eq!(reply.status, 401);
    let reply =
        shop.send(bare.get(format!("{base}/v1/customers")).bearer_auth(&shop.running.publishable_key)).await;
    reply.refused(401, "secret_key_required", "");
    let account = shop.get("/v1/account").await.ok();
    assert_eq!(account.id(), shop.running.account);
    assert!(account.header("request-id").starts_with("req_"));
    assert_eq!(account.header("stripe-version"), "2026-10-28.endive");
    assert_eq!(account.header("date"), "Mon, 16 Nov 2026 15:00:00 GMT");
    let lost = shop.get("/v1/nothing").await;
    assert_eq!(lost.status, 404);
    assert!(lost.text("/error/message").starts_with("Unrecognized request URL (GET: /v1/nothing)."));
    assert_eq!(
        shop.get("/v1/customers/cus_none")
            .await
            .refused(404, "resource_missing", "id")
            .text("/error/message"),
        "No such customer: 'cus_none'"
    );
    let reply = shop.send(shop.request(Method::GET, "/v1/account").header("stripe-version", "soon")).await;
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn bad_input_gets_stripes_refusal() {
    let shop = Shop::start();
    let create = |form: &'static [(&'static str, &'static str)]| shop.post("/v1/payment_intents", form);
    create(&[("amount", "-5"), ("currency", "usd")]).await.refused(
        400,
        "parameter_invalid_integer",
        "amount",
    );
    create(&[("amount", "1.5"), ("currency", "usd")]).await.refused(
        400,
        "parameter_invalid_integer",
        "amount",
    );
    create(&[("amount", "20"), ("currency", "usd")]).await.refused(400, "amount_too_small", "amount");
    create(&[("amount", "999999999"), ("currency", "usd")]).await.refused(400, "amount_too_large", "amount");
    create(&[("amount", "500"), ("currency", "xyz")]).await.refused(400, "", "currency");
    create(&[("currency", "usd")]).await.refused(400, "parameter_missing", "amount");
    create(&[("amount", "500"), ("currency", "usd"), ("payment_method_types[0]", "card")]).await.refused(
        400,
        "parameter_unknown",
        "payment_method_types",
    );
    create(&[("amount", "500"), ("currency", "usd"), ("customer", "cus_none")]).await.refused(
        400,
        "resource_missing",
        "customer",
    );
    let json =
        shop.request(Method::POST, "/v1/customers").header("content-type", "application/json").body("{}");
    assert_eq!(shop.send(json).await.status, 400);
    let huge =
        shop.request(Method::POST, "/v1/customers").body("a=".to_owned() + &"x".repeat(10 * 1024 * 1024));
    assert_eq!(shop.send(huge).await.status, 413);
    let deep = shop.request(Method::POST, "/v1/customers").body(format!("metadata{}=x", "[a]".repeat(100)));
    assert_eq!(shop.send(deep).await.status, 400);
    let event = shop.newest_event().await;
    assert!(shop.events_after(&event).await.is_empty(), "a refused call changes nothing");
}

#[tokio::test]
async fn an_idempotency_key_has_one_outcome() {
    let shop = Shop::start();
    let form = [("amount", "700"), ("currency", "usd")];
    let first = shop.post_keyed("/v1/payment_intents", "k1", &form).await.ok();
    let again = shop.post_keyed("/v1/payment_intents", "k1", &form).await.ok();
    assert_eq!(first.json, again.json);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.header("original-request"), first.header("request-id"));
    assert_eq!(first.header("idempotent-replayed"), "");
    let other = shop.post_keyed("/v1/payment_intents", "k1", &[("amount", "800"), ("currency", "usd")]).await;
    assert_eq!((other.status, other.text("/error/type")), (400, "idempotency_error"));
    let elsewhere = shop.post_keyed("/v1/customers", "k1", &[]).await;
    assert_eq!((elsewhere.status, elsewhere.text("/error/type")), (400, "idempotency_error"));
    // Refused before any work was done: the key is still free.
    shop.post_keyed("/v1/payment_intents", "k2", &[("amount", "x"), ("currency", "usd")]).await.refused(
        400,
        "parameter_invalid_integer",
        "amount",
    );
    shop.post_keyed("/v1/payment_intents", "k2", &form).await.ok();
    // A decline is an outcome too.
    let declined = [
        ("amount", "700"),
        ("currency", "usd"),
        ("confirm", "true"),
        ("payment_method", "pm_card_visa_chargeDeclined"),
        ("allowed_payment_method_types[0]", "card"),
    ];
    let refused = shop.post_keyed("/v1/payment_intents", "k3", &declined).await;
    let replayed = shop.post_keyed("/v1/payment_intents", "k3", &declined).await;
    assert_eq!((refused.status, &refused.json), (402, &replayed.json));
    // A day later the key is new again.
    shop.clock.advance_ms(25 * 3600 * 1000);
    let fresh = shop.post_keyed("/v1/payment_intents", "k1", &form).await.ok();
    assert_ne!(fresh.id(), first.id());
}

#[tokio::test]
async fn a_key_in_use_is_told() {
    let shop = Shop::start();
    let slow = shop
        .request(Method::POST, "/_practice/faults")
        .body(r#"{"rules":[{"fault":"latency","ms":80,"times":1}]}"#);
    assert_eq!(shop.send(slow).await.status, 200);
    let first = shop.post_keyed("/v1/customers", "same", &[("name", "A")]);
    let second = async {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        shop.post_keyed("/v1/customers", "same", &[("name", "A")]).await
    };
    let (first, second) = tokio::join!(first, second);
    first.ok();
    second.refused(409, "idempotency_key_in_use", "");
}

#[tokio::test]
async fn a_port_in_use_and_a_shop_too_large_are_refused() {
    let shop = Shop::start();
    let port: u16 =
        shop.running.base_url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let taken = Practice::start(PracticeOptions { port, ..options() });
    assert!(matches!(taken, Err(PracticeError::PortInUse { .. })), "{taken:?}");
    let mut large = options();
    large.shop.payments = Some(2_000_000);
    assert!(matches!(Practice::start(large), Err(PracticeError::Options(_))));
}

#[tokio::test]
async fn more_requests_than_the_limit_get_429_with_a_reason() {
    let shop = Shop::with(PracticeOptions { rate: Some(3), ..options() });
    for _ in 0..3 {
        shop.get("/v1/balance").await.ok();
    }
    let limited = shop.get("/v1/balance").await.refused(429, "rate_limit", "");
    assert_eq!(limited.header("stripe-rate-limited-reason"), "global-rate");
    shop.clock.advance_ms(1000);
    shop.get("/v1/balance").await.ok();
}
