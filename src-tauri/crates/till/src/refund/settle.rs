//! Asking Stripe for a refund, and settling one whose answer was lost.

use rusqlite::{Connection, params};
use serde_json::json;
use tillbook_stripe::refunds::{ListParams, Refund};
use tillbook_stripe::{Error, List, Reply};

use super::record::{self, RefundRecord};
use crate::journal::{self, Entry, kind};
use crate::payment::close::REPLAY_WITHIN_S;
use crate::payment::progress::notice;
use crate::payment::record as payments;
use crate::payment::step::{self, Fate, Step};
use crate::sale::record as sales;
use crate::view::{Notice, NoticeCode, RefundState};
use crate::{Till, TillError};

/// What was found out about a refund whose answer was lost.
enum Asked {
    There(Box<Refund>),
    NotThere,
    NoAnswer,
}

impl Till {
    /// Sends a refund that was just written down. A lost answer is asked after at once, and again by every round of
    /// settling.
    pub(crate) async fn send_refund(&self, id: &str) -> Result<(), TillError> {
        let lock = self.lock_of(id);
        let _held = lock.lock().await;
        let step = self.read(|db| step::refund_of(db, id))?;
        if step.sent_at_ms.is_none() {
            if let Err(error) = self.check_account().await {
                self.end_refund(id, RefundState::Canceled, &not_sent_notice())?;
                self.leave(id);
                return if matches!(error, TillError::Offline) { Ok(()) } else { Err(error) };
            }
            let answer = self.send(&step).await?;
            self.take_refund(id, &step, &answer)?;
        }
        if self.read(|db| record::find(db, id))?.state == RefundState::Checking {
            self.ask_after_refund(id).await?;
        }
        self.leave(id);
        Ok(())
    }

    /// Settles a refund of which it is not known whether Stripe did it. Only under its lock.
    pub(crate) async fn settle_refund(&self, id: &str) -> Result<(), TillError> {
        let refund = self.read(|db| record::find(db, id))?;
        if refund.state != RefundState::Checking {
            return Ok(());
        }
        let step = self.read(|db| step::refund_of(db, id))?;
        if !step.may_have_left() {
            return self.end_refund(id, RefundState::Canceled, &not_sent_notice());
        }
        self.ask_after_refund(id).await
    }

    /// Looks for it among the refunds of its payment; if it is not there, the request is replayed with its key while
    /// Stripe keeps keys: done before, it answers as before; not done before, it is done now, once.
    async fn ask_after_refund(&self, id: &str) -> Result<(), TillError> {
        let step = self.read(|db| step::refund_of(db, id))?;
        match self.find_refund(id).await? {
            Asked::There(found) => return self.write_refund_state(id, &found),
            Asked::NoAnswer => return Ok(()),
            Asked::NotThere => {}
        }
        let sent_s = step.sent_at_server_s.unwrap_or_else(|| self.server_now_s());
        if self.server_now_s().saturating_sub(sent_s) >= REPLAY_WITHIN_S {
            return self.end_refund(id, RefundState::Canceled, &not_done_notice());
        }
        let answer = self.send(&step).await?;
        self.take_refund(id, &step, &answer)
    }

    async fn find_refund(&self, id: &str) -> Result<Asked, TillError> {
        let intent = self.read(|db| {
            let refund = record::find(db, id)?;
            Ok(payments::find(db, &refund.attempt_id)?.payment_intent)
        })?;
        let mut params = ListParams { payment_intent: intent, ..ListParams::default() };
        params.page.limit = Some(100);
        loop {
            let Ok(reply) = self.look(&params.query()).await else { return Ok(Asked::NoAnswer) };
            let Ok(page) = reply.json::<List<Refund>>() else { return Ok(Asked::NoAnswer) };
            let last = page.data.last().map(|refund| refund.id.clone());
            let ours = page
                .data
                .into_iter()
                .find(|refund| refund.metadata.get("refund_attempt_id").is_some_and(|named| named == id));
            if let Some(found) = ours {
                return Ok(Asked::There(Box::new(found)));
            }
            if !page.has_more || last.is_none() {
                return Ok(Asked::NotThere);
            }
            params.page.starting_after = last;
        }
    }

    /// Reads the answer to the request for a refund.
    fn take_refund(&self, id: &str, step: &Step, answer: &Result<Reply, Error>) -> Result<(), TillError> {
        self.write(|tx| step::record(tx, step, answer, self.now_ms()))?;
        match answer {
            Ok(reply) => {
                let Ok(refund) = reply.json::<Refund>() else { return Ok(()) };
                self.give_to_mirror(reply);
                self.write_refund_state(id, &refund)
            }
            Err(error) => match step.fate_of(error) {
                Fate::NotSent => self.end_refund(id, RefundState::Canceled, &not_sent_notice()),
                Fate::Refused => self.end_refund(id, RefundState::Failed, &refused_notice(error)),
                Fate::Done | Fate::Unknown => Ok(()),
            },
        }
    }

