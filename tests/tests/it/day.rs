//! A whole day through the command line, with everything that passes to and from Stripe written down: what the till
//! says, what Stripe has, and what Stripe's own description allows must agree.

use serde_json::Value;
use tempfile::TempDir;

use crate::openapi::{Description, tree};
use crate::programs::{PracticeShop, Till};
use crate::proxy::{Exchange, Proxy};
use crate::sdk::something_to_sell;

#[test]
fn a_day_at_the_till() {
    let shop = PracticeShop::start();
    let proxy = Proxy::before(&shop.base_url);
    let data = TempDir::new().unwrap();
    let till = Till { data: data.path(), base_url: &proxy.base_url, secret_key: &shop.secret_key };
    till.begin();
    let key = something_to_sell(&shop);
    let line = format!("{key}:1");

    let cash = till.run(&["sell", "--as", "Ada", "--line", &line, "--tender", "cash"]);
    assert_eq!(cash["status"], "paid", "{cash}");
    let card = till.sell_by_card(&key);
    let declined = till.output(&[
        "sell",
        "--as",
        "Ada",
        "--line",
        &line,
        "--tender",
        "card",
        "--payment-method",
        "pm_card_visa_chargeDeclined",
    ]);
    let declined: Value = serde_json::from_slice(&declined.stdout).unwrap();
    assert_eq!(declined["status"], "unpaid", "{declined}");

    let refunded = till.run(&[
        "refund",
        card["sale_id"].as_str().unwrap(),
        "--as",
        "Ada",
        "--reason",
        "requested_by_customer",
        "--amount",
        "100",
    ]);
    assert!(refunded.to_string().contains("re_"), "{refunded}");

    till.run(&["sync"]);
    let sales = till.run(&["sales"]);
    assert_eq!(sales["sales"].as_array().unwrap().len(), 3, "{sales}");
    let exported = data.path().join("transactions.csv");
    till.run(&[
        "export",
        "--as",
        "Ada",
        "--report",
        "transactions",
        "--format",
        "csv",
        "--from",
        "2000-01-01",
        "--to",
        "2100-01-01",
        "--out",
        exported.to_str().unwrap(),
    ]);
    let rows = std::fs::read_to_string(&exported).unwrap();
    let sale_id = card["sale_id"].as_str().unwrap();
    assert_eq!(
        rows.lines().filter(|row| row.contains(sale_id)).count(),
        2,
        "the charge and its refund:\n{rows}"
    );
    let verified = till.run(&["verify"]);
    assert_eq!(verified["intact"], true, "{verified}");

    let seen = proxy.seen();
    every_write_has_a_key_of_its_own(&seen);
    creating_never_charges(&seen);
    if let Some(description) = Description::find() {
        let mut complaints: Vec<String> = seen.iter().flat_map(|one| description.complaints(one)).collect();
        complaints.sort();
        complaints.dedup();
        assert!(complaints.is_empty(), "{} requests, of them:\n{}", seen.len(), complaints.join("\n"));
    }
}

fn writes(seen: &[Exchange]) -> impl Iterator<Item = &Exchange> {
    // The test helper is the customer's hand, not the till's doing.
    seen.iter().filter(|one| one.method == "POST" && !one.path.contains("/test_helpers/"))
}

fn every_write_has_a_key_of_its_own(seen: &[Exchange]) {
    let mut keys = std::collections::BTreeSet::new();
    for write in writes(seen) {
        let key = write
            .idempotency_key
            .as_ref()
            .unwrap_or_else(|| panic!("no key: {} {}", write.method, write.path));
        assert!(keys.insert(key), "{key} was used twice");
    }
    assert!(!keys.is_empty());
    let versions: std::collections::BTreeSet<_> = seen.iter().map(|one| &one.version).collect();
    assert_eq!(versions.len(), 1, "one version is spoken: {versions:?}");
}

fn creating_never_charges(seen: &[Exchange]) {
    for create in writes(seen).filter(|one| one.path == "/v1/payment_intents") {
        let body = tree(&create.parameters);
        assert!(body.get("confirm").is_none(), "{body}");
        for name in [
            "workspace_id",
            "user_id",
            "purpose",
            "sale_id",
            "attempt_id",
            "till_id",
            "journal_seq",
            "journal_head",
        ] {
            assert!(body["metadata"][name].is_string(), "metadata.{name} is missing: {body}");
        }
    }
}
