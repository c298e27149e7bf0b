//! Faults on demand: what goes wrong between a client and Stripe, from a seed, so that a run can be repeated.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::world::events;
use crate::world::ids::Chance;

/// What goes wrong with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    /// Nothing but the delay.
    Latency,
    /// The connection breaks before anything is done.
    DropBefore,
    /// The work is done and the connection breaks before the answer.
    DropAfter,
    /// 409 without a kept outcome.
    Conflict,
    /// 429 with a reason: not processed.
    RateLimited,
    /// 429 without a reason: somebody else holds the object; not processed.
    LockTimeout,
    /// 500 before anything is done, kept under its idempotency key.
    ErrorBefore,
    /// 500 after the work was done; the key's kept outcome is the real one.
    ErrorAfter,
    /// 503 before anything is done.
    Unavailable,
    /// Half of the body arrives.
    Truncated,
    /// The body comes in small pieces.
    Slow,
}

/// Which calls a fault happens to, and how often.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub fault: Fault,
    /// `GET`, `POST` or `DELETE`; any where absent.
    #[serde(default)]
    pub method: Option<String>,
    /// The path begins so; `*` stands for one segment.
    #[serde(default)]
    pub path: Option<String>,
    /// Out of a thousand calls.
    #[serde(default = "always")]
    pub per_mille: u64,
    /// Calls that pass first.
    #[serde(default)]
    pub skip: u64,
    /// Then at most so many times.
    #[serde(default)]
    pub times: Option<u64>,
    /// Milliseconds, for `latency` and `slow`.
    #[serde(default)]
    pub ms: u64,
}

fn always() -> u64 {
    1000
}

/// Everything that is to go wrong.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Plan {
    pub seed: u64,
    pub rules: Vec<Rule>,
    pub events: events::Faults,
}

impl Plan {
    pub(crate) fn parse(text: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(text).map_err(|error| format!("Invalid faults: {error}"))
    }
}

#[derive(Debug, Default)]
struct Inside {
    plan: Plan,
    chance: Option<Chance>,
    seen: Vec<u64>,
    done: Vec<u64>,
}

/// The faults in force and how often each happened.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Inside>);

impl Faults {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, plan: Plan) {
        let rules = plan.rules.len();
        let chance = Some(Chance::new(plan.seed));
        *self.lock() = Inside { plan, chance, seen: vec![0; rules], done: vec![0; rules] };
    }

    /// What is to happen to this call, with its delay: the first rule that strikes, after every latency.
    pub(crate) fn strike(&self, method: &str, path: &str) -> (u64, Option<(Fault, u64)>) {
        let mut guard = self.lock();
        let inside = &mut *guard;
        let (mut delay, mut struck) = (0_u64, None);
        let Some(chance) = inside.chance.as_mut() else { return (0, None) };
        for (place, rule) in inside.plan.rules.iter().enumerate() {
            let (Some(seen), Some(done)) = (inside.seen.get_mut(place), inside.done.get_mut(place)) else {
                continue;
            };
            if !rule.concerns(method, path) || (rule.fault != Fault::Latency && struck.is_some()) {
                continue;
            }
            *seen += 1;
            let spent = rule.times.is_some_and(|times| *done >= times);
            if *seen <= rule.skip || spent || chance.below(1000) >= rule.per_mille {
                continue;
            }
            *done += 1;
            match rule.fault {
                Fault::Latency => delay = delay.saturating_add(rule.ms),
                fault => struck = Some((fault, rule.ms)),
            }
        }
        (delay, struck)
    }

    pub(crate) fn to_json(&self) -> Value {
        let inside = self.lock();
        json!({ "rules": inside.plan.rules.len(), "seen": inside.seen, "struck": inside.done })
    }
}

impl Rule {
    fn concerns(&self, method: &str, path: &str) -> bool {
        let same = self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
        same && self.path.as_ref().is_none_or(|wanted| begins(wanted, path))
    }
}

fn begins(wanted: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    wanted.split('/').all(|step| segments.next().is_some_and(|segment| step == "*" || step == segment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_strike_where_when_and_as_often_as_they_say() {
        let faults = Faults::default();
        assert_eq!(faults.strike("POST", "/v1/refunds"), (0, None));
        let plan = br#"{"rules":[{"fault":"drop_after","method":"POST","path":"/v1/payment_intents/*/confirm","skip":1,"times":1},
                        {"fault":"latency","ms":7}]}"#;
        faults.set(Plan::parse(plan).expect("a plan"));
        let confirm = "/v1/payment_intents/pi_1/confirm";
        assert_eq!(faults.strike("POST", confirm), (7, None));
        assert_eq!(faults.strike("GET", confirm), (7, None));
        assert_eq!(faults.strike("POST", confirm), (7, Some((Fault::DropAfter, 0))));
        assert_eq!(faults.strike("POST", confirm), (7, None));
        assert!(Plan::parse(b"{\"rules\":[{\"fault\":\"nonsense\"}]}").is_err());
    }
}
