//! Cards on the practice reader, with a line that works.

use tillbook_stripe::Form;
use tillbook_till::view::{PaymentAction, PaymentState, SaleState};
use tillbook_till::{Clash, Code, TillError};

use crate::shop::{DECLINED, STOLEN, Shop, VISA};

#[tokio::test]
async fn a_whole_sale_by_card() {
    let shop = Shop::open().await;
    let sale = shop.sell_by_card().await;
    assert_eq!((sale.state, sale.paid_minor, sale.remaining_minor), (SaleState::Paid, sale.total_minor, 0));
    let payment = &sale.payments[0];
    assert_eq!(payment.state, PaymentState::Paid);
    assert_eq!((payment.card_brand.as_deref(), payment.card_last4.as_deref()), (Some("visa"), Some("4242")));
    assert!(payment.fee_minor.is_some_and(|fee| fee > 0), "{payment:?}");
    assert!(payment.notice.is_none() && payment.actions.is_empty());
    let intents = shop.intents().await;
    assert_eq!(intents.len(), 1);
    let intent = &intents[0];
    assert_eq!(intent["status"], "succeeded");
    assert_eq!(intent["amount_received"], sale.total_minor);
    assert_eq!(intent["id"].as_str(), payment.payment_intent.as_deref());
    let metadata = &intent["metadata"];
    assert_eq!(metadata["attempt_id"], payment.attempt_id.as_str());
    assert_eq!(metadata["sale_id"], sale.id.as_str());
    assert_eq!(metadata["purpose"], "counter_sale");
    let started = sale.history.iter().find(|entry| entry.kind == "payment_started").unwrap();
    assert_eq!(metadata["journal_seq"], started.seq.to_string());
    assert_eq!(metadata["journal_head"].as_str().unwrap().len(), 64);
    let account = shop.practice.as_ref().unwrap().account.clone();
    assert_eq!(metadata["workspace_id"], account.as_str());
    let process = shop.proxy().seen("POST", "process_payment_intent");
    let create = shop.proxy().seen("POST", "/v1/payment_intents");
    assert_eq!((process.len(), create.len()), (1, 1));
    assert!(create[0].body.contains("allowed_payment_method_types") && !create[0].body.contains("confirm="));
    assert_ne!(create[0].idempotency_key, process[0].idempotency_key);
    assert!(shop.house.till.journal_check(&shop.eve).unwrap().intact);
}

#[tokio::test]
async fn a_decline_is_neutral_and_another_card_pays_the_same_payment() {
    let shop = Shop::open().await;
    let sale = shop.ring_up();
    let payment = shop.start_card(&sale);
    for number in [STOLEN, DECLINED] {
        let hand = shop.hand(number);
        let sale = shop.house.till.drive(&payment.attempt_id).await.unwrap();
        drop(hand);
        assert_eq!((sale.state, sale.paid_minor), (SaleState::Open, 0));
        let seen = &sale.payments[0];
        assert_eq!(seen.state, PaymentState::Declined);
        assert_eq!(seen.notice.as_ref().unwrap().code, "card_declined");
        assert_eq!(seen.actions, [PaymentAction::TryAgain, PaymentAction::Cancel]);
        // Until it is final nothing may take its place.
        let cash = shop.house.till.pay_cash(&shop.bob, &sale.id, 100_000).unwrap_err();
        assert!(matches!(cash, TillError::Conflict(Clash::PaymentOpen)), "{cash}");
        let again = shop.house.till.payment_try_again(&shop.bob, &payment.attempt_id).unwrap();
        assert_eq!(again.payments[0].state, PaymentState::Starting);
    }
    let hand = shop.hand(VISA);
    let paid = shop.house.till.drive(&payment.attempt_id).await.unwrap();
    drop(hand);
    assert_eq!((paid.state, paid.payments.len()), (SaleState::Paid, 1));
    assert_eq!(shop.intents().await.len(), 1, "the same PaymentIntent was presented three times");
    let keys: std::collections::HashSet<_> = shop
        .proxy()
        .seen("POST", "process_payment_intent")
        .into_iter()
        .map(|seen| seen.idempotency_key)
        .collect();
    assert_eq!(keys.len(), 3, "each presentation has a key of its own");
}

