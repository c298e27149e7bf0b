//! Money given back: who may, how much of which payment, and how Stripe is asked for it. A refund is an attempt like a
//! payment: written down with its request before Stripe hears of it, and settled by asking.

pub(crate) mod record;
mod settle;
mod spread;

use rusqlite::{Connection, params};
use serde_json::json;
use tillbook_money::{Currency, Money};
use tillbook_stripe::refunds::{self, Create};
use tillbook_stripe::{Metadata, Prepared, Unsendable};

use crate::journal::{self, Entry, Head, kind};
use crate::payment::record as payments;
use crate::payment::step::{self, Owner, StepKind};
use crate::sale::record as sales;
use crate::sale::record::SaleRecord;
use crate::till::Actor;
use crate::view::{Reason, RefundReason, RefundState, Right, Sale, Tender};
use crate::{Clash, Signed, Till, TillError};
pub(crate) use settle::state_notice;
use spread::{Cap, Part, spread};

/// A refund as a person asks for it.
#[derive(Debug, Clone)]
pub struct RefundAsked {
    /// UUIDv7.
    pub sale_id: String,
    /// None: all that can still be given back.
    pub amount_minor: Option<i64>,
    /// Stripe's reason.
    pub reason: RefundReason,
    /// In the shop's own words.
    pub detail: Option<String>,
    /// Where the one signed in may not refund: who allows it.
    pub approver: Option<Approver>,
}

/// Somebody who allows what another asks for, proven by their PIN.
#[derive(Clone)]
pub struct Approver {
    /// Id or name.
    pub staff: String,
    /// Their PIN.
    pub pin: String,
}

impl std::fmt::Debug for Approver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Approver").field("staff", &self.staff).finish_non_exhaustive()
    }
}

/// Longest words of one's own; Stripe keeps 500 characters.
const LONGEST_DETAIL: usize = 300;

impl Till {
    /// Gives money back. Card money goes back to the cards it came from, in order; the rest is cash.
    pub async fn refund(&self, by: &Signed, asked: &RefundAsked) -> Result<Sale, TillError> {
        let (actor, approved_by) = self.who_refunds(by, asked.approver.as_ref())?;
        let detail = checked_detail(asked.detail.as_deref())?;
        let cards = self.write(|tx| {
            let sale = sales::find(tx, &asked.sale_id)?;
            let parts = parts_of(tx, &sale, asked.amount_minor)?;
            let has_card = parts.iter().any(|part| part.tender == Tender::Card);
            if has_card {
                self.client()?;
            }
            let mut cards = Vec::new();
            for part in &parts {
                let new = NewRefund {
                    part,
                    reason: asked.reason,
                    detail: detail.as_deref(),
                    approved_by: &approved_by,
                };
                let id = self.write_refund(tx, &actor, &sale, &new)?;
                if part.tender == Tender::Card {
                    cards.push(id);
                }
            }
            Ok(cards)
        })?;
        for id in &cards {
            self.attend(id);
        }
        self.stop_here("refund_written")?;
        for id in &cards {
            self.send_refund(id).await?;
        }
        self.view_sale(&asked.sale_id)
    }

    /// Who asks, and the name of who allows it.
    fn who_refunds(&self, by: &Signed, approver: Option<&Approver>) -> Result<(Actor, String), TillError> {
        let refused = match self.authorise(by, Right::Refund) {
            Ok(actor) => {
                let name = actor.person()?.name.clone();
                return Ok((actor, name));
            }
            Err(refused) => refused,
        };
        // Asking for a refund is for people who handle money; an accountant changes nothing, whoever stands by.
        let actor = self.authorise(by, Right::TakePayment)?;
        let Some(approver) = approver else { return Err(refused) };
        let allows = self.sign_in(&approver.staff, &approver.pin)?;
        let allows = self.authorise(&allows, Right::Refund)?;
        let name = allows.person()?.name.clone();
        Ok((actor, name))
    }

