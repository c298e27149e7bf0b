//! The catalogue of resources: which lists Stripe has, and which of their fields get a column. The tables themselves are
//! in the store's `migrations/mirror`; a test holds the two together.

use crate::kind::{Kind, KindId, Listing, flag, int, number, text};

/// `account`
pub const ACCOUNT: KindId = KindId(0);
/// `product`
pub const PRODUCT: KindId = KindId(1);
/// `price`
pub const PRICE: KindId = KindId(2);
/// `terminal.location`
pub const LOCATION: KindId = KindId(3);
/// `terminal.reader`
pub const READER: KindId = KindId(4);
/// `tax_rate`
pub const TAX_RATE: KindId = KindId(5);
/// `coupon`
pub const COUPON: KindId = KindId(6);
/// `promotion_code`
pub const PROMOTION_CODE: KindId = KindId(7);
/// `customer`
pub const CUSTOMER: KindId = KindId(8);
/// `payment_intent`
pub const PAYMENT_INTENT: KindId = KindId(9);
/// `charge`
pub const CHARGE: KindId = KindId(10);
/// `refund`
pub const REFUND: KindId = KindId(11);
/// `balance_transaction`
pub const BALANCE_TRANSACTION: KindId = KindId(12);
/// `dispute`
pub const DISPUTE: KindId = KindId(13);
/// `payout`
pub const PAYOUT: KindId = KindId(14);
/// `checkout.session`
pub const CHECKOUT_SESSION: KindId = KindId(15);
/// `payment_link`
pub const PAYMENT_LINK: KindId = KindId(16);
/// `subscription`
pub const SUBSCRIPTION: KindId = KindId(17);
/// `subscription_item`
pub const SUBSCRIPTION_ITEM: KindId = KindId(18);
/// `invoice`
pub const INVOICE: KindId = KindId(19);
/// `line_item`
pub const INVOICE_LINE: KindId = KindId(20);
/// `invoice_payment`
pub const INVOICE_PAYMENT: KindId = KindId(21);
/// `invoiceitem`
pub const INVOICE_ITEM: KindId = KindId(22);
/// `credit_note`
pub const CREDIT_NOTE: KindId = KindId(23);
/// `setup_intent`
pub const SETUP_INTENT: KindId = KindId(24);
/// `payment_method`
pub const PAYMENT_METHOD: KindId = KindId(25);
/// `event`
pub const EVENT: KindId = KindId(26);
/// `anything else`
pub const OTHER: KindId = KindId(27);

/// Every kind, in the order of the constants above. The last one takes what is known to none of the others.
pub const ALL: &[Kind] = &[
    Kind {
        object: "account",
        list: "",
        table: "account",
        listing: Listing::None,
        query: &[],
        columns: &[
            text("country", &["country"]),
            text("default_currency", &["default_currency"]),
            text("display_name", &["settings.dashboard.display_name", "business_profile.name"]),
        ],
    },
    Kind {
        object: "product",
        list: "products",
        table: "product",
        listing: Listing::Ranged,
        query: &[],
        columns: &[
            text("name", &["name"]).audited(),
            text("description", &["description"]),
            flag("active", &["active"]).audited(),
            text("default_price", &["default_price"]),
            text("category", &["metadata.category"]),
            text("sku", &["metadata.sku"]),
            text("barcode", &["metadata.barcode"]),
            text("colour", &["metadata.colour"]),
            text("tax_code", &["tax_code"]),
            int("updated", &["updated"]),
        ],
    },
    Kind {
        object: "price",
        list: "prices",
        table: "price",
        listing: Listing::Ranged,
        query: &[],
        columns: &[
            text("product", &["product"]).audited(),
            flag("active", &["active"]).audited(),
            text("currency", &["currency"]).audited(),
            int("unit_amount", &["unit_amount"]).audited(),
            text("lookup_key", &["lookup_key"]).audited(),
            text("nickname", &["nickname"]),
            text("type", &["type"]),
            text("billing_scheme", &["billing_scheme"]),
            text("tax_behavior", &["tax_behavior"]),
            text("recurring_interval", &["recurring.interval"]),
        ],
    },
    Kind {
        object: "terminal.location",
        list: "terminal/locations",
        table: "terminal_location",
        listing: Listing::Plain,
        query: &[],
        columns: &[text("display_name", &["display_name"])],
    },
    Kind {
        object: "terminal.reader",
        list: "terminal/readers",
        table: "terminal_reader",
        listing: Listing::Plain,
        query: &[],
        columns: &[
            text("label", &["label"]),
            text("status", &["status"]),
            text("device_type", &["device_type"]),
            text("location", &["location"]),
            text("serial_number", &["serial_number"]),
            int("last_seen_at", &["last_seen_at"]),
            text("action_type", &["action.type"]),
            text("action_status", &["action.status"]),
            text(
                "action_payment_intent",
                &[
                    "action.process_payment_intent.payment_intent",
                    "action.confirm_payment_intent.payment_intent",
                    "action.collect_payment_method.payment_intent",
                ],
            ),
            text("action_failure_code", &["action.failure_code"]),
        ],
    },
    Kind {
        object: "tax_rate",
        list: "tax_rates",
        table: "tax_rate",
        listing: Listing::Ranged,
        query: &[],
        columns: &[
            text("display_name", &["display_name"]),
            number("percentage", &["percentage"]).audited(),
            flag("inclusive", &["inclusive"]).audited(),
            flag("active", &["active"]).audited(),
            text("country", &["country"]),
        ],
    },
    Kind {
        object: "coupon",
        list: "coupons",
        table: "coupon",
        listing: Listing::Ranged,
        query: &[],
        columns: &[
            text("name", &["name"]),
            int("amount_off", &["amount_off"]).audited(),
            number("percent_off", &["percent_off"]).audited(),
            text("currency", &["currency"]),
            text("duration", &["duration"]),
            flag("valid", &["valid"]).audited(),
            int("redeem_by", &["redeem_by"]),
        ],
    },
    Kind {
        object: "promotion_code",
        list: "promotion_codes",
        table: "promotion_code",
        listing: Listing::Ranged,
        query: &[],
        columns: &[
            text("code", &["code"]),
            text("coupon", &["promotion.coupon", "coupon", "coupon.id"]),
            flag("active", &["active"]).audited(),
            text("customer", &["customer"]),
            int("expires_at", &["expires_at"]),
        ],
    },
    Kind {
        object: "customer",
        list: "customers",
        table: "customer",
        listing: Listing::Ranged,
        query: &[],
        columns: &[
            text("name", &["name"]),
            text("email", &["email"]),
            text("phone", &["phone"]),
            text("description", &["description"]),
            text("currency", &["currency"]),
            int("balance", &["balance"]).audited(),
            flag("delinquent", &["delinquent"]),
        ],
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
        object: "payment_link",
        list: "payment_links",
        table: "payment_link",
        listing: Listing::Plain,
        query: &[],
        columns: &[flag("active", &["active"]).audited(), text("currency", &["currency"])],
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
        object: "event",
        list: "events",
        table: "event",
        listing: Listing::Ranged,
        query: &[],
        columns: &[
            text("type", &["type"]),
            text("api_version", &["api_version"]),
            text("object_id", &["data.object.id"]),
            text("object", &["data.object.object"]),
        ],
    },
    Kind {
        object: "",
        list: "",
        table: "other_object",
        listing: Listing::None,
        query: &[],
        columns: &[text("object", &["object"])],
    },
];
