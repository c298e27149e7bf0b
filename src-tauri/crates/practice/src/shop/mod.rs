//! The shop a fresh state begins with.

mod catalogue;
mod people;
mod start;

pub(crate) use start::{fresh, reopen};
