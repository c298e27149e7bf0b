//! How often to ask Stripe: one read budget for the account, shared by its tills, spent where it matters.
//!
//! Stripe allows 500 reads for each transaction over a rolling 30 days, and 10,000 at least. Tillbook spends at most four
//! fifths of that, divided by the tills of the account. Open payments are never held back: what they are likely to need is
//! set aside first. What is left is spread over the opening hours; a shop that is closed is asked about rarely.

use serde::Serialize;

/// Stripe's reads for each transaction.
const READS_PER_TRANSACTION: i64 = 500;
/// Stripe's floor for 30 days.
const READS_AT_LEAST: i64 = 10_000;
/// Days that Stripe counts over.
pub const WINDOW_DAYS: i64 = 30;
/// Set aside for a payment: reader and PaymentIntent every two seconds for about half a minute.
const READS_PER_PAYMENT: i64 = 30;
/// A shop in which nothing happened for this long is closed.
const CLOSED_AFTER_S: i64 = 2 * 3600;
const FASTEST_S: i64 = 5;
const SLOWEST_OPEN_S: i64 = 300;
const CLOSED_S: i64 = 900;
const DAY_S: i64 = 86_400;
/// A look at what has no event: three trailing windows, readers and locations, a page of each at the least.
const LOOK_READS: i64 = 5;
/// A look reads the payments and sessions of a day again.
const LOOK_WINDOWS: i64 = 2;
const PAGE: i64 = 100;
/// The part of a day's share that looks may take.
const LOOKS_SHARE: i64 = 4;
const LOOK_SOONEST_S: i64 = 900;

/// What the governor looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// Seconds since 1970.
    pub now: i64,
    /// Transactions of the account in the last 30 days.
    pub transactions: i64,
    /// Tills of the account that read on their own.
    pub tills: i64,
    /// Reads of this till in the last 30 days, today's included.
    pub spent: i64,
    /// Reads of this till today (UTC).
    pub spent_today: i64,
    /// Of these, for open payments.
    pub payments_today: i64,
    /// When something last happened: a sale, an event, a person at the till.
    pub active_at: i64,
    /// Whether a payment is open.
    pub payment_open: bool,
}

/// What it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Seconds until the next background poll.
    pub poll_after_s: i64,
    /// Seconds until an open payment is asked about again; always short.
    pub payment_after_s: i64,
    /// Reads of 30 days that this till may spend.
    pub budget: i64,
    /// Of these, what is left now.
    pub left: i64,
    /// What a backfill or a re-count may spend today.
    pub backfill_today: i64,
}

/// The share of Stripe's allocation that one till may spend in 30 days.
pub fn budget(transactions: i64, tills: i64) -> i64 {
    let allocation = transactions.max(0).saturating_mul(READS_PER_TRANSACTION).max(READS_AT_LEAST);
    allocation / 5 * 4 / tills.max(1)
}

/// Reads that a look at what has no event costs, as far as can be told before.
fn look_reads(outlook: &Outlook) -> i64 {
    LOOK_READS + outlook.transactions.max(0) / WINDOW_DAYS * LOOK_WINDOWS / PAGE
}

/// Seconds between two looks at what has no event: a shop whose budget is small cannot have them every quarter of an hour.
pub fn look_after_s(outlook: &Outlook) -> i64 {
    let budget = budget(outlook.transactions, outlook.tills);
    if outlook.spent >= budget {
        return DAY_S;
    }
    let daily = (budget / WINDOW_DAYS).max(1);
    (look_reads(outlook) * DAY_S * LOOKS_SHARE / daily).clamp(LOOK_SOONEST_S, DAY_S)
}

