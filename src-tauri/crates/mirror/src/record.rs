//! One of Stripe's records, whatever its kind: what it says, fact by fact, and what belongs to it.

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OptionalExtension};

use crate::hit::{Hit, hit, line};
use crate::index::payments_of;
use crate::kind::{Column, Holds, Kind, KindId, Means};
use crate::kinds;
use crate::pasted::kind_of;
use crate::read::by_prefix;
use crate::related::LINKS;
use crate::scan::indented;
use crate::state::{self, name};
use crate::{Mirror, MirrorError};

/// So many payments of a customer are shown.
const PAYMENTS: usize = 20;

/// A record with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// As a line of a list.
    pub hit: Hit,
    /// Stripe said so at this time (unix seconds of its clock).
    pub as_of: i64,
    /// Stripe deleted it; of its facts nothing is left.
    pub deleted: bool,
    /// What Stripe says about it; of a payment and a refund also what the balance says about them.
    pub facts: Vec<Fact>,
    /// What it points to, and what points to it.
    pub related: Vec<Hit>,
    /// Stripe's own JSON, indented, `client_secret` cut out; none of what was deleted or cannot be unpacked.
    pub json: Option<String>,
}

/// Something Stripe says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The column's name: `amount_received`, `available_on`.
    pub name: &'static str,
    /// What it says.
    pub value: Value,
}

/// What a fact is. Times are unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Words.
    Text(String),
    /// Minor units of a currency (lower-case ISO code).
    Money {
        /// How much.
        minor: i64,
        /// Of what.
        currency: String,
    },
    /// A moment, in milliseconds.
    TimeMs(i64),
    /// A day, by its first second in UTC.
    Day(i64),
    /// Yes or no.
    Flag(bool),
    /// A number that is no amount, as Stripe wrote it.
    Number(String),
    /// Another record.
    Reference {
        /// Stripe's name of its kind.
        object: String,
        /// Its id.
        id: String,
    },
    /// Stripe's word on where something stands.
    State(String),
}

impl Mirror {
    /// A record of any kind; nothing where it is not here. A tombstone is here.
    pub fn record(&self, id: &str) -> Result<Option<Record>, MirrorError> {
        self.read(|connection| {
            for kind in by_prefix(id) {
                let Some((hit, deleted)) = line(connection, kind, id)? else { continue };
                let mut record =
                    Record { hit, as_of: 0, deleted, facts: Vec::new(), related: Vec::new(), json: None };
                self.fill(connection, kind, &mut record)?;
                return Ok(Some(record));
            }
            Ok(None)
        })
    }

    fn fill(&self, connection: &Connection, kind: KindId, record: &mut Record) -> Result<(), MirrorError> {
        let id = record.hit.id.clone();
        let cells = cells_of(connection, kind, &id)?;
        record.as_of = as_of(connection, kind, &id, cells.as_of)?;
        if !record.deleted {
            record.facts = facts_of(connection, kind.kind(), &cells)?;
            record.facts.extend(balance_of(connection, kind, &id)?);
            record.json = match self.inner.dictionaries.unpack(connection, &id, &cells.raw) {
                Ok(json) => Some(indented(&json)),
                Err(error) => {
                    tracing::warn!(id, %error, "the JSON of a record cannot be shown");
                    None
                }
            };
        }
        record.related = related_to(connection, kind, &id, &record.facts)?;
        Ok(())
    }
}

struct Cells {
    as_of: i64,
    raw: Vec<u8>,
    values: Vec<Cell>,
}

fn cells_of(connection: &Connection, kind: KindId, id: &str) -> Result<Cells, MirrorError> {
    let columns: String = kind.kind().columns.iter().map(|column| format!(", {}", column.name)).collect();
    let sql = format!("SELECT as_of, raw{columns} FROM {} WHERE id = ?1", kind.kind().table);
    let cells = connection.prepare_cached(&sql)?.query_row([id], |row| {
        let values = (0..kind.kind().columns.len()).map(|at| row.get(at + 2)).collect::<Result<_, _>>()?;
        Ok(Cells { as_of: row.get(0)?, raw: row.get(1)?, values })
    })?;
    Ok(cells)
}

/// When it was so. What has events would have changed with the next one: it is as of where the event list was read to.
fn as_of(connection: &Connection, kind: KindId, id: &str, read_at: i64) -> Result<i64, MirrorError> {
    if matches!(kind, kinds::BALANCE_TRANSACTION | kinds::EVENT | kinds::OTHER) {
        return Ok(read_at);
    }
    let sql = "SELECT 1 FROM dirty WHERE kind = ?1 AND id = ?2";
    if connection.prepare_cached(sql)?.exists([kind.kind().table, id])? {
        return Ok(read_at);
    }
    let complete_to: Option<i64> = state::get(connection, name::COMPLETE_TO)?;
    Ok(complete_to.map_or(read_at, |complete_to| complete_to.max(read_at)))
}

