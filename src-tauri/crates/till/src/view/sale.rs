//! A sale, whole: its lines, its payments, its refunds, and who did what.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

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
    /// Stable, also the key of its translation: one of [`super::NoticeCode`], or a word that an older Tillbook kept.
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
