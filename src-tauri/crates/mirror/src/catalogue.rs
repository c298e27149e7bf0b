//! What can be sold, kept in memory for search as you type: active prices of active products with a fixed amount. It is
//! read once and then follows the change log.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row};

use crate::row::{CatalogueRow, CategoryRow};
use crate::{MirrorError, log};

/// More changes than this and everything is read again.
const FOLLOW_LIMIT: usize = 2000;

/// What to look for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogueQuery {
    /// Words; an item matches when each is part of its name, SKU, barcode, lookup key or category.
    pub query: String,
    /// Only this category; the empty one means products without.
    pub category: Option<String>,
    /// Lower-case ISO code.
    pub currency: String,
    /// Matches to skip.
    pub offset: u32,
    /// Matches to answer.
    pub limit: u32,
}

const SELECT: &str = "
    SELECT p.id, q.id, p.lookup_key, q.name, q.category, q.sku, q.barcode, q.colour, p.unit_amount, p.currency
    FROM price p JOIN product q ON q.id = p.product
    WHERE p.deleted = 0 AND q.deleted = 0 AND p.active = 1 AND q.active = 1 AND p.unit_amount IS NOT NULL
      AND p.currency IS NOT NULL AND p.recurring_interval IS NULL ";

fn catalogue_row(row: &Row<'_>) -> rusqlite::Result<CatalogueRow> {
    Ok(CatalogueRow {
        price_id: row.get(0)?,
        product_id: row.get(1)?,
        lookup_key: row.get(2)?,
        name: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
        category: row.get(4)?,
        sku: row.get(5)?,
        barcode: row.get(6)?,
        colour: row.get(7)?,
        unit_amount: row.get(8)?,
        currency: row.get(9)?,
    })
}

fn first(connection: &Connection, and: &str, values: &[&str]) -> Result<Option<CatalogueRow>, MirrorError> {
    let sql = format!("{SELECT}{and}");
    let params = rusqlite::params_from_iter(values);
    Ok(connection.prepare_cached(&sql)?.query_row(params, catalogue_row).optional()?)
}

/// What can be sold under a price.
pub(crate) fn item(connection: &Connection, price_id: &str) -> Result<Option<CatalogueRow>, MirrorError> {
    first(connection, "AND p.id = ?1", &[price_id])
}

/// Barcode before SKU before lookup key. Where a product has several prices, its default one.
pub(crate) fn item_by_code(
    connection: &Connection,
    code: &str,
    currency: &str,
) -> Result<Option<CatalogueRow>, MirrorError> {
    let code = code.trim();
    if code.is_empty() {
        return Ok(None);
    }
    let rank = "AND p.currency = ?2 ORDER BY p.id = q.default_price DESC, p.created DESC, p.id LIMIT 1";
    // The same article reads as UPC-A (12 digits) or as EAN-13 (a zero before it), whatever the scanner is set to.
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    let twin = match code.len() {
        12 if digits => Some(format!("0{code}")),
        13 if digits => code.strip_prefix('0').map(str::to_owned),
        _ => None,
    };
    for barcode in [Some(code), twin.as_deref()].into_iter().flatten() {
        if let Some(found) = first(connection, &format!("AND q.barcode = ?1 {rank}"), &[barcode, currency])? {
            return Ok(Some(found));
        }
    }
    if let Some(found) = first(connection, &format!("AND q.sku = ?1 {rank}"), &[code, currency])? {
        return Ok(Some(found));
    }
    first(connection, &format!("AND p.lookup_key = ?1 {rank}"), &[code, currency])
}

struct Item {
    row: CatalogueRow,
    name: String,
    words: String,
}

impl Item {
    fn new(row: CatalogueRow) -> Arc<Item> {
        let name = row.name.to_lowercase();
        let parts = [&row.sku, &row.barcode, &row.lookup_key, &row.category];
        let mut words = name.clone();
        for part in parts.into_iter().flatten() {
            words.push('\n');
            words.push_str(&part.to_lowercase());
        }
        Arc::new(Item { row, name, words })
    }
}

