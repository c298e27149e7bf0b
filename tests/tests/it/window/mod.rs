//! The day clicked in the program's real window, and the keyring of a real desktop session.

mod day;
mod keyring;
mod trouble;

use std::path::Path;

use serde_json::json;
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
    for digit in pin.chars() {
        window.tap(&format!("key-{digit}")).await?;
    }
    window.tap("pin-enter").await?;
    window.see("shop-name").await?;
    Ok(())
}

pub async fn picture(window: &Window, name: &str) -> Outcome<()> {
    window.picture(&picture_folder().join("day"), name).await
}

/// The first items that the shop sells, as the core tells them, once they have been copied.
pub async fn items(window: &Window) -> Outcome<Vec<serde_json::Value>> {
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
