//! Asking long work to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A switch that many may hold: who works looks at it, who wants it to stop turns it.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    asked: AtomicBool,
    news: Notify,
}

impl Cancel {
    /// Not turned yet.
    pub fn new() -> Cancel {
        Cancel::default()
    }

    /// Asks to stop. What was committed stays.
    pub fn cancel(&self) {
        self.shared.asked.store(true, Ordering::SeqCst);
        self.shared.news.notify_waiters();
    }

    /// Whether somebody asked.
    pub fn is_canceled(&self) -> bool {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// Waits until somebody asks.
    pub async fn canceled(&self) {
        loop {
            let news = self.shared.news.notified();
            if self.is_canceled() {
                return;
            }
            news.await;
        }
    }
}
