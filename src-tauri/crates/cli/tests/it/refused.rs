//! Bad input: a clear error, and nothing lost.

use crate::world::{PIN, Ran, Shop, tillbook};

fn sell_args(key: &str) -> [&str; 5] {
    ["sell", "--line", key, "--tender", "cash"]
}

#[test]
fn a_wrong_pin_is_counted_and_then_slowed() {
    let shop = Shop::open();
    let (key, _) = shop.stripe.price_from(100);
    let with_pin = |pin: &str| {
        let mut command = shop.command(&sell_args(&key));
        command.env("TILLBOOK_PIN", pin);
        Ran::of(command)
    };
    let codes: Vec<String> = (0..6).map(|_| with_pin("0000").failed(1)).collect();
    assert_eq!(codes[..4], ["pin_wrong"; 4]);
    assert_eq!(codes[5], "pin_slowed");
    // The right PIN has to wait too, and another person is not slowed.
    assert_eq!(with_pin(PIN).failed(1), "pin_slowed");
    let mut bob = shop.command(&sell_args(&key));
    bob.args(["--as", "Bob"]);
    let mut bob_only = shop.offline(&sell_args(&key));
    bob_only.args(["--as", "Bob", "--api-base", &shop.stripe.base_url, "--key-env", "SHOP_KEY"]);
    bob_only.env("SHOP_KEY", &shop.stripe.secret_key);
    assert_eq!(Ran::of(bob_only).done()["status"], "paid");
}

#[test]
fn rights_are_the_roles() {
    let shop = Shop::open();
    let (key, _) = shop.stripe.price_from(100);
    let sale = shop.sell(&[&key], &["--tender", "cash"]).done();
    let id = sale["sale_id"].as_str().unwrap();
    let out = shop.file("x.csv");
    let out = out.to_str().unwrap();
    let refused = [
        vec!["refund", id, "--reason", "duplicate", "--as", "Bob"],
        vec!["export", "--from", "2026-01-01", "--to", "2027-01-01", "--out", out, "--as", "Bob"],
        vec!["sell", "--line", &key, "--tender", "cash", "--as", "Cleo"],
    ];
    for args in &refused {
        assert_eq!(shop.run(args).failed(1), "not_allowed", "{args:?}");
    }
    assert!(!std::path::Path::new(out).exists());
    shop.run(&["export", "--from", "2026-01-01", "--to", "2027-01-01", "--out", out, "--as", "Cleo"]).done();
    // A cashier refunds when a manager allows it.
    let mut approved =
        shop.command(&["refund", id, "--reason", "duplicate", "--as", "Bob", "--approver", "Ada"]);
    approved.env("TILLBOOK_APPROVER_PIN", PIN);
    let refund = Ran::of(approved).done();
    assert_eq!(
        (&refund["refunds"][0]["refunded_by"], &refund["refunds"][0]["approved_by"]),
        (&"Bob".into(), &"Ada".into())
    );
}

#[test]
fn what_cannot_be_sold() {
    let shop = Shop::open();
    let (key, _) = shop.stripe.price_from(100);
    assert_eq!(shop.sell(&[], &["--tender", "cash"]).failed(2), "usage");
    for quantity in ["0", "-1", "1.5", "x9"] {
        let line = format!("{key}:{quantity}");
        let ran = shop.sell(&[&line], &["--tender", "cash"]);
        assert_ne!(ran.code, Some(0), "{line}");
    }
    assert_eq!(shop.sell(&["no-such-thing:1"], &["--tender", "cash"]).failed(1), "not_found");
    assert_eq!(shop.sell(&[&key], &["--tender", "cash", "--tendered", "1"]).code, Some(1));
    assert_eq!(shop.sell(&[&key], &["--tender", "cheque"]).failed(2), "usage");
    assert_eq!(
        shop.sell(&[&key], &["--tender", "card", "--payment-method", "pm_card_nobody"]).failed(2),
        "unknown_card"
    );
    assert!(
        shop.run_offline(&["sales"]).done()["sales"]
            .as_array()
            .unwrap()
            .iter()
            .all(|s| s["status"] == "unpaid")
    );
}

