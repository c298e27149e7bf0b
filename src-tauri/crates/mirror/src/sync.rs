//! One sync: who the account is, where the news stands, what has to be listed, the news, and what has to be read again.

use std::time::Duration;

use tillbook_store::StoreError;
use tillbook_stripe::{Client, Error, Form};
use tokio::time::Instant;

use crate::engine::{Aim, Engine, insert_range, open_ranges};
use crate::events::{self, Gap};
use crate::kind::{KindId, Listing};
use crate::kinds;
use crate::line::Line;
use crate::options::{Found, Phase, Progress};
use crate::range::{BEGIN, END, Range};
use crate::stamp::Stamp;
use crate::state::{self, name};
use crate::{Mirror, MirrorError, SyncOptions, SyncReport, apply::Applier, dirty};

/// What has no event is read again this far back, by every sync.
const WINDOW_S: i64 = 86_400;
/// Reads that the daily comparison of closed days may cost.
const AUDIT_READS: u64 = 100;
/// Steps of the search index after a sync, and how much news a sync may bring to be called idle.
const INDEX_STEPS: u32 = 5;
const IDLE_EVENTS: u64 = 1000;
/// Events are kept this long: Stripe shows them for 30 days.
const EVENTS_KEPT_S: i64 = 90 * 86_400;
/// A day of events is read again once a day.
const SWEEP_S: i64 = 86_400;

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
        self.remember_outcome(&outcome)?;
        outcome?;
        report.requests = line.requests();
        report.rate_limited = line.rate_limited();
        report.seconds = began.elapsed().as_secs_f64();
        report.complete_to = self.read(|c| state::get(c, name::COMPLETE_TO))?;
        report.differences = self.differences_since(first_difference)?;
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
        self.recognise(line).await?;
        let booked = line.book("account", 0)?;
        let is_first = self.read(events::position)?.is_none();
        if is_first {
            events::hand_over(line).await?;
        } else if options.full {
            // News first: what an event tells is no difference.
            self.catch_up(line, progress, report).await?;
            self.windows(line, &chosen, progress, report).await?;
        }
        let booked = line.book("events", booked)?;
        self.pass(line, &chosen, options.full, progress, report).await?;
        let booked = line.book("backfill", booked)?;
        if let Some(gap) = self.catch_up(line, progress, report).await? {
            self.heal_gap(line, gap, progress, report).await?;
        }
        let booked = line.book("events", booked)?;
        if !options.full {
            self.windows(line, &chosen, progress, report).await?;
        }
        let booked = line.book("windows", booked)?;
        report.objects += dirty::resolve(line, self.floor()?, progress).await?;
        let booked = line.book("again", booked)?;
        self.prove(line, &chosen, options, progress, report).await?;
        line.book("certificate", booked)?;
        if is_first {
            return Ok(());
        }
        self.index_while_idle(report).await
    }

    /// A certificate after the first copy, after a full pass and once a day.
    async fn prove(
        &self,
        line: &Line,
        chosen: &[KindId],
        options: &SyncOptions,
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &SyncReport,
    ) -> Result<(), MirrorError> {
        if report.backfill_ends_at.is_some() || !(options.full || self.is_certificate_due()?) {
            return Ok(());
        }
        // What was listed just now needs no second look; otherwise closed days are compared as the budget allows.
        let is_new = self.certificate()?.is_none();
        let mut reads = if options.full || is_new { 0 } else { AUDIT_READS };
        if options.full {
            self.audited_all(chosen)?;
        } else if line.is_governed {
            reads = reads.min(u64::try_from(self.plan()?.backfill_today).unwrap_or(0));
        }
        self.certify_on(line, reads, progress).await.map(|_| ())
    }

    /// The search index follows when there is little else to do.
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
        Ok(())
    }

    /// Who the key belongs to. The folder belongs to that account from the first time on.
    async fn recognise(&self, line: &Line) -> Result<(), MirrorError> {
        match line.get("/v1/account", &Form::new()).await {
            Ok(answer) => {
                let batch = self.inner.pack_object(&answer.body, kinds::ACCOUNT)?;
                let Some(row) = batch.rows.first() else {
                    let detail = "an account without an id".to_owned();
                    return Err(MirrorError::BadAnswer { asked: "/v1/account".to_owned(), detail });
                };
                let id = batch.id(row).to_owned();
                self.belongs_to(&id)?;
                let created = row.created;
                self.inner.store.mirror.write(|tx| {
                    let mut applier = Applier::new(tx);
                    applier.put_batch(&batch, Stamp::read(answer.from, answer.until))?;
                    applier.finish()?;
                    state::set(tx, name::ACCOUNT, &id)?;
                    state::set(tx, name::ACCOUNT_CREATED, created)
                })
            }
            // A restricted key need not see the account: then an object that is mirrored tells whose it is.
            Err(MirrorError::Stripe(Error::Permission(_))) => self.recognise_by_object(line).await,
            Err(error) => Err(error),
        }
    }

    fn belongs_to(&self, id: &str) -> Result<(), MirrorError> {
        if let Some(known) = self.read(|c| state::get::<String>(c, name::ACCOUNT))?
            && known != id
        {
            return Err(MirrorError::OtherAccount { expected: known, got: id.to_owned() });
        }
        match self.inner.store.folder().bind_account(id) {
            // A folder without an identity belongs to a test; whoever opens a real one gives it one.
            Ok(_) | Err(StoreError::NotSetUp { .. }) => Ok(()),
            Err(StoreError::AccountMismatch { expected, got }) => {
                Err(MirrorError::OtherAccount { expected, got })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn recognise_by_object(&self, line: &Line) -> Result<(), MirrorError> {
        let candidates = [kinds::PAYMENT_INTENT, kinds::CUSTOMER, kinds::PRODUCT, kinds::CHARGE];
        for kind in candidates {
            let sql = format!("SELECT max(id) FROM {} WHERE deleted = 0", kind.kind().table);
            let known: Option<String> = self.read(|c| Ok(c.query_row(&sql, [], |row| row.get(0))?))?;
            let Some(id) = known else { continue };
            match line.get(&dirty::single(kind.kind().list, &id), &Form::new()).await {
                Ok(_) => return Ok(()),
                Err(MirrorError::Stripe(Error::NotFound(_))) => {
                    let expected = self.read(|c| state::get(c, name::ACCOUNT))?.unwrap_or_default();
                    return Err(MirrorError::OtherAccount { expected, got: "another account".to_owned() });
                }
                Err(MirrorError::Stripe(Error::Permission(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(crate) fn floor(&self) -> Result<i64, MirrorError> {
        // Objects may be a little older than the account they were imported into; what is older still is found as well,
        // because the oldest range has no bound below.
        Ok(self.read(|c| state::get::<i64>(c, name::ACCOUNT_CREATED))?.unwrap_or(0))
    }

    /// Reads lists to their end: those that never were, those that a pass left open, all of them if `full`.
    pub(crate) async fn pass(
        &self,
        line: &Line,
        chosen: &[KindId],
        full: bool,
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        let date = line.inner.last_date().unwrap_or_default();
        let mut engine = Engine::new(line, Aim::Backfill, self.floor()?, date, progress);
        let mut listing = Vec::new();
        for kind in chosen.iter().copied() {
            let was_listed = self.read(|c| state::is_listed(c, kind.kind().list))?;
            let mut open = open_ranges(&self.inner, kind)?;
            if open.is_empty() && self.is_under_way(kind)? {
                // Its last page was committed just before the program ended.
                self.end_pass(kind, was_listed)?;
                continue;
            }
            if open.is_empty() {
                if was_listed && !full {
                    continue;
                }
                open = vec![self.begin_pass(kind, date)?];
            }
            for mut range in open {
                range.audit = was_listed;
                engine.add(range);
            }
            listing.push((kind, was_listed));
        }
        if listing.is_empty() {
            return Ok(());
        }
        let share = if line.is_governed {
            Some(u64::try_from(self.plan()?.backfill_today).unwrap_or(0))
        } else {
            None
        };
        engine.allowance = share;
        let outcome = engine.run().await;
        let left = engine.pages_left();
        if let Some(share) = share.filter(|_| left > 0 && outcome.is_ok()) {
            // Newest first, so many pages a day: what was not reached today is reached on one of the next days.
            let days = i64::try_from(left / share.max(1) + 1).unwrap_or(i64::MAX);
            report.backfill_ends_at = Some(date.saturating_add(days.saturating_mul(86_400)));
        }
        report.objects += engine.objects;
        report.problems.append(&mut engine.troubles);
        for (kind, was_listed) in listing {
            if engine.is_done(kind) {
                self.end_pass(kind, was_listed)?;
            }
        }
        outcome
    }

    fn is_under_way(&self, kind: KindId) -> Result<bool, MirrorError> {
        let pass = format!("{}{}", name::PASS, kind.kind().list);
        Ok(self.read(|c| state::get::<i64>(c, &pass))?.is_some())
    }

    fn begin_pass(&self, kind: KindId, date: i64) -> Result<Range, MirrorError> {
        let mut range = Range::new(kind, BEGIN, END);
        let list = kind.kind().list;
        let number = self.inner.store.mirror.write(|tx| {
            tx.execute("DELETE FROM backfill_range WHERE list = ?1", [list])?;
            let forget =
                "UPDATE resource SET problem_code = NULL, problem = NULL, problem_at = NULL WHERE list = ?1";
            tx.execute(forget, [list])?;
            state::set(tx, &format!("{}{list}", name::PASS), date)?;
            insert_range(tx, &range)
        })?;
        range.number = Some(number);
        Ok(range)
    }

    /// A list was read to its end. What is here and was not on it may have been deleted: each is asked for.
    fn end_pass(&self, kind: KindId, was_listed: bool) -> Result<(), MirrorError> {
        let (list, table) = (kind.kind().list, kind.kind().table);
        let pass = format!("{}{list}", name::PASS);
        self.inner.store.mirror.write(|tx| {
            let began: i64 = state::get(tx, &pass)?.unwrap_or_default();
            if was_listed && kind != kinds::EVENT {
                let sql = format!(
                    "INSERT INTO dirty (kind, id, created, reason, mark)
                     SELECT '{table}', id, created, '{}', 0 FROM {table} WHERE deleted = 0 AND as_of < ?1
                     ON CONFLICT (kind, id) DO UPDATE SET reason = excluded.reason, mark = mark + 1",
                    dirty::UNLISTED
                );
                tx.execute(&sql, [began])?;
            }
            tx.execute("DELETE FROM backfill_range WHERE list = ?1", [list])?;
            state::clear(tx, &pass)?;
            let repeats = tx
                .prepare_cached("SELECT 1 FROM resource WHERE list = ?1 AND problem_code = 'repeats'")?
                .exists([list])?;
            if repeats {
                // Read as far as it went; the problem stays to be seen.
                tx.execute("UPDATE resource SET listed_at = ?2 WHERE list = ?1", (list, began))?;
                return Ok(());
            }
            state::listed(tx, list, began)
        })
    }

    /// Reads the news. Answers a gap where polling cannot go on.
    async fn catch_up(
        &self,
        line: &Line,
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<Option<Gap>, MirrorError> {
        progress(Progress {
            phase: Phase::Events,
            resource: "events".to_owned(),
            objects: report.objects,
            estimate: report.objects,
            per_s: 0,
            left_s: None,
        });
        let polled = match events::poll(line).await? {
            Ok(polled) => polled,
            Err(gap) => return Ok(Some(gap)),
        };
        report.events += polled.events;
        if polled.events > 0 {
            self.inner.is_active();
        }
        self.inner.store.mirror.write(|tx| state::set(tx, name::COMPLETE_TO, polled.complete_to))?;
        let swept: Option<i64> = self.read(|c| state::get(c, name::SWEPT_AT))?;
        let date = polled.complete_to;
        if swept.is_none_or(|swept| date - swept >= SWEEP_S) {
            if swept.is_some() {
                report.events += events::sweep(line, date - SWEEP_S - 3600).await?;
            }
            self.inner.store.mirror.write(|tx| {
                tx.execute("DELETE FROM event WHERE created < ?1", [date - EVENTS_KEPT_S])?;
                state::set(tx, name::SWEPT_AT, date)
            })?;
        }
        Ok(None)
    }

    /// News was missed: notes the new position first, lists everything that was ever listed again, and compares.
    async fn heal_gap(
        &self,
        line: &Line,
        gap: Gap,
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        let at = line.inner.last_date().unwrap_or_default();
        let what = match gap {
            Gap::Hole => "hole",
            Gap::AgedOut => "aged_out",
        };
        self.inner.store.mirror.write(|tx| {
            tx.execute(
                "INSERT INTO difference (at, kind, id, what, detail) VALUES (?1, 'event_list', ?2, 'gap', ?3)",
                (at, what, gap.text()),
            )?;
            state::set(tx, name::GAP, what)
        })?;
        events::hand_over(line).await?;
        let listed: Vec<KindId> = listable()
            .filter_map(|kind| match self.read(|c| state::is_listed(c, kind.kind().list)) {
                Ok(true) => Some(Ok(kind)),
                Ok(false) => None,
                Err(error) => Some(Err(error)),
            })
            .collect::<Result<_, _>>()?;
        self.pass(line, &listed, true, progress, report).await?;
        self.inner.store.mirror.write(|tx| {
            tx.execute(
                "UPDATE difference SET healed_at = ?1 WHERE kind = 'event_list' AND healed_at IS NULL",
                [at],
            )?;
            state::clear(tx, name::GAP)
        })?;
        match self.catch_up(line, progress, report).await? {
            None => Ok(()),
            Some(gap) => {
                Err(MirrorError::BadAnswer { asked: "/v1/events".to_owned(), detail: gap.text().to_owned() })
            }
        }
    }

    /// Reads again what changes without an event: new balance transactions and those that became available, metadata of
    /// PaymentIntents, the creation of sessions.
    async fn windows(
        &self,
        line: &Line,
        chosen: &[KindId],
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        let date = line.inner.last_date().unwrap_or_default();
        let last: i64 = self.read(|c| state::get(c, name::RELISTED_AT))?.unwrap_or(date);
        let mut engine = Engine::new(line, Aim::Again, self.floor()?, date, progress);
        for (kind, lo) in [
            (kinds::BALANCE_TRANSACTION, last.min(date) - 3600),
            (kinds::PAYMENT_INTENT, last.min(date) - WINDOW_S),
            (kinds::CHECKOUT_SESSION, last.min(date) - WINDOW_S),
        ] {
            let listed_at: Option<i64> = self.read(|c| {
                let sql = "SELECT max(listed_at) FROM resource WHERE list = ?1";
                Ok(c.prepare_cached(sql)?.query_row([kind.kind().list], |row| row.get(0))?)
            })?;
            // What was just listed has no window to look through.
            if chosen.contains(&kind) && listed_at.is_some_and(|listed| listed < date - 1) {
                engine.add(Range::new(kind, lo, END));
            }
        }
        engine.run().await?;
        report.objects += engine.objects;
        self.inner.store.mirror.write(|tx| {
            let due = "INSERT INTO dirty (kind, id, created, reason, mark)
                       SELECT 'balance_transaction', id, created, 'due', 0 FROM balance_transaction
                       WHERE status = 'pending' AND available_on <= ?1 AND as_of < ?1
                       ON CONFLICT (kind, id) DO NOTHING";
            if chosen.contains(&kinds::BALANCE_TRANSACTION) {
                tx.execute(due, [date])?;
            }
            state::set(tx, name::RELISTED_AT, date)
        })
    }

    fn remember_outcome(&self, outcome: &Result<(), MirrorError>) -> Result<(), MirrorError> {
        if !self.inner.store.mirror.is_writable() {
            return Ok(());
        }
        let stopped = match outcome {
            Ok(()) | Err(MirrorError::Canceled) => None,
            Err(MirrorError::KeyRefused(_)) => Some("refused"),
            Err(MirrorError::OtherAccount { .. }) => Some("other_account"),
            Err(MirrorError::Stripe(Error::NotSent(_) | Error::Unreachable(_))) => Some("offline"),
            Err(MirrorError::Stripe(_) | MirrorError::BadAnswer { .. }) => Some("stripe"),
            Err(_) => Some("store"),
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

    fn newest_difference(&self) -> Result<i64, MirrorError> {
        self.read(|c| {
            Ok(c.query_row("SELECT coalesce(max(number), 0) FROM difference", [], |row| row.get(0))?)
        })
    }

    /// Differences found behind a number.
    pub(crate) fn differences_since(&self, number: i64) -> Result<Vec<Found>, MirrorError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT kind, id, what, detail, healed_at IS NOT NULL FROM difference WHERE number > ?1 ORDER BY number",
            )?;
            let rows = statement.query_map([number], |row| {
                let table: String = row.get(0)?;
                let object = KindId::of_table(&table).map_or(table, |kind| kind.kind().object.to_owned());
                Ok(Found {
                    object,
                    id: row.get(1)?,
                    what: row.get(2)?,
                    detail: row.get(3)?,
                    healed: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

fn listable() -> impl Iterator<Item = KindId> {
    KindId::all().filter(|kind| kind.kind().listing != Listing::None)
}

/// The lists that a sync is about.
fn chosen(options: &SyncOptions) -> Result<Vec<KindId>, MirrorError> {
    let Some(names) = &options.resources else { return Ok(listable().collect()) };
    names
        .iter()
        .filter(|name| name.as_str() != "account")
        .map(|name| {
            KindId::of_list(name)
                .filter(|kind| kind.kind().listing != Listing::None)
                .ok_or_else(|| MirrorError::UnknownResource(name.clone()))
        })
        .collect()
}
