//! Past sales, and giving money back.

use tauri::State;
use tillbook_till::view::{Sale, SalesPage, SalesQuery};
use tillbook_till::{Approver, RefundAsked};

use crate::inputs::{SaleInput, Tag};
use crate::state::Desk;
use crate::wire::{CommandError, RefundInput};

/// One sale, whole.
#[tauri::command]
pub async fn sale(desk: State<'_, Desk>, input: SaleInput) -> Result<Sale, CommandError> {
    desk.at_till(move |house, who| house.till.sale(who, &input.sale_id)).await
}

/// A page of the list of sales.
#[tauri::command]
pub async fn sales(desk: State<'_, Desk>, input: SalesQuery) -> Result<SalesPage, CommandError> {
    desk.at_till(move |house, who| house.till.sales(who, &input)).await
}

/// Gives money back; where the one signed in may not, the approver's PIN is what counts.
#[tauri::command]
pub async fn refund(desk: State<'_, Desk>, input: RefundInput) -> Result<Sale, CommandError> {
    let RefundInput { sale_id, amount_minor, reason, detail, approver_id, approver_pin } = input;
    let approver = match (approver_id, approver_pin) {
        (Some(staff), Some(pin)) => Some(Approver { staff, pin }),
        _ => None,
    };
    let asked = RefundAsked { sale_id, amount_minor, reason, detail, approver };
    let sale = desk.waiting(move |open, who| async move { open.house.till.refund(&who, &asked).await }).await;
    // Also after an error: the refund may be under way, and then the sale shows it.
    desk.news.changed(&[Tag::Sale, Tag::Sales]);
    sale
}
