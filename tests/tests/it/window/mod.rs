//! The day clicked in the program's real window, what is found and proven of Stripe's records there, and the keyring of
//! a real desktop session.

mod day;
mod find;
mod keyring;
mod sync;
mod trouble;

use std::path::Path;

use serde_json::{Value, json};
use tillbook_tests::{Outcome, Window, missing, picture_folder};

/// Whether this machine can open a window; where it cannot, the test says so and is over.
pub fn can_open_a_window() -> bool {
    let Some(lacks) = missing(&["display", "bridge", "driver"]) else { return true };
    assert!(std::env::var_os("TILLBOOK_TEST_ALL").is_none(), "{lacks}");
    println!("{lacks}");
    false
}

pub const MANAGER_PIN: &str = "2468";
pub const CASHIER_PIN: &str = "1357";

/// A shop on its first morning: set up, with a manager, Ada, who is signed in.
pub async fn set_up(window: &Window) -> Outcome<()> {
    window.see("set-up").await?;
    window.fill("setup-shop-name", "Harbour Books").await?;
    window.fill("setup-time-zone", "America/New_York").await?;
    window.fill("setup-staff-name", "Ada").await?;
    window.fill("setup-pin", MANAGER_PIN).await?;
    window.fill("setup-pin-again", MANAGER_PIN).await?;
    picture(window, "set-up").await?;
    window.tap("setup-submit").await?;
    window.see("cart").await?;
    Ok(())
}

/// Somebody else takes over.
pub async fn change_to(window: &Window, name: &str, pin: &str) -> Outcome<()> {
    window.tap("lock").await?;
    window.see("sign-in").await?;
    window.tap(&format!("staff-{name}")).await?;
    enter(window, pin).await?;
    window.see("shop-name").await?;
    Ok(())
}

/// A PIN, key by key.
pub async fn enter(window: &Window, pin: &str) -> Outcome<()> {
    for digit in pin.chars() {
        window.tap(&format!("key-{digit}")).await?;
    }
    window.tap("pin-enter").await
}

/// What a scanner does: keys far faster than a person's, then Enter, wherever the focus is.
pub async fn scan(window: &Window, code: &str) -> Outcome<()> {
    let script = "const target = document.activeElement ?? document.body;
        for (const key of [...arguments[0], 'Enter'])
            target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));";
    window.script(script, vec![json!(code)]).await?;
    Ok(())
}

/// Waits until what carries this mark is in this state.
pub async fn state_of(window: &Window, mark: &str, state: &str) -> Outcome<()> {
    tells(window, mark, "state", state).await
}

/// Waits until what carries this mark tells this of itself (`data-…`).
pub async fn tells(window: &Window, mark: &str, name: &str, wanted: &str) -> Outcome<()> {
    let script =
        "return document.querySelector(`[data-testid=\"${arguments[0]}\"]`)?.dataset[arguments[1]] ?? null";
    let what = format!("{name} of {mark} to be {wanted}");
    window.until(&what, script, vec![json!(mark), json!(name)], |is| *is == json!(wanted)).await
}

/// Waits until nothing carries this mark any more.
pub async fn gone(window: &Window, mark: &str) -> Outcome<()> {
    let script = "return document.querySelector(`[data-testid=\"${arguments[0]}\"]`) === null";
    window.until(&format!("{mark} to go"), script, vec![json!(mark)], |is| *is == json!(true)).await
}

/// What the core answers.
pub async fn told(window: &Window, command: &str, input: Value) -> Outcome<Value> {
    Ok(window.ask(command, input).await?.map_err(|error| format!("{command}: {error}"))?)
}

pub async fn picture(window: &Window, name: &str) -> Outcome<()> {
    window.picture(&picture_folder().join("day"), name).await
}

/// The first items that the shop sells, as the core tells them, once they have been copied.
pub async fn items(window: &Window) -> Outcome<Vec<Value>> {
    let asked = json!({ "query": "", "category": null, "offset": 0, "limit": 10 });
    for _ in 0..200 {
        if let Ok(page) = window.ask("catalogue", asked.clone()).await? {
            let found = page["items"].as_array().cloned().unwrap_or_default();
            if found.len() == 10 {
                return Ok(found);
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Err(format!("the shop's items were not copied; the page says:\n{}", window.text().await?).into())
}

/// A folder for a test's data that goes when it ends.
pub fn folder() -> tempfile::TempDir {
    tempfile::TempDir::new().unwrap()
}

pub async fn open(data: &Path) -> Outcome<Window> {
    let window = Window::open(data, &[]).await?;
    window.resize(1280, 800).await?;
    Ok(window)
}
