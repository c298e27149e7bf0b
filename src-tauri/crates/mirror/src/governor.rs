//! How often to ask Stripe, and for what: one read budget for the account, shared by its tills, spent where it matters.
//!
//! Stripe allows 500 reads for each transaction over a rolling 30 days, and 10,000 at least. Tillbook spends at most four
//! fifths of that, divided by the tills of the account, and of each day an even share. Open payments are never held back:
//! what they are likely to need is set aside first, and so is a rare poll for the rest of the day. What is left goes to
//! polls, to looks at what has no event, and to the day's sweep and certificate; a copy of old records takes half of the
//! share at the most. When the share is spent only open payments and the rare poll go on. A closed shop is asked rarely.
//!
//! What is read today counts for thirty days, and the sales that allow it may end today. So nothing is planned that thirty
//! days of rare polls and no sale would turn into more than the allocation.

use serde::Serialize;

/// Stripe's reads for each transaction.
const READS_PER_TRANSACTION: i64 = 500;
/// Stripe's floor for 30 days.
const READS_AT_LEAST: i64 = 10_000;
/// Days that Stripe counts over.
pub const WINDOW_DAYS: i64 = 30;
const WINDOW: usize = 30;
/// Set aside for a payment: reader and PaymentIntent every two seconds for about half a minute.
const READS_PER_PAYMENT: i64 = 30;
/// A shop in which nothing happened for this long is closed.
const CLOSED_AFTER_S: i64 = 2 * 3600;
const FASTEST_S: i64 = 5;
const SLOWEST_OPEN_S: i64 = 300;
const CLOSED_S: i64 = 900;
const DAY_S: i64 = 86_400;
/// A poll when the share is spent, and the part of a day's share that such polls may take. Thirty days of them cost less
/// than the fifth of the allocation that is never planned with: a budget that was spent at once stays inside it.
const RARE_S: i64 = 3600;
const RARE_SHARE: i64 = 8;
const RAREST_S: i64 = DAY_S / 2;
/// A look at what has no event: three trailing windows, readers and locations, a page of each at the least.
const LOOK_READS: i64 = 5;
/// A look reads the payments and sessions of a day again.
const LOOK_WINDOWS: i64 = 2;
const PAGE: i64 = 100;
/// The part of a day's share that looks may take.
const LOOKS_SHARE: i64 = 4;
const LOOK_SOONEST_S: i64 = 900;
/// How much rarer looks are in a closed shop.
const LOOKS_CLOSED: i64 = 4;
/// A balance between two reads of the newest transactions; three times where money moves meanwhile.
const BALANCE_READS: i64 = 9;

/// A number for each of the last 30 days, today's first.
pub type Days = [i64; WINDOW];

/// What the governor looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Seconds since 1970.
    pub now: i64,
    /// Transactions of the account.
    pub sold: Days,
    /// Tills of the account that read on their own.
    pub tills: i64,
    /// Reads of this till, by days of UTC.
    pub spent: Days,
    /// Of today's, for open payments.
    pub payments_today: i64,
    /// Of today's, for copying lists and for comparing closed days.
    pub copied_today: i64,
    /// When something last happened: a sale, an event, a person at the till.
    pub active_at: i64,
}

/// What it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Seconds until the next background poll.
    pub poll_after_s: i64,
    /// Seconds between two looks at what has no event; none while the share has no room for one.
    pub look_after_s: Option<i64>,
    /// Reads of 30 days that this till may spend.
    pub budget: i64,
    /// Of these, what is left now.
    pub left: i64,
    /// What may be spent today beside open payments and rare polls.
    pub spare_today: i64,
    /// Whether there is room for a certificate: a look, a balance, and a comparison that has a share of its own.
    pub may_prove: bool,
    /// What a backfill or a re-count may still spend today.
    pub backfill_today: i64,
    /// What it may spend on a whole day.
    pub backfill_a_day: i64,
}

/// The share of Stripe's allocation that one till may spend in 30 days.
pub fn budget(transactions: i64, tills: i64) -> i64 {
    let allocation = transactions.max(0).saturating_mul(READS_PER_TRANSACTION).max(READS_AT_LEAST);
    allocation / 5 * 4 / tills.max(1)
}

