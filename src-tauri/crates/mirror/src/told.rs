//! What Stripe tells by an event, and what it does without one: a difference is a difference only where news should have
//! told. By Stripe's list of event types.

use crate::kind::KindId;
use crate::kinds;

/// How a change of a column becomes known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// By an event about the object.
    ByEvent,
    /// Not at all: lists have to be read again.
    Silently,
    /// It does not change any more at Stripe.
    Never,
}

/// Whether an event tells that an object was made.
pub(crate) fn is_creation_told(kind: KindId) -> bool {
    !matches!(
        kind,
        kinds::BALANCE_TRANSACTION
            | kinds::CHECKOUT_SESSION
            | kinds::INVOICE_PAYMENT
            | kinds::READER
            | kinds::LOCATION
    )
}

/// Whether an event tells that an object was deleted.
pub(crate) fn is_deletion_told(kind: KindId) -> bool {
    !matches!(kind, kinds::READER | kinds::LOCATION)
}

/// How a change of a column becomes known, of an object that had one status and now has another.
pub(crate) fn change(kind: KindId, column: &str, was: Option<&str>, is: Option<&str>) -> Told {
    let both = |states: &[&str]| [was, is].iter().all(|status| status.is_some_and(|s| states.contains(&s)));
    // Until it is paid or given up a payment can be edited, and a customer edits an open checkout.
    let (open, last): (&[&str], &[&str]) = match kind {
        kinds::PAYMENT_INTENT | kinds::SETUP_INTENT => (
            &["requires_payment_method", "requires_confirmation", "requires_action"],
            &["succeeded", "canceled"],
        ),
        kinds::CHECKOUT_SESSION if column == "payment_status" => (&["open"], &["expired"]),
        kinds::CHECKOUT_SESSION => (&["open"], &["complete", "expired"]),
        kinds::BALANCE_TRANSACTION => return Told::Never,
        // They run out by themselves.
        kinds::COUPON if column == "valid" => return Told::Silently,
        kinds::PROMOTION_CODE if column == "active" => return Told::Silently,
        _ => return Told::ByEvent,
    };
    if both(open) {
        Told::Silently
    } else if was == is && both(last) {
        Told::Never
    } else {
        Told::ByEvent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_news_should_have_told() {
        let of = |kind, column, was, is| change(kind, column, Some(was), Some(is));
        let payment = kinds::PAYMENT_INTENT;
        assert_eq!(of(payment, "amount", "succeeded", "succeeded"), Told::Never);
        assert_eq!(of(payment, "status", "requires_action", "succeeded"), Told::ByEvent);
        assert_eq!(of(payment, "status", "succeeded", "canceled"), Told::ByEvent);
        assert_eq!(of(payment, "amount_capturable", "requires_capture", "requires_capture"), Told::ByEvent);
        let (before, after) = ("requires_payment_method", "requires_confirmation");
        assert_eq!(
            of(payment, "status", before, after),
            Told::Silently,
            "there is no payment_intent.updated"
        );
        assert_eq!(of(payment, "amount", before, before), Told::Silently);
        assert_eq!(change(payment, "amount", None, Some("succeeded")), Told::ByEvent);
        assert_eq!(of(kinds::CHECKOUT_SESSION, "amount_total", "open", "open"), Told::Silently);
        let session = |column| of(kinds::CHECKOUT_SESSION, column, "complete", "complete");
        assert_eq!((session("payment_status"), session("amount_total")), (Told::ByEvent, Told::Never));
        assert_eq!(change(kinds::BALANCE_TRANSACTION, "net", None, None), Told::Never);
        assert_eq!(change(kinds::CUSTOMER, "name", None, None), Told::ByEvent);
    }
}
