//! What a person starts: a card payment, another presentation of it, its end. All of it is written down here; talking
//! to Stripe about it is `drive`'s.

use rusqlite::{Connection, params};
use serde_json::json;
use tillbook_money::{Currency, Money};
use tillbook_stripe::payment_intents::{CaptureMethod, Create};
use tillbook_stripe::{Metadata, Prepared};

use super::outcome::set_state;
use super::record::{self, Attempt};
use super::step::{self, Owner, StepKind};
use crate::journal::{self, Entry, Head, kind};
use crate::sale::record as sales;
use crate::sale::record::SaleRecord;
use crate::till::Actor;
use crate::view::{PaymentState, Reader, Reason, Right, Sale, Staff, Tender};
use crate::{Clash, Signed, Till, TillError};

impl Till {
    /// Writes down a card payment of all that is still to be paid, on this reader, or on the only one there is. Then
    /// [`Till::drive`] it.
    pub fn pay_card_start(
        &self,
        by: &Signed,
        sale_id: &str,
        reader_id: Option<&str>,
    ) -> Result<Sale, TillError> {
        self.start_card(by, sale_id, None, reader_id)
    }

    /// The same for a part of it.
    pub fn pay_card_part_start(
        &self,
        by: &Signed,
        sale_id: &str,
        amount_minor: i64,
        reader_id: Option<&str>,
    ) -> Result<Sale, TillError> {
        self.start_card(by, sale_id, Some(amount_minor), reader_id)
    }

    fn start_card(
        &self,
        by: &Signed,
        sale_id: &str,
        part_minor: Option<i64>,
        reader_id: Option<&str>,
    ) -> Result<Sale, TillError> {
        let actor = self.authorise(by, Right::TakePayment)?;
        self.client()?;
        let workspace = self.workspace_id();
        let id = self.new_id();
        let reader = self.read(|db| {
            // What is wrong with the sale is told before what is wrong with the reader.
            let sale = sales::find(db, sale_id)?;
            card_amount(db, &sale, part_minor).map(|_| ())
        });
        let reader = reader.and_then(|()| self.choose_reader(reader_id))?;
        self.write(|tx| {
            let sale = sales::find(tx, sale_id)?;
            let amount = card_amount(tx, &sale, part_minor)?;
            let new = NewPayment { id: &id, amount, reader: &reader, workspace: &workspace };
            self.write_start(tx, &actor, &sale, &new)
        })?;
        self.attend(&id);
        self.stop_here("payment_started")?;
        self.view_sale(sale_id)
    }

