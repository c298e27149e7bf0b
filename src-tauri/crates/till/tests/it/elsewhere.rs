//! What happens at Stripe without this till reaches its sales.

use tillbook_store::StoreError;
use tillbook_stripe::Form;
use tillbook_till::view::{RefundReason, RefundState, SaleState};
use tillbook_till::{Code, RefundAsked};

use crate::shop::Shop;

#[tokio::test]
async fn a_refund_in_the_dashboard_lowers_what_can_be_given_back() {
    let shop = Shop::open().await;
    let sale = shop.sell_by_card().await;
    let intent = sale.payments[0].payment_intent.clone().unwrap();
    let form = Form::new().with("payment_intent", intent.as_str()).with("amount", 70);
    shop.stripe_post("/v1/refunds", &form).await;
    shop.sync().await;
    let seen = shop.house.till.sale(&shop.bob, &sale.id).unwrap();
    assert_eq!((seen.state, seen.refunded_minor), (SaleState::PartRefunded, 70));
    assert_eq!(
        (seen.refunds[0].refunded_by.as_str(), seen.refunds[0].state),
        ("Stripe", RefundState::Succeeded)
    );
    assert!(seen.history.iter().any(|entry| entry.kind == "refund_elsewhere"));
    let asked = RefundAsked {
        sale_id: sale.id.clone(),
        amount_minor: Some(sale.total_minor - 69),
        reason: RefundReason::RequestedByCustomer,
        detail: None,
        approver: None,
    };
    assert_eq!(shop.house.till.refund(&shop.ada, &asked).await.unwrap_err().code(), Code::Invalid);
    // The same news twice changes nothing.
    shop.sync().await;
    assert_eq!(shop.house.till.sale(&shop.bob, &sale.id).unwrap().refunds.len(), 1);
}

#[tokio::test]
async fn a_refund_that_stripe_made_before_we_knew_is_refused_there_and_opens_nothing_here() {
    let shop = Shop::open().await;
    let sale = shop.sell_by_card().await;
    let intent = sale.payments[0].payment_intent.clone().unwrap();
    shop.stripe_post("/v1/refunds", &Form::new().with("payment_intent", intent.as_str())).await;
    let asked = RefundAsked {
        sale_id: sale.id.clone(),
        amount_minor: None,
        reason: RefundReason::Duplicate,
        detail: None,
        approver: None,
    };
    let seen = shop.house.till.refund(&shop.ada, &asked).await.unwrap();
    assert_eq!(seen.refunds[0].state, RefundState::Failed);
    assert_eq!(seen.refunds[0].notice.as_ref().unwrap().code, "charge_already_refunded");
    shop.sync().await;
    let seen = shop.house.till.sale(&shop.bob, &sale.id).unwrap();
    assert_eq!((seen.state, seen.refunded_minor), (SaleState::Refunded, sale.total_minor));
    assert_eq!(shop.refunds_at_stripe(&intent).await.len(), 1);
}

/// A refund that succeeded and fails days later opens the remainder again. The practice Stripe is not asked to do it:
/// its record is put into the mirror as an event would.
#[tokio::test]
async fn a_refund_that_fails_later_can_be_given_back_again() {
    let shop = Shop::open().await;
    let sale = shop.sell_by_card().await;
    let asked = RefundAsked {
        sale_id: sale.id.clone(),
        amount_minor: None,
        reason: RefundReason::RequestedByCustomer,
        detail: None,
        approver: None,
    };
    let seen = shop.house.till.refund(&shop.ada, &asked).await.unwrap();
    assert_eq!(seen.state, SaleState::Refunded);
    shop.sync().await;
    let id = seen.refunds[0].refund.clone().unwrap();
    let mut refund = shop.stripe_get(&format!("/v1/refunds/{id}")).await;
    refund["status"] = "failed".into();
    refund["failure_reason"] = "expired_or_canceled_card".into();
    let later_ms = shop.clock.now_ms() + 86_400_000;
    shop.house.mirror.take(refund.to_string().as_bytes(), later_ms).unwrap();
    assert!(shop.house.till.follow_mirror().await.unwrap() > 0);
    let seen = shop.house.till.sale(&shop.bob, &sale.id).unwrap();
    assert_eq!((seen.state, seen.refunds[0].state), (SaleState::Paid, RefundState::Failed));
    assert_eq!(seen.refundable_minor, sale.total_minor);
    assert_eq!(seen.refunds[0].notice.as_ref().unwrap().code, "refund_failed");
    assert!(shop.house.till.journal_check(&shop.eve).unwrap().intact);
}

#[tokio::test]
async fn a_sale_is_found_by_the_last_digits_of_its_card() {
    let shop = Shop::open().await;
    let sale = shop.sell_by_card().await;
    let query = tillbook_till::view::SalesQuery { query: "4242".to_owned(), limit: 5, ..Default::default() };
    let rows = shop.house.till.sales(&shop.eve, &query).unwrap().rows;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].id.as_str(), rows[0].tenders.as_slice()),
        (sale.id.as_str(), &["visa •4242".to_owned()][..])
    );
}

