//! The life of the program behind the window: open the till, settle what a crash left open, keep up with Stripe.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tauri::{AppHandle, Manager};
use tillbook_practice::{Practice, PracticeError, PracticeOptions};
use tillbook_store as store;
use tillbook_stripe::{ApiKey, Endpoint};
use tillbook_till::OpenOptions;
use tillbook_till::view::Reason;

use crate::follow::Follower;
use crate::receiver::Receiver;
use crate::state::{Desk, Open, held};
use crate::wire::{CommandError, Mode};
use crate::{follow, place, receiver};

/// Opens the till; the commands that wait for it go on, with it or with the reason why not. Then keeps up.
pub async fn start(app: AppHandle, folder: PathBuf) {
    let opened = match tokio::task::spawn_blocking(move || open(&folder)).await {
        Ok(outcome) => outcome.map(Arc::new),
        Err(_) => Err(CommandError::internal()),
    };
    let desk = app.state::<Desk>();
    let open = opened.as_ref().ok().cloned();
    desk.opened(opened);
    if let Some(open) = open {
        receiver::resume(&open, &desk.news).await;
        follow::follow(open, desk.news.clone()).await;
    }
}

/// Ends what goes on by itself, and the practice Stripe in order, so that its last answers are on disk.
pub fn end(app: &AppHandle) {
    let Some(open) = app.try_state::<Desk>().and_then(|desk| desk.open_now()) else { return };
    open.follower.indexing.stop();
    if let Some(running) = held(&open.practice).take() {
        running.stop();
    }
}

fn open(folder: &Path) -> Result<Open, CommandError> {
    let practice = Practice::start(PracticeOptions {
        data: Some(folder.join("practice-stripe")),
        seed: place::seed(),
        ..PracticeOptions::default()
    })
    .map_err(|error| told(&error))?;
    let endpoint = Endpoint::parse(&practice.base_url).map_err(|_| CommandError::internal())?;
    let key = ApiKey::parse(&practice.secret_key).map_err(|_| CommandError::internal())?;
    let house = tillbook_till::open(OpenOptions {
        endpoint: Some(endpoint),
        key: Some(key),
        ..OpenOptions::at(folder)
    })?;
    let mode = match house.identity.mode {
        store::Mode::Practice => Mode::Practice,
        store::Mode::Test => Mode::Test,
        store::Mode::Live => Mode::Live,
    };
    Ok(Open {
        house,
        mode,
        follower: Follower::default(),
        receiver: Receiver::default(),
        practice: Mutex::new(Some(practice)),
    })
}

fn told(error: &PracticeError) -> CommandError {
    tracing::error!(%error, "the practice Stripe did not start");
    match error {
        PracticeError::StateInUse { .. } => CommandError::store(
            Some(Reason::OpenElsewhere),
            "Tillbook is already open with this folder. Go on in the window that is open, or close it first",
        ),
        other => CommandError::store(None, &other.to_string()),
    }
}
