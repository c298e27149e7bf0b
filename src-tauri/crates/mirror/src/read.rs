//! Typed reads. Each is one statement on an index; none parses JSON but [`Mirror::show`].

use rusqlite::{Connection, OptionalExtension, Params, Row};

use crate::kind::KindId;
use crate::kinds;
pub(crate) use crate::log::{changes_since, newest_position};
use crate::row::{
    BalanceTransactionRow, CatalogueRow, CategoryRow, ChargeRow, PaymentIntentRow, PriceRow, ReaderRow,
    RefundRow, Shown,
};
use crate::{CatalogueQuery, Mirror, MirrorError, sql};

fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    of: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, MirrorError> {
    Ok(connection.prepare_cached(sql)?.query_row(params, of).optional()?)
}

fn many<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    of: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, MirrorError> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params, of)?.collect::<Result<Vec<T>, _>>()?;
    Ok(rows)
}

/// `SELECT columns FROM table WHERE deleted = 0 AND …` of a row type.
macro_rules! select {
    ($row:ident, $rest:literal) => {
        &format!("SELECT {}{}WHERE deleted = 0 AND {}", $row::COLUMNS, $row::FROM, $rest)
    };
}

impl Mirror {
    pub(crate) fn read<T>(
        &self,
        f: impl FnOnce(&Connection) -> Result<T, MirrorError>,
    ) -> Result<T, MirrorError> {
        self.inner.store.mirror.read(f)
    }

    /// An object as mirrored, whatever its kind; the tables are asked in turn, likely ones by the id's prefix first.
    pub fn show(&self, id: &str) -> Result<Option<Shown>, MirrorError> {
        self.read(|connection| {
            for kind in by_prefix(id) {
                let found: Option<(bool, Vec<u8>)> =
                    one(connection, &sql::of(kind).raw, [id], |row| Ok((row.get(0)?, row.get(1)?)))?;
                let Some((deleted, raw)) = found else { continue };
                if deleted {
                    let object = kind.kind().object.to_owned();
                    return Ok(Some(Shown::Tombstone { id: id.to_owned(), object }));
                }
                return Ok(Some(Shown::Object(self.inner.dictionaries.unpack(connection, id, &raw)?)));
            }
            Ok(None)
        })
    }

    /// The active price of that lookup key.
    pub fn price_by_lookup_key(&self, lookup_key: &str) -> Result<Option<PriceRow>, MirrorError> {
        let sql = select!(PriceRow, "lookup_key = ?1 ORDER BY active DESC, created DESC LIMIT 1");
        self.read(|connection| one(connection, sql, [lookup_key], PriceRow::of))
    }

    /// What can be sold under a price.
    pub fn item(&self, price_id: &str) -> Result<Option<CatalogueRow>, MirrorError> {
        self.read(|connection| crate::catalogue::item(connection, price_id))
    }

    /// What a scanned code names: a product's barcode or SKU, or a price's lookup key.
    pub fn item_by_code(&self, code: &str, currency: &str) -> Result<Option<CatalogueRow>, MirrorError> {
        self.read(|connection| crate::catalogue::item_by_code(connection, code, currency))
    }

    /// A page of what can be sold, and how much matches in all.
    pub fn catalogue_search(&self, query: &CatalogueQuery) -> Result<(Vec<CatalogueRow>, u32), MirrorError> {
        let mut catalogue = self.inner.catalogue.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.read(|connection| catalogue.catch_up(connection))?;
        Ok(catalogue.search(query))
    }

    /// The categories of what can be sold in a currency, by name.
    pub fn categories(&self, currency: &str) -> Result<Vec<CategoryRow>, MirrorError> {
        let mut catalogue = self.inner.catalogue.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.read(|connection| catalogue.catch_up(connection))?;
        Ok(catalogue.categories(currency))
    }

    /// Every card reader, by label.
    pub fn readers(&self) -> Result<Vec<ReaderRow>, MirrorError> {
        let sql = select!(ReaderRow, "1 ORDER BY label, id");
        self.read(|connection| many(connection, sql, [], ReaderRow::of))
    }

