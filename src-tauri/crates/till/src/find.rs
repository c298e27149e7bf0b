//! Looking things up among Stripe's records: who may, what days mean in this shop, and which records are sales of this
//! till. What looks like a payment card is not looked for at all.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension};
use tillbook_mirror::{Fact, Hit, Hits, Record, SearchQuery, Searched, Value};

use crate::card_like::looks_like_card;
use crate::payment::record as payments;
use crate::typed_day::Calendar;
use crate::view::{FactValue, FindInput, FindKind, FindPage, FindRow, RecordFact, RecordView, Right};
use crate::{Signed, Till, TillError, day};

/// A list is no longer.
const ROWS_LIMIT: u32 = 200;
/// Receipts have no longer numbers.
const NUMBER_DIGITS: usize = 9;
/// Tills that share an account may each have a receipt of that number.
const SALES_LIMIT: i64 = 10;

impl Till {
    /// Stripe's records that match what was typed, the newest first.
    pub fn find(&self, by: &Signed, asked: &FindInput) -> Result<FindPage, TillError> {
        self.authorise(by, Right::SeeSales)?;
        let text = plain(&asked.text);
        if looks_like_card(&text) && !is_uuid(text.trim()) {
            // A card swiped into the box: it gets nowhere.
            return Ok(FindPage { rows: Vec::new(), more: false, unindexed: self.mirror().index_behind()? });
        }
        let kind = asked.kind.map(searched);
        let query = SearchQuery {
            sales: self.sales_numbered(&text, kind)?,
            text: text.clone(),
            created: None,
            kind,
            limit: asked.limit.clamp(1, ROWS_LIMIT),
        };
        let mut found = Hits::default();
        if let Some(day) = self.calendar()?.find(&text) {
            let query = SearchQuery { text: day.rest, created: Some(day.created), ..query.clone() };
            found = self.mirror().search(&query)?;
        }
        // A day on which nothing happened may have been no day.
        if found.hits.is_empty() {
            found = self.mirror().search(&query)?;
        }
        Ok(FindPage { rows: self.rows(found.hits)?, more: found.more, unindexed: found.behind })
    }

    /// One of Stripe's records, with what belongs to it. Its JSON is for who may export.
    pub fn record(&self, by: &Signed, id: &str) -> Result<RecordView, TillError> {
        self.authorise(by, Right::SeeSales)?;
        let may_export = self.authorise(by, Right::Export).is_ok();
        let found = self.mirror().record(id.trim())?;
        let Record { hit, as_of, deleted, facts, related, json } =
            found.ok_or(TillError::NotFound { what: "record of Stripe's" })?;
        let row = self.rows(vec![hit])?.pop().ok_or_else(|| TillError::internal("a record without a row"))?;
        Ok(RecordView {
            row,
            as_of_ms: as_of.saturating_mul(1000),
            deleted,
            facts: facts.into_iter().map(fact).collect(),
            related: self.rows(related)?,
            json: json.filter(|_| may_export),
        })
    }

    /// How the shop writes days; before it is set up, as UTC has them.
    fn calendar(&self) -> Result<Calendar, TillError> {
        let shop = self.shop()?;
        let (zone, locale) = match &shop {
            Some(shop) => (day::zone(&shop.time_zone)?, shop.locale.as_str()),
            None => (TimeZone::UTC, ""),
        };
        Ok(Calendar::new(zone, locale, self.now_ms()))
    }

