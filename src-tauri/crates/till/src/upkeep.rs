//! What concerns the copy of Stripe's records and belongs on the record: what was proven of it, a person's choice to spend
//! more of Stripe's read allocation than its daily share or to have the copying wait, and whether deliveries of
//! `stripe listen` are taken.

use std::sync::Weak;

use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value, json};
use tillbook_mirror::{Certificate, Healed, Witness};
use tillbook_vault::{Secret, names};

use crate::journal::{Entry, data, kind};
use crate::till::{Actor, Inner};
use crate::view::{Reason, Right};
use crate::{Signed, Till, TillError};

/// The port of the receiver while it is on, in the table `setting`.
const PORT: &str = "receiver_port";
/// Differences that an entry names; it counts all.
const NAMED: usize = 50;

/// Puts every certificate of the mirror on the record. The mirror outlives no till for it.
pub(crate) struct OnRecord(pub(crate) Weak<Inner>);

impl Witness for OnRecord {
    fn certified(&self, certificate: &Certificate) -> Result<(), String> {
        let Some(inner) = self.0.upgrade() else { return Ok(()) };
        let till = Till { inner };
        till.note_certificate(&till.unattended(), certificate).map_err(|error| error.to_string())
    }
}

impl Till {
    /// Whether somebody may see how far the copy is and ask for news.
    pub fn may_sync(&self, by: &Signed) -> Result<(), TillError> {
        self.authorise(by, Right::Sync).map(|_| ())
    }

    /// Whether somebody may have the copy compared with Stripe.
    pub fn may_certify(&self, by: &Signed) -> Result<(), TillError> {
        self.authorise(by, Right::Verify).map(|_| ())
    }

    /// Whether somebody may have every list read again.
    pub fn may_check_all(&self, by: &Signed) -> Result<(), TillError> {
        self.authorise(by, Right::Administer).map(|_| ())
    }

    /// Puts a certificate of the copy on the record, with what was healed.
    pub fn note_certificate(&self, by: &Signed, certificate: &Certificate) -> Result<(), TillError> {
        let actor = self.authorise(by, Right::Verify)?;
        // Ids and kinds only: values that differed may be a customer's, and the journal forgets nothing.
        let named = |all: &[Healed]| -> Vec<Value> {
            let one = |one: &Healed| json!({ "object": one.object, "id": one.id, "what": one.what });
            all.iter().take(NAMED).map(one).collect()
        };
        let entry = data([
            ("at", json!(certificate.at)),
            ("holds", json!(certificate.holds)),
            ("complete_to", json!(certificate.complete_to)),
            ("audited_to", json!(certificate.audited_to)),
            ("audited_since", json!(certificate.audited_since)),
            ("balance", json!(certificate.balance)),
            ("not_compared", json!(certificate.not_compared)),
            ("differences", json!(certificate.healed.len())),
            ("healed", json!(named(&certificate.healed))),
            ("open", json!(named(&certificate.open))),
            ("doubts", json!(certificate.doubts)),
        ]);
        self.put_on_record(&actor, kind::MIRROR_CERTIFIED, entry, |_| Ok(()))
    }

    /// A manager has every list read again, having been told the price in reads.
    pub fn note_full_check(&self, by: &Signed, reads: i64) -> Result<(), TillError> {
        let actor = self.authorise(by, Right::Administer)?;
        self.put_on_record(&actor, kind::FULL_CHECK_ASKED, data([("reads", json!(reads))]), |_| Ok(()))
    }

    /// A manager lets the copying of old records spend more than its daily share of the read budget.
    pub fn note_hurry(&self, by: &Signed) -> Result<(), TillError> {
        let actor = self.authorise(by, Right::Administer)?;
        self.put_on_record(&actor, kind::BACKFILL_HURRIED, Map::new(), |_| Ok(()))
    }

