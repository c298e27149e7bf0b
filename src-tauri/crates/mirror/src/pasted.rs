//! An id that was pasted whole: what a person wants to see when they look for it.

use rusqlite::{Connection, OptionalExtension};

use crate::MirrorError;
use crate::kind::KindId;
use crate::kinds;
use crate::read::by_prefix;
use crate::sql;

/// Ids are shorter.
const ID_LIMIT: usize = 255;
/// A refund leads to its charge, that to its payment; nothing leads further.
const STEPS: usize = 4;

/// What a text names by its id: one of Stripe's, a sale's or an attempt's. A part of a whole stands for the whole: a refund
/// for its payment, a price for its product. With a kind, only what is of it.
pub(crate) fn named(
    connection: &Connection,
    text: &str,
    wanted: Option<KindId>,
) -> Result<Vec<(KindId, String)>, MirrorError> {
    if is_uuid(text) {
        return of_sale(connection, &text.to_ascii_lowercase());
    }
    let is_id = text.len() <= ID_LIMIT
        && text.contains('_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if !is_id {
        return Ok(Vec::new());
    }
    for kind in by_prefix(text) {
        if is_known(connection, kind, text)? {
            let (kind, id) = whole(connection, kind, text, wanted)?;
            return Ok(vec![(kind, id)]);
        }
    }
    Ok(Vec::new())
}

/// The payments of a sale, newest first; also by the id of the attempt to take one or to give it back.
pub(crate) fn of_sale(connection: &Connection, id: &str) -> Result<Vec<(KindId, String)>, MirrorError> {
    let mut payments = connection.prepare_cached(
        "SELECT id FROM (SELECT id, created FROM payment_intent WHERE sale_id = ?1
                         UNION SELECT id, created FROM payment_intent WHERE attempt_id = ?1
                         UNION SELECT p.id, p.created FROM refund r JOIN payment_intent p ON p.id = r.payment_intent
                           WHERE r.refund_attempt_id = ?1)
         ORDER BY created DESC, id DESC LIMIT 50",
    )?;
    let ids = payments.query_map([id], |row| Ok((kinds::PAYMENT_INTENT, row.get(0)?)))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// `8-4-4-4-12` hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_known(connection: &Connection, kind: KindId, id: &str) -> Result<bool, MirrorError> {
    Ok(connection.prepare_cached(&sql::of(kind).known)?.exists([id])?)
}

/// What an object belongs to, as far as it is here.
fn whole(
    connection: &Connection,
    kind: KindId,
    id: &str,
    wanted: Option<KindId>,
) -> Result<(KindId, String), MirrorError> {
    let mut at = (kind, id.to_owned());
    for _ in 0..STEPS {
        if wanted == Some(at.0) {
            break;
        }
        match above(connection, at.0, &at.1)? {
            Some(next) => at = next,
            None => break,
        }
    }
    Ok(at)
}

fn above(connection: &Connection, kind: KindId, id: &str) -> Result<Option<(KindId, String)>, MirrorError> {
    let ways: &[(&str, KindId)] = match kind {
        kinds::CHARGE => &[("payment_intent", kinds::PAYMENT_INTENT)],
        kinds::REFUND | kinds::DISPUTE => {
            &[("payment_intent", kinds::PAYMENT_INTENT), ("charge", kinds::CHARGE)]
        }
        kinds::CHECKOUT_SESSION => &[("payment_intent", kinds::PAYMENT_INTENT)],
        kinds::INVOICE_LINE | kinds::INVOICE_PAYMENT | kinds::INVOICE_ITEM | kinds::CREDIT_NOTE => {
            &[("invoice", kinds::INVOICE)]
        }
        kinds::PRICE => &[("product", kinds::PRODUCT)],
        kinds::SUBSCRIPTION_ITEM => &[("subscription", kinds::SUBSCRIPTION)],
        kinds::PAYMENT_METHOD => &[("customer", kinds::CUSTOMER)],
        kinds::BALANCE_TRANSACTION => &[("source", kinds::OTHER)],
        kinds::EVENT => &[("object_id", kinds::OTHER)],
        _ => &[],
    };
    for (column, kind_above) in ways {
        let sql = format!("SELECT {column} FROM {} WHERE id = ?1", kind.kind().table);
        let found: Option<Option<String>> =
            connection.prepare_cached(&sql)?.query_row([id], |row| row.get(0)).optional()?;
        let Some(found) = found.flatten() else { continue };
        if let Some(kind) = kind_of(connection, *kind_above, &found)? {
            return Ok(Some((kind, found)));
        }
    }
    Ok(None)
}

/// The kind of an object that is here; where it can be any, its id tells.
pub(crate) fn kind_of(
    connection: &Connection,
    likely: KindId,
    id: &str,
) -> Result<Option<KindId>, MirrorError> {
    let kinds = if likely == kinds::OTHER { by_prefix(id) } else { vec![likely] };
    for kind in kinds {
        if is_known(connection, kind, id)? {
            return Ok(Some(kind));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_of_ours_has_the_shape_of_one() {
        assert!(is_uuid("0199aBcd-0000-7000-8000-0123456789ab"));
        for other in
            ["", "0199abcd", "0199abcd-0000-7000-8000-0123456789ag", "0199abcd00007000800000123456789ab"]
        {
            assert!(!is_uuid(other), "{other}");
        }
    }
}
