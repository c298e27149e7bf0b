//! One sync: who the account is, where the news stands, what has to be listed, the news, and what has to be read again.

mod account;
mod blocked;
mod lists;
mod meter;
mod news;
mod plain;
mod windows;

use std::time::Duration;

use tillbook_stripe::Client;
use tokio::time::Instant;

use self::lists::chosen;
use crate::events::Reach;
use crate::kind::KindId;
use crate::line::Line;
use crate::options::{Found, Progress};
use crate::state::{self, name};
use crate::{Mirror, MirrorError, SyncOptions, SyncReport, Windows, dirty, events};

/// Reads that the daily comparison of closed days may cost.
const AUDIT_READS: u64 = 100;
/// Steps of the search index after a sync, and how much news a sync may bring to be called idle.
const INDEX_STEPS: u32 = 5;
const IDLE_EVENTS: u64 = 1000;
/// Steps in which the log forgets after a sync: more than a sync in a busy shop adds to it.
const FORGET_STEPS: u32 = 4;

impl Mirror {
    /// Brings the mirror to what Stripe has. The first time this reads every list; later it reads the news.
    ///
    /// # Errors
    /// [`MirrorError::KeyRefused`], [`MirrorError::OtherAccount`], [`MirrorError::Canceled`], and whatever the network or
    /// the disk said last. What was committed until then stays, and the next sync goes on from there. What concerns one
    /// list only is told in the report.
    pub async fn sync(
        &self,
        client: &Client,
        options: &SyncOptions,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<SyncReport, MirrorError> {
        let line = Line::new(&self.inner, client, options);
        let began = Instant::now();
        let mut report = SyncReport::default();
        let first_difference = self.newest_difference()?;
        let outcome = self.sync_on(&line, options, progress, &mut report).await;
        // What was spent counts however it ended.
        line.book()?;
        self.remember_outcome(&outcome)?;
        outcome?;
        report.requests = line.requests();
        report.rate_limited = line.rate_limited();
        report.seconds = began.elapsed().as_secs_f64();
        report.complete_to = self.read(|c| state::get(c, name::COMPLETE_TO))?;
        report.differences = self.differences_since(first_difference)?;
        (report.lists_left, report.held) = self.lists_left()?;
        Ok(report)
    }

    /// Polls until `options.cancel` is turned, with a pause between polls. What goes wrong is remembered for the status
    /// and tried again, more slowly each time; a refused key ends it.
    pub async fn watch(
        &self,
        client: &Client,
        options: &SyncOptions,
        pause: Duration,
        progress: &(dyn Fn(Progress) + Send + Sync),
        mut after: impl FnMut(&Result<SyncReport, MirrorError>),
    ) -> Result<(), MirrorError> {
        let mut failures = 0_u32;
        loop {
            let outcome = self.sync(client, options, progress).await;
            after(&outcome);
            match &outcome {
                Err(MirrorError::Canceled) => return Ok(()),
                Err(
                    MirrorError::KeyRefused(_) | MirrorError::OtherAccount { .. } | MirrorError::Store(_),
                ) => {
                    return outcome.map(|_| ());
                }
                Err(_) => failures = failures.saturating_add(1),
                Ok(_) => failures = 0,
            }
            let mut pause = pause;
            if !client.endpoint().is_loopback() {
                let plan = self.plan()?;
                pause = pause.max(Duration::from_secs(u64::try_from(plan.poll_after_s).unwrap_or(60)));
            }
            let wait = pause.saturating_mul(1 << failures.min(5)).min(pause.max(Duration::from_secs(300)));
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = options.cancel.canceled() => return Ok(()),
            }
        }
    }

    async fn sync_on(
        &self,
        line: &Line,
        options: &SyncOptions,
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        let chosen = chosen(options)?;
        // What is blocked waits for its time. A full sync tries everything.
        let blocked = if options.full { Vec::new() } else { self.blocked(&chosen)? };
        let listable: Vec<KindId> =
            chosen.iter().copied().filter(|kind| blocked.iter().all(|list| list.kind != *kind)).collect();
        line.spend_on("account")?;
        self.recognise_where_needed(line, &listable, options.full).await?;
        line.spend_on("events")?;
        let is_usual = !options.full && options.windows != Windows::Now;
        let reach = if is_usual { Reach::Usual } else { Reach::Far };
        let is_first = self.read(events::position)?.is_none();
        let mut heard = 0;
        if is_first {
            events::hand_over(line).await?;
        } else if options.full {
            // News first: what an event tells is no difference.
            self.catch_up(line, reach, progress, report).await?;
            heard = report.events;
            self.windows(line, &chosen, false, progress, report).await?;
        }
        line.spend_on("backfill")?;
        let lists_read = self.lists_read()?;
        self.pass(line, &listable, options.full, progress, report).await?;
        self.close_gap(&listable)?;
        self.end_hold()?;
        let is_copy = is_first || self.lists_read()? != lists_read;
        line.spend_on("events")?;
        if let Some(gap) = self.catch_up(line, reach, progress, report).await? {
            // Perhaps it is no gap: another account does not know the events of this one either.
            self.recognise(line).await?;
            self.heal_gap(line, gap, progress, report).await?;
        }
        self.name_suspects()?;
        if !options.full {
            heard = report.events;
        }
        line.spend_on("windows")?;
        let may_look = self.may_look(line, options.windows)?;
        self.try_blocked(line, blocked, options, may_look, progress, report).await?;
        let proves = self.is_to_be_proven(line, options, report)?;
        let is_due = if options.full {
            is_first
        } else {
            is_copy || proves || (may_look && self.are_windows_due(&chosen, options.windows)?)
        };
        if is_due {
            self.windows(line, &chosen, is_copy, progress, report).await?;
        }
        if is_due || may_look {
            self.look_at_plain(line, &chosen, options.windows, is_due, report).await?;
        }
        // After a copy the next sync looks once more.
        if is_due && !is_copy {
            self.looked()?;
        }
        line.spend_on("again")?;
        let again = dirty::resolve(line, self.floor()?, progress).await?;
        report.objects += again.objects;
        for trouble in again.troubles {
            if !report.problems.contains(&trouble) {
                report.problems.push(trouble);
            }
        }
        line.spend_on("certificate")?;
        let is_quiet = report.events == heard;
        if proves {
            self.prove(line, &chosen, options, is_quiet, progress).await?;
        }
        line.book()?;
        if is_first {
            return Ok(());
        }
        self.index_while_idle(report).await
    }

