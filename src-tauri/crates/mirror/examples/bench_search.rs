//! Fills a mirror with made payments and customers, indexes them in steps of about 25 ms as the window does, and tells how
//! long the steps, searches and records take.
//!
//! `bench_search [PAYMENTS]`; a million without it. Prints one JSON object.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use tillbook_mirror::{Mirror, MirrorError, SearchQuery, Searched};
use tillbook_store::{Access, FileKey, Folder, Store, SystemClock};

type Failure = Box<dyn std::error::Error>;

const NAMES: &[&str] =
    &["Ada", "Grace", "Edsger", "Barbara", "Donald", "Margaret", "Tony", "Frances", "Alan", "Hedy"];
const FAMILIES: &[&str] =
    &["Lovelace", "Hopper", "Dijkstra", "Liskov", "Knuth", "Hamilton", "Hoare", "Allen", "Turing", "Lamarr"];
const QUERIES: &[&str] = &[
    "a",
    "ad",
    "ada",
    "ada l",
    "ada lovelace",
    "o",
    "or",
    "ord",
    "orde",
    "order",
    "order 1",
    "order 12",
    "order 1234",
    "v",
    "visa",
    "visa 4",
    "visa 4242",
    "12.4",
    "12.40",
    "100.00",
    "4242",
    "customer",
    "customer99",
    "customer9999",
    "cus_",
    "kassel",
    "till-3",
    "nothing such",
    "hopper 54.32",
    "pi_3Made",
    "pi_3Made000000000042",
    "ch_3Made000000000042",
    "+1 555 0000042",
    "555 000",
    "$100,00",
    "",
];
const RECORDS: &[&str] =
    &["pi_3Made000000000042", "ch_3Made000000000042", "cus_0000000042", "cus_0000000000"];
/// A step should take about this long.
const STEP_MS: f64 = 25.0;

