//! What a resource is to the mirror: its list at Stripe, its table here, its columns and where in the JSON they come from.

use std::sync::LazyLock;

use crate::kinds;

/// Names a kind; an index into [`kinds::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KindId(pub usize);

/// How Stripe lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// By `created`: can be cut into ranges that are read side by side.
    Ranged,
    /// Without a filter on `created`: one page after the other.
    Plain,
    /// Not listed: it comes by events, inside other objects or one by one.
    None,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Text; of an expanded object its id.
    Text,
    /// An integer.
    Int,
    /// 0 or 1.
    Flag,
    /// A number as Stripe wrote it.
    Number,
}

/// What a column's value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// Only what it holds.
    Itself,
    /// Minor units of the object's currency.
    Money,
    /// A moment, in seconds.
    Time,
    /// A moment, in milliseconds.
    TimeMs,
    /// The first second (UTC) of a day.
    Day,
    /// Another object's id.
    Reference(KindId),
    /// An id; the kind is told by how it begins.
    AnyReference,
    /// Stripe's word on where something stands.
    State,
}

/// A column and the places in the JSON it comes from.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the table.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Member names joined by dots. Of several the one that is there counts.
    pub paths: &'static [&'static str],
    /// The first value seen stays, whatever Stripe's object says later.
    pub first: bool,
    /// Compared by audits: a difference here is a difference in what happened.
    pub audited: bool,
    /// What the value means.
    pub means: Means,
}

impl Column {
    /// The first value seen stays.
    pub const fn first(mut self) -> Column {
        self.first = true;
        self
    }

    /// Compared by audits.
    pub const fn audited(mut self) -> Column {
        self.audited = true;
        self
    }

    /// An id of that kind.
    pub const fn refers(mut self, kind: KindId) -> Column {
        self.means = Means::Reference(kind);
        self
    }

    /// What the value means.
    pub const fn means(mut self, means: Means) -> Column {
        self.means = means;
        self
    }
}

