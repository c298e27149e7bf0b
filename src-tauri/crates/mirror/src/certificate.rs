//! What is known of the copy, and how: the chain of polls has no hole, the money adds up to Stripe's balance, and days that
//! are closed were compared once more.

mod sums;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tillbook_stripe::Client;

use crate::kind::KindId;
use crate::line::Line;
use crate::options::Progress;
use crate::state::{self, name};
use crate::{Changed, Found, Mirror, MirrorError, SyncOptions, hold};

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
    /// The sums that were compared. Empty where they were not, for which there is a reason, or where there are none.
    pub balance: Vec<BalanceCheck>,
    /// Why the sums were not compared; nothing is said of them then.
    #[serde(default)]
    pub not_compared: Option<NotCompared>,
    /// What was found to differ and was put right since the certificate before this one.
    pub healed: Vec<Healed>,
    /// What was found to differ and is not put right, since whenever: while there is any, nothing holds.
    #[serde(default)]
    pub open: Vec<Healed>,
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
    /// Something was found to differ, and is not put right; what does not add up now is told as a balance.
    Open {
        /// Stripe's name of the object's kind.
        object: String,
        /// Its id.
        id: String,
        /// As in [`Healed`].
        what: String,
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

impl Certificate {
    /// What is open and no other doubt says.
    fn unsaid(&self, open: &Healed) -> Option<Doubt> {
        let is_said = self.causes.iter().any(|cause| match cause {
            Doubt::Gap => open.what == "gap",
            Doubt::Balance { currency, .. } => open.what == "balance" && open.id == *currency,
            _ => false,
        });
        let Healed { object, id, what, .. } = open.clone();
        (!is_said).then_some(Doubt::Open { object, id, what })
    }
}

impl Doubt {
    fn words(&self) -> String {
        match self {
            Doubt::Gap => "a gap in the news is being closed".to_owned(),
            Doubt::List { resource, code } => format!("{resource}: {code}"),
            Doubt::Unread { lists } => format!("lists that were never read to their end: {lists}"),
            Doubt::Open { object, id, what } => match what.as_str() {
                "balance" => format!("{id}: the transactions did not add up when they were compared last"),
                "gap" => "news was missed, and not everything is read again".to_owned(),
                what => format!("{object} {id} was found {what} and is not put right"),
            },
            Doubt::Balance { currency, mirrored_minor, stripe_minor } => format!(
                "{currency}: the transactions add up to {mirrored_minor}, Stripe's balance is {stripe_minor}"
            ),
        }
    }
}

/// Why the sums were not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotCompared {
    /// The key may not read the balance or its transactions.
    Permission,
    /// The account has none.
    NotOffered,
    /// The list of transactions was not read to its end.
    NotCopied,
    /// Money moved each time while it was counted.
    Moving,
}

impl NotCompared {
    /// As in an answer for programs.
    pub const fn code(self) -> &'static str {
        match self {
            NotCompared::Permission => "permission",
            NotCompared::NotOffered => "not_offered",
            NotCompared::NotCopied => "not_copied",
            NotCompared::Moving => "moving",
        }
    }

    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            NotCompared::Permission => "the key may not read it",
            NotCompared::NotOffered => "Stripe does not offer it to this account",
            NotCompared::NotCopied => "its transactions are not all here",
            NotCompared::Moving => "money moved while it was counted; the next certificate tries again",
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
        let mut certificate = Certificate::default();
        self.audit_days(line, reads, progress).await?;
        match self.check_balance(line, progress).await? {
            Ok(sums) => certificate.balance = sums,
            Err(why) => certificate.not_compared = Some(why),
        }
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
        let told = self.newest_difference()?;
        let untold = self.untold_differences(told)?;
        let (healed, open): (Vec<Found>, Vec<Found>) = untold.into_iter().partition(|found| found.healed);
        certificate.healed = healed.into_iter().map(Healed::from).collect();
        certificate.open = open.into_iter().map(Healed::from).collect();
        let unsaid = certificate.open.iter().filter_map(|open| certificate.unsaid(open)).collect::<Vec<_>>();
        certificate.causes.extend(unsaid);
        certificate.doubts = certificate.causes.iter().map(Doubt::words).collect();
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
            // What is open is told again and again, and once more when it is healed.
            let sql =
                "UPDATE difference SET told = 1 WHERE told = 0 AND healed_at IS NOT NULL AND number <= ?1";
            tx.execute(sql, [told])?;
            Ok::<(), MirrorError>(())
        })?;
        Ok(certificate)
    }

    /// What no certificate told as healed yet, up to a number, and what is open.
    fn untold_differences(&self, until: i64) -> Result<Vec<Found>, MirrorError> {
        let sql = "SELECT kind, id, what, detail, healed_at IS NOT NULL, changes FROM difference
                   WHERE number <= ?1 AND (told = 0 OR healed_at IS NULL) ORDER BY number";
        self.read(|c| {
            let mut statement = c.prepare_cached(sql)?;
            let rows = statement.query_map([until], found)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
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

    /// Whether it is time for a certificate: there is none yet, or the newest is a day old.
    pub(crate) fn is_certificate_due(&self) -> Result<bool, MirrorError> {
        let date = self.inner.last_date().unwrap_or_default();
        Ok(self.certificate()?.is_none_or(|newest| date - newest.at >= DAY))
    }
}

/// A row of the table of differences: kind, id, what, detail, whether it is healed, and the columns that differed.
pub(crate) fn found(row: &rusqlite::Row<'_>) -> rusqlite::Result<Found> {
    let table: String = row.get(0)?;
    let changes: Option<String> = row.get(5)?;
    Ok(Found {
        object: KindId::of_table(&table).map_or(table, |kind| kind.kind().object.to_owned()),
        id: row.get(1)?,
        what: row.get(2)?,
        detail: row.get(3)?,
        healed: row.get(4)?,
        changes: changes.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
    })
}

pub(crate) fn newest(connection: &rusqlite::Connection) -> Result<Option<Certificate>, MirrorError> {
    use rusqlite::OptionalExtension;
    let body: Option<String> = connection
        .prepare_cached("SELECT body FROM certificate ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
}
