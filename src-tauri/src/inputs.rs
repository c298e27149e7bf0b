//! What the window sends with a command, and the few answers that are the shell's own.

use serde::{Deserialize, Serialize};
use tillbook_till::view::Role;
use ts_rs::TS;

/// Someone at the till says who they are.
#[derive(Deserialize, TS)]
pub struct SignInInput {
    /// From `AppState.staff`.
    pub staff_id: String,
    /// 4 to 12 digits.
    pub pin: String,
}

/// A new member of staff.
#[derive(Deserialize, TS)]
pub struct StaffAddInput {
    /// As it is shown and printed.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// 4 to 12 digits.
    pub pin: String,
}

/// Which part of the catalogue to show.
#[derive(Debug, Deserialize, TS)]
pub struct CatalogueInput {
    /// Words, or empty for everything.
    pub query: String,
    /// A category's name; none for all of them.
    pub category: Option<String>,
    /// Items to skip.
    pub offset: u32,
    /// 1 to 200.
    pub limit: u32,
}

/// What a scanner typed. Not `Debug`: it may be a card that was swiped by mistake.
#[derive(Deserialize, TS)]
pub struct ScanInput {
    /// As scanned.
    pub code: String,
}

/// One item into the sale.
#[derive(Debug, Deserialize, TS)]
pub struct SaleAddInput {
    /// `price_…`
    pub price_id: String,
    /// At least 1.
    pub quantity: i64,
}

/// A line's new quantity.
#[derive(Debug, Deserialize, TS)]
pub struct SaleSetQuantityInput {
    /// Which line.
    pub line_id: String,
    /// 0 takes the line out.
    pub quantity: i64,
}

/// Which sale.
#[derive(Debug, Deserialize, TS)]
pub struct SaleInput {
    /// UUIDv7.
    pub sale_id: String,
}

/// Notes and coins for a sale.
#[derive(Debug, Deserialize, TS)]
pub struct PayCashInput {
    /// UUIDv7.
    pub sale_id: String,
    /// What was handed over.
    pub tendered_minor: i64,
}

/// A card for what is left of a sale.
#[derive(Debug, Deserialize, TS)]
pub struct PayCardInput {
    /// UUIDv7.
    pub sale_id: String,
    /// `tmr_…`; none for the only reader that can be used.
    pub reader_id: Option<String>,
}

/// Which payment.
#[derive(Debug, Deserialize, TS)]
pub struct AttemptInput {
    /// UUIDv7.
    pub attempt_id: String,
}

/// A card held to a practice reader.
#[derive(Debug, Deserialize, TS)]
pub struct PracticeTapInput {
    /// `tmr_…`
    pub reader_id: String,
    /// `pm_card_…`, from `practice_cards`.
    pub card: String,
}

/// A card of the practice mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PracticeCard {
    /// `pm_card_…`
    pub payment_method: String,
    /// The brand's own name, the same in every language.
    pub brand: String,
    /// What it does.
    pub outcome: PracticeOutcome,
}

/// What a card of the practice mode does when it is held to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PracticeOutcome {
    /// The bank says yes.
    Pays,
    /// The bank says no and gives no reason.
    Declined,
    /// There is not enough money behind it.
    InsufficientFunds,
    /// It was reported lost, which nobody at the counter is told.
    LostCard,
}

/// Which days to export: the first, and the day after the last.
#[derive(Debug, Deserialize, TS)]
pub struct ExportInput {
    /// `YYYY-MM-DD`, inclusive.
    pub from_day: String,
    /// `YYYY-MM-DD`, exclusive.
    pub to_day: String,
}

/// Deliveries of `stripe listen`. Not `Debug`: it carries a secret.
#[derive(Deserialize, TS)]
pub struct ReceiverInput {
    /// On 127.0.0.1, from 1024 on.
    pub port: u16,
    /// `whsec_…`, as `stripe listen` prints it.
    pub secret: String,
}

/// The payload of the event `changed`: ask again for what these tags cover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Changed {
    /// What may have changed.
    pub tags: Vec<Tag>,
}

/// What a screen shows, as the window's queries name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// Who is signed in, the shop, its staff.
    Session,
    /// Items and categories.
    Catalogue,
    /// The sale being rung up.
    Sale,
    /// Past sales.
    Sales,
    /// Card readers.
    Readers,
    /// How far the mirror is.
    Sync,
}
