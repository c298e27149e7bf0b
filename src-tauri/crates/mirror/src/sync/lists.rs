//! Passes over lists: which there are, where one begins, and what its end says of objects that were not on it.

use crate::engine::{Aim, Engine, insert_range, open_ranges};
use crate::governor;
use crate::kind::{KindId, Listing};
use crate::line::Line;
use crate::options::Progress;
use crate::range::{BEGIN, END, Range};
use crate::state::{self, name};
use crate::sync::meter::Meter;
use crate::{Mirror, MirrorError, SyncOptions, SyncReport, dirty, hold, kinds};

const DAY: i64 = 86_400;

impl Mirror {
    /// Reads lists to their end: those that never were, those that a pass left open, all of them if `full`.
    pub(crate) async fn pass(
        &self,
        line: &Line,
        chosen: &[KindId],
        full: bool,
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        if !full && self.is_held()? {
            return Ok(());
        }
        let mut listing = self.open_lists(chosen, full)?;
        if listing.is_empty() {
            return Ok(());
        }
        // Wherever a copy is begun or gone on with, it is a copy.
        let purpose = line.spend_on("backfill")?;
        let learned = self.learn_volume(line, &mut listing, progress, report).await;
        let outcome = match learned {
            Ok(()) => self.read_lists(line, listing, full, progress, report).await,
            Err(error) => Err(error),
        };
        line.spend_on(purpose)?;
        self.forget_volume();
        outcome
    }

    /// The lists of these that a pass is to read on, each with whether it was read to its end before.
    fn open_lists(&self, chosen: &[KindId], full: bool) -> Result<Vec<(KindId, bool)>, MirrorError> {
        let date = self.inner.last_date().unwrap_or_default();
        let mut listing = Vec::new();
        for kind in chosen.iter().copied() {
            let was_listed = self.read(|c| state::is_listed(c, kind.kind().list))?;
            let is_open = !open_ranges(&self.inner, kind)?.is_empty();
            if !is_open && self.is_under_way(kind)? {
                // Its last page was committed just before the program ended.
                self.end_pass(kind, was_listed)?;
                continue;
            }
            if !is_open {
                if was_listed && !full {
                    continue;
                }
                self.begin_pass(kind, date)?;
            }
            listing.push((kind, was_listed));
        }
        Ok(listing)
    }

    /// The budget is what the last 30 days were: on an account that is new here their charges are read before anything
    /// else. Each page of them is worth more pages than it costs, so a share that was small at first does not end this.
    async fn learn_volume(
        &self,
        line: &Line,
        listing: &mut Vec<(KindId, bool)>,
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        if !line.is_governed || !listing.contains(&(kinds::CHARGE, false)) {
            return Ok(());
        }
        let date = self.inner.last_date().unwrap_or_default();
        let month_ago = date - governor::WINDOW_DAYS * DAY;
        self.cut_off(kinds::CHARGE, month_ago)?;
        let meter = Meter::new(self, line, false, progress)?;
        let progress = |news: Progress| meter.tell(news);
        loop {
            let recent: Vec<Range> = open_ranges(&self.inner, kinds::CHARGE)?
                .into_iter()
                .filter(|range| range.hi > month_ago && range.lo != BEGIN)
                .collect();
            let share = self.share(line)?;
            if recent.is_empty() || share == Some(0) {
                return Ok(());
            }
            let mut engine = Engine::new(line, Aim::Backfill, self.floor()?, date, &progress);
            for mut range in recent {
                range.taken_up(date);
                engine.add(range);
            }
            engine.allowance = share;
            let outcome = engine.run().await;
            line.book()?;
            self.forget_volume();
            report.objects += engine.objects;
            let is_blocked = !engine.troubles.is_empty();
            report.problems.append(&mut engine.troubles);
            outcome?;
            if is_blocked {
                // What stands in its way does so for the rest of this sync too.
                listing.retain(|(kind, _)| *kind != kinds::CHARGE);
                return Ok(());
            }
        }
    }

