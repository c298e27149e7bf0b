//! One kind's objects: rendered once as compact JSON, ordered by `created`, with the history of a generated shop
//! behind them that takes no memory until one of its objects is changed.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::ops::Bound;
use std::sync::Arc;

use serde_json::Value;

use super::kind::Kind;

/// A row: what a list and a retrieve answer with, and what lists filter by.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub created: i64,
    pub sequence: u64,
    pub json: Box<str>,
    pub keys: Box<[Box<str>]>,
    /// A tombstone: retrieved as `deleted`, never listed.
    pub deleted: bool,
    /// Stands in for a generated object at this place.
    pub instead: Option<u64>,
    /// When it last changed, for search's lag; not kept on disk.
    pub touched: i64,
}

/// Objects that are made when somebody looks: the past of a generated shop, oldest first.
pub(crate) trait Generated: Send + Sync + Debug {
    fn len(&self) -> u64;
    fn created(&self, index: u64) -> i64;
    fn id(&self, index: u64) -> String;
    fn find(&self, id: &str) -> Option<u64>;
    fn render(&self, index: u64, now_s: i64) -> String;
    /// The value of an indexed member; `None` where it must be read from the rendered object.
    fn key(&self, index: u64, name: &str) -> Option<String>;
    /// What a balance transaction adds to the balance.
    fn net(&self, _index: u64) -> i64 {
        0
    }
    /// What all of them add to it.
    fn net_of_all(&self) -> i64 {
        (0..self.len()).map(|index| self.net(index)).sum()
    }
    /// The places where a member has that value, where they can be computed rather than searched.
    fn find_by(&self, _name: &str, _value: &str) -> Option<Vec<u64>> {
        None
    }
}

/// A place in a table's order; younger is greater. At the same second stored objects count as younger than generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Stored(i64, u64),
    Generated(u64),
}

/// One kind's objects.
#[derive(Debug)]
pub(crate) struct Table {
    pub kind: &'static Kind,
    rows: HashMap<Box<str>, Row>,
    order: BTreeMap<(i64, u64), Box<str>>,
    past: Option<Arc<dyn Generated>>,
    /// Generated places whose object was changed since.
    changed: HashMap<u64, Box<str>>,
}

impl Table {
    pub(crate) fn new(kind: &'static Kind) -> Self {
        Self { kind, rows: HashMap::new(), order: BTreeMap::new(), past: None, changed: HashMap::new() }
    }

    pub(crate) fn set_past(&mut self, past: Arc<dyn Generated>) {
        // What was changed of it before the program last ended finds its place again.
        let moved: Vec<(Box<str>, u64)> =
            self.rows.keys().filter_map(|id| past.find(id).map(|index| (id.clone(), index))).collect();
        for (id, index) in moved {
            if let Some(row) = self.rows.get_mut(&id) {
                self.order.remove(&(row.created, row.sequence));
                row.instead = Some(index);
            }
            self.changed.insert(index, id);
        }
        self.past = Some(past);
    }

    pub(crate) fn past(&self) -> Option<&Arc<dyn Generated>> {
        self.past.as_ref()
    }

    pub(crate) fn row(&self, id: &str) -> Option<&Row> {
        self.rows.get(id)
    }

    /// Where an object stands; `None` for one that is not there or deleted.
    pub(crate) fn place(&self, id: &str) -> Option<Place> {
        match self.rows.get(id) {
            Some(row) if row.deleted => None,
            Some(row) => Some(row.instead.map_or(Place::Stored(row.created, row.sequence), Place::Generated)),
            None => self.past.as_ref().and_then(|past| past.find(id)).map(Place::Generated),
        }
    }

    /// The JSON of an object, deleted ones included.
    pub(crate) fn json(&self, id: &str, now_s: i64) -> Option<String> {
        if let Some(row) = self.rows.get(id) {
            return Some(row.json.to_string());
        }
        let past = self.past.as_ref()?;
        past.find(id).map(|index| past.render(index, now_s))
    }

    /// Puts a row in, returning the one it replaces. The place in the order stays what it was.
    pub(crate) fn put(&mut self, id: &str, mut row: Row) -> Option<Row> {
        if let Some(before) = self.rows.get(id) {
            row.created = before.created;
            row.sequence = before.sequence;
            row.instead = before.instead;
        } else {
            row.instead = self.past.as_ref().and_then(|past| past.find(id));
        }
        if let Some(index) = row.instead {
            self.changed.insert(index, id.into());
        } else if row.deleted {
            self.order.remove(&(row.created, row.sequence));
        } else {
            self.order.insert((row.created, row.sequence), id.into());
        }
        self.rows.insert(id.into(), row)
    }

    /// Takes a row out altogether, as if it had never been.
    pub(crate) fn take(&mut self, id: &str) -> Option<Row> {
        let row = self.rows.remove(id)?;
        match row.instead {
            Some(index) => {
                self.changed.remove(&index);
            }
            None => {
                self.order.remove(&(row.created, row.sequence));
            }
        }
        Some(row)
    }

    /// What lists filter by, read from an object.
    pub(crate) fn keys(kind: &Kind, value: &Value) -> Box<[Box<str>]> {
        kind.indexed.iter().map(|path| key_of(value, path).into_boxed_str()).collect()
    }

    pub(crate) fn stored(&self) -> impl Iterator<Item = (&str, &Row)> {
        self.rows.iter().map(|(id, row)| (id.as_ref(), row))
    }

    /// The oldest stored objects, oldest first.
    pub(crate) fn oldest(&self) -> impl Iterator<Item = (i64, &str)> {
        self.order.iter().map(|((created, _), id)| (*created, id.as_ref()))
    }

