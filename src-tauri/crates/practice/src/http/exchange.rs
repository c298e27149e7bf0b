//! One call from its bytes to its answer, in one transaction.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};
use tokio::sync::mpsc::UnboundedSender;

use super::auth::{self, Caller};
use super::faults::Faults;
use super::forward::Letter;
use super::rate::Rate;
use crate::api::error::ApiError;
use crate::api::params::{Params, text};
use crate::api::route::{self, Answer, PathParts, Route};
use crate::api::{coerce, form, spec};
use crate::clock::Clock;
use crate::resources::{self, webhook_endpoints};
use crate::world::World;
use crate::world::call::Call;
use crate::world::events::EVENT;
use crate::world::expand;
use crate::world::idempotency::{Kept, fingerprint};
use crate::world::journal::Journal;
use crate::world::state::Origin;

/// What came over the wire.
#[derive(Debug, Default, Clone)]
pub(crate) struct Asked {
    pub method: String,
    pub path: String,
    pub query: String,
    pub body: Vec<u8>,
    pub content_type: Option<String>,
    pub authorization: Option<String>,
    pub idempotency_key: Option<String>,
    pub version: Option<String>,
}

/// What goes back.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub status: u16,
    pub body: String,
    pub request: String,
    /// The request whose answer this is, where it was replayed.
    pub original: Option<String>,
    pub idempotency_key: Option<String>,
    pub now: i64,
    pub limited: bool,
}

/// The world with everything that keeps it, behind one lock.
#[derive(Debug)]
pub(crate) struct Inside {
    pub world: World,
    pub journal: Option<Journal>,
    pub rate: Rate,
    /// Where events go once they are durable.
    pub post: Option<UnboundedSender<Letter>>,
}

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Server {
    pub inside: Mutex<Inside>,
    pub clock: Arc<dyn Clock>,
    /// Keys whose request is being worked on.
    busy: Mutex<HashSet<String>>,
    faults: Faults,
    /// How far the clock was moved on by hand.
    ahead_ms: AtomicI64,
}

impl Server {
    pub(crate) fn new(inside: Inside, clock: Arc<dyn Clock>) -> Self {
        Self {
            inside: Mutex::new(inside),
            clock,
            busy: Mutex::new(HashSet::new()),
            faults: Faults::default(),
            ahead_ms: AtomicI64::new(0),
        }
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    fn now_ms(&self) -> i64 {
        self.clock.now_ms().saturating_add(self.ahead_ms.load(Ordering::SeqCst))
    }

    /// Moves the time on by hand and says what it is now.
    pub(crate) fn advance(&self, by_ms: i64) -> i64 {
        self.ahead_ms.fetch_add(by_ms, Ordering::SeqCst);
        self.now_ms()
    }

    /// The world; a thread that died while it held the lock left it between two transactions at worst.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inside> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.world.set_now_ms(self.now_ms());
        inside
    }

