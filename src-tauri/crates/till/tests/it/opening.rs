//! Opening a house: what is refused, and what reading alone may do.

use tempfile::TempDir;
use tillbook_store::{Access, Mode, StoreError, VaultKind};
use tillbook_stripe::{ApiKey, Endpoint};
use tillbook_till::view::{Role, SalesQuery};
use tillbook_till::{Clash, Code, OpenOptions, TillError, open};
use tillbook_vault::VaultError;

use crate::shop::{PIN, Shop};

#[test]
fn a_loopback_address_is_practice_and_never_asks_the_keychain() {
    let folder = TempDir::new().unwrap();
    let mut options = OpenOptions::at(folder.path());
    options.endpoint = Some(Endpoint::parse("http://127.0.0.1:9").unwrap());
    let house = open(options).unwrap();
    assert_eq!((house.identity.mode, house.identity.vault), (Mode::Practice, VaultKind::PracticeFile));
    assert!(house.client.is_none());
}

#[test]
fn reading_works_beside_an_open_window_and_a_second_writer_does_not() {
    let (shop, _) = Shop::alone();
    let sale = shop.house.till.sale_add(&shop.bob, "price_0", 1).unwrap();
    shop.house.till.pay_cash(&shop.bob, &sale.id, 250).unwrap();
    let second = open(OpenOptions::at(shop.folder.path())).unwrap_err();
    assert!(matches!(&second, TillError::Store(StoreError::OpenElsewhere { .. })), "{second}");
    let mut options = OpenOptions::at(shop.folder.path());
    options.access = Access::ReadOnly;
    let reader = open(options).unwrap().till;
    let nobody = reader.unattended();
    assert_eq!(reader.sales(&nobody, &SalesQuery::default()).unwrap().rows.len(), 1);
    assert!(reader.journal_check(&nobody).unwrap().intact);
    let ada = reader.sign_in("Ada", PIN).unwrap();
    assert_eq!(reader.sign_in("Ada", "0000").unwrap_err().code(), Code::PinWrong);
    assert_eq!(reader.note_export(&ada, serde_json::Map::new()).unwrap(), None);
    assert_eq!(reader.sale_add(&ada, "price_0", 1).unwrap_err().code(), Code::Store);
    assert_eq!(reader.staff_add(&ada, "Zoe", Role::Cashier, PIN).unwrap_err().code(), Code::Store);
}

#[test]
fn reading_makes_no_house() {
    let folder = TempDir::new().unwrap();
    let mut options = OpenOptions::at(folder.path().join("new"));
    options.access = Access::ReadOnly;
    let refused = open(options).unwrap_err();
    assert!(matches!(refused, TillError::Store(StoreError::NotSetUp { .. })), "{refused}");
    assert!(!folder.path().join("new").exists());
}

#[test]
fn keys_and_folders_of_different_modes_never_mix() {
    let (shop, _) = Shop::alone();
    let Shop { folder, house, .. } = shop;
    drop(house);
    let mut options = OpenOptions::at(folder.path());
    options.key = Some(ApiKey::parse("sk_test_51H0000000000000000000000").unwrap());
    let refused = open(options).unwrap_err();
    assert!(matches!(refused, TillError::Conflict(Clash::OtherMode)), "{refused}");
    for (key, endpoint) in [
        ("sk_live_51H0000000000000000000000", "http://127.0.0.1:9"),
        ("pk_test_51H0000000000000000000000", "http://127.0.0.1:9"),
        ("sk_test_practice_0000000000000000", "https://api.stripe.com"),
    ] {
        let mut options = OpenOptions::at(folder.path());
        options.key = Some(ApiKey::parse(key).unwrap());
        options.endpoint = Some(Endpoint::parse(endpoint).unwrap());
        let refused = open(options).unwrap_err();
        assert_eq!(refused.code(), Code::Invalid, "{key}: {refused}");
        assert!(!refused.to_string().contains(key));
    }
}

#[test]
fn without_a_keychain_a_passphrase_keeps_the_keys() {
    let folder = TempDir::new().unwrap();
    let options = |passphrase: Option<&str>| {
        let mut options = OpenOptions::at(folder.path());
        options.key = Some(ApiKey::parse("sk_test_51H0000000000000000000000").unwrap());
        options.passphrase = passphrase.map(ToOwned::to_owned);
        options
    };
    let first = match open(options(Some("correct horse"))) {
        Ok(house) => house,
        Err(error) => panic!("{error}"),
    };
    if first.identity.vault == VaultKind::Keychain {
        // This machine has one; then it is the right home.
        return;
    }
    assert_eq!(first.identity.vault, VaultKind::PassphraseFile);
    drop(first);
    for wrong in [Some("wrong horse"), None] {
        let refused = open(options(wrong)).unwrap_err();
        assert!(matches!(refused, TillError::Vault(_)), "{refused}");
    }
    assert_eq!(open(options(Some("correct horse"))).unwrap().identity.mode, Mode::Test);
    let vault = std::fs::read_to_string(folder.path().join("vault.json")).unwrap();
    assert!(!vault.contains("sk_test"), "the Stripe key is not kept");
}

#[test]
fn keys_that_are_gone_are_not_made_anew() {
    let (shop, _) = Shop::alone();
    let Shop { folder, house, .. } = shop;
    drop(house);
    let vault = folder.path().join("vault.json");
    let own = std::fs::read(&vault).unwrap();
    let open_with = |access| {
        let mut options = OpenOptions::at(folder.path());
        options.access = access;
        open(options)
    };
    std::fs::remove_file(&vault).unwrap();
    for access in [Access::ReadOnly, Access::ReadWrite] {
        let refused = open_with(access).unwrap_err();
        assert!(matches!(refused, TillError::Vault(VaultError::Missing { .. })), "{refused}");
        assert!(refused.to_string().contains("till.db and mirror.db"), "{refused}");
        assert!(!vault.exists());
    }
    // One key of several is enough to miss.
    let text = String::from_utf8(own.clone()).unwrap();
    for name in ["till-db", "mirror-db", "journal"] {
        let without = text.replace(&format!("\"{name}\""), "\"elsewhere\"");
        std::fs::write(&vault, &without).unwrap();
        for access in [Access::ReadOnly, Access::ReadWrite] {
            let refused = open_with(access).unwrap_err();
            assert!(matches!(refused, TillError::Vault(VaultError::Missing { .. })), "{name}: {refused}");
        }
        assert_eq!(std::fs::read_to_string(&vault).unwrap(), without);
    }
    std::fs::write(&vault, own).unwrap();
    drop(open_with(Access::ReadWrite).unwrap());
}
