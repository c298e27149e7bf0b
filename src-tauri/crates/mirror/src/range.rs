//! The ranges of `created` that a pass is cut into, and how they move from page to page.

use crate::estimate::{NOTHING_BEFORE, Piece};
use crate::kind::{KindId, Listing};
use crate::kinds;

/// No bound below.
pub(crate) const BEGIN: i64 = 0;
/// No bound above.
pub(crate) const END: i64 = i64::MAX;
/// Fewer objects than this in what is left are not worth another range.
const WORTH_CUTTING: i64 = 300;
/// A plain list longer than this many pages has no end.
const PAGES_LIMIT: u64 = 200_000;
/// Objects may be deleted while they are listed, but not one cursor after the other.
const REFUSALS: u32 = 3;

/// The last rank of what comes before the years behind the last month.
pub(crate) const RECENT: u8 = 1;

/// Whether something is being done about a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    Waiting,
    Reading,
    Done,
    /// Something stands in its way; it stays open for the next sync.
    Blocked,
}

/// Objects of a list with `lo <= created < hi`, read newest first.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    /// In the table of ranges; none where nobody would resume it.
    pub(crate) number: Option<i64>,
    pub(crate) kind: KindId,
    pub(crate) lo: i64,
    pub(crate) hi: i64,
    /// The oldest object read so far.
    pub(crate) cursor: Option<(String, i64)>,
    pub(crate) doing: Doing,
    pub(crate) objects: i64,
    pub(crate) tries: u32,
    /// Whether what is here is compared with what is read.
    pub(crate) audit: bool,
    /// How many times the years of a list were halved to see whether there is anything in this part.
    pub(crate) halvings: u8,
    newest: Option<i64>,
    pages: u64,
    /// Cursors that were used, to see that a list goes in circles.
    used: Vec<u64>,
    /// How often in a row the cursor was refused without the range having come further.
    refusals: u32,
}

/// What a page means for its range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    More,
    Done,
    /// The list repeats itself; the range goes on below what it has, or ends.
    Repeats,
}

impl Range {
    pub(crate) fn new(kind: KindId, lo: i64, hi: i64) -> Range {
        Range {
            number: None,
            kind,
            lo,
            hi,
            cursor: None,
            doing: Doing::Waiting,
            objects: 0,
            tries: 0,
            audit: false,
            halvings: 0,
            newest: None,
            pages: 0,
            used: Vec::new(),
            refusals: 0,
        }
    }

    /// Catalogue and readers first, and a page of the years before, then what is recent, then the rest.
    pub(crate) fn rank(&self, month_ago: i64) -> u8 {
        match self.kind {
            kinds::PRODUCT | kinds::PRICE | kinds::READER | kinds::LOCATION => 0,
            // One page of the years before tells how much they are, and one of their older half whether it is empty.
            _ if (self.hi == month_ago || self.halvings > 0) && self.cursor.is_none() => 0,
            _ if self.hi > month_ago && self.cursor.as_ref().is_none_or(|(_, at)| *at > month_ago) => RECENT,
            _ => 2,
        }
    }

    /// Moves on by a page that ended with this object. `wants_more` is what the page said.
    pub(crate) fn advance(&mut self, objects: usize, last: Option<(String, i64)>, wants_more: bool) -> Step {
        self.objects += i64::try_from(objects).unwrap_or(i64::MAX);
        self.pages += 1;
        self.tries = 0;
        let Some((id, created)) = last else { return Step::Done };
        self.newest.get_or_insert(created);
        if !wants_more {
            return Step::Done;
        }
        let mark = fnv(&id);
        let circles = self.used.contains(&mark)
            || self.cursor.as_ref().is_some_and(|(_, before)| created > *before && self.is_ranged())
            || (self.is_ranged() && self.hi != END && created >= self.hi)
            || self.pages > PAGES_LIMIT;
        if circles {
            // Strictly older objects may still be had; if that was tried already, there is nothing more to do.
            let below = self.cursor.as_ref().map_or(created, |(_, before)| *before);
            let can_go_below =
                self.is_ranged() && below < self.hi && below > self.lo && self.pages <= PAGES_LIMIT;
            if can_go_below {
                self.hi = below;
                self.cursor = None;
                self.used.clear();
                return Step::Repeats;
            }
            self.doing = Doing::Done;
            return Step::Repeats;
        }
        // Circles are short where they happen; remembering every cursor of a long list would only cost memory.
        if self.used.len() >= 64 {
            self.used.remove(0);
        }
        self.used.push(mark);
        self.cursor = Some((id, created));
        if self.is_ranged() && created < self.lo { Step::Done } else { Step::More }
    }

    fn is_ranged(&self) -> bool {
        self.kind.kind().listing == Listing::Ranged
    }

