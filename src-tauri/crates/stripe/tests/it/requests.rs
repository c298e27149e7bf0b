//! Every request against Stripe's own description, and the checks before sending.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tillbook_stripe::common::{Address, Created, Paging, Percent, Shipping};
use tillbook_stripe::{
    Metadata, Unsendable, charges, checkout, coupons, customers, events, payment_intents, prices, refunds,
    terminal,
};

use crate::{description, samples};

#[test]
fn every_request_is_one_that_stripe_describes() {
    let posts = samples::posts().unwrap();
    let queries = samples::queries().unwrap();
    let Some(api) = description::load() else { return };
    let requests = posts
        .iter()
        .map(|post| ("post", post.path.clone(), post.body.clone()))
        .chain(queries.iter().map(|(method, query)| (*method, query.path.clone(), query.form.encode())));
    let mut covered = BTreeSet::new();
    let mut wrong = Vec::new();
    for (method, path, form) in requests {
        match check(&api, method, &path, &form) {
            Ok(template) => covered.insert(format!("{method} {template}")),
            Err(faults) => {
                wrong.extend(faults);
                false
            }
        };
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let described: usize =
        api["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
    println!("operations covered: {} of {described} described", covered.len());
    assert!(covered.len() >= 110, "{}", covered.len());
}

/// The operation's template, or what is wrong with the request.
fn check<'a>(api: &'a Value, method: &str, path: &str, form: &str) -> Result<&'a str, Vec<String>> {
    let Some(template) = description::template(api, method, path) else {
        return Err(vec![format!("{method} {path}: no such operation")]);
    };
    let mut schema = description::parameters(&api["paths"][template][method], method);
    let sent = description::coerce(&description::decode(form), &schema);
    open_enums(&mut schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(&sent).map(|e| format!("{method} {path}: {} {e}", e.instance_path())).collect();
    if faults.is_empty() { Ok(template) } else { Err(faults) }
}

#[test]
fn the_check_against_the_description_notices_what_is_wrong() {
    let Some(api) = description::load() else { return };
    for (method, path, form) in [
        ("post", "/v1/refunds", "payment_intnt=pi_1"),
        ("post", "/v1/refunds", "amount=1.5"),
        ("post", "/v1/payment_intents", "amount=5"),
        ("post", "/v1/payment_intents", "amount=5&currency=usd&shipping[adress][city]=X"),
        ("post", "/v1/payment_intents", "amount=5&currency=usd&payment_method_types[0]=card"),
        ("post", "/v1/terminal/readers/tmr_1/process_payment_intent", "payment_intent[id]=pi_1"),
        ("get", "/v1/events", "types=charge.succeeded&until=1"),
        ("get", "/v1/nothing", ""),
        ("delete", "/v1/charges/ch_1", ""),
    ] {
        assert!(check(&api, method, path, form).is_err(), "{method} {path} {form}");
    }
    assert!(check(&api, "post", "/v1/payment_intents", "amount=5&currency=usd").is_ok());
}

/// Open enumerations take words that are not listed.
fn open_enums(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("x-stripeBypassValidation") == Some(&Value::Bool(true)) {
                fields.remove("enum");
            }
            fields.values_mut().for_each(open_enums);
        }
        Value::Array(items) => items.iter_mut().for_each(open_enums),
        _ => {}
    }
}

/// What methods of this crate make of the parameters of the vectors, by the vector's first parameter.
fn vectors_by_method() -> Vec<(&'static str, String)> {
    let paging = |limit, before: Option<&str>, expand: &[&str]| Paging {
        limit,
        ending_before: before.map(str::to_owned),
        expand: expand.iter().map(|field| (*field).to_owned()).collect(),
        ..Default::default()
    };
    let update = |update: customers::Update| update.prepare("cus_1", "k").unwrap().body;
    vec![
        ("amount", create().prepare("k").unwrap().body),
        (
            "metadata",
            update(customers::Update {
                metadata: Metadata::new().with("sale_id", 42).with("note", "a b&c=d"),
                ..Default::default()
            }),
        ),
        (
            "expand",
            charges::ListParams {
                page: paging(None, None, &["data.customer", "data.latest_charge"]),
                ..Default::default()
            }
            .query()
            .form
            .encode(),
        ),
        (
            "lookup_keys",
            prices::ListParams {
                lookup_keys: vec!["coffee".into(), "tea".into()],
                page: paging(Some(100), None, &[]),
                ..Default::default()
            }
            .query()
            .form
            .encode(),
        ),
        (
            "created",
            charges::ListParams {
                created: Some(Created {
                    gte: Some(1_700_000_000),
                    lt: Some(1_700_003_600),
                    ..Default::default()
                }),
                ..Default::default()
            }
            .query()
            .form
            .encode(),
        ),
        (
            "types",
            events::ListParams {
                types: vec!["charge.succeeded".into(), "refund.created".into()],
                page: paging(None, Some("evt_1"), &[]),
                ..Default::default()
            }
            .query()
            .form
            .encode(),
        ),
        (
            "description",
            update(customers::Update {
                description: Some("Café ☕ 100% [x] + y/z?".into()),
                ..Default::default()
            }),
        ),
        (
            "payment_method_options",
            payment_intents::Confirm {
                payment_method_options: Some(
                    json!({"card": {"moto": true, "request_three_d_secure": "any"}}),
                ),
                ..Default::default()
            }
            .prepare("pi_1", "k")
            .unwrap()
            .body,
        ),
        ("line_items", session().prepare("k").unwrap().body),
        (
            "cart",
            terminal::SetReaderDisplay::cart(terminal::Cart {
                line_items: vec![terminal::CartLine { description: "Mug".into(), amount: 900, quantity: 1 }],
                currency: "usd".into(),
                tax: Some(0),
                total: 900,
            })
            .prepare("tmr_1", "k")
            .unwrap()
            .body,
        ),
        (
            "shipping",
            update(customers::Update {
                shipping: Some(Shipping {
                    name: Some("A".into()),
                    phone: None,
                    address: Some(Address {
                        line1: Some("1 Rd".into()),
                        city: Some("X".into()),
                        country: Some("US".into()),
                        ..Default::default()
                    }),
                }),
                ..Default::default()
            }),
        ),
        (
            "percent_off",
            coupons::CreateCoupon { percent_off: Some(Percent(1250)), ..Default::default() }
                .prepare("k")
                .unwrap()
                .body,
        ),
    ]
}

