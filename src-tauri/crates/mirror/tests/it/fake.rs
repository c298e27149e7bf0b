//! A Stripe of a few lines: lists, single objects, events, a clock of its own, and answers a test puts in its way. It
//! shares nothing with the mirror or the practice Stripe.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use serde_json::{Value, json};

/// A made answer: status and body.
pub type Made = (u16, String);
type After = Box<dyn FnMut(&mut World, usize) + Send>;
type Way = Box<dyn FnMut(&str, &str) -> Option<Made> + Send>;

/// What it has. Lists hold the oldest first; an event's list is `events`.
#[derive(Default)]
pub struct World {
    /// Stripe's clock.
    pub now: i64,
    /// Path behind `/v1/` → objects.
    pub lists: BTreeMap<String, Vec<Value>>,
    /// Path and query of every request.
    pub asked: Vec<String>,
    /// Stands in the way of a request (path, query) when it answers something.
    pub ways: Vec<Way>,
    /// Called after every request, to change the world while it is read.
    pub after: Option<After>,
    serial: u64,
}

/// Shared between a test and its server.
#[derive(Clone, Default)]
pub struct Fake(Arc<Mutex<World>>);

pub const NOW: i64 = 1_790_000_000;

impl Fake {
    pub fn new() -> Fake {
        let fake = Fake::default();
        fake.world().now = NOW;
        fake
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves on a free port of this machine; answers its address.
    pub async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    /// How many requests there were to a path, and forgets all.
    pub fn drain(&self) -> Vec<String> {
        std::mem::take(&mut self.world().asked)
    }
}

impl World {
    pub fn put(&mut self, list: &str, object: Value) {
        let objects = self.lists.entry(list.to_owned()).or_default();
        match objects.iter_mut().find(|known| known["id"] == object["id"]) {
            Some(known) => *known = object,
            None => objects.push(object),
        }
    }

    pub fn remove(&mut self, list: &str, id: &str) {
        self.lists.entry(list.to_owned()).or_default().retain(|object| object["id"] != id);
    }

    /// An event about an object, of this second.
    pub fn event(&mut self, kind: &str, at: i64, object: Value) -> Value {
        self.serial += 1;
        let event = json!({
            "id": format!("evt_{:06}", self.serial), "object": "event", "api_version": "2026-10-28.endive",
            "created": at, "data": {"object": object}, "livemode": false, "pending_webhooks": 0,
            "request": {"id": null, "idempotency_key": null}, "type": kind,
        });
        self.lists.entry("events".to_owned()).or_default().push(event.clone());
        event
    }

    fn page(&self, list: &str, query: &[(String, String)]) -> Made {
        let empty = Vec::new();
        let all = self.lists.get(list).unwrap_or(&empty);
        let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let number = |name: &str| get(name).and_then(|value| value.parse::<i64>().ok());
        let at = |id: &str| all.iter().position(|object| object["id"] == id);
        let limit = usize::try_from(number("limit").unwrap_or(10)).unwrap();
        let (mut low, mut high) = (0, all.len());
        for (name, below) in [("ending_before", false), ("starting_after", true)] {
            let Some(id) = get(name) else { continue };
            let Some(index) = at(id) else { return missing(name, id) };
            if below { high = index } else { low = index + 1 }
        }
        let fits = |object: &&Value| {
            let created = object["created"].as_i64().unwrap_or_default();
            number("created[gte]").is_none_or(|bound| created >= bound)
                && number("created[gt]").is_none_or(|bound| created > bound)
                && number("created[lte]").is_none_or(|bound| created <= bound)
                && number("created[lt]").is_none_or(|bound| created < bound)
        };
        let found: Vec<&Value> = all[low..high.max(low)].iter().filter(fits).collect();
        let more = found.len() > limit;
        let page: Vec<&Value> = match get("ending_before") {
            Some(_) => found.into_iter().take(limit).rev().collect(),
            None => found.into_iter().rev().take(limit).collect(),
        };
        let body = json!({"object": "list", "data": page, "has_more": more, "url": format!("/v1/{list}")});
        (200, serde_json::to_string_pretty(&body).unwrap())
    }

