//! One day, clicked: the first morning, cash, cards that pay and cards that do not, a refund, somebody who may not
//! refund alone, the books, and the program closed in between.

use serde_json::{Value, json};
use tillbook_tests::{Outcome, Window};

use super::{CASHIER_PIN, MANAGER_PIN, can_open_a_window, change_to, folder, items, open, picture, set_up};

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

/// What a scanner does: keys far faster than a person's, then Enter, wherever the focus is.
async fn scan(window: &Window, code: &str) -> Outcome<()> {
    let script = "const target = document.activeElement ?? document.body;
        for (const key of [...arguments[0], 'Enter'])
            target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));";
    window.script(script, vec![json!(code)]).await?;
    Ok(())
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
async fn card(window: &Window, items: &[Value]) -> Outcome<()> {
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
    window.tap("tap-pm_card_chargeDeclinedLostCard").await?;
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
    window.see("sign-in").await?;
    picture(window, "sign-in").await?;
    let _ = (CASHIER_PIN, MANAGER_PIN, change_to);
    Ok(())
}