#[test]
fn a_card_is_not_charged_less_than_stripe_takes() {
    let shop = Shop::open();
    let product = shop.stripe.all("/v1/products").remove(0);
    let form =
        format!("product={}&currency=usd&unit_amount=49&lookup_key=penny", product["id"].as_str().unwrap());
    shop.stripe.post("/v1/prices", &form);
    let ran = shop.sell(&["penny:1"], &["--tender", "card", "--payment-method", "pm_card_visa"]);
    assert_eq!(ran.failed(1), "amount_too_small");
    let sale = &shop.run_offline(&["sales"]).done()["sales"][0];
    assert_eq!(sale["status"], "unpaid");
    assert!(shop.stripe.payment_intents_of("sale_id", sale["sale_id"].as_str().unwrap()).is_empty());
    assert_eq!(shop.sell(&["penny:1"], &["--tender", "cash"]).done()["status"], "paid");
}

#[test]
fn keys_and_addresses_that_cannot_be_right() {
    let shop = Shop::open();
    let sync = |key: &str, base: Option<&str>| {
        let mut command = shop.offline(&["sync", "--key-env", "K"]);
        command.env("K", key);
        if let Some(base) = base {
            command.args(["--api-base", base]);
        }
        let ran = Ran::of(command);
        assert!(
            !ran.stdout.contains("0123456789") && !ran.stderr.contains("0123456789"),
            "{}{}",
            ran.stdout,
            ran.stderr
        );
        ran.failed(2)
    };
    let here = Some(shop.stripe.base_url.as_str());
    assert_eq!(sync(&shop.stripe.publishable_key, here), "wrong_key");
    assert_eq!(sync("whsec_0123456789abcdef", here), "wrong_key");
    assert_eq!(sync("hello 0123456789", here), "wrong_key");
    assert_eq!(sync("sk_live_0123456789abcdef", here), "live_key_refused");
    assert_eq!(sync(&shop.stripe.secret_key, None), "practice_key");
    assert_eq!(sync("", here), "no_key");
    for elsewhere in ["https://example.com", "http://10.0.0.1:80", "http://127.0.0.1.example.com", "nonsense"]
    {
        assert_eq!(sync(&shop.stripe.secret_key, Some(elsewhere)), "bad_api_base");
    }
}

