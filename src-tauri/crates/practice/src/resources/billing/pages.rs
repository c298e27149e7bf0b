//! Where the links of invoices and credit notes lead: a page to look at an invoice and pay it, and the paper for it.

use serde_json::Value;

use super::credit_notes::CREDIT_NOTE;
use super::invoices::{self, INVOICE};
use crate::api::params::{int, text};
use crate::cards;
use crate::facts::spoken;
use crate::http::pages::{Page, PageReply, Visit, escaped};
use crate::resources::payment_methods;
use crate::world::World;

pub(crate) const PAGES: &[Page] = &[
    Page { method: "GET", path: "/_practice/invoices/{invoice}", run: show },
    Page { method: "POST", path: "/_practice/invoices/{invoice}", run: pay },
    Page { method: "GET", path: "/_practice/invoices/{invoice}/pdf", run: invoice_paper },
    Page { method: "GET", path: "/_practice/credit_notes/{note}/pdf", run: note_paper },
];

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1d1b17;\
    background:#fbfaf7}td:last-child{text-align:right}table{width:100%;border-collapse:collapse}td{padding:.3rem 0;\
    border-bottom:1px solid #ddd8cc}.no{color:#a02020}button,select{font:inherit;padding:.5rem .8rem}";

fn frame(status: u16, inner: &str) -> PageReply {
    let head = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">";
    PageReply::html(status, format!("{head}<title>Invoice</title><style>{STYLE}</style>{inner}"))
}

fn unknown() -> PageReply {
    frame(404, "<h1>There is no such invoice</h1>")
}

/// What an invoice or a note says, line by line.
fn said(object: &Value) -> Vec<(String, String)> {
    let currency = text(object, "currency");
    let lines = object["lines"]["data"].as_array().cloned().unwrap_or_default();
    let mut rows: Vec<(String, String)> = lines
        .iter()
        .map(|line| (text(line, "description").to_owned(), spoken(int(line, "amount"), currency)))
        .collect();
    rows.push(("Total".to_owned(), spoken(int(object, "total"), currency)));
    rows
}

fn shown(world: &World, id: &str, trouble: &str) -> PageReply {
    let Some(invoice) = world.get(INVOICE, id).filter(|invoice| invoice["status"] != "draft") else {
        return unknown();
    };
    let rows: String = said(&invoice)
        .iter()
        .map(|(what, amount)| format!("<tr><td>{}<td>{}", escaped(what), escaped(amount)))
        .collect();
    let status = text(&invoice, "status");
    let due = spoken(int(&invoice, "amount_remaining"), text(&invoice, "currency"));
    let form = if status == "open" {
        let cards: String = cards::methods().map(|card| format!("<option>{card}</option>")).collect();
        format!(
            "<form method=post><label>Test card <select name=card>{cards}</select></label> <button>Pay {}</button></form>",
            escaped(&due)
        )
    } else {
        String::new()
    };
    let trouble = if trouble.is_empty() {
        String::new()
    } else {
        format!("<p class=no role=alert>{}</p>", escaped(trouble))
    };
    frame(
        200,
        &format!(
            "<h1>Invoice {}</h1><p>{} · {status}</p><p>{}</p><table>{rows}</table>{trouble}{form}",
            escaped(text(&invoice, "number")),
            escaped(text(&invoice, "account_name")),
            escaped(text(&invoice, "description")),
        ),
    )
}

fn show(world: &mut World, visit: &Visit) -> PageReply {
    shown(world, visit.part("invoice"), "")
}

/// The customer pays with a test card.
fn pay(world: &mut World, visit: &Visit) -> PageReply {
    let id = visit.part("invoice").to_owned();
    let Some(invoice) = world.get(INVOICE, &id).filter(|invoice| invoice["status"] == "open") else {
        return shown(world, &id, "");
    };
    super::on_clock(world, &invoice);
    let done = payment_methods::resolve(world, visit.field("card"), "card")
        .and_then(|method| invoices::charge(world, &invoice, &method, false));
    match done {
        Ok(intent) if intent["status"] == "requires_action" => PageReply::go_to(format!(
            "{}/_practice/authenticate/{}",
            world.identity.base_url,
            text(&intent, "id")
        )),
        Ok(_) => shown(world, &id, ""),
        Err(error) => {
            let message = error
                .fields
                .get("message")
                .and_then(Value::as_str)
                .unwrap_or("The payment failed.")
                .to_owned();
            shown(world, &id, &message)
        }
    }
}

fn invoice_paper(world: &mut World, visit: &Visit) -> PageReply {
    match world.get(INVOICE, visit.part("invoice")).filter(|invoice| invoice["status"] != "draft") {
        Some(invoice) => paper("Invoice", &invoice),
        None => unknown(),
    }
}

fn note_paper(world: &mut World, visit: &Visit) -> PageReply {
    match world.get(CREDIT_NOTE, visit.part("note")) {
        Some(note) => paper("Credit note", &note),
        None => unknown(),
    }
}

/// One page of text as a PDF.
fn paper(title: &str, object: &Value) -> PageReply {
    let plain = |text: &str| -> String {
        text.chars()
            .map(|sign| match sign {
                '(' | ')' | '\\' => format!("\\{sign}"),
                ' '..='~' => sign.to_string(),
                _ => "?".to_owned(),
            })
            .collect()
    };
    let mut text_of =
        format!("BT /F1 11 Tf 14 TL 60 780 Td ({title} {}) Tj T* T*", plain(text(object, "number")));
    for (what, amount) in said(object) {
        text_of.push_str(&format!(" ({}: {}) Tj T*", plain(&what), plain(&amount)));
    }
    text_of.push_str(" ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{text_of}\nendstream", text_of.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut body = "%PDF-1.4\n".to_owned();
    let mut places = Vec::with_capacity(objects.len());
    for (place, object) in objects.iter().enumerate() {
        places.push(body.len());
        body.push_str(&format!("{} 0 obj\n{object}\nendobj\n", place + 1));
    }
    let start = body.len();
    body.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    for place in places {
        body.push_str(&format!("{place:010} 00000 n \n"));
    }
    body.push_str(&format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    ));
    PageReply { status: 200, content_type: "application/pdf", location: None, body }
}
