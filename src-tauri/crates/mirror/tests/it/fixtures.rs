//! Stripe's own example objects through the store, value for value.

use std::path::PathBuf;

use serde_json::Value;

use crate::fake::Fake;
use crate::house::{House, without_secrets};

/// Named by `STRIPE_FIXTURES`, or beside the API description that `STRIPE_OPENAPI` names.
fn fixtures() -> Option<PathBuf> {
    let named = std::env::var_os("STRIPE_FIXTURES").map(PathBuf::from);
    let beside = || {
        let openapi = PathBuf::from(std::env::var_os("STRIPE_OPENAPI")?);
        Some(openapi.parent()?.join("fixtures3-subset.json"))
    };
    named.or_else(beside).filter(|path| path.exists())
}

#[tokio::test]
async fn every_example_comes_back_as_it_went_in() {
    let Some(path) = fixtures() else {
        println!("skipped: neither STRIPE_FIXTURES nor STRIPE_OPENAPI names Stripe's example objects");
        return;
    };
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let house = House::with(&Fake::new()).await;
    let mut through = 0;
    for (name, object) in file["resources"].as_object().unwrap() {
        if object.get("id").and_then(Value::as_str).is_none() || name.starts_with("deleted_") {
            continue;
        }
        // Examples share ids between kinds; each goes through alone.
        let mut object = object.clone();
        let id = format!("{}_{through}", object["id"].as_str().unwrap());
        object["id"] = id.clone().into();
        house
            .mirror
            .take(serde_json::to_string_pretty(&object).unwrap().as_bytes(), 1_790_000_000_000)
            .unwrap();
        without_secrets(&mut object);
        assert_eq!(house.json(&id).unwrap(), object, "{name}");
        through += 1;
    }
    assert!(through > 40, "only {through} objects");
}
