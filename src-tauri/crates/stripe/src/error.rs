//! Everything that can go wrong with a request, and what to do next.
//!
//! `Display` is safe to show to staff: our own words, machine-readable codes and the request id; never a body, a key,
//! or Stripe's free text.

use std::fmt;

use crate::{Problem, Unsendable, declines};

/// What a request came to, other than success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The card was declined. The PaymentIntent is open again (`payment_intent`), for another card or a new try.
    Declined(Box<Problem>),
    /// The bank wants the customer to authenticate.
    AuthenticationRequired(Box<Problem>),
    /// The card reader is busy, offline, or did not answer.
    Reader(Box<Problem>),
    /// A parameter is wrong or the object's state does not allow it.
    InvalidRequest(Box<Problem>),
    /// No such object (or not visible to this key).
    NotFound(Box<Problem>),
    /// The idempotency key was used before with other parameters.
    IdempotencyMismatch(Box<Problem>),
    /// Another request with the same idempotency key is still running.
    KeyInUse(Box<Problem>),
    /// The key is wrong, expired or revoked.
    Authentication(Box<Problem>),
    /// The key is good but may not do this.
    Permission(Box<Problem>),
    /// Something else is changing the object.
    Conflict(Box<Problem>),
    /// Too many requests.
    RateLimited(Box<Problem>),
    /// The object was locked by another request; this one was not processed.
    LockTimeout(Box<Problem>),
    /// Stripe could not answer a GET.
    ApiDown(Box<Problem>),
    /// A POST (or DELETE) may or may not have been done. Not a failure: a question that has to be asked.
    OutcomeUnknown(Lost),
    /// No byte of the request left this machine.
    NotSent(NoAnswer),
    /// A GET got no answer.
    Unreachable(NoAnswer),
    /// An answer that is not Stripe's.
    Malformed(NoAnswer),
    /// An answer over the limit.
    TooLarge(NoAnswer),
    /// Refused here, before sending.
    Unsendable(Unsendable),
}

/// A POST whose answer did not arrive, or says nothing about the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// In a few words of ours.
    pub cause: String,
    /// If there was an answer.
    pub status: Option<u16>,
    /// If there was an answer.
    pub request_id: Option<String>,
    /// Stripe's own word on whether to send again.
    pub should_retry: Option<bool>,
    /// A stored 5xx: the same idempotency key will give it again for a day.
    pub replayed: bool,
    /// Stripe's code, if it named one.
    pub code: Option<String>,
}

/// A request that got no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer {
    /// In a few words of ours.
    pub cause: String,
    /// If there was an answer.
    pub status: Option<u16>,
    /// If there was an answer.
    pub request_id: Option<String>,
}

/// What to do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// Tell the customer (in the words of [`declines`]); another card, or the same one where it may work.
    TellCustomer,
    /// Let the customer authenticate: put the card in, or go on in a page.
    Authenticate,
    /// See to the card reader.
    SeeToReader,
    /// The outcome is open: retrieve the object, never send the step again.
    AskStripe,
    /// Not processed: the very same [`Prepared`](crate::Prepared) (or GET) may be sent again after a while.
    RepeatLater,
    /// Put a working key into the settings.
    CheckKey,
    /// Give the restricted key the permission that is missing.
    GrantPermission,
    /// Look the object up again: it is not there.
    LookAgain,
    /// A mistake of the program: log it, tell support.
    TellSupport,
}

impl Error {
    /// What to do next.
    pub fn next_step(&self) -> NextStep {
        match self {
            Self::Declined(_) => NextStep::TellCustomer,
            Self::AuthenticationRequired(_) => NextStep::Authenticate,
            Self::Reader(problem) if hides_an_outcome(problem) => NextStep::AskStripe,
            Self::Reader(_) => NextStep::SeeToReader,
            Self::KeyInUse(_) | Self::OutcomeUnknown(_) => NextStep::AskStripe,
            Self::Conflict(_)
            | Self::RateLimited(_)
            | Self::LockTimeout(_)
            | Self::ApiDown(_)
            | Self::NotSent(_)
            | Self::Unreachable(_) => NextStep::RepeatLater,
            Self::Authentication(_) => NextStep::CheckKey,
            Self::Permission(_) => NextStep::GrantPermission,
            Self::NotFound(_) => NextStep::LookAgain,
            Self::InvalidRequest(_)
            | Self::IdempotencyMismatch(_)
            | Self::Malformed(_)
            | Self::TooLarge(_)
            | Self::Unsendable(_) => NextStep::TellSupport,
        }
    }

