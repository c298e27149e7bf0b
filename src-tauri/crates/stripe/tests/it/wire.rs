//! What goes over the wire, and which key may go where.

use tillbook_stripe::{
    ApiKey, Client, ClientOptions, ConfigError, Endpoint, Error, Form, NextStep, Prepared,
};

use crate::stub::{Act, Stub, answer, error, key, options};

fn prepared() -> Prepared {
    let form = Form::new().with("amount", 1500).with("metadata", serde_json::json!({"sale_id": "a b"}));
    Prepared::new("/v1/payment_intents", &form, "attempt-1").unwrap()
}

#[tokio::test]
async fn a_post_carries_what_was_written_down_and_nothing_else() {
    let headers =
        [("Request-Id", "req_1"), ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("Idempotent-Replayed", "true")];
    let stub = Stub::script(vec![answer(200, &headers, r#"{"id":"pi_1"}"#)]).await;
    let reply = stub.client().post(&prepared()).await.unwrap();

    let request = &stub.seen()[0];
    assert_eq!(request.target(), "POST /v1/payment_intents");
    assert_eq!(request.body, "amount=1500&metadata[sale_id]=a+b");
    for (name, value) in [
        ("authorization", "Bearer sk_test_practice_0123456789"),
        ("stripe-version", "2026-10-28.endive"),
        ("idempotency-key", "attempt-1"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept-encoding", "gzip"),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    assert!(request.header("user-agent").unwrap().starts_with("Tillbook/"));

    assert_eq!(reply.body.as_ref(), br#"{"id":"pi_1"}"#);
    assert_eq!((reply.status, reply.replayed, reply.date_s), (200, true, Some(784_111_777)));
    assert_eq!(reply.request_id.as_deref(), Some("req_1"));
}

#[tokio::test]
async fn get_and_delete_put_parameters_into_the_query() {
    let stub = Stub::script(vec![answer(200, &[], r#"{"data":[]}"#)]).await;
    let form = Form::new().with("lookup_keys", vec!["tea & cake", "100%"]).with("limit", 10);
    stub.client().get("/v1/prices", &form).await.unwrap();
    stub.client().delete("/v1/customers/cus_1", &Form::new()).await.unwrap();
    let seen = stub.seen();
    assert_eq!(seen[0].target(), "GET /v1/prices?lookup_keys[0]=tea+%26+cake&lookup_keys[1]=100%25&limit=10");
    assert_eq!(seen[0].header("idempotency-key"), None);
    assert_eq!(seen[1].target(), "DELETE /v1/customers/cus_1");
}

#[tokio::test]
async fn connections_are_used_again() {
    let stub = Stub::start(|n, _| answer(200, &[], &format!("{{\"n\":{n}}}"))).await;
    let client = stub.client();
    for _ in 0..3 {
        client.get("/v1/balance", &Form::new()).await.unwrap();
    }
    // The stub serves a connection until it closes: three requests, and no close between them, came one by one.
    assert_eq!(stub.seen().len(), 3);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Stub::script(vec![answer(200, &[], "{}")]).await;
    let location = format!("{}/v1/balance", target.base_url);
    let stub = Stub::script(vec![answer(302, &[("Location", &location)], "")]).await;
    let failed = stub.client().get("/v1/balance", &Form::new()).await.unwrap_err();
    assert!(matches!(failed, Error::Malformed(_)), "{failed:?}");
    assert!(matches!(stub.client().post(&prepared()).await, Err(Error::OutcomeUnknown(_))));
    assert!(target.seen().is_empty(), "the key would have gone with it");
}

#[tokio::test]
async fn a_new_key_is_used_from_the_next_request_on() {
    let stub = Stub::script(vec![answer(200, &[], "{}")]).await;
    let client = stub.client();
    let other = client.clone();
    client.get("/v1/balance", &Form::new()).await.unwrap();
    other.swap_key(ApiKey::parse("rk_test_practice_9876543210").unwrap()).unwrap();
    client.get("/v1/balance", &Form::new()).await.unwrap();
    let keys: Vec<_> = stub.seen().iter().map(|r| r.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(keys, ["Bearer sk_test_practice_0123456789", "Bearer rk_test_practice_9876543210"]);
    let live = ApiKey::parse("sk_live_0123456789").unwrap();
    assert_eq!(client.swap_key(live), Err(ConfigError::LiveKeyElsewhere));
}

#[test]
fn keys_go_where_they_belong() {
    let stripe = Endpoint::Stripe;
    let here = Endpoint::parse("http://127.0.0.1:1").unwrap();
    let open = |key: &str, endpoint: &Endpoint| {
        Client::new(ApiKey::parse(key).unwrap(), endpoint.clone(), ClientOptions::default()).map(|_| ())
    };
    assert_eq!(open("sk_live_0123456789", &here), Err(ConfigError::LiveKeyElsewhere));
    assert_eq!(open("rk_live_0123456789", &here), Err(ConfigError::LiveKeyElsewhere));
    assert_eq!(open("sk_test_practice_0123456789", &stripe), Err(ConfigError::PracticeKeyAtStripe));
    assert_eq!(open("pk_test_0123456789", &here), Err(ConfigError::PublishableKey));
    assert_eq!(open("pk_live_0123456789", &stripe), Err(ConfigError::PublishableKey));
    assert_eq!(open("sk_test_0123456789", &here), Ok(()));
    assert_eq!(open("sk_live_0123456789", &stripe), Ok(()));
    assert_eq!(open("rk_test_0123456789", &stripe), Ok(()));

    let client =
        Client::new(ApiKey::parse("sk_test_0123456789").unwrap(), stripe, ClientOptions::default()).unwrap();
    assert_eq!(client.swap_key(ApiKey::parse("sk_live_0123456789").unwrap()), Err(ConfigError::OtherMode));
    assert_eq!(format!("{client:?}"), "Client(https://api.stripe.com, Test)");
}

#[tokio::test]
async fn what_cannot_be_sent_is_not() {
    let stub = Stub::script(vec![answer(200, &[], "{}")]).await;
    let mut broken = prepared();
    broken.path = "/v1/../admin".to_owned();
    for failed in [
        stub.client().post(&broken).await.unwrap_err(),
        stub.client().get("/v1/customers/", &Form::new()).await.unwrap_err(),
        stub.client().delete("//elsewhere.example/v1", &Form::new()).await.unwrap_err(),
    ] {
        assert!(matches!(failed, Error::Unsendable(_)));
        assert_eq!(failed.next_step(), NextStep::TellSupport);
    }
    assert!(stub.seen().is_empty());
}

#[tokio::test]
async fn an_answer_over_the_limit_is_refused() {
    let (mut options, naps) = options();
    options.body_limit_bytes = 1000;
    let big = format!("{{\"a\":\"{}\"}}", "x".repeat(2000));
    let chunked =
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{big}\r\n0\r\n\r\n", big.len());
    for act in [answer(200, &[("Request-Id", "req_9")], &big), Act::Send(chunked.into_bytes())] {
        let stub = Stub::script(vec![act]).await;
        let client = stub.client_with(options.clone());
        assert!(matches!(client.get("/v1/events", &Form::new()).await, Err(Error::TooLarge(_))));
        let failed = client.post(&prepared()).await.unwrap_err();
        assert!(failed.is_outcome_unknown(), "it may have been done: {failed}");
        assert_eq!(stub.seen().len(), 2);
    }
    assert!(naps.taken().is_empty(), "asking again would not make it smaller");
}

#[tokio::test]
async fn one_answer_serves_a_clone_with_another_pace() {
    let stub = Stub::script(vec![error(404, &[], r#"{"type":"invalid_request_error"}"#)]).await;
    let paced = stub.client().paced(Some(std::sync::Arc::new(tillbook_stripe::Pace::new(100, 25))));
    assert!(matches!(paced.get("/v1/events/evt_1", &Form::new()).await, Err(Error::NotFound(_))));
    assert_eq!(stub.seen()[0].header("authorization").unwrap(), format!("Bearer {}", key().reveal()));
}
