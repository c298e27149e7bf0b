//! What happened at Stripe without this till: a refund in the dashboard, one that failed days later, a payment that
//! was found. The mirror's change log is followed; the position is stored with what was done about it, and the mirror is
//! told, which forgets what was taken. Where it has forgotten what was not, every payment is looked at.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;
use tillbook_mirror::{Change, Changes, ChargeRow, PaymentIntentRow, RefundRow};
use tillbook_stripe::payment_intents::Status;

use crate::catalogue::set_card;
use crate::journal::{self, Entry, kind};
use crate::payment::record as payments;
use crate::payment::record::Attempt;
use crate::refund::{record as refunds, state_notice};
use crate::sale::record as sales;
use crate::view::{PaymentState, RefundReason, RefundState};
use crate::{Till, TillError};

/// Under this name the mirror knows how far it was followed.
const FOLLOWER: &str = "till";
/// Changes looked at together.
const PAGE: usize = 1000;
/// Pages without news for this till after which the position is written all the same.
const PAGES_AT_ONCE: u32 = 100;

/// News that a till can do something about.
enum News {
    Payment(PaymentIntentRow),
    Charge(ChargeRow),
    Refund(RefundRow),
}

impl Till {
    /// Takes in what the mirror has learned since the last time. Call it after each synchronisation. Says how many
    /// changes concerned this till's sales.
    pub async fn follow_mirror(&self) -> Result<u64, TillError> {
        let newest = self.mirror().position()?;
        let (mut from, has_cards) = self.read(|db| Ok((followed(db)?, has_cards(db)?)))?;
        if !has_cards {
            // Nothing at Stripe can be about this till yet: a first backfill is not read through for nothing.
            if newest != from {
                self.write(|tx| set_followed(tx, newest))?;
            }
            self.mirror().taken(FOLLOWER, newest)?;
            return Ok(0);
        }
        let (mut done, mut pages_unwritten) = (0_u64, 0_u32);
        loop {
            let changes = match self.mirror().changes_for(FOLLOWER, from, PAGE)? {
                Changes::Since(changes) => changes,
                Changes::Forgotten { newest } => {
                    done = done.saturating_add(self.look_at_every_payment().await?);
                    self.take_page(&[], Some(newest)).await?;
                    from = newest;
                    continue;
                }
            };
            let Some(last) = changes.last().map(|change| change.position) else { break };
            let news = self.read_news(&changes)?;
            from = last;
            pages_unwritten = pages_unwritten.saturating_add(1);
            if !news.is_empty() || pages_unwritten >= PAGES_AT_ONCE || changes.len() < PAGE {
                done = done.saturating_add(self.take_page(&news, Some(last)).await?);
                pages_unwritten = 0;
            }
            if changes.len() < PAGE {
                break;
            }
        }
        Ok(done)
    }

    /// A copy of `till.db` was put back, or the mirror was made anew: what happened since is found at the payments, as if
    /// everything at Stripe about them had changed just now.
    async fn look_at_every_payment(&self) -> Result<u64, TillError> {
        tracing::info!("the mirror's changes are not known that far back; every card payment is looked at");
        let (mut done, mut after) = (0_u64, String::new());
        loop {
            let page = self.read(|db| cards_after(db, &after))?;
            let Some(last) = page.last() else { return Ok(done) };
            after.clone_from(&last.id);
            let mut news = Vec::new();
            for card in page {
                news.extend(self.read_card(&card)?);
            }
            done = done.saturating_add(self.take_page(&news, None).await?);
        }
    }

    fn read_card(&self, card: &Card) -> Result<Vec<News>, TillError> {
        let mirror = self.mirror();
        let intents = match &card.payment_intent {
            Some(id) => mirror.payment_intent(id)?.into_iter().collect(),
            None => mirror.payment_intents_by_attempt(&card.id)?,
        };
        let mut news = Vec::new();
        for intent in intents {
            news.extend(mirror.refunds_of(&intent.id)?.into_iter().map(News::Refund));
            news.push(News::Payment(intent));
        }
        if let Some(charge) = &card.charge {
            news.extend(mirror.charge(charge)?.map(News::Charge));
        }
        Ok(news)
    }

