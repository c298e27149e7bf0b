//! What staff may say when a bank says no, in our own neutral words.
//!
//! Some reasons must not reach the customer (a card reported stolen, a card on the shop's own block list, suspected
//! fraud): they look exactly like a plain decline, their code included. What is not known yet does so too.

/// The code shown in place of one that must not be told, or is not known.
pub const PLAIN: &str = "card_declined";

/// Every code that may be shown, with its sentence. What leaves this module is a row of it.
const WORDS: [(&str, &str); 32] = [
    (
        PLAIN,
        "The bank declined the card. Please offer another way to pay; the bank can tell its customer why.",
    ),
    ("approve_with_id", TRY_AGAIN),
    ("authentication_required", "The bank asks the customer to confirm the payment before it goes on."),
    (
        "card_not_supported",
        "This card is not made for this kind of purchase. Please offer another way to pay.",
    ),
    ("currency_not_supported", "This card cannot pay in this currency. Please offer another way to pay."),
    ("customer_canceled", "The customer stopped the payment on the card reader."),
    (
        "duplicate_transaction",
        "The same amount was paid with this card a moment ago. Look for that payment before taking another.",
    ),
    ("expired_card", "The card is past its expiry date. Please offer another way to pay."),
    ("incorrect_cvc", "The security code is not right. Please have it entered again."),
    ("incorrect_number", "The card number is not right. Please have it entered again."),
    ("incorrect_pin", "The PIN was not right. The customer can enter it again."),
    ("incorrect_zip", "The postal code is not right. Please have it entered again."),
    ("insufficient_funds", "There is not enough money behind this card. Please offer another way to pay."),
    ("invalid_account", "This card cannot be used. Its bank can tell the customer more."),
    ("invalid_amount", "The bank does not allow this amount. Check the amount, or offer another way to pay."),
    ("invalid_expiry_month", CHECK_EXPIRY),
    ("invalid_expiry_year", CHECK_EXPIRY),
    ("issuer_not_available", TRY_AGAIN),
    ("pin_required", "This card wants its PIN. Please have it inserted and the PIN entered."),
    ("pin_try_exceeded", "The PIN was wrong too many times. Please offer another way to pay."),
    ("processing_error", "Something went wrong on the way. It may be tried once more, now or later."),
    ("reader_busy", "The card reader is busy with something else. Finish or cancel that first."),
    ("reader_connection", "The card reader lost its connection. Checking with Stripe what happened."),
    ("reader_fault", "The card reader reports a fault. Restart it, or use another one."),
    ("reader_location", "The card reader is registered at another place. A manager can move it in Stripe."),
    ("reader_offline", "The card reader cannot be reached. Check that it is switched on and on the network."),
    ("reader_read", "The card could not be read. The customer can present it again."),
    ("reader_timeout", "The card reader did not answer in time. Checking with Stripe what happened."),
    ("reenter_transaction", TRY_AGAIN),
    ("testmode_decline", "This is a test card; it cannot pay for real."),
    ("try_again_later", TRY_AGAIN),
    (
        "withdrawal_count_limit_exceeded",
        "The card has reached one of its limits. Please offer another way to pay.",
    ),
];

const TRY_AGAIN: &str =
    "The payment did not go through. It may be tried once more; after that only the card's bank can help.";
const CHECK_EXPIRY: &str = "The expiry date is not right. Please have it entered again.";

/// Every code that [`staff_notice`] and [`reader_notice`] can answer with, for whoever translates them.
pub fn codes() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(code, _)| *code)
}

/// A row of the table; the plain decline for what has none.
fn row(code: &str) -> (&'static str, &'static str) {
    *WORDS.iter().find(|(known, _)| *known == code).unwrap_or(&WORDS[0])
}

/// For a decline code (or an error code where there is none): the code that may be shown, and the sentence for staff.
pub fn staff_notice(decline_code: &str) -> (&'static str, &'static str) {
    match decline_code {
        "authentication_not_handled" | "payment_intent_authentication_failure" => {
            row("authentication_required")
        }
        "invalid_cvc" => row("incorrect_cvc"),
        "invalid_number" => row("incorrect_number"),
        "invalid_pin" => row("incorrect_pin"),
        "offline_pin_required" | "online_or_offline_pin_required" => row("pin_required"),
        // A bank says nothing of a reader, and nobody at a counter is a customer who canceled.
        ours if is_reader_word(ours) => row(PLAIN),
        // The bank gave no reason, or one that is nobody's business at a counter: call_issuer, do_not_honor,
        // fraudulent, lost_card, merchant_blacklist, pickup_card, restricted_card, stolen_card, and all new ones.
        told => row(told),
    }
}

/// The words of the table that are about a reader, which no bank says.
fn is_reader_word(code: &str) -> bool {
    code.starts_with("reader_") || matches!(code, "customer_canceled" | "pin_required")
}

