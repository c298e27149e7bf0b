//! The read budget as it applies to a real account: what a sync spends of it, and on what.

use serde_json::{Value, json};
use tillbook_mirror::{SyncOptions, Windows};

use crate::fake::{Fake, NOW, customer, payment};
use crate::house::House;

const DAY: i64 = 86_400;

fn governed() -> SyncOptions {
    SyncOptions { governed: Some(true), ..SyncOptions::default() }
}

fn charge(number: i64, created: i64) -> Value {
    json!({"id": format!("ch_{number:06}"), "object": "charge", "created": created, "status": "succeeded",
        "amount": 100, "currency": "usd"})
}

/// So many customers, and a clock here that is Stripe's.
async fn many_customers(customers: i64) -> (Fake, House) {
    let fake = Fake::new();
    let old = (0..customers)
        .map(|number| customer(&format!("cus_{number:06}"), NOW - 100 * DAY + number * 100, "Ada"))
        .collect();
    fake.world().lists.insert("customers".to_owned(), old);
    let house = House::with(&fake).await;
    house.clock.set_ms(NOW * 1000);
    (fake, house)
}

/// The same in an account of ten tills, this one among them: a share of a few pages a day.
async fn many_customers_of_ten_tills(customers: i64) -> (Fake, House) {
    let (fake, house) = many_customers(customers).await;
    for number in 0..10 {
        let mut one = payment(number, NOW - DAY - 10 + number, "succeeded");
        one["metadata"]["till_id"] = json!(format!("till_{number}"));
        house.mirror.take(one.to_string().as_bytes(), NOW * 1000).unwrap();
        fake.world().put("payment_intents", one);
    }
    (fake, house)
}

/// Charges every so many seconds since one.
fn charges(fake: &Fake, count: i64, from: i64, every: i64) {
    let all = (0..count).map(|number| charge(number, from + number * every)).collect();
    fake.world().lists.insert("charges".to_owned(), all);
}

fn spent_on(house: &House, purpose: &str) -> i64 {
    let spent = house.mirror.status().unwrap().spent;
    spent.into_iter().find(|(name, _)| name == purpose).map_or(0, |(_, requests)| requests)
}

/// Goes to another second, here and at Stripe.
fn go_to(fake: &Fake, house: &House, second: i64) {
    fake.world().now = second;
    house.clock.set_ms(second * 1000);
}

