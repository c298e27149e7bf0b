//! Stripe's own example objects, read by the views: whole, with less than they hold, and with more.

use serde_json::{Map, Value, json};
use tillbook_stripe::{
    account, balance, charges, checkout, coupons, credit_notes, customers, disputes, events, invoice_items,
    invoices, payment_intents, payment_links, payment_methods, payouts, prices, products, refunds,
    setup_intents, subscriptions, tax_rates, terminal, test_helpers,
};

use crate::description;

type Reading = fn(&Value) -> Result<String, serde_json::Error>;

fn read<T: serde::de::DeserializeOwned + std::fmt::Debug>(
    value: &Value,
) -> Result<String, serde_json::Error> {
    // By way of the text, as a reply is read.
    serde_json::from_str::<T>(&value.to_string()).map(|view| format!("{view:?}"))
}

fn read_event(value: &Value) -> Result<String, serde_json::Error> {
    let text = value.to_string();
    serde_json::from_str::<events::Event<'_>>(&text).map(|view| format!("{view:?}"))
}

const VIEWS: &[(&str, Reading)] = &[
    ("account", read::<account::Account>),
    ("balance", read::<balance::Balance>),
    ("balance_transaction", read::<balance::BalanceTransaction>),
    ("charge", read::<charges::Charge>),
    ("checkout.session", read::<checkout::Session>),
    ("coupon", read::<coupons::Coupon>),
    ("credit_note", read::<credit_notes::CreditNote>),
    ("customer", read::<customers::Customer>),
    ("deleted_coupon", read::<coupons::Coupon>),
    ("deleted_customer", read::<customers::Customer>),
    ("deleted_invoice", read::<invoices::Invoice>),
    ("deleted_invoiceitem", read::<invoice_items::InvoiceItem>),
    ("deleted_product", read::<products::Product>),
    ("deleted_subscription_item", read::<subscriptions::Item>),
    ("deleted_terminal.location", read::<terminal::Location>),
    ("deleted_terminal.reader", read::<terminal::Reader>),
    ("deleted_test_helpers.test_clock", read::<test_helpers::TestClock>),
    ("dispute", read::<disputes::Dispute>),
    ("event", read_event),
    ("invoice", read::<invoices::Invoice>),
    ("invoiceitem", read::<invoice_items::InvoiceItem>),
    ("payment_intent", read::<payment_intents::PaymentIntent>),
    ("payment_link", read::<payment_links::PaymentLink>),
    ("payment_method", read::<payment_methods::PaymentMethod>),
    ("payout", read::<payouts::Payout>),
    ("price", read::<prices::Price>),
    ("product", read::<products::Product>),
    ("promotion_code", read::<coupons::PromotionCode>),
    ("refund", read::<refunds::Refund>),
    ("setup_intent", read::<setup_intents::SetupIntent>),
    ("subscription", read::<subscriptions::Subscription>),
    ("subscription_item", read::<subscriptions::Item>),
    ("tax_rate", read::<tax_rates::TaxRate>),
    ("terminal.location", read::<terminal::Location>),
    ("terminal.reader", read::<terminal::Reader>),
    ("test_helpers.test_clock", read::<test_helpers::TestClock>),
];

#[test]
fn every_example_object_is_read() {
    let Some(fixtures) = description::fixtures() else { return };
    for (name, read) in VIEWS {
        let object = fixtures.get(*name).unwrap_or_else(|| panic!("no example of {name}"));
        let shown = read(object).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!shown.contains("_secret_") || *name == "event", "{name} keeps a client secret: {shown}");
    }
    println!("{} of {} example objects have a view", VIEWS.len(), fixtures.len());
}

#[test]
fn what_is_new_does_not_break_a_view() {
    let Some(fixtures) = description::fixtures() else { return };
    for (name, read) in VIEWS {
        let mut object = fixtures[*name].clone();
        let fields = object.as_object_mut().unwrap();
        fields.insert("a_field_from_next_year".to_owned(), json!({"deep": [1, {"x": null}]}));
        // `type` of a few objects is read as it is; `status` and its like are open everywhere.
        for word in ["status", "type", "mode", "payment_status", "reason", "duration", "capture_method"] {
            if fields.get(word).is_some_and(Value::is_string) {
                fields.insert(word.to_owned(), json!("a_word_from_next_year"));
            }
        }
        let shown = read(&object).unwrap_or_else(|error| panic!("{name}: {error}"));
        if fixtures[*name]["status"].is_string() && *name != "payment_link" {
            assert!(shown.contains("a_word_from_next_year"), "{name}: {shown}");
        }
    }
}

#[test]
fn what_the_description_lets_be_absent_or_null_may_be() {
    let (Some(fixtures), Some(api)) = (description::fixtures(), description::load()) else { return };
    let mut tried = 0;
    for (name, read) in VIEWS.iter().filter(|(name, _)| !name.starts_with("deleted_")) {
        let schema = &api["components"]["schemas"][*name];
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let object = fixtures[*name].as_object().unwrap();
        for (field, property) in schema["properties"].as_object().unwrap() {
            if !required.contains(&field.as_str()) {
                tried += 1;
                must_read(name, *read, object, field, None);
            }
            if property["nullable"] == json!(true) {
                tried += 1;
                must_read(name, *read, object, field, Some(Value::Null));
            }
        }
    }
    println!("{tried} objects with a field absent or null");
    assert!(tried > 300, "{tried}");
}

fn must_read(name: &str, read: Reading, object: &Map<String, Value>, field: &str, value: Option<Value>) {
    let mut object = object.clone();
    match value {
        Some(value) => object.insert(field.to_owned(), value),
        None => object.shift_remove(field),
    };
    if let Err(error) = read(&Value::Object(object)) {
        panic!("{name} without {field}: {error}");
    }
}

#[test]
fn an_id_and_the_whole_object_read_alike() {
    let Some(fixtures) = description::fixtures() else { return };
    let mut intent = fixtures["payment_intent"].clone();
    intent["latest_charge"] = json!("ch_1");
    let view: payment_intents::PaymentIntent = serde_json::from_value(intent.clone()).unwrap();
    assert_eq!(view.latest_charge.as_ref().map(|charge| charge.id()), Some("ch_1"));
    assert!(view.latest_charge.unwrap().object().is_none());
    let charge = fixtures["charge"].clone();
    intent["latest_charge"] = charge.clone();
    let view: payment_intents::PaymentIntent = serde_json::from_value(intent).unwrap();
    let expanded = view.latest_charge.unwrap();
    assert_eq!(expanded.id(), charge["id"].as_str().unwrap());
    assert_eq!(expanded.object().unwrap().amount, charge["amount"].as_i64().unwrap());
}

#[test]
fn a_readers_action_names_its_payment() {
    let reader: terminal::Reader = serde_json::from_value(json!({
        "id": "tmr_1", "object": "terminal.reader", "status": "online", "label": "A",
        "action": {"type": "process_payment_intent", "status": "in_progress", "failure_code": null,
            "process_payment_intent": {"payment_intent": "pi_1", "process_config": {"skip_tipping": true}}}
    }))
    .unwrap();
    let action = reader.action.unwrap();
    assert_eq!(action.payment_intent(), Some("pi_1"));
    assert_eq!(action.status, terminal::ActionStatus::InProgress);
}
