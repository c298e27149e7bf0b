//! Lists: whole, in ranges, resumed, of one account only.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tillbook_mirror::{Cancel, Changes, MirrorError, Phase, Progress, SyncOptions};

use crate::fake::{Fake, NOW, customer, payment};
use crate::house::House;

const DAY: i64 = 86_400;

/// Payments over 400 days, with a clump of 250 in one second.
fn shop(payments: i64) -> Fake {
    let fake = Fake::new();
    let mut world = fake.world();
    for number in 0..payments {
        let at = NOW - 400 * DAY + number * (399 * DAY / payments);
        let at = if (500..750).contains(&number) { NOW - 200 * DAY } else { at };
        let mut object = payment(number, at, "succeeded");
        object["nested"] = json!({"client_secret": "inside", "kept": [1.50, "\u{1F600}", null]});
        world.put("payment_intents", object);
    }
    world.lists.get_mut("payment_intents").unwrap().sort_by_key(|object| object["created"].as_i64());
    for number in 0..30 {
        let object = customer(&format!("cus_{number}"), NOW - 300 * DAY + number, "Ada");
        world.put("customers", object);
    }
    world.put("terminal/readers", json!({"id": "tmr_1", "object": "terminal.reader", "label": "Counter"}));
    drop(world);
    fake
}

#[tokio::test]
async fn everything_is_listed_once_and_then_only_news() {
    let fake = shop(2000);
    let house = House::with(&fake).await;
    let report = house.sync().await;
    assert_eq!(report.objects, 2031);
    assert_eq!(report.problems, []);
    assert_eq!(report.differences, []);
    assert_eq!(report.requests, fake.drain().len() as u64);
    house.assert_equals(&fake);
    let again = house.sync().await;
    assert_eq!((again.events, again.problems.len()), (0, 0));
    assert!(again.requests <= 4, "{:?}", fake.drain());
    let Changes::Since(changes) = house.mirror.changes_since(0, 10_000).unwrap() else { panic!("forgotten") };
    assert_eq!(changes.len(), 2032, "the account and every object, each once");
    assert_eq!(changes.last().unwrap().position, house.mirror.position().unwrap());
    assert_eq!(house.mirror.changes_since(2000, 5).unwrap(), Changes::Since(changes[2000..2005].to_vec()));
}

#[tokio::test]
async fn a_pass_that_was_stopped_goes_on_where_it_was() {
    let fake = shop(2000);
    let mut house = House::with(&fake).await;
    let mut pages = 0;
    let mut rounds = 0;
    loop {
        rounds += 1;
        let cancel = Cancel::new();
        let (switch, seen) = (cancel.clone(), Arc::new(AtomicUsize::new(0)));
        let options = SyncOptions { cancel, ..SyncOptions::default() };
        let stop_after = |_| {
            if seen.fetch_add(1, Ordering::SeqCst) >= 4 {
                switch.cancel();
            }
        };
        match house.mirror.sync(&house.client, &options, &stop_after).await {
            Ok(_) => break,
            Err(MirrorError::Canceled) => {}
            Err(error) => panic!("{error}"),
        }
        pages += fake.drain().iter().filter(|asked| asked.starts_with("payment_intents")).count();
        assert!(rounds < 40, "no progress");
        house = house.reopen();
    }
    assert!(rounds > 2, "it was never stopped");
    assert!(pages <= 20 + rounds * 8, "{pages} pages were read for 20");
    house.assert_equals(&fake);
}

#[tokio::test]
async fn a_full_check_that_was_given_up_is_not_gone_on_with() {
    let fake = shop(2000);
    let house = House::with(&fake).await;
    house.sync().await;
    // Twenty pages of payments, and a handful of lists of one page.
    let price = house.mirror.full_check_reads().unwrap();
    assert!((20..60).contains(&price), "{price}");
    let cancel = Cancel::new();
    let (switch, seen) = (cancel.clone(), Arc::new(AtomicUsize::new(0)));
    let options = SyncOptions { full: true, cancel, ..SyncOptions::default() };
    let stop_after = |progress: Progress| {
        if progress.phase == Phase::Backfill && seen.fetch_add(1, Ordering::SeqCst) >= 2 {
            switch.cancel();
        }
    };
    let stopped = house.mirror.sync(&house.client, &options, &stop_after).await;
    assert!(matches!(stopped, Err(MirrorError::Canceled)));
    assert!(house.mirror.status().unwrap().ranges_open > 0, "it was stopped in the middle");
    house.mirror.give_up_full_check().unwrap();
    fake.drain();
    house.sync().await;
    assert_eq!(house.mirror.status().unwrap().ranges_open, 0);
    let pages = fake.drain().iter().filter(|asked| asked.starts_with("payment_intents")).count();
    assert!(pages <= 2, "{pages} pages were read though nothing had to be");
    house.assert_equals(&fake);
}