#[test]
fn a_key_that_stripe_does_not_know() {
    let shop = Shop::bare();
    let mut command = shop.offline(&["sync", "--api-base", &shop.stripe.base_url, "--key-env", "K"]);
    command.env("K", "sk_test_practice_0123456789abcdef");
    let ran = Ran::of(command);
    assert_eq!(ran.failed(1), "key_refused");
    assert!(!ran.stderr.contains("0123456789"), "{}", ran.stderr);
    // It is said once, and nothing is promised of what is not here.
    assert_eq!(ran.stderr.matches("accept").count(), 1, "{}", ran.stderr);
    assert!(!ran.stderr.contains("refuses") && !ran.stderr.contains("stays"), "{}", ran.stderr);
    shop.run(&["sync"]).done();
    for args in [vec!["sync"], vec!["sync", "--watch"]] {
        let mut command = shop.offline(&args);
        command.args(["--api-base", &shop.stripe.base_url, "--key-env", "K"]);
        command.env("K", "sk_test_practice_0123456789abcdef");
        let ran = Ran::of(command);
        assert_eq!(ran.failed(1), "key_refused", "{args:?}");
        assert!(ran.stderr.contains("what is here stays"), "{}", ran.stderr);
        assert_eq!(ran.stderr.matches("accept").count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn a_folder_that_can_be_none_is_named() {
    let shop = Shop::bare();
    let file = shop.file("file");
    std::fs::write(&file, "text").unwrap();
    let said = |data: &std::path::Path, args: &[&str]| {
        let mut command = tillbook(args);
        command.args(["--json", "--api-base", &shop.stripe.base_url, "--key-env", "K", "--data"]).arg(data);
        command.env("K", &shop.stripe.secret_key);
        Ran::of(command)
    };
    for args in [&["sync"][..], &["status"], &["sales"]] {
        for data in [file.clone(), file.join("below"), file.join("far").join("below")] {
            let ran = said(&data, args);
            assert_eq!(ran.failed(1), "not_a_folder", "{}", ran.stderr);
            assert!(
                ran.stderr.contains(file.to_str().unwrap()) && ran.stderr.contains("--data"),
                "{}",
                ran.stderr
            );
            assert!(!ran.stderr.contains("os error"), "{}", ran.stderr);
        }
    }
    if cfg!(target_os = "linux") {
        let ran = said(std::path::Path::new("/proc/x"), &["sync"]);
        assert_eq!(ran.failed(1), "cannot_make_folder", "{}", ran.stderr);
        assert!(ran.stderr.contains("/proc/x") && !ran.stderr.contains("os error"), "{}", ran.stderr);
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "text");
}

#[test]
fn numbers_names_and_ids_that_make_no_sense() {
    let shop = Shop::open();
    for (args, words) in [
        (["sync", "--rate", "0"], "at least 1"),
        (["sync", "--endpoint-rate", "0"], "at least 1"),
        (["sync", "--rate", "x"], "at least 1"),
        (["sync", "--resources", ""], "a name is missing"),
        (["sync", "--resources", "charges,,refunds"], "a name is missing"),
        (["bench", "mirror", "--rate=0"], "at least 1"),
    ] {
        let ran = shop.run(&args);
        assert_eq!(ran.failed(2), "usage", "{args:?}");
        assert!(ran.stderr.contains(words), "{args:?}: {}", ran.stderr);
    }
    let ran = shop.run_offline(&["show", "nope_1"]);
    assert_eq!(ran.failed(1), "not_found");
    assert!(ran.stderr.contains("nope_1") && ran.stderr.contains("mistyped"), "{}", ran.stderr);
    shop.run(&["sync", "--resources", "charges, refunds"]).done();
}

#[test]
fn what_is_missing_is_named() {
    let shop = Shop::open();
    let no_data = Ran::of(tillbook(&["status", "--json"]));
    assert_eq!(no_data.failed(2), "no_data");
    let (key, _) = shop.stripe.price_from(100);
    assert_eq!(shop.run_offline(&sell_args(&key)).failed(2), "no_staff");
    let mut no_pin = shop.command(&sell_args(&key));
    no_pin.env_remove("TILLBOOK_PIN");
    assert_eq!(Ran::of(no_pin).failed(2), "no_pin");
    let card = shop.run_offline(&["sell", "--line", &key, "--tender", "card", "--as", "Ada"]);
    assert_eq!(card.failed(2), "no_key");
    assert_eq!(
        shop.run(&["sell", "--line", &key, "--tender", "cash", "--as", "Nobody"]).failed(1),
        "not_found"
    );
    assert_eq!(shop.run(&["nonsense"]).failed(2), "usage");
    assert_eq!(shop.set_up().failed(1), "already_set_up");
}

#[test]
fn a_mistyped_folder_does_not_become_a_new_till() {
    let shop = Shop::bare();
    let out = shop.file("x.csv");
    let out = out.to_str().unwrap();
    for args in [
        vec!["sell", "--line", "a:1", "--tender", "cash"],
        vec!["refund", "x", "--reason", "duplicate"],
        vec!["resolve"],
        vec!["export", "--from", "2026-01-01", "--to", "2027-01-01", "--out", out],
        vec!["status"],
        vec!["show", "x"],
        vec!["sales"],
        vec!["verify"],
    ] {
        assert_eq!(shop.run(&args).failed(1), "not_set_up", "{args:?}");
        assert!(!shop.data().exists(), "{args:?}");
    }
}

#[test]
fn set_up_refuses_what_makes_no_shop() {
    let shop = Shop::bare();
    let set_up = |currency: &str, zone: &str, staff: &str, pin: &str| {
        let mut command = shop.command(&[
            "setup",
            "--shop",
            "S",
            "--currency",
            currency,
            "--time-zone",
            zone,
            "--staff",
            staff,
        ]);
        command.env("TILLBOOK_PIN", pin);
        Ran::of(command)
    };
    assert_eq!(set_up("usd", "UTC", "Ada:cashier", PIN).failed(2), "first_is_manager");
    assert_eq!(set_up("usd", "UTC", "Ada:boss", PIN).failed(2), "usage");
    assert_eq!(set_up("usd", "UTC", "Ada:manager", "12").failed(2), "bad_pin");
    for currency in ["dollars", "xyz", "uds", "", "us\u{a7}"] {
        let ran = set_up(currency, "UTC", "Ada:manager", PIN);
        assert_eq!(ran.failed(2), "bad_currency", "{currency}");
        let next = ran.json()["error"]["next_step"].clone();
        assert!(next.as_str().is_some_and(|next| next.contains("--currency")), "{next}");
    }
    assert_eq!(set_up("usd", "Mars/Base", "Ada:manager", PIN).failed(2), "bad_time_zone");
    assert!(!shop.data().exists(), "a slip makes no folder");
    let (key, _) = shop.stripe.price_from(100);
    assert_ne!(shop.sell(&[&key], &["--tender", "cash"]).code, Some(0));
    // None of that left half a shop.
    set_up("usd", "UTC", "Ada:manager", PIN).done();
}

#[test]
fn periods_that_make_no_sense() {
    let shop = Shop::bare();
    shop.run(&["sync"]).done();
    let out = shop.file("x.csv");
    let export = |from: &str, to: &str| {
        shop.run_offline(&["export", "--from", from, "--to", to, "--out", out.to_str().unwrap()])
    };
    assert_eq!(export("2026-02-30", "2026-03-01").failed(2), "bad_date");
    assert_eq!(export("yesterday", "2026-03-01").failed(2), "bad_date");
    assert_eq!(export("2026-03-01", "2026-03-01").failed(2), "bad_period");
    assert!(!out.exists());
    let nowhere = shop.run_offline(&[
        "export",
        "--from",
        "2026-01-01",
        "--to",
        "2027-01-01",
        "--out",
        "/nowhere/x.csv",
    ]);
    assert_eq!(nowhere.failed(1), "cannot_write");
}

#[test]
fn a_test_card_named_for_every_sale_does_not_refuse_cash() {
    let shop = Shop::open();
    let (key, _) = shop.stripe.price_from(100);
    let sale = shop.sell(&[&key], &["--tender", "cash", "--payment-method", "pm_card_visa"]).done();
    assert_eq!((&sale["status"], &sale["payments"][0]["tender"]), (&"paid".into(), &"cash".into()));
}

#[test]
fn a_shop_is_not_set_up_by_half() {
    let shop = Shop::bare();
    let set_up = |second: &str| {
        let base = shop.stripe.base_url.clone();
        let mut command = shop.offline(&["setup", "--shop", "S", "--currency", "usd", "--time-zone", "UTC"]);
        command.args(["--staff", "Ada:manager", "--staff", second, "--api-base", &base]);
        Ran::of(command)
    };
    assert_eq!(set_up(&"B".repeat(61)).failed(2), "bad_name");
    assert_eq!(set_up("line\nbreak:cashier").failed(2), "bad_name");
    assert_eq!(set_up("ADA:cashier").failed(2), "same_name");
    assert!(!shop.data().exists(), "half a shop was set up");
    let staff = set_up("Bob:cashier").done()["staff"].clone();
    assert_eq!(staff.as_array().unwrap().len(), 2, "{staff}");
}

#[test]
fn a_key_or_card_number_in_the_wrong_place_is_not_repeated() {
    let shop = Shop::open();
    let key = shop.stripe.secret_key.clone();
    for args in [
        vec!["sync", "--key-env", &key],
        vec!["sync", &key],
        vec!["show", &key],
        vec!["sell", "--line", "a:1", "--payment-method", "4242424242424242"],
    ] {
        for json in [true, false] {
            let mut command = tillbook(&args);
            command.arg("--data").arg(shop.data()).args(json.then_some("--json"));
            let ran = command.output().unwrap();
            let said = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
            assert_ne!(ran.status.code(), Some(0));
            assert!(
                said.contains("(hidden)") && !said.contains(&key) && !said.contains("42424242"),
                "{said}"
            );
        }
    }
}

#[test]
fn what_is_missing_on_the_line_is_named() {
    let ran = Ran::of(tillbook(&["sell", "--tender", "card", "--json"]));
    assert_eq!(ran.failed(2), "usage");
    assert!(ran.json()["error"]["message"].as_str().unwrap().contains("--line"), "{}", ran.stdout);
}
