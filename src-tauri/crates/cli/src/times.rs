//! Times as they are printed: ISO 8601, UTC.

use jiff::Timestamp;

/// Of unix seconds.
pub fn second_text(second: i64) -> String {
    Timestamp::from_second(second).map_or_else(|_| second.to_string(), |at| at.to_string())
}
