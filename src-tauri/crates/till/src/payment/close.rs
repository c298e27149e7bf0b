//! Asking, then closing: how a payment is settled whose outcome is not known, and how one is canceled. A step that
//! charges is never sent again here.

use tillbook_stripe::payment_intents::{self, Cancel, PaymentIntent, Status};
use tillbook_stripe::{Error, Reply};

use super::outcome::Unpaid;
use super::progress::notice;
use super::record::{self, Attempt};
use super::step::{self, Fate, Owner, Step, StepKind};
use crate::view::{Notice, NoticeCode, PaymentState};
use crate::{Till, TillError};

impl Till {
    /// Settles a payment: asks Stripe; what can still be paid is canceled; asks again. Leaves it as "checking" if Stripe
    /// does not answer. Only under the payment's lock.
    pub(crate) async fn close(&self, attempt_id: &str) -> Result<(), TillError> {
        let (attempt, presented) =
            self.read(|db| Ok((record::find(db, attempt_id)?, step::was_presented(db, attempt_id)?)))?;
        if attempt.state.is_final() {
            return Ok(());
        }
        let Some(intent_id) = attempt.payment_intent.clone().filter(|_| presented) else {
            return self.close_unpresented(&attempt, None).await;
        };
        self.write_state(attempt_id, PaymentState::Checking)?;
        for _ in 0..self.inner.pace.patience {
            match self.close_round(&attempt, &intent_id).await? {
                Round::Ended => return Ok(()),
                Round::Again => {}
                Round::NotYet => tokio::time::sleep(self.inner.pace.poll).await,
            }
        }
        Ok(())
    }

    /// One round of asking and closing.
    async fn close_round(&self, attempt: &Attempt, intent_id: &str) -> Result<Round, TillError> {
        let Ok(intent) = self.look_at_intent(intent_id).await else { return Ok(Round::NotYet) };
        match intent.status {
            Status::Succeeded => {
                self.write_paid(&attempt.id, &intent)?;
                self.learn_card(&attempt.id).await;
                return Ok(Round::Ended);
            }
            Status::Canceled => {
                let unpaid = Unpaid { notice: closing_notice(attempt), leftover: false };
                self.write_canceled(&attempt.id, &unpaid)?;
                return Ok(Round::Ended);
            }
            // The bank has it: neither canceled nor paid yet.
            Status::Processing => return Ok(Round::NotYet),
            _ => {}
        }
        let reader_id = attempt.reader_id.clone().unwrap_or_default();
        match self.look_at_reader(&reader_id).await {
            Ok(Some(action)) if action.in_progress() && action.names(intent_id) => {
                self.end_action(&attempt.id, &reader_id, attempt.presentation).await?;
            }
            Ok(_) | Err(Error::NotFound(_)) => {}
            Err(_) => return Ok(Round::NotYet),
        }
        match self.cancel_intent(attempt, intent_id).await? {
            Fate::Done => Ok(Round::Again),
            // It may just have been paid: the next look says so.
            Fate::Refused | Fate::Unknown | Fate::NotSent => Ok(Round::NotYet),
        }
    }

    async fn cancel_intent(&self, attempt: &Attempt, intent_id: &str) -> Result<Fate, TillError> {
        let cancel = Cancel { cancellation_reason: Some("abandoned".to_owned()), ..Cancel::default() };
        let prepared = cancel.prepare(intent_id, &self.new_id()).map_err(TillError::internal)?;
        let step = self.write(|tx| {
            let owner = Owner::Attempt(&attempt.id);
            let seq =
                step::write(tx, owner, StepKind::Cancel, attempt.presentation, &prepared, self.now_ms())?;
            step::find(tx, seq)
        })?;
        let answer = self.send(&step).await?;
        self.record_step(&step, &answer)?;
        Ok(match &answer {
            Ok(_) => Fate::Done,
            Err(error) => step.fate_of(error),
        })
    }

    /// Nobody was ever asked to pay this: the sale is free at once, with or without Stripe. What may be left of it at
    /// Stripe is canceled as soon as Stripe answers.
    pub(crate) async fn close_unpresented(
        &self,
        attempt: &Attempt,
        why: Option<Notice>,
    ) -> Result<(), TillError> {
        let create = self.read(|db| step::create_of(db, &attempt.id))?;
        let leftover = attempt.payment_intent.is_some()
            || (create.may_have_left() && create.fate != Some(Fate::Refused));
        let notice = why.or_else(|| closing_notice(attempt));
        self.write_canceled(&attempt.id, &Unpaid { notice, leftover })?;
        if leftover {
            self.sweep(&attempt.id).await?;
        }
        Ok(())
    }

    /// Cancels the unpaid PaymentIntent of a payment that was closed here. Failing is no harm: it is tried again by
    /// the next round of settling.
    pub(crate) async fn sweep(&self, attempt_id: &str) -> Result<(), TillError> {
        let attempt = self.read(|db| record::find(db, attempt_id))?;
        let intent_id = match attempt.payment_intent.clone() {
            Some(id) => id,
            None => {
                let create = self.read(|db| step::create_of(db, attempt_id))?;
                match self.find_created(&attempt, &create).await? {
                    Found::Intent(intent) => intent.id.clone(),
                    Found::Nothing(_) => return self.swept(attempt_id),
                    Found::Unknown => return Ok(()),
                }
            }
        };
        let Ok(intent) = self.look_at_intent(&intent_id).await else { return Ok(()) };
        match intent.status {
            // Nobody was asked, and it is paid: somebody else has done it. Money is money.
            Status::Succeeded => {
                self.write_paid(attempt_id, &intent)?;
                self.learn_card(attempt_id).await;
                Ok(())
            }
            Status::Canceled => self.swept(attempt_id),
            _ => match self.cancel_intent(&attempt, &intent_id).await? {
                Fate::Done => self.swept(attempt_id),
                Fate::Refused | Fate::Unknown | Fate::NotSent => Ok(()),
            },
        }
    }

