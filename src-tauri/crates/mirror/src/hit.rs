//! One of Stripe's records as a line of a list, whatever its kind.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::MirrorError;
use crate::kind::KindId;
use crate::kinds;

/// A record, with what a list shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Stripe's name of its kind: `customer`, `payment_intent`, `charge`, `invoice`, `product`, …
    pub object: String,
    /// Its id.
    pub id: String,
    /// When it was created (unix seconds); none where Stripe does not say.
    pub created: Option<i64>,
    /// Who paid, the customer's or product's name.
    pub title: Option<String>,
    /// The e-mail address, description, number or SKU.
    pub detail: Option<String>,
    /// Amount in minor units.
    pub amount: Option<i64>,
    /// Lower-case ISO code.
    pub currency: Option<String>,
    /// Stripe's status; `active` or `inactive` where it only says whether something can be used. Stripe goes on calling a
    /// payment `succeeded` whatever befell it since: such a one is `refunded`, `part_refunded` or `disputed`.
    pub status: Option<String>,
    /// `visa`, …
    pub brand: Option<String>,
    /// Last four digits of the card.
    pub last4: Option<String>,
    /// The sale, from the metadata of the payment it belongs to.
    pub sale_id: Option<String>,
    /// The PaymentIntent it is or belongs to.
    pub payment_intent: Option<String>,
}

/// Where a payment stands, from its charge. A dispute that was won or came to nothing is over.
macro_rules! paid {
    ($payment:literal, $charge:literal) => {
        concat!(
            "CASE WHEN ",
            $payment,
            ".status <> 'succeeded' THEN ",
            $payment,
            ".status WHEN ",
            $charge,
            ".refunded = 1 THEN 'refunded' WHEN ",
            $charge,
            ".disputed = 1 AND NOT EXISTS (SELECT 1 FROM dispute d WHERE d.charge = ",
            $charge,
            ".id AND d.status IN ('won', 'warning_closed', 'prevented')) THEN 'disputed' WHEN ",
            $charge,
            ".amount_refunded > 0 THEN 'part_refunded' ELSE ",
            $payment,
            ".status END"
        )
    };
}

/// Title, detail, amount, currency, status, brand, last4, sale, PaymentIntent; then the tables. `t` is the record itself,
/// and every other table is met by its primary key or an index.
const fn parts(kind: KindId) -> (&'static str, &'static str) {
    match kind {
        kinds::PAYMENT_INTENT => (
            concat!(
                "coalesce(c.name, c.email), t.description, t.amount, t.currency, ",
                paid!("t", "h"),
                ", h.brand, h.last4, t.sale_id, t.id"
            ),
            "LEFT JOIN customer c ON c.id = t.customer LEFT JOIN charge h ON h.id = t.latest_charge",
        ),
        kinds::CHARGE => (
            concat!(
                "coalesce(c.name, c.email), coalesce(t.description, p.description), t.amount, t.currency, ",
                paid!("t", "t"),
                ", t.brand, t.last4, p.sale_id, t.payment_intent"
            ),
            "LEFT JOIN customer c ON c.id = t.customer LEFT JOIN payment_intent p ON p.id = t.payment_intent",
        ),
        kinds::REFUND => (
            "coalesce(c.name, c.email), t.reason, t.amount, t.currency, t.status, h.brand, h.last4,
             coalesce(t.sale_id, p.sale_id), t.payment_intent",
            "LEFT JOIN payment_intent p ON p.id = t.payment_intent LEFT JOIN charge h ON h.id = t.charge
             LEFT JOIN customer c ON c.id = coalesce(p.customer, h.customer)",
        ),
        kinds::DISPUTE => (
            "coalesce(c.name, c.email), t.reason, t.amount, t.currency, t.status, h.brand, h.last4, p.sale_id,
             t.payment_intent",
            "LEFT JOIN payment_intent p ON p.id = t.payment_intent LEFT JOIN charge h ON h.id = t.charge
             LEFT JOIN customer c ON c.id = coalesce(p.customer, h.customer)",
        ),
        kinds::CUSTOMER => (
            "coalesce(t.name, t.email), CASE WHEN t.name IS NULL THEN t.phone ELSE coalesce(t.email, t.phone) END, NULL,
             t.currency, NULL, NULL, NULL, NULL, NULL",
            "",
        ),
        kinds::INVOICE => (
            "coalesce(t.customer_name, t.customer_email), t.number, t.total, t.currency, t.status, NULL, NULL, NULL, NULL",
            "",
        ),
        kinds::PRODUCT => (
            "t.name, coalesce(t.sku, t.description), p.unit_amount, p.currency, iif(t.active = 1, 'active', 'inactive'),
             NULL, NULL, NULL, NULL",
            "LEFT JOIN price p ON p.id = coalesce(t.default_price, (SELECT o.id FROM price o WHERE o.product = t.id
               AND o.deleted = 0 ORDER BY o.active DESC, o.created DESC LIMIT 1))",
        ),
        kinds::PRICE => (
            "q.name, coalesce(t.lookup_key, t.nickname), t.unit_amount, t.currency,
             iif(t.active = 1, 'active', 'inactive'), NULL, NULL, NULL, NULL",
            "LEFT JOIN product q ON q.id = t.product",
        ),
        kinds::SUBSCRIPTION => (
            "coalesce(c.name, c.email), (SELECT q.name FROM subscription_item i JOIN price p ON p.id = i.price
               JOIN product q ON q.id = p.product WHERE i.subscription = t.id AND i.deleted = 0 LIMIT 1),
             NULL, t.currency, t.status, NULL, NULL, NULL, NULL",
            "LEFT JOIN customer c ON c.id = t.customer",
        ),
        kinds::SUBSCRIPTION_ITEM => (
            "q.name, t.quantity, p.unit_amount, p.currency, NULL, NULL, NULL, NULL, NULL",
            "LEFT JOIN price p ON p.id = t.price LEFT JOIN product q ON q.id = p.product",
        ),
        kinds::CHECKOUT_SESSION => (
            "coalesce(c.name, c.email), t.mode, t.amount_total, t.currency, t.status, NULL, NULL, t.sale_id,
             t.payment_intent",
            "LEFT JOIN customer c ON c.id = t.customer",
        ),
        kinds::CREDIT_NOTE => (
            "coalesce(c.name, c.email), t.number, t.total, t.currency, t.status, NULL, NULL, NULL, NULL",
            "LEFT JOIN customer c ON c.id = t.customer",
        ),
        kinds::PAYMENT_METHOD => (
            "coalesce(c.name, c.email), t.type, NULL, NULL, NULL, t.brand, t.last4, NULL, NULL",
            "LEFT JOIN customer c ON c.id = t.customer",
        ),
        kinds::SETUP_INTENT => (
            "coalesce(c.name, c.email), t.usage, NULL, NULL, t.status, NULL, NULL, NULL, NULL",
            "LEFT JOIN customer c ON c.id = t.customer",
        ),
        _ => (plain(kind), ""),
    }
}

