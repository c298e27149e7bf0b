//! From a method and a path to the operation that answers.

use serde_json::Value;

use super::error::ApiError;
use crate::world::call::Call;

/// What an operation answers with.
#[derive(Debug)]
pub(crate) enum Answer {
    /// An object; `expand[]` is applied to it.
    Object(Value),
    /// JSON that is already written, a page of a list as a rule.
    Written(String),
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self::Object(value)
    }
}

/// What serves an operation.
pub(crate) type Handler = fn(&mut Call<'_>) -> Result<Answer, ApiError>;

/// One operation.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub method: &'static str,
    /// Exactly as in the API description: `/v1/customers/{customer}`.
    pub path: &'static str,
    pub run: Handler,
    /// May a publishable key call it?
    pub publishable: bool,
}

pub(crate) const fn get(path: &'static str, run: Handler) -> Route {
    Route { method: "GET", path, run, publishable: false }
}

pub(crate) const fn post(path: &'static str, run: Handler) -> Route {
    Route { method: "POST", path, run, publishable: false }
}

pub(crate) const fn delete(path: &'static str, run: Handler) -> Route {
    Route { method: "DELETE", path, run, publishable: false }
}

impl Route {
    /// Lets a publishable key call it too.
    pub(crate) const fn open(mut self) -> Self {
        self.publishable = true;
        self
    }

    /// `"POST /v1/customers"`, the name under which its parameters are described.
    pub(crate) fn operation(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// What stands in the path's braces, by name.
pub(crate) type PathParts = Vec<(&'static str, String)>;

/// The route for a path; a fixed segment wins over a variable one.
pub(crate) fn find<'a>(
    routes: impl Iterator<Item = &'a Route>,
    method: &str,
    path: &str,
) -> Option<(&'a Route, PathParts)> {
    let mut best: Option<(&Route, PathParts)> = None;
    for route in routes.filter(|route| route.method == method) {
        if let Some(parts) = matched(route.path, path)
            && best.as_ref().is_none_or(|(_, least)| parts.len() < least.len())
        {
            best = Some((route, parts));
        }
    }
    best
}

/// What stands in a template's braces, where the path is one of its.
pub(crate) fn matched(template: &'static str, path: &str) -> Option<PathParts> {
    let mut parts = Vec::new();
    let mut segments = path.split('/');
    for wanted in template.split('/') {
        let segment = segments.next()?;
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(_) if segment.is_empty() => return None,
            Some(name) => parts.push((name, segment.to_owned())),
            None if wanted == segment => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(parts)
}
