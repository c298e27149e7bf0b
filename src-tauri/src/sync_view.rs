//! What the Sync room shows, and how it is made of what the mirror knows.

use std::collections::BTreeMap;

use serde::Serialize;
use tillbook_mirror::{Copying, Delay, MirrorError, Status};
use tillbook_till::view::Notice;
use ts_rs::TS;

use crate::sync_proof::SyncCertificate;

/// What can be under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// Reading the news, and lists that were never read to their end.
    News,
    /// Comparing the copy with Stripe.
    Certificate,
    /// Reading every list again.
    FullCheck,
}

/// What a piece of work is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncPhase {
    /// It has not begun.
    Waiting,
    /// Reading lists.
    Lists,
    /// Reading news.
    News,
    /// Reading single records again.
    Again,
}

/// Work under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncWork {
    /// What.
    pub kind: WorkKind,
    /// Who asked for it; none for what the program does by itself.
    pub by: Option<String>,
    /// Its part.
    pub phase: SyncPhase,
    /// The list that moved last, as in Stripe's paths.
    pub resource: String,
    /// Records so far.
    pub objects: i64,
    /// Records it will be, as far as can be told.
    pub estimate: i64,
    /// Records a second.
    pub per_s: i64,
    /// Seconds left at that rate.
    pub left_s: Option<i64>,
    /// Somebody asked it to stop.
    pub stopping: bool,
}

impl SyncWork {
    /// Not begun.
    pub fn waiting(kind: WorkKind, by: Option<String>) -> Self {
        Self {
            kind,
            by,
            phase: SyncPhase::Waiting,
            resource: String::new(),
            objects: 0,
            estimate: 0,
            per_s: 0,
            left_s: None,
            stopping: false,
        }
    }
}

/// One of Stripe's lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncResource {
    /// As in Stripe's list paths: `payment_intents`.
    pub resource: String,
    /// Objects, tombstones not counted.
    pub objects: i64,
    /// When it was last read from end to end.
    pub listed_at_ms: Option<i64>,
    /// What stands in its way: `permission`, `malformed`, `repeats`, `not_offered`, `too_large`, `refused`.
    pub problem: Option<Notice>,
}

/// Requests of the last 30 days for a purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncSpent {
    /// `events`, `backfill`, `fetch`, `again`, `windows`, `certificate`, `account`.
    pub purpose: String,
    /// How many.
    pub requests: i64,
}

/// The read budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncBudget {
    /// Whether it applies: reads of the Stripe inside the program cost nothing.
    pub applies: bool,
    /// Reads of 30 days that this till may spend.
    pub total: i64,
    /// Of these, what is left.
    pub left: i64,
    /// What it was spent on, most first.
    pub spent: Vec<SyncSpent>,
    /// Seconds between two readings of the news now.
    pub pace_s: i64,
}

/// How far the copying of old records is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncCopy {
    /// Nothing older than the news is missing.
    pub whole: bool,
    /// News was missed, and what was here is being read again because of it.
    pub gap: bool,
    /// Records that are here.
    pub objects: i64,
    /// How many it will be, as far as can be told.
    pub estimate: i64,
    /// Somebody has it wait.
    pub paused: Option<SyncPaused>,
}

/// Who has the copying wait, since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncPaused {
    /// Since then.
    pub at_ms: i64,
    /// By name, where it is known.
    pub by: Option<String>,
}

/// News that arrived in some minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncDelay {
    /// When the minutes began.
    pub at_ms: i64,
    /// How many events.
    pub events: i64,
    /// Seconds that one took on average.
    pub average_s: i64,
    /// Seconds of the slowest.
    pub slowest_s: i64,
}

/// Requests of an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncHour {
    /// When it began.
    pub at_ms: i64,
    /// How many.
    pub requests: i64,
}

/// Deliveries of `stripe listen`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct SyncReceiver {
    /// Where it listens.
    pub address: Option<String>,
    /// Why it does not although it should: `port_taken`, `port`, `secret`, `store`, `delivery`.
    pub problem: Option<Notice>,
    /// Deliveries taken in this run.
    pub taken: i64,
    /// Refused for their signature.
    pub refused: i64,
    /// When the last one was taken.
    pub last_at_ms: Option<i64>,
}

/// Everything the Sync room shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncDetails {
    /// Stripe's lists.
    pub resources: Vec<SyncResource>,
    /// How far the copying of old records is.
    pub copy: SyncCopy,
    /// Parts of lists that are still to be read.
    pub ranges_open: i64,
    /// Records that have to be read again.
    pub dirty: i64,
    /// Answers that could not be taken in and were put aside.
    pub rejected: i64,
    /// The read budget.
    pub budget: SyncBudget,
    /// What was proven last.
    pub certificate: Option<SyncCertificate>,
    /// What reading every list again would cost.
    pub full_check_reads: i64,
    /// What is under way.
    pub work: Option<SyncWork>,
    /// How what was asked for last went wrong: a code of the mirror's.
    pub failed: Option<Notice>,
    /// When the lists will be here at the budget's pace, where they are not.
    pub lists_end_at_ms: Option<i64>,
    /// A manager let them be read without regard to the budget.
    pub hurried: bool,
    /// How long news took, the last 24 hours.
    pub delays: Vec<SyncDelay>,
    /// Requests by the hour, the last 24 of them.
    pub hours: Vec<SyncHour>,
    /// Deliveries of `stripe listen`.
    pub receiver: SyncReceiver,
}

