//! Times as they are printed: ISO 8601, UTC.

use jiff::Timestamp;

/// Of unix seconds.
pub fn second_text(second: i64) -> String {
    Timestamp::from_second(second).map_or_else(|_| second.to_string(), |at| at.to_string())
}

/// How long ago something was, in seconds, as a person would say it. A clock that is behind makes it now.
pub fn age_text(seconds: i64) -> String {
    match seconds {
        ..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..172_800 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::age_text;

    #[test]
    fn ages_are_told_in_the_unit_that_fits() {
        for (seconds, text) in [
            (-3600, "just now"),
            (59, "just now"),
            (60, "1 min ago"),
            (3599, "59 min ago"),
            (3600, "1 h ago"),
            (172_799, "47 h ago"),
            (172_800, "2 days ago"),
        ] {
            assert_eq!(age_text(seconds), text);
        }
    }
}