const fn column(name: &'static str, holds: Holds, paths: &'static [&'static str]) -> Column {
    Column { name, holds, paths, first: false, audited: false, means: Means::Itself }
}

/// A column of text.
pub const fn text(name: &'static str, paths: &'static [&'static str]) -> Column {
    column(name, Holds::Text, paths)
}

/// A column of Stripe's words on where something stands.
pub const fn state(name: &'static str, paths: &'static [&'static str]) -> Column {
    column(name, Holds::Text, paths).means(Means::State)
}

/// A column of amounts.
pub const fn money(name: &'static str, paths: &'static [&'static str]) -> Column {
    column(name, Holds::Int, paths).means(Means::Money)
}

/// A column of moments, in seconds.
pub const fn time(name: &'static str, paths: &'static [&'static str]) -> Column {
    column(name, Holds::Int, paths).means(Means::Time)
}

/// A column of days, each named by its first second (UTC).
pub const fn day(name: &'static str, paths: &'static [&'static str]) -> Column {
    column(name, Holds::Int, paths).means(Means::Day)
}

/// A column of integers.
pub const fn int(name: &'static str, paths: &'static [&'static str]) -> Column {
    column(name, Holds::Int, paths)
}

/// A column of flags.
pub const fn flag(name: &'static str, paths: &'static [&'static str]) -> Column {
    column(name, Holds::Flag, paths)
}

/// A column of numbers as Stripe wrote them.
pub const fn number(name: &'static str, paths: &'static [&'static str]) -> Column {
    column(name, Holds::Number, paths)
}

/// A resource.
#[derive(Debug)]
pub struct Kind {
    /// Stripe's name of the object: `payment_intent`. Empty for what is known to no other kind.
    pub object: &'static str,
    /// The path of its list behind `/v1/`, empty when it has none.
    pub list: &'static str,
    /// Its table.
    pub table: &'static str,
    /// How it is listed.
    pub listing: Listing,
    /// What every request of its list carries.
    pub query: &'static [(&'static str, &'static str)],
    /// Its own columns.
    pub columns: &'static [Column],
}

impl KindId {
    /// What it is.
    pub fn kind(self) -> &'static Kind {
        // Ids are only made from the table itself, so the index is always inside.
        kinds::ALL.get(self.0).unwrap_or(&kinds::ALL[kinds::OTHER.0])
    }

    /// By Stripe's name of the object.
    pub fn of_object(object: &str) -> KindId {
        kinds::ALL
            .iter()
            .position(|kind| !kind.object.is_empty() && kind.object == object)
            .map_or(kinds::OTHER, KindId)
    }

    /// By the path of its list or single objects: `payment_intents`, `checkout/sessions`.
    pub fn of_list(list: &str) -> Option<KindId> {
        match list {
            "payment_methods" => return Some(kinds::PAYMENT_METHOD),
            "subscription_items" => return Some(kinds::SUBSCRIPTION_ITEM),
            _ => {}
        }
        kinds::ALL.iter().position(|kind| !kind.list.is_empty() && kind.list == list).map(KindId)
    }

    /// By its table's name.
    pub fn of_table(table: &str) -> Option<KindId> {
        kinds::ALL.iter().position(|kind| kind.table == table).map(KindId)
    }

    /// Every kind.
    pub fn all() -> impl Iterator<Item = KindId> {
        (0..kinds::ALL.len()).map(KindId)
    }

    /// The path under which one object is read, where there is one.
    pub fn single_path(self) -> Option<&'static str> {
        match self {
            kinds::PAYMENT_METHOD => Some("payment_methods"),
            kinds::SUBSCRIPTION_ITEM => Some("subscription_items"),
            _ if self.kind().list.is_empty() => None,
            _ => Some(self.kind().list),
        }
    }

    /// The member that holds a list of objects with a table of their own, and their kind.
    pub fn nested(self) -> Option<(&'static str, KindId)> {
        match self {
            kinds::SUBSCRIPTION => Some(("items", kinds::SUBSCRIPTION_ITEM)),
            kinds::INVOICE => Some(("lines", kinds::INVOICE_LINE)),
            _ => None,
        }
    }

    /// Where its values are in the JSON.
    pub(crate) fn places(self) -> &'static Place {
        static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| KindId::all().map(places_of).collect());
        PLACES.get(self.0).unwrap_or(&PLACES[kinds::OTHER.0])
    }
}

/// What the scanner is asked for at a place in the JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Want {
    Id,
    Object,
    Created,
    Deleted,
    /// The list of nested objects.
    Nested,
    /// `data.object` of an event.
    News,
    Column(u16),
}

/// A member the scanner watches for, and those below it.
#[derive(Debug, Default)]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) want: Option<Want>,
    pub(crate) below: Vec<Place>,
}

impl Place {
    /// The member of that name.
    pub(crate) fn find(&self, name: &[u8]) -> Option<&Place> {
        self.below.iter().find(|place| place.name.as_bytes() == name)
    }

    fn add(&mut self, path: &'static str, want: Want) {
        let mut at = self;
        for name in path.split('.') {
            let index = at.below.iter().position(|place| place.name == name).unwrap_or_else(|| {
                at.below.push(Place { name, ..Place::default() });
                at.below.len() - 1
            });
            at = &mut at.below[index];
        }
        at.want = Some(want);
    }
}

fn places_of(id: KindId) -> Place {
    let mut root = Place::default();
    root.add("id", Want::Id);
    root.add("created", Want::Created);
    root.add("deleted", Want::Deleted);
    let mut wants_object = true;
    for (index, column) in id.kind().columns.iter().enumerate() {
        for path in column.paths {
            wants_object &= *path != "object";
            root.add(path, Want::Column(u16::try_from(index).unwrap_or(u16::MAX)));
        }
    }
    if wants_object {
        root.add("object", Want::Object);
    }
    if let Some((member, _)) = id.nested() {
        root.add(member, Want::Nested);
    }
    if id == kinds::EVENT {
        root.add("data.object", Want::News);
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_name_what_they_say() {
        for (id, object) in [
            (kinds::ACCOUNT, "account"),
            (kinds::PAYMENT_INTENT, "payment_intent"),
            (kinds::EVENT, "event"),
            (kinds::OTHER, ""),
        ] {
            assert_eq!(id.kind().object, object);
        }
        assert_eq!(KindId::of_object("checkout.session"), kinds::CHECKOUT_SESSION);
        assert_eq!(KindId::of_object("never.seen"), kinds::OTHER);
        assert_eq!(KindId::of_list("terminal/readers"), Some(kinds::READER));
        assert_eq!(KindId::of_list("nonsense"), None);
    }

    #[test]
    fn a_path_below_a_column_keeps_both() {
        let price = kinds::SUBSCRIPTION_ITEM.places().find(b"price").unwrap();
        assert!(price.want.is_some());
        assert!(price.find(b"id").is_some_and(|id| id.want.is_some()));
    }
}