/// Minutes that are drawn as one point.
const TOGETHER: i64 = 15;

/// Seconds as the window counts.
pub fn ms(seconds: i64) -> i64 {
    seconds.saturating_mul(1000)
}

/// The lists, each with what stands in its way. A list that cannot be read at all is one of them.
pub fn resources(status: &Status) -> Vec<SyncResource> {
    let mut problems: BTreeMap<&str, Notice> = status
        .problems
        .iter()
        .map(|one| (one.resource.as_str(), Notice { code: one.code.clone(), text: one.text.clone() }))
        .collect();
    let mut all: Vec<SyncResource> = status
        .counts
        .iter()
        .map(|count| SyncResource {
            problem: problems.remove(count.resource.as_str()),
            resource: count.resource.clone(),
            objects: count.objects,
            listed_at_ms: count.listed_at.map(ms),
        })
        .collect();
    all.extend(problems.into_iter().map(|(resource, problem)| SyncResource {
        resource: resource.to_owned(),
        objects: 0,
        listed_at_ms: None,
        problem: Some(problem),
    }));
    all
}

/// How far the copying of old records is, as the window shows it.
pub fn copy(copying: &Copying) -> SyncCopy {
    SyncCopy {
        whole: copying.is_whole(),
        gap: copying.gap,
        objects: copying.objects,
        estimate: copying.estimate,
        paused: copying.hold.as_ref().map(|hold| SyncPaused { at_ms: hold.at_ms, by: hold.by.clone() }),
    }
}

/// What went wrong: a code, and the mirror's own words.
pub fn trouble(error: &MirrorError) -> Notice {
    Notice { code: error.code().to_owned(), text: error.to_string() }
}

/// Hours of a chart, those without requests too; nothing before the first that is known.
pub fn hours(known: &[(i64, i64)], now_hour: i64) -> Vec<SyncHour> {
    let Some((first, _)) = known.first() else { return Vec::new() };
    (*first..=now_hour.max(*first))
        .map(|hour| SyncHour {
            at_ms: hour.saturating_mul(3_600_000),
            requests: known.iter().find(|(at, _)| *at == hour).map_or(0, |(_, requests)| *requests),
        })
        .collect()
}

/// A count as the window counts.
pub fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The minutes put together into points.
pub fn delays(minutes: &[Delay]) -> Vec<SyncDelay> {
    let mut points: BTreeMap<i64, (i64, i64, i64)> = BTreeMap::new();
    for minute in minutes {
        let point = points.entry(minute.minute.div_euclid(TOGETHER)).or_default();
        point.0 = point.0.saturating_add(minute.events);
        point.1 = point.1.saturating_add(minute.sum_s);
        point.2 = point.2.max(minute.max_s);
    }
    points
        .into_iter()
        .map(|(point, (events, sum_s, slowest_s))| SyncDelay {
            at_ms: point.saturating_mul(TOGETHER * 60_000),
            events,
            average_s: sum_s.checked_div(events).unwrap_or(0),
            slowest_s,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use tillbook_mirror::governor::Plan;
    use tillbook_mirror::{Count, Trouble};

    use super::*;

    fn status() -> Status {
        Status {
            account: None,
            complete_to: Some(10),
            copying: Copying::default(),
            ranges_open: 0,
            dirty: 0,
            counts: vec![Count { resource: "charges".into(), objects: 3, listed_at: Some(7) }],
            requests_this_month: 0,
            spent: Vec::new(),
            problems: ["charges", "disputes"]
                .map(|resource| Trouble {
                    resource: resource.into(),
                    code: "permission".into(),
                    text: "The key may not read it".into(),
                })
                .to_vec(),
            stopped: None,
            rejected: 0,
            plan: Plan {
                poll_after_s: 5,
                look_after_s: Some(900),
                budget: 8000,
                left: 7000,
                spare_today: 200,
                may_prove: true,
                backfill_today: 100,
                backfill_a_day: 133,
            },
            certificate: None,
        }
    }

    #[test]
    fn a_list_the_key_may_not_read_is_shown_though_nothing_of_it_is_here() {
        let lists = resources(&status());
        assert_eq!((lists[0].resource.as_str(), lists[0].listed_at_ms), ("charges", Some(7000)));
        assert_eq!((lists[1].resource.as_str(), lists[1].objects), ("disputes", 0));
        assert!(lists.iter().all(|list| list.problem.as_ref().is_some_and(|one| one.code == "permission")));
    }

    #[test]
    fn delays_are_put_together_by_their_events() {
        let delay = |minute, events, sum_s, max_s| Delay { minute, events, sum_s, max_s };
        let points = delays(&[delay(30, 1, 2, 2), delay(44, 3, 30, 20), delay(45, 0, 0, 0)]);
        assert_eq!(points.len(), 2);
        assert_eq!((points[0].at_ms, points[0].events), (30 * 60_000, 4));
        assert_eq!((points[0].average_s, points[0].slowest_s), (8, 20));
        assert_eq!(points[1].average_s, 0);
    }

    #[test]
    fn hours_without_requests_are_drawn_and_those_before_the_first_are_not() {
        let shown: Vec<(i64, i64)> =
            hours(&[(5, 12), (8, 7)], 9).iter().map(|hour| (hour.at_ms / 3_600_000, hour.requests)).collect();
        assert_eq!(shown, [(5, 12), (6, 0), (7, 0), (8, 7), (9, 0)]);
        assert_eq!(hours(&[], 9), []);
    }
}
