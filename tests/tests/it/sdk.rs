//! Stripe's own Node library against `tillbook practice`: it knows Stripe and nothing of us, so what it can read is
//! what Stripe would have said. It also reads the payment and the refund that the till made.

use std::collections::BTreeSet;
use std::process::Command;

use tempfile::TempDir;
use tillbook_tests::{missing, repository};

use crate::programs::{PracticeShop, Till};

/// A lookup key of something the practice shop sells.
pub fn something_to_sell(shop: &PracticeShop) -> String {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let body = runtime.block_on(async {
        let url = format!("{}/v1/prices?limit=100&active=true", shop.base_url);
        let answer = reqwest::Client::new().get(url).bearer_auth(&shop.secret_key).send().await.unwrap();
        answer.text().await.unwrap()
    });
    let prices: serde_json::Value = serde_json::from_str(&body).unwrap();
    let found = prices["data"].as_array().unwrap().iter().find_map(|price| price["lookup_key"].as_str());
    found.unwrap_or_else(|| panic!("no price has a lookup key: {body}")).to_owned()
}

#[test]
fn stripes_own_library_reads_the_practice_stripe_and_what_the_till_did() {
    let folder = repository().join("tests/sdk");
    let lacks = missing(&["node"]).or_else(|| {
        let installed = folder.join("node_modules/stripe").is_dir();
        (!installed).then(|| "skipped: tests/sdk has no node_modules (make deps brings them)".to_owned())
    });
    if let Some(lacks) = lacks {
        assert!(std::env::var_os("TILLBOOK_TEST_ALL").is_none(), "{lacks}");
        println!("{lacks}");
        return;
    }
    let shop = PracticeShop::start();
    let data = TempDir::new().unwrap();
    let till = Till { data: data.path(), base_url: &shop.base_url, secret_key: &shop.secret_key };
    till.begin();
    let sale = till.sell_by_card(&something_to_sell(&shop));
    let sale_id = sale["sale_id"].as_str().unwrap();
    till.run(&["refund", sale_id, "--as", "Ada", "--reason", "requested_by_customer"]);

    let notes = data.path().join("sdk-operations");
    let payment = &sale["payments"][0];
    let output = Command::new("node")
        // One file after the other: they share a reader and a balance.
        .args(["--test", "--test-concurrency=1", "--test-reporter=tap"])
        .current_dir(&folder)
        .env("SDK_OPERATIONS", &notes)
        .env("PRACTICE_URL", &shop.base_url)
        .env("PRACTICE_KEY", &shop.secret_key)
        .env("TILL_SALE", sale_id)
        .env("TILL_PAYMENT_INTENT", payment["payment_intent"].as_str().unwrap())
        .env("TILL_ATTEMPT", payment["attempt_id"].as_str().unwrap())
        .env("TILL_TOTAL", sale["total_minor"].to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("# pass ") && said.contains("# skipped 0"), "{said}");
    the_table_says_so(&std::fs::read_to_string(&notes).unwrap());
}

/// The README of the practice Stripe marks what the library called with success, and nothing else.
fn the_table_says_so(notes: &str) {
    let called: BTreeSet<String> =
        notes.lines().collect::<BTreeSet<_>>().into_iter().filter_map(operation).collect();
    let path = repository().join("src-tauri/crates/practice/README.md");
    let text = std::fs::read_to_string(path).unwrap();
    let marked: BTreeSet<String> = text
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            (cells.len() == 6 && cells[4] == "yes").then(|| cells[1].trim_matches('`').to_owned())
        })
        .collect();
    let (lies, silent): (Vec<_>, Vec<_>) =
        (marked.difference(&called).collect(), called.difference(&marked).collect());
    assert!(
        lies.is_empty() && silent.is_empty(),
        "marked but not called: {lies:#?}\ncalled but not marked: {silent:#?}"
    );
}

/// The operation a call was: `GET /v1/refunds/re_1` is `GET /v1/refunds/{refund}`.
fn operation(call: &str) -> Option<String> {
    let fits = |operation: &String| {
        let (mut left, mut right) = (operation.split('/'), call.split('/'));
        loop {
            match (left.next(), right.next()) {
                (None, None) => return true,
                (Some(step), Some(part)) if step == part || step.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    tillbook_practice::operations()
        .into_iter()
        .filter(fits)
        .min_by_key(|operation| operation.matches('{').count())
}
