//! What is known of the copy, and how: the chain of polls has no hole, the money adds up to Stripe's balance, and days that
//! are closed were compared once more.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tillbook_stripe::{Client, Error, Form};

use crate::apply::Applier;
use crate::kinds;
use crate::line::Line;
use crate::options::Progress;
use crate::stamp::Stamp;
use crate::state::{self, name};
use crate::{Changed, Found, Mirror, MirrorError, SyncOptions, dirty, hold};

const DAY: i64 = 86_400;

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
    /// And each of those days since this time: they are compared in turn, again and again.
    #[serde(default)]
    pub audited_since: Option<i64>,
    /// Whether the sums were compared, and what they are. Empty where no two reads saw the same newest transaction, or
    /// the list of balance transactions is not mirrored.
    pub balance: Vec<BalanceCheck>,
    /// What was found to differ since the certificate before this one, and was put right.
    pub healed: Vec<Healed>,
    /// What stands in the way, in words.
    pub doubts: Vec<String>,
    /// The same, to be said in another language. Certificates of older programs have words alone.
    #[serde(default)]
    pub causes: Vec<Doubt>,
}

/// What stands in the way of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Doubt {
    /// News was missed, and everything is being read again.
    Gap,
    /// A list cannot be read.
    List {
        /// As in Stripe's list paths.
        resource: String,
        /// As in [`crate::Trouble`].
        code: String,
    },
    /// Lists were never read to their end.
    Unread {
        /// How many.
        lists: u64,
    },
    /// The transactions do not add up to Stripe's balance.
    Balance {
        /// Lower-case ISO code.
        currency: String,
        /// Their sum here.
        mirrored_minor: i64,
        /// Stripe's balance.
        stripe_minor: i64,
    },
}

impl Doubt {
    fn words(&self) -> String {
        match self {
            Doubt::Gap => "a gap in the news is being closed".to_owned(),
            Doubt::List { resource, code } => format!("{resource}: {code}"),
            Doubt::Unread { lists } => format!("lists that were never read to their end: {lists}"),
            Doubt::Balance { currency, mirrored_minor, stripe_minor } => format!(
                "{currency}: the transactions add up to {mirrored_minor}, Stripe's balance is {stripe_minor}"
            ),
        }
    }
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
    /// Of a record that had changed: what stood here and what at Stripe.
    #[serde(default)]
    pub changes: Vec<Changed>,
}

impl From<Found> for Healed {
    fn from(found: Found) -> Healed {
        let Found { object, id, what, detail, changes, healed: _ } = found;
        Healed { object, id, what, detail, changes }
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
        line.spend_on("certificate")?;
        let certificate = match self.look_again(&line, options, progress).await {
            Ok(()) => self.certify_on(&line, reads, true, progress).await,
            Err(error) => Err(error),
        };
        line.book()?;
        certificate
    }

    /// `is_quiet` says that no news has come since lists were read.
    pub(crate) async fn certify_on(
        &self,
        line: &Line,
        reads: u64,
        is_quiet: bool,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Certificate, MirrorError> {
        let told = self.newest_told()?;
        let mut certificate = Certificate::default();
        self.audit_days(line, reads, progress).await?;
        certificate.balance = self.check_balance(line, progress).await?.unwrap_or_default();
        self.ask_about_suspects(line, is_quiet).await?;
        let audited = self.audited()?;
        (certificate.audited_to, certificate.audited_since) = (audited.to, audited.since);
        certificate.at = self.inner.last_date().unwrap_or_default();
        self.read(|c| {
            certificate.complete_to = state::get(c, name::COMPLETE_TO)?;
            if state::get::<String>(c, name::GAP)?.is_some() {
                certificate.causes.push(Doubt::Gap);
            }
            let lists = hold::never_read(c)?;
            if lists > 0 {
                certificate.causes.push(Doubt::Unread { lists });
            }
            let mut blocked =
                c.prepare_cached("SELECT list, problem_code FROM resource WHERE problem_code IS NOT NULL")?;
            let mut rows = blocked.query([])?;
            while let Some(row) = rows.next()? {
                let (resource, code): (String, String) = (row.get(0)?, row.get(1)?);
                if code != "not_offered" {
                    certificate.causes.push(Doubt::List { resource, code });
                }
            }
            Ok::<(), MirrorError>(())
        })?;
        for check in certificate.balance.iter().filter(|check| check.mirrored_minor != check.stripe_minor) {
            certificate.causes.push(Doubt::Balance {
                currency: check.currency.clone(),
                mirrored_minor: check.mirrored_minor,
                stripe_minor: check.stripe_minor,
            });
        }
        certificate.doubts = certificate.causes.iter().map(Doubt::words).collect();
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

    /// The newest difference that a certificate told of.
    pub(crate) fn newest_told(&self) -> Result<i64, MirrorError> {
        let sql = "SELECT coalesce(max(number), 0) FROM difference WHERE told = 1";
        self.read(|c| Ok(c.query_row(sql, [], |row| row.get(0))?))
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
                let changes = serde_json::to_string(&[Changed {
                    column: "balance".to_owned(),
                    here: Some(check.mirrored_minor.to_string()),
                    stripe: Some(check.stripe_minor.to_string()),
                    currency: Some(check.currency.clone()),
                }]);
                tx.execute(
                    "INSERT INTO difference (at, kind, id, what, detail, changes, healed_at)
                     VALUES (?1, 'balance', ?2, 'balance', ?3, ?4, ?5)",
                    (at, &check.currency, detail, changes.ok(), heals.then_some(at)),
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
            applier.tell(page.until)?;
            applier.finish()?;
            Ok::<(), MirrorError>(())
        })?;
        Ok(page.batch.rows.first().map(|row| page.batch.id(row).to_owned()))
    }

    /// Whether it is time for a certificate: there is none yet, or the newest is a day old.
    pub(crate) fn is_certificate_due(&self) -> Result<bool, MirrorError> {
        let date = self.inner.last_date().unwrap_or_default();
        Ok(self.certificate()?.is_none_or(|newest| date - newest.at >= DAY))
    }
}

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
