//! The state: tables of objects, what changes in them, and the events that tell of it.

pub(crate) mod call;
pub(crate) mod diff;
pub(crate) mod events;
pub(crate) mod expand;
pub(crate) mod idempotency;
pub(crate) mod ids;
pub(crate) mod journal;
pub(crate) mod kind;
pub(crate) mod list;
pub(crate) mod older;
pub(crate) mod search;
pub(crate) mod state;
pub(crate) mod table;

pub(crate) use state::World;
