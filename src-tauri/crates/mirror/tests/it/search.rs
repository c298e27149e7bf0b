//! Search as you type, over what was mirrored.

use serde_json::{Value, json};
use tillbook_mirror::{Hits, SearchQuery, Searched};

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
    world.put(
        "refunds",
        json!({"id": "re_1", "object": "refund", "created": NOW - 20, "amount": 500, "currency": "usd",
        "charge": "ch_007", "payment_intent": "pi_007", "status": "succeeded", "metadata": {}}),
    );
    world.put(
        "disputes",
        json!({"id": "du_1", "object": "dispute", "created": NOW - 15, "amount": 1008, "currency": "usd",
        "charge": "ch_008", "payment_intent": "pi_008", "status": "needs_response", "reason": "fraudulent"}),
    );
    world.put("balance_transactions", json!({"id": "txn_1", "object": "balance_transaction", "created": NOW - 20,
        "amount": -500, "fee": 0, "net": -500, "currency": "usd", "type": "refund", "status": "available", "source": "re_1"}));
    world.put("charges", json!({"id": "ch_bare", "object": "charge", "created": NOW - 2000, "amount": 77_700,
        "currency": "usd", "payment_intent": null, "status": "succeeded", "description": "before PaymentIntents"}));
    for (number, active) in [(1, true), (2, false)] {
        world.put("products", json!({"id": format!("prod_{number}"), "object": "product", "created": NOW - 5000 + number,
            "name": format!("Flat white {number}"), "active": active, "description": "Two shots", "default_price": null,
            "metadata": {"sku": format!("COF-{number}"), "barcode": format!("400638133393{number}")}}));
        world.put("prices", json!({"id": format!("price_{number}"), "object": "price", "created": NOW - 5000, "active": active,
            "product": format!("prod_{number}"), "currency": "usd", "unit_amount": 350 + number, "recurring": null,
            "lookup_key": format!("flat-white-{number}"), "nickname": null, "type": "one_time"}));
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

fn search(house: &House, query: SearchQuery) -> Hits {
    house.mirror.search(&query).unwrap()
}

fn ids(hits: Hits) -> Vec<String> {
    hits.hits.into_iter().map(|hit| hit.id).collect()
}

fn find(house: &House, text: &str) -> Vec<String> {
    ids(search(house, SearchQuery { text: text.to_owned(), limit: 50, ..SearchQuery::default() }))
}

fn find_among(house: &House, kind: Searched, text: &str) -> Vec<String> {
    let query = SearchQuery { text: text.to_owned(), kind: Some(kind), limit: 50, ..SearchQuery::default() };
    ids(search(house, query))
}

async fn indexed(fake: &Fake) -> House {
    let house = House::with(fake).await;
    house.sync().await;
    index(&house);
    house
}

/// News of an object, at Stripe and in its event list.
fn update(fake: &Fake, list: &str, kind: &str, object: &Value) {
    let mut world = fake.world();
    world.now += 100;
    let now = world.now;
    world.put(list, object.clone());
    world.event(kind, now - 50, object.clone());
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
    assert_eq!(find_among(&house, Searched::Customers, "grace"), ["cus_2"]);
    assert_eq!(find_among(&house, Searched::Invoices, "grace"), ["in_1"]);
}

#[tokio::test]
async fn a_number_is_found_however_it_is_written() {
    let house = indexed(&shop()).await;
    for text in ["10.07", "10,07", "$10.07", "10,07 €", "USD 10.07", "١٠٫٠٧", "010.07"] {
        assert_eq!(find(&house, text), ["pi_007"], "{text}");
    }
    for text in ["777.00", "777,00", "777"] {
        assert_eq!(find(&house, text), ["ch_bare"], "{text}");
    }
    for text in ["•4207", "**** 4207", "4207", "visa •4207"] {
        assert_eq!(find(&house, text), ["pi_007"], "{text}");
    }
    for text in [
        "+1 555 0100",
        "15550100",
        "555 0100",
        "555-0100",
        "5550100",
        "001 555 0100",
        "(555) 0100",
        "+1555 01",
    ] {
        assert_eq!(find_among(&house, Searched::Customers, text), ["cus_3", "cus_2", "cus_1"], "{text}");
    }
}

#[tokio::test]
async fn an_id_leads_to_what_it_is_part_of_also_before_it_is_indexed() {
    let house = House::with(&shop()).await;
    house.sync().await;
    assert!(house.mirror.index_behind().unwrap() > 0);
    for _ in 0..2 {
        for (id, whole) in [
            ("pi_007", "pi_007"),
            ("ch_007", "pi_007"),
            ("re_1", "pi_007"),
            ("txn_1", "pi_007"),
            ("du_1", "pi_008"),
            ("ch_bare", "ch_bare"),
            ("in_1", "in_1"),
            ("price_2", "prod_2"),
            (" cus_1 ", "cus_1"),
        ] {
            assert_eq!(find(&house, id), [whole], "{id}");
        }
        assert_eq!(find_among(&house, Searched::Payments, "re_1"), ["pi_007"]);
        assert_eq!(find_among(&house, Searched::Customers, "re_1"), [""; 0], "a refund is no customer");
        assert_eq!(find(&house, "re_2"), [""; 0]);
        index(&house);
    }
}

#[tokio::test]
async fn a_sale_leads_to_its_payments() {
    let fake = shop();
    let sale = "0199abcd-0000-7000-8000-0123456789ab";
    let mut payment = fake.world().lists["payment_intents"][3].clone();
    payment["id"] = json!("pi_sale");
    payment["metadata"] = json!({"sale_id": sale, "attempt_id": "0199abcd-0000-7000-8000-00000000000a"});
    fake.world().put("payment_intents", payment);
    let house = House::with(&fake).await;
    house.sync().await;
    assert_eq!(find(&house, sale), ["pi_sale"]);
    assert_eq!(find(&house, &sale.to_uppercase()), ["pi_sale"]);
    assert_eq!(find(&house, "0199abcd-0000-7000-8000-00000000000a"), ["pi_sale"]);
    index(&house);
    let query = SearchQuery {
        text: "4210".to_owned(),
        sales: vec![sale.to_owned(), "0199-sale-10".to_owned()],
        limit: 50,
        ..SearchQuery::default()
    };
    assert_eq!(
        ids(search(&house, query)),
        ["pi_sale", "pi_010"],
        "what is asked for by its receipt comes first, once"
    );
}

#[tokio::test]
async fn products_are_found_sold_or_not_and_gone_when_they_are_gone() {
    let fake = shop();
    let house = indexed(&fake).await;
    for text in ["flat", "COF-1", "4006381333931", "flat-white-1", "3.51"] {
        assert!(find_among(&house, Searched::Products, text).contains(&"prod_1".to_owned()), "{text}");
    }
    let shown =
        search(&house, SearchQuery { text: "flat white".to_owned(), limit: 9, ..SearchQuery::default() });
    let shown: Vec<_> = shown
        .hits
        .iter()
        .map(|hit| (hit.id.as_str(), hit.title.as_deref(), hit.status.as_deref(), hit.amount))
        .collect();
    assert_eq!(
        shown,
        [
            ("prod_2", Some("Flat white 2"), Some("inactive"), Some(352)),
            ("prod_1", Some("Flat white 1"), Some("active"), Some(351))
        ]
    );
    // A price with another name makes its product found by it.
    let mut price = fake.world().lists["prices"][0].clone();
    price["lookup_key"] = json!("morning-special");
    update(&fake, "prices", "price.updated", &price);
    fake.world().remove("products", "prod_2");
    let now = fake.world().now;
    fake.world().event("product.deleted", now - 10, json!({"id": "prod_2", "object": "product"}));
    house.sync().await;
    assert_eq!(find(&house, "flat white"), ["prod_1"], "gone at once, before the index knows");
    index(&house);
    assert_eq!(find(&house, "morning spec"), ["prod_1"]);
    assert_eq!(find(&house, "flat white"), ["prod_1"]);
    assert_eq!(house.number("SELECT count(*) FROM search_doc WHERE id = 'prod_2'"), 0);
}

#[tokio::test]
async fn what_was_created_in_a_time_is_found_alone_and_with_words() {
    let house = indexed(&shop()).await;
    let within = |text: &str, kind: Option<Searched>, from: i64, to: i64| {
        ids(search(
            &house,
            SearchQuery {
                text: text.to_owned(),
                kind,
                created: Some(NOW + from..NOW + to),
                limit: 50,
                ..SearchQuery::default()
            },
        ))
    };
    assert_eq!(within("", Some(Searched::Payments), -898, -896), ["pi_003", "pi_002"]);
    assert_eq!(within("hopper", None, -898, -895), ["pi_003"]);
    assert_eq!(within("", None, -10, 0), ["in_1"]);
    assert_eq!(within("", None, -1_000_000, -900_000), [""; 0]);
    assert_eq!(within("🎉", None, -1000, 0), [""; 0], "what has no word in it is found nowhere");
}

#[tokio::test]
async fn nothing_typed_finds_the_newest_without_an_index() {
    let house = House::with(&shop()).await;
    house.sync().await;
    let newest = |kind, limit| search(&house, SearchQuery { kind, limit, ..SearchQuery::default() });
    let page = newest(None, 3);
    assert!(page.more && page.behind > 0);
    assert_eq!(ids(page), ["pi_040", "pi_039", "pi_038"]);
    let page = newest(Some(Searched::Payments), 200);
    assert_eq!((page.hits.len(), page.more), (41, false));
    assert_eq!(page.hits.last().unwrap().id, "ch_bare", "a charge without a PaymentIntent is a payment");
    assert_eq!(ids(newest(Some(Searched::Customers), 50)), ["cus_3", "cus_2", "cus_1"]);
    assert_eq!(ids(newest(Some(Searched::Products), 1)), ["prod_2"]);
    assert_eq!(ids(newest(Some(Searched::Invoices), 50)), ["in_1"]);
}

#[tokio::test]
async fn more_says_whether_there_are_more() {
    let house = indexed(&shop()).await;
    let page =
        |limit| search(&house, SearchQuery { text: "table".to_owned(), limit, ..SearchQuery::default() });
    assert_eq!((page(39).hits.len(), page(39).more), (39, true));
    assert_eq!((page(40).hits.len(), page(40).more), (40, false));
    let hit = page(1).hits.remove(0);
    assert_eq!((hit.brand.as_deref(), hit.last4.as_deref()), (Some("visa"), Some("4240")));
    assert_eq!((hit.title.as_deref(), hit.detail.as_deref()), (Some("Ada Lovelace"), Some("Table 40")));
    assert_eq!((hit.sale_id.as_deref(), hit.created), (Some("0199-sale-40"), Some(NOW - 860)));
}

#[tokio::test]
async fn nothing_that_can_be_typed_is_an_error() {
    let house = indexed(&shop()).await;
    let long = "x".repeat(10_000);
    let many = "a b ".repeat(3000);
    for text in [
        "\"",
        "'",
        "\"\"\"",
        "*",
        "a*",
        "-a",
        "^a",
        "a:b",
        "words:a",
        "NEAR(a b)",
        "a AND",
        "OR",
        "NOT",
        "(",
        ")",
        "()",
        "{a}",
        "\\",
        "%",
        "_",
        "__",
        "a_b",
        "\0",
        "ad\0a",
        "\u{202E}ada",
        "ada\u{200F}",
        "🎉",
        "👩‍👩‍👧",
        "\u{FFFF}",
        "\u{10FFFF}",
        "; DROP TABLE search",
        "' OR 1=1 --",
        "0payment",
        "0customer",
        "0ofcus1",
        long.as_str(),
        many.as_str(),
        "ﷺ",
        "ﷺﷺﷺﷺﷺﷺ",
        "999999999999999999999999999999",
        "1.2.3",
        "..",
        ",,",
        "0,",
        "-0.0",
        "1e999",
        "2026-99-99",
        "\t\n\r",
        "İ",
        "ß",
    ] {
        for kind in [None, Some(Searched::Payments), Some(Searched::Products)] {
            let query = SearchQuery { text: text.to_owned(), kind, limit: 200, ..SearchQuery::default() };
            assert!(house.mirror.search(&query).is_ok(), "{text:?}");
        }
    }
    assert_eq!(
        find(&house, "\u{202E}a\u{200B}da\u{200F}"),
        find(&house, "ada"),
        "what nobody sees changes nothing"
    );
    for limit in [0, 1, u32::MAX] {
        assert!(house.mirror.search(&SearchQuery { limit, ..SearchQuery::default() }).is_ok());
    }
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
    assert_eq!(find_among(&house, Searched::Customers, "ada king"), ["cus_1"]);
    assert_eq!(find(&house, "citroen"), [""; 0]);
}

#[tokio::test]
async fn what_changed_twice_is_found_by_its_last_state_alone() {
    let fake = shop();
    let house = indexed(&fake).await;
    let mut payment = fake.world().lists["payment_intents"][4].clone();
    for text in ["birthday cake", "wedding cake"] {
        payment["description"] = json!(text);
        update(&fake, "payment_intents", "payment_intent.updated", &payment);
        house.sync().await;
    }
    index(&house);
    assert_eq!(find(&house, "wedding"), ["pi_005"]);
    assert_eq!(find(&house, "birthday"), [""; 0]);
    assert_eq!(find(&house, "cake"), ["pi_005"], "once");
}

#[tokio::test]
async fn payments_are_found_by_who_paid_whenever_that_is_learned() {
    let fake = shop();
    let house = indexed(&fake).await;
    assert_eq!(find_among(&house, Searched::Payments, "lovelace").len(), 20);
    let mut ada = fake.world().lists["customers"][0].clone();
    ada["name"] = json!("Augusta Ada King");
    update(&fake, "customers", "customer.updated", &ada);
    house.sync().await;
    index(&house);
    assert_eq!(find_among(&house, Searched::Payments, "augusta king").len(), 20);
    assert_eq!(find_among(&house, Searched::Payments, "lovelace"), [""; 0]);
}

#[tokio::test]
async fn a_charge_without_a_payment_intent_stays_when_who_paid_is_renamed() {
    let fake = shop();
    fake.world().lists.get_mut("charges").unwrap().last_mut().unwrap()["customer"] = json!("cus_3");
    let house = indexed(&fake).await;
    assert_eq!(find_among(&house, Searched::Payments, "citroen"), ["ch_bare"]);
    let mut andre = fake.world().lists["customers"][2].clone();
    andre["name"] = json!("André Panhard");
    update(&fake, "customers", "customer.updated", &andre);
    house.sync().await;
    index(&house);
    assert_eq!(find_among(&house, Searched::Payments, "panhard"), ["ch_bare"]);
    assert_eq!(find(&house, "777.00"), ["ch_bare"]);
}

#[tokio::test]
async fn small_steps_end_where_large_ones_do() {
    let fake = shop();
    let house = indexed(&fake).await;
    let other = House::with(&fake).await;
    other.sync().await;
    let mut left = other.mirror.index_behind().unwrap();
    while left > 0 {
        let next = other.mirror.index_step(1).unwrap();
        assert_eq!(next, left - 1, "a step is one change");
        left = next;
    }
    assert_eq!(other.mirror.index_step(1).unwrap(), 0);
    let pieces = other.number("SELECT count(DISTINCT segid) FROM search_idx");
    assert!(pieces < 20, "what is written in {pieces} pieces is read slowly");
    for text in ["ada", "table 1", "10.07", "flat white", "4207", "gold"] {
        assert_eq!(find(&house, text), find(&other, text), "{text}");
    }
}

#[tokio::test]
async fn an_index_of_an_older_form_is_made_anew_and_a_new_start_goes_on_where_the_last_ended() {
    let house = indexed(&shop()).await;
    house.tamper("DELETE FROM state WHERE name = 'index_form'");
    let behind = house.mirror.index_behind().unwrap();
    assert_eq!(behind, house.mirror.position().unwrap());
    let left = house.mirror.index_step(10).unwrap();
    assert_eq!(left, behind - 10);
    let house = house.reopen();
    assert_eq!(house.mirror.index_behind().unwrap(), left);
    index(&house);
    assert_eq!(find(&house, "10.07"), ["pi_007"]);
    assert_eq!(house.number("SELECT count(*) FROM search_doc"), 3 + 40 + 1 + 1 + 2);
    assert_eq!(find(&house, "table").len(), 40, "nothing is there twice");
}

#[tokio::test]
async fn one_damaged_object_stops_nothing_and_is_read_again() {
    let fake = shop();
    let house = House::with(&fake).await;
    house.sync().await;
    house.tamper("UPDATE payment_intent SET raw = x'0000FFFF' WHERE id = 'pi_007'");
    house.tamper("UPDATE charge SET raw = x'' WHERE id = 'ch_009'");
    house.tamper("UPDATE customer SET raw = x'01' WHERE id = 'cus_3'");
    index(&house);
    assert_eq!(find(&house, "10.07"), ["pi_007"], "by what its columns say");
    assert_eq!(find(&house, "4207"), ["pi_007"]);
    assert_eq!(find(&house, "table 12"), ["pi_012"], "and everything else");
    assert_eq!(find(&house, "table 7"), [""; 0]);
    assert!(house.number("SELECT count(*) FROM dirty WHERE reason = 'damaged'") >= 2);
    house.sync().await;
    index(&house);
    assert_eq!(find(&house, "table 7"), ["pi_007"], "whole again");
    assert_eq!(house.number("SELECT count(*) FROM dirty WHERE reason = 'damaged'"), 0);
}

#[tokio::test]
async fn a_text_full_of_words_does_not_hide_what_counts() {
    let fake = shop();
    let mut payment = fake.world().lists["payment_intents"][0].clone();
    let metadata: serde_json::Map<String, Value> = (0..50)
        .map(|n| {
            let words: Vec<String> = (0..60).map(|w| format!("w{n}x{w}")).collect();
            (format!("k{n}"), json!(words.join(" ")))
        })
        .collect();
    payment["metadata"] = Value::Object(metadata);
    fake.world().put("payment_intents", payment);
    let house = indexed(&fake).await;
    for text in ["10.01", "4201", "visa hopper 10.01", "ch_001"] {
        assert_eq!(find_among(&house, Searched::Payments, text), ["pi_001"], "{text}");
    }
}
