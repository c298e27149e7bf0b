//! Two hands at one till.

use tillbook_till::view::{RefundReason, SaleState};
use tillbook_till::{Code, RefundAsked};

use crate::shop::{Shop, VISA};

#[tokio::test]
async fn a_double_click_makes_one_payment() {
    let shop = Shop::open().await;
    for _ in 0..5 {
        let sale = shop.ring_up();
        let started = std::thread::scope(|scope| {
            let (till, bob, id) = (&shop.house.till, &shop.bob, &sale.id);
            let clicks: Vec<_> =
                (0..4).map(|_| scope.spawn(move || till.pay_card_start(bob, id, None))).collect();
            clicks.into_iter().map(|click| click.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(started.iter().filter(|click| click.is_ok()).count(), 1);
        for refused in started.iter().filter_map(|click| click.as_ref().err()) {
            assert_eq!(refused.code(), Code::Conflict, "{refused}");
        }
        let seen = shop.house.till.sale(&shop.bob, &sale.id).unwrap();
        assert_eq!(seen.payments.len(), 1);
        let id = seen.payments[0].attempt_id.clone();
        shop.house.till.payment_cancel(&shop.bob, &id).await.unwrap();
    }
}

#[tokio::test]
async fn two_drivers_of_one_payment_charge_once() {
    let shop = Shop::open().await;
    let sale = shop.ring_up();
    let payment = shop.start_card(&sale);
    let hand = shop.hand(VISA);
    let drives: Vec<_> = (0..3)
        .map(|_| {
            let (till, id) = (shop.house.till.clone(), payment.attempt_id.clone());
            tokio::spawn(async move { till.drive(&id).await.unwrap() })
        })
        .collect();
    for drive in drives {
        assert_eq!(drive.await.unwrap().state, SaleState::Paid);
    }
    drop(hand);
    assert_eq!(shop.proxy().seen("POST", "process_payment_intent").len(), 1);
    assert_eq!(shop.intents().await.len(), 1);
}

#[test]
fn cash_paid_twice_at_once_is_taken_once() {
    let (shop, _) = Shop::alone();
    let sale = shop.house.till.sale_add(&shop.bob, "price_0", 1).unwrap();
    let taken = std::thread::scope(|scope| {
        let (till, bob, id) = (&shop.house.till, &shop.bob, &sale.id);
        let hands: Vec<_> = (0..6).map(|_| scope.spawn(move || till.pay_cash(bob, id, 500))).collect();
        hands.into_iter().filter(|_| true).map(|hand| hand.join().unwrap()).filter(Result::is_ok).count()
    });
    assert_eq!(taken, 1);
    let sale = shop.house.till.sale(&shop.bob, &sale.id).unwrap();
    assert_eq!((sale.payments.len(), sale.paid_minor), (1, 250));
}

/// However refunds of one sale overlap: what Stripe gave back is what the till says, and never more than was paid.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refunds_at_once_never_exceed_what_was_paid() {
    let shop = Shop::open().await;
    for seed in 0_i64..4 {
        let sale = shop.sell_by_card().await;
        let total = sale.total_minor;
        let asks: Vec<Option<i64>> = (1..=6)
            .map(|n| if (n + seed) % 4 == 0 { None } else { Some((total * (n + seed)) / 11) })
            .collect();
        let running: Vec<_> = asks
            .into_iter()
            .map(|amount_minor| {
                let (till, ada, sale_id) = (shop.house.till.clone(), shop.ada.clone(), sale.id.clone());
                tokio::spawn(async move {
                    let asked = RefundAsked {
                        sale_id,
                        amount_minor,
                        reason: RefundReason::RequestedByCustomer,
                        detail: None,
                        approver: None,
                    };
                    till.refund(&ada, &asked).await
                })
            })
            .collect();
        for one in running {
            if let Err(refused) = one.await.unwrap() {
                assert!(matches!(refused.code(), Code::Invalid | Code::Conflict), "{refused}");
            }
        }
        let sale = shop.house.till.sale(&shop.bob, &sale.id).unwrap();
        let intent = sale.payments[0].payment_intent.clone().unwrap();
        let back: i64 =
            shop.refunds_at_stripe(&intent).await.iter().filter_map(|refund| refund["amount"].as_i64()).sum();
        assert_eq!(back, sale.refunded_minor);
        assert!(back <= total && sale.refundable_minor == total - back, "{back} of {total}");
    }
}
