//! The Sync room, clicked: the first copy that waits and goes on, every list read again and that broken off, the
//! certificate, and deliveries.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tillbook_tests::{Outcome, Window, shop_with_a_past};

use super::{
    MANAGER_PIN, can_open_a_window, day, enter, folder, gone, items, open, picture, set_up, state_of, tells,
    told,
};

/// Records here, by list.
type Counts = BTreeMap<String, i64>;

/// How often something that only the core tells is asked for.
const LOOKS: u32 = 200;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread")]
async fn the_first_copy_waits_and_goes_on() {
    if !can_open_a_window() {
        return;
    }
    let data = folder();
    shop_with_a_past(data.path(), 60_000).unwrap();
    let window = open(data.path()).await.unwrap();
    let copied = match wait(&window).await {
        Ok(copied) => copied,
        Err(error) => {
            let _ = picture(&window, "where-it-stopped").await;
            panic!("{error}");
        }
    };
    window.close().await.unwrap();

    // It waits until somebody says otherwise, whoever switched the machine off in between.
    let window = open(data.path()).await.unwrap();
    if let Err(error) = go_on(&window, &copied).await {
        let _ = picture(&window, "where-it-stopped").await;
        panic!("{error}");
    }
    window.close().await.unwrap();
}

/// Answers what was here of each list when the copy began to wait.
async fn wait(window: &Window) -> Outcome<Counts> {
    set_up(window).await?;
    window.tap("nav-sync").await?;
    tells(window, "sync-work", "kind", "news").await?;
    progress(window).await?;
    window.tap("sync-pause").await?;
    window.see("sync-go-on").await?;
    state_of(window, "sync-state", "paused").await?;
    state_of(window, "sync-word", "paused").await?;
    window.says("Copy paused by Ada").await?;
    gone(window, "sync-work").await?;
    let copied = here(window).await?;
    assert!(copied["charges"] > 0 || copied["payment_intents"] > 0, "{copied:?}");
    picture(window, "sync-paused").await?;

    // The news goes on being read: it is old records that wait.
    let before = requests(window).await?;
    window.tap("sync-now").await?;
    for _ in 0..LOOKS {
        if requests(window).await? > before {
            break;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    assert!(requests(window).await? > before, "nothing was asked");
    assert_eq!(here(window).await?, copied, "the copy went on by itself");
    Ok(copied)
}

async fn go_on(window: &Window, copied: &Counts) -> Outcome<()> {
    window.see("sign-in").await?;
    enter(window, MANAGER_PIN).await?;
    window.tap("nav-sync").await?;
    window.see("sync-paused").await?;
    assert_eq!(here(window).await?, *copied, "the copy went on by itself");
    window.tap("sync-go-on").await?;
    gone(window, "sync-paused").await?;
    for _ in 0..LOOKS {
        let now = here(window).await?;
        if now.values().sum::<i64>() > copied.values().sum() {
            return Ok(());
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Err("the copy does not go on".into())
}

/// Waits until the work under way tells how far it is.
async fn progress(window: &Window) -> Outcome<()> {
    let script = "const bar = document.querySelector('[data-testid=sync-work] progress');
        return bar?.hasAttribute('value') ? bar.value : 0;";
    window.until("the work to be some way on", script, vec![], |is| is.as_f64() > Some(0.0)).await
}

/// Records of each list; not the events, which are news.
async fn here(window: &Window) -> Outcome<Counts> {
    let details = told(window, "sync_details", Value::Null).await?;
    let lists = details["resources"].as_array().cloned().unwrap_or_default();
    let counted = lists.iter().filter(|list| list["resource"] != "events").map(|list| {
        (
            list["resource"].as_str().unwrap_or_default().to_owned(),
            list["objects"].as_i64().unwrap_or_default(),
        )
    });
    Ok(counted.collect())
}

async fn requests(window: &Window) -> Outcome<i64> {
    let details = told(window, "sync_details", Value::Null).await?;
    let spent = details["budget"]["spent"].as_array().cloned().unwrap_or_default();
    Ok(spent.iter().filter_map(|one| one["requests"].as_i64()).sum())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_is_read_again_and_the_copy_proven() {
    if !can_open_a_window() {
        return;
    }
    let data = folder();
    shop_with_a_past(data.path(), 6000).unwrap();
    let window = open(data.path()).await.unwrap();
    if let Err(error) = prove(&window).await {
        let _ = picture(&window, "where-it-stopped").await;
        panic!("{error}");
    }
    window.close().await.unwrap();
}

async fn prove(window: &Window) -> Outcome<()> {
    set_up(window).await?;
    window.tap("nav-sync").await?;
    state_of(window, "sync-state", "current").await?;
    let before = proven(window).await?;

    read_again(window).await?;
    window.tap("sync-stop").await?;
    gone(window, "sync-work").await?;
    assert_eq!(proven(window).await?, before, "what was broken off proves nothing");

    read_again(window).await?;
    progress(window).await?;
    gone(window, "sync-work").await?;
    tells(window, "certificate", "holds", "true").await?;
    assert!(proven(window).await? > before, "the certificate is an old one");
    window.says("add up to Stripe’s balance").await?;
    picture(window, "sync-proven").await?;
    deliveries(window).await
}

/// Every list, by a manager who was told what it costs.
async fn read_again(window: &Window) -> Outcome<()> {
    window.tap("sync-full").await?;
    window.see("ask-full").await?;
    let reads = window.see("full-price").await?.attr("data-reads").await?.unwrap_or_default();
    assert!(reads.parse::<u32>().is_ok_and(|reads| reads > 0), "it costs {reads:?} reads");
    window.tap("ask-yes").await?;
    tells(window, "sync-work", "kind", "full_check").await
}

/// When the copy was proven last.
async fn proven(window: &Window) -> Outcome<Option<i64>> {
    let details = told(window, "sync_details", Value::Null).await?;
    Ok(details["certificate"]["at_ms"].as_i64())
}

/// The Stripe inside posts its news as `stripe listen` does; a payment is news.
async fn deliveries(window: &Window) -> Outcome<()> {
    window.tap("receiver-practice").await?;
    tells(window, "receiver", "on", "true").await?;
    window.says("The Stripe inside delivers to 127.0.0.1").await?;
    window.tap("nav-sell").await?;
    let items = items(window).await?;
    day::card(window, &items).await?;
    window.tap("nav-sync").await?;
    let taken = "return Number(document.querySelector('[data-testid=receiver] dd')?.innerText)";
    window.until("a delivery", taken, vec![], |is| is.as_f64() > Some(0.0)).await?;
    window.tap("receiver-off").await?;
    tells(window, "receiver", "on", "false").await?;
    let details = told(window, "sync_details", json!(null)).await?;
    assert_eq!(details["receiver"]["address"], Value::Null, "{details}");
    Ok(())
}
