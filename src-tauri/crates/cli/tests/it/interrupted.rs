//! The program is killed in the middle of a sale, at many moments: there is one charge or none, and the till knows.

use std::process::Stdio;
use std::time::Duration;

use crate::world::{Shop, signal, tillbook};

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
        shop.settled(price);
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

#[test]
fn an_interrupted_copy_says_so_keeps_what_it_has_and_goes_on() {
    let shop = Shop::open();
    shop.stripe.faults(r#"{"rules":[{"fault":"latency","method":"GET","path":"/v1/charges","ms":60000}]}"#);
    let mut copying = shop.command(&["sync"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while shop.run_offline(&["status"]).done()["objects"].as_i64() < Some(20) {
        assert!(copying.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    signal(&copying, "INT");
    let ended = copying.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(told["error"]["code"], "interrupted", "{told}");
    let (said, stderr) =
        (told["error"]["message"].as_str().unwrap(), String::from_utf8(ended.stderr).unwrap());
    assert!(said.starts_with("interrupted; ") && said.ends_with(" records are here"), "{told}");
    assert_eq!(stderr.matches("interrupted").count(), 1, "{stderr}");
    assert!(told["error"]["next_step"].as_str().unwrap().contains("tillbook sync"), "{told}");
    shop.stripe.faults(r#"{"rules":[]}"#);
    let status = shop.run_offline(&["status"]).done();
    assert!(status["objects"].as_i64() >= Some(20), "{status}");
    assert!(status["copying"]["lists_left"].as_i64() > Some(0), "{status}");
    let whole = shop.run(&["sync"]).done();
    assert_eq!(whole["lists_left"], 0, "{whole}");
    assert_eq!(shop.run_offline(&["status"]).done()["copying"]["lists_left"], 0);
}

#[test]
fn a_copy_that_is_interrupted_before_it_began_says_that_nothing_is_here() {
    // A Stripe that takes the call and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let base = format!("http://{}", silent.local_addr().unwrap());
    let mut command = tillbook(&["sync", "--json", "--api-base", &base]);
    command.arg("--data").arg(folder.path().join("data"));
    command.env("STRIPE_SECRET_KEY", "sk_test_practice_0123456789abcdef0123456789");
    let copying = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _call = silent.accept().unwrap();
    signal(&copying, "TERM");
    let ended = copying.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(told["error"]["message"], "interrupted before anything was here", "{told}");
}

/// Starts a sale by card, and kills the program once `is_there` sees at Stripe what it waits for.
fn kill_when(shop: &Shop, key: &str, is_there: impl Fn() -> bool) {
    let mut selling = shop
        .command(&["sell", "--line", key, "--tender", "card", "--payment-method", "pm_card_visa"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !is_there() {
        assert!(selling.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(10));
    }
    signal(&selling, "KILL");
    selling.wait().unwrap();
    shop.stripe.faults(r#"{"rules":[]}"#);
}

#[test]
fn killed_after_the_charge_the_sale_is_paid_and_before_it_it_is_not() {
    let shop = Shop::open();
    let (key, price) = shop.stripe.price_from(100);
    // The answer that says "paid" takes long: the card is charged and the till does not know yet.
    let charges = shop.stripe.all("/v1/charges").len();
    shop.stripe
        .faults(r#"{"rules":[{"fault":"latency","method":"GET","path":"/v1/payment_intents","ms":3000}]}"#);
    kill_when(&shop, &key, || shop.stripe.all("/v1/charges").len() > charges);
    assert_eq!(shop.run_offline(&["sales"]).done()["sales"][0]["status"], "checking");
    shop.settled(price);
    assert_eq!(shop.run_offline(&["sales"]).done()["sales"][0]["status"], "paid");
    assert_eq!(shop.stripe.all("/v1/charges").len(), charges + 1);

    // The payment is there, and nobody was asked for a card yet.
    let intents = shop.stripe.all("/v1/payment_intents").len();
    let to_reader = r#"{"rules":[{"fault":"latency","method":"POST","path":"/v1/terminal","ms":3000}]}"#;
    shop.stripe.faults(to_reader);
    kill_when(&shop, &key, || shop.stripe.all("/v1/payment_intents").len() > intents);
    shop.settled(price);
    assert_eq!(shop.run_offline(&["sales"]).done()["sales"][0]["status"], "unpaid");
    assert_eq!(shop.stripe.all("/v1/charges").len(), charges + 1);
}
