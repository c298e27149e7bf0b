//! A stand-in for Stripe.js at the paths Stripe serves it from, and the frames it opens. A card number stays in a frame
//! of this origin: the page that embeds it gets the id of a payment method.

use crate::http::pages::{Page, PageReply, Visit};
use crate::world::World;

pub(super) const PAGES: &[Page] = &[
    Page { method: "GET", path: "/endive/stripe.js", run: script },
    Page { method: "GET", path: "/v3", run: script },
    Page { method: "GET", path: "/v3/", run: script },
    Page { method: "GET", path: "/_practice/frame.js", run: inner_script },
    Page { method: "GET", path: "/_practice/card", run: card },
    Page { method: "GET", path: "/_practice/bridge", run: bridge },
    Page { method: "GET", path: "/_practice/done", run: done },
];

fn script(_: &mut World, _: &Visit) -> PageReply {
    PageReply::script(include_str!("stripe.js").to_owned())
}

fn inner_script(_: &mut World, _: &Visit) -> PageReply {
    PageReply::script(include_str!("frame.js").to_owned())
}

fn bare(inner: &str) -> PageReply {
    PageReply::html(
        200,
        format!(
            "<!doctype html><html lang=en><head><meta charset=utf-8><title>Card</title><link rel=stylesheet \
             href=\"/_practice/page.css\"></head><body>{inner}<script src=\"/_practice/frame.js\"></script></body></html>"
        ),
    )
}

fn card(_: &mut World, _: &Visit) -> PageReply {
    bare(
        "<form autocomplete=off><label>Card number<input name=number inputmode=numeric autocomplete=cc-number></label><div \
         class=two><label>Expiry (MM / YY)<input name=expiry autocomplete=cc-exp></label><label>Security code<input name=cvc \
         inputmode=numeric autocomplete=cc-csc></label></div></form>",
    )
}

fn bridge(_: &mut World, _: &Visit) -> PageReply {
    bare("")
}

/// Where a bank's page in a frame ends; the page around it looks at the payment itself.
fn done(_: &mut World, _: &Visit) -> PageReply {
    bare("<p>You can go back to the shop.</p>")
}
