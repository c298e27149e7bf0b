//! One day, clicked: the first morning, cash, cards that pay and cards that do not, a refund, somebody who may not
//! refund alone, the books, and the program closed in between.

use serde_json::{Value, json};
use tillbook_tests::{Outcome, Window};

use super::{
    CASHIER_PIN, MANAGER_PIN, can_open_a_window, change_to, enter, folder, items, open, picture, scan,
    set_up, state_of,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_day_in_the_window() {
    if !can_open_a_window() {
        return;
    }
    let data = folder();
    let window = open(data.path()).await.unwrap();
    if let Err(error) = morning(&window).await {
        let _ = picture(&window, "where-it-stopped").await;
        panic!("{error}");
    }
    window.close().await.unwrap();

    // The evening, after a restart: everything is still there.
    let window = open(data.path()).await.unwrap();
    if let Err(error) = evening(&window).await {
        let _ = picture(&window, "where-it-stopped").await;
        panic!("{error}");
    }
    window.close().await.unwrap();
}

async fn morning(window: &Window) -> Outcome<()> {
    set_up(window).await?;
    let items = items(window).await?;
    window.says(items[0]["name"].as_str().unwrap_or_default()).await?;
    picture(window, "sell-empty").await?;
    into_the_cart(window, &items).await?;
    cash(window).await?;
    card(window, &items).await?;
    another_card(window, &items).await
}

/// By search, by a tap on the item, and by scanner; more and less of it.
async fn into_the_cart(window: &Window, items: &[Value]) -> Outcome<()> {
    let key = |at: usize| items[at]["lookup_key"].as_str().unwrap_or_default().to_owned();
    window.tap(&format!("item-{}", key(0))).await?;
    window.see(&format!("line-{}", key(0))).await?;

    window.fill("search", items[1]["name"].as_str().unwrap_or_default()).await?;
    window.tap(&format!("item-{}", key(1))).await?;
    window.see(&format!("line-{}", key(1))).await?;
    picture(window, "sell-search").await?;
    window.tap("search-clear").await?;

    scan(window, items[2]["barcode"].as_str().unwrap_or_default()).await?;
    window.see(&format!("line-{}", key(2))).await?;
    window.tap("line-more").await?;
    scan(window, "4242424242424242").await?;
    window.says("looked like a payment card").await?;
    let page = window.text().await?;
    assert!(!page.contains("4242424242424242"), "a card number is shown: {page}");
    picture(window, "sell-cart").await
}

async fn cash(window: &Window) -> Outcome<()> {
    window.tap("cash").await?;
    window.see("pay-dialog").await?;
    picture(window, "pay-cash").await?;
    window.tap("quick-exact").await?;
    window.tap("take-cash").await?;
    window.see("paid").await?;
    picture(window, "paid-cash").await?;
    window.tap("next-sale").await?;
    window.see("cart-empty").await?;
    Ok(())
}

/// On the practice reader, with the card held to it.
pub(super) async fn card(window: &Window, items: &[Value]) -> Outcome<()> {
    begin_card(window, items).await?;
    picture(window, "pay-waiting-for-card").await?;
    window.tap("tap-pm_card_visa").await?;
    window.see("paid-word").await?;
    window.says("4242").await?;
    picture(window, "paid-card").await?;
    window.tap("next-sale").await?;
    window.see("cart-empty").await?;
    Ok(())
}

/// Declined, then paid with another.
async fn another_card(window: &Window, items: &[Value]) -> Outcome<()> {
    begin_card(window, items).await?;
    window.tap("tap-pm_card_visa_chargeDeclinedLostCard").await?;
    let declined = window.see("pay-declined").await?.text().await?;
    assert!(!declined.to_lowercase().contains("lost"), "the reason must stay the bank's: {declined}");
    picture(window, "pay-declined").await?;
    window.tap("pay-again").await?;
    window.tap("tap-pm_card_mastercard").await?;
    window.see("paid-word").await?;
    window.says("4444").await?;
    window.tap("next-sale").await?;
    Ok(())
}

async fn begin_card(window: &Window, items: &[Value]) -> Outcome<()> {
    window.tap(&format!("item-{}", items[0]["lookup_key"].as_str().unwrap_or_default())).await?;
    window.tap("pay").await?;
    window.see("pay-dialog").await?;
    window.tap("tender-card").await?;
    window.see("practice-strip").await?;
    Ok(())
}

async fn evening(window: &Window) -> Outcome<()> {
    // One person works here, so the till asks for her PIN at once.
    window.see("sign-in").await?;
    enter(window, "1111").await?;
    window.says("That PIN is not right").await?;
    picture(window, "sign-in-wrong").await?;
    enter(window, MANAGER_PIN).await?;
    window.see("cart").await?;
    refund_as_manager(window).await?;
    cashier(window).await?;
    change_to(window, "Ada", MANAGER_PIN).await?;
    books(window).await?;
    window.tap("nav-sync").await?;
    window.see("count-payment_intents").await?;
    window.tap("sync-now").await?;
    picture(window, "sync").await
}

/// The whole of sale 2, back to the card it came from.
async fn refund_as_manager(window: &Window) -> Outcome<()> {
    window.tap("nav-sales").await?;
    window.see("sale-3").await?;
    picture(window, "sales").await?;
    window.tap("sale-2").await?;
    window.see("sale-detail").await?;
    picture(window, "sale").await?;
    window.tap("refund").await?;
    window.tap("reason-requested_by_customer").await?;
    window.fill("refund-detail", "Bought twice by mistake").await?;
    picture(window, "refund").await?;
    window.tap("refund-do").await?;
    window.see("refund-row").await?;
    state_of(window, "sale-detail", "refunded").await?;
    picture(window, "refunded").await
}

/// A cashier may sell but not refund: the page asks for a manager, and so does the core when the page is passed by.
async fn cashier(window: &Window) -> Outcome<()> {
    let added =
        window.ask("staff_add", json!({ "name": "Ben", "role": "cashier", "pin": CASHIER_PIN })).await?;
    assert!(added.is_ok(), "{added:?}");
    change_to(window, "Ben", CASHIER_PIN).await?;

    let sales =
        window.ask("sales", json!({ "query": "", "limit": 10 })).await?.map_err(|error| error.to_string())?;
    let third = sales["rows"].as_array().and_then(|rows| rows.iter().find(|row| row["number"] == 3)).cloned();
    let third = third.ok_or("sale 3 is not in the list")?;
    let asked = json!({
        "sale_id": third["id"], "amount_minor": 100, "reason": "requested_by_customer", "detail": null,
        "approver_id": null, "approver_pin": null,
    });
    let refused = window.ask("refund", asked).await?;
    assert_eq!(
        refused.clone().err().map(|error| error["code"].clone()),
        Some(json!("not_allowed")),
        "{refused:?}"
    );
    for (command, input) in [
        ("staff_add", json!({ "name": "Eve", "role": "manager", "pin": "9999" })),
        ("export_transactions", json!({ "from_day": "2020-01-01", "to_day": "2030-01-01" })),
    ] {
        let refused = window.ask(command, input).await?;
        assert_eq!(
            refused.clone().err().map(|error| error["code"].clone()),
            Some(json!("not_allowed")),
            "{refused:?}"
        );
    }

    window.tap("nav-sales").await?;
    window.tap("sale-3").await?;
    window.tap("refund").await?;
    window.tap("reason-requested_by_customer").await?;
    window.tap("approver-Ada").await?;
    window.fill("approver-pin", MANAGER_PIN).await?;
    picture(window, "refund-with-approval").await?;
    window.tap("refund-do").await?;
    window.see("refund-row").await?;
    window.says("allowed by Ada").await?;
    state_of(window, "sale-detail", "refunded").await
}

/// The accountant's file, checked against its own control totals, and the journal.
async fn books(window: &Window) -> Outcome<()> {
    window.tap("nav-books").await?;
    window.press("so far").await?;
    window.tap("export-do").await?;
    window.see("export-result").await?;
    picture(window, "export").await?;
    let path = window.see("export-path").await?.text().await?;
    let rows = std::fs::read_to_string(path.trim())?;
    let head = rows.lines().next().unwrap_or_default();
    for column in ["id", "created", "type", "currency", "gross", "fee", "net", "sale_id"] {
        assert!(head.split(',').any(|one| one.trim_matches('"') == column), "{column} is not in {head}");
    }
    assert!(rows.lines().count() > 4, "two payments and two refunds: {rows}");
    window.tap("journal-do").await?;
    window.says("The journal is whole").await?;
    picture(window, "journal").await
}
