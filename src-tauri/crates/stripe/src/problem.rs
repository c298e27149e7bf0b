//! Stripe's error object, read tolerantly and made safe to keep.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::scrub;
use crate::send::Answer;

/// What Stripe said was wrong. Texts are scrubbed of keys, secrets and card numbers; the message is for logs, never
/// for a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// `api_error`, `card_error`, `idempotency_error`, `invalid_request_error`, or one that is not known yet.
    pub kind: Option<String>,
    /// Machine-readable; may be absent.
    pub code: Option<String>,
    /// Why the bank declined; some of them must not be told (see [`declines`](crate::declines)).
    pub decline_code: Option<String>,
    /// `confirm_card_data`, `do_not_try_again`, `try_again_later`.
    pub advice_code: Option<String>,
    /// The parameter it is about.
    pub param: Option<String>,
    /// Stripe's text, scrubbed.
    pub message: Option<String>,
    /// A refused create or confirm leaves an open PaymentIntent: its id.
    pub payment_intent: Option<String>,
    /// And its status.
    pub payment_intent_status: Option<String>,
    /// The failed charge.
    pub charge: Option<String>,
    /// The SetupIntent it is about.
    pub setup_intent: Option<String>,
    /// Stripe's name for the request.
    pub request_id: Option<String>,
    /// The request whose stored answer this is.
    pub original_request: Option<String>,
    /// Whether this is the stored answer of an earlier request with the same idempotency key.
    pub replayed: bool,
    /// Stripe's own word on whether to send again.
    pub should_retry: Option<bool>,
    /// `Stripe-Rate-Limited-Reason`; absent on a `lock_timeout`.
    pub rate_limited_reason: Option<String>,
    /// The server's clock, unix seconds.
    pub date_s: Option<i64>,
}

/// Read as a tree, field by field: a field of an unexpected kind must not hide the refusal it comes with.
#[derive(Deserialize)]
struct Envelope {
    error: Map<String, Value>,
}

impl Problem {
    /// Reads an answer that is not a success; `None` if the body is not Stripe's error object (a proxy's page, half an
    /// answer).
    pub(crate) fn of(answer: &Answer) -> Option<Self> {
        let Envelope { error } = serde_json::from_slice(&answer.body).ok()?;
        let text = |name: &str| error.get(name).and_then(Value::as_str).map(scrub::text);
        // An object, or its id alone.
        let inner = |name: &str, field: &str| {
            let value = error.get(name)?;
            value
                .get(field)
                .or(Some(value).filter(|_| field == "id"))
                .and_then(Value::as_str)
                .map(scrub::text)
        };
        Some(Self {
            kind: text("type"),
            code: text("code"),
            decline_code: text("decline_code"),
            advice_code: text("advice_code"),
            param: text("param"),
            message: text("message"),
            payment_intent: inner("payment_intent", "id"),
            payment_intent_status: inner("payment_intent", "status"),
            charge: inner("charge", "id"),
            setup_intent: inner("setup_intent", "id"),
            ..Self::bare(answer)
        })
    }

    /// What the status line and the headers say.
    pub(crate) fn bare(answer: &Answer) -> Self {
        Self {
            status: answer.status,
            request_id: answer.request_id.clone(),
            original_request: answer.original_request.clone(),
            replayed: answer.replayed,
            should_retry: answer.should_retry,
            rate_limited_reason: answer.rate_limited_reason.clone(),
            date_s: answer.date_s,
            ..Self::default()
        }
    }

    /// The permission that a restricted key lacks, as Stripe's text names it (`rak_charge_read`).
    pub fn missing_permission(&self) -> Option<&str> {
        let words = |c: char| !(c.is_ascii_lowercase() || c == '_');
        self.message.as_deref()?.split(words).find(|word| word.starts_with("rak_") && word.len() <= 60)
    }

    /// `param: code`, as far as they are machine-readable; nothing that a person wrote.
    pub(crate) fn machine_words(&self) -> String {
        let token = |text: &Option<String>| {
            text.as_deref()
                .filter(|t| {
                    t.len() <= 100 && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"_[].".contains(&b))
                })
                .unwrap_or_default()
                .to_owned()
        };
        match (token(&self.param), token(&self.code)) {
            (param, code) if param.is_empty() => code,
            (param, code) if code.is_empty() => param,
            (param, code) => format!("{param}: {code}"),
        }
    }
}
