//! What single texts of the command line mean. Each says in words what is wrong with it.

use std::num::NonZeroU16;

use clap::ValueEnum;

use crate::args::{LineArg, RoleArg, StaffArg};

/// `LOOKUP_KEY:QTY`.
pub fn parse_line(text: &str) -> Result<LineArg, String> {
    // A lookup key may hold colons, so the quantity is what follows the last one, if that looks like a number.
    let (key, quantity) = match text.rsplit_once(':') {
        Some((key, tail))
            if tail.is_empty() || tail.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) =>
        {
            let quantity = tail.parse::<i64>().ok().filter(|q| *q >= 1);
            (key, quantity.ok_or_else(|| format!("{tail:?} is not a quantity: a whole number from 1"))?)
        }
        _ => (text, 1),
    };
    if key.trim().is_empty() {
        return Err("the lookup key is missing; write LOOKUP_KEY:QTY".to_owned());
    }
    Ok(LineArg { lookup_key: key.to_owned(), quantity })
}

/// `NAME:ROLE`.
pub fn parse_staff(text: &str) -> Result<StaffArg, String> {
    let (name, role) = match text.rsplit_once(':') {
        Some((name, role)) => {
            let role = RoleArg::from_str(role.trim(), true)
                .map_err(|_| format!("{role:?} is not a role; take cashier, manager or accountant"))?;
            (name, Some(role))
        }
        None => (text, None),
    };
    let name = name.trim();
    if name.is_empty() {
        return Err("the name is missing; write NAME:ROLE".to_owned());
    }
    Ok(StaffArg { name: name.to_owned(), role })
}

/// Of requests a second.
pub fn at_least_one(text: &str) -> Result<NonZeroU16, String> {
    text.parse::<NonZeroU16>()
        .map_err(|_| format!("it is a whole number: at least 1, at most {}", NonZeroU16::MAX))
}

/// One of the names of `--resources`.
pub fn list_name(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("a name is missing; name lists as Stripe's paths do: payment_intents,checkout/sessions, or leave \
                   --resources out for all of them"
            .to_owned()),
        name => Ok(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Option<(String, i64)> {
        parse_line(text).ok().map(|l| (l.lookup_key, l.quantity))
    }

    #[test]
    fn a_line_is_a_lookup_key_and_a_quantity() {
        assert_eq!(line("espresso:2"), Some(("espresso".to_owned(), 2)));
        assert_eq!(line("espresso"), Some(("espresso".to_owned(), 1)));
        assert_eq!(line("a:b:3"), Some(("a:b".to_owned(), 3)));
        assert_eq!(line("a:b"), Some(("a:b".to_owned(), 1)));
        for bad in [
            "espresso:0",
            "espresso:-1",
            "espresso:1.5",
            "espresso:",
            ":2",
            "",
            " :1",
            "a:99999999999999999999",
        ] {
            assert_eq!(line(bad), None, "{bad}");
        }
    }

    #[test]
    fn staff_is_a_name_and_a_role() {
        let ada = parse_staff("Ada Lovelace:manager").unwrap();
        assert_eq!((ada.name.as_str(), ada.role), ("Ada Lovelace", Some(RoleArg::Manager)));
        assert_eq!(parse_staff("Bob").unwrap().role, None);
        assert_eq!(parse_staff("Bob:Cashier").unwrap().role, Some(RoleArg::Cashier));
        for bad in ["Bob:boss", ":manager", "", "Bob:"] {
            assert!(parse_staff(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_number_is_said() {
        assert_eq!(at_least_one("1").unwrap().get(), 1);
        for bad in ["0", "-1", "65536", "x", "", "1.5"] {
            assert!(at_least_one(bad).unwrap_err().contains("at least 1"), "{bad}");
        }
    }

    #[test]
    fn a_list_has_a_name() {
        assert_eq!(list_name(" charges").unwrap(), "charges");
        assert!(list_name(" ").unwrap_err().contains("payment_intents"));
    }
}
