//! Checkout sessions and payment links, bought from as a customer's phone would.

use reqwest::Method;
use serde_json::Value;

use crate::shop::{Reply, Shop};

const CARD: &str = "4242424242424242";

async fn a_price(shop: &Shop) -> (String, i64) {
    let prices = shop.get("/v1/prices?limit=1").await.ok().json;
    let price = &prices["data"][0];
    (price["id"].as_str().unwrap().to_owned(), price["unit_amount"].as_i64().unwrap())
}

async fn session(shop: &Shop, more: &[(&str, &str)]) -> Reply {
    let (price, _) = a_price(shop).await;
    let done = format!("{}/_practice/done?session={{CHECKOUT_SESSION_ID}}", shop.running.base_url);
    let mut form = vec![
        ("mode", "payment"),
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "2"),
        ("success_url", done.as_str()),
        ("payment_intent_data[metadata][sale_id]", "s-1"),
        ("metadata[user_id]", "u-1"),
    ];
    form.extend_from_slice(more);
    shop.post("/v1/checkout/sessions", &form).await.ok()
}

/// What the phone shows: status, address it ended at, text.
async fn visit(shop: &Shop, method: Method, path: &str, form: &[(&str, &str)]) -> (u16, String, String) {
    let request = if method == Method::POST { shop.posting(path, form) } else { shop.request(method, path) };
    let reply = request.send().await.unwrap();
    let (status, url) = (reply.status().as_u16(), reply.url().to_string());
    (status, url, reply.text().await.unwrap())
}

async fn fill_in(shop: &Shop, session: &Reply, number: &str) -> (u16, String, String) {
    let form = [
        ("email", "ann@example.com"),
        ("number", number),
        ("expiry", "12 / 34"),
        ("cvc", "123"),
        ("name", "Ann <b>"),
    ];
    visit(shop, Method::POST, &format!("/c/pay/{}", session.id()), &form).await
}

async fn again(shop: &Shop, session: &Reply) -> Value {
    shop.get(&format!("/v1/checkout/sessions/{}?expand[]=line_items", session.id())).await.ok().json
}

