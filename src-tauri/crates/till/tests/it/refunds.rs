//! Refunds of what was paid by card.

use tillbook_till::view::{RefundReason, RefundState, Sale, SaleState, Tender};
use tillbook_till::{Clash, Code, RefundAsked, TillError};

use crate::shop::{Shop, VISA};

fn ask(sale: &Sale, amount_minor: Option<i64>) -> RefundAsked {
    RefundAsked {
        sale_id: sale.id.clone(),
        amount_minor,
        reason: RefundReason::RequestedByCustomer,
        detail: Some("cup was broken".to_owned()),
        approver: None,
    }
}

#[tokio::test]
async fn part_then_all_then_nothing_more() {
    let shop = Shop::open().await;
    let sale = shop.sell_by_card().await;
    let till = &shop.house.till;
    let part = till.refund(&shop.ada, &ask(&sale, Some(60))).await.unwrap();
    assert_eq!((part.state, part.refunded_minor), (SaleState::PartRefunded, 60));
    let refund = &part.refunds[0];
    assert_eq!((refund.state, refund.tender), (RefundState::Succeeded, Tender::Card));
    let intent = part.payments[0].payment_intent.clone().unwrap();
    let there = &shop.refunds_at_stripe(&intent).await[0];
    assert_eq!(there["id"].as_str(), refund.refund.as_deref());
    let metadata = &there["metadata"];
    assert_eq!(
        (metadata["refunded_by"].as_str(), metadata["approved_by"].as_str()),
        (Some("Ada"), Some("Ada"))
    );
    assert_eq!(metadata["reason_detail"], "cup was broken");
    assert_eq!(metadata["refund_attempt_id"], refund.refund_attempt_id.as_str());
    let started = part.history.iter().find(|entry| entry.kind == "refund_started").unwrap();
    assert_eq!(metadata["journal_seq"], started.seq.to_string());
    let too_much = till.refund(&shop.ada, &ask(&sale, Some(sale.total_minor - 59))).await.unwrap_err();
    assert_eq!(too_much.code(), Code::Invalid);
    let whole = till.refund(&shop.ada, &ask(&sale, None)).await.unwrap();
    assert_eq!((whole.state, whole.refundable_minor), (SaleState::Refunded, 0));
    let more = till.refund(&shop.ada, &ask(&sale, None)).await.unwrap_err();
    assert!(matches!(more, TillError::Conflict(Clash::NothingToRefund)));
    assert_eq!(shop.refunds_at_stripe(&intent).await.len(), 2);
    assert!(till.journal_check(&shop.eve).unwrap().intact);
}

#[tokio::test]
async fn a_refund_goes_to_the_card_first_and_to_cash_for_the_rest() {
    let shop = Shop::open().await;
    let till = &shop.house.till;
    let sale = shop.ring_up();
    // Endings other than 00 steer the practice reader.
    let by_card = 100;
    let started = till.pay_card_part_start(&shop.bob, &sale.id, by_card, None).unwrap();
    let hand = shop.hand(VISA);
    till.drive(&started.payments[0].attempt_id).await.unwrap();
    drop(hand);
    till.pay_cash(&shop.bob, &sale.id, sale.total_minor).unwrap();
    let back = till.refund(&shop.ada, &ask(&sale, Some(by_card + 10))).await.unwrap();
    let parts: Vec<_> = back.refunds.iter().map(|refund| (refund.tender, refund.amount_minor)).collect();
    assert_eq!(parts, [(Tender::Card, by_card), (Tender::Cash, 10)]);
    let rest = till.refund(&shop.ada, &ask(&sale, None)).await.unwrap();
    assert_eq!((rest.state, rest.refunded_minor), (SaleState::Refunded, sale.total_minor));
}

#[tokio::test]
async fn what_must_not_be_in_a_reason_is_refused_before_anything_is_written() {
    let shop = Shop::open().await;
    let sale = shop.sell_by_card().await;
    for detail in ["card 4242424242424242", "key sk_live_51H0000000000000000000000000", &"x".repeat(301)] {
        let asked = RefundAsked { detail: Some((*detail).to_owned()), ..ask(&sale, None) };
        let refused = shop.house.till.refund(&shop.ada, &asked).await.unwrap_err();
        assert!(matches!(refused, TillError::Invalid { field: "detail", .. }), "{refused}");
    }
    assert!(shop.house.till.sale(&shop.bob, &sale.id).unwrap().refunds.is_empty());
}

#[tokio::test]
async fn an_unpaid_sale_is_not_refunded() {
    let shop = Shop::open().await;
    let sale = shop.ring_up();
    let refused = shop.house.till.refund(&shop.ada, &ask(&sale, None)).await.unwrap_err();
    assert!(matches!(refused, TillError::Conflict(Clash::NothingToRefund)), "{refused}");
}