    /// Cuts the range of a list that has just begun, so that what is newer than a second can be read alone.
    fn cut_off(&self, kind: KindId, at: i64) -> Result<(), MirrorError> {
        let open = open_ranges(&self.inner, kind)?;
        let [range] = open.as_slice() else { return Ok(()) };
        if range.lo != BEGIN || range.hi != END || range.cursor.is_some() {
            return Ok(());
        }
        self.inner.store.mirror.write(|tx| {
            tx.execute("UPDATE backfill_range SET lo = ?2 WHERE number = ?1", (range.number, at))?;
            insert_range(tx, &Range::new(kind, BEGIN, at)).map(|_| ())
        })
    }

    /// Pages that may be asked for now, where a budget says so.
    fn share(&self, line: &Line) -> Result<Option<u64>, MirrorError> {
        if !line.is_governed {
            return Ok(None);
        }
        Ok(Some(u64::try_from(self.plan()?.backfill_today).unwrap_or(0)))
    }

    async fn read_lists(
        &self,
        line: &Line,
        listing: Vec<(KindId, bool)>,
        full: bool,
        progress: &(dyn Fn(Progress) + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        if listing.is_empty() {
            return Ok(());
        }
        let date = self.inner.last_date().unwrap_or_default();
        let meter = Meter::new(self, line, full, progress)?;
        let progress = |news: Progress| meter.tell(news);
        let mut engine = Engine::new(line, Aim::Backfill, self.floor()?, date, &progress);
        for (kind, was_listed) in &listing {
            for mut range in open_ranges(&self.inner, *kind)? {
                range.audit = *was_listed;
                range.taken_up(date);
                engine.add(range);
            }
        }
        line.book()?;
        engine.allowance = self.share(line)?;
        let outcome = engine.run().await;
        let left = engine.pages_left();
        if line.is_governed && left > 0 && outcome.is_ok() {
            // Newest first, so many pages a day: what was not reached today is reached on one of the next days.
            let a_day = u64::try_from(self.plan()?.backfill_a_day).unwrap_or(0);
            let days = i64::try_from(left.div_ceil(a_day.max(1))).unwrap_or(i64::MAX);
            report.backfill_ends_at = Some(date.saturating_add(days.saturating_mul(DAY)));
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

    /// Whether a pass would have something to do.
    pub(super) fn has_lists_to_read(&self, chosen: &[KindId]) -> Result<bool, MirrorError> {
        if self.is_held()? {
            return Ok(false);
        }
        for kind in chosen.iter().copied() {
            let is_listed = self.read(|c| state::is_listed(c, kind.kind().list))?;
            if !is_listed || self.is_under_way(kind)? || !open_ranges(&self.inner, kind)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How many lists were read to their end.
    pub(super) fn lists_read(&self) -> Result<i64, MirrorError> {
        self.read(|c| {
            let sql = "SELECT count(*) FROM resource WHERE listed_at IS NOT NULL";
            Ok(c.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        })
    }

    fn is_under_way(&self, kind: KindId) -> Result<bool, MirrorError> {
        let pass = format!("{}{}", name::PASS, kind.kind().list);
        Ok(self.read(|c| state::get::<i64>(c, &pass))?.is_some())
    }

    /// Writes down that a list is to be read from its beginning.
    pub(super) fn begin_pass(&self, kind: KindId, date: i64) -> Result<Range, MirrorError> {
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
        let list = kind.kind().list;
        let pass = format!("{}{list}", name::PASS);
        self.inner.store.mirror.write(|tx| {
            let began: i64 = state::get(tx, &pass)?.unwrap_or_default();
            if was_listed && kind != kinds::EVENT {
                dirty::mark_unlisted(tx, kind, "as_of < ?1", [began])?;
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
}

/// The lists that a sync is about.
pub(super) fn chosen(options: &SyncOptions) -> Result<Vec<KindId>, MirrorError> {
    let Some(names) = &options.resources else { return Ok(hold::listable().collect()) };
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
