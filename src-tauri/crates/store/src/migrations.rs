//! The list of steps that bring each file up to date, in order.
//!
//! A new step is a file `migrations/<file>/NNNN_name.sql` and one line here. A step that was released is closed: it is
//! never edited, because the files out there remember its checksum.

/// One step: its number, its name and its statements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    pub(crate) number: u32,
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

macro_rules! steps {
    ($file:literal: $($number:literal $name:literal),+ $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $name,
            sql: include_str!(concat!("../migrations/", $file, "/", $name, ".sql")),
        }),+]
    };
}

/// Steps of `till.db`.
pub(crate) const TILL: &[Migration] = steps!("till": 1 "0001_house");

/// Steps of `mirror.db`.
pub(crate) const MIRROR: &[Migration] =
    steps!("mirror": 1 "0001_mirror", 2 "0002_hours", 3 "0003_related", 4 "0004_suspects", 5 "0005_waits");
