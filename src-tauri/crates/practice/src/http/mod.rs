//! HTTP around the world: keys, headers, idempotency, one transaction for each call.

pub(crate) mod auth;
pub(crate) mod control;
pub(crate) mod date;
pub(crate) mod exchange;
pub(crate) mod faults;
pub(crate) mod forward;
pub(crate) mod pages;
pub(crate) mod rate;
pub(crate) mod serve;
pub(crate) mod wire;
