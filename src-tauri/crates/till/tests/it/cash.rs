//! Notes and coins.

use tillbook_till::view::{PaymentState, RefundReason, RefundState, SaleState, Tender};
use tillbook_till::{Clash, Code, RefundAsked, TillError};

use crate::shop::Shop;

#[test]
fn a_cash_sale_gives_change_and_is_in_the_journal() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    let sale = till.sale_add(&shop.bob, "price_1", 2).unwrap();
    let short = till.pay_cash(&shop.bob, &sale.id, 699).unwrap_err();
    assert!(
        matches!(&short, TillError::Invalid { field: "tendered_minor", message, .. } if message.contains("7.00 USD"))
    );
    assert_eq!(till.sale(&shop.bob, &sale.id).unwrap().payments.len(), 0);
    let paid = till.pay_cash(&shop.bob, &sale.id, 1_000).unwrap();
    assert_eq!((paid.state, paid.paid_minor, paid.remaining_minor), (SaleState::Paid, 700, 0));
    let payment = &paid.payments[0];
    assert_eq!(
        (payment.tender, payment.state, payment.amount_minor, payment.tendered_minor, payment.change_minor),
        (Tender::Cash, PaymentState::Paid, 700, Some(1_000), Some(300))
    );
    let kinds: Vec<_> = paid.history.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds, ["sale_opened", "payment_received", "sale_paid"]);
    assert!(till.sale_current(&shop.bob).unwrap().is_none());
    assert!(matches!(
        till.pay_cash(&shop.bob, &sale.id, 1_000).unwrap_err(),
        TillError::Conflict(Clash::SalePaid)
    ));
    assert!(matches!(
        till.sale_set_quantity(&shop.bob, &paid.lines[0].id, 1).unwrap_err(),
        TillError::Conflict(Clash::SalePaid)
    ));
    assert!(matches!(
        till.sale_void_of(&shop.bob, &sale.id).unwrap_err(),
        TillError::Conflict(Clash::SalePaid)
    ));
}

#[test]
fn nothing_is_not_sold_but_a_gift_is() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    let sale = till.sale_add(&shop.bob, "price_0", 1).unwrap();
    let empty = till.sale_set_quantity(&shop.bob, &sale.lines[0].id, 0).unwrap();
    assert!(matches!(
        till.pay_cash(&shop.bob, &empty.id, 0).unwrap_err(),
        TillError::Conflict(Clash::EmptySale)
    ));
    let gift = till.sale_add(&shop.bob, "price_4", 1).unwrap();
    assert_eq!(gift.total_minor, 0);
    let paid = till.pay_cash(&shop.bob, &gift.id, 0).unwrap();
    assert_eq!((paid.state, paid.paid_minor, paid.refundable_minor), (SaleState::Paid, 0, 0));
}

#[test]
fn absurd_amounts_are_refused() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    let sale = till.sale_add(&shop.bob, "price_0", 1).unwrap();
    for tendered in [i64::MIN, -1, 0, 249, i64::MAX] {
        assert_eq!(
            till.pay_cash(&shop.bob, &sale.id, tendered).unwrap_err().code(),
            Code::Invalid,
            "{tendered}"
        );
    }
}

#[tokio::test]
async fn cash_goes_back_as_cash_up_to_what_came_in() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    let sale = till.sale_add(&shop.bob, "price_0", 4).unwrap();
    till.pay_cash(&shop.bob, &sale.id, 1_000).unwrap();
    let ask = |amount_minor| RefundAsked {
        sale_id: sale.id.clone(),
        amount_minor,
        reason: RefundReason::RequestedByCustomer,
        detail: Some("cold".to_owned()),
        approver: None,
    };
    let part = till.refund(&shop.ada, &ask(Some(300))).await.unwrap();
    assert_eq!((part.state, part.refunded_minor, part.refundable_minor), (SaleState::PartRefunded, 300, 700));
    assert_eq!((part.refunds[0].tender, part.refunds[0].state), (Tender::Cash, RefundState::Succeeded));
    for bad in [Some(701), Some(0), Some(-1), Some(i64::MAX)] {
        assert_eq!(till.refund(&shop.ada, &ask(bad)).await.unwrap_err().code(), Code::Invalid, "{bad:?}");
    }
    let whole = till.refund(&shop.ada, &ask(None)).await.unwrap();
    assert_eq!((whole.state, whole.refunded_minor, whole.refundable_minor), (SaleState::Refunded, 1_000, 0));
    assert!(matches!(
        till.refund(&shop.ada, &ask(None)).await.unwrap_err(),
        TillError::Conflict(Clash::NothingToRefund)
    ));
}
