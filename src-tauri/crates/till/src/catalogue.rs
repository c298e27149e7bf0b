//! What can be sold, and what the mirror knows about readers and cards. Everything read from the mirror's tables
//! comes in here; nothing of it is trusted to say that money moved.

use std::time::Duration;

use tillbook_mirror::{CatalogueQuery, CatalogueRow};
use tillbook_stripe::Reply;

use crate::card_like::looks_like_card;
use crate::view::{CatalogueItem, CataloguePage, Category, Reader, Reason, Right, ScanOutcome};
use crate::{Clash, Signed, Till, TillError};

/// Nobody waits longer for what is comfort.
const LEARN_WITHIN: Duration = Duration::from_secs(5);
/// A scan longer than this is no code of anything.
const LONGEST_CODE: usize = 200;

impl Till {
    /// Items that match, in the shop's currency.
    pub fn catalogue(
        &self,
        by: &Signed,
        query: &str,
        category: Option<&str>,
        offset: u32,
        limit: u32,
    ) -> Result<CataloguePage, TillError> {
        self.authorise(by, Right::Sell)?;
        let asked = CatalogueQuery {
            query: query.chars().take(LONGEST_CODE).collect(),
            category: category.map(ToOwned::to_owned),
            currency: self.shop_currency()?,
            offset,
            limit: limit.clamp(1, 200),
        };
        let (rows, total) = self.mirror().catalogue_search(&asked)?;
        Ok(CataloguePage { items: rows.into_iter().map(item_of).collect(), total })
    }

    /// The categories of what can be sold.
    pub fn categories(&self, by: &Signed) -> Result<Vec<Category>, TillError> {
        self.authorise(by, Right::Sell)?;
        let rows = self.mirror().categories(&self.shop_currency()?)?;
        Ok(rows.into_iter().map(|row| Category { name: row.name, items: row.items }).collect())
    }

    /// The card readers there are.
    pub fn readers(&self, by: &Signed) -> Result<Vec<Reader>, TillError> {
        self.authorise(by, Right::TakePayment)?;
        self.known_readers()
    }

    /// Adds what was scanned to the sale. Exact codes of the catalogue go first, because a case's code has 14 digits
    /// too; what is not in it and looks like a payment card is discarded: not shown, not stored, not logged.
    pub fn scan(&self, by: &Signed, code: &str) -> Result<ScanOutcome, TillError> {
        self.authorise(by, Right::Sell)?;
        let code = code.trim_matches(|c: char| c.is_whitespace() || c.is_control());
        if code.is_empty() {
            return Err(TillError::invalid("code", Reason::NothingScanned, "nothing was scanned"));
        }
        if code.len() > LONGEST_CODE {
            // Whatever it is, it is not shown back.
            return Ok(ScanOutcome::Discarded);
        }
        let Some(row) = self.mirror().item_by_code(code, &self.shop_currency()?)? else {
            return Ok(if looks_like_card(code) {
                ScanOutcome::Discarded
            } else {
                ScanOutcome::Unknown { code: code.to_owned() }
            });
        };
        let sale = self.sale_add(by, &row.price_id, 1)?;
        let line_id = sale
            .lines
            .iter()
            .find(|line| line.price_id == row.price_id)
            .map(|line| line.id.clone())
            .ok_or_else(|| TillError::internal("the scanned line is gone"))?;
        Ok(ScanOutcome::Added { line_id, name: row.name, sale })
    }

    /// An item by its price's id, lookup key, barcode or SKU; for callers that name what they sell.
    pub fn item(&self, by: &Signed, code: &str) -> Result<Option<CatalogueItem>, TillError> {
        self.authorise(by, Right::Sell)?;
        let found = match self.mirror().item(code)? {
            Some(row) => Some(row),
            None => self.mirror().item_by_code(code, &self.shop_currency()?)?,
        };
        Ok(found.map(item_of))
    }

