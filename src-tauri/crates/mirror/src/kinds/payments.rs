//! What moves money, and what Stripe says of it: payments, refunds, the balance, disputes, payouts.

use crate::kind::{Kind, Listing, flag, int, number, text};

pub(super) const PAYMENT_INTENT: Kind = Kind {
    object: "payment_intent",
    list: "payment_intents",
    table: "payment_intent",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("status", &["status"]).audited(),
        int("amount", &["amount"]).audited(),
        int("amount_received", &["amount_received"]).audited(),
        int("amount_capturable", &["amount_capturable"]).audited(),
        text("currency", &["currency"]).audited(),
        text("customer", &["customer"]),
        text("latest_charge", &["latest_charge"]),
        text("payment_method", &["payment_method"]),
        text("description", &["description"]),
        int("canceled_at", &["canceled_at"]),
        text("error_code", &["last_payment_error.code"]),
        text("decline_code", &["last_payment_error.decline_code"]),
        text("attempt_id", &["metadata.attempt_id"]).first(),
        text("sale_id", &["metadata.sale_id"]).first(),
        text("till_id", &["metadata.till_id"]).first(),
        text("journal_seq", &["metadata.journal_seq"]).first(),
        text("journal_head", &["metadata.journal_head"]).first(),
    ],
};

pub(super) const CHARGE: Kind = Kind {
    object: "charge",
    list: "charges",
    table: "charge",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("status", &["status"]).audited(),
        int("amount", &["amount"]).audited(),
        int("amount_captured", &["amount_captured"]).audited(),
        int("amount_refunded", &["amount_refunded"]).audited(),
        text("currency", &["currency"]).audited(),
        text("customer", &["customer"]),
        text("payment_intent", &["payment_intent"]).audited(),
        text("balance_transaction", &["balance_transaction"]),
        text("payment_method", &["payment_method"]),
        flag("paid", &["paid"]).audited(),
        flag("captured", &["captured"]).audited(),
        flag("refunded", &["refunded"]).audited(),
        flag("disputed", &["disputed"]).audited(),
        text("method_type", &["payment_method_details.type"]),
        text(
            "brand",
            &[
                "payment_method_details.card.brand",
                "payment_method_details.card_present.brand",
                "payment_method_details.interac_present.brand",
            ],
        ),
        text(
            "last4",
            &[
                "payment_method_details.card.last4",
                "payment_method_details.card_present.last4",
                "payment_method_details.interac_present.last4",
            ],
        ),
        text("failure_code", &["failure_code"]),
        text("description", &["description"]),
    ],
};

pub(super) const REFUND: Kind = Kind {
    object: "refund",
    list: "refunds",
    table: "refund",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("status", &["status"]).audited(),
        int("amount", &["amount"]).audited(),
        text("currency", &["currency"]).audited(),
        text("charge", &["charge"]).audited(),
        text("payment_intent", &["payment_intent"]).audited(),
        text("balance_transaction", &["balance_transaction"]),
        text("reason", &["reason"]),
        text("failure_reason", &["failure_reason"]),
        text("refund_attempt_id", &["metadata.refund_attempt_id"]).first(),
        text("sale_id", &["metadata.sale_id"]).first(),
        text("till_id", &["metadata.till_id"]).first(),
        text("journal_seq", &["metadata.journal_seq"]).first(),
        text("journal_head", &["metadata.journal_head"]).first(),
    ],
};

pub(super) const BALANCE_TRANSACTION: Kind = Kind {
    object: "balance_transaction",
    list: "balance_transactions",
    table: "balance_transaction",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        int("amount", &["amount"]).audited(),
        int("fee", &["fee"]).audited(),
        int("net", &["net"]).audited(),
        text("currency", &["currency"]).audited(),
        text("type", &["type"]).audited(),
        text("reporting_category", &["reporting_category"]),
        text("status", &["status"]),
        int("available_on", &["available_on"]),
        text("source", &["source"]).audited(),
        text("description", &["description"]),
        number("exchange_rate", &["exchange_rate"]),
    ],
};

pub(super) const DISPUTE: Kind = Kind {
    object: "dispute",
    list: "disputes",
    table: "dispute",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("status", &["status"]).audited(),
        int("amount", &["amount"]).audited(),
        text("currency", &["currency"]).audited(),
        text("charge", &["charge"]).audited(),
        text("payment_intent", &["payment_intent"]),
        text("reason", &["reason"]),
        int("due_by", &["evidence_details.due_by"]),
    ],
};

pub(super) const PAYOUT: Kind = Kind {
    object: "payout",
    list: "payouts",
    table: "payout",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("status", &["status"]).audited(),
        int("amount", &["amount"]).audited(),
        text("currency", &["currency"]).audited(),
        int("arrival_date", &["arrival_date"]),
        text("balance_transaction", &["balance_transaction"]),
        flag("automatic", &["automatic"]),
        text("destination", &["destination"]),
        text("failure_code", &["failure_code"]),
    ],
};

pub(super) const CHECKOUT_SESSION: Kind = Kind {
    object: "checkout.session",
    list: "checkout/sessions",
    table: "checkout_session",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("status", &["status"]).audited(),
        text("payment_status", &["payment_status"]).audited(),
        text("mode", &["mode"]),
        int("amount_total", &["amount_total"]).audited(),
        text("currency", &["currency"]).audited(),
        text("customer", &["customer"]),
        text("payment_intent", &["payment_intent"]),
        text("subscription", &["subscription"]),
        text("payment_link", &["payment_link"]),
        int("expires_at", &["expires_at"]),
        text("attempt_id", &["metadata.attempt_id"]).first(),
        text("sale_id", &["metadata.sale_id"]).first(),
    ],
};

pub(super) const PAYMENT_LINK: Kind = Kind {
    object: "payment_link",
    list: "payment_links",
    table: "payment_link",
    listing: Listing::Plain,
    query: &[],
    columns: &[flag("active", &["active"]).audited(), text("currency", &["currency"])],
};

pub(super) const SETUP_INTENT: Kind = Kind {
    object: "setup_intent",
    list: "setup_intents",
    table: "setup_intent",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("status", &["status"]).audited(),
        text("customer", &["customer"]),
        text("payment_method", &["payment_method"]),
        text("usage", &["usage"]),
    ],
};

pub(super) const PAYMENT_METHOD: Kind = Kind {
    object: "payment_method",
    list: "",
    table: "payment_method",
    listing: Listing::None,
    query: &[],
    columns: &[
        text("type", &["type"]),
        text("customer", &["customer"]).audited(),
        text("brand", &["card.brand", "card_present.brand"]),
        text("last4", &["card.last4", "card_present.last4"]),
        int("exp_month", &["card.exp_month", "card_present.exp_month"]),
        int("exp_year", &["card.exp_year", "card_present.exp_year"]),
    ],
};