    /// Marks a key as being worked on; false where it already is.
    pub(crate) fn enter(&self, key: &str) -> bool {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned())
    }

    /// The key is free again.
    pub(crate) fn leave(&self, key: &str) {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// An answer that is an error, where no world was touched.
    pub(crate) fn refuse(&self, error: &ApiError) -> Told {
        let mut inside = self.lock();
        let request = request_id(&mut inside.world);
        told(&inside.world, request, Err(error.clone()))
    }

    /// The answer of a switch.
    pub(crate) fn controlled(&self, outcome: Result<Value, ApiError>) -> Told {
        let mut inside = self.lock();
        let request = request_id(&mut inside.world);
        told(&inside.world, request, outcome.map(|value| value.to_string()))
    }

    /// An error that is kept as the outcome of its key, though nothing was done.
    pub(crate) fn refuse_and_keep(&self, asked: &Asked, error: &ApiError) -> Told {
        let mut guard = self.lock();
        let inside = &mut *guard;
        let request = request_id(&mut inside.world);
        let told = told(&inside.world, request, Err(error.clone()));
        if let (Some(key), Ok(given)) = (asked.idempotency_key.as_deref(), given(asked)) {
            let print = fingerprint(&asked.path, &Value::Object(given));
            // A key that already has an outcome keeps it.
            if matches!(inside.world.kept(key, &asked.path, &print), Ok(None)) {
                let kept =
                    Kept { status: told.status, body: told.body.clone(), request: told.request.clone() };
                inside.world.keep(key, &asked.path, &print, &kept);
            }
            if inside.commit().is_err() {
                tracing::warn!("an error could not be kept under its key");
            }
        }
        told
    }

    /// Serves one call.
    pub(crate) fn exchange(&self, asked: &Asked) -> Told {
        let mut guard = self.lock();
        let inside = &mut *guard;
        inside.run_due();
        let request = request_id(&mut inside.world);
        let outcome = inside.serve(asked, &request);
        let mut told = match outcome {
            Ok(Served::Fresh(body)) => told(&inside.world, request, Ok(body)),
            Ok(Served::Replayed(kept)) => Told {
                status: kept.status,
                body: kept.body,
                original: Some(kept.request),
                ..told(&inside.world, request, Ok(String::new()))
            },
            Err(error) => told(&inside.world, request, Err(error)),
        };
        told.idempotency_key = asked.idempotency_key.clone().filter(|_| asked.method == "POST");
        told
    }
}

enum Served {
    Fresh(String),
    Replayed(Kept),
}

fn request_id(world: &mut World) -> String {
    format!("req_{}", world.chance.text(14))
}

fn told(world: &World, request: String, outcome: Result<String, ApiError>) -> Told {
    let (status, body, limited) = match outcome {
        Ok(body) => (200, body, false),
        Err(error) => {
            let body = error.body(&world.identity.account, &request).to_string();
            (
                error.status,
                body,
                error.status == 429 && error.fields.get("code").is_some_and(|code| code == "rate_limit"),
            )
        }
    };
    Told { status, body, request, original: None, idempotency_key: None, now: world.now(), limited }
}

impl Inside {
    /// Does everything whose time has come, each as a transaction of its own.
    pub(crate) fn run_due(&mut self) {
        self.world.origin = Origin::default();
        while let Some((at, task, data)) = self.world.next_due() {
            tracing::debug!(at, task, "a task fell due");
            resources::run_task(&mut self.world, &task, &data);
            if self.commit().is_err() {
                return;
            }
        }
    }

    /// Makes what was done durable, or undoes it.
    pub(crate) fn commit(&mut self) -> Result<(), ApiError> {
        if let Some(journal) = self.journal.as_mut()
            && !self.world.changes().is_empty()
            && let Err(error) = journal.append(&self.world)
        {
            tracing::error!(%error, "the practice state could not be written");
            self.world.undo();
            return Err(ApiError::broken(500, "The practice state could not be written to its disk."));
        }
        self.tell();
        self.world.settle();
        Ok(())
    }

    /// Hands new events to whoever is to hear of them.
    fn tell(&self) {
        let Some(post) = &self.post else { return };
        for change in self.world.changes() {
            if change.kind.object != EVENT.object || change.before.is_some() {
                continue;
            }
            let Some(event) = self.world.get(EVENT, &change.id) else { continue };
            for target in webhook_endpoints::targets(&self.world, text(&event, "type")) {
                // Nobody takes letters any more once the server stops.
                let _ = post.send(Letter { event: change.id.clone(), body: event.to_string(), target });
            }
        }
    }

