//! Whose records these are: the folder belongs to one account.

use std::sync::atomic::Ordering;

use tillbook_store::StoreError;
use tillbook_stripe::{Error, Form};

use crate::apply::Applier;
use crate::events::{self, Position};
use crate::kind::KindId;
use crate::line::Line;
use crate::stamp::Stamp;
use crate::state::{self, name};
use crate::{Mirror, MirrorError, dirty, kinds};

impl Mirror {
    /// Asks whose account it is where nothing else would tell. A poll behind an anchor needs no question: the anchor is an
    /// event of this account, and another account's key is told that there is no such event, which is a gap, and before a
    /// gap is closed the account is asked for. Lists and a poll without an anchor would take in whatever the key shows.
    pub(super) async fn recognise_where_needed(
        &self,
        line: &Line,
        chosen: &[KindId],
        full: bool,
    ) -> Result<(), MirrorError> {
        let is_proven = match self.read(events::position)? {
            None => false,
            Some(Position::Anchor { .. }) => true,
            Some(Position::Since(_)) => self.inner.is_recognised.load(Ordering::Relaxed),
        };
        if is_proven && !full && !self.has_lists_to_read(chosen)? {
            return Ok(());
        }
        self.recognise(line).await
    }

    /// Who the key belongs to. The folder belongs to that account from the first time on.
    pub(crate) async fn recognise(&self, line: &Line) -> Result<(), MirrorError> {
        self.inner.is_recognised.store(false, Ordering::Relaxed);
        self.ask_who(line).await?;
        self.inner.is_recognised.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn ask_who(&self, line: &Line) -> Result<(), MirrorError> {
        match line.get("/v1/account", &Form::new()).await {
            Ok(answer) => {
                let batch = self.inner.pack_object(&answer.body, kinds::ACCOUNT)?;
                let Some(row) = batch.rows.first() else {
                    let detail = "an account without an id".to_owned();
                    return Err(MirrorError::BadAnswer { asked: "/v1/account".to_owned(), detail });
                };
                let id = batch.id(row).to_owned();
                self.belongs_to(&id)?;
                let created = row.created;
                self.inner.store.mirror.write(|tx| {
                    let mut applier = Applier::new(tx);
                    applier.put_batch(&batch, Stamp::read(answer.from, answer.until))?;
                    applier.finish()?;
                    state::set(tx, name::ACCOUNT, &id)?;
                    state::set(tx, name::ACCOUNT_CREATED, created)
                })
            }
            // A restricted key need not see the account: then an object that is mirrored tells whose it is.
            Err(MirrorError::Stripe(Error::Permission(_))) => self.recognise_by_object(line).await,
            Err(error) => Err(error),
        }
    }

    fn belongs_to(&self, id: &str) -> Result<(), MirrorError> {
        if let Some(known) = self.read(|c| state::get::<String>(c, name::ACCOUNT))?
            && known != id
        {
            return Err(MirrorError::OtherAccount { expected: known, got: id.to_owned() });
        }
        match self.inner.store.folder().bind_account(id) {
            // A folder without an identity belongs to a test; whoever opens a real one gives it one.
            Ok(_) | Err(StoreError::NotSetUp { .. }) => Ok(()),
            Err(StoreError::AccountMismatch { expected, got }) => {
                Err(MirrorError::OtherAccount { expected, got })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn recognise_by_object(&self, line: &Line) -> Result<(), MirrorError> {
        let candidates = [kinds::PAYMENT_INTENT, kinds::CUSTOMER, kinds::PRODUCT, kinds::CHARGE];
        for kind in candidates {
            let sql = format!("SELECT max(id) FROM {} WHERE deleted = 0", kind.kind().table);
            let known: Option<String> = self.read(|c| Ok(c.query_row(&sql, [], |row| row.get(0))?))?;
            let Some(id) = known else { continue };
            match line.get(&dirty::single(kind.kind().list, &id), &Form::new()).await {
                Ok(_) => return Ok(()),
                Err(MirrorError::Stripe(Error::NotFound(_))) => {
                    let expected = self.read(|c| state::get(c, name::ACCOUNT))?.unwrap_or_default();
                    return Err(MirrorError::OtherAccount { expected, got: "another account".to_owned() });
                }
                Err(MirrorError::Stripe(Error::Permission(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(crate) fn floor(&self) -> Result<i64, MirrorError> {
        // Objects may be a little older than the account they were imported into; what is older still is found as well,
        // because the oldest range has no bound below.
        Ok(self.read(|c| state::get::<i64>(c, name::ACCOUNT_CREATED))?.unwrap_or(0))
    }
}
