//! Stripe's test cards, rewritten as a table: what each number is and how it behaves when it is charged.

/// When a card asks for 3-D Secure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Every payment, off-session ones included.
    Always,
    /// Unless it was set up for off-session use before.
    UnlessSetUp,
    /// Only while the customer is there.
    OnSession,
    /// Supported, not needed.
    Optional,
}

/// What follows once 3-D Secure went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// The payment succeeds.
    Pays,
    /// The issuer declines it with this decline code.
    Declines(&'static str),
    /// The lookup itself fails.
    LookupError,
}

/// A decline as Stripe words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decline {
    pub code: &'static str,
    pub decline_code: &'static str,
    pub param: &'static str,
    pub advice: &'static str,
}

/// How a card behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Charges succeed.
    Pays,
    /// Charges are declined; attaching is refused too unless `attaches`.
    Declines { decline: Decline, attaches: bool },
    /// Radar blocks the charge.
    Blocked,
    /// Succeeds with an elevated risk level.
    Elevated,
    /// Succeeds with these checks failing.
    Checks(&'static str),
    /// Asks for 3-D Secure.
    Secure { need: Need, after: After },
    /// Succeeds, then is disputed.
    Disputed(&'static str),
    /// Refunds begin as pending.
    RefundPending,
    /// Refunds fail after they succeeded.
    RefundFails,
    /// Funds are available at once.
    AvailableAtOnce,
}

/// One test card.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Card {
    /// `pm_card_…`, empty where the number has no such name.
    pub method: &'static str,
    pub number: &'static str,
    pub brand: &'static str,
    pub funding: &'static str,
    pub country: &'static str,
    pub behaviour: Behaviour,
}

const fn card(
    method: &'static str,
    number: &'static str,
    brand: &'static str,
    funding: &'static str,
    country: &'static str,
    behaviour: Behaviour,
) -> Card {
    Card { method, number, brand, funding, country, behaviour }
}

const fn declines(
    code: &'static str,
    decline_code: &'static str,
    param: &'static str,
    advice: &'static str,
) -> Behaviour {
    Behaviour::Declines { decline: Decline { code, decline_code, param, advice }, attaches: false }
}

const fn declines_later(code: &'static str, decline_code: &'static str, param: &'static str) -> Behaviour {
    Behaviour::Declines { decline: Decline { code, decline_code, param, advice: "" }, attaches: true }
}

const fn secure(need: Need, after: After) -> Behaviour {
    Behaviour::Secure { need, after }
}