/// Plans the next step.
pub fn plan(outlook: &Outlook) -> Plan {
    let budget = budget(outlook.transactions, outlook.tills);
    let left = (budget - outlook.spent).max(0);
    // An even share for each day; what yesterday left over may be used within the window, never borrowed from tomorrow.
    let daily = budget / WINDOW_DAYS;
    let payments = outlook.transactions.max(0) / outlook.tills.max(1) / WINDOW_DAYS * READS_PER_PAYMENT;
    let set_aside = (payments - outlook.payments_today).clamp(0, daily / 2);
    let today = (daily - outlook.spent_today - set_aside).min(left).max(0);
    let rest_of_day = DAY_S - outlook.now.rem_euclid(DAY_S);
    let is_closed = outlook.now - outlook.active_at > CLOSED_AFTER_S;
    // What the rest of the day costs at the slowest is set aside: it is spent when nothing else is left.
    let slowest = rest_of_day / CLOSED_S + rest_of_day / look_after_s(outlook) * look_reads(outlook);
    // A tenth of the day's share is for re-counts and what is on screen.
    let for_polls = today - today / 10 - slowest;
    let poll_after_s = if for_polls <= 0 {
        CLOSED_S
    } else {
        let even = rest_of_day / for_polls.max(1) + 1;
        // Opening hours are shorter than the day: polls may come faster now and stop when the share is used up.
        let even = even / 2;
        if is_closed { CLOSED_S.max(even) } else { even.clamp(FASTEST_S, SLOWEST_OPEN_S) }
    };
    // Half of the day's share, and what earlier days have left over, but not what the slowest pace needs.
    let backfill_today = (today / 2).min(left - slowest).max(0);
    Plan { poll_after_s, payment_after_s: 2, budget, left, backfill_today }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::events::{BEHIND, OVERLAP_S, every_s};

    /// Events of a sale: the PaymentIntent made, processed and succeeded, its charge, the reader's action and its end.
    const EVENTS_OF_A_SALE: i64 = 6;
    const OPEN: (i64, i64) = (9 * 3600, 19 * 3600);

    /// What polls of the event list cost: every one from the far anchor, or most of them from a near mark.
    struct Polls {
        sales_a_day: i64,
        has_near_mark: bool,
        /// When the last far read was, and what it cost, while there is a near mark.
        far: Option<(i64, i64)>,
        anchor: i64,
        seen: i64,
    }

    impl Polls {
        fn new(sales_a_day: i64, has_near_mark: bool) -> Polls {
            Polls { sales_a_day, has_near_mark, far: None, anchor: 0, seen: 0 }
        }

        /// Events of the account up to a second.
        fn events(&self, second: i64) -> i64 {
            let open = OPEN.1 - OPEN.0;
            let of_day = (second.rem_euclid(DAY_S) - OPEN.0).clamp(0, open) * self.sales_a_day / open;
            (second.div_euclid(DAY_S) * self.sales_a_day + of_day) * EVENTS_OF_A_SALE
        }

        /// Requests of a poll.
        fn poll(&mut self, now: i64) -> i64 {
            let newest = self.events(now);
            let pages = |events: i64| (events + PAGE - 1).div_euclid(PAGE).max(1);
            let news = newest - std::mem::replace(&mut self.seen, newest);
            if let Some((far_at, cost)) = self.far
                && now - far_at < every_s(u64::try_from(cost).unwrap())
            {
                return pages(news + i64::try_from(BEHIND).unwrap());
            }
            let cost = pages(newest - self.anchor);
            self.anchor = self.events(now - OVERLAP_S);
            let is_long = self.has_near_mark && newest - self.anchor > PAGE;
            self.far = is_long.then_some((now, cost));
            cost
        }
    }

    /// A shop's 30 days, second by second where something happens: reads spent, and delays of events.
    struct Month {
        reads: i64,
        delays: Vec<i64>,
        slowest_payment_s: i64,
    }

    fn simulate(sales_a_day: i64, tills: i64, has_near_mark: bool) -> Month {
        let open = OPEN;
        let mut reads_by_day = [0_i64; 60];
        let mut delays = Vec::new();
        let mut slowest_payment_s = 0;
        for till in 0..tills {
            let mut spent_by_day = [0_i64; 60];
            let (mut last_poll, mut last_look, mut last_proof) = (0, 0, -1);
            let mut polls = Polls::new(sales_a_day, has_near_mark);
            let mut waiting: Vec<i64> = Vec::new();
            let mut active_at = 0;
            let mut sold = 0;
            // The first 30 days give the volume that is learned first, the next 30 are counted.
            for day in 0..60 {
                let mut payments_today = 0;
                let every = ((open.1 - open.0) * tills / sales_a_day.max(1)).max(1);
                let mut next_sale = day * DAY_S + open.0 + till * every / tills;
                let mut now = day * DAY_S;
                while now < (day + 1) * DAY_S {
                    if sales_a_day > 0 && now >= next_sale && now < day * DAY_S + open.1 {
                        sold += i64::from(day < 30);
                        next_sale += every;
                        active_at = now;
                        // Ten seconds at the reader, asked about every two: reader and PaymentIntent.
                        payments_today += 10;
                        spent_by_day[usize::try_from(day).unwrap()] += 10;
                        slowest_payment_s = slowest_payment_s.max(2);
                        waiting.push(now + 10);
                    }
                    let spent = spent_by_day
                        [usize::try_from((day - 29).max(0)).unwrap()..=usize::try_from(day).unwrap()]
                        .iter()
                        .sum();
                    let today = usize::try_from(day).unwrap();
                    if sales_a_day == 0 && now % DAY_S > open.0 && now % DAY_S < open.1 {
                        // Somebody is there all day and sells nothing.
                        active_at = now;
                    }
                    let outlook = Outlook {
                        now,
                        transactions: sales_a_day * WINDOW_DAYS,
                        tills,
                        spent,
                        spent_today: spent_by_day[today],
                        payments_today,
                        active_at,
                        payment_open: false,
                    };
                    let plan = plan(&outlook);
                    if now - last_poll >= plan.poll_after_s {
                        last_poll = now;
                        spent_by_day[today] += polls.poll(now);
                        if now - last_look >= look_after_s(&outlook) {
                            last_look = now;
                            spent_by_day[today] += look_reads(&outlook);
                        }
                        if last_proof < day {
                            // Balance, closed days, and the sweep over a day of events.
                            last_proof = day;
                            let sweep = sales_a_day * EVENTS_OF_A_SALE / PAGE + 1;
                            spent_by_day[today] += 4 + sweep + plan.backfill_today.min(100);
                        }
                        let (seen, later): (Vec<i64>, Vec<i64>) =
                            waiting.into_iter().partition(|at| *at <= now);
                        delays.extend(seen.into_iter().filter(|_| day >= 30).map(|at| now - at));
                        waiting = later;
                    }
                    now += 5;
                }
            }
            assert!(sold > 0 || sales_a_day == 0);
            for (all, own) in reads_by_day.iter_mut().zip(spent_by_day) {
                *all += own;
            }
        }
        delays.sort_unstable();
        let reads = (0..31).map(|from| reads_by_day[from..from + 30].iter().sum()).max().unwrap();
        Month { reads, delays, slowest_payment_s }
    }

    #[test]
    fn thirty_days_of_four_shops() {
        for (name, sales_a_day, tills) in [
            ("no sale yet", 0, 1),
            ("10 sales a day", 10, 1),
            ("2,000 sales a day", 2000, 1),
            ("five tills, 200 a day", 200, 5),
        ] {
            let month = simulate(sales_a_day, tills, true);
            let far_only = simulate(sales_a_day, tills, false);
            let allocation = (sales_a_day * 30 * READS_PER_TRANSACTION).max(READS_AT_LEAST);
            let last = month.delays.len().saturating_sub(1);
            let at = |share: usize| month.delays.get(last * share / 100).copied().unwrap_or_default();
            println!(
                "{name}: {} of {allocation} reads in the fullest 30 days ({} if every poll read ten minutes); \
                 event to screen: median {} s, p95 {} s",
                month.reads,
                far_only.reads,
                at(50),
                at(95)
            );
            assert!(month.reads <= allocation / 5 * 4, "{name}");
            assert!(month.reads <= far_only.reads, "{name}");
            if sales_a_day == 2000 {
                // Two and a half sales a minute are more than a page in ten minutes.
                let sales = 30 * sales_a_day * 10;
                assert!((month.reads - sales) * 3 < (far_only.reads - sales) * 2, "{name}");
            }
            assert!(month.slowest_payment_s <= 2, "{name}");
            assert!(at(95) <= SLOWEST_OPEN_S, "{name}");
        }
    }

    #[test]
    fn looks_are_as_rare_as_the_budget_is_small() {
        let of = |transactions, tills| Outlook {
            now: 36_000,
            transactions,
            tills,
            spent: 0,
            spent_today: 0,
            payments_today: 0,
            active_at: 36_000,
            payment_open: false,
        };
        for (transactions, tills, soonest, latest) in [
            (0, 1, 6000, 7000),
            (0, 5, 30_000, 35_000),
            (0, 100, DAY_S, DAY_S),
            (300, 1, 900, 900),
            (60_000, 1, 900, 900),
        ] {
            let after = look_after_s(&of(transactions, tills));
            assert!((soonest..=latest).contains(&after), "{transactions} {tills}: {after}");
        }
    }

    #[test]
    fn a_spent_budget_slows_polls_and_never_payments() {
        let outlook = Outlook {
            now: 36_000,
            transactions: 0,
            tills: 1,
            spent: 8000,
            spent_today: 8000,
            payments_today: 0,
            active_at: 36_000,
            payment_open: true,
        };
        assert_eq!(look_after_s(&outlook), DAY_S);
        let plan = plan(&outlook);
        assert_eq!(
            (plan.left, plan.poll_after_s, plan.payment_after_s, plan.backfill_today),
            (0, CLOSED_S, 2, 0)
        );
        assert_eq!(budget(0, 1), 8000);
        assert_eq!(budget(1000, 5), 80_000);
    }
}
