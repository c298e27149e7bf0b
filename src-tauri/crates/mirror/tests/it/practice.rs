//! The practice Stripe, mirrored whole.

use tillbook_practice::{Practice, PracticeOptions};

use crate::house::House;

#[tokio::test]
async fn the_practice_shop_is_mirrored() {
    let practice = Practice::start(PracticeOptions { seed: Some(7), ..PracticeOptions::default() }).unwrap();
    let house = House::beside(&practice.base_url, &practice.secret_key);
    let report = house.sync().await;
    let problems: Vec<_> = report.problems.iter().filter(|problem| problem.code != "not_offered").collect();
    assert!(problems.is_empty(), "{problems:?}");
    let status = house.mirror.status().unwrap();
    for resource in
        ["products", "prices", "customers", "payment_intents", "charges", "balance_transactions", "events"]
    {
        let count =
            status.counts.iter().find(|count| count.resource == resource).map_or(0, |count| count.objects);
        assert!(count > 0, "{resource}");
    }
    assert!(!house.mirror.readers().unwrap().is_empty());
    let again = house.sync().await;
    assert_eq!((again.events, again.differences.len()), (0, 0));
    let full = house.full().await;
    assert_eq!(full.differences, []);
}
