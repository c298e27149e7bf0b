//! Test clocks: the time customers live at who were put on one, moved on by hand.

use serde_json::{Value, json};

use super::invoices::{self, INVOICE};
use super::subscriptions::{self, SUBSCRIPTION};
use crate::api::error::ApiError;
use crate::api::params::{int, set, text};
use crate::api::route::{Answer, delete, get, post};
use crate::resources::Resource;
use crate::resources::customers::CUSTOMER;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const TEST_CLOCK: &Kind =
    &Kind::new("test_helpers.test_clock", "clock", "test_clock", "/v1/test_helpers/test_clocks");

pub(crate) const RESOURCE: Resource = Resource::new(
    "test_clocks",
    &[TEST_CLOCK],
    &[
        get("/v1/test_helpers/test_clocks", list),
        post("/v1/test_helpers/test_clocks", create),
        get("/v1/test_helpers/test_clocks/{test_clock}", retrieve),
        delete("/v1/test_helpers/test_clocks/{test_clock}", remove),
        post("/v1/test_helpers/test_clocks/{test_clock}/advance", advance),
    ],
)
.task(task);

/// More than a clock's customers can have due between two moves.
const MOST_STEPS: usize = 20_000;
const MOST: usize = 1000;
const KEPT_FOR: i64 = 30 * 86_400;

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let customer = call.reference(CUSTOMER, "customer")?;
    let id = call.world.id(TEST_CLOCK);
    let now = call.world.wall();
    let clock = json!({
        "id": id,
        "object": "test_helpers.test_clock",
        "created": now,
        "deletes_after": now + KEPT_FOR,
        "frozen_time": call.params.int("frozen_time"),
        "livemode": false,
        "name": call.params.value("name"),
        "status": "ready",
        "status_details": {},
    });
    call.world.create(TEST_CLOCK, &clock, "test_helpers.test_clock.created");
    if let Some(mut customer) = customer {
        set(&mut customer, "test_clock", id);
        call.world.update(CUSTOMER, &customer, "customer.updated");
    }
    Ok(clock.into())
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(TEST_CLOCK, "test_clock", "test_clock").map(Answer::from)
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.page(TEST_CLOCK, &Filter::default())
}

/// The farthest a clock may be moved at once: two periods of the shortest subscription on it.
fn farthest(world: &World, clock: &str, from: i64) -> Option<i64> {
    let on_it = Filter::default()
        .is("test_clock", clock)
        .any("status", vec!["active".to_owned(), "trialing".to_owned(), "past_due".to_owned()]);
    world
        .all(SUBSCRIPTION, &on_it, MOST)
        .iter()
        .map(|subscription| {
            let recurring = &subscription["items"]["data"][0]["price"]["recurring"];
            super::math::later(from, text(recurring, "interval"), 2 * int(recurring, "interval_count").max(1))
        })
        .min()
}

fn advance(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut clock = call.object(TEST_CLOCK, "test_clock", "test_clock")?;
    let target = call.params.int("frozen_time").ok_or_else(|| ApiError::required("frozen_time"))?;
    if clock["status"] != "ready" {
        let message = "Test clock advancement underway - cannot perform modifications.";
        return Err(ApiError::state("", message));
    }
    let from = int(&clock, "frozen_time");
    if target <= from {
        let message = "You can't move a test clock backwards: frozen_time must be later than the clock's current frozen_time.";
        return Err(ApiError::invalid(message).param("frozen_time"));
    }
    if farthest(call.world, text(&clock, "id"), from).is_some_and(|most| target > most) {
        let message = "You can only advance a test clock up to two intervals at a time, based on the shortest subscription \
                       interval of its customers.";
        return Err(ApiError::invalid(message).param("frozen_time"));
    }
    set(&mut clock, "status", "advancing");
    set(&mut clock, "status_details", json!({ "advancing": { "target_frozen_time": target } }));
    call.world.put(TEST_CLOCK, &clock);
    call.world.emit("test_helpers.test_clock.advancing", &clock, None);
    // It gets there before anything else is served.
    let at = call.world.wall();
    call.world.schedule(at, "test_clocks.advance", clock["id"].clone());
    Ok(clock.into())
}

/// Something that is due, and when.
enum Due {
    Subscription(i64, String),
    Invoice(i64, String),
}

impl Due {
    fn at(&self) -> i64 {
        match self {
            Self::Subscription(at, _) | Self::Invoice(at, _) => *at,
        }
    }
}

fn next(world: &World, clock: &str) -> Option<Due> {
    let on_it = Filter::default().is("test_clock", clock);
    let open = on_it.clone().any("status", vec!["draft".to_owned(), "open".to_owned()]);
    let subscriptions = world.all(SUBSCRIPTION, &on_it, MOST).into_iter().filter_map(|subscription| {
        let at = subscriptions::due(world, &subscription)?;
        Some(Due::Subscription(at, text(&subscription, "id").to_owned()))
    });
    let invoices = world.all(INVOICE, &open, MOST).into_iter().filter_map(|invoice| {
        let at = invoices::due(world, &invoice)?;
        Some(Due::Invoice(at, text(&invoice, "id").to_owned()))
    });
    // What is due at the same moment: invoices first, they were made earlier.
    invoices.chain(subscriptions).min_by_key(Due::at)
}

fn task(world: &mut World, _task: &str, data: &Value) {
    let Some(mut clock) = data.as_str().and_then(|id| world.get(TEST_CLOCK, id)) else { return };
    let id = text(&clock, "id").to_owned();
    let target = int(&clock["status_details"]["advancing"], "target_frozen_time");
    for _ in 0..MOST_STEPS {
        let Some(due) = next(world, &id).filter(|due| due.at() <= target) else { break };
        let now = int(&clock, "frozen_time").max(due.at());
        set(&mut clock, "frozen_time", now);
        world.put(TEST_CLOCK, &clock);
        world.live_at(now);
        match due {
            Due::Subscription(_, id) => subscriptions::proceed(world, &id),
            Due::Invoice(_, id) => invoices::proceed(world, &id),
        }
    }
    set(&mut clock, "frozen_time", target);
    set(&mut clock, "status", "ready");
    set(&mut clock, "status_details", json!({}));
    world.put(TEST_CLOCK, &clock);
    world.emit("test_helpers.test_clock.ready", &clock, None);
}

/// A clock takes its customers, and what they subscribed to, with it.
fn remove(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let clock = call.object(TEST_CLOCK, "test_clock", "test_clock")?;
    let world = &mut *call.world;
    let on_it = Filter::default().is("test_clock", text(&clock, "id"));
    world.live_at(int(&clock, "frozen_time"));
    for subscription in world.all(SUBSCRIPTION, &on_it, MOST) {
        if !matches!(text(&subscription, "status"), "canceled" | "incomplete_expired") {
            subscriptions::end(world, subscription, None);
        }
    }
    for customer in world.all(CUSTOMER, &on_it, MOST) {
        world.bury(CUSTOMER, &customer, "customer.deleted");
    }
    Ok(world.bury(TEST_CLOCK, &clock, "test_helpers.test_clock.deleted").into())
}
