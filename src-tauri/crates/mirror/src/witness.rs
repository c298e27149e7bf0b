//! What Stripe was told of a till's journal while it was written. A journal that was rewritten contradicts it, even one
//! that was rewritten with its own key.

use tillbook_store::StoreError;

use crate::{Mirror, MirrorError};

/// A record of Stripe's that carries a till's journal position, as it was first seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalWitness {
    /// `pi_…` or `re_…`
    pub id: String,
    /// `metadata.journal_seq`.
    pub seq: String,
    /// `metadata.journal_head`.
    pub head: String,
}

const WITNESSES: &str = "
    SELECT id, journal_seq, journal_head FROM payment_intent
    WHERE till_id = ?1 AND journal_seq IS NOT NULL AND journal_head IS NOT NULL
    UNION ALL
    SELECT id, journal_seq, journal_head FROM refund
    WHERE till_id = ?1 AND journal_seq IS NOT NULL AND journal_head IS NOT NULL";

impl Mirror {
    /// Shows every such record of a till to `f`, one at a time.
    ///
    /// # Errors
    /// What `f` answers, and the store's errors.
    pub fn journal_witnesses<E: From<MirrorError>>(
        &self,
        till_id: &str,
        mut f: impl FnMut(JournalWitness) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut refused = None;
        let outcome = self.read(|connection| {
            let mut statement = connection.prepare_cached(WITNESSES).map_err(StoreError::from)?;
            let mut rows = statement.query([till_id]).map_err(StoreError::from)?;
            while let Some(row) = rows.next().map_err(StoreError::from)? {
                let witness = JournalWitness { id: row.get(0)?, seq: row.get(1)?, head: row.get(2)? };
                if let Err(error) = f(witness) {
                    refused = Some(error);
                    break;
                }
            }
            Ok(())
        });
        match refused {
            Some(error) => Err(error),
            None => outcome.map_err(E::from),
        }
    }
}