    fn swept(&self, attempt_id: &str) -> Result<(), TillError> {
        self.write(|tx| {
            tx.prepare_cached("UPDATE attempt SET leftover = 0 WHERE id = ?1")?.execute([attempt_id])?;
            Ok(())
        })
    }

    /// The PaymentIntent of a create whose answer was lost: the create is replayed with its key while Stripe keeps it,
    /// which is harmless because it charges nothing; afterwards it is looked for by the time it was sent.
    pub(crate) async fn find_created(&self, attempt: &Attempt, create: &Step) -> Result<Found, TillError> {
        // Any answer tells Stripe's time, and that decides which way is open.
        if self.check_account().await.is_err() {
            return Ok(Found::Unknown);
        }
        let sent_s = create.sent_at_server_s.unwrap_or_else(|| self.server_now_s());
        let age_s = self.server_now_s().saturating_sub(sent_s);
        if age_s < REPLAY_WITHIN_S {
            let answer = self.send(create).await?;
            match self.take_created(attempt, create, &answer)? {
                Found::Unknown if is_stored_failure(&answer) => {}
                found => return Ok(found),
            }
        }
        self.list_created(attempt, sent_s).await
    }

    /// Reads the answer to a create; writes the PaymentIntent's id down before anything else is done with it.
    pub(crate) fn take_created(
        &self,
        attempt: &Attempt,
        create: &Step,
        answer: &Result<Reply, Error>,
    ) -> Result<Found, TillError> {
        let intent = answer.as_ref().ok().and_then(|reply| reply.json::<PaymentIntent>().ok());
        self.write(|tx| {
            step::record(tx, create, answer, self.now_ms())?;
            if let Some(intent) = &intent {
                tx.prepare_cached("UPDATE attempt SET payment_intent = ?2 WHERE id = ?1")?
                    .execute([&attempt.id, &intent.id])?;
            }
            Ok(())
        })?;
        if let Some(intent) = intent {
            self.stop_here("payment_intent_stored")?;
            return Ok(Found::Intent(Box::new(intent)));
        }
        Ok(match answer {
            Err(error) => match create.fate_of(error) {
                Fate::Refused | Fate::NotSent => Found::Nothing(Some(error.clone())),
                Fate::Done | Fate::Unknown => Found::Unknown,
            },
            // Stripe's success that cannot be read: something was made.
            Ok(_) => Found::Unknown,
        })
    }

    async fn list_created(&self, attempt: &Attempt, sent_s: i64) -> Result<Found, TillError> {
        const AROUND_S: i64 = 900;
        let around = tillbook_stripe::common::Created {
            gte: Some(sent_s.saturating_sub(AROUND_S)),
            lte: Some(sent_s.saturating_add(AROUND_S)),
            ..Default::default()
        };
        let mut params = payment_intents::ListParams { created: Some(around), ..Default::default() };
        params.page.limit = Some(100);
        loop {
            let Ok(reply) = self.look(&params.query()).await else { return Ok(Found::Unknown) };
            let Ok(page) = reply.json::<tillbook_stripe::List<PaymentIntent>>() else {
                return Ok(Found::Unknown);
            };
            let last = page.data.last().map(|intent| intent.id.clone());
            let ours = page
                .data
                .into_iter()
                .find(|intent| intent.metadata.get("attempt_id").is_some_and(|id| *id == attempt.id));
            if let Some(intent) = ours {
                self.write(|tx| {
                    tx.prepare_cached("UPDATE attempt SET payment_intent = ?2 WHERE id = ?1")?
                        .execute([&attempt.id, &intent.id])?;
                    Ok(())
                })?;
                return Ok(Found::Intent(Box::new(intent)));
            }
            if !page.has_more || last.is_none() {
                return Ok(Found::Nothing(None));
            }
            params.page.starting_after = last;
        }
    }

    /// The PaymentIntent as Stripe has it now; the mirror is given it too.
    pub(crate) async fn look_at_intent(&self, intent_id: &str) -> Result<PaymentIntent, Error> {
        let reply = self.look(&payment_intents::retrieve(intent_id)?).await?;
        let intent: PaymentIntent = reply.json()?;
        if intent.status.is_final() {
            self.give_to_mirror(&reply);
        }
        Ok(intent)
    }
}

/// How long a key is surely kept: Stripe keeps it 24 h; four are left for clocks and slow lines.
pub(crate) const REPLAY_WITHIN_S: i64 = 20 * 3600;

enum Round {
    Ended,
    /// Something was done; the next look shows it.
    Again,
    NotYet,
}

/// What a create came to.
pub(crate) enum Found {
    Intent(Box<PaymentIntent>),
    /// Stripe has none, by its own word.
    Nothing(Option<Error>),
    Unknown,
}

/// A failure that Stripe stored for the key: it would be given again for a day.
fn is_stored_failure(answer: &Result<Reply, Error>) -> bool {
    matches!(answer, Err(Error::OutcomeUnknown(lost)) if lost.replayed)
}

/// What to say of a payment that was closed without money: why the card was declined, if it was; nothing if somebody
/// asked for it.
fn closing_notice(attempt: &Attempt) -> Option<Notice> {
    if attempt.state == PaymentState::Declined {
        return attempt.notice.clone();
    }
    if attempt.cancel_asked {
        return None;
    }
    Some(notice(
        NoticeCode::ClosedUnpaid,
        "This payment was interrupted. Stripe says that nothing was taken; it can be taken again.",
    ))
}
