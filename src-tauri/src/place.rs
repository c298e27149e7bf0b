//! Where the data are. A folder belongs to one account and mode; practice mode has one of its own.

use std::path::PathBuf;

use tauri::{AppHandle, Manager};

/// A folder that was asked for, instead of the usual one: for tests, and for a second till on one machine.
pub fn own_folder() -> Option<PathBuf> {
    std::env::var_os("TILLBOOK_DATA").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The folder of this run.
pub fn folder(app: &AppHandle) -> tauri::Result<PathBuf> {
    match own_folder() {
        Some(folder) => Ok(folder),
        None => Ok(app.path().app_data_dir()?.join("practice")),
    }
}

/// Makes the practice shop repeatable, for pictures.
pub fn seed() -> Option<u64> {
    std::env::var("TILLBOOK_PRACTICE_SEED").ok()?.parse().ok()
}

/// Where files for the accountant go: the person's documents, or beside the data of a folder that was asked for.
pub fn exports(app: &AppHandle) -> tauri::Result<PathBuf> {
    match own_folder() {
        Some(folder) => Ok(folder.join("exports")),
        None => {
            let documents = app.path().document_dir().or_else(|_| app.path().home_dir())?;
            Ok(documents.join("Tillbook"))
        }
    }
}