#[tokio::test]
async fn only_the_lists_that_were_asked_for() {
    let fake = shop(1000);
    let house = House::with(&fake).await;
    let resources = Some(vec!["customers".to_owned(), "terminal/readers".to_owned()]);
    let report = house.try_sync(SyncOptions { resources, ..SyncOptions::default() }).await.unwrap();
    assert_eq!(report.objects, 31);
    assert!(house.json("pi_000001").is_none());
    let unknown = SyncOptions { resources: Some(vec!["nonsense".to_owned()]), ..SyncOptions::default() };
    assert!(
        matches!(house.try_sync(unknown).await, Err(MirrorError::UnknownResource(name)) if name == "nonsense")
    );
    house.sync().await;
    assert!(house.json("pi_000001").is_some(), "the others follow with the first sync that wants them");
}

#[tokio::test]
async fn a_folder_belongs_to_one_account() {
    let fake = shop(10);
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().ways.push(Box::new(|path, _| {
        (path == "account").then(|| (200, r#"{"id":"acct_1Other","object":"account"}"#.to_owned()))
    }));
    let house = house.reopen();
    let other = house.try_sync(SyncOptions::default()).await;
    assert!(matches!(other, Err(MirrorError::OtherAccount { got, .. }) if got == "acct_1Other"));
}

#[tokio::test]
async fn a_key_of_another_account_brings_nothing_in() {
    let fake = shop(10);
    fake.world().event("customer.updated", NOW - 5000, customer("cus_3", NOW - 300 * DAY + 3, "Ada"));
    let house = House::with(&fake).await;
    house.sync().await;
    // The same mirror with a key that shows another shop: no request is spent on the question, the anchor asks it.
    fake.world().ways.push(Box::new(|path, _| {
        (path == "account").then(|| (200, r#"{"id":"acct_1Other","object":"account"}"#.to_owned()))
    }));
    fake.world().lists.clear();
    fake.world().put("customers", customer("cus_other", NOW, "Mallory"));
    fake.world().event("customer.created", NOW + 1, customer("cus_other", NOW, "Mallory"));
    fake.world().now += 100;
    for house in [&house, &house] {
        let other = house.try_sync(SyncOptions::default()).await;
        assert!(matches!(other, Err(MirrorError::OtherAccount { got, .. }) if got == "acct_1Other"));
    }
    assert!(house.json("cus_other").is_none() && house.json("cus_3").is_some());
}

#[tokio::test]
async fn a_restricted_key_is_recognised_by_an_object() {
    let fake = shop(10);
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().ways.push(Box::new(|path, _| {
        (path == "account").then(|| crate::fake::refused(403, "The key may not do this"))
    }));
    let house = house.reopen();
    house.sync().await;
    fake.world().lists.clear();
    let house = house.reopen();
    let other = house.try_sync(SyncOptions::default()).await;
    assert!(matches!(other, Err(MirrorError::OtherAccount { .. })), "none of what is here is known there");
}

#[tokio::test]
async fn a_full_pass_finds_names_and_heals() {
    let fake = shop(300);
    let house = House::with(&fake).await;
    house.sync().await;
    house.tamper("DELETE FROM payment_intent WHERE id = 'pi_000007'");
    house.tamper("UPDATE payment_intent SET amount = 1 WHERE id = 'pi_000008'");
    let skipped =
        fake.world().event("customer.updated", NOW - 5000, customer("cus_3", NOW - 300 * DAY + 3, "Grace"));
    fake.world().put("customers", customer("cus_3", NOW - 300 * DAY + 3, "Grace"));
    fake.world().remove("customers", "cus_4");
    fake.world().now += 100;
    let skipped = skipped["id"].as_str().unwrap();
    let report = house.full().await;
    let mut found: Vec<_> = report.differences.iter().map(|d| (d.id.as_str(), d.what.as_str())).collect();
    found.sort_unstable();
    assert!(report.differences.iter().all(|difference| difference.healed));
    for difference in [("cus_4", "deleted"), ("pi_000007", "missing"), ("pi_000008", "changed")] {
        assert!(found.contains(&difference), "{difference:?} in {found:?}");
    }
    let changed = report.differences.iter().find(|d| d.what == "changed").unwrap();
    assert_eq!(changed.detail, "amount: 1 here, 1008 at Stripe");
    assert!(house.is_tombstone("cus_4"));
    assert_eq!(house.json("cus_3").unwrap()["name"], "Grace", "{skipped}");
    house.assert_equals(&fake);
    assert_eq!(house.full().await.differences, [], "once healed, nothing is left to find");
}
