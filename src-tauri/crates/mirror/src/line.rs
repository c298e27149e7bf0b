//! The line to Stripe for one sync: every request goes through here, paced, counted and stamped with Stripe's clock.

use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tillbook_stripe::{Client, Error, Form, KeyMode, Pace};
use tokio::time::Instant;

use crate::batch::{self, Batch, Glance, PageEnd, Shelf};
use crate::kind::KindId;
use crate::{Cancel, Inner, MirrorError, SyncOptions, dirty, state};

/// How often a page that cannot be read is asked for again.
const UNREADABLE_RETRIES: u32 = 4;

/// An answer, and between which seconds of Stripe's clock it was true.
pub(crate) struct Answer {
    pub(crate) body: Bytes,
    pub(crate) from: i64,
    pub(crate) until: i64,
}

/// A page, ready to be stored.
pub(crate) struct Page {
    pub(crate) batch: Batch,
    pub(crate) end: PageEnd,
    pub(crate) from: i64,
    pub(crate) until: i64,
}

/// A client with its pace and its counters.
#[derive(Clone)]
pub(crate) struct Line {
    client: Client,
    pace: Arc<Pace>,
    pub(crate) inner: Arc<Inner>,
    pub(crate) cancel: Cancel,
    /// What requests are spent on now, and how many were written down.
    ledger: Arc<Mutex<(&'static str, u64)>>,
    /// Whether any pace holds this line back.
    pub(crate) is_paced: bool,
    /// Whether the read budget applies. Not on this machine, where reads cost nothing and a rate slows alone, and not where
    /// a person lets a copy spend more.
    pub(crate) is_governed: bool,
    /// The longest that what could not be read again waits, in seconds: whoever asks waits less, once.
    pub(crate) patience: Arc<AtomicI64>,
}

impl Line {
    pub(crate) fn new(inner: &Arc<Inner>, client: &Client, options: &SyncOptions) -> Line {
        let loopback = client.endpoint().is_loopback();
        let account = match client.mode() {
            KeyMode::Live => 100,
            KeyMode::Test => 25,
        };
        let usual = |rate: u32| if loopback { 0 } else { rate };
        let account = options.rate.unwrap_or(usual(account));
        let endpoint = options.endpoint_rate.unwrap_or(usual(25));
        let pace = Arc::new(Pace::new(account, endpoint));
        Line {
            client: client.paced(Some(Arc::clone(&pace))),
            pace,
            inner: Arc::clone(inner),
            cancel: options.cancel.clone(),
            ledger: Arc::new(Mutex::new(("fetch", 0))),
            is_paced: account > 0 || endpoint > 0,
            is_governed: options.governed.unwrap_or(!loopback) && !options.hurry,
            patience: Arc::new(AtomicI64::new(dirty::patience(options))),
        }
    }

    /// Requests sent on this line, repeated ones counted.
    pub(crate) fn requests(&self) -> u64 {
        self.pace.requests()
    }

    /// Answers 429 on this line.
    pub(crate) fn rate_limited(&self) -> u64 {
        self.pace.rate_limited()
    }

    /// Reads.
    pub(crate) async fn get(&self, path: &str, form: &Form) -> Result<Answer, MirrorError> {
        if self.cancel.is_canceled() {
            return Err(MirrorError::Canceled);
        }
        let before = self.inner.last_date();
        let began = Instant::now();
        let reply = tokio::select! {
            reply = self.client.get(path, form) => reply,
            () = self.cancel.canceled() => return Err(MirrorError::Canceled),
        };
        let reply = reply.map_err(|error| match error {
            Error::Authentication(_) => MirrorError::KeyRefused(error),
            error => MirrorError::Stripe(error),
        })?;
        // An answer without a date, from something in between: what is known of Stripe's clock goes before this machine's.
        let until = reply.date_s.or_else(|| self.inner.date_now());
        let until = until.unwrap_or_else(|| self.inner.clock.now_ms().div_euclid(1000));
        self.inner.saw_date(until);
        // What held when the answer was made held no earlier than when the request was: by Stripe's clock as last seen,
        // or by how long it took.
        let took = i64::try_from(began.elapsed().as_secs()).unwrap_or(i64::MAX).saturating_add(1);
        let from = before.unwrap_or(i64::MIN).max(until.saturating_sub(took)).min(until);
        Ok(Answer { body: reply.body, from, until })
    }

    /// Reads a page of a list; a shorter one where what was asked for is more than an answer may hold.
    async fn get_page(&self, path: &str, form: &Form) -> Result<Answer, MirrorError> {
        let mut form = std::borrow::Cow::Borrowed(form);
        loop {
            let shorter = form.get("limit").and_then(|limit| limit.as_i64()).map_or(0, |limit| limit / 10);
            match self.get(path, &form).await {
                Err(MirrorError::Stripe(Error::TooLarge(_))) if shorter > 0 => {
                    form.to_mut().push("limit", shorter);
                }
                answer => return answer,
            }
        }
    }

