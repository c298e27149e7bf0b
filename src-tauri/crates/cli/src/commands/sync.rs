//! `tillbook sync`: brings Stripe's records here.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::json;
use tillbook_mirror::{Cancel, MirrorError, Phase, Progress, SyncOptions, SyncReport, Trouble, Windows};
use tillbook_stripe::Client;
use tillbook_till::House;
use tokio::sync::Notify;

use crate::args::{Common, SyncArgs};
use crate::context;
use crate::failure::{Failure, INTERRUPTED, KEY_REFUSED};
use crate::interrupt::Interrupt;
use crate::output::{Exit, Output, note};
use crate::times::second_text;

const PROGRESS_EVERY: Duration = Duration::from_secs(2);
/// Between two polls. Stripe counts reads by the month: five minutes are about 9,000 of the 10,000 that are always free.
const PAUSE_LIVE: Duration = Duration::from_secs(300);
const PAUSE_LOOPBACK: Duration = Duration::from_secs(1);

/// The first run copies everything, later ones read the news; `--watch` goes on until interrupted.
pub async fn run(common: &Common, args: &SyncArgs, out: Output) -> Result<Exit, Failure> {
    let house = context::open_to_sync(common)?;
    let client = house.client.as_ref().ok_or_else(|| Failure::usage("no_key", "this needs a Stripe key"))?;
    if house.till.go_on_with_copy_unattended()? && !out.json {
        note("The copy of old records was paused; it goes on.");
    }
    let cancel = Cancel::new();
    let options = SyncOptions {
        full: args.full,
        resources: args.resources.clone(),
        rate: args.rate.map(|rate| u32::from(rate.get())),
        endpoint_rate: args.endpoint_rate.map(|rate| u32::from(rate.get())),
        windows: Windows::OnRequest,
        cancel: cancel.clone(),
        ..SyncOptions::default()
    };
    let mut interrupt = Interrupt::listen()?;
    let teller = Teller::new(out.json);
    let progress = |news: Progress| teller.tell(&news);
    let work = async {
        let report = house.mirror.sync(client, &options, &progress).await?;
        house.till.follow_mirror().await?;
        if !args.watch {
            return Ok(report);
        }
        if !out.json {
            note(&report_text(&report));
        }
        // On standard error in any case: whoever starts this from a script learns when the copy is whole.
        note("Reading the news until interrupted (Ctrl-C).");
        let options = SyncOptions { full: false, windows: Windows::WhenDue, ..options.clone() };
        watch(&house, client, &options, report).await
    };
    tokio::pin!(work);
    let ended = tokio::select! {
        ended = &mut work => ended,
        () = interrupt.wait() => {
            cancel.cancel();
            work.await
        }
    };
    let report = ended.map_err(|failure| with_what_is_here(failure, &house))?;
    out.answer(&report_json(&report), &report_text(&report));
    Ok(if is_whole(&report) { Exit::Done } else { Exit::NotDone })
}

/// Says what is here already where the work stopped before its end: nobody has to begin anew.
fn with_what_is_here(failure: Failure, house: &House) -> Failure {
    // What cannot be told is left out: the failure itself is what matters.
    let Ok(copying) = house.mirror.status().map(|status| status.copying) else { return failure };
    match (failure.code, copying.objects) {
        (INTERRUPTED, 0) => Failure {
            message: "interrupted before anything was here".to_owned(),
            ..failure.next("tillbook sync begins it again.")
        },
        (INTERRUPTED, objects) if copying.is_whole() => Failure {
            message: format!("interrupted; {objects} records are here, and the news not to its end"),
            ..failure
        },
        (INTERRUPTED, objects) => Failure {
            message: format!("interrupted; {objects} of about {} records are here", copying.estimate),
            ..failure
        },
        (KEY_REFUSED, objects) if objects > 0 => failure.next("Give a key that works; what is here stays."),
        _ => failure,
    }
}

