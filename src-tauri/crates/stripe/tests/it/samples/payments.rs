//! Taking money and giving it back.

use super::*;

pub fn intents() -> Result<Vec<Prepared>, Unsendable> {
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
    ])
}

pub fn refunds_and_charges() -> Result<Vec<Prepared>, Unsendable> {
    Ok(vec![
        charges::Update {
            customer: s("cus_1"),
            description: s("d"),
            metadata: note(),
            receipt_email: s("a@example.com"),
            shipping: shipping(),
            expand: vec!["customer".into()],
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
    ])
}

pub fn setups_and_disputes() -> Result<Vec<Prepared>, Unsendable> {
    Ok(vec![
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
