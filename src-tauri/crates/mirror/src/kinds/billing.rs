//! What is asked for over time: subscriptions, invoices and what belongs to them.

use crate::kind::{Kind, Listing, flag, int, money, state, text, time};
use crate::kinds;

pub(super) const SUBSCRIPTION: Kind = Kind {
    object: "subscription",
    list: "subscriptions",
    table: "subscription",
    listing: Listing::Ranged,
    query: &[("status", "all")],
    columns: &[
        state("status", &["status"]).audited(),
        text("customer", &["customer"]).refers(kinds::CUSTOMER).audited(),
        text("currency", &["currency"]),
        flag("cancel_at_period_end", &["cancel_at_period_end"]),
        time("cancel_at", &["cancel_at"]),
        time("canceled_at", &["canceled_at"]),
        time("start_date", &["start_date"]),
        text("latest_invoice", &["latest_invoice"]).refers(kinds::INVOICE),
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
        text("subscription", &["subscription"]).refers(kinds::SUBSCRIPTION).audited(),
        text("price", &["price.id", "price"]).refers(kinds::PRICE).audited(),
        int("quantity", &["quantity"]).audited(),
        time("current_period_start", &["current_period_start"]),
        time("current_period_end", &["current_period_end"]),
    ],
};

pub(super) const INVOICE: Kind = Kind {
    object: "invoice",
    list: "invoices",
    table: "invoice",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        state("status", &["status"]).audited(),
        text("number", &["number"]).audited(),
        text("customer", &["customer"]).refers(kinds::CUSTOMER).audited(),
        text("customer_name", &["customer_name"]),
        text("customer_email", &["customer_email"]),
        text("currency", &["currency"]).audited(),
        money("total", &["total"]).audited(),
        money("amount_due", &["amount_due"]).audited(),
        money("amount_paid", &["amount_paid"]).audited(),
        money("amount_remaining", &["amount_remaining"]).audited(),
        time("due_date", &["due_date"]),
        text("subscription", &["parent.subscription_details.subscription", "subscription"])
            .refers(kinds::SUBSCRIPTION),
    ],
};

pub(super) const INVOICE_LINE: Kind = Kind {
    object: "line_item",
    list: "",
    table: "invoice_line",
    listing: Listing::None,
    query: &[],
    columns: &[
        text("invoice", &["invoice"]).refers(kinds::INVOICE).audited(),
        money("amount", &["amount"]).audited(),
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
        text("invoice", &["invoice"]).refers(kinds::INVOICE).audited(),
        state("status", &["status"]).audited(),
        money("amount_paid", &["amount_paid"]).audited(),
        text("currency", &["currency"]),
        text("payment_intent", &["payment.payment_intent"]).refers(kinds::PAYMENT_INTENT),
    ],
};

pub(super) const INVOICE_ITEM: Kind = Kind {
    object: "invoiceitem",
    list: "invoiceitems",
    table: "invoice_item",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("customer", &["customer"]).refers(kinds::CUSTOMER),
        text("invoice", &["invoice"]).refers(kinds::INVOICE),
        money("amount", &["amount"]).audited(),
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
        state("status", &["status"]).audited(),
        text("number", &["number"]),
        text("invoice", &["invoice"]).refers(kinds::INVOICE).audited(),
        text("customer", &["customer"]).refers(kinds::CUSTOMER),
        text("currency", &["currency"]),
        money("total", &["total"]).audited(),
    ],
};
