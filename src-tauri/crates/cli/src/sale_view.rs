//! A sale as the command line prints it: the till's own view with the outcome in one word, and as text.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tillbook_money::{Currency, Money, to_decimal};
use tillbook_till::view::{Payment, PaymentState, Refund, Sale, SaleState, Tender};

/// What became of the money, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Paid in full; some of it may have been given back since.
    Paid,
    /// Not paid, and nothing under way.
    Unpaid,
    /// A payment is not final at Stripe.
    Checking,
}

impl Outcome {
    /// Of a sale that nobody is driving any more: a payment that is not final is being checked, whatever step it is at.
    pub fn of(sale: &Sale) -> Outcome {
        match sale.state {
            SaleState::Paid | SaleState::PartRefunded | SaleState::Refunded => Outcome::Paid,
            SaleState::Checking => Outcome::Checking,
            _ if sale.payments.iter().any(|payment| payment_word(sale, payment) == "checking") => {
                Outcome::Checking
            }
            SaleState::Open | SaleState::Parked | SaleState::Void => Outcome::Unpaid,
        }
    }

    /// `paid`, `unpaid`, `checking`.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Paid => "paid",
            Outcome::Unpaid => "unpaid",
            Outcome::Checking => "checking",
        }
    }
}

/// `paid`, `declined`, `canceled` or `checking`. A payment that was declined and then closed stays `declined`: that is
/// why it was not paid.
fn payment_word(sale: &Sale, payment: &Payment) -> &'static str {
    match payment.state {
        PaymentState::Paid => "paid",
        PaymentState::Declined => "declined",
        PaymentState::Canceled if was_declined(sale, payment) => "declined",
        PaymentState::Canceled => "canceled",
        PaymentState::Starting
        | PaymentState::WaitingForCard
        | PaymentState::Authorising
        | PaymentState::Checking => "checking",
    }
}

/// Payments of a sale follow one another, so a decline belongs to the one that was under way.
fn was_declined(sale: &Sale, payment: &Payment) -> bool {
    let span = payment.started_at_ms..=payment.ended_at_ms.unwrap_or(i64::MAX);
    payment.tender == Tender::Card
        && sale.history.iter().any(|row| row.kind == "payment_declined" && span.contains(&row.at_ms))
}

/// The sale as JSON.
pub fn sale_json(sale: &Sale) -> Value {
    json!({
        "sale_id": sale.id,
        "status": Outcome::of(sale).word(),
        "total_minor": sale.total_minor,
        "currency": sale.currency,
        "payments": sale.payments.iter().map(|payment| payment_json(sale, payment)).collect::<Vec<_>>(),
        "refunds": sale.refunds.iter().map(refund_json).collect::<Vec<_>>(),
        "receipt_no": sale.number,
        "state": sale.state,
        "business_date": sale.business_date,
        "opened_at_ms": sale.opened_at_ms,
        "closed_at_ms": sale.closed_at_ms,
        "staff": sale.staff,
        "paid_minor": sale.paid_minor,
        "refunded_minor": sale.refunded_minor,
        "refundable_minor": sale.refundable_minor,
        "lines": sale.lines,
    })
}

fn payment_json(sale: &Sale, payment: &Payment) -> Value {
    json!({
        "attempt_id": payment.attempt_id,
        "payment_intent": payment.payment_intent,
        "amount_minor": payment.amount_minor,
        "status": payment_word(sale, payment),
        "tender": payment.tender,
        "charge": payment.charge,
        "card_brand": payment.card_brand,
        "card_last4": payment.card_last4,
        "tendered_minor": payment.tendered_minor,
        "change_minor": payment.change_minor,
        "fee_minor": payment.fee_minor,
        "notice": payment.notice,
    })
}

fn refund_json(refund: &Refund) -> Value {
    json!({
        "refund_attempt_id": refund.refund_attempt_id,
        "refund": refund.refund,
        "attempt_id": refund.attempt_id,
        "amount_minor": refund.amount_minor,
        "status": refund.state,
        "tender": refund.tender,
        "reason": refund.reason,
        "detail": refund.detail,
        "refunded_by": refund.refunded_by,
        "approved_by": refund.approved_by,
        "notice": refund.notice,
    })
}

/// The sale as text: what was sold, how it was paid, what was given back.
pub fn sale_text(sale: &Sale) -> String {
    let amount = |minor| amount_text(minor, &sale.currency);
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "Sale {} of {} by {}: {} {}  [{}]",
        sale.number,
        sale.business_date,
        sale.staff,
        amount(sale.total_minor),
        Outcome::of(sale).word(),
        sale.id
    );
    for line in &sale.lines {
        let _ = writeln!(text, "  {} × {}  {}", line.quantity, line.name, amount(line.total_minor));
    }
    for payment in &sale.payments {
        let how = match payment.tender {
            Tender::Cash => "cash".to_owned(),
            Tender::Card => card_text(payment),
        };
        let _ = write!(text, "  {} by {how}: {}", amount(payment.amount_minor), payment_word(sale, payment));
        if let Some(change) = payment.change_minor.filter(|change| *change > 0) {
            let _ = write!(text, ", change {}", amount(change));
        }
        if let Some(notice) = &payment.notice {
            let _ = write!(text, ". {}", notice.text);
        }
        text.push('\n');
    }
    for refund in &sale.refunds {
        let state = serde_json::to_value(refund.state).unwrap_or_default();
        let state = state.as_str().unwrap_or_default().replace('_', " ");
        let _ =
            write!(text, "  {} given back by {}: {state}", amount(refund.amount_minor), refund.refunded_by);
        if let Some(notice) = &refund.notice {
            let _ = write!(text, ". {}", notice.text);
        }
        text.push('\n');
    }
    text
}

fn card_text(payment: &Payment) -> String {
    match (&payment.card_brand, &payment.card_last4) {
        (Some(brand), Some(last4)) => format!("{brand} •{last4}"),
        _ => "card".to_owned(),
    }
}

/// `12.40 USD`.
pub fn amount_text(minor: i64, currency: &str) -> String {
    match Currency::parse(currency) {
        Ok(known) => format!("{} {}", to_decimal(Money::new(minor, known)), currency.to_uppercase()),
        Err(_) => format!("{minor} {currency}"),
    }
}
