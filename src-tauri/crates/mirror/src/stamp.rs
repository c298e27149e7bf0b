//! Which of two states of an object is the newer one.
//!
//! Stripe's clock has whole seconds. A state read from Stripe held at some moment between the server's date before the
//! request and the date of its answer; a state inside an event held at the event's second. News replaces what is stored
//! only where it is certain that it is not older. Where seconds cannot tell, the object is read again.

/// Where a state came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Read from Stripe.
    Read,
    /// Taken from an event.
    Event,
    /// Taken from the event of the object's creation: nothing of that object is older.
    Creation,
}

impl Origin {
    pub(crate) const fn number(self) -> i64 {
        match self {
            Origin::Read => 0,
            Origin::Event => 1,
            Origin::Creation => 2,
        }
    }

    pub(crate) const fn of(number: i64) -> Origin {
        match number {
            1 => Origin::Event,
            2 => Origin::Creation,
            _ => Origin::Read,
        }
    }
}

/// When a state held, in seconds of Stripe's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Not before.
    pub as_of: i64,
    /// Not after.
    pub until: i64,
    /// Where it came from.
    pub origin: Origin,
}

impl Stamp {
    /// A state that was read between these seconds.
    pub fn read(from: i64, until: i64) -> Stamp {
        Stamp { as_of: from, until: until.max(from), origin: Origin::Read }
    }

    /// A state inside an event of this second.
    pub const fn event(second: i64, creation: bool) -> Stamp {
        let origin = if creation { Origin::Creation } else { Origin::Event };
        Stamp { as_of: second, until: second, origin }
    }
}

/// What to do with news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It takes the place of what is stored.
    Newer,
    /// What is stored stays.
    Older,
    /// Only Stripe can tell: read the object again.
    Undecided,
}

/// Compares news with what is stored. `same` says that both are the same text; `deleted` that a tombstone is stored.
pub fn compare(stored: Stamp, news: Stamp, same: bool, deleted: bool) -> Verdict {
    if news.origin == Origin::Read {
        // Two reads that overlap were both true; the one that began later is not the older one.
        return if news.as_of >= stored.as_of { Verdict::Newer } else { Verdict::Older };
    }
    if news.as_of > stored.until {
        return Verdict::Newer;
    }
    if news.as_of < stored.as_of || (same && !deleted) {
        return Verdict::Older;
    }
    if news.origin == Origin::Creation && !deleted {
        // Nothing is made twice; where two events say so, neither can be believed to be the later one.
        return if stored.origin == Origin::Creation { Verdict::Undecided } else { Verdict::Older };
    }
    if stored.origin == Origin::Creation {
        return Verdict::Newer;
    }
    Verdict::Undecided
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_events() {
        let read = Stamp::read(100, 103);
        for (second, verdict) in [
            (99, Verdict::Older),
            (100, Verdict::Undecided),
            (103, Verdict::Undecided),
            (104, Verdict::Newer),
        ] {
            assert_eq!(compare(read, Stamp::event(second, false), false, false), verdict, "{second}");
        }
        assert_eq!(compare(read, Stamp::event(101, false), true, false), Verdict::Older, "nothing new in it");
        assert_eq!(
            compare(read, Stamp::event(101, true), false, false),
            Verdict::Older,
            "creation is the oldest"
        );
        assert_eq!(compare(Stamp::event(100, false), Stamp::read(100, 101), false, false), Verdict::Newer);
        assert_eq!(compare(Stamp::event(100, false), Stamp::read(99, 101), false, false), Verdict::Older);
    }

    #[test]
    fn events_of_one_second() {
        let (creation, change) = (Stamp::event(50, true), Stamp::event(50, false));
        assert_eq!(compare(creation, change, false, false), Verdict::Newer);
        assert_eq!(compare(change, creation, false, false), Verdict::Older);
        assert_eq!(compare(creation, creation, false, false), Verdict::Undecided, "made twice");
        assert_eq!(compare(change, change, false, false), Verdict::Undecided);
        assert_eq!(compare(change, change, true, false), Verdict::Older, "two events for one change");
    }

    #[test]
    fn a_tombstone_is_left_only_by_later_news() {
        let gone = Stamp::event(50, false);
        assert_eq!(compare(gone, Stamp::event(51, true), false, true), Verdict::Newer);
        assert_eq!(compare(gone, Stamp::event(50, true), false, true), Verdict::Undecided);
        assert_eq!(compare(gone, Stamp::event(49, false), false, true), Verdict::Older);
    }
}
