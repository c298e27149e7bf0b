//! Idempotency keys: the first outcome of a key is every later one's answer.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::kind::ANSWER;
use super::state::World;
use crate::api::error::ApiError;
use crate::api::params::{int, text};

const KEPT_FOR: i64 = 24 * 3600;

/// A kept outcome.
#[derive(Debug)]
pub(crate) struct Kept {
    pub status: u16,
    pub body: String,
    pub request: String,
}

/// What makes two requests the same: the path and the parameters, whatever their order in the body.
pub(crate) fn fingerprint(path: &str, params: &Value) -> String {
    let digest =
        Sha256::new().chain_update(path).chain_update([0]).chain_update(params.to_string()).finalize();
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl World {
    /// The outcome kept under a key: 400 where it belongs to another request.
    pub(crate) fn kept(&mut self, key: &str, path: &str, print: &str) -> Result<Option<Kept>, ApiError> {
        let Some(row) = self.look(ANSWER, key) else { return Ok(None) };
        if int(&row, "created") + KEPT_FOR <= self.wall() {
            self.forget(ANSWER, key);
            return Ok(None);
        }
        if text(&row, "path") != path {
            return Err(ApiError::idempotency(format!(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for ('{path}' vs \
                 '{}'). Try using a key other than '{key}' if you meant to execute a different request.",
                text(&row, "path")
            )));
        }
        if text(&row, "print") != print {
            return Err(ApiError::idempotency(format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using \
                 a key other than '{key}' if you meant to execute a different request."
            )));
        }
        let status = u16::try_from(int(&row, "status")).unwrap_or(500);
        Ok(Some(Kept {
            status,
            body: text(&row, "body").to_owned(),
            request: text(&row, "request").to_owned(),
        }))
    }

    /// Keeps an outcome.
    pub(crate) fn keep(&mut self, key: &str, path: &str, print: &str, kept: &Kept) {
        let row = json!({
            "id": key, "object": ANSWER.object, "created": self.wall(), "path": path, "print": print,
            "status": kept.status, "body": kept.body, "request": kept.request,
        });
        self.put(ANSWER, &row);
        let horizon = self.wall() - KEPT_FOR;
        let aged =
            self.table(ANSWER).and_then(|table| table.oldest().next().map(|(at, id)| (at, id.to_owned())));
        if let Some((at, id)) = aged.filter(|(at, _)| *at < horizon) {
            tracing::trace!(at, "an idempotency key aged out");
            self.forget(ANSWER, &id);
        }
    }
}
