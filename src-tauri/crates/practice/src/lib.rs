//! A Stripe that lives inside the program: a stateful server that speaks Stripe's API.
