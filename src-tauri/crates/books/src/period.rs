//! A span of the shop's business days, `[from, to)`: it begins with the first instant of `from` in the shop's time
//! zone and ends before the first instant of `to`, whatever the clocks do in between.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::BooksError;

/// A half-open span of days in one time zone.
#[derive(Debug, Clone)]
pub struct Period {
    from_day: Date,
    to_day: Date,
    zone: TimeZone,
    zone_name: String,
    from_ms: i64,
    to_ms: i64,
}

impl Period {
    /// Days as `YYYY-MM-DD`, the zone as its IANA name. An empty or reversed span is refused: who names one day twice
    /// expects that day, and would get an empty file.
    pub fn new(from_day: &str, to_day: &str, zone_name: &str) -> Result<Period, BooksError> {
        let zone = TimeZone::get(zone_name).map_err(|_| BooksError::Zone { given: zone_name.to_owned() })?;
        let (from, to) = (parse_day(from_day)?, parse_day(to_day)?);
        if from >= to {
            return Err(BooksError::Period { from: from.to_string(), to: to.to_string() });
        }
        Ok(Period {
            from_day: from,
            to_day: to,
            from_ms: first_ms(from, &zone)?,
            to_ms: first_ms(to, &zone)?,
            zone,
            zone_name: zone_name.to_owned(),
        })
    }

    /// First day, inclusive.
    pub fn from_day(&self) -> Date {
        self.from_day
    }
    /// Day after the last.
    pub fn to_day(&self) -> Date {
        self.to_day
    }
    /// The shop's zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }
    /// Its IANA name.
    pub fn zone_name(&self) -> &str {
        &self.zone_name
    }
    /// First instant, inclusive, milliseconds since 1970.
    pub fn from_ms(&self) -> i64 {
        self.from_ms
    }
    /// First instant after it, milliseconds since 1970.
    pub fn to_ms(&self) -> i64 {
        self.to_ms
    }
}

fn parse_day(given: &str) -> Result<Date, BooksError> {
    // Strict: `Date::from_str` would also take a whole time stamp and drop its time.
    let shape = given.len() == 10 && given.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    given.parse().ok().filter(|_| shape).ok_or_else(|| BooksError::Day { given: given.to_owned() })
}

fn first_ms(day: Date, zone: &TimeZone) -> Result<i64, BooksError> {
    let out_of_range = |_| BooksError::Day { given: day.to_string() };
    let start = day.to_zoned(zone.clone()).and_then(|z| z.start_of_day()).map_err(out_of_range)?;
    Ok(start.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::Period;
    use crate::BooksError;

    const HOUR_MS: i64 = 3_600_000;

    fn hours(from: &str, to: &str, zone: &str) -> i64 {
        let period = Period::new(from, to, zone).unwrap();
        (period.to_ms() - period.from_ms()) / HOUR_MS
    }

    #[test]
    fn days_have_the_length_the_clock_gives_them() {
        assert_eq!(hours("2026-03-07", "2026-03-08", "America/New_York"), 24);
        assert_eq!(hours("2026-03-08", "2026-03-09", "America/New_York"), 23);
        assert_eq!(hours("2026-11-01", "2026-11-02", "America/New_York"), 25);
        assert_eq!(hours("2026-03-08", "2026-03-09", "UTC"), 24);
    }

    #[test]
    fn a_day_that_has_no_midnight_begins_with_its_first_instant() {
        // In Beirut the clocks go from 23:59:59 to 01:00:00.
        let period = Period::new("2026-03-29", "2026-03-30", "Asia/Beirut").unwrap();
        assert_eq!(period.to_ms() - period.from_ms(), 23 * HOUR_MS);
    }

    #[test]
    fn neighbouring_periods_touch() {
        let a = Period::new("2026-01-01", "2026-02-01", "Europe/Berlin").unwrap();
        let b = Period::new("2026-02-01", "2026-03-01", "Europe/Berlin").unwrap();
        assert_eq!(a.to_ms(), b.from_ms());
    }

    #[test]
    fn what_is_no_period_is_refused() {
        assert!(matches!(Period::new("2026-02-30", "2026-03-01", "UTC"), Err(BooksError::Day { .. })));
        assert!(matches!(
            Period::new("2026-02-01T12:00:00", "2026-03-01", "UTC"),
            Err(BooksError::Day { .. })
        ));
        assert!(matches!(Period::new("1 March", "2026-03-01", "UTC"), Err(BooksError::Day { .. })));
        assert!(matches!(Period::new("2026-03-01", "2026-03-01", "UTC"), Err(BooksError::Period { .. })));
        assert!(matches!(Period::new("2026-03-02", "2026-03-01", "UTC"), Err(BooksError::Period { .. })));
        assert!(matches!(Period::new("2026-03-01", "2026-03-02", "Mars/Base"), Err(BooksError::Zone { .. })));
    }

    #[test]
    fn the_widest_span_a_person_may_ask_for_works() {
        assert!(Period::new("1970-01-01", "9999-12-30", "America/New_York").is_ok());
        assert!(Period::new("0001-01-01", "2100-01-01", "Pacific/Kiritimati").is_ok());
    }
}