fn facts_of(connection: &Connection, kind: &Kind, cells: &Cells) -> Result<Vec<Fact>, MirrorError> {
    let currency = kind.columns.iter().zip(&cells.values).find_map(|(column, cell)| match cell {
        Cell::Text(text) if column.name == "currency" => Some(text.as_str()),
        _ => None,
    });
    let mut facts = Vec::new();
    for (column, cell) in kind.columns.iter().zip(&cells.values) {
        if let Some(value) = value_of(connection, column, cell, currency)? {
            facts.push(Fact { name: column.name, value });
        }
    }
    Ok(facts)
}

fn value_of(
    connection: &Connection,
    column: &Column,
    cell: &Cell,
    currency: Option<&str>,
) -> Result<Option<Value>, MirrorError> {
    Ok(match cell {
        Cell::Integer(number) => Some(match (column.means, currency) {
            (Means::Money, Some(currency)) => Value::Money { minor: *number, currency: currency.to_owned() },
            (Means::Time, _) => Value::TimeMs(number.saturating_mul(1000)),
            (Means::TimeMs, _) => Value::TimeMs(*number),
            (Means::Day, _) => Value::Day(*number),
            _ if column.holds == Holds::Flag => Value::Flag(*number != 0),
            _ => Value::Number(number.to_string()),
        }),
        Cell::Text(text) if text.is_empty() => None,
        Cell::Text(text) => Some(match column.means {
            Means::State => Value::State(text.clone()),
            Means::Reference(kind) => reference(kind, text),
            Means::AnyReference => match kind_of(connection, kinds::OTHER, text)? {
                Some(kind) => reference(kind, text),
                None => Value::Text(text.clone()),
            },
            _ if column.holds == Holds::Number => Value::Number(text.clone()),
            _ => Value::Text(text.clone()),
        }),
        _ => None,
    })
}

fn reference(kind: KindId, id: &str) -> Value {
    Value::Reference { object: kind.kind().object.to_owned(), id: id.to_owned() }
}

/// What was given back of a payment, what Stripe kept and when the rest is there: its charge and the balance know.
fn balance_of(connection: &Connection, kind: KindId, id: &str) -> Result<Vec<Fact>, MirrorError> {
    let sql = match kind {
        kinds::PAYMENT_INTENT => {
            "SELECT h.amount_refunded, h.currency, b.fee, b.net, b.currency, b.available_on FROM payment_intent t
             JOIN charge h ON h.id = t.latest_charge LEFT JOIN balance_transaction b ON b.id = h.balance_transaction
             WHERE t.id = ?1"
        }
        kinds::CHARGE => {
            "SELECT NULL, NULL, b.fee, b.net, b.currency, b.available_on FROM charge t
             JOIN balance_transaction b ON b.id = t.balance_transaction WHERE t.id = ?1"
        }
        kinds::REFUND => {
            "SELECT NULL, NULL, b.fee, b.net, b.currency, b.available_on FROM refund t
             JOIN balance_transaction b ON b.id = t.balance_transaction WHERE t.id = ?1"
        }
        _ => return Ok(Vec::new()),
    };
    type Found = (Option<i64>, Option<String>, Option<i64>, Option<i64>, Option<String>, Option<i64>);
    let found: Option<Found> = connection
        .prepare_cached(sql)?
        .query_row([id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })
        .optional()?;
    let Some((refunded, currency, fee, net, settled_in, available_on)) = found else { return Ok(Vec::new()) };
    let money = |name, minor: Option<i64>, currency: &Option<String>| {
        let value = Value::Money { minor: minor?, currency: currency.clone()? };
        Some(Fact { name, value })
    };
    let facts = [
        money("amount_refunded", refunded, &currency),
        money("fee", fee, &settled_in),
        money("net", net, &settled_in),
        available_on.map(|second| Fact { name: "available_on", value: Value::Day(second) }),
    ];
    Ok(facts.into_iter().flatten().collect())
}

/// What the facts name, then what names the record, in the order of [`LINKS`].
fn related_to(
    connection: &Connection,
    kind: KindId,
    id: &str,
    facts: &[Fact],
) -> Result<Vec<Hit>, MirrorError> {
    let mut related: Vec<Hit> = Vec::new();
    let mut add = |kind: KindId, other: &str| -> Result<(), MirrorError> {
        if other != id
            && !related.iter().any(|known| known.id == other)
            && let Some(hit) = hit(connection, kind, other)?
        {
            related.push(hit);
        }
        Ok(())
    };
    for fact in facts {
        if let Value::Reference { object, id } = &fact.value
            && let Some(kind) = kind_of(connection, KindId::of_object(object), id)?
        {
            add(kind, id)?;
        }
    }
    for link in LINKS.iter().filter(|link| link.of == kind) {
        let mut others = connection.prepare_cached(link.sql)?;
        let others = others.query_map([id], |row| row.get(0))?.collect::<Result<Vec<Option<String>>, _>>()?;
        for other in others.into_iter().flatten() {
            add(link.to, &other)?;
        }
    }
    if kind == kinds::CUSTOMER {
        for (kind, payment) in payments_of(connection, id, PAYMENTS)? {
            add(kind, &payment)?;
        }
    }
    Ok(related)
}
