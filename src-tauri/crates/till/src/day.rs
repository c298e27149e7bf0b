//! The shop's business day: the date on the wall of the shop when a sale is opened, whatever the machine's zone is.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::TillError;
use crate::view::Reason;

/// Reads an IANA time zone's name.
pub(crate) fn zone(name: &str) -> Result<TimeZone, TillError> {
    let known = !name.is_empty() && name.len() <= 64;
    known.then(|| TimeZone::get(name).ok()).flatten().ok_or_else(|| {
        TillError::invalid(
            "time_zone",
            Reason::TimeZone,
            "choose a time zone such as Europe/Berlin or America/New_York",
        )
    })
}

/// The date in the zone at this moment, `YYYY-MM-DD`.
pub(crate) fn business_date(at_ms: i64, zone: &TimeZone) -> Result<String, TillError> {
    let at = Timestamp::from_millisecond(at_ms).map_err(TillError::internal)?;
    Ok(at.to_zoned(zone.clone()).date().to_string())
}

/// Checks that a text is a date.
pub(crate) fn check_date(field: &'static str, text: &str) -> Result<(), TillError> {
    match text.parse::<Date>() {
        Ok(date) if date.to_string() == text => Ok(()),
        _ => Err(TillError::invalid(field, Reason::Day, "write the day as YYYY-MM-DD")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_the_shop_s_also_when_clocks_change() {
        let new_york = zone("America/New_York").unwrap();
        let date = |text: &str| {
            let at: Timestamp = text.parse().unwrap();
            business_date(at.as_millisecond(), &new_york).unwrap()
        };
        assert_eq!(date("2026-11-21T04:59:59Z"), "2026-11-20");
        assert_eq!(date("2026-11-21T05:00:00Z"), "2026-11-21");
        // Summer time ends on 1 November 2026: the day has 25 hours.
        assert_eq!(date("2026-11-01T03:59:59Z"), "2026-10-31");
        assert_eq!(date("2026-11-01T04:00:00Z"), "2026-11-01");
        assert_eq!(date("2026-11-02T04:59:59Z"), "2026-11-01");
        assert_eq!(date("2026-11-02T05:00:00Z"), "2026-11-02");
    }

    #[test]
    fn what_is_no_zone_or_day_is_refused() {
        for name in ["", "Mars/Olympus", "../../etc/passwd"] {
            assert!(zone(name).is_err(), "{name}");
        }
        for day in ["", "2026-02-30", "2026-2-3", "20260203", "2026-02-03T00:00"] {
            assert!(check_date("from_day", day).is_err(), "{day}");
        }
    }
}
