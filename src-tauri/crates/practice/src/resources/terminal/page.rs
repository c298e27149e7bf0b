//! The reader as a person sees it: what is on its display, and what can be done to it.

use serde_json::Value;

use super::display::{Display, display_of};
use super::readers::{READER, customer_cancels, set_online};
use super::{actions, inputs, present};
use crate::api::error::ApiError;
use crate::http::pages::{Page, PageReply, Visit};
use crate::resources::checkout::frame;
use crate::world::World;

pub(crate) const PAGES: &[Page] = &[
    Page { method: "GET", path: "/_practice/reader/{reader}", run: show },
    Page { method: "POST", path: "/_practice/reader/{reader}", run: act },
    Page { method: "GET", path: "/_practice/reader/{reader}/display", run: words },
    Page { method: "GET", path: "/_practice/reader.js", run: script },
];

const PAYS: &str = "4242424242424242";
const DECLINED: &str = "4000000000000002";

fn script(_: &mut World, _: &Visit) -> PageReply {
    PageReply::script(include_str!("reader.js").to_owned())
}

fn missing() -> PageReply {
    PageReply::html(404, frame("Reader", "<h1>There is no such reader</h1>"))
}

fn show(world: &mut World, visit: &Visit) -> PageReply {
    display_of(world, visit.part("reader"), None).map_or_else(missing, |display| whole(200, &display))
}

/// The display's words alone: the page asks for them again and again.
fn words(world: &mut World, visit: &Visit) -> PageReply {
    display_of(world, visit.part("reader"), None).map_or_else(missing, |display| PageReply::json(&display))
}

fn act(world: &mut World, visit: &Visit) -> PageReply {
    let id = visit.part("reader").to_owned();
    let Some(reader) = world.get(READER, &id) else { return missing() };
    let done = match visit.field("do") {
        "tap" => present::hold(world, reader, PAYS, "card_present", true, None),
        "insert" => present::hold(world, reader, PAYS, "card_present", false, None),
        "decline" => present::hold(world, reader, DECLINED, "card_present", true, None),
        "answer" if actions::working(&reader) => Ok(inputs::fill_in(world, reader, false)),
        "cancel" => customer_cancels(world, &id),
        "timeout" => actions::time_out(world, &id),
        "unplug" => set_online(world, &id, false),
        "plug" => set_online(world, &id, true),
        _ => Err(ApiError::invalid("There is no such button.")),
    };
    match done {
        // So that a page that is loaded again does not act again.
        Ok(_) => PageReply::go_to(format!("/_practice/reader/{id}")),
        Err(error) => {
            let words = error.fields.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
            display_of(world, &id, Some(words)).map_or_else(missing, |display| whole(400, &display))
        }
    }
}

fn whole(status: u16, display: &Display) -> PageReply {
    let script = "<script src=\"/_practice/reader.js\" defer></script>";
    PageReply::html(status, frame("Reader", &format!("<div id=display>{}</div>{script}", display.html())))
}