/// Reads that a look at what has no event costs, as far as can be told before.
fn look_reads(transactions: i64) -> i64 {
    LOOK_READS + transactions.max(0) / WINDOW_DAYS * LOOK_WINDOWS / PAGE
}

/// Plans the next step.
pub fn plan(outlook: &Outlook) -> Plan {
    let transactions: i64 = outlook.sold.iter().sum();
    let budget = budget(transactions, outlook.tills);
    let left = (budget - outlook.spent.iter().sum::<i64>()).max(0);
    // An even share for each day; what yesterday left over may be used within the window, never borrowed from tomorrow.
    let daily = budget / WINDOW_DAYS;
    let payments = transactions / outlook.tills.max(1) / WINDOW_DAYS * READS_PER_PAYMENT;
    let set_aside = (payments - outlook.payments_today).clamp(0, daily / 2);
    let rest_of_day = DAY_S - outlook.now.rem_euclid(DAY_S);
    let rare_s = (DAY_S * RARE_SHARE / daily.max(1)).clamp(RARE_S, RAREST_S);
    let rare = rest_of_day / rare_s + 1;
    let for_today = daily - outlook.spent[0] - set_aside;
    let left_for_good = left_if_sales_end(outlook, DAY_S / rare_s);
    let spare = (for_today.min(left_for_good) - rare).max(0);
    let is_closed = outlook.now - outlook.active_at > CLOSED_AFTER_S;
    let look = look_reads(transactions);
    let look_after_s = look_after_s(daily, look, spare, is_closed);
    let looks = look_after_s.map_or(0, |after| rest_of_day / after * look);
    // A tenth of what is left is for what is on screen.
    let for_polls = spare - spare / 10 - looks;
    let poll_after_s = if for_polls <= 0 {
        rare_s
    } else {
        let even = rest_of_day / for_polls + 1;
        // Opening hours are shorter than the day: polls may come faster now and stop when the share is used up.
        let even = even / 2;
        if is_closed { CLOSED_S.max(even) } else { even.clamp(FASTEST_S, SLOWEST_OPEN_S) }
    };
    // Half of what the day allows in all, however often it is asked for: the other half is for polls.
    let backfill_a_day = daily / 2;
    let allowed = daily.min(left_for_good.saturating_add(outlook.spent[0]));
    let backfill_today = (allowed / 2 - outlook.copied_today).clamp(0, spare);
    Plan {
        poll_after_s,
        look_after_s,
        budget,
        left,
        spare_today: spare,
        may_prove: spare >= look + BALANCE_READS,
        backfill_today,
        backfill_a_day,
    }
}

/// What may be spent now so that each of the next thirty days stays within its budget although nothing is sold any more and
/// only rare polls go on. Below nothing where it cannot.
fn left_if_sales_end(outlook: &Outlook, rare_a_day: i64) -> i64 {
    let (mut sold, mut spent) = (0, 0);
    let mut least = i64::MAX;
    for (ago, future) in (0..outlook.sold.len()).zip((0..WINDOW_DAYS).rev()) {
        // In so many days as `future` the days from here to today are all that still count.
        sold += outlook.sold[ago];
        spent += outlook.spent[ago];
        least = least.min(budget(sold, outlook.tills) - spent - rare_a_day * future);
    }
    least
}

/// Seconds between two looks at what has no event: a shop whose budget is small cannot have them every quarter of an hour,
/// a closed one has little to look at, and a share that is nearly spent is kept for polls.
fn look_after_s(daily: i64, look: i64, spare: i64, is_closed: bool) -> Option<i64> {
    if spare < look + daily / 10 {
        return None;
    }
    let usual = (look * DAY_S * LOOKS_SHARE / daily.max(1)).clamp(LOOK_SOONEST_S, DAY_S);
    Some(if is_closed { (usual * LOOKS_CLOSED).min(DAY_S) } else { usual })
}

#[cfg(test)]
mod tests;
