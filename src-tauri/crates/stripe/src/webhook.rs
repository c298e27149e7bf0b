//! Signatures of what is delivered from outside (`stripe listen --forward-to`).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How old a signature may be: five minutes, as the official SDKs have it.
pub const TOLERANCE_S: i64 = 300;

/// Longer headers are refused unread: a real one has a time and one or two signatures.
const HEADER_LIMIT: usize = 4096;
/// More signatures than any rotation makes.
const SIGNATURE_LIMIT: usize = 16;

/// Why a delivery is refused. Says nothing about the secret or the expected signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No header, one without a time or a `v1`, or one that is too long.
    #[error("the Stripe-Signature header is missing or malformed")]
    Header,
    /// No signature fits any of the secrets.
    #[error("the signature does not fit")]
    Mismatch,
    /// The signature is right, and too old.
    #[error("the signature is too old")]
    TooOld,
    /// There is no secret to check with.
    #[error("no signing secret is set")]
    NoSecret,
}

/// Checks `Stripe-Signature` over the raw body: HMAC-SHA256 of `<t>.<body>`, any `v1`, any of the secrets (several
/// while one is being replaced), constant time. A time in the future is accepted, as the official SDKs do: the clock
/// of a till may be behind, and a replay is only ever old.
pub fn verify(
    payload: &[u8],
    header: &str,
    secrets: &[&str],
    now_s: i64,
    tolerance_s: i64,
) -> Result<(), SignatureError> {
    if secrets.iter().all(|secret| secret.is_empty()) {
        return Err(SignatureError::NoSecret);
    }
    let (time, signatures) = parse(header)?;
    let mut fits = subtle::Choice::from(0);
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let expected = sign_hex(payload, time, secret).ok_or(SignatureError::NoSecret)?;
        for signature in &signatures {
            fits |= signature.as_bytes().ct_eq(expected.as_bytes());
        }
    }
    if !bool::from(fits) {
        return Err(SignatureError::Mismatch);
    }
    let time: i64 = time.parse().map_err(|_| SignatureError::Header)?;
    if time < now_s.saturating_sub(tolerance_s) {
        return Err(SignatureError::TooOld);
    }
    Ok(())
}

/// The header Stripe would send: for a forwarder of one's own, and for tests.
pub fn header(payload: &[u8], time_s: i64, secret: &str) -> Option<String> {
    let time = time_s.to_string();
    Some(format!("t={time},v1={}", sign_hex(payload, &time, secret)?))
}

fn parse(header: &str) -> Result<(&str, Vec<&str>), SignatureError> {
    if header.len() > HEADER_LIMIT {
        return Err(SignatureError::Header);
    }
    let mut time = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) if time.is_none() && value.len() <= 15 => time = Some(value),
            Some(("v1", value)) if signatures.len() < SIGNATURE_LIMIT => signatures.push(value),
            // Other schemes (`v0`) are for other checks.
            _ => {}
        }
    }
    let time = time.filter(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()));
    match time {
        Some(time) if !signatures.is_empty() => Ok((time, signatures)),
        _ => Err(SignatureError::Header),
    }
}

fn sign_hex(payload: &[u8], time: &str, secret: &str) -> Option<String> {
    use std::fmt::Write as _;

    // The key is the whole `whsec_…` text.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(payload);
    let mut hex = String::with_capacity(64);
    for byte in mac.finalize().into_bytes() {
        write!(hex, "{byte:02x}").ok()?;
    }
    Some(hex)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const NOW: i64 = 1_700_000_000;
    const SECRET: &str = "whsec_test_secret";

    fn check(payload: &[u8], header: &str) -> Result<(), SignatureError> {
        verify(payload, header, &[SECRET], NOW, TOLERANCE_S)
    }

    #[test]
    fn every_vector_of_the_official_sdk() {
        let file: Value =
            serde_json::from_str(include_str!("../tests/vectors/webhook_signature.json")).unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        assert_eq!(vectors.len(), 3);
        for vector in vectors {
            let text = |name: &str| vector[name].as_str().unwrap();
            let time = vector["timestamp"].as_i64().unwrap();
            let payload = text("payload").as_bytes();
            assert_eq!(verify(payload, text("header"), &[text("secret")], time + 300, TOLERANCE_S), Ok(()));
            assert_eq!(header(payload, time, text("secret")).as_deref(), Some(text("header")));
        }
    }

    #[test]
    fn any_signature_and_any_secret_may_fit() {
        let good = header(b"{}", NOW, SECRET).unwrap();
        let (_, signature) = good.split_once(",v1=").unwrap();
        let several = format!("t={NOW},v0=abc,v1={},v1={signature}", "0".repeat(64));
        assert_eq!(check(b"{}", &several), Ok(()));
        assert_eq!(verify(b"{}", &good, &["whsec_new", SECRET], NOW, TOLERANCE_S), Ok(()));
    }

    #[test]
    fn age_is_judged_after_the_signature() {
        let at = |time: i64| check(b"{}", &header(b"{}", time, SECRET).unwrap());
        assert_eq!(at(NOW - 300), Ok(()));
        assert_eq!(at(NOW - 301), Err(SignatureError::TooOld));
        assert_eq!(at(NOW + 86_400), Ok(()), "a till whose clock is behind");
        let old_and_wrong = format!("t={},v1={}", NOW - 9999, "0".repeat(64));
        assert_eq!(check(b"{}", &old_and_wrong), Err(SignatureError::Mismatch));
    }

    #[test]
    fn tampered_with() {
        let good = header(b"{\"amount\":1}", NOW, SECRET).unwrap();
        assert_eq!(check(b"{\"amount\":2}", &good), Err(SignatureError::Mismatch));
        assert_eq!(check(b"{\"amount\":1}", &good.replace("t=17", "t=18")), Err(SignatureError::Mismatch));
        assert_eq!(verify(b"{}", &good, &["whsec_other"], NOW, 300), Err(SignatureError::Mismatch));
        let cut = &good[..good.len() - 1];
        assert_eq!(check(b"{\"amount\":1}", cut), Err(SignatureError::Mismatch));
        assert_eq!(check(b"{\"amount\":1}", &good.to_uppercase()), Err(SignatureError::Header));
    }

    #[test]
    fn headers_that_are_none() {
        let huge = format!("t={NOW},{}", "v1=00,".repeat(100_000));
        for header in
            ["", "t=", "t=1", "v1=abc", "t=x,v1=abc", "t=-1,v1=abc", "t=99999999999999999999,v1=a", &huge]
        {
            assert_eq!(
                check(b"{}", header),
                Err(SignatureError::Header),
                "{}",
                &header[..header.len().min(40)]
            );
        }
        assert_eq!(verify(b"{}", "t=1,v1=a", &[], NOW, 300), Err(SignatureError::NoSecret));
        assert_eq!(verify(b"{}", "t=1,v1=a", &[""], NOW, 300), Err(SignatureError::NoSecret));
    }
}
