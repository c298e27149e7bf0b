//! What is known of the copy, and how: the chain of polls has no hole, the money adds up to Stripe's balance, and days that
//! are closed were compared once more.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tillbook_stripe::{Client, Error, Form};

use crate::apply::Applier;
use crate::engine::{Aim, Engine};
use crate::kind::KindId;
use crate::kinds;
use crate::line::Line;
use crate::options::Progress;
use crate::range::Range;
use crate::stamp::Stamp;
use crate::state::{self, name};
use crate::writer::note;
use crate::{Found, Mirror, MirrorError, SyncOptions, dirty};

const DAY: i64 = 86_400;
/// A day is closed when it is over everywhere on Earth and Stripe's books had a day to settle.
const CLOSED_AFTER_S: i64 = 2 * DAY;
/// What is compared of a closed day.
const MONEY: &[KindId] = &[
    kinds::PAYMENT_INTENT,
    kinds::CHARGE,
    kinds::REFUND,
    kinds::BALANCE_TRANSACTION,
    kinds::DISPUTE,
    kinds::PAYOUT,
];

/// The sum of one currency, here and at Stripe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceCheck {
    /// Lower-case ISO code.
    pub currency: String,
    /// Sum of `net` of every balance transaction in the mirror.
    pub mirrored_minor: i64,
    /// Pending and available at Stripe.
    pub stripe_minor: i64,
}

/// What was proven.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// When, by Stripe's clock.
    pub at: i64,
    /// Everything below holds.
    pub holds: bool,
    /// Every event up to this time was read, without a hole.
    pub complete_to: Option<i64>,
    /// Every day before this time was compared once more.
    pub audited_to: Option<i64>,
    /// Whether the sums were compared, and what they are. Empty where no two reads saw the same newest transaction, or
    /// the list of balance transactions is not mirrored.
    pub balance: Vec<BalanceCheck>,
    /// What was found to differ since the certificate before this one, and was put right.
    pub healed: Vec<Healed>,
    /// What stands in the way, in words.
    pub doubts: Vec<String>,
}

/// A difference in a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Healed {
    /// Stripe's name of the object's kind.
    pub object: String,
    /// Its id.
    pub id: String,
    /// `missing`, `changed`, `deleted`, `gap`, `balance`.
    pub what: String,
    /// In words.
    pub detail: String,
}

impl From<Found> for Healed {
    fn from(found: Found) -> Healed {
        Healed { object: found.object, id: found.id, what: found.what, detail: found.detail }
    }
}

/// Who is told of a certificate: the till writes it into its journal.
pub trait Witness: Send + Sync {
    /// Takes note. What it answers as an error is given back to whoever asked for the certificate.
    fn certified(&self, certificate: &Certificate) -> Result<(), String>;
}

impl Mirror {
    /// Names who is told of every certificate from now on. The first one named stays.
    pub fn witnessed_by(&self, witness: Arc<dyn Witness>) {
        let _ = self.inner.witness.set(witness);
    }