    fn write_refund_state(&self, id: &str, refund: &Refund) -> Result<(), TillError> {
        let state = RefundState::parse(refund.status.as_str());
        let why = refund.failure_reason.as_deref().or(refund.pending_reason.as_deref());
        self.write(|tx| self.set_refund(tx, id, state, Some(&refund.id), state_notice(state, why).as_ref()))?;
        self.stop_here("refund_settled")
    }

    fn end_refund(&self, id: &str, state: RefundState, why: &Notice) -> Result<(), TillError> {
        self.write(|tx| self.set_refund(tx, id, state, None, Some(why)))?;
        self.stop_here("refund_settled")
    }

    /// Changes where a refund stands, with the journal. Failed and canceled ones open the remainder again by
    /// themselves, because they are not counted.
    pub(crate) fn set_refund(
        &self,
        tx: &Connection,
        id: &str,
        state: RefundState,
        refund: Option<&str>,
        why: Option<&Notice>,
    ) -> Result<(), TillError> {
        let before = record::find(tx, id)?;
        if before.state == state && (refund.is_none() || before.refund.as_deref() == refund) {
            return Ok(());
        }
        let now_ms = self.now_ms();
        tx.prepare_cached(
            "UPDATE refund_attempt SET state = ?2, refund = coalesce(?3, refund), notice_code = ?4, notice_text = ?5,
               ended_at_ms = ?6 WHERE id = ?1",
        )?
        .execute(params![
            id,
            state.as_str(),
            refund,
            why.map(|notice| &notice.code),
            why.map(|notice| &notice.text),
            is_settled(state).then_some(now_ms)
        ])?;
        self.note_refund(tx, &before, state, refund, now_ms)
    }

    fn note_refund(
        &self,
        tx: &Connection,
        before: &RefundRecord,
        state: RefundState,
        refund: Option<&str>,
        now_ms: i64,
    ) -> Result<(), TillError> {
        let sale = sales::find_by_seq(tx, before.sale_seq)?;
        let data = journal::data([
            ("refund_attempt_id", json!(before.id)),
            ("refund", json!(refund.or(before.refund.as_deref()))),
            ("from", json!(before.state.as_str())),
            ("to", json!(state.as_str())),
        ]);
        self.append(
            tx,
            Entry {
                at_ms: now_ms,
                staff: None,
                kind: kind::REFUND_CHANGED,
                sale_id: Some(&sale.id),
                amount_minor: Some(before.amount_minor),
                data,
            },
        )?;
        Ok(())
    }
}

fn is_settled(state: RefundState) -> bool {
    matches!(state, RefundState::Succeeded | RefundState::Failed | RefundState::Canceled)
}

/// What staff are told of a refund's state, in our own words.
pub(crate) fn state_notice(state: RefundState, why: Option<&str>) -> Option<Notice> {
    match (state, why) {
        (RefundState::Pending, Some("insufficient_funds")) => Some(notice(
            NoticeCode::RefundWaitsForFunds,
            "Stripe sends this refund once the account's balance covers it.",
        )),
        (RefundState::Pending, _) => {
            Some(notice(NoticeCode::RefundPending, "Stripe is working on this refund."))
        }
        (RefundState::RequiresAction, _) => Some(notice(
            NoticeCode::RefundRequiresAction,
            "The customer has been asked by e-mail where the money should go.",
        )),
        (RefundState::Failed, _) => Some(notice(
            NoticeCode::RefundFailed,
            "The bank did not take this refund. The money is back in the account; give it back another way.",
        )),
        (RefundState::Canceled, _) => {
            Some(notice(NoticeCode::RefundCanceled, "This refund was canceled. Nothing was given back."))
        }
        (RefundState::Succeeded | RefundState::Checking, _) => None,
    }
}

fn not_sent_notice() -> Notice {
    notice(
        NoticeCode::RefundNotSent,
        "Stripe was not asked for this refund. Nothing was given back; ask again.",
    )
}

fn not_done_notice() -> Notice {
    notice(NoticeCode::RefundNotDone, "Stripe has no such refund. Nothing was given back; ask again.")
}

fn refused_notice(error: &Error) -> Notice {
    if error.code() == Some("charge_already_refunded") {
        return notice(
            NoticeCode::ChargeAlreadyRefunded,
            "Stripe has given this payment back in full already. Synchronise to see it.",
        );
    }
    notice(NoticeCode::RefundRefused, &format!("{error}. Nothing was given back."))
}
