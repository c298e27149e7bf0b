//! What staff see: the answers of the till, ready to be shown or printed as JSON. Every amount is an integer in
//! Stripe's minor units of the sale's currency (`_minor`); every time is milliseconds since 1970, UTC (`_ms`); a day
//! is the shop's business day, `YYYY-MM-DD`. Nothing here carries a secret.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

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

/// Where a sale stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SaleState {
    /// Being rung up or waiting to be paid.
    Open,
    /// Put aside; can be resumed.
    Parked,
    /// A payment's outcome is not known yet; nothing else may be taken.
    Checking,
    /// Paid in full.
    Paid,
    /// Paid, and part of it given back.
    PartRefunded,
    /// Paid, and all of it given back.
    Refunded,
    /// Ended without payment.
    Void,
}

/// One line of a sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Line {
    /// UUIDv7.
    pub id: String,
    /// `price_…`
    pub price_id: String,
    /// Name at the time of sale.
    pub name: String,
    /// The price's lookup key at the time of sale.
    pub lookup_key: Option<String>,
    /// Price of one.
    pub unit_amount_minor: i64,
    /// At least 1.
    pub quantity: i64,
    /// `unit_amount_minor · quantity`.
    pub total_minor: i64,
}

/// How money was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Tender {
    /// Notes and coins.
    Cash,
    /// A card on a reader.
    Card,
}

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Written down, not yet with Stripe.
    Starting,
    /// The reader asks for the card.
    WaitingForCard,
    /// The card was presented; the bank is asked.
    Authorising,
    /// The bank said no; the same payment can be tried with another card or canceled.
    Declined,
    /// An answer was lost; Tillbook is asking Stripe. Nothing may be taken meanwhile.
    Checking,
    /// Stripe says the money is received.
    Paid,
    /// Ended, nothing taken; Stripe says so.
    Canceled,
}

/// Something to tell staff, in neutral words, with a code to quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Notice {
    /// Closed, stable code, also the key of its translation: `declined_generic`, `reader_offline`, …
    pub code: String,
    /// English words for where no translation exists.
    pub text: String,
}

/// What may be done to a payment now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PaymentAction {
    /// Stop it; nothing will be taken.
    Cancel,
    /// Present the same payment again.
    TryAgain,
}

/// One payment of a sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Payment {
    /// The attempt's id (UUIDv7), also in the PaymentIntent's `metadata.attempt_id`.
    pub attempt_id: String,
    /// How.
    pub tender: Tender,
    /// What it takes from the sale's total.
    pub amount_minor: i64,
    /// Where it stands.
    pub state: PaymentState,
    /// Cash only: what was handed over.
    pub tendered_minor: Option<i64>,
    /// Cash only: what was given back at once.
    pub change_minor: Option<i64>,
    /// `pi_…`, card only.
    pub payment_intent: Option<String>,
    /// `ch_…`, card only.
    pub charge: Option<String>,
    /// `visa`, card only.
    pub card_brand: Option<String>,
    /// Last four digits, card only.
    pub card_last4: Option<String>,
    /// The reader's label, card only.
    pub reader: Option<String>,
    /// Stripe's fee, once its balance transaction is known.
    pub fee_minor: Option<i64>,
    /// What to tell, if there is something to tell.
    pub notice: Option<Notice>,
    /// What may be done now.
    pub actions: Vec<PaymentAction>,
    /// When it was started.
    pub started_at_ms: i64,
    /// When it ended.
    pub ended_at_ms: Option<i64>,
}

/// Where a refund stands: Stripe's `refund.status`, and what only a till knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// The answer was lost; Tillbook is asking Stripe.
    Checking,
    /// On its way.
    Pending,
    /// The customer must do something.
    RequiresAction,
    /// Given back.
    Succeeded,
    /// Not given back; the amount can be refunded again.
    Failed,
    /// Stopped; the amount can be refunded again.
    Canceled,
}

/// Stripe's three reasons for a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// Charged twice.
    Duplicate,
    /// Not the card holder's doing.
    Fraudulent,
    /// The customer asked.
    RequestedByCustomer,
}

/// Money given back on a sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Refund {
    /// The refund attempt's id (UUIDv7), also in the Refund's `metadata.refund_attempt_id`.
    pub refund_attempt_id: String,
    /// `re_…`, card only.
    pub refund: Option<String>,
    /// The payment it gives back.
    pub attempt_id: String,
    /// How.
    pub tender: Tender,
    /// How much.
    pub amount_minor: i64,
    /// Where it stands.
    pub state: RefundState,
    /// Stripe's reason.
    pub reason: RefundReason,
    /// In the shop's own words.
    pub detail: Option<String>,
    /// Who asked for it.
    pub refunded_by: String,
    /// Who allowed it.
    pub approved_by: String,
    /// What to tell, if there is something to tell.
    pub notice: Option<Notice>,
    /// When it was started.
    pub started_at_ms: i64,
}

/// A journal entry as staff read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JournalRow {
    /// Position in this till's journal, from 1.
    pub seq: i64,
    /// When.
    pub at_ms: i64,
    /// Who, by name.
    pub staff: Option<String>,
    /// What: `sale_opened`, `payment_started`, …
    pub kind: String,
    /// Amount it is about, where there is one.
    pub amount_minor: Option<i64>,
}

/// A sale, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Sale {
    /// UUIDv7.
    pub id: String,
    /// The number on the receipt, counted per till from 1; 0 while nothing was rung up.
    pub number: i64,
    /// Where it stands.
    pub state: SaleState,
    /// Lower-case ISO code.
    pub currency: String,
    /// The shop's business day.
    pub business_date: String,
    /// When it was opened.
    pub opened_at_ms: i64,
    /// When it was paid or voided.
    pub closed_at_ms: Option<i64>,
    /// Who rang it up.
    pub staff: String,
    /// Its lines, oldest first.
    pub lines: Vec<Line>,
    /// Sum of the lines.
    pub total_minor: i64,
    /// Received.
    pub paid_minor: i64,
    /// Still to be paid.
    pub remaining_minor: i64,
    /// Given back or on its way back (failed and canceled refunds not counted).
    pub refunded_minor: i64,
    /// What can still be given back.
    pub refundable_minor: i64,
    /// Its payments, oldest first.
    pub payments: Vec<Payment>,
    /// Its refunds, oldest first.
    pub refunds: Vec<Refund>,
    /// Who did what when, oldest first. Empty while the sale is open.
    pub history: Vec<JournalRow>,
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
    /// Complete up to this time, once it was.
    pub complete_to_ms: Option<i64>,
    /// Objects mirrored, by resource.
    pub counts: Vec<SyncCount>,
    /// Requests made this calendar month (UTC).
    pub requests_this_month: i64,
    /// The last thing that went wrong, in words, until it went right again.
    pub problem: Option<Notice>,
}

/// What the mirror is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// Never synchronised.
    Never,
    /// First copy under way.
    Backfilling,
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
    pub problem: Option<String>,
    /// The last entry's code, hex.
    pub head: String,
}