    /// What a price says now, if it can be sold here.
    pub(crate) fn sellable(&self, price_id: &str) -> Result<CatalogueItem, TillError> {
        let row =
            self.mirror().item(price_id)?.ok_or(TillError::NotFound { what: "item in the catalogue" })?;
        let currency = self.shop_currency()?;
        if row.currency != currency {
            return Err(TillError::invalid(
                "price_id",
                Reason::ItemCurrency,
                format!("{} is priced in {}, this till sells in {currency}", row.name, row.currency),
            ));
        }
        Ok(item_of(row))
    }

    fn shop_currency(&self) -> Result<String, TillError> {
        Ok(self.shop()?.ok_or(Clash::NotSetUp)?.currency)
    }

    pub(crate) fn known_readers(&self) -> Result<Vec<Reader>, TillError> {
        let rows = self.mirror().readers()?;
        Ok(rows
            .into_iter()
            .map(|row| Reader {
                label: row.label.unwrap_or_else(|| row.id.clone()),
                id: row.id,
                online: row.status.as_deref() == Some("online"),
                simulated: row.device_type.is_some_and(|kind| kind.starts_with("simulated")),
            })
            .collect())
    }

    /// Stripe's fee for a charge, once its balance transaction is mirrored.
    pub(crate) fn fee_of(&self, charge: &str) -> Option<i64> {
        let charge = self.mirror().charge(charge).ok().flatten()?;
        let transaction = self.mirror().balance_transaction(&charge.balance_transaction?).ok().flatten()?;
        Some(transaction.fee)
    }

    /// Hands an answer of Stripe's to the mirror. A mirror that cannot take it now gets it by its events.
    pub(crate) fn give_to_mirror(&self, reply: &Reply) {
        let as_of_ms = reply.date_s.map_or_else(|| self.now_ms(), |date_s| date_s.saturating_mul(1000));
        if let Err(error) = self.mirror().take(&reply.body, as_of_ms) {
            tracing::warn!(%error, "the mirror could not take an answer; it will come by an event");
        }
    }

    /// Learns brand, last four digits and fee of a payment that was received. Comfort, not truth: whatever fails here
    /// comes with the next synchronisation.
    pub(crate) async fn learn_card(&self, attempt_id: &str) {
        match tokio::time::timeout(LEARN_WITHIN, self.try_learn_card(attempt_id)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::info!(%error, "the card of a payment is not known yet"),
            Err(_) => tracing::info!("Stripe is slow; the card of a payment is not known yet"),
        }
    }

    async fn try_learn_card(&self, attempt_id: &str) -> Result<(), TillError> {
        let client = self.client()?.clone();
        let attempt = self.read(|db| crate::payment::record::find(db, attempt_id))?;
        let Some(charge_id) = attempt.charge else { return Ok(()) };
        self.mirror().fetch(&client, "charges", &charge_id).await?;
        let Some(charge) = self.mirror().charge(&charge_id)? else { return Ok(()) };
        self.write(|tx| set_card(tx, attempt_id, charge.brand.as_deref(), charge.last4.as_deref()))?;
        if let Some(transaction) = charge.balance_transaction {
            self.mirror().fetch(&client, "balance_transactions", &transaction).await?;
        }
        Ok(())
    }
}

/// Writes down what may be shown of a card.
pub(crate) fn set_card(
    tx: &rusqlite::Connection,
    attempt_id: &str,
    brand: Option<&str>,
    last4: Option<&str>,
) -> Result<(), TillError> {
    tx.prepare_cached(
        "UPDATE attempt SET card_brand = coalesce(?2, card_brand), card_last4 = coalesce(?3, card_last4) WHERE id = ?1",
    )?
    .execute(rusqlite::params![attempt_id, brand, last4])?;
    Ok(())
}

fn item_of(row: CatalogueRow) -> CatalogueItem {
    CatalogueItem {
        price_id: row.price_id,
        product_id: row.product_id,
        lookup_key: row.lookup_key,
        name: row.name,
        category: row.category,
        sku: row.sku,
        barcode: row.barcode,
        colour: row.colour,
        unit_amount_minor: row.unit_amount,
        currency: row.currency,
    }
}
