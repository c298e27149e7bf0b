//! Whether the money adds up: the sum of the mirrored transactions and Stripe's balance.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Deserialize;
use tillbook_stripe::{Error, Form};

use crate::apply::Applier;
use crate::certificate::{BalanceCheck, NotCompared};
use crate::engine::PERMISSION;
use crate::line::Line;
use crate::options::{Changed, Progress};
use crate::stamp::Stamp;
use crate::{Mirror, MirrorError, dirty, kinds, state};

/// Stripe's name of what is no list, and of which a missing permission is told all the same.
const BALANCE: &str = "balance";
/// How often the sums are tried while money moves.
const TRIES: u32 = 5;

/// The sums, or why there are none.
type Sums = Result<Vec<BalanceCheck>, NotCompared>;

impl BalanceCheck {
    fn adds_up(&self) -> bool {
        self.mirrored_minor == self.stripe_minor
    }
}

impl Mirror {
    /// Compares the sum of the mirrored transactions with Stripe's balance, between two reads that see the same newest
    /// transaction. Where they differ the list is read again, and what was wrong in it is told.
    pub(crate) async fn check_balance(
        &self,
        line: &Line,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Sums, MirrorError> {
        let list = kinds::BALANCE_TRANSACTION.kind().list;
        if !self.read(|c| state::is_listed(c, list))? {
            return self.read(|c| why_not_copied(c, list)).map(Err);
        }
        let first = match self.compare_if_allowed(line).await? {
            Ok(first) => first,
            Err(why) => return Ok(Err(why)),
        };
        let at = self.inner.last_date().unwrap_or_default();
        if first.iter().all(BalanceCheck::adds_up) {
            self.inner.store.mirror.write(|tx| heal(tx, &first, at))?;
            return Ok(Ok(first));
        }
        self.inner.store.mirror.write(|tx| note(tx, &first, at))?;
        let mut report = crate::SyncReport::default();
        self.pass(line, &[kinds::BALANCE_TRANSACTION], true, progress, &mut report).await?;
        dirty::resolve(line, self.floor()?, progress).await?;
        let again = self.compare_if_allowed(line).await?;
        if let Ok(again) = &again {
            let at = self.inner.last_date().unwrap_or(at);
            self.inner.store.mirror.write(|tx| {
                heal(tx, again, at)?;
                note(tx, again, at)
            })?;
        }
        Ok(again)
    }

    /// A restricted key need not see the balance: then the sums are not compared, which is told, and nothing else stops.
    async fn compare_if_allowed(&self, line: &Line) -> Result<Sums, MirrorError> {
        let compared = match self.compare(line).await {
            Err(MirrorError::Stripe(Error::Permission(_))) => Ok(Err(NotCompared::Permission)),
            Err(MirrorError::Stripe(Error::NotFound(_))) => Ok(Err(NotCompared::NotOffered)),
            compared => compared,
        }?;
        let at = self.inner.last_date().unwrap_or_default();
        self.inner.store.mirror.write(|tx| match compared {
            Err(NotCompared::Permission) => state::trouble(tx, BALANCE, PERMISSION.0, PERMISSION.1, at),
            _ => {
                tx.execute("DELETE FROM resource WHERE list = ?1", [BALANCE])?;
                Ok(())
            }
        })?;
        Ok(compared)
    }

    async fn compare(&self, line: &Line) -> Result<Sums, MirrorError> {
        for _ in 0..TRIES {
            let before = self.newest_transactions(line).await?;
            let answer = line.get("/v1/balance", &Form::new()).await?;
            if before == self.newest_transactions(line).await? {
                let stripe = sums_of(&answer.body)?;
                return self.read(sums_here).map(|here| Ok(side_by_side(&here, &stripe)));
            }
        }
        // The next certificate tries again.
        Ok(Err(NotCompared::Moving))
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
}

fn why_not_copied(connection: &Connection, list: &str) -> Result<NotCompared, MirrorError> {
    let sql =
        "SELECT problem_code FROM resource WHERE list = ?1 AND problem_code IN ('permission', 'not_offered')";
    let mut known = connection.prepare_cached(sql)?;
    let mut rows = known.query([list])?;
    Ok(match rows.next()?.map(|row| row.get::<_, String>(0)).transpose()?.as_deref() {
        Some("permission") => NotCompared::Permission,
        Some(_) => NotCompared::NotOffered,
        None => NotCompared::NotCopied,
    })
}

/// Sums that do not add up are a difference until they do; one of a currency at a time.
fn note(connection: &Connection, checks: &[BalanceCheck], at: i64) -> Result<(), MirrorError> {
    for check in checks.iter().filter(|check| !check.adds_up()) {
        let detail = format!("{} here, {} at Stripe", check.mirrored_minor, check.stripe_minor);
        let changes = serde_json::to_string(&[Changed {
            column: "balance".to_owned(),
            here: Some(check.mirrored_minor.to_string()),
            stripe: Some(check.stripe_minor.to_string()),
            currency: Some(check.currency.clone()),
        }])
        .map_err(|error| MirrorError::Broken(error.to_string()))?;
        let again = "UPDATE difference SET detail = ?2, changes = ?3
                     WHERE kind = 'balance' AND id = ?1 AND healed_at IS NULL";
        if connection.prepare_cached(again)?.execute((&check.currency, &detail, &changes))? > 0 {
            continue;
        }
        connection
            .prepare_cached(
                "INSERT INTO difference (at, kind, id, what, detail, changes)
                 VALUES (?1, 'balance', ?2, 'balance', ?3, ?4)",
            )?
            .execute((at, &check.currency, detail, changes))?;
    }
    Ok(())
}

/// What did not add up once and does now is healed. A currency that is nowhere any more adds up.
fn heal(connection: &Connection, checks: &[BalanceCheck], at: i64) -> Result<(), MirrorError> {
    let wrong: Vec<&str> = checks.iter().filter(|c| !c.adds_up()).map(|c| c.currency.as_str()).collect();
    let wrong = serde_json::to_string(&wrong).map_err(|error| MirrorError::Broken(error.to_string()))?;
    connection
        .prepare_cached(
            "UPDATE difference SET healed_at = ?1
             WHERE kind = 'balance' AND healed_at IS NULL AND id NOT IN (SELECT value FROM json_each(?2))",
        )?
        .execute((at, wrong))?;
    Ok(())
}

fn sums_here(connection: &Connection) -> Result<BTreeMap<String, i64>, MirrorError> {
    let sql = "SELECT coalesce(currency, ''), coalesce(sum(net), 0) FROM balance_transaction
               WHERE deleted = 0 GROUP BY 1";
    let mut sums = connection.prepare_cached(sql)?;
    let rows = sums.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn side_by_side(here: &BTreeMap<String, i64>, stripe: &BTreeMap<String, i64>) -> Vec<BalanceCheck> {
    let mut currencies: Vec<&String> = stripe.keys().chain(here.keys()).collect();
    currencies.sort_unstable();
    currencies.dedup();
    let of = |sums: &BTreeMap<String, i64>, currency: &String| sums.get(currency).copied().unwrap_or(0);
    let check = |currency: &String| BalanceCheck {
        currency: currency.clone(),
        mirrored_minor: of(here, currency),
        stripe_minor: of(stripe, currency),
    };
    currencies.into_iter().map(check).collect()
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