    fn serve(&mut self, asked: &Asked, request: &str) -> Result<Served, ApiError> {
        let now = self.world.now();
        self.rate.take(now)?;
        let caller = auth::caller(asked.authorization.as_deref(), &self.world.identity)?;
        version(asked.version.as_deref())?;
        let (route, parts) = found(asked)?;
        if caller == Caller::Publishable && !route.publishable {
            return Err(auth::secret_needed());
        }
        let given = given(asked)?;
        let key = asked.idempotency_key.as_deref().filter(|_| asked.method == "POST");
        let print = fingerprint(&asked.path, &Value::Object(given.clone()));
        if let Some(key) = key {
            if key.is_empty() || key.len() > 255 {
                return Err(ApiError::invalid("Idempotency keys must be between 1 and 255 characters long."));
            }
            if let Some(kept) = self.world.kept(key, &asked.path, &print)? {
                self.commit()?;
                return Ok(Served::Replayed(kept));
            }
        }
        self.world.origin =
            Origin { request: Some(request.to_owned()), idempotency_key: key.map(str::to_owned) };
        let outcome = self.run(route, parts, asked, given, caller);
        self.finish(asked, request, key, &print, outcome)
    }

    fn run(
        &mut self,
        route: &Route,
        parts: PathParts,
        asked: &Asked,
        given: Map<String, Value>,
        caller: Caller,
    ) -> Result<String, ApiError> {
        let fields = spec::fields_of(&route.operation()).unwrap_or_default();
        let params = Params(coerce::coerce(fields, &given)?);
        let wanted: Vec<String> = params.expand().into_iter().map(str::to_owned).collect();
        let publishable = caller == Caller::Publishable;
        let mut call = Call { world: &mut self.world, params, parts, path: asked.path.clone(), publishable };
        match (route.run)(&mut call)? {
            Answer::Written(text) => Ok(text),
            Answer::Object(mut object) => {
                let paths: Vec<&str> = wanted.iter().map(String::as_str).collect();
                expand::apply(&self.world, &mut object, &paths)?;
                Ok(object.to_string())
            }
        }
    }

    /// Keeps or undoes what the call did, and keeps its outcome under its key.
    fn finish(
        &mut self,
        asked: &Asked,
        request: &str,
        key: Option<&str>,
        print: &str,
        outcome: Result<String, ApiError>,
    ) -> Result<Served, ApiError> {
        let (status, executed) = match &outcome {
            Ok(_) => (200, true),
            Err(error) => {
                if !error.keeps {
                    self.world.undo();
                }
                (error.status, error.executed)
            }
        };
        if let Some(key) = key.filter(|_| executed) {
            let body = match &outcome {
                Ok(body) => body.clone(),
                Err(error) => error.body(&self.world.identity.account, request).to_string(),
            };
            self.world.keep(key, &asked.path, print, &Kept { status, body, request: request.to_owned() });
        }
        self.commit()?;
        outcome.map(Served::Fresh)
    }
}

fn found(asked: &Asked) -> Result<(&'static Route, PathParts), ApiError> {
    route::find(resources::routes(), &asked.method, &asked.path).ok_or_else(|| {
        ApiError::status(
            404,
            format!(
                "Unrecognized request URL ({}: {}). Please see https://stripe.com/docs or we can help at \
                 https://support.stripe.com/.",
                asked.method, asked.path
            ),
        )
    })
}

/// Only versions that could be one of Stripe's; every object is rendered in ours whatever was asked for.
fn version(version: Option<&str>) -> Result<(), ApiError> {
    let Some(version) = version else { return Ok(()) };
    let date = version.get(..10).unwrap_or_default().as_bytes();
    let well_formed = date.len() == 10
        && date.iter().enumerate().all(|(place, byte)| match place {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if well_formed {
        Ok(())
    } else {
        Err(ApiError::invalid(format!("Invalid Stripe API version: {version}")))
    }
}

fn given(asked: &Asked) -> Result<Map<String, Value>, ApiError> {
    let mut given = form::parse(asked.query.as_bytes())?;
    if asked.method == "GET" || asked.body.is_empty() {
        return Ok(given);
    }
    let kind = asked.content_type.as_deref().unwrap_or("application/x-www-form-urlencoded");
    if !kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return Err(ApiError::invalid(
            "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any questions, \
             we can help at https://support.stripe.com/.",
        ));
    }
    given.append(&mut form::parse(&asked.body)?);
    Ok(given)
}
