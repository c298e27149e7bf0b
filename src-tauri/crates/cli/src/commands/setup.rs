//! `tillbook setup`: names the shop and its staff.

use serde_json::json;
use tillbook_till::view::Role;
use tillbook_till::{Clash, Colleague, SetUp, TillError, same_name};

use crate::args::{Common, RoleArg, SetupArgs};
use crate::context::{self, Stripe};
use crate::failure::Failure;
use crate::output::{Exit, Output};

/// Sets the shop up, once. Needs no network.
pub fn run(common: &Common, args: &SetupArgs, out: Output) -> Result<Exit, Failure> {
    let staff = people(args)?;
    let Some(((first, _, first_pin), rest)) = staff.split_first() else {
        return Err(Failure::usage("usage", "name the first manager with --staff NAME:manager"));
    };
    let set_up = SetUp {
        shop_name: args.shop.clone(),
        currency: args.currency.to_lowercase(),
        time_zone: args.time_zone.clone(),
        locale: args.locale.clone(),
        staff_name: first.clone(),
        pin: first_pin.clone(),
    };
    let colleague = |(name, role, pin): &(String, Role, String)| Colleague {
        name: name.clone(),
        role: *role,
        pin: pin.clone(),
    };
    let colleagues: Vec<Colleague> = rest.iter().map(colleague).collect();
    // Before the folder is made: what was mistyped leaves nothing behind.
    set_up.check().and_then(|()| colleagues.iter().try_for_each(Colleague::check)).map_err(mistyped)?;
    let house = context::open_to_write(common, Stripe::IfGiven)?;
    let till = &house.till;
    if till.shop()?.is_some() {
        return Err(TillError::Conflict(Clash::AlreadySetUp).into());
    }
    till.set_up_with(&set_up, &colleagues)?;
    let shop = till.shop()?;
    let staff = till.staff_list()?;
    let mut text = format!("{} is set up.", args.shop);
    for person in &staff {
        let role = json!(person.role);
        text.push_str(&format!("\n  {} ({})", person.name, role.as_str().unwrap_or_default()));
    }
    out.answer(&json!({"shop": shop, "staff": staff, "mode": house.identity.mode}), &text);
    Ok(Exit::Done)
}

/// A flag that cannot be right, by the till's own words for it.
fn mistyped(error: TillError) -> Failure {
    let TillError::Invalid { field, message, .. } = error else { return error.into() };
    match field {
        "currency" => Failure::usage("bad_currency", message).next(
            "Give --currency the three letters of one that Stripe takes: https://docs.stripe.com/currencies",
        ),
        "time_zone" => Failure::usage("bad_time_zone", message)
            .next("Give --time-zone a name of the IANA list, as `timedatectl list-timezones` prints it."),
        "locale" => {
            Failure::usage("bad_locale", message).next("Give --locale a language and a country: de-DE.")
        }
        "shop_name" => Failure::usage("bad_name", message).next("Give --shop the name on the receipt."),
        _ => Failure::usage("bad_name", message).next("Give each --staff as NAME:ROLE."),
    }
}

/// Names, roles and PINs, checked as a whole before the first is written: a shop is not set up by half.
fn people(args: &SetupArgs) -> Result<Vec<(String, Role, String)>, Failure> {
    let pins = context::pin("TILLBOOK_PIN")?;
    let pins: Vec<&str> = pins.split(',').map(str::trim).collect();
    if pins.len() != 1 && pins.len() != args.staff.len() {
        return Err(Failure::usage(
            "bad_pin",
            "TILLBOOK_PIN holds neither one PIN for all nor one for each --staff",
        ));
    }
    let mut people: Vec<(String, Role, String)> = Vec::new();
    for (place, staff) in args.staff.iter().enumerate() {
        let role = match staff.role {
            None if place == 0 => Role::Manager,
            None | Some(RoleArg::Cashier) => Role::Cashier,
            Some(RoleArg::Manager) => Role::Manager,
            Some(RoleArg::Accountant) => Role::Accountant,
        };
        if place == 0 && role != Role::Manager {
            return Err(Failure::usage("first_is_manager", "the first --staff must be a manager"));
        }
        if people.iter().any(|(name, ..)| same_name(name, &staff.name)) {
            return Err(Failure::usage(
                "same_name",
                format!("{:?} is named twice; add an initial", staff.name),
            ));
        }
        let pin = pins.get(place).or(pins.first()).copied().unwrap_or_default();
        if !(4..=12).contains(&pin.len()) || !pin.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Failure::usage("bad_pin", "a PIN is 4 to 12 digits"));
        }
        people.push((staff.name.clone(), role, pin.to_owned()));
    }
    Ok(people)
}
