//! Set-up, staff, PINs.

use std::sync::Arc;

use tillbook_till::crash::NeverStops;
use tillbook_till::view::Role;
use tillbook_till::{Clash, Code, SetUp, TillError};

use crate::shop::{PIN, Shop};

#[test]
fn five_wrong_pins_slow_sign_in_also_after_a_restart() {
    let (shop, clock) = Shop::alone();
    for left in [4, 3, 2, 1] {
        let wrong = shop.house.till.sign_in("Bob", "0000").unwrap_err();
        assert!(matches!(wrong, TillError::PinWrong { attempts_left } if attempts_left == left), "{wrong}");
    }
    let fifth = shop.house.till.sign_in("Bob", "0000").unwrap_err();
    assert!(matches!(fifth, TillError::PinSlowed { retry_after_ms: 30_000 }), "{fifth}");
    let shop = shop.reopen(Arc::new(NeverStops));
    clock.advance_ms(29_000);
    // The right PIN is not looked at either.
    let slowed = shop.house.till.sign_in("Bob", PIN).unwrap_err();
    assert!(matches!(slowed, TillError::PinSlowed { retry_after_ms: 1_000 }), "{slowed}");
    shop.house.till.sign_in("Ada", PIN).unwrap();
    clock.advance_ms(1_000);
    let sixth = shop.house.till.sign_in("Bob", "0000").unwrap_err();
    assert!(matches!(sixth, TillError::PinSlowed { retry_after_ms: 60_000 }), "{sixth}");
    clock.advance_ms(60_000);
    shop.house.till.sign_in("bob", PIN).unwrap();
    let afresh = shop.house.till.sign_in("Bob", "0000").unwrap_err();
    assert!(matches!(afresh, TillError::PinWrong { attempts_left: 4 }), "{afresh}");
}

#[test]
fn many_wrong_pins_at_once_are_not_cheaper() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    let wrong: Vec<_> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..12)
            .map(|n| scope.spawn(move || till.sign_in("Bob", &format!("{n:04}")).unwrap_err()))
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let looked_at = wrong.iter().filter(|error| matches!(error, TillError::PinWrong { .. })).count();
    assert_eq!(looked_at, 4, "{wrong:?}");
}

#[test]
fn set_up_is_done_once_and_checked() {
    let (shop, _) = Shop::alone();
    let good = SetUp {
        shop_name: "Another".to_owned(),
        currency: "eur".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        locale: "de-DE".to_owned(),
        staff_name: "Mallory".to_owned(),
        pin: "1234".to_owned(),
    };
    assert!(matches!(shop.house.till.set_up(&good).unwrap_err(), TillError::Conflict(Clash::AlreadySetUp)));
    let bad: [(&str, SetUp); 7] = [
        ("shop_name", SetUp { shop_name: "  ".to_owned(), ..good.clone() }),
        ("currency", SetUp { currency: "euro".to_owned(), ..good.clone() }),
        ("currency", SetUp { currency: "xyz".to_owned(), ..good.clone() }),
        ("time_zone", SetUp { time_zone: "Nowhere".to_owned(), ..good.clone() }),
        ("locale", SetUp { locale: "<script>".to_owned(), ..good.clone() }),
        ("staff_name", SetUp { staff_name: "x".repeat(61), ..good.clone() }),
        ("pin", SetUp { pin: "12a4".to_owned(), ..good.clone() }),
    ];
    for (wanted, input) in bad {
        let refused = shop.house.till.set_up(&input).unwrap_err();
        assert!(
            matches!(refused, TillError::Invalid { field, .. } if field == wanted),
            "{wanted}: {refused}"
        );
    }
    let names: Vec<_> = shop.house.till.staff_list().unwrap().into_iter().map(|staff| staff.name).collect();
    assert_eq!(names, ["Ada", "Bob", "Eve"]);
}

#[test]
fn names_are_unique_and_unknown_people_are_told_so() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    let twice = till.staff_add(&shop.ada, "BOB", Role::Manager, PIN).unwrap_err();
    assert_eq!(twice.code(), Code::Invalid);
    assert_eq!(till.sign_in("Nobody", PIN).unwrap_err().code(), Code::NotFound);
}

/// A name is the same in capitals, in every script: two buttons of one name at sign-in would be told apart by nobody.
#[test]
fn a_name_is_taken_whatever_the_case_of_its_letters() {
    let (shop, _) = Shop::alone();
    let till = &shop.house.till;
    for (name, again) in
        [("ÖZGE", "özge"), ("Νίκος", "ΝΊΚΟΣ"), ("Jürgen Groß", "JÜRGEN GROSS"), ("Іван", "  іван ")]
    {
        till.staff_add(&shop.ada, name, Role::Cashier, PIN).unwrap();
        let twice = till.staff_add(&shop.ada, again, Role::Cashier, PIN).unwrap_err();
        assert!(matches!(twice, TillError::Invalid { field: "name", .. }), "{again}: {twice}");
        // And whoever signs in by name may write it so.
        till.sign_in(again, PIN).unwrap();
    }
    // Other letters are another name.
    till.staff_add(&shop.ada, "Ozge", Role::Cashier, PIN).unwrap();
}

#[test]
fn no_pin_is_in_a_debug_text() {
    let shown = format!(
        "{:?} {:?}",
        SetUp {
            shop_name: "S".to_owned(),
            currency: "usd".to_owned(),
            time_zone: "UTC".to_owned(),
            locale: "en".to_owned(),
            staff_name: "A".to_owned(),
            pin: "987654".to_owned(),
        },
        tillbook_till::Approver { staff: "Ada".to_owned(), pin: "987654".to_owned() }
    );
    assert!(!shown.contains("987654"), "{shown}");
}
