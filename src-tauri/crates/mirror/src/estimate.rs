//! How many objects a list may still have, told from those that were read. It is a guess that somebody looks at: it may be
//! wrong, but it must be neither wild nor jump.

use crate::kind::KindId;
use crate::kinds;

/// Stripe has no object older than 2010.
pub(crate) const NOTHING_BEFORE: i64 = 1_262_304_000;
/// Stripe shows events for 30 days.
const EVENTS_SHOWN_S: i64 = 31 * 86_400;
/// What was read of a list tells of this many times its own time at the most, and of a piece of it what was read of the
/// piece: a hundred sales of one minute say little of a year, and nothing else is known of a list that has just begun.
const REACHES: i128 = 50;
const REACHES_IN_A_PIECE: i128 = 10;
/// A page foretells five pages, ten pages fifty times ten, and so on.
const FORETELLS: i128 = 20;

/// Part of a list: `lo <= created < hi`, read from above down to `at`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) lo: i64,
    pub(crate) hi: i64,
    /// `hi` where nothing was read, `lo` where everything was.
    pub(crate) at: i64,
    pub(crate) objects: i64,
    /// Whether the rest of it is going to be read.
    pub(crate) is_open: bool,
}

/// A piece in seconds.
struct Span {
    objects: i128,
    read_s: i128,
    open_s: i128,
    /// What counts as read at the least.
    least_s: i128,
}

/// The second before which a list has nothing: the account's beginning, or what Stripe still shows of events.
pub(crate) fn floor_of(kind: KindId, account: i64, now: i64) -> i64 {
    let floor = account.max(NOTHING_BEFORE);
    if kind == kinds::EVENT { floor.max(now - EVENTS_SHOWN_S) } else { floor }
}

/// Objects that are left in the open pieces of a list. A piece that was read far enough speaks for itself; one that was
/// hardly begun has what the list has elsewhere.
pub(crate) fn left(pieces: impl Iterator<Item = Piece> + Clone, floor: i64, now: i64) -> i64 {
    let spans = pieces.map(|piece| {
        let top = piece.hi.min(now).max(floor);
        let bottom = piece.lo.clamp(floor, top);
        let at = piece.at.clamp(bottom, top);
        let open_s = if piece.is_open { at - bottom } else { 0 };
        Span {
            objects: i128::from(piece.objects.max(0)),
            read_s: i128::from(top - at),
            open_s: i128::from(open_s),
            least_s: (i128::from(top - bottom) / REACHES_IN_A_PIECE).max(1),
        }
    });
    let (objects, read_s) = spans
        .clone()
        .fold((0_i128, 0_i128), |(objects, read_s), span| (objects + span.objects, read_s + span.read_s));
    let read_s = read_s.max(i128::from(now.saturating_sub(floor)) / REACHES).max(1);
    let left: i128 = spans
        .map(|Span { objects: here, read_s: here_s, open_s, least_s }| {
            open_s * (here * read_s + objects * least_s) / (read_s * (here_s + least_s))
        })
        .sum();
    i64::try_from(left.min(objects * objects / FORETELLS)).unwrap_or(i64::MAX)
}

/// A figure that follows what is known without jumping.
#[derive(Debug, Default)]
pub(crate) struct Damped(Option<u64>);