    /// A card reader.
    pub fn reader(&self, id: &str) -> Result<Option<ReaderRow>, MirrorError> {
        self.read(|connection| one(connection, select!(ReaderRow, "id = ?1"), [id], ReaderRow::of))
    }

    /// A PaymentIntent.
    pub fn payment_intent(&self, id: &str) -> Result<Option<PaymentIntentRow>, MirrorError> {
        self.read(|connection| {
            one(connection, select!(PaymentIntentRow, "id = ?1"), [id], PaymentIntentRow::of)
        })
    }

    /// The PaymentIntents whose first metadata named this attempt, oldest first.
    pub fn payment_intents_by_attempt(&self, attempt_id: &str) -> Result<Vec<PaymentIntentRow>, MirrorError> {
        let sql = select!(PaymentIntentRow, "attempt_id = ?1 ORDER BY created, id");
        self.read(|connection| many(connection, sql, [attempt_id], PaymentIntentRow::of))
    }

    /// A charge.
    pub fn charge(&self, id: &str) -> Result<Option<ChargeRow>, MirrorError> {
        self.read(|connection| one(connection, select!(ChargeRow, "id = ?1"), [id], ChargeRow::of))
    }

    /// A refund.
    pub fn refund(&self, id: &str) -> Result<Option<RefundRow>, MirrorError> {
        self.read(|connection| one(connection, select!(RefundRow, "id = ?1"), [id], RefundRow::of))
    }

    /// The refunds of a PaymentIntent, oldest first.
    pub fn refunds_of(&self, payment_intent: &str) -> Result<Vec<RefundRow>, MirrorError> {
        let sql = select!(RefundRow, "payment_intent = ?1 ORDER BY created, id");
        self.read(|connection| many(connection, sql, [payment_intent], RefundRow::of))
    }

    /// A balance transaction.
    pub fn balance_transaction(&self, id: &str) -> Result<Option<BalanceTransactionRow>, MirrorError> {
        let sql = format!("{}WHERE t.deleted = 0 AND t.id = ?1", BalanceTransactionRow::SELECT);
        self.read(|connection| one(connection, &sql, [id], BalanceTransactionRow::of))
    }

    /// Hands the balance transactions of a half-open time (seconds) to `f`, one by one, ordered by creation and id, all of
    /// one moment of the mirror.
    pub fn balance_transactions_between<E: From<MirrorError>>(
        &self,
        from: i64,
        to: i64,
        mut f: impl FnMut(BalanceTransactionRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = format!(
            "{}WHERE t.deleted = 0 AND t.created >= ?1 AND t.created < ?2 ORDER BY t.created, t.id",
            BalanceTransactionRow::SELECT
        );
        let mut refused = None;
        let outcome = self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([from, to])?;
            while let Some(row) = rows.next()? {
                if let Err(error) = f(BalanceTransactionRow::of(row)?) {
                    refused = Some(error);
                    break;
                }
            }
            Ok(())
        });
        match refused {
            Some(error) => Err(error),
            None => outcome.map_err(E::from),
        }
    }
}

/// Every kind, those first whose ids begin like this one.
pub(crate) fn by_prefix(id: &str) -> Vec<KindId> {
    let prefix = id.split('_').next().unwrap_or_default();
    let likely = match prefix {
        "acct" => Some(kinds::ACCOUNT),
        "cus" => Some(kinds::CUSTOMER),
        "pi" => Some(kinds::PAYMENT_INTENT),
        "ch" | "py" => Some(kinds::CHARGE),
        "re" | "pyr" => Some(kinds::REFUND),
        "txn" => Some(kinds::BALANCE_TRANSACTION),
        "evt" => Some(kinds::EVENT),
        "prod" => Some(kinds::PRODUCT),
        "price" => Some(kinds::PRICE),
        "tmr" => Some(kinds::READER),
        _ => None,
    };
    likely.into_iter().chain(KindId::all().filter(|kind| Some(*kind) != likely)).collect()
}
