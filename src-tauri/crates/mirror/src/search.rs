//! Search as you type over customers, payments and invoices: every word typed is the beginning of a word that is stored;
//! the newest matches come first.

use rusqlite::{Connection, OptionalExtension};

use crate::index::word_of;
use crate::kind::KindId;
use crate::kinds;
use crate::words::{PREFIX, typed};
use crate::{Mirror, MirrorError};

/// So many whole words may stand for one beginning.
const TERMS: usize = 400;

/// What to look for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// As typed: names, e-mail addresses, amounts (`12.40`), dates, last four digits, metadata values, ids.
    pub text: String,
    /// `customer`, `payment_intent` or `invoice`; all without it.
    pub object: Option<String>,
    /// At most so many; 50 fill a screen.
    pub limit: u32,
}

/// A match, with what a list shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// `customer`, `payment_intent`, `charge` (one without a PaymentIntent) or `invoice`.
    pub object: &'static str,
    /// Its id.
    pub id: String,
    /// When it was created (unix seconds).
    pub created: i64,
    /// The customer's name, or who paid.
    pub name: Option<String>,
    /// The e-mail address, description or number.
    pub detail: Option<String>,
    /// Amount in minor units.
    pub amount: Option<i64>,
    /// Lower-case ISO code.
    pub currency: Option<String>,
    /// Stripe's status.
    pub status: Option<String>,
    /// Last four digits of the card.
    pub last4: Option<String>,
}

impl Mirror {
    /// Finds the newest matches.
    pub fn search(&self, query: &SearchQuery) -> Result<Vec<Hit>, MirrorError> {
        self.read(|connection| {
            let Some(wanted) = expression(connection, query)? else { return Ok(Vec::new()) };
            let mut statement = connection.prepare_cached(
                "SELECT d.kind, d.id FROM search JOIN search_doc d ON d.doc = search.rowid
                 WHERE search MATCH ?1 ORDER BY search.rowid DESC LIMIT ?2",
            )?;
            let mut rows = statement.query((wanted, query.limit.clamp(1, 500)))?;
            let mut hits = Vec::new();
            while let Some(row) = rows.next()? {
                let (table, id): (String, String) = (row.get(0)?, row.get(1)?);
                hits.extend(hit(connection, &table, &id)?);
            }
            Ok(hits)
        })
    }
}

/// The query in the index's language. Words are made of letters and digits, so nothing needs quoting but quotes do no harm.
fn expression(connection: &Connection, query: &SearchQuery) -> Result<Option<String>, MirrorError> {
    let words = typed(&query.text);
    if words.is_empty() {
        return Ok(None);
    }
    let mut parts = Vec::new();
    if let Some(object) = &query.object {
        let Some(word) = word_of(object) else { return Ok(None) };
        parts.push(format!("\"{word}\""));
    }
    for word in &words {
        if word.chars().count() <= PREFIX {
            parts.push(format!("\"{word}\"*"));
            continue;
        }
        let mut terms = connection.prepare_cached(
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
            parts.push(format!("({})", any.join(" OR ")));
        } else {
            // So many words begin like this that what they have in common is as good: more letters will tell.
            let begin: String = word.chars().take(PREFIX).collect();
            parts.push(format!("\"{begin}\"*"));
        }
    }
    Ok(Some(parts.join(" AND ")))
}

fn hit(connection: &Connection, table: &str, id: &str) -> Result<Option<Hit>, MirrorError> {
    let Some(kind) = KindId::of_table(table) else { return Ok(None) };
    let sql = match kind {
        kinds::CUSTOMER => {
            "SELECT created, name, email, NULL, NULL, NULL, NULL FROM customer WHERE id = ?1 AND deleted = 0"
        }
        kinds::PAYMENT_INTENT => {
            "SELECT t.created, c.name, t.description, t.amount, t.currency, t.status, h.last4 FROM payment_intent t
             LEFT JOIN customer c ON c.id = t.customer LEFT JOIN charge h ON h.id = t.latest_charge
             WHERE t.id = ?1 AND t.deleted = 0"
        }
        kinds::CHARGE => {
            "SELECT t.created, c.name, t.description, t.amount, t.currency, t.status, t.last4 FROM charge t
             LEFT JOIN customer c ON c.id = t.customer WHERE t.id = ?1 AND t.deleted = 0"
        }
        kinds::INVOICE => {
            "SELECT created, customer_name, number, total, currency, status, NULL FROM invoice
             WHERE id = ?1 AND deleted = 0"
        }
        _ => return Ok(None),
    };
    let found = connection
        .prepare_cached(sql)?
        .query_row([id], |row| {
            Ok(Hit {
                object: kind.kind().object,
                id: id.to_owned(),
                created: row.get(0)?,
                name: row.get(1)?,
                detail: row.get(2)?,
                amount: row.get(3)?,
                currency: row.get(4)?,
                status: row.get(5)?,
                last4: row.get(6)?,
            })
        })
        .optional()?;
    Ok(found)
}
