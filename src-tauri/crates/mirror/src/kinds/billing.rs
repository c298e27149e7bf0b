//! What is asked for over time: subscriptions, invoices and what belongs to them.

use crate::kind::{Kind, Listing, flag, int, text};

pub(super) const SUBSCRIPTION: Kind = Kind {
    object: "subscription",
    list: "subscriptions",
    table: "subscription",
    listing: Listing::Ranged,
    query: &[("status", "all")],
    columns: &[
        text("status", &["status"]).audited(),
        text("customer", &["customer"]).audited(),
        text("currency", &["currency"]),
        flag("cancel_at_period_end", &["cancel_at_period_end"]),
        int("cancel_at", &["cancel_at"]),
        int("canceled_at", &["canceled_at"]),
        int("start_date", &["start_date"]),
        text("latest_invoice", &["latest_invoice"]),
        text("collection_method", &["collection_method"]),
    ],
};

pub(super) const SUBSCRIPTION_ITEM: Kind = Kind {
    object: "subscription_item",
    list: "",
    table: "subscription_item",
    listing: Listing::None,
    query: &[],
    columns: &[
        text("subscription", &["subscription"]).audited(),
        text("price", &["price.id", "price"]).audited(),
        int("quantity", &["quantity"]).audited(),
        int("current_period_start", &["current_period_start"]),
        int("current_period_end", &["current_period_end"]),
    ],
};

pub(super) const INVOICE: Kind = Kind {
    object: "invoice",
    list: "invoices",
    table: "invoice",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("status", &["status"]).audited(),
        text("number", &["number"]).audited(),
        text("customer", &["customer"]).audited(),
        text("customer_name", &["customer_name"]),
        text("customer_email", &["customer_email"]),
        text("currency", &["currency"]).audited(),
        int("total", &["total"]).audited(),
        int("amount_due", &["amount_due"]).audited(),
        int("amount_paid", &["amount_paid"]).audited(),
        int("amount_remaining", &["amount_remaining"]).audited(),
        int("due_date", &["due_date"]),
        text("subscription", &["parent.subscription_details.subscription", "subscription"]),
    ],
};

pub(super) const INVOICE_LINE: Kind = Kind {
    object: "line_item",
    list: "",
    table: "invoice_line",
    listing: Listing::None,
    query: &[],
    columns: &[
        text("invoice", &["invoice"]).audited(),
        int("amount", &["amount"]).audited(),
        text("currency", &["currency"]),
        int("quantity", &["quantity"]),
        text("description", &["description"]),
    ],
};

pub(super) const INVOICE_PAYMENT: Kind = Kind {
    object: "invoice_payment",
    list: "invoice_payments",
    table: "invoice_payment",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("invoice", &["invoice"]).audited(),
        text("status", &["status"]).audited(),
        int("amount_paid", &["amount_paid"]).audited(),
        text("currency", &["currency"]),
        text("payment_intent", &["payment.payment_intent"]),
    ],
};

pub(super) const INVOICE_ITEM: Kind = Kind {
    object: "invoiceitem",
    list: "invoiceitems",
    table: "invoice_item",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("customer", &["customer"]),
        text("invoice", &["invoice"]),
        int("amount", &["amount"]).audited(),
        text("currency", &["currency"]),
        text("description", &["description"]),
    ],
};

pub(super) const CREDIT_NOTE: Kind = Kind {
    object: "credit_note",
    list: "credit_notes",
    table: "credit_note",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("status", &["status"]).audited(),
        text("number", &["number"]),
        text("invoice", &["invoice"]).audited(),
        text("customer", &["customer"]),
        text("currency", &["currency"]),
        int("total", &["total"]).audited(),
    ],
};
