//! What typed reads answer: plain columns, never JSON. Amounts are Stripe's minor units; times are unix seconds.

use rusqlite::Row;

/// An object as mirrored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Stripe's own JSON, minified, `client_secret` cut out.
    Object(String),
    /// Stripe deleted it.
    Tombstone {
        /// Its id.
        id: String,
        /// Stripe's name of its kind.
        object: String,
    },
}

/// A struct whose fields are columns of the same names, in this order.
macro_rules! rows {
    ($($(#[$meta:meta])* $name:ident from $table:literal { $($(#[$doc:meta])* $field:ident: $type:ty = $column:literal,)+ })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $($(#[$doc])* pub $field: $type,)+
        }

        impl $name {
            /// The columns, for a SELECT.
            pub(crate) const COLUMNS: &'static str = concat!($($column, ", ",)+ "1");
            /// The table, for a SELECT.
            pub(crate) const FROM: &'static str = concat!(" FROM ", $table, " ");

            /// From a row of such a SELECT.
            pub(crate) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
                let mut column = 0_usize..;
                Ok(Self { $($field: row.get(column.next().unwrap_or_default())?,)+ })
            }
        }
    )+};
}

rows! {
    /// A price.
    PriceRow from "price" {
        /// `price_…`
        id: String = "id",
        /// `prod_…`
        product: Option<String> = "product",
        /// Whether it can be used.
        active: bool = "coalesce(active, 0)",
        /// Lower-case ISO code.
        currency: Option<String> = "currency",
        /// Of one unit; none where the amount is entered or tiered.
        unit_amount: Option<i64> = "unit_amount",
        /// The shop's own name for it.
        lookup_key: Option<String> = "lookup_key",
        /// `one_time` or `recurring`.
        kind: Option<String> = "type",
        /// `inclusive`, `exclusive`, `unspecified`.
        tax_behavior: Option<String> = "tax_behavior",
    }
    /// A PaymentIntent.
    PaymentIntentRow from "payment_intent" {
        /// `pi_…`
        id: String = "id",
        /// When it was created.
        created: i64 = "created",
        /// Stripe's status.
        status: Option<String> = "status",
        /// What was asked.
        amount: Option<i64> = "amount",
        /// What was received: this is what "paid" means.
        amount_received: Option<i64> = "amount_received",
        /// What can be captured.
        amount_capturable: Option<i64> = "amount_capturable",
        /// Lower-case ISO code.
        currency: Option<String> = "currency",
        /// `cus_…`
        customer: Option<String> = "customer",
        /// `ch_…`
        latest_charge: Option<String> = "latest_charge",
        /// The last error's code.
        error_code: Option<String> = "error_code",
        /// The bank's reason, not always to be told.
        decline_code: Option<String> = "decline_code",
        /// `metadata.attempt_id` as first seen.
        attempt_id: Option<String> = "attempt_id",
        /// `metadata.sale_id` as first seen.
        sale_id: Option<String> = "sale_id",
        /// `metadata.till_id` as first seen.
        till_id: Option<String> = "till_id",
        /// `metadata.journal_seq` as first seen.
        journal_seq: Option<String> = "journal_seq",
        /// `metadata.journal_head` as first seen.
        journal_head: Option<String> = "journal_head",
    }
    /// A charge.
    ChargeRow from "charge" {
        /// `ch_…`
        id: String = "id",
        /// When it was created.
        created: i64 = "created",
        /// Stripe's status.
        status: Option<String> = "status",
        /// What was asked.
        amount: Option<i64> = "amount",
        /// What was captured.
        amount_captured: Option<i64> = "amount_captured",
        /// What was given back.
        amount_refunded: Option<i64> = "amount_refunded",
        /// Lower-case ISO code.
        currency: Option<String> = "currency",
        /// `pi_…`
        payment_intent: Option<String> = "payment_intent",
        /// `txn_…`, once it is known.
        balance_transaction: Option<String> = "balance_transaction",
        /// Whether it is disputed.
        disputed: bool = "coalesce(disputed, 0)",
        /// `card`, `card_present`, …
        method_type: Option<String> = "method_type",
        /// `visa`, …
        brand: Option<String> = "brand",
        /// Last four digits.
        last4: Option<String> = "last4",
        /// Why it failed.
        failure_code: Option<String> = "failure_code",
    }
    /// A refund.
    RefundRow from "refund" {
        /// `re_…`
        id: String = "id",
        /// When it was created.
        created: i64 = "created",
        /// Stripe's status: the one word on where it stands.
        status: Option<String> = "status",
        /// How much.
        amount: Option<i64> = "amount",
        /// Lower-case ISO code.
        currency: Option<String> = "currency",
        /// `ch_…`
        charge: Option<String> = "charge",
        /// `pi_…`
        payment_intent: Option<String> = "payment_intent",
        /// `txn_…`
        balance_transaction: Option<String> = "balance_transaction",
        /// Stripe's reason.
        reason: Option<String> = "reason",
        /// Why it failed.
        failure_reason: Option<String> = "failure_reason",
        /// `metadata.refund_attempt_id` as first seen.
        refund_attempt_id: Option<String> = "refund_attempt_id",
        /// `metadata.sale_id` as first seen.
        sale_id: Option<String> = "sale_id",
        /// `metadata.journal_seq` as first seen.
        journal_seq: Option<String> = "journal_seq",
        /// `metadata.journal_head` as first seen.
        journal_head: Option<String> = "journal_head",
    }
    /// A card reader.
    ReaderRow from "terminal_reader" {
        /// `tmr_…`
        id: String = "id",
        /// As it was named.
        label: Option<String> = "label",
        /// `online` or `offline`, as last heard.
        status: Option<String> = "status",
        /// `simulated_wisepos_e`, `bbpos_wisepos_e`, …
        device_type: Option<String> = "device_type",
        /// `tml_…`
        location: Option<String> = "location",
        /// Its serial number.
        serial_number: Option<String> = "serial_number",
        /// When Stripe last heard of it (milliseconds, as Stripe has it).
        last_seen_at: Option<i64> = "last_seen_at",
        /// What it does.
        action_type: Option<String> = "action_type",
        /// `in_progress`, `succeeded`, `failed`.
        action_status: Option<String> = "action_status",
        /// The PaymentIntent it works on.
        action_payment_intent: Option<String> = "action_payment_intent",
        /// Why it failed.
        action_failure_code: Option<String> = "action_failure_code",
    }
}

