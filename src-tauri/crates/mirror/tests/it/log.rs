//! The change log forgets what everybody has taken, and nothing else.

use serde_json::json;
use tillbook_mirror::{CatalogueQuery, Changes};

use crate::fake::{Fake, NOW, customer};
use crate::house::House;

/// A copy with three hundred thousand changes of a customer that came and went.
async fn long() -> (Fake, House) {
    let fake = Fake::new();
    fake.world().put("customers", customer("cus_1", NOW - 100, "Ada"));
    fake.world().put(
        "products",
        json!({"id": "prod_1", "object": "product", "created": NOW - 100, "name": "Tea",
        "active": true, "metadata": {}}),
    );
    fake.world().put(
        "prices",
        json!({"id": "price_1", "object": "price", "created": NOW - 100, "product": "prod_1",
        "active": true, "currency": "usd", "unit_amount": 300, "recurring": null, "type": "one_time"}),
    );
    let house = House::with(&fake).await;
    house.sync().await;
    while house.mirror.index_some().unwrap() > 0 {}
    let names = catalogue(&house);
    assert_eq!(names, ["Tea"]);
    house.tamper(
        "WITH RECURSIVE
           row (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM row WHERE n < 299),
           id (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM id WHERE n < 999)
         INSERT INTO change_log (position, count, kind, ids)
         SELECT (SELECT max(position + count) FROM change_log) + n * 1000, 1000, 'customer',
           (SELECT json_group_array('cus_gone') FROM id) FROM row",
    );
    (fake, house)
}

fn catalogue(house: &House) -> Vec<String> {
    let query = CatalogueQuery { currency: "usd".to_owned(), limit: 10, ..CatalogueQuery::default() };
    house.mirror.catalogue_search(&query).unwrap().0.into_iter().map(|row| row.name).collect()
}

fn forget(house: &House) -> i64 {
    while house.mirror.forget_some().unwrap() {}
    house.number("SELECT min(position) FROM change_log")
}

fn index(house: &House) {
    while house.mirror.index_step(50_000).unwrap() > 0 {}
}

#[tokio::test]
async fn only_what_everybody_has_taken_is_forgotten() {
    let (_fake, house) = long().await;
    let newest = house.mirror.position().unwrap();
    index(&house);
    assert_eq!(forget(&house), 1, "nobody follows yet: it may be a till that was not started");
    house.mirror.taken("till", 1500).unwrap();
    house.mirror.taken("other", newest).unwrap();
    let begin = forget(&house);
    assert!((501..=1501).contains(&begin), "{begin}");
    let Changes::Since(next) = house.mirror.changes_for("till", 1500, 1).unwrap() else {
        panic!("forgotten")
    };
    assert_eq!(next[0].position, 1501);
    house.mirror.taken("till", newest).unwrap();
    house.mirror.taken("till", 20).unwrap();
    let begin = forget(&house);
    assert!((newest - 101_000..=newest - 99_000).contains(&begin), "the last hundred thousand stay: {begin}");
    // Told, not skipped.
    let forgotten = Changes::Forgotten { newest };
    for position in [0, 1500, begin - 2] {
        assert_eq!(house.mirror.changes_since(position, 5).unwrap(), forgotten);
        assert_eq!(house.mirror.changes_for("till", position, 5).unwrap(), forgotten);
    }
    assert_eq!(house.mirror.changes_since(newest + 1, 5).unwrap(), forgotten, "of another log");
    let Changes::Since(all) = house.mirror.changes_since(begin - 1, usize::MAX).unwrap() else { panic!() };
    assert_eq!((all[0].position, all.last().unwrap().position), (begin, newest));
    assert_eq!(house.mirror.changes_since(newest, 5).unwrap(), Changes::Since(Vec::new()));
}

