//! The search index: follows the change log in small steps, off the path of a sync, and is caught up whenever somebody has
//! time. A document is built from what the mirror has at that moment, so an object that changed twice is indexed once.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};
use tillbook_money::Currency;

use crate::apply::Applier;
use crate::index_text::values_of;
use crate::kind::KindId;
use crate::kinds;
use crate::raw::Dictionaries;
use crate::state;
use crate::words::{PREFIX, Words};
use crate::{Mirror, MirrorError, log, read};

/// Up to which change the index knows, in the table `state`.
const INDEXED: &str = "indexed";
/// How documents are made. What was made otherwise is made again.
const FORM: &str = "index_form";
const FORM_NOW: i64 = 2;
/// Changes looked at in one transaction where nobody says otherwise.
const STEP: usize = 100;
/// After a step some of the index is put in order: so many times at most, so many pages each time.
const MERGES: u32 = 16;
const MERGED_PAGES: i64 = 64;
/// Room for documents of one second.
const SERIAL_BITS: u32 = 22;
/// So many payments are indexed again when their customer changes; a "walk-in" customer may have a hundred thousand.
const PAYMENTS_LIMIT: usize = 300;

/// What can be searched, and the word that names it in the index.
pub(crate) const SEARCHED: &[(KindId, &str)] = &[
    (kinds::CUSTOMER, "0customer"),
    (kinds::PAYMENT_INTENT, "0payment"),
    (kinds::CHARGE, "0payment"),
    (kinds::INVOICE, "0invoice"),
    (kinds::PRODUCT, "0product"),
];

impl Mirror {
    /// Brings the search index on by some changes; answers how many are left. To be called when nothing else is to be done.
    pub fn index_some(&self) -> Result<i64, MirrorError> {
        self.index_step(STEP)
    }

    /// The same by at most so many changes, in one transaction: nobody else writes meanwhile.
    pub fn index_step(&self, changes: usize) -> Result<i64, MirrorError> {
        if self.index_behind()? == 0 {
            return Ok(0);
        }
        let left = self.index_changes(changes)?;
        for _ in 0..MERGES {
            if !self.inner.store.mirror.write(merge)? {
                break;
            }
        }
        Ok(left)
    }

    fn index_changes(&self, changes: usize) -> Result<i64, MirrorError> {
        self.inner.store.mirror.write(|tx| {
            let from = match indexed(tx)? {
                0 => begin_anew(tx)?,
                from => from,
            };
            let newest = read::newest_position(tx)?;
            let changes = read::changes_since(tx, from, changes.max(1))?;
            let Some(last) = changes.last().map(|change| change.position) else { return Ok(0) };
            let mut indexer = Indexer {
                connection: tx,
                dictionaries: &self.inner.dictionaries,
                newest,
                words: Words::default(),
            };
            let mut done = BTreeSet::new();
            for change in &changes {
                let Some((kind, id)) = indexer.document_of(KindId::of_object(change.object), &change.id)?
                else {
                    continue;
                };
                if done.insert((kind, id.clone())) {
                    indexer.index(kind, &id, change.position)?;
                }
            }
            state::set(tx, INDEXED, last)?;
            Ok(newest - last)
        })
    }

    /// How many changes the index does not know yet.
    pub fn index_behind(&self) -> Result<i64, MirrorError> {
        self.read(behind)
    }
}

/// How many changes the index does not know yet.
pub(crate) fn behind(connection: &Connection) -> Result<i64, MirrorError> {
    Ok((read::newest_position(connection)? - indexed(connection)?).max(0))
}

/// Up to which change the index knows; 0 where documents were made in another form.
pub(crate) fn indexed(connection: &Connection) -> Result<i64, MirrorError> {
    match state::get::<i64>(connection, FORM)? {
        Some(FORM_NOW) => Ok(state::get(connection, INDEXED)?.unwrap_or(0)),
        _ => Ok(0),
    }
}

/// Puts some pages of the index in order; answers whether there was anything to do. SQLite does that by itself too, but
/// now and then much of it at once, in somebody's transaction.
fn merge(connection: &rusqlite::Transaction<'_>) -> Result<bool, MirrorError> {
    let before = connection.total_changes();
    connection
        .prepare_cached("INSERT INTO search (search, rank) VALUES ('merge', ?1)")?
        .execute([MERGED_PAGES])?;
    Ok(connection.total_changes() - before > 1)
}

/// Empties the index; answers from which change on it is made.
fn begin_anew(connection: &Connection) -> Result<i64, MirrorError> {
    connection.execute_batch(
        "INSERT INTO search (search) VALUES ('delete-all'); DELETE FROM search_doc; DELETE FROM search_term;
         INSERT INTO search (search, rank) VALUES ('automerge', 0);
         INSERT INTO search (search, rank) VALUES ('crisismerge', 1000);",
    )?;
    state::set(connection, FORM, FORM_NOW)?;
    log::from_the_beginning(connection, SEARCHED.iter().map(|(kind, _)| *kind))
}

