//! What is served besides Stripe's API: pages for people, on the same loopback address.

use serde::Serialize;
use serde_json::{Map, Value};

use super::exchange::{Asked, Server};
use crate::api::form;
use crate::api::route::{PathParts, matched};
use crate::world::World;
use crate::world::state::Origin;

/// A page: its method, its path with `{names}`, and what makes it.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub method: &'static str,
    pub path: &'static str,
    pub run: fn(&mut World, &Visit) -> PageReply,
}

/// Somebody looks at a page.
#[derive(Debug, Default)]
pub(crate) struct Visit {
    pub parts: PathParts,
    pub query: Map<String, Value>,
    /// The form that was sent, if one was.
    pub form: Map<String, Value>,
}

impl Visit {
    /// What stands in the braces of that name.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str())
    }

    /// A field of the form, else of the query.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.form.get(name).or_else(|| self.query.get(name)).and_then(Value::as_str).unwrap_or("")
    }
}

/// What a page answers with.
#[derive(Debug, Clone)]
pub(crate) struct PageReply {
    pub status: u16,
    pub content_type: &'static str,
    /// Where the browser is sent instead, for 303.
    pub location: Option<String>,
    pub body: String,
}

impl PageReply {
    pub(crate) fn html(status: u16, body: String) -> Self {
        Self { status, content_type: "text/html; charset=utf-8", location: None, body }
    }

    pub(crate) fn script(body: String) -> Self {
        Self { status: 200, content_type: "text/javascript; charset=utf-8", location: None, body }
    }

    pub(crate) fn json(body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).unwrap_or_default();
        Self { status: 200, content_type: "application/json", location: None, body }
    }

    pub(crate) fn go_to(location: String) -> Self {
        Self {
            status: 303,
            content_type: "text/plain; charset=utf-8",
            location: Some(location),
            body: String::new(),
        }
    }
}

/// Text as it may stand in HTML, in quotes too.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

impl Server {
    /// Serves a page in a transaction of its own; `None` where there is no such page.
    pub(crate) fn page(&self, asked: &Asked) -> Option<PageReply> {
        let (page, parts) = crate::resources::pages()
            .filter(|page| page.method == asked.method)
            .find_map(|page| matched(page.path, &asked.path).map(|parts| (page, parts)))?;
        let read = |bytes: &[u8]| form::parse(bytes).unwrap_or_default();
        let visit = Visit { parts, query: read(asked.query.as_bytes()), form: read(&asked.body) };
        let mut guard = self.lock();
        let inside = &mut *guard;
        inside.run_due();
        inside.world.origin = Origin::default();
        let reply = (page.run)(&mut inside.world, &visit);
        match inside.commit() {
            Ok(()) => Some(reply),
            Err(_) => {
                Some(PageReply::html(500, "<p>The practice state could not be written.</p>".to_owned()))
            }
        }
    }
}
