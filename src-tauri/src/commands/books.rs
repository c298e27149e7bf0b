//! Files for the accountant, and the journal's chain.

use tauri::{AppHandle, State};
use tillbook_till::view::{ExportedFile, JournalCheck, Reason};

use crate::inputs::ExportInput;
use crate::place;
use crate::state::Desk;
use crate::wire::CommandError;

/// Writes the transactions of some days, with a signed manifest beside the file, into the folder of documents.
#[tauri::command]
pub async fn export_transactions(
    app: AppHandle,
    desk: State<'_, Desk>,
    input: ExportInput,
) -> Result<ExportedFile, CommandError> {
    let folder = place::exports(&app)
        .map_err(|_| CommandError::store(Some(Reason::NoFolder), "There is no folder for documents here"))?;
    let signed = desk.signed()?;
    let open = desk.open().await?;
    let work = move || {
        let ExportInput { from_day, to_day } = &input;
        // Days are digits and dashes; anything else is refused before it gets near a file name.
        let named = |day: &str| day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let out = match named(from_day) && named(to_day) {
            true => folder.join(format!("transactions-{from_day}-to-{to_day}.csv")),
            false => folder.join("transactions.csv"),
        };
        std::fs::create_dir_all(&folder).map_err(|source| {
            CommandError::store(Some(Reason::CannotWrite), &format!("{}: {source}", folder.display()))
        })?;
        let exported = tillbook_books::export_transactions(&open.house, &signed, from_day, to_day, &out)?;
        Ok(exported.file)
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(CommandError::internal()))
}

/// Checks that every entry of the journal follows from the one before it.
#[tauri::command]
pub async fn journal_check(desk: State<'_, Desk>) -> Result<JournalCheck, CommandError> {
    desk.at_till(|house, who| house.till.journal_check(who)).await
}
