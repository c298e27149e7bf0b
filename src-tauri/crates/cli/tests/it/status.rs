//! `tillbook status` and the answer of `tillbook sync`.

use serde_json::json;

use crate::world::{Ran, Shop, tillbook};

fn text_of(shop: &Shop, args: &[&str]) -> String {
    let mut command = tillbook(args);
    command.arg("--data").arg(shop.data());
    let ran = Ran::of(command);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.stdout
}

#[test]
fn the_certificate_is_shown_in_text_and_as_an_object() {
    let shop = Shop::open();
    let before = shop.run_offline(&["status"]).done();
    assert!(before["certificate"].is_null() && before["complete_to"].is_null(), "{before}");
    assert!(text_of(&shop, &["status"]).contains("There is no certificate yet"));
    shop.run(&["sync"]).done();
    let status = shop.run_offline(&["status"]).done();
    let certificate = &status["certificate"];
    assert_eq!(certificate["holds"], true, "{certificate}");
    for time in ["at", "complete_to"] {
        assert!(certificate[time].as_str().unwrap().ends_with('Z'), "{time}: {certificate}");
    }
    assert!(certificate.get("audited_to").is_some(), "{certificate}");
    assert_eq!(certificate["balance"][0]["currency"], "usd");
    assert_eq!(certificate["balance"][0]["mirrored_minor"], certificate["balance"][0]["stripe_minor"]);
    assert_eq!((&certificate["healed"], &certificate["doubts"]), (&json!([]), &json!([])));
    assert_eq!(status["backlog"], json!({"lists": 0, "ranges": 0, "records": 0}));
    assert!(status["budget"]["left"].as_i64() <= status["budget"]["reads"].as_i64(), "{status}");
    assert!(status["spent"]["backfill"].as_i64() > Some(0), "{status}");
    assert!(status["counts"]["charges"].as_i64() > Some(0), "{status}");
    assert!(status["listed_at"]["charges"].as_str().unwrap().ends_with('Z'), "{status}");
    let text = text_of(&shop, &["status"]);
    for words in [
        "complete to ",
        "audited ",
        "it holds",
        "as at Stripe",
        "healed: nothing",
        "doubts: none",
        "charges, listed just now",
        "Nothing waits to be read.",
        "reads of 30 days are left",
        "Spent in 30 days on: ",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_sync_answers_the_keys_that_programs_know_first() {
    let shop = Shop::bare();
    let ran = shop.run(&["sync"]);
    ran.done();
    let known = ["objects", "events", "requests", "rate_limited", "seconds", "complete_to", "differences"];
    let places: Vec<usize> =
        known.iter().map(|key| ran.stdout.find(&format!("\"{key}\":")).unwrap_or(usize::MAX)).collect();
    assert!(places.is_sorted() && places[0] == 1, "{}", ran.stdout);
    let after = ["lists_left", "problems"].map(|key| ran.stdout.find(&format!("\"{key}\":")).unwrap());
    assert!(after.iter().all(|place| *place > places[6]), "{}", ran.stdout);
    assert_eq!(ran.json().as_object().unwrap().len(), known.len() + after.len());
}