/// A balance transaction, with the sale it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceTransactionRow {
    /// `txn_…`
    pub id: String,
    /// When it was created.
    pub created: i64,
    /// `charge`, `refund`, `payout`, `adjustment`, …
    pub kind: String,
    /// Lower-case ISO code.
    pub currency: String,
    /// Gross.
    pub amount: i64,
    /// Fee.
    pub fee: i64,
    /// `amount − fee`, as Stripe says it.
    pub net: i64,
    /// `pending` or `available`.
    pub status: String,
    /// When it is or became available.
    pub available_on: Option<i64>,
    /// What caused it: `ch_…`, `re_…`, `po_…`.
    pub source: Option<String>,
    /// In Stripe's words.
    pub description: Option<String>,
    /// Reporting category.
    pub reporting_category: Option<String>,
    /// The sale, from the metadata of the payment behind the source.
    pub sale_id: Option<String>,
    /// The charge that is the source, or that the source refunds.
    pub charge: Option<String>,
    /// Its PaymentIntent.
    pub payment_intent: Option<String>,
    /// `visa`, …
    pub brand: Option<String>,
    /// Last four digits.
    pub last4: Option<String>,
}

impl BalanceTransactionRow {
    /// A SELECT of these columns. A charge's sale is its PaymentIntent's, a refund's its own or its PaymentIntent's.
    pub(crate) const SELECT: &'static str = "
        SELECT t.id, t.created, t.type, t.currency, t.amount, t.fee, t.net, t.status, t.available_on, t.source,
               t.description, t.reporting_category,
               coalesce(pc.sale_id, r.sale_id, pr.sale_id), coalesce(c.id, r.charge),
               coalesce(c.payment_intent, r.payment_intent), coalesce(c.brand, rc.brand), coalesce(c.last4, rc.last4)
        FROM balance_transaction t
        LEFT JOIN charge c ON c.id = t.source
        LEFT JOIN payment_intent pc ON pc.id = c.payment_intent
        LEFT JOIN refund r ON r.id = t.source
        LEFT JOIN charge rc ON rc.id = r.charge
        LEFT JOIN payment_intent pr ON pr.id = r.payment_intent ";

    pub(crate) fn of(row: &Row<'_>) -> rusqlite::Result<BalanceTransactionRow> {
        Ok(BalanceTransactionRow {
            id: row.get(0)?,
            created: row.get(1)?,
            kind: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
            currency: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
            amount: row.get::<_, Option<i64>>(4)?.unwrap_or_default(),
            fee: row.get::<_, Option<i64>>(5)?.unwrap_or_default(),
            net: row.get::<_, Option<i64>>(6)?.unwrap_or_default(),
            status: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
            available_on: row.get(8)?,
            source: row.get(9)?,
            description: row.get(10)?,
            reporting_category: row.get(11)?,
            sale_id: row.get(12)?,
            charge: row.get(13)?,
            payment_intent: row.get(14)?,
            brand: row.get(15)?,
            last4: row.get(16)?,
        })
    }
}

/// Something that can be sold: a price with its product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueRow {
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
    /// `metadata.colour` of the product.
    pub colour: Option<String>,
    /// Price of one.
    pub unit_amount: i64,
    /// Lower-case ISO code.
    pub currency: String,
}

/// A category and how much can be sold in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryRow {
    /// Empty for products without one.
    pub name: String,
    /// Items.
    pub items: u32,
}
