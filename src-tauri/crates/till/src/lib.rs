//! What staff do.
#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

pub mod view;
