//! The vault's keychain against a real Secret Service.

use tillbook_tests::missing;
use tillbook_vault::{Keychain, Secret, Vault};

#[test]
fn a_secret_is_kept_by_the_desktops_keyring() {
    if let Some(lacks) = missing(&["keyring"]) {
        assert!(std::env::var_os("TILLBOOK_TEST_ALL").is_none(), "{lacks}");
        println!("{lacks}");
        return;
    }
    let service = format!("tillbook/test-{}", std::process::id());
    let vault = Keychain::open(&service).unwrap();
    assert!(vault.get("journal").unwrap().is_none());
    let first = vault.random_secret("journal").unwrap();
    vault.set("stripe-key", &Secret::new(b"sk_test_123".to_vec())).unwrap();
    drop(vault);

    // Another connection, as after a restart.
    let again = Keychain::open(&service).unwrap();
    assert_eq!(again.random_secret("journal").unwrap().expose(), first.expose());
    assert_eq!(again.get("stripe-key").unwrap().unwrap().expose(), b"sk_test_123");
    let other = Keychain::open("tillbook/another-till").unwrap();
    assert!(other.get("journal").unwrap().is_none(), "tills do not see each other's secrets");
    for name in ["journal", "stripe-key"] {
        again.delete(name).unwrap();
        assert!(again.get(name).unwrap().is_none());
    }
}
