//! SIGINT and SIGTERM: a person or the machine asks the program to end.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;

/// Hears of the wish to end from the moment it is made.
pub struct Interrupt {
    #[cfg(unix)]
    signals: [Signal; 2],
}

impl Interrupt {
    /// Begins to listen.
    pub fn listen() -> Result<Interrupt, Failure> {
        #[cfg(unix)]
        {
            let hear = |kind| signal(kind).map_err(|error| Failure::defect(error.to_string()));
            Ok(Interrupt { signals: [hear(SignalKind::interrupt())?, hear(SignalKind::terminate())?] })
        }
        #[cfg(not(unix))]
        Ok(Interrupt {})
    }

    /// Ends when the program is asked to end.
    pub async fn wait(&mut self) {
        #[cfg(unix)]
        {
            let [interrupt, terminate] = &mut self.signals;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        #[cfg(not(unix))]
        {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
