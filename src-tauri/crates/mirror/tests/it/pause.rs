//! A copy that a person pauses: nothing of it is lost, the news goes on, and it goes on from the page where it stood.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tillbook_mirror::{Cancel, Changed, Doubt, MirrorError, Phase, Progress, SyncOptions};

use crate::fake::{Fake, NOW, customer, payment};
use crate::house::House;

const DAY: i64 = 86_400;
const HOUR_MS: i64 = 3_600_000;

/// Three thousand payments over 400 days, and thirty customers.
fn shop() -> Fake {
    let fake = Fake::new();
    let mut world = fake.world();
    for number in 0..3000 {
        world.put("payment_intents", payment(number, NOW - 400 * DAY + number * 11_000, "succeeded"));
    }
    for number in 0..30 {
        world.put("customers", customer(&format!("cus_{number}"), NOW - 300 * DAY + number, "Ada"));
    }
    drop(world);
    fake
}

/// Reads lists until so many pages of payments were told of, then does something and stops.
async fn stop_after(house: &House, pages: usize, full: bool, then: impl Fn() + Send + Sync) {
    let cancel = Cancel::new();
    let (switch, seen) = (cancel.clone(), AtomicUsize::new(0));
    let options = SyncOptions { full, cancel, ..SyncOptions::default() };
    let tell = |progress: Progress| {
        let is_page = progress.phase == Phase::Backfill && progress.resource == "payment_intents";
        if is_page && seen.fetch_add(1, Ordering::SeqCst) == pages {
            then();
            switch.cancel();
        }
    };
    let stopped = house.mirror.sync(&house.client, &options, &tell).await;
    assert!(matches!(stopped, Err(MirrorError::Canceled)), "{stopped:?}");
}

fn pages_of(asked: &[String], list: &str) -> usize {
    asked.iter().filter(|asked| asked.starts_with(list)).count()
}

#[tokio::test]
async fn a_paused_copy_waits_with_the_news_going_on_and_goes_on_from_its_page() {
    let fake = shop();
    let house = House::with(&fake).await;
    assert!(house.mirror.status().unwrap().copying.lists_left > 0);
    stop_after(&house, 9, false, || assert!(house.mirror.hold_copy(Some("Ada")).unwrap())).await;
    assert!(!house.mirror.hold_copy(Some("Eve")).unwrap(), "it waits already, for Ada");
    let mut pages = pages_of(&fake.drain(), "payment_intents");

    // A new start of the program knows it, and what is here.
    let house = house.reopen();
    let copying = house.mirror.status().unwrap().copying;
    assert_eq!(copying.hold.as_ref().unwrap().by.as_deref(), Some("Ada"));
    let here = house.number("SELECT count(*) FROM payment_intent");
    assert!((100..2900).contains(&here), "stopped in the middle: {here}");
    assert!(copying.objects >= here && copying.lists_left > 0, "{copying:?}");
    assert!((2000..4500).contains(&copying.estimate), "about 3030: {copying:?}");

    // News arrives, polls go on, no list is read, and nothing is proven of half a copy.
    fake.world().now += 30;
    let renamed = customer("cus_3", NOW - 300 * DAY + 3, "Grace");
    fake.world().put("customers", renamed.clone());
    fake.world().event("customer.updated", NOW + 20, renamed);
    for _ in 0..3 {
        let report = house.try_sync(SyncOptions::default()).await.unwrap();
        assert!(report.held && report.lists_left > 0 && report.complete_to >= Some(NOW), "{report:?}");
    }
    let asked = fake.drain();
    assert!(pages_of(&asked, "events") >= 3, "{asked:?}");
    assert_eq!(pages_of(&asked, "payment_intents"), 0, "{asked:?}");
    assert_eq!(house.json("cus_3").unwrap()["name"], "Grace");
    assert_eq!(house.mirror.certificate().unwrap(), None);
    // Whoever asks for a comparison all the same is told that lists are left.
    let asked_for = house.mirror.certify(&house.client, &SyncOptions::default(), 0, &|_| {}).await.unwrap();
    assert!(!asked_for.holds);
    assert!(matches!(asked_for.causes[0], Doubt::Unread { lists } if lists > 0), "{asked_for:?}");
    fake.drain();

    assert!(house.mirror.release_copy().unwrap());
    assert!(!house.mirror.release_copy().unwrap());
    let report = house.sync().await;
    pages += pages_of(&fake.drain(), "payment_intents");
    assert_eq!((report.held, report.lists_left), (false, 0));
    // Pages that were on their way when it was stopped are read again, at most.
    assert!((30..=40).contains(&pages), "{pages} pages were read for 30");
    house.assert_equals(&fake);
    assert!(!house.mirror.hold_copy(None).unwrap(), "nothing is left to wait");
}

#[tokio::test]
async fn what_is_told_of_a_copy_that_goes_on_is_about_all_of_it() {
    let fake = shop();
    let house = House::with(&fake).await;
    stop_after(&house, 12, false, || {}).await;
    let here = house.mirror.status().unwrap().copying.objects;
    let first = std::sync::Mutex::new(None);
    let tell = |progress: Progress| {
        if progress.phase == Phase::Backfill {
            first.lock().unwrap().get_or_insert(progress);
        }
    };
    house.mirror.sync(&house.client, &SyncOptions::default(), &tell).await.unwrap();
    let first = first.into_inner().unwrap().unwrap();
    assert!(first.objects >= u64::try_from(here).unwrap(), "{first:?} after {here}");
    assert!((2000..6000).contains(&first.estimate), "{first:?}");
}

