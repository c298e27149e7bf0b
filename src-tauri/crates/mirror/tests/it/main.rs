//! The mirror against small Stripes that do what a test needs, and against the practice Stripe.

mod backfill;
mod fake;
mod fixtures;
mod hostile;
mod house;
mod news;
mod practice;
mod reads;