    /// What concerns this till and how far the log was followed, in one transaction.
    async fn take_page(&self, news: &[News], position: Option<i64>) -> Result<u64, TillError> {
        let mut found = Vec::new();
        let applied = self.write(|tx| {
            let mut applied = 0_u64;
            for item in news {
                applied = applied.saturating_add(u64::from(self.take_in(tx, item, &mut found)?));
            }
            if let Some(position) = position {
                set_followed(tx, position)?;
            }
            Ok(applied)
        })?;
        if let Some(position) = position {
            self.mirror().taken(FOLLOWER, position)?;
        }
        self.take_found_payments(&found).await;
        Ok(applied)
    }

    fn read_news(&self, changes: &[Change]) -> Result<Vec<News>, TillError> {
        let mut news = Vec::new();
        for change in changes {
            // The objects are read here, outside of the till's transaction; most are nobody's and are dropped.
            let found = match change.object {
                "payment_intent" => self.mirror().payment_intent(&change.id)?.map(News::Payment),
                "charge" => self.mirror().charge(&change.id)?.map(News::Charge),
                "refund" => self.mirror().refund(&change.id)?.map(News::Refund),
                _ => None,
            };
            if let Some(found) = found
                && self.concerns_us(&found)?
            {
                news.push(found);
            }
        }
        Ok(news)
    }

    fn concerns_us(&self, news: &News) -> Result<bool, TillError> {
        self.read(|db| {
            Ok(match news {
                News::Payment(row) => self.attempt_of(db, row)?.is_some(),
                News::Charge(row) => row
                    .payment_intent
                    .as_deref()
                    .map_or(Ok(None), |id| payments::find_by_intent(db, id))?
                    .is_some(),
                News::Refund(row) => row
                    .payment_intent
                    .as_deref()
                    .map_or(Ok(None), |id| payments::find_by_intent(db, id))?
                    .is_some(),
            })
        })
    }

    fn take_in(
        &self,
        tx: &Connection,
        news: &News,
        to_settle: &mut Vec<(String, String)>,
    ) -> Result<bool, TillError> {
        match news {
            News::Payment(row) => {
                // Only a payment that was closed here and is paid there is news: open ones are settled by asking.
                let succeeded = row.status.as_deref() == Some(Status::Succeeded.as_str());
                let attempt = self.attempt_of(tx, row)?;
                match attempt {
                    Some(attempt) if succeeded && attempt.state == PaymentState::Canceled => {
                        to_settle.push((attempt.id, row.id.clone()));
                        Ok(true)
                    }
                    _ => Ok(false),
                }
            }
            News::Charge(row) => take_charge(tx, row),
            News::Refund(row) => self.take_refund_news(tx, row),
        }
    }

    fn attempt_of(&self, tx: &Connection, row: &PaymentIntentRow) -> Result<Option<Attempt>, TillError> {
        if let Some(attempt) = payments::find_by_intent(tx, &row.id)? {
            return Ok(Some(attempt));
        }
        // One whose id was never learned: its metadata names the attempt.
        match row.attempt_id.as_deref() {
            Some(id) if row.till_id.as_deref() == Some(self.till_id()) => match payments::find(tx, id) {
                Ok(attempt) if attempt.payment_intent.is_none() => Ok(Some(attempt)),
                Ok(_) | Err(TillError::NotFound { .. }) => Ok(None),
                Err(error) => Err(error),
            },
            _ => Ok(None),
        }
    }

    /// A payment closed as unpaid that Stripe was paid for all the same: Stripe is asked itself, then it counts.
    async fn take_found_payments(&self, found: &[(String, String)]) {
        for (attempt_id, intent_id) in found {
            let Ok(intent) = self.look_at_intent(intent_id).await else { continue };
            if intent.status == Status::Succeeded
                && let Err(error) = self.write_paid(attempt_id, &intent)
            {
                tracing::error!(%error, %attempt_id, "a payment that was found at Stripe could not be written");
            }
        }
    }

    fn take_refund_news(&self, tx: &Connection, row: &RefundRow) -> Result<bool, TillError> {
        let state = RefundState::parse(row.status.as_deref().unwrap_or_default());
        let why = state_notice(state, row.failure_reason.as_deref());
        let known = match refunds::find_by_refund(tx, &row.id)? {
            Some(known) => Some(known),
            None => match row.refund_attempt_id.as_deref() {
                Some(id) => match refunds::find(tx, id) {
                    Ok(known) => Some(known),
                    Err(TillError::NotFound { .. }) => None,
                    Err(error) => return Err(error),
                },
                None => None,
            },
        };
        if let Some(known) = known {
            let changed = known.state != state || known.refund.as_deref() != Some(row.id.as_str());
            self.set_refund(tx, &known.id, state, Some(&row.id), why.as_ref())?;
            return Ok(changed);
        }
        let Some(intent) = row.payment_intent.as_deref() else { return Ok(false) };
        let Some(attempt) = payments::find_by_intent(tx, intent)? else { return Ok(false) };
        self.insert_foreign_refund(tx, &attempt, row, state)?;
        Ok(true)
    }

