//! The program, the shop, and who stands at the till.

use tauri::State;
use tillbook_money::Currency;
use tillbook_till::view::{CurrencyInfo, Shop};
use tillbook_till::{House, SetUp, Signed, TillError};

use crate::inputs::{SignInInput, StaffAddInput, Tag};
use crate::state::{Desk, Open};
use crate::wire::{AppState, CommandError, SetUpInput};
use crate::zones;

/// What the window needs to know before it draws anything. Waits until the till is open.
#[tauri::command]
pub async fn app_state(desk: State<'_, Desk>) -> Result<AppState, CommandError> {
    let signed = desk.somebody();
    desk.inside(move |open| state(open, signed)).await
}

/// First-run set-up; the first manager is signed in by it.
#[tauri::command]
pub async fn set_up(desk: State<'_, Desk>, input: SetUpInput) -> Result<AppState, CommandError> {
    let SetUpInput { shop_name, currency, time_zone, locale, staff_name, pin } = input;
    let set_up = SetUp { shop_name, currency, time_zone, locale, staff_name, pin };
    sign(&desk, move |house| house.till.set_up(&set_up)).await
}

/// Somebody says who they are.
#[tauri::command]
pub async fn sign_in(desk: State<'_, Desk>, input: SignInInput) -> Result<AppState, CommandError> {
    sign(&desk, move |house| house.till.sign_in(&input.staff_id, &input.pin)).await
}

/// The till is left.
#[tauri::command]
pub async fn sign_out(desk: State<'_, Desk>) -> Result<AppState, CommandError> {
    desk.sign(None);
    desk.news.changed(&[Tag::Session]);
    desk.inside(|open| state(open, None)).await
}

/// Takes somebody on.
#[tauri::command]
pub async fn staff_add(desk: State<'_, Desk>, input: StaffAddInput) -> Result<AppState, CommandError> {
    let signed = desk.signed()?;
    let told = desk
        .inside(move |open| {
            open.house.till.staff_add(&signed, &input.name, input.role, &input.pin)?;
            state(open, Some(signed))
        })
        .await?;
    desk.news.changed(&[Tag::Session]);
    Ok(told)
}

/// Signs in whoever `who` proves to be.
async fn sign(
    desk: &Desk,
    who: impl FnOnce(&House) -> Result<Signed, TillError> + Send + 'static,
) -> Result<AppState, CommandError> {
    let (signed, told) = desk
        .inside(move |open| {
            let signed = who(&open.house)?;
            let told = state(open, Some(signed.clone()))?;
            Ok((signed, told))
        })
        .await?;
    desk.sign(Some(signed));
    desk.news.changed(&[Tag::Session]);
    Ok(told)
}

fn state(open: &Open, signed: Option<Signed>) -> Result<AppState, TillError> {
    let till = &open.house.till;
    let shop = till.shop()?;
    Ok(AppState {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        mode: open.mode,
        currency: currency(shop.as_ref())?,
        shop,
        staff: till.staff_list()?,
        session: signed.and_then(|signed| signed.session()),
        time_zones: zones::all(),
    })
}

/// The shop's currency; before set-up that of the practice account, which is an American one.
fn currency(shop: Option<&Shop>) -> Result<CurrencyInfo, TillError> {
    let currency = Currency::parse(shop.map_or("usd", |shop| &shop.currency))?;
    Ok(CurrencyInfo {
        code: currency.code().to_owned(),
        exponent: currency.exponent(),
        step_minor: currency.step_minor(),
        minimum_charge_minor: currency.minimum_charge_minor(),
    })
}
