//! What the window's commands share: the opened house, who is signed in, and the way news reach the window.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tauri::{AppHandle, Emitter};
use tillbook_practice::Running;
use tillbook_till::{House, Signed, TillError};
use tokio::sync::watch;

use crate::follow::Follower;
use crate::inputs::{Changed, Tag};
use crate::receiver::Receiver;
use crate::wire::{CommandError, Mode};

/// An open till with what belongs to it.
pub struct Open {
    /// Folder, store, mirror, client and till.
    pub house: House,
    /// Which Stripe.
    pub mode: Mode,
    /// What the mirror is doing.
    pub follower: Follower,
    /// Deliveries of `stripe listen`.
    pub receiver: Receiver,
    /// The Stripe inside, in practice mode; taken out when the program ends.
    pub practice: Mutex<Option<Running>>,
}

/// Not yet, or for good: open, or why not.
type Opened = Option<Result<Arc<Open>, CommandError>>;

/// What Tauri hands to every command.
pub struct Desk {
    opened: watch::Sender<Opened>,
    signed: Mutex<Option<Signed>>,
    /// Tells the window what to ask for again.
    pub news: News,
}

impl Desk {
    /// A desk whose till is still being opened.
    pub fn new(app: AppHandle) -> Self {
        Self { opened: watch::Sender::new(None), signed: Mutex::new(None), news: News(app) }
    }

    /// The till is open, or cannot be opened: commands that wait go on.
    pub fn opened(&self, outcome: Result<Arc<Open>, CommandError>) {
        self.opened.send_replace(Some(outcome));
    }

    /// Waits until the till is open.
    pub async fn open(&self) -> Result<Arc<Open>, CommandError> {
        let mut opened = self.opened.subscribe();
        let outcome = opened.wait_for(Option::is_some).await.map_err(|_| CommandError::internal())?;
        outcome.clone().unwrap_or_else(|| Err(CommandError::internal()))
    }

    /// The till if it is open now.
    pub fn open_now(&self) -> Option<Arc<Open>> {
        self.opened.borrow().as_ref().and_then(|outcome| outcome.as_ref().ok().cloned())
    }

    /// Who is signed in, if anybody.
    pub fn somebody(&self) -> Option<Signed> {
        held(&self.signed).clone()
    }

    /// Who is signed in.
    pub fn signed(&self) -> Result<Signed, CommandError> {
        self.somebody().ok_or_else(CommandError::signed_out)
    }

    /// Somebody signed in, or out.
    pub fn sign(&self, signed: Option<Signed>) {
        *held(&self.signed) = signed;
    }

    /// Does something at the till for the one signed in, off the threads that serve the window.
    pub async fn at_till<T: Send + 'static>(
        &self,
        work: impl FnOnce(&House, &Signed) -> Result<T, TillError> + Send + 'static,
    ) -> Result<T, CommandError> {
        let signed = self.signed()?;
        self.inside(move |open| {
            open.house.mirror.somebody_is_here();
            work(&open.house, &signed)
        })
        .await
    }

    /// Does something with the open till, whoever is signed in. A panic in it ends neither the program nor the
    /// command without an answer.
    pub async fn inside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Open) -> Result<T, TillError> + Send + 'static,
    ) -> Result<T, CommandError> {
        let open = self.open().await?;
        match tokio::task::spawn_blocking(move || work(&open)).await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err(CommandError::internal()),
        }
    }

    /// The same for work that waits for Stripe.
    pub async fn waiting<T, Work>(
        &self,
        work: impl FnOnce(Arc<Open>, Signed) -> Work + Send + 'static,
    ) -> Result<T, CommandError>
    where
        T: Send + 'static,
        Work: Future<Output = Result<T, TillError>> + Send + 'static,
    {
        let signed = self.signed()?;
        let open = self.open().await?;
        match tokio::spawn(async move { work(open, signed).await }).await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err(CommandError::internal()),
        }
    }
}

/// The way from the core to the window.
#[derive(Clone)]
pub struct News(AppHandle);

impl News {
    /// These may have changed; whoever shows them asks again.
    pub fn changed(&self, tags: &[Tag]) {
        if let Err(error) = self.0.emit("changed", Changed { tags: tags.to_vec() }) {
            tracing::warn!(%error, "the window did not hear that something changed");
        }
    }
}

/// The lock, even of something whose holder panicked: what these locks guard is replaced whole, never half.
pub fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
