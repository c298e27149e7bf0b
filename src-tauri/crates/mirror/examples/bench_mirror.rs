//! Mirrors a Stripe on this machine into a fresh folder and prints what it took as one JSON object.
//!
//! `bench_mirror BASE_URL [--folder DIR] [--rate N] [--endpoint-rate N] [--resources a,b] [--full]`
//! The key is a made one: only a Stripe on this machine takes it. With `--folder` a second run reads the news.

use std::sync::Arc;

use tillbook_mirror::{Mirror, SyncOptions};
use tillbook_store::{Access, FileKey, Folder, Store, SystemClock};
use tillbook_stripe::{ApiKey, Client, ClientOptions, Endpoint};

type Failure = Box<dyn std::error::Error>;

fn value(arguments: &[String], name: &str) -> Option<String> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.get(at + 1).cloned()
}

/// The most memory this process ever held, in kilobytes.
fn peak_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let base = arguments.get(1).ok_or("the address of a Stripe on this machine is missing")?;
    let made = tempfile::tempdir()?;
    let folder = value(&arguments, "--folder").map_or_else(|| made.path().to_owned(), Into::into);
    let key = ApiKey::parse("sk_test_practice_0123456789abcdef0123456789")?;
    let client = Client::new(key, Endpoint::parse(base)?, ClientOptions::default())?;
    let folder = Folder::at(folder);
    folder.create()?;
    let store =
        Arc::new(Store::open(&folder, &FileKey::new([1; 32]), &FileKey::new([2; 32]), Access::ReadWrite)?);
    let mirror = Mirror::new(Arc::clone(&store), Arc::new(SystemClock));
    let options = SyncOptions {
        full: arguments.iter().any(|argument| argument == "--full"),
        resources: value(&arguments, "--resources").map(|list| list.split(',').map(str::to_owned).collect()),
        rate: value(&arguments, "--rate").map(|rate| rate.parse()).transpose()?,
        endpoint_rate: value(&arguments, "--endpoint-rate").map(|rate| rate.parse()).transpose()?,
        ..SyncOptions::default()
    };
    let report = mirror.sync(&client, &options, &|_| {}).await?;
    let per_s = report.objects as f64 / report.seconds;
    let file_kb = std::fs::metadata(folder.mirror_db())?.len() / 1024;
    let mut out = serde_json::to_value(&report)?;
    out["objects_per_s"] = per_s.round().into();
    out["peak_kb"] = peak_kb().into();
    out["file_kb"] = file_kb.into();
    let sizes: Vec<String> = store.mirror.read(|connection| {
        let tables = ["customer", "payment_intent", "charge", "refund", "event"];
        let of = |table: &str| {
            let sql = format!(
                "SELECT '{table} ' || count(*) || ' × ' || cast(avg(length(raw)) AS INTEGER) FROM {table}"
            );
            connection.query_row(&sql, [], |row| row.get::<_, String>(0))
        };
        Ok::<_, tillbook_store::StoreError>(tables.into_iter().map(of).collect::<Result<_, _>>()?)
    })?;
    out["sizes"] = sizes.into();
    print(&out)
}

#[allow(clippy::print_stdout, reason = "this is a program")]
fn print(out: &serde_json::Value) -> Result<(), Failure> {
    println!("{out}");
    Ok(())
}
