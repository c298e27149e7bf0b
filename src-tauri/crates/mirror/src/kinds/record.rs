//! Events, and whatever is known to no other kind.

use crate::kind::{Kind, Listing, Means, text};

pub(super) const EVENT: Kind = Kind {
    object: "event",
    list: "events",
    table: "event",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("type", &["type"]),
        text("api_version", &["api_version"]),
        text("object_id", &["data.object.id"]).means(Means::AnyReference),
        text("object", &["data.object.object"]),
    ],
};

pub(super) const OTHER: Kind = Kind {
    object: "",
    list: "",
    table: "other_object",
    listing: Listing::None,
    query: &[],
    columns: &[text("object", &["object"])],
};
