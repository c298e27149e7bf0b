//! Opening a state: what a fresh one holds, and what an old one is told again.

use std::sync::Arc;

use serde_json::{Value, json};

use super::catalogue::ITEMS;
use super::history::{self, History};
use super::past::{Past, Shelf, Table};
use super::people::PEOPLE;
use super::stock::Stock;
use crate::api::params::{int, set, text};
use crate::options::ShopSpec;
use crate::resources::balance_transactions::BALANCE_TRANSACTION;
use crate::resources::charges::CHARGE;
use crate::resources::customers::{self, CUSTOMER};
use crate::resources::payment_intents::PAYMENT_INTENT;
use crate::resources::prices::{self, PRICE};
use crate::resources::products::{self, PRODUCT};
use crate::resources::refunds::REFUND;
use crate::resources::terminal::locations::{self, LOCATION};
use crate::resources::terminal::readers::{self, READER};
use crate::world::World;
use crate::world::events::EVENT;
use crate::world::ids::Chance;
use crate::world::kind::FACT;

const DAY: i64 = 86_400;
const SHOP: &str = "shop";

/// Fills a fresh world: its keys, its account and the shop.
pub(crate) fn fresh(world: &mut World, seed: u64, spec: &ShopSpec) {
    let mut chance = Chance::new(seed);
    let born = world.now();
    let account = format!("acct_1{}", chance.text(15));
    let mut fact = json!({
        "id": SHOP,
        "object": FACT.object,
        "created": born - 400 * DAY,
        "born": born,
        "account": account,
        "secret_key": format!("sk_test_practice_{}", chance.text(32)),
        "publishable_key": format!("pk_test_practice_{}", chance.text(32)),
        "seed": seed.to_string(),
        "products": spec.products,
        "payments": spec.payments,
        "days": spec.days,
    });
    stock(world, born, spec.products);
    set(&mut fact, "people", json!(people(world, born)));
    let (location, reader) = counter(world);
    set(&mut fact, "location", location);
    set(&mut fact, "reader", reader);
    world.put(FACT, &fact);
}

/// Takes keys, account and history from the state that is there; false where it is empty.
pub(crate) fn reopen(world: &mut World) -> bool {
    let Some(fact) = world.look(FACT, SHOP) else { return false };
    world.identity.account = text(&fact, "account").to_owned();
    world.identity.secret_key = text(&fact, "secret_key").to_owned();
    world.identity.publishable_key = text(&fact, "publishable_key").to_owned();
    let begun = begun(&fact);
    let products = begun.products.unwrap_or(0);
    world.set_past(PRODUCT, Arc::new(Stock::new(false, products, begun.born, begun.seed)));
    world.set_past(PRICE, Arc::new(Stock::new(true, products, begun.born, begun.seed)));
    let (people, reader, location) = history::scene(&fact);
    let past = Arc::new(Past::new(History::new(&begun, people, reader, location)));
    for (kind, shelf) in [
        (PAYMENT_INTENT, Shelf::Intents),
        (CHARGE, Shelf::Charges),
        (REFUND, Shelf::Refunds),
        (BALANCE_TRANSACTION, Shelf::Transactions),
        (EVENT, Shelf::Events),
    ] {
        world.set_past(kind, Arc::new(Table { past: Arc::clone(&past), shelf }));
    }
    true
}

fn stock(world: &mut World, born: i64, products: Option<u32>) {
    let most = products.and_then(|count| usize::try_from(count).ok()).unwrap_or(ITEMS.len());
    for (place, item) in ITEMS.iter().enumerate().take(most) {
        let age = 120 * DAY - i64::try_from(place).unwrap_or(0) * 3600;
        let id = world.id(PRODUCT);
        let mut product = products::blank(&id, born - age, item.name);
        set(
            &mut product,
            "metadata",
            json!({ "category": item.category, "sku": item.sku, "barcode": item.barcode, "colour": item.colour }),
        );
        set(&mut product, "type", "good");
        set(&mut product, "shippable", false);
        let price_id = world.id(PRICE);
        let mut price = prices::blank(&price_id, born - age, &id, "usd", item.amount);
        set(&mut price, "lookup_key", item.lookup_key);
        set(&mut price, "tax_behavior", "exclusive");
        set(&mut product, "default_price", price_id);
        world.put(PRODUCT, &product);
        world.put(PRICE, &price);
    }
}

fn people(world: &mut World, born: i64) -> Vec<String> {
    let mut ids = Vec::with_capacity(PEOPLE.len());
    for (place, (name, email, phone, city)) in PEOPLE.iter().enumerate() {
        let mut customer = customers::blank(world);
        let place = i64::try_from(place).unwrap_or(0);
        set(&mut customer, "created", born - (90 - place * 4) * DAY - place * 977);
        set(&mut customer, "name", *name);
        set(&mut customer, "email", *email);
        set(&mut customer, "phone", *phone);
        set(
            &mut customer,
            "address",
            json!({
                "city": city, "country": "US", "line1": format!("{} Wickenden Street", 12 + place * 7), "line2": null,
                "postal_code": "02903", "state": "RI",
            }),
        );
        set(
            &mut customer,
            "metadata",
            json!({ "workspace_id": "practice", "user_id": format!("regular_{}", place + 1) }),
        );
        world.put(CUSTOMER, &customer);
        ids.push(text(&customer, "id").to_owned());
    }
    ids
}

fn counter(world: &mut World) -> (String, String) {
    let place = json!({ "city": "Providence", "country": "US", "line1": "212 Wickenden Street", "postal_code": "02903", "state": "RI" });
    let location = locations::make(world, "Lantern Books & Coffee", &place);
    world.put(LOCATION, &location);
    let mut reader = readers::make(world, "simulated_wisepos_e", "Counter", text(&location, "id"));
    set(&mut reader, "serial_number", "WSC513207042118");
    world.put(READER, &reader);
    (text(&location, "id").to_owned(), text(&reader, "id").to_owned())
}

/// What the shop was begun with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun {
    pub born: i64,
    pub seed: u64,
    pub products: Option<u64>,
    pub payments: Option<u64>,
    pub days: Option<u64>,
}

fn begun(fact: &Value) -> Begun {
    Begun {
        born: int(fact, "born"),
        seed: text(fact, "seed").parse().unwrap_or(0),
        products: fact["products"].as_u64(),
        payments: fact["payments"].as_u64(),
        days: fact["days"].as_u64(),
    }
}
