//! Tests of the whole program, from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod day;
mod openapi;
mod programs;
mod proxy;
mod sdk;
mod tidy;
mod window;
