//! Drives a payment: creates it at Stripe, puts it on the reader, watches both until Stripe has had its last word.
//! Every step starts from what the store says, so that it can be dropped or killed anywhere and begun again.

use tillbook_stripe::Error;
use tillbook_stripe::payment_intents::{Capture, PaymentIntent, Status};
use tillbook_stripe::terminal::ProcessPaymentIntent;

use super::close::Found;
use super::outcome::{Unpaid, set_state};
use super::progress::{Progress, notice, progress};
use super::reader::{Ready, offline_notice, reader_trouble};
use super::record::{self, Attempt};
use super::step::{self, Fate, Owner, Step, StepKind};
use crate::view::{Notice, NoticeCode, PaymentState, Sale};
use crate::{Till, TillError};

/// Whether a payment goes on.
enum Next {
    Go,
    Stop,
}

impl Till {
    /// Drives a card payment until it is final, declined, or Stripe is silent for long. One that this run of the program
    /// did not start is settled instead: nobody waits for its reader any more. May be dropped at any await and called
    /// again.
    pub async fn drive(&self, attempt_id: &str) -> Result<Sale, TillError> {
        let sale_id = self.read(|db| record::sale_id_of(db, attempt_id))?;
        let lock = self.lock_of(attempt_id);
        let held = lock.lock().await;
        let attempt = self.read(|db| record::find(db, attempt_id))?;
        if !attempt.state.is_final() {
            if self.is_attended(attempt_id) {
                self.present(attempt).await?;
            } else {
                self.close(attempt_id).await?;
            }
        }
        drop(held);
        self.view_sale(&sale_id)
    }

    async fn present(&self, attempt: Attempt) -> Result<(), TillError> {
        let id = attempt.id.clone();
        if attempt.cancel_asked || attempt.state == PaymentState::Checking {
            return self.close(&id).await;
        }
        if attempt.state == PaymentState::Declined {
            return Ok(());
        }
        if let Next::Stop = self.create(&attempt).await? {
            return Ok(());
        }
        let attempt = self.read(|db| record::find(db, &id))?;
        if attempt.cancel_asked {
            return self.close(&id).await;
        }
        if let Next::Stop = self.put_on_reader(&attempt).await? {
            return Ok(());
        }
        self.watch(&attempt).await
    }

    /// Makes the PaymentIntent, unconfirmed. A lost answer is settled here: as long as nobody was asked to pay, no
    /// payment of the sale is in doubt.
    async fn create(&self, attempt: &Attempt) -> Result<Next, TillError> {
        if attempt.payment_intent.is_some() {
            return Ok(Next::Go);
        }
        let step = self.read(|db| step::create_of(db, &attempt.id))?;
        let found = if step.sent_at_ms.is_none() {
            if let Err(error) = self.check_account().await {
                return self.give_up_unsent(attempt, error).await;
            }
            let answer = self.send(&step).await?;
            self.take_created(attempt, &step, &answer)?
        } else {
            Found::Unknown
        };
        match found {
            Found::Intent(_) => Ok(Next::Go),
            Found::Nothing(error) => self.stop_refused(attempt, error).await,
            Found::Unknown => self.create_again(attempt).await,
        }
    }

    async fn create_again(&self, attempt: &Attempt) -> Result<Next, TillError> {
        for _ in 0..self.inner.pace.patience {
            let step = self.read(|db| step::create_of(db, &attempt.id))?;
            match self.find_created(attempt, &step).await? {
                Found::Intent(_) => return Ok(Next::Go),
                Found::Nothing(error) => return self.stop_refused(attempt, error).await,
                Found::Unknown => {}
            }
            if self.read(|db| record::find(db, &attempt.id))?.cancel_asked {
                break;
            }
            tokio::time::sleep(self.inner.pace.poll).await;
        }
        self.close_unpresented(attempt, Some(offline_notice())).await?;
        Ok(Next::Stop)
    }

