//! The Find room, clicked and typed into: what was sold a moment ago, by whatever one knows of it, what belongs to it,
//! and who sees how much.

use serde_json::{Value, json};
use thirtyfour::Key;
use tillbook_tests::{Kind, Outcome, Window};

use super::{
    CASHIER_PIN, can_open_a_window, change_to, day, folder, gone, items, open, picture, scan, set_up,
    state_of, tells, told,
};

const ACCOUNTANT_PIN: &str = "8642";
const CARD: &str = "4242424242424242";

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stripe_knows_is_found_in_the_window() {
    if !can_open_a_window() {
        return;
    }
    let data = folder();
    let window = open(data.path()).await.unwrap();
    if let Err(error) = look_for(&window).await {
        let _ = picture(&window, "where-it-stopped").await;
        panic!("{error}");
    }
    window.close().await.unwrap();
}

async fn look_for(window: &Window) -> Outcome<()> {
    set_up(window).await?;
    let items = items(window).await?;
    day::card(window, &items).await?;
    let sale = sold(window).await?;
    let payment = sale["payments"][0]["payment_intent"].as_str().unwrap_or_default().to_owned();

    // Without a hand on the mouse, and no longer after the payment than the news takes.
    window.see("search").await?;
    window.keys(Key::Control + "f").await?;
    window.see("find-search").await?;
    state_of(window, &row(&payment), "succeeded").await?;
    picture(window, "find").await?;

    by_what_is_known(window, &payment, sale["total"]["minor"].as_i64().or(sale["total_minor"].as_i64()))
        .await?;
    there_and_back(window, &payment).await?;
    given_back(window, &sale, &payment).await?;
    no_card_stays(window).await?;
    who_sees_how_much(window, &payment).await
}

fn row(id: &str) -> String {
    format!("find-row-{id}")
}

/// The newest sale, whole.
async fn sold(window: &Window) -> Outcome<Value> {
    let sales = told(window, "sales", json!({ "query": "", "limit": 1 })).await?;
    told(window, "sale", json!({ "sale_id": sales["rows"][0]["id"] })).await
}

async fn by_what_is_known(window: &Window, payment: &str, total: Option<i64>) -> Outcome<()> {
    let total = total.ok_or("the sale has no total")?;
    for words in ["4242".to_owned(), format!("{}.{:02}", total / 100, total % 100), payment.to_owned()] {
        window.fill("find-search", &words).await?;
        answers(window, &words).await?;
        window.see(&row(payment)).await?;
    }
    // Nobody's name is on it: what a stranger's search finds is not it.
    window.fill("find-search", "Imani Okafor").await?;
    answers(window, "Imani Okafor").await?;
    window.says("imani.okafor@example.com").await?;
    gone(window, &row(payment)).await?;
    window.fill("find-search", "farid.benhaddou@example.com").await?;
    answers(window, "farid.benhaddou@example.com").await?;
    window.says("Farid Benhaddou").await?;
    window.fill("find-search", "nobody at all 7351").await?;
    window.see("find-empty").await?;
    window.says("Nothing found for").await?;
    window.tap("find-payment").await?;
    window.tap("find-everything").await?;
    window.tap("find-clear").await?;
    window.see(&row(payment)).await?;
    Ok(())
}

/// Waits until what is in the field was answered with something.
async fn answers(window: &Window, words: &str) -> Outcome<()> {
    let script = "const field = document.querySelector('[data-testid=find-search]');
        const list = field?.closest('section');
        return field?.value === arguments[0] && list.getAttribute('aria-busy') === 'false' &&
            /\\d/.test(document.querySelector('[data-testid=find-count]')?.innerText ?? '');";
    let what = format!("what answers {words:?}");
    window.until(&what, script, vec![json!(words)], |is| *is == json!(true)).await
}

