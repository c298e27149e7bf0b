//! Walks every screen of the till and saves a picture of each, light and dark, in three sizes:
//! `target/pictures/NAME-THEME-WIDTHxHEIGHT.png`. A walk that is named (`day`, `firstcopy`, `righttoleft`) is taken alone.
//! The README's pictures are chosen from these.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use tillbook_tests::{Outcome, Window, missing, picture_folder, shop_with_a_past};

const SIZES: [(u32, u32); 3] = [(1024, 768), (1280, 800), (1920, 1080)];
const THEMES: [&str; 2] = ["light", "dark"];
const PIN: &str = "2468";

/// The window and where its pictures go.
struct Album {
    window: Window,
    folder: PathBuf,
    saved: usize,
}

impl Album {
    /// The page as it is now, in every theme and size.
    async fn shoot(&mut self, name: &str) -> Outcome<()> {
        self.shoot_at(name, None).await
    }

    /// The same, scrolled to the end of what carries this mark: in another size that is another place.
    async fn shoot_at(&mut self, name: &str, mark: Option<&str>) -> Outcome<()> {
        // Nothing that blinks, nothing that is pointed at by chance.
        let calm = "document.documentElement.style.caretColor = 'transparent'";
        self.window.script(calm, vec![]).await?;
        for theme in THEMES {
            let wear = "document.documentElement.dataset.theme = arguments[0]";
            self.window.script(wear, vec![json!(theme)]).await?;
            for (width, height) in SIZES {
                self.window.resize(width, height).await?;
                if let Some(mark) = mark {
                    let scroll = "document.querySelector(`[data-testid=\"${arguments[0]}\"]`)
                        .scrollIntoView({ block: 'end' })";
                    self.window.script(scroll, vec![json!(mark)]).await?;
                }
                self.window.picture(&self.folder, &format!("{name}-{theme}-{width}x{height}")).await?;
                self.saved += 1;
            }
        }
        Ok(())
    }

    async fn walk(&mut self) -> Outcome<()> {
        self.first_morning().await?;
        self.sell().await?;
        self.cash().await?;
        self.cards().await?;
        self.look_back().await?;
        self.find().await?;
        self.books().await?;
        self.sync().await?;
        self.staff().await
    }

    /// What a shop's first morning asks for.
    async fn answer_set_up(&self, locale: &str) -> Outcome<()> {
        let window = &self.window;
        window.see("set-up").await?;
        window.fill("setup-shop-name", "Harbour Books").await?;
        window.fill("setup-locale", locale).await?;
        window.fill("setup-time-zone", "America/New_York").await?;
        window.fill("setup-staff-name", "Ada").await?;
        window.fill("setup-pin", PIN).await?;
        window.fill("setup-pin-again", PIN).await
    }

    async fn first_morning(&mut self) -> Outcome<()> {
        self.answer_set_up("en-US").await?;
        self.shoot("set-up").await?;
        self.window.tap("setup-submit").await?;
        self.window.see("cart").await?;
        for (name, role, pin) in [("Ben", "cashier", "1357"), ("Chloe", "accountant", "8642")] {
            let added =
                self.window.ask("staff_add", json!({ "name": name, "role": role, "pin": pin })).await?;
            added.map_err(|error| error.to_string())?;
        }
        self.window.tap("nav-sales").await?;
        self.shoot("sales-empty").await?;
        self.window.tap("lock").await?;
        self.window.see("staff-Ada").await?;
        self.shoot("sign-in").await?;
        self.window.tap("staff-Ada").await?;
        self.window.tap("key-2").await?;
        self.window.tap("key-4").await?;
        self.shoot("sign-in-pin").await?;
        self.window.tap("key-6").await?;
        self.window.tap("key-8").await?;
        self.window.tap("pin-enter").await?;
        self.window.tap("nav-sell").await?;
        self.window.see("cart-empty").await?;
        Ok(())
    }

    /// Lookup keys of what is sold, in the order of the catalogue.
    async fn keys(&self) -> Outcome<Vec<String>> {
        let asked = json!({ "query": "", "category": null, "offset": 0, "limit": 60 });
        let page = self.window.ask("catalogue", asked).await?.map_err(|error| error.to_string())?;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        Ok(items.iter().filter_map(|item| item["lookup_key"].as_str().map(str::to_owned)).collect())
    }

    /// Rings up some items, by code: whatever is in view.
    async fn ring_up(&self, keys: &[String]) -> Outcome<()> {
        for key in keys {
            self.window.ask("scan", json!({ "code": key })).await?.map_err(|error| error.to_string())?;
        }
        // The page was passed by: drawn anew, it asks for the sale as it stands.
        self.window.script("location.reload()", Vec::new()).await?;
        self.window.see(&format!("line-{}", keys.last().map_or("", String::as_str))).await?;
        Ok(())
    }

