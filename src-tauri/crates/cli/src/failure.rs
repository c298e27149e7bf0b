//! What went wrong, as the command line tells it: a stable code, a sentence, and what to do next. The rooms' own errors
//! are turned into it here and nowhere else.

use tillbook_books::BooksError;
use tillbook_mirror::MirrorError;
use tillbook_store::StoreError;
use tillbook_stripe::NextStep;
use tillbook_till::{Clash, Code, TillError};
use tillbook_vault::VaultError;

use crate::output::Exit;

/// The code of a damaged copy of Stripe's records, which can be fetched again.
pub const MIRROR_DAMAGED: &str = "mirror_damaged";
/// The code where somebody asked to stop.
pub const INTERRUPTED: &str = "interrupted";
/// The code where Stripe does not accept the key.
pub const KEY_REFUSED: &str = "key_refused";

/// An error as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Stable, for programs.
    pub code: &'static str,
    /// For a person: what happened.
    pub message: String,
    /// For a person: what to do now.
    pub next_step: Option<String>,
    /// How the program ends.
    pub exit: Exit,
}

impl Failure {
    /// It could not be done.
    pub fn not_done(code: &'static str, message: impl Into<String>) -> Failure {
        Failure { code, message: message.into(), next_step: None, exit: Exit::NotDone }
    }

    /// The command line, or what it names, was wrong.
    pub fn usage(code: &'static str, message: impl Into<String>) -> Failure {
        Failure { code, message: message.into(), next_step: None, exit: Exit::Usage }
    }

    /// A defect of this program.
    pub fn defect(message: impl Into<String>) -> Failure {
        Failure::not_done("internal", message).next("Try again; if it comes back, report it.")
    }

    /// With what to do now.
    pub fn next(mut self, next_step: impl Into<String>) -> Failure {
        self.next_step = Some(next_step.into());
        self
    }
}

impl From<TillError> for Failure {
    fn from(error: TillError) -> Failure {
        let message = error.to_string();
        match error {
            TillError::Store(inner) => inner.into(),
            TillError::Vault(inner) => inner.into(),
            TillError::Mirror(inner) => inner.into(),
            TillError::Conflict(clash) => of_clash(clash, message),
            TillError::NoKey => Failure::usage("no_key", message)
                .next("Name the environment variable with the key: --key-env VAR."),
            other => {
                let (code, next) = of_code(other.code());
                Failure { next_step: next.map(str::to_owned), ..Failure::not_done(code, message) }
            }
        }
    }
}

fn of_clash(clash: Clash, message: String) -> Failure {
    let (code, next) = match clash {
        Clash::PaymentOpen => ("payment_open", "tillbook resolve settles it."),
        Clash::AlreadySetUp => ("already_set_up", "Go on with the shop as it is, or choose an empty folder."),
        Clash::NotSetUp => {
            ("not_set_up", "tillbook setup --shop NAME --currency CUR --time-zone TZ --staff NAME:manager")
        }
        Clash::OtherMode => ("other_mode", "Choose the folder of this mode, or another key."),
        Clash::OtherAccount => ("other_account", "Choose the folder of this account, or another key."),
        Clash::NothingToRefund => ("nothing_to_refund", "tillbook sales shows what was given back."),
        _ => ("conflict", "tillbook sales shows where the sale stands."),
    };
    Failure::not_done(code, message).next(next)
}

fn of_code(code: Code) -> (&'static str, Option<&'static str>) {
    match code {
        Code::PinWrong => ("pin_wrong", Some("Give the right PIN in TILLBOOK_PIN.")),
        Code::PinSlowed => ("pin_slowed", Some("Wait, then give the right PIN in TILLBOOK_PIN.")),
        Code::SignedOut => {
            ("signed_out", Some("Name who does it with --as STAFF and the PIN in TILLBOOK_PIN."))
        }
        Code::NotAllowed => ("not_allowed", Some("Let somebody do it who may.")),
        Code::Invalid => ("invalid", None),
        Code::NotFound => ("not_found", Some("Check the name or id.")),
        Code::Conflict => ("conflict", None),
        Code::AmountTooSmall => ("amount_too_small", Some("Take cash, or sell more at once.")),
        Code::Reader => ("reader", Some("tillbook sync reads the readers again.")),
        Code::Offline => ("offline", Some("Check the network and --api-base, then try again.")),
        Code::Stripe => ("stripe", Some("Correct what Stripe names, then try again.")),
        Code::Store => ("store", None),
        Code::Internal => ("internal", Some("Try again; if it comes back, report it.")),
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        let code = match &error {
            StoreError::Missing { .. } => "file_missing",
            StoreError::WrongKey { .. } => "wrong_key",
            StoreError::Damaged { file, .. } if file.ends_with("mirror.db") => {
                return Failure::not_done(MIRROR_DAMAGED, error.to_string())
                    .next("tillbook sync puts it aside and fetches Stripe's records again. The till's own file is whole.");
            }
            StoreError::Damaged { .. } => "damaged",
            StoreError::NewerFile { .. } => "newer_file",
            StoreError::OlderFile { .. } => "older_file",
            StoreError::ForeignFile { .. } => "foreign_file",
            StoreError::ReadOnlyFolder { .. }
            | StoreError::NotClosed { .. }
            | StoreError::ReadOnly { .. } => "read_only",
            StoreError::FullDisk { .. } => "disk_full",
            StoreError::OpenElsewhere { .. } => "open_elsewhere",
            StoreError::AccountMismatch { .. } => "other_account",
            StoreError::AlreadySetUp { .. } => "already_set_up",
            StoreError::NotSetUp { .. } => {
                return Failure::not_done("not_set_up", error.to_string())
                    .next("Check --data. tillbook setup or tillbook sync begins a new folder.");
            }
            _ => "store",
        };
        Failure::not_done(code, error.to_string()).next(error.next_step())
    }
}

