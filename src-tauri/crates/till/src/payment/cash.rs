//! Notes and coins: all that is still to be paid, at once, with change.

use rusqlite::{Connection, params};
use serde_json::json;
use tillbook_money::{Currency, Money};

use crate::journal::{self, Entry, kind};
use crate::sale::record::{self, SaleRecord};
use crate::till::Actor;
use crate::view::{Reason, Right, Sale};
use crate::{Clash, Signed, Till, TillError};

impl Till {
    /// Takes what is still to be paid in cash. Never while a card payment of the sale is not final.
    pub fn pay_cash(&self, by: &Signed, sale_id: &str, tendered_minor: i64) -> Result<Sale, TillError> {
        let actor = self.authorise(by, Right::TakePayment)?;
        self.write(|tx| {
            let sale = record::find(tx, sale_id)?;
            sale.check_open(tx)?;
            if sale.units == 0 {
                return Err(Clash::EmptySale.into());
            }
            let currency = Currency::parse(&sale.currency)?;
            let remaining = Money::new(sale.remaining_minor(tx)?, currency);
            let tendered = Money::new(tendered_minor, currency);
            if tendered.minor < remaining.minor {
                let asked = crate::money_text(remaining.minor, currency.code());
                return Err(TillError::invalid(
                    "tendered_minor",
                    Reason::TenderedTooLittle,
                    format!("that is not enough; {asked} are due"),
                ));
            }
            if !tendered.is_payable_step() || tendered.minor > LARGEST_MINOR {
                return Err(TillError::invalid(
                    "tendered_minor",
                    Reason::TenderedNotMoney,
                    "that is not an amount somebody can hand over",
                ));
            }
            let change = tendered.minus(remaining)?;
            self.take_cash(tx, &actor, &sale, remaining, tendered, change)
        })?;
        self.view_sale(sale_id)
    }

    fn take_cash(
        &self,
        tx: &Connection,
        actor: &Actor,
        sale: &SaleRecord,
        due: Money,
        tendered: Money,
        change: Money,
    ) -> Result<(), TillError> {
        let staff = actor.person()?;
        let now_ms = self.now_ms();
        let id = self.new_id();
        let data = journal::data([
            ("attempt_id", json!(id)),
            ("tender", json!("cash")),
            ("tendered_minor", json!(tendered.minor)),
            ("change_minor", json!(change.minor)),
        ]);
        let head = self.append(
            tx,
            Entry {
                at_ms: now_ms,
                staff: actor.who(),
                kind: kind::PAYMENT_RECEIVED,
                sale_id: Some(&sale.id),
                amount_minor: Some(due.minor),
                data,
            },
        )?;
        tx.prepare_cached(
            "INSERT INTO attempt (id, sale_seq, till_id, tender, amount_minor, received_minor, currency, state,
               tendered_minor, change_minor, journal_seq, journal_head, staff_id, staff_name, started_at_ms, ended_at_ms)
             VALUES (?1, ?2, ?3, 'cash', ?4, ?4, ?5, 'paid', ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)",
        )?
        .execute(params![
            id,
            sale.seq,
            self.till_id(),
            due.minor,
            due.currency.code(),
            tendered.minor,
            change.minor,
            head.seq,
            head.code,
            staff.id,
            staff.name,
            now_ms
        ])?;
        self.close_if_paid(tx, actor, sale)
    }

    /// Closes the sale once its payments cover it.
    pub(crate) fn close_if_paid(
        &self,
        tx: &Connection,
        actor: &Actor,
        sale: &SaleRecord,
    ) -> Result<(), TillError> {
        if sale.remaining_minor(tx)? > 0 {
            return Ok(());
        }
        let now_ms = self.now_ms();
        // A sale that had ended otherwise is paid all the same when Stripe says that it received its money.
        let changed = tx
            .prepare_cached(
                "UPDATE sale SET state = 'paid', closed_at_ms = ?2, parked_at_ms = NULL WHERE seq = ?1 AND state <> 'paid'",
            )?
            .execute(params![sale.seq, now_ms])?;
        if changed == 1 {
            record::clear_current(tx, &sale.id)?;
            self.append(tx, crate::sale::sale_entry(now_ms, actor, kind::SALE_PAID, sale))?;
        }
        Ok(())
    }
}

/// More than fits into any drawer; a slip of the keypad rather than money.
const LARGEST_MINOR: i64 = 1_000_000_000_000;
