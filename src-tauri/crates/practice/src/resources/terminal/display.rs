//! What a reader shows and what can be done to it, as words: the page writes them as HTML when it is opened and its
//! script writes them again as they change, so that neither ever takes a label for markup.

use serde::Serialize;
use serde_json::Value;

use super::actions;
use super::readers::READER;
use crate::api::params::{int, text};
use crate::http::pages::escaped;
use crate::resources::checkout::money;
use crate::resources::payment_intents::PAYMENT_INTENT;
use crate::world::World;

/// Everything that changes on the page.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Display {
    pub label: String,
    /// The large line: an amount, or one word.
    pub sum: String,
    /// What to do, below it.
    pub note: Option<String>,
    /// Lines of a cart or questions, each with an amount or none.
    pub rows: Vec<(String, Option<String>)>,
    /// Why the button that was pressed did nothing.
    pub wrong: Option<String>,
    pub buttons: Vec<Button>,
}

/// A button: what it sends, what it says, whether it is the one to press.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Button {
    #[serde(rename = "do")]
    action: &'static str,
    label: &'static str,
    go: bool,
}

const fn button(action: &'static str, label: &'static str, go: bool) -> Button {
    Button { action, label, go }
}

const CANCEL: Button = button("cancel", "Cancel on the reader", false);
const GIVE_UP: Button = button("timeout", "Wait until it gives up", false);

impl Display {
    pub(super) fn of(world: &World, reader: &Value, wrong: Option<String>) -> Self {
        let online = reader["status"] == "online";
        let shown = if online { screen(world, reader) } else { large("Unplugged") };
        Self { label: text(reader, "label").to_owned(), wrong, buttons: buttons(reader, online), ..shown }
    }

    /// The same as `reader.js` makes of it.
    pub(super) fn html(&self) -> String {
        let note = paragraph("", self.note.as_deref());
        let wrong = paragraph(" class=bad role=alert", self.wrong.as_deref());
        let rows: String = self.rows.iter().map(|(label, amount)| row(label, amount.as_deref())).collect();
        let rows = if rows.is_empty() { rows } else { format!("<ul>{rows}</ul>") };
        let buttons: String = self.buttons.iter().map(Button::html).collect();
        format!(
            "<h1>{}</h1><div aria-live=polite><p class=sum>{}</p>{note}{rows}</div>{wrong}<form method=post>{buttons}</form><p \
             class=note>A simulated reader: no card is needed.</p>",
            escaped(&self.label),
            escaped(&self.sum),
        )
    }
}

impl Button {
    fn html(&self) -> String {
        let class = if self.go { " class=go" } else { "" };
        format!("<button name=do value={}{class}>{}</button>", self.action, self.label)
    }
}

fn paragraph(attributes: &str, words: Option<&str>) -> String {
    words.map_or_else(String::new, |words| format!("<p{attributes}>{}</p>", escaped(words)))
}

fn row(label: &str, amount: Option<&str>) -> String {
    let amount = amount.map_or_else(String::new, |amount| format!("<span>{}</span>", escaped(amount)));
    format!("<li><span>{}</span>{amount}</li>", escaped(label))
}

fn buttons(reader: &Value, online: bool) -> Vec<Button> {
    if !online {
        return vec![button("plug", "Put the plug back", true)];
    }
    let mut buttons = Vec::new();
    if actions::working(reader) {
        if reader["action"]["type"] == "collect_inputs" {
            buttons.push(button("answer", "Fill it in", true));
        } else {
            buttons.push(button("tap", "Tap a card", true));
            buttons.push(button("insert", "Insert a card", false));
            buttons.push(button("decline", "Tap a card that is declined", false));
        }
        buttons.extend([CANCEL, GIVE_UP]);
    }
    buttons.push(button("unplug", "Pull the plug", false));
    buttons
}

fn large(sum: &str) -> Display {
    Display { sum: sum.to_owned(), ..Display::default() }
}

fn with_note(sum: &str, note: &str) -> Display {
    Display { note: Some(note.to_owned()), ..large(sum) }
}

/// What the reader's screen says.
fn screen(world: &World, reader: &Value) -> Display {
    let action = &reader["action"];
    let kind = text(action, "type");
    match (kind, text(action, "status")) {
        ("", _) => large("Ready"),
        ("set_reader_display", _) => cart(&action["set_reader_display"]["cart"]),
        ("collect_inputs", "in_progress") => questions(&action["collect_inputs"]),
        ("collect_inputs", "succeeded") => large("Thank you"),
        (_, "in_progress") => asked(world, kind, &action[kind]),
        (_, "succeeded") => with_note("Approved", "Remove the card."),
        _ => with_note("Not taken", action["failure_message"].as_str().unwrap_or("It did not go through.")),
    }
}

fn questions(what: &Value) -> Display {
    let inputs = what["inputs"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows = inputs.iter().map(|input| (text(&input["custom_text"], "title").to_owned(), None)).collect();
    Display { rows, ..large("Your turn") }
}

fn asked(world: &World, kind: &str, what: &Value) -> Display {
    if kind == "refund_payment" {
        let charge = world.get(crate::resources::charges::CHARGE, text(what, "charge")).unwrap_or_default();
        let sum = money(int(what, "amount"), text(&charge, "currency"));
        return with_note(&sum, "Hold the card here to get the money back.");
    }
    let intent = world.get(PAYMENT_INTENT, text(what, "payment_intent")).unwrap_or_default();
    with_note(&money(int(&intent, "amount"), text(&intent, "currency")), "Tap or insert a card.")
}

fn cart(cart: &Value) -> Display {
    let currency = text(cart, "currency");
    let row = |label: String, amount: i64| (label, Some(money(amount, currency)));
    let items = cart["line_items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut rows: Vec<_> = items
        .iter()
        .map(|item| {
            row(format!("{} × {}", int(item, "quantity"), text(item, "description")), int(item, "amount"))
        })
        .collect();
    if cart["tax"].is_i64() {
        rows.push(row("Tax".to_owned(), int(cart, "tax")));
    }
    Display { rows, ..large(&money(int(cart, "total"), currency)) }
}

/// A reader by its id, with what it shows.
pub(super) fn display_of(world: &World, id: &str, wrong: Option<String>) -> Option<Display> {
    world.get(READER, id).map(|reader| Display::of(world, &reader, wrong))
}
