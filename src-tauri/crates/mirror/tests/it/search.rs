//! Search as you type, over what was mirrored.

use serde_json::json;
use tillbook_mirror::SearchQuery;

use crate::fake::{Fake, NOW};
use crate::house::House;

fn shop() -> Fake {
    let fake = Fake::new();
    let mut world = fake.world();
    for (number, name) in [(1, "Ada Lovelace"), (2, "Grace Hopper"), (3, "André Citroën")] {
        world.put("customers", json!({"id": format!("cus_{number}"), "object": "customer", "created": NOW - 1000 + number,
            "name": name, "email": format!("user{number}@example.com"), "phone": "+1 555 0100", "metadata": {"member": "gold-77"}}));
    }
    for number in 1..=40 {
        world.put("payment_intents", json!({"id": format!("pi_{number:03}"), "object": "payment_intent",
            "created": NOW - 900 + number, "amount": 1000 + number, "currency": "usd", "status": "succeeded",
            "customer": format!("cus_{}", number % 2 + 1), "latest_charge": format!("ch_{number:03}"),
            "description": format!("Table {number}"), "metadata": {"sale_id": format!("0199-sale-{number}")}}));
        world.put("charges", json!({"id": format!("ch_{number:03}"), "object": "charge", "created": NOW - 900 + number,
            "amount": 1000 + number, "currency": "usd", "payment_intent": format!("pi_{number:03}"), "status": "succeeded",
            "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": format!("{:04}", 4200 + number)}}}));
    }
    world.put("invoices", json!({"id": "in_1", "object": "invoice", "created": NOW - 10, "number": "SHOP-0007", "total": 9900,
        "currency": "usd", "customer_name": "Grace Hopper", "status": "open", "lines": {"object": "list", "data": [], "has_more": false}}));
    drop(world);
    fake
}

fn index(house: &House) {
    while house.mirror.index_some().unwrap() > 0 {}
    assert_eq!(house.mirror.index_behind().unwrap(), 0);
}

fn find(house: &House, text: &str) -> Vec<String> {
    let query = SearchQuery { text: text.to_owned(), object: None, limit: 50 };
    house.mirror.search(&query).unwrap().into_iter().map(|hit| hit.id).collect()
}

#[tokio::test]
async fn everything_a_person_may_remember_finds_it() {
    let house = House::with(&shop()).await;
    house.sync().await;
    assert!(find(&house, "ada").is_empty() && house.mirror.index_behind().unwrap() > 0, "not indexed yet");
    index(&house);
    assert_eq!(find(&house, "andre citr"), ["cus_3"]);
    assert_eq!(find(&house, "10.07"), ["pi_007"]);
    assert_eq!(find(&house, "visa 4207"), ["pi_007"]);
    assert_eq!(find(&house, "sale-7"), ["pi_007"], "a value of its metadata");
    assert_eq!(find(&house, "table 12"), ["pi_012"]);
    assert_eq!(find(&house, "pi_012"), ["pi_012"]);
    assert_eq!(find(&house, "ch_012"), ["pi_012"]);
    assert_eq!(find(&house, "shop-0007"), ["in_1"]);
    assert_eq!(find(&house, "hopper 99.00"), ["in_1"]);
    assert_eq!(find(&house, "gold-77").len(), 3);
    assert_eq!(find(&house, "nobody"), [""; 0]);
    assert_eq!(find(&house, "\" OR * ("), [""; 0], "nothing typed is an operator");
    let newest = find(&house, "tab");
    assert_eq!((newest.len(), newest[0].as_str()), (40, "pi_040"), "newest first");
    let query = SearchQuery { text: "grace".to_owned(), object: Some("customer".to_owned()), limit: 5 };
    assert_eq!(house.mirror.search(&query).unwrap().len(), 1);
}

#[tokio::test]
async fn the_index_follows_changes_and_deletions() {
    let fake = shop();
    let house = House::with(&fake).await;
    house.sync().await;
    index(&house);
    fake.world().now += 1000;
    let mut ada = fake.world().lists["customers"][0].clone();
    ada["name"] = json!("Ada King");
    fake.world().put("customers", ada.clone());
    fake.world().event("customer.updated", NOW + 500, ada);
    fake.world().remove("customers", "cus_3");
    fake.world().event("customer.deleted", NOW + 500, json!({"id": "cus_3", "object": "customer"}));
    house.sync().await;
    index(&house);
    assert_eq!(find(&house, "ada king"), ["cus_1"]);
    assert_eq!(find(&house, "citroen"), [""; 0]);
}
