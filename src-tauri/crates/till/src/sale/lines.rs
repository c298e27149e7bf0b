//! The lines of a sale. Prices come from the catalogue, never from whoever asks.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;
use tillbook_money::{Currency, Money};

use super::record::{self, SaleRecord};
use crate::journal::{self, Entry, kind};
use crate::till::Actor;
use crate::view::{CatalogueItem, Reason};
use crate::{Till, TillError};

const MOST: i64 = 9999;
/// What a program that counts in 53-bit numbers can still show to the cent.
const LARGEST_TOTAL_MINOR: i64 = 9_007_199_254_740_991;

/// 1 to 9999.
pub(crate) fn check_quantity(quantity: i64) -> Result<(), TillError> {
    if (1..=MOST).contains(&quantity) {
        Ok(())
    } else {
        Err(TillError::invalid("quantity", Reason::Quantity, "the quantity must be between 1 and 9999"))
    }
}

struct KeptLine {
    id: String,
    quantity: i64,
    unit_minor: i64,
    name: String,
    sale_seq: i64,
}

impl Till {
    /// Adds to the line of this price, or makes one. Returns the line's id.
    pub(crate) fn add_line(
        &self,
        tx: &Connection,
        sale: &SaleRecord,
        item: &CatalogueItem,
        quantity: i64,
    ) -> Result<String, TillError> {
        sale.check_unpaid(tx)?;
        if item.currency != sale.currency {
            return Err(TillError::invalid(
                "price_id",
                Reason::ItemCurrency,
                format!("{} is priced in {}", item.name, item.currency),
            ));
        }
        let found = tx
            .prepare_cached("SELECT id, quantity FROM sale_line WHERE sale_seq = ?1 AND price_id = ?2")?
            .query_row(params![sale.seq, item.price_id], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
            })
            .optional()?;
        let id = match found {
            Some((id, before)) => {
                let now = before.checked_add(quantity).unwrap_or(i64::MAX);
                check_quantity(now)?;
                let total = line_total(item.unit_amount_minor, now, &sale.currency)?;
                tx.prepare_cached("UPDATE sale_line SET quantity = ?2, total_minor = ?3 WHERE id = ?1")?
                    .execute(params![id, now, total])?;
                id
            }
            None => self.insert_line(tx, sale, item, quantity)?,
        };
        refresh(tx, sale)?;
        Ok(id)
    }

    fn insert_line(
        &self,
        tx: &Connection,
        sale: &SaleRecord,
        item: &CatalogueItem,
        quantity: i64,
    ) -> Result<String, TillError> {
        let id = self.new_id();
        let total = line_total(item.unit_amount_minor, quantity, &sale.currency)?;
        tx.prepare_cached(
            "INSERT INTO sale_line (id, sale_seq, position, price_id, product_id, name, lookup_key,
                                    unit_amount_minor, quantity, total_minor)
             VALUES (?1, ?2, (SELECT coalesce(max(position), 0) + 1 FROM sale_line WHERE sale_seq = ?2),
                     ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            id,
            sale.seq,
            item.price_id,
            item.product_id,
            item.name,
            item.lookup_key,
            item.unit_amount_minor,
            quantity,
            total
        ])?;
        Ok(id)
    }

    /// Returns the sale's id.
    pub(crate) fn set_quantity(
        &self,
        tx: &Connection,
        actor: &Actor,
        line_id: &str,
        quantity: i64,
    ) -> Result<String, TillError> {
        let line = find_line(tx, line_id)?;
        let sale = record::find_by_seq(tx, line.sale_seq)?;
        sale.check_unpaid(tx)?;
        if quantity == 0 {
            tx.prepare_cached("DELETE FROM sale_line WHERE id = ?1")?.execute([&line.id])?;
        } else {
            let total = line_total(line.unit_minor, quantity, &sale.currency)?;
            tx.prepare_cached("UPDATE sale_line SET quantity = ?2, total_minor = ?3 WHERE id = ?1")?
                .execute(params![line.id, quantity, total])?;
        }
        refresh(tx, &sale)?;
        // Taking goods out after ringing them up is the oldest way of stealing at a till, so it is remembered.
        if quantity < line.quantity {
            let taken = line.quantity.saturating_sub(quantity);
            let data = journal::data([
                ("name", json!(line.name)),
                ("from", json!(line.quantity)),
                ("to", json!(quantity)),
            ]);
            self.append(
                tx,
                Entry {
                    at_ms: self.now_ms(),
                    staff: actor.who(),
                    kind: kind::LINE_REDUCED,
                    sale_id: Some(&sale.id),
                    amount_minor: Some(line_total(line.unit_minor, taken, &sale.currency)?),
                    data,
                },
            )?;
        }
        Ok(sale.id)
    }
}

