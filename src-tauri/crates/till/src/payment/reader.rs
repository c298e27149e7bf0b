//! The reader on the counter: which one, what it is doing, and getting it free.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tillbook_stripe::terminal::{self, Reader as StripeReader};
use tillbook_stripe::{Error, NoAnswer, Query, Reply, declines};

use super::progress::{ReaderAction, notice, of_stripe};
use super::record::{self, Attempt};
use super::step::{self, Owner, StepKind};
use crate::view::{Notice, NoticeCode, Reader, Reason};
use crate::{Till, TillError};

/// Whether a payment can be put on the reader now.
pub(crate) enum Ready {
    Yes,
    /// Not now, and why.
    No(Notice),
}

impl Till {
    /// The reader somebody named, or the one that is there: with several online somebody has to choose.
    pub(crate) fn choose_reader(&self, reader_id: Option<&str>) -> Result<Reader, TillError> {
        let all = self.known_readers()?;
        let refused = |reason, message: &str| TillError::Reader { reason, message: message.to_owned() };
        if let Some(id) = reader_id {
            return all.into_iter().find(|reader| reader.id == id).ok_or_else(|| {
                refused(
                    Reason::ReaderUnknown,
                    "that card reader is not known; synchronise, or choose another one",
                )
            });
        }
        let (mut online, mut offline): (Vec<_>, Vec<_>) = all.into_iter().partition(|reader| reader.online);
        match (online.len(), offline.len()) {
            (0, 0) => Err(refused(
                Reason::ReaderNone,
                "there is no card reader; register one in Stripe and synchronise",
            )),
            (1, _) => online.pop().ok_or_else(|| TillError::internal("a reader went away")),
            // What the mirror heard of it may be old: the reader itself is asked before anything is sent to it.
            (0, 1) => offline.pop().ok_or_else(|| TillError::internal("a reader went away")),
            _ => Err(refused(Reason::ReaderChoose, "there are several card readers; choose one")),
        }
    }

    /// What the reader is doing, by Stripe.
    pub(crate) async fn look_at_reader(&self, reader_id: &str) -> Result<Option<ReaderAction>, Error> {
        let reply = self.look(&terminal::retrieve_reader(reader_id)?).await?;
        let reader: StripeReader = reply.json()?;
        Ok(reader.action.map(|action| ReaderAction {
            payment_intent: action.payment_intent().map(ToOwned::to_owned),
            status: action.status.as_str().to_owned(),
            kind: action.kind,
            failure_code: action.failure_code,
        }))
    }

    /// A GET that does not hold a payment up: on a line that hangs it is given up early, and the next look is asked.
    pub(crate) async fn look(&self, query: &Query) -> Result<Reply, Error> {
        let client = self.client().map_err(|_| no_answer("no key is known"))?;
        let counted = client.paced(Some(Arc::clone(&self.inner.looks)));
        let reply = tokio::time::timeout(LOOK_WITHIN, counted.fetch(query)).await;
        self.count_looks();
        let reply = reply.map_err(|_| no_answer("no answer in time"))??;
        self.note_date(reply.date_s);
        Ok(reply)
    }

    /// Tells the mirror, which owns the account's budget of reads, what was asked since the last time, repeats included.
    fn count_looks(&self) {
        let asked = self.inner.looks.requests();
        let told = self.inner.looks_told.fetch_max(asked, Ordering::Relaxed);
        // Another look may have told of more already.
        match asked.saturating_sub(told) {
            0 => {}
            reads => self.mirror().spent_on_payments(reads),
        }
    }

