//! Past sales: newest first, page by page along `seq`, searched by receipt number, amount, last digits of a card or
//! words of a line. Every way of searching walks an index backwards from the cursor, so that a page costs the same
//! whatever the number of sales.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};
use tillbook_money::{Currency, from_decimal};

use super::record;
use super::record::SaleRecord;
use crate::day;
use crate::payment::record as payments;
use crate::refund::record as refunds;
use crate::view::{PaymentState, Reason, Right, SaleRow, SalesPage, SalesQuery, Tender};
use crate::{Signed, Till, TillError};

const MOST: u32 = 200;

/// Bounds along `seq` and days, common to all ways of searching.
struct Range {
    /// First place that is wanted.
    from_seq: i64,
    /// Place behind the last that is wanted.
    below_seq: i64,
    from_day: String,
    to_day: String,
    limit: i64,
}

impl Till {
    /// Past sales that match, newest first.
    pub fn sales(&self, by: &Signed, query: &SalesQuery) -> Result<SalesPage, TillError> {
        self.authorise(by, Right::SeeSales)?;
        for (field, value) in [("from_day", &query.from_day), ("to_day", &query.to_day)] {
            if let Some(value) = value {
                day::check_date(field, value)?;
            }
        }
        let below = match &query.cursor {
            None => i64::MAX,
            Some(cursor) => cursor
                .parse()
                .map_err(|_| TillError::invalid("cursor", Reason::Page, "ask for the first page again"))?,
        };
        let limit = query.limit.clamp(1, MOST);
        self.read(|db| {
            let Some(range) = range_of(db, query, below, limit)? else { return Ok(empty()) };
            let found = matching(db, query.query.trim(), &range)?;
            page_of(db, found, limit)
        })
    }
}

fn empty() -> SalesPage {
    SalesPage { rows: Vec::new(), next_cursor: None }
}

/// Translates days into places; none if there are no such days.
fn range_of(db: &Connection, query: &SalesQuery, below: i64, limit: u32) -> Result<Option<Range>, TillError> {
    let from_day = query.from_day.clone().unwrap_or_else(|| "0000-00-00".to_owned());
    let to_day = query.to_day.clone().unwrap_or_else(|| "9999-99-99".to_owned());
    let (first, last): (Option<i64>, Option<i64>) = db
        .prepare_cached(
            "SELECT min(first_seq), max(last_seq) FROM business_day WHERE day >= ?1 AND day < ?2",
        )?
        .query_row(params![from_day, to_day], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (Some(first), Some(last)) = (first, last) else { return Ok(None) };
    Ok(Some(Range {
        from_seq: first,
        below_seq: below.min(last.saturating_add(1)),
        from_day,
        to_day,
        limit: i64::from(limit).saturating_add(1),
    }))
}

/// Conditions on the sale that every way shares; the parameters are those of [`Range::values`].
const IN_RANGE: &str = "s.seq >= ?1 AND s.seq < ?2 AND s.business_date >= ?3 AND s.business_date < ?4
     AND NOT (s.state = 'open' AND s.units = 0)";

impl Range {
    fn values(&self, more: Vec<Value>) -> Vec<Value> {
        let mut values = vec![
            Value::Integer(self.from_seq),
            Value::Integer(self.below_seq),
            Value::Text(self.from_day.clone()),
            Value::Text(self.to_day.clone()),
            Value::Integer(self.limit),
        ];
        values.extend(more);
        values
    }
}

/// The newest sales that match in any way, each once.
fn matching(db: &Connection, text: &str, range: &Range) -> Result<Vec<SaleRecord>, TillError> {
    let columns = record::COLUMNS;
    if text.is_empty() {
        let sql = format!("SELECT {columns} FROM sale s WHERE {IN_RANGE} ORDER BY s.seq DESC LIMIT ?5");
        return collect(db, &sql, range.values(Vec::new()));
    }
    let mut found = BTreeMap::new();
    let mut add = |rows: Vec<SaleRecord>| {
        for row in rows {
            found.insert(std::cmp::Reverse(row.seq), row);
        }
    };
    let digits_only = text.strip_prefix('#').unwrap_or(text);
    if let Ok(number) = digits_only.parse::<i64>() {
        let sql = format!(
            "SELECT {columns} FROM sale s WHERE s.number = ?6 AND {IN_RANGE} ORDER BY s.seq DESC LIMIT ?5"
        );
        add(collect(db, &sql, range.values(vec![Value::Integer(number)]))?);
    }
    for total in amounts(db, text)? {
        let sql = format!(
            "SELECT {columns} FROM sale s WHERE s.total_minor = ?6 AND {IN_RANGE} ORDER BY s.seq DESC LIMIT ?5"
        );
        add(collect(db, &sql, range.values(vec![Value::Integer(total)]))?);
    }
    if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        let sql = format!(
            "SELECT DISTINCT {columns} FROM attempt a JOIN sale s ON s.seq = a.sale_seq
             WHERE a.card_last4 = ?6 AND a.sale_seq >= ?1 AND a.sale_seq < ?2 AND {IN_RANGE}
             ORDER BY a.sale_seq DESC LIMIT ?5"
        );
        add(collect(db, &sql, range.values(vec![Value::Text(text.to_owned())]))?);
    }
    if let Some(words) = words_query(text) {
        let sql = format!(
            "SELECT {columns} FROM sale_words JOIN sale s ON s.seq = sale_words.rowid
             WHERE sale_words MATCH ?6 AND sale_words.rowid >= ?1 AND sale_words.rowid < ?2 AND {IN_RANGE}
             ORDER BY sale_words.rowid DESC LIMIT ?5"
        );
        add(collect(db, &sql, range.values(vec![Value::Text(words)]))?);
    }
    let limit = usize::try_from(range.limit).unwrap_or(usize::MAX);
    Ok(found.into_values().take(limit).collect())
}

