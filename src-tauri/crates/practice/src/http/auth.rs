//! Who calls: the secret key may do everything, the publishable one what a customer's browser does.

use crate::api::error::ApiError;
use crate::world::state::Identity;

/// Which key came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    Secret,
    Publishable,
}

/// Reads `Authorization: Bearer …`, or Basic with the key as the user.
pub(crate) fn caller(header: Option<&str>, identity: &Identity) -> Result<Caller, ApiError> {
    let key = header.and_then(key_of).filter(|key| !key.is_empty());
    let Some(key) = key else {
        return Err(ApiError::status(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth \
             (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we \
             can help at https://support.stripe.com/.",
        ));
    };
    if key == identity.secret_key {
        Ok(Caller::Secret)
    } else if key == identity.publishable_key {
        Ok(Caller::Publishable)
    } else {
        Err(ApiError::status(401, format!("Invalid API Key provided: {}", masked(&key))))
    }
}

/// What a publishable key is told where it has no business.
pub(crate) fn secret_needed() -> ApiError {
    ApiError::status(
        401,
        "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API \
         keys at https://dashboard.stripe.com/account/apikeys.",
    )
    .code("secret_key_required")
}

fn key_of(header: &str) -> Option<String> {
    let (scheme, rest) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(base64(rest.trim())?).ok()?;
    Some(text.split(':').next().unwrap_or_default().to_owned())
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(out)
}

/// Stripe shows the ends of a key and stars between.
fn masked(key: &str) -> String {
    let signs: Vec<char> = key.chars().collect();
    let (head, tail) = (8.min(signs.len()), 4);
    if signs.len() <= head + tail {
        return "*".repeat(signs.len());
    }
    let middle = "*".repeat(signs.len() - head - tail);
    let start: String = signs.iter().take(head).collect();
    let end: String = signs.iter().skip(signs.len() - tail).collect();
    format!("{start}{middle}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_from_bearer_and_basic_and_never_shown() {
        let identity = Identity {
            secret_key: "sk_test_practice_abc".to_owned(),
            publishable_key: "pk_test_practice_abc".to_owned(),
            ..Identity::default()
        };
        assert_eq!(caller(Some("Bearer sk_test_practice_abc"), &identity).ok(), Some(Caller::Secret));
        assert_eq!(caller(Some("Basic c2tfdGVzdF9wcmFjdGljZV9hYmM6"), &identity).ok(), Some(Caller::Secret));
        assert_eq!(caller(Some("Bearer pk_test_practice_abc"), &identity).ok(), Some(Caller::Publishable));
        for header in [None, Some("Bearer "), Some("Bearer sk_test_4eC39HqLyjWDarjtT1zdp7dc")] {
            let error = caller(header, &identity).expect_err("not a key of ours");
            assert_eq!(error.status, 401);
            assert!(!error.fields["message"].to_string().contains("4eC39HqLyjWDarjt"));
        }
    }
}
