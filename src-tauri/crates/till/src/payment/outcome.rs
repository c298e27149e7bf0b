//! What became of a payment, written down in one transaction with the journal and the sale.

use rusqlite::{Connection, params};
use serde_json::json;
use tillbook_stripe::payment_intents::PaymentIntent;

use super::record::{self, Attempt};
use crate::journal::{self, Entry, kind};
use crate::sale::record as sales;
use crate::till::Actor;
use crate::view::{Notice, PaymentState};
use crate::{Till, TillError};

/// How a payment ended without money.
#[derive(Debug, Clone)]
pub(crate) struct Unpaid {
    pub(crate) notice: Option<Notice>,
    /// Stripe may still hold a PaymentIntent that nobody was asked to pay.
    pub(crate) leftover: bool,
}

impl Till {
    /// Stripe has received the money: `amount_received` is what counts, whatever was asked for.
    pub(crate) fn write_paid(&self, attempt_id: &str, intent: &PaymentIntent) -> Result<(), TillError> {
        self.stop_here("outcome_seen")?;
        self.write(|tx| self.write_paid_in(tx, attempt_id, intent))?;
        self.leave(attempt_id);
        self.stop_here("outcome_written")
    }

    pub(crate) fn write_paid_in(
        &self,
        tx: &Connection,
        attempt_id: &str,
        intent: &PaymentIntent,
    ) -> Result<(), TillError> {
        let attempt = record::find(tx, attempt_id)?;
        if attempt.state == PaymentState::Paid {
            return Ok(());
        }
        if !intent.currency.eq_ignore_ascii_case(&attempt.currency) {
            return Err(TillError::internal("Stripe received another currency than was asked for"));
        }
        let now_ms = self.now_ms();
        let sale = sales::find_by_seq(tx, attempt.sale_seq)?;
        tx.prepare_cached(
            "UPDATE attempt SET state = 'paid', received_minor = ?2, charge = ?3, payment_intent = ?4, leftover = 0,
               notice_code = NULL, notice_text = NULL, ended_at_ms = ?5 WHERE id = ?1",
        )?
        .execute(params![
            attempt.id,
            intent.amount_received,
            intent.latest_charge.as_ref().map(|charge| charge.id()),
            intent.id,
            now_ms
        ])?;
        let data = journal::data([
            ("attempt_id", json!(attempt.id)),
            ("tender", json!("card")),
            ("asked_minor", json!(attempt.amount_minor)),
            ("payment_intent", json!(intent.id)),
            ("charge", json!(intent.latest_charge.as_ref().map(|charge| charge.id()))),
        ]);
        self.append(
            tx,
            Entry {
                at_ms: now_ms,
                staff: Some((&attempt.staff_id, &attempt.staff_name)),
                kind: kind::PAYMENT_RECEIVED,
                sale_id: Some(&sale.id),
                amount_minor: Some(intent.amount_received),
                data,
            },
        )?;
        self.close_if_paid(tx, &Actor::of(&attempt), &sale)
    }

    /// Nothing was taken and nothing can be taken any more.
    pub(crate) fn write_canceled(&self, attempt_id: &str, unpaid: &Unpaid) -> Result<(), TillError> {
        self.stop_here("outcome_seen")?;
        self.write(|tx| {
            let attempt = record::find(tx, attempt_id)?;
            if attempt.state.is_final() {
                return Ok(());
            }
            let now_ms = self.now_ms();
            tx.prepare_cached(
                "UPDATE attempt SET state = 'canceled', leftover = ?2, notice_code = ?3, notice_text = ?4,
                   ended_at_ms = ?5 WHERE id = ?1",
            )?
            .execute(params![
                attempt.id,
                unpaid.leftover,
                unpaid.notice.as_ref().map(|notice| &notice.code),
                unpaid.notice.as_ref().map(|notice| &notice.text),
                now_ms
            ])?;
            self.note_payment(tx, &attempt, kind::PAYMENT_CANCELED, unpaid.notice.as_ref())
        })?;
        self.leave(attempt_id);
        self.stop_here("outcome_written")
    }

    /// This presentation ended without payment; a person decides what is next.
    pub(crate) fn write_declined(&self, attempt_id: &str, notice: &Notice) -> Result<(), TillError> {
        self.stop_here("outcome_seen")?;
        self.write(|tx| {
            let attempt = record::find(tx, attempt_id)?;
            if attempt.state.is_final() || attempt.state == PaymentState::Declined {
                return Ok(());
            }
            set_state(tx, attempt_id, PaymentState::Declined, Some(notice))?;
            self.note_payment(tx, &attempt, kind::PAYMENT_DECLINED, Some(notice))
        })?;
        self.stop_here("outcome_written")
    }

    /// A step on the way, for the screen. Writes only what is new.
    pub(crate) fn write_state(&self, attempt_id: &str, state: PaymentState) -> Result<(), TillError> {
        self.write(|tx| {
            let attempt = record::find(tx, attempt_id)?;
            if attempt.state.is_final() || attempt.state == state {
                return Ok(());
            }
            set_state(tx, attempt_id, state, None)
        })
    }

    fn note_payment(
        &self,
        tx: &Connection,
        attempt: &Attempt,
        kind: &'static str,
        notice: Option<&Notice>,
    ) -> Result<(), TillError> {
        let sale = sales::find_by_seq(tx, attempt.sale_seq)?;
        let data = journal::data([
            ("attempt_id", json!(attempt.id)),
            ("payment_intent", json!(attempt.payment_intent)),
            ("presentation", json!(attempt.presentation)),
            ("notice", json!(notice.map(|notice| &notice.code))),
        ]);
        self.append(
            tx,
            Entry {
                at_ms: self.now_ms(),
                staff: Some((&attempt.staff_id, &attempt.staff_name)),
                kind,
                sale_id: Some(&sale.id),
                amount_minor: Some(attempt.amount_minor),
                data,
            },
        )?;
        Ok(())
    }
}

/// Changes where a payment stands.
pub(crate) fn set_state(
    tx: &Connection,
    attempt_id: &str,
    state: PaymentState,
    notice: Option<&Notice>,
) -> Result<(), TillError> {
    tx.prepare_cached("UPDATE attempt SET state = ?2, notice_code = ?3, notice_text = ?4 WHERE id = ?1")?
        .execute(params![
            attempt_id,
            state.as_str(),
            notice.map(|notice| &notice.code),
            notice.map(|notice| &notice.text)
        ])?;
    Ok(())
}