/// From the payment to its charge and back, and to the sale.
async fn there_and_back(window: &Window, payment: &str) -> Outcome<()> {
    window.tap(&row(payment)).await?;
    tells(window, "record", "id", payment).await?;
    let view = told(window, "record", json!({ "id": payment })).await?;
    let related = view["related"].as_array().cloned().unwrap_or_default();
    let charge = related.iter().find(|one| one["object"] == "charge").ok_or("the payment has no charge")?;
    let charge = charge["id"].as_str().unwrap_or_default();
    window.tap(&format!("related-row-{charge}")).await?;
    tells(window, "record", "id", charge).await?;
    window.see("record-facts").await?;
    window.tap("record-back").await?;
    tells(window, "record", "id", payment).await?;
    gone(window, "record-back").await?;
    picture(window, "find-record").await?;
    window.tap("record-sale").await?;
    window.see("sale-detail").await?;
    // Whoever comes back finds it as it was.
    window.tap("nav-find").await?;
    tells(window, "record", "id", payment).await
}

/// What was given back whole is not called paid, neither in the list nor in the record.
async fn given_back(window: &Window, sale: &Value, payment: &str) -> Outcome<()> {
    let asked = json!({
        "sale_id": sale["id"], "amount_minor": null, "reason": "requested_by_customer", "detail": null,
        "approver_id": null, "approver_pin": null,
    });
    let refunded = told(window, "refund", asked).await?;
    state_of(window, &row(payment), "refunded").await?;
    for mark in [row(payment), "record".to_owned()] {
        refunded_alone(window, &mark).await?;
    }

    let refund = refunded["refunds"][0]["refund"].as_str().unwrap_or_default();
    assert!(refund.starts_with("re_"), "{refunded}");
    window.fill("find-search", refund).await?;
    answers(window, refund).await?;
    // What a refund's id leads to is the payment, and from there the refund.
    window.tap(&row(payment)).await?;
    window.tap(&format!("related-row-{refund}")).await?;
    tells(window, "record", "object", "refund").await?;
    window.says("Given back").await?;
    window.tap("record-close").await?;
    gone(window, "record").await
}

/// Waits until it is called refunded, and not paid beside that.
async fn refunded_alone(window: &Window, mark: &str) -> Outcome<()> {
    let said =
        "return document.querySelector(`[data-testid=\"${arguments[0]}\"]`)?.innerText.split(/\\s+/) ?? []";
    let wanted = |words: &Value| {
        let has = |word: &str| words.as_array().is_some_and(|all| all.iter().any(|one| one == word));
        has("Refunded") && !has("Paid")
    };
    window.until(&format!("{mark} to be called refunded"), said, vec![json!(mark)], wanted).await
}

/// However it comes into the field, and wherever the focus is.
async fn no_card_stays(window: &Window) -> Outcome<()> {
    let nothing_left = async || {
        window.says("looked like a payment card").await?;
        let left = "return document.querySelector('[data-testid=find-search]').value";
        window.until("an empty field", left, vec![], |is| *is == json!("")).await?;
        let page = window.text().await?;
        assert!(!page.contains("42424242"), "a card number is shown: {page}");
        Outcome::Ok(())
    };
    window.tap("find-clear").await?;
    window.keys(CARD).await?;
    nothing_left().await?;
    scan(window, CARD).await?;
    nothing_left().await?;
    window.tap("find-customer").await?;
    scan(window, CARD).await?;
    nothing_left().await?;
    window.tap("find-all").await
}

/// Stripe's own record is for who may export; everybody finds.
async fn who_sees_how_much(window: &Window, payment: &str) -> Outcome<()> {
    for (name, role, pin) in [("Ben", "cashier", CASHIER_PIN), ("Chloe", "accountant", ACCOUNTANT_PIN)] {
        told(window, "staff_add", json!({ "name": name, "role": role, "pin": pin })).await?;
    }
    for (name, pin, sees) in [("Ben", CASHIER_PIN, false), ("Chloe", ACCOUNTANT_PIN, true)] {
        change_to(window, name, pin).await?;
        window.tap("nav-find").await?;
        window.fill("find-search", payment).await?;
        window.tap(&row(payment)).await?;
        tells(window, "record", "id", payment).await?;
        window.see("record-as-of").await?;
        assert_eq!(window.has(Kind::Mark, "record-json").await?, sees, "{name}");
        let view = told(window, "record", json!({ "id": payment })).await?;
        assert_eq!(view["json"].is_string(), sees, "{name}");
    }
    window.script("document.querySelector('[data-testid=record-json]').open = true", vec![]).await?;
    window.says("\"object\": \"payment_intent\"").await?;
    Ok(())
}
