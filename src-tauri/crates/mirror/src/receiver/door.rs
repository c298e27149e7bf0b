//! The door of the receiver. Anybody on this machine may knock, so what stands in it is bounded in number and in time
//! before a word of it was checked.

use std::collections::VecDeque;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

use crate::Cancel;

/// Stripe's headers fit into a fraction of it.
const HEAD_LIMIT: usize = 32 * 1024;
/// Before somebody is let in again after the system refused: it may have no file handles left.
const PAUSE: Duration = Duration::from_millis(100);

/// How many may stand in the door, and how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Connections at once.
    pub(super) connections: usize,
    /// For the headers to arrive.
    pub(super) head: Duration,
    /// For all of it: headers, body, work and answer. A connection carries one request.
    pub(super) whole: Duration,
}

/// Lets in until `cancel` is turned, then sees those out who are inside.
///
/// Where the door is full the one who stands there longest goes, not the one who comes: a delivery takes milliseconds, so
/// whoever has stood the longest is no delivery, and nobody can keep deliveries out by standing still.
pub(super) async fn serve(listener: TcpListener, router: Router, bounds: Bounds, cancel: Cancel) {
    let mut inside = JoinSet::new();
    let mut oldest_first: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        let accepted = tokio::select! {
            () = cancel.canceled() => break,
            Some(_) = inside.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            sleep(PAUSE).await;
            continue;
        };
        oldest_first.retain(|one| !one.is_finished());
        if oldest_first.len() >= bounds.connections
            && let Some(oldest) = oldest_first.pop_front()
        {
            oldest.abort();
        }
        oldest_first.push_back(inside.spawn(attend(stream, router.clone(), bounds, cancel.clone())));
    }
    drop(listener);
    while inside.join_next().await.is_some() {}
}

async fn attend(stream: TcpStream, router: Router, bounds: Bounds, cancel: Cancel) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head)
        .keep_alive(false)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let work = async {
        let mut connection = pin!(connection);
        tokio::select! {
            _ = connection.as_mut() => return,
            () = cancel.canceled() => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    };
    // Whoever is cut off here is told nothing: there is nobody who listens.
    let _ = timeout(bounds.whole, work).await;
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use axum::body::{Body, to_bytes};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::task::JoinHandle;

    use super::*;

    const LONG: Duration = Duration::from_secs(600);
    const SHORT: Duration = Duration::from_millis(20);

    async fn open(bounds: Bounds) -> (SocketAddr, Cancel, JoinHandle<()>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .fallback(|body: Body| async { to_bytes(body, 100).await.map(drop).is_ok().to_string() });
        let cancel = Cancel::new();
        let serving = tokio::spawn(serve(listener, router, bounds, cancel.clone()));
        (address, cancel, serving)
    }

    async fn say(address: SocketAddr, words: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(words.as_bytes()).await.unwrap();
        stream
    }

    /// Everything that comes until the other side hangs up.
    async fn hear(mut stream: TcpStream) -> String {
        let mut heard = Vec::new();
        // Being thrown out is an end too.
        let _ = stream.read_to_end(&mut heard).await;
        String::from_utf8(heard).unwrap()
    }

    const HALF: &str = "POST / HTTP/1.1\r\nhost: lo";
    const WHOLE: &str = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n";

    #[tokio::test]
    async fn whoever_does_not_come_to_the_end_is_not_waited_for() {
        let (address, _cancel, _) = open(Bounds { connections: 99, head: SHORT, whole: LONG }).await;
        for half in ["", HALF, "POST / HTTP/1.1\r\nhost: localhost\r\n"] {
            assert!(!hear(say(address, half).await).await.contains("200 OK"), "{half}");
        }
        let (address, _cancel, _) = open(Bounds { connections: 99, head: LONG, whole: SHORT }).await;
        for half in ["", HALF, "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nhalf"] {
            assert!(!hear(say(address, half).await).await.contains("200 OK"), "{half}");
        }
    }

    #[tokio::test]
    async fn a_full_door_lets_the_next_in_and_the_oldest_out() {
        let (address, _cancel, _) = open(Bounds { connections: 2, head: LONG, whole: LONG }).await;
        let first = say(address, HALF).await;
        let mut second = say(address, HALF).await;
        assert!(hear(say(address, WHOLE).await).await.contains("200 OK"));
        assert_eq!(hear(first).await, "");
        second.write_all(b"calhost\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        assert!(hear(second).await.contains("200 OK"), "there was room for it");
        // However many stand there: whoever speaks is heard.
        let mut many = Vec::new();
        for _ in 0..100 {
            many.push(say(address, HALF).await);
        }
        assert!(hear(say(address, WHOLE).await).await.contains("200 OK"));
    }

    #[tokio::test]
    async fn a_connection_carries_one_request_and_short_headers() {
        let (address, _cancel, _) = open(Bounds { connections: 9, head: LONG, whole: LONG }).await;
        let heard = hear(say(address, &format!("{WHOLE}{WHOLE}")).await).await;
        assert_eq!(heard.matches("200 OK").count(), 1, "{heard}");
        let long = format!("POST / HTTP/1.1\r\nhost: localhost\r\nx: {}", "x".repeat(HEAD_LIMIT));
        assert!(!hear(say(address, &long).await).await.contains("200 OK"));
    }

    #[tokio::test]
    async fn it_closes_when_it_is_told_to() {
        let (address, cancel, serving) = open(Bounds { connections: 9, head: SHORT, whole: LONG }).await;
        let waiting = say(address, HALF).await;
        cancel.cancel();
        serving.await.unwrap();
        hear(waiting).await;
        assert!(TcpStream::connect(address).await.is_err(), "the port is free");
    }
}