#[tokio::test]
async fn a_full_check_reads_what_waits_and_leaves_the_wish_where_it_is_stopped() {
    let fake = shop();
    let house = House::with(&fake).await;
    stop_after(&house, 9, false, || assert!(house.mirror.hold_copy(Some("Ada")).unwrap())).await;
    stop_after(&house, 3, true, || {}).await;
    house.mirror.give_up_full_check().unwrap();
    fake.drain();
    assert!(house.try_sync(SyncOptions::default()).await.unwrap().held);
    assert_eq!(pages_of(&fake.drain(), "payment_intents"), 0);
    let report = house.full().await;
    assert!(!report.held, "nothing is left that could wait");
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_gap_that_opens_while_the_copy_waits_is_closed_when_it_goes_on() {
    let fake = shop();
    let house = House::with(&fake).await;
    stop_after(&house, 9, false, || assert!(house.mirror.hold_copy(None).unwrap())).await;
    house.try_sync(SyncOptions::default()).await.unwrap();
    // Forty days later: what the first pages brought has changed, and no event is left to tell it.
    let house = house.reopen();
    fake.world().now += 40 * DAY;
    fake.world().put("payment_intents", payment(2999, NOW - 400 * DAY + 2999 * 11_000, "canceled"));
    fake.world().put("payment_intents", payment(3000, NOW + DAY, "succeeded"));
    fake.drain();
    let report = house.try_sync(SyncOptions::default()).await.unwrap();
    assert!(
        report.held && report.differences.iter().any(|one| one.what == "gap" && !one.healed),
        "{report:?}"
    );
    assert_eq!(pages_of(&fake.drain(), "payment_intents"), 0);
    house.mirror.release_copy().unwrap();
    house.sync().await;
    house.assert_equals(&fake);
    assert_eq!(house.number("SELECT count(*) FROM difference WHERE what = 'gap' AND healed_at IS NULL"), 0);
    let proven = house.mirror.certificate().unwrap().unwrap();
    assert!(!proven.causes.contains(&Doubt::Gap), "{proven:?}");
}

#[tokio::test]
async fn a_gap_whose_closing_was_broken_off_is_closed_by_a_later_start() {
    let fake = shop();
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().now += 40 * DAY;
    fake.world().put("customers", customer("cus_1", NOW - 300 * DAY + 1, "Grace"));
    stop_after(&house, 5, false, || {}).await;
    let house = house.reopen();
    assert!(house.mirror.status().unwrap().copying.lists_again > 0);
    house.sync().await;
    house.assert_equals(&fake);
    let proven = house.mirror.certify(&house.client, &SyncOptions::default(), 0, &|_| {}).await.unwrap();
    assert!(!proven.causes.contains(&Doubt::Gap), "{proven:?}");
    assert_eq!(house.number("SELECT count(*) FROM difference WHERE what = 'gap' AND healed_at IS NULL"), 0);
}

#[tokio::test]
async fn requests_are_kept_by_the_hour_however_a_sync_ended_and_for_some_days() {
    let fake = shop();
    let house = House::with(&fake).await;
    let hour = (NOW + 3600) / 3600;
    stop_after(&house, 5, false, || {}).await;
    let first = i64::try_from(fake.drain().len()).unwrap();
    // What was on its way when it was stopped may not have been counted.
    let booked = house.mirror.requests_by_hour(0).unwrap();
    assert!(
        matches!(booked[..], [(at, n)] if at == hour && (1..=first).contains(&n)),
        "{booked:?} of {first}"
    );
    let house = house.reopen();
    house.clock.set_ms((NOW + 3600) * 1000 + 3 * HOUR_MS);
    house.sync().await;
    let then = i64::try_from(fake.drain().len()).unwrap();
    assert_eq!(house.mirror.requests_by_hour(0).unwrap(), [booked[0], (hour + 3, then)]);
    assert_eq!(house.mirror.requests_by_hour(hour + 1).unwrap(), [(hour + 3, then)]);
    let day = (hour + 3) / 24;
    assert!(house.mirror.requests_on(day).unwrap() >= then);
    house.clock.set_ms((NOW + 3600) * 1000 + 9 * 24 * HOUR_MS);
    house.sync().await;
    let kept: Vec<i64> = house.mirror.requests_by_hour(0).unwrap().iter().map(|(at, _)| *at).collect();
    assert_eq!(kept, [hour + 9 * 24]);
}

#[tokio::test]
async fn a_difference_names_its_columns_and_an_older_certificate_is_read_all_the_same() {
    let fake = shop();
    let house = House::with(&fake).await;
    house.sync().await;
    house.tamper("UPDATE payment_intent SET amount = 1, status = 'canceled' WHERE id = 'pi_000008'");
    fake.world().now += 100;
    let report = house.full().await;
    let changed = |column: &str, here: &str, stripe: &str, currency: Option<&str>| Changed {
        column: column.to_owned(),
        here: Some(here.to_owned()),
        stripe: Some(stripe.to_owned()),
        currency: currency.map(str::to_owned),
    };
    let expected =
        [changed("status", "canceled", "succeeded", None), changed("amount", "1", "1008", Some("usd"))];
    assert_eq!(report.differences[0].changes, expected);
    assert_eq!(house.mirror.certificate().unwrap().unwrap().healed[0].changes, expected);
    let older = json!({"at": 5, "holds": false, "complete_to": null, "audited_to": null, "balance": [],
        "healed": [{"object": "charge", "id": "ch_1", "what": "changed", "detail": "amount: 1 here, 2 at Stripe"}],
        "doubts": ["charges: permission"]});
    house.tamper(&format!("INSERT INTO certificate (at, holds, body) VALUES (5, 0, '{older}')"));
    let read = house.mirror.certificate().unwrap().unwrap();
    assert_eq!((read.doubts.len(), read.causes.len(), read.healed[0].changes.len()), (1, 0, 0));
}
