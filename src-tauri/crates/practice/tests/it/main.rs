//! The practice Stripe over HTTP, as a client sees it. With `STRIPE_OPENAPI` set to Stripe's API description every answer
//! of every test is validated against it.
// What surrounds a test may be as blunt as the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod basics;
mod billing;
mod catalogue;
mod checkout;
mod coverage;
mod disputes;
mod durable;
mod events;
mod faults;
mod pace;
mod payments;
mod people;
mod reader_page;
mod refunds;
mod shop;
mod start_shop;
mod subscription_ends;
mod subscriptions;
mod terminal;
mod truth;
mod webhooks;
