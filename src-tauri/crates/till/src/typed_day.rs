//! Days in what somebody typed into a search: `2026-03-05`, `5.3.2026`, `3/5/2026`, `5 mar`, `03/2026`.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The months' names where this program is used, as far as they are needed to tell one from another. Arabic ones are those
/// of the Gulf and Egypt.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "janner", "janvier", "يناير"],
    &["february", "februar", "fevrier", "فبراير"],
    &["march", "marz", "maerz", "mars", "مارس"],
    &["april", "avril", "أبريل", "ابريل"],
    &["may", "mai", "مايو"],
    &["june", "juni", "juin", "يونيو"],
    &["july", "juli", "juillet", "يوليو"],
    &["august", "aout", "أغسطس", "اغسطس"],
    &["september", "septembre", "سبتمبر"],
    &["october", "oktober", "octobre", "أكتوبر", "اكتوبر"],
    &["november", "novembre", "نوفمبر"],
    &["december", "dezember", "decembre", "ديسمبر"],
];
/// Shorter beginnings are no month.
const MONTH_LETTERS: usize = 3;
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2099;

/// What is understood of days, and what is left of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypedDay {
    /// The first second, and the second after the last.
    pub(crate) created: std::ops::Range<i64>,
    /// Everything else that was typed.
    pub(crate) rest: String,
}

/// How days are understood here.
pub(crate) struct Calendar {
    /// Where the shop's days begin.
    pub(crate) zone: TimeZone,
    /// Whether `3/5` is in March.
    pub(crate) month_first: bool,
    /// The day it is.
    pub(crate) today: Date,
}

impl Calendar {
    /// Of a shop.
    pub(crate) fn new(zone: TimeZone, locale: &str, now_ms: i64) -> Self {
        let now = Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        let today = now.to_zoned(zone.clone()).date();
        Self { zone, month_first: locale.ends_with("-US") || locale.ends_with("-PH"), today }
    }

    /// The first day or month in a text.
    pub(crate) fn find(&self, text: &str) -> Option<TypedDay> {
        let pieces: Vec<&str> = text.split_whitespace().collect();
        for (at, piece) in pieces.iter().enumerate() {
            let here = pieces.get(at..).unwrap_or_default();
            let Some((taken, first, after)) = self.named(here).or_else(|| {
                let (first, after) = self.numbers(piece)?;
                Some((1, first, after))
            }) else {
                continue;
            };
            let rest: Vec<&str> =
                pieces.iter().take(at).chain(pieces.iter().skip(at.saturating_add(taken))).copied().collect();
            return Some(TypedDay { created: self.begin(first)?..self.begin(after)?, rest: rest.join(" ") });
        }
        None
    }

    /// The second a day begins, whatever the clocks do that day.
    fn begin(&self, day: Date) -> Option<i64> {
        Some(day.to_zoned(self.zone.clone()).ok()?.timestamp().as_second())
    }

    /// A day in digits and marks.
    fn numbers(&self, piece: &str) -> Option<(Date, Date)> {
        let is_short = piece.ends_with('.');
        let piece = piece.trim_matches(|c: char| !c.is_ascii_digit());
        let marks: Vec<char> = piece.chars().filter(|c| !c.is_ascii_digit()).collect();
        let mark = *marks.first().filter(|mark| matches!(mark, '-' | '/' | '.'))?;
        if marks.iter().any(|other| *other != mark) {
            return None;
        }
        match piece.split(mark).collect::<Vec<_>>().as_slice() {
            [y, m, d] if y.len() == 4 => one_day(year(y)?, m, d),
            [a, b, y] => {
                let year = year(y)?;
                let (in_order, turned) = match mark == '.' || !self.month_first {
                    true => (one_day(year, b, a), one_day(year, a, b)),
                    false => (one_day(year, a, b), one_day(year, b, a)),
                };
                in_order.or(turned.filter(|_| mark != '.'))
            }
            [y, m] if y.len() == 4 => one_month(year(y)?, m),
            [m, y] if y.len() == 4 => one_month(year(y)?, m),
            [d, m] if mark == '.' && is_short => self.latest(m, d),
            [a, b] if mark == '/' => {
                let (month, day) = if self.month_first { (a, b) } else { (b, a) };
                self.latest(month, day).or_else(|| self.latest(day, month))
            }
            _ => None,
        }
    }

    /// A day or month with the month in letters, and how many pieces it takes.
    fn named(&self, pieces: &[&str]) -> Option<(usize, Date, Date)> {
        let [first, second, rest @ ..] = pieces else { return None };
        let full = |piece: &str| (piece.len() == 4).then(|| year(piece)).flatten();
        let (month, day) = match (month(first), month(second)) {
            (Some(month), None) => {
                if let Some(year) = full(second) {
                    let (first, after) = one_month(year, &month.to_string())?;
                    return Some((2, first, after));
                }
                (month, second)
            }
            (None, Some(month)) => (month, first),
            _ => return None,
        };
        let day = day.trim_end_matches(['.', ',']);
        let day = ["st", "nd", "rd", "th", "er"].iter().find_map(|end| day.strip_suffix(end)).unwrap_or(day);
        let month = month.to_string();
        if let Some(year) = rest.first().and_then(|piece| full(piece)) {
            let (first, after) = one_day(year, &month, day)?;
            return Some((3, first, after));
        }
        let (first, after) = self.latest(&month, day)?;
        Some((2, first, after))
    }

