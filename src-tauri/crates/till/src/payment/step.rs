//! Requests that Stripe acts on: written down whole, marked as sent, and only then sent.

use std::sync::atomic::Ordering;

use rusqlite::{Connection, OptionalExtension, Row, params};
use tillbook_stripe::{Error, Prepared, Reply};

use crate::{Till, TillError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepKind {
    Create,
    Process,
    Capture,
    CancelAction,
    Cancel,
    Refund,
}

impl StepKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Process => "process",
            Self::Capture => "capture",
            Self::CancelAction => "cancel_action",
            Self::Cancel => "cancel",
            Self::Refund => "refund",
        }
    }

    /// Where a test may stop the program: after the step was marked as sent, and after its answer came.
    fn places(self) -> (&'static str, &'static str) {
        match self {
            Self::Create => ("create_marked_sent", "create_answered"),
            Self::Process => ("process_marked_sent", "process_answered"),
            Self::Capture => ("capture_marked_sent", "capture_answered"),
            Self::CancelAction => ("cancel_action_marked_sent", "cancel_action_answered"),
            Self::Cancel => ("cancel_marked_sent", "cancel_answered"),
            Self::Refund => ("refund_marked_sent", "refund_answered"),
        }
    }
}

/// What came of a step that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Done,
    Refused,
    Unknown,
    NotSent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner<'a> {
    Attempt(&'a str),
    Refund(&'a str),
}

#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) seq: i64,
    pub(crate) kind: StepKind,
    pub(crate) prepared: Prepared,
    pub(crate) sent_at_ms: Option<i64>,
    /// By Stripe's clock as far as it was known.
    pub(crate) sent_at_server_s: Option<i64>,
    pub(crate) fate: Option<Fate>,
}

impl Step {
    /// Whether a byte of it may have left this machine.
    pub(crate) fn may_have_left(&self) -> bool {
        self.sent_at_ms.is_some() && self.fate != Some(Fate::NotSent)
    }

    /// What an error says of this step, as it was before this sending. Only what Stripe itself said no to, or what
    /// never left, did certainly nothing. When a step is replayed, that the replay did not leave, or was turned away
    /// at the door (key, pace, lock), says nothing of the first sending.
    pub(crate) fn fate_of(&self, error: &Error) -> Fate {
        let first = self.sent_at_ms.is_none();
        match error {
            _ if error.is_outcome_unknown() => Fate::Unknown,
            Error::NotSent(_) | Error::Unsendable(_) if first => Fate::NotSent,
            Error::Declined(_)
            | Error::AuthenticationRequired(_)
            | Error::Reader(_)
            | Error::InvalidRequest(_)
            | Error::NotFound(_) => Fate::Refused,
            Error::IdempotencyMismatch(_)
            | Error::Authentication(_)
            | Error::Permission(_)
            | Error::Conflict(_)
            | Error::RateLimited(_)
            | Error::LockTimeout(_)
                if first =>
            {
                Fate::Refused
            }
            _ => Fate::Unknown,
        }
    }
}

/// Writes a step down.
pub(crate) fn write(
    tx: &Connection,
    owner: Owner<'_>,
    kind: StepKind,
    presentation: i64,
    prepared: &Prepared,
    now_ms: i64,
) -> Result<i64, TillError> {
    let (attempt, refund) = match owner {
        Owner::Attempt(id) => (Some(id), None),
        Owner::Refund(id) => (None, Some(id)),
    };
    tx.prepare_cached(
        "INSERT INTO attempt_step (attempt_id, refund_attempt_id, kind, presentation, idempotency_key, path, body,
                                   prepared_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        attempt,
        refund,
        kind.as_str(),
        presentation,
        prepared.idempotency_key,
        prepared.path,
        prepared.body,
        now_ms
    ])?;
    Ok(tx.last_insert_rowid())
}

const COLUMNS: &str = "seq, kind, path, body, idempotency_key, sent_at_ms, sent_at_server_s, outcome";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Step> {
    Ok(Step {
        seq: row.get(0)?,
        kind: match row.get_ref(1)?.as_str()? {
            "create" => StepKind::Create,
            "process" => StepKind::Process,
            "capture" => StepKind::Capture,
            "cancel_action" => StepKind::CancelAction,
            "refund" => StepKind::Refund,
            _ => StepKind::Cancel,
        },
        prepared: Prepared { path: row.get(2)?, body: row.get(3)?, idempotency_key: row.get(4)? },
        sent_at_ms: row.get(5)?,
        sent_at_server_s: row.get(6)?,
        fate: row.get_ref(7)?.as_str_or_null()?.map(|text| match text {
            "done" => Fate::Done,
            "refused" => Fate::Refused,
            "not_sent" => Fate::NotSent,
            _ => Fate::Unknown,
        }),
    })
}

