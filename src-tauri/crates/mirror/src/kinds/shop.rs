//! What is sold, where and to whom: the account, the catalogue, readers, customers.

use crate::kind::{Kind, Listing, Means, flag, int, money, number, state, text, time};
use crate::kinds;

pub(super) const ACCOUNT: Kind = Kind {
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
};

pub(super) const PRODUCT: Kind = Kind {
    object: "product",
    list: "products",
    table: "product",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("name", &["name"]).audited(),
        text("description", &["description"]),
        flag("active", &["active"]).audited(),
        text("default_price", &["default_price"]).refers(kinds::PRICE),
        text("category", &["metadata.category"]),
        text("sku", &["metadata.sku"]).audited(),
        text("barcode", &["metadata.barcode"]).audited(),
        text("colour", &["metadata.colour"]),
        text("tax_code", &["tax_code"]),
        time("updated", &["updated"]),
    ],
};

pub(super) const PRICE: Kind = Kind {
    object: "price",
    list: "prices",
    table: "price",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("product", &["product"]).refers(kinds::PRODUCT).audited(),
        flag("active", &["active"]).audited(),
        text("currency", &["currency"]).audited(),
        money("unit_amount", &["unit_amount"]).audited(),
        text("lookup_key", &["lookup_key"]).audited(),
        text("nickname", &["nickname"]),
        text("type", &["type"]),
        text("billing_scheme", &["billing_scheme"]),
        text("tax_behavior", &["tax_behavior"]),
        text("recurring_interval", &["recurring.interval"]),
    ],
};

pub(super) const LOCATION: Kind = Kind {
    object: "terminal.location",
    list: "terminal/locations",
    table: "terminal_location",
    listing: Listing::Plain,
    query: &[],
    columns: &[text("display_name", &["display_name"])],
};

pub(super) const READER: Kind = Kind {
    object: "terminal.reader",
    list: "terminal/readers",
    table: "terminal_reader",
    listing: Listing::Plain,
    query: &[],
    columns: &[
        text("label", &["label"]),
        state("status", &["status"]),
        text("device_type", &["device_type"]),
        text("location", &["location"]).refers(kinds::LOCATION),
        text("serial_number", &["serial_number"]),
        int("last_seen_at", &["last_seen_at"]).means(Means::TimeMs),
        text("action_type", &["action.type"]),
        state("action_status", &["action.status"]),
        text(
            "action_payment_intent",
            &[
                "action.process_payment_intent.payment_intent",
                "action.confirm_payment_intent.payment_intent",
                "action.collect_payment_method.payment_intent",
            ],
        )
        .refers(kinds::PAYMENT_INTENT),
        text("action_failure_code", &["action.failure_code"]),
    ],
};

pub(super) const TAX_RATE: Kind = Kind {
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
};

pub(super) const COUPON: Kind = Kind {
    object: "coupon",
    list: "coupons",
    table: "coupon",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("name", &["name"]),
        money("amount_off", &["amount_off"]).audited(),
        number("percent_off", &["percent_off"]).audited(),
        text("currency", &["currency"]),
        text("duration", &["duration"]),
        flag("valid", &["valid"]).audited(),
        time("redeem_by", &["redeem_by"]),
    ],
};

pub(super) const PROMOTION_CODE: Kind = Kind {
    object: "promotion_code",
    list: "promotion_codes",
    table: "promotion_code",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("code", &["code"]),
        text("coupon", &["promotion.coupon", "coupon", "coupon.id"]).refers(kinds::COUPON),
        flag("active", &["active"]).audited(),
        text("customer", &["customer"]).refers(kinds::CUSTOMER),
        time("expires_at", &["expires_at"]),
    ],
};

pub(super) const CUSTOMER: Kind = Kind {
    object: "customer",
    list: "customers",
    table: "customer",
    listing: Listing::Ranged,
    query: &[],
    columns: &[
        text("name", &["name"]).audited(),
        text("email", &["email"]).audited(),
        text("phone", &["phone"]).audited(),
        text("description", &["description"]),
        text("currency", &["currency"]),
        money("balance", &["balance"]).audited(),
        flag("delinquent", &["delinquent"]),
    ],
};
