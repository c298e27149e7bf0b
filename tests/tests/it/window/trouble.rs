//! What goes wrong at a counter: the power goes in the middle of a payment, and somebody starts the program twice.

use serde_json::{Value, json};
use tillbook_tests::{Outcome, Window};

use super::{MANAGER_PIN, can_open_a_window, enter, folder, items, open, picture, set_up};

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_the_power_cut_is_settled_and_taken_once() {
    if !can_open_a_window() {
        return;
    }
    let data = folder();
    let window = open(data.path()).await.unwrap();
    until_the_card_is_asked_for(&window).await.unwrap();
    window.kill().await.unwrap();

    let window = open(data.path()).await.unwrap();
    if let Err(error) = afterwards(&window).await {
        let _ = picture(&window, "where-it-stopped").await;
        panic!("{error}");
    }
    window.close().await.unwrap();
}

async fn until_the_card_is_asked_for(window: &Window) -> Outcome<()> {
    set_up(window).await?;
    let items = items(window).await?;
    window.tap(&format!("item-{}", items[0]["lookup_key"].as_str().unwrap_or_default())).await?;
    window.tap("pay").await?;
    window.tap("tender-card").await?;
    window.see("practice-strip").await?;
    Ok(())
}

/// The program has settled the payment by itself: it was closed at Stripe, nothing was taken, and cash may take its
/// place.
async fn afterwards(window: &Window) -> Outcome<()> {
    window.see("sign-in").await?;
    enter(window, MANAGER_PIN).await?;
    window.see("cart").await?;
    let sale = settled(window).await?;
    assert_eq!(sale["payments"][0]["state"], "canceled", "{sale}");
    assert_eq!(sale["paid_minor"], 0, "{sale}");
    let intent = sale["payments"][0]["payment_intent"].as_str().unwrap_or_default();
    assert!(intent.starts_with("pi_"), "{sale}");
    picture(window, "after-the-power-cut").await?;

    window.tap("cash").await?;
    window.tap("quick-exact").await?;
    window.tap("take-cash").await?;
    window.see("paid").await?;
    window.tap("next-sale").await?;
    let checked = window.ask("journal_check", Value::Null).await?.map_err(|error| error.to_string())?;
    assert_eq!(checked["intact"], true, "{checked}");
    Ok(())
}

/// The sale at hand, once it is not in doubt.
async fn settled(window: &Window) -> Outcome<Value> {
    for _ in 0..200 {
        let sale = window.ask("sale_current", Value::Null).await?.map_err(|error| error.to_string())?;
        if sale["state"] == "open" {
            return Ok(sale);
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Err("the payment stays in doubt".into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_on_the_same_folder_says_so_and_changes_nothing() {
    if !can_open_a_window() {
        return;
    }
    let data = folder();
    let first = open(data.path()).await.unwrap();
    set_up(&first).await.unwrap();
    let second = Window::open(data.path(), &[]).await.unwrap();
    let outcome = refused(&second).await;
    if let Err(error) = outcome {
        let _ = picture(&second, "where-it-stopped").await;
        panic!("{error}");
    }
    let still = first.ask("sale_current", Value::Null).await.unwrap();
    assert_eq!(still, Ok(Value::Null), "the first goes on");
    second.kill().await.unwrap();
}

async fn refused(second: &Window) -> Outcome<()> {
    second.says("already open").await?;
    picture(second, "already-open").await?;
    let asked = second.ask("sign_in", json!({ "staff_id": "x", "pin": "0000" })).await?;
    assert_eq!(asked.err().map(|error| error["code"].clone()), Some(json!("store")));
    Ok(())
}