    fn find(&self, path: &str) -> Option<Made> {
        let (list, id) = path.rsplit_once('/')?;
        let found = self.lists.get(list)?.iter().find(|object| object["id"] == id)?;
        Some((200, serde_json::to_string_pretty(found).unwrap()))
    }
}

pub fn missing(param: &str, id: &str) -> Made {
    let error = json!({"error": {"type": "invalid_request_error", "code": "resource_missing", "param": param,
        "message": format!("No such object: '{id}'")}});
    (if param == "id" { 404 } else { 400 }, error.to_string())
}

pub fn refused(status: u16, message: &str) -> Made {
    (status, json!({"error": {"type": "invalid_request_error", "message": message}}).to_string())
}

fn decode(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let hex: Vec<u8> = bytes.by_ref().take(2).collect();
                out.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
            }
            b'+' => out.push(b' '),
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).unwrap()
}

const LISTS: &[&str] = &[
    "products",
    "prices",
    "customers",
    "payment_intents",
    "charges",
    "refunds",
    "balance_transactions",
    "events",
    "terminal/locations",
    "terminal/readers",
    "coupons",
    "promotion_codes",
    "tax_rates",
    "disputes",
    "payouts",
    "checkout/sessions",
    "payment_links",
    "subscriptions",
    "invoices",
    "invoice_payments",
    "invoiceitems",
    "credit_notes",
    "setup_intents",
    "subscription_items",
];

async fn answer(State(fake): State<Fake>, request: Request<Body>) -> Response<Body> {
    let path = decode(request.uri().path().trim_start_matches("/v1/"));
    let query = request.uri().query().unwrap_or_default().to_owned();
    let pairs: Vec<(String, String)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect();
    let mut world = fake.world();
    world.asked.push(if query.is_empty() { path.clone() } else { format!("{path}?{}", decode(&query)) });
    let mut ways = std::mem::take(&mut world.ways);
    let stopped = ways.iter_mut().find_map(|way| way(&path, &query));
    world.ways = ways;
    let (status, body) = stopped.unwrap_or_else(|| match path.as_str() {
        "account" => {
            (200, json!({"id": "acct_1Fake", "object": "account", "created": NOW - 400 * 86_400}).to_string())
        }
        list if LISTS.contains(&list) => world.page(list, &pairs),
        other => world.find(other).unwrap_or_else(|| missing("id", other)),
    });
    let date = http_date(world.now);
    if let Some(mut after) = world.after.take() {
        let asked = world.asked.len();
        after(&mut world, asked);
        world.after = Some(after);
    }
    drop(world);
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header("content-type", "application/json")
        .header("date", date)
        .body(Body::from(body))
        .unwrap()
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn http_date(second: i64) -> String {
    let days = second.div_euclid(86_400);
    let rest = second.rem_euclid(86_400);
    let (mut year, mut left) = (1970, days);
    let length = |year: i64| if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366 } else { 365 };
    while left >= length(year) {
        left -= length(year);
        year += 1;
    }
    let february = length(year) - 337;
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while left >= months[month] {
        left -= months[month];
        month += 1;
    }
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let weekday = weekdays[usize::try_from(days.rem_euclid(7)).unwrap()];
    let (h, m, s) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{weekday}, {:02} {} {year} {h:02}:{m:02}:{s:02} GMT", left + 1, names[month])
}

pub fn customer(id: &str, created: i64, name: &str) -> Value {
    json!({"id": id, "object": "customer", "created": created, "name": name, "email": null, "phone": null,
        "balance": 0, "metadata": {}})
}

pub fn payment(number: i64, created: i64, status: &str) -> Value {
    json!({"id": format!("pi_{number:06}"), "object": "payment_intent", "created": created, "amount": 1000 + number,
        "amount_received": if status == "succeeded" { 1000 + number } else { 0 }, "currency": "usd", "status": status,
        "client_secret": format!("pi_{number:06}_secret_x"), "latest_charge": null, "customer": null,
        "metadata": {"order": number.to_string()}})
}