    /// Generated places whose object was changed since.
    pub(crate) fn changed(&self) -> impl Iterator<Item = u64> {
        self.changed.keys().copied()
    }

    /// The row at a place, where it is stored.
    pub(crate) fn row_at(&self, place: Place) -> Option<(&str, &Row)> {
        let id = match place {
            Place::Stored(created, sequence) => self.order.get(&(created, sequence))?,
            Place::Generated(index) => self.changed.get(&index)?,
        };
        self.rows.get(id).map(|row| (id.as_ref(), row))
    }

    /// Places from just beyond `from` towards the past (`older`) or the present, within `created` bounds; of the
    /// generated ones `only` these, where they are known beforehand.
    pub(crate) fn walk(
        &self,
        from: Option<Place>,
        older: bool,
        span: (i64, i64),
        only: Option<&[u64]>,
    ) -> Walk<'_> {
        let total = self.past.as_ref().map_or(0, |past| past.len());
        // Generated places are [low, high), stored ones a range of (created, sequence).
        let (mut low, mut high) = (self.lower(span.0, total), self.lower(span.1.saturating_add(1), total));
        let mut first = Bound::Included((span.0, 0));
        let mut last = Bound::Included((span.1, u64::MAX));
        match (from, older) {
            (Some(Place::Stored(created, sequence)), true) => {
                last = narrower_top(last, (created, sequence));
                high = high.min(self.lower(created.saturating_add(1), total));
            }
            (Some(Place::Stored(created, sequence)), false) => {
                first = narrower_bottom(first, (created, sequence));
                low = low.max(self.lower(created.saturating_add(1), total));
            }
            (Some(Place::Generated(index)), true) => {
                high = high.min(index);
                last = narrower_top(last, (self.created_at(index), 0));
            }
            (Some(Place::Generated(index)), false) => {
                low = low.max(index.saturating_add(1));
                first = narrower_bottom_included(first, (self.created_at(index), 0));
            }
            (None, _) => {}
        }
        let stored: Box<dyn Iterator<Item = (i64, u64)>> = if !proper(first, last) {
            Box::new(std::iter::empty())
        } else if older {
            Box::new(self.order.range((first, last)).rev().map(|(place, _)| *place))
        } else {
            Box::new(self.order.range((first, last)).map(|(place, _)| *place))
        };
        let only = only.map(|only| {
            let mut only: Vec<u64> =
                only.iter().copied().filter(|index| (low..high).contains(index)).collect();
            only.sort_unstable();
            only.into()
        });
        Walk { table: self, older, stored: stored.peekable(), low, high: high.max(low), only }
    }

    fn created_at(&self, index: u64) -> i64 {
        self.past.as_ref().map_or(0, |past| past.created(index))
    }

    /// The first generated place whose `created` is at least `created`.
    fn lower(&self, created: i64, total: u64) -> u64 {
        let (mut low, mut high) = (0, total);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.created_at(middle) < created {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// The text a member is filtered by: empty where it is absent or null.
pub(crate) fn key_of(value: &Value, path: &str) -> String {
    match path.split('.').try_fold(value, |value, step| value.get(step)) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Object(inner)) => inner.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

type Key = (i64, u64);

fn key(bound: Bound<Key>, open: Key) -> Key {
    match bound {
        Bound::Included(key) | Bound::Excluded(key) => key,
        Bound::Unbounded => open,
    }
}

fn narrower_top(bound: Bound<Key>, than: Key) -> Bound<Key> {
    if key(bound, (i64::MAX, u64::MAX)) >= than { Bound::Excluded(than) } else { bound }
}

fn narrower_bottom(bound: Bound<Key>, than: Key) -> Bound<Key> {
    if key(bound, (i64::MIN, 0)) <= than { Bound::Excluded(than) } else { bound }
}

fn narrower_bottom_included(bound: Bound<Key>, than: Key) -> Bound<Key> {
    if key(bound, (i64::MIN, 0)) <= than { Bound::Included(than) } else { bound }
}

/// `BTreeMap::range` panics on a range that ends before it begins.
fn proper(first: Bound<Key>, last: Bound<Key>) -> bool {
    let (low, high) = (key(first, (i64::MIN, 0)), key(last, (i64::MAX, u64::MAX)));
    low < high || (low == high && matches!((first, last), (Bound::Included(_), Bound::Included(_))))
}

/// A walk through a table in one direction.
pub(crate) struct Walk<'a> {
    table: &'a Table,
    older: bool,
    stored: std::iter::Peekable<Box<dyn Iterator<Item = Key> + 'a>>,
    low: u64,
    high: u64,
    only: Option<std::collections::VecDeque<u64>>,
}

impl Walk<'_> {
    fn peek_generated(&self) -> Option<u64> {
        match &self.only {
            Some(only) if self.older => only.back().copied(),
            Some(only) => only.front().copied(),
            None => (self.low < self.high).then(|| if self.older { self.high - 1 } else { self.low }),
        }
    }

    fn pass_generated(&mut self, index: u64) {
        match &mut self.only {
            Some(only) if self.older => drop(only.pop_back()),
            Some(only) => drop(only.pop_front()),
            None if self.older => self.high = index,
            None => self.low = index + 1,
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        let generated = self.peek_generated();
        let stored = self.stored.peek().copied();
        let take_stored = match (stored, generated) {
            (None, None) => return None,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some((created, _)), Some(index)) => {
                let past = self.table.created_at(index);
                if self.older { created >= past } else { created < past }
            }
        };
        if take_stored {
            return self.stored.next().map(|(created, sequence)| Place::Stored(created, sequence));
        }
        let index = generated?;
        self.pass_generated(index);
        Some(Place::Generated(index))
    }
}
