//! Invoices, their items and credit notes.

use super::billing::changed;
use super::*;

pub fn invoice() -> Result<Vec<Prepared>, Unsendable> {
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
    ])
}

pub fn steps_of_an_invoice() -> Result<Vec<Prepared>, Unsendable> {
    Ok(vec![
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
                items: changed(),
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
    ])
}

pub fn items_of_an_invoice() -> Result<Vec<Prepared>, Unsendable> {
    Ok(vec![
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
    ])
}

pub fn credits() -> Result<Vec<Prepared>, Unsendable> {
    Ok(vec![
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
