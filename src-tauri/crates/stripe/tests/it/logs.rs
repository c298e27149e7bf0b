//! One line per request, with nothing in it that must not be kept.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tillbook_stripe::{Form, Prepared};

use crate::stub::{Act, Stub, answer};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn method_path_status_request_id_and_time_are_logged_and_no_more() {
    let lines = Lines::default();
    let writer = lines.clone();
    // For the whole process: one that holds for a thread only misses lines that another thread met first. The paths
    // tell this test's lines from those of tests that run beside it.
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();

    let body = r#"{"id":"pi_1","client_secret":"pi_1_secret_xyz"}"#;
    let stub = Stub::script(vec![answer(200, &[("Request-Id", "req_42")], body), Act::Close]).await;
    let form = Form::new().with("receipt_email", "someone@example.com");
    let prepared = Prepared::new("/v1/payment_intents/pi_logged", &form, "attempt-key-1").unwrap();
    stub.client().post(&prepared).await.unwrap();
    let query = Form::new().with("client_secret", "pi_1_secret_xyz");
    let _ = stub.client().get("/v1/payment_intents/pi_logged", &query).await;

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<&str> =
        text.lines().filter(|line| line.contains("tillbook_stripe") && line.contains("pi_logged")).collect();
    let path = "path=/v1/payment_intents/pi_logged";
    assert!(
        ours[0].contains(&format!("method=POST {path} status=200 request_id=\"req_42\" ms=")),
        "{ours:?}"
    );
    assert!(ours[1].contains(&format!("method=GET {path} trouble=")), "{ours:?}");
    assert_eq!(ours.len(), 5, "one line per request, the repeated ones too");
    for secret in ["sk_test_practice", "0123456789", "someone", "secret_xyz", "attempt-key-1"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
