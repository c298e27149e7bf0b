//! Stripe's HTTP API: requests, errors, idempotency, paging, signatures.
