//! The world of one account: its tables and everything that may be done to them. One call is one transaction: what it
//! changes is undone, or written to the journal, together.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::diff;
use super::ids::Chance;
use super::kind::{Kind, TASK};
use super::table::{Generated, Row, Table};
use crate::api::error::ApiError;
use crate::api::params::{int, text};

/// What the account is and is opened with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identity {
    pub account: String,
    pub secret_key: String,
    pub publishable_key: String,
    pub base_url: String,
}

/// The call that changes come from, as events tell it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    pub request: Option<String>,
    pub idempotency_key: Option<String>,
}

/// A change of one row, with what was there before so that it can be undone.
#[derive(Debug)]
pub(crate) struct Change {
    pub kind: &'static Kind,
    pub id: String,
    pub before: Option<Row>,
}

/// The state.
#[derive(Debug)]
pub(crate) struct World {
    pub identity: Identity,
    pub origin: Origin,
    pub chance: Chance,
    /// What was done to events on purpose (late, doubled, lost).
    pub event_faults: super::events::Faults,
    /// Who hears of every event.
    pub forward: Option<crate::http::forward::Target>,
    tables: HashMap<&'static str, Table>,
    sequence: u64,
    now_ms: i64,
    /// The time outside of any test clock.
    wall_ms: i64,
    changes: Vec<Change>,
}

impl World {
    pub(crate) fn new(seed: u64, now_ms: i64, kinds: impl Iterator<Item = &'static Kind>) -> Self {
        Self {
            identity: Identity::default(),
            origin: Origin::default(),
            chance: Chance::new(seed),
            event_faults: super::events::Faults::default(),
            forward: None,
            tables: kinds.map(|kind| (kind.object, Table::new(kind))).collect(),
            sequence: 0,
            now_ms,
            wall_ms: now_ms,
            changes: Vec::new(),
        }
    }

    /// Seconds since 1970, the time of this call.
    pub(crate) fn now(&self) -> i64 {
        self.now_ms.div_euclid(1000)
    }

    /// How many rows were ever written.
    pub(crate) fn position(&self) -> u64 {
        self.sequence
    }

    /// Seconds since 1970 outside of any test clock: events, kept answers and tasks go by it.
    pub(crate) fn wall(&self) -> i64 {
        self.wall_ms.div_euclid(1000)
    }

    pub(crate) fn set_now_ms(&mut self, now_ms: i64) {
        self.now_ms = now_ms;
        self.wall_ms = now_ms;
    }

    /// Lives at another time, a test clock's, until the transaction ends.
    pub(crate) fn live_at(&mut self, now: i64) {
        self.now_ms = now.saturating_mul(1000);
    }

    pub(crate) fn table(&self, kind: &Kind) -> Option<&Table> {
        self.tables.get(kind.object)
    }