#[tokio::test]
async fn a_follower_never_heard_of_has_followed_another_log() {
    let (_fake, house) = long().await;
    let newest = house.mirror.position().unwrap();
    assert!(matches!(house.mirror.changes_for("till", 0, 5).unwrap(), Changes::Since(all) if all.len() == 5));
    assert_eq!(house.mirror.changes_for("till", 7, 5).unwrap(), Changes::Forgotten { newest });
    house.mirror.taken("till", 0).unwrap();
    assert!(matches!(house.mirror.changes_for("till", 7, 5).unwrap(), Changes::Since(_)));
}

#[tokio::test]
async fn an_index_that_is_behind_keeps_the_log() {
    let (_fake, house) = long().await;
    house.mirror.taken("till", house.mirror.position().unwrap()).unwrap();
    let indexed = house.number("SELECT value FROM state WHERE name = 'indexed'");
    assert!(indexed < 10 && forget(&house) <= indexed + 1);
}

#[tokio::test]
async fn an_index_made_anew_needs_no_beginning() {
    let (_fake, house) = long().await;
    index(&house);
    house.mirror.taken("till", house.mirror.position().unwrap()).unwrap();
    assert!(forget(&house) > 1);
    house.tamper("DELETE FROM state WHERE name LIKE 'index%'");
    index(&house);
    let query = tillbook_mirror::SearchQuery { text: "ada".to_owned(), limit: 5, ..Default::default() };
    let hits = house.mirror.search(&query).unwrap();
    assert_eq!(hits.hits.len(), 1, "{hits:?}");
}

#[tokio::test]
async fn positions_are_used_once() {
    let (fake, house) = long().await;
    let newest = house.mirror.position().unwrap();
    index(&house);
    house.mirror.taken("till", i64::MAX).unwrap();
    house.tamper("UPDATE change_log SET count = 1, ids = '[\"cus_1\"]' WHERE position > 5");
    // Even where the newest change lies far behind all the others.
    house.tamper(&format!(
        "INSERT INTO change_log VALUES ({}, 1, 'customer', '[\"cus_1\"]')",
        newest + 500_000
    ));
    house.mirror.taken("till", i64::MAX).unwrap();
    index(&house);
    assert_eq!(forget(&house), newest + 500_000, "the newest stays for ever");
    let house = house.reopen();
    fake.world().now += 100;
    fake.world().put("customers", customer("cus_1", NOW - 100, "Grace"));
    fake.world().event("customer.updated", NOW + 50, customer("cus_1", NOW - 100, "Grace"));
    house.sync().await;
    assert_eq!(house.mirror.position().unwrap(), newest + 500_001);
}

#[tokio::test]
async fn a_catalogue_that_was_left_alone_is_read_again() {
    let (fake, house) = long().await;
    let milk = json!({"id": "prod_1", "object": "product", "created": NOW - 100, "name": "Milk", "active": true,
        "metadata": {}});
    house.mirror.take(milk.to_string().as_bytes(), (NOW + 10) * 1000).unwrap();
    // The log forgets that change before the catalogue is asked again, and only little of it is left.
    house.tamper("DELETE FROM change_log WHERE position + count <= (SELECT max(position) FROM change_log)");
    let newest = house.mirror.position().unwrap();
    house.tamper(&format!(
        "DELETE FROM change_log; INSERT INTO change_log VALUES ({}, 1, 'customer', '[\"cus_1\"]')",
        newest + 1
    ));
    assert_eq!(catalogue(&house), ["Milk"]);
    drop(fake);
}

#[tokio::test]
async fn an_idle_sync_forgets_in_small_steps() {
    let (fake, house) = long().await;
    index(&house);
    house.mirror.taken("till", house.mirror.position().unwrap()).unwrap();
    let mut begins = vec![1];
    for _ in 0..8 {
        fake.world().now += 20;
        house.sync().await;
        begins.push(house.number("SELECT min(position) FROM change_log"));
    }
    assert!(begins.windows(2).all(|pair| pair[0] <= pair[1]), "{begins:?}");
    assert!(begins[1] > 1 && begins[1] < 250_000, "{begins:?}");
    assert_eq!(begins[8], begins[7]);
}
