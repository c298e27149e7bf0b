//! The transactions file of a shop with a history, made and checked as an accountant would.

mod shop;
mod transactions;