/// The items, by name, as of a position in the change log.
#[derive(Default)]
pub(crate) struct Catalogue {
    position: Option<i64>,
    items: Vec<Arc<Item>>,
}

impl Catalogue {
    /// Brings the items to what the connection sees.
    pub(crate) fn catch_up(&mut self, connection: &Connection) -> Result<(), MirrorError> {
        let newest = log::newest_position(connection)?;
        match self.position {
            Some(position) if position == newest => return Ok(()),
            // Whoever has not looked for long finds a log that has forgotten: everything is read again.
            Some(position) if newest > position && log::reaches(connection, position)? => {
                let changes = log::changes_since(connection, position, FOLLOW_LIMIT)?;
                if changes.len() < FOLLOW_LIMIT {
                    self.follow(connection, &changes)?;
                } else {
                    self.load(connection)?;
                }
            }
            _ => self.load(connection)?,
        }
        self.position = Some(newest);
        Ok(())
    }

    fn load(&mut self, connection: &Connection) -> Result<(), MirrorError> {
        self.items.clear();
        let mut statement = connection.prepare_cached(SELECT)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            self.items.push(Item::new(catalogue_row(row)?));
        }
        self.sort();
        Ok(())
    }

    fn follow(&mut self, connection: &Connection, changes: &[log::Change]) -> Result<(), MirrorError> {
        let ids_of = |object| -> HashSet<&str> {
            changes.iter().filter(|change| change.object == object).map(|change| change.id.as_str()).collect()
        };
        let (products, mut prices) = (ids_of("product"), ids_of("price"));
        if products.is_empty() && prices.is_empty() {
            return Ok(());
        }
        self.items.retain(|item| {
            !products.contains(item.row.product_id.as_str()) && !prices.contains(item.row.price_id.as_str())
        });
        let mut of_product = connection.prepare_cached(&format!("{SELECT}AND p.product = ?1"))?;
        for product in products {
            for row in of_product.query_map([product], catalogue_row)? {
                let row = row?;
                prices.remove(row.price_id.as_str());
                self.items.push(Item::new(row));
            }
        }
        for price in prices {
            self.items.extend(item(connection, price)?.map(Item::new));
        }
        self.sort();
        Ok(())
    }

    fn sort(&mut self) {
        self.items.sort_by(|a, b| {
            (&a.name, a.row.unit_amount, &a.row.price_id).cmp(&(&b.name, b.row.unit_amount, &b.row.price_id))
        });
    }

    /// Names that begin with the query come first, then the other matches, each by name.
    pub(crate) fn search(&self, query: &CatalogueQuery) -> (Vec<CatalogueRow>, u32) {
        let wanted = query.query.trim().to_lowercase();
        let words: Vec<&str> = wanted.split_whitespace().collect();
        let matches = |item: &&Arc<Item>| {
            item.row.currency == query.currency
                && query
                    .category
                    .as_ref()
                    .is_none_or(|c| item.row.category.as_deref().unwrap_or_default() == c)
                && words.iter().all(|word| item.words.contains(word))
        };
        let found: Vec<&Arc<Item>> = self.items.iter().filter(matches).collect();
        let total = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let (begin, rest): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|item| item.name.starts_with(&wanted));
        let page = begin
            .into_iter()
            .chain(rest)
            .skip(query.offset as usize)
            .take(query.limit as usize)
            .map(|item| item.row.clone())
            .collect();
        (page, total)
    }

    pub(crate) fn categories(&self, currency: &str) -> Vec<CategoryRow> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for item in self.items.iter().filter(|item| item.row.currency == currency) {
            *counts.entry(item.row.category.as_deref().unwrap_or_default()).or_default() += 1;
        }
        counts.into_iter().map(|(name, items)| CategoryRow { name: name.to_owned(), items }).collect()
    }
}
