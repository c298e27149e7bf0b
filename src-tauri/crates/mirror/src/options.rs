//! What a sync is asked and what it answers.

use serde::{Deserialize, Serialize};

use crate::Cancel;

/// How to sync.
#[derive(Debug, Clone, Default)]
pub struct SyncOptions {
    /// Lists everything again, also what was listed before, and compares.
    pub full: bool,
    /// Only these lists, named as in Stripe's paths: `payment_intents`, `checkout/sessions`. All without it.
    pub resources: Option<Vec<String>>,
    /// Requests per second for the account. Without it 100 live and 25 in test mode; none on loopback.
    pub rate: Option<u32>,
    /// Requests per second for each endpoint. Without it 25; none on loopback.
    pub endpoint_rate: Option<u32>,
    /// Lets a backfill spend more than its share of the read budget: a person's choice, on the record.
    pub hurry: bool,
    /// Whether the read budget applies. Without it wherever Stripe itself is asked, and not on loopback.
    pub governed: Option<bool>,
    /// Whether what changes without an event is read again.
    pub windows: Windows,
    /// Stops the work when it is turned.
    pub cancel: Cancel,
}

/// When a sync reads again what changes without an event (balance transactions that become available, edited metadata),
/// and tries a list again that it may not read. An idle poll between two such looks costs one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Windows {
    /// With this sync.
    Now,
    /// Where the last look is a minute old: somebody asks.
    OnRequest,
    /// Where the last look is a quarter of an hour old: for a loop of polls.
    #[default]
    WhenDue,
}

impl Windows {
    /// Whether it is time, where the last look was at one second and it is another now.
    pub(crate) fn is_due(self, last: Option<i64>, date: i64) -> bool {
        let pause = match self {
            Windows::Now => 0,
            Windows::OnRequest => 60,
            Windows::WhenDue => WINDOWS_EVERY_S,
        };
        last.is_none_or(|last| !(0..pause).contains(&date.saturating_sub(last)))
    }
}

/// Seconds between two looks at what has no event.
pub(crate) const WINDOWS_EVERY_S: i64 = 900;

/// What a sync is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Reading lists.
    Backfill,
    /// Reading news.
    Events,
    /// Reading again what the news could not decide.
    Again,
}

/// How far a sync is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// The list that moved last.
    pub resource: String,
    /// Objects stored so far.
    pub objects: u64,
    /// How many it will be, as far as can be told from what was seen.
    pub estimate: u64,
    /// Objects per second since the start.
    pub per_s: u64,
    /// Seconds left at that rate.
    pub left_s: Option<u64>,
}

/// A difference between the mirror and Stripe that was found and put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Stripe's name of the object's kind; `event_list` for a gap in the news.
    pub object: String,
    /// Its id.
    pub id: String,
    /// `missing`, `changed`, `deleted`, `gap`, `balance`.
    pub what: String,
    /// In words: which columns, which values.
    pub detail: String,
    /// Of a record that had changed: what stood here and what at Stripe.
    pub changes: Vec<Changed>,
    /// Whether the mirror now has what Stripe has.
    pub healed: bool,
}

/// A column that differed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Its name: `amount_received`.
    pub column: String,
    /// What stood here.
    pub here: Option<String>,
    /// What Stripe has.
    pub stripe: Option<String>,
    /// The currency where both are amounts in minor units, lower-case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// Something that stands in the way of one resource while the others go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// As in Stripe's list paths.
    pub resource: String,
    /// `permission`, `malformed`, `repeats`, `not_offered`, `too_large`, `refused`, `fails`; `unread` of a record that cannot
    /// be read again, `unlisted` where a list leaves out what is there.
    pub code: String,
    /// In words for staff.
    pub text: String,
}

impl Trouble {
    /// What stands in the way of a list: a code, and words.
    pub(crate) fn of(list: &str, (code, text): (&str, &str)) -> Trouble {
        Trouble { resource: list.to_owned(), code: code.to_owned(), text: text.to_owned() }
    }
}

/// What a sync did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SyncReport {
    /// Objects listed and stored, events among them.
    pub objects: u64,
    /// Events that were news.
    pub events: u64,
    /// Requests sent, repeated ones counted.
    pub requests: u64,
    /// Answers 429.
    pub rate_limited: u64,
    /// How long it took.
    pub seconds: f64,
    /// The mirror has everything that Stripe's event list showed up to this time (unix seconds of Stripe's clock).
    pub complete_to: Option<i64>,
    /// Where the mirror was not what Stripe has.
    pub differences: Vec<Found>,
    /// What stands in the way.
    pub problems: Vec<Trouble>,
    /// Lists are left to be read because today's share of the read budget is used up: when they will be here at this pace
    /// (unix seconds). They go on by themselves, newest first.
    pub backfill_ends_at: Option<i64>,
    /// Lists that are still to be read to their end and in whose way nothing stands.
    pub lists_left: u64,
    /// They wait because a person paused the copy.
    pub held: bool,
}
