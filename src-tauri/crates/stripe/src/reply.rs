//! An answer that Stripe gave with success.

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{Error, NoAnswer};

/// A successful answer, with its bytes as Stripe sent them.
#[derive(Clone)]
pub struct Reply {
    /// 200 in practice.
    pub status: u16,
    /// The JSON, untouched. It may hold a `client_secret`: drop that before storing anything.
    pub body: Bytes,
    /// Stripe's name for the request; belongs into every log line and support mail.
    pub request_id: Option<String>,
    /// The server's clock, unix seconds.
    pub date_s: Option<i64>,
    /// Whether this is the stored answer of an earlier request with the same idempotency key.
    pub replayed: bool,
}

impl Reply {
    /// Reads the body into a view. Views are tolerant, so a failure means that this is not the object asked for.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.read()
    }

    /// [`json`](Self::json) for types that borrow from the body, such as [`RawList`](crate::RawList).
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Error::Malformed(NoAnswer {
                // Where it went wrong, and not what was there.
                cause: format!("line {} column {}", error.line(), error.column()),
                status: Some(self.status),
                request_id: self.request_id.clone(),
            })
        })
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("request_id", &self.request_id)
            .field("date_s", &self.date_s)
            .field("replayed", &self.replayed)
            .finish()
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` as unix seconds; the one form servers may send.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    let mut parts = text.split_once(", ")?.1.split([' ', ':']);
    let mut number = |max: i64| parts.next()?.parse::<i64>().ok().filter(|n| (0..=max).contains(n));
    let day = number(31)?;
    let month = {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let name = parts.next()?;
        i64::try_from(MONTHS.iter().position(|known| *known == name)?).ok()? + 1
    };
    let mut number = |max: i64| parts.next()?.parse::<i64>().ok().filter(|n| (0..=max).contains(n));
    let (year, hour, minute, second) = (number(9999)?, number(23)?, number(59)?, number(60)?);
    if parts.next()? != "GMT" {
        return None;
    }
    // Days since 1970 of the civil calendar, counted in years that begin in March.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day - 719_469;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_servers() {
        assert_eq!(parse_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(parse_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(parse_date("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199));
        assert_eq!(parse_date("Sat, 21 Nov 2026 17:57:24 GMT"), Some(1_795_283_844));
        for text in [
            "",
            "now",
            "Sun, 06 Nov 1994 08:49:37 PST",
            "Sun, 06 Xyz 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:00:00 GMT",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn an_answer_never_prints_its_body() {
        let reply = Reply {
            status: 200,
            body: Bytes::from_static(br#"{"client_secret":"pi_1_secret_2"}"#),
            request_id: None,
            date_s: None,
            replayed: false,
        };
        assert!(!format!("{reply:?}").contains("secret"));
    }
}