    /// The last such day that has come.
    fn latest(&self, month: &str, day: &str) -> Option<(Date, Date)> {
        let this_year = one_day(self.today.year(), month, day).filter(|(first, _)| *first <= self.today);
        this_year.or_else(|| one_day(self.today.year().checked_sub(1)?, month, day))
    }
}

fn year(text: &str) -> Option<i16> {
    match text.len() {
        4 => number(text).filter(|year| YEARS.contains(year)),
        2 => number(text)?.checked_add(2000),
        _ => None,
    }
}

fn number(text: &str) -> Option<i16> {
    let is_plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

fn one_day(year: i16, month: &str, day: &str) -> Option<(Date, Date)> {
    let small = |text: &str| number(text).and_then(|number| i8::try_from(number).ok());
    let first = Date::new(year, small(month)?, small(day)?).ok()?;
    Some((first, first.checked_add(1.day()).ok()?))
}

fn one_month(year: i16, month: &str) -> Option<(Date, Date)> {
    let (first, _) = one_day(year, month, "1")?;
    Some((first, first.checked_add(1.month()).ok()?))
}

/// Which month a word begins the name of, if it can be only one.
fn month(word: &str) -> Option<usize> {
    let word: String = word.trim_end_matches(['.', ',']).to_lowercase().chars().map(without_accent).collect();
    if word.chars().count() < MONTH_LETTERS {
        return None;
    }
    let mut fitting =
        (1_usize..).zip(MONTHS).filter(|(_, names)| names.iter().any(|name| name.starts_with(&word)));
    let (found, _) = fitting.next()?;
    fitting.next().is_none().then_some(found)
}

fn without_accent(letter: char) -> char {
    match letter {
        'ä' => 'a',
        'é' => 'e',
        'û' => 'u',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(locale: &str) -> Calendar {
        // 21 November 2026, one o'clock in New York.
        let now: Timestamp = "2026-11-21T06:00:00Z".parse().unwrap();
        Calendar::new(TimeZone::get("America/New_York").unwrap(), locale, now.as_millisecond())
    }

    /// The days from and to, and what is left.
    fn read(locale: &str, text: &str) -> String {
        let calendar = calendar(locale);
        let Some(found) = calendar.find(text) else { return "-".to_owned() };
        let day = |second| Timestamp::from_second(second).unwrap().to_zoned(calendar.zone.clone()).date();
        let (first, last) = (day(found.created.start), day(found.created.end - 1));
        let days = if first == last { first.to_string() } else { format!("{first}..{last}") };
        format!("{days} {}", found.rest).trim().to_owned()
    }

    #[test]
    fn a_day_is_read_however_it_is_written() {
        for text in [
            "2026-03-05",
            "2026/3/5",
            "5.3.2026",
            "05.03.2026",
            "5.3.26",
            "5 mar",
            "5 March 2026",
            "5. März",
            "mar 5",
            "March 5th, 2026",
            "5 mars",
            "(2026-03-05)",
            "5 مارس",
        ] {
            assert_eq!(read("en-US", text), "2026-03-05", "{text}");
            assert_eq!(read("de-DE", text), "2026-03-05", "{text}");
        }
        assert_eq!(
            (read("en-US", "3/5/2026"), read("de-DE", "5/3/2026")),
            ("2026-03-05".into(), "2026-03-05".into())
        );
        assert_eq!(read("de-DE", "3/25/2026"), "2026-03-25", "there is only one way to read it");
        assert_eq!(read("en-US", "25/3/2026"), "2026-03-25");
        assert_eq!((read("en-US", "3/5"), read("fr-FR", "3/5")), ("2026-03-05".into(), "2026-05-03".into()));
        assert_eq!(read("de-DE", "3.5."), "2026-05-03");
        assert_eq!(read("en-US", "24 dec"), "2025-12-24", "the last one that has come");
    }

    #[test]
    fn a_month_is_all_its_days() {
        for text in ["2026-02", "02/2026", "2.2026", "feb 2026", "Février 2026"] {
            assert_eq!(read("en-US", text), "2026-02-01..2026-02-28", "{text}");
        }
    }

    #[test]
    fn everything_else_stays_to_be_looked_for() {
        assert_eq!(read("en-US", "ada 2026-03-05 12.40"), "2026-03-05 ada 12.40");
        assert_eq!(read("en-US", "visa 5 mar 4242"), "2026-03-05 visa 4242");
        assert_eq!(read("en-US", "feb 2026 ada"), "2026-02-01..2026-02-28 ada");
    }

    #[test]
    fn what_is_no_day_is_left_alone() {
        for text in [
            "",
            "12.40",
            "12,40",
            "3.5",
            "1.2.3.4",
            "2026",
            "0199abcd-0000-7000-8000-0123456789ab",
            "2026-02-30",
            "31.02.2026",
            "13/13/2026",
            "5 ma",
            "5 jui",
            "3 maria",
            "mar",
            "0 mar",
            "32 mar",
            "1-2",
            "-",
            "/",
            "//",
            "2026-03-05-06",
            "99999999-1-1",
            "•4242",
            "may",
        ] {
            assert_eq!(read("en-US", text), "-", "{text}");
        }
    }

    #[test]
    fn the_day_is_the_shop_s_also_when_clocks_change() {
        let day = calendar("en-US").find("2026-11-01").unwrap().created;
        assert_eq!(day.end - day.start, 25 * 3600);
        let begin: Timestamp = "2026-11-01T04:00:00Z".parse().unwrap();
        assert_eq!(day.start, begin.as_second());
    }
}
