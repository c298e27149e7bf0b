//! Whole months of shops, second by second where something happens: every read that a till makes of its own accord, decided
//! by what decides it in a sync.

use super::super::*;
use crate::events::{BEHIND, OVERLAP_S, every_s};

/// Events of a sale: the PaymentIntent made, processed and succeeded, its charge, the reader's action and its end.
const EVENTS_OF_A_SALE: i64 = 6;
const OPEN: (i64, i64) = (9 * 3600, 19 * 3600);
/// Ten seconds at the reader, asked about every two: reader and PaymentIntent.
const READS_OF_A_SALE: i64 = 10;
/// The first days give the volume that is learned first; the rest is counted.
const DAYS: i64 = 70;
const COUNTED_FROM: i64 = WINDOW_DAYS;
const STEP_S: i64 = 5;

#[derive(Clone, Copy)]
struct Shop {
    name: &'static str,
    sales_a_day: i64,
    tills: i64,
    /// Days on which it is open, and on which somebody is there.
    is_open: fn(i64) -> bool,
    is_there: fn(i64) -> bool,
    /// Whether old records without end are being copied.
    copies: bool,
}

const ALWAYS: fn(i64) -> bool = |_| true;
const NEVER: fn(i64) -> bool = |_| false;
const TWO_WEEKS_OFF: fn(i64) -> bool = |day| !(40..54).contains(&day);
const UNTIL_40: fn(i64) -> bool = |day| day < 40;

impl Shop {
    fn sales_on(&self, day: i64) -> i64 {
        if (self.is_open)(day) { self.sales_a_day } else { 0 }
    }

    /// Sales up to now, by the days before it.
    fn sold(&self, now: i64) -> Days {
        let day = now.div_euclid(DAY_S);
        std::array::from_fn(|ago| match i64::try_from(ago).unwrap() {
            0 => self.sales_until(now) - self.sales_until(day * DAY_S),
            ago => self.sales_on(day - ago),
        })
    }

    fn sales_in_window(&self, day: i64) -> i64 {
        (day - WINDOW_DAYS + 1..=day).map(|day| self.sales_on(day)).sum()
    }

    /// Sales up to a second, since the first.
    fn sales_until(&self, second: i64) -> i64 {
        let day = second.div_euclid(DAY_S);
        let of_day = (second.rem_euclid(DAY_S) - OPEN.0).clamp(0, OPEN.1 - OPEN.0);
        (0..day).map(|day| self.sales_on(day)).sum::<i64>() + of_day * self.sales_on(day) / (OPEN.1 - OPEN.0)
    }
}

fn pages(objects: i64) -> i64 {
    (objects + PAGE - 1).div_euclid(PAGE).max(1)
}

/// What polls of the event list cost: every one from the far anchor, or most of them from a near mark.
#[derive(Default)]
struct Polls {
    has_near_mark: bool,
    /// When the last far read was, and what it cost, while there is a near mark.
    far: Option<(i64, i64)>,
    anchor: i64,
    seen: i64,
}

impl Polls {
    /// Requests of a poll, where so many events were made by now, and ten minutes ago.
    fn poll(&mut self, now: i64, newest: i64, settled: i64) -> i64 {
        let news = newest - std::mem::replace(&mut self.seen, newest);
        if let Some((far_at, cost)) = self.far
            && now - far_at < every_s(u64::try_from(cost).unwrap())
        {
            return pages(news + i64::try_from(BEHIND).unwrap());
        }
        let cost = pages(newest - self.anchor);
        self.anchor = settled;
        let is_long = self.has_near_mark && newest - self.anchor > PAGE;
        self.far = is_long.then_some((now, cost));
        cost
    }
}

/// One till.
#[derive(Default)]
struct Till {
    polls: Polls,
    spent: Days,
    payments_today: i64,
    copied_today: i64,
    active_at: i64,
    polled_at: i64,
    looked_at: i64,
    swept_at: i64,
    proven_at: i64,
    waiting: Vec<i64>,
}

