//! Card readers, and what test mode has beside them.

use super::*;

pub fn places() -> Result<Vec<Prepared>, Unsendable> {
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
    ])
}

pub fn readers() -> Result<Vec<Prepared>, Unsendable> {
    let config = terminal::ProcessConfig {
        enable_customer_cancellation: Some(true),
        skip_tipping: Some(true),
        tipping: Some(terminal::Tipping { amount_eligible: Some(900) }),
        allow_redisplay: s("limited"),
    };
    let expand = vec!["location".to_owned()];
    Ok(vec![
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
    ])
}

pub fn helpers() -> Result<Vec<Prepared>, Unsendable> {
    Ok(vec![
        test_helpers::PresentPaymentMethod {
            amount_tip: Some(100),
            expand: vec!["location".into()],
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
