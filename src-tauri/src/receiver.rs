//! Takes deliveries of `stripe listen` where a manager has turned that on: news within a second, without an address that
//! the world can reach. The mirror checks the signature and takes the news in.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tauri::async_runtime::JoinHandle;
use tillbook_mirror::{Cancel, Delivered};
use tillbook_store::{Clock, SystemClock};
use tillbook_till::view::Notice;

use crate::inputs::Tag;
use crate::state::{News, Open, held};
use crate::sync_view::SyncReceiver;
use crate::wire::CommandError;

/// Where `stripe listen` is told to forward to in Stripe's own examples.
const USUAL_PORT: u16 = 4242;
const LAST_DELIVERY: Duration = Duration::from_secs(2);

/// The receiver of this run.
#[derive(Default)]
pub struct Receiver {
    view: Arc<Mutex<SyncReceiver>>,
    stop: Mutex<Option<(Cancel, JoinHandle<()>)>>,
}

impl Receiver {
    /// For the window.
    pub fn view(&self) -> SyncReceiver {
        held(&self.view).clone()
    }

    /// Stops listening; the port is free afterwards.
    pub async fn stop(&self) {
        let listening = held(&self.stop).take();
        if let Some((cancel, serving)) = listening {
            cancel.cancel();
            // A delivery that does not end is not waited for.
            let _ = tokio::time::timeout(LAST_DELIVERY, serving).await;
        }
        *held(&self.view) = SyncReceiver::default();
    }
}

/// Listens as the till says: not at all, or on its port. What is in the way is shown, and nothing else stops for it.
pub async fn resume(open: &Arc<Open>, news: &News) {
    let asking = Arc::clone(open);
    let kept = tokio::task::spawn_blocking(move || asking.house.till.receiver()).await;
    open.receiver.stop().await;
    let outcome = match kept {
        Ok(Ok(None)) => {
            tell_inside(open, None);
            return;
        }
        Ok(Ok(Some((port, secret)))) => match secret.expose_text() {
            Some(secret) => listen(open, news, port, secret.to_owned()).await,
            None => Err(problem("secret", "its signing secret cannot be read; enter it again")),
        },
        Ok(Err(error)) => Err(problem("store", &error.to_string())),
        Err(error) => Err(problem("store", &error.to_string())),
    };
    if let Err(problem) = outcome {
        tracing::warn!(problem.text, "deliveries of stripe listen are not taken");
        held(&open.receiver.view).problem = Some(problem);
    }
    news.changed(&[Tag::Sync]);
}

fn problem(code: &str, text: &str) -> Notice {
    Notice { code: code.to_owned(), text: text.to_owned() }
}

/// A port that is free and the secret that the Stripe inside signs with.
pub fn from_inside(open: &Open) -> Result<(u16, String), CommandError> {
    let free = |port: u16| -> Option<u16> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        listener.local_addr().ok().map(|address| address.port())
    };
    let port = free(USUAL_PORT).or_else(|| free(0)).ok_or_else(CommandError::internal)?;
    let secret = tell_inside(open, Some(&format!("http://127.0.0.1:{port}/")));
    Ok((port, secret.ok_or_else(CommandError::internal)?))
}

/// In practice mode the Stripe inside is what delivers; answers the secret that it signs with.
fn tell_inside(open: &Open, url: Option<&str>) -> Option<String> {
    let practice = held(&open.practice);
    match practice.as_ref()?.forward_to(url) {
        Ok(secret) => secret,
        Err(error) => {
            tracing::warn!(%error, "the practice Stripe does not deliver");
            None
        }
    }
}

async fn listen(open: &Arc<Open>, news: &News, port: u16, secret: String) -> Result<(), Notice> {
    let cancel = Cancel::new();
    let (view, word, told) = (Arc::clone(&open.receiver.view), news.clone(), Arc::clone(open));
    let told = Box::new(move |delivered: Delivered| {
        if note(&mut held(&view), &delivered, SystemClock.now_ms()) {
            told.follower.delivered();
        }
        word.changed(&[Tag::Sync]);
    });
    let mut secrets = vec![secret];
    // Its secret is another one where the practice shop was begun anew; both are its own.
    secrets.extend(tell_inside(open, Some(&format!("http://127.0.0.1:{port}/"))));
    let listening = open.house.mirror.receive(port, secrets, cancel.clone(), told).await;
    let (address, serve) = match listening {
        Ok(listening) => listening,
        Err(error) => {
            tell_inside(open, None);
            let is_taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
                .is_err_and(|error| error.kind() == ErrorKind::AddrInUse);
            return Err(problem(if is_taken { "port_taken" } else { "port" }, &error.to_string()));
        }
    };
    held(&open.receiver.view).address = Some(address.to_string());
    *held(&open.receiver.stop) = Some((cancel, tauri::async_runtime::spawn(serve)));
    Ok(())
}

/// Counts a delivery; answers whether it was news.
fn note(view: &mut SyncReceiver, delivered: &Delivered, now_ms: i64) -> bool {
    match delivered {
        Delivered::Taken { news } => {
            view.taken = view.taken.saturating_add(1);
            view.last_at_ms = Some(now_ms);
            view.problem = None;
            *news
        }
        Delivered::BadSignature => {
            view.refused = view.refused.saturating_add(1);
            false
        }
        Delivered::Elsewhere => {
            let text = "the last delivery was of another mode or account; enter the secret of this one";
            view.problem = Some(problem("elsewhere", text));
            false
        }
        Delivered::Failed(reason) => {
            view.problem = Some(problem("delivery", reason));
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deliveries_are_counted_and_only_news_is_passed_on() {
        let mut view = SyncReceiver::default();
        assert!(note(&mut view, &Delivered::Taken { news: true }, 5));
        assert!(!note(&mut view, &Delivered::Taken { news: false }, 6));
        assert!(!note(&mut view, &Delivered::BadSignature, 7));
        assert_eq!((view.taken, view.refused, view.last_at_ms), (2, 1, Some(6)));
        // The next poll brings it again.
        assert!(!note(&mut view, &Delivered::Failed("no".into()), 8));
        assert_eq!(view.problem, Some(problem("delivery", "no")));
        assert!(!note(&mut view, &Delivered::Elsewhere, 9));
        assert_eq!(view.problem.map(|problem| problem.code).as_deref(), Some("elsewhere"));
        assert_eq!(view.taken, 2);
    }
}
