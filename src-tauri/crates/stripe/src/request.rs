//! What is sent: a [`Prepared`] POST that is written down before it leaves, and a [`Query`] that may be repeated.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::metadata::MetadataError;
use crate::{Form, scrub};

/// Why a request was refused before anything was sent: a mistake of the program, not of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// An id that is empty, too long, or not an id at all.
    #[error("“{0}” is not an id of Stripe's")]
    Id(String),
    /// A path outside Stripe's API.
    #[error("the path is not one of Stripe's")]
    Path,
    /// Empty, over 255 characters, or with characters that no header takes.
    #[error("the idempotency key must be 1 to 255 visible characters")]
    IdempotencyKey,
    /// Metadata that breaks the standard.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// A parameter out of the bounds Stripe documents.
    #[error("{param}: {rule}")]
    Param {
        /// Stripe's name of it.
        param: &'static str,
        /// What it has to be.
        rule: &'static str,
    },
}

/// A POST, ready to be sent: persist it first, then hand it to [`Client::post`](crate::Client::post), now or after a
/// restart. The same value always makes the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    /// Beginning with `/v1/`.
    pub path: String,
    /// The form, encoded.
    pub body: String,
    /// At most 255 characters; one per step of one presentation.
    pub idempotency_key: String,
}

impl Prepared {
    /// Checks path and key and encodes the form.
    pub fn new(path: impl Into<String>, form: &Form, idempotency_key: &str) -> Result<Self, Unsendable> {
        let prepared =
            Self { path: path.into(), body: form.encode(), idempotency_key: idempotency_key.to_owned() };
        prepared.check()?;
        Ok(prepared)
    }

    /// What holds for every POST, one read back from a file too.
    pub(crate) fn check(&self) -> Result<(), Unsendable> {
        check_path(&self.path)?;
        let key = &self.idempotency_key;
        if key.is_empty() || key.len() > 255 || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Unsendable::IdempotencyKey);
        }
        Ok(())
    }
}

/// A GET (or a DELETE): where and with what.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Beginning with `/v1/`.
    pub path: String,
    /// What goes behind the `?`.
    pub form: Form,
}

impl Query {
    /// A path with parameters.
    pub fn new(path: impl Into<String>, form: Form) -> Self {
        Self { path: path.into(), form }
    }
}

/// Paths are made by this crate from checked ids; this is the second look, for paths that come from a file.
pub(crate) fn check_path(path: &str) -> Result<(), Unsendable> {
    let fine = path.len() <= 2048
        && path.starts_with("/v1/")
        && !path.ends_with('/')
        && path.split('/').skip(1).all(|part| !part.is_empty() && part != "." && part != "..")
        && path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'.' | b'~' | b'%'));
    if fine { Ok(()) } else { Err(Unsendable::Path) }
}

/// `/v1/{collection}/{id}{/rest}` with the id encoded, so that no id can reach another path. An empty id would turn
/// "retrieve" into "list", so it is refused.
pub(crate) fn path_of(collection: &str, id: &str, rest: &str) -> Result<String, Unsendable> {
    let id = id.trim();
    if id.is_empty() || id.len() > 255 || matches!(id, "." | "..") || id.contains("_secret_") {
        return Err(Unsendable::Id(scrub::text(id)));
    }
    let mut path = String::with_capacity(collection.len() + id.len() + rest.len() + 6);
    path.push_str("/v1/");
    path.push_str(collection);
    path.push('/');
    for byte in id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'~' => {
                path.push(char::from(byte))
            }
            _ => {
                let _ = write!(path, "%{byte:02X}");
            }
        }
    }
    if !rest.is_empty() {
        path.push('/');
        path.push_str(rest);
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_leave_their_place() {
        assert_eq!(path_of("customers", "cus_1", "").unwrap(), "/v1/customers/cus_1");
        assert_eq!(path_of("coupons", "25% off/..", "").unwrap(), "/v1/coupons/25%25%20off%2F..");
        assert_eq!(path_of("disputes", "dp_1", "close").unwrap(), "/v1/disputes/dp_1/close");
        for id in ["", " ", ".", "..", "pi_1_secret_2"] {
            assert!(path_of("customers", id, "").is_err(), "{id}");
        }
    }

    #[test]
    fn a_path_or_key_from_a_file_is_looked_at_again() {
        for path in
            ["", "/v1/", "/v1/x/", "v1/x", "/v2/x", "/v1/x?a=1", "/v1/a/../b", "//evil/v1/x", "/v1/x y"]
        {
            assert!(check_path(path).is_err(), "{path}");
        }
        for key in ["", "a b", "a\nb", "é", &"k".repeat(256)] {
            assert_eq!(
                Prepared::new("/v1/refunds", &Form::new(), key),
                Err(Unsendable::IdempotencyKey),
                "{key}"
            );
        }
    }

    #[test]
    fn a_prepared_request_survives_its_file() {
        let form = Form::new().with("amount", 1500).with("currency", "usd");
        let prepared = Prepared::new("/v1/payment_intents", &form, "k1").unwrap();
        let file = serde_json::to_string(&prepared).unwrap();
        assert_eq!(
            file,
            r#"{"path":"/v1/payment_intents","body":"amount=1500&currency=usd","idempotency_key":"k1"}"#
        );
        assert_eq!(serde_json::from_str::<Prepared>(&file).unwrap(), prepared);
    }
}
