//! Lists: newest first, by cursor, as Stripe documents them.

use serde_json::{Value, json};

use super::call::Call;
use super::kind::Kind;
use super::state::World;
use super::table::{Generated, Place, Row, Table, key_of};
use crate::api::error::ApiError;
use crate::api::params::Params;
use crate::api::route::Answer;

/// Which objects a list shows.
#[derive(Debug, Default, Clone)]
pub(crate) struct Filter {
    conditions: Vec<(&'static str, Vec<String>)>,
    wild: bool,
}

impl Filter {
    /// `member` must be one of `values`.
    pub(crate) fn any(mut self, member: &'static str, values: Vec<String>) -> Self {
        self.conditions.push((member, values));
        self
    }

    /// `member` must be `value`.
    pub(crate) fn is(self, member: &'static str, value: &str) -> Self {
        self.any(member, vec![value.to_owned()])
    }

    /// `member` must be what the parameter of that name says, if it was sent.
    pub(crate) fn sent(self, params: &Params, member: &'static str) -> Self {
        self.sent_as(params, member, member)
    }

    /// The same where the parameter has another name.
    pub(crate) fn sent_as(self, params: &Params, param: &str, member: &'static str) -> Self {
        match params.get(param) {
            Some(Value::String(text)) => self.is(member, &text.clone()),
            Some(Value::Bool(flag)) => self.is(member, &flag.to_string()),
            Some(Value::Number(number)) => self.is(member, &number.to_string()),
            Some(Value::Array(values)) => {
                self.any(member, values.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            _ => self,
        }
    }

    /// `charge.*` stands for every value that begins so.
    pub(crate) fn wild(mut self) -> Self {
        self.wild = true;
        self
    }

    fn fits(&self, values: &[String], found: &str) -> bool {
        values.iter().any(|value| match value.strip_suffix('*') {
            Some(head) if self.wild => found.starts_with(head),
            _ => value == found,
        })
    }

    fn takes_row(&self, kind: &Kind, row: &Row) -> bool {
        self.conditions.iter().all(|(member, values)| {
            match kind.indexed.iter().position(|name| name == member).and_then(|place| row.keys.get(place)) {
                Some(found) => self.fits(values, found),
                None => {
                    let value: Value = serde_json::from_str(&row.json).unwrap_or(Value::Null);
                    self.fits(values, &key_of(&value, member))
                }
            }
        })
    }

    fn takes_generated(&self, past: &dyn Generated, index: u64, now: i64) -> bool {
        self.conditions.iter().all(|(member, values)| match past.key(index, member) {
            Some(found) => self.fits(values, &found),
            None => {
                let value: Value = serde_json::from_str(&past.render(index, now)).unwrap_or(Value::Null);
                self.fits(values, &key_of(&value, member))
            }
        })
    }

    /// The generated places that can fit at all, where that is known without looking.
    fn only(&self, past: Option<&dyn Generated>) -> Option<Vec<u64>> {
        let past = past?;
        self.conditions.iter().find_map(|(member, values)| match values.as_slice() {
            [value] => past.find_by(member, value),
            _ => None,
        })
    }
}

/// The bounds `created` sets, both ends included.
pub(crate) fn span(params: &Params) -> (i64, i64) {
    match params.get("created") {
        Some(Value::Number(number)) => {
            let at = number.as_i64().unwrap_or(0);
            (at, at)
        }
        Some(_) => {
            let bound = |name: &str| params.int(&format!("created.{name}"));
            let low = bound("gt").map(|at| at.saturating_add(1)).into_iter().chain(bound("gte")).max();
            let high = bound("lt").map(|at| at.saturating_sub(1)).into_iter().chain(bound("lte")).min();
            (low.unwrap_or(i64::MIN), high.unwrap_or(i64::MAX))
        }
        None => (i64::MIN, i64::MAX),
    }
}

/// `limit`, checked.
pub(crate) fn limit(params: &Params) -> Result<usize, ApiError> {
    let refuse = |message: &str| ApiError::invalid(message).code("parameter_invalid_integer").param("limit");
    match params.int("limit") {
        None => Ok(10),
        Some(limit) if limit < 1 => Err(refuse("This value must be greater than or equal to 1.")),
        Some(limit) if limit > 100 => Err(refuse("This value must be less than or equal to 100.")),
        Some(limit) => Ok(usize::try_from(limit).unwrap_or(10)),
    }
}

struct Cursor {
    from: Option<Place>,
    older: bool,
}

fn cursor(table: &Table, params: &Params) -> Result<Cursor, ApiError> {
    let (after, before) = (params.str("starting_after"), params.str("ending_before"));
    if after.is_some() && before.is_some() {
        let message = "You can only specify one of these parameters: starting_after, ending_before.";
        return Err(ApiError::invalid(message).code("parameters_exclusive").param("starting_after"));
    }
    let Some((id, name)) = after.map(|id| (id, "starting_after")).or(before.map(|id| (id, "ending_before")))
    else {
        return Ok(Cursor { from: None, older: true });
    };
    let place = table.place(id).ok_or_else(|| ApiError::no_such(table.kind.noun, id, name))?;
    Ok(Cursor { from: Some(place), older: name == "starting_after" })
}

impl Call<'_> {
    /// A page of a kind's own list.
    pub(crate) fn page(&self, kind: &Kind, filter: &Filter) -> Result<Answer, ApiError> {
        self.page_within(kind, filter, span(&self.params))
    }

    /// The same within other bounds of `created`.
    pub(crate) fn page_within(
        &self,
        kind: &Kind,
        filter: &Filter,
        span: (i64, i64),
    ) -> Result<Answer, ApiError> {
        let limit = limit(&self.params)?;
        let (items, more) = page_of(self.world, kind, &self.params, filter, span, limit)?;
        tracing::trace!(list = kind.url, items = items.len(), more, "a page was read");
        if self.params.expand().is_empty() {
            return Ok(Answer::Written(written(&self.path, &items, more)));
        }
        let data: Vec<Value> = items.iter().filter_map(|json| serde_json::from_str(json).ok()).collect();
        Ok(Answer::Object(json!({ "object": "list", "data": data, "has_more": more, "url": self.path })))
    }
}

fn written(url: &str, items: &[String], more: bool) -> String {
    let size: usize = items.iter().map(|item| item.len() + 1).sum();
    let mut out = String::with_capacity(size + 96);
    out.push_str("{\"object\":\"list\",\"data\":[");
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push_str(item);
    }
    out.push_str("],\"has_more\":");
    out.push_str(if more { "true" } else { "false" });
    out.push_str(",\"url\":");
    out.push_str(&Value::from(url).to_string());
    out.push('}');
    out
}

fn page_of(
    world: &World,
    kind: &Kind,
    params: &Params,
    filter: &Filter,
    span: (i64, i64),
    limit: usize,
) -> Result<(Vec<String>, bool), ApiError> {
    let Some(table) = world.table(kind) else { return Ok((Vec::new(), false)) };
    let cursor = cursor(table, params)?;
    let past = table.past().map(AsRef::as_ref);
    let only = filter.only(past);
    let mut items = Vec::with_capacity(limit);
    let mut more = false;
    for place in table.walk(cursor.from, cursor.older, span, only.as_deref()) {
        let json = match (table.row_at(place), place) {
            (Some((_, row)), _) => {
                (!row.deleted && filter.takes_row(kind, row)).then(|| live(world, kind, row))
            }
            (None, Place::Generated(index)) => past
                .filter(|past| filter.takes_generated(*past, index, world.now()))
                .map(|past| past.render(index, world.now())),
            (None, Place::Stored(..)) => None,
        };
        let Some(json) = json else { continue };
        if items.len() == limit {
            more = true;
            break;
        }
        items.push(json);
    }
    if !cursor.older {
        items.reverse();
    }
    Ok((items, more))
}

fn live(world: &World, kind: &Kind, row: &Row) -> String {
    if !crate::resources::changes_with_time(kind, &row.json) {
        return row.json.to_string();
    }
    match serde_json::from_str(&row.json) {
        Ok(value) => crate::resources::live(kind, value, world.now()).to_string(),
        Err(_) => row.json.to_string(),
    }
}

impl World {
    /// Every object a filter takes, newest first, at most `most`: for lists inside objects.
    pub(crate) fn all(&self, kind: &Kind, filter: &Filter, most: usize) -> Vec<Value> {
        let everything = (i64::MIN, i64::MAX);
        page_of(self, kind, &Params::default(), filter, everything, most)
            .map(|(items, _)| items.iter().filter_map(|json| serde_json::from_str(json).ok()).collect())
            .unwrap_or_default()
    }
}
