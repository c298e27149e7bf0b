//! A line to Stripe that loses requests or answers on demand, and remembers what went through.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives.
    LoseRequest,
    /// It is done, and nobody hears of it.
    LoseAnswer,
    /// Stripe's own 500 in place of the answer, after the work was done.
    Answer500,
}

/// One request that went through the line.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub body: String,
    pub idempotency_key: Option<String>,
}

#[derive(Debug)]
struct Rule {
    method: &'static str,
    path_part: String,
    fault: Fault,
    times: u32,
}

#[derive(Default)]
struct State {
    rules: Vec<Rule>,
    seen: Vec<Seen>,
    cut: bool,
}

/// The line.
#[derive(Clone)]
pub struct Proxy {
    pub base_url: String,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    pub fn to(upstream: &str) -> Self {
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), shared, upstream) = (client, Arc::clone(&shared), upstream.clone()) else {
                    return;
                };
                std::thread::spawn(move || serve(client, &upstream, &shared));
            }
        });
        Self { base_url, state }
    }

    /// The next requests like this meet a fault.
    pub fn fault(&self, method: &'static str, path_part: &str, fault: Fault, times: u32) {
        let rule = Rule { method, path_part: path_part.to_owned(), fault, times };
        self.state.lock().unwrap().rules.push(rule);
    }

    /// Nothing gets through in either direction.
    pub fn cut(&self, cut: bool) {
        self.state.lock().unwrap().cut = cut;
    }

    pub fn clear(&self) {
        let mut state = self.state.lock().unwrap();
        state.rules.clear();
        state.cut = false;
    }

    /// Requests that reached Stripe.
    pub fn seen(&self, method: &str, path_part: &str) -> Vec<Seen> {
        let state = self.state.lock().unwrap();
        state
            .seen
            .iter()
            .filter(|seen| seen.method == method && seen.path.contains(path_part))
            .cloned()
            .collect()
    }
}

fn serve(client: TcpStream, upstream: &str, state: &Mutex<State>) {
    let _ = client.set_nodelay(true);
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut client = client;
    while let Some((head, body)) = read_message(&mut reader) {
        let mut words = head.split_whitespace();
        let method = words.next().unwrap_or_default().to_owned();
        let path = words.next().unwrap_or_default().to_owned();
        let fault = {
            let mut state = state.lock().unwrap();
            let found = state
                .rules
                .iter_mut()
                .find(|rule| rule.times > 0 && rule.method == method && path.contains(&rule.path_part));
            let fault = found.map(|rule| {
                rule.times -= 1;
                rule.fault
            });
            let fault = if state.cut { Some(Fault::LoseRequest) } else { fault };
            if fault != Some(Fault::LoseRequest) {
                let key = head.lines().find_map(|line| {
                    line.to_ascii_lowercase()
                        .starts_with("idempotency-key:")
                        .then(|| line[16..].trim().to_owned())
                });
                let body = String::from_utf8_lossy(&body).into_owned();
                state.seen.push(Seen { method, path, body, idempotency_key: key });
            }
            fault
        };
        if fault == Some(Fault::LoseRequest) {
            return;
        }
        let Some(answer) = forward(upstream, &head, &body) else { return };
        match fault {
            Some(Fault::LoseAnswer) => return,
            Some(Fault::Answer500) => {
                let text = r#"{"error":{"type":"api_error","message":"broken"}}"#;
                let _ = write!(
                    client,
                    "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\nrequest-id: req_broken\r\ncontent-length: {}\r\n\r\n{text}",
                    text.len()
                );
            }
            _ => {
                if client.write_all(&answer).is_err() {
                    return;
                }
            }
        }
    }
}

/// Head and body of a request or an answer with a length.
fn read_message(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    loop {
        let before = head.len();
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
        if head[before..].trim().is_empty() {
            break;
        }
    }
    let length = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok()
        })
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

fn forward(upstream: &str, head: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut server = TcpStream::connect(upstream).ok()?;
    let _ = server.set_nodelay(true);
    server.write_all(head.as_bytes()).ok()?;
    server.write_all(body).ok()?;
    let mut reader = BufReader::new(server);
    let (head, body) = read_message(&mut reader)?;
    assert!(!head.to_ascii_lowercase().contains("transfer-encoding"), "the proxy reads lengths only: {head}");
    let mut answer = head.into_bytes();
    answer.extend(body);
    Some(answer)
}
