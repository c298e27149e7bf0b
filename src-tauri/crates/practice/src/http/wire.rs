//! Connections that can be broken on purpose: the listener hands out sockets whose other half the answer can reach.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

const UNLIMITED: i64 = i64::MAX;

/// At a pace, so many bytes at a time.
const PIECE: usize = 256;

/// How many more bytes a connection lets out, and how slowly.
#[derive(Debug, Clone)]
pub(crate) struct Tap {
    left: Arc<AtomicI64>,
    pace_ms: Arc<AtomicU64>,
}

impl Tap {
    fn open() -> Self {
        Self { left: Arc::new(AtomicI64::new(UNLIMITED)), pace_ms: Arc::new(AtomicU64::new(0)) }
    }

    /// Nothing more gets out: the connection breaks at the next byte after so many.
    pub(crate) fn close_after(&self, bytes: usize) {
        self.left.store(i64::try_from(bytes).unwrap_or(UNLIMITED), Ordering::SeqCst);
    }

    /// From now on small pieces, with a pause before each.
    pub(crate) fn slow_down(&self, pause_ms: u64) {
        self.pace_ms.store(pause_ms, Ordering::SeqCst);
    }
}

/// A socket with a tap.
pub(crate) struct Wire {
    socket: TcpStream,
    tap: Tap,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    /// Waits for the next piece where the connection is slow; how much may go out then.
    fn paced(&mut self, cx: &mut Context<'_>, wanted: usize) -> Poll<usize> {
        let pace_ms = self.tap.pace_ms.load(Ordering::SeqCst);
        if pace_ms == 0 {
            return Poll::Ready(wanted);
        }
        let pause = self.pause.get_or_insert_with(|| Box::pin(sleep(Duration::from_millis(pace_ms))));
        std::task::ready!(pause.as_mut().poll(cx));
        self.pause = None;
        Poll::Ready(wanted.min(PIECE))
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let allowed = std::task::ready!(self.paced(cx, buf.len()));
        let left = self.tap.left.load(Ordering::SeqCst);
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(allowed);
        if most == 0 && !buf.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let part = buf.get(..most).unwrap_or_default();
        let written = std::task::ready!(Pin::new(&mut self.socket).poll_write(cx, part))?;
        if left != UNLIMITED {
            self.tap.left.fetch_sub(i64::try_from(written).unwrap_or(0), Ordering::SeqCst);
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

/// A listener of such sockets.
pub(crate) struct Wires(pub tokio::net::TcpListener);

impl Listener for Wires {
    type Io = Wire;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            match self.0.accept().await {
                Ok((socket, from)) => {
                    // Small answers must not wait for company.
                    let _ = socket.set_nodelay(true);
                    return (Wire { socket, tap: Tap::open(), pause: None }, from);
                }
                // Out of descriptors, as a rule: the next moment may be better.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Wires>> for Tap {
    fn connect_info(stream: IncomingStream<'_, Wires>) -> Self {
        stream.io().tap.clone()
    }
}
