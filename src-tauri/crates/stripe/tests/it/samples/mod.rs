//! Every request the crate can make, with every parameter it knows filled in.

mod billing;
mod counter;
mod goods;
mod invoicing;
mod pages;
mod payments;
mod reads;

pub use reads::queries;
use serde_json::json;
use tillbook_stripe::common::{Address, Created, Discount, OrUnset, Paging, Percent, Shipping};
use tillbook_stripe::{
    Metadata, Prepared, Query, Unsendable, account, balance, charges, checkout, coupons, credit_notes,
    customers, disputes, events, invoice_items, invoices, payment_intents, payment_links, payment_methods,
    payouts, prices, products, refunds, setup_intents, subscription_items, subscriptions, tax_rates,
    terminal, test_helpers,
};

pub fn posts() -> Result<Vec<Prepared>, Unsendable> {
    Ok([
        payments::intents()?,
        payments::refunds_and_charges()?,
        payments::setups_and_disputes()?,
        goods::people()?,
        goods::product()?,
        goods::price()?,
        goods::discounts_and_taxes()?,
        pages::sessions()?,
        pages::links()?,
        billing::new_subscription()?,
        billing::changed_subscription()?,
        billing::pauses_and_items()?,
        invoicing::invoice()?,
        invoicing::steps_of_an_invoice()?,
        invoicing::items_of_an_invoice()?,
        invoicing::credits()?,
        counter::places()?,
        counter::readers()?,
        counter::helpers()?,
    ]
    .concat())
}

pub const K: &str = "key-1";

pub fn s(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub fn page() -> Paging {
    Paging {
        limit: Some(100),
        starting_after: s("x_1"),
        ending_before: s("x_2"),
        expand: vec!["data.customer".into()],
    }
}

pub fn created() -> Option<Created> {
    Some(Created { gt: Some(1), gte: Some(2), lt: Some(3), lte: Some(4) })
}

pub fn meta(keys: &[&str]) -> Metadata {
    keys.iter().map(|key| (*key, "1")).collect()
}

pub fn payment_metadata() -> Metadata {
    meta(&[
        "workspace_id",
        "user_id",
        "purpose",
        "sale_id",
        "attempt_id",
        "till_id",
        "journal_seq",
        "journal_head",
    ])
}

pub fn refund_metadata() -> Metadata {
    meta(&[
        "refunded_by",
        "approved_by",
        "reason_detail",
        "refund_attempt_id",
        "sale_id",
        "till_id",
        "journal_seq",
        "journal_head",
    ])
}

pub fn note() -> Metadata {
    meta(&["note"])
}

pub fn address() -> Option<Address> {
    Some(Address {
        line1: s("1 Rd"),
        line2: s("2nd floor"),
        city: s("X"),
        state: s("CA"),
        postal_code: s("94000"),
        country: s("US"),
    })
}

pub fn shipping() -> Option<Shipping> {
    Some(Shipping { name: s("A"), phone: s("+1555"), address: address() })
}

pub fn discount() -> Vec<Discount> {
    vec![Discount { coupon: s("c"), promotion_code: s("promo_1") }]
}
