//! What moves money, and what Stripe says of it: payments, refunds, the balance, disputes, payouts.

use crate::kind::{Kind, Listing, Means, day, flag, int, money, number, state, text, time};
use crate::kinds;

pub(super) const PAYMENT_INTENT: Kind = Kind {
    object: "payment_intent",
    list: "payment_intents",
    table: "payment_intent",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        state("status", &["status"]).audited(),
        money("amount", &["amount"]).audited(),
        money("amount_received", &["amount_received"]).audited(),
        money("amount_capturable", &["amount_capturable"]).audited(),
        text("currency", &["currency"]).audited(),
        text("customer", &["customer"]).refers(kinds::CUSTOMER),
        text("latest_charge", &["latest_charge"]).refers(kinds::CHARGE),
        text("payment_method", &["payment_method"]).refers(kinds::PAYMENT_METHOD),
        text("description", &["description"]),
        time("canceled_at", &["canceled_at"]),
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
        state("status", &["status"]).audited(),
        money("amount", &["amount"]).audited(),
        money("amount_captured", &["amount_captured"]).audited(),
        money("amount_refunded", &["amount_refunded"]).audited(),
        text("currency", &["currency"]).audited(),
        text("customer", &["customer"]).refers(kinds::CUSTOMER),
        text("payment_intent", &["payment_intent"]).refers(kinds::PAYMENT_INTENT).audited(),
        text("balance_transaction", &["balance_transaction"]).refers(kinds::BALANCE_TRANSACTION),
        text("payment_method", &["payment_method"]).refers(kinds::PAYMENT_METHOD),
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
        state("status", &["status"]).audited(),
        money("amount", &["amount"]).audited(),
        text("currency", &["currency"]).audited(),
        text("charge", &["charge"]).refers(kinds::CHARGE).audited(),
        text("payment_intent", &["payment_intent"]).refers(kinds::PAYMENT_INTENT).audited(),
        text("balance_transaction", &["balance_transaction"]).refers(kinds::BALANCE_TRANSACTION),
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
        money("amount", &["amount"]).audited(),
        money("fee", &["fee"]).audited(),
        money("net", &["net"]).audited(),
        text("currency", &["currency"]).audited(),
        text("type", &["type"]).audited(),
        text("reporting_category", &["reporting_category"]),
        state("status", &["status"]),
        day("available_on", &["available_on"]),
        text("source", &["source"]).means(Means::AnyReference).audited(),
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
        state("status", &["status"]).audited(),
        money("amount", &["amount"]).audited(),
        text("currency", &["currency"]).audited(),
        text("charge", &["charge"]).refers(kinds::CHARGE).audited(),
        text("payment_intent", &["payment_intent"]).refers(kinds::PAYMENT_INTENT),
        text("reason", &["reason"]),
        time("due_by", &["evidence_details.due_by"]),
    ],
};

pub(super) const PAYOUT: Kind = Kind {
    object: "payout",
    list: "payouts",
    table: "payout",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        state("status", &["status"]).audited(),
        money("amount", &["amount"]).audited(),
        text("currency", &["currency"]).audited(),
        day("arrival_date", &["arrival_date"]),
        text("balance_transaction", &["balance_transaction"]).refers(kinds::BALANCE_TRANSACTION),
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
        state("status", &["status"]).audited(),
        state("payment_status", &["payment_status"]).audited(),
        text("mode", &["mode"]),
        money("amount_total", &["amount_total"]).audited(),
        text("currency", &["currency"]).audited(),
        text("customer", &["customer"]).refers(kinds::CUSTOMER),
        text("payment_intent", &["payment_intent"]).refers(kinds::PAYMENT_INTENT),
        text("subscription", &["subscription"]).refers(kinds::SUBSCRIPTION),
        text("payment_link", &["payment_link"]).refers(kinds::PAYMENT_LINK),
        time("expires_at", &["expires_at"]),
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
        state("status", &["status"]).audited(),
        text("customer", &["customer"]).refers(kinds::CUSTOMER),
        text("payment_method", &["payment_method"]).refers(kinds::PAYMENT_METHOD),
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
        text("customer", &["customer"]).refers(kinds::CUSTOMER).audited(),
        text("brand", &["card.brand", "card_present.brand"]),
        text("last4", &["card.last4", "card_present.last4"]),
        int("exp_month", &["card.exp_month", "card_present.exp_month"]),
        int("exp_year", &["card.exp_year", "card_present.exp_year"]),
    ],
};
