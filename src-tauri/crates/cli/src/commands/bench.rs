//! `tillbook bench mirror`: how fast Stripe's records get here, beside a bare loop that only fetches, takes pages apart
//! and writes them to plain SQLite. Both are processes of their own, in turns, so that the figures of one run compare.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json, value::RawValue};
use tillbook_practice::{Practice, PracticeOptions, Running, ShopSpec};
use tillbook_store::rusqlite::{self, Connection, params};
use tillbook_stripe::{ApiKey, Client, ClientOptions, Endpoint, Form, RawList};

use crate::args::{BenchArgs, BenchWhat, Common, FloorArgs};
use crate::failure::Failure;
use crate::output::{Exit, Output};

/// Where a round finds the key; never on a command line.
const KEY: &str = "TILLBOOK_BENCH_KEY";

/// A stand-in takes any key; this one reaches no real account.
const ANY_KEY: &str = "sk_test_practice_bench";

/// Runs the benchmark, or one round of the bare loop.
pub async fn run(common: &Common, what: &BenchWhat, out: Output) -> Result<Exit, Failure> {
    match what {
        BenchWhat::Mirror(args) => mirror(common, args, out),
        BenchWhat::Floor(args) => floor(common, args, out).await,
    }
}

fn mirror(common: &Common, args: &BenchArgs, out: Output) -> Result<Exit, Failure> {
    let inside = match &common.api_base {
        Some(_) => None,
        None => Some(practice(args)?),
    };
    let (base, key) = match (&common.api_base, &inside) {
        (Some(base), _) => (base.clone(), ANY_KEY.to_owned()),
        (None, Some(running)) => (running.base_url.clone(), running.secret_key.clone()),
        (None, None) => return Err(Failure::defect("there is no Stripe to measure against")),
    };
    let (mut ours, mut bare, mut peak_kb) = (Vec::new(), Vec::new(), 0);
    let mut last = Value::Null;
    for _ in 0..args.rounds.max(1) {
        let folder = scratch()?;
        let mut round = sync_round(&base, &key, &folder, args)?;
        peak_kb = peak_kb.max(watched(&mut round)?);
        last = answer(round)?;
        ours.push(per_s(&last));
        let file = folder.join("floor.sqlite3");
        let round = floor_round(&base, &key, &file, args)?;
        bare.push(per_s(&answer(round)?));
        std::fs::remove_dir_all(&folder).map_err(|error| Failure::defect(error.to_string()))?;
    }
    let (ours, bare) = (median(&mut ours), median(&mut bare));
    let percent = ours.saturating_mul(100).checked_div(bare).unwrap_or(0);
    let figures = json!({
        "rounds": args.rounds.max(1),
        "resources": args.resources,
        "objects": last["objects"],
        "requests": last["requests"],
        "rate_limited": last["rate_limited"],
        "objects_per_s": ours,
        "bare_loop_objects_per_s": bare,
        "percent_of_bare_loop": percent,
        "peak_rss_kb": peak_kb,
    });
    let text = format!(
        "{ours} objects/s, {percent} % of the bare loop's {bare}; {peak_kb} KiB at the most. Medians of {} rounds over {}.",
        args.rounds.max(1),
        args.resources
    );
    out.answer(&figures, &text);
    if let Some(running) = inside {
        running.stop();
    }
    Ok(Exit::Done)
}

/// A practice shop of that size, in this process; the rounds are processes of their own.
fn practice(args: &BenchArgs) -> Result<Running, Failure> {
    let shop = ShopSpec { payments: Some(args.payments), ..ShopSpec::default() };
    Practice::start(PracticeOptions { shop, seed: Some(1), ..PracticeOptions::default() })
        .map_err(|error| Failure::not_done("practice_failed", error.to_string()))
}

fn scratch() -> Result<std::path::PathBuf, Failure> {
    let name = format!("tillbook-bench-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).map_err(|error| Failure::not_done("no_folder", error.to_string()))?;
    Ok(folder)
}

fn ourselves(base: &str, key: &str) -> Result<Command, Failure> {
    let program = std::env::current_exe().map_err(|error| Failure::defect(error.to_string()))?;
    let mut command = Command::new(program);
    command.args(["--json", "--api-base", base, "--key-env", KEY]).env(KEY, key);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).stdin(Stdio::null());
    Ok(command)
}

fn sync_round(base: &str, key: &str, folder: &Path, args: &BenchArgs) -> Result<Child, Failure> {
    let mut command = ourselves(base, key)?;
    command.arg("--data").arg(folder.join("till")).args(["sync", "--resources", &args.resources]);
    for (flag, rate) in [("--rate", args.rate), ("--endpoint-rate", args.endpoint_rate)] {
        if let Some(rate) = rate {
            command.args([flag, &rate.to_string()]);
        }
    }
    started(command)
}

fn floor_round(base: &str, key: &str, file: &Path, args: &BenchArgs) -> Result<Child, Failure> {
    let mut command = ourselves(base, key)?;
    command.args(["bench", "floor", "--resources", &args.resources, "--out"]).arg(file);
    started(command)
}

fn started(mut command: Command) -> Result<Child, Failure> {
    command.spawn().map_err(|error| Failure::defect(format!("a round did not start: {error}")))
}

/// Waits for a round's end and answers with the most memory it was seen to hold, in KiB; 0 where the system does not
/// tell.
fn watched(child: &mut Child) -> Result<u64, Failure> {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let told = std::fs::read_to_string(&status).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
        peak = peak.max(now);
        match child.try_wait() {
            Ok(Some(_)) => return Ok(peak),
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            Err(error) => return Err(Failure::defect(error.to_string())),
        }
    }
}

