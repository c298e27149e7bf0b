use std::fs;

use serde_json::{Value, json};
use tillbook_books::{BooksError, public_key, verify_file};
use tillbook_store::Access;
use tillbook_till::view::Role;

use crate::shop::{NOON_S, Shop, open, rows_of, transaction};

const DAY_S: i64 = 86_400;

#[test]
fn a_day_is_the_shops_and_the_last_one_is_not_part_of_it() {
    let shop = Shop::new();
    let ada = shop.set_up();
    // 8 March 2026 in New York is 05:00Z to 04:00Z: 23 hours.
    let begins = NOON_S - 7 * 3600;
    let ends = begins + 23 * 3600;
    for (id, at) in
        [("txn_before", begins - 1), ("txn_first", begins), ("txn_last", ends - 1), ("txn_after", ends)]
    {
        shop.transaction(id, at, 100, 3);
    }
    assert_eq!(shop.ids(&ada, "2026-03-08", "2026-03-09"), ["txn_first", "txn_last"]);
    assert_eq!(shop.ids(&ada, "2026-03-07", "2026-03-08"), ["txn_before"]);
    assert_eq!(shop.ids(&ada, "2026-03-09", "2026-03-10"), ["txn_after"]);
    assert_eq!(shop.ids(&ada, "2026-01-01", "2027-01-01").len(), 4);
}

#[test]
fn cash_and_card_stand_in_one_order() {
    let shop = Shop::new();
    let ada = shop.set_up();
    shop.transaction("txn_1", NOON_S - 10, 100, 3);
    let sale = shop.sell_for_cash(&ada, NOON_S);
    // The same second: ids decide, and an attempt's begins with a digit.
    shop.transaction("txn_2", NOON_S, 100, 3);
    shop.refund(&ada, &sale, 250);
    shop.transaction("txn_3", NOON_S + 10, -50, 0);
    shop.transaction("a_early_id", NOON_S - 10, 100, 3);
    let exported = shop.export(&ada, "2026-03-08", "2026-03-09").unwrap();
    let rows = rows_of(&shop.out("t.csv"));
    let order: Vec<_> = rows.iter().map(|row| (row["created_utc"].clone(), row["id"].clone())).collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(rows.len(), 6);
    let numbers: Vec<_> = rows.iter().map(|row| row["row_no"].clone()).collect();
    assert_eq!(numbers, ["1", "2", "3", "4", "5", "6"]);

    let of_sale: Vec<_> = rows.iter().filter(|row| row["sale_id"] == sale).collect();
    assert_eq!((of_sale[0]["type"].as_str(), of_sale[0]["gross"].as_str()), ("cash_payment", "7.00"));
    assert_eq!((of_sale[1]["type"].as_str(), of_sale[1]["gross"].as_str()), ("cash_refund", "-2.50"));
    assert!(
        of_sale.iter().all(|row| row["fee"] == "0.00" && row["net"] == row["gross"] && row["staff"] == "Ada")
    );
    assert_eq!(of_sale[0]["created"], "2026-03-08T08:00:00-04:00");
    let total = &exported.file.totals[0];
    assert_eq!((total.gross_minor, total.fee_minor, total.net_minor), (700 - 250 + 300 - 50, 9, 691));
}

#[test]
fn a_card_payment_and_its_refund_are_joined_to_the_sale() {
    let shop = Shop::new();
    let nobody = shop.house.till.unattended();
    shop.take(&json!({"id": "pi_1", "object": "payment_intent", "created": NOON_S, "amount": 900, "currency": "usd",
        "status": "succeeded", "amount_received": 900, "latest_charge": "ch_1", "metadata": {"sale_id": "sale-of-another-till"}}));
    shop.take(&json!({"id": "ch_1", "object": "charge", "created": NOON_S, "amount": 900, "currency": "usd",
        "status": "succeeded", "payment_intent": "pi_1", "balance_transaction": "txn_1", "payment_method_details":
        {"type": "card_present", "card_present": {"brand": "visa", "last4": "4242"}}, "metadata": {}}));
    shop.take(&json!({"id": "re_1", "object": "refund", "created": NOON_S + 1, "amount": 900, "currency": "usd",
        "status": "succeeded", "charge": "ch_1", "payment_intent": "pi_1", "balance_transaction": "txn_2", "metadata": {}}));
    for (id, source, amount, fee) in [("txn_1", "ch_1", 900, 56), ("txn_2", "re_1", -900, 0)] {
        let mut row = transaction(id, NOON_S, "charge", "usd", amount, fee);
        row["source"] = source.into();
        shop.take(&row);
    }
    shop.export(&nobody, "2026-03-08", "2026-03-09").unwrap();
    for row in rows_of(&shop.out("t.csv")) {
        assert_eq!(row["sale_id"], "sale-of-another-till");
        let known =
            [&row["charge_id"], &row["payment_intent_id"], &row["card_brand"], &row["last4"], &row["tender"]];
        assert_eq!(known, ["ch_1", "pi_1", "visa", "4242", "card"]);
        assert_eq!((row["receipt_no"].as_str(), row["staff"].as_str()), ("", ""));
    }
}

#[test]
fn currencies_have_their_own_decimals_and_totals() {
    let shop = Shop::new();
    let nobody = shop.house.till.unattended();
    for (id, currency, amount) in [("txn_a", "usd", 1_234), ("txn_b", "jpy", 500), ("txn_c", "kwd", 1_230)] {
        shop.take(&transaction(id, NOON_S, "charge", currency, amount, 10));
    }
    let exported = shop.export(&nobody, "2026-03-08", "2026-03-09").unwrap();
    assert_eq!(exported.time_zone, "UTC");
    let rows = rows_of(&shop.out("t.csv"));
    let gross: Vec<_> = rows.iter().map(|row| row["gross"].as_str()).collect();
    assert_eq!(gross, ["12.34", "500", "1.230"]);
    let codes: Vec<_> = exported.file.totals.iter().map(|total| total.currency.as_str()).collect();
    assert_eq!(codes, ["jpy", "kwd", "usd"]);
}

