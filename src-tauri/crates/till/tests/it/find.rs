//! Looking things up among Stripe's records, as staff do.

use serde_json::{Value, json};
use tillbook_till::view::{FactValue, FindInput, FindKind, FindPage, RefundReason};
use tillbook_till::{Code, RefundAsked, Signed};

use crate::shop::Shop;

fn asked(text: &str) -> FindInput {
    FindInput { text: text.to_owned(), kind: None, limit: 50 }
}

fn find(shop: &Shop, text: &str) -> FindPage {
    shop.house.till.find(&shop.bob, &asked(text)).unwrap()
}

fn ids(page: FindPage) -> Vec<String> {
    page.rows.into_iter().map(|row| row.id).collect()
}

fn index(shop: &Shop) {
    while shop.house.mirror.index_some().unwrap() > 0 {}
}

fn take(shop: &Shop, object: &Value) {
    shop.house.mirror.take(object.to_string().as_bytes(), 1_794_990_000_000).unwrap();
}

fn payment(id: &str, created: i64, description: &str) -> Value {
    json!({"id": id, "object": "payment_intent", "created": created, "amount": 1240, "amount_received": 1240, "currency": "usd",
        "status": "succeeded", "customer": null, "latest_charge": null, "description": description,
        "client_secret": format!("{id}_secret_never"), "metadata": {}})
}

#[tokio::test]
async fn a_sale_is_found_by_everything_that_is_known_of_it() {
    let shop = Shop::open().await;
    let sale = shop.sell_by_card().await;
    let paid = sale.payments[0].clone();
    let intent = paid.payment_intent.clone().unwrap();
    let asked = RefundAsked {
        sale_id: sale.id.clone(),
        amount_minor: Some(70),
        reason: RefundReason::RequestedByCustomer,
        detail: None,
        approver: None,
    };
    let refunded = shop.house.till.refund(&shop.ada, &asked).await.unwrap();
    shop.sync().await;
    index(&shop);
    let refund = refunded.refunds[0].refund.clone().unwrap();
    for text in [&intent, paid.charge.as_ref().unwrap(), &refund, &sale.id] {
        let page = find(&shop, text);
        assert_eq!(page.rows.len(), 1, "{text}");
        assert_eq!((&page.rows[0].id, page.rows[0].sale_id.as_ref()), (&intent, Some(&sale.id)), "{text}");
        assert_eq!(page.unindexed, 0);
    }
    for text in [sale.number.to_string(), format!("#{}", sale.number)] {
        assert_eq!(ids(find(&shop, &text)).first(), Some(&intent), "its receipt comes first: {text}");
    }
    let last4 = paid.card_last4.unwrap();
    for text in [sale.business_date.clone(), format!("•{last4}"), format!("{last4} {}", sale.business_date)]
    {
        let found = find(&shop, &text);
        assert!(found.rows.iter().any(|row| row.id == intent), "{text}: {found:?}");
    }
    let record = shop.house.till.record(&shop.bob, &intent).unwrap();
    assert_eq!(record.row.sale_id.as_ref(), Some(&sale.id));
    for id in [paid.charge.as_ref().unwrap(), &refund] {
        let row = record.related.iter().find(|row| &row.id == id).unwrap();
        assert_eq!(row.sale_id.as_ref(), Some(&sale.id), "the sale is a click away from each part: {id}");
    }
    let money =
        |name: &str| record.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.clone());
    assert_eq!(money("amount_refunded"), Some(FactValue::Money { minor: 70, currency: "usd".to_owned() }));
}

#[test]
fn days_are_the_shop_s() {
    let (shop, _) = Shop::alone();
    // Half past ten in the evening of 16 November in New York; in UTC it is the 17th.
    take(&shop, &payment("pi_late", 1_794_886_200, "Late"));
    take(&shop, &payment("pi_next", 1_794_886_200 + 86_400, "May 12 party"));
    index(&shop);
    for text in ["2026-11-16", "11/16/2026", "16.11.2026", "nov 16", "16 November 2026", "late nov 16"] {
        assert_eq!(ids(find(&shop, text)), ["pi_late"], "{text}");
    }
    let payments = FindInput { kind: Some(FindKind::Payment), ..asked("11/2026") };
    assert_eq!(ids(shop.house.till.find(&shop.bob, &payments).unwrap()), ["pi_next", "pi_late"]);
    assert_eq!(ids(find(&shop, "2026-11-15")), [""; 0]);
    assert_eq!(ids(find(&shop, "may 12")), ["pi_next"], "nothing happened that day, so it may be a name");
    let customers = FindInput { kind: Some(FindKind::Customer), ..asked("nov 16") };
    assert_eq!(ids(shop.house.till.find(&shop.bob, &customers).unwrap()), [""; 0]);
}

