//! The time zones a shop can be in.

/// IANA names, this machine's own first.
pub fn all() -> Vec<String> {
    let own = jiff::tz::TimeZone::system().iana_name().map(str::to_owned);
    let mut rest: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        // Links for old programs (`Etc/GMT+5`, `EST5EDT`, `posix/…`) are no places.
        .filter(|name| is_place(name) && Some(name) != own.as_ref())
        .collect();
    rest.sort();
    let mut zones: Vec<String> = own.into_iter().collect();
    zones.append(&mut rest);
    zones
}

fn is_place(name: &str) -> bool {
    const AREAS: [&str; 10] = [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ];
    name == "UTC" || name.split_once('/').is_some_and(|(area, _)| AREAS.contains(&area))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_can_be_in_new_york_or_berlin_and_nowhere_twice() {
        let zones = all();
        for wanted in ["America/New_York", "Europe/Berlin", "Asia/Tokyo", "UTC"] {
            assert_eq!(zones.iter().filter(|zone| *zone == wanted).count(), 1, "{wanted}");
        }
        assert!(!zones.iter().any(|zone| zone.starts_with("Etc/") && Some(zone) != zones.first()));
    }
}