/// The newest payments of a customer, as far as the index knows them.
pub(crate) fn payments_of(
    connection: &Connection,
    customer: &str,
    limit: usize,
) -> Result<Vec<(KindId, String)>, MirrorError> {
    let mut found = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT d.kind, d.id FROM search JOIN search_doc d ON d.doc = search.rowid
         WHERE search MATCH ?1 ORDER BY search.rowid DESC",
    )?;
    let mut rows = statement.query([format!("\"{}\"", customer_word(customer))])?;
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        let (table, id): (String, String) = (row.get(0)?, row.get(1)?);
        let Some(kind @ (kinds::PAYMENT_INTENT | kinds::CHARGE)) = KindId::of_table(&table) else { continue };
        let sql = format!("SELECT 1 FROM {} WHERE id = ?1 AND customer = ?2", kind.kind().table);
        if connection.prepare_cached(&sql)?.exists([&id, customer])? {
            found.push((kind, id));
        }
    }
    Ok(found)
}

/// The word by which a payment is known to be a customer's: no text makes it.
fn customer_word(id: &str) -> String {
    let letters: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("0of{}", letters.to_ascii_lowercase())
}

struct Indexer<'c> {
    connection: &'c Connection,
    dictionaries: &'c Dictionaries,
    newest: i64,
    words: Words,
}

