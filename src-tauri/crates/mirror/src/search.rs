//! Search as you type over customers, payments, invoices and products: every word typed is the beginning of a word that is
//! stored; the newest matches come first. Ids are looked up as they are, so that they are found before they are indexed.

use std::collections::BTreeSet;
use std::ops::Range;

use rusqlite::Connection;

use crate::hit::{Hit, hit};
use crate::index::{behind, first_doc, word_of};
use crate::kind::KindId;
use crate::kinds;
use crate::pasted;
use crate::typed::{Part, parts};
use crate::words::PREFIX;
use crate::{Mirror, MirrorError};

/// So many whole words may stand for one beginning.
const TERMS: usize = 400;
/// No list shows more.
const LIMIT: usize = 500;
/// Where nothing was typed, so many charges are looked at for such without a PaymentIntent.
const CHARGES_LIMIT: usize = 1000;

/// What can be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Searched {
    /// PaymentIntents, and charges without one.
    Payments,
    /// Customers.
    Customers,
    /// Invoices.
    Invoices,
    /// Products, also those that are not sold any more.
    Products,
}

impl Searched {
    fn kind(self) -> KindId {
        match self {
            Searched::Payments => kinds::PAYMENT_INTENT,
            Searched::Customers => kinds::CUSTOMER,
            Searched::Invoices => kinds::INVOICE,
            Searched::Products => kinds::PRODUCT,
        }
    }

    fn takes(self, kind: KindId) -> bool {
        kind == self.kind() || self == Searched::Payments && kind == kinds::CHARGE
    }
}

/// What to look for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// Names, e-mail addresses, telephone numbers, amounts (`12.40`), last four digits, metadata values, ids. Where
    /// nothing is asked for, the newest are found.
    pub text: String,
    /// Only what was created in this half-open time (unix seconds).
    pub created: Option<Range<i64>>,
    /// Payments of these sales come before all others.
    pub sales: Vec<String>,
    /// Only these; all without it.
    pub kind: Option<Searched>,
    /// At most so many; 50 fill a screen.
    pub limit: u32,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    /// The newest first.
    pub hits: Vec<Hit>,
    /// There are more.
    pub more: bool,
    /// Changes that the index does not know yet.
    pub behind: i64,
}

impl Mirror {
    /// Finds the newest matches.
    pub fn search(&self, query: &SearchQuery) -> Result<Hits, MirrorError> {
        self.read(|connection| {
            let mut search = Search {
                connection,
                kind: query.kind,
                limit: usize::try_from(query.limit).unwrap_or(LIMIT).clamp(1, LIMIT),
                found: Vec::new(),
                seen: BTreeSet::new(),
            };
            search.run(query)?;
            let mut hits = search.found;
            let more = hits.len() > search.limit;
            hits.truncate(search.limit);
            Ok(Hits { hits, more, behind: behind(connection)? })
        })
    }
}

struct Search<'c> {
    connection: &'c Connection,
    kind: Option<Searched>,
    limit: usize,
    /// One more than the limit tells that there are more.
    found: Vec<Hit>,
    seen: BTreeSet<(KindId, String)>,
}

