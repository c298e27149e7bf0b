//! Passes over lists: which there are, where one begins, and what its end says of objects that were not on it.

use crate::engine::{Aim, Engine, insert_range, open_ranges};
use crate::kind::{KindId, Listing};
use crate::line::Line;
use crate::options::Progress;
use crate::range::{BEGIN, END, Range};
use crate::state::{self, name};
use crate::sync::meter::Meter;
use crate::{Mirror, MirrorError, SyncOptions, SyncReport, dirty, kinds};

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
        let date = line.inner.last_date().unwrap_or_default();
        let meter = Meter::new(self, line, full, progress)?;
        let progress = |news: Progress| meter.tell(news);
        let mut engine = Engine::new(line, Aim::Backfill, self.floor()?, date, &progress);
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
                range.taken_up(date);
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
}

pub(super) fn listable() -> impl Iterator<Item = KindId> {
    KindId::all().filter(|kind| kind.kind().listing != Listing::None)
}

/// The lists that a sync is about.
pub(super) fn chosen(options: &SyncOptions) -> Result<Vec<KindId>, MirrorError> {
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