    /// A manager has the copying of old records wait, in later runs too; the news goes on being read. False where nothing
    /// is left to be copied, or it waits already.
    pub fn pause_copy(&self, by: &Signed) -> Result<bool, TillError> {
        let actor = self.authorise(by, Right::Administer)?;
        let name = by.staff().map(|staff| staff.name.as_str());
        if !self.mirror().hold_copy(name)? {
            return Ok(false);
        }
        let noted = self.put_on_record(&actor, kind::COPY_PAUSED, Map::new(), |_| Ok(()));
        if noted.is_err() {
            // What is not on the record does not happen.
            self.mirror().release_copy()?;
        }
        noted.map(|()| true)
    }

    /// A manager lets it go on. False where it did not wait.
    pub fn go_on_with_copy(&self, by: &Signed) -> Result<bool, TillError> {
        let actor = self.authorise(by, Right::Administer)?;
        self.release_copy(&actor)
    }

    /// Somebody asked for a copy without a window, where nobody is signed in: then it goes on.
    pub fn go_on_with_copy_unattended(&self) -> Result<bool, TillError> {
        let actor = self.authorise(&self.unattended(), Right::Sync)?;
        self.release_copy(&actor)
    }

    fn release_copy(&self, actor: &Actor) -> Result<bool, TillError> {
        if !self.mirror().is_held()? {
            return Ok(false);
        }
        self.put_on_record(actor, kind::COPY_GONE_ON, Map::new(), |_| Ok(()))?;
        Ok(self.mirror().release_copy()?)
    }

    /// Takes deliveries of `stripe listen` on a port from now on, in later runs too. The signing secret goes into the
    /// vault and is never shown again.
    pub fn receiver_on(&self, by: &Signed, port: u16, secret: &str) -> Result<(), TillError> {
        let actor = self.authorise(by, Right::Administer)?;
        if port < 1024 {
            return Err(TillError::invalid("port", Reason::Port, "choose a port from 1024 to 65535"));
        }
        let secret = secret.trim();
        let plain = secret.bytes().all(|byte| byte.is_ascii_graphic());
        if !secret.starts_with("whsec_") || !(16..=200).contains(&secret.len()) || !plain {
            return Err(TillError::invalid(
                "secret",
                Reason::SigningSecret,
                "enter the signing secret that stripe listen prints; it begins with whsec_",
            ));
        }
        self.inner.vault.set(names::RECEIVER, &Secret::from(secret))?;
        self.put_on_record(&actor, kind::RECEIVER_ON, data([("port", json!(port))]), |tx| {
            tx.execute(
                "INSERT INTO setting (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (PORT, port.to_string()),
            )?;
            Ok(())
        })
    }

    /// Takes no deliveries any more and forgets the secret.
    pub fn receiver_off(&self, by: &Signed) -> Result<(), TillError> {
        let actor = self.authorise(by, Right::Administer)?;
        self.put_on_record(&actor, kind::RECEIVER_OFF, Map::new(), |tx| {
            tx.execute("DELETE FROM setting WHERE key = ?1", [PORT])?;
            Ok(())
        })?;
        Ok(self.inner.vault.delete(names::RECEIVER)?)
    }

    /// Port and secret of the receiver while it is on: for the program, which begins to listen when it starts.
    pub fn receiver(&self) -> Result<Option<(u16, Secret)>, TillError> {
        let port: Option<String> = self.read(|db| {
            Ok(db
                .prepare_cached("SELECT value FROM setting WHERE key = ?1")?
                .query_row([PORT], |row| row.get(0))
                .optional()?)
        })?;
        let Some(port) = port.and_then(|port| port.parse().ok()) else { return Ok(None) };
        Ok(self.inner.vault.get(names::RECEIVER)?.map(|secret| (port, secret)))
    }

    /// An entry, together with what it tells of.
    fn put_on_record(
        &self,
        actor: &Actor,
        kind: &'static str,
        data: Map<String, Value>,
        change: impl FnOnce(&Connection) -> Result<(), TillError>,
    ) -> Result<(), TillError> {
        let at_ms = self.now_ms();
        self.write(|tx| {
            change(tx)?;
            self.append(tx, Entry { at_ms, staff: actor.who(), kind, data, ..Entry::default() })?;
            Ok(())
        })
    }
}
