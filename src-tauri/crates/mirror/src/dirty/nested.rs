//! Lists inside objects that have more than the object shows: the lines of an invoice, the items of a subscription.

use std::collections::BTreeSet;

use tillbook_stripe::{Error, Form};

use super::fault::{Why, why};
use super::singly::Read;
use super::{Dirty, clean, single};
use crate::apply::{Applier, NESTED};
use crate::kind::KindId;
use crate::kinds;
use crate::line::{Line, Page};
use crate::stamp::Stamp;
use crate::{Inner, MirrorError};

/// Why an object is dirty: what is inside it can be asked for no more.
const AROUND: &str = "around";
/// How often a list is begun anew whose cursor was deleted.
const ANEW: u32 = 3;

/// The kind that a kind lives inside of.
pub(super) fn around(kind: KindId) -> Option<KindId> {
    KindId::all().find(|outer| outer.nested().is_some_and(|(_, inner)| inner == kind))
}

/// What was seen of a list since its first page.
#[derive(Default)]
struct Seen {
    ids: BTreeSet<String>,
    from: Option<i64>,
    until: i64,
    cursor: Option<String>,
}

impl Seen {
    /// Answers whether a page had anything that was not seen before.
    fn add(&mut self, page: &Page) -> bool {
        self.from.get_or_insert(page.from);
        self.until = page.until;
        let before = self.ids.len();
        self.ids.extend(page.batch.rows.iter().map(|row| page.batch.id(row).to_owned()));
        self.cursor = page.batch.rows.last().map(|row| page.batch.id(row).to_owned());
        self.ids.len() > before
    }
}

/// Reads a nested list to its end. What was inside the object and is not on it any more is gone.
pub(super) async fn read_nested(line: &Line, one: &Dirty) -> Result<Read, MirrorError> {
    let Some(outer) = around(one.kind) else { return drop_it(&line.inner, one) };
    let mut objects = 0;
    let mut seen = Seen::default();
    let mut anew = 0;
    loop {
        let (path, form) = question(one, seen.cursor.as_deref());
        let page = match line.page(one.kind, &path, &form, false).await {
            Ok(page) => page,
            // What the last page ended with is gone.
            Err(MirrorError::Stripe(Error::InvalidRequest(_) | Error::NotFound(_)))
                if seen.cursor.is_some() && anew < ANEW =>
            {
                anew += 1;
                seen = Seen::default();
                continue;
            }
            Err(MirrorError::Stripe(Error::NotFound(_))) => return ask_around(&line.inner, one, outer),
            Err(error) => return why(error).map(Read::Unread),
        };
        let is_new = seen.add(&page);
        objects += line.inner.store.mirror.write(|tx| {
            let mut applier = Applier::new(tx);
            let objects = applier.put_batch(&page.batch, Stamp::read(page.from, page.until))?;
            applier.finish()?;
            Ok::<u64, MirrorError>(objects)
        })?;
        if !page.end.has_more {
            break;
        }
        if !is_new {
            // It goes in circles, or says that there is more and shows nothing: nobody knows what is on it.
            return Ok(Read::Unread(Why::Unreadable));
        }
    }
    let stamp = Stamp::read(seen.from.unwrap_or(seen.until), seen.until);
    line.inner.store.mirror.write(|tx| {
        let mut applier = Applier::new(tx);
        for id in applier.inside(outer, one.kind, &one.id)? {
            if !seen.ids.contains(&id) {
                applier.bury(one.kind, &id, stamp)?;
            }
        }
        applier.finish()?;
        clean(tx, one)
    })?;
    Ok(Read::There(objects))
}

fn question(one: &Dirty, cursor: Option<&str>) -> (String, Form) {
    let mut form = Form::new().with("limit", 100);
    let path = if one.kind == kinds::INVOICE_LINE {
        format!("{}/lines", single("invoices", &one.id))
    } else {
        form.push("subscription", one.id.as_str());
        "/v1/subscription_items".to_owned()
    };
    if let Some(cursor) = cursor {
        form.push("starting_after", cursor);
    }
    (path, form)
}

/// Stripe has no such list: the object around it is gone, or has to be asked for.
fn ask_around(inner: &Inner, one: &Dirty, outer: KindId) -> Result<Read, MirrorError> {
    let date = inner.last_date().unwrap_or_default();
    inner.store.mirror.write(|tx| {
        let mut applier = Applier::new(tx);
        if applier.is_known(outer, &one.id)? {
            applier.mark_dirty(outer, &one.id, 0, AROUND)?;
        } else {
            applier.bury_inside(outer, &one.id, Stamp::read(date, date))?;
        }
        applier.finish()?;
        clean(tx, one)
    })?;
    Ok(Read::Dropped)
}

/// An object that Stripe shows only inside another one: that one's list is read.
pub(super) fn read_around(inner: &Inner, one: &Dirty) -> Result<Read, MirrorError> {
    let Some(outer) = around(one.kind) else { return drop_it(inner, one) };
    inner.store.mirror.write(|tx| {
        use rusqlite::OptionalExtension;
        let sql = format!(
            "SELECT {} FROM {} WHERE id = ?1 AND deleted = 0",
            outer.kind().table,
            one.kind.kind().table
        );
        let id: Option<Option<String>> =
            tx.prepare_cached(&sql)?.query_row([&one.id], |row| row.get(0)).optional()?;
        if let Some(id) = id.flatten() {
            Applier::new(tx).mark_dirty(one.kind, &id, one.created, NESTED)?;
        }
        clean(tx, one)
    })?;
    Ok(Read::Dropped)
}

/// Nobody can be asked about it.
fn drop_it(inner: &Inner, one: &Dirty) -> Result<Read, MirrorError> {
    inner.store.mirror.write(|tx| clean(tx, one))?;
    Ok(Read::Dropped)
}
