//! Differences that an event may still explain. A list is read later than the news, so what it shows may have happened a
//! moment ago, and an event may surface late. Each is noted with the second it was seen; news about the object takes it
//! away, and what no news has explained when the event list was read ten minutes beyond that second is a difference.

use std::collections::BTreeSet;

use rusqlite::Connection;
use tillbook_stripe::Error;

use crate::apply::Applier;
use crate::audit::count_in_day;
use crate::batch::{Batch, Row};
use crate::difference::Difference;
use crate::events::{self, OVERLAP_S, Reach};
use crate::kind::KindId;
use crate::kinds;
use crate::line::Line;
use crate::state::{self, name};
use crate::writer::note;
use crate::{Mirror, MirrorError};

/// Objects that are under suspicion.
pub(crate) type Suspects = BTreeSet<(KindId, String)>;

/// Notes a difference that news may explain.
pub(crate) fn add(connection: &Connection, difference: &Difference, until: i64) -> Result<(), MirrorError> {
    let Difference { kind, id, what, detail, changes } = difference;
    let changes = serde_json::to_string(changes).map_err(|error| MirrorError::Broken(error.to_string()))?;
    connection
        .prepare_cached(
            "INSERT INTO suspect (kind, id, what, detail, changes, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (kind, id) DO UPDATE
             SET what = excluded.what, detail = excluded.detail, changes = excluded.changes, until = excluded.until",
        )?
        .execute((kind.kind().table, id, what, detail, changes, until))?;
    Ok(())
}

fn load(connection: &Connection) -> Result<Suspects, MirrorError> {
    let mut all = connection.prepare_cached("SELECT kind, id FROM suspect")?;
    let rows = all.query_map([], |row| {
        let table: String = row.get(0)?;
        Ok((KindId::of_table(&table).unwrap_or(kinds::OTHER), row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Applier<'_> {
    /// News of an object explains why it was found different.
    pub(crate) fn explain(&mut self, kind: KindId, id: &str) -> Result<(), MirrorError> {
        if self.suspects.is_none() {
            self.suspects = Some(load(self.connection())?);
        }
        let Some(suspects) = self.suspects.as_mut().filter(|suspects| !suspects.is_empty()) else {
            return Ok(());
        };
        let key = (kind, id.to_owned());
        if suspects.remove(&key) {
            let mut forget =
                self.connection().prepare_cached("DELETE FROM suspect WHERE kind = ?1 AND id = ?2")?;
            forget.execute((kind.kind().table, id))?;
        }
        Ok(())
    }

    /// The same with what else an object's news tells: a refund and a dispute change their charge.
    pub(crate) fn explain_by(&mut self, batch: &Batch, row: &Row) -> Result<(), MirrorError> {
        if matches!(row.kind, kinds::REFUND | kinds::DISPUTE)
            && let Some(charge) = batch.column(row, "charge")
        {
            self.explain(kinds::CHARGE, charge)?;
        }
        self.explain(row.kind, batch.id(row))
    }
}

impl Mirror {
    /// Names what the news, read to here, should have explained and did not.
    pub(crate) fn name_suspects(&self) -> Result<(), MirrorError> {
        let Some(complete_to) = self.read(|c| state::get::<i64>(c, name::COMPLETE_TO))? else {
            return Ok(());
        };
        self.name_suspects_until(complete_to - OVERLAP_S)
    }

    /// Reads the news once more where something is under suspicion, so that a certificate can name it at once. `is_quiet`
    /// says that no news has come since lists were read: where nothing moves, nobody has just changed what they showed. In
    /// a shop that sells it waits for its time and is named by a later sync.
    pub(crate) async fn ask_about_suspects(&self, line: &Line, is_quiet: bool) -> Result<(), MirrorError> {
        if self.read(|c| Ok(c.prepare_cached("SELECT 1 FROM suspect")?.exists([])?))? {
            let polled = match events::poll(line, Reach::Far).await {
                Ok(Ok(polled)) => polled,
                // The next sync says what stands in the way, and they wait for it.
                Ok(Err(_)) | Err(MirrorError::Stripe(Error::Permission(_))) => return Ok(()),
                Err(error) => return Err(error),
            };
            if let (true, Some(complete_to)) = (polled.is_whole, polled.complete_to) {
                self.inner.store.mirror.write(|tx| events::complete(tx, complete_to))?;
                let is_quiet = is_quiet && polled.events == 0;
                self.name_suspects_until(complete_to - if is_quiet { 0 } else { OVERLAP_S })?;
            }
        }
        Ok(())
    }

    fn name_suspects_until(&self, until: i64) -> Result<(), MirrorError> {
        let sql =
            "SELECT kind, id, what, detail, changes FROM suspect WHERE until <= ?1 ORDER BY until, kind, id";
        let named: Vec<Difference> = self.read(|c| {
            let mut suspects = c.prepare_cached(sql)?;
            let rows = suspects.query_map([until], |row| {
                let (table, what): (String, String) = (row.get(0)?, row.get(2)?);
                let changes: String = row.get(4)?;
                Ok(Difference {
                    kind: KindId::of_table(&table).unwrap_or(kinds::OTHER),
                    id: row.get(1)?,
                    what: ["missing", "deleted"]
                        .into_iter()
                        .find(|known| *known == what)
                        .unwrap_or("changed"),
                    detail: row.get(3)?,
                    changes: serde_json::from_str(&changes).unwrap_or_default(),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        if named.is_empty() {
            return Ok(());
        }
        let at = self.inner.last_date().unwrap_or(until);
        self.inner.store.mirror.write(|tx| {
            for difference in &named {
                // News may have explained it since it was looked up.
                let sql = "DELETE FROM suspect WHERE kind = ?1 AND id = ?2 AND until <= ?3";
                let key = (difference.kind.kind().table, &difference.id, until);
                if tx.prepare_cached(sql)?.execute(key)? == 1 {
                    note(tx, difference, at)?;
                    count_in_day(tx, difference)?;
                }
            }
            Ok(())
        })
    }
}
