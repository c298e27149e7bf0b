//! Locations, readers, and cards presented to them.

use crate::shop::{Reply, Shop};

struct Counter {
    shop: Shop,
    reader: String,
}

impl Counter {
    async fn open() -> Self {
        let shop = Shop::start();
        let reader = shop.get("/v1/terminal/readers").await.ok().text("/data/0/id").to_owned();
        Self { shop, reader }
    }

    async fn intent(&self, amount: &str) -> String {
        let form =
            [("amount", amount), ("currency", "usd"), ("allowed_payment_method_types[]", "card_present")];
        self.shop.post("/v1/payment_intents", &form).await.ok().id()
    }

    async fn process(&self, intent: &str) -> Reply {
        self.shop
            .post(
                &format!("/v1/terminal/readers/{}/process_payment_intent", self.reader),
                &[("payment_intent", intent)],
            )
            .await
    }

    async fn present(&self, number: &str) -> Reply {
        let path = format!("/v1/test_helpers/terminal/readers/{}/present_payment_method", self.reader);
        let form = [("type", "card_present"), ("card_present[number]", number)];
        self.shop.post(&path, if number.is_empty() { &[] } else { &form }).await
    }

    async fn status(&self, intent: &str) -> String {
        self.shop.get(&format!("/v1/payment_intents/{intent}")).await.ok().text("/status").to_owned()
    }

    async fn switch(&self, state: &str) {
        let reply = self.shop.post(&format!("/_practice/readers/{}", self.reader), &[("state", state)]).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
    }
}

#[tokio::test]
async fn a_card_at_the_reader_pays() {
    let counter = Counter::open().await;
    let intent = counter.intent("1240").await;
    let asked = counter.process(&intent).await.ok();
    assert_eq!(
        (asked.text("/action/status"), asked.text("/action/process_payment_intent/payment_intent")),
        ("in_progress", intent.as_str())
    );
    assert_eq!(counter.status(&intent).await, "requires_payment_method");
    let mark = counter.shop.newest_event().await;
    assert_eq!(counter.present("4242424242424242").await.ok().text("/action/status"), "succeeded");
    let paid = counter
        .shop
        .get(&format!("/v1/payment_intents/{intent}?expand[]=latest_charge.balance_transaction"))
        .await
        .ok();
    assert_eq!(
        (paid.text("/status"), paid.text("/latest_charge/payment_method_details/card_present/reader")),
        ("succeeded", counter.reader.as_str())
    );
    assert_eq!(paid.json["latest_charge"]["balance_transaction"]["fee"], 66);
    assert_eq!(
        counter.shop.events_after(&mark).await,
        ["charge.succeeded", "payment_intent.succeeded", "terminal.reader.action_succeeded"]
    );
    counter.process(&intent).await.refused(400, "intent_invalid_state", "payment_intent");
    assert_eq!(counter.present("").await.status, 400, "nothing to present for");
}

#[tokio::test]
async fn after_a_decline_the_same_intent_is_presented_again() {
    let counter = Counter::open().await;
    let intent = counter.intent("1240").await;
    counter.process(&intent).await.ok();
    let declined = counter.present("4000000000009995").await.ok();
    assert_eq!(
        (declined.text("/action/status"), declined.text("/action/failure_code")),
        ("failed", "card_declined")
    );
    let open = counter.shop.get(&format!("/v1/payment_intents/{intent}")).await.ok();
    assert_eq!(
        (open.text("/status"), open.text("/last_payment_error/decline_code")),
        ("requires_payment_method", "insufficient_funds")
    );
    counter.process(&intent).await.ok();
    counter.present("").await.ok();
    assert_eq!(counter.status(&intent).await, "succeeded");
    let charges = counter.shop.get(&format!("/v1/charges?payment_intent={intent}")).await.ok();
    assert_eq!(charges.json["data"].as_array().map(Vec::len), Some(2));
    for (amount, decline) in [
        ("1201", "call_issuer"),
        ("1205", "generic_decline"),
        ("1255", "incorrect_pin"),
        ("1265", "withdrawal_count_limit_exceeded"),
        ("1275", "pin_try_exceeded"),
    ] {
        let intent = counter.intent(amount).await;
        counter.process(&intent).await.ok();
        counter.present("").await.ok();
        let open = counter.shop.get(&format!("/v1/payment_intents/{intent}")).await.ok();
        assert_eq!(open.text("/last_payment_error/decline_code"), decline);
    }
}