    /// Whether money may have moved all the same: staff see "checking with Stripe", never "try again".
    pub fn is_outcome_unknown(&self) -> bool {
        match self {
            Self::OutcomeUnknown(_) | Self::KeyInUse(_) => true,
            Self::Reader(problem) => hides_an_outcome(problem),
            _ => false,
        }
    }

    /// Stripe's error object, where there was one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Declined(problem)
            | Self::AuthenticationRequired(problem)
            | Self::Reader(problem)
            | Self::InvalidRequest(problem)
            | Self::NotFound(problem)
            | Self::IdempotencyMismatch(problem)
            | Self::KeyInUse(problem)
            | Self::Authentication(problem)
            | Self::Permission(problem)
            | Self::Conflict(problem)
            | Self::RateLimited(problem)
            | Self::LockTimeout(problem)
            | Self::ApiDown(problem) => Some(problem),
            _ => None,
        }
    }

    /// Stripe's code, such as `charge_already_refunded`.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::OutcomeUnknown(lost) => lost.code.as_deref(),
            _ => self.problem()?.code.as_deref(),
        }
    }

    /// Why the bank declined. Not for the customer's eyes: see [`declines::staff_notice`].
    pub fn decline_code(&self) -> Option<&str> {
        self.problem()?.decline_code.as_deref()
    }

    /// Stripe's name for the request.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::OutcomeUnknown(lost) => lost.request_id.as_deref(),
            Self::NotSent(none) | Self::Unreachable(none) | Self::Malformed(none) | Self::TooLarge(none) => {
                none.request_id.as_deref()
            }
            _ => self.problem()?.request_id.as_deref(),
        }
    }
}

/// A reader that lost its line may have taken the money: only the PaymentIntent knows.
fn hides_an_outcome(problem: &Problem) -> bool {
    problem.code.as_deref().is_some_and(declines::reader_code_hides_an_outcome)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declined(problem) => {
                let code = problem.decline_code.as_deref().or(problem.code.as_deref());
                f.write_str(declines::staff_notice(code.unwrap_or_default()).1)?;
            }
            Self::AuthenticationRequired(_) => {
                f.write_str("The bank asks the customer to confirm the payment.")?
            }
            Self::Reader(problem) => {
                f.write_str(declines::reader_notice(problem.code.as_deref().unwrap_or_default()).1)?;
            }
            Self::InvalidRequest(problem) => write!(f, "Stripe refused the request{}", in_brackets(problem))?,
            Self::NotFound(problem) => write!(f, "Stripe has no such record{}", in_brackets(problem))?,
            Self::IdempotencyMismatch(_) => {
                f.write_str("The same request was sent before with other content")?
            }
            Self::KeyInUse(_) => f.write_str("The same request is still being worked on at Stripe")?,
            Self::Authentication(_) => f.write_str("Stripe does not accept the key")?,
            Self::Permission(problem) => match problem.missing_permission() {
                Some(permission) => write!(f, "The Stripe key may not do this: it lacks {permission}")?,
                None => f.write_str("The Stripe key may not do this")?,
            },
            Self::Conflict(_) => f.write_str("Something else is changing the same record at Stripe")?,
            Self::RateLimited(problem) => match problem.rate_limited_reason.as_deref() {
                Some(reason) if reason.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) => {
                    write!(f, "Stripe asks to slow down ({reason})")?;
                }
                _ => f.write_str("Stripe asks to slow down")?,
            },
            Self::LockTimeout(_) => f.write_str("The record is busy at Stripe")?,
            Self::ApiDown(problem) => {
                write!(f, "Stripe cannot answer at the moment (status {})", problem.status)?
            }
            Self::OutcomeUnknown(lost) => {
                write!(
                    f,
                    "Stripe's answer did not arrive: it has to be asked what happened ({})",
                    lost.cause
                )?;
            }
            Self::NotSent(none) => write!(f, "No connection to Stripe; nothing was sent ({})", none.cause)?,
            Self::Unreachable(none) => write!(f, "Stripe did not answer ({})", none.cause)?,
            Self::Malformed(none) => write!(f, "The answer is not one of Stripe's ({})", none.cause)?,
            Self::TooLarge(none) => write!(f, "The answer is too large ({})", none.cause)?,
            Self::Unsendable(refused) => write!(f, "The request was not sent: {refused}")?,
        }
        match self.request_id() {
            Some(id) => write!(f, " [{id}]"),
            None => Ok(()),
        }
    }
}

fn in_brackets(problem: &Problem) -> String {
    let words = problem.machine_words();
    if words.is_empty() { words } else { format!(" ({words})") }
}

impl std::error::Error for Error {}

impl From<Unsendable> for Error {
    fn from(refused: Unsendable) -> Self {
        Self::Unsendable(refused)
    }
}
