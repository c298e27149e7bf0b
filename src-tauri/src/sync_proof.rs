//! What the Sync room shows of a certificate: what was proven, what was put right, and what stands in the way.

use serde::Serialize;
use tillbook_mirror::kind::{Column, Holds, KindId, Means};
use tillbook_mirror::{Certificate, Changed, Doubt};
use tillbook_till::view::FactValue;
use ts_rs::TS;

use crate::sync_view::{ms, whole};

/// Differences that are named; an office page shows no more at once.
const NAMED: usize = 100;

/// Sums of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncBalance {
    /// Lower-case ISO code.
    pub currency: String,
    /// Of the transactions here.
    pub here_minor: i64,
    /// Stripe's balance.
    pub stripe_minor: i64,
}

/// A difference that was found and put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncDifference {
    /// Stripe's name of the kind.
    pub object: String,
    /// Its id.
    pub id: String,
    /// `missing`, `changed`, `deleted`, `gap`, `balance`.
    pub what: String,
    /// Of a record that had changed: what stood here and what at Stripe.
    pub changes: Vec<SyncChange>,
    /// In words, English: for what has no words of its own in the window.
    pub detail: String,
}

/// A column that differed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncChange {
    /// Stripe's name for it: `amount_received`.
    pub column: String,
    /// What stood here; nothing where it was empty.
    pub here: Option<FactValue>,
    /// What Stripe has.
    pub stripe: Option<FactValue>,
}

/// What stands in the way of a certificate. Sums that differ are told by its `balance`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum SyncDoubt {
    /// News was missed, and everything is being read again.
    Gap,
    /// A list cannot be read.
    List {
        /// As in Stripe's list paths.
        resource: String,
        /// As in [`SyncResource::problem`].
        code: String,
    },
    /// Lists were never read to their end.
    Unread {
        /// How many.
        lists: i64,
    },
    /// Something was found to differ, and is not put right.
    Open {
        /// Stripe's name of the kind.
        object: String,
        /// Its id.
        id: String,
        /// As in [`SyncDifference`].
        what: String,
    },
    /// Something else, English: certificates of older programs have words alone.
    Words {
        /// These.
        text: String,
    },
}

/// What was proven last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncCertificate {
    /// When.
    pub at_ms: i64,
    /// Nothing is in doubt.
    pub holds: bool,
    /// Every event up to here was read, without a hole.
    pub complete_to_ms: Option<i64>,
    /// Every day before this time was compared once more.
    pub audited_to_ms: Option<i64>,
    /// Each of those days was, again and again, since this time.
    pub audited_since_ms: Option<i64>,
    /// The sums; empty where they were not compared.
    pub balance: Vec<SyncBalance>,
    /// Why they were not: `permission`, `not_offered`, `not_copied`, `moving`.
    pub not_compared: Option<String>,
    /// What was put right.
    pub healed: Vec<SyncDifference>,
    /// How many differences there were; `healed` names the first ones.
    pub differences: i64,
    /// What stands in the way.
    pub doubts: Vec<SyncDoubt>,
}

/// The certificate as the window shows it.
pub fn certificate(certificate: &Certificate) -> SyncCertificate {
    SyncCertificate {
        at_ms: ms(certificate.at),
        holds: certificate.holds,
        complete_to_ms: certificate.complete_to.map(ms),
        audited_to_ms: certificate.audited_to.map(ms),
        audited_since_ms: certificate.audited_since.map(ms),
        not_compared: certificate.not_compared.map(|why| why.code().to_owned()),
        balance: certificate
            .balance
            .iter()
            .map(|check| SyncBalance {
                currency: check.currency.clone(),
                here_minor: check.mirrored_minor,
                stripe_minor: check.stripe_minor,
            })
            .collect(),
        healed: certificate
            .healed
            .iter()
            .take(NAMED)
            .map(|one| SyncDifference {
                object: one.object.clone(),
                id: one.id.clone(),
                what: one.what.clone(),
                changes: one.changes.iter().map(|change| changed(&one.object, change)).collect(),
                detail: one.detail.clone(),
            })
            .collect(),
        differences: i64::try_from(certificate.healed.len()).unwrap_or(i64::MAX),
        doubts: doubts(certificate),
    }
}