    /// A refund that somebody else asked Stripe for.
    fn insert_foreign_refund(
        &self,
        tx: &Connection,
        attempt: &Attempt,
        row: &RefundRow,
        state: RefundState,
    ) -> Result<(), TillError> {
        let amount = row.amount.unwrap_or_default();
        if amount < 1 {
            return Ok(());
        }
        let sale = sales::find_by_seq(tx, attempt.sale_seq)?;
        let now_ms = self.now_ms();
        let id = self.new_id();
        let data = journal::data([
            ("refund_attempt_id", json!(id)),
            ("refund", json!(row.id)),
            ("attempt_id", json!(attempt.id)),
            ("state", json!(state.as_str())),
        ]);
        let head = self.append(
            tx,
            Entry {
                at_ms: now_ms,
                staff: None,
                kind: kind::REFUND_ELSEWHERE,
                sale_id: Some(&sale.id),
                amount_minor: Some(amount),
                data,
            },
        )?;
        let reason =
            row.reason.as_deref().and_then(RefundReason::parse).unwrap_or(RefundReason::RequestedByCustomer);
        let notice = state_notice(state, row.failure_reason.as_deref());
        tx.prepare_cached(
            "INSERT INTO refund_attempt (id, sale_seq, attempt_id, till_id, origin, tender, amount_minor, currency,
               state, reason, refund, refunded_by, approved_by, notice_code, notice_text, journal_seq, journal_head,
               started_at_ms, ended_at_ms)
             VALUES (?1, ?2, ?3, ?4, 'stripe', 'card', ?5, ?6, ?7, ?8, ?9, 'Stripe', 'Stripe', ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            id,
            attempt.sale_seq,
            attempt.id,
            self.till_id(),
            amount,
            attempt.currency,
            state.as_str(),
            reason.as_str(),
            row.id,
            notice.as_ref().map(|notice| &notice.code),
            notice.as_ref().map(|notice| &notice.text),
            head.seq,
            head.code,
            row.created.saturating_mul(1000),
            now_ms
        ])?;
        Ok(())
    }
}

fn followed(db: &Connection) -> Result<i64, TillError> {
    Ok(db
        .prepare_cached("SELECT position FROM mirror_followed WHERE id = 1")?
        .query_row([], |row| row.get(0))
        .optional()?
        .unwrap_or(0))
}

fn set_followed(tx: &Connection, position: i64) -> Result<(), TillError> {
    tx.prepare_cached(
        "INSERT INTO mirror_followed (id, position) VALUES (1, ?1)
         ON CONFLICT (id) DO UPDATE SET position = excluded.position",
    )?
    .execute([position])?;
    Ok(())
}

/// A card payment, as far as Stripe's records are found by it.
struct Card {
    id: String,
    payment_intent: Option<String>,
    charge: Option<String>,
}

/// Some card payments, by their ids.
fn cards_after(db: &Connection, after: &str) -> Result<Vec<Card>, TillError> {
    let mut cards = db.prepare_cached(
        "SELECT id, payment_intent, charge FROM attempt WHERE tender = 'card' AND id > ?1 ORDER BY id LIMIT ?2",
    )?;
    let rows = cards.query_map(params![after, i64::try_from(PAGE).unwrap_or(i64::MAX)], |row| {
        Ok(Card { id: row.get(0)?, payment_intent: row.get(1)?, charge: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn has_cards(db: &Connection) -> Result<bool, TillError> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM attempt WHERE tender = 'card')")?
        .query_row([], |row| row.get(0))?)
}

/// Brand and last digits of a payment that was received.
fn take_charge(tx: &Connection, row: &ChargeRow) -> Result<bool, TillError> {
    let found: Option<(String, Option<String>)> = tx
        .prepare_cached("SELECT id, card_last4 FROM attempt WHERE charge = ?1")?
        .query_row([&row.id], |found| Ok((found.get(0)?, found.get(1)?)))
        .optional()?;
    match found {
        Some((id, last4)) if last4.is_none() && row.last4.is_some() => {
            set_card(tx, &id, row.brand.as_deref(), row.last4.as_deref())?;
            Ok(true)
        }
        _ => Ok(false),
    }
}