    /// Reads a page of a list. A page that is not JSON is asked for again: it may have been cut short on the way.
    pub(crate) async fn page(
        &self,
        kind: KindId,
        path: &str,
        form: &Form,
        news: bool,
    ) -> Result<Page, MirrorError> {
        let mut tries = 0;
        loop {
            let answer = self.get_page(path, form).await?;
            match self.pack(kind, path, answer, news).await {
                Err(MirrorError::BadAnswer { .. }) if tries < UNREADABLE_RETRIES => {
                    tries += 1;
                    self.pause(tries).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Reads a page without taking it apart: what the next request needs is known at once.
    pub(crate) async fn glance(&self, path: &str, form: &Form) -> Result<(Answer, Glance), MirrorError> {
        let mut tries = 0;
        loop {
            let answer = self.get_page(path, form).await?;
            let detail = match batch::glance(&answer.body) {
                Ok(seen) if seen.end.is_list => return Ok((answer, seen)),
                Ok(_) => "not a list".to_owned(),
                Err(error) => error.to_string(),
            };
            if tries >= UNREADABLE_RETRIES {
                return Err(MirrorError::BadAnswer { asked: path.to_owned(), detail });
            }
            tries += 1;
            self.pause(tries).await;
        }
    }

    pub(crate) async fn pack(
        &self,
        kind: KindId,
        path: &str,
        answer: Answer,
        news: bool,
    ) -> Result<Page, MirrorError> {
        let inner = Arc::clone(&self.inner);
        let Answer { body, from, until } = answer;
        let _room =
            self.inner.packing.acquire().await.map_err(|error| MirrorError::Broken(error.to_string()))?;
        let packed = tokio::task::spawn_blocking(move || inner.pack_page(&body, kind, news)).await;
        let packed = packed.map_err(|error| MirrorError::Broken(error.to_string()))?;
        let (batch, end) = packed.map_err(|error| match error {
            MirrorError::BadAnswer { detail, .. } => {
                MirrorError::BadAnswer { asked: path.to_owned(), detail }
            }
            error => error,
        })?;
        if !end.is_list {
            return Err(MirrorError::BadAnswer { asked: path.to_owned(), detail: "not a list".to_owned() });
        }
        Ok(Page { batch, end, from, until })
    }

    /// Waits a little longer each time.
    pub(crate) async fn pause(&self, tries: u32) {
        let wait = self.inner.pause.saturating_mul(1 << tries.saturating_sub(1).min(5));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.cancel.canceled() => {}
        }
    }

    /// From now on requests are spent on this. What was spent before is written down. Answers what on.
    pub(crate) fn spend_on(&self, purpose: &'static str) -> Result<&'static str, MirrorError> {
        self.book()?;
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::replace(&mut ledger.0, purpose))
    }

    /// Writes what was spent since the last time into the store.
    pub(crate) fn book(&self) -> Result<(), MirrorError> {
        self.inner.book_payments()?;
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = self.requests();
        let spent = sent.saturating_sub(ledger.1);
        if spent > 0 && self.inner.store.mirror.is_writable() {
            let now_ms = self.inner.clock.now_ms();
            self.inner.store.mirror.write(|tx| state::spend(tx, now_ms, ledger.0, spent))?;
        }
        ledger.1 = sent;
        Ok(())
    }
}

impl Inner {
    /// Stripe's clock as last seen, in seconds.
    pub(crate) fn last_date(&self) -> Option<i64> {
        self.date.lock().unwrap_or_else(PoisonError::into_inner).map(|(date, _)| date)
    }

    /// Stripe's clock now: as last seen, and what has passed since by a clock that nobody sets.
    pub(crate) fn date_now(&self) -> Option<i64> {
        let last = *self.date.lock().unwrap_or_else(PoisonError::into_inner);
        let (date, seen) = last?;
        Some(date.saturating_add(i64::try_from(seen.elapsed().as_secs()).unwrap_or(i64::MAX)))
    }

    pub(crate) fn saw_date(&self, date: i64) {
        let mut last = self.date.lock().unwrap_or_else(PoisonError::into_inner);
        let date = last.map_or(date, |(last, _)| last.max(date));
        *last = Some((date, std::time::Instant::now()));
    }

    /// Somebody is at the till, or something happened at Stripe.
    pub(crate) fn is_active(&self) {
        self.active_at.store(self.clock.now_ms().div_euclid(1000), std::sync::atomic::Ordering::Relaxed);
    }

    /// A time that somebody else says is Stripe's, held against what is known of Stripe's clock: a time of this machine
    /// could lie in Stripe's future, and would keep news out until then.
    pub(crate) fn plausible(&self, second: i64) -> i64 {
        self.date_now().map_or(second, |date| second.min(date.saturating_add(2)))
    }

    pub(crate) fn shelf(&self) -> Shelf<'_> {
        Shelf { dictionaries: &self.dictionaries, database: &self.store.mirror }
    }

    pub(crate) fn pack_page(
        &self,
        body: &[u8],
        kind: KindId,
        news: bool,
    ) -> Result<(Batch, PageEnd), MirrorError> {
        let mut packer =
            self.packers.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let packed = packer.page(self.shelf(), body, kind, news);
        self.packers.lock().unwrap_or_else(PoisonError::into_inner).push(packer);
        packed
    }

    pub(crate) fn pack_object(&self, body: &[u8], kind: KindId) -> Result<Batch, MirrorError> {
        let mut packer =
            self.packers.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let packed = packer.object(self.shelf(), body, kind);
        self.packers.lock().unwrap_or_else(PoisonError::into_inner).push(packer);
        packed
    }
}