impl From<MirrorError> for Failure {
    fn from(error: MirrorError) -> Failure {
        let message = error.to_string();
        match error {
            MirrorError::Store(inner) => inner.into(),
            MirrorError::Stripe(inner) => inner.into(),
            MirrorError::KeyRefused(_) => {
                Failure::not_done(KEY_REFUSED, message).next("Give a key that works.")
            }
            MirrorError::OtherAccount { .. } => Failure::not_done("other_account", message)
                .next("Use the key of the account that this folder belongs to, or choose another folder."),
            MirrorError::UnknownResource(_) => Failure::usage("unknown_resource", message)
                .next("Name lists as Stripe's paths do: payment_intents,checkout/sessions."),
            MirrorError::Canceled => {
                Failure::not_done(INTERRUPTED, message).next("tillbook sync goes on from there.")
            }
            MirrorError::DamagedRow { .. } => {
                Failure::not_done("damaged", message).next("tillbook sync --full fetches it again.")
            }
            _ => Failure::not_done("sync_failed", message).next("Try again; what was done is kept."),
        }
    }
}

impl From<tillbook_stripe::Error> for Failure {
    fn from(error: tillbook_stripe::Error) -> Failure {
        let (code, next) = match error.next_step() {
            NextStep::TellCustomer | NextStep::Authenticate => ("declined", "Take another card, or cash."),
            NextStep::SeeToReader => ("reader", "See to the card reader, then try again."),
            NextStep::AskStripe => ("outcome_unknown", "tillbook resolve asks Stripe what happened."),
            NextStep::RepeatLater => ("offline", "Check the network and --api-base, then try again."),
            NextStep::CheckKey => (KEY_REFUSED, "Give a key that works."),
            NextStep::GrantPermission => ("permission", "Give the restricted key this permission at Stripe."),
            NextStep::LookAgain => ("not_found", "Check the id."),
            NextStep::TellSupport => ("stripe", "Correct what Stripe names, then try again."),
        };
        Failure::not_done(code, error.to_string()).next(next)
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Failure {
        let code = match &error {
            VaultError::NoKeychain { .. } => "no_keychain",
            VaultError::WrongPassphrase | VaultError::NoPassphrase => "wrong_passphrase",
            VaultError::Damaged { .. } => "vault_damaged",
            VaultError::Missing { .. } => "vault_missing",
            VaultError::ReadOnly { .. } => "read_only",
            _ => "vault",
        };
        Failure::not_done(code, error.to_string()).next(error.next_step())
    }
}

impl From<BooksError> for Failure {
    fn from(error: BooksError) -> Failure {
        let message = error.to_string();
        match error {
            BooksError::Till(inner) => inner.into(),
            BooksError::Store(inner) => inner.into(),
            BooksError::Mirror(inner) => inner.into(),
            BooksError::Vault(inner) => inner.into(),
            BooksError::Day { .. } => Failure::usage("bad_date", message),
            BooksError::Period { .. } => Failure::usage("bad_period", message),
            BooksError::Write { .. } => Failure::not_done("cannot_write", message)
                .next("Name a place with --out where you may write, with room on the disk."),
            BooksError::Read { .. } => {
                Failure::not_done("cannot_read", message).next("Check the file's name.")
            }
            BooksError::Manifest { .. } => Failure::not_done("bad_manifest", message),
            BooksError::NetMismatch { .. } => Failure::not_done("net_mismatch", message)
                .next("tillbook sync --full reads Stripe's records again."),
            _ => Failure::not_done("export_failed", message),
        }
    }
}
