//! The surface: which operations Stripe has, what they take, how they answer when something is wrong.

pub(crate) mod coerce;
pub(crate) mod error;
pub(crate) mod form;
pub(crate) mod params;
pub(crate) mod route;
pub(crate) mod spec;
