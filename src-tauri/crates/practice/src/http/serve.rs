//! axum around the exchange: bytes in, headers out, and whatever is to go wrong in between.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use super::exchange::{Asked, Server, Told};
use super::faults::Fault;
use super::pages::PageReply;
use super::wire::Tap;
use super::{control, date, rate};
use crate::api::error::ApiError;
use crate::api::form::MOST_BYTES;
use crate::world::events::API_VERSION;

/// Everything that is served.
pub(crate) fn router(server: Arc<Server>) -> Router {
    Router::new().fallback(entry).with_state(server)
}

async fn entry(
    State(server): State<Arc<Server>>,
    ConnectInfo(tap): ConnectInfo<Tap>,
    request: Request,
) -> Response<Body> {
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
    // A body is read to its end before it is refused: a client that is still sending would not hear the answer.
    match to_bytes(body, 8 * MOST_BYTES).await {
        Ok(bytes) if bytes.len() <= MOST_BYTES => asked.body = bytes.to_vec(),
        _ => return answer(server.refuse(&too_large()), None),
    }
    if asked.method == "OPTIONS" {
        return preflight();
    }
    if !asked.path.starts_with("/v1/") {
        if let Some(page) = server.page(&asked) {
            return paged(page);
        }
        if asked.path.starts_with("/_practice/") {
            return answer(server.controlled(control::turn(&server, &asked)), None);
        }
    }
    api(&server, &tap, &asked).await
}

/// One of Stripe's calls, with the faults that are in force.
async fn api(server: &Server, tap: &Tap, asked: &Asked) -> Response<Body> {
    let key = asked.idempotency_key.as_deref().filter(|_| asked.method == "POST");
    let version = asked.version.as_deref();
    if let Some(key) = key
        && !server.enter(key)
    {
        return answer(server.refuse(&in_use(key)), version);
    }
    let held = Held { server, key };
    let (delay, fault) = server.faults().strike(&asked.method, &asked.path);
    if delay > 0 {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    let Some((fault, ms)) = fault else {
        let told = server.exchange(asked);
        drop(held);
        return answer(told, version);
    };
    let before = match fault {
        Fault::DropBefore => {
            tap.close_after(0);
            Some(ApiError::broken(500, "Dropped."))
        }
        Fault::Conflict => Some(ApiError::status(409, "Another request holds this object.").code("lock_timeout")),
        Fault::RateLimited => Some(rate::exceeded()),
        Fault::LockTimeout => Some(
            ApiError::status(429, "This object cannot be accessed right now because another API request or Stripe process is currently accessing it.")
                .code("lock_timeout"),
        ),
        Fault::ErrorBefore => {
            let error = ApiError::broken(500, "An unknown error occurred.");
            return answer(server.refuse_and_keep(asked, &error), version);
        }
        Fault::Unavailable => Some(ApiError::broken(503, "Stripe is unavailable.")),
        _ => None,
    };
    if let Some(error) = before {
        return answer(server.refuse(&error), version);
    }
    let told = server.exchange(asked);
    match fault {
        Fault::DropAfter => {
            tap.close_after(0);
            answer(told, version)
        }
        Fault::ErrorAfter => {
            answer(server.refuse(&ApiError::broken(500, "An unknown error occurred.")), version)
        }
        Fault::Truncated => {
            // Headers say how long the body is; a part of it arrives.
            tap.close_after(700 + told.body.len() / 4);
            answer(told, version)
        }
        Fault::Slow => {
            tap.slow_down(ms.max(1));
            answer(told, version)
        }
        _ => answer(told, version),
    }
}

/// An idempotency key that is held until the call is over, however it ends.
struct Held<'a> {
    server: &'a Server,
    key: Option<&'a str>,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.server.leave(key);
        }
    }
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
fn answer(told: Told, version: Option<&str>) -> Response<Body> {
    let mut response = Response::new(Body::from(told.body));
    *response.status_mut() = StatusCode::from_u16(told.status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"));
    // Stripe's API may be called from a page, with a publishable key.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
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

fn preflight() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, DELETE"));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, content-type, idempotency-key, stripe-version"),
    );
    response
}

fn paged(page: PageReply) -> Response<Body> {
    let mut response = Response::new(Body::from(page.body));
    *response.status_mut() = StatusCode::from_u16(page.status).unwrap_or_default();
    let headers = response.headers_mut();
    put(headers, "content-type", page.content_type);
    put(headers, "cache-control", "no-store");
    put(headers, "x-content-type-options", "nosniff");
    if let Some(location) = &page.location {
        put(headers, "location", location);
    }
    response
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
