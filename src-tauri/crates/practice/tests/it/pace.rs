//! How long a page takes. A measurement, not a test: `cargo test -p tillbook-practice --release -- --ignored --nocapture pace`.

use std::time::Instant;

use tillbook_practice::{PracticeOptions, ShopSpec};

use crate::shop::{NOW_S, Shop, options};

#[tokio::test]
#[ignore = "a measurement"]
async fn a_page_of_a_hundred() {
    let begun = Instant::now();
    let shop = Shop::with(PracticeOptions {
        shop: ShopSpec { products: Some(100_000), payments: Some(1_000_000), days: Some(365) },
        ..options()
    });
    println!("opened in {:?}", begun.elapsed());
    let client = reqwest::Client::new();
    let middle = NOW_S - 180 * 86_400;
    for path in ["payment_intents?", "charges?", "balance_transactions?", "products?", "prices?", "events?"] {
        let url = format!(
            "{}/v1/{path}limit=100&created[lt]={}",
            shop.running.base_url,
            // The shop's history; the rest is of today.
            if matches!(path, "payment_intents?" | "charges?" | "balance_transactions?") {
                middle
            } else {
                NOW_S
            }
        );
        let begun = Instant::now();
        let mut bytes = 0;
        for _ in 0..50 {
            let answer =
                client.get(&url).bearer_auth(&shop.running.secret_key).send().await.expect("an answer");
            bytes = answer.bytes().await.expect("a body").len();
        }
        println!("{path} {:?} a page, {bytes} bytes", begun.elapsed() / 50);
    }
    let begun = Instant::now();
    shop.get("/v1/balance").await.ok();
    println!("balance over a million: {:?}", begun.elapsed());
}