    async fn sell(&mut self) -> Outcome<()> {
        self.shoot("sell-empty").await?;
        let keys = self.keys().await?;
        let some: Vec<String> = keys.iter().step_by(7).take(5).cloned().collect();
        self.ring_up(&some).await?;
        self.shoot("sell").await?;
        self.window.fill("search", "tea").await?;
        self.shoot("sell-search").await?;
        self.window.tap("search-clear").await?;
        self.window.tap("park").await?;
        self.window.tap("parked").await?;
        self.window.see("parked-dialog").await?;
        self.shoot("parked").await?;
        self.window.tap("resume-1").await?;
        self.window.see(&format!("line-{}", some[0])).await?;
        Ok(())
    }

    async fn cash(&mut self) -> Outcome<()> {
        self.window.tap("pay").await?;
        self.window.see("pay-dialog").await?;
        self.shoot("pay").await?;
        self.window.tap("tender-cash").await?;
        self.window.see("tendered").await?;
        self.shoot("pay-cash").await?;
        self.window.fill("tendered", "100").await?;
        self.window.tap("take-cash").await?;
        self.window.see("paid").await?;
        self.shoot("paid-cash").await?;
        self.window.tap("next-sale").await
    }

    async fn cards(&mut self) -> Outcome<()> {
        let keys = self.keys().await?;
        self.ring_up(&keys[3..6]).await?;
        self.window.tap("pay").await?;
        self.window.tap("tender-card").await?;
        self.window.see("practice-strip").await?;
        self.shoot("pay-card").await?;
        self.window.tap("tap-pm_card_visa_chargeDeclined").await?;
        self.window.see("pay-declined").await?;
        self.shoot("pay-declined").await?;
        self.window.tap("pay-again").await?;
        self.window.tap("tap-pm_card_visa").await?;
        self.window.see("paid-word").await?;
        self.shoot("paid-card").await?;
        self.window.tap("next-sale").await?;
        // Some more of a day, so that lists are lists.
        for (at, card) in [(8, "pm_card_mastercard"), (15, "pm_card_amex"), (22, "pm_card_visa")] {
            self.ring_up(&keys[at..at + 2]).await?;
            self.window.tap("pay").await?;
            self.window.tap("tender-card").await?;
            self.window.tap(&format!("tap-{card}")).await?;
            self.window.see("paid-word").await?;
            self.window.tap("next-sale").await?;
        }
        Ok(())
    }

    async fn look_back(&mut self) -> Outcome<()> {
        self.window.tap("nav-sales").await?;
        self.window.tap("sale-5").await?;
        self.window.see("sale-detail").await?;
        self.window.tap("refund").await?;
        self.window.tap("reason-requested_by_customer").await?;
        self.shoot("refund").await?;
        self.window.tap("refund-do").await?;
        self.window.see("refund-row").await?;
        self.shoot("sale-refunded").await?;
        self.window.tap("sale-4").await?;
        self.shoot("sales").await
    }

    async fn books(&mut self) -> Outcome<()> {
        self.window.tap("nav-books").await?;
        self.shoot("books").await?;
        self.window.press("so far").await?;
        self.window.tap("export-do").await?;
        self.window.see("export-result").await?;
        self.window.tap("journal-do").await?;
        self.window.see("journal-result").await?;
        self.shoot("books-export").await
    }

    /// Types into Find and opens what is found first.
    async fn open_first(&self, text: &str) -> Outcome<()> {
        let asked = json!({ "text": text, "kind": null, "limit": 1 });
        let page = self.window.ask("find", asked).await?.map_err(|error| error.to_string())?;
        let id = page["rows"][0]["id"].as_str().ok_or_else(|| format!("nothing is found for {text:?}"))?;
        self.window.fill("find-search", text).await?;
        self.window.tap(&format!("find-row-{id}")).await?;
        self.window.see("record-as-of").await?;
        Ok(())
    }

    async fn find(&mut self) -> Outcome<()> {
        self.window.tap("nav-find").await?;
        self.window.see("find-rows").await?;
        self.shoot("find").await?;
        self.window.fill("find-search", "visa 4242").await?;
        self.window.says("there are more").await?;
        self.shoot("find-results").await?;
        self.open_first("4242").await?;
        self.shoot("find-record").await?;
        self.open_first("Imani Okafor").await?;
        self.shoot("find-name").await?;
        self.window.fill("find-search", "Oystercatcher 77").await?;
        self.window.see("find-empty").await?;
        self.shoot("find-nothing").await?;
        self.window.tap("find-clear").await
    }

