//! The real program against the practice Stripe, as a script would run it.

mod day;
mod files;
mod interrupted;
mod lost;
mod practice;
mod refused;
mod world;
