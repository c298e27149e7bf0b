//! The two SQLite files: opening, migrations, one writer, several readers.