impl Indexer<'_> {
    /// A charge is part of its payment, a price of its product; of most kinds there are no documents.
    fn document_of(&self, kind: KindId, id: &str) -> Result<Option<(KindId, String)>, MirrorError> {
        let (sql, whole) = match kind {
            kinds::CHARGE => ("SELECT payment_intent FROM charge WHERE id = ?1", kinds::PAYMENT_INTENT),
            kinds::PRICE => ("SELECT product FROM price WHERE id = ?1", kinds::PRODUCT),
            _ => return Ok(word_of(kind).map(|_| (kind, id.to_owned()))),
        };
        let found: Option<Option<String>> =
            self.connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
        Ok(match found.flatten() {
            Some(whole_id) => Some((whole, whole_id)),
            None => (kind == kinds::CHARGE).then(|| (kind, id.to_owned())),
        })
    }

    fn index(&mut self, kind: KindId, id: &str, position: i64) -> Result<(), MirrorError> {
        if !self.index_one(kind, id, position)? || kind != kinds::CUSTOMER {
            return Ok(());
        }
        // Payments are found by who paid.
        for (kind, payment) in payments_of(self.connection, id, PAYMENTS_LIMIT)? {
            self.index_one(kind, &payment, position)?;
        }
        Ok(())
    }

    /// Answers whether there was something to be done.
    fn index_one(&mut self, kind: KindId, id: &str, position: i64) -> Result<bool, MirrorError> {
        let known: Option<(i64, i64)> = self
            .connection
            .prepare_cached("SELECT doc, position FROM search_doc WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if known.is_some_and(|(_, indexed)| indexed >= position) {
            return Ok(false);
        }
        if let Some((doc, _)) = known {
            self.connection.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([doc])?;
        }
        self.words.clear();
        let Some(created) = self.collect(kind, id)? else {
            self.connection.prepare_cached("DELETE FROM search_doc WHERE id = ?1")?.execute([id])?;
            return Ok(known.is_some());
        };
        let doc = match known {
            Some((doc, _)) => {
                let sql = "UPDATE search_doc SET position = ?2 WHERE doc = ?1";
                self.connection.prepare_cached(sql)?.execute((doc, self.newest))?;
                doc
            }
            None => self.new_doc(kind, id, created)?,
        };
        self.connection
            .prepare_cached("INSERT INTO search (rowid, words) VALUES (?1, ?2)")?
            .execute((doc, self.words.joined()))?;
        let mut term = self
            .connection
            .prepare_cached("INSERT INTO search_term (term) VALUES (?1) ON CONFLICT DO NOTHING")?;
        for word in self.words.iter().filter(|word| word.len() > PREFIX) {
            term.execute([word])?;
        }
        Ok(true)
    }

    /// Numbers sort by date: newest documents are found first without sorting.
    fn new_doc(&self, kind: KindId, id: &str, created: i64) -> Result<i64, MirrorError> {
        let (first, after) = (first_doc(created), first_doc(created.saturating_add(1)));
        let sql = "SELECT coalesce(max(doc) + 1, ?1) FROM search_doc WHERE doc >= ?1 AND doc < ?2 - 1";
        let doc: i64 = self.connection.prepare_cached(sql)?.query_row([first, after], |row| row.get(0))?;
        self.connection
            .prepare_cached("INSERT INTO search_doc (doc, kind, id, position) VALUES (?1, ?2, ?3, ?4)")?
            .execute((doc, kind.kind().table, id, self.newest))?;
        Ok(doc)
    }

    /// The words of an object, those first that it is most looked for by; answers when it was created, nothing where it
    /// is gone.
    fn collect(&mut self, kind: KindId, id: &str) -> Result<Option<i64>, MirrorError> {
        let sql = format!("SELECT created, raw FROM {} WHERE id = ?1 AND deleted = 0", kind.kind().table);
        let found: Option<(i64, Vec<u8>)> = self
            .connection
            .prepare_cached(&sql)?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((created, raw)) = found else { return Ok(None) };
        if let Some(word) = word_of(kind) {
            self.words.push(word);
        }
        self.words.push(&id.to_lowercase().replace('_', ""));
        self.words.add(id);
        match kind {
            kinds::PAYMENT_INTENT | kinds::CHARGE => self.collect_payment(kind, id)?,
            kinds::INVOICE => self.collect_amount("SELECT total, currency FROM invoice WHERE id = ?1", id)?,
            kinds::PRODUCT => self.collect_prices(id)?,
            _ => {}
        }
        self.collect_json(kind, id, &raw)?;
        Ok(Some(created))
    }

    /// The texts inside an object. One that is damaged is found by what its columns say, and read again from Stripe.
    fn collect_json(&mut self, kind: KindId, id: &str, raw: &[u8]) -> Result<(), MirrorError> {
        let unpacked = self.dictionaries.unpack(self.connection, id, raw);
        match unpacked.and_then(|json| values_of(&json, &mut self.words)) {
            Err(MirrorError::DamagedRow { .. } | MirrorError::BadAnswer { .. }) => {
                tracing::warn!(id, "the stored form of an object is damaged; it is read again from Stripe");
                Applier::new(self.connection).mark_dirty(kind, id, 0, "damaged")
            }
            other => other,
        }
    }

    /// What a payment is looked for by besides its own fields: its amount, its card, who paid.
    fn collect_payment(&mut self, kind: KindId, id: &str) -> Result<(), MirrorError> {
        let table = kind.kind().table;
        self.collect_amount(&format!("SELECT amount, currency FROM {table} WHERE id = ?1"), id)?;
        let charge = if kind == kinds::CHARGE { "id" } else { "latest_charge" };
        let sql = format!(
            "SELECT t.customer, c.name, c.email, h.id, h.brand, h.last4, h.raw FROM {table} t
             LEFT JOIN customer c ON c.id = t.customer LEFT JOIN charge h ON h.id = t.{charge} WHERE t.id = ?1"
        );
        type Found = (Option<String>, [Option<String>; 4], Option<String>, Option<Vec<u8>>);
        let (customer, texts, charge, raw): Found =
            self.connection.prepare_cached(&sql)?.query_row([id], |row| {
                Ok((
                    row.get(0)?,
                    [row.get(1)?, row.get(2)?, row.get(4)?, row.get(5)?],
                    row.get(3)?,
                    row.get(6)?,
                ))
            })?;
        if let Some(customer) = customer {
            self.words.push(&customer_word(&customer));
            self.words.add(&customer);
        }
        for text in texts.into_iter().flatten() {
            self.words.add(&text);
        }
        if let (Some(charge), Some(raw)) = (charge, raw.filter(|raw| !raw.is_empty())) {
            self.words.add(&charge);
            if kind != kinds::CHARGE {
                self.collect_json(kinds::CHARGE, &charge, &raw)?;
            }
        }
        Ok(())
    }

    /// A product is looked for by the names of its prices, and by what it costs.
    fn collect_prices(&mut self, id: &str) -> Result<(), MirrorError> {
        let mut prices = self.connection.prepare_cached(
            "SELECT lookup_key, nickname, unit_amount, currency FROM price WHERE product = ?1 AND deleted = 0
             ORDER BY active DESC, created DESC LIMIT 50",
        )?;
        let mut rows = prices.query([id])?;
        while let Some(row) = rows.next()? {
            let (key, nickname): (Option<String>, Option<String>) = (row.get(0)?, row.get(1)?);
            for text in [key, nickname].into_iter().flatten() {
                self.words.add(&text);
            }
            self.add_amount(row.get(2)?, row.get(3)?);
        }
        Ok(())
    }

    fn collect_amount(&mut self, sql: &str, id: &str) -> Result<(), MirrorError> {
        let (minor, currency) =
            self.connection.prepare_cached(sql)?.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.add_amount(minor, currency);
        Ok(())
    }

    fn add_amount(&mut self, minor: Option<i64>, currency: Option<String>) {
        if let (Some(minor), Some(currency)) = (minor, currency) {
            let exponent = Currency::parse(&currency).map_or(2, |currency| currency.exponent());
            self.words.add_amount(minor, exponent);
            self.words.add(&currency);
        }
    }
}

/// The least number of a document of that second.
pub(crate) fn first_doc(second: i64) -> i64 {
    second.clamp(0, 1 << 40) << SERIAL_BITS
}

/// The word of what can be searched.
pub(crate) fn word_of(kind: KindId) -> Option<&'static str> {
    SEARCHED.iter().find(|(searched, _)| *searched == kind).map(|(_, word)| *word)
}
