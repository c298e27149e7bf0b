//! Stripe's resources, one module each: parameters that become a [`Prepared`](crate::Prepared) POST or a
//! [`Query`](crate::Query), and tolerant views of the answers.

pub mod account;
pub mod balance;
pub mod charges;
pub mod common;
pub mod customers;
pub mod events;
pub mod payment_intents;
pub mod payment_methods;
pub mod prices;
pub mod products;
pub mod refunds;
pub mod terminal;
pub mod test_helpers;
