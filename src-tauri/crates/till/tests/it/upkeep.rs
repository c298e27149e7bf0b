//! What is put on record about the copy of Stripe's records.

use tillbook_mirror::{Certificate, Healed};

use crate::shop::Shop;

#[test]
fn a_certificate_names_what_was_healed_and_no_value_of_it() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    let healed = Healed {
        object: "customer".to_owned(),
        id: "cus_1".to_owned(),
        what: "changed".to_owned(),
        detail: "email: a@example.com here, b@example.com at Stripe".to_owned(),
    };
    let certificate = Certificate { at: 1_700_000_000, healed: vec![healed], ..Certificate::default() };
    till.note_certificate(&till.unattended(), &certificate).unwrap();
    let body: String = shop
        .house
        .store
        .till
        .read::<_, tillbook_store::StoreError>(|db| {
            Ok(db.query_row("SELECT body FROM journal WHERE kind = 'mirror_certified'", [], |row| {
                row.get(0)
            })?)
        })
        .unwrap();
    assert!(body.contains("cus_1") && body.contains("\"differences\":1"), "{body}");
    assert!(!body.contains("example.com"), "{body}");
    assert!(till.journal_check(&shop.ada).unwrap().intact);
}

#[tokio::test]
async fn every_certificate_of_a_sync_is_on_record_also_before_the_shop_is_set_up() {
    let shop = Shop::open().await;
    let first: String = shop
        .house
        .store
        .till
        .read::<_, tillbook_store::StoreError>(|db| {
            Ok(db.query_row("SELECT kind FROM journal WHERE seq = 1", [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(first, "mirror_certified");
    assert!(shop.house.mirror.certificate().unwrap().unwrap().holds);
    assert!(shop.house.till.journal_check(&shop.ada).unwrap().intact);
}

#[test]
fn the_receiver_s_secret_is_kept_and_forgotten_with_it() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    assert!(till.receiver().unwrap().is_none());
    for (port, secret) in
        [(80, "whsec_0123456789abcdef"), (4242, "sk_test_0123456789abcdef"), (4242, "whsec_1")]
    {
        assert!(till.receiver_on(&shop.ada, port, secret).is_err(), "{port}");
    }
    assert!(till.receiver().unwrap().is_none());
    till.receiver_on(&shop.ada, 4242, " whsec_0123456789abcdef\n").unwrap();
    let (port, secret) = till.receiver().unwrap().unwrap();
    assert_eq!((port, secret.expose_text()), (4242, Some("whsec_0123456789abcdef")));
    till.receiver_off(&shop.ada).unwrap();
    assert!(till.receiver().unwrap().is_none());
    let vault = &shop.house.vault;
    assert!(vault.get(tillbook_vault::names::RECEIVER).unwrap().is_none());
}