impl Till {
    fn spend(&mut self, reads: i64) {
        self.spent[0] += reads;
    }

    fn new_day(&mut self) {
        self.spent.rotate_right(1);
        self.spent[0] = 0;
        (self.payments_today, self.copied_today) = (0, 0);
    }

    fn plan(&self, shop: &Shop, now: i64, sold: Days) -> Plan {
        plan(&Outlook {
            now,
            sold,
            tills: shop.tills,
            spent: self.spent,
            payments_today: self.payments_today,
            copied_today: self.copied_today,
            active_at: self.active_at,
        })
    }

    /// What a sync does in its order: lists, news and the sweep, looks, the certificate.
    fn sync(&mut self, shop: &Shop, now: i64, sold: Days) {
        self.polled_at = now;
        if shop.copies {
            let reads = self.plan(shop, now, sold).backfill_today;
            self.copied_today += reads;
            self.spend(reads);
        }
        let events = |second: i64| shop.sales_until(second) * EVENTS_OF_A_SALE;
        let reads = self.polls.poll(now, events(now), events(now - OVERLAP_S));
        self.spend(reads);
        if now - self.swept_at >= DAY_S {
            let from = self.swept_at.min(now - DAY_S).max(now - 7 * DAY_S) - 3600;
            let reads = pages(events(now) - events(from));
            if reads <= self.plan(shop, now, sold).spare_today {
                self.swept_at = now;
                self.spend(reads);
            }
        }
        let plan = self.plan(shop, now, sold);
        let looks = plan.look_after_s.is_some_and(|after| now - self.looked_at >= after);
        let proves = now - self.proven_at >= DAY_S && plan.may_prove;
        if looks || proves {
            // Payments, sessions and balance transactions since a day before the last look; readers and locations.
            let sales = shop.sales_until(now) - shop.sales_until(self.looked_at - DAY_S);
            self.looked_at = now;
            self.spend(2 * pages(sales) + 1 + 2);
        }
        if proves {
            self.proven_at = now;
            let audit = self.plan(shop, now, sold).backfill_today.min(100);
            self.copied_today += 3 + audit;
            self.spend(3 + audit);
        }
    }
}

/// What was read of a shop's month, and how late events were seen.
struct Month {
    /// The fullest 30 days, and how many of ten thousand of the allocation of the fullest in view of it.
    reads: i64,
    of_allocation: i64,
    delays: Vec<i64>,
}

fn simulate(shop: &Shop, has_near_mark: bool) -> Month {
    let mut by_day = vec![0_i64; usize::try_from(DAYS).unwrap()];
    let mut delays = Vec::new();
    for number in 0..shop.tills {
        let mut till = Till { polls: Polls { has_near_mark, ..Polls::default() }, ..Till::default() };
        let mut poll_after_s = 0;
        for day in 0..DAYS {
            till.new_day();
            let mut sold = shop.sold(day * DAY_S);
            let every = ((OPEN.1 - OPEN.0) * shop.tills / shop.sales_on(day).max(1)).max(1);
            let mut next_sale = day * DAY_S + OPEN.0 + number * every / shop.tills;
            for now in (day * DAY_S..(day + 1) * DAY_S).step_by(usize::try_from(STEP_S).unwrap()) {
                if now % 60 == 0 {
                    // It is counted, and the pace thought over, once a minute.
                    sold = shop.sold(now);
                    poll_after_s = till.plan(shop, now, sold).poll_after_s;
                }
                let is_daytime = (OPEN.0..OPEN.1).contains(&now.rem_euclid(DAY_S));
                if is_daytime && (shop.is_there)(day) {
                    till.active_at = now;
                }
                if is_daytime && shop.sales_on(day) > 0 && now >= next_sale {
                    next_sale += every;
                    till.active_at = now;
                    till.payments_today += READS_OF_A_SALE;
                    till.spend(READS_OF_A_SALE);
                    till.waiting.push(now + 10);
                }
                if now - till.polled_at >= poll_after_s {
                    till.sync(shop, now, sold);
                    poll_after_s = till.plan(shop, now, sold).poll_after_s;
                    let (seen, later): (Vec<i64>, Vec<i64>) =
                        std::mem::take(&mut till.waiting).into_iter().partition(|at| *at <= now);
                    let is_counted = day >= COUNTED_FROM;
                    delays.extend(seen.into_iter().filter(|_| is_counted).map(|at| now - at));
                    till.waiting = later;
                }
            }
            by_day[usize::try_from(day).unwrap()] += till.spent[0];
        }
    }
    delays.sort_unstable();
    let mut month = Month { reads: 0, of_allocation: 0, delays };
    for day in COUNTED_FROM..DAYS {
        let last = usize::try_from(day).unwrap();
        let reads: i64 = by_day[last + 1 - usize::try_from(WINDOW_DAYS).unwrap()..=last].iter().sum();
        let allocation = (shop.sales_in_window(day) * READS_PER_TRANSACTION).max(READS_AT_LEAST);
        month.reads = month.reads.max(reads);
        month.of_allocation = month.of_allocation.max(reads * 10_000 / allocation);
    }
    month
}

