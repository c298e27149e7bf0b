//! The kinds of objects there are, and what the tables must know of each.

/// One kind of object.
#[derive(Debug)]
pub(crate) struct Kind {
    /// Stripe's name for it, the `object` member.
    pub object: &'static str,
    /// How its ids begin, without the underscore.
    pub prefix: &'static str,
    /// Its noun in "No such …".
    pub noun: &'static str,
    /// Where it is listed, without a slash at the end; empty if it has no list of its own.
    pub url: &'static str,
    /// Members (dotted) that lists filter by; kept beside the row, so that no row is parsed to be skipped.
    pub indexed: &'static [&'static str],
    /// How many random characters an id has.
    pub id_length: usize,
    /// Members that stay when it is deleted.
    pub epitaph: &'static [&'static str],
}

impl Kind {
    pub(crate) const fn new(
        object: &'static str,
        prefix: &'static str,
        noun: &'static str,
        url: &'static str,
    ) -> Self {
        Self { object, prefix, noun, url, indexed: &[], id_length: 24, epitaph: &[] }
    }

    pub(crate) const fn indexed(mut self, by: &'static [&'static str]) -> Self {
        self.indexed = by;
        self
    }

    pub(crate) const fn epitaph(mut self, members: &'static [&'static str]) -> Self {
        self.epitaph = members;
        self
    }

    pub(crate) const fn id_length(mut self, length: usize) -> Self {
        self.id_length = length;
        self
    }
}

/// Kinds of our own that no call can reach: tasks that fall due, kept answers, and the shop's own facts.
pub(crate) const TASK: &Kind = &Kind::new("_task", "_task", "task", "");
pub(crate) const ANSWER: &Kind = &Kind::new("_answer", "_answer", "answer", "");
pub(crate) const FACT: &Kind = &Kind::new("_fact", "_fact", "fact", "");