    /// Makes the reader free for a payment. Only an action that names a PaymentIntent of this till is ended, and only
    /// once the payment it belongs to is settled; anybody else's is left alone.
    pub(crate) async fn clear_reader(&self, attempt: &Attempt) -> Result<Ready, TillError> {
        let reader_id = attempt.reader_id.clone().unwrap_or_default();
        for _ in 0..3 {
            let action = match self.look_at_reader(&reader_id).await {
                Ok(action) => action,
                Err(error) => return Ok(Ready::No(reader_trouble(&error))),
            };
            self.stop_here("reader_looked_at")?;
            let Some(action) = action.filter(ReaderAction::in_progress) else { return Ok(Ready::Yes) };
            // A cart on the display is replaced by a payment; nothing of it is lost.
            if action.kind == "set_reader_display" {
                return Ok(Ready::Yes);
            }
            let Some(intent) = action.payment_intent.as_deref() else { return Ok(Ready::No(busy())) };
            if !self.may_end_action(attempt, intent).await? {
                return Ok(Ready::No(busy()));
            }
            // The payment that was settled may have cleared its reader itself: look again before ending anything.
            let again = self.look_at_reader(&reader_id).await.ok().flatten();
            if again.is_some_and(|again| again.in_progress() && again.names(intent)) {
                self.end_action(&attempt.id, &reader_id, attempt.presentation).await?;
            }
        }
        Ok(Ready::No(busy()))
    }

    /// Whether the action on the reader is ours to end: it belongs to this payment, or to one of ours that is final.
    /// One that a run before this one left open is settled first.
    async fn may_end_action(&self, attempt: &Attempt, intent: &str) -> Result<bool, TillError> {
        if attempt.payment_intent.as_deref() == Some(intent) {
            return Ok(true);
        }
        let Some(other) = self.read(|db| record::find_by_intent(db, intent))? else { return Ok(false) };
        if other.state.is_final() {
            return Ok(true);
        }
        if self.is_attended(&other.id) {
            return Ok(false);
        }
        let lock = self.lock_of(&other.id);
        let Ok(_held) = lock.try_lock() else { return Ok(false) };
        Box::pin(self.close(&other.id)).await?;
        Ok(self.read(|db| record::find(db, &other.id))?.state.is_final())
    }

    /// Resets the reader. That it refuses is no harm: the payment itself is asked afterwards in any case.
    pub(crate) async fn end_action(
        &self,
        attempt_id: &str,
        reader_id: &str,
        presentation: i64,
    ) -> Result<(), TillError> {
        let prepared = terminal::cancel_action(reader_id, &self.new_id()).map_err(TillError::internal)?;
        let step = self.write(|tx| {
            let now_ms = self.now_ms();
            let owner = Owner::Attempt(attempt_id);
            let seq = step::write(tx, owner, StepKind::CancelAction, presentation, &prepared, now_ms)?;
            step::find(tx, seq)
        })?;
        let answer = self.send(&step).await?;
        self.record_step(&step, &answer)
    }

    /// Writes down what came of a step that nothing else follows from.
    pub(crate) fn record_step(
        &self,
        step: &step::Step,
        answer: &Result<Reply, Error>,
    ) -> Result<(), TillError> {
        self.write(|tx| step::record(tx, step, answer, self.now_ms()))
    }
}

/// How long one look may take.
const LOOK_WITHIN: Duration = Duration::from_secs(15);

fn no_answer(cause: &str) -> Error {
    Error::Unreachable(NoAnswer { cause: cause.to_owned(), status: None, request_id: None })
}

fn busy() -> Notice {
    of_stripe(declines::reader_notice("terminal_reader_busy"))
}

/// Why a reader cannot be used, for staff.
pub(crate) fn reader_trouble(error: &Error) -> Notice {
    match error {
        Error::Reader(problem) => {
            of_stripe(declines::reader_notice(problem.code.as_deref().unwrap_or_default()))
        }
        Error::NotFound(_) => notice(
            NoticeCode::ReaderUnknown,
            "Stripe does not know this card reader any more. Choose another one.",
        ),
        Error::NotSent(_) | Error::Unreachable(_) | Error::ApiDown(_) => offline_notice(),
        Error::Declined(problem) | Error::AuthenticationRequired(problem) => {
            let code = problem.decline_code.as_deref().or(problem.code.as_deref()).unwrap_or_default();
            of_stripe(declines::staff_notice(code))
        }
        other => notice(NoticeCode::StripeRefused, &other.to_string()),
    }
}

/// Stripe could not be reached; nothing was asked of the card.
pub(crate) fn offline_notice() -> Notice {
    notice(NoticeCode::Offline, "Stripe cannot be reached. Nothing was taken. Try again, or take cash.")
}