#[test]
fn months_of_shops_stay_inside_the_allocation() {
    let shop = Shop { name: "", sales_a_day: 0, tills: 1, is_open: ALWAYS, is_there: NEVER, copies: false };
    let shops = [
        Shop { name: "closed for good, nobody there", ..shop },
        Shop { name: "no sale yet, somebody there all day", is_there: ALWAYS, ..shop },
        Shop { name: "the same, old records being copied", is_there: ALWAYS, copies: true, ..shop },
        Shop { name: "five tills, no sale, nobody there", tills: 5, ..shop },
        Shop { name: "10 sales a day", sales_a_day: 10, ..shop },
        Shop { name: "the same, two weeks off", sales_a_day: 10, is_open: TWO_WEEKS_OFF, ..shop },
        Shop {
            name: "the same, sales end and people stay",
            sales_a_day: 10,
            is_open: UNTIL_40,
            is_there: ALWAYS,
            copies: true,
            ..shop
        },
        Shop { name: "2,000 sales a day", sales_a_day: 2000, ..shop },
        Shop { name: "five tills, 200 sales a day", sales_a_day: 200, tills: 5, ..shop },
    ];
    for shop in &shops {
        let month = simulate(shop, true);
        let last = month.delays.len().saturating_sub(1);
        let at = |share: usize| month.delays.get(last * share / 100).copied().unwrap_or_default();
        println!(
            "{}: {} reads in the fullest 30 days, at most {}.{:02} % of Stripe's allocation; \
             event to screen: median {} s, p95 {} s",
            shop.name,
            month.reads,
            month.of_allocation / 100,
            month.of_allocation % 100,
            at(50),
            at(95)
        );
        let is_even = (0..DAYS).all(|day| shop.sales_on(day) == shop.sales_on(0));
        let most = if is_even { 8000 } else { 9999 };
        assert!(month.of_allocation <= most, "{}: {}", shop.name, month.of_allocation);
        assert!(at(95) <= SLOWEST_OPEN_S, "{}", shop.name);
    }
}

#[test]
fn a_near_mark_saves_a_busy_shop_a_third_of_its_polls() {
    let shop = Shop {
        name: "2,000 sales a day",
        sales_a_day: 2000,
        tills: 1,
        is_open: ALWAYS,
        is_there: NEVER,
        copies: false,
    };
    let (near, far) = (simulate(&shop, true).reads, simulate(&shop, false).reads);
    let payments = WINDOW_DAYS * shop.sales_a_day * READS_OF_A_SALE;
    println!("{near} reads, {far} if every poll read ten minutes; {payments} of them for open payments");
    assert!((near - payments) * 3 < (far - payments) * 2);
}
