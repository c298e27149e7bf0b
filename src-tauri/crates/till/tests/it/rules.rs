//! What may be done to a sale while it is rung up.

use tillbook_till::view::{SaleState, ScanOutcome};
use tillbook_till::{Clash, Code, LineInput, TillError};

use crate::shop::Shop;

#[test]
fn the_same_item_adds_up_and_prices_are_the_catalogue_s() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    till.sale_add(&shop.bob, "price_0", 2).unwrap();
    till.sale_add(&shop.bob, "price_1", 1).unwrap();
    let sale = till.sale_add(&shop.bob, "price_0", 3).unwrap();
    assert_eq!(sale.lines.len(), 2);
    assert_eq!((sale.lines[0].quantity, sale.lines[0].total_minor), (5, 1_250));
    assert_eq!((sale.total_minor, sale.remaining_minor, sale.number), (1_600, 1_600, 1));
    assert_eq!(sale.state, SaleState::Open);
    assert!(sale.history.is_empty());
    assert_eq!(till.sale_current(&shop.bob).unwrap().unwrap(), sale);
    let nothing = till.sale_add(&shop.bob, "price_unheard_of", 1).unwrap_err();
    assert_eq!(nothing.code(), Code::NotFound);
}

#[test]
fn quantities_and_totals_are_bounded() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    for bad in [i64::MIN, -1, 0, 10_000] {
        assert_eq!(till.sale_add(&shop.bob, "price_0", bad).unwrap_err().code(), Code::Invalid, "{bad}");
    }
    let sale = till.sale_add(&shop.bob, "price_0", 9_999).unwrap();
    assert_eq!(till.sale_add(&shop.bob, "price_0", 1).unwrap_err().code(), Code::Invalid);
    assert_eq!(till.sale_add(&shop.bob, "price_5", 9_999).unwrap_err().code(), Code::Invalid);
    assert_eq!(till.sale_current(&shop.bob).unwrap().unwrap(), sale, "a refused change changes nothing");
    let line = &sale.lines[0].id;
    assert_eq!(till.sale_set_quantity(&shop.bob, line, -1).unwrap_err().code(), Code::Invalid);
    assert_eq!(till.sale_set_quantity(&shop.bob, line, 3).unwrap().total_minor, 750);
    let empty = till.sale_set_quantity(&shop.bob, line, 0).unwrap();
    assert_eq!((empty.lines.len(), empty.total_minor, empty.number), (0, 0, 0));
    assert!(matches!(till.sale_park(&shop.bob).unwrap_err(), TillError::Conflict(Clash::EmptySale)));
}

#[test]
fn a_scan_finds_goods_and_forgets_cards() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    for code in ["4006381333931", "SKU-0", "thing_0", " 4006381333931\r\n"] {
        assert!(
            matches!(till.scan(&shop.bob, code).unwrap(), ScanOutcome::Added { name, .. } if name == "Espresso"),
            "{code}"
        );
    }
    // 14 digits, and known: a case's code wins over what it looks like.
    let added = till.scan(&shop.bob, "04006381333931").unwrap();
    assert!(matches!(added, ScanOutcome::Added { name, .. } if name == "Case of Coffee"));
    for card in ["4242424242424242", "%B4242424242424242^DOE/JOHN^3012101?", ";4242424242424242=30121010000?"]
    {
        assert_eq!(till.scan(&shop.bob, card).unwrap(), ScanOutcome::Discarded, "{card}");
    }
    let unknown = till.scan(&shop.bob, "9999999999994").unwrap();
    assert_eq!(unknown, ScanOutcome::Unknown { code: "9999999999994".to_owned() });
    assert_eq!(till.scan(&shop.bob, &"7".repeat(5_000)).unwrap(), ScanOutcome::Discarded);
    assert_eq!(till.scan(&shop.bob, " \r\n").unwrap_err().code(), Code::Invalid);
}

#[test]
fn parked_sales_come_back_and_one_is_rung_up_at_a_time() {
    let (shop, clock) = Shop::alone();
    let till = &shop.house.till;
    let first = till.sale_add(&shop.bob, "price_0", 1).unwrap();
    till.sale_park(&shop.bob).unwrap();
    clock.advance_ms(1_000);
    assert!(till.sale_current(&shop.bob).unwrap().is_none());
    let second = till.sale_add(&shop.bob, "price_1", 1).unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!((first.number, second.number), (1, 2));
    let parked = till.sale_parked(&shop.bob).unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].summary.as_str(), parked[0].total_minor), ("Espresso", 250));
    assert!(matches!(
        till.sale_resume(&shop.bob, &first.id).unwrap_err(),
        TillError::Conflict(Clash::AnotherSale)
    ));
    till.sale_void(&shop.bob).unwrap();
    assert_eq!(till.sale(&shop.bob, &second.id).unwrap().state, SaleState::Void);
    let back = till.sale_resume(&shop.bob, &first.id).unwrap();
    assert_eq!((back.state, back.id.as_str()), (SaleState::Open, first.id.as_str()));
    assert!(matches!(
        till.sale_resume(&shop.bob, &second.id).unwrap_err(),
        TillError::Conflict(Clash::AnotherSale)
    ));
    till.sale_void(&shop.bob).unwrap();
    assert_eq!(till.sale_void(&shop.bob).unwrap_err().code(), Code::NotFound);
}

#[test]
fn a_sale_survives_the_end_of_the_program() {
    let (shop, _) = Shop::alone();
    let sale = shop.house.till.sale_add(&shop.bob, "price_0", 2).unwrap();
    let shop = shop.reopen(std::sync::Arc::new(tillbook_till::crash::NeverStops));
    assert_eq!(shop.house.till.sale_current(&shop.bob).unwrap().unwrap(), sale);
}

#[test]
fn a_sale_rung_up_at_once_is_all_or_nothing_and_leaves_the_screen_alone() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    let on_screen = till.sale_add(&shop.bob, "price_0", 1).unwrap();
    let line = |price: &str, quantity| LineInput { price_id: price.to_owned(), quantity };
    let refused = till.sale_ring_up(&shop.bob, &[line("price_0", 9_999), line("price_0", 1)]).unwrap_err();
    assert_eq!(refused.code(), Code::Invalid);
    let sale =
        till.sale_ring_up(&shop.bob, &[line("price_0", 1), line("price_1", 2), line("price_0", 1)]).unwrap();
    assert_eq!(
        (sale.total_minor, sale.lines.len(), sale.number),
        (1_200, 2, 2),
        "the refused one left no number"
    );
    assert_eq!(till.sale_current(&shop.bob).unwrap().unwrap().id, on_screen.id);
}
