//! Answers are lost on the way: the money is where the till says, once, and nothing is left open.

use crate::world::Shop;

#[test]
fn whatever_answer_is_lost_there_is_one_charge_or_none() {
    let shop = Shop::open();
    let (key, price) = shop.stripe.price_from(100);
    let steps = [
        "/v1/payment_intents",
        "/v1/terminal/readers/*/process_payment_intent",
        "/v1/test_helpers/terminal/readers/*/present_payment_method",
    ];
    for step in steps {
        for fault in ["drop_before", "drop_after", "error_after", "truncated", "lock_timeout"] {
            let plan =
                format!(r#"{{"rules":[{{"fault":"{fault}","method":"POST","path":"{step}","times":1}}]}}"#);
            shop.stripe.faults(&plan);
            let sold = shop.sell(&[&key], &["--tender", "card", "--payment-method", "pm_card_visa"]);
            let sale = sold.json();
            assert_eq!(sold.code == Some(0), sale["status"] == "paid", "{step} {fault}: {}", sold.stdout);
            shop.settled(price);
        }
    }
    shop.stripe.faults(r#"{"rules":[]}"#);
    assert_eq!(shop.sell_by_card(&key)["status"], "paid");
}

#[test]
fn a_refund_whose_answer_is_lost_is_made_once() {
    let shop = Shop::open();
    let (key, price) = shop.stripe.price_from(100);
    for fault in ["drop_before", "drop_after", "error_after", "truncated"] {
        let sale = shop.sell_by_card(&key);
        let plan =
            format!(r#"{{"rules":[{{"fault":"{fault}","method":"POST","path":"/v1/refunds","times":1}}]}}"#);
        shop.stripe.faults(&plan);
        shop.run(&["refund", sale["sale_id"].as_str().unwrap(), "--reason", "duplicate"]);
        shop.run(&["resolve"]).done();
        let intent = sale["payments"][0]["payment_intent"].as_str().unwrap();
        let theirs = shop.stripe.all(&format!("/v1/refunds?payment_intent={intent}"));
        let given_back: i64 = theirs.iter().map(|refund| refund["amount"].as_i64().unwrap()).sum();
        let sales = shop.run_offline(&["sales"]).done();
        let ours = &sales["sales"][0];
        assert_eq!(ours["sale_id"], sale["sale_id"]);
        assert_eq!(ours["refunded_minor"], given_back, "{fault}: {ours}");
        assert!(given_back == price || given_back == 0, "{fault}: {theirs:?}");
    }
}