    /// The sales whose receipts have this number.
    fn sales_numbered(&self, text: &str, kind: Option<Searched>) -> Result<Vec<String>, TillError> {
        let number = text.trim().trim_start_matches('#');
        let is_number =
            (1..=NUMBER_DIGITS).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || !matches!(kind, None | Some(Searched::Payments)) {
            return Ok(Vec::new());
        }
        let number: i64 = number.parse().map_err(TillError::internal)?;
        self.read(|db| {
            let mut sales =
                db.prepare_cached("SELECT id FROM sale WHERE number = ?1 ORDER BY seq DESC LIMIT ?2")?;
            let ids = sales.query_map([number, SALES_LIMIT], |row| row.get(0))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    fn rows(&self, hits: Vec<Hit>) -> Result<Vec<FindRow>, TillError> {
        self.read(|db| {
            let mut known = BTreeMap::new();
            hits.into_iter()
                .map(|hit| {
                    let sale_id = match (&hit.payment_intent, &hit.sale_id) {
                        (None, None) => None,
                        (intent, sale) => {
                            let key = (intent.clone(), sale.clone());
                            match known.get(&key) {
                                Some(sale) => Option::<String>::clone(sale),
                                None => {
                                    let found = sale_of(db, intent.as_deref(), sale.as_deref())?;
                                    known.insert(key, found.clone());
                                    found
                                }
                            }
                        }
                    };
                    Ok(row(hit, sale_id))
                })
                .collect()
        })
    }
}

/// The sale of this till that a payment was taken for; metadata is believed only where it names one.
fn sale_of(
    db: &Connection,
    payment_intent: Option<&str>,
    sale_id: Option<&str>,
) -> Result<Option<String>, TillError> {
    if let Some(intent) = payment_intent
        && let Some(attempt) = payments::find_by_intent(db, intent)?
    {
        return Ok(Some(payments::sale_id_of(db, &attempt.id)?));
    }
    let Some(sale_id) = sale_id else { return Ok(None) };
    let mut known = db.prepare_cached("SELECT id FROM sale WHERE id = ?1")?;
    Ok(known.query_row([sale_id], |row| row.get(0)).optional()?)
}

fn searched(kind: FindKind) -> Searched {
    match kind {
        FindKind::Payment => Searched::Payments,
        FindKind::Customer => Searched::Customers,
        FindKind::Invoice => Searched::Invoices,
        FindKind::Product => Searched::Products,
    }
}

/// With digits, spaces and dashes of other scripts as those of ASCII, and without letters that nobody sees: a card or a
/// day hides behind none of them.
fn plain(text: &str) -> String {
    let digit = |letter: char, zero: u32| char::from_digit(u32::from(letter).saturating_sub(zero), 10);
    text.chars()
        .filter(|letter| !matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}'))
        .map(|letter| match letter {
            '\u{660}'..='\u{669}' => digit(letter, 0x660).unwrap_or(letter),
            '\u{6F0}'..='\u{6F9}' => digit(letter, 0x6F0).unwrap_or(letter),
            '\u{FF10}'..='\u{FF19}' => digit(letter, 0xFF10).unwrap_or(letter),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            letter if letter.is_whitespace() => ' ',
            letter => letter,
        })
        .collect()
}

/// A sale's id may have as many digits as a card.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn row(hit: Hit, sale_id: Option<String>) -> FindRow {
    FindRow {
        object: hit.object,
        id: hit.id,
        created_ms: hit.created.map(|second| second.saturating_mul(1000)),
        title: hit.title,
        detail: hit.detail,
        amount_minor: hit.amount,
        currency: hit.currency,
        status: hit.status,
        brand: hit.brand,
        last4: hit.last4,
        sale_id,
    }
}

fn fact(fact: Fact) -> RecordFact {
    let value = match fact.value {
        Value::Text(text) => FactValue::Text { text },
        Value::Money { minor, currency } => FactValue::Money { minor, currency },
        Value::TimeMs(ms) => FactValue::Time { ms },
        Value::Day(second) => FactValue::Day { ms: second.saturating_mul(1000) },
        Value::Flag(on) => FactValue::Flag { on },
        Value::Number(number) => FactValue::Number { number },
        Value::Reference { object, id } => FactValue::Reference { object, id },
        Value::State(state) => FactValue::State { state },
    };
    RecordFact { name: fact.name.to_owned(), value }
}