#[tokio::test]
async fn a_declined_payment_is_canceled_and_cash_is_taken() {
    let shop = Shop::open().await;
    let sale = shop.ring_up();
    let payment = shop.start_card(&sale);
    let hand = shop.hand(DECLINED);
    shop.house.till.drive(&payment.attempt_id).await.unwrap();
    drop(hand);
    let canceled = shop.house.till.payment_cancel(&shop.bob, &payment.attempt_id).await.unwrap();
    assert_eq!(canceled.payments[0].state, PaymentState::Canceled);
    assert_eq!(shop.intents().await[0]["status"], "canceled");
    let paid = shop.house.till.pay_cash(&shop.bob, &sale.id, sale.total_minor).unwrap();
    assert_eq!((paid.state, paid.paid_minor), (SaleState::Paid, sale.total_minor));
    let late = shop.house.till.payment_cancel(&shop.bob, &payment.attempt_id).await.unwrap_err();
    assert!(matches!(late, TillError::Conflict(Clash::PaymentEnded)));
}

#[tokio::test]
async fn cancel_while_the_reader_waits_ends_reader_and_payment() {
    let shop = Shop::open().await;
    let sale = shop.ring_up();
    let payment = shop.start_card(&sale);
    let till = shop.house.till.clone();
    let id = payment.attempt_id.clone();
    let driving = tokio::spawn(async move { till.drive(&id).await });
    while shop.house.till.sale(&shop.bob, &sale.id).unwrap().payments[0].state != PaymentState::WaitingForCard
    {
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    let canceled = shop.house.till.payment_cancel(&shop.bob, &payment.attempt_id).await.unwrap();
    assert_eq!((canceled.payments[0].state, canceled.state), (PaymentState::Canceled, SaleState::Open));
    assert_eq!(driving.await.unwrap().unwrap().payments[0].state, PaymentState::Canceled);
    assert_eq!(shop.intents().await[0]["status"], "canceled");
    let reader = crate::shop::reader_id(&shop.stripe()).await;
    let action = &shop.stripe_get(&format!("/v1/terminal/readers/{reader}")).await["action"];
    assert!(action.is_null() || action["status"] != "in_progress", "{action}");
    // The sale may now be paid by card anew.
    let payment = shop.start_card(&sale);
    let hand = shop.hand(VISA);
    let paid = shop.house.till.drive(&payment.attempt_id).await.unwrap();
    drop(hand);
    assert_eq!((paid.state, paid.payments.len()), (SaleState::Paid, 2));
}

#[tokio::test]
async fn what_a_card_cannot_pay_is_refused_before_stripe_hears_of_it() {
    let shop = Shop::open().await;
    let till = &shop.house.till;
    let sale = shop.ring_up();
    let part = |amount| till.pay_card_part_start(&shop.bob, &sale.id, amount, None).unwrap_err();
    assert!(matches!(part(49), TillError::AmountTooSmall { minimum_minor: 50, .. }));
    assert!(matches!(part(0), TillError::AmountTooSmall { .. }));
    assert_eq!(part(sale.total_minor + 1).code(), Code::Invalid);
    let unknown = till.pay_card_start(&shop.bob, &sale.id, Some("tmr_other")).unwrap_err();
    assert!(matches!(unknown, TillError::Reader { reason: tillbook_till::view::Reason::ReaderUnknown, .. }));
    assert!(till.sale(&shop.bob, &sale.id).unwrap().payments.is_empty());
    assert!(shop.proxy().seen("POST", "/").is_empty());
    let (alone, _) = Shop::alone();
    let sale = alone.house.till.sale_add(&alone.bob, "price_0", 1).unwrap();
    assert!(matches!(alone.house.till.pay_card_start(&alone.bob, &sale.id, None), Err(TillError::NoKey)));
}

#[tokio::test]
async fn a_sale_paid_by_two_cards_and_cash() {
    let shop = Shop::open().await;
    let till = &shop.house.till;
    let sale = shop.ring_up();
    // Endings other than 00 steer the practice reader.
    let third = 100;
    let hand = shop.hand(VISA);
    for _ in 0..2 {
        let started = till.pay_card_part_start(&shop.bob, &sale.id, third, None).unwrap();
        let id = started.payments.last().unwrap().attempt_id.clone();
        till.drive(&id).await.unwrap();
    }
    drop(hand);
    let paid = till.pay_cash(&shop.bob, &sale.id, sale.total_minor).unwrap();
    assert_eq!((paid.state, paid.paid_minor, paid.payments.len()), (SaleState::Paid, sale.total_minor, 3));
    assert_eq!(paid.payments[2].amount_minor, sale.total_minor - 2 * third);
}

#[tokio::test]
async fn what_another_till_does_on_the_reader_is_left_alone() {
    let shop = Shop::open().await;
    let reader = crate::shop::reader_id(&shop.stripe()).await;
    let other = Form::from(serde_json::json!({
        "amount": 777, "currency": "usd", "allowed_payment_method_types": ["card_present"],
    }));
    let intent = shop.stripe_post("/v1/payment_intents", &other).await;
    let path = format!("/v1/terminal/readers/{reader}/process_payment_intent");
    let process = Form::new().with("payment_intent", intent["id"].as_str().unwrap());
    shop.stripe_post(&path, &process).await;
    let sale = shop.ring_up();
    let payment = shop.start_card(&sale);
    let seen = shop.house.till.drive(&payment.attempt_id).await.unwrap();
    assert_eq!(seen.payments[0].state, PaymentState::Declined);
    assert_eq!(seen.payments[0].notice.as_ref().unwrap().code, "reader_busy");
    assert!(shop.proxy().seen("POST", "cancel_action").is_empty());
    let action = &shop.stripe_get(&format!("/v1/terminal/readers/{reader}")).await["action"];
    assert_eq!(action["process_payment_intent"]["payment_intent"], intent["id"]);
    // Nobody was asked to pay, so the sale is free at once.
    let canceled = shop.house.till.payment_cancel(&shop.bob, &payment.attempt_id).await.unwrap();
    assert_eq!(canceled.payments[0].state, PaymentState::Canceled);
    assert_eq!(shop.intents().await[0]["status"], "canceled");
}

#[tokio::test]
async fn a_tip_on_the_reader_is_received_beyond_the_total_and_can_be_given_back() {
    let shop = Shop::open().await;
    let till = &shop.house.till;
    let sale = shop.ring_up();
    let payment = shop.start_card(&sale);
    let hand = shop.hand_with_tip(VISA, 75);
    let paid = till.drive(&payment.attempt_id).await.unwrap();
    drop(hand);
    assert_eq!((paid.state, paid.remaining_minor), (SaleState::Paid, 0));
    assert_eq!(paid.paid_minor, paid.total_minor + 75, "paid is what Stripe received");
    assert_eq!(paid.payments[0].amount_minor, paid.total_minor);
    let asked = tillbook_till::RefundAsked {
        sale_id: sale.id.clone(),
        amount_minor: None,
        reason: tillbook_till::view::RefundReason::RequestedByCustomer,
        detail: None,
        approver: None,
    };
    let back = till.refund(&shop.ada, &asked).await.unwrap();
    assert_eq!((back.state, back.refunded_minor), (SaleState::Refunded, paid.paid_minor));
}

#[tokio::test]
async fn another_account_s_key_takes_no_money() {
    let shop = Shop::open().await;
    let options = tillbook_practice::PracticeOptions { seed: Some(8), ..Default::default() };
    let other = tillbook_practice::Practice::start(options).unwrap();
    assert_ne!(other.account, shop.practice.as_ref().unwrap().account);
    let sale = shop.ring_up();
    let Shop { folder, house, clock, bob, .. } = shop;
    drop(house);
    let line = crate::proxy::Proxy::to(&other.base_url);
    let never = std::sync::Arc::new(tillbook_till::crash::NeverStops);
    let options = crate::shop::options(&folder, Some((&other, &line)), &clock, never);
    let house = tillbook_till::open(options).unwrap();
    let started = house.till.pay_card_start(&bob, &sale.id, None).unwrap();
    let refused = house.till.drive(&started.payments[0].attempt_id).await.unwrap_err();
    assert!(matches!(refused, TillError::Conflict(Clash::OtherAccount)), "{refused}");
    assert!(line.seen("POST", "/").is_empty());
    let free = house.till.sale(&bob, &sale.id).unwrap();
    assert_eq!((free.state, free.payments[0].state), (SaleState::Open, PaymentState::Canceled));
}

#[tokio::test]
async fn what_a_payment_reads_is_counted() {
    let shop = Shop::open().await;
    let spent = |shop: &Shop| {
        let spent = shop.house.mirror.status().unwrap().spent;
        spent.into_iter().find(|(purpose, _)| purpose == "payments").map_or(0, |(_, requests)| requests)
    };
    let looks = |shop: &Shop| {
        let of = |path| shop.proxy().seen("GET", path).len();
        // What the mirror fetches of a charge is booked by itself.
        of("/v1/terminal/readers/") + of("/v1/payment_intents") + of("/v1/account")
    };
    let (before, asked_before) = (spent(&shop), looks(&shop));
    let left = shop.house.mirror.plan().unwrap().left;
    let sale = shop.sell_by_card().await;
    let (now_spent, asked) = (spent(&shop) - before, looks(&shop) - asked_before);
    assert!(asked >= 4, "{asked}");
    assert_eq!(now_spent, i64::try_from(asked).unwrap());
    assert!(shop.house.mirror.plan().unwrap().left <= left - now_spent);
    assert_eq!(sale.state, SaleState::Paid);
}