    /// The payment, its first step with key and whole body, and the journal's entry, in one transaction.
    fn write_start(
        &self,
        tx: &Connection,
        actor: &Actor,
        sale: &SaleRecord,
        new: &NewPayment<'_>,
    ) -> Result<(), TillError> {
        let staff = actor.person()?;
        let now_ms = self.now_ms();
        let data = journal::data([
            ("attempt_id", json!(new.id)),
            ("tender", json!("card")),
            ("reader", json!(new.reader.id)),
        ]);
        let head = self.append(
            tx,
            Entry {
                at_ms: now_ms,
                staff: actor.who(),
                kind: kind::PAYMENT_STARTED,
                sale_id: Some(&sale.id),
                amount_minor: Some(new.amount.minor),
                data,
            },
        )?;
        tx.prepare_cached(
            "INSERT INTO attempt (id, sale_seq, till_id, tender, amount_minor, currency, state, reader_id,
               reader_label, journal_seq, journal_head, staff_id, staff_name, started_at_ms)
             VALUES (?1, ?2, ?3, 'card', ?4, ?5, 'starting', ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            new.id,
            sale.seq,
            self.till_id(),
            new.amount.minor,
            sale.currency,
            new.reader.id,
            new.reader.label,
            head.seq,
            head.code,
            staff.id,
            staff.name,
            now_ms
        ])?;
        let prepared = self.prepare_create(sale, staff, new, &head)?;
        step::write(tx, Owner::Attempt(new.id), StepKind::Create, 1, &prepared, now_ms)?;
        Ok(())
    }

    fn prepare_create(
        &self,
        sale: &SaleRecord,
        staff: &Staff,
        new: &NewPayment<'_>,
        head: &Head,
    ) -> Result<Prepared, TillError> {
        let metadata = Metadata::new()
            .with("workspace_id", new.workspace)
            .with("user_id", &staff.id)
            .with("purpose", "counter_sale")
            .with("sale_id", &sale.id)
            .with("attempt_id", new.id)
            .with("till_id", self.till_id())
            .with("journal_seq", head.seq)
            .with("journal_head", &head.code);
        let create = Create {
            amount: new.amount.minor,
            currency: sale.currency.clone(),
            allowed_payment_method_types: vec!["card_present".to_owned()],
            capture_method: Some(CaptureMethod::Automatic),
            description: Some(format!("Sale {}", sale.number)),
            metadata,
            ..Create::default()
        };
        create.prepare(&self.new_id()).map_err(TillError::internal)
    }

    /// Writes down that a declined payment is to be presented again. Then [`Till::drive`] it: nothing is sent before
    /// Stripe shows that it can be paid and that no action of ours is in progress.
    pub fn payment_try_again(&self, by: &Signed, attempt_id: &str) -> Result<Sale, TillError> {
        let actor = self.authorise(by, Right::TakePayment)?;
        let sale_id = self.write(|tx| {
            let attempt = record::find(tx, attempt_id)?;
            check_card(&attempt)?;
            if attempt.state != PaymentState::Declined || attempt.cancel_asked {
                return Err(Clash::PaymentUnderWay.into());
            }
            tx.prepare_cached("UPDATE attempt SET presentation = presentation + 1 WHERE id = ?1")?
                .execute([attempt_id])?;
            set_state(tx, attempt_id, PaymentState::Starting, None)?;
            self.note_wish(tx, &actor, &attempt, kind::PAYMENT_RETRIED)
        })?;
        self.attend(attempt_id);
        self.view_sale(&sale_id)
    }

    /// Ends a payment that is not final: clears the reader, cancels at Stripe, and asks what came of it. It may turn
    /// out to be paid.
    pub async fn payment_cancel(&self, by: &Signed, attempt_id: &str) -> Result<Sale, TillError> {
        let actor = self.authorise(by, Right::TakePayment)?;
        self.write(|tx| {
            let attempt = record::find(tx, attempt_id)?;
            check_card(&attempt)?;
            if attempt.cancel_asked {
                return Ok(());
            }
            tx.prepare_cached("UPDATE attempt SET cancel_asked = 1 WHERE id = ?1")?.execute([attempt_id])?;
            self.note_wish(tx, &actor, &attempt, kind::PAYMENT_CANCEL_ASKED).map(|_| ())
        })?;
        self.inner.nudge.notify_waiters();
        self.stop_here("cancel_asked")?;
        self.drive(attempt_id).await
    }

    fn note_wish(
        &self,
        tx: &Connection,
        actor: &Actor,
        attempt: &Attempt,
        kind: &'static str,
    ) -> Result<String, TillError> {
        let sale = sales::find_by_seq(tx, attempt.sale_seq)?;
        let entry = Entry {
            at_ms: self.now_ms(),
            staff: actor.who(),
            kind,
            sale_id: Some(&sale.id),
            amount_minor: Some(attempt.amount_minor),
            data: journal::data([("attempt_id", json!(attempt.id))]),
        };
        self.append(tx, entry)?;
        Ok(sale.id)
    }
}

struct NewPayment<'a> {
    id: &'a str,
    amount: Money,
    reader: &'a Reader,
    workspace: &'a str,
}

fn check_card(attempt: &Attempt) -> Result<(), TillError> {
    if attempt.tender == Tender::Cash || attempt.state.is_final() {
        return Err(Clash::PaymentEnded.into());
    }
    Ok(())
}

/// What a card is to pay, if the sale is in a state for it.
fn card_amount(db: &Connection, sale: &SaleRecord, part_minor: Option<i64>) -> Result<Money, TillError> {
    sale.check_open(db)?;
    if sale.units == 0 {
        return Err(Clash::EmptySale.into());
    }
    let currency = Currency::parse(&sale.currency)?;
    let remaining = sale.remaining_minor(db)?;
    let amount = Money::new(part_minor.unwrap_or(remaining), currency);
    let smallest = currency.minimum_charge_minor().unwrap_or(1).max(1);
    if amount.minor > remaining {
        return Err(TillError::invalid(
            "amount_minor",
            Reason::MoreThanDue,
            "that is more than is still to be paid",
        ));
    }
    if amount.minor < smallest {
        return Err(TillError::AmountTooSmall {
            minimum_minor: smallest,
            currency: currency.code().to_owned(),
        });
    }
    if amount.minor > currency.maximum_charge_minor() {
        return Err(TillError::AmountTooLarge);
    }
    if !amount.is_payable_step() {
        return Err(TillError::invalid(
            "amount_minor",
            Reason::AmountTooFine,
            "the amount is finer than this currency can be charged in",
        ));
    }
    Ok(amount)
}
