//! Why the rooms below refused something, as the codes that the window translates.

use tillbook_mirror::MirrorError;
use tillbook_store::StoreError;
use tillbook_vault::VaultError;

use crate::Clash;
use crate::view::Reason;

impl Clash {
    /// The code of its sentence.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::PaymentOpen => Reason::PaymentOpen,
            Self::SalePaid => Reason::SalePaid,
            Self::SaleEnded => Reason::SaleEnded,
            Self::SaleParked => Reason::SaleParked,
            Self::SaleNotParked => Reason::SaleNotParked,
            Self::AnotherSale => Reason::AnotherSale,
            Self::EmptySale => Reason::EmptySale,
            Self::PaymentEnded => Reason::PaymentEnded,
            Self::PaymentUnderWay => Reason::PaymentUnderWay,
            Self::NothingToRefund => Reason::NothingToRefund,
            Self::AlreadySetUp => Reason::AlreadySetUp,
            Self::NotSetUp => Reason::NotSetUp,
            Self::OtherMode => Reason::OtherMode,
            Self::OtherAccount => Reason::OtherAccount,
            Self::UnderWay => Reason::UnderWay,
            Self::Raced => Reason::Raced,
        }
    }
}

pub(crate) fn of_store(error: &StoreError) -> Option<Reason> {
    Some(match error {
        StoreError::Missing { .. } => Reason::FileMissing,
        StoreError::WrongKey { .. } => Reason::WrongKey,
        StoreError::Damaged { file, .. } if file.ends_with("mirror.db") => Reason::MirrorDamaged,
        StoreError::Damaged { .. } => Reason::Damaged,
        StoreError::NewerFile { .. } => Reason::NewerFile,
        StoreError::OlderFile { .. } => Reason::OlderFile,
        StoreError::ChangedStep { .. } => Reason::ChangedStep,
        StoreError::StepFailed { .. } => Reason::StepFailed,
        StoreError::ForeignFile { .. } => Reason::ForeignFile,
        StoreError::ReadOnlyFolder { .. } | StoreError::ReadOnly { .. } => Reason::ReadOnly,
        StoreError::NotClosed { .. } => Reason::NotClosed,
        StoreError::FullDisk { .. } => Reason::DiskFull,
        StoreError::OpenElsewhere { .. } => Reason::OpenElsewhere,
        StoreError::Busy { .. } => Reason::Busy,
        StoreError::AccountMismatch { .. } => Reason::OtherAccount,
        StoreError::BadAccount(_) => Reason::BadAccount,
        StoreError::AlreadySetUp { .. } => Reason::AlreadySetUp,
        StoreError::NotSetUp { .. } => Reason::NotSetUp,
        StoreError::Io { .. } => Reason::Disk,
        // A statement that failed is a defect: its own words are what somebody can act on.
        _ => return None,
    })
}

pub(crate) fn of_vault(error: &VaultError) -> Option<Reason> {
    Some(match error {
        VaultError::NoKeychain { .. } => Reason::NoKeychain,
        VaultError::Locked => Reason::KeychainLocked,
        VaultError::Denied => Reason::KeychainDenied,
        VaultError::Keychain { .. } => Reason::KeychainFailed,
        VaultError::WrongPassphrase | VaultError::NoPassphrase => Reason::WrongPassphrase,
        VaultError::Damaged { .. } => Reason::VaultDamaged,
        VaultError::Missing { .. } => Reason::VaultMissing,
        VaultError::NewerFile { .. } => Reason::NewerFile,
        VaultError::OtherKind { .. } => Reason::VaultOtherKind,
        VaultError::LiveKeyRefused => Reason::OtherMode,
        VaultError::ReadOnly { .. } => Reason::ReadOnly,
        VaultError::Io { .. } => Reason::Disk,
        _ => return None,
    })
}

pub(crate) fn of_mirror(error: &MirrorError) -> Option<Reason> {
    Some(match error {
        MirrorError::Store(inner) => return of_store(inner),
        MirrorError::KeyRefused(_) => Reason::KeyRefused,
        MirrorError::OtherAccount { .. } => Reason::OtherAccount,
        MirrorError::DamagedRow { .. } => Reason::DamagedRecord,
        _ => return None,
    })
}
