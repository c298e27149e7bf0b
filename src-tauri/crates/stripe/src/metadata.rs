//! The metadata standard, held before anything is sent.
//!
//! Stripe takes 50 keys of 40 characters with values of 500. This program adds: keys are `snake_case`, each kind of
//! object carries the keys by which its records are found again, and card numbers and keys are refused.

use serde::{Serialize, Serializer};

use crate::scrub;

/// Why metadata is refused. Names the key, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// More than 50 keys.
    #[error("metadata has {0} keys; Stripe takes 50")]
    TooMany(usize),
    /// Not `snake_case`, or over 40 characters.
    #[error("metadata key “{0}” must be snake_case and at most 40 characters")]
    Key(String),
    /// Over 500 characters.
    #[error("metadata value of “{0}” is over 500 characters")]
    TooLong(String),
    /// Looks like a card number, a key or a secret.
    #[error("metadata value of “{0}” looks like a card number or a secret and must not be stored")]
    Forbidden(String),
    /// A key the object needs is missing or empty.
    #[error("metadata of a {object} needs “{key}”")]
    Missing {
        /// The object, such as `PaymentIntent`.
        object: &'static str,
        /// The key that is missing.
        key: &'static str,
    },
}

/// Keys and values in order; a key given twice keeps the last value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata(Vec<(String, String)>);

impl Metadata {
    /// No metadata.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key; numbers and ids become strings here, because Stripe keeps strings only. An empty value in an
    /// update unsets the key.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        let value = value.to_string();
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some(entry) => entry.1 = value,
            None => self.0.push((key.to_owned(), value)),
        }
        self
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Whether it has no keys.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What holds for metadata of every object.
    pub fn check(&self) -> Result<(), MetadataError> {
        if self.0.len() > 50 {
            return Err(MetadataError::TooMany(self.0.len()));
        }
        for (key, value) in &self.0 {
            if !is_snake_case(key) {
                return Err(MetadataError::Key(scrub::text(key)));
            }
            if value.chars().count() > 500 {
                return Err(MetadataError::TooLong(key.clone()));
            }
            let words = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
            if scrub::has_card_number(value) || value.split(words).any(scrub::looks_like_secret) {
                return Err(MetadataError::Forbidden(key.clone()));
            }
        }
        Ok(())
    }

    /// What holds for a new object of a kind.
    pub(crate) fn check_new(&self, standard: Standard) -> Result<(), MetadataError> {
        self.check()?;
        for key in standard.required {
            if self.get(key).is_none_or(str::is_empty) {
                return Err(MetadataError::Missing { object: standard.object, key });
            }
        }
        Ok(())
    }

    /// What holds for a change: it may leave keys out, but may not unset one the object needs.
    pub(crate) fn check_change(&self, standard: Standard) -> Result<(), MetadataError> {
        self.check()?;
        for key in standard.required {
            if self.get(key) == Some("") {
                return Err(MetadataError::Missing { object: standard.object, key });
            }
        }
        Ok(())
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        pairs.into_iter().fold(Self::new(), |all, (key, value)| all.with(&key.into(), value.into()))
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// The keys a kind of object needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standard {
    object: &'static str,
    required: &'static [&'static str],
}

const PAYMENT_KEYS: &[&str] = &[
    "workspace_id",
    "user_id",
    "purpose",
    "sale_id",
    "attempt_id",
    "till_id",
    "journal_seq",
    "journal_head",
];

impl Standard {
    pub(crate) const CUSTOMER: Self = Self { object: "Customer", required: &["workspace_id", "user_id"] };
    pub(crate) const PAYMENT_INTENT: Self = Self { object: "PaymentIntent", required: PAYMENT_KEYS };
    pub(crate) const CHECKOUT_SESSION: Self =
        Self { object: "Checkout Session", required: &["workspace_id", "user_id"] };
    pub(crate) const CHECKOUT_SUBSCRIPTION: Self =
        Self { object: "Checkout Session", required: &["workspace_id", "user_id", "plan"] };
    pub(crate) const SUBSCRIPTION: Self =
        Self { object: "Subscription", required: &["workspace_id", "plan"] };
    pub(crate) const REFUND: Self = Self {
        object: "Refund",
        required: &[
            "refunded_by",
            "approved_by",
            "reason_detail",
            "refund_attempt_id",
            "sale_id",
            "till_id",
            "journal_seq",
            "journal_head",
        ],
    };
    /// Objects without keys of their own.
    pub(crate) const OTHER: Self = Self { object: "object", required: &[] };
}

fn is_snake_case(key: &str) -> bool {
    key.len() <= 40
        && key.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !key.ends_with('_')
        && !key.contains("__")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment() -> Metadata {
        PAYMENT_KEYS.iter().map(|key| (*key, "1")).collect()
    }

    #[test]
    fn limits_are_inclusive() {
        let full: Metadata = (0..50).map(|n| (format!("k{n}"), "é".repeat(500))).collect();
        assert_eq!(full.check(), Ok(()));
        assert_eq!(full.clone().with("one_more", "").check(), Err(MetadataError::TooMany(51)));
        assert_eq!(Metadata::new().with(&"k".repeat(40), "").check(), Ok(()));
        assert!(Metadata::new().with(&"k".repeat(41), "").check().is_err());
        assert_eq!(
            Metadata::new().with("note", "x".repeat(501)).check(),
            Err(MetadataError::TooLong("note".to_owned()))
        );
    }

    #[test]
    fn keys_are_snake_case() {
        for key in
            ["", "saleId", "sale-id", "sale id", "sale[id]", "_sale", "sale_", "sale__id", "1st", "café"]
        {
            assert!(matches!(Metadata::new().with(key, "x").check(), Err(MetadataError::Key(_))), "{key}");
        }
    }

    #[test]
    fn cards_and_keys_never_get_in_and_never_into_the_error() {
        for value in ["4242 4242 4242 4242", "sk_test_abc", "see rk_live_abc", "whsec_x1", "pi_1_secret_2"] {
            let error = Metadata::new().with("note", value).check().unwrap_err();
            assert_eq!(error, MetadataError::Forbidden("note".to_owned()), "{value}");
            assert!(!error.to_string().contains(value));
        }
        for value in ["01890a5d-ac96-774b-bcce-b302099a8057", "risk_test", "task_1", "4006381333931", ""] {
            assert_eq!(Metadata::new().with("note", value).check(), Ok(()), "{value}");
        }
    }

    #[test]
    fn a_new_object_has_its_keys_and_a_change_may_not_unset_them() {
        assert_eq!(payment().check_new(Standard::PAYMENT_INTENT), Ok(()));
        let missing = MetadataError::Missing { object: "PaymentIntent", key: "attempt_id" };
        assert_eq!(
            payment().with("attempt_id", "").check_new(Standard::PAYMENT_INTENT),
            Err(missing.clone())
        );
        assert_eq!(
            Metadata::new().with("attempt_id", "").check_change(Standard::PAYMENT_INTENT),
            Err(missing)
        );
        assert_eq!(Metadata::new().with("note", "").check_change(Standard::PAYMENT_INTENT), Ok(()));
    }
}
