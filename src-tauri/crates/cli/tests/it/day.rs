//! A whole day at the till.

use serde_json::Value;

use crate::world::{Ran, Shop, rows_of};

fn whole_export(shop: &Shop, name: &str) -> (Value, Vec<std::collections::HashMap<String, String>>) {
    let out = shop.file(name);
    let args = [
        "export",
        "--report",
        "transactions",
        "--format",
        "csv",
        "--from",
        "2000-01-01",
        "--to",
        "2100-01-01",
    ];
    let mut command = shop.offline(&args);
    command.arg("--out").arg(&out).args(["--as", "Ada"]);
    (Ran::of(command).done(), rows_of(&out))
}

/// Minor units of a two-decimal amount, without the program's own reading of it.
fn cents(text: &str) -> i64 {
    let (major, minor) = text.split_once('.').unwrap();
    assert_eq!(minor.len(), 2, "{text}");
    format!("{major}{minor}").parse().unwrap()
}

#[test]
fn a_day_from_set_up_to_the_accountant() {
    let shop = Shop::open();
    let synced = shop.run(&["sync"]).done();
    assert!(synced["objects"].as_i64().unwrap() > 40, "{synced}");
    assert!(synced["requests"].as_i64().unwrap() > 0 && synced["seconds"].is_number(), "{synced}");

    // Cash: two of one thing, with change.
    let (key, price) = shop.stripe.price_from(100);
    let tendered = (2 * price + 100).to_string();
    let cash = shop.sell(&[&format!("{key}:2")], &["--tender", "cash", "--tendered", &tendered]).done();
    assert_eq!((&cash["status"], &cash["total_minor"]), (&"paid".into(), &(2 * price).into()));
    assert_eq!(cash["currency"], "usd");
    assert_eq!(cash["payments"][0]["change_minor"], 100);
    assert_eq!(cash["payments"][0]["payment_intent"], Value::Null);

    // Card: paid means that Stripe says so.
    let card = shop.sell_by_card(&key);
    let payment = &card["payments"][0];
    assert_eq!(
        (&card["status"], &payment["status"], &payment["amount_minor"]),
        (&"paid".into(), &"paid".into(), &price.into())
    );
    let intent =
        shop.stripe.get(&format!("/v1/payment_intents/{}", payment["payment_intent"].as_str().unwrap()));
    assert_eq!((&intent["status"], &intent["amount_received"]), (&"succeeded".into(), &price.into()));
    assert_eq!(intent["metadata"]["attempt_id"], payment["attempt_id"]);
    assert_eq!(intent["metadata"]["sale_id"], card["sale_id"]);

    // A declined card leaves nothing open, and says why in neutral words.
    let declined =
        shop.sell(&[&key], &["--tender", "card", "--payment-method", "pm_card_visa_chargeDeclinedLostCard"]);
    assert_eq!(declined.code, Some(1));
    let sale = declined.json();
    assert_eq!((&sale["status"], &sale["payments"][0]["status"]), (&"unpaid".into(), &"declined".into()));
    assert!(!declined.stdout.contains("lost"), "{}", declined.stdout);
    let open = shop.stripe.payment_intents_of("sale_id", sale["sale_id"].as_str().unwrap());
    assert_eq!((open.len(), &open[0]["status"]), (1, &"canceled".into()));

    refund_in_parts(&shop, &card, price);

    // What was done is there for whoever reads the files, without key or network.
    let sales = shop.run_offline(&["sales"]).done();
    let sales = sales["sales"].as_array().unwrap();
    assert_eq!(sales.len(), 3);
    let seen = sales.iter().find(|s| s["sale_id"] == card["sale_id"]).unwrap();
    assert_eq!(seen["refunds"].as_array().unwrap().len(), 2);
    assert!(
        seen["refunds"]
            .as_array()
            .unwrap()
            .iter()
            .all(|r| r["status"] == "succeeded" && r["refund"].is_string())
    );

    accountant(&shop, &card, &cash);
    assert_eq!(shop.run_offline(&["verify"]).done()["intact"], true);
}

fn refund_in_parts(shop: &Shop, card: &Value, price: i64) {
    let id = card["sale_id"].as_str().unwrap();
    let refund = |amount: &str| {
        let mut args = vec!["refund", id, "--reason", "requested_by_customer"];
        if !amount.is_empty() {
            args.extend(["--amount", amount]);
        }
        shop.run(&args)
    };
    assert_eq!(refund("30").done()["refunds"][0]["amount_minor"], 30);
    // More than is left, and nothing is sent.
    assert_ne!(refund(&price.to_string()).code, Some(0));
    let whole = refund("").done();
    assert_eq!(
        (&whole["refunds"][1]["amount_minor"], &whole["refundable_minor"]),
        (&(price - 30).into(), &0.into())
    );
    assert_eq!(refund("").code, Some(1));
    let charge = card["payments"][0]["payment_intent"].as_str().unwrap();
    let refunds = shop.stripe.all(&format!("/v1/refunds?payment_intent={charge}"));
    assert_eq!(refunds.iter().map(|r| r["amount"].as_i64().unwrap()).sum::<i64>(), price);
    assert!(refunds.iter().all(|r| r["metadata"]["sale_id"] == card["sale_id"]));
}