#[tokio::test]
async fn a_reader_is_offline_busy_canceled_and_gives_up() {
    let counter = Counter::open().await;
    let intent = counter.intent("1240").await;
    counter.switch("offline").await;
    counter.process(&intent).await.refused(400, "terminal_reader_offline", "");
    counter.switch("online").await;
    counter.switch("busy").await;
    counter.process(&intent).await.refused(400, "terminal_reader_busy", "");
    counter.switch("free").await;
    counter.process(&intent).await.ok();
    let path = format!("/v1/terminal/readers/{}", counter.reader);
    let reset = counter.shop.post(&format!("{path}/cancel_action"), &[]).await.ok();
    assert!(reset.json["action"].is_null());
    assert_eq!(counter.status(&intent).await, "requires_payment_method", "the payment stays payable");
    counter.process(&intent).await.ok();
    counter.switch("cancel").await;
    assert_eq!(counter.shop.get(&path).await.ok().text("/action/failure_code"), "customer_canceled");
    counter.process(&intent).await.ok();
    counter.shop.clock.advance_ms(200_000);
    assert_eq!(counter.shop.get(&path).await.ok().text("/action/failure_code"), "terminal_reader_timeout");
    counter.process(&intent).await.ok();
    counter.shop.post(&format!("/v1/payment_intents/{intent}/cancel"), &[]).await.ok();
    assert_eq!(counter.present("").await.ok().text("/action/failure_code"), "intent_invalid_state");
    let card =
        counter.shop.post("/v1/payment_intents", &[("amount", "500"), ("currency", "usd")]).await.ok().id();
    counter.process(&card).await.refused(400, "payment_intent_invalid_parameter", "payment_intent");
}

#[tokio::test]
async fn tips_collect_and_confirm_refunds_and_the_display() {
    let counter = Counter::open().await;
    let path = format!("/v1/terminal/readers/{}", counter.reader);
    let present = format!("/v1/test_helpers{}/present_payment_method", path.trim_start_matches("/v1"));
    let intent = counter.intent("1000").await;
    counter.process(&intent).await.ok();
    counter.shop.post(&present, &[("amount_tip", "200")]).await.ok();
    let paid = counter.shop.get(&format!("/v1/payment_intents/{intent}")).await.ok();
    assert_eq!(
        (paid.json["amount_received"].as_i64(), paid.json["amount_details"]["tip"]["amount"].as_i64()),
        (Some(1200), Some(200))
    );
    let intent_2 = counter.intent("1000").await;
    counter.shop.post(&format!("{path}/collect_payment_method"), &[("payment_intent", &intent_2)]).await.ok();
    let collected = counter.present("").await.ok();
    assert_eq!(collected.text("/action/collect_payment_method/payment_method/card_present/last4"), "4242");
    counter.shop.post(&format!("{path}/confirm_payment_intent"), &[("payment_intent", &intent_2)]).await.ok();
    assert_eq!(counter.status(&intent_2).await, "succeeded");
    counter
        .shop
        .post(&format!("{path}/refund_payment"), &[("payment_intent", &intent), ("amount", "300")])
        .await
        .ok();
    let refunded = counter.present("").await.ok();
    assert!(refunded.text("/action/refund_payment/refund").starts_with("re_"));
    let cart = [
        ("type", "cart"),
        ("cart[currency]", "usd"),
        ("cart[total]", "450"),
        ("cart[line_items][0][amount]", "450"),
        ("cart[line_items][0][description]", "Flat White"),
        ("cart[line_items][0][quantity]", "1"),
    ];
    let shown = counter.shop.post(&format!("{path}/set_reader_display"), &cart).await.ok();
    assert_eq!(shown.json["action"]["set_reader_display"]["cart"]["total"], 450);
}

#[tokio::test]
async fn what_a_reader_holds_can_be_raised_where_that_was_asked_for() {
    let counter = Counter::open().await;
    let held = |raise: &'static str| {
        let counter = &counter;
        async move {
            let form = [
                ("amount", "1000"),
                ("currency", "usd"),
                ("allowed_payment_method_types[]", "card_present"),
                ("capture_method", "manual"),
                ("payment_method_options[card_present][request_incremental_authorization_support]", raise),
            ];
            let intent = counter.shop.post("/v1/payment_intents", &form).await.ok().id();
            counter.process(&intent).await.ok();
            counter.present("").await.ok();
            format!("/v1/payment_intents/{intent}")
        }
    };
    let plain = held("false").await;
    counter.shop.post(&format!("{plain}/increment_authorization"), &[("amount", "1500")]).await.refused(
        400,
        "payment_intent_unexpected_state",
        "",
    );
    let raisable = held("true").await;
    counter
        .shop
        .post(&format!("{raisable}/increment_authorization"), &[("amount", "900")])
        .await
        .refused(400, "", "amount");
    counter.shop.post(&format!("{raisable}/increment_authorization"), &[("amount", "1500")]).await.ok();
    let taken = counter.shop.post(&format!("{raisable}/capture"), &[]).await.ok();
    assert_eq!(taken.json["amount_received"], 1500);
}