    /// Nothing was sent: the sale is free at once. A wrong account is somebody's mistake and is told as such.
    async fn give_up_unsent(&self, attempt: &Attempt, error: TillError) -> Result<Next, TillError> {
        let (why, passed_on) = match error {
            TillError::Offline => (offline_notice(), None),
            other => (notice(NoticeCode::StripeRefused, &other.to_string()), Some(other)),
        };
        self.close_unpresented(attempt, Some(why)).await?;
        passed_on.map_or(Ok(Next::Stop), Err)
    }

    async fn stop_refused(&self, attempt: &Attempt, error: Option<Error>) -> Result<Next, TillError> {
        let why = error.as_ref().map_or_else(offline_notice, reader_trouble);
        self.write_canceled(&attempt.id, &Unpaid { notice: Some(why), leftover: false })?;
        Ok(Next::Stop)
    }

    /// Asks the reader for the card, once for each presentation.
    async fn put_on_reader(&self, attempt: &Attempt) -> Result<Next, TillError> {
        match self.read(|db| step::process_of(db, &attempt.id, attempt.presentation))? {
            Some(sent) if sent.fate == Some(Fate::Done) => Ok(Next::Go),
            Some(sent) if sent.sent_at_ms.is_some() => {
                // Its answer was lost with whoever waited for it: it is never sent again.
                self.close(&attempt.id).await?;
                Ok(Next::Stop)
            }
            Some(unsent) => self.ready_and_send(attempt, Some(unsent)).await,
            None => self.ready_and_send(attempt, None).await,
        }
    }

    async fn ready_and_send(&self, attempt: &Attempt, written: Option<Step>) -> Result<Next, TillError> {
        let intent_id = attempt.payment_intent.clone().unwrap_or_default();
        // The reader first, the payment after it: what happened in between is seen in the payment.
        if let Ready::No(why) = self.clear_reader(attempt).await? {
            self.write_declined(&attempt.id, &why)?;
            return Ok(Next::Stop);
        }
        if attempt.presentation > 1 {
            match self.look_at_intent(&intent_id).await {
                Ok(intent) if intent.status == Status::RequiresPaymentMethod => {}
                // Paid or canceled meanwhile, or under way: watching tells.
                Ok(_) => return Ok(Next::Go),
                Err(error) => {
                    self.write_declined(&attempt.id, &reader_trouble(&error))?;
                    return Ok(Next::Stop);
                }
            }
        }
        let step = match written {
            Some(step) => step,
            None => self.write_process(attempt, &intent_id)?,
        };
        self.stop_here("process_written")?;
        if self.read(|db| record::find(db, &attempt.id))?.cancel_asked {
            self.close(&attempt.id).await?;
            return Ok(Next::Stop);
        }
        let answer = self.send(&step).await?;
        let fate = match &answer {
            Ok(_) => Fate::Done,
            Err(error) => step.fate_of(error),
        };
        self.write(|tx| {
            step::record(tx, &step, &answer, self.now_ms())?;
            if fate == Fate::Done {
                set_state(tx, &attempt.id, PaymentState::WaitingForCard, None)?;
            }
            Ok(())
        })?;
        match (fate, answer) {
            (Fate::Done, _) => Ok(Next::Go),
            (Fate::Refused | Fate::NotSent, Err(error)) => self.not_on_reader(attempt, &error).await,
            _ => {
                self.close(&attempt.id).await?;
                Ok(Next::Stop)
            }
        }
    }

    fn write_process(&self, attempt: &Attempt, intent_id: &str) -> Result<Step, TillError> {
        let process = ProcessPaymentIntent { payment_intent: intent_id.to_owned(), ..Default::default() };
        let reader_id = attempt.reader_id.clone().unwrap_or_default();
        let prepared = process.prepare(&reader_id, &self.new_id()).map_err(TillError::internal)?;
        self.write(|tx| {
            let owner = Owner::Attempt(&attempt.id);
            let kind = StepKind::Process;
            let seq = step::write(tx, owner, kind, attempt.presentation, &prepared, self.now_ms())?;
            step::find(tx, seq)
        })
    }