impl Damped {
    /// Goes a quarter of the way to what is known now; where nothing is left, all of it.
    pub(crate) fn follow(&mut self, known: u64) -> u64 {
        let shown = match self.0 {
            Some(shown) if known > 0 => shown - shown / 4 + known / 4,
            _ => known,
        };
        self.0 = Some(shown);
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::{BEGIN, END};

    const NOW: i64 = 1_790_000_000;
    const DAY: i64 = 86_400;
    /// An account of three years.
    const FLOOR: i64 = NOW - 1095 * DAY;

    fn piece(lo: i64, hi: i64, at: i64, objects: i64) -> Piece {
        Piece { lo, hi, at, objects, is_open: true }
    }

    fn left_of(pieces: &[Piece]) -> i64 {
        left(pieces.iter().copied(), FLOOR, NOW)
    }

    #[test]
    fn a_hundred_objects_of_one_second_foretell_little() {
        for at in [NOW, NOW - 1, NOW - 60] {
            assert_eq!(left_of(&[piece(BEGIN, END, at, 100)]), 500, "{at}");
        }
        // Thirty thousand payments, and the events of all of them within the last hour.
        let floor = floor_of(kinds::EVENT, FLOOR, NOW);
        let events = [piece(BEGIN, END, NOW - 3600, 30_000)];
        assert!(left(events.iter().copied(), floor, NOW) <= 50 * 30_000 * 2, "once 258,149,600");
        assert_eq!(floor, NOW - 31 * DAY);
    }

    #[test]
    fn an_even_shop_is_told_right_and_grown_into() {
        let a_day = 100;
        let mut before = 0;
        for days in 1..1095 {
            let read = days * a_day;
            let left = left_of(&[piece(BEGIN, END, NOW - days * DAY, read)]);
            let right = (1095 - days) * a_day;
            assert!(left <= right * 12 / 10, "day {days}: {left}");
            if days > 30 {
                assert!((left - right).abs() <= right / 10 + 100, "day {days}: {left} instead of {right}");
            }
            assert!(left + read <= before * 4 || days == 1, "day {days}: {left} after {before}");
            before = left + read;
        }
    }

    #[test]
    fn a_range_cut_at_a_month_ago_is_two_that_speak_for_themselves() {
        let month_ago = NOW - 30 * DAY;
        // The month is busy, and the years before it were not begun.
        let young = piece(month_ago, END, NOW - 15 * DAY, 1500);
        let unknown = left_of(&[young, piece(BEGIN, month_ago, month_ago, 0)]);
        assert!((50_000..=110_000).contains(&unknown), "{unknown}");
        // The years turn out to be quiet: ten objects a month.
        let quiet = left_of(&[young, piece(BEGIN, month_ago, month_ago - 300 * DAY, 100)]);
        assert!((1500..=8000).contains(&quiet), "{quiet}");
        // And so does the month, in the end.
        let done = piece(month_ago, END, month_ago, 3000);
        let rest = left_of(&[done, piece(BEGIN, month_ago, month_ago - 300 * DAY, 100)]);
        assert!((250..=2500).contains(&rest), "{rest}");
    }

    #[test]
    fn an_empty_older_half_leaves_nothing_of_its_own() {
        let middle = NOW - 500 * DAY;
        let young = piece(middle, END, NOW - 5 * DAY, 500);
        let before = left_of(&[young, piece(BEGIN, middle, middle, 0)]);
        let after = left_of(&[young, piece(BEGIN, middle, BEGIN, 0)]);
        assert!(after < before, "{after} {before}");
        assert_eq!(left_of(&[piece(BEGIN, END, BEGIN, 500)]), 0, "read to its end");
        assert_eq!(left_of(&[piece(BEGIN, END, END, 0)]), 0, "not begun: nothing is known");
        let blocked = Piece { is_open: false, ..piece(BEGIN, END, NOW - DAY, 500) };
        assert_eq!(left_of(&[blocked]), 0, "it is not going to be read now");
    }

    #[test]
    fn strange_times_break_nothing() {
        for (lo, hi, at) in [(BEGIN, END, i64::MIN), (5, 3, 9), (NOW + 100, END, NOW + 50), (BEGIN, 10, 5)] {
            assert!(left_of(&[piece(lo, hi, at, i64::MAX)]) >= 0);
        }
        assert!(left([piece(BEGIN, END, 7, 100)].into_iter(), NOW + 5, NOW) >= 0, "an account of tomorrow");
    }

    #[test]
    fn what_is_shown_does_not_jump() {
        let mut shown = Damped::default();
        assert_eq!(shown.follow(1000), 1000);
        assert_eq!(shown.follow(9000), 3000);
        assert_eq!(shown.follow(0), 0);
        assert_eq!(shown.follow(u64::MAX), u64::MAX / 4);
    }
}