#[tokio::test]
async fn a_phone_pays_and_the_payment_carries_what_the_shop_said() {
    let shop = Shop::start();
    let open = session(&shop, &[]).await;
    assert_eq!((open.text("/status"), open.text("/payment_status")), ("open", "unpaid"));
    assert_eq!(open.text("/url"), format!("{}/c/pay/{}", shop.running.base_url, open.id()));
    let (_, amount) = a_price(&shop).await;
    assert_eq!(open.json["amount_total"], amount * 2);

    let (status, _, page) = visit(&shop, Method::GET, &format!("/c/pay/{}", open.id()), &[]).await;
    assert_eq!(status, 200);
    assert!(page.contains("no real money") && page.contains("width=device-width"), "{page}");

    let (status, url, _) = fill_in(&shop, &open, CARD).await;
    assert_eq!(status, 200);
    assert!(url.ends_with(&format!("/_practice/done?session={}", open.id())), "{url}");
    let paid = again(&shop, &open).await;
    assert_eq!((&paid["status"], &paid["payment_status"]), (&"complete".into(), &"paid".into()));
    assert_eq!(paid["url"], Value::Null);
    assert_eq!(paid["customer_details"]["email"], "ann@example.com");
    assert_eq!(paid["line_items"]["data"][0]["quantity"], 2);
    let path = format!("/v1/checkout/sessions/{}", open.id());
    let items = shop.get(&format!("{path}/line_items?limit=1")).await.ok();
    assert_eq!(items.json["data"], paid["line_items"]["data"]);
    assert_eq!(shop.post(&path, &[("metadata[desk]", "2")]).await.ok().text("/metadata/user_id"), "u-1");
    let intent =
        shop.get(&format!("/v1/payment_intents/{}", paid["payment_intent"].as_str().unwrap())).await.ok();
    assert_eq!(intent.json["amount_received"], amount * 2);
    // A session's own metadata does not reach its payment.
    assert_eq!(intent.json["metadata"], serde_json::json!({ "sale_id": "s-1" }));
    let told = shop.get("/v1/events?type=checkout.session.completed").await.ok().json;
    assert_eq!(told["data"].as_array().unwrap().len(), 1);
    // Sent twice, it pays once.
    fill_in(&shop, &open, CARD).await;
    let charges = shop.get(&format!("/v1/charges?payment_intent={}", intent.id())).await.ok().json;
    assert_eq!(charges["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_declined_card_is_told_and_another_can_be_tried() {
    let shop = Shop::start();
    let open = session(&shop, &[]).await;
    let (_, _, page) = fill_in(&shop, &open, "4000000000000002").await;
    assert!(page.contains("declined") && page.contains("Ann &lt;b&gt;"), "{page}");
    let (_, _, page) = fill_in(&shop, &open, "4242424242424241").await;
    assert!(page.contains("role=alert"), "{page}");
    let first = again(&shop, &open).await["payment_intent"].clone();
    fill_in(&shop, &open, CARD).await;
    let paid = again(&shop, &open).await;
    assert_eq!(paid["payment_status"], "paid");
    assert_eq!(paid["payment_intent"], first, "the same payment is tried again");
}

#[tokio::test]
async fn a_bank_that_asks_is_answered_on_its_own_page() {
    let shop = Shop::start();
    let open = session(&shop, &[]).await;
    let (_, url, page) = fill_in(&shop, &open, "4000002760003184").await;
    assert!(url.contains("/_practice/authenticate/pi_") && page.contains("Is it you"), "{url}");
    let path = url.trim_start_matches(shop.running.base_url.as_str()).to_owned();
    let (_, url, page) = visit(&shop, Method::POST, &path, &[("passed", "no")]).await;
    assert!(url.contains(&open.id()) && page.contains("failed authentication"), "{page}");
    let (_, url, _) = fill_in(&shop, &open, "4000002760003184").await;
    let path = url.trim_start_matches(shop.running.base_url.as_str()).to_owned();
    let (_, url, _) = visit(&shop, Method::POST, &path, &[("passed", "yes")]).await;
    assert!(url.contains("/_practice/done"), "{url}");
    assert_eq!(again(&shop, &open).await["payment_status"], "paid");
}

#[tokio::test]
async fn a_session_ends_by_time_by_the_shop_or_by_the_customer() {
    let shop = Shop::start();
    let now = crate::shop::NOW_S;
    let too_soon = (now + 60).to_string();
    let (price, _) = a_price(&shop).await;
    let form = [
        ("line_items[0][price]", price.as_str()),
        ("success_url", "https://example.com"),
        ("expires_at", &too_soon),
    ];
    shop.post("/v1/checkout/sessions", &form).await.refused(400, "", "expires_at");

    let soon = (now + 1_900).to_string();
    let timed = session(&shop, &[("expires_at", &soon)]).await;
    fill_in(&shop, &timed, "4000000000000002").await;
    shop.clock.advance_ms(1_901_000);
    let ended = again(&shop, &timed).await;
    assert_eq!((&ended["status"], &ended["url"]), (&"expired".into(), &Value::Null));
    let intent =
        shop.get(&format!("/v1/payment_intents/{}", ended["payment_intent"].as_str().unwrap())).await.ok();
    assert_eq!(intent.text("/status"), "canceled");
    let (status, _, page) = fill_in(&shop, &timed, CARD).await;
    assert_eq!(status, 404);
    assert!(page.contains("expired"));

    let by_shop = session(&shop, &[]).await;
    let path = format!("/v1/checkout/sessions/{}/expire", by_shop.id());
    assert_eq!(shop.post(&path, &[]).await.ok().text("/status"), "expired");
    shop.post(&path, &[]).await.refused(400, "", "");

    let left = session(&shop, &[("cancel_url", "http://127.0.0.1:9/left")]).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let url = format!("{}/c/pay/{}/cancel", shop.running.base_url, left.id());
    let reply = client.post(url).send().await.unwrap();
    assert_eq!(reply.status(), 303);
    assert_eq!(again(&shop, &left).await["status"], "open", "the customer may come back");
}

#[tokio::test]
async fn a_card_is_saved_without_a_payment() {
    let shop = Shop::start();
    let customer = shop.post("/v1/customers", &[("name", "Ann")]).await.ok().id();
    let form = [
        ("mode", "setup"),
        ("customer", customer.as_str()),
        ("success_url", "http://127.0.0.1:9/"),
        ("currency", "usd"),
    ];
    let open = shop.post("/v1/checkout/sessions", &form).await.ok();
    assert_eq!(open.text("/payment_status"), "no_payment_required");
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let card =
        [("email", "a@example.com"), ("number", CARD), ("expiry", "1/40"), ("cvc", "123"), ("name", "Ann")];
    let request = shop.posting(&format!("/c/pay/{}", open.id()), &card).build().unwrap();
    assert_eq!(client.execute(request).await.unwrap().status(), 303);
    assert_eq!(again(&shop, &open).await["status"], "complete");
    let saved = shop.get(&format!("/v1/customers/{customer}/payment_methods")).await.ok().json;
    assert_eq!(saved["data"][0]["card"]["last4"], "4242");
}

#[tokio::test]
async fn wrong_sessions_are_refused() {
    let shop = Shop::start();
    let path = "/v1/checkout/sessions";
    let (price, _) = a_price(&shop).await;
    let price = price.as_str();
    shop.post(path, &[("mode", "payment"), ("success_url", "https://x.example")]).await.refused(
        400,
        "parameter_missing",
        "line_items",
    );
    shop.post(path, &[("line_items[0][price]", price)]).await.refused(
        400,
        "parameter_missing",
        "success_url",
    );
    let form = [("line_items[0][price]", "price_none"), ("success_url", "https://x.example")];
    shop.post(path, &form).await.refused(400, "resource_missing", "line_items[0][price]");
    let form = [
        ("line_items[0][price]", price),
        ("line_items[0][quantity]", "0"),
        ("success_url", "https://x.example"),
    ];
    shop.post(path, &form).await.refused(400, "parameter_invalid_integer", "line_items[0][quantity]");
    let form = [
        ("line_items[0][price]", price),
        ("success_url", "https://x.example"),
        ("payment_method_types[0]", "card"),
    ];
    shop.post(path, &form).await.refused(400, "parameter_unknown", "payment_method_types");
    let (status, _, _) = visit(&shop, Method::GET, "/c/pay/cs_test_none", &[]).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_payment_link_begins_a_session_for_everybody_until_it_is_used_up() {
    let shop = Shop::start();
    let (price, amount) = a_price(&shop).await;
    let form = [
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "1"),
        ("restrictions[completed_sessions][limit]", "1"),
        ("payment_intent_data[metadata][sale_id]", "s-9"),
    ];
    let link = shop.post("/v1/payment_links", &form).await.ok();
    let path = format!("/b/{}", link.id());
    let (status, url, page) = visit(&shop, Method::GET, &path, &[]).await;
    assert_eq!(status, 200);
    assert!(url.contains("/c/pay/cs_test_") && page.contains("Pay"), "{url}");
    let sessions = shop.get(&format!("/v1/checkout/sessions?payment_link={}", link.id())).await.ok();
    let open = Reply { json: sessions.json["data"][0].clone(), ..sessions };
    let (_, _, page) = fill_in(&shop, &open, CARD).await;
    assert!(page.contains("It is paid"), "{page}");
    let paid = again(&shop, &open).await;
    assert_eq!((&paid["payment_status"], &paid["amount_total"]), (&"paid".into(), &amount.into()));
    let used = shop.get(&format!("/v1/payment_links/{}", link.id())).await.ok();
    assert_eq!(used.json["active"], false);
    assert_eq!(used.json["restrictions"]["completed_sessions"]["count"], 1);
    let (status, _, _) = visit(&shop, Method::GET, &path, &[]).await;
    assert_eq!(status, 404);
    let items = shop.get(&format!("/v1/payment_links/{}/line_items", link.id())).await.ok();
    assert_eq!(items.json["data"][0]["amount_total"], amount);
    assert_eq!(shop.get("/v1/payment_links?active=false").await.ok().json["data"][0]["id"], link.id());
    let path = format!("/v1/payment_links/{}", link.id());
    let again = shop.post(&path, &[("active", "true"), ("metadata[desk]", "2")]).await.ok();
    assert_eq!((&again.json["active"], again.text("/metadata/desk")), (&true.into(), "2"));
}

#[tokio::test]
async fn the_stand_in_for_stripe_js_is_where_stripe_serves_it() {
    let shop = Shop::start();
    for path in ["/endive/stripe.js", "/v3/", "/v3"] {
        let (status, _, script) = visit(&shop, Method::GET, path, &[]).await;
        assert_eq!(status, 200);
        assert!(script.contains("confirmCardPayment") && script.contains("confirmPayment"));
    }
    for path in [
        "/_practice/card",
        "/_practice/bridge",
        "/_practice/frame.js",
        "/_practice/page.css",
        "/_practice/done",
    ] {
        assert_eq!(visit(&shop, Method::GET, path, &[]).await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn a_subscription_begins_with_its_first_payment() {
    let shop = Shop::start();
    let product = shop.post("/v1/products", &[("name", "Book club")]).await.ok().id();
    let form = [
        ("product", product.as_str()),
        ("currency", "usd"),
        ("unit_amount", "1900"),
        ("recurring[interval]", "month"),
    ];
    let price = shop.post("/v1/prices", &form).await.ok().id();
    let done = format!("{}/_practice/done", shop.running.base_url);
    let form = [
        ("mode", "subscription"),
        ("line_items[0][price]", price.as_str()),
        ("success_url", done.as_str()),
        ("metadata[plan]", "club"),
        ("subscription_data[metadata][plan]", "club"),
    ];
    let open = shop.post("/v1/checkout/sessions", &form).await.ok();
    let (_, url, page) = fill_in(&shop, &open, "4000002760003184").await;
    assert!(url.contains("/_practice/authenticate/pi_"), "{url} {page}");
    let path = url.trim_start_matches(shop.running.base_url.as_str()).to_owned();
    visit(&shop, Method::POST, &path, &[("passed", "no")]).await;
    assert_eq!(again(&shop, &open).await["status"], "open");
    let (_, url, page) = fill_in(&shop, &open, CARD).await;
    assert!(url.contains("/_practice/done"), "{page}");
    let paid = again(&shop, &open).await;
    assert_eq!((&paid["status"], &paid["payment_status"]), (&"complete".into(), &"paid".into()));
    let subscription =
        shop.get(&format!("/v1/subscriptions/{}", paid["subscription"].as_str().unwrap())).await.ok();
    assert_eq!(subscription.text("/status"), "active");
    assert_eq!(subscription.text("/metadata/plan"), "club");
    assert_eq!(subscription.text("/customer"), paid["customer"].as_str().unwrap());
    let invoice = shop.get(&format!("/v1/invoices/{}", paid["invoice"].as_str().unwrap())).await.ok();
    assert_eq!((invoice.text("/status"), invoice.json["amount_paid"].as_i64()), ("paid", Some(1_900)));
    let wrong =
        [("mode", "payment"), ("line_items[0][price]", price.as_str()), ("success_url", done.as_str())];
    shop.post("/v1/checkout/sessions", &wrong).await.refused(400, "", "line_items");
}

#[tokio::test]
async fn sessions_and_links_are_changed_and_listed() {
    let shop = Shop::start();
    let form = [
        ("mode", "payment"),
        ("success_url", "https://example.com/"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "700"),
        ("line_items[0][price_data][product_data][name]", "Mug"),
        ("line_items[0][quantity]", "2"),
    ];
    let session = shop.post("/v1/checkout/sessions", &form).await.ok().id();
    let path = format!("/v1/checkout/sessions/{session}");
    assert_eq!(shop.post(&path, &[("metadata[order]", "7")]).await.ok().text("/metadata/order"), "7");
    let items = shop.get(&format!("{path}/line_items")).await.ok();
    assert_eq!(items.json["data"][0]["amount_total"], 1_400);
    let price = items.text("/data/0/price/id").to_owned();
    shop.get(&format!("/v1/prices/{price}")).await.ok();
    let link = [("line_items[0][price]", price.as_str()), ("line_items[0][quantity]", "1")];
    let link = shop.post("/v1/payment_links", &link).await.ok().id();
    let off = shop.post(&format!("/v1/payment_links/{link}"), &[("active", "false")]).await.ok();
    assert_eq!(off.json["active"], false);
    assert_eq!(shop.get("/v1/payment_links?active=false").await.ok().text("/data/0/id"), link);
}
