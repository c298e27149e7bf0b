//! A server of a few lines that can misbehave: it answers what a closure says, byte for byte.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tillbook_stripe::{ApiKey, Client, ClientOptions, Endpoint, Timing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What arrived.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Method and path with query.
    pub fn target(&self) -> &str {
        self.line.trim_end_matches(" HTTP/1.1")
    }
}

/// What the server does about it.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends these bytes and keeps the connection.
    Send(Vec<u8>),
    /// Sends these bytes and closes.
    SendAndClose(Vec<u8>),
    /// Closes without a byte.
    Close,
    /// Never answers.
    Hang,
}

/// An answer with everything in its place.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Act {
    let mut text = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    Act::Send(format!("{text}\r\n{body}").into_bytes())
}

/// Stripe's error object.
pub fn error(status: u16, headers: &[(&str, &str)], error: &str) -> Act {
    answer(status, headers, &format!("{{\"error\":{error}}}"))
}

pub struct Stub {
    pub base_url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Stub {
    /// Answers the n-th request (from 0) as the closure says.
    pub async fn start(act: impl Fn(usize, &Request) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (act, all) = (Arc::new(act), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (act, all) = (Arc::clone(&act), Arc::clone(&all));
                tokio::spawn(async move { serve(stream, all, &*act).await });
            }
        });
        Self { base_url, seen }
    }

    /// One answer after the other; the last one again and again.
    pub async fn script(acts: Vec<Act>) -> Self {
        Self::start(move |n, _| acts[n.min(acts.len() - 1)].clone()).await
    }

    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    pub fn client(&self) -> Client {
        self.client_with(options().0)
    }

    pub fn client_with(&self, options: ClientOptions) -> Client {
        Client::new(key(), Endpoint::parse(&self.base_url).unwrap(), options).unwrap()
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: Arc<Mutex<Vec<Request>>>,
    act: &(dyn Fn(usize, &Request) -> Act + Send + Sync),
) {
    while let Some(request) = read(&mut stream).await {
        let turn = {
            let mut seen = seen.lock().unwrap();
            seen.push(request.clone());
            act(seen.len() - 1, &request)
        };
        match turn {
            Act::Send(bytes) => stream.write_all(&bytes).await.unwrap(),
            Act::SendAndClose(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Act::Close => return,
            Act::Hang => std::future::pending().await,
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let mut request = Request { line: lines.next().unwrap().to_owned(), ..Request::default() };
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        request.headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length: usize = request.header("content-length").map_or(0, |text| text.parse().unwrap());
    while bytes.len() < head_end + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    request.body = String::from_utf8(bytes[head_end + 4..].to_vec()).unwrap();
    Some(request)
}

/// Sleeps that take no time and are written down.
#[derive(Default)]
pub struct Naps(Mutex<Vec<Duration>>);

impl Naps {
    pub fn taken(&self) -> Vec<Duration> {
        self.0.lock().unwrap().clone()
    }
}

impl Timing for Naps {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.lock().unwrap().push(duration);
        Box::pin(std::future::ready(()))
    }

    fn chance_per_mille(&self) -> u32 {
        1000
    }
}

pub fn options() -> (ClientOptions, Arc<Naps>) {
    let naps = Arc::new(Naps::default());
    (ClientOptions { timing: naps.clone(), ..ClientOptions::default() }, naps)
}

pub fn key() -> ApiKey {
    ApiKey::parse("sk_test_practice_0123456789").unwrap()
}
