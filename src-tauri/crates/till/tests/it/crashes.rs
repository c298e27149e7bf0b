//! The program dies between any two steps and is started again: one charge or none, and Stripe and the till agree.

use std::sync::Arc;

use tillbook_till::crash::{NeverStops, PLACES};
use tillbook_till::view::{PaymentState, RefundReason, RefundState, SaleState};
use tillbook_till::{RefundAsked, TillError};

use crate::shop::{Shop, StopAt, VISA};

/// What a person was doing when the program died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Paying,
    /// The card is presented only after the program is gone.
    PayingLate,
    Canceling,
    /// The program dies a second time, while it settles what the first death left.
    Settling,
    Refunding,
}

const CREATING: &[&str] =
    &["payment_started", "create_marked_sent", "create_answered", "payment_intent_stored"];
const PRESENTING: &[&str] =
    &["reader_looked_at", "process_written", "process_marked_sent", "process_answered", "waiting"];
const ENDING: &[&str] = &["outcome_seen", "outcome_written"];
const CLOSING: &[&str] =
    &["cancel_action_marked_sent", "cancel_action_answered", "cancel_marked_sent", "cancel_answered"];
const REFUNDING: &[&str] = &["refund_written", "refund_marked_sent", "refund_answered", "refund_settled"];

#[test]
fn every_place_is_died_at() {
    let mut told: Vec<&str> = [CREATING, PRESENTING, ENDING, CLOSING, REFUNDING, &["cancel_asked"]].concat();
    let mut all = PLACES.to_vec();
    told.sort_unstable();
    all.sort_unstable();
    assert_eq!(told, all);
}

#[tokio::test]
async fn dying_while_creating() {
    for place in CREATING {
        die_and_settle(place, Doing::Paying).await;
    }
}

#[tokio::test]
async fn dying_while_the_card_is_presented() {
    for place in [PRESENTING, ENDING].concat() {
        die_and_settle(place, Doing::Paying).await;
    }
}

#[tokio::test]
async fn dying_before_the_card_is_presented() {
    for place in PRESENTING {
        die_and_settle(place, Doing::PayingLate).await;
    }
}

#[tokio::test]
async fn dying_while_canceling() {
    for place in [&["cancel_asked"], CLOSING, ENDING].concat() {
        die_and_settle(place, Doing::Canceling).await;
    }
}

#[tokio::test]
async fn dying_again_while_settling() {
    for place in [CLOSING, ENDING].concat() {
        die_and_settle(place, Doing::Settling).await;
    }
}

#[tokio::test]
async fn dying_while_refunding() {
    for place in REFUNDING {
        die_and_settle(place, Doing::Refunding).await;
    }
}

async fn die_and_settle(place: &'static str, doing: Doing) {
    let shop = Shop::open().await;
    let paid_before = if doing == Doing::Refunding { Some(shop.sell_by_card().await) } else { None };
    let plug = Arc::new(StopAt::default());
    let shop = shop.reopen(plug.clone());
    let sale = match &paid_before {
        Some(sale) => sale.clone(),
        None => shop.ring_up(),
    };
    let told = format!("{doing:?} at {place}");
    let first = if doing == Doing::Settling { "waiting" } else { place };
    *plug.0.lock().unwrap() = Some(first);
    assert!(act(&shop, &sale.id, doing).await, "{told} was not reached");
    *plug.0.lock().unwrap() = Some(place);
    let mut shop = shop.reopen(plug.clone());
    if doing == Doing::Settling {
        assert!(died(&shop.house.till.resolve().await), "{told} was not reached");
    }
    *plug.0.lock().unwrap() = None;
    shop = shop.reopen(Arc::new(NeverStops));
    if doing == Doing::PayingLate {
        // The customer taps although nobody watches any more.
        let hand = shop.hand(VISA);
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        drop(hand);
    }
    shop.house.till.resolve().await.unwrap();
    assert_eq!(shop.house.till.unsettled().unwrap(), 0, "{told}");
    let sale = shop.house.till.sale(&shop.bob, &sale.id).unwrap();
    let intents = shop.intents().await;
    let received: i64 = intents.iter().filter_map(|intent| intent["amount_received"].as_i64()).sum();
    assert_eq!(received, sale.paid_minor, "{told}: {intents:#?}");
    assert!(received == 0 || received == sale.total_minor, "{told}: charged {received}");
    for intent in &intents {
        let status = intent["status"].as_str().unwrap();
        assert!(matches!(status, "succeeded" | "canceled"), "{told}: left {status}");
    }
    assert!(sale.payments.iter().all(|payment| payment.state.is_final()), "{told}: {:?}", sale.payments);
    if doing == Doing::Refunding {
        check_refund(&shop, &sale, &told).await;
    } else {
        check_paid_or_free(&shop, &sale, &told).await;
    }
    assert!(shop.house.till.journal_check(&shop.eve).unwrap().intact, "{told}");
    // The reader and the till are free for the next customer.
    let next = shop.sell_by_card().await;
    assert_eq!(next.state, SaleState::Paid, "{told}: the next sale");
}

