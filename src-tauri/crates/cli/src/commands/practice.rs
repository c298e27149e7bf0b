//! `tillbook practice`: serves the practice Stripe.

use serde_json::json;
use tillbook_practice::{Practice, PracticeError, PracticeOptions, ShopSpec};

use crate::args::{Common, PracticeArgs};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{Exit, line, note};

/// Serves until interrupted. In memory unless `--data` was given: `TILLBOOK_DATA` names a till's folder, not a
/// practice Stripe's.
pub async fn run(common: &Common, args: &PracticeArgs) -> Result<Exit, Failure> {
    let faults = match &args.faults {
        Some(path) => Some(std::fs::read_to_string(path).map_err(|error| {
            Failure::usage("faults_unreadable", format!("cannot read {}: {error}", path.display()))
        })?),
        None => None,
    };
    // Heard from the first line on, so that whoever reads it may stop the server at once.
    let mut interrupt = Interrupt::listen()?;
    let running = Practice::start(PracticeOptions {
        port: args.port,
        data: common.data.clone(),
        reset: args.reset,
        shop: ShopSpec { products: args.products, payments: args.payments, days: args.days },
        seed: args.seed,
        faults,
        rate: args.rate,
        forward_to: args.forward_to.clone(),
        ..PracticeOptions::default()
    })
    .map_err(refused)?;
    let mut first = json!({
        "base_url": running.base_url,
        "secret_key": running.secret_key,
        "publishable_key": running.publishable_key,
    });
    if let Some(secret) = &running.webhook_secret {
        first["webhook_secret"] = json!(secret);
    }
    line(&first.to_string());
    if !common.json {
        note(&format!("The practice Stripe serves at {}. Interrupt (Ctrl-C) ends it.", running.base_url));
    }
    interrupt.wait().await;
    running.stop();
    Ok(Exit::Done)
}

fn refused(error: PracticeError) -> Failure {
    let message = error.to_string();
    match error {
        PracticeError::PortInUse { .. } => {
            Failure::not_done("port_in_use", message).next("Take another port, or --port 0 for a free one.")
        }
        PracticeError::StateInUse { .. } => {
            Failure::not_done("practice_in_use", message).next("Stop the other one, or name another folder.")
        }
        PracticeError::StateDamaged { .. } => Failure::not_done("practice_damaged", message),
        PracticeError::Options(_) => Failure::usage("practice_options", message),
        _ => Failure::not_done("practice_failed", message),
    }
}