#[tokio::test]
async fn a_copy_takes_half_of_each_day_and_says_when_it_ends() {
    let (fake, house) = many_customers_of_ten_tills(3000).await;
    let report = house.try_sync(governed()).await.unwrap();
    let share = house.mirror.plan().unwrap().backfill_a_day;
    assert_eq!(share, 13);
    assert_eq!(spent_on(&house, "backfill"), share);
    let ends_at = report.backfill_ends_at.unwrap();
    assert!(report.lists_left > 0 && report.complete_to.is_some(), "news is read all the same: {report:?}");
    for sync in 1..5 {
        go_to(&fake, &house, NOW + sync * 300);
        let again = house.try_sync(governed()).await.unwrap();
        let (soonest, latest) = (ends_at - DAY, ends_at + DAY);
        assert!((soonest..=latest).contains(&again.backfill_ends_at.unwrap()), "{again:?}");
    }
    assert_eq!(spent_on(&house, "backfill"), share, "half of a day's share, however often it is asked for");
    let mut day = 0;
    while house.try_sync(governed()).await.unwrap().backfill_ends_at.is_some() {
        day += 1;
        go_to(&fake, &house, NOW + day * DAY);
    }
    let foretold = (ends_at - NOW) / DAY;
    // How long a list is shows while it is read.
    assert!((foretold - 2..=foretold + 2).contains(&day), "{day} days, {foretold} were foretold");
    assert!(day >= 2, "{day} days for more than three times a day's share");
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_copy_that_is_hurried_goes_on_and_is_counted() {
    let (fake, house) = many_customers_of_ten_tills(3000).await;
    house.try_sync(governed()).await.unwrap();
    let report = house.try_sync(SyncOptions { hurry: true, ..governed() }).await.unwrap();
    assert_eq!(report.backfill_ends_at, None);
    house.assert_equals(&fake);
    let asked = i64::try_from(fake.drain().len()).unwrap();
    let spent: i64 = house.mirror.status().unwrap().spent.iter().map(|(_, requests)| requests).sum();
    assert_eq!(spent, asked);
    let plan = house.mirror.plan().unwrap();
    assert_eq!((plan.left, plan.backfill_today), (plan.budget - spent, 0));
}

#[tokio::test]
async fn the_volume_of_the_last_month_is_learned_first() {
    let (fake, house) = many_customers(300).await;
    charges(&fake, 3000, NOW - 60 * DAY, 1728);
    let report = house.try_sync(governed()).await.unwrap();
    let asked = fake.drain();
    let lists: Vec<&str> = asked
        .iter()
        .filter(|asked| !asked.starts_with("account") && !asked.starts_with("events"))
        .map(String::as_str)
        .collect();
    let learning = lists.iter().take_while(|asked| asked.starts_with("charges")).count();
    assert!((15..=20).contains(&learning), "{learning} pages of a month's charges before anything else");
    assert!(lists[0].contains(&format!("created[gte]={}", NOW - 30 * DAY)), "{}", lists[0]);
    // 1,500 sales a month: 600,000 reads, and a share that ends the whole copy today.
    assert_eq!(house.mirror.plan().unwrap().budget, 600_000);
    assert_eq!((report.backfill_ends_at, report.lists_left), (None, 0));
    house.assert_equals(&fake);
}

#[tokio::test]
async fn learning_pays_for_itself() {
    // More charges than the least budget has pages for: each page is worth more than it costs.
    let (fake, house) = many_customers_of_ten_tills(300).await;
    charges(&fake, 2900, NOW - 29 * DAY, 860);
    let report = house.try_sync(governed()).await.unwrap();
    assert_eq!(house.mirror.plan().unwrap().budget, 2900 * 40);
    assert_eq!((report.backfill_ends_at, report.lists_left), (None, 0));
}

#[tokio::test]
async fn learning_that_was_broken_off_is_taken_up() {
    let (fake, house) = many_customers(300).await;
    charges(&fake, 3000, NOW - 60 * DAY, 1728);
    let mut seen = 0;
    fake.world().ways.push(Box::new(move |path, _| {
        seen += i32::from(path == "charges");
        (path == "charges" && (4..40).contains(&seen)).then(|| crate::fake::refused(401, "no"))
    }));
    assert!(house.try_sync(governed()).await.is_err());
    fake.world().ways.clear();
    go_to(&fake, &house, NOW + DAY);
    let house = house.reopen();
    let report = house.try_sync(governed()).await.unwrap();
    assert_eq!((report.backfill_ends_at, report.lists_left), (None, 0));
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_spent_share_lets_nothing_but_the_news_through() {
    let (fake, house) = many_customers(3).await;
    house.sync().await;
    fake.drain();
    // A day later everything is due: looks, the sweep, the certificate.
    go_to(&fake, &house, NOW + DAY + 100);
    house.tamper(&format!("INSERT INTO spent VALUES ({}, 'events', 8000)", (NOW + DAY) / DAY));
    let plan = house.mirror.plan().unwrap();
    assert!(plan.left == 0 && plan.poll_after_s > 900, "{plan:?}");
    let report = house.try_sync(governed()).await.unwrap();
    assert_eq!(fake.drain().iter().filter(|asked| !asked.starts_with("events")).count(), 0);
    assert_eq!(report.requests, 1);
    // Somebody who asks is answered.
    house.try_sync(SyncOptions { windows: Windows::Now, ..governed() }).await.unwrap();
    assert!(fake.drain().iter().any(|asked| asked.starts_with("payment_intents")));
    // And when there is room again, what was left is done.
    go_to(&fake, &house, NOW + 40 * DAY);
    house.tamper("DELETE FROM spent");
    house.tamper(&format!("UPDATE state SET value = {} WHERE name = 'polled_at'", NOW + 40 * DAY - 600));
    house.try_sync(governed()).await.unwrap();
    assert!(fake.drain().iter().any(|asked| asked.starts_with("balance?") || asked == "balance"));
}

#[tokio::test]
async fn reads_for_open_payments_are_counted_at_once_and_written_now_and_then() {
    let (_fake, house) = many_customers(3).await;
    house.sync().await;
    let before = house.mirror.plan().unwrap();
    let written = || house.number("SELECT coalesce(sum(requests), 0) FROM spent WHERE purpose = 'payments'");
    for _ in 0..5 {
        house.mirror.spent_on_payments(2);
    }
    assert_eq!((spent_on(&house, "payments"), written()), (10, 0), "told, and not a write for each look");
    assert_eq!(house.mirror.plan().unwrap().left, before.left - 10);
    house.clock.set_ms((NOW + 61) * 1000);
    house.mirror.spent_on_payments(2);
    assert_eq!((spent_on(&house, "payments"), written()), (12, 12), "once a minute");
    house.mirror.spent_on_payments(2);
    house.sync().await;
    assert_eq!((spent_on(&house, "payments"), written()), (14, 14), "and with every sync");
}

#[tokio::test]
async fn the_budget_is_divided_by_the_tills_that_payments_name() {
    let (fake, house) = many_customers(3).await;
    for number in 0..8 {
        let mut one = payment(number, NOW - DAY - number, "succeeded");
        one["metadata"]["till_id"] = json!(format!("till_{}", number % 4));
        fake.world().put("payment_intents", one);
    }
    let mut old = payment(90, NOW - 31 * DAY, "succeeded");
    old["metadata"]["till_id"] = json!("till_retired");
    fake.world().put("payment_intents", old);
    assert_eq!(house.mirror.plan().unwrap().budget, 8000, "one till, as far as is known");
    house.sync().await;
    assert_eq!(house.mirror.plan().unwrap().budget, 2000);
    let house = house.reopen();
    house.mirror.belongs_to_till("till_3");
    assert_eq!(house.mirror.plan().unwrap().budget, 2000, "this one is among them");
    let house = house.reopen();
    house.mirror.belongs_to_till("till_new");
    assert_eq!(house.mirror.plan().unwrap().budget, 1600, "this one has sold nothing yet");
}

#[tokio::test]
async fn transactions_are_not_counted_with_every_look_at_the_plan() {
    let (_fake, house) = many_customers(3).await;
    house.sync().await;
    let budget = || house.mirror.plan().unwrap().budget;
    assert_eq!(budget(), 8000);
    house.mirror.take(charge(1, NOW - 10).to_string().as_bytes(), NOW * 1000).unwrap();
    house.tamper(
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
         INSERT INTO charge (id, created, as_of, until, origin, deleted, raw, status)
         SELECT 'ch_' || i, c.created, c.as_of, c.until, c.origin, 0, c.raw, 'succeeded' FROM charge c, n",
    );
    assert_eq!(budget(), 8000, "counted a moment ago");
    house.clock.set_ms((NOW + 61) * 1000);
    assert_eq!(budget(), 100 * 400);
}

#[tokio::test]
async fn on_this_machine_no_budget_applies_and_spending_is_counted() {
    let (fake, house) = many_customers(300).await;
    for options in [
        SyncOptions::default(),
        SyncOptions { full: true, rate: Some(5000), endpoint_rate: Some(5000), ..SyncOptions::default() },
    ] {
        let before = house.mirror.plan().unwrap().left;
        let report = house.try_sync(options).await.unwrap();
        assert_eq!((report.backfill_ends_at, report.lists_left), (None, 0));
        let spent = before - house.mirror.plan().unwrap().left;
        assert_eq!(spent, i64::try_from(fake.drain().len()).unwrap());
    }
    house.assert_equals(&fake);
}