fn collect(db: &Connection, sql: &str, values: Vec<Value>) -> Result<Vec<SaleRecord>, TillError> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params_from_iter(values), record::from_row)?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

/// The amount somebody wrote, in the currency of the shop; a comma is taken for the decimal mark too.
fn amounts(db: &Connection, text: &str) -> Result<Vec<i64>, TillError> {
    let code: Option<String> =
        rusqlite::OptionalExtension::optional(
            db.query_row("SELECT currency FROM shop", [], |row| row.get(0)),
        )?;
    let Some(currency) = code.and_then(|code| Currency::parse(&code).ok()) else { return Ok(Vec::new()) };
    let plain = text.trim_matches(|c: char| !c.is_ascii_digit()).replace(',', ".");
    Ok(from_decimal(&plain, currency).ok().map(|amount| amount.minor).into_iter().collect())
}

/// Letters of a word that are compared: those that the index has lists for.
const LETTERS: usize = 8;

/// The words as a search for the beginnings of words, all of which have to be there.
fn words_query(text: &str) -> Option<String> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(8)
        .map(|word| format!("\"{}\"*", word.chars().take(LETTERS).collect::<String>()))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn page_of(db: &Connection, mut found: Vec<SaleRecord>, limit: u32) -> Result<SalesPage, TillError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = if more { found.last().map(|sale| sale.seq.to_string()) } else { None };
    let rows = found.into_iter().map(|sale| row_of(db, sale)).collect::<Result<Vec<_>, _>>()?;
    Ok(SalesPage { rows, next_cursor })
}

fn row_of(db: &Connection, sale: SaleRecord) -> Result<SaleRow, TillError> {
    let attempts = payments::of_sale(db, sale.seq)?;
    let refunds = refunds::of_sale(db, sale.seq)?;
    let sums = super::read::Sums::of(&sale, &attempts, &refunds);
    let state = super::read::state_of(&sale, &attempts, &sums);
    let tenders = attempts
        .iter()
        .filter(|attempt| attempt.state == PaymentState::Paid)
        .map(|attempt| match (attempt.tender, &attempt.card_brand, &attempt.card_last4) {
            (Tender::Cash, _, _) => "cash".to_owned(),
            (Tender::Card, Some(brand), Some(last4)) => format!("{brand} •{last4}"),
            (Tender::Card, _, _) => "card".to_owned(),
        })
        .collect();
    Ok(SaleRow {
        id: sale.id,
        number: sale.number,
        state,
        opened_at_ms: sale.opened_at_ms,
        business_date: sale.business_date,
        staff: sale.staff_name,
        summary: sale.summary,
        units: sale.units,
        total_minor: sale.total_minor,
        refunded_minor: sums.refunded,
        tenders,
        currency: sale.currency,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_so_that_no_syntax_gets_through() {
        assert_eq!(words_query("flat white").as_deref(), Some("\"flat\"* \"white\"*"));
        assert_eq!(words_query("a\" OR b*)").as_deref(), Some("\"a\"* \"OR\"* \"b\"*"));
        assert_eq!(words_query("  --- "), None);
        assert_eq!(words_query("Pumpernickel").as_deref(), Some("\"Pumperni\"*"));
    }
}
