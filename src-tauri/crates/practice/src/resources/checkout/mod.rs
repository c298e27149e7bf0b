//! Checkout: sessions, payment links, and the pages a customer sees of them.

mod authenticate;
mod items;
mod links;
mod page;
mod pay;
mod session;
mod stripe_js;
mod subscribe;

use serde_json::Value;

use crate::api::error::ApiError;
use crate::api::params::{set, text};
use crate::api::route::{Answer, get, post};
use crate::http::pages::Page;
use crate::resources::Resource;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) use links::RESOURCE as LINKS;
pub(crate) use page::{frame, money};

pub(crate) const SESSION: &Kind =
    &Kind::new("checkout.session", "cs", "checkout.session", "/v1/checkout/sessions").indexed(&[
        "customer",
        "payment_intent",
        "payment_link",
        "status",
        "subscription",
        "customer_details.email",
    ]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "checkout",
    &[SESSION, items::ITEM],
    &[
        get("/v1/checkout/sessions", list),
        post("/v1/checkout/sessions", create),
        get("/v1/checkout/sessions/{session}", retrieve),
        post("/v1/checkout/sessions/{session}", update),
        post("/v1/checkout/sessions/{session}/expire", expire),
        get("/v1/checkout/sessions/{session}/line_items", line_items),
    ],
)
.task(task)
.include(include);

/// The pages for people.
pub(crate) const PAGES: &[&[Page]] = &[page::PAGES, links::PAGES, authenticate::PAGES, stripe_js::PAGES];

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    session::make(call.world, &params, None).map(Answer::from)
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(SESSION, "session", "session").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut session = call.object(SESSION, "session", "session")?;
    call.params.merge_metadata(&mut session)?;
    call.world.put(SESSION, &session);
    Ok(session.into())
}

fn expire(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let session = call.object(SESSION, "session", "session")?;
    session::expire(call.world, session).map(Answer::from)
}

fn line_items(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let session = call.object(SESSION, "session", "session")?;
    items::page(call, text(&session, "id")).map(Answer::Object)
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    let filter = Filter::default()
        .sent(params, "customer")
        .sent(params, "payment_intent")
        .sent(params, "payment_link")
        .sent(params, "status")
        .sent(params, "subscription")
        .sent(params, "customer_details.email");
    call.page(SESSION, &filter)
}

fn task(world: &mut World, task: &str, data: &Value) {
    let Some(session) = data.as_str().and_then(|id| world.get(SESSION, id)) else { return };
    if task == "checkout.expire" && session["status"] == "open" {
        // An open session always can be expired.
        if let Err(error) = session::expire(world, session) {
            tracing::warn!(?error, "a checkout session did not expire");
        }
    }
}

/// `line_items` is there only when it is expanded.
fn include(world: &World, owner: &Value, member: &str) -> Option<Value> {
    let kind = owner["object"].as_str()?;
    if member != "line_items" || !matches!(kind, "checkout.session" | "payment_link") {
        return None;
    }
    let id = text(owner, "id");
    let list = if kind == "payment_link" { "payment_links" } else { "checkout/sessions" };
    Some(items::list(world, id, &format!("/v1/{list}/{id}/line_items"), 10, None))
}

/// Names the payment in its session. Stripe has no event for it.
fn name(world: &mut World, session: &mut Value, member: &str, id: &str) {
    set(session, member, id);
    world.put(SESSION, session);
}