    /// One part of a refund: the row, for a card its request, and the journal's entry.
    fn write_refund(
        &self,
        tx: &Connection,
        actor: &Actor,
        sale: &SaleRecord,
        new: &NewRefund<'_>,
    ) -> Result<String, TillError> {
        let staff = actor.person()?;
        let now_ms = self.now_ms();
        let id = self.new_id();
        let cash = new.part.tender == Tender::Cash;
        let data = journal::data([
            ("refund_attempt_id", json!(id)),
            ("attempt_id", json!(new.part.attempt_id)),
            ("tender", json!(if cash { "cash" } else { "card" })),
            ("reason", json!(new.reason.as_str())),
            ("detail", json!(new.detail)),
            ("approved_by", json!(new.approved_by)),
        ]);
        let head = self.append(
            tx,
            Entry {
                at_ms: now_ms,
                staff: actor.who(),
                kind: kind::REFUND_STARTED,
                sale_id: Some(&sale.id),
                amount_minor: Some(new.part.amount_minor),
                data,
            },
        )?;
        let state = if cash { RefundState::Succeeded } else { RefundState::Checking };
        tx.prepare_cached(
            "INSERT INTO refund_attempt (id, sale_seq, attempt_id, till_id, origin, tender, amount_minor, currency,
               state, reason, detail, refunded_by, approved_by, journal_seq, journal_head, started_at_ms, ended_at_ms)
             VALUES (?1, ?2, ?3, ?4, 'till', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .execute(params![
            id,
            sale.seq,
            new.part.attempt_id,
            self.till_id(),
            if cash { "cash" } else { "card" },
            new.part.amount_minor,
            sale.currency,
            state.as_str(),
            new.reason.as_str(),
            new.detail,
            staff.name,
            new.approved_by,
            head.seq,
            head.code,
            now_ms,
            cash.then_some(now_ms)
        ])?;
        if !cash {
            let prepared = self.prepare_refund(sale, &staff.name, &id, new, &head)?;
            step::write(tx, Owner::Refund(&id), StepKind::Refund, 1, &prepared, now_ms)?;
        }
        Ok(id)
    }

    fn prepare_refund(
        &self,
        sale: &SaleRecord,
        refunded_by: &str,
        id: &str,
        new: &NewRefund<'_>,
        head: &Head,
    ) -> Result<Prepared, TillError> {
        let metadata = Metadata::new()
            .with("refunded_by", refunded_by)
            .with("approved_by", new.approved_by)
            .with("reason_detail", new.detail.unwrap_or(new.reason.as_str()))
            .with("refund_attempt_id", id)
            .with("sale_id", &sale.id)
            .with("till_id", self.till_id())
            .with("journal_seq", head.seq)
            .with("journal_head", &head.code);
        let create = Create {
            payment_intent: new.part.payment_intent.clone(),
            amount: Some(new.part.amount_minor),
            reason: Some(refunds::Reason::from(new.reason.as_str())),
            metadata,
            ..Create::default()
        };
        create.prepare(&self.new_id()).map_err(|refused| match refused {
            Unsendable::Metadata(_) => TillError::invalid(
                "detail",
                Reason::CardNumberInText,
                "leave card numbers and keys out of the reason",
            ),
            other => TillError::internal(other),
        })
    }
}

struct NewRefund<'a> {
    part: &'a Part,
    reason: RefundReason,
    detail: Option<&'a str>,
    approved_by: &'a str,
}

/// What of which payment is given back.
fn parts_of(tx: &Connection, sale: &SaleRecord, amount_minor: Option<i64>) -> Result<Vec<Part>, TillError> {
    if sales::has_open_payment(tx, sale.seq)? {
        return Err(Clash::PaymentOpen.into());
    }
    let caps = caps_of(tx, sale.seq)?;
    let most = caps.iter().fold(0_i64, |sum, cap| sum.saturating_add(cap.left_minor));
    if most == 0 {
        return Err(Clash::NothingToRefund.into());
    }
    let currency = Currency::parse(&sale.currency)?;
    let amount = Money::new(amount_minor.unwrap_or(most), currency);
    if amount.minor < 1 || amount.minor > most {
        let most = crate::money_text(most, currency.code());
        return Err(TillError::invalid(
            "amount_minor",
            Reason::RefundAmount,
            format!("between nothing and {most} can be given back"),
        ));
    }
    if !amount.is_payable_step() {
        return Err(TillError::invalid(
            "amount_minor",
            Reason::AmountTooFine,
            "the amount is finer than this currency can be paid in",
        ));
    }
    Ok(spread(amount.minor, &caps))
}

/// What can still be given back of each payment of a sale.
fn caps_of(tx: &Connection, sale_seq: i64) -> Result<Vec<Cap>, TillError> {
    let refunds = record::of_sale(tx, sale_seq)?;
    let attempts = payments::of_sale(tx, sale_seq)?;
    Ok(attempts
        .into_iter()
        .map(|attempt| {
            let back = refunds
                .iter()
                .filter(|refund| refund.attempt_id == attempt.id && refund.counts())
                .fold(0_i64, |sum, refund| sum.saturating_add(refund.amount_minor));
            Cap {
                left_minor: attempt.received_minor.saturating_sub(back).max(0),
                attempt_id: attempt.id,
                tender: attempt.tender,
                payment_intent: attempt.payment_intent,
            }
        })
        .collect())
}

fn checked_detail(detail: Option<&str>) -> Result<Option<String>, TillError> {
    let Some(detail) = detail.map(str::trim).filter(|detail| !detail.is_empty()) else { return Ok(None) };
    if detail.chars().count() > LONGEST_DETAIL || detail.chars().any(|c| c.is_control() && c != '\n') {
        return Err(TillError::invalid(
            "detail",
            Reason::TextTooLong,
            "write the reason in at most 300 characters",
        ));
    }
    if crate::card_like::looks_like_card(detail) {
        return Err(TillError::invalid(
            "detail",
            Reason::CardNumberInText,
            "leave card numbers out of the reason",
        ));
    }
    Ok(Some(detail.to_owned()))
}
