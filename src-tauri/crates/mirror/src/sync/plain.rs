//! Readers and locations. Stripe tells by no event that a reader went online or offline, that it got another label, or that
//! one was added or removed in the dashboard: their lists are looked through again, with the pace of the trailing windows.

use tillbook_stripe::{Error, Form};

use crate::apply::Applier;
use crate::engine::PERMISSION;
use crate::kind::KindId;
use crate::kinds;
use crate::line::{Line, Page};
use crate::options::Trouble;
use crate::stamp::Stamp;
use crate::state::{self, name};
use crate::{Mirror, MirrorError, SyncReport, Windows, dirty};

const PLAIN: [KindId; 2] = [kinds::READER, kinds::LOCATION];

/// When a round over a list began, and the object it has come to: a look costs one page, and the next one goes on.
const ROUND: &str = "round:";
const ROUND_AT: &str = "round_at:";

fn of(kind: KindId, prefix: &str) -> String {
    format!("{prefix}{}", kind.kind().list)
}

impl Mirror {
    /// Reads a page of each of these lists where the last look is old enough, or `is_due` says so.
    pub(super) async fn look_at_plain(
        &self,
        line: &Line,
        chosen: &[KindId],
        windows: Windows,
        is_due: bool,
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        let date = line.inner.last_date().unwrap_or_default();
        for kind in PLAIN.into_iter().filter(|kind| chosen.contains(kind)) {
            let list = kind.kind().list;
            let (listed, looked) = self.read(|c| {
                let looked = state::get::<i64>(c, &of(kind, name::RELISTED_AT))?;
                Ok::<_, MirrorError>((state::listed_at(c, list)?, looked))
            })?;
            // What was never read to its end is the business of a pass, and what it has just read needs no look.
            let Some(last) = listed.map(|listed| looked.map_or(listed, |looked| looked.max(listed))) else {
                continue;
            };
            if last < date - 1 && (is_due || windows.is_due(Some(last), date)) {
                self.look_at(line, kind, date, report).await?;
            }
        }
        Ok(())
    }

    async fn look_at(
        &self,
        line: &Line,
        kind: KindId,
        date: i64,
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        let list = kind.kind().list;
        let cursor: Option<String> = self.read(|c| state::get(c, &of(kind, ROUND)))?;
        let mut form = Form::new().with("limit", 100);
        if let Some(cursor) = &cursor {
            form.push("starting_after", cursor.as_str());
        }
        let page = match line.page(kind, &format!("/v1/{list}"), &form, false).await {
            Ok(page) => page,
            Err(error) => return self.could_not_look(kind, date, error, report),
        };
        report.objects += page.batch.rows.len() as u64;
        self.inner.store.mirror.write(|tx| {
            let mut applier = Applier::new(tx);
            applier.put_batch(&page.batch, Stamp::read(page.from, page.until))?;
            applier.finish()?;
            state::overcome(tx, list, &[PERMISSION.1, UNREADABLE.1])?;
            go_on(tx, kind, cursor.is_none(), &page)?;
            state::set(tx, &of(kind, name::RELISTED_AT), date)
        })
    }

    /// What stands in the way is told, and tried again with the next look. What concerns the whole line ends the sync.
    fn could_not_look(
        &self,
        kind: KindId,
        date: i64,
        error: MirrorError,
        report: &mut SyncReport,
    ) -> Result<(), MirrorError> {
        let (code, text) = match &error {
            MirrorError::Stripe(Error::Permission(_)) => PERMISSION,
            MirrorError::BadAnswer { .. } | MirrorError::Stripe(Error::Malformed(_) | Error::TooLarge(_)) => {
                UNREADABLE
            }
            // The object that the last look ended with is gone: the next one begins again.
            MirrorError::Stripe(Error::InvalidRequest(_) | Error::NotFound(_)) => ("", ""),
            _ => return Err(error),
        };
        let list = kind.kind().list;
        if !code.is_empty() {
            report.problems.push(Trouble::of(list, (code, text)));
        }
        self.inner.store.mirror.write(|tx| {
            if !code.is_empty() {
                state::trouble(tx, list, code, text, date)?;
            }
            state::clear(tx, &of(kind, ROUND))?;
            state::set(tx, &of(kind, name::RELISTED_AT), date)
        })
    }
}

const UNREADABLE: (&str, &str) =
    ("malformed", "Stripe's answer cannot be read. It is tried again with the next sync.");

/// Notes where a round has come to. At its end, what it did not show is asked for by name.
fn go_on(tx: &rusqlite::Connection, kind: KindId, is_first: bool, page: &Page) -> Result<(), MirrorError> {
    if is_first {
        state::set(tx, &of(kind, ROUND_AT), page.from)?;
    }
    let last = page.batch.rows.last().map(|row| page.batch.id(row).to_owned());
    if let (true, Some(last)) = (page.end.has_more, last) {
        let before: Option<String> = state::get(tx, &of(kind, ROUND))?;
        if before.as_ref() != Some(&last) {
            return state::set(tx, &of(kind, ROUND), last);
        }
        // The list goes in circles: nothing is known of what it did not show.
        return state::clear(tx, &of(kind, ROUND));
    }
    state::clear(tx, &of(kind, ROUND))?;
    if page.end.has_more {
        return Ok(());
    }
    let began: i64 = state::get(tx, &of(kind, ROUND_AT))?.unwrap_or_default();
    dirty::mark_unlisted(tx, kind, "as_of < ?1", [began])
}