/// The same of what stands alone.
const fn plain(kind: KindId) -> &'static str {
    match kind {
        kinds::BALANCE_TRANSACTION => {
            "NULL, coalesce(t.description, t.type), t.amount, t.currency, t.status, NULL, NULL, NULL, NULL"
        }
        kinds::PAYOUT => "NULL, NULL, t.amount, t.currency, t.status, NULL, NULL, NULL, NULL",
        kinds::INVOICE_LINE => "NULL, t.description, t.amount, t.currency, NULL, NULL, NULL, NULL, NULL",
        kinds::INVOICE_ITEM => "NULL, t.description, t.amount, t.currency, NULL, NULL, NULL, NULL, NULL",
        kinds::INVOICE_PAYMENT => {
            "NULL, NULL, t.amount_paid, t.currency, t.status, NULL, NULL, NULL, t.payment_intent"
        }
        kinds::PAYMENT_LINK => {
            "NULL, NULL, NULL, t.currency, iif(t.active = 1, 'active', 'inactive'), NULL, NULL, NULL, NULL"
        }
        kinds::READER => "t.label, t.device_type, NULL, NULL, t.status, NULL, NULL, NULL, NULL",
        kinds::LOCATION => "t.display_name, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
        kinds::TAX_RATE => {
            "t.display_name, t.percentage, NULL, NULL, iif(t.active = 1, 'active', 'inactive'), NULL, NULL, NULL, NULL"
        }
        kinds::COUPON => "t.name, t.percent_off, t.amount_off, t.currency, NULL, NULL, NULL, NULL, NULL",
        kinds::PROMOTION_CODE => {
            "t.code, t.coupon, NULL, NULL, iif(t.active = 1, 'active', 'inactive'), NULL, NULL, NULL, NULL"
        }
        kinds::ACCOUNT => "t.display_name, t.country, NULL, t.default_currency, NULL, NULL, NULL, NULL, NULL",
        kinds::EVENT => "NULL, t.type, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
        _ => "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
    }
}

/// The statement that reads a line, by id.
pub(crate) fn select(kind: KindId) -> String {
    let (columns, joins) = parts(kind);
    let object = if kind == kinds::OTHER { "t.object" } else { "NULL" };
    format!(
        "SELECT t.deleted, t.created, {object}, {columns} FROM {} t {joins} WHERE t.id = ?1",
        kind.kind().table
    )
}

/// A record's line and whether it is a tombstone; nothing where it was never here.
pub(crate) fn line(
    connection: &Connection,
    kind: KindId,
    id: &str,
) -> Result<Option<(Hit, bool)>, MirrorError> {
    let of = |row: &Row<'_>| {
        let is_deleted: bool = row.get(0)?;
        let object: Option<String> = row.get(2)?;
        let text = |at| -> rusqlite::Result<Option<String>> {
            Ok(match row.get::<_, rusqlite::types::Value>(at)? {
                rusqlite::types::Value::Text(text) => Some(text),
                rusqlite::types::Value::Integer(number) => Some(number.to_string()),
                _ => None,
            })
        };
        let hit = Hit {
            object: object.unwrap_or_else(|| kind.kind().object.to_owned()),
            id: id.to_owned(),
            created: Some(row.get(1)?).filter(|second| *second > 0),
            title: text(3)?,
            detail: text(4)?,
            amount: row.get(5)?,
            currency: text(6)?,
            // What is gone is in no state.
            status: text(7)?.filter(|_| !is_deleted),
            brand: text(8)?,
            last4: text(9)?,
            sale_id: text(10)?,
            payment_intent: text(11)?,
        };
        Ok((hit, is_deleted))
    };
    Ok(connection.prepare_cached(&select(kind))?.query_row([id], of).optional()?)
}

/// The line of a record that is there.
pub(crate) fn hit(connection: &Connection, kind: KindId, id: &str) -> Result<Option<Hit>, MirrorError> {
    Ok(line(connection, kind, id)?.and_then(|(hit, is_deleted)| (!is_deleted).then_some(hit)))
}
