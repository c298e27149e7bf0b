//! An optional receiver for `stripe listen --forward-to localhost:PORT`: news within a second, without a public endpoint.
//! It takes what Stripe signed and nothing else, and feeds the same path as a poll; it never moves the anchor.

mod door;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::routing::post;
use serde::Deserialize;
use tillbook_store::Mode;
use tillbook_stripe::webhook;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use crate::apply::Applier;
use crate::events::apply_event;
use crate::state::{self, name};
use crate::{Cancel, Inner, Mirror, MirrorError, kinds};

/// No event of Stripe's is larger.
const BODY_LIMIT: usize = 1024 * 1024;
/// Deliveries in a second; what comes faster is told to come again.
const PER_SECOND: u32 = 100;
/// Whatever knocks in a second, before its signature was looked at. Larger, and counted apart: strangers on this machine
/// must not use up what deliveries may need.
const KNOCKS_PER_SECOND: u32 = 1000;
/// Deliveries that are applied at once, or wait for the file: their senders may be gone already.
const AT_WORK: usize = 16;
/// For a body to arrive.
const BODY_WITHIN: Duration = Duration::from_secs(5);
const BOUNDS: door::Bounds =
    door::Bounds { connections: 16, head: Duration::from_secs(2), whole: Duration::from_secs(15) };

/// What the receiver did, for the log and the Sync screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// Applied, or known already.
    Taken {
        /// Whether it was news.
        news: bool,
    },
    /// The signature is missing, wrong or too old; nothing was changed.
    BadSignature,
    /// The signature is right, and the event is of the other mode or of another account; nothing was changed.
    Elsewhere,
    /// The signature is right and the content could not be applied; the next poll brings it again.
    Failed(String),
}

type Told = dyn Fn(Delivered) + Send + Sync;

struct Shared {
    inner: Arc<Inner>,
    secrets: Vec<String>,
    told: Arc<Told>,
    is_live: bool,
    knocks: Rate,
    deliveries: Rate,
    at_work: Arc<Semaphore>,
}

impl Mirror {
    /// Listens on 127.0.0.1 (`port` 0 takes a free one) until `cancel` is turned. Answers the address it listens on and
    /// the work to be spawned. `secrets` are the `whsec_…` that `stripe listen` prints; more than one while they rotate.
    ///
    /// # Errors
    /// [`MirrorError::Broken`] where the port is in use or no secret is given.
    pub async fn receive(
        &self,
        port: u16,
        secrets: Vec<String>,
        cancel: Cancel,
        told: Box<dyn Fn(Delivered) + Send + Sync>,
    ) -> Result<(SocketAddr, impl Future<Output = ()> + Send + use<>), MirrorError> {
        if secrets.iter().all(String::is_empty) {
            return Err(MirrorError::Broken(
                "the receiver needs the signing secret of stripe listen".to_owned(),
            ));
        }
        // A folder without an identity belongs to a test; whoever opens a real one gives it one.
        let identity = self.inner.store.folder().identity()?;
        let broken = |error: std::io::Error| MirrorError::Broken(format!("port {port}: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(broken)?;
        let address = listener.local_addr().map_err(broken)?;
        let shared = Arc::new(Shared {
            inner: Arc::clone(&self.inner),
            secrets,
            told: Arc::from(told),
            is_live: identity.is_some_and(|identity| identity.mode == Mode::Live),
            knocks: Rate::of(KNOCKS_PER_SECOND),
            deliveries: Rate::of(PER_SECOND),
            at_work: Arc::new(Semaphore::new(AT_WORK)),
        });
        let router = Router::new().route("/", post(deliver)).fallback(post(deliver)).with_state(shared);
        // A listener that breaks is noticed by polls that find more than it brought.
        Ok((address, door::serve(listener, router, BOUNDS, cancel)))
    }
}

async fn deliver(State(shared): State<Arc<Shared>>, request: Request<Body>) -> StatusCode {
    if !shared.knocks.has_room(Instant::now()) {
        return StatusCode::TOO_MANY_REQUESTS;
    }
    let header = request.headers().get("stripe-signature").and_then(|value| value.to_str().ok());
    let header = header.unwrap_or_default().to_owned();
    let body = match timeout(BODY_WITHIN, to_bytes(request.into_body(), BODY_LIMIT)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE,
        Err(_) => return StatusCode::REQUEST_TIMEOUT,
    };
    let secrets: Vec<&str> = shared.secrets.iter().map(String::as_str).collect();
    if webhook::verify(&body, &header, &secrets, shared.inner.second(), webhook::TOLERANCE_S).is_err() {
        tracing::warn!("a delivery without a valid signature was refused");
        (shared.told)(Delivered::BadSignature);
        return StatusCode::BAD_REQUEST;
    }
    if !shared.deliveries.has_room(Instant::now()) {
        return StatusCode::TOO_MANY_REQUESTS;
    }
    let Ok(place) = Arc::clone(&shared.at_work).try_acquire_owned() else {
        return StatusCode::TOO_MANY_REQUESTS;
    };
    // By itself: what was begun is applied and told of, even where its sender hangs up meanwhile.
    let work = tokio::task::spawn_blocking(move || {
        (shared.told)(shared.take(&body));
        drop(place);
    });
    // Whatever became of it, 200: the signature is right, so that sending it again would change nothing.
    let _ = work.await;
    StatusCode::OK
}

impl Shared {
    /// Takes in what was signed, or says why not.
    fn take(&self, body: &Bytes) -> Delivered {
        let outcome = match self.inner.is_of(body, self.is_live) {
            Ok(true) => self.inner.take_event(body).map(|news| Delivered::Taken { news }),
            Ok(false) => Ok(Delivered::Elsewhere),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(Delivered::Elsewhere) => {
                tracing::warn!(
                    "a delivery of another mode or account was put aside; is the secret another one's?"
                );
                Delivered::Elsewhere
            }
            Ok(delivered) => delivered,
            Err(error) => {
                let reason = error.to_string();
                tracing::warn!(reason, "a delivery could not be applied; the next poll brings it again");
                Delivered::Failed(reason)
            }
        }
    }
}

/// How many there were in the present second.
struct Rate {
    limit: u32,
    second: Mutex<Option<(Instant, u32)>>,
}

impl Rate {
    fn of(limit: u32) -> Rate {
        Rate { limit, second: Mutex::new(None) }
    }

    /// Counts one more, where there is room for it.
    fn has_room(&self, now: Instant) -> bool {
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, count) = second.unwrap_or((now, 0));
        let (began, count) =
            if now.duration_since(began) >= Duration::from_secs(1) { (now, 0) } else { (began, count) };
        let has_room = count < self.limit;
        *second = Some((began, if has_room { count + 1 } else { count }));
        has_room
    }
}

/// What an event says of where it is from.
#[derive(Deserialize)]
struct Origin {
    #[serde(default)]
    livemode: bool,
    /// Only where it came by way of another account.
    #[serde(default)]
    account: Option<String>,
}

impl Inner {
    /// The present second by Stripe's clock, which signs; by this machine's, which may be wrong, while nothing was heard
    /// of Stripe.
    fn second(&self) -> i64 {
        self.date_now().unwrap_or_else(|| self.clock.now_ms().div_euclid(1000))
    }

