//! The journal cannot be changed in silence.

use tillbook_till::TillError;
use tillbook_till::view::JournalCheck;

use crate::shop::Shop;

fn worked_day() -> Shop {
    let (shop, _) = Shop::alone();
    for _ in 0..3 {
        let sale = shop.house.till.sale_add(&shop.bob, "price_0", 2).unwrap();
        shop.house.till.pay_cash(&shop.bob, &sale.id, 500).unwrap();
    }
    shop
}

/// Does to the file what somebody with its key could do.
fn tamper(shop: &Shop, sql: &str) {
    shop.house
        .store
        .till
        .write::<_, TillError>(|tx| {
            tx.execute_batch(
                "DROP TRIGGER journal_is_written_once; DROP TRIGGER journal_is_kept; DROP TRIGGER journal_has_no_gap;",
            )?;
            tx.execute_batch(sql)?;
            Ok(())
        })
        .unwrap();
}

fn check(shop: &Shop) -> JournalCheck {
    shop.house.till.journal_check(&shop.eve).unwrap()
}

#[test]
fn an_honest_journal_is_intact_and_its_head_is_the_last_code() {
    let shop = worked_day();
    let seen = check(&shop);
    assert!(seen.intact && seen.first_bad_seq.is_none() && seen.entries >= 13, "{seen:?}");
    let position = shop.house.till.journal_position().unwrap();
    assert_eq!((position.seq, position.head), (seen.entries, seen.head));
}

#[test]
fn the_schema_refuses_to_change_or_delete_entries() {
    let shop = worked_day();
    for sql in [
        "UPDATE journal SET amount_minor = 1 WHERE seq = 5",
        "DELETE FROM journal WHERE seq = 5",
        "INSERT INTO journal SELECT till_id, seq + 100, at_ms, staff_name, kind, sale_id, amount_minor, body, prev, mac FROM journal WHERE seq = 1",
    ] {
        let refused = shop.house.store.till.write::<_, TillError>(|tx| {
            tx.execute_batch(sql)?;
            Ok(())
        });
        assert!(refused.is_err(), "{sql}");
    }
    assert!(check(&shop).intact);
}

#[test]
fn every_way_of_tampering_is_told_apart() {
    let cases = [
        ("changed", "UPDATE journal SET body = replace(body, '500', '400') WHERE seq = 9", 9),
        ("changed", "UPDATE journal SET mac = zeroblob(32) WHERE seq = 9", 9),
        ("shown", "UPDATE journal SET amount_minor = 1 WHERE seq = 9", 9),
        ("shown", "UPDATE journal SET staff_name = 'Mallory' WHERE seq = 9", 9),
        ("follow", "UPDATE journal SET prev = zeroblob(32) WHERE seq = 9", 9),
        ("missing", "DELETE FROM journal WHERE seq = 8", 9),
        ("missing", "DELETE FROM journal WHERE seq = 1", 2),
    ];
    for (word, sql, seq) in cases {
        let shop = worked_day();
        tamper(&shop, sql);
        let seen = check(&shop);
        assert!(!seen.intact, "{sql}");
        assert_eq!(seen.first_bad_seq, Some(seq), "{sql}: {seen:?}");
        assert!(seen.problem.as_ref().is_some_and(|problem| problem.text.contains(word)), "{sql}: {seen:?}");
    }
}

#[test]
fn a_tail_that_was_cut_off_is_missed_by_the_payments_that_name_it() {
    let shop = worked_day();
    let head = shop.house.till.journal_position().unwrap().seq;
    tamper(&shop, &format!("DELETE FROM journal WHERE seq > {}", head - 3));
    let seen = check(&shop);
    assert!(!seen.intact, "{seen:?}");
    assert!(seen.problem.as_ref().is_some_and(|problem| problem.text.contains("at the end")), "{seen:?}");
}

#[test]
fn a_tail_without_payments_is_missed_by_what_is_kept_beside_the_key() {
    let shop = worked_day();
    let before = shop.house.till.journal_position().unwrap().seq;
    shop.house.till.sign_in("Eve", crate::shop::PIN).unwrap();
    tamper(&shop, &format!("DELETE FROM journal WHERE seq > {before}"));
    let seen = check(&shop);
    assert_eq!(seen.first_bad_seq, Some(before + 1), "{seen:?}");
    assert!(seen.problem.as_ref().is_some_and(|problem| problem.text.contains("at the end")), "{seen:?}");
}

/// Somebody with the file and the journal's key takes a card sale out of both. Stripe remembers.
#[tokio::test]
async fn a_card_sale_taken_out_of_file_and_journal_contradicts_stripe() {
    let shop = Shop::open().await;
    shop.sell_by_card().await;
    assert!(check(&shop).intact);
    shop.house
        .store
        .till
        .write::<_, TillError>(|tx| {
            tx.execute_batch(
                "DROP TRIGGER journal_is_written_once; DROP TRIGGER journal_is_kept; DROP TRIGGER attempt_step_stays;
                 DELETE FROM attempt_step; DELETE FROM attempt; DELETE FROM journal WHERE sale_id IS NOT NULL;",
            )?;
            Ok(())
        })
        .unwrap();
    let seen = check(&shop);
    assert!(!seen.intact, "{seen:?}");
    assert!(seen.problem.as_ref().is_some_and(|problem| problem.text.contains("at the end")), "{seen:?}");
}
