//! Events: what Stripe tells of every change. Kept for thirty days.

use serde::Deserialize;
use serde_json::{Value, json};

use super::kind::Kind;
use super::older;
use super::state::World;

/// The version every object is rendered in.
pub(crate) const API_VERSION: &str = "2026-10-28.endive";
const KEPT_FOR: i64 = 30 * 86_400;

pub(crate) const EVENT: &Kind =
    &Kind::new("event", "evt", "event", "/v1/events").indexed(&["type", "pending_webhooks"]);

/// What goes wrong with events on purpose; each is a share in a thousand.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Faults {
    /// Appear in the list only after [`Faults::late_seconds`].
    pub late: u64,
    pub late_seconds: i64,
    /// Two events for one change.
    pub doubled: u64,
    /// Created a few seconds before the change they tell of.
    pub out_of_order: u64,
    /// Never appear.
    pub lost: u64,
    /// Rendered in another API version.
    pub other_version: u64,
}

impl World {
    /// Tells of a change. `previous` is what was there before, for events that say so.
    pub(crate) fn emit(&mut self, name: &str, object: &Value, previous: Option<Value>) {
        let mut data = json!({ "object": object });
        if let Some(previous) = previous.filter(|_| tells_previous(name)) {
            data["previous_attributes"] = previous;
        }
        let id = self.id(EVENT);
        let mut event = json!({
            "id": id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.wall(),
            "data": data,
            "livemode": false,
            "pending_webhooks": crate::resources::waiting_webhooks(self, name),
            "request": { "id": self.origin.request, "idempotency_key": self.origin.idempotency_key },
            "type": name,
        });
        self.spoil(&mut event);
    }

    /// Lists the event, or does to it what was asked for.
    fn spoil(&mut self, event: &mut Value) {
        let faults = self.event_faults.clone();
        if faults == Faults::default() {
            self.list_event(event);
            return;
        }
        if self.chance.below(1000) < faults.lost {
            return;
        }
        if self.chance.below(1000) < faults.other_version {
            event["api_version"] = json!(older::VERSION);
            older::render(self, &mut event["data"]["object"]);
        }
        if self.chance.below(1000) < faults.out_of_order {
            event["created"] = json!(self.wall() - 2);
        }
        if self.chance.below(1000) < faults.doubled {
            let mut twin = event.clone();
            twin["id"] = json!(self.id(EVENT));
            self.list_event(&twin);
        }
        if self.chance.below(1000) < faults.late {
            let at = self.wall() + faults.late_seconds.max(1);
            self.schedule(at, "events.list", event.clone());
        } else {
            self.list_event(event);
        }
    }

    /// Puts an event into the list and lets the oldest go.
    pub(crate) fn list_event(&mut self, event: &Value) {
        self.put(EVENT, event);
        let horizon = self.wall() - KEPT_FOR;
        // A few at a time: no call pays for all of them.
        for _ in 0..4 {
            let aged = self
                .table(EVENT)
                .and_then(|table| table.oldest().next())
                .filter(|(created, _)| *created < horizon)
                .map(|(_, id)| id.to_owned());
            let Some(id) = aged else { break };
            self.forget(EVENT, &id);
        }
    }

    /// The oldest second events are still listed of.
    pub(crate) fn event_horizon(&self) -> i64 {
        self.wall() - KEPT_FOR
    }
}

fn tells_previous(name: &str) -> bool {
    name.ends_with(".updated") || name == "charge.refunded"
}
