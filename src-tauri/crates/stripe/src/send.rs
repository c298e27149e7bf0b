//! One request on the wire, once: what came back, or how it got lost.

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap};
use reqwest::{Method, Response};
use tokio::time::Instant;

use crate::reply::parse_date;
use crate::{API_VERSION, ApiKey, scrub};

/// Any answer, of any status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub body: Bytes,
    pub request_id: Option<String>,
    pub original_request: Option<String>,
    pub replayed: bool,
    pub should_retry: Option<bool>,
    pub rate_limited_reason: Option<String>,
    pub date_s: Option<i64>,
}

/// No answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing left this machine. `refused`: there is somebody, but nobody listens on that port.
    NotSent { cause: String, refused: bool },
    /// Something may have left.
    Lost { cause: String, status: Option<u16>, request_id: Option<String> },
    /// The answer is over the limit.
    TooLarge { cause: String, status: u16, request_id: Option<String> },
}

/// What is sent besides the path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Payload<'a> {
    /// Behind the `?`.
    Query(&'a str),
    /// A form and its idempotency key.
    Body { form: &'a str, idempotency_key: &'a str },
}

/// What every request of a client has in common.
#[derive(Debug)]
pub(crate) struct Wire {
    pub http: reqwest::Client,
    pub origin: String,
    pub body_limit_bytes: usize,
}

impl Wire {
    /// Sends once and logs one line: method, path, status, request id, milliseconds. Never a body, a query or a key.
    pub(crate) async fn once(
        &self,
        key: &ApiKey,
        method: &Method,
        path: &str,
        payload: Payload<'_>,
    ) -> Result<Answer, Trouble> {
        let began = Instant::now();
        let outcome = self.exchange(key, method, path, payload).await;
        let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let shown = scrub::text(path);
        match &outcome {
            Ok(answer) => {
                let request_id = answer.request_id.as_deref().unwrap_or("-");
                tracing::info!(%method, path = %shown, status = answer.status, request_id, ms, "stripe");
            }
            Err(trouble) => tracing::warn!(%method, path = %shown, trouble = trouble.cause(), ms, "stripe"),
        }
        outcome
    }

    async fn exchange(
        &self,
        key: &ApiKey,
        method: &Method,
        path: &str,
        payload: Payload<'_>,
    ) -> Result<Answer, Trouble> {
        let url = match payload {
            Payload::Query(query) if !query.is_empty() => format!("{}{path}?{query}", self.origin),
            _ => format!("{}{path}", self.origin),
        };
        // `bearer_auth` marks the header as sensitive, so that nothing below prints it.
        let mut request = self
            .http
            .request(method.clone(), url)
            .bearer_auth(key.reveal())
            .header("Stripe-Version", API_VERSION);
        if let Payload::Body { form, idempotency_key } = payload {
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("Idempotency-Key", idempotency_key)
                .body(form.to_owned());
        }
        let response = request.send().await.map_err(|error| trouble_of(&error, None))?;
        self.answer_of(response).await
    }

    async fn answer_of(&self, mut response: Response) -> Result<Answer, Trouble> {
        let status = response.status().as_u16();
        let headers = response.headers();
        let mut answer = Answer {
            status,
            body: Bytes::new(),
            request_id: text_of(headers, "request-id"),
            original_request: text_of(headers, "original-request"),
            replayed: text_of(headers, "idempotent-replayed").as_deref() == Some("true"),
            should_retry: match text_of(headers, "stripe-should-retry").as_deref() {
                Some("true") => Some(true),
                Some("false") => Some(false),
                _ => None,
            },
            rate_limited_reason: text_of(headers, "stripe-rate-limited-reason"),
            date_s: text_of(headers, DATE.as_str()).and_then(|date| parse_date(&date)),
        };
        let too_large = |request_id: &Option<String>| Trouble::TooLarge {
            cause: format!("over {} bytes", self.body_limit_bytes),
            status,
            request_id: request_id.clone(),
        };
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
        if announced.is_some_and(|length| length > self.body_limit_bytes) {
            return Err(too_large(&answer.request_id));
        }
        let mut body = BytesMut::with_capacity(announced.unwrap_or(16 * 1024));
        loop {
            // A body that ends before its Content-Length, its last chunk or its gzip trailer is an error here.
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > self.body_limit_bytes => {
                    return Err(too_large(&answer.request_id));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Err(trouble_of(&error, Some((status, answer.request_id)))),
            }
        }
        answer.body = body.freeze();
        Ok(answer)
    }
}

impl Trouble {
    pub(crate) fn cause(&self) -> &str {
        match self {
            Self::NotSent { cause, .. } | Self::Lost { cause, .. } | Self::TooLarge { cause, .. } => cause,
        }
    }
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    // Headers come from outside: bounded and plain, since they end up in logs and errors.
    let text = headers.get(name)?.to_str().ok()?;
    (text.len() <= 255 && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())).then(|| text.to_owned())
}

/// Tells "never left" from "may have arrived". Only a failed connection never leaves; everything else may have.
fn trouble_of(error: &reqwest::Error, answered: Option<(u16, Option<String>)>) -> Trouble {
    let kind = io_kind(error);
    if error.is_connect() || error.is_builder() {
        let refused = kind == Some(std::io::ErrorKind::ConnectionRefused);
        let cause = match kind {
            Some(std::io::ErrorKind::ConnectionRefused) => "connection refused",
            _ if error.is_timeout() => "connecting timed out",
            _ if says(error, "dns") => "the address was not found",
            _ if says(error, "certificate") => "the certificate was not accepted",
            _ => "no connection",
        };
        return Trouble::NotSent { cause: cause.to_owned(), refused };
    }
    let cause = if error.is_timeout() {
        "timed out"
    } else if answered.is_some() {
        "the answer broke off"
    } else {
        "the connection broke"
    };
    let (status, request_id) = answered.map_or((None, None), |(status, id)| (Some(status), id));
    Trouble::Lost { cause: cause.to_owned(), status, request_id }
}

/// Looks for a word in what lies under an error; the libraries below tell these apart in words alone.
fn says(error: &reqwest::Error, word: &str) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.to_string().to_ascii_lowercase().contains(word) {
            return true;
        }
        source = inner.source();
    }
    false
}

fn io_kind(error: &reqwest::Error) -> Option<std::io::ErrorKind> {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        source = inner.source();
    }
    None
}
