//! The shop a fresh state begins with.

mod catalogue;
mod history;
mod numbers;
mod past;
mod people;
mod start;
mod stock;
mod template;

pub(crate) use start::{fresh, reopen};
