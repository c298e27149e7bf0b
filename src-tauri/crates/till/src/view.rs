//! What staff see: the answers of the till, ready to be shown or printed as JSON. Every amount is an integer in
//! Stripe's minor units of the sale's currency (`_minor`); every time is milliseconds since 1970, UTC (`_ms`); a day
//! is the shop's business day, `YYYY-MM-DD`. Nothing here carries a secret.

mod codes;
mod find;
mod sale;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use codes::{NoticeCode, Reason};
pub use find::{FactValue, FindInput, FindKind, FindPage, FindRow, RecordFact, RecordInput, RecordView};
pub use sale::{
    JournalRow, Line, Notice, Payment, PaymentAction, PaymentState, Refund, RefundReason, RefundState, Sale,
    SaleState, Tender,
};

/// What a member of staff may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sells and takes payments.
    Cashier,
    /// All a cashier may, and refunds, staff and settings.
    Manager,
    /// Reads everything, exports, changes nothing.
    Accountant,
}

/// One thing a role may or may not do; checked in the core, shown by the UI only to hide what would be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Open, change, park, void an open sale.
    Sell,
    /// Take cash and cards.
    TakePayment,
    /// See past sales.
    SeeSales,
    /// Give money back. Who has not may name an approver who has.
    Refund,
    /// Write files for the accountant.
    Export,
    /// Verify the journal.
    Verify,
    /// Read the mirror's state and ask for a check.
    Sync,
    /// Change staff and settings.
    Administer,
}

/// A member of staff, without any secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Staff {
    /// UUIDv7.
    pub id: String,
    /// As it is shown and printed.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Session {
    /// The person.
    pub staff: Staff,
    /// What they may do, so that the UI hides the rest.
    pub rights: Vec<Right>,
}

/// The shop as set up on this till.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Shop {
    /// The name on the receipt.
    pub name: String,
    /// Lower-case ISO code, as Stripe writes it.
    pub currency: String,
    /// IANA name, `America/New_York`.
    pub time_zone: String,
    /// BCP 47, `en-US`: how amounts and dates are written.
    pub locale: String,
    /// This till's id (UUIDv7).
    pub till_id: String,
}

/// How a currency is written and entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CurrencyInfo {
    /// Lower-case ISO code.
    pub code: String,
    /// Digits after the decimal mark in Stripe's minor units (2 for usd, isk and ugx; 0 for jpy; 3 for kwd).
    pub exponent: u8,
    /// Amounts must be a multiple of this many minor units (100 for isk and ugx, 10 for kwd, else 1).
    pub step_minor: i64,
    /// The smallest card charge, where Stripe states one.
    pub minimum_charge_minor: Option<i64>,
}

/// One thing that can be sold: a Stripe price with its product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CatalogueItem {
    /// `price_…`
    pub price_id: String,
    /// `prod_…`
    pub product_id: String,
    /// The price's lookup key.
    pub lookup_key: Option<String>,
    /// The product's name.
    pub name: String,
    /// `metadata.category` of the product.
    pub category: Option<String>,
    /// `metadata.sku` of the product.
    pub sku: Option<String>,
    /// `metadata.barcode` of the product.
    pub barcode: Option<String>,
    /// `metadata.colour` of the product, `#rrggbb`.
    pub colour: Option<String>,
    /// Price of one.
    pub unit_amount_minor: i64,
    /// Lower-case ISO code.
    pub currency: String,
}

/// A category of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Category {
    /// As in the products' metadata; empty for products without one.
    pub name: String,
    /// Items that can be sold.
    pub items: u32,
}

/// A page of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CataloguePage {
    /// At most the asked number.
    pub items: Vec<CatalogueItem>,
    /// Items that match in all.
    pub total: u32,
}

/// What a scan did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(
    clippy::large_enum_variant,
    reason = "one is made for each scan, and nearly all of them are the large one"
)]
pub enum ScanOutcome {
    /// One more of this item is in the sale.
    Added {
        /// The line it went to.
        line_id: String,
        /// The item's name.
        name: String,
        /// The sale as it stands now.
        sale: Sale,
    },
    /// No item has this barcode, SKU or lookup key.
    Unknown {
        /// The code as scanned.
        code: String,
    },
    /// It looked like a payment card; it was discarded and not kept anywhere.
    Discarded,
}

