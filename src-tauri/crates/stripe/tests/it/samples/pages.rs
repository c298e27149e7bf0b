//! Pages of Stripe's that take a payment.

use super::*;

pub fn sessions() -> Result<Vec<Prepared>, Unsendable> {
    Ok(vec![
        checkout::Create {
            mode: checkout::Mode::Payment,
            line_items: vec![checkout::LineItem { tax_rates: vec!["txr_1".into()], ..line() }],
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
    ])
}

pub fn links() -> Result<Vec<Prepared>, Unsendable> {
    Ok(vec![
        payment_links::Create {
            line_items: vec![line()],
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

fn line() -> checkout::LineItem {
    checkout::LineItem {
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
    }
}

fn subscription_data() -> Option<checkout::SubscriptionData> {
    Some(checkout::SubscriptionData {
        description: s("d"),
        trial_period_days: Some(14),
        metadata: meta(&["workspace_id", "plan"]),
    })
}
