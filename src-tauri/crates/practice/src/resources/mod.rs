//! Everything the practice Stripe serves. A resource is a module with a `RESOURCE` in it and a line in [`ALL`].

pub(crate) mod account;
pub(crate) mod balance;
pub(crate) mod balance_transactions;
pub(crate) mod billing;
pub(crate) mod charges;
pub(crate) mod checkout;
pub(crate) mod customers;
pub(crate) mod disputes;
pub(crate) mod events;
pub(crate) mod payment_intents;
pub(crate) mod payment_methods;
pub(crate) mod payouts;
pub(crate) mod prices;
pub(crate) mod products;
pub(crate) mod refunds;
pub(crate) mod setup_intents;
pub(crate) mod terminal;
pub(crate) mod webhook_endpoints;

use serde_json::Value;

use crate::api::route::Route;
use crate::http::pages::Page;
use crate::world::World;
use crate::world::kind::{ANSWER, FACT, Kind, TASK};

/// One resource: its kinds of objects, its operations, and what it does besides being called.
pub(crate) struct Resource {
    /// How its tasks begin: `refunds` does `refunds.settle`.
    pub name: &'static str,
    pub kinds: &'static [&'static Kind],
    pub routes: &'static [Route],
    /// Does what was scheduled with [`World::schedule`].
    pub task: Option<fn(&mut World, &str, &Value)>,
    /// Makes a member that is there only when it is expanded (`charge.refunds`).
    pub include: Option<Include>,
}

/// Makes a member of an object: the world, the object, the member's name.
pub(crate) type Include = fn(&World, &Value, &str) -> Option<Value>;

impl Resource {
    pub(crate) const fn new(
        name: &'static str,
        kinds: &'static [&'static Kind],
        routes: &'static [Route],
    ) -> Self {
        Self { name, kinds, routes, task: None, include: None }
    }

    pub(crate) const fn task(mut self, task: fn(&mut World, &str, &Value)) -> Self {
        self.task = Some(task);
        self
    }

    pub(crate) const fn include(mut self, include: Include) -> Self {
        self.include = Some(include);
        self
    }
}

/// Every resource there is.
pub(crate) const ALL: &[&Resource] = &[
    &account::RESOURCE,
    &balance::RESOURCE,
    &balance_transactions::RESOURCE,
    &billing::coupons::RESOURCE,
    &billing::credit_notes::RESOURCE,
    &billing::discounts::RESOURCE,
    &billing::invoice_items::RESOURCE,
    &billing::invoice_payments::RESOURCE,
    &billing::invoices::RESOURCE,
    &billing::lines::RESOURCE,
    &billing::promotion_codes::RESOURCE,
    &billing::subscriptions::RESOURCE,
    &billing::subscriptions::items::RESOURCE,
    &billing::tax_rates::RESOURCE,
    &billing::test_clocks::RESOURCE,
    &charges::RESOURCE,
    &checkout::RESOURCE,
    &checkout::LINKS,
    &customers::RESOURCE,
    &disputes::RESOURCE,
    &events::RESOURCE,
    &payment_intents::RESOURCE,
    &payment_methods::RESOURCE,
    &payouts::RESOURCE,
    &prices::RESOURCE,
    &products::RESOURCE,
    &refunds::RESOURCE,
    &setup_intents::RESOURCE,
    &terminal::locations::RESOURCE,
    &terminal::readers::RESOURCE,
    &webhook_endpoints::RESOURCE,
];

/// Every kind of object, our own included.
pub(crate) fn kinds() -> impl Iterator<Item = &'static Kind> {
    let own = [TASK, ANSWER, FACT];
    ALL.iter().flat_map(|resource| resource.kinds.iter().copied()).chain(own)
}

/// Every operation.
pub(crate) fn routes() -> impl Iterator<Item = &'static Route> {
    ALL.iter().flat_map(|resource| resource.routes.iter())
}

/// Pages for people, room by room and list by list.
const PAGES: &[&[&[Page]]] = &[billing::PAGES, checkout::PAGES, &[terminal::page::PAGES]];

/// Every page.
pub(crate) fn pages() -> impl Iterator<Item = &'static Page> {
    PAGES.iter().flat_map(|lists| lists.iter()).flat_map(|pages| pages.iter())
}

/// Does a task that fell due.
pub(crate) fn run_task(world: &mut World, task: &str, data: &Value) {
    let name = task.split('.').next().unwrap_or_default();
    match ALL.iter().find(|resource| resource.name == name).and_then(|resource| resource.task) {
        Some(run) => run(world, task, data),
        None => tracing::warn!(task, "nobody does this task"),
    }
}

/// A member that is there only when it is expanded.
pub(crate) fn include(world: &World, owner: &Value, member: &str) -> Option<Value> {
    ALL.iter().filter_map(|resource| resource.include).find_map(|include| include(world, owner, member))
}

/// Can an object look different only because time went by?
pub(crate) fn changes_with_time(kind: &Kind, json: &str) -> bool {
    kind.object == "balance_transaction"
        && (json.contains("\"status\":\"pending\"") || json.contains("\"_payout\":"))
}

/// An object as it looks now.
pub(crate) fn live(kind: &Kind, value: Value, now: i64) -> Value {
    if kind.object == "balance_transaction" { balance_transactions::live(value, now) } else { value }
}

/// How many webhook endpoints are still to hear of an event.
pub(crate) fn waiting_webhooks(world: &World, event: &str) -> usize {
    webhook_endpoints::targets(world, event).len()
}