/// A row of the list of sales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SaleRow {
    /// UUIDv7.
    pub id: String,
    /// The number on the receipt.
    pub number: i64,
    /// Where it stands.
    pub state: SaleState,
    /// When it was opened.
    pub opened_at_ms: i64,
    /// The shop's business day.
    pub business_date: String,
    /// Who rang it up.
    pub staff: String,
    /// Names of the first lines, for recognition.
    pub summary: String,
    /// Units sold.
    pub units: i64,
    /// Sum of the lines.
    pub total_minor: i64,
    /// Given back or on its way back.
    pub refunded_minor: i64,
    /// `cash`, `visa •4242`, … in order.
    pub tenders: Vec<String>,
    /// Lower-case ISO code.
    pub currency: String,
}

/// A page of the list of sales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SalesPage {
    /// Newest first.
    pub rows: Vec<SaleRow>,
    /// Ask with this for the next page; none at the end.
    pub next_cursor: Option<String>,
}

/// What to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct SalesQuery {
    /// Receipt number, amount as written (`12.40`), last four digits or words of a line.
    pub query: String,
    /// First business day, inclusive.
    pub from_day: Option<String>,
    /// Business day after the last, exclusive.
    pub to_day: Option<String>,
    /// From the page before.
    pub cursor: Option<String>,
    /// 1 to 200.
    pub limit: u32,
}

/// A sale that was put aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ParkedSale {
    /// UUIDv7.
    pub id: String,
    /// The number on the receipt.
    pub number: i64,
    /// When it was parked.
    pub parked_at_ms: i64,
    /// Names of the first lines.
    pub summary: String,
    /// Sum of the lines.
    pub total_minor: i64,
}

/// A card reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Reader {
    /// `tmr_…`
    pub id: String,
    /// As it was named.
    pub label: String,
    /// Heard of by Stripe within two minutes.
    pub online: bool,
    /// A reader without hardware, tapped by a button (practice and test modes).
    pub simulated: bool,
}

/// How far the mirror is, for the status bar and the Sync screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SyncView {
    /// What it is doing.
    pub state: SyncState,
    /// Every record up to this time is here; none while older ones are still to be copied or read again.
    pub complete_to_ms: Option<i64>,
    /// The news was read up to this time, whatever else is still to be copied.
    pub news_to_ms: Option<i64>,
    /// Objects mirrored, by resource.
    pub counts: Vec<SyncCount>,
    /// Requests made this calendar month (UTC).
    pub requests_this_month: i64,
    /// What stopped the last reading, until one goes through.
    pub problem: Option<Notice>,
}

/// What the mirror is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// Never synchronised.
    Never,
    /// First copy under way, or waiting for its next share of reads.
    Backfilling,
    /// Somebody has the first copy wait.
    Paused,
    /// Reading news.
    Polling,
    /// Up to date.
    Current,
    /// Cannot reach Stripe.
    Offline,
    /// Stripe refuses the key.
    Refused,
}

/// How many of a resource are mirrored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SyncCount {
    /// As in Stripe's list paths: `payment_intents`.
    pub resource: String,
    /// Objects, tombstones not counted.
    pub objects: i64,
}

/// A file written for the accountant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportedFile {
    /// Where it was written.
    pub path: String,
    /// Its signed manifest beside it.
    pub manifest_path: String,
    /// Rows without the heading.
    pub rows: u64,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// Totals, one for each currency.
    pub totals: Vec<ExportTotal>,
}

/// Control totals of an export in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportTotal {
    /// Lower-case ISO code.
    pub currency: String,
    /// Sum of gross.
    pub gross_minor: i64,
    /// Sum of fees.
    pub fee_minor: i64,
    /// Sum of net, `gross − fee`.
    pub net_minor: i64,
}

/// The journal's chain, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JournalCheck {
    /// Entries checked.
    pub entries: i64,
    /// Every entry follows from the one before it.
    pub intact: bool,
    /// The first entry that does not.
    pub first_bad_seq: Option<i64>,
    /// What is wrong with it.
    pub problem: Option<Notice>,
    /// The last entry's code, hex.
    pub head: String,
}
