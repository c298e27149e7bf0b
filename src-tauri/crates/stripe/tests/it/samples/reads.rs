//! Reads, and what is deleted.

use super::*;

/// Reads, and what is deleted.
pub fn queries() -> Result<Vec<(&'static str, Query)>, Unsendable> {
    Ok([retrieves()?, lists_to_events()?, lists_from_invoices()?, deletes()?].concat())
}

fn retrieves() -> Result<Vec<(&'static str, Query)>, Unsendable> {
    Ok([
        account::retrieve(),
        balance::retrieve(),
        balance::retrieve_transaction("txn_1")?,
        charges::retrieve("ch_1")?,
        checkout::retrieve("cs_1")?,
        checkout::line_items("cs_1", &page())?,
        coupons::retrieve_coupon("STAFF20")?,
        coupons::retrieve_promotion_code("promo_1")?,
        credit_notes::retrieve("cn_1")?,
        credit_notes::lines("cn_1", &page())?,
        customers::retrieve("cus_1")?,
        disputes::retrieve("dp_1")?,
        events::retrieve("evt_1")?,
        invoice_items::retrieve("ii_1")?,
        invoices::retrieve("in_1")?,
        invoices::lines("in_1", &page())?,
        payment_intents::retrieve("pi_1")?,
        payment_links::retrieve("plink_1")?,
        payment_links::line_items("plink_1", &page())?,
        payment_methods::retrieve("pm_1")?,
        payouts::retrieve("po_1")?,
        prices::retrieve("price_1")?,
        products::retrieve("prod_1")?,
        refunds::retrieve("re_1")?,
        setup_intents::retrieve("seti_1")?,
        subscription_items::retrieve("si_1")?,
        subscriptions::retrieve("sub_1")?,
        tax_rates::retrieve("txr_1")?,
        terminal::retrieve_location("tml_1")?,
        terminal::retrieve_reader("tmr_1")?,
        test_helpers::retrieve_clock("clock_1")?,
    ]
    .into_iter()
    .map(|query| ("get", query))
    .collect())
}

fn lists_to_events() -> Result<Vec<(&'static str, Query)>, Unsendable> {
    let (created, page) = (created(), page());
    let customer = s("cus_1");
    let queries = vec![
        balance::ListParams {
            created,
            currency: s("usd"),
            payout: s("po_1"),
            source: s("ch_1"),
            kind: s("charge"),
            page: page.clone(),
        }
        .query(),
        charges::ListParams {
            customer: customer.clone(),
            payment_intent: s("pi_1"),
            created,
            page: page.clone(),
        }
        .query(),
        checkout::ListParams {
            customer: customer.clone(),
            payment_intent: s("pi_1"),
            payment_link: s("plink_1"),
            subscription: s("sub_1"),
            status: s("open"),
            created,
            page: page.clone(),
        }
        .query(),
        coupons::ListCoupons { created, page: page.clone() }.query(),
        coupons::ListPromotionCodes {
            active: Some(true),
            code: s("HELLO"),
            coupon: s("STAFF20"),
            customer: customer.clone(),
            created,
            page: page.clone(),
        }
        .query(),
        credit_notes::ListParams {
            customer: customer.clone(),
            invoice: s("in_1"),
            created,
            page: page.clone(),
        }
        .query(),
        credit_notes::Create { invoice: "in_1".into(), amount: Some(5), ..Default::default() }.preview(),
        customers::ListParams {
            email: s("a@example.com"),
            created,
            test_clock: s("clock_1"),
            page: page.clone(),
        }
        .query(),
        customers::search_for_people("Zoë O'Neil", 10),
        disputes::ListParams { charge: s("ch_1"), payment_intent: s("pi_1"), created, page: page.clone() }
            .query(),
        events::ListParams {
            created,
            kind: s("charge.*"),
            types: vec!["charge.succeeded".into(), "refund.created".into()],
            page: page.clone(),
        }
        .query(),
    ];
    Ok(queries.into_iter().map(|query| ("get", query)).collect())
}

fn lists_from_invoices() -> Result<Vec<(&'static str, Query)>, Unsendable> {
    let (created, page) = (created(), page());
    let customer = s("cus_1");
    let queries = vec![
        invoice_items::ListParams {
            customer: customer.clone(),
            invoice: s("in_1"),
            pending: Some(true),
            created,
            page: page.clone(),
        }
        .query(),
        invoices::ListParams {
            customer: customer.clone(),
            subscription: s("sub_1"),
            status: s("open"),
            created,
            page: page.clone(),
        }
        .query(),
        invoices::ListPayments { invoice: s("in_1"), status: s("paid"), page: page.clone() }.query(),
        payment_intents::ListParams { customer: customer.clone(), created, page: page.clone() }.query(),
        payment_links::ListParams { active: Some(true), page: page.clone() }.query(),
        payment_methods::ListOfCustomer { kind: s("card"), page: page.clone() }.query("cus_1")?,
        payouts::ListParams { created, arrival_date: created, status: s("paid"), page: page.clone() }.query(),
        prices::ListParams {
            active: Some(true),
            currency: s("usd"),
            product: s("prod_1"),
            lookup_keys: vec!["tea".into()],
            kind: s("one_time"),
            created,
            page: page.clone(),
        }
        .query(),
        products::ListParams { active: Some(true), ids: vec!["prod_1".into()], created, page: page.clone() }
            .query(),
        refunds::ListParams { payment_intent: s("pi_1"), charge: s("ch_1"), created, page: page.clone() }
            .query(),
        setup_intents::ListParams {
            customer: customer.clone(),
            payment_method: s("pm_1"),
            created,
            page: page.clone(),
        }
        .query(),
        subscription_items::ListParams { subscription: "sub_1".into(), page: page.clone() }.query(),
        subscriptions::ListParams {
            customer,
            price: s("price_1"),
            status: s("all"),
            created,
            test_clock: s("clock_1"),
            page: page.clone(),
        }
        .query(),
        tax_rates::ListParams { active: Some(true), inclusive: Some(false), created, page: page.clone() }
            .query(),
        terminal::list_locations(&page),
        terminal::ListReaders { location: s("tml_1"), status: s("online"), page: page.clone() }.query(),
        test_helpers::list_clocks(&page),
    ];
    Ok(queries.into_iter().map(|query| ("get", query)).collect())
}

fn deletes() -> Result<Vec<(&'static str, Query)>, Unsendable> {
    let proration = Some(subscriptions::Proration::None);
    Ok([
        coupons::delete_coupon("STAFF20")?,
        customers::delete("cus_1")?,
        invoice_items::delete("ii_1")?,
        invoices::delete_draft("in_1")?,
        products::delete("prod_1")?,
        subscription_items::Delete { proration_behavior: proration, proration_date: Some(1) }
            .query("si_1")?,
        subscriptions::CancelNow {
            invoice_now: Some(true),
            prorate: Some(false),
            cancellation_details: Some(subscriptions::CancellationDetails {
                comment: s("c"),
                feedback: s("unused"),
            }),
        }
        .query("sub_1")?,
        terminal::delete_location("tml_1")?,
        terminal::delete_reader("tmr_1")?,
        test_helpers::delete_clock("clock_1")?,
    ]
    .into_iter()
    .map(|query| ("delete", query))
    .collect())
}
