//! What a copy says of how much is left.

use std::sync::Mutex;

use tillbook_mirror::{Phase, Progress, SyncOptions};

use crate::fake::{Fake, NOW, customer, payment};
use crate::house::House;

const DAY: i64 = 86_400;

async fn told(fake: &Fake) -> Vec<Progress> {
    let house = House::with(fake).await;
    let seen = Mutex::new(Vec::new());
    house
        .mirror
        .sync(&house.client, &SyncOptions::default(), &|news| seen.lock().unwrap().push(news))
        .await
        .unwrap();
    house.assert_equals(fake);
    let told = seen.into_inner().unwrap();
    told.into_iter().filter(|news| news.phase == Phase::Backfill).collect()
}

/// Never less than what is done, never wild, never a leap, and right in the end.
fn assert_sane(told: &[Progress], total: u64, times: u64) {
    let mut before = None;
    for news in told {
        assert!(news.estimate >= news.objects, "{news:?}");
        assert!(news.estimate <= total * times, "{news:?} of {total}");
        if let Some(before) = before {
            assert!(news.estimate <= before * 3 + 1000, "{news:?} after {before}");
        }
        before = Some(news.estimate);
    }
    let last = told.last().unwrap();
    assert_eq!((last.objects, last.estimate), (total, total));
    assert_eq!(last.left_s.unwrap_or(0), 0);
}

#[tokio::test]
async fn everything_within_a_minute_is_foretold_sanely() {
    // A shop of years, in which all that happened happened just now.
    let fake = Fake::new();
    for number in 0..1500 {
        let at = NOW - 60 + number / 25;
        fake.world().put("payment_intents", payment(number, at, "succeeded"));
        fake.world().event("payment_intent.succeeded", at, payment(number, at, "succeeded"));
    }
    // Nothing read tells that the rest of the month is empty.
    assert_sane(&told(&fake).await, 3000, 10);
}

#[tokio::test]
async fn a_busy_month_after_quiet_years_is_foretold_sanely() {
    let fake = Fake::new();
    for number in 0..3000 {
        let at =
            if number < 100 { NOW - 390 * DAY + number * 3 * DAY } else { NOW - 29 * DAY + number * 800 };
        fake.world().put("payment_intents", payment(number, at, "succeeded"));
        fake.world().put(
            "customers",
            customer(&format!("cus_{number:04}"), NOW - 380 * DAY + number * 10_000, "Ada"),
        );
    }
    fake.world().lists.get_mut("payment_intents").unwrap().sort_by_key(|object| object["created"].as_i64());
    assert_sane(&told(&fake).await, 6000, 4);
}

#[tokio::test]
async fn a_shop_that_began_long_after_its_account_is_foretold_by_what_it_has() {
    let fake = Fake::new();
    // The account is 400 days old, the shop 45.
    for number in 0..4500 {
        let at = NOW - 45 * DAY + number * 860;
        fake.world().put("payment_intents", payment(number, at, "succeeded"));
    }
    let told = told(&fake).await;
    assert_sane(&told, 4500, 4);
    let half_way = told.iter().find(|news| news.objects >= 1000).unwrap();
    assert!(half_way.estimate <= 4500 * 3 / 2, "{half_way:?}");
}

#[tokio::test]
async fn what_happened_before_and_during_a_copy_was_not_awaited() {
    let fake = Fake::new();
    for (number, at) in [(1, NOW - 500), (2, NOW - 3)] {
        fake.world().put("payment_intents", payment(number, at, "succeeded"));
        fake.world().event("payment_intent.succeeded", at, payment(number, at, "succeeded"));
    }
    let house = House::with(&fake).await;
    house.sync().await;
    assert!(house.mirror.delays_since(0).unwrap().is_empty());
    fake.world().now += 60;
    let at = fake.world().now - 4;
    fake.world().event("payment_intent.succeeded", at, payment(3, at, "succeeded"));
    house.sync().await;
    let delays = house.mirror.delays_since(0).unwrap();
    assert_eq!(delays.iter().map(|delay| (delay.events, delay.max_s)).collect::<Vec<_>>(), [(1, 4)]);
}
