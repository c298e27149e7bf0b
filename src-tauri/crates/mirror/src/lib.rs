//! Stripe's records in the store: backfill, events, certificate.
