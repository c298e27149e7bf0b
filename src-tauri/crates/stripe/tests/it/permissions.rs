//! The check of what a restricted key may do.

use tillbook_stripe::Error;
use tillbook_stripe::permissions::{self, Access, NEEDS, Verdict};

use crate::stub::{Stub, answer, error};

#[tokio::test]
async fn allowed_refused_and_not_known_are_told_apart() {
    let stub = Stub::start(|_, request| match request.target() {
        "GET /v1/events?limit=1" => error(403, &[], r#"{"type":"invalid_request_error"}"#),
        "GET /v1/payouts?limit=1" => {
            error(500, &[("Stripe-Should-Retry", "false")], r#"{"type":"api_error"}"#)
        }
        "POST /v1/refunds/re_tillbook_check" => error(403, &[], r#"{"type":"invalid_request_error"}"#),
        "GET /v1/coupons?limit=1" | "POST /v1/subscriptions/sub_tillbook_check" => {
            error(404, &[], r#"{"type":"invalid_request_error","message":"Unrecognized request URL"}"#)
        }
        "POST /v1/payment_intents/pi_tillbook_check/cancel" => {
            error(400, &[], r#"{"type":"invalid_request_error","code":"payment_intent_unexpected_state"}"#)
        }
        target if target.starts_with("POST") => {
            error(404, &[], r#"{"type":"invalid_request_error","code":"resource_missing"}"#)
        }
        _ => answer(200, &[], r#"{"data":[]}"#),
    })
    .await;
    let verdicts = permissions::check(&stub.client(), NEEDS, "round-1").await.unwrap();
    assert_eq!(verdicts.len(), NEEDS.len());
    for (need, verdict) in verdicts {
        let expected = match (need.permission, need.access) {
            ("Events", Access::Read) => matches!(verdict, Verdict::Refused),
            ("Charges and Refunds", Access::Write) => matches!(verdict, Verdict::Refused),
            ("Payouts" | "Coupons", _) | ("Subscriptions", Access::Write) => {
                matches!(verdict, Verdict::Unknown(_))
            }
            _ => verdict == Verdict::Allowed,
        };
        assert!(expected, "{need:?}: {verdict:?}");
    }
    assert!(stub.seen().iter().all(|request| request.body.is_empty()), "nothing that could change anything");
}

#[tokio::test]
async fn a_key_that_is_not_accepted_at_all_ends_the_check() {
    let stub = Stub::script(vec![error(401, &[], r#"{"type":"invalid_request_error"}"#)]).await;
    assert!(matches!(permissions::check(&stub.client(), NEEDS, "1").await, Err(Error::Authentication(_))));
    assert_eq!(stub.seen().len(), 1);
}
