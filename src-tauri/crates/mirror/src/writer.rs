//! The one thread that writes while a pass reads. What it is handed commits in the order it came, a few pages at a time.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::apply::Applier;
use crate::difference::Difference;
use crate::{Inner, MirrorError};

/// Pages that may wait for the writer: what keeps memory flat when Stripe is faster than the disk.
const WAITING: usize = 4;
/// Pages in one transaction: long enough to be cheap, short enough that a sale never waits for it.
const TOGETHER: usize = 8;

/// Something to be written.
pub(crate) type Job = Box<dyn FnOnce(&mut Applier<'_>) -> Result<(), MirrorError> + Send>;

/// A handle on the thread.
pub(crate) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<tokio::task::JoinHandle<Result<(), MirrorError>>>,
}

impl Writer {
    /// Starts it.
    pub(crate) fn start(inner: &Arc<Inner>) -> Writer {
        let (jobs, queue) = mpsc::channel(WAITING);
        let inner = Arc::clone(inner);
        let thread = tokio::task::spawn_blocking(move || write_all(&inner, queue));
        Writer { jobs: Some(jobs), thread: Some(thread) }
    }

    /// Hands something over; waits while too much is waiting.
    pub(crate) async fn send(&mut self, job: Job) -> Result<(), MirrorError> {
        if let Some(jobs) = &self.jobs
            && jobs.send(job).await.is_ok()
        {
            return Ok(());
        }
        // The thread ended before its work did: it has the reason.
        self.finish().await?;
        Err(MirrorError::Broken("the writer stopped".to_owned()))
    }

    /// Waits until everything is committed.
    pub(crate) async fn finish(&mut self) -> Result<(), MirrorError> {
        self.jobs = None;
        match self.thread.take() {
            Some(thread) => thread.await.map_err(|error| MirrorError::Broken(error.to_string()))?,
            None => Ok(()),
        }
    }
}

fn write_all(inner: &Inner, mut queue: mpsc::Receiver<Job>) -> Result<(), MirrorError> {
    while let Some(first) = queue.blocking_recv() {
        inner.store.mirror.write(|tx| {
            let mut applier = Applier::new(tx);
            first(&mut applier)?;
            for _ in 1..TOGETHER {
                let Ok(next) = queue.try_recv() else { break };
                next(&mut applier)?;
            }
            applier.tell(inner.last_date().unwrap_or_default())?;
            applier.finish()?;
            Ok::<(), MirrorError>(())
        })?;
    }
    Ok(())
}

/// Writes a difference down, healed by what was written with it.
pub(crate) fn note(
    connection: &rusqlite::Connection,
    difference: &Difference,
    at: i64,
) -> Result<(), MirrorError> {
    let Difference { kind, id, what, detail, changes } = difference;
    let changes = match changes.as_slice() {
        [] => None,
        some => Some(serde_json::to_string(some).map_err(|error| MirrorError::Broken(error.to_string()))?),
    };
    connection
        .prepare_cached(
            "INSERT INTO difference (at, kind, id, what, detail, changes, healed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?1)",
        )?
        .execute((at, kind.kind().table, id, what, detail, changes))?;
    Ok(())
}
