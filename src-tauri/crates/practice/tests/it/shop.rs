//! A practice Stripe for a test, and a client that has nothing in common with the product's.

use reqwest::Method;
use serde_json::Value;
use tillbook_practice::{ManualClock, Practice, PracticeOptions, Running, ShopSpec};

use crate::truth::truth;

/// 2026-11-16 15:00 UTC, a Monday.
pub const NOW_S: i64 = 1_794_841_200;

/// A running practice Stripe on a clock that stands still.
pub struct Shop {
    pub running: Running,
    pub clock: ManualClock,
    http: reqwest::Client,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub json: Value,
    pub headers: reqwest::header::HeaderMap,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    pub fn text(&self, pointer: &str) -> &str {
        self.json.pointer(pointer).and_then(Value::as_str).unwrap_or("")
    }

    pub fn id(&self) -> String {
        self.text("/id").to_owned()
    }

    /// The answer, which must be a success.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.json);
        self
    }

    /// The answer, which must be this error.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str, param: &str) -> Self {
        let found = (self.status, self.text("/error/code"), self.text("/error/param"));
        assert_eq!(found, (status, code, param), "{}", self.json);
        self
    }
}

pub fn options() -> PracticeOptions {
    PracticeOptions { seed: Some(7), shop: ShopSpec::default(), ..PracticeOptions::default() }
}

impl Shop {
    pub fn start() -> Self {
        Self::with(options())
    }

    pub fn with(options: PracticeOptions) -> Self {
        let clock = ManualClock::at(NOW_S * 1000);
        Self::on(options, clock)
    }

    pub fn on(options: PracticeOptions, clock: ManualClock) -> Self {
        let options = PracticeOptions { clock: std::sync::Arc::new(clock.clone()), ..options };
        let running = Practice::start(options).expect("the practice Stripe starts");
        Self { running, clock, http: reqwest::Client::new() }
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.running.base_url))
            .bearer_auth(&self.running.secret_key)
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let (client, request) = request.build_split();
        let request = request.expect("a request");
        let (method, path) = (request.method().to_string(), request.url().path().to_owned());
        let answer = client.execute(request).await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.expect("a body");
        let json: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if let Some(truth) = truth().filter(|_| path.starts_with("/v1/")) {
            truth.check(&method, &path, status, &json);
        }
        Reply { status, json, headers }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        self.send(self.posting(path, form)).await
    }

    pub async fn post_keyed(&self, path: &str, key: &str, form: &[(&str, &str)]) -> Reply {
        self.send(self.posting(path, form).header("idempotency-key", key)).await
    }

    pub fn posting(&self, path: &str, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
        self.request(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"))
    }

    /// A payment by card, confirmed at once.
    pub async fn pay(&self, amount: &str, method: &str) -> Reply {
        self.post(
            "/v1/payment_intents",
            &[
                ("amount", amount),
                ("currency", "usd"),
                ("payment_method", method),
                ("confirm", "true"),
                ("allowed_payment_method_types[0]", "card"),
            ],
        )
        .await
    }

    /// The types of the events since an event, oldest first.
    pub async fn events_after(&self, id: &str) -> Vec<String> {
        let page = self.get(&format!("/v1/events?limit=100&ending_before={id}")).await.ok();
        let mut types: Vec<String> = page.json["data"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|event| event["type"].as_str().unwrap_or("").to_owned())
            .collect();
        types.reverse();
        types
    }

    /// The newest event there is.
    pub async fn newest_event(&self) -> String {
        self.get("/v1/events?limit=1").await.ok().text("/data/0/id").to_owned()
    }
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'[' | b']' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
