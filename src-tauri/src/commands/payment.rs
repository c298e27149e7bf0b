//! Taking money: cash at once, cards through the core, which tells the window how far it is.

use tauri::State;
use tillbook_till::view::{Reader, Sale};

use crate::drive;
use crate::inputs::{AttemptInput, PayCardInput, PayCashInput, Tag};
use crate::state::Desk;
use crate::wire::CommandError;

/// Notes and coins for all that is left of a sale.
#[tauri::command]
pub async fn pay_cash(desk: State<'_, Desk>, input: PayCashInput) -> Result<Sale, CommandError> {
    let sale = desk
        .at_till(move |house, who| house.till.pay_cash(who, &input.sale_id, input.tendered_minor))
        .await?;
    desk.news.changed(&[Tag::Sale, Tag::Sales]);
    Ok(sale)
}

/// The readers that a card can be held to.
#[tauri::command]
pub async fn readers(desk: State<'_, Desk>) -> Result<Vec<Reader>, CommandError> {
    desk.at_till(|house, who| house.till.readers(who)).await
}

/// Begins a card payment and answers at once; the core goes on, and `changed` tells how far it is.
#[tauri::command]
pub async fn pay_card(desk: State<'_, Desk>, input: PayCardInput) -> Result<Sale, CommandError> {
    let sale = desk
        .at_till(move |house, who| house.till.pay_card_start(who, &input.sale_id, input.reader_id.as_deref()))
        .await?;
    drive::open_payments(&desk, &sale).await?;
    Ok(sale)
}

/// Asks for a payment to be stopped; Stripe decides, and the sale shows what it said.
#[tauri::command]
pub async fn payment_cancel(desk: State<'_, Desk>, input: AttemptInput) -> Result<Sale, CommandError> {
    let sale = desk
        .waiting(
            move |open, who| async move { open.house.till.payment_cancel(&who, &input.attempt_id).await },
        )
        .await?;
    drive::open_payments(&desk, &sale).await?;
    Ok(sale)
}

/// Presents a declined payment again.
#[tauri::command]
pub async fn payment_try_again(desk: State<'_, Desk>, input: AttemptInput) -> Result<Sale, CommandError> {
    let sale = desk.at_till(move |house, who| house.till.payment_try_again(who, &input.attempt_id)).await?;
    drive::open_payments(&desk, &sale).await?;
    Ok(sale)
}
