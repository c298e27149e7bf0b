//! Finding a past sale.

use std::collections::HashSet;

use tillbook_till::view::{SaleState, SalesQuery};
use tillbook_till::{Code, TillError};

use crate::shop::Shop;

fn ask(shop: &Shop, query: &str) -> Vec<i64> {
    let query = SalesQuery { query: query.to_owned(), limit: 50, ..SalesQuery::default() };
    shop.house.till.sales(&shop.eve, &query).unwrap().rows.into_iter().map(|row| row.number).collect()
}

#[test]
fn a_sale_is_found_by_number_amount_words_and_day() {
    let (shop, clock) = Shop::alone();
    let till = &shop.house.till;
    for (price, quantity) in [("price_0", 1), ("price_1", 2), ("price_2", 1)] {
        let sale = till.sale_add(&shop.bob, price, quantity).unwrap();
        till.pay_cash(&shop.bob, &sale.id, 10_000).unwrap();
    }
    clock.advance_ms(86_400_000);
    let sale = till.sale_add(&shop.bob, "price_0", 4).unwrap();
    till.sale_void(&shop.bob).unwrap();
    assert_eq!(ask(&shop, ""), [4, 3, 2, 1]);
    assert_eq!(ask(&shop, "2"), [2]);
    assert_eq!(ask(&shop, "#3"), [3]);
    assert_eq!(ask(&shop, "7.00"), [2]);
    assert_eq!(ask(&shop, "$99,00"), [3]);
    assert_eq!(ask(&shop, "coff"), [3]);
    assert_eq!(ask(&shop, "ESPRESSO"), [4, 1]);
    assert_eq!(ask(&shop, "white flat"), [2]);
    assert!(ask(&shop, "\" OR 1=1 --").is_empty());
    let day = |from: Option<&str>, to: Option<&str>| {
        let query = SalesQuery {
            from_day: from.map(ToOwned::to_owned),
            to_day: to.map(ToOwned::to_owned),
            limit: 50,
            ..SalesQuery::default()
        };
        till.sales(&shop.eve, &query).map(|page| page.rows.len())
    };
    let today = sale.business_date.as_str();
    assert_eq!(day(Some(today), None).unwrap(), 1);
    assert_eq!(day(None, Some(today)).unwrap(), 3);
    assert_eq!(day(Some("2100-01-01"), None).unwrap(), 0);
    assert_eq!(day(Some("yesterday"), None).unwrap_err().code(), Code::Invalid);
    let page = till.sales(&shop.eve, &SalesQuery { limit: 1, ..SalesQuery::default() }).unwrap();
    assert_eq!((page.rows[0].state, page.rows[0].summary.as_str()), (SaleState::Void, "Espresso"));
    let cash = till
        .sales(&shop.eve, &SalesQuery { query: "3".to_owned(), limit: 1, ..SalesQuery::default() })
        .unwrap();
    assert_eq!(cash.rows[0].tenders, ["cash"]);
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let (shop, _) = Shop::alone();
    for _ in 0..23 {
        let sale = shop.house.till.sale_add(&shop.bob, "price_0", 1).unwrap();
        shop.house.till.pay_cash(&shop.bob, &sale.id, 250).unwrap();
    }
    for text in ["", "espresso", "2.50"] {
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let query = SalesQuery { query: text.to_owned(), cursor, limit: 5, ..SalesQuery::default() };
            let page = shop.house.till.sales(&shop.eve, &query).unwrap();
            seen.extend(page.rows.iter().map(|row| row.number));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let expected: Vec<i64> = (1..=23).rev().collect();
        assert_eq!(seen, expected, "{text}");
        assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 23);
    }
    let query = SalesQuery { cursor: Some("x".to_owned()), ..SalesQuery::default() };
    assert!(matches!(shop.house.till.sales(&shop.eve, &query), Err(TillError::Invalid { .. })));
}

/// Every way of searching walks an index backwards: nothing sorts or reads the whole table.
#[test]
fn no_search_reads_everything() {
    let (shop, _) = Shop::alone();
    let sale = shop.house.till.sale_add(&shop.bob, "price_0", 1).unwrap();
    shop.house.till.pay_cash(&shop.bob, &sale.id, 250).unwrap();
    let plans = shop
        .house
        .store
        .till
        .read::<_, TillError>(|db| {
            let range = "s.seq >= 1 AND s.seq < 9 AND s.business_date >= 'a' ORDER BY s.seq DESC LIMIT 5";
            let mut plans = Vec::new();
            for sql in [
                format!("SELECT s.id FROM sale s WHERE {range}"),
                format!("SELECT s.id FROM sale s WHERE s.number = 3 AND {range}"),
                format!("SELECT s.id FROM sale s WHERE s.total_minor = 3 AND {range}"),
                "SELECT DISTINCT s.id FROM attempt a JOIN sale s ON s.seq = a.sale_seq WHERE a.card_last4 = '4242'
                 AND a.sale_seq < 9 ORDER BY a.sale_seq DESC LIMIT 5"
                    .to_owned(),
            ] {
                let mut found = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let rows = found.query_map([], |row| row.get::<_, String>(3))?;
                plans.push(rows.collect::<Result<Vec<_>, _>>()?.join("; "));
            }
            Ok(plans)
        })
        .unwrap();
    for plan in plans {
        assert!(!plan.contains("SCAN") && !plan.contains("FOR ORDER BY"), "{plan}");
    }
}
