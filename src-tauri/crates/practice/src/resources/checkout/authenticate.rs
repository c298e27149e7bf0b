//! The page a bank shows for 3-D Secure: complete or fail, then back to where the customer came from.

use serde_json::Value;

use super::page::frame;
use crate::api::params::text;
use crate::http::pages::{Page, PageReply, Visit, escaped};
use crate::resources::payment_intents::{self, PAYMENT_INTENT};
use crate::resources::setup_intents::{self, SETUP_INTENT};
use crate::world::World;

pub(super) const PAGES: &[Page] = &[
    Page { method: "GET", path: "/_practice/authenticate/{intent}", run: show },
    Page { method: "POST", path: "/_practice/authenticate/{intent}", run: decide },
];

fn intent(world: &World, id: &str) -> Option<Value> {
    let kind = if id.starts_with("seti_") { SETUP_INTENT } else { PAYMENT_INTENT };
    world.get(kind, id)
}

/// Where the customer came from, with what Stripe appends.
fn back(intent: &Value) -> Option<String> {
    let url = intent["next_action"]["redirect_to_url"]["return_url"].as_str()?;
    let name = text(intent, "object");
    let join = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{join}{name}={}&redirect_status=", text(intent, "id")))
}

fn show(world: &mut World, visit: &Visit) -> PageReply {
    let id = visit.part("intent");
    match intent(world, id) {
        Some(intent) if intent["status"] == "requires_action" => {
            let action = escaped(&format!("/_practice/authenticate/{id}"));
            PageReply::html(
                200,
                frame(
                    "Your bank",
                    &format!(
                        "<h1>Is it you?</h1><p>This page stands in for the card holder's bank. It asks before the payment goes \
                         on.</p><form method=post action=\"{action}\"><button class=go name=passed value=yes>Yes, complete \
                         authentication</button><button name=passed value=no>No, fail authentication</button></form>"
                    ),
                ),
            )
        }
        Some(_) => PageReply::html(
            200,
            frame("Your bank", "<h1>Nothing to confirm</h1><p>You can close this page.</p>"),
        ),
        None => PageReply::html(404, frame("Your bank", "<h1>There is no such payment</h1>")),
    }
}

fn decide(world: &mut World, visit: &Visit) -> PageReply {
    let id = visit.part("intent").to_owned();
    let passed = visit.field("passed") == "yes";
    let to = intent(world, &id).as_ref().and_then(back);
    let done = if id.starts_with("seti_") {
        setup_intents::authenticate(world, &id, passed)
    } else {
        payment_intents::authenticate(world, &id, passed)
    };
    let words = match (&done, to) {
        (Ok(_), Some(to)) => {
            return PageReply::go_to(format!("{to}{}", if passed { "succeeded" } else { "failed" }));
        }
        (Ok(_), None) if passed => "<h1>Thank you</h1><p>You can close this page.</p>",
        (Ok(_), None) => "<h1>Not confirmed</h1><p>You can close this page.</p>",
        (Err(_), _) => "<h1>Nothing to confirm</h1><p>You can close this page.</p>",
    };
    PageReply::html(200, frame("Your bank", words))
}