    /// The cursor is no longer there (deleted meanwhile): goes on by time, reading its second again. Where that leads
    /// nowhere, because every cursor is refused, the range stays where it is.
    pub(crate) fn drop_cursor(&mut self) -> bool {
        let Some((_, created)) = &self.cursor else { return false };
        let hi = if *created > 0 { self.hi.min(created.saturating_add(1)) } else { self.hi };
        let is_further = self.is_ranged() && hi < self.hi;
        self.refusals = if is_further { 0 } else { self.refusals + 1 };
        if self.refusals > REFUSALS {
            return false;
        }
        if is_further {
            self.hi = hi;
        }
        self.cursor = None;
        self.used.clear();
        true
    }

    /// What it means for the estimate of its list.
    pub(crate) fn piece(&self) -> Piece {
        let at = match (self.doing, &self.cursor) {
            (Doing::Done, _) => self.lo,
            (_, Some((_, at))) => *at,
            (_, None) => self.hi,
        };
        let is_open = matches!(self.doing, Doing::Waiting | Doing::Reading);
        Piece { lo: self.lo, hi: self.hi, at, objects: self.objects, is_open }
    }

    /// A pass goes on with it: what was read of it before began at its upper end, or now where it has none.
    pub(crate) fn taken_up(&mut self, now: i64) {
        self.newest = self.cursor.as_ref().map(|_| self.hi.min(now));
    }

    /// How many objects may be left, as far as can be told from those seen.
    pub(crate) fn left(&self, floor: i64) -> i64 {
        let (Some((_, at)), Some(newest)) = (&self.cursor, self.newest) else { return 0 };
        if !self.is_ranged() || self.doing == Doing::Done {
            return 0;
        }
        let seen_s = (newest - at).max(1);
        let left_s = (at - self.lo.max(floor)).max(0);
        let left = i128::from(self.objects) * i128::from(left_s) / i128::from(seen_s);
        i64::try_from(left).unwrap_or(i64::MAX)
    }

    /// Cuts what is left in two; answers the older half. This one keeps the newer.
    pub(crate) fn cut(&mut self, floor: i64, at: Option<i64>) -> Option<Range> {
        let (_, cursor) = self.cursor.as_ref()?;
        if !self.is_ranged() {
            return None;
        }
        let low = self.lo.max(floor.max(NOTHING_BEFORE));
        let middle = match at {
            Some(at) => at,
            None if self.left(floor.max(NOTHING_BEFORE)) < WORTH_CUTTING => return None,
            None => low + (cursor - low) / 2,
        };
        if middle <= low || middle >= *cursor {
            return None;
        }
        let mut older = Range::new(self.kind, self.lo, middle);
        older.audit = self.audit;
        self.lo = middle;
        Some(older)
    }
}

fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(id: &str, created: i64) -> Option<(String, i64)> {
        Some((id.to_owned(), created))
    }

    #[test]
    fn a_range_is_read_to_its_end() {
        let mut range = Range::new(kinds::CHARGE, 1_500_000_000, END);
        assert_eq!(range.advance(100, last("a", 1_600_000_100), true), Step::More);
        assert_eq!(range.advance(100, last("b", 1_600_000_000), true), Step::More);
        assert_eq!(range.advance(100, last("c", 1_499_999_999), true), Step::Done, "older than the range");
        assert_eq!(Range::new(kinds::CHARGE, 0, END).advance(3, last("a", 5), false), Step::Done);
        assert_eq!(
            Range::new(kinds::CHARGE, 0, END).advance(0, None, true),
            Step::Done,
            "more, but nothing there"
        );
    }

    #[test]
    fn a_page_that_repeats_ends() {
        let mut range = Range::new(kinds::CHARGE, 0, END);
        assert_eq!(range.advance(2, last("a", 1_600_000_000), true), Step::More);
        assert_eq!(range.advance(2, last("a", 1_600_000_000), true), Step::Repeats);
        assert_eq!((range.hi, range.doing), (1_600_000_000, Doing::Waiting), "goes on below it");
        assert_eq!(range.advance(2, last("a", 1_600_000_000), true), Step::Repeats);
        assert_eq!(range.doing, Doing::Done);
        let mut plain = Range::new(kinds::READER, 0, END);
        assert_eq!(plain.advance(1, last("a", 0), true), Step::More);
        assert_eq!(plain.advance(1, last("a", 0), true), Step::Repeats);
        assert_eq!(plain.doing, Doing::Done);
    }

    #[test]
    fn the_rest_is_cut_in_two_without_a_gap() {
        let mut range = Range::new(kinds::CHARGE, 0, END);
        range.advance(100, last("a", 1_700_000_000), true);
        range.advance(100, last("b", 1_699_990_000), true);
        let older = range.cut(1_600_000_000, None).unwrap();
        assert_eq!((older.lo, older.hi), (0, range.lo));
        assert!(range.lo > 1_600_000_000 && range.lo < 1_699_990_000);
        assert!(Range::new(kinds::CHARGE, 0, END).cut(0, None).is_none(), "nothing is known yet");
    }
}
