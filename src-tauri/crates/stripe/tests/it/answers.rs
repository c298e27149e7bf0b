//! Stripe's refusals, sorted.

use tillbook_stripe::{Error, Form, NextStep, Prepared};

use crate::stub::{Stub, error};

async fn refused(status: u16, headers: &[(&str, &str)], body: &str) -> Error {
    let stub = Stub::script(vec![error(status, headers, body)]).await;
    let mut options = crate::stub::options().0;
    options.unprocessed_retries = 0;
    let prepared = Prepared::new("/v1/payment_intents", &Form::new(), "k").unwrap();
    stub.client_with(options).post(&prepared).await.unwrap_err()
}

#[tokio::test]
async fn every_refusal_says_what_to_do_next() {
    let table: &[(u16, &str, &str, NextStep)] = &[
        (
            402,
            r#"{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds"}"#,
            "Declined",
            NextStep::TellCustomer,
        ),
        (402, r#"{"type":"card_error","code":"expired_card"}"#, "Declined", NextStep::TellCustomer),
        (
            402,
            r#"{"type":"card_error","code":"authentication_required"}"#,
            "AuthenticationRequired",
            NextStep::Authenticate,
        ),
        (
            402,
            r#"{"type":"card_error","code":"card_declined","decline_code":"authentication_not_handled"}"#,
            "AuthenticationRequired",
            NextStep::Authenticate,
        ),
        (
            400,
            r#"{"type":"invalid_request_error","param":"amount"}"#,
            "InvalidRequest",
            NextStep::TellSupport,
        ),
        (
            400,
            r#"{"type":"invalid_request_error","code":"charge_already_refunded"}"#,
            "InvalidRequest",
            NextStep::TellSupport,
        ),
        (400, r#"{"type":"idempotency_error"}"#, "IdempotencyMismatch", NextStep::TellSupport),
        (
            409,
            r#"{"type":"invalid_request_error","code":"idempotency_key_in_use"}"#,
            "KeyInUse",
            NextStep::AskStripe,
        ),
        (409, r#"{"type":"invalid_request_error"}"#, "Conflict", NextStep::RepeatLater),
        (401, r#"{"type":"invalid_request_error"}"#, "Authentication", NextStep::CheckKey),
        (
            401,
            r#"{"type":"invalid_request_error","code":"api_key_expired"}"#,
            "Authentication",
            NextStep::CheckKey,
        ),
        (403, r#"{"type":"invalid_request_error"}"#, "Permission", NextStep::GrantPermission),
        (
            404,
            r#"{"type":"invalid_request_error","code":"resource_missing","param":"intent"}"#,
            "NotFound",
            NextStep::LookAgain,
        ),
        (
            429,
            r#"{"type":"invalid_request_error","code":"lock_timeout"}"#,
            "LockTimeout",
            NextStep::RepeatLater,
        ),
        (429, r#"{"type":"invalid_request_error"}"#, "LockTimeout", NextStep::RepeatLater),
        (
            429,
            r#"{"type":"invalid_request_error","code":"rate_limit"}"#,
            "RateLimited",
            NextStep::RepeatLater,
        ),
        (
            400,
            r#"{"type":"invalid_request_error","code":"terminal_reader_busy"}"#,
            "Reader",
            NextStep::SeeToReader,
        ),
        (
            400,
            r#"{"type":"invalid_request_error","code":"terminal_reader_offline"}"#,
            "Reader",
            NextStep::SeeToReader,
        ),
        (
            400,
            r#"{"type":"invalid_request_error","code":"terminal_reader_timeout"}"#,
            "Reader",
            NextStep::AskStripe,
        ),
        (
            418,
            r#"{"type":"a_type_from_next_year","code":"new_code"}"#,
            "InvalidRequest",
            NextStep::TellSupport,
        ),
        (400, "{}", "InvalidRequest", NextStep::TellSupport),
    ];
    for (status, body, variant, step) in table {
        let failed = refused(*status, &[("Request-Id", "req_7")], body).await;
        assert!(format!("{failed:?}").starts_with(&format!("{variant}(")), "{status} {body}: {failed:?}");
        assert_eq!(failed.next_step(), *step, "{body}");
        assert_eq!(failed.request_id(), Some("req_7"));
        assert!(failed.to_string().ends_with(" [req_7]"), "{failed}");
        assert_eq!(failed.is_outcome_unknown(), *step == NextStep::AskStripe);
    }
}

#[tokio::test]
async fn a_refused_create_names_the_payment_it_left_open() {
    let failed = refused(
        402,
        &[("Original-Request", "req_first"), ("Idempotent-Replayed", "true"), ("Date", "Thu, 01 Jan 1970 00:01:00 GMT")],
        r#"{"type":"card_error","code":"card_declined","decline_code":"stolen_card","advice_code":"do_not_try_again",
            "charge":"ch_1","payment_intent":{"id":"pi_1","status":"requires_payment_method",
            "client_secret":"pi_1_secret_abc","amount":5}}"#,
    )
    .await;
    let problem = failed.problem().unwrap();
    assert_eq!(problem.payment_intent.as_deref(), Some("pi_1"));
    assert_eq!(problem.payment_intent_status.as_deref(), Some("requires_payment_method"));
    assert_eq!(problem.charge.as_deref(), Some("ch_1"));
    assert_eq!(problem.advice_code.as_deref(), Some("do_not_try_again"));
    assert_eq!(problem.original_request.as_deref(), Some("req_first"));
    assert!(problem.replayed);
    assert_eq!(problem.date_s, Some(60));
    assert_eq!(failed.decline_code(), Some("stolen_card"), "for the journal");
    assert!(!failed.to_string().contains("stolen"), "not for the counter: {failed}");
    assert!(!format!("{failed:?}").contains("secret_abc"));
}

#[tokio::test]
async fn no_text_of_an_error_gives_a_secret_away() {
    let failed = refused(
        400,
        &[],
        r#"{"type":"invalid_request_error","param":"sk_live_51abcdefgh","code":"x y z",
            "message":"Key sk_live_51abcdefgh, card 4242424242424242, pi_1_secret_abc"}"#,
    )
    .await;
    for text in [failed.to_string(), format!("{failed:?}")] {
        for secret in ["51abcdefgh", "4242424242424242", "secret_abc"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    assert_eq!(failed.to_string(), "Stripe refused the request");
}

#[tokio::test]
async fn param_and_code_are_shown_and_stripes_sentence_is_not() {
    let failed = refused(
        400,
        &[],
        r#"{"type":"invalid_request_error","param":"items[0][price]","code":"resource_missing","message":"No such price"}"#,
    )
    .await;
    assert_eq!(failed.to_string(), "Stripe refused the request (items[0][price]: resource_missing)");
}

#[tokio::test]
async fn the_permission_that_is_missing_is_named() {
    let failed = refused(
        403,
        &[],
        r#"{"type":"invalid_request_error",
            "message":"Key 'rk_test_*****abcd' may not. Having the 'rak_charge_read' permission would allow this."}"#,
    )
    .await;
    assert_eq!(failed.to_string(), "The Stripe key may not do this: it lacks rak_charge_read");
}

#[tokio::test]
async fn fields_of_unexpected_types_do_not_hide_the_refusal() {
    // Type and status still sort it when a field is new in kind.
    let failed = refused(
        402,
        &[],
        r#"{"type":"card_error","code":"card_declined","param":7,"payment_intent":"pi_9","x":{"y":[1]}}"#,
    )
    .await;
    assert!(matches!(failed, Error::Declined(_)), "{failed:?}");
    assert_eq!(failed.problem().unwrap().payment_intent.as_deref(), Some("pi_9"));
}
