//! The statements of each table, made once from the catalogue of kinds.

use std::sync::LazyLock;

use crate::kind::{Kind, KindId};
use crate::kinds;

/// Statements of one table. Parameters: 1 id, 2 created, 3 as_of, 4 until, 5 origin, 6 raw, then the kind's columns.
pub(crate) struct Sql {
    pub(crate) insert: String,
    pub(crate) update: String,
    pub(crate) bury: String,
    pub(crate) look: String,
    pub(crate) known: String,
    pub(crate) raw: String,
    /// The audited columns, where there are any.
    pub(crate) audited: Option<String>,
}

/// Those of a kind.
pub(crate) fn of(kind: KindId) -> &'static Sql {
    static ALL: LazyLock<Vec<Sql>> = LazyLock::new(|| kinds::ALL.iter().map(build).collect());
    ALL.get(kind.0).unwrap_or(&ALL[kinds::OTHER.0])
}

fn build(kind: &Kind) -> Sql {
    let table = kind.table;
    let names: Vec<&str> = kind.columns.iter().map(|column| column.name).collect();
    let places: Vec<String> = (0..names.len()).map(|index| format!("?{}", index + 7)).collect();
    let comma = if names.is_empty() { "" } else { ", " };
    let sets: Vec<String> = kind
        .columns
        .iter()
        .zip(&places)
        .map(|(column, place)| match column.first {
            true => format!("{0} = coalesce({0}, {place})", column.name),
            false => format!("{} = {place}", column.name),
        })
        .collect();
    let empties: String = names.iter().map(|name| format!(", {name} = NULL")).collect();
    let audited: Vec<&str> =
        kind.columns.iter().filter(|column| column.audited).map(|column| column.name).collect();
    Sql {
        insert: format!(
            "INSERT INTO {table} (id, created, as_of, until, origin, deleted, raw{comma}{}) \
             VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6{comma}{}) ON CONFLICT (id) DO NOTHING",
            names.join(", "),
            places.join(", ")
        ),
        update: format!(
            "UPDATE {table} SET created = ?2, as_of = ?3, until = ?4, origin = ?5, deleted = 0, raw = ?6{comma}{} \
             WHERE id = ?1",
            sets.join(", ")
        ),
        bury: format!(
            "INSERT INTO {table} (id, created, as_of, until, origin, deleted, raw) VALUES (?1, 0, ?2, ?3, ?4, 1, x'') \
             ON CONFLICT (id) DO UPDATE SET as_of = ?2, until = ?3, origin = ?4, deleted = 1, raw = x''{empties}"
        ),
        look: format!("SELECT as_of, until, origin, deleted, raw FROM {table} WHERE id = ?1"),
        known: format!("SELECT 1 FROM {table} WHERE id = ?1 AND deleted = 0"),
        raw: format!("SELECT deleted, raw FROM {table} WHERE id = ?1"),
        audited: (!audited.is_empty())
            .then(|| format!("SELECT {} FROM {table} WHERE id = ?1", audited.join(", "))),
    }
}
