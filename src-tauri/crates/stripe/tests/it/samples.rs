//! Every request the crate can make, with every parameter it knows filled in.

use serde_json::json;
use tillbook_stripe::common::{Address, Created, Discount, OrUnset, Paging, Percent, Shipping};
use tillbook_stripe::{
    Metadata, Prepared, Query, Unsendable, account, balance, charges, checkout, coupons, credit_notes,
    customers, disputes, events, invoice_items, invoices, payment_intents, payment_links, payment_methods,
    payouts, prices, products, refunds, setup_intents, subscription_items, subscriptions, tax_rates,
    terminal, test_helpers,
};

const K: &str = "key-1";

fn s(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn page() -> Paging {
    Paging {
        limit: Some(100),
        starting_after: s("x_1"),
        ending_before: s("x_2"),
        expand: vec!["data.customer".into()],
    }
}

fn created() -> Option<Created> {
    Some(Created { gt: Some(1), gte: Some(2), lt: Some(3), lte: Some(4) })
}

fn meta(keys: &[&str]) -> Metadata {
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

fn note() -> Metadata {
    meta(&["note"])
}

fn address() -> Option<Address> {
    Some(Address {
        line1: s("1 Rd"),
        line2: s("2nd floor"),
        city: s("X"),
        state: s("CA"),
        postal_code: s("94000"),
        country: s("US"),
    })
}

fn shipping() -> Option<Shipping> {
    Some(Shipping { name: s("A"), phone: s("+1555"), address: address() })
}

fn discount() -> Vec<Discount> {
    vec![Discount { coupon: s("c"), promotion_code: s("promo_1") }]
}

pub fn posts() -> Result<Vec<Prepared>, Unsendable> {
    Ok([payments()?, people_and_goods()?, pages()?, billing()?, at_the_counter()?].concat())
}

fn payments() -> Result<Vec<Prepared>, Unsendable> {
    let expand = vec!["latest_charge".to_owned()];
    Ok(vec![
        payment_intents::Create {
            amount: 1500,
            currency: "usd".into(),
            allowed_payment_method_types: vec!["card_present".into()],
            automatic_payment_methods: Some(payment_intents::AutomaticPaymentMethods {
                enabled: true,
                allow_redirects: s("never"),
            }),
            capture_method: Some(payment_intents::CaptureMethod::Automatic),
            customer: s("cus_1"),
            description: s("d"),
            metadata: payment_metadata(),
            payment_method: s("pm_1"),
            payment_method_options: Some(json!({"card": {"moto": true, "request_three_d_secure": "any"}})),
            receipt_email: s("a@example.com"),
            setup_future_usage: s("off_session"),
            shipping: shipping(),
            statement_descriptor_suffix: s("TILL"),
            expand: expand.clone(),
        }
        .prepare(K)?,
        payment_intents::Update {
            amount: Some(1),
            currency: s("usd"),
            customer: s("cus_1"),
            description: s("d"),
            metadata: note(),
            payment_method: s("pm_1"),
            receipt_email: s(""),
            setup_future_usage: s("on_session"),
            shipping: shipping(),
            expand: expand.clone(),
        }
        .prepare("pi_1", K)?,
        payment_intents::Confirm {
            payment_method: s("pm_1"),
            payment_method_options: Some(json!({"card": {"request_three_d_secure": "any"}})),
            off_session: Some(true),
            error_on_requires_action: Some(true),
            return_url: s("https://example.com"),
            receipt_email: s("a@example.com"),
            expand: expand.clone(),
        }
        .prepare("pi_1", K)?,
        payment_intents::Capture {
            amount_to_capture: Some(5),
            final_capture: Some(true),
            statement_descriptor_suffix: s("X"),
            expand: expand.clone(),
        }
        .prepare("pi_1", K)?,
        payment_intents::Cancel { cancellation_reason: s("abandoned"), expand: expand.clone() }
            .prepare("pi_1", K)?,
        charges::Update {
            customer: s("cus_1"),
            description: s("d"),
            metadata: note(),
            receipt_email: s("a@example.com"),
            shipping: shipping(),
            expand,
        }
        .prepare("ch_1", K)?,
        refunds::Create {
            payment_intent: s("pi_1"),
            amount: Some(5),
            reason: Some(refunds::Reason::RequestedByCustomer),
            metadata: refund_metadata(),
            expand: vec!["charge".into()],
            ..Default::default()
        }
        .prepare(K)?,
        refunds::Create { charge: s("ch_1"), metadata: refund_metadata(), ..Default::default() }
            .prepare(K)?,
        refunds::Update { metadata: note(), expand: vec!["charge".into()] }.prepare("re_1", K)?,
        refunds::cancel("re_1", K)?,
        test_helpers::expire_refund("re_1", K)?,
        setup_intents::Create {
            customer: s("cus_1"),
            allowed_payment_method_types: vec!["card".into()],
            automatic_payment_methods: Some(Default::default()),
            description: s("d"),
            payment_method: s("pm_1"),
            usage: s("off_session"),
            metadata: note(),
            expand: vec!["customer".into()],
        }
        .prepare(K)?,
        setup_intents::Update {
            customer: s("cus_1"),
            description: s("d"),
            payment_method: s("pm_1"),
            metadata: note(),
            expand: vec!["customer".into()],
        }
        .prepare("seti_1", K)?,
        setup_intents::Confirm {
            payment_method: s("pm_1"),
            return_url: s("https://x"),
            expand: vec!["customer".into()],
        }
        .prepare("seti_1", K)?,
        setup_intents::Cancel { cancellation_reason: s("abandoned"), expand: vec!["customer".into()] }
            .prepare("seti_1", K)?,
        disputes::Update {
            evidence: Some(evidence()),
            submit: Some(false),
            metadata: note(),
            expand: vec!["charge".into()],
        }
        .prepare("dp_1", K)?,
        disputes::close("dp_1", K)?,
    ])
}

/// Every field of it, by way of its own reader.
fn evidence() -> disputes::Evidence {
    serde_json::from_value(json!({
        "access_activity_log": "a", "billing_address": "a", "cancellation_policy": "a",
        "cancellation_policy_disclosure": "a", "cancellation_rebuttal": "a", "customer_communication": "a",
        "customer_email_address": "a", "customer_name": "a", "customer_signature": "a",
        "duplicate_charge_documentation": "a", "duplicate_charge_explanation": "a", "duplicate_charge_id": "a",
        "product_description": "a", "receipt": "a", "refund_policy": "a", "refund_policy_disclosure": "a",
        "refund_refusal_explanation": "a", "service_date": "a", "service_documentation": "a", "shipping_address": "a",
        "shipping_carrier": "a", "shipping_date": "a", "shipping_documentation": "a", "shipping_tracking_number": "a",
        "uncategorized_file": "a", "uncategorized_text": "a"
    }))
    .unwrap()
}

fn people_and_goods() -> Result<Vec<Prepared>, Unsendable> {
    let settings = Some(customers::InvoiceSettings { default_payment_method: s("pm_1"), footer: s("f") });
    Ok(vec![
        customers::Create {
            name: s("Zoë"),
            email: s("z@example.com"),
            phone: s("+1"),
            description: s("d"),
            address: address(),
            shipping: shipping(),
            payment_method: s("pm_1"),
            invoice_settings: settings.clone(),
            preferred_locales: vec!["de".into()],
            tax_exempt: s("none"),
            metadata: meta(&["workspace_id", "user_id"]),
            test_clock: s("clock_1"),
            expand: vec!["tax".into()],
        }
        .prepare(K)?,
        customers::Update {
            name: s("Zoë"),
            email: s(""),
            phone: s("+1"),
            description: s("d"),
            address: address(),
            shipping: shipping(),
            invoice_settings: settings,
            preferred_locales: vec!["de".into()],
            tax_exempt: s("exempt"),
            metadata: note(),
            expand: vec!["tax".into()],
        }
        .prepare("cus_1", K)?,
        payment_methods::Attach { customer: "cus_1".into(), expand: vec!["customer".into()] }
            .prepare("pm_1", K)?,
        payment_methods::detach("pm_1", K)?,
        payment_methods::Update {
            billing_details: Some(payment_methods::BillingDetails {
                name: s("A"),
                email: s("a@example.com"),
                phone: s("+1"),
                address: address(),
            }),
            metadata: note(),
            expand: vec!["customer".into()],
        }
        .prepare("pm_1", K)?,
        products::Create {
            name: "Tea".into(),
            id: s("tea"),
            active: Some(true),
            description: s("d"),
            images: vec!["https://example.com/1.png".into()],
            metadata: meta(&["barcode", "sku", "category"]),
            shippable: Some(true),
            statement_descriptor: s("TEA"),
            tax_code: s("txcd_1"),
            unit_label: s("cup"),
            url: s("https://example.com"),
            expand: vec!["default_price".into()],
        }
        .prepare(K)?,
        products::Update {
            name: s("Tea"),
            active: Some(false),
            default_price: s("price_1"),
            description: s(""),
            images: vec!["https://example.com/1.png".into()],
            metadata: note(),
            tax_code: s("txcd_1"),
            unit_label: s("cup"),
            url: s(""),
            expand: vec!["default_price".into()],
        }
        .prepare("prod_1", K)?,
        prices::Create {
            currency: "usd".into(),
            unit_amount: Some(2900),
            product: s("prod_1"),
            active: Some(true),
            lookup_key: s("pro-monthly"),
            transfer_lookup_key: Some(true),
            nickname: s("n"),
            recurring: Some(prices::Recurring {
                interval: "month".into(),
                interval_count: Some(1),
                usage_type: s("licensed"),
            }),
            tax_behavior: s("inclusive"),
            metadata: note(),
            expand: vec!["product".into()],
            ..Default::default()
        }
        .prepare(K)?,
        prices::Create {
            currency: "usd".into(),
            unit_amount: Some(0),
            product_data: Some(prices::ProductData {
                name: "Tea".into(),
                metadata: note(),
                tax_code: s("txcd_1"),
                unit_label: s("cup"),
            }),
            ..Default::default()
        }
        .prepare(K)?,
        prices::Update {
            active: Some(false),
            lookup_key: s("tea"),
            transfer_lookup_key: Some(true),
            nickname: s("n"),
            tax_behavior: s("exclusive"),
            metadata: note(),
            expand: vec!["product".into()],
        }
        .prepare("price_1", K)?,
        coupons::CreateCoupon {
            id: s("STAFF20"),
            name: s("Staff"),
            percent_off: Some(Percent(1250)),
            duration: Some(coupons::Duration::Repeating),
            duration_in_months: Some(3),
            max_redemptions: Some(10),
            redeem_by: Some(2_000_000_000),
            applies_to: Some(coupons::AppliesTo { products: vec!["prod_1".into()] }),
            metadata: note(),
            expand: vec!["applies_to".into()],
            ..Default::default()
        }
        .prepare(K)?,
        coupons::CreateCoupon { amount_off: Some(5), currency: s("usd"), ..Default::default() }.prepare(K)?,
        coupons::UpdateCoupon { name: s("n"), metadata: note() }.prepare("STAFF20", K)?,
        coupons::CreatePromotionCode {
            coupon: "STAFF20".into(),
            code: s("HELLO"),
            active: Some(true),
            customer: s("cus_1"),
            expires_at: Some(2_000_000_000),
            max_redemptions: Some(1),
            restrictions: Some(coupons::Restrictions {
                first_time_transaction: Some(true),
                minimum_amount: Some(5),
                minimum_amount_currency: s("usd"),
            }),
            metadata: note(),
            expand: vec!["promotion.coupon".into()],
        }
        .prepare(K)?,
        coupons::UpdatePromotionCode { active: Some(false), metadata: note() }.prepare("promo_1", K)?,
        tax_rates::Create {
            display_name: "VAT".into(),
            inclusive: true,
            percentage: Percent(1900),
            active: Some(true),
            country: s("DE"),
            description: s("d"),
            jurisdiction: s("DE"),
            state: s("BE"),
            tax_type: s("vat"),
            metadata: note(),
        }
        .prepare(K)?,
        tax_rates::Update {
            display_name: s("VAT"),
            active: Some(false),
            description: s("d"),
            jurisdiction: s("DE"),
            metadata: note(),
        }
        .prepare("txr_1", K)?,
    ])
}

fn pages() -> Result<Vec<Prepared>, Unsendable> {
    let line = checkout::LineItem {
        price_data: Some(checkout::PriceData {
            currency: "eur".into(),
            product_data: Some(prices::ProductData {
                name: "Tea".into(),
                metadata: note(),
                ..Default::default()
            }),
            tax_behavior: s("inclusive"),
            unit_amount: Some(450),
            ..Default::default()
        }),
        quantity: Some(3),
        ..Default::default()
    };
    let subscription_data = || {
        Some(checkout::SubscriptionData {
            description: s("d"),
            trial_period_days: Some(14),
            metadata: meta(&["workspace_id", "plan"]),
        })
    };
    Ok(vec![
        checkout::Create {
            mode: checkout::Mode::Payment,
            line_items: vec![checkout::LineItem { tax_rates: vec!["txr_1".into()], ..line.clone() }],
            success_url: s("https://example.com/?s={CHECKOUT_SESSION_ID}"),
            cancel_url: s("https://example.com"),
            allowed_payment_method_types: vec!["card".into(), "link".into()],
            currency: s("eur"),
            customer: s("cus_1"),
            customer_email: s("a@example.com"),
            client_reference_id: s("sale-1"),
            discounts: discount(),
            allow_promotion_codes: Some(true),
            expires_at: Some(2_000_000_000),
            locale: s("de"),
            payment_intent_data: Some(checkout::PaymentIntentData {
                description: s("d"),
                receipt_email: s("a@example.com"),
                setup_future_usage: s("off_session"),
                statement_descriptor_suffix: s("TILL"),
                metadata: payment_metadata(),
            }),
            metadata: meta(&["workspace_id", "user_id"]),
            expand: vec!["payment_intent".into()],
            ..Default::default()
        }
        .prepare(K)?,
        checkout::Create {
            mode: checkout::Mode::Subscription,
            line_items: vec![checkout::LineItem {
                price: s("price_1"),
                quantity: Some(1),
                ..Default::default()
            }],
            success_url: s("https://example.com"),
            subscription_data: subscription_data(),
            metadata: meta(&["workspace_id", "user_id", "plan"]),
            ..Default::default()
        }
        .prepare(K)?,
        checkout::Create {
            mode: checkout::Mode::Setup,
            currency: s("usd"),
            customer: s("cus_1"),
            success_url: s("https://example.com"),
            setup_intent_data: Some(checkout::SetupIntentData { description: s("d"), metadata: note() }),
            metadata: meta(&["workspace_id", "user_id"]),
            ..Default::default()
        }
        .prepare(K)?,
        checkout::expire("cs_1", K)?,
        payment_links::Create {
            line_items: vec![line],
            after_completion: Some(payment_links::AfterCompletion {
                kind: "hosted_confirmation".into(),
                hosted_confirmation: Some(payment_links::HostedConfirmation { custom_message: s("Thanks") }),
                redirect: Some(payment_links::Redirect { url: "https://example.com".into() }),
            }),
            allow_promotion_codes: Some(true),
            currency: s("eur"),
            payment_intent_data: Some(payment_links::PaymentIntentData {
                description: s("d"),
                statement_descriptor_suffix: s("TILL"),
                metadata: note(),
            }),
            subscription_data: subscription_data(),
            restrictions: Some(5),
            metadata: note(),
            expand: vec!["line_items".into()],
        }
        .prepare(K)?,
        payment_links::Update {
            active: Some(false),
            allow_promotion_codes: Some(false),
            after_completion: Some(payment_links::AfterCompletion {
                kind: "redirect".into(),
                redirect: Some(payment_links::Redirect { url: "https://example.com".into() }),
                ..Default::default()
            }),
            metadata: note(),
            expand: vec!["line_items".into()],
        }
        .prepare("plink_1", K)?,
    ])
}

fn billing() -> Result<Vec<Prepared>, Unsendable> {
    use subscriptions::{CancellationDetails, ChangedItem, PauseCollection, Proration, TrialEnd};
    let changed = || {
        vec![
            ChangedItem { id: s("si_1"), price: s("price_2"), quantity: Some(2), deleted: None },
            ChangedItem { id: s("si_2"), deleted: Some(true), ..Default::default() },
        ]
    };
    let subscription = subscriptions::Create {
        customer: "cus_1".into(),
        items: vec![subscriptions::NewItem {
            price: "price_1".into(),
            quantity: Some(1),
            tax_rates: vec!["txr_1".into()],
            metadata: note(),
        }],
        cancel_at_period_end: Some(false),
        collection_method: s("send_invoice"),
        days_until_due: Some(14),
        default_payment_method: s("pm_1"),
        default_tax_rates: vec!["txr_1".into()],
        description: s("d"),
        discounts: discount(),
        payment_behavior: s("default_incomplete"),
        off_session: Some(true),
        trial_period_days: Some(14),
        trial_end: Some(2_000_000_000),
        trial_settings: Some(subscriptions::TrialSettings {
            end_behavior: subscriptions::EndBehavior { missing_payment_method: "pause".into() },
        }),
        metadata: meta(&["workspace_id", "plan"]),
        expand: vec!["latest_invoice".into()],
    };
    let update = subscriptions::Update {
        items: changed(),
        proration_behavior: Some(Proration::AlwaysInvoice),
        proration_date: Some(1_700_000_000),
        cancel_at_period_end: Some(true),
        default_payment_method: s("pm_1"),
        description: s("d"),
        discounts: Some(OrUnset::Set(discount())),
        pause_collection: Some(OrUnset::Set(PauseCollection {
            behavior: "void".into(),
            resumes_at: Some(1),
        })),
        payment_behavior: s("allow_incomplete"),
        off_session: Some(true),
        trial_end: Some(TrialEnd::Now),
        cancellation_details: Some(CancellationDetails { comment: s("c"), feedback: s("unused") }),
        metadata: note(),
        expand: vec!["latest_invoice".into()],
    };
    let unset = subscriptions::Update {
        pause_collection: Some(OrUnset::Unset),
        discounts: Some(OrUnset::Unset),
        trial_end: Some(TrialEnd::At(2_000_000_000)),
        ..Default::default()
    };
    Ok([
        vec![
            subscription.prepare(K)?,
            update.prepare("sub_1", K)?,
            unset.prepare("sub_1", K)?,
            subscriptions::Pause {
                invoicing_behavior: s("invoice"),
                expand: vec!["customer".into()],
                ..Default::default()
            }
            .prepare("sub_1", K)?,
            subscriptions::Resume {
                billing_cycle_anchor: Some(subscriptions::Anchor { kind: "now".into() }),
                proration_behavior: Some(Proration::None),
                expand: vec!["customer".into()],
            }
            .prepare("sub_1", K)?,
            subscription_items::Create {
                subscription: "sub_1".into(),
                price: "price_1".into(),
                quantity: Some(1),
                proration_behavior: Some(Proration::CreateProrations),
                proration_date: Some(1),
                metadata: note(),
            }
            .prepare(K)?,
            subscription_items::Update {
                price: s("price_1"),
                quantity: Some(2),
                proration_behavior: Some(Proration::None),
                proration_date: Some(1),
                metadata: note(),
            }
            .prepare("si_1", K)?,
        ],
        invoicing(changed())?,
    ]
    .concat())
}

fn invoicing(changed: Vec<subscriptions::ChangedItem>) -> Result<Vec<Prepared>, Unsendable> {
    Ok(vec![
        invoices::Create {
            customer: "cus_1".into(),
            auto_advance: Some(false),
            collection_method: s("send_invoice"),
            currency: s("usd"),
            days_until_due: Some(14),
            due_date: Some(2_000_000_000),
            default_payment_method: s("pm_1"),
            default_tax_rates: vec!["txr_1".into()],
            description: s("d"),
            discounts: discount(),
            footer: s("f"),
            pending_invoice_items_behavior: s("include"),
            subscription: s("sub_1"),
            metadata: note(),
            expand: vec!["customer".into()],
        }
        .prepare(K)?,
        invoices::Update {
            auto_advance: Some(true),
            collection_method: s("charge_automatically"),
            days_until_due: Some(1),
            due_date: Some(1),
            default_payment_method: s("pm_1"),
            description: s("d"),
            footer: s("f"),
            metadata: note(),
            expand: vec!["customer".into()],
        }
        .prepare("in_1", K)?,
        invoices::Finalize { auto_advance: Some(false), expand: vec!["customer".into()] }
            .prepare("in_1", K)?,
        invoices::Pay {
            payment_method: s("pm_1"),
            off_session: Some(true),
            paid_out_of_band: Some(false),
            expand: vec!["customer".into()],
        }
        .prepare("in_1", K)?,
        invoices::send("in_1", K)?,
        invoices::void("in_1", K)?,
        invoices::mark_uncollectible("in_1", K)?,
        invoices::Preview {
            customer: s("cus_1"),
            currency: s("usd"),
            subscription: s("sub_1"),
            subscription_details: Some(invoices::PreviewDetails {
                items: changed,
                cancel_at_period_end: Some(false),
                cancel_now: Some(false),
                proration_behavior: Some(subscriptions::Proration::CreateProrations),
                proration_date: Some(1),
                trial_end: Some(subscriptions::TrialEnd::Now),
            }),
            invoice_items: vec![invoices::PreviewItem {
                amount: Some(-5),
                currency: s("usd"),
                description: s("d"),
                price: s("price_1"),
                quantity: Some(1),
            }],
            discounts: discount(),
            preview_mode: s("next"),
            expand: vec!["lines".into()],
        }
        .prepare(K)?,
        invoice_items::Create {
            customer: "cus_1".into(),
            invoice: s("in_1"),
            pricing: Some(invoice_items::Pricing { price: "price_1".into() }),
            quantity: Some(2),
            description: s("d"),
            discountable: Some(true),
            discounts: discount(),
            period: Some(invoice_items::Period { start: 1, end: 2 }),
            subscription: s("sub_1"),
            tax_behavior: s("exclusive"),
            tax_rates: vec!["txr_1".into()],
            metadata: note(),
            expand: vec!["customer".into()],
            ..Default::default()
        }
        .prepare(K)?,
        invoice_items::Create {
            customer: "cus_1".into(),
            amount: Some(-5),
            currency: s("usd"),
            ..Default::default()
        }
        .prepare(K)?,
        invoice_items::Update {
            amount: Some(5),
            quantity: Some(1),
            description: s("d"),
            discountable: Some(false),
            metadata: note(),
            expand: vec!["customer".into()],
        }
        .prepare("ii_1", K)?,
        credit_notes::Create {
            invoice: "in_1".into(),
            lines: vec![credit_notes::CreditedLine {
                kind: "invoice_line_item".into(),
                invoice_line_item: s("il_1"),
                quantity: Some(1),
                amount: Some(5),
                unit_amount: Some(5),
                description: s("d"),
            }],
            credit_amount: Some(0),
            refund_amount: Some(5),
            out_of_band_amount: Some(0),
            memo: s("m"),
            reason: s("order_change"),
            metadata: note(),
            ..Default::default()
        }
        .prepare(K)?,
        credit_notes::Create { invoice: "in_1".into(), amount: Some(5), ..Default::default() }.prepare(K)?,
        credit_notes::Update { memo: s("m"), metadata: note() }.prepare("cn_1", K)?,
        credit_notes::void("cn_1", K)?,
    ])
}

fn at_the_counter() -> Result<Vec<Prepared>, Unsendable> {
    let config = terminal::ProcessConfig {
        enable_customer_cancellation: Some(true),
        skip_tipping: Some(true),
        tipping: Some(terminal::Tipping { amount_eligible: Some(900) }),
        allow_redisplay: s("limited"),
    };
    let expand = vec!["location".to_owned()];
    Ok(vec![
        terminal::CreateLocation {
            display_name: "Shop".into(),
            address: address().unwrap_or_default(),
            phone: s("+1"),
            metadata: note(),
        }
        .prepare(K)?,
        terminal::UpdateLocation {
            display_name: s("Shop"),
            address: address(),
            phone: s("+1"),
            metadata: note(),
        }
        .prepare("tml_1", K)?,
        terminal::RegisterReader {
            registration_code: "simulated-wpe".into(),
            label: s("Till 1"),
            location: s("tml_1"),
            metadata: note(),
        }
        .prepare(K)?,
        terminal::UpdateReader { label: s("Till 2"), metadata: note() }.prepare("tmr_1", K)?,
        terminal::ProcessPaymentIntent {
            payment_intent: "pi_1".into(),
            process_config: Some(config.clone()),
            expand: expand.clone(),
        }
        .prepare("tmr_1", K)?,
        terminal::CollectPaymentMethod {
            payment_intent: "pi_1".into(),
            collect_config: Some(config),
            expand: expand.clone(),
        }
        .prepare("tmr_1", K)?,
        terminal::ConfirmPaymentIntent { payment_intent: "pi_1".into(), expand: expand.clone() }
            .prepare("tmr_1", K)?,
        terminal::cancel_action("tmr_1", K)?,
        terminal::SetReaderDisplay::cart(terminal::Cart {
            line_items: vec![terminal::CartLine { description: "Mug".into(), amount: 900, quantity: 1 }],
            currency: "usd".into(),
            tax: Some(0),
            total: 900,
        })
        .prepare("tmr_1", K)?,
        terminal::RefundPayment {
            payment_intent: s("pi_1"),
            charge: s("ch_1"),
            amount: Some(5),
            metadata: refund_metadata(),
            expand: expand.clone(),
        }
        .prepare("tmr_1", K)?,
        test_helpers::PresentPaymentMethod {
            amount_tip: Some(100),
            expand,
            ..test_helpers::PresentPaymentMethod::card_present("4242424242424242")
        }
        .prepare("tmr_1", K)?,
        test_helpers::PresentPaymentMethod {
            kind: s("interac_present"),
            interac_present: Some(test_helpers::Presented { number: s("4506445006931933") }),
            ..Default::default()
        }
        .prepare("tmr_1", K)?,
        test_helpers::CreateClock { frozen_time: 1, name: s("n") }.prepare(K)?,
        test_helpers::advance_clock("clock_1", 2, K)?,
    ])
}

/// Reads, and what is deleted.
pub fn queries() -> Result<Vec<(&'static str, Query)>, Unsendable> {
    Ok([retrieves()?, lists()?, deletes()?].concat())
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

fn lists() -> Result<Vec<(&'static str, Query)>, Unsendable> {
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