/// Does it until it is done or the plug is pulled; says whether it was.
async fn act(shop: &Shop, sale_id: &str, doing: Doing) -> bool {
    let till = &shop.house.till;
    if doing == Doing::Refunding {
        let asked = RefundAsked {
            sale_id: sale_id.to_owned(),
            amount_minor: None,
            reason: RefundReason::Duplicate,
            detail: None,
            approver: None,
        };
        return died(&till.refund(&shop.ada, &asked).await);
    }
    let started = till.pay_card_start(&shop.bob, sale_id, None);
    if died(&started) {
        return true;
    }
    let id = started.unwrap().payments.last().unwrap().attempt_id.clone();
    let hand = (doing == Doing::Paying).then(|| shop.hand(VISA));
    let dead = match doing {
        Doing::Paying => died(&till.drive(&id).await),
        _ => {
            // Nobody presents a card; after a while somebody presses the button, if that is the story.
            let driving = till.clone();
            let driven = id.clone();
            let driving = tokio::spawn(async move { driving.drive(&driven).await });
            if doing == Doing::Canceling {
                wait_for_the_card(shop, sale_id).await;
                let canceled = till.payment_cancel(&shop.bob, &id).await;
                died(&driving.await.unwrap()) || died(&canceled)
            } else {
                died(&driving.await.unwrap())
            }
        }
    };
    drop(hand);
    dead
}

async fn wait_for_the_card(shop: &Shop, sale_id: &str) {
    while shop.house.till.sale(&shop.bob, sale_id).unwrap().payments[0].state != PaymentState::WaitingForCard
    {
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
}

fn died<T>(outcome: &Result<T, TillError>) -> bool {
    match outcome {
        Ok(_) => false,
        Err(TillError::Stopped(_)) => true,
        Err(error) => panic!("{error}"),
    }
}

async fn check_paid_or_free(shop: &Shop, sale: &tillbook_till::view::Sale, told: &str) {
    let paid = sale.payments.iter().filter(|payment| payment.state == PaymentState::Paid).count();
    match sale.state {
        SaleState::Paid => assert_eq!(paid, 1, "{told}"),
        SaleState::Open => {
            assert_eq!(paid, 0, "{told}");
            let cash = shop.house.till.pay_cash(&shop.bob, &sale.id, sale.total_minor).unwrap();
            assert_eq!(cash.state, SaleState::Paid, "{told}");
        }
        other => panic!("{told}: {other:?}"),
    }
}

async fn check_refund(shop: &Shop, sale: &tillbook_till::view::Sale, told: &str) {
    let intent = sale.payments[0].payment_intent.clone().unwrap();
    let there = shop.refunds_at_stripe(&intent).await;
    let back: i64 = there.iter().filter_map(|refund| refund["amount"].as_i64()).sum();
    assert_eq!(back, sale.refunded_minor, "{told}");
    assert!(there.len() <= 1, "{told}");
    for refund in &sale.refunds {
        assert_ne!(refund.state, RefundState::Checking, "{told}");
    }
}
