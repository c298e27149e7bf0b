//! An optional receiver for `stripe listen --forward-to localhost:PORT`: news within a second, without a public endpoint.
//! It takes what Stripe signed and nothing else, and feeds the same path as a poll; it never moves the anchor.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::routing::post;
use tillbook_stripe::webhook;
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout};

use crate::apply::Applier;
use crate::events::apply_event;
use crate::kinds;
use crate::{Cancel, Inner, Mirror, MirrorError};

/// No event of Stripe's is larger.
const BODY_LIMIT: usize = 1024 * 1024;
/// Deliveries in a second; what comes faster is told to come again.
const PER_SECOND: u32 = 100;
/// For a delivery to arrive and to be applied.
const WITHIN: Duration = Duration::from_secs(10);

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
    /// The signature is right and the content could not be applied; the next poll brings it again.
    Failed(String),
}

struct Shared {
    inner: Arc<Inner>,
    secrets: Vec<String>,
    told: Box<dyn Fn(Delivered) + Send + Sync>,
    second: Mutex<(Instant, u32)>,
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
        let broken = |error: std::io::Error| MirrorError::Broken(format!("port {port}: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(broken)?;
        let address = listener.local_addr().map_err(broken)?;
        let shared = Arc::new(Shared {
            inner: Arc::clone(&self.inner),
            secrets,
            told,
            second: Mutex::new((Instant::now(), 0)),
        });
        let router = Router::new().route("/", post(deliver)).fallback(post(deliver)).with_state(shared);
        let serve = async move {
            let stop = async move { cancel.canceled().await };
            // It ends when it is told to; a listener that breaks is noticed by polls that find more than it brought.
            let _ = axum::serve(listener, router).with_graceful_shutdown(stop).await;
        };
        Ok((address, serve))
    }
}

async fn deliver(State(shared): State<Arc<Shared>>, request: Request<Body>) -> StatusCode {
    if !shared.has_room() {
        return StatusCode::TOO_MANY_REQUESTS;
    }
    let header = request.headers().get("stripe-signature").and_then(|value| value.to_str().ok());
    let header = header.unwrap_or_default().to_owned();
    let body = match timeout(WITHIN, to_bytes(request.into_body(), BODY_LIMIT)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE,
        Err(_) => return StatusCode::REQUEST_TIMEOUT,
    };
    let secrets: Vec<&str> = shared.secrets.iter().map(String::as_str).collect();
    let now = shared.inner.clock.now_ms().div_euclid(1000);
    if webhook::verify(&body, &header, &secrets, now, webhook::TOLERANCE_S).is_err() {
        tracing::warn!("a delivery without a valid signature was refused");
        (shared.told)(Delivered::BadSignature);
        return StatusCode::BAD_REQUEST;
    }
    let inner = Arc::clone(&shared.inner);
    let applied = tokio::task::spawn_blocking(move || inner.take_event(&body)).await;
    let outcome = match applied {
        Ok(Ok(news)) => Delivered::Taken { news },
        Ok(Err(error)) => Delivered::Failed(error.to_string()),
        Err(error) => Delivered::Failed(error.to_string()),
    };
    if let Delivered::Failed(reason) = &outcome {
        tracing::warn!(reason, "a delivery could not be applied; the next poll brings it again");
    }
    (shared.told)(outcome);
    StatusCode::OK
}

impl Shared {
    fn has_room(&self) -> bool {
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        if second.0.elapsed() >= Duration::from_secs(1) {
            *second = (Instant::now(), 0);
        }
        second.1 += 1;
        second.1 <= PER_SECOND
    }
}

impl Inner {
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
        self.store.mirror.write(|tx| {
            let mut applier = Applier::new(tx);
            applier.follow = true;
            let news = apply_event(&mut applier, &batch, row)?;
            applier.finish()?;
            Ok(news)
        })
    }
}
