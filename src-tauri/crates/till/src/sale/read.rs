//! A sale as staff see it: its row, lines, payments, refunds and history put together, every sum taken anew.

use rusqlite::Connection;

use super::record::{self, SaleRecord, Stored};
use crate::payment::record as payments;
use crate::payment::record::Attempt;
use crate::refund::record as refunds;
use crate::refund::record::RefundRecord;
use crate::view::{
    JournalRow, Line, Payment, PaymentAction, PaymentState, Refund, Right, Sale, SaleState, Tender,
};
use crate::{Signed, Till, TillError};

/// What the store knows of a sale.
struct Parts {
    sale: SaleRecord,
    lines: Vec<Line>,
    attempts: Vec<Attempt>,
    refunds: Vec<RefundRecord>,
    history: Vec<JournalRow>,
}

impl Till {
    /// A sale, whole.
    pub fn sale(&self, by: &Signed, sale_id: &str) -> Result<Sale, TillError> {
        self.authorise(by, Right::SeeSales)?;
        self.view_sale(sale_id)
    }

    /// The same without asking for a right: for answers to commands that had theirs.
    pub(crate) fn view_sale(&self, sale_id: &str) -> Result<Sale, TillError> {
        let parts = self.read(|db| {
            let sale = record::find(db, sale_id)?;
            Ok(Parts {
                lines: lines_of(db, sale.seq)?,
                attempts: payments::of_sale(db, sale.seq)?,
                refunds: refunds::of_sale(db, sale.seq)?,
                history: if sale.state == Stored::Open { Vec::new() } else { history_of(db, &sale.id)? },
                sale,
            })
        })?;
        Ok(self.put_together(parts))
    }

    fn put_together(&self, parts: Parts) -> Sale {
        let Parts { sale, lines, attempts, refunds, history } = parts;
        let sums = Sums::of(&sale, &attempts, &refunds);
        Sale {
            state: state_of(&sale, &attempts, &sums),
            number: if lines.is_empty() && sale.state == Stored::Open { 0 } else { sale.number },
            id: sale.id,
            currency: sale.currency,
            business_date: sale.business_date,
            opened_at_ms: sale.opened_at_ms,
            closed_at_ms: sale.closed_at_ms,
            staff: sale.staff_name,
            lines,
            total_minor: sale.total_minor,
            paid_minor: sums.paid,
            remaining_minor: sums.remaining,
            refunded_minor: sums.refunded,
            refundable_minor: sums.refundable,
            payments: attempts.into_iter().map(|attempt| self.view_payment(attempt)).collect(),
            refunds: refunds.into_iter().map(view_refund).collect(),
            history,
        }
    }

    fn view_payment(&self, attempt: Attempt) -> Payment {
        let fee_minor = match (&attempt.charge, attempt.state) {
            (Some(charge), PaymentState::Paid) => self.fee_of(charge),
            _ => None,
        };
        Payment {
            actions: actions_of(&attempt),
            attempt_id: attempt.id,
            tender: attempt.tender,
            amount_minor: attempt.amount_minor,
            state: attempt.state,
            tendered_minor: attempt.tendered_minor,
            change_minor: attempt.change_minor,
            payment_intent: attempt.payment_intent,
            charge: attempt.charge,
            card_brand: attempt.card_brand,
            card_last4: attempt.card_last4,
            reader: attempt.reader_label,
            fee_minor,
            notice: attempt.notice,
            started_at_ms: attempt.started_at_ms,
            ended_at_ms: attempt.ended_at_ms,
        }
    }
}

/// What a sale's payments and refunds come to.
pub(crate) struct Sums {
    pub(crate) paid: i64,
    pub(crate) remaining: i64,
    pub(crate) refunded: i64,
    pub(crate) refundable: i64,
}

impl Sums {
    pub(crate) fn of(sale: &SaleRecord, attempts: &[Attempt], refunds: &[RefundRecord]) -> Self {
        let paid_ones = || attempts.iter().filter(|attempt| attempt.state == PaymentState::Paid);
        let paid = paid_ones().fold(0_i64, |sum, attempt| sum.saturating_add(attempt.received_minor));
        let covered = paid_ones()
            .fold(0_i64, |sum, attempt| sum.saturating_add(attempt.received_minor.min(attempt.amount_minor)));
        let refunded = refunds
            .iter()
            .filter(|refund| refund.counts())
            .fold(0_i64, |sum, refund| sum.saturating_add(refund.amount_minor));
        let ended = sale.state == Stored::Void;
        Self {
            paid,
            remaining: if ended { 0 } else { sale.total_minor.saturating_sub(covered).max(0) },
            refunded,
            refundable: paid.saturating_sub(refunded).max(0),
        }
    }
}

pub(crate) fn state_of(sale: &SaleRecord, attempts: &[Attempt], sums: &Sums) -> SaleState {
    // A declined payment is known to have taken nothing; of any other open one that is not known.
    let unknown =
        attempts.iter().any(|attempt| !attempt.state.is_final() && attempt.state != PaymentState::Declined);
    match sale.state {
        _ if unknown => SaleState::Checking,
        Stored::Open => SaleState::Open,
        Stored::Parked => SaleState::Parked,
        Stored::Void => SaleState::Void,
        Stored::Paid if sums.refunded == 0 => SaleState::Paid,
        Stored::Paid if sums.refundable == 0 => SaleState::Refunded,
        Stored::Paid => SaleState::PartRefunded,
    }
}

fn actions_of(attempt: &Attempt) -> Vec<PaymentAction> {
    if attempt.tender == Tender::Cash || attempt.cancel_asked {
        return Vec::new();
    }
    match attempt.state {
        PaymentState::Starting | PaymentState::WaitingForCard => vec![PaymentAction::Cancel],
        PaymentState::Declined => vec![PaymentAction::TryAgain, PaymentAction::Cancel],
        PaymentState::Authorising | PaymentState::Checking | PaymentState::Paid | PaymentState::Canceled => {
            Vec::new()
        }
    }
}

fn view_refund(refund: RefundRecord) -> Refund {
    Refund {
        refund_attempt_id: refund.id,
        refund: refund.refund,
        attempt_id: refund.attempt_id,
        tender: refund.tender,
        amount_minor: refund.amount_minor,
        state: refund.state,
        reason: refund.reason,
        detail: refund.detail,
        refunded_by: refund.refunded_by,
        approved_by: refund.approved_by,
        notice: refund.notice,
        started_at_ms: refund.started_at_ms,
    }
}

fn lines_of(db: &Connection, seq: i64) -> Result<Vec<Line>, TillError> {
    let mut found = db.prepare_cached(
        "SELECT id, price_id, name, lookup_key, unit_amount_minor, quantity, total_minor
         FROM sale_line WHERE sale_seq = ?1 ORDER BY position",
    )?;
    let rows = found.query_map([seq], |row| {
        Ok(Line {
            id: row.get(0)?,
            price_id: row.get(1)?,
            name: row.get(2)?,
            lookup_key: row.get(3)?,
            unit_amount_minor: row.get(4)?,
            quantity: row.get(5)?,
            total_minor: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

fn history_of(db: &Connection, sale_id: &str) -> Result<Vec<JournalRow>, TillError> {
    let mut found = db.prepare_cached(
        "SELECT seq, at_ms, staff_name, kind, amount_minor FROM journal WHERE sale_id = ?1 ORDER BY seq",
    )?;
    let rows = found.query_map([sale_id], |row| {
        Ok(JournalRow {
            seq: row.get(0)?,
            at_ms: row.get(1)?,
            staff: row.get(2)?,
            kind: row.get(3)?,
            amount_minor: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}
