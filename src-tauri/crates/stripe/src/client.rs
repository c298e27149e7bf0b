//! The client: sends, waits, sends again where that is harmless, and says what came of it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use reqwest::Method;

use crate::error::{Lost, NoAnswer};
use crate::retry::backoff;
use crate::send::{Answer, Payload, Trouble, Wire};
use crate::{
    ApiKey, ClientOptions, ConfigError, Endpoint, Error, Form, KeyKind, KeyMode, Pace, Prepared, Problem,
    Query, Reply, request,
};

/// A connection to one Stripe account. Cloning is cheap and shares connections and key.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    pace: Option<Arc<Pace>>,
}

struct Shared {
    wire: Wire,
    endpoint: Endpoint,
    mode: KeyMode,
    key: RwLock<Arc<ApiKey>>,
    options: ClientOptions,
}

impl Client {
    /// Refuses a key and an address that do not belong together.
    pub fn new(key: ApiKey, endpoint: Endpoint, options: ClientOptions) -> Result<Self, ConfigError> {
        check_key(&key, &endpoint)?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("Tillbook/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            // Whatever is sent again is sent again by this crate, knowingly.
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.read_timeout)
            .timeout(options.whole_timeout)
            // A connection that was idle for long may be dead, and a POST on it would be lost.
            .pool_idle_timeout(Duration::from_secs(20))
            .tcp_keepalive(Duration::from_secs(30));
        builder = match &endpoint {
            // Plain HTTP to this machine: no proxy may see it, and it works where no certificates are installed.
            Endpoint::Loopback(_) => builder.no_proxy().tls_certs_only([]),
            Endpoint::Stripe => builder.https_only(true),
        };
        // The error's source may name files of the system, never the key: it is not part of the client's set-up.
        let http = builder.build().map_err(|error| ConfigError::Http(error.to_string()))?;
        let wire =
            Wire { http, origin: endpoint.origin().to_owned(), body_limit_bytes: options.body_limit_bytes };
        let mode = key.mode();
        let shared = Shared { wire, endpoint, mode, key: RwLock::new(Arc::new(key)), options };
        Ok(Self { shared: Arc::new(shared), pace: None })
    }

    /// The same client, slowed to a pace; without one, requests go as they come.
    #[must_use]
    pub fn paced(&self, pace: Option<Arc<Pace>>) -> Self {
        Self { shared: Arc::clone(&self.shared), pace }
    }