/// Polls until canceled; after each poll the till learns what concerns its sales. Answers the sum of all.
async fn watch(
    house: &House,
    client: &Client,
    options: &SyncOptions,
    first: SyncReport,
) -> Result<SyncReport, Failure> {
    let pause = if client.endpoint().is_loopback() { PAUSE_LOOPBACK } else { PAUSE_LIVE };
    let mut sum = first;
    let polled = Notify::new();
    let after = |outcome: &Result<SyncReport, MirrorError>| {
        match outcome {
            Ok(report) => add(&mut sum, report),
            // These end the watch, and are told then.
            Err(
                MirrorError::Canceled
                | MirrorError::KeyRefused(_)
                | MirrorError::OtherAccount { .. }
                | MirrorError::Store(_),
            ) => {}
            Err(error) => note(&format!("tillbook: {error}")),
        }
        polled.notify_one();
    };
    let follow = async {
        loop {
            polled.notified().await;
            if let Err(error) = house.till.follow_mirror().await {
                note(&format!("tillbook: {error}"));
            }
        }
    };
    tokio::select! {
        ended = house.mirror.watch(client, options, pause, &|_| {}, after) => ended?,
        () = follow => {}
    }
    house.till.follow_mirror().await?;
    Ok(sum)
}

fn add(sum: &mut SyncReport, report: &SyncReport) {
    sum.objects += report.objects;
    sum.events += report.events;
    sum.requests += report.requests;
    sum.rate_limited += report.rate_limited;
    sum.seconds += report.seconds;
    sum.complete_to = report.complete_to.or(sum.complete_to);
    (sum.lists_left, sum.held) = (report.lists_left, report.held);
    sum.backfill_ends_at = report.backfill_ends_at;
    sum.differences.extend(report.differences.iter().cloned());
    sum.problems.clone_from(&report.problems);
}

/// What the key may not read is named, and everything else is here; anything else that stands in the way is a failure.
fn is_whole(report: &SyncReport) -> bool {
    report.differences.iter().all(|difference| difference.healed)
        && report.problems.iter().all(|problem| matches!(problem.code.as_str(), "permission" | "not_offered"))
}

fn report_json(report: &SyncReport) -> serde_json::Value {
    json!({
        "objects": report.objects,
        "events": report.events,
        "requests": report.requests,
        "rate_limited": report.rate_limited,
        "seconds": report.seconds,
        "complete_to": report.complete_to.map(second_text),
        "differences": report.differences,
        "lists_left": report.lists_left,
        "problems": report.problems,
    })
}

fn report_text(report: &SyncReport) -> String {
    let mut text = format!(
        "{} objects and {} events in {:.1} s with {} requests",
        report.objects, report.events, report.seconds, report.requests
    );
    if report.rate_limited > 0 {
        text.push_str(&format!(" ({} were told to slow down)", report.rate_limited));
    }
    match report.complete_to {
        Some(at) if report.lists_left > 0 => text.push_str(&format!(
            "; the news is read to {}, and {} lists are still to be read to their end.",
            second_text(at),
            report.lists_left
        )),
        Some(at) => text.push_str(&format!("; complete to {}.", second_text(at))),
        None => text.push_str("; not complete yet."),
    }
    for found in &report.differences {
        let healed = if found.healed { "put right" } else { "NOT put right" };
        text.push_str(&format!(
            "\n  {} {} was {}, {healed}. {}",
            found.object, found.id, found.what, found.detail
        ));
    }
    text.push_str(&trouble_text(&report.problems));
    text
}

/// What stands in the way, by what it is: a practice Stripe may lack many lists.
pub fn trouble_text(problems: &[Trouble]) -> String {
    let mut by_text: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for problem in problems {
        by_text.entry(&problem.text).or_default().push(&problem.resource);
    }
    by_text.iter().map(|(text, resources)| format!("\n  {}: {text}", resources.join(", "))).collect()
}

/// Says on stderr how far it is, now and then.
struct Teller {
    silent: bool,
    last: Mutex<Instant>,
}

impl Teller {
    fn new(silent: bool) -> Teller {
        Teller { silent, last: Mutex::new(Instant::now()) }
    }

    fn tell(&self, news: &Progress) {
        // Whoever holds it is telling right now.
        let Ok(mut last) = self.last.try_lock() else { return };
        if self.silent || last.elapsed() < PROGRESS_EVERY {
            return;
        }
        *last = Instant::now();
        let what = match news.phase {
            Phase::Backfill => "copying",
            Phase::Events => "reading the news",
            Phase::Again => "reading again",
        };
        let left = news.left_s.map_or_else(String::new, |s| format!(", {s} s left"));
        note(&format!(
            "{what} {}: {} of about {} objects, {}/s{left}",
            news.resource, news.objects, news.estimate, news.per_s
        ));
    }
}