fn payment(number: usize, customers: usize) -> (Value, Value) {
    let created = 1_700_000_000 + number as i64 * 60;
    let amount = 500 + (number * 37) % 20_000;
    let intent = json!({"id": format!("pi_3Made{number:012}"), "object": "payment_intent", "created": created, "amount": amount,
        "amount_received": amount, "currency": "usd", "status": "succeeded", "customer": format!("cus_{:010}", number % customers),
        "latest_charge": format!("ch_3Made{number:012}"), "description": format!("Order #{number}"),
        "metadata": {"sale_id": format!("0199{number:08x}"), "till": format!("till-{}", number % 8)}});
    let charge = json!({"id": format!("ch_3Made{number:012}"), "object": "charge", "created": created, "amount": amount,
        "currency": "usd", "status": "succeeded", "payment_intent": format!("pi_3Made{number:012}"),
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": format!("{:04}", number % 10_000)}}});
    (intent, charge)
}

fn page(objects: &[Value]) -> Vec<u8> {
    json!({"object": "list", "data": objects, "has_more": false}).to_string().into_bytes()
}

/// How long things took, in milliseconds.
#[derive(Default)]
struct Times {
    taken: Vec<f64>,
    slowest: (f64, String),
}

impl Times {
    fn take<T>(&mut self, what: &str, f: impl FnOnce() -> Result<T, MirrorError>) -> Result<T, MirrorError> {
        let began = Instant::now();
        let answer = std::hint::black_box(f()?);
        let ms = began.elapsed().as_secs_f64() * 1000.0;
        self.taken.push(ms);
        if ms > self.slowest.0 {
            self.slowest = (ms, what.to_owned());
        }
        Ok(answer)
    }

    fn sum_s(&self) -> f64 {
        self.taken.iter().sum::<f64>() / 1000.0
    }

    fn report(&self) -> Value {
        let mut sorted = self.taken.clone();
        sorted.sort_by(f64::total_cmp);
        let at =
            |share: usize| sorted.get(sorted.len().saturating_sub(1) * share / 100).copied().unwrap_or(0.0);
        json!({"count": sorted.len(), "median_ms": at(50), "p95_ms": at(95), "p99_ms": at(99), "max_ms": at(100),
            "slowest": self.slowest.1})
    }
}

fn index(mirror: &Mirror) -> Result<Times, MirrorError> {
    let (mut times, mut changes) = (Times::default(), 50);
    while times.take(&changes.to_string(), || mirror.index_step(changes))? > 0 {
        match times.taken.last().copied().unwrap_or(0.0) {
            ms if ms > STEP_MS => changes = (changes / 2).max(5),
            ms if ms < STEP_MS / 2.0 => changes = (changes + changes / 4 + 1).min(1000),
            _ => {}
        }
    }
    Ok(times)
}

fn main() -> Result<(), Failure> {
    let payments: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |count| count.parse())?;
    let customers = (payments / 10).max(1);
    let made = tempfile::tempdir()?;
    let folder = Folder::at(made.path());
    let store =
        Arc::new(Store::open(&folder, &FileKey::new([1; 32]), &FileKey::new([2; 32]), Access::ReadWrite)?);
    let mirror = Mirror::new(Arc::clone(&store), Arc::new(SystemClock));
    let began = Instant::now();
    for first in (0..customers).step_by(500) {
        let objects: Vec<Value> = (first..(first + 500).min(customers))
            .map(|n| {
                let name = format!("{} {}", NAMES[n % 10], FAMILIES[n / 10 % 10]);
                json!({"id": format!("cus_{n:010}"), "object": "customer", "created": 1_690_000_000 + n as i64, "name": name,
                    "email": format!("customer{n}@example.com"), "phone": format!("+1555{n:07}"), "metadata": {}})
            })
            .collect();
        mirror.take_list("customers", &page(&objects), 1_900_000_000_000)?;
    }
    for first in (0..payments).step_by(500) {
        let (intents, charges): (Vec<Value>, Vec<Value>) =
            (first..(first + 500).min(payments)).map(|number| payment(number, customers)).unzip();
        mirror.take_list("payment_intents", &page(&intents), 1_900_000_000_000)?;
        mirror.take_list("charges", &page(&charges), 1_900_000_000_000)?;
    }
    let filled_s = began.elapsed().as_secs_f64();
    let steps = index(&mirror)?;
    let began = Instant::now();
    let mut times = Times::default();
    for text in QUERIES {
        let query = SearchQuery { text: (*text).to_owned(), limit: 50, ..SearchQuery::default() };
        let week = 1_700_000_000 + payments as i64 * 30;
        let kinds = [None, Some(Searched::Payments), Some(Searched::Customers)];
        let queries = kinds
            .map(|kind| SearchQuery { kind, ..query.clone() })
            .into_iter()
            .chain([SearchQuery { created: Some(week..week + 7 * 86_400), ..query.clone() }]);
        for query in queries {
            for _ in 0..5 {
                times.take(text, || mirror.search(&query))?;
            }
        }
    }
    let mut records = Times::default();
    for id in RECORDS.iter().cycle().take(100) {
        records.take(id, || mirror.record(id))?;
    }
    let searched_s = began.elapsed().as_secs_f64();
    let segments: i64 = store.mirror.read(|connection| {
        let sql = "SELECT count(DISTINCT segid) FROM search_idx";
        Ok::<_, tillbook_store::StoreError>(connection.query_row(sql, [], |row| row.get(0))?)
    })?;
    let file_mb = std::fs::metadata(folder.mirror_db())?.len() / 1_048_576;
    print(
        &json!({"payments": payments, "customers": customers, "filled_s": filled_s, "searched_s": searched_s,
        "steps": steps.report(), "indexed_s": steps.sum_s(), "searches": times.report(), "records": records.report(),
        "file_mb": file_mb,
        "segments": segments}),
    );
    Ok(())
}

#[allow(clippy::print_stdout, reason = "this is a program")]
fn print(out: &Value) {
    println!("{out}");
}