/// Every test card with a number of its own, Stripe's order.
#[rustfmt::skip]
pub(crate) static CARDS: &[Card] = &[
    card("pm_card_visa", "4242424242424242", "visa", "credit", "US", Behaviour::Pays),
    card("pm_card_visa_debit", "4000056655665556", "visa", "debit", "US", Behaviour::Pays),
    card("pm_card_mastercard", "5555555555554444", "mastercard", "credit", "US", Behaviour::Pays),
    card("pm_card_mastercard_debit", "5200828282828210", "mastercard", "debit", "US", Behaviour::Pays),
    card("pm_card_mastercard_prepaid", "5105105105105100", "mastercard", "prepaid", "US", Behaviour::Pays),
    card("pm_card_amex", "378282246310005", "amex", "credit", "US", Behaviour::Pays),
    card("pm_card_discover", "6011111111111117", "discover", "credit", "US", Behaviour::Pays),
    card("pm_card_diners", "3056930009020004", "diners", "credit", "US", Behaviour::Pays),
    card("pm_card_jcb", "3566002020360505", "jcb", "credit", "US", Behaviour::Pays),
    card("pm_card_unionpay", "6200000000000005", "unionpay", "credit", "US", Behaviour::Pays),
    card("", "2223003122003222", "mastercard", "credit", "US", Behaviour::Pays),
    card("", "371449635398431", "amex", "credit", "US", Behaviour::Pays),
    card("", "6011000990139424", "discover", "credit", "US", Behaviour::Pays),
    card("", "6011981111111113", "discover", "debit", "US", Behaviour::Pays),
    card("", "36227206271667", "diners", "credit", "US", Behaviour::Pays),
    card("", "6200000000000047", "unionpay", "debit", "US", Behaviour::Pays),
    card("", "6205500000000000004", "unionpay", "credit", "US", Behaviour::Pays),
    card("pm_card_visa_chargeDeclined", "4000000000000002", "visa", "credit", "US", declines("card_declined", "generic_decline", "", "try_again_later")),
    card("pm_card_visa_chargeDeclinedInsufficientFunds", "4000000000009995", "visa", "credit", "US", declines("card_declined", "insufficient_funds", "", "try_again_later")),
    card("pm_card_visa_chargeDeclinedLostCard", "4000000000009987", "visa", "credit", "US", declines("card_declined", "lost_card", "", "do_not_try_again")),
    card("pm_card_visa_chargeDeclinedStolenCard", "4000000000009979", "visa", "credit", "US", declines("card_declined", "stolen_card", "", "do_not_try_again")),
    card("pm_card_chargeDeclinedExpiredCard", "4000000000000069", "visa", "credit", "US", declines("expired_card", "expired_card", "exp_month", "confirm_card_data")),
    card("pm_card_chargeDeclinedIncorrectCvc", "4000000000000127", "visa", "credit", "US", declines("incorrect_cvc", "incorrect_cvc", "cvc", "confirm_card_data")),
    card("pm_card_chargeDeclinedProcessingError", "4000000000000119", "visa", "credit", "US", declines("processing_error", "processing_error", "", "try_again_later")),
    card("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "4000000000006975", "visa", "credit", "US", declines("card_declined", "card_velocity_exceeded", "", "")),
    card("pm_card_chargeDeclinedFraudulent", "4100000000000019", "visa", "credit", "US", declines("card_declined", "fraudulent", "", "")),
    card("pm_card_chargeCustomerFail", "4000000000000341", "visa", "credit", "US", declines_later("card_declined", "generic_decline", "")),
    card("pm_card_radarBlock", "4100000000000019", "visa", "credit", "US", Behaviour::Blocked),
    card("pm_card_riskLevelHighest", "4000000000004954", "visa", "credit", "US", Behaviour::Blocked),
    card("pm_card_riskLevelElevated", "4000000000009235", "visa", "credit", "US", Behaviour::Elevated),
    card("pm_card_cvcCheckFail", "4000000000000101", "visa", "credit", "US", Behaviour::Checks("cvc")),
    card("pm_card_avsZipFail", "4000000000000036", "visa", "credit", "US", Behaviour::Checks("zip")),
    card("pm_card_avsLine1Fail", "4000000000000028", "visa", "credit", "US", Behaviour::Checks("line1")),
    card("pm_card_avsFail", "4000000000000010", "visa", "credit", "US", Behaviour::Checks("line1+zip")),
    card("pm_card_avsUnchecked", "4000000000000044", "visa", "credit", "US", Behaviour::Checks("unchecked")),
    card("pm_card_authenticationRequiredOnSetup", "4000002500003155", "visa", "credit", "US", secure(Need::UnlessSetUp, After::Pays)),
    card("pm_card_authenticationRequired", "4000002760003184", "visa", "credit", "US", secure(Need::Always, After::Pays)),
    card("pm_card_authenticationRequiredSetupForOffSession", "4000003800000446", "visa", "credit", "US", secure(Need::OnSession, After::Pays)),
    card("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "4000008260003178", "visa", "credit", "US", secure(Need::Always, After::Declines("insufficient_funds"))),
    card("pm_card_threeDSecure2Required", "4000000000003220", "visa", "credit", "US", secure(Need::Always, After::Pays)),
    card("pm_card_threeDSecureRequiredChargeDeclined", "4000008400001629", "visa", "credit", "US", secure(Need::Always, After::Declines("generic_decline"))),
    card("pm_card_threeDSecureRequiredProcessingError", "4000008400001280", "visa", "credit", "US", secure(Need::Always, After::LookupError)),
    card("pm_card_threeDSecureOptional", "4000000000003055", "visa", "credit", "US", secure(Need::Optional, After::Pays)),
    card("pm_card_threeDSecureOptionalProcessingError", "4000000000003097", "visa", "credit", "US", secure(Need::Optional, After::LookupError)),
    card("pm_card_amex_threeDSecureNotSupported", "378282246310005", "amex", "credit", "US", Behaviour::Pays),
    card("pm_card_createDispute", "4000000000000259", "visa", "credit", "US", Behaviour::Disputed("fraudulent")),
    card("pm_card_createDisputeProductNotReceived", "4000000000002685", "visa", "credit", "US", Behaviour::Disputed("product_not_received")),
    card("pm_card_createDisputeInquiry", "4000000000001976", "visa", "credit", "US", Behaviour::Disputed("inquiry")),
    card("pm_card_createIssuerFraudRecord", "4000000000005423", "visa", "credit", "US", Behaviour::Disputed("early_fraud_warning")),
    card("pm_card_createMultipleDisputes", "4000000404000079", "visa", "credit", "US", Behaviour::Disputed("multiple")),
    card("pm_card_createCe3EligibleDispute", "4000000404000038", "visa", "credit", "US", Behaviour::Disputed("ce3")),
    card("pm_card_createComplianceDispute", "4000008400000779", "visa", "credit", "US", Behaviour::Disputed("compliance")),
    card("pm_card_createMastercardComplianceDispute", "5105008400000002", "mastercard", "credit", "US", Behaviour::Disputed("mastercard_compliance")),
    card("pm_card_createAutoRepresentmentEligibleDispute", "4000000001000043", "visa", "credit", "US", Behaviour::Disputed("smart")),
    card("pm_card_pendingRefund", "4000000000007726", "visa", "credit", "US", Behaviour::RefundPending),
    card("pm_card_refundFail", "4000000000005126", "visa", "credit", "US", Behaviour::RefundFails),
    card("pm_card_bypassPending", "4000000000000077", "visa", "credit", "US", Behaviour::AvailableAtOnce),
    card("pm_card_bypassPendingInternational", "4000003720000278", "visa", "credit", "BR", Behaviour::AvailableAtOnce),
    // Only ever presented to a simulated reader.
    card("", "4506445006931933", "interac", "debit", "CA", Behaviour::Pays),
    card("", "6280000360000978", "eftpos_au", "debit", "AU", Behaviour::Pays),
    card("", "4711009900000316877", "girocard", "debit", "DE", Behaviour::Pays),
    card("", "4001007020000002", "visa", "credit", "US", Behaviour::Pays),
    card("", "4000008260000075", "visa", "credit", "GB", Behaviour::Pays),
    card("", "4001000360000005", "visa", "credit", "US", Behaviour::Pays),
    card("", "4000002760000008", "visa", "credit", "DE", Behaviour::Pays),
];

/// The number behind a `pm_card_…` name, as it is presented to a simulated reader: `pm_card_visa` is
/// `4242424242424242`. `None` for a name that is not a test card.
pub fn number_of(payment_method: &str) -> Option<&'static str> {
    by_method(payment_method).map(|card| card.number)
}

/// Every `pm_card_…` name there is, in Stripe's order.
pub fn methods() -> impl Iterator<Item = &'static str> {
    CARDS.iter().map(|card| card.method).filter(|method| !method.is_empty())
}

pub(crate) fn by_method(method: &str) -> Option<&'static Card> {
    CARDS.iter().find(|card| !card.method.is_empty() && card.method == method)
}

pub(crate) fn by_number(number: &str) -> Option<&'static Card> {
    CARDS.iter().find(|card| card.number == number)
}

/// The check digit every card number carries.
pub(crate) fn passes_luhn(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().map(|digit| digit.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| (12..=19).contains(&digits.len())) else { return false };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            let doubled = if place % 2 == 1 { digit * 2 } else { digit };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_well_formed_and_found_by_name() {
        assert_eq!(number_of("pm_card_visa"), Some("4242424242424242"));
        assert_eq!(number_of("pm_card_nothing"), None);
        for card in CARDS {
            assert!(passes_luhn(card.number), "{} fails the check digit", card.number);
        }
        assert!(!passes_luhn("4242424242424241"));
        assert!(methods().count() > 40);
    }
}
