//! The server's life: bind, serve on a thread of its own, stop.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::http::exchange::{Inside, Server};
use crate::http::faults::Plan;
use crate::http::forward::Letter;
use crate::http::rate::Rate;
use crate::http::wire::{Tap, Wires};
use crate::options::{PracticeError, PracticeOptions};
use crate::world::World;
use crate::world::ids::{Chance, mix};
use crate::world::journal::Journal;
use crate::{http, resources, shop};

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
    /// Begins with `whsec_practice_`; present where events are forwarded.
    pub webhook_secret: Option<String>,
    server: Weak<Server>,
    stop: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Posts every event to a loopback URL from now on, as [`PracticeOptions::forward_to`] does from the start; answers the
    /// secret that signs them, the same one as long as the state is kept. Without a URL nothing is posted any more.
    ///
    /// # Errors
    /// [`PracticeError::Options`] for a URL that leads off this machine, [`PracticeError::System`] where it is stopping or
    /// its state cannot be written.
    pub fn forward_to(&self, url: Option<&str>) -> Result<Option<String>, PracticeError> {
        let server =
            self.server.upgrade().ok_or_else(|| PracticeError::System("it has stopped".to_owned()))?;
        let mut inside = server.lock();
        if url.is_none() {
            inside.world.forward = None;
        }
        forward(&mut inside, url)
    }

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
    check(&options)?;
    let listener = bind(options.port)?;
    let address =
        listener.local_addr().map_err(|source| PracticeError::Listen { port: options.port, source })?;
    let mut inside = open(&options)?;
    inside.world.identity.base_url = format!("http://{address}");
    let identity = inside.world.identity.clone();
    let plan = options.faults.as_deref().map(|text| Plan::parse(text.as_bytes())).transpose();
    let plan = plan.map_err(PracticeError::Options)?.unwrap_or_default();
    inside.world.event_faults = plan.events.clone();
    let webhook_secret = forward(&mut inside, options.forward_to.as_deref())?;
    let (post, letters) = tokio::sync::mpsc::unbounded_channel();
    inside.post = Some(post);
    let server = Arc::new(Server::new(inside, Arc::clone(&options.clock)));
    server.faults().set(plan);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| PracticeError::System(error.to_string()))?;
    let (stop, weak) = (Arc::new(Notify::new()), Arc::downgrade(&server));
    let stopped = Arc::clone(&stop);
    let thread = std::thread::Builder::new()
        .name("practice-stripe".to_owned())
        .spawn(move || {
            runtime.block_on(serve(listener, server, letters, stopped));
            // A connection that a client keeps open does not hold the program up.
            runtime.shutdown_timeout(Duration::from_millis(200));
        })
        .map_err(|error| PracticeError::System(error.to_string()))?;
    Ok(Running {
        base_url: identity.base_url,
        secret_key: identity.secret_key,
        publishable_key: identity.publishable_key,
        account: identity.account,
        webhook_secret,
        server: weak,
        stop,
        thread: Some(thread),
    })
}

fn check(options: &PracticeOptions) -> Result<(), PracticeError> {
    for (name, given, most) in [
        ("products", options.shop.products, 100_000),
        ("payments", options.shop.payments, 1_000_000),
        ("days", options.shop.days, 3_650),
    ] {
        if given.is_some_and(|given| given > most) {
            return Err(PracticeError::Options(format!("a practice shop has at most {most} {name}")));
        }
    }
    Ok(())
}

/// The state: read back where it was kept, begun where it was not.
fn open(options: &PracticeOptions) -> Result<Inside, PracticeError> {
    let now_ms = options.clock.now_ms();
    let mut world = World::new(0, now_ms, resources::kinds());
    let mut journal = match &options.data {
        Some(folder) => Some(Journal::open(folder, options.reset, &mut world)?),
        None => None,
    };
    let seed = match options.seed {
        Some(seed) => seed,
        None => random()?,
    };
    // Ids made after a restart must differ from those made before it.
    world.chance = Chance::new(seed ^ mix(world.position()));
    if !shop::reopen(&mut world) {
        shop::fresh(&mut world, seed, &options.shop);
        shop::reopen(&mut world);
        if let Some(journal) = journal.as_mut() {
            let path = options.data.clone().unwrap_or_default();
            journal.append(&world).map_err(|source| PracticeError::State { path, source })?;
        }
        world.settle();
    }
    Ok(Inside { world, journal, rate: Rate::new(options.rate), post: None })
}

/// Begins to tell of events where that was asked for.
fn forward(inside: &mut Inside, url: Option<&str>) -> Result<Option<String>, PracticeError> {
    let Some(url) = url else { return Ok(None) };
    if http::forward::loopback(url).is_none() {
        let message =
            format!("events go to this machine alone, such as http://127.0.0.1:4242/: {url} is elsewhere");
        return Err(PracticeError::Options(message));
    }
    let secret = resources::webhook_endpoints::forward_to(&mut inside.world, url);
    inside
        .commit()
        .map_err(|_| PracticeError::System("the practice state could not be written".to_owned()))?;
    Ok(Some(secret))
}

fn random() -> Result<u64, PracticeError> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).map_err(|error| PracticeError::System(error.to_string()))?;
    Ok(u64::from_le_bytes(bytes))
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

async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    letters: UnboundedReceiver<Letter>,
    stop: Arc<Notify>,
) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let post = tokio::spawn(http::forward::deliver(Arc::clone(&server), letters));
    let service = http::serve::router(server).into_make_service_with_connect_info::<Tap>();
    let served = axum::serve(Wires(listener), service);
    tokio::select! {
        outcome = served => {
            if let Err(error) = outcome {
                tracing::error!(%error, "the practice Stripe stopped serving");
            }
        }
        () = stop.notified() => {}
    }
    post.abort();
}
