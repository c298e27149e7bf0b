//! What is proven, and what a difference does to it.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tillbook_mirror::{Certificate, SyncOptions, Witness};

use crate::fake::{Fake, NOW, payment};
use crate::house::House;

const DAY: i64 = 86_400;

#[derive(Default)]
struct Book(Mutex<Vec<Certificate>>);

impl Witness for Book {
    fn certified(&self, certificate: &Certificate) -> Result<(), String> {
        self.0.lock().unwrap().push(certificate.clone());
        Ok(())
    }
}

/// Ten days of money, and a balance that is its sum.
fn shop() -> Fake {
    let fake = Fake::new();
    let mut total = 0;
    for number in 0..120 {
        let at = NOW - 10 * DAY + number * 7000;
        let mut world = fake.world();
        world.put("payment_intents", payment(number, at, "succeeded"));
        world.put(
            "balance_transactions",
            json!({"id": format!("txn_{number}"), "object": "balance_transaction", "created": at,
            "amount": 1000 + number, "fee": 50, "net": 950 + number, "currency": "usd", "type": "charge",
            "status": "available", "available_on": at, "source": format!("ch_{number}")}),
        );
        total += 950 + number;
    }
    fake.world().ways.push(Box::new(move |path, _| {
        let balance = json!({"object": "balance", "available": [{"amount": total - 100, "currency": "usd"}],
            "pending": [{"amount": 100, "currency": "usd"}]});
        (path == "balance").then(|| (200, balance.to_string()))
    }));
    fake
}

async fn certify(house: &House) -> Certificate {
    house.mirror.certify(&house.client, &SyncOptions::default(), 100, &|_| {}).await.unwrap()
}

#[tokio::test]
async fn a_copy_that_holds_and_one_that_was_wrong() {
    let fake = shop();
    let house = House::with(&fake).await;
    let book = Arc::new(Book::default());
    house.mirror.witnessed_by(Arc::clone(&book) as _);
    house.sync().await;
    let first = house.mirror.certificate().unwrap().unwrap();
    assert!(first.holds, "{:?}", first.doubts);
    assert_eq!((first.balance.len(), first.audited_to, first.healed.len()), (1, None, 0));
    // A transaction vanishes and amounts change, on days that come to be compared and among the newest.
    fake.world().now += 3600;
    house.tamper("DELETE FROM balance_transaction WHERE id = 'txn_5'");
    house.tamper("UPDATE balance_transaction SET net = net + 7, amount = amount + 7 WHERE id = 'txn_115'");
    house.tamper("UPDATE payment_intent SET status = 'canceled' WHERE id = 'pi_000061'");
    let second = certify(&house).await;
    assert_eq!(second.audited_to, Some((NOW - 2 * DAY).div_euclid(DAY) * DAY));
    let found: Vec<(&str, &str)> =
        second.healed.iter().map(|healed| (healed.id.as_str(), healed.what.as_str())).collect();
    for difference in [("txn_5", "missing"), ("txn_115", "changed"), ("pi_000061", "changed")] {
        assert!(found.contains(&difference), "{difference:?} in {found:?}");
    }
    assert!(second.holds, "healed: {:?}", second.doubts);
    house.assert_equals(&fake);
    assert_eq!(certify(&house).await.healed, [], "told once");
    assert_eq!(book.0.lock().unwrap().len(), 3);
    assert_eq!(house.mirror.status().unwrap().certificate, house.mirror.certificate().unwrap());
}

#[tokio::test]
async fn sums_that_cannot_be_healed_are_doubts() {
    let fake = shop();
    let house = House::with(&fake).await;
    house.sync().await;
    fake.world().ways.insert(
        0,
        Box::new(|path, _| {
            let balance =
                json!({"object": "balance", "available": [{"amount": 1, "currency": "eur"}], "pending": []});
            (path == "balance").then(|| (200, balance.to_string()))
        }),
    );
    let certificate = certify(&house).await;
    assert!(!certificate.holds);
    assert_eq!(certificate.doubts.len(), 2, "{:?}", certificate.doubts);
}
