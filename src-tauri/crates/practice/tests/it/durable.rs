//! A state that is kept.

use std::io::Write;

use tillbook_practice::{ManualClock, Practice, PracticeError, PracticeOptions};

use crate::shop::{NOW_S, Shop, options};

fn kept(folder: &std::path::Path) -> PracticeOptions {
    PracticeOptions { data: Some(folder.to_owned()), ..options() }
}

#[tokio::test]
async fn everything_survives_a_restart_and_a_torn_tail() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = Shop::with(kept(folder.path()));
    let (account, key) = (shop.running.account.clone(), shop.running.secret_key.clone());
    let customer = shop.post_keyed("/v1/customers", "k", &[("name", "Kept")]).await.ok();
    let paid = shop.pay("900", "pm_card_pendingRefund").await.ok();
    let refund = shop.post("/v1/refunds", &[("payment_intent", &paid.id())]).await.ok();
    let gone = shop.post("/v1/customers", &[("name", "Gone")]).await.ok();
    shop.delete(&format!("/v1/customers/{}", gone.id())).await.ok();
    let events = shop.get("/v1/events?limit=100").await.ok().json;
    let again = Practice::start(kept(folder.path()));
    assert!(matches!(again, Err(PracticeError::StateInUse { .. })), "{again:?}");
    drop(shop);

    let journal = folder.path().join("practice.journal");
    let mut file = std::fs::OpenOptions::new().append(true).open(&journal).expect("the journal");
    file.write_all(b"0123456789abcdef [{\"k\":\"customer\"").expect("a torn line");
    drop(file);
    // Another seed: what is kept decides.
    let shop = Shop::with(PracticeOptions { seed: Some(99), ..kept(folder.path()) });
    assert_eq!((&shop.running.account, &shop.running.secret_key), (&account, &key));
    assert_eq!(shop.get(&format!("/v1/customers/{}", customer.id())).await.ok().json, customer.json);
    assert_eq!(shop.get("/v1/events?limit=100").await.ok().json, events);
    assert_eq!(shop.get(&format!("/v1/customers/{}", gone.id())).await.ok().json["deleted"], true);
    let replay = shop.post_keyed("/v1/customers", "k", &[("name", "Kept")]).await.ok();
    assert_eq!((replay.id(), replay.header("idempotent-replayed")), (customer.id(), "true"));
    shop.clock.advance_ms(10_000);
    assert_eq!(
        shop.get(&format!("/v1/refunds/{}", refund.id())).await.ok().text("/status"),
        "succeeded",
        "tasks survive too"
    );
    let fresh = shop.post("/v1/customers", &[]).await.ok();
    assert_ne!(fresh.id(), customer.id());
    drop(shop);

    let mut bytes = std::fs::read(&journal).expect("the journal");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    std::fs::write(&journal, &bytes).expect("written");
    let damaged = Practice::start(kept(folder.path()));
    assert!(matches!(damaged, Err(PracticeError::StateDamaged { .. })), "{damaged:?}");
    let anew = Shop::with(PracticeOptions { reset: true, ..kept(folder.path()) });
    anew.get(&format!("/v1/customers/{}", customer.id())).await.refused(404, "resource_missing", "id");
}

#[tokio::test]
async fn a_seed_repeats_keys_and_shop() {
    let clock = || ManualClock::at(NOW_S * 1000);
    let (one, two) = (Shop::on(options(), clock()), Shop::on(options(), clock()));
    assert_eq!(one.running.secret_key, two.running.secret_key);
    assert!(
        one.running.secret_key.starts_with("sk_test_practice_")
            && one.running.publishable_key.starts_with("pk_test_practice_")
    );
    for path in ["/v1/products?limit=100", "/v1/customers", "/v1/charges?limit=100", "/v1/events?limit=100"] {
        assert_eq!(one.get(path).await.ok().json, two.get(path).await.ok().json, "{path}");
    }
    let other = Shop::with(PracticeOptions { seed: None, ..options() });
    assert_ne!(other.running.secret_key, one.running.secret_key);
}
