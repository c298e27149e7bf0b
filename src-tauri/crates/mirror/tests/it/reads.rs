//! Typed reads: what a till and an accountant ask.

use serde_json::json;
use tillbook_mirror::{CatalogueQuery, MirrorError};

use crate::fake::{Fake, NOW};
use crate::house::House;

fn shelf() -> Fake {
    let fake = Fake::new();
    let mut world = fake.world();
    for (number, name, category, barcode) in [
        (1, "Café crème", "Coffee", "4006381333931"),
        (2, "Croissant", "Bakery", "036000291452"),
        (3, "Coffee beans 1 kg", "Coffee", "5012345678900"),
    ] {
        world.put(
            "products",
            json!({"id": format!("prod_{number}"), "object": "product", "created": NOW - 100, "name": name,
            "active": true, "default_price": format!("price_{number}"),
            "metadata": {"category": category, "barcode": barcode, "sku": format!("SKU-{number}")}}),
        );
        world.put("prices", json!({"id": format!("price_{number}"), "object": "price", "created": NOW - 100,
            "product": format!("prod_{number}"), "active": true, "currency": "usd", "unit_amount": 100 * number,
            "lookup_key": format!("item-{number}"), "recurring": null, "type": "one_time"}));
    }
    drop(world);
    fake
}

fn query(text: &str) -> CatalogueQuery {
    CatalogueQuery {
        query: text.to_owned(),
        currency: "usd".to_owned(),
        limit: 10,
        ..CatalogueQuery::default()
    }
}

#[tokio::test]
async fn the_catalogue_is_searched_scanned_and_follows_news() {
    let fake = shelf();
    let house = House::with(&fake).await;
    house.sync().await;
    let names = |text: &str| -> Vec<String> {
        let (rows, total) = house.mirror.catalogue_search(&query(text)).unwrap();
        assert_eq!(rows.len(), total as usize);
        rows.into_iter().map(|row| row.name).collect()
    };
    assert_eq!(names("co"), ["Coffee beans 1 kg", "Café crème"], "the category matches too, names first");
    assert_eq!(names("kg beans"), ["Coffee beans 1 kg"]);
    assert_eq!(names("CAFÉ"), ["Café crème"]);
    assert_eq!(names("nothing"), [""; 0]);
    let code = |code: &str| house.mirror.item_by_code(code, "usd").unwrap().map(|row| row.price_id);
    assert_eq!(code("4006381333931").as_deref(), Some("price_1"));
    assert_eq!(code("0036000291452").as_deref(), Some("price_2"), "read as EAN-13");
    assert_eq!(code("SKU-3").as_deref(), Some("price_3"));
    assert_eq!(code("item-2").as_deref(), Some("price_2"));
    assert_eq!(code(""), None);
    assert_eq!(house.mirror.item_by_code("SKU-3", "eur").unwrap(), None);
    let categories = house.mirror.categories("usd").unwrap();
    assert_eq!(
        categories.iter().map(|c| (c.name.as_str(), c.items)).collect::<Vec<_>>(),
        [("Bakery", 1), ("Coffee", 2)]
    );
    let mut sold_out = fake.world().lists["products"][0].clone();
    sold_out["active"] = json!(false);
    house.mirror.take(sold_out.to_string().as_bytes(), (NOW + 10) * 1000).unwrap();
    assert_eq!(names("café"), [""; 0], "an object taken from a reply is seen at once");
}

#[tokio::test]
async fn prices_are_fetched_by_lookup_key_with_their_products() {
    let fake = shelf();
    let house = House::with(&fake).await;
    assert_eq!(house.mirror.price_by_lookup_key("item-1").unwrap(), None);
    assert_eq!(
        house.mirror.fetch_prices(&house.client, &["item-1".to_owned()]).await.unwrap(),
        3,
        "the fake does not filter"
    );
    assert_eq!(house.mirror.price_by_lookup_key("item-1").unwrap().unwrap().unit_amount, Some(100));
    assert_eq!(house.mirror.item("price_1").unwrap().unwrap().name, "Café crème");
}

#[tokio::test]
async fn the_first_metadata_stays() {
    let fake = Fake::new();
    let house = House::with(&fake).await;
    let intent = |attempt: &str, status: &str| {
        json!({"id": "pi_1", "object": "payment_intent", "created": NOW, "status": status, "amount": 500, "currency": "usd",
            "client_secret": "pi_1_secret_2", "metadata": {"attempt_id": attempt, "sale_id": "s1", "journal_seq": "7"}})
    };
    house.mirror.take(intent("a1", "requires_confirmation").to_string().as_bytes(), NOW * 1000).unwrap();
    fake.world().put("payment_intents", intent("forged", "succeeded"));
    let text = house.mirror.fetch(&house.client, "payment_intents", "pi_1").await.unwrap();
    assert!(!text.contains("secret") && text.contains("forged"), "{text}");
    let [row] = house.mirror.payment_intents_by_attempt("a1").unwrap().try_into().unwrap();
    assert_eq!((row.status.as_deref(), row.journal_seq.as_deref()), (Some("succeeded"), Some("7")));
    assert_eq!(house.mirror.payment_intents_by_attempt("forged").unwrap(), []);
    let none = house.mirror.fetch(&house.client, "payment_intents", "pi_none").await;
    assert!(matches!(none, Err(MirrorError::Stripe(tillbook_stripe::Error::NotFound(_)))));
    assert_eq!(house.mirror.show("pi_none").unwrap(), None, "what never was leaves no tombstone");
}

#[tokio::test]
async fn balance_transactions_stream_in_order_with_their_sale() {
    let fake = Fake::new();
    let house = House::with(&fake).await;
    let take =
        |object: serde_json::Value| house.mirror.take(object.to_string().as_bytes(), NOW * 1000).unwrap();
    let txn = |id: &str, created: i64, source: &str| {
        json!({"id": id, "object": "balance_transaction", "created": created, "amount": 500, "fee": 45, "net": 455,
            "currency": "usd", "type": "charge", "status": "pending", "source": source})
    };
    take(json!({"id": "pi_1", "object": "payment_intent", "created": 1, "metadata": {"sale_id": "sale-1"}}));
    take(
        json!({"id": "ch_1", "object": "charge", "created": 1, "payment_intent": {"id": "pi_1", "object": "payment_intent"}}),
    );
    take(
        json!({"id": "re_1", "object": "refund", "created": 1, "payment_intent": "pi_1", "status": "succeeded", "amount": 5}),
    );
    for (id, created, source) in
        [("txn_b", 20, "re_1"), ("txn_c", 10, "ch_1"), ("txn_a", 20, "po_1"), ("txn_d", 30, "ch_1")]
    {
        take(txn(id, created, source));
    }
    let mut seen = Vec::new();
    house
        .mirror
        .balance_transactions_between(10, 30, |row| {
            seen.push((row.id, row.sale_id));
            Ok::<(), MirrorError>(())
        })
        .unwrap();
    let sale = Some("sale-1".to_owned());
    assert_eq!(
        seen,
        [("txn_c".to_owned(), sale.clone()), ("txn_a".to_owned(), None), ("txn_b".to_owned(), sale)]
    );
    assert_eq!(house.mirror.refunds_of("pi_1").unwrap().len(), 1);
}
