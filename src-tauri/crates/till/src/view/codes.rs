//! The closed lists of codes that the window translates. The words beside a code are English, for the record and for an
//! English window; every other language has a sentence for every code here, and its test says which one is missing.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! codes {
    ($(#[$about:meta])* $name:ident { $($variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $(#[doc = $code] $variant),+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As it crosses to the window and stands in the store.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code),+
                }
            }
        }
    };
}

codes! {
    /// What a [`super::Notice`] can be about: a payment, a refund, a reader, the journal.
    NoticeCode {
        ApproveWithId = "approve_with_id",
        AuthenticationRequired = "authentication_required",
        CanceledElsewhere = "canceled_elsewhere",
        CardDeclined = "card_declined",
        CardNotSupported = "card_not_supported",
        ChargeAlreadyRefunded = "charge_already_refunded",
        ClosedUnpaid = "closed_unpaid",
        CurrencyNotSupported = "currency_not_supported",
        CustomerCanceled = "customer_canceled",
        DuplicateTransaction = "duplicate_transaction",
        ExpiredCard = "expired_card",
        IncorrectCvc = "incorrect_cvc",
        IncorrectNumber = "incorrect_number",
        IncorrectPin = "incorrect_pin",
        IncorrectZip = "incorrect_zip",
        InsufficientFunds = "insufficient_funds",
        InvalidAccount = "invalid_account",
        InvalidAmount = "invalid_amount",
        InvalidExpiryMonth = "invalid_expiry_month",
        InvalidExpiryYear = "invalid_expiry_year",
        IssuerNotAvailable = "issuer_not_available",
        JournalBody = "journal_body",
        JournalChain = "journal_chain",
        JournalColumns = "journal_columns",
        JournalGap = "journal_gap",
        JournalTail = "journal_tail",
        JournalWitness = "journal_witness",
        Offline = "offline",
        PinRequired = "pin_required",
        PinTryExceeded = "pin_try_exceeded",
        ProcessingError = "processing_error",
        ReaderBusy = "reader_busy",
        ReaderConnection = "reader_connection",
        ReaderFault = "reader_fault",
        ReaderLocation = "reader_location",
        ReaderOffline = "reader_offline",
        ReaderRead = "reader_read",
        ReaderReset = "reader_reset",
        ReaderTimeout = "reader_timeout",
        ReaderUnknown = "reader_unknown",
        ReenterTransaction = "reenter_transaction",
        RefundCanceled = "refund_canceled",
        RefundFailed = "refund_failed",
        RefundNotDone = "refund_not_done",
        RefundNotSent = "refund_not_sent",
        RefundPending = "refund_pending",
        RefundRefused = "refund_refused",
        RefundRequiresAction = "refund_requires_action",
        RefundWaitsForFunds = "refund_waits_for_funds",
        StripeRefused = "stripe_refused",
        TestmodeDecline = "testmode_decline",
        TryAgainLater = "try_again_later",
        WithdrawalCountLimitExceeded = "withdrawal_count_limit_exceeded",
    }
}

codes! {
    /// Why something was refused, finer than [`crate::Code`]: the sentence that staff read.
    Reason {
        AlreadySetUp = "already_set_up",
        AmountNotMoney = "amount_not_money",
        AmountTooFine = "amount_too_fine",
        AmountTooLarge = "amount_too_large",
        AnotherSale = "another_sale",
        BadAccount = "bad_account",
        Busy = "busy",
        CannotRead = "cannot_read",
        CannotWrite = "cannot_write",
        CardNumberInText = "card_number_in_text",
        ChangedStep = "changed_step",
        Currency = "currency",
        CurrencyNotTaken = "currency_not_taken",
        Damaged = "damaged",
        DamagedRecord = "damaged_record",
        Day = "day",
        Disk = "disk",
        DiskFull = "disk_full",
        EmptySale = "empty_sale",
        FileMissing = "file_missing",
        ForeignFile = "foreign_file",
        ItemCurrency = "item_currency",
        Key = "key",
        KeyRefused = "key_refused",
        KeychainDenied = "keychain_denied",
        KeychainFailed = "keychain_failed",
        KeychainLocked = "keychain_locked",
        Locale = "locale",
        MirrorDamaged = "mirror_damaged",
        MoreThanDue = "more_than_due",
        Name = "name",
        NameTaken = "name_taken",
        NewerFile = "newer_file",
        NoFolder = "no_folder",
        NoKey = "no_key",
        NoKeychain = "no_keychain",
        NotClosed = "not_closed",
        NotSetUp = "not_set_up",
        NothingScanned = "nothing_scanned",
        NothingToRefund = "nothing_to_refund",
        OlderFile = "older_file",
        OpenElsewhere = "open_elsewhere",
        OtherAccount = "other_account",
        OtherMode = "other_mode",
        Page = "page",
        PaymentEnded = "payment_ended",
        PaymentOpen = "payment_open",
        PaymentUnderWay = "payment_under_way",
        Period = "period",
        Pin = "pin",
        Port = "port",
        PracticeOnly = "practice_only",
        Quantity = "quantity",
        Raced = "raced",
        ReadOnly = "read_only",
        ReaderChoose = "reader_choose",
        ReaderNone = "reader_none",
        ReaderUnknown = "reader_unknown",
        RefundAmount = "refund_amount",
        SaleEnded = "sale_ended",
        SaleNotParked = "sale_not_parked",
        SalePaid = "sale_paid",
        SaleParked = "sale_parked",
        SaleTooLarge = "sale_too_large",
        SigningSecret = "signing_secret",
        StepFailed = "step_failed",
        TenderedNotMoney = "tendered_not_money",
        TenderedTooLittle = "tendered_too_little",
        TextTooLong = "text_too_long",
        TimeZone = "time_zone",
        UnderWay = "under_way",
        VaultDamaged = "vault_damaged",
        VaultMissing = "vault_missing",
        VaultOtherKind = "vault_other_kind",
        WrongKey = "wrong_key",
        WrongPassphrase = "wrong_passphrase",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_word_everywhere() {
        let spoken = |code: &str, crossing: serde_json::Value| assert_eq!(crossing, code);
        NoticeCode::ALL.iter().for_each(|code| spoken(code.as_str(), serde_json::json!(code)));
        Reason::ALL.iter().for_each(|code| spoken(code.as_str(), serde_json::json!(code)));
    }

    /// The words for declines and readers are written where Stripe's own codes are known; none of them may be without
    /// a translation.
    #[test]
    fn every_code_that_a_decline_can_be_shown_under_is_in_the_list() {
        let known = |code: &&str| NoticeCode::ALL.iter().any(|one| one.as_str() == *code);
        let strangers: Vec<_> = tillbook_stripe::declines::codes().filter(|code| !known(code)).collect();
        assert!(strangers.is_empty(), "{strangers:?}");
    }
}
