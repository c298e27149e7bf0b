//! Terminal: where readers stand, the readers, and what they are told to do.

mod actions;
mod display;
mod inputs;
pub(crate) mod locations;
pub(crate) mod page;
mod present;
pub(crate) mod readers;
