//! The page that shows the reader, used as a person does: by its buttons.

use crate::shop::Shop;

struct Counter {
    shop: Shop,
    reader: String,
    browser: reqwest::Client,
}

impl Counter {
    async fn open() -> Self {
        let shop = Shop::start();
        let reader = shop.get("/v1/terminal/readers").await.ok().text("/data/0/id").to_owned();
        Self { shop, reader, browser: reqwest::Client::new() }
    }

    fn url(&self) -> String {
        format!("{}/_practice/reader/{}", self.shop.running.base_url, self.reader)
    }

    async fn page(&self) -> String {
        let answer = self.browser.get(self.url()).send().await.expect("a page");
        assert_eq!(answer.status(), 200);
        answer.text().await.expect("text")
    }

    /// Presses a button; the page that comes then.
    async fn press(&self, button: &str) -> String {
        let body = format!("do={button}");
        let kind = "application/x-www-form-urlencoded";
        let sent = self.browser.post(self.url()).header("content-type", kind).body(body).send().await;
        sent.expect("an answer").text().await.expect("text")
    }

    async fn ask(&self, amount: &str) -> String {
        let form =
            [("amount", amount), ("currency", "usd"), ("allowed_payment_method_types[]", "card_present")];
        let intent = self.shop.post("/v1/payment_intents", &form).await.ok().id();
        self.again(&intent).await;
        intent
    }

    async fn again(&self, intent: &str) {
        let path = format!("/v1/terminal/readers/{}/process_payment_intent", self.reader);
        self.shop.post(&path, &[("payment_intent", intent)]).await.ok();
    }

    async fn failure(&self) -> String {
        let path = format!("/v1/terminal/readers/{}", self.reader);
        self.shop.get(&path).await.ok().text("/action/failure_code").to_owned()
    }
}

#[tokio::test]
async fn a_payment_is_declined_canceled_timed_out_and_then_inserted() {
    let counter = Counter::open().await;
    assert!(counter.page().await.contains("Ready"));
    let intent = counter.ask("1240").await;
    let page = counter.page().await;
    assert!(page.contains("$12.40") && page.contains("Tap a card"), "{page}");
    assert!(counter.press("decline").await.contains("Not taken"));
    assert_eq!(counter.failure().await, "card_declined");
    for (button, code) in [("cancel", "customer_canceled"), ("timeout", "terminal_reader_timeout")] {
        counter.again(&intent).await;
        counter.press(button).await;
        assert_eq!(counter.failure().await, code);
    }
    counter.again(&intent).await;
    assert!(counter.press("insert").await.contains("Approved"));
    let path = format!("/v1/payment_intents/{intent}?expand[]=latest_charge");
    let paid = counter.shop.get(&path).await.ok();
    let read = paid.text("/latest_charge/payment_method_details/card_present/read_method");
    assert_eq!((paid.text("/status"), read), ("succeeded", "contact_emv"));
    assert!(counter.press("tap").await.contains("role=alert"), "there is nothing to pay any more");
    assert!(counter.press("nonsense").await.contains("no such button"));
}

#[tokio::test]
async fn the_plug_is_pulled_and_put_back_and_the_cart_is_shown() {
    let counter = Counter::open().await;
    assert!(counter.press("unplug").await.contains("Unplugged"));
    let path = format!("/v1/terminal/readers/{}", counter.reader);
    assert_eq!(counter.shop.get(&path).await.ok().text("/status"), "offline");
    assert!(counter.press("plug").await.contains("Ready"));
    let cart = [
        ("type", "cart"),
        ("cart[currency]", "usd"),
        ("cart[total]", "990"),
        ("cart[tax]", "90"),
        ("cart[line_items][0][description]", "<b>Tea</b>"),
        ("cart[line_items][0][amount]", "900"),
        ("cart[line_items][0][quantity]", "2"),
    ];
    counter.shop.post(&format!("{path}/set_reader_display"), &cart).await.ok();
    let page = counter.page().await;
    assert!(page.contains("2 × &lt;b&gt;Tea&lt;/b&gt;") && page.contains("$9.90"), "{page}");
    let display = counter.browser.get(format!("{}/display", counter.url())).send().await.expect("a page");
    assert!(page.contains(&display.text().await.expect("text")));
    let gone = counter.browser.get(format!("{}x", counter.url())).send().await.expect("a page");
    assert_eq!(gone.status(), 404);
}