    async fn sync(&mut self) -> Outcome<()> {
        self.window.tap("nav-sync").await?;
        self.window.see("count-payment_intents").await?;
        self.window.tap("sync-full").await?;
        self.window.see("ask-full").await?;
        self.shoot("sync-full").await?;
        self.window.tap("ask-yes").await?;
        self.window.see("certificate").await?;
        self.shoot("sync").await?;
        self.window.tap("receiver-practice").await?;
        self.window.see("receiver-off").await?;
        self.window.says("The Stripe inside delivers to").await?;
        self.shoot_at("sync-deliveries", Some("receiver")).await?;
        self.window.tap("receiver-off").await?;
        self.window.see("receiver-practice").await?;
        Ok(())
    }

    async fn staff(&mut self) -> Outcome<()> {
        self.window.tap("nav-staff").await?;
        self.window.see("person-Ben").await?;
        self.shoot("staff").await?;
        self.window.tap("nav-sell").await?;
        self.window.tap("help").await?;
        self.window.see("keys-overlay").await?;
        self.shoot("keys").await
    }

    /// The first copy of a shop with a long past, under way and held.
    async fn first_copy(&mut self) -> Outcome<()> {
        self.answer_set_up("en-US").await?;
        self.window.tap("setup-submit").await?;
        self.window.tap("nav-sync").await?;
        self.window.see("sync-pause").await?;
        self.window.says("a second").await?;
        self.shoot("sync-copying").await?;
        self.window.tap("sync-pause").await?;
        self.window.see("sync-go-on").await?;
        self.shoot("sync-paused").await
    }

    /// What the rooms of Stripe's records look like from right to left.
    async fn right_to_left(&mut self) -> Outcome<()> {
        self.answer_set_up("ar-AE").await?;
        self.window.tap("setup-submit").await?;
        self.window.tap("nav-sync").await?;
        self.window.see("count-payment_intents").await?;
        self.window.tap("sync-certify").await?;
        self.window.see("certificate").await?;
        self.shoot("sync-arabic").await?;
        self.window.tap("nav-find").await?;
        self.window.see("find-rows").await?;
        self.open_first("4242").await?;
        self.shoot("find-arabic").await
    }
}

/// What is walked through, each with a till of its own.
#[derive(Debug, Clone, Copy)]
enum Walk {
    Day,
    FirstCopy,
    RightToLeft,
}

const WALKS: [Walk; 3] = [Walk::Day, Walk::FirstCopy, Walk::RightToLeft];
/// Payments in the past of a shop whose first copy lasts for longer than its pictures.
const LONG_PAST: u32 = 400_000;

async fn take(walk: Walk, data: &Path, folder: &Path) -> Outcome<usize> {
    if matches!(walk, Walk::FirstCopy) {
        shop_with_a_past(data, LONG_PAST)?;
    }
    let window = Window::open(data, &[("TILLBOOK_PRACTICE_SEED", Path::new("2026"))]).await?;
    let mut album = Album { window, folder: folder.to_owned(), saved: 0 };
    let walked = match walk {
        Walk::Day => album.walk().await,
        Walk::FirstCopy => album.first_copy().await,
        Walk::RightToLeft => album.right_to_left().await,
    };
    if walked.is_err() {
        let _ = album.window.picture(folder, "where-it-stopped").await;
    }
    let saved = album.saved;
    album.window.close().await?;
    walked.map(|()| saved)
}

/// Takes them all, or those of one walk that is named (`day`, `firstcopy`, `righttoleft`).
async fn take_all(named: Option<&str>, data: &Path, folder: &Path) -> Outcome<usize> {
    let mut saved = 0;
    for walk in WALKS {
        let name = format!("{walk:?}").to_lowercase();
        if named.is_none_or(|named| named == name) {
            saved += take(walk, &data.join(name), folder).await?;
        }
    }
    Ok(saved)
}

#[tokio::main]
#[allow(clippy::print_stdout, clippy::print_stderr)]
async fn main() -> ExitCode {
    if let Some(lacks) = missing(&["display", "bridge", "driver"]) {
        eprintln!("tillbook: {lacks}");
        return ExitCode::FAILURE;
    }
    let folder = picture_folder();
    let data = std::env::temp_dir().join(format!("tillbook-pictures-{}", std::process::id()));
    let named = std::env::args().nth(1);
    let made = take_all(named.as_deref(), &data, &folder).await;
    let _ = std::fs::remove_dir_all(&data);
    match made {
        Ok(saved) => {
            println!("{saved} pictures are in {}", folder.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!(
                "tillbook: the pictures stopped (see where-it-stopped.png in {}): {error}",
                folder.display()
            );
            ExitCode::FAILURE
        }
    }
}
