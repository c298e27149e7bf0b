//! Reads a reader and a PaymentIntent together. Pure: what it says decides what is done, so it is tested alone.

use tillbook_stripe::declines;
use tillbook_stripe::payment_intents::{PaymentIntent, Status};

use crate::view::{Notice, NoticeCode};

/// What the reader is doing, as far as it matters to a payment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReaderAction {
    /// `in_progress`, `succeeded`, `failed`, or a word that is not known yet.
    pub(crate) status: String,
    /// `process_payment_intent` and others.
    pub(crate) kind: String,
    /// The PaymentIntent it names, if it names one.
    pub(crate) payment_intent: Option<String>,
    /// Why it failed.
    pub(crate) failure_code: Option<String>,
}

impl ReaderAction {
    pub(crate) fn in_progress(&self) -> bool {
        self.status == "in_progress"
    }

    pub(crate) fn names(&self, payment_intent: &str) -> bool {
        self.payment_intent.as_deref() == Some(payment_intent)
    }
}

/// Where a payment on a reader stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Stripe has received the money.
    Paid,
    /// Stripe will take nothing any more.
    Canceled,
    /// The reader asks for the card.
    Waiting,
    /// The card was presented.
    Authorising,
    /// Authorised, to be captured.
    ToCapture,
    /// The presentation ended without payment; the same PaymentIntent can be presented again. `sure` is false where
    /// the reader may be wrong about it: then Stripe is asked once more before anybody is told.
    Ended { notice: Notice, sure: bool },
}

/// Puts together what Stripe says of the reader (looked at first) and of the PaymentIntent (looked at after it).
pub(crate) fn progress(intent: &PaymentIntent, action: Option<&ReaderAction>) -> Progress {
    match &intent.status {
        Status::Succeeded => Progress::Paid,
        Status::Canceled => Progress::Canceled,
        Status::RequiresCapture => Progress::ToCapture,
        Status::Processing | Status::RequiresAction | Status::RequiresConfirmation => Progress::Authorising,
        Status::RequiresPaymentMethod => presented(intent, action),
        // A word that is not known yet is neither paid nor free to be presented again.
        Status::Other(_) => Progress::Authorising,
    }
}

fn presented(intent: &PaymentIntent, action: Option<&ReaderAction>) -> Progress {
    let Some(action) = action.filter(|action| action.names(&intent.id)) else {
        return Progress::Ended {
            notice: notice(
                NoticeCode::ReaderReset,
                "The card reader was reset before the payment. It can be tried again.",
            ),
            sure: false,
        };
    };
    match action.status.as_str() {
        "in_progress" => Progress::Waiting,
        "failed" => failed(intent, action),
        // The reader is done and the payment does not show it yet: Stripe is a moment behind itself.
        _ => Progress::Authorising,
    }
}

fn failed(intent: &PaymentIntent, action: &ReaderAction) -> Progress {
    let reader_code = action.failure_code.as_deref().unwrap_or_default();
    let sure = !declines::reader_code_hides_an_outcome(reader_code);
    let error = intent.last_payment_error.as_ref();
    let bank_code = error.and_then(|error| error.decline_code.as_deref().or(error.code.as_deref()));
    let told = match (reader_code, bank_code) {
        ("card_declined" | "", Some(bank)) => declines::staff_notice(bank),
        (reader, _) => declines::reader_notice(reader),
    };
    Progress::Ended { notice: of_stripe(told), sure }
}

/// A notice of ours.
pub(crate) fn notice(code: NoticeCode, text: &str) -> Notice {
    Notice { code: code.as_str().to_owned(), text: text.to_owned() }
}

/// A notice in the words for Stripe's own codes; each of those is a [`NoticeCode`] too.
pub(crate) fn of_stripe((code, text): (&str, &str)) -> Notice {
    Notice { code: code.to_owned(), text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn intent(status: &str, decline: Option<&str>) -> PaymentIntent {
        serde_json::from_value(json!({
            "id": "pi_1", "amount": 100, "currency": "usd", "status": status,
            "last_payment_error": decline.map(|code| json!({ "code": "card_declined", "decline_code": code })),
        }))
        .unwrap()
    }

    fn action(status: &str, intent: &str, failure: Option<&str>) -> ReaderAction {
        ReaderAction {
            status: status.to_owned(),
            kind: "process_payment_intent".to_owned(),
            payment_intent: Some(intent.to_owned()),
            failure_code: failure.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn the_payment_is_believed_before_the_reader() {
        let failed = action("failed", "pi_1", Some("terminal_reader_timeout"));
        assert_eq!(progress(&intent("succeeded", None), Some(&failed)), Progress::Paid);
        assert_eq!(progress(&intent("canceled", None), None), Progress::Canceled);
        let done = action("succeeded", "pi_1", None);
        assert_eq!(progress(&intent("requires_payment_method", None), Some(&done)), Progress::Authorising);
    }

    #[test]
    fn a_decline_is_told_neutrally() {
        for secret in ["stolen_card", "lost_card", "fraudulent", "merchant_blacklist"] {
            let seen = progress(
                &intent("requires_payment_method", Some(secret)),
                Some(&action("failed", "pi_1", Some("card_declined"))),
            );
            let Progress::Ended { notice, sure } = seen else { panic!("{seen:?}") };
            assert!(sure && notice.code == "card_declined" && !notice.text.contains(secret), "{notice:?}");
        }
    }

    #[test]
    fn what_a_reader_may_be_wrong_about_is_asked_again() {
        for code in ["connection_error", "terminal_reader_timeout"] {
            let seen = progress(
                &intent("requires_payment_method", None),
                Some(&action("failed", "pi_1", Some(code))),
            );
            assert!(matches!(seen, Progress::Ended { sure: false, .. }), "{code}: {seen:?}");
        }
    }

    #[test]
    fn an_action_is_ours_only_if_it_names_our_payment() {
        let other = action("in_progress", "pi_other", None);
        let seen = progress(&intent("requires_payment_method", None), Some(&other));
        assert!(matches!(seen, Progress::Ended { .. }), "{seen:?}");
        let ours = action("in_progress", "pi_1", None);
        assert_eq!(progress(&intent("requires_payment_method", None), Some(&ours)), Progress::Waiting);
    }

    #[test]
    fn a_state_of_tomorrow_is_not_taken_for_an_end() {
        assert_eq!(progress(&intent("requires_prayer", None), None), Progress::Authorising);
    }
}
