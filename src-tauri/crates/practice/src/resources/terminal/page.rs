//! The reader as a person sees it: what is on its display, and what can be done to it.

use serde_json::Value;

use super::readers::{READER, customer_cancels, set_online};
use super::{actions, inputs, present};
use crate::api::error::ApiError;
use crate::api::params::{int, text};
use crate::http::pages::{Page, PageReply, Visit, escaped};
use crate::resources::checkout::{frame, money};
use crate::resources::payment_intents::PAYMENT_INTENT;
use crate::world::World;

pub(crate) const PAGES: &[Page] = &[
    Page { method: "GET", path: "/_practice/reader/{reader}", run: show },
    Page { method: "POST", path: "/_practice/reader/{reader}", run: act },
    Page { method: "GET", path: "/_practice/reader/{reader}/display", run: display },
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
    match world.get(READER, visit.part("reader")) {
        Some(reader) => PageReply::html(200, whole(world, &reader, "")),
        None => missing(),
    }
}

/// The display alone: the page asks for it again and again.
fn display(world: &mut World, visit: &Visit) -> PageReply {
    match world.get(READER, visit.part("reader")) {
        Some(reader) => PageReply::html(200, inner(world, &reader, "")),
        None => missing(),
    }
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
            match world.get(READER, &id) {
                Some(reader) => PageReply::html(400, whole(world, &reader, &words)),
                None => missing(),
            }
        }
    }
}

fn whole(world: &World, reader: &Value, wrong: &str) -> String {
    let script = "<script src=\"/_practice/reader.js\" defer></script>";
    frame("Reader", &format!("<div id=display>{}</div>{script}", inner(world, reader, wrong)))
}

fn button(action: &str, label: &str, class: &str) -> String {
    format!("<button name=do value={action}{class}>{label}</button>")
}

fn inner(world: &World, reader: &Value, wrong: &str) -> String {
    let online = reader["status"] == "online";
    let label = escaped(text(reader, "label"));
    let shown = if online { screen(world, reader) } else { "<p class=sum>Unplugged</p>".to_owned() };
    let bad = if wrong.is_empty() {
        String::new()
    } else {
        format!("<p class=bad role=alert>{}</p>", escaped(wrong))
    };
    let mut buttons = String::new();
    let asks = reader["action"]["type"] == "collect_inputs";
    if online && actions::working(reader) && asks {
        buttons.push_str(&button("answer", "Fill it in", " class=go"));
        buttons.push_str(&button("cancel", "Cancel on the reader", ""));
        buttons.push_str(&button("timeout", "Wait until it gives up", ""));
    } else if online && actions::working(reader) {
        buttons.push_str(&button("tap", "Tap a card", " class=go"));
        buttons.push_str(&button("insert", "Insert a card", ""));
        buttons.push_str(&button("decline", "Tap a card that is declined", ""));
        buttons.push_str(&button("cancel", "Cancel on the reader", ""));
        buttons.push_str(&button("timeout", "Wait until it gives up", ""));
    }
    buttons.push_str(&if online {
        button("unplug", "Pull the plug", "")
    } else {
        button("plug", "Put the plug back", " class=go")
    });
    let id = escaped(text(reader, "id"));
    format!(
        "<h1>{label}</h1><div aria-live=polite>{shown}</div>{bad}<form method=post \
         action=\"/_practice/reader/{id}\">{buttons}</form><p class=note>A simulated reader: no card is needed.</p>"
    )
}

/// What the reader's display says.
fn screen(world: &World, reader: &Value) -> String {
    let action = &reader["action"];
    let kind = text(action, "type");
    match (kind, text(action, "status")) {
        ("", _) => "<p class=sum>Ready</p>".to_owned(),
        ("set_reader_display", _) => cart(&action["set_reader_display"]["cart"]),
        ("collect_inputs", "in_progress") => questions(&action["collect_inputs"]),
        ("collect_inputs", "succeeded") => "<p class=sum>Thank you</p>".to_owned(),
        (_, "in_progress") => {
            let (what, sum) = asked(world, kind, &action[kind]);
            format!("<p class=sum>{}</p><p>{what}</p>", escaped(&sum))
        }
        (_, "succeeded") => "<p class=sum>Approved</p><p>Remove the card.</p>".to_owned(),
        _ => {
            let words = action["failure_message"].as_str().unwrap_or("It did not go through.");
            format!("<p class=sum>Not taken</p><p>{}</p>", escaped(words))
        }
    }
}

fn questions(what: &Value) -> String {
    let inputs = what["inputs"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: String = inputs
        .iter()
        .map(|input| format!("<li><span>{}</span></li>", escaped(text(&input["custom_text"], "title"))))
        .collect();
    format!("<p class=sum>Your turn</p><ul>{rows}</ul>")
}

fn asked(world: &World, kind: &str, what: &Value) -> (&'static str, String) {
    if kind == "refund_payment" {
        let charge = world.get(crate::resources::charges::CHARGE, text(what, "charge")).unwrap_or_default();
        return (
            "Hold the card here to get the money back.",
            money(int(what, "amount"), text(&charge, "currency")),
        );
    }
    let intent = world.get(PAYMENT_INTENT, text(what, "payment_intent")).unwrap_or_default();
    ("Tap or insert a card.", money(int(&intent, "amount"), text(&intent, "currency")))
}

fn cart(cart: &Value) -> String {
    let currency = text(cart, "currency");
    let row = |label: &str, amount: i64| {
        format!("<li><span>{}</span><span>{}</span></li>", escaped(label), escaped(&money(amount, currency)))
    };
    let items = cart["line_items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut rows: String = items
        .iter()
        .map(|item| {
            row(&format!("{} × {}", int(item, "quantity"), text(item, "description")), int(item, "amount"))
        })
        .collect();
    if cart["tax"].is_i64() {
        rows.push_str(&row("Tax", int(cart, "tax")));
    }
    format!("<p class=sum>{}</p><ul>{rows}</ul>", escaped(&money(int(cart, "total"), currency)))
}
