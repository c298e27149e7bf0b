//! The hosted page of a checkout session: what is bought, a card form, cancel. It is what a QR code opens, so it is laid
//! out for a phone.

use serde_json::Value;

use super::pay::{self, Form, Outcome};
use super::{SESSION, items, session};
use crate::api::params::{int, text};
use crate::facts;
use crate::http::pages::{Page, PageReply, Visit, escaped};
use crate::world::World;

pub(super) const PAGES: &[Page] = &[
    Page { method: "GET", path: "/c/pay/{session}", run: show },
    Page { method: "POST", path: "/c/pay/{session}", run: submit },
    Page { method: "GET", path: "/c/pay/{session}/return", run: come_back },
    Page { method: "POST", path: "/c/pay/{session}/cancel", run: cancel },
    Page { method: "GET", path: "/_practice/page.css", run: style },
];

fn style(_: &mut World, _: &Visit) -> PageReply {
    PageReply {
        status: 200,
        content_type: "text/css; charset=utf-8",
        location: None,
        body: include_str!("page.css").to_owned(),
    }
}

/// A whole page around what it says.
pub(crate) fn frame(title: &str, inner: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width, \
         initial-scale=1\"><title>{}</title><link rel=stylesheet href=\"/_practice/page.css\"></head><body><div class=band>PRACTICE \
         – no real money</div><main><div class=sheet>{inner}</div></main></body></html>",
        escaped(title)
    )
}

/// An amount as this page writes it: `$12.40`, `12.40 EUR`.
pub(crate) fn money(amount: i64, currency: &str) -> String {
    let plain = facts::decimal(amount, currency);
    if currency == "usd" { format!("${plain}") } else { format!("{plain} {}", currency.to_uppercase()) }
}

fn gone(words: &str) -> PageReply {
    PageReply::html(
        404,
        frame("Checkout", &format!("<h1>{}</h1><p>Ask the shop for a new one.</p>", escaped(words))),
    )
}

fn open(world: &World, visit: &Visit) -> Result<Value, PageReply> {
    let Some(session) = world.get(SESSION, visit.part("session")) else {
        return Err(gone("This payment page does not exist."));
    };
    match text(&session, "status") {
        "open" => Ok(session),
        "complete" => Err(PageReply::html(200, thanks())),
        _ => Err(gone("This payment page has expired.")),
    }
}

fn thanks() -> String {
    frame("Paid", "<h1>Thank you</h1><p>It is paid. You can close this page.</p>")
}

fn show(world: &mut World, visit: &Visit) -> PageReply {
    match open(world, visit) {
        Ok(session) => PageReply::html(200, form(world, &session, visit, "")),
        Err(reply) => reply,
    }
}

fn submit(world: &mut World, visit: &Visit) -> PageReply {
    let session = match open(world, visit) {
        Ok(session) => session,
        Err(reply) => return reply,
    };
    let (month, year) = expiry(visit.field("expiry"));
    let sent = Form {
        number: visit.field("number").to_owned(),
        month,
        year,
        cvc: visit.field("cvc").to_owned(),
        name: visit.field("name").to_owned(),
        email: visit.field("email").to_owned(),
    };
    let outcome = pay::pay(world, session, &sent);
    answer(world, visit, outcome)
}

fn come_back(world: &mut World, visit: &Visit) -> PageReply {
    let outcome = match open(world, visit) {
        Ok(session) => pay::come_back(world, session),
        Err(reply) => return reply,
    };
    answer(world, visit, outcome)
}

fn answer(world: &World, visit: &Visit, outcome: Outcome) -> PageReply {
    let session = world.get(SESSION, visit.part("session")).unwrap_or(Value::Null);
    match outcome {
        Outcome::Done => match session["success_url"].as_str() {
            Some(url) => PageReply::go_to(url.replace("{CHECKOUT_SESSION_ID}", text(&session, "id"))),
            None => PageReply::html(200, thanks()),
        },
        Outcome::Authenticate(page) => PageReply::go_to(page),
        Outcome::Refused(words) => PageReply::html(200, form(world, &session, visit, &words)),
    }
}

fn cancel(world: &mut World, visit: &Visit) -> PageReply {
    let session = match open(world, visit) {
        Ok(session) => session,
        Err(reply) => return reply,
    };
    // Leaving is not the end: the customer may open the page again until it expires.
    match session["cancel_url"].as_str() {
        Some(url) => PageReply::go_to(url.to_owned()),
        None => match session::expire(world, session) {
            Ok(_) => PageReply::html(200, frame("Canceled", "<h1>Canceled</h1><p>Nothing was taken.</p>")),
            Err(_) => gone("This payment page has expired."),
        },
    }
}

/// `12 / 34` or `12/2034`; zeros where it cannot be read, which no card has.
fn expiry(typed: &str) -> (i64, i64) {
    let mut parts = typed.split('/').map(|part| part.trim().parse::<i64>().unwrap_or(0));
    let (month, year) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    (month, if (1..100).contains(&year) { year + 2_000 } else { year })
}

fn form(world: &World, session: &Value, visit: &Visit, wrong: &str) -> String {
    let currency = text(session, "currency");
    let setup = session["mode"] == "setup";
    let rows: String = items::of(world, text(session, "id"))
        .iter()
        .map(|item| {
            let label = format!("{} × {}", int(item, "quantity"), text(item, "description"));
            let sum = money(int(item, "amount_total"), currency);
            format!("<li><span>{}</span><span>{}</span></li>", escaped(&label), escaped(&sum))
        })
        .collect();
    let head = if setup {
        "<h1>Save a card</h1><p>Nothing is taken now.</p>".to_owned()
    } else {
        format!(
            "<h1>Pay</h1><p class=sum>{}</p><ul>{rows}</ul>",
            escaped(&money(int(session, "amount_total"), currency))
        )
    };
    let bad = if wrong.is_empty() {
        String::new()
    } else {
        format!("<p class=bad role=alert>{}</p>", escaped(wrong))
    };
    let field = |name: &str, label: &str, mode: &str, complete: &str, value: &str| {
        format!(
            "<label>{label}<input name={name} inputmode={mode} autocomplete={complete} required value=\"{}\"></label>",
            escaped(value)
        )
    };
    let email = session["customer_email"].as_str().unwrap_or_else(|| visit.field("email"));
    let button = if setup {
        "Save card".to_owned()
    } else {
        format!("Pay {}", money(int(session, "amount_total"), currency))
    };
    let id = escaped(text(session, "id"));
    frame(
        "Checkout",
        &format!(
            "{head}{bad}<form method=post action=\"/c/pay/{id}\">{}{}<div class=two>{}{}</div>{}<button \
             class=go>{}</button></form><form method=post action=\"/c/pay/{id}/cancel\"><button>Cancel</button></form><p \
             class=note>Test cards only: 4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined, 4000 0027 6000 3184 asks for \
             authentication. Any expiry to come, any security code.</p>",
            field("email", "E-mail", "email", "email", email),
            field("number", "Card number", "numeric", "cc-number", ""),
            field("expiry", "Expiry (MM / YY)", "text", "cc-exp", visit.field("expiry")),
            field("cvc", "Security code", "numeric", "cc-csc", ""),
            field("name", "Name on the card", "text", "cc-name", visit.field("name")),
            escaped(&button),
        ),
    )
}
