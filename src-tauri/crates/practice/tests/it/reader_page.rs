//! The page that shows the reader, used as a person does: by its buttons.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::shop::Shop;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/resources/terminal/reader.js");
const HARNESS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/reader_page.mjs");

/// What the page's script makes of a display; `None` where there is no Node to run it.
fn scripted(display: &serde_json::Value) -> Option<String> {
    let node = Command::new("node")
        .args([HARNESS, SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut node) = node else {
        assert!(std::env::var_os("TILLBOOK_TEST_ALL").is_none(), "there is no node");
        return None;
    };
    node.stdin.take().expect("a pipe").write_all(display.to_string().as_bytes()).expect("written");
    let output = node.wait_with_output().expect("an end");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("text"))
}

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

    /// What the page's script asks for again and again.
    async fn display(&self) -> serde_json::Value {
        let answer = self.browser.get(format!("{}/display", self.url())).send().await.expect("an answer");
        assert_eq!(answer.headers()["content-type"], "application/json");
        serde_json::from_str(&answer.text().await.expect("text")).expect("JSON")
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
    let words = counter.display().await;
    assert_eq!(words["rows"], serde_json::json!([["2 × <b>Tea</b>", "$9.00"], ["Tax", "$0.90"]]));
    let gone = counter.browser.get(format!("{}x", counter.url())).send().await.expect("a page");
    assert_eq!(gone.status(), 404);
}

/// The script writes the page again as the reader changes. What it writes is what the page would have been, and a
/// label, a cart or a question that looks like markup stays text.
#[tokio::test]
async fn the_script_writes_what_the_page_has_and_nothing_becomes_markup() {
    let script = std::fs::read_to_string(SCRIPT).expect("the script");
    for way_in in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
        assert!(!script.contains(way_in), "{way_in}");
    }
    let hostile = "<img src=x onerror=alert(1)>&amp;\"'";
    let counter = Counter::open().await;
    let reader = format!("/v1/terminal/readers/{}", counter.reader);
    counter.shop.post(&reader, &[("label", hostile)]).await.ok();
    let cart = [
        ("type", "cart"),
        ("cart[currency]", "usd"),
        ("cart[total]", "900"),
        ("cart[line_items][0][description]", hostile),
        ("cart[line_items][0][amount]", "900"),
        ("cart[line_items][0][quantity]", "1"),
    ];
    counter.shop.post(&format!("{reader}/set_reader_display"), &cart).await.ok();
    the_same_both_ways(&counter).await;
    let questions = [
        ("inputs[0][type]", "text"),
        ("inputs[0][custom_text][title]", hostile),
        ("inputs[0][custom_text][description]", hostile),
    ];
    counter.shop.post(&format!("{reader}/collect_inputs"), &questions).await.ok();
    the_same_both_ways(&counter).await;
    counter.press("cancel").await;
    the_same_both_ways(&counter).await;
    counter.ask("1240").await;
    the_same_both_ways(&counter).await;
    counter.press("unplug").await;
    the_same_both_ways(&counter).await;
}

async fn the_same_both_ways(counter: &Counter) {
    let (display, page) = (counter.display().await, counter.page().await);
    assert!(!page.contains("<img"), "{page}");
    let Some(scripted) = scripted(&display) else { return };
    assert!(page.contains(&format!("<div id=display>{scripted}</div>")), "{scripted}\n{page}");
}
