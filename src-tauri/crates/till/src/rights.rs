//! Who may do what. The table is here and nowhere else; the UI hides what would be refused, and the core refuses it.

use crate::view::{Right, Role, Session, Staff};

const CASHIER: &[Right] = &[Right::Sell, Right::TakePayment, Right::SeeSales, Right::Sync];
const MANAGER: &[Right] = &[
    Right::Sell,
    Right::TakePayment,
    Right::SeeSales,
    Right::Refund,
    Right::Export,
    Right::Verify,
    Right::Sync,
    Right::Administer,
];
const ACCOUNTANT: &[Right] = &[Right::SeeSales, Right::Export, Right::Verify, Right::Sync];
/// What the program may read for whoever can open its files, with nobody signed in.
const NOBODY: &[Right] = &[Right::SeeSales, Right::Verify, Right::Sync];

/// What a role may do.
#[must_use]
pub fn rights_of(role: Role) -> &'static [Right] {
    match role {
        Role::Cashier => CASHIER,
        Role::Manager => MANAGER,
        Role::Accountant => ACCOUNTANT,
    }
}

impl Role {
    /// As it is stored.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Cashier => "cashier",
            Self::Manager => "manager",
            Self::Accountant => "accountant",
        }
    }

    /// Reads a role's name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "cashier" => Some(Self::Cashier),
            "manager" => Some(Self::Manager),
            "accountant" => Some(Self::Accountant),
            _ => None,
        }
    }
}

/// The proof that somebody signed in with their PIN. Only the till can make one; every command asks for it and looks
/// up what its holder may do now, so that a right taken away is gone at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    who: Who,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    Person(Staff),
    Nobody,
}

impl Signed {
    pub(crate) fn person(staff: Staff) -> Self {
        Self { who: Who::Person(staff) }
    }

    pub(crate) fn nobody() -> Self {
        Self { who: Who::Nobody }
    }

    /// The person; none for the program itself.
    #[must_use]
    pub fn staff(&self) -> Option<&Staff> {
        match &self.who {
            Who::Person(staff) => Some(staff),
            Who::Nobody => None,
        }
    }

    /// What they may do.
    #[must_use]
    pub fn rights(&self) -> &'static [Right] {
        match &self.who {
            Who::Person(staff) => rights_of(staff.role),
            Who::Nobody => NOBODY,
        }
    }

    /// For the UI; none for the program itself.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        self.staff().map(|staff| Session { staff: staff.clone(), rights: rights_of(staff.role).to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_without_a_pin_moves_money() {
        for right in [Right::Sell, Right::TakePayment, Right::Refund, Right::Administer, Right::Export] {
            assert!(!NOBODY.contains(&right), "{right:?}");
        }
        assert!(!ACCOUNTANT.contains(&Right::Sell) && !ACCOUNTANT.contains(&Right::TakePayment));
        assert!(!CASHIER.contains(&Right::Refund) && !CASHIER.contains(&Right::Export));
    }

    #[test]
    fn a_role_is_read_as_it_is_written() {
        for role in [Role::Cashier, Role::Manager, Role::Accountant] {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("Manager"), None);
    }
}
