//! `tillbook find`.

use serde_json::Value;

use crate::world::{Ran, Shop, signal};

fn ids(found: &Value) -> Vec<&str> {
    found["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[test]
fn a_payment_is_found_by_a_script_and_shown_to_a_person() {
    let shop = Shop::open();
    shop.run(&["sync"]).done();
    let (key, price) = shop.stripe.price_from(500);
    let sale = shop.sell_by_card(&key);
    let intent = sale["payments"][0]["payment_intent"].as_str().unwrap();
    let found = shop.run_offline(&["find", sale["sale_id"].as_str().unwrap()]).done();
    assert_eq!(ids(&found), [intent]);
    assert_eq!((&found["more"], &found["unindexed"]), (&false.into(), &0.into()));
    let row = &found["rows"][0];
    assert_eq!((&row["object"], &row["amount_minor"]), (&"payment_intent".into(), &price.into()));
    assert_eq!(row["sale_id"], sale["sale_id"]);
    let amount = format!("{}.{:02}", price / 100, price % 100);
    let found = shop.run_offline(&["find", &amount, "--kind", "payment", "--limit", "200"]).done();
    assert!(ids(&found).contains(&intent), "{found}");
    let newest = shop.run_offline(&["find", "--limit", "1"]).done();
    assert_eq!((ids(&newest), &newest["more"]), (vec![intent], &true.into()));
    let customers = shop.run_offline(&["find", "--kind", "customer"]).done();
    assert!(ids(&customers).iter().all(|id| id.starts_with("cus_")) && !ids(&customers).is_empty());

    let mut for_people = crate::world::tillbook(&["find", intent]);
    let told = Ran::of({
        for_people.arg("--data").arg(shop.data());
        for_people
    });
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains(intent) && told.stdout.contains(&amount), "{}", told.stdout);
}

#[test]
fn a_card_number_finds_nothing_and_is_repeated_nowhere() {
    let shop = Shop::open();
    shop.run(&["sync"]).done();
    let ran = shop.run_offline(&["find", "4242", "4242", "4242", "4242"]);
    assert!(!ran.stdout.contains("4242") && !ran.stderr.contains("4242"), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ids(&ran.done()), [""; 0]);
    assert_eq!(shop.run_offline(&["find", "x", "--limit", "201"]).failed(2), "usage");
    assert_eq!(shop.run_offline(&["find", "x", "--kind", "refund"]).failed(2), "usage");
}

#[test]
fn a_folder_that_somebody_else_has_open_is_searched_as_far_as_it_is() {
    let shop = Shop::open();
    shop.run(&["sync"]).done();
    let watching = shop.watching();
    let found = shop.run_offline(&["find", "--limit", "3"]).done();
    assert_eq!(ids(&found).len(), 3, "the newest are found without an index");
    assert!(found["unindexed"].as_i64().unwrap() >= 0, "{found}");
    signal(&watching, "TERM");
    assert!(watching.wait_with_output().unwrap().status.success());
    let found = shop.run_offline(&["find", "visa"]).done();
    assert_eq!(found["unindexed"], 0, "alone it brings the index up first");
}