/// Closed here as unpaid because nobody was asked to pay it, and paid all the same by somebody else's doing: money is
/// money, and the sale says so.
#[tokio::test]
async fn a_payment_that_is_found_paid_counts() {
    let shop = Shop::open().await;
    let sale = shop.ring_up();
    let payment = shop.start_card(&sale);
    shop.proxy().fault("POST", "/v1/payment_intents", crate::proxy::Fault::LoseAnswer, 100);
    let free = shop.house.till.drive(&payment.attempt_id).await.unwrap();
    assert_eq!(free.state, SaleState::Open);
    shop.proxy().clear();
    let intent = shop.intents().await[0]["id"].as_str().unwrap().to_owned();
    let reader = crate::shop::reader_id(&shop.stripe()).await;
    let path = format!("/v1/terminal/readers/{reader}/process_payment_intent");
    shop.stripe_post(&path, &Form::new().with("payment_intent", intent.as_str())).await;
    let hand = shop.hand(crate::shop::VISA);
    while shop.intents().await[0]["status"] != "succeeded" {
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    drop(hand);
    shop.sync().await;
    let seen = shop.house.till.sale(&shop.bob, &sale.id).unwrap();
    assert_eq!((seen.state, seen.paid_minor), (SaleState::Paid, sale.total_minor));
}

/// Changes the mirror's file behind its back.
fn in_mirror(shop: &Shop, sql: &str) {
    shop.house.store.mirror.write(|tx| Ok::<_, StoreError>(tx.execute_batch(sql)?)).unwrap();
}

/// Up to where the till says it has followed.
fn followed(shop: &Shop) -> i64 {
    let sql = "SELECT position FROM mirror_followed";
    shop.house.store.till.read(|c| Ok::<_, StoreError>(c.query_row(sql, [], |row| row.get(0))?)).unwrap()
}

/// A copy of `till.db` was put back, and the mirror has forgotten the changes since: what happened is found all the same.
#[tokio::test]
async fn what_happened_while_the_log_forgot_is_found_at_the_payments() {
    let shop = Shop::open().await;
    let (refunded, failed) = (shop.sell_by_card().await, shop.sell_by_card().await);
    shop.sync().await;
    let asked = RefundAsked {
        sale_id: failed.id.clone(),
        amount_minor: None,
        reason: RefundReason::RequestedByCustomer,
        detail: None,
        approver: None,
    };
    let seen = shop.house.till.refund(&shop.ada, &asked).await.unwrap();
    shop.sync().await;
    let taken = followed(&shop);
    let intent = refunded.payments[0].payment_intent.clone().unwrap();
    let form = Form::new().with("payment_intent", intent.as_str()).with("amount", 70);
    shop.stripe_post("/v1/refunds", &form).await;
    let id = seen.refunds[0].refund.clone().unwrap();
    let mut refund = shop.stripe_get(&format!("/v1/refunds/{id}")).await;
    refund["status"] = "failed".into();
    let client = shop.house.client.as_ref().unwrap();
    shop.house.mirror.sync(client, &tillbook_mirror::SyncOptions::default(), &|_| {}).await.unwrap();
    let later_ms = shop.clock.now_ms() + 86_400_000;
    shop.house.mirror.take(refund.to_string().as_bytes(), later_ms).unwrap();
    // Only the newest change is left, and it tells nothing.
    let newest = shop.house.mirror.position().unwrap();
    in_mirror(
        &shop,
        &format!(
            "DELETE FROM change_log; INSERT INTO change_log VALUES ({newest}, 1, 'customer', '[\"cus_1\"]')"
        ),
    );
    assert!(taken < newest - 1);
    assert!(shop.house.till.follow_mirror().await.unwrap() > 0);
    let sale = |id: &str| shop.house.till.sale(&shop.bob, id).unwrap();
    assert_eq!((sale(&refunded.id).state, sale(&refunded.id).refunded_minor), (SaleState::PartRefunded, 70));
    assert_eq!(sale(&failed.id).refunds[0].state, RefundState::Failed);
    // From here on changes are followed again, and nothing is told twice.
    assert_eq!((followed(&shop), shop.house.till.follow_mirror().await.unwrap()), (newest, 0));
    assert_eq!(sale(&refunded.id).refunds.len(), 1);
    shop.stripe_post("/v1/refunds", &form).await;
    shop.sync().await;
    assert_eq!(sale(&refunded.id).refunded_minor, 140);
    assert!(shop.house.till.journal_check(&shop.eve).unwrap().intact);
}

/// The mirror was set aside and made anew: positions begin again, and may look like those of the old log.
#[tokio::test]
async fn a_mirror_made_anew_is_followed_from_its_beginning() {
    let shop = Shop::open().await;
    let sale = shop.sell_by_card().await;
    shop.sync().await;
    let intent = sale.payments[0].payment_intent.clone().unwrap();
    shop.stripe_post("/v1/refunds", &Form::new().with("payment_intent", intent.as_str()).with("amount", 70))
        .await;
    let client = shop.house.client.as_ref().unwrap();
    shop.house.mirror.sync(client, &tillbook_mirror::SyncOptions::default(), &|_| {}).await.unwrap();
    let taken = followed(&shop);
    in_mirror(
        &shop,
        &format!(
            "DELETE FROM state WHERE name GLOB 'taken:*';
         UPDATE change_log SET kind = 'customer', ids = '[\"cus_1\"]', count = 1 WHERE position > {taken}"
        ),
    );
    assert!(shop.house.till.follow_mirror().await.unwrap() > 0);
    assert_eq!(shop.house.till.sale(&shop.bob, &sale.id).unwrap().refunded_minor, 70);
}