    pub(crate) fn kind_named(&self, object: &str) -> Option<&'static Kind> {
        self.tables.get(object).map(|table| table.kind)
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.values()
    }

    pub(crate) fn set_past(&mut self, kind: &Kind, past: std::sync::Arc<dyn Generated>) {
        if let Some(table) = self.tables.get_mut(kind.object) {
            table.set_past(past);
        }
    }

    /// A new id of this kind.
    pub(crate) fn id(&mut self, kind: &Kind) -> String {
        let tail = self.chance.text(kind.id_length);
        format!("{}_{tail}", kind.prefix)
    }

    /// An object, tombstones included.
    pub(crate) fn look(&self, kind: &Kind, id: &str) -> Option<Value> {
        let json = self.table(kind)?.json(id, self.now())?;
        serde_json::from_str(&json).ok().map(|value| crate::resources::live(kind, value, self.now()))
    }

    /// An object that is not deleted.
    pub(crate) fn get(&self, kind: &Kind, id: &str) -> Option<Value> {
        self.look(kind, id).filter(|value| value.get("deleted") != Some(&Value::Bool(true)))
    }

    /// An object named in the path: 404 where there is none.
    pub(crate) fn at_path(&self, kind: &Kind, id: &str, param: &str) -> Result<Value, ApiError> {
        self.get(kind, id).ok_or_else(|| ApiError::missing(kind.noun, id, param))
    }

    /// An object named in a parameter: 400 where there is none.
    pub(crate) fn named(&self, kind: &Kind, id: &str, param: &str) -> Result<Value, ApiError> {
        self.get(kind, id).ok_or_else(|| ApiError::no_such(kind.noun, id, param))
    }

    /// Every stored (never a generated) object for which `wanted` holds, oldest first.
    pub(crate) fn stored_where(&self, kind: &Kind, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let Some(table) = self.table(kind) else { return Vec::new() };
        table.oldest().filter_map(|(_, id)| self.get(kind, id)).filter(|value| wanted(value)).collect()
    }

    /// Puts an object in or over the one with its id, telling nobody.
    pub(crate) fn put(&mut self, kind: &'static Kind, value: &Value) {
        self.write(kind, value, false);
    }

    /// Puts a new object in and tells of it.
    pub(crate) fn create(&mut self, kind: &'static Kind, value: &Value, event: &str) {
        self.put(kind, value);
        self.emit(event, value, None);
    }

    /// Puts a changed object in and tells of it with what was there before; nothing happens where nothing changed.
    pub(crate) fn update(&mut self, kind: &'static Kind, value: &Value, event: &str) {
        let before = self.look(kind, text(value, "id")).unwrap_or(Value::Null);
        let Some(previous) = diff::previous(&before, value) else { return };
        self.put(kind, value);
        self.emit(event, value, Some(previous));
    }

    /// Leaves a tombstone in an object's place and tells of it.
    pub(crate) fn bury(&mut self, kind: &'static Kind, value: &Value, event: &str) -> Value {
        let mut tombstone = json!({ "id": value["id"], "object": kind.object, "deleted": true });
        for name in kind.epitaph {
            tombstone[*name] = value[*name].clone();
        }
        self.write(kind, &tombstone, true);
        if !event.is_empty() {
            self.emit(event, value, None);
        }
        tombstone
    }

    /// Takes an object out without a trace.
    pub(crate) fn forget(&mut self, kind: &'static Kind, id: &str) {
        if let Some(before) = self.tables.get_mut(kind.object).and_then(|table| table.take(id)) {
            self.changes.push(Change { kind, id: id.to_owned(), before: Some(before) });
        }
    }

    fn write(&mut self, kind: &'static Kind, value: &Value, deleted: bool) {
        let (now, touched) = (self.now(), self.wall());
        self.sequence += 1;
        let sequence = self.sequence;
        let Some(table) = self.tables.get_mut(kind.object) else { return };
        let id = text(value, "id").to_owned();
        // Invoice items say `date` instead.
        let created =
            value.get("created").or_else(|| value.get("date")).and_then(Value::as_i64).unwrap_or(now);
        let row = Row {
            created,
            sequence,
            json: value.to_string().into_boxed_str(),
            keys: Table::keys(kind, value),
            deleted,
            instead: None,
            touched,
        };
        let before = table.put(&id, row);
        self.changes.push(Change { kind, id, before });
    }

    /// A row as the journal kept it.
    pub(crate) fn restore(&mut self, object: &str, id: &str, row: Option<(i64, u64, &str, bool)>) {
        let Some(table) = self.tables.get_mut(object) else { return };
        let Some((created, sequence, json, deleted)) = row else {
            table.take(id);
            return;
        };
        self.sequence = self.sequence.max(sequence);
        let value: Value = serde_json::from_str(json).unwrap_or(Value::Null);
        let keys = Table::keys(table.kind, &value);
        table.put(id, Row { created, sequence, json: json.into(), keys, deleted, instead: None, touched: 0 });
    }

    /// What changed since the last [`World::settle`] or [`World::undo`].
    pub(crate) fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The changes stay.
    pub(crate) fn settle(&mut self) {
        self.changes.clear();
        self.now_ms = self.wall_ms;
    }

    /// The changes never happened.
    pub(crate) fn undo(&mut self) {
        self.now_ms = self.wall_ms;
        while let Some(change) = self.changes.pop() {
            let Some(table) = self.tables.get_mut(change.kind.object) else { continue };
            table.take(&change.id);
            if let Some(row) = change.before {
                table.put(&change.id, row);
            }
        }
    }

    /// Does `task` at a time to come; see [`crate::resources::run_task`].
    pub(crate) fn schedule(&mut self, at: i64, task: &str, data: Value) {
        let id = self.id(TASK);
        self.put(
            TASK,
            &json!({ "id": id, "object": TASK.object, "created": at, "task": task, "data": data }),
        );
    }

    /// The next task that is due, taken off the list.
    pub(crate) fn next_due(&mut self) -> Option<(i64, String, Value)> {
        let now = self.wall();
        let (at, id) = self.table(TASK)?.oldest().next().map(|(at, id)| (at, id.to_owned()))?;
        if at > now {
            return None;
        }
        let task = self.look(TASK, &id)?;
        self.forget(TASK, &id);
        Some((int(&task, "created"), text(&task, "task").to_owned(), task["data"].clone()))
    }
}