/// The one step that creates a payment.
pub(crate) fn create_of(db: &Connection, attempt_id: &str) -> Result<Step, TillError> {
    let sql = format!("SELECT {COLUMNS} FROM attempt_step WHERE attempt_id = ?1 AND kind = 'create'");
    db.prepare_cached(&sql)?
        .query_row([attempt_id], from_row)
        .optional()?
        .ok_or_else(|| TillError::internal("a payment without its first step"))
}

/// The step that sends a presentation of a payment to the reader.
pub(crate) fn process_of(
    db: &Connection,
    attempt_id: &str,
    presentation: i64,
) -> Result<Option<Step>, TillError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM attempt_step WHERE attempt_id = ?1 AND kind = 'process' AND presentation = ?2"
    );
    Ok(db.prepare_cached(&sql)?.query_row(params![attempt_id, presentation], from_row).optional()?)
}

/// The one step that asks for a refund.
pub(crate) fn refund_of(db: &Connection, refund_attempt_id: &str) -> Result<Step, TillError> {
    let sql = format!("SELECT {COLUMNS} FROM attempt_step WHERE refund_attempt_id = ?1 AND kind = 'refund'");
    db.prepare_cached(&sql)?
        .query_row([refund_attempt_id], from_row)
        .optional()?
        .ok_or_else(|| TillError::internal("a card refund without its step"))
}

/// A step by its place.
pub(crate) fn find(db: &Connection, seq: i64) -> Result<Step, TillError> {
    let sql = format!("SELECT {COLUMNS} FROM attempt_step WHERE seq = ?1");
    db.prepare_cached(&sql)?
        .query_row([seq], from_row)
        .optional()?
        .ok_or_else(|| TillError::internal("a step that was written is gone"))
}

/// Whether any request that can take money for this payment may have left this machine.
pub(crate) fn was_presented(db: &Connection, attempt_id: &str) -> Result<bool, TillError> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM attempt_step WHERE attempt_id = ?1 AND kind IN ('process', 'capture')
                            AND sent_at_ms IS NOT NULL AND outcome IS NOT 'not_sent')",
        )?
        .query_row([attempt_id], |row| row.get(0))?)
}

/// Writes down what came of a step.
pub(crate) fn record(
    tx: &Connection,
    step: &Step,
    answer: &Result<Reply, Error>,
    now_ms: i64,
) -> Result<(), TillError> {
    let (fate, status, request_id, code) = match answer {
        Ok(reply) => ("done", Some(reply.status), reply.request_id.as_deref(), None),
        Err(error) => (
            match step.fate_of(error) {
                Fate::Done => "done",
                Fate::Refused => "refused",
                Fate::Unknown => "unknown",
                Fate::NotSent => "not_sent",
            },
            error.problem().map(|problem| problem.status),
            error.request_id(),
            error.code(),
        ),
    };
    tx.prepare_cached(
        "UPDATE attempt_step SET outcome = ?2, http_status = ?3, request_id = ?4, error_code = ?5,
           answered_at_ms = ?6 WHERE seq = ?1",
    )?
    .execute(params![step.seq, fate, status, request_id, code, now_ms])?;
    Ok(())
}

impl Till {
    /// Marks a step as sent, then sends it. The caller records the answer together with what follows from it.
    pub(crate) async fn send(&self, step: &Step) -> Result<Result<Reply, Error>, TillError> {
        let client = self.client()?.clone();
        let (marked, answered) = step.kind.places();
        if step.sent_at_ms.is_none() {
            let now_ms = self.now_ms();
            let server_s = self.server_now_s();
            self.write(|tx| {
                tx.prepare_cached(
                    "UPDATE attempt_step SET sent_at_ms = ?2, sent_at_server_s = ?3 WHERE seq = ?1",
                )?
                .execute(params![step.seq, now_ms, server_s])?;
                Ok(())
            })?;
        }
        self.stop_here(marked)?;
        let answer = client.post(&step.prepared).await;
        if let Ok(reply) = &answer {
            self.note_date(reply.date_s);
        }
        self.stop_here(answered)?;
        Ok(answer)
    }

    /// Stripe's clock, as far as it is known: keys are kept by its days, not by ours.
    pub(crate) fn server_now_s(&self) -> i64 {
        let ahead_ms = self.inner.server_ahead_ms.load(Ordering::Relaxed);
        self.now_ms().saturating_add(ahead_ms).div_euclid(1000)
    }

    /// Remembers how far Stripe's clock is from ours.
    pub(crate) fn note_date(&self, date_s: Option<i64>) {
        if let Some(date_s) = date_s {
            let ahead_ms = date_s.saturating_mul(1000).saturating_sub(self.now_ms());
            self.inner.server_ahead_ms.store(ahead_ms, Ordering::Relaxed);
        }
    }
}