#[tokio::test]
async fn locations_and_readers_come_and_go() {
    let counter = Counter::open().await;
    let shop = &counter.shop;
    let made = shop
        .post(
            "/v1/terminal/locations",
            &[
                ("display_name", "Cellar"),
                ("address[country]", "US"),
                ("address[line1]", "1 Low St"),
                ("address[city]", "Providence"),
                ("address[state]", "RI"),
                ("address[postal_code]", "02903"),
            ],
        )
        .await
        .ok();
    let place = format!("/v1/terminal/locations/{}", made.id());
    shop.post(&place, &[("display_name", "Attic"), ("metadata[a]", "b")]).await.ok();
    assert_eq!(shop.get(&place).await.ok().text("/display_name"), "Attic");
    let token = shop.post("/v1/terminal/connection_tokens", &[("location", &made.id())]).await.ok();
    assert!(token.text("/secret").starts_with("pst_test_"));
    assert_eq!(shop.get("/v1/terminal/locations").await.ok().json["data"].as_array().map(Vec::len), Some(2));
    shop.post("/v1/terminal/readers", &[("registration_code", "open-sesame"), ("location", &made.id())])
        .await
        .refused(400, "", "registration_code");
    for code in ["simulated-wpe", "simulated-s700", "simulated-s710"] {
        let reader = shop
            .post(
                "/v1/terminal/readers",
                &[("registration_code", code), ("location", &made.id()), ("label", code)],
            )
            .await
            .ok();
        let path = format!("/v1/terminal/readers/{}", reader.id());
        shop.post(&path, &[("label", "Renamed")]).await.ok();
        assert_eq!(
            shop.get(&format!("{path}?expand[]=location")).await.ok().text("/location/display_name"),
            "Attic"
        );
        let found =
            shop.get(&format!("/v1/terminal/readers?location={}&status=online", made.id())).await.ok();
        assert_eq!(found.json["data"].as_array().map(Vec::len), Some(1));
        assert_eq!(shop.delete(&path).await.ok().json["deleted"], true);
    }
    assert_eq!(shop.delete(&place).await.ok().json["deleted"], true);
}

#[tokio::test]
async fn a_reader_asks_the_customer_and_is_answered() {
    let counter = Counter::open().await;
    let path = format!("/v1/terminal/readers/{}/collect_inputs", counter.reader);
    let helpers = format!("/v1/test_helpers/terminal/readers/{}", counter.reader);
    let form = [
        ("inputs[0][type]", "email"),
        ("inputs[0][custom_text][title]", "Your receipt"),
        ("inputs[0][required]", "true"),
        ("inputs[0][toggles][0][title]", "News"),
        ("inputs[0][toggles][0][default_value]", "enabled"),
        ("inputs[1][type]", "selection"),
        ("inputs[1][custom_text][title]", "A bag?"),
        ("inputs[1][selection][choices][0][id]", "yes"),
        ("inputs[1][selection][choices][0][text]", "Yes"),
        ("metadata[sale_id]", "s"),
    ];
    let shop = &counter.shop;
    let asks = shop.post(&path, &form).await.ok();
    assert_eq!(asks.text("/action/status"), "in_progress");
    assert_eq!(counter.present("").await.status, 400, "a card is no answer");
    let all = [("skip_non_required_inputs", "all")];
    let answered = shop.post(&format!("{helpers}/succeed_input_collection"), &all).await.ok();
    let inputs = "/action/collect_inputs/inputs";
    assert_eq!(answered.text(&format!("{inputs}/0/email/value")), "customer@example.com");
    assert_eq!(answered.text(&format!("{inputs}/0/toggles/0/value")), "enabled");
    assert_eq!(answered.json["action"]["collect_inputs"]["inputs"][1]["skipped"], true);
    shop.post(&format!("{helpers}/succeed_input_collection"), &[]).await.refused(
        400,
        "terminal_reader_invalid_action",
        "reader",
    );
    shop.post(&path, &form).await.ok();
    let late = shop.post(&format!("{helpers}/timeout_input_collection"), &[]).await.ok();
    assert_eq!(late.text("/action/failure_code"), "terminal_reader_timeout");
    let pen = [("inputs[0][type]", "signature"), ("inputs[0][custom_text][title]", "Sign")];
    shop.post(&path, &pen).await.refused(400, "", "inputs[0][type]");
}
