//! API keys: told apart by their prefix, wiped from memory when dropped, never printed.

use std::fmt;

use zeroize::Zeroizing;

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// `sk_…`: may do everything on the account.
    Secret,
    /// `rk_…`: may do what the shop's owner ticked.
    Restricted,
    /// `pk_…`: for pages that collect cards; the client refuses it.
    Publishable,
}

/// Whether money is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyMode {
    /// `…_test_…`: no money moves.
    Test,
    /// `…_live_…`: money moves.
    Live,
}

/// Why a text is not a usable key. Never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing was given.
    #[error("the Stripe key is empty")]
    Empty,
    /// `whsec_…`.
    #[error("this is a webhook signing secret, not an API key (API keys begin with sk_ or rk_)")]
    WebhookSecret,
    /// Neither `sk_`, `rk_` nor `pk_`, or without `test_`/`live_` after it.
    #[error("this is not a Stripe API key (they begin with sk_test_, rk_test_, sk_live_ or rk_live_)")]
    Unrecognised,
    /// White space, or characters that no key has; usually a paste that took too much.
    #[error(
        "the Stripe key has characters in it that no key has; copy it again without spaces or line breaks"
    )]
    StrayCharacters,
    /// Nothing behind its prefix, or longer than any key.
    #[error("the Stripe key is too short or too long; copy the whole key")]
    Length,
}

/// A Stripe API key. `Debug` shows its kind and mode alone.
#[derive(Clone)]
pub struct ApiKey {
    text: Zeroizing<String>,
    kind: KeyKind,
    mode: KeyMode,
}

impl ApiKey {
    /// Recognises a key by its prefix. White space around it is dropped, inside it is refused.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(KeyError::Empty);
        }
        if text.starts_with("whsec_") {
            return Err(KeyError::WebhookSecret);
        }
        let (kind, rest) = match text.get(..3) {
            Some("sk_") => (KeyKind::Secret, &text[3..]),
            Some("rk_") => (KeyKind::Restricted, &text[3..]),
            Some("pk_") => (KeyKind::Publishable, &text[3..]),
            _ => return Err(KeyError::Unrecognised),
        };
        let (mode, secret) = if let Some(secret) = rest.strip_prefix("test_") {
            (KeyMode::Test, secret)
        } else if let Some(secret) = rest.strip_prefix("live_") {
            (KeyMode::Live, secret)
        } else {
            return Err(KeyError::Unrecognised);
        };
        if !secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(KeyError::StrayCharacters);
        }
        // How long a key is Stripe does not say, and a stand-in's may be short: whether it works, Stripe tells.
        if secret.is_empty() || text.len() > 255 {
            return Err(KeyError::Length);
        }
        Ok(Self { text: Zeroizing::new(text.to_owned()), kind, mode })
    }

    /// What it may be used for.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Whether money is real.
    pub fn mode(&self) -> KeyMode {
        self.mode
    }

    /// A key of the Stripe inside the program: `…_test_practice_…`. It means nothing to the real Stripe.
    pub fn is_practice(&self) -> bool {
        self.mode == KeyMode::Test && self.text[3..].starts_with("test_practice_")
    }

    /// The key itself, for the `Authorization` header, the vault, and a page that needs the publishable one.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({:?}, {:?})", self.kind, self.mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_tell_kind_and_mode() {
        for (text, kind, mode, practice) in [
            ("sk_test_51Habcdefgh", KeyKind::Secret, KeyMode::Test, false),
            ("rk_live_51Habcdefgh", KeyKind::Restricted, KeyMode::Live, false),
            (" pk_test_practice_0123456789\n", KeyKind::Publishable, KeyMode::Test, true),
            ("sk_test_practice_0123456789", KeyKind::Secret, KeyMode::Test, true),
            ("sk_live_practice_0123456789", KeyKind::Secret, KeyMode::Live, false),
        ] {
            let key = ApiKey::parse(text).unwrap();
            assert_eq!((key.kind(), key.mode(), key.is_practice()), (kind, mode, practice), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_key_is_refused_with_its_reason() {
        for (text, error) in [
            ("", KeyError::Empty),
            ("  ", KeyError::Empty),
            ("whsec_0123456789abcdef", KeyError::WebhookSecret),
            ("sk_51Habcdefghijkl", KeyError::Unrecognised),
            ("sk_prod_51Habcdefghi", KeyError::Unrecognised),
            ("SK_TEST_51Habcdefghi", KeyError::Unrecognised),
            ("sé_test_0123456789", KeyError::Unrecognised),
            ("sk_test_51Habc defghi", KeyError::StrayCharacters),
            ("sk_test_51Habc\r\nX-Evil: 1", KeyError::StrayCharacters),
            ("sk_test_", KeyError::Length),
        ] {
            assert_eq!(ApiKey::parse(text).unwrap_err(), error, "{text:?}");
        }
        assert_eq!(ApiKey::parse(&format!("sk_test_{}", "a".repeat(300))).unwrap_err(), KeyError::Length);
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        let shown = format!("{:?}", ApiKey::parse("sk_test_51HVerySecret").unwrap());
        assert!(!shown.contains("51H") && !shown.contains("Secret51"), "{shown}");
        assert_eq!(shown, "ApiKey(Secret, Test)");
    }
}
