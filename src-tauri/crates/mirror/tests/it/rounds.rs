//! Closed days are compared round after round.

use serde_json::json;
use tillbook_mirror::{Certificate, SyncOptions};

use crate::fake::{Fake, NOW, payment};
use crate::house::House;

const DAY: i64 = 86_400;
/// The first second of a day.
const START: i64 = NOW.div_euclid(DAY) * DAY;

/// Seconds between two payments: sixty on a day.
const PACE: i64 = DAY / 60;

fn made_at(number: i64) -> i64 {
    START - 20 * DAY + number * PACE
}

/// Twenty days with some payments each; the first sync, and then the days go by.
async fn copy() -> (Fake, House) {
    let fake = Fake::new();
    fake.world().now = START;
    for number in 0..1200 {
        fake.world().put("payment_intents", payment(number, made_at(number), "succeeded"));
    }
    fake.world().ways.push(Box::new(|path, _| {
        let balance = json!({"object": "balance", "available": [], "pending": []});
        (path == "balance").then(|| (200, balance.to_string()))
    }));
    let house = House::with(&fake).await;
    house.sync().await;
    (fake, house)
}

async fn certify(house: &House, reads: u64) -> Certificate {
    // What time it is at Stripe is known by an answer.
    house.mirror.fetch_prices(&house.client, &["none".to_owned()]).await.unwrap();
    house.mirror.certify(&house.client, &SyncOptions::default(), reads, &|_| {}).await.unwrap()
}

fn healed(certificate: &Certificate) -> Vec<(&str, &str)> {
    certificate.healed.iter().map(|healed| (healed.id.as_str(), healed.what.as_str())).collect()
}

#[tokio::test]
async fn after_the_last_day_a_second_round_begins_at_the_oldest() {
    let (fake, house) = copy().await;
    fake.world().now = START + DAY;
    let first = certify(&house, 1000).await;
    assert_eq!((first.audited_to, first.audited_since), (Some(START - DAY), Some(START + DAY)));
    assert_eq!(certify(&house, 1000).await.audited_since, Some(START + DAY));
    house.tamper("DELETE FROM payment_intent WHERE id = 'pi_000001'");
    house.tamper("UPDATE payment_intent SET amount = 1 WHERE id = 'pi_000900'");
    fake.drain();
    assert_eq!(certify(&house, 1000).await.healed, [], "not twice within a day");
    // A few reads for the second round each day: the oldest days first, as many as fit.
    let (mut to, mut since) = (first.audited_to, first.audited_since);
    let mut found = Vec::new();
    let mut days = 0;
    while since.unwrap() < START + 2 * DAY {
        days += 1;
        assert!(days < 30, "the round does not end");
        fake.world().now += DAY;
        let certificate = certify(&house, 30).await;
        assert!(certificate.audited_to >= to && certificate.audited_since >= since, "never goes back");
        (to, since) = (certificate.audited_to, certificate.audited_since);
        found.extend(
            healed(&certificate).into_iter().map(|(id, what)| (id.to_owned(), what.to_owned(), days)),
        );
        assert!(certificate.holds, "{:?}", certificate.doubts);
    }
    assert_eq!(to, Some(START - DAY + days * DAY));
    let names: Vec<(&str, &str)> = found.iter().map(|(id, what, _)| (id.as_str(), what.as_str())).collect();
    assert_eq!(names, [("pi_000001", "missing"), ("pi_000900", "changed")], "the oldest day first");
    assert!(found[0].2 == 1 && found[1].2 > 5, "{found:?}");
    house.assert_equals(&fake);
}

#[tokio::test]
async fn every_day_says_what_was_compared_and_what_differed() {
    let (fake, house) = copy().await;
    fake.world().now = START + DAY;
    house.tamper("DELETE FROM payment_intent WHERE id IN ('pi_000001', 'pi_000002')");
    house.tamper("UPDATE payment_intent SET amount = 1 WHERE id = 'pi_000900'");
    certify(&house, 1000).await;
    let day = |number: i64| START.div_euclid(DAY) - 20 + number;
    let count = |column: &str, number: i64| {
        house.number(&format!("SELECT {column} FROM audited_day WHERE day = {}", day(number)))
    };
    assert_eq!((count("objects", 0), count("differences", 0)), (60, 2));
    assert_eq!((count("objects", 15), count("differences", 15)), (60, 1));
    assert_eq!((count("objects", 7), count("differences", 7)), (60, 0));
    assert_eq!(house.number("SELECT count(*) FROM audited_day"), 19);
    // A full check compares every closed day at once.
    fake.world().now = START + 3 * DAY;
    house.tamper("UPDATE payment_intent SET amount = 1 WHERE id = 'pi_000430'");
    house.full().await;
    let certificate = house.mirror.certificate().unwrap().unwrap();
    assert_eq!(
        (certificate.audited_to, certificate.audited_since),
        (Some(START + DAY), Some(START + 3 * DAY))
    );
    assert_eq!((count("differences", 0), count("differences", 7)), (0, 1), "of the last comparison");
    assert_eq!(house.number("SELECT count(*) FROM audited_day"), 21);
}

#[tokio::test]
async fn what_stripe_changed_on_a_closed_day_is_in_the_same_certificate() {
    let (fake, house) = copy().await;
    fake.world().now = START + DAY;
    let mut disputed = payment(190, made_at(190), "succeeded");
    disputed["amount"] = json!(5);
    fake.world().put("payment_intents", disputed);
    let mut canceled = payment(191, made_at(191), "succeeded");
    canceled["status"] = json!("canceled");
    fake.world().put("payment_intents", canceled);
    let certificate = certify(&house, 1000).await;
    assert_eq!(healed(&certificate), [("pi_000190", "changed"), ("pi_000191", "changed")]);
    let differences =
        format!("SELECT differences FROM audited_day WHERE day = {}", START.div_euclid(DAY) - 17);
    assert_eq!(house.number(&differences), 2, "the one that news might have explained too");
}

#[tokio::test]
async fn days_audited_by_an_older_program_are_first() {
    let (fake, house) = copy().await;
    fake.world().now = START + DAY;
    certify(&house, 1000).await;
    house.tamper("DELETE FROM audited_day");
    fake.world().now = START + 2 * DAY;
    let certificate = certify(&house, 30).await;
    assert_eq!(
        (certificate.audited_to, certificate.audited_since),
        (Some(START), None),
        "nobody knows since when"
    );
    let first = START.div_euclid(DAY) - 20;
    assert_eq!(house.number("SELECT min(day) FROM audited_day"), first);
}
