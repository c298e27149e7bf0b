//! Looking things up among Stripe's records.

use tauri::State;
use tillbook_till::view::{FindInput, FindPage, RecordInput, RecordView};

use crate::state::Desk;
use crate::wire::CommandError;

/// What matches, the newest first.
#[tauri::command]
pub async fn find(desk: State<'_, Desk>, input: FindInput) -> Result<FindPage, CommandError> {
    desk.at_till(move |house, who| house.till.find(who, &input)).await
}

/// One record, with what belongs to it.
#[tauri::command]
pub async fn record(desk: State<'_, Desk>, input: RecordInput) -> Result<RecordView, CommandError> {
    desk.at_till(move |house, who| house.till.record(who, &input.id)).await
}
