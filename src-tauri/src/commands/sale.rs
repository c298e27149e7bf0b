//! The catalogue and the sale being rung up.

use tauri::State;
use tillbook_till::view::{CataloguePage, Category, ParkedSale, Sale, ScanOutcome};

use crate::inputs::{CatalogueInput, SaleAddInput, SaleInput, SaleSetQuantityInput, ScanInput, Tag};
use crate::state::Desk;
use crate::wire::CommandError;

/// The catalogue's categories in the shop's currency.
#[tauri::command]
pub async fn categories(desk: State<'_, Desk>) -> Result<Vec<Category>, CommandError> {
    desk.at_till(|house, who| house.till.categories(who)).await
}

/// A page of the catalogue.
#[tauri::command]
pub async fn catalogue(desk: State<'_, Desk>, input: CatalogueInput) -> Result<CataloguePage, CommandError> {
    desk.at_till(move |house, who| {
        house.till.catalogue(who, &input.query, input.category.as_deref(), input.offset, input.limit)
    })
    .await
}

/// A scanned code: into the sale, unknown, or discarded because it looked like a card.
#[tauri::command]
pub async fn scan(desk: State<'_, Desk>, input: ScanInput) -> Result<ScanOutcome, CommandError> {
    desk.at_till(move |house, who| house.till.scan(who, &input.code)).await
}

/// The sale being rung up, if there is one.
#[tauri::command]
pub async fn sale_current(desk: State<'_, Desk>) -> Result<Option<Sale>, CommandError> {
    desk.at_till(|house, who| house.till.sale_current(who)).await
}

/// An item into the sale.
#[tauri::command]
pub async fn sale_add(desk: State<'_, Desk>, input: SaleAddInput) -> Result<Sale, CommandError> {
    desk.at_till(move |house, who| house.till.sale_add(who, &input.price_id, input.quantity)).await
}

/// A line's new quantity; 0 takes it out.
#[tauri::command]
pub async fn sale_set_quantity(
    desk: State<'_, Desk>,
    input: SaleSetQuantityInput,
) -> Result<Sale, CommandError> {
    desk.at_till(move |house, who| house.till.sale_set_quantity(who, &input.line_id, input.quantity)).await
}

/// Ends the sale without payment.
#[tauri::command]
pub async fn sale_void(desk: State<'_, Desk>) -> Result<(), CommandError> {
    desk.at_till(|house, who| house.till.sale_void(who)).await?;
    desk.news.changed(&[Tag::Sale, Tag::Sales]);
    Ok(())
}

/// Puts the sale aside.
#[tauri::command]
pub async fn sale_park(desk: State<'_, Desk>) -> Result<(), CommandError> {
    desk.at_till(|house, who| house.till.sale_park(who)).await?;
    desk.news.changed(&[Tag::Sale]);
    Ok(())
}

/// The sales that were put aside.
#[tauri::command]
pub async fn sale_parked(desk: State<'_, Desk>) -> Result<Vec<ParkedSale>, CommandError> {
    desk.at_till(|house, who| house.till.sale_parked(who)).await
}

/// Takes a sale up again.
#[tauri::command]
pub async fn sale_resume(desk: State<'_, Desk>, input: SaleInput) -> Result<Sale, CommandError> {
    let sale = desk.at_till(move |house, who| house.till.sale_resume(who, &input.sale_id)).await?;
    desk.news.changed(&[Tag::Sale]);
    Ok(sale)
}