    /// Where requests go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.shared.endpoint
    }

    /// Whether money is real.
    pub fn mode(&self) -> KeyMode {
        self.shared.mode
    }

    /// What the present key may be used for.
    pub fn key_kind(&self) -> KeyKind {
        self.key().kind()
    }

    /// Puts a new key in the place of the old one (rotation): requests that begin from now on carry it.
    pub fn swap_key(&self, key: ApiKey) -> Result<(), ConfigError> {
        check_key(&key, &self.shared.endpoint)?;
        if key.mode() != self.shared.mode {
            return Err(ConfigError::OtherMode);
        }
        *self.shared.key.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
        Ok(())
    }

    fn key(&self) -> Arc<ApiKey> {
        Arc::clone(&self.shared.key.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads. Sent again by itself after what may pass.
    pub async fn get(&self, path: &str, query: &Form) -> Result<Reply, Error> {
        request::check_path(path)?;
        let query = query.encode();
        let mut repetition = 0;
        loop {
            let outcome = self.once(&Method::GET, path, Payload::Query(&query)).await;
            let (error, again) = match read_outcome(outcome) {
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            if !again || repetition >= self.shared.options.get_retries {
                return Err(error);
            }
            repetition += 1;
            self.pause(repetition).await;
        }
    }

    /// [`get`](Self::get) of what a resource's module has put together.
    pub async fn fetch(&self, query: &Query) -> Result<Reply, Error> {
        self.get(&query.path, &query.form).await
    }

    /// Sends what was written down before. Sent again, with the very same bytes, only after an answer that says it was
    /// not processed, or when nobody listens at the other end. Dropping the future before it is done leaves the outcome
    /// unknown, as a lost answer does.
    pub async fn post(&self, prepared: &Prepared) -> Result<Reply, Error> {
        prepared.check()?;
        let payload = Payload::Body { form: &prepared.body, idempotency_key: &prepared.idempotency_key };
        self.change(&Method::POST, &prepared.path, payload).await
    }

    /// Deletes (or cancels: a subscription). There is no idempotency key for it; a lost answer is settled by reading.
    pub async fn delete(&self, path: &str, query: &Form) -> Result<Reply, Error> {
        request::check_path(path)?;
        self.change(&Method::DELETE, path, Payload::Query(&query.encode())).await
    }

    async fn change(&self, method: &Method, path: &str, payload: Payload<'_>) -> Result<Reply, Error> {
        let mut repetition = 0;
        loop {
            let outcome = self.once(method, path, payload).await;
            let (error, again) = match change_outcome(outcome) {
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            if !again || repetition >= self.shared.options.unprocessed_retries {
                return Err(error);
            }
            repetition += 1;
            self.pause(repetition).await;
        }
    }

    async fn once(&self, method: &Method, path: &str, payload: Payload<'_>) -> Result<Answer, Trouble> {
        if let Some(pace) = &self.pace {
            pace.wait(path).await;
        }
        let outcome = self.shared.wire.once(&self.key(), method, path, payload).await;
        if let (Some(pace), Ok(answer)) = (&self.pace, &outcome) {
            pace.answered(answer.status);
        }
        outcome
    }

    async fn pause(&self, repetition: u32) {
        let timing = &self.shared.options.timing;
        timing.sleep(backoff(repetition, timing.chance_per_mille())).await;
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({}, {:?})", self.shared.endpoint, self.shared.mode)
    }
}

fn check_key(key: &ApiKey, endpoint: &Endpoint) -> Result<(), ConfigError> {
    if key.kind() == KeyKind::Publishable {
        return Err(ConfigError::PublishableKey);
    }
    match endpoint {
        Endpoint::Loopback(_) if key.mode() == KeyMode::Live => Err(ConfigError::LiveKeyElsewhere),
        Endpoint::Stripe if key.is_practice() => Err(ConfigError::PracticeKeyAtStripe),
        _ => Ok(()),
    }
}

/// An error, and whether the request may be sent again by itself.
type Failed = (Error, bool);

fn read_outcome(outcome: Result<Answer, Trouble>) -> Result<Reply, Failed> {
    match outcome {
        Ok(answer) if answer.status / 100 == 2 => {
            if ends_as_json(&answer.body) {
                return Ok(reply_of(answer));
            }
            // An answer without Content-Length that was cut short looks complete to HTTP.
            Err((Error::Malformed(no_answer("not a whole JSON object", &answer)), true))
        }
        Ok(answer) => {
            let passing = matches!(answer.status, 409 | 429) || answer.status >= 500;
            let again = answer.should_retry.unwrap_or(passing);
            let error = match Problem::of(&answer) {
                Some(problem) => refusal(problem),
                None if answer.status >= 500 => Error::ApiDown(Box::new(Problem::bare(&answer))),
                None if answer.status == 429 => Error::RateLimited(Box::new(Problem::bare(&answer))),
                None => Error::Malformed(no_answer("no error object", &answer)),
            };
            Err((error, again))
        }
        Err(Trouble::NotSent { cause, .. }) => {
            Err((Error::NotSent(NoAnswer { cause, status: None, request_id: None }), true))
        }
        Err(Trouble::Lost { cause, status, request_id }) => {
            Err((Error::Unreachable(NoAnswer { cause, status, request_id }), true))
        }
        Err(Trouble::TooLarge { cause, status, request_id }) => {
            Err((Error::TooLarge(NoAnswer { cause, status: Some(status), request_id }), false))
        }
    }
}

fn change_outcome(outcome: Result<Answer, Trouble>) -> Result<Reply, Failed> {
    match outcome {
        Ok(answer) if answer.status / 100 == 2 => {
            if serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body).is_ok() {
                return Ok(reply_of(answer));
            }
            Err((lost("the answer cannot be read", &answer, None), false))
        }
        // Done, perhaps, and then something broke: the status says nothing about money.
        Ok(answer) if answer.status >= 500 => {
            let code = Problem::of(&answer).and_then(|problem| problem.code);
            Err((lost("Stripe failed while working on it", &answer, code), false))
        }
        Ok(answer) => match Problem::of(&answer) {
            Some(problem) => {
                let may = problem.should_retry != Some(false);
                let error = refusal(problem);
                let again = may && matches!(error, Error::LockTimeout(_));
                Err((error, again))
            }
            // Not Stripe's own words: something in between may have let the request through and lost the answer.
            None => Err((lost("the answer is not one of Stripe's", &answer, None), false)),
        },
        Err(Trouble::NotSent { cause, refused }) => {
            Err((Error::NotSent(NoAnswer { cause, status: None, request_id: None }), refused))
        }
        Err(Trouble::Lost { cause, status, request_id }) => {
            let lost = Lost { cause, status, request_id, should_retry: None, replayed: false, code: None };
            Err((Error::OutcomeUnknown(lost), false))
        }
        Err(Trouble::TooLarge { cause, status, request_id }) => {
            let status = Some(status);
            let lost = Lost { cause, status, request_id, should_retry: None, replayed: false, code: None };
            Err((Error::OutcomeUnknown(lost), false))
        }
    }
}

/// Sorts Stripe's error objects. Order matters: what is about the card or the reader is said by type and code, and
/// the status decides what is left.
fn refusal(problem: Problem) -> Error {
    let problem = Box::new(problem);
    let code = problem.code.as_deref().unwrap_or_default();
    let kind = problem.kind.as_deref().unwrap_or_default();
    let decline = problem.decline_code.as_deref().unwrap_or_default();
    if code == "authentication_required"
        || matches!(decline, "authentication_required" | "authentication_not_handled")
    {
        return Error::AuthenticationRequired(problem);
    }
    if kind == "card_error" {
        return Error::Declined(problem);
    }
    if crate::declines::is_reader_code(code) {
        return Error::Reader(problem);
    }
    if code == "idempotency_key_in_use" {
        return Error::KeyInUse(problem);
    }
    if kind == "idempotency_error" {
        return Error::IdempotencyMismatch(problem);
    }
    match problem.status {
        401 => Error::Authentication(problem),
        403 => Error::Permission(problem),
        404 => Error::NotFound(problem),
        409 => Error::Conflict(problem),
        // Without a reason it is a lock that was not free in time; nothing was processed.
        429 if problem.rate_limited_reason.is_none() && code != "rate_limit" => Error::LockTimeout(problem),
        429 => Error::RateLimited(problem),
        500.. => Error::ApiDown(problem),
        _ => Error::InvalidRequest(problem),
    }
}

fn reply_of(answer: Answer) -> Reply {
    Reply {
        status: answer.status,
        body: answer.body,
        request_id: answer.request_id,
        date_s: answer.date_s,
        replayed: answer.replayed,
    }
}

fn no_answer(cause: &str, answer: &Answer) -> NoAnswer {
    NoAnswer { cause: cause.to_owned(), status: Some(answer.status), request_id: answer.request_id.clone() }
}

fn lost(cause: &str, answer: &Answer, code: Option<String>) -> Error {
    Error::OutcomeUnknown(Lost {
        cause: cause.to_owned(),
        status: Some(answer.status),
        request_id: answer.request_id.clone(),
        should_retry: answer.should_retry,
        replayed: answer.replayed,
        code,
    })
}

/// A cheap look at both ends; pages of a backfill are parsed by whoever asked for them.
fn ends_as_json(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    body.first() == Some(&b'{') && body.last() == Some(&b'}')
}