    /// Checks the copy, heals what differs, and says what is known. `reads` bounds what the comparison of closed days may
    /// cost; what it does not reach is next. A sync does this by itself once a day and after a full pass.
    pub async fn certify(
        &self,
        client: &Client,
        options: &SyncOptions,
        reads: u64,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Certificate, MirrorError> {
        let line = Line::new(&self.inner, client, options);
        let certificate = match self.look_again(&line, options, progress).await {
            Ok(()) => self.certify_on(&line, reads, progress).await,
            Err(error) => Err(error),
        };
        line.book("certificate", 0)?;
        certificate
    }

    pub(crate) async fn certify_on(
        &self,
        line: &Line,
        reads: u64,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Certificate, MirrorError> {
        let told: i64 = self.read(|c| {
            Ok(c.query_row("SELECT coalesce(max(number), 0) FROM difference WHERE told = 1", [], |r| {
                r.get(0)
            })?)
        })?;
        let mut certificate = Certificate::default();
        self.audit_days(line, reads, progress).await?;
        certificate.balance = self.check_balance(line, progress).await?.unwrap_or_default();
        certificate.at = self.inner.last_date().unwrap_or_default();
        self.read(|c| {
            certificate.complete_to = state::get(c, name::COMPLETE_TO)?;
            certificate.audited_to = state::get(c, AUDITED_TO)?;
            if let Some(gap) = state::get::<String>(c, name::GAP)? {
                certificate.doubts.push(format!("a gap in the news is being closed ({gap})"));
            }
            let mut blocked =
                c.prepare_cached("SELECT list, problem_code FROM resource WHERE problem_code IS NOT NULL")?;
            let mut rows = blocked.query([])?;
            while let Some(row) = rows.next()? {
                let (list, code): (String, String) = (row.get(0)?, row.get(1)?);
                if code != "not_offered" {
                    certificate.doubts.push(format!("{list}: {code}"));
                }
            }
            Ok::<(), MirrorError>(())
        })?;
        for check in certificate.balance.iter().filter(|check| check.mirrored_minor != check.stripe_minor) {
            certificate.doubts.push(format!(
                "{}: the transactions add up to {}, Stripe's balance is {}",
                check.currency, check.mirrored_minor, check.stripe_minor
            ));
        }
        certificate.healed = self.differences_since(told)?.into_iter().map(Healed::from).collect();
        certificate.holds = certificate.doubts.is_empty() && certificate.complete_to.is_some();
        let body =
            serde_json::to_string(&certificate).map_err(|error| MirrorError::Broken(error.to_string()))?;
        if let Some(witness) = self.inner.witness.get() {
            witness.certified(&certificate).map_err(MirrorError::Broken)?;
        }
        self.inner.store.mirror.write(|tx| {
            tx.execute(
                "INSERT INTO certificate (at, holds, body) VALUES (?1, ?2, ?3)",
                (certificate.at, certificate.holds, &body),
            )?;
            tx.execute("UPDATE difference SET told = 1 WHERE number > ?1", [told])?;
            Ok::<(), MirrorError>(())
        })?;
        Ok(certificate)
    }

    /// The newest certificate.
    pub fn certificate(&self) -> Result<Option<Certificate>, MirrorError> {
        self.read(newest)
    }

    /// Compares the sum of the mirrored transactions with Stripe's balance, between two reads that see the same newest
    /// transaction. Where they differ the list is read again, and what was wrong in it is told.
    async fn check_balance(
        &self,
        line: &Line,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Option<Vec<BalanceCheck>>, MirrorError> {
        let list = kinds::BALANCE_TRANSACTION.kind().list;
        if !self.read(|c| state::is_listed(c, list))? {
            return Ok(None);
        }
        let Some(first) = self.compare_balance_if_allowed(line).await? else { return Ok(None) };
        if first.iter().all(|check| check.mirrored_minor == check.stripe_minor) {
            return Ok(Some(first));
        }
        let mut report = crate::SyncReport::default();
        self.pass(line, &[kinds::BALANCE_TRANSACTION], true, progress, &mut report).await?;
        dirty::resolve(line, self.floor()?, progress).await?;
        let again = self.compare_balance(line).await?;
        let heals =
            again.as_ref().is_some_and(|a| a.iter().all(|check| check.mirrored_minor == check.stripe_minor));
        let at = self.inner.last_date().unwrap_or_default();
        self.inner.store.mirror.write(|tx| {
            for check in first.iter().filter(|check| check.mirrored_minor != check.stripe_minor) {
                let detail = format!("{} here, {} at Stripe", check.mirrored_minor, check.stripe_minor);
                tx.execute(
                    "INSERT INTO difference (at, kind, id, what, detail, healed_at) VALUES (?1, 'balance', ?2, 'balance', ?3, ?4)",
                    (at, &check.currency, detail, heals.then_some(at)),
                )?;
            }
            Ok::<(), MirrorError>(())
        })?;
        Ok(again)
    }

    /// A restricted key need not see the balance: then the sums are not compared, and nothing else stops for it.
    async fn compare_balance_if_allowed(
        &self,
        line: &Line,
    ) -> Result<Option<Vec<BalanceCheck>>, MirrorError> {
        match self.compare_balance(line).await {
            Err(MirrorError::Stripe(Error::Permission(_) | Error::NotFound(_))) => Ok(None),
            compared => compared,
        }
    }

    async fn compare_balance(&self, line: &Line) -> Result<Option<Vec<BalanceCheck>>, MirrorError> {
        for _ in 0..3 {
            let before = self.newest_transactions(line).await?;
            let answer = line.get("/v1/balance", &Form::new()).await?;
            let after = self.newest_transactions(line).await?;
            if before != after {
                continue;
            }
            let stripe = sums_of(&answer.body)?;
            let here: BTreeMap<String, i64> = self.read(|c| {
                let sql = "SELECT coalesce(currency, ''), coalesce(sum(net), 0) FROM balance_transaction WHERE deleted = 0 GROUP BY 1";
                let mut sums = c.prepare_cached(sql)?;
                let rows = sums.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                Ok(rows.collect::<Result<_, _>>()?)
            })?;
            let mut currencies: Vec<&String> = stripe.keys().chain(here.keys()).collect();
            currencies.sort_unstable();
            currencies.dedup();
            let of =
                |sums: &BTreeMap<String, i64>, currency: &String| sums.get(currency).copied().unwrap_or(0);
            return Ok(Some(
                currencies
                    .into_iter()
                    .map(|currency| BalanceCheck {
                        currency: currency.clone(),
                        mirrored_minor: of(&here, currency),
                        stripe_minor: of(&stripe, currency),
                    })
                    .collect(),
            ));
        }
        // Money moves too fast to be counted now; the next certificate tries again.
        Ok(None)
    }

    /// Applies the newest page of balance transactions; answers the id of the newest.
    async fn newest_transactions(&self, line: &Line) -> Result<Option<String>, MirrorError> {
        let form = Form::new().with("limit", 100);
        let kind = kinds::BALANCE_TRANSACTION;
        let page = line.page(kind, "/v1/balance_transactions", &form, false).await?;
        self.inner.store.mirror.write(|tx| {
            let mut applier = Applier::new(tx);
            applier.audits = true;
            applier.put_batch(&page.batch, Stamp::read(page.from, page.until))?;
            for difference in std::mem::take(&mut applier.found) {
                note(tx, &difference, page.until)?;
            }
            applier.finish()?;
            Ok::<(), MirrorError>(())
        })?;
        Ok(page.batch.rows.first().map(|row| page.batch.id(row).to_owned()))
    }

    /// Lists closed days once more, oldest first, as many as `reads` allow, and compares.
    async fn audit_days(
        &self,
        line: &Line,
        reads: u64,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<(), MirrorError> {
        if reads == 0 {
            return Ok(());
        }
        let date = match self.inner.last_date() {
            Some(date) => date,
            None => line.get("/v1/account", &Form::new()).await?.until,
        };
        let closed = (date - CLOSED_AFTER_S).div_euclid(DAY) * DAY;
        let kinds: Vec<KindId> = MONEY
            .iter()
            .copied()
            .filter(|kind| self.read(|c| state::is_listed(c, kind.kind().list)).unwrap_or(false))
            .collect();
        let Some((lo, hi)) = self.days_to_audit(&kinds, closed, reads)? else { return Ok(()) };
        let mut engine = Engine::new(line, Aim::Again, lo, date, progress);
        for kind in &kinds {
            let mut range = Range::new(*kind, lo, hi);
            range.audit = true;
            engine.add(range);
        }
        engine.run().await?;
        let objects = engine.objects;
        let done = kinds.iter().all(|kind| engine.is_done(*kind));
        self.inner.store.mirror.write(|tx| {
            for kind in &kinds {
                let table = kind.kind().table;
                let sql = format!(
                    "INSERT INTO dirty (kind, id, created, reason, mark)
                     SELECT '{table}', id, created, '{}', 0 FROM {table}
                     WHERE deleted = 0 AND created >= ?1 AND created < ?2 AND as_of < ?3
                     ON CONFLICT (kind, id) DO UPDATE SET reason = excluded.reason, mark = mark + 1",
                    dirty::UNLISTED
                );
                tx.execute(&sql, (lo, hi, date))?;
            }
            Ok::<(), MirrorError>(())
        })?;
        dirty::resolve(line, self.floor()?, progress).await?;
        if done {
            self.inner.store.mirror.write(|tx| {
                let sql = "INSERT INTO audited_day (day, at, objects, differences) VALUES (?1, ?2, ?3, 0)
                           ON CONFLICT (day) DO UPDATE SET at = ?2, objects = ?3";
                tx.execute(sql, (hi.div_euclid(DAY) - 1, date, i64::try_from(objects).unwrap_or(i64::MAX)))?;
                state::set(tx, AUDITED_TO, hi)
            })?;
        }
        Ok(())
    }

    /// A full pass compared every closed day.
    pub(crate) fn audited_all(&self, chosen: &[KindId]) -> Result<(), MirrorError> {
        let Some(date) = self.inner.last_date() else { return Ok(()) };
        if MONEY.iter().any(|kind| !chosen.contains(kind)) {
            return Ok(());
        }
        let closed = (date - CLOSED_AFTER_S).div_euclid(DAY) * DAY;
        self.inner.store.mirror.write(|tx| state::set(tx, AUDITED_TO, closed))
    }

    /// Whether it is time for a certificate: there is none yet, or the newest is a day old.
    pub(crate) fn is_certificate_due(&self) -> Result<bool, MirrorError> {
        let date = self.inner.last_date().unwrap_or_default();
        Ok(self.certificate()?.is_none_or(|newest| date - newest.at >= DAY))
    }

    /// From where the last audit ended, as many whole days as fit into the reads.
    fn days_to_audit(
        &self,
        kinds: &[KindId],
        closed: i64,
        reads: u64,
    ) -> Result<Option<(i64, i64)>, MirrorError> {
        self.read(|c| {
            let mut first: Option<i64> = state::get(c, AUDITED_TO)?;
            if first.is_none() {
                for kind in kinds {
                    let sql = format!("SELECT min(created) FROM {} WHERE created > 0", kind.kind().table);
                    let oldest: Option<i64> = c.query_row(&sql, [], |row| row.get(0))?;
                    first = match (first, oldest) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    };
                }
            }
            let Some(lo) = first.map(|at| at.div_euclid(DAY) * DAY).filter(|lo| *lo < closed) else {
                return Ok(None);
            };
            let cost = |hi: i64| -> Result<u64, MirrorError> {
                let mut pages = 0;
                for kind in kinds {
                    let sql = format!(
                        "SELECT count(*) FROM {} WHERE created >= ?1 AND created < ?2",
                        kind.kind().table
                    );
                    let here: i64 = c.prepare_cached(&sql)?.query_row([lo, hi], |row| row.get(0))?;
                    pages += u64::try_from(here).unwrap_or(0) / 100 + 1;
                }
                Ok(pages)
            };
            // Halve the span until it is affordable; a single day is always looked at.
            let mut hi = closed;
            while hi - lo > DAY && cost(hi)? > reads {
                hi = lo + ((hi - lo) / 2).div_euclid(DAY).max(1) * DAY;
            }
            Ok(Some((lo, hi)))
        })
    }
}

/// Up to where days were audited, in the table `state`.
const AUDITED_TO: &str = "audited_to";

pub(crate) fn newest(connection: &rusqlite::Connection) -> Result<Option<Certificate>, MirrorError> {
    use rusqlite::OptionalExtension;
    let body: Option<String> = connection
        .prepare_cached("SELECT body FROM certificate ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
}

#[derive(Deserialize)]
struct Balance {
    #[serde(default)]
    available: Vec<Amount>,
    #[serde(default)]
    pending: Vec<Amount>,
}

#[derive(Deserialize)]
struct Amount {
    amount: i64,
    currency: String,
}

fn sums_of(body: &[u8]) -> Result<BTreeMap<String, i64>, MirrorError> {
    let balance: Balance = serde_json::from_slice(body).map_err(|error| MirrorError::BadAnswer {
        asked: "/v1/balance".to_owned(),
        detail: error.to_string(),
    })?;
    let mut sums = BTreeMap::new();
    for Amount { amount, currency } in balance.available.into_iter().chain(balance.pending) {
        let sum: &mut i64 = sums.entry(currency).or_default();
        *sum = sum.saturating_add(amount);
    }
    Ok(sums)
}
