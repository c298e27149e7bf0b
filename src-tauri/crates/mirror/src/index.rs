//! The search index: follows the change log in small steps, off the path of a sync, and is caught up whenever somebody has
//! time. A document is built from what the mirror has at that moment, so an object that changed twice is indexed once.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};
use tillbook_money::Currency;

use crate::kind::KindId;
use crate::kinds;
use crate::raw::Dictionaries;
use crate::scan::{Scanner, unescape};
use crate::state;
use crate::words::{PREFIX, Words};
use crate::{Mirror, MirrorError, read};

/// Up to which change the index knows, in the table `state`.
const INDEXED: &str = "indexed";
/// Changes looked at in one transaction.
const STEP: usize = 1000;
/// Room for documents of one second.
const SERIAL_BITS: u32 = 22;

/// What can be searched, and the word that names it in the index.
pub(crate) const SEARCHED: &[(KindId, &str)] = &[
    (kinds::CUSTOMER, "0customer"),
    (kinds::PAYMENT_INTENT, "0payment"),
    (kinds::CHARGE, "0payment"),
    (kinds::INVOICE, "0invoice"),
];

impl Mirror {
    /// Brings the search index on by some changes; answers how many are left. To be called when nothing else is to be done.
    pub fn index_some(&self) -> Result<i64, MirrorError> {
        let (from, newest) =
            self.read(|c| Ok((state::get::<i64>(c, INDEXED)?.unwrap_or(0), read::newest_position(c)?)))?;
        if from >= newest {
            return Ok(0);
        }
        self.inner.store.mirror.write(|tx| {
            let changes = read::changes_since(tx, from, STEP)?;
            let Some(last) = changes.last().map(|change| change.position) else { return Ok(0) };
            let mut indexer = Indexer {
                connection: tx,
                dictionaries: &self.inner.dictionaries,
                newest,
                words: Words::default(),
            };
            let mut done = BTreeSet::new();
            for change in &changes {
                let kind = KindId::of_object(change.object);
                if !SEARCHED.iter().any(|(searched, _)| *searched == kind) {
                    continue;
                }
                let (kind, id) = indexer.document_of(kind, &change.id)?;
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
        self.read(|c| Ok(read::newest_position(c)? - state::get::<i64>(c, INDEXED)?.unwrap_or(0)))
    }
}

struct Indexer<'c> {
    connection: &'c Connection,
    dictionaries: &'c Dictionaries,
    newest: i64,
    words: Words,
}

impl Indexer<'_> {
    /// A charge is part of its payment.
    fn document_of(&self, kind: KindId, id: &str) -> Result<(KindId, String), MirrorError> {
        if kind == kinds::CHARGE {
            let sql = "SELECT payment_intent FROM charge WHERE id = ?1 AND payment_intent IS NOT NULL";
            let payment: Option<String> =
                self.connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
            if let Some(payment) = payment {
                return Ok((kinds::PAYMENT_INTENT, payment));
            }
        }
        Ok((kind, id.to_owned()))
    }

    fn index(&mut self, kind: KindId, id: &str, position: i64) -> Result<(), MirrorError> {
        let known: Option<(i64, i64)> = self
            .connection
            .prepare_cached("SELECT doc, position FROM search_doc WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if known.is_some_and(|(_, indexed)| indexed >= position) {
            return Ok(());
        }
        if let Some((doc, _)) = known {
            self.connection.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([doc])?;
        }
        self.words.clear();
        let Some(created) = self.collect(kind, id)? else {
            self.connection.prepare_cached("DELETE FROM search_doc WHERE id = ?1")?.execute([id])?;
            return Ok(());
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
        Ok(())
    }

    /// Numbers sort by date: newest documents are found first without sorting.
    fn new_doc(&self, kind: KindId, id: &str, created: i64) -> Result<i64, MirrorError> {
        let first = created.clamp(0, 1 << 40) << SERIAL_BITS;
        let after = first + (1 << SERIAL_BITS) - 1;
        let sql = "SELECT coalesce(max(doc) + 1, ?1) FROM search_doc WHERE doc >= ?1 AND doc < ?2";
        let doc: i64 = self.connection.prepare_cached(sql)?.query_row([first, after], |row| row.get(0))?;
        self.connection
            .prepare_cached("INSERT INTO search_doc (doc, kind, id, position) VALUES (?1, ?2, ?3, ?4)")?
            .execute((doc, kind.kind().table, id, self.newest))?;
        Ok(doc)
    }

    /// The words of an object; answers when it was created, nothing where it is gone.
    fn collect(&mut self, kind: KindId, id: &str) -> Result<Option<i64>, MirrorError> {
        let sql = format!("SELECT created, raw FROM {} WHERE id = ?1 AND deleted = 0", kind.kind().table);
        let found: Option<(i64, Vec<u8>)> = self
            .connection
            .prepare_cached(&sql)?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((created, raw)) = found else { return Ok(None) };
        if let Some((_, word)) = SEARCHED.iter().find(|(searched, _)| *searched == kind) {
            self.words.push(word);
        }
        self.words.push(&id.to_lowercase().replace('_', ""));
        self.words.add(id);
        self.words.add_day(created);
        let json = self.dictionaries.unpack(self.connection, id, &raw)?;
        values_of(&json, WANTED, &mut self.words)?;
        if kind == kinds::PAYMENT_INTENT || kind == kinds::CHARGE {
            self.collect_payment(kind, id)?;
        }
        if kind == kinds::INVOICE {
            self.collect_amount("SELECT total, currency FROM invoice WHERE id = ?1", id)?;
        }
        Ok(Some(created))
    }

    /// What a payment is looked for by besides its own fields: its amount, its card, who paid.
    fn collect_payment(&mut self, kind: KindId, id: &str) -> Result<(), MirrorError> {
        let table = kind.kind().table;
        self.collect_amount(&format!("SELECT amount, currency FROM {table} WHERE id = ?1"), id)?;
        let charge = if kind == kinds::CHARGE { "id" } else { "latest_charge" };
        let sql = format!(
            "SELECT c.name, c.email, h.id, h.raw FROM {table} t LEFT JOIN customer c ON c.id = t.customer
             LEFT JOIN charge h ON h.id = t.{charge} WHERE t.id = ?1"
        );
        type Found = (Option<String>, Option<String>, Option<String>, Option<Vec<u8>>);
        let (name, email, charge, raw): Found = self
            .connection
            .prepare_cached(&sql)?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        for text in [name, email].into_iter().flatten() {
            self.words.add(&text);
        }
        if let (Some(charge), Some(raw)) = (charge, raw.filter(|raw| !raw.is_empty())) {
            self.words.add(&charge);
            let json = self.dictionaries.unpack(self.connection, &charge, &raw)?;
            values_of(&json, WANTED, &mut self.words)?;
        }
        Ok(())
    }

    fn collect_amount(&mut self, sql: &str, id: &str) -> Result<(), MirrorError> {
        let found: (Option<i64>, Option<String>) =
            self.connection.prepare_cached(sql)?.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let (Some(minor), Some(currency)) = found {
            let exponent = Currency::parse(&currency).map_or(2, |currency| currency.exponent());
            self.words.add_amount(minor, exponent);
            self.words.add(&currency);
        }
        Ok(())
    }
}

/// Members whose text is searched, wherever they are in an object; of `metadata` every value is.
const WANTED: &[&[u8]] = &[
    b"name",
    b"email",
    b"phone",
    b"description",
    b"number",
    b"last4",
    b"brand",
    b"customer",
    b"receipt_email",
    b"receipt_number",
    b"customer_name",
    b"customer_email",
    b"city",
];

/// Adds the texts of wanted members, at every depth.
fn values_of(json: &str, wanted: &[&[u8]], words: &mut Words) -> Result<(), MirrorError> {
    let mut scanner = Scanner::new(json);
    let mut buffer = (Vec::new(), Vec::new());
    walk(&mut scanner, wanted, false, &mut buffer, words)?;
    Ok(())
}

fn walk(
    scanner: &mut Scanner<'_>,
    wanted: &[&[u8]],
    all: bool,
    buffer: &mut (Vec<u8>, Vec<crate::scan::Spot>),
    words: &mut Words,
) -> Result<(), crate::scan::NotJson> {
    match scanner.next_token() {
        Some(b'{') => scanner.members(|scanner, name| {
            let all = name == b"metadata";
            if all || matches!(scanner.next_token(), Some(b'{' | b'[')) {
                return walk_value(scanner, wanted, all, buffer, words);
            }
            take(scanner, wanted.contains(&name), buffer, words)
        }),
        _ => take(scanner, all, buffer, words),
    }
}

fn walk_value(
    scanner: &mut Scanner<'_>,
    wanted: &[&[u8]],
    all: bool,
    buffer: &mut (Vec<u8>, Vec<crate::scan::Spot>),
    words: &mut Words,
) -> Result<(), crate::scan::NotJson> {
    match scanner.next_token() {
        Some(b'{') if all => scanner.members(|scanner, _| take(scanner, true, buffer, words)),
        Some(b'[') => scanner.elements(|scanner| walk(scanner, wanted, false, buffer, words)),
        _ => walk(scanner, wanted, false, buffer, words),
    }
}

fn take(
    scanner: &mut Scanner<'_>,
    wanted: bool,
    buffer: &mut (Vec<u8>, Vec<crate::scan::Spot>),
    words: &mut Words,
) -> Result<(), crate::scan::NotJson> {
    buffer.0.clear();
    scanner.value(None, &mut buffer.0, &mut buffer.1)?;
    if wanted && buffer.0.first() == Some(&b'"') {
        let mut text = String::new();
        unescape(&buffer.0[1..buffer.0.len() - 1], &mut text);
        words.add(&text);
    }
    Ok(())
}

/// Whether a kind can be searched under that name.
pub(crate) fn word_of(object: &str) -> Option<&'static str> {
    let kind = KindId::of_object(object);
    SEARCHED.iter().find(|(searched, _)| *searched == kind).map(|(_, word)| *word)
}
