//! Serving the practice Stripe.

use crate::world::{Ran, Stripe, tillbook};

#[test]
fn it_ends_well_when_interrupted() {
    let stripe = Stripe::start(&[]);
    assert!(stripe.base_url.starts_with("http://127.0.0.1:"));
    assert!(stripe.secret_key.starts_with("sk_test_practice_"));
    assert!(stripe.publishable_key.starts_with("pk_test_practice_"));
    assert_eq!(stripe.get("/v1/account")["object"], "account");
    assert_eq!(stripe.interrupt(), Some(0));
}

#[test]
fn a_port_in_use_is_said() {
    let stripe = Stripe::start(&[]);
    let port = stripe.base_url.rsplit_once(':').unwrap().1;
    let second = Ran::of(tillbook(&["practice", "--port", port, "--json"]));
    assert_eq!(second.failed(1), "port_in_use");
    let human = Ran::of(tillbook(&["practice", "--port", port]));
    assert_eq!((human.code, human.stdout.as_str()), (Some(1), ""));
    assert!(human.stderr.contains(port), "{}", human.stderr);
}

#[test]
fn what_it_kept_is_there_again_on_another_port() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("practice");
    let args = ["--data", data.to_str().unwrap()];
    let first = Stripe::start(&args);
    let customer = first.post("/v1/customers", "name=Grace");
    let (key, base_url) = (first.secret_key.clone(), first.base_url.clone());
    assert_eq!(first.interrupt(), Some(0));

    let again = Stripe::start(&args);
    assert_eq!(again.secret_key, key);
    assert_ne!(again.base_url, base_url);
    let id = customer["id"].as_str().unwrap();
    assert_eq!(again.get(&format!("/v1/customers/{id}"))["name"], "Grace");
    drop(again);

    let reset = Stripe::start(&[args[0], args[1], "--reset"]);
    assert_eq!(reset.get(&format!("/v1/customers/{id}"))["error"]["code"], "resource_missing");
}

#[test]
fn options_that_make_no_shop_are_wrong_usage() {
    assert_eq!(Ran::of(tillbook(&["practice", "--port", "99999", "--json"])).failed(2), "usage");
    let missing = Ran::of(tillbook(&["practice", "--faults", "/nowhere/faults.json", "--json"]));
    assert_eq!(missing.failed(2), "faults_unreadable");
}
