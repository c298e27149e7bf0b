//! What is put on record about the copy of Stripe's records.

use tillbook_mirror::{Certificate, Changed, Healed, NotCompared};

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
        changes: vec![Changed {
            column: "email".to_owned(),
            here: Some("a@example.com".to_owned()),
            stripe: Some("b@example.com".to_owned()),
            currency: None,
        }],
    };
    let open = Healed { object: "balance".to_owned(), id: "usd".to_owned(), ..healed.clone() };
    let certificate = Certificate {
        at: 1_700_000_000,
        audited_since: Some(1_600_000_000),
        not_compared: Some(NotCompared::Permission),
        healed: vec![healed],
        open: vec![open],
        ..Certificate::default()
    };
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
    for said in ["\"not_compared\":\"permission\"", "\"audited_since\":1600000000", "\"id\":\"usd\""] {
        assert!(body.contains(said), "{said}: {body}");
    }
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

#[test]
fn a_pause_of_the_copy_and_its_going_on_are_on_record_with_who_did_it() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    // Nothing was ever copied, so there is something to wait.
    assert!(till.pause_copy(&shop.ada).unwrap());
    assert!(!till.pause_copy(&shop.ada).unwrap(), "it waits already");
    let hold = shop.house.mirror.status().unwrap().copying.hold.unwrap();
    assert_eq!(hold.by.as_deref(), Some("Ada"));
    assert!(till.go_on_with_copy_unattended().unwrap());
    assert!(!till.go_on_with_copy(&shop.ada).unwrap(), "it goes on already");
    assert!(till.pause_copy(&shop.ada).unwrap() && till.go_on_with_copy(&shop.ada).unwrap());
    assert_eq!(shop.house.mirror.status().unwrap().copying.hold, None);
    let entries: Vec<(String, Option<String>)> = shop
        .house
        .store
        .till
        .read::<_, tillbook_store::StoreError>(|db| {
            let mut entries =
                db.prepare("SELECT kind, staff_name FROM journal WHERE kind LIKE 'copy_%' ORDER BY seq")?;
            let rows = entries.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .unwrap();
    let ada = || Some("Ada".to_owned());
    let expected =
        [("copy_paused", ada()), ("copy_gone_on", None), ("copy_paused", ada()), ("copy_gone_on", ada())];
    assert_eq!(entries, expected.map(|(kind, who)| (kind.to_owned(), who)));
    assert!(till.journal_check(&shop.ada).unwrap().intact);
}
