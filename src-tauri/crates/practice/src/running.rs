//! The server's life: bind, serve on a thread of its own, stop.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::Router;
use axum::http::StatusCode;
use tokio::sync::Notify;

use crate::options::{PracticeError, PracticeOptions};

/// A practice Stripe that serves. It stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// Begins with `sk_test_practice_`.
    pub secret_key: String,
    /// Begins with `pk_test_practice_`.
    pub publishable_key: String,
    /// The account's id, `acct_…`.
    pub account: String,
    stop: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Stops serving and waits until the last answer is out and the state is on disk.
    pub fn stop(mut self) {
        self.halt();
    }

    fn halt(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            // A thread that died has nothing left to wait for.
            let _ = thread.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.halt();
    }
}

pub(crate) fn start(options: PracticeOptions) -> Result<Running, PracticeError> {
    let listener = bind(options.port)?;
    let address =
        listener.local_addr().map_err(|source| PracticeError::Listen { port: options.port, source })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| PracticeError::System(error.to_string()))?;
    let stop = Arc::new(Notify::new());
    let stopped = Arc::clone(&stop);
    let thread = std::thread::Builder::new()
        .name("practice-stripe".to_owned())
        .spawn(move || runtime.block_on(serve(listener, stopped)))
        .map_err(|error| PracticeError::System(error.to_string()))?;
    Ok(Running {
        base_url: format!("http://{address}"),
        secret_key: "sk_test_practice_unset".to_owned(),
        publishable_key: "pk_test_practice_unset".to_owned(),
        account: "acct_unset".to_owned(),
        stop,
        thread: Some(thread),
    })
}

fn bind(port: u16) -> Result<TcpListener, PracticeError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address).map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => PracticeError::PortInUse { port },
        _ => PracticeError::Listen { port, source },
    })?;
    listener.set_nonblocking(true).map_err(|source| PracticeError::Listen { port, source })?;
    Ok(listener)
}

async fn serve(listener: TcpListener, stop: Arc<Notify>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let router = Router::new().fallback(|| async { StatusCode::NOT_FOUND });
    let served = axum::serve(listener, router).with_graceful_shutdown(async move { stop.notified().await });
    if let Err(error) = served.await {
        tracing::error!(%error, "the practice Stripe stopped serving");
    }
}
