//! Rules of the mirror that no other test holds. A test that is ignored says what is wrong today.

mod again;
mod broken;
mod budget;
mod delivered;
mod order;
mod told;

use serde_json::{Value, json};

use crate::fake::{Fake, NOW, customer, refused};
use crate::house::House;

const DAY: i64 = 86_400;

fn named(id: &str, name: &str) -> Value {
    customer(id, NOW - 100 * DAY, name)
}

/// Twelve customers and an old event, synced, and some time later.
async fn synced() -> (Fake, House) {
    let fake = Fake::new();
    for number in 1..=12 {
        fake.world().put("customers", named(&format!("cus_{number}"), "Ada"));
    }
    fake.world().event("customer.created", NOW - 10 * DAY, named("cus_1", "Ada"));
    let house = House::with(&fake).await;
    house.sync().await;
    fake.drain();
    fake.world().now += 1000;
    (fake, house)
}

fn change(fake: &Fake, at: i64, object: Value) {
    let mut world = fake.world();
    world.put("customers", object.clone());
    world.event("customer.updated", at, object);
}

/// An event whose object only Stripe can decide: it is in another version.
fn change_foreign(fake: &Fake, at: i64, object: Value) {
    change(fake, at, object);
    let mut world = fake.world();
    let event = world.lists.get_mut("events").unwrap().last_mut().unwrap();
    event["api_version"] = json!("2020-08-27");
}

/// Answers 401 to everything behind a number of requests: a loop that would not end ends here.
fn fuse(fake: &Fake, requests: usize) {
    let mut seen = 0;
    fake.world().ways.insert(
        0,
        Box::new(move |_, _| {
            seen += 1;
            (seen > requests).then(|| refused(401, "fuse"))
        }),
    );
}