#[test]
fn a_record_that_contradicts_itself_stops_the_file_and_the_old_one_stays() {
    let shop = Shop::new();
    let nobody = shop.house.till.unattended();
    shop.transaction("txn_1", NOON_S, 100, 3);
    shop.export(&nobody, "2026-03-08", "2026-03-09").unwrap();
    let before = fs::read(shop.out("t.csv")).unwrap();
    let mut bad = transaction("txn_2", NOON_S, "charge", "usd", 100, 3);
    bad["net"] = 98.into();
    shop.take(&bad);
    let error = shop.export(&nobody, "2026-03-08", "2026-03-09").unwrap_err();
    assert!(matches!(&error, BooksError::NetMismatch { id, .. } if id == "txn_2"), "{error}");
    assert_eq!(fs::read(shop.out("t.csv")).unwrap(), before);
    assert!(verify_file(&shop.out("t.csv"), None).unwrap().intact);
    let left: Vec<_> = fs::read_dir(shop.folder.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn only_who_may_export_does_and_the_journal_tells() {
    let shop = Shop::new();
    let ada = shop.set_up();
    let bob = {
        shop.house.till.staff_add(&ada, "Bob", Role::Cashier, "4711").unwrap();
        shop.house.till.sign_in("Bob", "4711").unwrap()
    };
    assert!(matches!(shop.export(&bob, "2026-03-08", "2026-03-09"), Err(BooksError::Till(_))));
    assert!(matches!(
        shop.export(&shop.house.till.unattended(), "2026-03-08", "2026-03-09"),
        Err(BooksError::Till(_))
    ));
    assert!(!shop.out("t.csv").exists());

    let before = shop.house.till.journal_position().unwrap();
    let exported = shop.export(&ada, "2026-03-08", "2026-03-09").unwrap();
    let after = shop.house.till.journal_position().unwrap();
    assert!(exported.journaled);
    assert_eq!(after.seq, before.seq + 1);
    let manifest: Value = serde_json::from_slice(&fs::read(&exported.file.manifest_path).unwrap()).unwrap();
    assert_eq!(
        (&manifest["source"]["journal_seq"], &manifest["source"]["journal_head"]),
        (&after.seq.into(), &after.head.into())
    );
    assert_eq!(manifest["period"]["time_zone"], "America/New_York");
    assert!(shop.house.till.journal_check(&ada).unwrap().intact);
}

#[test]
fn beside_an_open_window_the_file_is_made_and_says_that_the_journal_does_not_know() {
    let shop = Shop::new();
    let ada = shop.set_up();
    shop.transaction("txn_1", NOON_S, 100, 3);
    shop.export(&ada, "2026-03-08", "2026-03-09").unwrap();
    let beside = open(&shop.folder.path().join("data"), &shop.clock, Access::ReadOnly);
    let signed = beside.till.sign_in("Ada", "4711").unwrap();
    let out = shop.out("beside.csv");
    let exported =
        tillbook_books::export_transactions(&beside, &signed, "2026-03-08", "2026-03-09", &out).unwrap();
    assert!(!exported.journaled);
    let check = verify_file(&out, public_key(&shop.house).unwrap().as_deref()).unwrap();
    assert!(check.intact, "{:?}", check.problems);
    assert_eq!(
        fs::read(&out).unwrap(),
        fs::read(shop.out("t.csv")).unwrap(),
        "the same days are the same bytes"
    );
}

#[test]
fn every_change_of_a_file_is_found() {
    let shop = Shop::new();
    let nobody = shop.house.till.unattended();
    for n in 0..20 {
        shop.transaction(&format!("txn_{n:02}"), NOON_S - n * DAY_S, 1_000 + n, 59);
    }
    let exported = shop.export(&nobody, "2026-01-01", "2027-01-01").unwrap();
    let out = shop.out("t.csv");
    let whole = fs::read_to_string(&out).unwrap();
    let problems = |text: &str| {
        fs::write(&out, text).unwrap();
        let check = verify_file(&out, None).unwrap();
        assert_eq!(check.intact, check.problems.is_empty());
        check.problems
    };
    assert_eq!(problems(&whole), Vec::<String>::new());
    assert!(!problems(&whole.replacen("10.00", "10.01", 1)).is_empty());
    assert!(!problems(&whole.replacen("\r\n", "\n", 1)).is_empty());
    assert!(!problems(&whole.replacen("row txn_03", "row txn_04", 1)).is_empty());
    assert!(!problems(&whole.replacen("10.00,0.59,9.41", "10.00,0.59,'9.41", 1)).is_empty());
    assert!(!problems("").is_empty());
    assert!(!problems(&format!("{whole}x")).is_empty());
    fs::write(&out, &whole).unwrap();

    let manifest = fs::read_to_string(&exported.file.manifest_path).unwrap();
    fs::write(&exported.file.manifest_path, manifest.replacen("\"rows\": 20", "\"rows\": 21", 1)).unwrap();
    let check = verify_file(&out, None).unwrap();
    assert_eq!(check.public_key, None);
    assert!(check.problems.len() >= 2, "{:?}", check.problems);
    fs::write(&exported.file.manifest_path, "[]").unwrap();
    assert!(matches!(verify_file(&out, None), Err(BooksError::Manifest { .. })));
}