    /// Whether an event is of this folder's mode and account. The secret alone does not say: `stripe listen --live` has one
    /// too, and Stripe's own lists are read with a key, which does.
    fn is_of(&self, body: &[u8], is_live: bool) -> Result<bool, MirrorError> {
        let origin: Origin = serde_json::from_slice(body).map_err(|error| MirrorError::BadAnswer {
            asked: "a delivery".to_owned(),
            detail: error.to_string(),
        })?;
        let known: Option<String> = self.store.mirror.read(|c| state::get(c, name::ACCOUNT))?;
        let is_other = |account: String| known.is_some_and(|known| known != account);
        Ok(origin.livemode == is_live && !origin.account.is_some_and(is_other))
    }

    /// Applies a delivered event; answers whether it was news.
    fn take_event(&self, body: &[u8]) -> Result<bool, MirrorError> {
        let bad = |detail: &str| MirrorError::BadAnswer {
            asked: "a delivery".to_owned(),
            detail: detail.to_owned(),
        };
        let batch = self.pack_object(body, kinds::OTHER)?;
        let row = batch.rows.first().ok_or_else(|| bad("no id"))?;
        if row.kind != kinds::EVENT {
            return Err(bad("not an event"));
        }
        // As late as a delivery may be signed; this machine's clock alone says nothing.
        let until = self.date_now().map_or(i64::MAX, |now| now.saturating_add(webhook::TOLERANCE_S));
        self.store.mirror.write(|tx| {
            let mut applier = Applier::new(tx);
            applier.follow = true;
            let news = apply_event(&mut applier, &batch, row, until)?;
            applier.finish()?;
            Ok(news)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_too_fast_uses_up_no_room() {
        let rate = Rate::of(2);
        let now = Instant::now();
        let after = |ms| now + Duration::from_millis(ms);
        assert!(rate.has_room(now) && rate.has_room(after(1)));
        assert!(!rate.has_room(after(2)) && !rate.has_room(after(999)));
        assert!(rate.has_room(after(1000)) && rate.has_room(after(1999)));
        assert!(!rate.has_room(after(1999)) && rate.has_room(after(2000)));
    }
}
