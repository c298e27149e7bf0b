//! Requests and answers that get lost. However it happens: one charge at most, and no sale left in doubt for long.

use std::sync::Arc;

use tillbook_till::crash::NeverStops;
use tillbook_till::view::{PaymentState, RefundReason, RefundState, Sale, SaleState};
use tillbook_till::{RefundAsked, Till};

use crate::proxy::Fault;
use crate::shop::{Shop, StopAt, VISA};

async fn pay(shop: &Shop) -> Sale {
    let sale = shop.ring_up();
    let payment = shop.start_card(&sale);
    let hand = shop.hand(VISA);
    let seen = shop.house.till.drive(&payment.attempt_id).await.unwrap();
    drop(hand);
    seen
}

async fn charges(shop: &Shop) -> usize {
    shop.intents().await.iter().filter(|intent| intent["status"] == "succeeded").count()
}

#[tokio::test]
async fn a_lost_create_is_replayed_with_its_key() {
    for fault in [Fault::LoseRequest, Fault::LoseAnswer] {
        let shop = Shop::open().await;
        shop.proxy().fault("POST", "/v1/payment_intents", fault, 1);
        let sale = pay(&shop).await;
        assert_eq!(sale.state, SaleState::Paid, "{fault:?}");
        assert_eq!(shop.intents().await.len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_create_that_is_lost_for_good_frees_the_sale() {
    let shop = Shop::open().await;
    shop.proxy().fault("POST", "/v1/payment_intents", Fault::LoseAnswer, 100);
    let sale = pay(&shop).await;
    assert_eq!((sale.state, sale.payments[0].state), (SaleState::Open, PaymentState::Canceled));
    shop.house.till.pay_cash(&shop.bob, &sale.id, sale.total_minor).unwrap();
    // What is left at Stripe is canceled once Stripe answers.
    shop.proxy().clear();
    shop.house.till.resolve().await.unwrap();
    let intents = shop.intents().await;
    assert_eq!(intents.len(), 1);
    assert_eq!(intents[0]["status"], "canceled");
}

#[tokio::test]
async fn a_lost_answer_to_process_is_asked_and_closed_and_never_sent_again() {
    for fault in [Fault::LoseRequest, Fault::LoseAnswer, Fault::Answer500] {
        let shop = Shop::open().await;
        shop.proxy().fault("POST", "process_payment_intent", fault, 1);
        let sale = shop.ring_up();
        let payment = shop.start_card(&sale);
        let sale = shop.house.till.drive(&payment.attempt_id).await.unwrap();
        assert_eq!(sale.payments[0].state, PaymentState::Canceled, "{fault:?}");
        assert!(sale.payments[0].notice.is_some());
        assert!(shop.proxy().seen("POST", "process_payment_intent").len() <= 1, "{fault:?}");
        assert_eq!(shop.intents().await[0]["status"], "canceled", "{fault:?}");
        let paid = pay(&shop).await;
        assert_eq!(paid.state, SaleState::Paid, "the reader is free again");
    }
}

#[tokio::test]
async fn a_line_that_dies_while_the_card_is_presented_does_not_lose_the_payment() {
    let shop = Shop::open().await;
    let sale = shop.ring_up();
    let payment = shop.start_card(&sale);
    let till = shop.house.till.clone();
    let id = payment.attempt_id.clone();
    let driving = tokio::spawn(async move { till.drive(&id).await });
    wait_for(&shop.house.till, &shop, &sale.id, PaymentState::WaitingForCard).await;
    shop.proxy().cut(true);
    let hand = shop.hand(VISA);
    let unsure = driving.await.unwrap().unwrap();
    assert_eq!((unsure.state, unsure.payments[0].state), (SaleState::Checking, PaymentState::Checking));
    assert!(unsure.payments[0].actions.is_empty(), "nobody may try again while money may have moved");
    assert!(shop.house.till.pay_cash(&shop.bob, &sale.id, 100_000).is_err());
    while charges(&shop).await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    drop(hand);
    shop.proxy().clear();
    let settled = shop.house.till.resolve().await.unwrap();
    assert_eq!(settled.len(), 1);
    let sale = shop.house.till.sale(&shop.bob, &sale.id).unwrap();
    assert_eq!((sale.state, sale.paid_minor), (SaleState::Paid, sale.total_minor));
    assert_eq!(charges(&shop).await, 1);
}

async fn wait_for(till: &Till, shop: &Shop, sale_id: &str, state: PaymentState) {
    while till.sale(&shop.bob, sale_id).unwrap().payments[0].state != state {
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
}

#[tokio::test]
async fn without_a_line_nothing_is_sent_and_the_sale_is_free_at_once() {
    let shop = Shop::open().await;
    shop.proxy().cut(true);
    let sale = pay_without_hand(&shop).await;
    assert_eq!((sale.state, sale.payments[0].state), (SaleState::Open, PaymentState::Canceled));
    assert_eq!(sale.payments[0].notice.as_ref().unwrap().code, "offline");
    let paid = shop.house.till.pay_cash(&shop.bob, &sale.id, sale.total_minor).unwrap();
    assert_eq!(paid.state, SaleState::Paid);
    shop.proxy().clear();
    assert!(shop.house.till.resolve().await.unwrap().is_empty());
    assert!(shop.intents().await.is_empty());
}

async fn pay_without_hand(shop: &Shop) -> Sale {
    let sale = shop.ring_up();
    let payment = shop.start_card(&sale);
    shop.house.till.drive(&payment.attempt_id).await.unwrap()
}

fn all_of(sale: &Sale) -> RefundAsked {
    RefundAsked {
        sale_id: sale.id.clone(),
        amount_minor: None,
        reason: RefundReason::RequestedByCustomer,
        detail: None,
        approver: None,
    }
}

#[tokio::test]
async fn a_lost_refund_is_found_or_replayed_once() {
    for fault in [Fault::LoseRequest, Fault::LoseAnswer, Fault::Answer500] {
        let shop = Shop::open().await;
        let sale = shop.sell_by_card().await;
        shop.proxy().fault("POST", "/v1/refunds", fault, 1);
        let seen = shop.house.till.refund(&shop.ada, &all_of(&sale)).await.unwrap();
        assert_eq!(seen.refunds[0].state, RefundState::Succeeded, "{fault:?}");
        let intent = seen.payments[0].payment_intent.clone().unwrap();
        assert_eq!(shop.refunds_at_stripe(&intent).await.len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_refund_in_doubt_is_not_asked_for_twice_and_settles_later() {
    let shop = Shop::open().await;
    let sale = shop.sell_by_card().await;
    shop.proxy().fault("POST", "/v1/refunds", Fault::LoseAnswer, 1);
    shop.proxy().fault("GET", "/v1/refunds", Fault::LoseRequest, 100);
    let unsure = shop.house.till.refund(&shop.ada, &all_of(&sale)).await.unwrap();
    assert_eq!(unsure.refunds[0].state, RefundState::Checking);
    assert_eq!(unsure.refundable_minor, 0, "an unknown refund counts");
    assert!(shop.house.till.refund(&shop.ada, &all_of(&sale)).await.is_err());
    shop.proxy().clear();
    let shop = shop.reopen(Arc::new(NeverStops));
    assert_eq!(shop.house.till.resolve().await.unwrap().len(), 1);
    let settled = shop.house.till.sale(&shop.bob, &sale.id).unwrap();
    assert_eq!((settled.state, settled.refunds[0].state), (SaleState::Refunded, RefundState::Succeeded));
    let intent = settled.payments[0].payment_intent.clone().unwrap();
    assert_eq!(shop.refunds_at_stripe(&intent).await.len(), 1);
}

const DAY_MS: i64 = 21 * 3_600_000;

/// Stripe keeps keys for a day: after that a replay would make a second one, so it is looked for instead.
#[tokio::test]
async fn after_a_day_a_create_is_looked_for_and_not_replayed() {
    let (shop, hands) = Shop::open_in_time().await;
    let plug = Arc::new(StopAt::default());
    let shop = shop.reopen(plug.clone());
    let sale = shop.ring_up();
    let payment = shop.start_card(&sale);
    *plug.0.lock().unwrap() = Some("create_answered");
    shop.house.till.drive(&payment.attempt_id).await.unwrap_err();
    hands.advance_ms(DAY_MS);
    let shop = shop.reopen(Arc::new(NeverStops));
    shop.house.till.resolve().await.unwrap();
    let intents = shop.intents().await;
    assert_eq!((intents.len(), intents[0]["status"].as_str()), (1, Some("canceled")));
    let creates = shop.proxy().seen("POST", "/v1/payment_intents");
    assert_eq!(creates.iter().filter(|seen| seen.path == "/v1/payment_intents").count(), 1);
}

#[tokio::test]
async fn after_a_day_a_refund_is_looked_for_and_not_replayed() {
    for (place, state, there) in
        [("refund_answered", RefundState::Succeeded, 1), ("refund_marked_sent", RefundState::Canceled, 0)]
    {
        let (shop, hands) = Shop::open_in_time().await;
        let sale = shop.sell_by_card().await;
        let plug = Arc::new(StopAt::default());
        let shop = shop.reopen(plug.clone());
        *plug.0.lock().unwrap() = Some(place);
        shop.house.till.refund(&shop.ada, &all_of(&sale)).await.unwrap_err();
        hands.advance_ms(DAY_MS);
        let shop = shop.reopen(Arc::new(NeverStops));
        shop.house.till.resolve().await.unwrap();
        let seen = shop.house.till.sale(&shop.bob, &sale.id).unwrap();
        assert_eq!(seen.refunds[0].state, state, "{place}");
        assert_eq!(shop.proxy().seen("POST", "/v1/refunds").len(), there, "{place}: never sent again");
        let intent = sale.payments[0].payment_intent.clone().unwrap();
        assert_eq!(shop.refunds_at_stripe(&intent).await.len(), there, "{place}");
        assert_eq!(seen.refundable_minor, if there == 1 { 0 } else { sale.total_minor });
    }
}

/// Whatever gets lost in whatever order: when the storm is over, the till and Stripe agree to the cent, nobody was
/// charged twice, and the next customer can pay.
#[tokio::test]
async fn storms() {
    const LINES: &[(&str, &str)] = &[
        ("POST", "/v1/payment_intents"),
        ("POST", "process_payment_intent"),
        ("POST", "cancel_action"),
        ("POST", "/cancel"),
        ("POST", "/v1/refunds"),
        ("GET", "/v1/payment_intents"),
        ("GET", "/v1/terminal/readers"),
        ("GET", "/v1/refunds"),
        ("GET", "/v1/account"),
    ];
    const FAULTS: &[Fault] = &[Fault::LoseRequest, Fault::LoseAnswer, Fault::Answer500];
    let mut shop = Shop::open().await;
    for seed in 1_u64..=10 {
        let mut dice = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut roll = |sides: usize| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            usize::try_from(dice % u64::try_from(sides).unwrap()).unwrap()
        };
        for _ in 0..4 {
            let (method, part) = LINES[roll(LINES.len())];
            let times = u32::try_from(1 + roll(3)).unwrap();
            shop.proxy().fault(method, part, FAULTS[roll(FAULTS.len())], times);
        }
        let sale = pay(&shop).await;
        if sale.refundable_minor > 0 {
            shop.house.till.refund(&shop.ada, &all_of(&sale)).await.unwrap();
        } else if roll(2) == 0 && sale.payments.iter().any(|payment| !payment.state.is_final()) {
            shop.house.till.payment_cancel(&shop.bob, &sale.payments[0].attempt_id).await.unwrap();
        }
        shop.proxy().clear();
        shop = shop.reopen(Arc::new(NeverStops));
        shop.house.till.resolve().await.unwrap();
        assert_eq!(shop.house.till.unsettled().unwrap(), 0, "seed {seed}");
        agree(&shop, &sale.id, seed).await;
    }
    assert!(shop.house.till.journal_check(&shop.eve).unwrap().intact);
    assert_eq!(pay(&shop).await.state, SaleState::Paid);
}

async fn agree(shop: &Shop, sale_id: &str, seed: u64) {
    let sale = shop.house.till.sale(&shop.bob, sale_id).unwrap();
    let (mut received, mut back) = (0, 0);
    for intent in shop.intents().await {
        assert!(intent["status"] == "succeeded" || intent["status"] == "canceled", "seed {seed}: {intent}");
        if intent["metadata"]["sale_id"] == sale_id {
            received += intent["amount_received"].as_i64().unwrap();
            for refund in shop.refunds_at_stripe(intent["id"].as_str().unwrap()).await {
                back += refund["amount"].as_i64().unwrap();
            }
        }
    }
    assert_eq!((received, back), (sale.paid_minor, sale.refunded_minor), "seed {seed}: {sale:#?}");
    assert!(received == 0 || received == sale.total_minor, "seed {seed}");
}
