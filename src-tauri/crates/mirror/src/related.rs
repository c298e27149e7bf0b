//! What points to a record. Every statement here goes by a primary key or an index; a test asks SQLite whether it does.

use crate::kind::KindId;
use crate::kinds;

/// Records of one kind that belong to one of another kind.
pub(crate) struct Link {
    /// The record's kind.
    pub(crate) of: KindId,
    /// Theirs.
    pub(crate) to: KindId,
    /// Their ids, by the record's, newest first.
    pub(crate) sql: &'static str,
}

const fn link(of: KindId, to: KindId, sql: &'static str) -> Link {
    Link { of, to, sql }
}

pub(crate) const LINKS: &[Link] = &[
    link(
        kinds::PAYMENT_INTENT,
        kinds::REFUND,
        "SELECT id FROM refund WHERE payment_intent = ?1 AND deleted = 0 ORDER BY created DESC, id LIMIT 50",
    ),
    link(
        kinds::PAYMENT_INTENT,
        kinds::DISPUTE,
        "SELECT id FROM dispute WHERE payment_intent = ?1 AND deleted = 0 ORDER BY created DESC, id LIMIT 20",
    ),
    link(
        kinds::PAYMENT_INTENT,
        kinds::BALANCE_TRANSACTION,
        "SELECT h.balance_transaction FROM payment_intent t JOIN charge h ON h.id = t.latest_charge WHERE t.id = ?1",
    ),
    link(
        kinds::PAYMENT_INTENT,
        kinds::CHECKOUT_SESSION,
        "SELECT id FROM checkout_session WHERE payment_intent = ?1 AND deleted = 0 ORDER BY created DESC, id LIMIT 20",
    ),
    link(
        kinds::PAYMENT_INTENT,
        kinds::INVOICE,
        "SELECT invoice FROM invoice_payment WHERE payment_intent = ?1 AND deleted = 0 ORDER BY created DESC LIMIT 20",
    ),
    link(
        kinds::CHARGE,
        kinds::REFUND,
        "SELECT r.id FROM charge t JOIN refund r ON r.payment_intent = t.payment_intent
         WHERE t.id = ?1 AND r.charge = t.id AND r.deleted = 0 ORDER BY r.created DESC, r.id LIMIT 50",
    ),
    link(
        kinds::CHARGE,
        kinds::REFUND,
        "SELECT id FROM refund WHERE charge = ?1 AND payment_intent IS NULL AND deleted = 0
         ORDER BY created DESC, id LIMIT 50",
    ),
    link(
        kinds::CHARGE,
        kinds::DISPUTE,
        "SELECT id FROM dispute WHERE charge = ?1 AND deleted = 0 ORDER BY created DESC, id LIMIT 20",
    ),
    link(
        kinds::CUSTOMER,
        kinds::SUBSCRIPTION,
        "SELECT id FROM subscription WHERE customer = ?1 AND deleted = 0 ORDER BY created DESC, id LIMIT 20",
    ),
    link(
        kinds::CUSTOMER,
        kinds::INVOICE,
        "SELECT id FROM invoice WHERE customer = ?1 AND deleted = 0 ORDER BY created DESC, id LIMIT 20",
    ),
    link(
        kinds::CUSTOMER,
        kinds::PAYMENT_METHOD,
        "SELECT id FROM payment_method WHERE customer = ?1 AND deleted = 0 ORDER BY created DESC, id LIMIT 20",
    ),
    link(
        kinds::INVOICE,
        kinds::PAYMENT_INTENT,
        "SELECT payment_intent FROM invoice_payment WHERE invoice = ?1 AND deleted = 0 ORDER BY created DESC LIMIT 20",
    ),
    link(
        kinds::INVOICE,
        kinds::CREDIT_NOTE,
        "SELECT id FROM credit_note WHERE invoice = ?1 AND deleted = 0 ORDER BY created DESC, id LIMIT 20",
    ),
    link(
        kinds::INVOICE,
        kinds::INVOICE_LINE,
        "SELECT id FROM invoice_line WHERE invoice = ?1 AND deleted = 0 ORDER BY id LIMIT 100",
    ),
    link(
        kinds::SUBSCRIPTION,
        kinds::SUBSCRIPTION_ITEM,
        "SELECT id FROM subscription_item WHERE subscription = ?1 AND deleted = 0 ORDER BY id LIMIT 50",
    ),
    // A customer has few invoices; those of all subscriptions need no index of their own for this.
    link(
        kinds::SUBSCRIPTION,
        kinds::INVOICE,
        "SELECT i.id FROM subscription t JOIN invoice i ON i.customer = t.customer
         WHERE t.id = ?1 AND i.subscription = t.id AND i.deleted = 0 ORDER BY i.created DESC, i.id LIMIT 20",
    ),
    link(
        kinds::PRODUCT,
        kinds::PRICE,
        "SELECT id FROM price WHERE product = ?1 AND deleted = 0 ORDER BY active DESC, created DESC, id LIMIT 50",
    ),
];

#[cfg(test)]
mod tests {
    use tillbook_store::{Access, FileKey, Folder, Store, StoreError};

    use super::*;
    use crate::hit::select;

    /// What SQLite would do, step by step.
    fn plan(store: &Store, sql: &str) -> Vec<String> {
        store
            .mirror
            .read(|connection| {
                let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let steps = explained.query_map(["x"], |row| row.get("detail"))?;
                Ok::<Vec<String>, StoreError>(steps.collect::<Result<_, _>>()?)
            })
            .unwrap()
    }

    #[test]
    fn no_table_is_read_through_to_show_a_record() {
        let dir = tempfile::tempdir().unwrap();
        let keys = (FileKey::new([1; 32]), FileKey::new([2; 32]));
        let store = Store::open(&Folder::at(dir.path()), &keys.0, &keys.1, Access::ReadWrite).unwrap();
        let lines = KindId::all().map(select);
        for sql in LINKS.iter().map(|link| link.sql.to_owned()).chain(lines) {
            let steps = plan(&store, &sql);
            assert!(steps.iter().any(|step| step.starts_with("SEARCH")), "{sql}: {steps:?}");
            assert!(!steps.iter().any(|step| step.starts_with("SCAN")), "{sql}: {steps:?}");
        }
    }
}