    fn is_to_be_proven(
        &self,
        line: &Line,
        options: &SyncOptions,
        report: &SyncReport,
    ) -> Result<bool, MirrorError> {
        // A copy that waits, for its budget or for a person, is not whole: nothing is proven of it unasked.
        if report.backfill_ends_at.is_some() || self.is_held()? {
            return Ok(false);
        }
        if options.full {
            return Ok(true);
        }
        let is_asked = !line.is_governed || options.windows != Windows::WhenDue;
        Ok(self.is_certificate_due()? && (is_asked || self.plan()?.may_prove))
    }

    /// Before sums and days are compared on their own: what has no event is no difference.
    pub(crate) async fn look_again(
        &self,
        line: &Line,
        options: &SyncOptions,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<(), MirrorError> {
        let chosen = chosen(options)?;
        if self.inner.last_date().is_none() {
            self.recognise(line).await?;
        }
        if !self.are_windows_due(&chosen, Windows::OnRequest)? {
            return Ok(());
        }
        self.windows(line, &chosen, false, progress, &mut SyncReport::default()).await?;
        dirty::resolve(line, self.floor()?, progress).await.map(|_| ())
    }

    /// A certificate after the first copy, after a full pass and once a day.
    async fn prove(
        &self,
        line: &Line,
        chosen: &[KindId],
        options: &SyncOptions,
        is_quiet: bool,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<(), MirrorError> {
        // What was listed just now needs no second look; otherwise closed days are compared as the budget allows.
        let is_new = self.certificate()?.is_none();
        let mut reads = if options.full || is_new { 0 } else { AUDIT_READS };
        if options.full {
            self.audited_all(chosen)?;
        } else if line.is_governed {
            reads = reads.min(u64::try_from(self.plan()?.backfill_today).unwrap_or(0));
        }
        self.certify_on(line, reads, is_quiet, progress).await.map(|_| ())
    }

    /// The search index follows when there is little else to do, and the log forgets what everybody has taken.
    async fn index_while_idle(&self, report: &SyncReport) -> Result<(), MirrorError> {
        if report.events > IDLE_EVENTS {
            return Ok(());
        }
        for _ in 0..INDEX_STEPS {
            let mirror = self.clone();
            let step = tokio::task::spawn_blocking(move || mirror.index_some()).await;
            if step.map_err(|error| MirrorError::Broken(error.to_string()))?? == 0 {
                break;
            }
        }
        for _ in 0..FORGET_STEPS {
            if !self.forget_some()? {
                break;
            }
        }
        Ok(())
    }

    fn remember_outcome(&self, outcome: &Result<(), MirrorError>) -> Result<(), MirrorError> {
        if !self.inner.store.mirror.is_writable() {
            return Ok(());
        }
        let stopped = match outcome {
            Ok(()) | Err(MirrorError::Canceled) => None,
            Err(error) => Some(error.code()),
        };
        let text = outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
        self.inner.store.mirror.write(|tx| match stopped {
            Some(code) => {
                state::set(tx, name::STOPPED, code)?;
                state::set(tx, name::STOPPED_TEXT, text)
            }
            None if outcome.is_ok() => {
                state::clear(tx, name::STOPPED)?;
                state::clear(tx, name::STOPPED_TEXT)
            }
            None => Ok(()),
        })
    }

    pub(crate) fn newest_difference(&self) -> Result<i64, MirrorError> {
        self.read(|c| {
            Ok(c.query_row("SELECT coalesce(max(number), 0) FROM difference", [], |row| row.get(0))?)
        })
    }

    /// Differences found behind a number.
    pub(crate) fn differences_since(&self, number: i64) -> Result<Vec<Found>, MirrorError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT kind, id, what, detail, healed_at IS NOT NULL, changes FROM difference WHERE number > ?1 ORDER BY number",
            )?;
            let rows = statement.query_map([number], crate::certificate::found)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
