//! `tillbook setup`: names the shop and its staff.

use serde_json::json;
use tillbook_till::view::Role;
use tillbook_till::{Clash, Colleague, SetUp, TillError};

use crate::args::{Common, RoleArg, SetupArgs};
use crate::context::{self, Stripe};
use crate::failure::Failure;
use crate::output::{Exit, Output};

/// Sets the shop up, once. Needs no network.
pub fn run(common: &Common, args: &SetupArgs, out: Output) -> Result<Exit, Failure> {
    let staff = people(args)?;
    let house = context::open_to_write(common, Stripe::IfGiven)?;
    let till = &house.till;
    if till.shop()?.is_some() {
        return Err(TillError::Conflict(Clash::AlreadySetUp).into());
    }
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
    till.set_up_with(&set_up, &rest.iter().map(colleague).collect::<Vec<_>>())?;
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
        if people.iter().any(|(name, ..)| name.to_lowercase() == staff.name.to_lowercase()) {
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
