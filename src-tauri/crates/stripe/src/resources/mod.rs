//! Stripe's resources, one module each: parameters that become a [`Prepared`](crate::Prepared) POST or a
//! [`Query`](crate::Query), and tolerant views of the answers.

pub mod account;
pub mod balance;
mod calls;
pub mod charges;
pub mod checkout;
pub mod common;
pub mod coupons;
pub mod credit_notes;
pub mod customers;
pub mod disputes;
pub mod events;
pub mod invoice_items;
pub mod invoices;
pub mod payment_intents;
pub mod payment_links;
pub mod payment_methods;
pub mod payouts;
pub mod prices;
pub mod products;
pub mod refunds;
pub mod setup_intents;
pub mod subscription_items;
pub mod subscriptions;
pub mod tax_rates;
pub mod terminal;
pub mod test_helpers;
