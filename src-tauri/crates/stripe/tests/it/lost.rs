//! Answers that do not come, come late, come cut, or ask to be asked for again.

use std::time::Duration;

use tillbook_stripe::{Client, Endpoint, Error, Form, NextStep, Prepared};

use crate::stub::{Act, Stub, answer, error, key, options};

fn prepared() -> Prepared {
    Prepared::new("/v1/refunds", &Form::new().with("payment_intent", "pi_1"), "refund-1").unwrap()
}

fn cut(text: &str) -> Act {
    Act::SendAndClose(text.as_bytes().to_vec())
}

/// Every way to lose an answer.
fn losses() -> Vec<(&'static str, Act)> {
    vec![
        ("closed without a byte", Act::Close),
        ("half a head", cut("HTTP/1.1 200 OK\r\nContent-Le")),
        ("not http", cut("hello\r\n\r\n")),
        ("shorter than announced", cut("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":\"re_1\"}")),
        ("last chunk missing", cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n")),
        ("no length and cut", cut("HTTP/1.1 200 OK\r\n\r\n{\"id\":\"re_1\",\"am")),
        ("gzip without its end", {
            // A gzip header and nothing that could be unpacked.
            let mut bytes =
                b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n".to_vec();
            bytes.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
            Act::Send(bytes)
        }),
        ("a page of somebody else", answer(200, &[], "<html>Welcome to the hotel</html>")),
    ]
}

#[tokio::test]
async fn a_lost_post_is_a_question_and_is_never_sent_again() {
    for (name, act) in losses() {
        let stub = Stub::script(vec![act, answer(200, &[], "{}")]).await;
        let failed = stub.client().post(&prepared()).await.unwrap_err();
        assert!(matches!(failed, Error::OutcomeUnknown(_)), "{name}: {failed:?}");
        assert_eq!(failed.next_step(), NextStep::AskStripe);
        assert!(failed.is_outcome_unknown());
        assert_eq!(stub.seen().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_lost_get_is_asked_again() {
    for (name, act) in losses() {
        let stub = Stub::script(vec![act, answer(200, &[], r#"{"id":"re_1"}"#)]).await;
        let reply = stub.client().get("/v1/refunds/re_1", &Form::new()).await.unwrap();
        assert_eq!(reply.body.as_ref(), br#"{"id":"re_1"}"#, "{name}");
        assert_eq!(stub.seen().len(), 2, "{name}");
    }
}

#[tokio::test]
async fn silence_ends_after_the_time_that_was_given() {
    let (mut options, naps) = options();
    options.read_timeout = Duration::from_millis(40);
    options.get_retries = 1;
    let stub = Stub::script(vec![Act::Hang]).await;
    let client = stub.client_with(options.clone());
    let failed = client.get("/v1/balance", &Form::new()).await.unwrap_err();
    assert!(matches!(&failed, Error::Unreachable(none) if none.cause == "timed out"), "{failed:?}");
    assert_eq!((stub.seen().len(), naps.taken().len()), (2, 1));
    assert!(matches!(client.post(&prepared()).await, Err(Error::OutcomeUnknown(_))));

    options.read_timeout = Duration::from_secs(9);
    options.whole_timeout = Duration::from_millis(40);
    let slow = Stub::script(vec![Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_vec())]).await;
    let failed = slow.client_with(options).post(&prepared()).await.unwrap_err();
    assert!(matches!(&failed, Error::OutcomeUnknown(lost) if lost.status == Some(200)), "{failed:?}");
}

#[tokio::test]
async fn nobody_there_means_nothing_was_sent() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (options, naps) = options();
    let endpoint = Endpoint::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let client = Client::new(key(), endpoint, options).unwrap();
    let failed = client.post(&prepared()).await.unwrap_err();
    assert!(matches!(failed, Error::NotSent(_)), "{failed:?}");
    assert!(!failed.is_outcome_unknown());
    assert_eq!(failed.next_step(), NextStep::RepeatLater);
    let waits: Vec<u128> = naps.taken().iter().map(Duration::as_millis).collect();
    assert_eq!(waits, [500, 1000, 2000]);
}

#[tokio::test]
async fn a_five_hundred_on_a_post_says_nothing_about_money() {
    for (status, body) in [
        (500, r#"{"error":{"type":"api_error","code":"lock_timeout"}}"#),
        (502, "<html>Bad gateway</html>"),
        (503, ""),
        (504, r#"{"error":{}}"#),
    ] {
        let headers =
            [("Request-Id", "req_5"), ("Stripe-Should-Retry", "true"), ("Idempotent-Replayed", "true")];
        let stub = Stub::script(vec![answer(status, &headers, body), answer(200, &[], "{}")]).await;
        let failed = stub.client().post(&prepared()).await.unwrap_err();
        let Error::OutcomeUnknown(lost) = &failed else { panic!("{failed:?}") };
        assert_eq!((lost.status, lost.should_retry, lost.replayed), (Some(status), Some(true), true));
        assert_eq!(failed.request_id(), Some("req_5"));
        assert_eq!(stub.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_that_is_not_stripes_own_says_nothing_either() {
    for status in [400, 404, 408, 413, 429] {
        let stub = Stub::script(vec![answer(status, &[], "Request refused by the shop's firewall")]).await;
        let failed = stub.client().post(&prepared()).await.unwrap_err();
        assert!(failed.is_outcome_unknown(), "{status}: {failed:?}");
    }
}

#[tokio::test]
async fn a_lock_that_was_not_free_is_tried_again_with_the_very_same_bytes() {
    let lock = error(429, &[], r#"{"type":"invalid_request_error","code":"lock_timeout"}"#);
    let stub = Stub::script(vec![lock.clone(), lock.clone(), answer(200, &[], r#"{"id":"re_1"}"#)]).await;
    let (options, naps) = options();
    stub.client_with(options.clone()).post(&prepared()).await.unwrap();
    let seen = stub.seen();
    assert_eq!(seen.len(), 3);
    for again in &seen[1..] {
        assert_eq!(
            (&again.line, &again.headers, &again.body),
            (&seen[0].line, &seen[0].headers, &seen[0].body)
        );
    }
    assert_eq!(naps.taken().len(), 2);

    let stub = Stub::script(vec![lock]).await;
    assert!(matches!(stub.client_with(options).post(&prepared()).await, Err(Error::LockTimeout(_))));
    assert_eq!(stub.seen().len(), 4, "and not for ever");
}

#[tokio::test]
async fn stripe_may_ask_not_to_be_asked_again() {
    let body = r#"{"type":"invalid_request_error","code":"lock_timeout"}"#;
    let stub = Stub::script(vec![error(429, &[("Stripe-Should-Retry", "false")], body)]).await;
    assert!(stub.client().post(&prepared()).await.is_err());
    assert_eq!(stub.seen().len(), 1);

    let stub =
        Stub::script(vec![error(503, &[("Stripe-Should-Retry", "false")], r#"{"type":"api_error"}"#)]).await;
    assert!(matches!(stub.client().get("/v1/balance", &Form::new()).await, Err(Error::ApiDown(_))));
    assert_eq!(stub.seen().len(), 1);

    let odd = error(400, &[("Stripe-Should-Retry", "true")], r#"{"type":"invalid_request_error"}"#);
    let stub = Stub::script(vec![odd, answer(200, &[], "{}")]).await;
    stub.client().get("/v1/balance", &Form::new()).await.unwrap();
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test]
async fn a_rate_limit_slows_a_get_and_stops_a_post() {
    let limited = error(429, &[("Stripe-Rate-Limited-Reason", "endpoint-rate")], r#"{"code":"rate_limit"}"#);
    let stub = Stub::script(vec![limited.clone(), limited.clone(), answer(200, &[], "{}")]).await;
    let (options, naps) = options();
    stub.client_with(options).get("/v1/charges", &Form::new()).await.unwrap();
    assert_eq!(naps.taken().len(), 2);

    let stub = Stub::script(vec![limited]).await;
    let failed = stub.client().post(&prepared()).await.unwrap_err();
    assert!(matches!(failed, Error::RateLimited(_)));
    assert_eq!(failed.to_string(), "Stripe asks to slow down (endpoint-rate)");
    assert_eq!(stub.seen().len(), 1);
}

#[tokio::test]
async fn a_lost_delete_is_a_question_too() {
    let stub = Stub::script(vec![Act::Close, answer(200, &[], "{}")]).await;
    let failed = stub.client().delete("/v1/subscriptions/sub_1", &Form::new()).await.unwrap_err();
    assert!(failed.is_outcome_unknown());
    assert_eq!(stub.seen().len(), 1);
}