#[test]
fn bytes_equal_the_official_sdks_where_a_vector_has_them() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../vectors/form_encoding.json")).unwrap();
    for (first, body) in vectors_by_method() {
        // The first of that name; there are several for metadata.
        let of_name =
            |vector: &&Value| vector["params"].as_object().unwrap().keys().next().is_some_and(|k| k == first);
        let encoded = vectors.iter().find(of_name).unwrap()["encoded"].as_str().unwrap();
        // What a payment must carry besides comes behind what the vector has.
        assert!(
            body == encoded || body.starts_with(&format!("{encoded}&")),
            "{first}: {body} is not {encoded}"
        );
    }
}

fn session() -> checkout::Create {
    checkout::Create {
        line_items: vec![checkout::LineItem {
            price_data: Some(checkout::PriceData {
                currency: "eur".into(),
                unit_amount: Some(450),
                product_data: Some(prices::ProductData {
                    name: "Tea".into(),
                    metadata: Metadata::new().with("sku", "T-1"),
                    ..Default::default()
                }),
                ..Default::default()
            }),
            quantity: Some(3),
            ..Default::default()
        }],
        mode: checkout::Mode::Payment,
        allowed_payment_method_types: vec!["card".into()],
        payment_intent_data: Some(checkout::PaymentIntentData {
            metadata: samples::payment_metadata(),
            ..Default::default()
        }),
        metadata: Metadata::new().with("workspace_id", 1).with("user_id", 2),
        ..Default::default()
    }
}

#[test]
fn a_created_payment_is_never_confirmed_in_the_same_step() {
    for post in samples::posts().unwrap().iter().filter(|post| post.path == "/v1/payment_intents") {
        assert!(!post.body.contains("confirm"), "{}", post.body);
    }
}

fn create() -> payment_intents::Create {
    payment_intents::Create {
        amount: 1500,
        currency: "usd".into(),
        metadata: samples::payment_metadata(),
        ..Default::default()
    }
}

#[test]
fn amounts_and_currencies_are_looked_at_before_sending() {
    assert!(create().prepare("k").is_ok());
    for amount in [0, -1, 100_000_000, i64::MAX, i64::MIN] {
        assert!(payment_intents::Create { amount, ..create() }.prepare("k").is_err(), "{amount}");
    }
    for currency in ["", "US", "USD", "usdt", "us1"] {
        assert!(
            payment_intents::Create { currency: currency.into(), ..create() }.prepare("k").is_err(),
            "{currency}"
        );
    }
}

#[test]
fn metadata_of_money_is_whole() {
    let bare = payment_intents::Create { metadata: Metadata::new().with("sale_id", 1), ..create() };
    assert!(matches!(bare.prepare("k"), Err(Unsendable::Metadata(_))));
    let card =
        payment_intents::Create { metadata: create().metadata.with("note", "4242424242424242"), ..create() };
    assert!(matches!(card.prepare("k"), Err(Unsendable::Metadata(_))));
    let refund = refunds::Create { payment_intent: Some("pi_1".into()), ..Default::default() };
    assert!(matches!(refund.prepare("k"), Err(Unsendable::Metadata(_))));
}

#[test]
fn a_session_at_the_counter_carries_the_payments_metadata_and_settles_at_once() {
    let session = session();
    assert!(session.prepare("k").is_ok());
    let without = checkout::Create { payment_intent_data: None, ..session.clone() };
    assert!(without.prepare("k").is_err());
    for kinds in
        [vec![], vec!["sepa_debit".to_owned()], vec!["card".to_owned(), "us_bank_account".to_owned()]]
    {
        let slow = checkout::Create { allowed_payment_method_types: kinds, ..session.clone() };
        assert!(slow.prepare("k").is_err());
    }
}

#[test]
fn lookup_keys_go_ten_to_a_request() {
    let keys: Vec<String> = (0..23).map(|n| format!("key-{n}")).collect();
    let queries = prices::by_lookup_keys(&keys);
    assert_eq!(queries.len(), 3);
    assert_eq!(
        queries[2].form.encode(),
        "lookup_keys[0]=key-20&lookup_keys[1]=key-21&lookup_keys[2]=key-22&limit=100&expand[0]=data.product"
    );
}

#[test]
fn words_of_a_search_cannot_leave_their_quotes() {
    let query = tillbook_stripe::customers::search_for_people(r#"x' OR email~'"\"#, 10);
    let text = query.form.get("query").and_then(Value::as_str).unwrap();
    assert_eq!(text, "name~'x OR email~' OR email~'x OR email~' OR phone~'x OR email~'");
}
