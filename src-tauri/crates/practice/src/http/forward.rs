//! Signed deliveries, as `stripe listen` and webhook endpoints make them: each event once it is durable, in order, to a
//! loopback address alone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{sleep, timeout};

use super::exchange::Server;
use crate::api::params::int;
use crate::world::events::EVENT;

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pauses before a delivery is tried again.
const PAUSES_MS: [u64; 3] = [50, 500, 2_000];

/// Who hears of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub url: String,
    pub secret: String,
}

/// One event on its way to one target.
#[derive(Debug)]
pub(crate) struct Letter {
    pub event: String,
    pub body: String,
    pub target: Target,
}

/// Where a loopback URL leads: the address and the path. Any other URL is `None`.
pub(crate) fn loopback(url: &str) -> Option<(SocketAddr, &str)> {
    let rest = url.strip_prefix("http://")?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    if !path.bytes().all(|byte| byte.is_ascii_graphic()) || path.contains('#') {
        return None;
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, 80),
    };
    let host: IpAddr = match host {
        "127.0.0.1" | "localhost" => Ipv4Addr::LOCALHOST.into(),
        "[::1]" => Ipv6Addr::LOCALHOST.into(),
        _ => return None,
    };
    Some((SocketAddr::new(host, port), path))
}

/// `t=…,v1=…` over the time and the body.
pub(crate) fn signature(secret: &str, at: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(format!("{at}.{body}").as_bytes());
    let digest: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Some(format!("t={at},v1={digest}"))
}

/// Delivers what comes, one after the other, until nobody can send any more.
pub(crate) async fn deliver(server: Arc<Server>, mut letters: UnboundedReceiver<Letter>) {
    while let Some(letter) = letters.recv().await {
        let mut pauses = PAUSES_MS.iter();
        loop {
            match once(&server, &letter).await {
                Ok(status) if (200..300).contains(&status) => {
                    arrived(&server, &letter.event);
                    break;
                }
                outcome => tracing::info!(event = letter.event, ?outcome, "an event was not taken"),
            }
            match pauses.next() {
                Some(pause) => sleep(Duration::from_millis(*pause)).await,
                None => break,
            }
        }
    }
}

async fn once(server: &Server, letter: &Letter) -> Result<u16, std::io::Error> {
    let invalid = |what: &'static str| std::io::Error::new(std::io::ErrorKind::InvalidData, what);
    let (address, path) = loopback(&letter.target.url).ok_or_else(|| invalid("not a loopback address"))?;
    // The receiver compares with its own clock: the time moved on by hand is not told.
    let at = server.clock.now_ms().div_euclid(1000);
    let signed =
        signature(&letter.target.secret, at, &letter.body).ok_or_else(|| invalid("a key that cannot be"))?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: Stripe/1.0 (practice)\r\nAccept: */*\r\nContent-Type: \
         application/json; charset=utf-8\r\nStripe-Signature: {signed}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        letter.body.len()
    );
    let exchange = async {
        let mut socket = TcpStream::connect(address).await?;
        socket.write_all(head.as_bytes()).await?;
        socket.write_all(letter.body.as_bytes()).await?;
        let mut answer = Vec::with_capacity(64);
        // `HTTP/1.1 200` is all that matters.
        while answer.len() < 12 {
            if socket.read_buf(&mut answer).await? == 0 {
                break;
            }
        }
        let status = answer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
        status.and_then(|digits| digits.parse().ok()).ok_or_else(|| invalid("not an answer in HTTP"))
    };
    match timeout(PATIENCE, exchange).await {
        Ok(outcome) => outcome,
        Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
    }
}

/// One receiver fewer is still to hear of the event.
fn arrived(server: &Server, id: &str) {
    let mut guard = server.lock();
    let inside = &mut *guard;
    let Some(mut event) = inside.world.get(EVENT, id) else { return };
    event["pending_webhooks"] = json!((int(&event, "pending_webhooks") - 1).max(0));
    inside.world.put(EVENT, &event);
    if inside.commit().is_err() {
        tracing::warn!(id, "that an event arrived could not be written down");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_loopback_is_ever_called() {
        let found = |url: &str| loopback(url).map(|(address, path)| (address.to_string(), path.to_owned()));
        assert_eq!(found("http://127.0.0.1:80/a?b"), Some(("127.0.0.1:80".to_owned(), "/a?b".to_owned())));
        assert_eq!(found("http://localhost:4242"), Some(("127.0.0.1:4242".to_owned(), "/".to_owned())));
        assert_eq!(found("http://[::1]:1/"), Some(("[::1]:1".to_owned(), "/".to_owned())));
        assert_eq!(found("http://[::1]/"), Some(("[::1]:80".to_owned(), "/".to_owned())));
        for url in [
            "https://127.0.0.1/",
            "http://example.com/",
            "http://127.0.0.1@example.com/",
            "http://127.0.0.1.example.com/",
            "http://example.com:80@127.0.0.1:1.example/",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1/a b",
            "http://127.0.0.1/\r\nHost: x",
            "",
        ] {
            assert_eq!(found(url), None, "{url}");
        }
    }
}