/// Whether the same card may work on a new presentation. Never true for what looks like a plain decline.
pub fn same_card_may_work(decline_code: &str) -> bool {
    matches!(
        staff_notice(decline_code).0,
        "approve_with_id"
            | "authentication_required"
            | "incorrect_cvc"
            | "incorrect_number"
            | "incorrect_pin"
            | "incorrect_zip"
            | "invalid_expiry_month"
            | "invalid_expiry_year"
            | "issuer_not_available"
            | "pin_required"
            | "processing_error"
            | "reenter_transaction"
            | "try_again_later"
    )
}

/// For a reader's `action.failure_code` or an API error about a reader: the code that may be shown, and the sentence.
/// What is not about the reader is a decline.
pub fn reader_notice(failure_code: &str) -> (&'static str, &'static str) {
    match failure_code {
        "terminal_reader_busy" => row("reader_busy"),
        "terminal_reader_offline" => row("reader_offline"),
        "terminal_reader_timeout" => row("reader_timeout"),
        "connection_error" => row("reader_connection"),
        "terminal_reader_collected_data_invalid" | "card_read_error" | "read_error" => row("reader_read"),
        "terminal_reader_invalid_location_for_activation"
        | "terminal_reader_invalid_location_for_payment"
        | "terminal_location_country_unsupported" => row("reader_location"),
        "terminal_reader_hardware_fault" => row("reader_fault"),
        "customer_canceled" | "customer_cancelled" | "payment_method_customer_decline" | "canceled" => {
            row("customer_canceled")
        }
        other => staff_notice(other),
    }
}

/// Whether a failure of a reader says nothing about the money: the PaymentIntent has to be asked.
pub fn reader_code_hides_an_outcome(failure_code: &str) -> bool {
    matches!(failure_code, "connection_error" | "terminal_reader_timeout")
}

pub(crate) fn is_reader_code(code: &str) -> bool {
    code.starts_with("terminal_reader_") || code == "connection_error"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code Stripe documents, with whether its reason may be told.
    const DOCUMENTED: &str = "approve_with_id authentication_required call_issuer card_not_supported \
        card_velocity_exceeded currency_not_supported do_not_honor do_not_try_again duplicate_transaction expired_card \
        fraudulent generic_decline incorrect_cvc incorrect_number incorrect_pin incorrect_zip insufficient_funds \
        invalid_account invalid_amount invalid_cvc invalid_expiry_month invalid_expiry_year invalid_number invalid_pin \
        issuer_not_available lost_card merchant_blacklist new_account_information_available no_action_taken \
        not_permitted offline_pin_required online_or_offline_pin_required pickup_card pin_try_exceeded \
        processing_error reenter_transaction restricted_card revocation_of_all_authorizations \
        revocation_of_authorization security_violation service_not_allowed stolen_card stop_payment_order \
        testmode_decline transaction_not_allowed try_again_later withdrawal_count_limit_exceeded";

    #[test]
    fn what_must_be_hidden_looks_like_any_other_decline() {
        for code in [
            "fraudulent",
            "lost_card",
            "stolen_card",
            "merchant_blacklist",
            "pickup_card",
            "restricted_card",
            "security_violation",
            "a_code_from_next_year",
            "",
        ] {
            assert_eq!(staff_notice(code), staff_notice("do_not_honor"), "{code}");
            assert_eq!(staff_notice(code).0, PLAIN);
            assert!(!same_card_may_work(code));
            assert_eq!(reader_notice(code), staff_notice(code));
        }
    }

    #[test]
    fn no_sentence_gives_a_hidden_reason_away_or_blames() {
        for code in DOCUMENTED.split_whitespace() {
            let (shown, text) = staff_notice(code);
            assert!(!text.is_empty() && text.ends_with('.'), "{code}");
            for word in ["fraud", "stolen", "lost", "block", "suspicious", "police"] {
                assert!(!text.to_lowercase().contains(word), "{code}: {text}");
                assert!(!shown.contains(word), "{code}: {shown}");
            }
        }
        assert_eq!(DOCUMENTED.split_whitespace().count(), 47);
    }

    #[test]
    fn a_code_has_one_sentence_and_every_row_is_reached() {
        let mut all: Vec<&str> = codes().collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), WORDS.len());
        let of_readers = [
            "terminal_reader_busy",
            "terminal_reader_offline",
            "terminal_reader_timeout",
            "connection_error",
            "card_read_error",
            "terminal_reader_invalid_location_for_payment",
            "terminal_reader_hardware_fault",
            "customer_canceled",
        ];
        let mut reached: Vec<&str> =
            DOCUMENTED.split_whitespace().chain(of_readers).map(|code| reader_notice(code).0).collect();
        reached.sort_unstable();
        reached.dedup();
        assert_eq!(reached, all);
    }

    #[test]
    fn a_lost_reader_is_asked_about_and_a_busy_one_seen_to() {
        assert!(reader_code_hides_an_outcome("connection_error"));
        assert!(reader_code_hides_an_outcome("terminal_reader_timeout"));
        assert!(!reader_code_hides_an_outcome("terminal_reader_busy"));
        assert_eq!(reader_notice("terminal_reader_offline").0, "reader_offline");
        assert_eq!(reader_notice("insufficient_funds").0, "insufficient_funds");
    }
}
