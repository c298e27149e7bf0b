//! What the crate does over a real socket, and how it holds against Stripe's own description and examples.
// Tests may be blunt, and so may what they share.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod answers;
mod description;
mod fixtures;
mod logs;
mod lost;
mod permissions;
mod requests;
mod samples;
mod stub;
mod wire;
