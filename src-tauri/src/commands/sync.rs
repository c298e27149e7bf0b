//! How far the copy of Stripe's records is.

use std::sync::Arc;

use tauri::State;
use tillbook_till::view::SyncView;

use crate::follow;
use crate::state::Desk;
use crate::wire::CommandError;

/// How far the mirror is.
#[tauri::command]
pub async fn sync_status(desk: State<'_, Desk>) -> Result<SyncView, CommandError> {
    desk.at_till(|house, who| house.till.sync_view(who)).await
}

/// Asks Stripe for news now instead of at the next turn.
#[tauri::command]
pub async fn sync_now(desk: State<'_, Desk>) -> Result<(), CommandError> {
    desk.at_till(|house, who| house.till.sync_view(who)).await?;
    follow::now(&desk.open().await?);
    Ok(())
}
