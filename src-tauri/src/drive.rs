//! Payments that are under way. The core drives each to its end; this tells the window of every step in between.

use std::sync::Arc;
use std::time::Duration;

use tillbook_till::TillError;
use tillbook_till::view::{PaymentState, Sale, Tender};

use crate::inputs::Tag;
use crate::state::{Desk, News, Open};
use crate::wire::CommandError;

/// How often the window may hear of a payment's steps while Stripe is asked.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Drives every payment of this sale that has not ended, each in a task of its own.
pub async fn open_payments(desk: &Desk, sale: &Sale) -> Result<(), CommandError> {
    let open = desk.open().await?;
    for payment in &sale.payments {
        let ended = matches!(payment.state, PaymentState::Paid | PaymentState::Canceled);
        if payment.tender == Tender::Card && !ended {
            let (open, news) = (Arc::clone(&open), desk.news.clone());
            let (sale_id, attempt_id) = (sale.id.clone(), payment.attempt_id.clone());
            tauri::async_runtime::spawn(one(open, news, sale_id, attempt_id));
        }
    }
    desk.news.changed(&[Tag::Sale]);
    Ok(())
}

/// Drives one payment. Whoever drives it already goes on doing so: the core has one driver for each payment.
async fn one(open: Arc<Open>, news: News, sale_id: String, attempt_id: String) {
    let till = &open.house.till;
    let driven = till.drive(&attempt_id);
    tokio::pin!(driven);
    let mut shown = String::new();
    let outcome = loop {
        tokio::select! {
            outcome = &mut driven => break outcome,
            () = tokio::time::sleep(LOOK_EVERY) => {
                let now = steps(&open, &sale_id).unwrap_or_default();
                if now != shown {
                    shown = now;
                    news.changed(&[Tag::Sale]);
                }
            }
        }
    };
    if let Err(error) = outcome {
        // The payment is written down; `resolve` settles it at the next chance.
        tracing::warn!(%error, attempt_id, "a payment could not be driven to its end now");
    }
    news.changed(&[Tag::Sale, Tag::Sales, Tag::Readers]);
}

/// Where the payments of a sale stand, to tell one moment from another.
fn steps(open: &Open, sale_id: &str) -> Result<String, TillError> {
    let till = &open.house.till;
    let sale = till.sale(&till.unattended(), sale_id)?;
    Ok(format!(
        "{:?} {:?}",
        sale.state,
        sale.payments.iter().map(|payment| payment.state).collect::<Vec<_>>()
    ))
}
