//! The program is killed in the middle of a sale, at many moments: there is one charge or none, and the till knows.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::world::{Shop, signal};

#[test]
fn a_killed_sale_is_settled_and_never_charged_twice() {
    let shop = Shop::open();
    shop.run(&["sync"]).done();
    let (key, price) = shop.stripe.price_from(100);
    for round in 0..8_u64 {
        let mut selling = shop
            .command(&["sell", "--line", &key, "--tender", "card", "--payment-method", "pm_card_visa"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(20 + round * 12));
        signal(&selling, "KILL");
        selling.wait().unwrap();
        settled(&shop, price);
    }
    // The reader is free for the next customer.
    assert_eq!(shop.sell_by_card(&key)["status"], "paid");
    assert_eq!(shop.run_offline(&["verify"]).done()["intact"], true);
}

#[test]
fn the_next_sale_does_not_wait_for_somebody_to_settle_the_killed_one() {
    let shop = Shop::open();
    let (key, _) = shop.stripe.price_from(100);
    let mut waiting = shop
        .command(&["sell", "--line", &key, "--tender", "card"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Nobody taps: the reader waits for a card when the program dies.
    while shop.stripe.get("/v1/terminal/readers")["data"][0]["action"]["status"] != "in_progress" {
        assert!(waiting.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    signal(&waiting, "KILL");
    waiting.wait().unwrap();
    assert_eq!(shop.run_offline(&["sales"]).done()["sales"][0]["status"], "checking");
    assert_eq!(shop.sell_by_card(&key)["status"], "paid");
    let sales = shop.run_offline(&["sales"]).done();
    assert_eq!(
        (&sales["sales"][0]["status"], &sales["sales"][1]["status"]),
        (&"paid".into(), &"unpaid".into())
    );
}

/// After `resolve`, the till and the practice Stripe agree on every sale, and nothing is open.
fn settled(shop: &Shop, price: i64) {
    shop.run(&["resolve"]).done();
    for sale in shop.run_offline(&["sales"]).done()["sales"].as_array().unwrap() {
        let intents = shop.stripe.payment_intents_of("sale_id", sale["sale_id"].as_str().unwrap());
        let received: i64 = intents.iter().map(|pi| pi["amount_received"].as_i64().unwrap()).sum();
        let expected = if sale["status"] == "paid" { price } else { 0 };
        assert_eq!(received, expected, "{sale} {intents:?}");
        assert_ne!(sale["status"], "checking", "{sale}");
        let finals: [Value; 2] = ["succeeded".into(), "canceled".into()];
        assert!(intents.iter().all(|pi| finals.contains(&pi["status"])), "{intents:?}");
    }
}
