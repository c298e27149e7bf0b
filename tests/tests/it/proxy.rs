//! Stands between the till and the practice Stripe and writes down what passes.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::response::Response;

/// One request and its answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub method: String,
    pub path: String,
    /// The query of a GET, the form of a POST; encoded.
    pub parameters: String,
    pub idempotency_key: Option<String>,
    pub version: Option<String>,
    pub status: u16,
    pub answer: String,
}

#[derive(Clone)]
struct Between {
    to: String,
    client: reqwest::Client,
    seen: Arc<Mutex<Vec<Exchange>>>,
}

/// A proxy that serves as long as it is kept.
pub struct Proxy {
    pub base_url: String,
    seen: Arc<Mutex<Vec<Exchange>>>,
    _runtime: tokio::runtime::Runtime,
}

impl Proxy {
    pub fn before(base_url: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let between =
            Between { to: base_url.to_owned(), client: reqwest::Client::new(), seen: Arc::clone(&seen) };
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))))
            .unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass).with_state(between);
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { base_url, seen, _runtime: runtime }
    }

    /// What has passed so far.
    pub fn seen(&self) -> Vec<Exchange> {
        self.seen.lock().unwrap().clone()
    }
}

async fn pass(State(between): State<Between>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let sent = to_bytes(body, usize::MAX).await.unwrap();
    let mut headers = parts.headers.clone();
    for own in [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
        headers.remove(own);
    }
    // Answers are read here, so they come as they are.
    headers.remove("accept-encoding");
    let url = format!("{}{}", between.to, parts.uri);
    let answered = between
        .client
        .request(parts.method.clone(), url)
        .headers(headers)
        .body(sent.clone())
        .send()
        .await
        .unwrap();
    let mut response = Response::builder().status(answered.status());
    for (name, value) in answered.headers() {
        if ![CONNECTION, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING].contains(name) {
            response = response.header(name, value);
        }
    }
    let status = answered.status().as_u16();
    let body = answered.bytes().await.unwrap();
    let header = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let form = String::from_utf8(sent.to_vec()).unwrap();
    between.seen.lock().unwrap().push(Exchange {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        parameters: if form.is_empty() { query } else { form },
        idempotency_key: header("idempotency-key"),
        version: header("stripe-version"),
        status,
        answer: String::from_utf8(body.to_vec()).unwrap(),
    });
    response.body(Body::from(body)).unwrap()
}
