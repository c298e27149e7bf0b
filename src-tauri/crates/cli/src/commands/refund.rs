//! `tillbook refund`: gives money back.

use tillbook_till::view::{RefundReason, RefundState};
use tillbook_till::{Approver, RefundAsked};

use crate::args::{Common, ReasonArg, RefundArgs};
use crate::context::{self, Stripe};
use crate::failure::Failure;
use crate::output::{Exit, Output};
use crate::sale_view::{sale_json, sale_text};

/// Refunds what is asked for, or all that is left.
pub async fn run(common: &Common, args: &RefundArgs, out: Output) -> Result<Exit, Failure> {
    let house = context::open_to_write(common, Stripe::IfGiven)?;
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
    out.answer(&sale_json(&sale), &sale_text(&sale));
    // Stripe may refuse or lose a refund that was written down: that is told by how the program ends.
    let refused = sale.refunds.iter().skip(before).any(|refund| {
        matches!(refund.state, RefundState::Failed | RefundState::Canceled | RefundState::Checking)
    });
    Ok(if refused { Exit::NotDone } else { Exit::Done })
}
