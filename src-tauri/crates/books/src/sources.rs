//! Where rows come from: Stripe's balance transactions out of the mirror and the till's own cash, merged into one order
//! (second of creation, id), a row at a time.

use std::io::Write;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Rows};
use tillbook_mirror::BalanceTransactionRow;
use tillbook_till::House;

use crate::sheet::{Row, Sheet};
use crate::{BooksError, Period};

/// Cash that moved at this till. `ended` is when it did.
const CASH: &str = "
  SELECT a.id, a.ended_at_ms / 1000 AS created, 'cash_payment', a.currency, a.received_minor, s.id, s.number, a.staff_name
  FROM attempt a JOIN sale s ON s.seq = a.sale_seq
  WHERE a.tender = 'cash' AND a.state = 'paid' AND a.ended_at_ms >= ?1 AND a.ended_at_ms < ?2
  UNION ALL
  SELECT r.id, coalesce(r.ended_at_ms, r.started_at_ms) / 1000, 'cash_refund', r.currency, -r.amount_minor, s.id,
         s.number, r.refunded_by
  FROM refund_attempt r JOIN sale s ON s.seq = r.sale_seq
  WHERE r.tender = 'cash' AND r.state = 'succeeded'
    AND coalesce(r.ended_at_ms, r.started_at_ms) >= ?1 AND coalesce(r.ended_at_ms, r.started_at_ms) < ?2
  ORDER BY 2, 1";

/// What the till knows of a card payment.
const PAYMENT: &str = "
  SELECT s.id, s.number, a.staff_name FROM attempt a JOIN sale s ON s.seq = a.sale_seq WHERE a.payment_intent = ?1";

/// What the till knows of a refund to a card.
const REFUND: &str = "
  SELECT s.id, s.number, r.refunded_by FROM refund_attempt r JOIN sale s ON s.seq = r.sale_seq WHERE r.refund = ?1";

/// Writes every row of the period. Each file is read as of one moment.
pub fn write_rows<W: Write>(house: &House, period: &Period, sheet: &mut Sheet<W>) -> Result<(), BooksError> {
    house.store.till.read(|till| {
        let mut cash_rows = till.prepare_cached(CASH)?;
        let mut cash = Cash::of(cash_rows.query([period.from_ms(), period.to_ms()])?)?;
        let mut known = Known::of(till)?;
        // Zones are whole seconds from UTC, so the bounds are too.
        let (from_s, to_s) = (period.from_ms().div_euclid(1000), period.to_ms().div_euclid(1000));
        house.mirror.balance_transactions_between(from_s, to_s, |transaction| {
            cash.write_before((transaction.created, &transaction.id), sheet)?;
            write_transaction(&transaction, &mut known, sheet)
        })?;
        cash.write_rest(sheet)
    })
}

fn write_transaction<W: Write>(
    transaction: &BalanceTransactionRow,
    known: &mut Known<'_>,
    sheet: &mut Sheet<W>,
) -> Result<(), BooksError> {
    let by_till = known.of_source(transaction)?;
    let sale_id = by_till.as_ref().map(|fact| fact.sale_id.as_str()).or(transaction.sale_id.as_deref());
    sheet.write(&Row {
        id: &transaction.id,
        created_s: transaction.created,
        available_on_s: transaction.available_on,
        kind: &transaction.kind,
        reporting_category: text(&transaction.reporting_category),
        currency: &transaction.currency,
        gross_minor: transaction.amount,
        fee_minor: transaction.fee,
        net_minor: transaction.net,
        description: text(&transaction.description),
        source_id: text(&transaction.source),
        charge_id: text(&transaction.charge),
        payment_intent_id: text(&transaction.payment_intent),
        sale_id: sale_id.unwrap_or_default(),
        receipt_no: by_till.as_ref().map(|fact| fact.receipt_no),
        staff: by_till.as_ref().map_or("", |fact| &fact.staff),
        tender: if transaction.charge.is_some() { "card" } else { "" },
        card_brand: text(&transaction.brand),
        last4: text(&transaction.last4),
    })
}

fn text(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

/// Whose sale it was.
struct Fact {
    sale_id: String,
    receipt_no: i64,
    staff: String,
}

/// What this till knows of Stripe's payments and refunds.
struct Known<'db> {
    payment: CachedStatement<'db>,
    refund: CachedStatement<'db>,
}

impl<'db> Known<'db> {
    fn of(till: &'db Connection) -> Result<Known<'db>, BooksError> {
        Ok(Known { payment: till.prepare_cached(PAYMENT)?, refund: till.prepare_cached(REFUND)? })
    }

    /// A refund names who gave the money back; everything else on a payment, who took it.
    fn of_source(&mut self, transaction: &BalanceTransactionRow) -> Result<Option<Fact>, BooksError> {
        let fact = |row: &rusqlite::Row<'_>| {
            Ok(Fact { sale_id: row.get(0)?, receipt_no: row.get(1)?, staff: row.get(2)? })
        };
        let Some(intent) = &transaction.payment_intent else { return Ok(None) };
        if let Some(source) =
            transaction.source.as_ref().filter(|id| id.contains("re_") || id.starts_with("pyr_"))
            && let Some(refunded) = self.refund.query_row([source], fact).optional()?
        {
            return Ok(Some(refunded));
        }
        Ok(self.payment.query_row([intent], fact).optional()?)
    }
}

/// The till's cash, looked at one row ahead.
struct Cash<'stmt> {
    rows: Rows<'stmt>,
    next: Option<CashRow>,
}

struct CashRow {
    id: String,
    created_s: i64,
    kind: String,
    currency: String,
    amount_minor: i64,
    sale_id: String,
    receipt_no: i64,
    staff: String,
}

impl<'stmt> Cash<'stmt> {
    fn of(rows: Rows<'stmt>) -> Result<Cash<'stmt>, BooksError> {
        let mut cash = Cash { rows, next: None };
        cash.advance()?;
        Ok(cash)
    }

    fn advance(&mut self) -> Result<(), BooksError> {
        self.next = match self.rows.next()? {
            Some(row) => Some(CashRow {
                id: row.get(0)?,
                created_s: row.get(1)?,
                kind: row.get(2)?,
                currency: row.get(3)?,
                amount_minor: row.get(4)?,
                sale_id: row.get(5)?,
                receipt_no: row.get(6)?,
                staff: row.get(7)?,
            }),
            None => None,
        };
        Ok(())
    }

    fn write_before<W: Write>(&mut self, place: (i64, &str), sheet: &mut Sheet<W>) -> Result<(), BooksError> {
        while self.next.as_ref().is_some_and(|cash| (cash.created_s, cash.id.as_str()) < place) {
            self.write_next(sheet)?;
        }
        Ok(())
    }

    fn write_rest<W: Write>(&mut self, sheet: &mut Sheet<W>) -> Result<(), BooksError> {
        while self.next.is_some() {
            self.write_next(sheet)?;
        }
        Ok(())
    }

    fn write_next<W: Write>(&mut self, sheet: &mut Sheet<W>) -> Result<(), BooksError> {
        if let Some(cash) = &self.next {
            sheet.write(&Row {
                id: &cash.id,
                created_s: cash.created_s,
                kind: &cash.kind,
                reporting_category: &cash.kind,
                currency: &cash.currency,
                gross_minor: cash.amount_minor,
                net_minor: cash.amount_minor,
                sale_id: &cash.sale_id,
                receipt_no: Some(cash.receipt_no),
                staff: &cash.staff,
                tender: "cash",
                ..Row::default()
            })?;
        }
        self.advance()
    }
}
