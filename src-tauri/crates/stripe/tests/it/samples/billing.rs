//! Subscriptions and their items.

use super::*;

use subscriptions::{CancellationDetails, ChangedItem, PauseCollection, Proration, TrialEnd};

pub fn new_subscription() -> Result<Vec<Prepared>, Unsendable> {
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
    Ok(vec![subscription.prepare(K)?])
}

pub fn changed_subscription() -> Result<Vec<Prepared>, Unsendable> {
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
    Ok(vec![update.prepare("sub_1", K)?, unset.prepare("sub_1", K)?])
}

pub fn pauses_and_items() -> Result<Vec<Prepared>, Unsendable> {
    Ok(vec![
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
    ])
}

pub fn changed() -> Vec<ChangedItem> {
    vec![
        ChangedItem { id: s("si_1"), price: s("price_2"), quantity: Some(2), deleted: None },
        ChangedItem { id: s("si_2"), deleted: Some(true), ..Default::default() },
    ]
}
