//! A limit on requests per second, and Stripe's answer beyond it.

use crate::api::error::ApiError;

/// Counts the requests of the current second.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    pub limit: Option<u32>,
    second: i64,
    seen: u32,
}

impl Rate {
    pub(crate) fn new(limit: Option<u32>) -> Self {
        Self { limit, second: 0, seen: 0 }
    }

    /// Takes one request in, or says that it is one too many.
    pub(crate) fn take(&mut self, now: i64) -> Result<(), ApiError> {
        let Some(limit) = self.limit else { return Ok(()) };
        if now != self.second {
            self.second = now;
            self.seen = 0;
        }
        self.seen = self.seen.saturating_add(1);
        if self.seen > limit { Err(exceeded()) } else { Ok(()) }
    }
}

/// 429 with a reason: not processed.
pub(crate) fn exceeded() -> ApiError {
    ApiError::status(
        429,
        "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
    )
    .code("rate_limit")
}