fn find_line(tx: &Connection, id: &str) -> Result<KeptLine, TillError> {
    tx.prepare_cached("SELECT id, quantity, unit_amount_minor, name, sale_seq FROM sale_line WHERE id = ?1")?
        .query_row([id], |row| {
            Ok(KeptLine {
                id: row.get(0)?,
                quantity: row.get(1)?,
                unit_minor: row.get(2)?,
                name: row.get(3)?,
                sale_seq: row.get(4)?,
            })
        })
        .optional()?
        .ok_or(TillError::NotFound { what: "line" })
}

fn line_total(unit_minor: i64, quantity: i64, currency: &str) -> Result<i64, TillError> {
    Ok(Money::new(unit_minor, Currency::parse(currency)?).times(quantity)?.minor)
}

/// Sums the lines up again and writes what lists and searches read.
fn refresh(tx: &Connection, sale: &SaleRecord) -> Result<(), TillError> {
    let currency = Currency::parse(&sale.currency)?;
    let mut total = Money::zero(currency);
    let mut units: i64 = 0;
    let mut names: Vec<String> = Vec::new();
    let mut found = tx.prepare_cached(
        "SELECT name, quantity, total_minor FROM sale_line WHERE sale_seq = ?1 ORDER BY position",
    )?;
    let mut rows = found.query([sale.seq])?;
    while let Some(row) = rows.next()? {
        names.push(row.get(0)?);
        units = units.saturating_add(row.get(1)?);
        total = total.plus(Money::new(row.get(2)?, currency))?;
    }
    if total.minor > LARGEST_TOTAL_MINOR {
        return Err(TillError::invalid("quantity", Reason::SaleTooLarge, "the sale is too large; split it"));
    }
    tx.prepare_cached("UPDATE sale SET total_minor = ?2, units = ?3, summary = ?4 WHERE seq = ?1")?
        .execute(params![sale.seq, total.minor, units, summary(&names)])?;
    tx.prepare_cached("DELETE FROM sale_words WHERE rowid = ?1")?.execute([sale.seq])?;
    tx.prepare_cached("INSERT INTO sale_words (rowid, words) VALUES (?1, ?2)")?
        .execute(params![sale.seq, names.join(" ")])?;
    Ok(())
}

/// Names of the first lines, for recognition.
fn summary(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let mut text = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(SHOWN);
    if more > 0 {
        text.push_str(&format!(" +{more}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_bounds() {
        for bad in [i64::MIN, -1, 0, 10_000, i64::MAX] {
            assert!(check_quantity(bad).is_err(), "{bad}");
        }
        assert!(check_quantity(1).is_ok() && check_quantity(9999).is_ok());
    }

    #[test]
    fn a_total_that_does_not_fit_is_refused_not_wrapped() {
        assert!(line_total(i64::MAX, 2, "usd").is_err());
        assert_eq!(line_total(350, 3, "usd").unwrap(), 1050);
    }

    #[test]
    fn a_summary_names_the_first_lines() {
        let names: Vec<String> = ["A", "B", "C", "D", "E"].iter().map(ToString::to_string).collect();
        assert_eq!(summary(&names), "A, B, C +2");
        assert_eq!(summary(&names[..1]), "A");
        assert_eq!(summary(&[]), "");
    }
}
