//! The journal's last code, kept beside its key: a journal that is cut off behind it, or written anew, is noticed
//! without Stripe too.

use tillbook_vault::Secret;

use crate::{Till, TillError};

/// Under this name in the vault: `seq:code`.
const NAME: &str = "journal-head";

impl Till {
    /// Remembers where the journal stands. Failing is told and stops nobody from working.
    pub(crate) fn anchor_journal(&self) {
        let kept = self.journal_position().and_then(|at| {
            let text = format!("{}:{}", at.seq, at.head);
            Ok(self.inner.vault.set(NAME, &Secret::new(text.into_bytes()))?)
        });
        if let Err(error) = kept {
            tracing::warn!(%error, "the journal's position could not be kept beside its key");
        }
    }

    /// Where the journal stood when it was last remembered.
    pub(crate) fn journal_anchor(&self) -> Result<Option<(i64, String)>, TillError> {
        let Some(kept) = self.inner.vault.get(NAME)? else { return Ok(None) };
        Ok(kept
            .expose_text()
            .and_then(|text| text.split_once(':'))
            .and_then(|(seq, head)| Some((seq.parse().ok()?, head.to_owned()))))
    }
}
