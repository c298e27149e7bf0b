//! How an error crosses to the window: exhaustive where kinds are chosen, so that a new one cannot be forgotten here.

use serde_json::json;
use tillbook_books::BooksError;
use tillbook_till::TillError;
use tillbook_till::view::Reason;

use crate::wire::{Code, CommandError};

impl From<TillError> for CommandError {
    fn from(error: TillError) -> Self {
        if matches!(error.code(), Code::Internal | Code::Store) {
            tracing::error!(%error, "a command failed");
        }
        Self {
            code: error.code(),
            message: sentence(&message(&error)),
            retryable: error.retryable(),
            details: error.details(),
        }
    }
}

impl From<BooksError> for CommandError {
    fn from(error: BooksError) -> Self {
        let message = sentence(&error.to_string());
        let simple = |code, details| Self { code, message, retryable: false, details };
        match error {
            BooksError::Till(error) => error.into(),
            BooksError::Store(error) => TillError::from(error).into(),
            BooksError::Mirror(error) => TillError::from(error).into(),
            BooksError::Vault(error) => TillError::from(error).into(),
            BooksError::Day { .. } => {
                simple(Code::Invalid, json!({ "field": "period", "reason": Reason::Day }))
            }
            BooksError::Period { .. } => {
                simple(Code::Invalid, json!({ "field": "period", "reason": Reason::Period }))
            }
            BooksError::Write { .. } => simple(Code::Store, json!({ "reason": Reason::CannotWrite })),
            BooksError::Read { .. } => simple(Code::Store, json!({ "reason": Reason::CannotRead })),
            BooksError::Zone { .. }
            | BooksError::NetMismatch { .. }
            | BooksError::Currency { .. }
            | BooksError::Overflow { .. }
            | BooksError::Time { .. }
            | BooksError::BadSigningKey
            | BooksError::Manifest { .. } => simple(Code::Internal, json!({})),
        }
    }
}

/// What happened, and where the files are concerned what a person can do about it.
fn message(error: &TillError) -> String {
    match error {
        TillError::Store(store) => format!("{store}. {}", store.next_step()),
        TillError::Vault(vault) => format!("{vault}. {}", vault.next_step()),
        other => other.to_string(),
    }
}

/// A sentence: a capital in front, a full stop behind.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?', ')']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

impl From<tillbook_stripe::Error> for CommandError {
    fn from(error: tillbook_stripe::Error) -> Self {
        Self {
            code: Code::Stripe,
            message: sentence(&error.to_string()),
            retryable: true,
            details: json!({}),
        }
    }
}

impl CommandError {
    /// A defect, told without its cause: that is in the log.
    pub fn internal() -> Self {
        Self {
            code: Code::Internal,
            message: "Tillbook made a mistake; its log says where. If it comes back, please report it."
                .to_owned(),
            retryable: false,
            details: json!({}),
        }
    }

    /// Nobody is signed in.
    pub fn signed_out() -> Self {
        TillError::SignedOut.into()
    }

    /// An input that cannot be right.
    pub fn invalid(field: &str, message: &str) -> Self {
        Self {
            code: Code::Invalid,
            message: message.to_owned(),
            retryable: false,
            details: json!({ "field": field }),
        }
    }

    /// Something of the practice mode was asked for in another mode.
    pub fn practice_only() -> Self {
        Self {
            code: Code::NotAllowed,
            message: "This exists in practice mode only.".to_owned(),
            retryable: false,
            details: json!({ "reason": Reason::PracticeOnly }),
        }
    }

    /// Files stand in the way. `reason` is told in the shop's language, `message` in English.
    pub fn store(reason: Option<Reason>, message: &str) -> Self {
        let details = reason.map_or_else(|| json!({}), |reason| json!({ "reason": reason }));
        Self { code: Code::Store, message: sentence(message), retryable: false, details }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_wrong_is_told_as_a_sentence_with_its_numbers() {
        let error = CommandError::from(TillError::PinWrong { attempts_left: 2 });
        assert_eq!(error.code, Code::PinWrong);
        assert_eq!(error.details, json!({ "attempts_left": 2 }));
        assert!(error.message.starts_with("That PIN") && error.message.ends_with('.'), "{}", error.message);
    }

    #[test]
    fn trouble_with_the_files_says_what_to_do() {
        let folder = std::path::PathBuf::from("shop");
        let error =
            CommandError::from(TillError::Store(tillbook_store::StoreError::OpenElsewhere { folder }));
        assert_eq!(error.code, Code::Store);
        assert!(
            error.message.contains("already open") && error.message.contains("close it"),
            "{}",
            error.message
        );
    }
}