fn answer(child: Child) -> Result<Value, Failure> {
    let ended = child.wait_with_output().map_err(|error| Failure::defect(error.to_string()))?;
    let told: Value = serde_json::from_slice(&ended.stdout).unwrap_or(Value::Null);
    if ended.status.success() && told["objects"].is_u64() {
        return Ok(told);
    }
    let why = told["error"]["message"].as_str().unwrap_or("it said nothing");
    Err(Failure::not_done("round_failed", format!("a round of the benchmark failed: {why}")))
}

/// Whole objects a second: a benchmark's figure, not money.
fn per_s(round: &Value) -> u64 {
    let micros = round["seconds"].as_f64().map_or(0, |s| Duration::from_secs_f64(s.max(0.0)).as_micros());
    let objects = u128::from(round["objects"].as_u64().unwrap_or(0));
    let rate = objects.saturating_mul(1_000_000).checked_div(micros).unwrap_or(0);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

fn median(of: &mut [u64]) -> u64 {
    of.sort_unstable();
    of.get(of.len() / 2).copied().unwrap_or(0)
}

/// One round of the bare loop: fetch, take apart, write; two threads, no key, no columns, no checks.
async fn floor(common: &Common, args: &FloorArgs, out: Output) -> Result<Exit, Failure> {
    let base =
        common.api_base.as_deref().ok_or_else(|| Failure::usage("no_stripe", "name one with --api-base"))?;
    let endpoint = Endpoint::parse(base).map_err(|error| Failure::usage("api_base", error.to_string()))?;
    let variable = common.key_env.as_deref().unwrap_or(KEY);
    let key = std::env::var(variable).unwrap_or_else(|_| ANY_KEY.to_owned());
    let key = ApiKey::parse(&key).map_err(|error| Failure::usage("key", error.to_string()))?;
    let client = Client::new(key, endpoint, ClientOptions::default())
        .map_err(|error| Failure::usage("key", error.to_string()))?;
    let began = Instant::now();
    let (pages, written) = mpsc::sync_channel(8);
    let file = args.out.clone();
    let writer = std::thread::spawn(move || write(&file, &written));
    for list in args.resources.split(',') {
        fetch(&client, list, &pages).await?;
    }
    drop(pages);
    let objects = match writer.join() {
        Ok(Ok(objects)) => objects,
        Ok(Err(error)) => return Err(Failure::not_done("not_written", error.to_string())),
        Err(_) => return Err(Failure::defect("the writer stopped")),
    };
    let seconds = began.elapsed().as_secs_f64();
    out.answer(
        &json!({ "objects": objects, "seconds": seconds }),
        &format!("{objects} objects in {seconds:.3} s"),
    );
    Ok(Exit::Done)
}

type Page = (String, bytes::Bytes);

async fn fetch(client: &Client, list: &str, pages: &mpsc::SyncSender<Page>) -> Result<(), Failure> {
    let failed = |what: String| Failure::not_done("not_fetched", what);
    let mut after: Option<String> = None;
    loop {
        let mut query = Form::new().with("limit", 100);
        if let Some(after) = &after {
            query = query.with("starting_after", after.as_str());
        }
        let reply =
            client.get(&format!("/v1/{list}"), &query).await.map_err(|error| failed(error.to_string()))?;
        let page: RawList<'_> = reply.read().map_err(|error| failed(error.to_string()))?;
        let last = page.data.last().and_then(|object| head(object).ok()).map(|head| head.0.to_owned());
        let more = page.has_more;
        if pages.send((list.to_owned(), reply.body.clone())).is_err() {
            return Err(failed("the writer stopped".to_owned()));
        }
        match last {
            Some(last) if more => after = Some(last),
            _ => return Ok(()),
        }
    }
}

fn head(object: &RawValue) -> Result<(&str, i64), serde_json::Error> {
    #[derive(serde::Deserialize)]
    struct Head<'a> {
        id: &'a str,
        created: i64,
    }
    let head: Head<'_> = serde_json::from_str(object.get())?;
    Ok((head.id, head.created))
}

fn write(file: &Path, pages: &mpsc::Receiver<Page>) -> Result<u64, rusqlite::Error> {
    let mut db = Connection::open(file)?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         DROP TABLE IF EXISTS obj;
         CREATE TABLE obj (id TEXT PRIMARY KEY, kind TEXT NOT NULL, created INTEGER NOT NULL, raw TEXT NOT NULL);
         CREATE INDEX obj_by_kind ON obj (kind, created);",
    )?;
    let mut objects = 0;
    for (kind, body) in pages {
        let Ok(page) = serde_json::from_slice::<RawList<'_>>(&body) else { continue };
        let tx = db.transaction()?;
        for object in &page.data {
            let Ok((id, created)) = head(object) else { continue };
            tx.prepare_cached("INSERT OR REPLACE INTO obj VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                id,
                kind,
                created,
                minified(object.get())
            ])?;
            objects += 1;
        }
        tx.commit()?;
    }
    Ok(objects)
}

/// JSON without the white space between its parts.
fn minified(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut quoted, mut escaped) = (false, false);
    for sign in json.chars() {
        if quoted || !sign.is_ascii_whitespace() {
            out.push(sign);
        }
        match sign {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_between_parts_and_stays_in_texts() {
        assert_eq!(minified("{ \"a b\" :\n [1, \"x \\\" y\"] }"), "{\"a b\":[1,\"x \\\" y\"]}");
    }

    #[test]
    fn figures_are_whole_numbers_and_medians() {
        assert_eq!(per_s(&json!({ "objects": 300, "seconds": 0.5 })), 600);
        assert_eq!(per_s(&json!({ "objects": 300, "seconds": 0.0 })), 0);
        assert_eq!(median(&mut [9, 1, 5]), 5);
    }
}
