//! `tillbook refund`: gives money back.

use std::time::Duration;

use tillbook_mirror::MirrorError;
use tillbook_till::view::{RefundReason, RefundState, Sale};
use tillbook_till::{Approver, House, RefundAsked};
use tokio::time::timeout;

use crate::args::{Common, ReasonArg, RefundArgs};
use crate::context::{self, Stripe};
use crate::failure::Failure;
use crate::output::{Exit, Output};
use crate::sale_view::{sale_json, sale_text};

const FETCH_WITHIN: Duration = Duration::from_secs(5);

/// Refunds what is asked for, or all that is left.
pub async fn run(common: &Common, args: &RefundArgs, out: Output) -> Result<Exit, Failure> {
    let house = context::open_existing(common, Stripe::IfGiven)?;
    let by = context::sign_in(common, &house)?;
    let approver = match &args.approver {
        Some(name) => Some(Approver { staff: name.clone(), pin: context::pin("TILLBOOK_APPROVER_PIN")? }),
        None => None,
    };
    let reason = match args.reason {
        ReasonArg::Duplicate => RefundReason::Duplicate,
        ReasonArg::Fraudulent => RefundReason::Fraudulent,
        ReasonArg::RequestedByCustomer => RefundReason::RequestedByCustomer,
    };
    let before = house.till.sale(&by, &args.sale_id)?.refunds.len();
    let asked = RefundAsked {
        sale_id: args.sale_id.clone(),
        amount_minor: args.amount,
        reason,
        detail: args.detail.clone(),
        approver,
    };
    let sale = house.till.refund(&by, &asked).await?;
    // The refund is done whether or not its balance transaction is here; an export made before the next sync has it.
    let _ = timeout(FETCH_WITHIN, fetch_movements(&house, &sale)).await;
    out.answer(&sale_json(&sale), &sale_text(&sale));
    // Stripe may refuse or lose a refund that was written down: that is told by how the program ends.
    let refused = sale.refunds.iter().skip(before).any(|refund| {
        matches!(refund.state, RefundState::Failed | RefundState::Canceled | RefundState::Checking)
    });
    Ok(if refused { Exit::NotDone } else { Exit::Done })
}

/// Brings the balance transactions of the sale's card refunds.
async fn fetch_movements(house: &House, sale: &Sale) -> Result<(), MirrorError> {
    let Some(client) = &house.client else { return Ok(()) };
    for refund in sale.refunds.iter().filter_map(|refund| refund.refund.as_deref()) {
        let row = house.mirror.refund(refund)?;
        let Some(id) = row.and_then(|row| row.balance_transaction) else { continue };
        if house.mirror.balance_transaction(&id)?.is_none() {
            house.mirror.fetch(client, "balance_transactions", &id).await?;
        }
    }
    Ok(())
}
