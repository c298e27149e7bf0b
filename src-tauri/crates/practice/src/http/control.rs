//! The practice Stripe's own switches, under `/_practice/`: none of them is Stripe's.
//!
//! `POST /_practice/clock` `advance_seconds=…` · `POST /_practice/readers/{id}` `state=online|offline|busy|free|cancel` ·
//! `POST /_practice/payments/{id}` `outcome=pass|fail` (a 3-D Secure challenge) · `POST /_practice/refunds/{id}` `state=requires_action` · `GET|POST /_practice/faults` (JSON).

use serde_json::{Map, Value, json};

use super::auth::{self, Caller};
use super::exchange::{Asked, Inside, Server};
use super::faults::Plan;
use crate::api::error::ApiError;
use crate::api::form;
use crate::resources::terminal::readers;
use crate::resources::{payment_intents, refunds, setup_intents};
use crate::world::state::Origin;

/// Does what a switch says; only the secret key may touch them.
pub(crate) fn turn(server: &Server, asked: &Asked) -> Result<Value, ApiError> {
    let mut guard = server.lock();
    let inside = &mut *guard;
    match auth::caller(asked.authorization.as_deref(), &inside.world.identity)? {
        Caller::Secret => {}
        Caller::Publishable => return Err(auth::secret_needed()),
    }
    let done = switch(server, inside, asked);
    if done.is_err() {
        inside.world.undo();
    }
    inside.commit()?;
    done
}

fn switch(server: &Server, inside: &mut Inside, asked: &Asked) -> Result<Value, ApiError> {
    inside.world.origin = Origin::default();
    let steps: Vec<&str> = asked.path.split('/').skip(2).collect();
    match (asked.method.as_str(), steps.as_slice()) {
        ("GET", ["faults"]) => Ok(server.faults().to_json()),
        ("POST", ["faults"]) => {
            let plan = Plan::parse(&asked.body).map_err(ApiError::invalid)?;
            inside.world.event_faults = plan.events.clone();
            server.faults().set(plan);
            Ok(server.faults().to_json())
        }
        ("POST", ["clock"]) => {
            let given = given(asked)?;
            let seconds = given.get("advance_seconds").and_then(number).filter(|seconds| *seconds >= 0);
            let seconds = seconds.ok_or_else(|| ApiError::required("advance_seconds"))?;
            let now_ms = server.advance(seconds.saturating_mul(1000));
            inside.world.set_now_ms(now_ms);
            inside.run_due();
            Ok(json!({ "now": inside.world.now() }))
        }
        ("POST", ["readers", id]) => reader(inside, id, &given(asked)?),
        ("POST", ["refunds", id]) => match given(asked)?.get("state").and_then(Value::as_str) {
            Some("requires_action") => refunds::ask_customer(&mut inside.world, id),
            _ => Err(ApiError::invalid("state must be requires_action.").param("state")),
        },
        ("POST", ["payments", id]) => {
            let passed = given(asked)?.get("outcome").is_none_or(|outcome| outcome == "pass");
            if id.starts_with("seti_") {
                setup_intents::authenticate(&mut inside.world, id, passed)
            } else {
                payment_intents::authenticate(&mut inside.world, id, passed)
            }
        }
        _ => Err(ApiError::status(404, format!("There is no switch at {} {}.", asked.method, asked.path))),
    }
}

fn reader(inside: &mut Inside, id: &str, given: &Map<String, Value>) -> Result<Value, ApiError> {
    let world = &mut inside.world;
    match given.get("state").and_then(Value::as_str) {
        Some("online") => readers::set_online(world, id, true),
        Some("offline") => readers::set_online(world, id, false),
        Some("busy") => readers::set_busy(world, id, true),
        Some("free") => readers::set_busy(world, id, false),
        Some("cancel") => readers::customer_cancels(world, id),
        _ => Err(ApiError::invalid("state must be online, offline, busy, free or cancel.").param("state")),
    }
}

/// A form or a JSON object.
fn given(asked: &Asked) -> Result<Map<String, Value>, ApiError> {
    if asked.content_type.as_deref().is_some_and(|kind| kind.starts_with("application/json")) {
        return serde_json::from_slice(&asked.body)
            .map_err(|error| ApiError::invalid(format!("Invalid JSON: {error}")));
    }
    form::parse(&asked.body)
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}