#[test]
fn a_card_swiped_into_the_box_finds_nothing_and_shows_nothing() {
    let (shop, _) = Shop::alone();
    let number = "4242424242424242";
    take(&shop, &payment("pi_1", 1_794_886_200, &format!("card {number}")));
    index(&shop);
    assert_eq!(ids(find(&shop, "card")), ["pi_1"]);
    for text in [
        number,
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "4242\u{a0}4242\u{2013}4242\u{200b}4242",
        "card 4242424242424242",
        "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
        "%B4242424242424242^DOE/JOHN^3012101?",
        ";4242424242424242=30121010000012345678?",
        "378282246310005",
    ] {
        assert_eq!(find(&shop, text), FindPage { rows: Vec::new(), more: false, unindexed: 0 }, "{text}");
    }
    // A sale's id may look like a card's number to the check that cards pass.
    take(&shop, &{
        let mut object = payment("pi_2", 1_794_886_201, "");
        object["metadata"] = json!({"sale_id": "01990000-4242-4242-8242-424242424242"});
        object
    });
    assert_eq!(ids(find(&shop, "01990000-4242-4242-8242-424242424242")), ["pi_2"]);
}

#[test]
fn stripe_s_own_json_is_for_who_may_export() {
    let (shop, _) = Shop::alone();
    take(&shop, &payment("pi_1", 1_794_886_200, "Late"));
    let till = &shop.house.till;
    let json = |by: &Signed| till.record(by, " pi_1 ").unwrap().json;
    assert_eq!(json(&shop.bob), None, "a cashier may not export");
    assert_eq!(json(&till.unattended()), None);
    for by in [&shop.ada, &shop.eve] {
        let json = json(by).unwrap();
        assert!(json.contains("\"pi_1\"") && !json.contains("secret"), "{json}");
    }
    assert_eq!(till.record(&shop.bob, "pi_2").unwrap_err().code(), Code::NotFound);
    let view = till.record(&shop.bob, "pi_1").unwrap();
    assert!(view.as_of_ms >= 1_794_000_000_000 && !view.deleted && view.row.sale_id.is_none(), "{view:?}");
}

#[test]
fn a_sale_that_is_not_this_till_s_is_not_offered() {
    let (shop, _) = Shop::alone();
    let mut object = payment("pi_1", 1_794_886_200, "Elsewhere");
    object["metadata"] = json!({"sale_id": "0199abcd-0000-7000-8000-0123456789ab"});
    take(&shop, &object);
    assert_eq!(find(&shop, "0199abcd-0000-7000-8000-0123456789ab").rows[0].sale_id, None);
}

#[test]
fn nothing_that_can_be_typed_is_an_error_and_the_newest_are_there_before_anything_is() {
    let (shop, _) = Shop::alone();
    take(&shop, &payment("pi_1", 1_794_886_200, "First"));
    let page = find(&shop, "  ");
    assert!(page.unindexed > 0);
    assert_eq!(ids(page), ["pi_1"]);
    let products = FindInput { kind: Some(FindKind::Product), ..asked("") };
    assert!(!shop.house.till.find(&shop.bob, &products).unwrap().rows.is_empty());
    index(&shop);
    let long = "9 ".repeat(5000);
    for text in [
        "\"",
        "\0",
        "2026-11-16\0",
        "🎉",
        "\u{202E}",
        "99999999999",
        "#",
        "1/1/1/1",
        "31 feb",
        long.as_str(),
        "pi_\"",
    ] {
        for limit in [0, 1, u32::MAX] {
            let input = FindInput { limit, ..asked(text) };
            assert!(shop.house.till.find(&shop.bob, &input).is_ok(), "{text:?}");
            assert!(shop.house.till.record(&shop.bob, text).is_err(), "{text:?}");
        }
    }
}