fn accountant(shop: &Shop, card: &Value, cash: &Value) {
    // Without another sync: what this till did is here already.
    let (answer, rows) = whole_export(shop, "all.csv");
    assert_eq!(answer["rows"].as_u64(), Some(rows.len() as u64));
    for row in &rows {
        assert_eq!(cents(&row["net"]), cents(&row["gross"]) - cents(&row["fee"]), "{row:?}");
    }
    // Every balance transaction of Stripe is a row with Stripe's amounts, and the rest is the till's cash.
    let theirs = shop.stripe.all("/v1/balance_transactions");
    assert!(!theirs.is_empty());
    for transaction in &theirs {
        let row = rows.iter().find(|row| transaction["id"] == row["id"].as_str()).unwrap();
        assert_eq!(transaction["amount"], cents(&row["gross"]));
        assert_eq!(transaction["fee"], cents(&row["fee"]));
        assert_eq!(transaction["net"], cents(&row["net"]));
        assert_eq!(transaction["type"], row["type"].as_str());
    }
    let ours: Vec<_> = rows.iter().filter(|row| row["type"].starts_with("cash_")).collect();
    assert_eq!(rows.len(), theirs.len() + ours.len());
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0]["sale_id"], cash["sale_id"].as_str().unwrap());
    let of_card: Vec<_> =
        rows.iter().filter(|row| row["sale_id"] == card["sale_id"].as_str().unwrap()).collect();
    assert_eq!(of_card.len(), 3, "one charge and two refunds");
    assert_eq!(of_card.iter().map(|row| cents(&row["gross"])).sum::<i64>(), 0);
    let created: Vec<_> = rows.iter().map(|row| row["created_utc"].clone()).collect();
    assert!(created.is_sorted());
    // The same days are the same bytes.
    whole_export(shop, "again.csv");
    assert_eq!(std::fs::read(shop.file("all.csv")).unwrap(), std::fs::read(shop.file("again.csv")).unwrap());
}

#[test]
fn a_folder_that_was_never_synchronised_sells() {
    let shop = Shop::open();
    let (key, price) = shop.stripe.price_from(100);
    assert_eq!(shop.sell_by_card(&key)["total_minor"], price);
    let (other, _) = shop.stripe.price_from(price + 1);
    let two = shop.sell(&[&format!("{key}:1"), &format!("{other}:3")], &["--tender", "cash"]).done();
    assert_eq!(two["lines"].as_array().unwrap().len(), 2);
}

#[test]
fn what_is_mirrored_is_shown_as_stripe_has_it() {
    let shop = Shop::bare();
    assert_eq!(shop.run(&["status"]).code, shop.run_offline(&["status"]).code);
    let first = shop.run(&["sync"]).done();
    let customer = shop.stripe.all("/v1/customers").remove(0);
    let id = customer["id"].as_str().unwrap();
    assert_eq!(shop.run_offline(&["show", id]).done(), customer);
    assert_eq!(shop.run_offline(&["show", "cus_nobody"]).failed(1), "not_found");
    assert!(shop.run_offline(&["status"]).done()["complete_to"].is_string());
    assert_eq!(shop.run_offline(&["sales"]).done()["sales"], Value::Array(Vec::new()));

    // Before set-up nobody signs in to export, and days are UTC's.
    let out = shop.file("bare.csv");
    let mut export =
        shop.offline(&["export", "--report", "transactions", "--from", "2000-01-01", "--to", "2100-01-01"]);
    export.arg("--out").arg(&out);
    let rows = Ran::of(export).done()["rows"].as_u64().unwrap();
    assert_eq!(rows, shop.stripe.all("/v1/balance_transactions").len() as u64);

    // The next run is the news alone.
    let second = shop.run(&["sync"]).done();
    assert!(second["requests"].as_i64().unwrap() < first["requests"].as_i64().unwrap(), "{first} {second}");
    assert!(second["objects"].as_i64().unwrap() < first["objects"].as_i64().unwrap() / 2, "{first} {second}");
    assert_eq!(shop.run(&["sync", "--full"]).done()["differences"], Value::Array(Vec::new()));
}