fn doubts(certificate: &Certificate) -> Vec<SyncDoubt> {
    if certificate.causes.is_empty() {
        return certificate.doubts.iter().map(|text| SyncDoubt::Words { text: text.clone() }).collect();
    }
    certificate
        .causes
        .iter()
        .filter_map(|cause| match cause {
            Doubt::Gap => Some(SyncDoubt::Gap),
            Doubt::List { resource, code } => {
                Some(SyncDoubt::List { resource: resource.clone(), code: code.clone() })
            }
            Doubt::Unread { lists } => Some(SyncDoubt::Unread { lists: whole(*lists) }),
            Doubt::Open { object, id, what } => {
                Some(SyncDoubt::Open { object: object.clone(), id: id.clone(), what: what.clone() })
            }
            Doubt::Balance { .. } => None,
        })
        .collect()
}

fn changed(object: &str, change: &Changed) -> SyncChange {
    let columns = KindId::of_object(object).kind().columns;
    let column = columns.iter().find(|column| column.name == change.column);
    let value = |text: &Option<String>| text.as_ref().map(|text| fact(column, change, text));
    SyncChange { column: change.column.clone(), here: value(&change.here), stripe: value(&change.stripe) }
}

/// What a column says; words as they are where it does not hold what it should.
fn fact(column: Option<&Column>, change: &Changed, text: &str) -> FactValue {
    let number: Option<i64> = text.parse().ok();
    let holds = column.map(|column| column.holds);
    match (column.map(|column| column.means), number, &change.currency) {
        (_, Some(minor), Some(currency)) => FactValue::Money { minor, currency: currency.clone() },
        (Some(Means::Time), Some(at), _) => FactValue::Time { ms: ms(at) },
        (Some(Means::Day), Some(at), _) => FactValue::Day { ms: ms(at) },
        (Some(Means::State), ..) => FactValue::State { state: text.to_owned() },
        (_, Some(on), _) if holds == Some(Holds::Flag) => FactValue::Flag { on: on != 0 },
        _ if matches!(holds, Some(Holds::Int | Holds::Number)) => {
            FactValue::Number { number: text.to_owned() }
        }
        _ => FactValue::Text { text: text.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_says_what_its_columns_mean_and_an_older_certificate_keeps_its_words() {
        let change = |column: &str, here: Option<&str>, stripe: &str, currency: Option<&str>| Changed {
            column: column.into(),
            here: here.map(Into::into),
            stripe: Some(stripe.into()),
            currency: currency.map(Into::into),
        };
        let healed = tillbook_mirror::Healed {
            object: "charge".into(),
            id: "ch_1".into(),
            what: "changed".into(),
            detail: String::new(),
            changes: vec![
                change("amount", Some("500"), "700", Some("jpy")),
                change("refunded", None, "1", None),
                change("status", Some("pending"), "<b>succeeded", None),
                change("never_heard_of", Some("1"), "2", None),
            ],
        };
        let causes = vec![
            Doubt::Unread { lists: 3 },
            Doubt::Balance { currency: "usd".into(), mirrored_minor: 1, stripe_minor: 2 },
        ];
        let known = Certificate { healed: vec![healed], causes, ..Certificate::default() };
        let shown = certificate(&known);
        let changes = &shown.healed[0].changes;
        assert_eq!(changes[0].here, Some(FactValue::Money { minor: 500, currency: "jpy".into() }));
        assert_eq!((&changes[1].here, &changes[1].stripe), (&None, &Some(FactValue::Flag { on: true })));
        assert_eq!(changes[2].stripe, Some(FactValue::State { state: "<b>succeeded".into() }));
        assert_eq!(changes[3].stripe, Some(FactValue::Text { text: "2".into() }));
        assert_eq!(shown.doubts, [SyncDoubt::Unread { lists: 3 }], "sums are told by the balance");
        let older = Certificate { doubts: vec!["charges: permission".into()], ..Certificate::default() };
        assert_eq!(doubts(&older), [SyncDoubt::Words { text: "charges: permission".into() }]);
    }
}