impl Search<'_> {
    fn run(&mut self, query: &SearchQuery) -> Result<(), MirrorError> {
        for sale in &query.sales {
            let payments = pasted::of_sale(self.connection, sale)?;
            self.add_all(payments)?;
        }
        let is_empty = query.text.trim().is_empty();
        if is_empty && query.created.is_none() {
            return if query.sales.is_empty() { self.newest() } else { Ok(()) };
        }
        if !is_empty && query.created.is_none() {
            let named = pasted::named(self.connection, query.text.trim(), self.kind.map(Searched::kind))?;
            let before = self.found.len();
            self.add_all(named)?;
            if self.found.len() > before {
                return Ok(());
            }
        }
        self.matches(query)
    }

    fn add_all(&mut self, named: Vec<(KindId, String)>) -> Result<(), MirrorError> {
        for (kind, id) in named {
            if self.kind.is_none_or(|wanted| wanted.takes(kind)) {
                self.add(kind, id)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, kind: KindId, id: String) -> Result<(), MirrorError> {
        if self.found.len() <= self.limit
            && self.seen.insert((kind, id.clone()))
            && let Some(hit) = hit(self.connection, kind, &id)?
        {
            self.found.push(hit);
        }
        Ok(())
    }

    /// What the index knows of.
    fn matches(&mut self, query: &SearchQuery) -> Result<(), MirrorError> {
        let parts = parts(&query.text);
        if parts.is_empty() && !query.text.trim().is_empty() {
            return Ok(());
        }
        let wanted = self.expression(&parts)?;
        let (from, number, text) = match &wanted {
            Wanted::Nothing => return Ok(()),
            Wanted::All => ("search_doc d WHERE ?1 = ''", "d.doc", ""),
            Wanted::Match(text) => (
                "search JOIN search_doc d ON d.doc = search.rowid WHERE search MATCH ?1",
                "search.rowid",
                text.as_str(),
            ),
        };
        let sql = format!(
            "SELECT d.kind, d.id FROM {from} AND {number} >= ?2 AND {number} < ?3 ORDER BY {number} DESC"
        );
        let (first, end) = match &query.created {
            Some(created) => (first_doc(created.start), first_doc(created.end)),
            None => (0, i64::MAX),
        };
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query((text, first, end))?;
        while self.found.len() <= self.limit
            && let Some(row) = rows.next()?
        {
            let (table, id): (String, String) = (row.get(0)?, row.get(1)?);
            if let Some(kind) = KindId::of_table(&table) {
                self.add(kind, id)?;
            }
        }
        Ok(())
    }

    /// The query in the index's language. Words are made of letters and digits, so nothing needs quoting but quotes do no
    /// harm.
    fn expression(&self, parts: &[Part]) -> Result<Wanted, MirrorError> {
        let mut all = Vec::new();
        if let Some(word) = self.kind.and_then(|kind| word_of(kind.kind())) {
            all.push(format!("\"{word}\""));
        }
        for part in parts {
            let mut any = Vec::new();
            for reading in part {
                any.extend(self.all_of(reading)?);
            }
            match any.as_slice() {
                [] => return Ok(Wanted::Nothing),
                [one] => all.push(one.clone()),
                several => all.push(format!("({})", several.join(" OR "))),
            }
        }
        Ok(if all.is_empty() { Wanted::All } else { Wanted::Match(all.join(" AND ")) })
    }

    fn all_of(&self, words: &[String]) -> Result<Option<String>, MirrorError> {
        let mut all = Vec::new();
        for word in words {
            match self.beginning(word)? {
                Some(expression) => all.push(expression),
                None => return Ok(None),
            }
        }
        Ok((!all.is_empty()).then(|| format!("({})", all.join(" AND "))))
    }

    /// Every word that begins like this; nothing where none does.
    fn beginning(&self, word: &str) -> Result<Option<String>, MirrorError> {
        if word.chars().count() <= PREFIX {
            return Ok(Some(format!("\"{word}\"*")));
        }
        let mut terms = self.connection.prepare_cached(
            "SELECT term FROM search_term WHERE term >= ?1 AND term < ?1 || char(0x10FFFF) LIMIT ?2",
        )?;
        let terms = terms
            .query_map((word, i64::try_from(TERMS + 1).unwrap_or(i64::MAX)), |row| row.get::<_, String>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        if terms.is_empty() {
            return Ok(None);
        }
        if terms.len() <= TERMS {
            let any: Vec<String> = terms.iter().map(|term| format!("\"{term}\"")).collect();
            return Ok(Some(format!("({})", any.join(" OR "))));
        }
        // So many words begin like this that what they have in common is as good: more letters will tell.
        let begin: String = word.chars().take(PREFIX).collect();
        Ok(Some(format!("\"{begin}\"*")))
    }

    /// The newest of a kind, without the index: payments where no kind is named.
    fn newest(&mut self) -> Result<(), MirrorError> {
        let kind = self.kind.unwrap_or(Searched::Payments).kind();
        let sql = format!(
            "SELECT created, id FROM {} WHERE deleted = 0 ORDER BY created DESC, id DESC LIMIT ?1",
            kind.kind().table
        );
        let limit = i64::try_from(self.limit + 1).unwrap_or(i64::MAX);
        let mut newest: Vec<(i64, KindId, String)> = self
            .connection
            .prepare_cached(&sql)?
            .query_map([limit], |row| Ok((row.get(0)?, kind, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        if kind == kinds::PAYMENT_INTENT {
            let is_full = newest.len() > self.limit;
            let since = newest.last().filter(|_| is_full).map_or(0, |(created, ..)| *created);
            let mut charges = self.connection.prepare_cached(
                "SELECT created, id, payment_intent IS NULL FROM charge WHERE created >= ?1 AND deleted = 0
                 ORDER BY created DESC, id DESC LIMIT ?2",
            )?;
            let mut rows = charges.query((since, i64::try_from(CHARGES_LIMIT).unwrap_or(i64::MAX)))?;
            while let Some(row) = rows.next()? {
                if row.get::<_, bool>(2)? {
                    newest.push((row.get(0)?, kinds::CHARGE, row.get(1)?));
                }
            }
            newest.sort_by(|a, b| b.cmp(a));
        }
        for (_, kind, id) in newest {
            self.add(kind, id)?;
        }
        Ok(())
    }
}

/// What the index is asked for.
enum Wanted {
    /// Nothing can match.
    Nothing,
    /// Everything does.
    All,
    /// What matches this.
    Match(String),
}
