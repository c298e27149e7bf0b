//! The program is killed in the middle of a sale, at many moments: there is one charge or none, and the till knows.

use std::process::Stdio;
use std::time::Duration;

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