    /// The reader did not take it. Usually nothing happened; where the payment itself was in the way, it is asked.
    async fn not_on_reader(&self, attempt: &Attempt, error: &Error) -> Result<Next, TillError> {
        if matches!(error, Error::InvalidRequest(_))
            && let Some(intent_id) = &attempt.payment_intent
            && let Ok(intent) = self.look_at_intent(intent_id).await
            && intent.status != Status::RequiresPaymentMethod
        {
            return Ok(Next::Go);
        }
        self.write_declined(&attempt.id, &reader_trouble(error))?;
        Ok(Next::Stop)
    }

    /// Looks at reader and payment until somebody has had the last word.
    async fn watch(&self, attempt: &Attempt) -> Result<(), TillError> {
        let intent_id = attempt.payment_intent.clone().unwrap_or_default();
        let reader_id = attempt.reader_id.clone().unwrap_or_default();
        let (mut failures, mut doubts) = (0_u32, 0_u32);
        loop {
            let nudged = self.inner.nudge.notified();
            if self.read(|db| record::find(db, &attempt.id))?.cancel_asked {
                return self.close(&attempt.id).await;
            }
            self.stop_here("waiting")?;
            let action = self.look_at_reader(&reader_id).await;
            let intent = self.look_at_intent(&intent_id).await;
            match (action, intent) {
                (_, Ok(intent)) if intent.status.is_final() => return self.finish(attempt, &intent).await,
                (Ok(action), Ok(intent)) => {
                    failures = 0;
                    match progress(&intent, action.as_ref()) {
                        Progress::Ended { notice, sure } if sure || doubts >= DOUBTS => {
                            return self.write_declined(&attempt.id, &notice);
                        }
                        Progress::Ended { .. } => doubts = doubts.saturating_add(1),
                        other => {
                            doubts = 0;
                            self.show(attempt, &intent, &other).await?;
                        }
                    }
                }
                _ => {
                    failures = failures.saturating_add(1);
                    self.write_state(&attempt.id, PaymentState::Checking)?;
                    if failures >= self.inner.pace.patience {
                        return Ok(());
                    }
                }
            }
            tokio::select! {
                () = nudged => {}
                () = tokio::time::sleep(self.inner.pace.poll) => {}
            }
        }
    }

    async fn finish(&self, attempt: &Attempt, intent: &PaymentIntent) -> Result<(), TillError> {
        if intent.status == Status::Succeeded {
            self.write_paid(&attempt.id, intent)?;
            self.learn_card(&attempt.id).await;
            return Ok(());
        }
        let why: Option<Notice> = (!attempt.cancel_asked).then(|| {
            notice(NoticeCode::CanceledElsewhere, "This payment was canceled in Stripe. Nothing was taken.")
        });
        self.write_canceled(&attempt.id, &Unpaid { notice: why, leftover: false })
    }

    async fn show(
        &self,
        attempt: &Attempt,
        intent: &PaymentIntent,
        progress: &Progress,
    ) -> Result<(), TillError> {
        match progress {
            Progress::Waiting => self.write_state(&attempt.id, PaymentState::WaitingForCard),
            Progress::ToCapture => {
                self.write_state(&attempt.id, PaymentState::Authorising)?;
                self.capture(attempt, intent).await
            }
            _ => self.write_state(&attempt.id, PaymentState::Authorising),
        }
    }

    /// We ask for money at once, so nothing should be left to capture; where it is all the same, it is taken while the
    /// customer stands there. A capture whose answer is lost shows in the next look.
    async fn capture(&self, attempt: &Attempt, intent: &PaymentIntent) -> Result<(), TillError> {
        let prepared = Capture::default().prepare(&intent.id, &self.new_id()).map_err(TillError::internal)?;
        let step = self.write(|tx| {
            let owner = Owner::Attempt(&attempt.id);
            let kind = StepKind::Capture;
            let seq = step::write(tx, owner, kind, attempt.presentation, &prepared, self.now_ms())?;
            step::find(tx, seq)
        })?;
        let answer = self.send(&step).await?;
        self.record_step(&step, &answer)
    }
}

/// How often Stripe is asked again before a reader that may be wrong is believed.
const DOUBTS: u32 = 2;
