//! The mirror against small Stripes that do what a test needs, and against the practice Stripe.

mod backfill;
mod certificate;
mod fake;
mod faults;
mod fixtures;
mod hostile;
mod house;
mod news;
mod practice;
mod reads;
mod receiver;
mod search;
