//! axum around the exchange: bytes in, headers out.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, header};

use super::exchange::{Asked, Server, Told};
use super::{control, date};
use crate::api::error::ApiError;
use crate::api::form::MOST_BYTES;
use crate::world::events::API_VERSION;

/// Everything that is served.
pub(crate) fn router(server: Arc<Server>) -> Router {
    Router::new().fallback(entry).with_state(server)
}

async fn entry(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut asked = Asked {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        body: Vec::new(),
        content_type: text("content-type"),
        authorization: text("authorization"),
        idempotency_key: text("idempotency-key"),
        version: text("stripe-version"),
    };
    match to_bytes(body, MOST_BYTES).await {
        Ok(bytes) => asked.body = bytes.to_vec(),
        Err(_) => return answer(server.refuse(&too_large()), None),
    }
    if asked.path.starts_with("/_practice/") {
        return control::answer(&server, &asked);
    }
    let key = asked.idempotency_key.clone().filter(|_| asked.method == "POST");
    if let Some(key) = &key
        && !server.enter(key)
    {
        return answer(server.refuse(&in_use(key)), asked.version.as_deref());
    }
    let told = server.exchange(&asked);
    if let Some(key) = &key {
        server.leave(key);
    }
    answer(told, asked.version.as_deref())
}

fn too_large() -> ApiError {
    ApiError::status(413, "Invalid request: the body is too large.")
}

fn in_use(key: &str) -> ApiError {
    ApiError::status(
        409,
        format!(
            "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, \
             and the other request is still going through): {key}. Please try again later."
        ),
    )
    .code("idempotency_key_in_use")
}

/// An answer with the headers Stripe's have.
pub(crate) fn answer(told: Told, version: Option<&str>) -> Response<Body> {
    let mut response = Response::new(Body::from(told.body));
    *response.status_mut() = axum::http::StatusCode::from_u16(told.status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"));
    put(headers, "date", &date::http(told.now));
    put(headers, "request-id", &told.request);
    put(headers, "stripe-version", version.unwrap_or(API_VERSION));
    if let Some(key) = &told.idempotency_key {
        put(headers, "idempotency-key", key);
        put(headers, "original-request", told.original.as_deref().unwrap_or(&told.request));
    }
    if told.original.is_some() {
        put(headers, "idempotent-replayed", "true");
    }
    if told.limited {
        put(headers, "stripe-rate-limited-reason", "global-rate");
    }
    response
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
