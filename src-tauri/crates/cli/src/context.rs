//! What the flags and the environment mean: which folder, which Stripe, whose key, who does it.

use std::env;
use std::path::PathBuf;

use tillbook_store::{Access, Clock, Folder, Store, StoreError, SystemClock};
use tillbook_stripe::{ApiKey, Endpoint, KeyKind, KeyMode};
use tillbook_till::{Clash, House, OpenOptions, Signed, TillError};

use crate::args::Common;
use crate::failure::{Failure, MIRROR_DAMAGED};
use crate::output::note;

/// Whether a command speaks to Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stripe {
    /// It must.
    Needed,
    /// It does if it can.
    IfGiven,
}

/// Opens the folder to read only: no key, no network, beside an open window.
pub fn open_to_read(common: &Common) -> Result<House, Failure> {
    open(common, Access::ReadOnly, None, None)
}

/// Opens the folder to write, new or not, with Stripe as far as the flags name it.
pub fn open_to_write(common: &Common, stripe: Stripe) -> Result<House, Failure> {
    let endpoint = endpoint(common)?;
    let key = key(common, endpoint.as_ref())?;
    if key.is_none() && stripe == Stripe::Needed {
        return Err(Failure::usage("no_key", "this needs a Stripe key")
            .next("Name the environment variable with the key: --key-env VAR."));
    }
    open(common, Access::ReadWrite, endpoint, key)
}

/// Opens a folder that is there to write. A name that was mistyped must not become a new, empty till.
pub fn open_existing(common: &Common, stripe: Stripe) -> Result<House, Failure> {
    must_exist(common)?;
    open_to_write(common, stripe)
}

fn must_exist(common: &Common) -> Result<(), Failure> {
    let folder = Folder::at(data_folder(common)?);
    match folder.identity()? {
        Some(_) => Ok(()),
        None => Err(StoreError::NotSetUp { folder: folder.path().to_owned() }.into()),
    }
}

/// Opens the folder to write, new or not, and a damaged copy of Stripe's records is put aside first: they are about to be fetched again.
pub fn open_to_sync(common: &Common) -> Result<House, Failure> {
    let opened = open_to_write(common, Stripe::Needed);
    let mirror_is_damaged = opened.as_ref().is_err_and(|failure| failure.code == MIRROR_DAMAGED);
    if !mirror_is_damaged {
        return opened;
    }
    let aside = Store::set_mirror_aside(&Folder::at(data_folder(common)?), SystemClock.now_ms())?;
    note(&format!(
        "tillbook: Stripe's records here were damaged; they are kept as {} and fetched again",
        aside.display()
    ));
    open_to_write(common, Stripe::Needed)
}

/// Opens a folder that is there to write, without Stripe. Where it cannot be written, because another copy has it, its
/// rights are not ours or its disk is full, to read only.
pub fn open_local(common: &Common) -> Result<House, Failure> {
    must_exist(common)?;
    let opened = tillbook_till::open(options(common, Access::ReadWrite, None, None)?);
    match opened {
        Err(TillError::Store(
            StoreError::OpenElsewhere { .. }
            | StoreError::ReadOnlyFolder { .. }
            | StoreError::FullDisk { .. },
        )) => open_to_read(common),
        opened => Ok(opened?),
    }
}

fn open(
    common: &Common,
    access: Access,
    endpoint: Option<Endpoint>,
    key: Option<ApiKey>,
) -> Result<House, Failure> {
    let folder = data_folder(common)?;
    tillbook_till::open(options(common, access, endpoint, key)?).map_err(|error| match error {
        TillError::Store(StoreError::Io { .. } | StoreError::ReadOnlyFolder { .. })
            if access == Access::ReadWrite && !folder.exists() =>
        {
            Failure::not_done(
                "cannot_make_folder",
                format!("the folder {} is not there and cannot be made", folder.display()),
            )
            .next("Name a folder with --data in a place where you may write.")
        }
        error => error.into(),
    })
}

fn options(
    common: &Common,
    access: Access,
    endpoint: Option<Endpoint>,
    key: Option<ApiKey>,
) -> Result<OpenOptions, Failure> {
    Ok(OpenOptions {
        endpoint,
        key,
        access,
        passphrase: env::var("TILLBOOK_VAULT_PASSPHRASE").ok().filter(|text| !text.is_empty()),
        ..OpenOptions::at(data_folder(common)?)
    })
}

fn data_folder(common: &Common) -> Result<PathBuf, Failure> {
    let path = common
        .data
        .clone()
        .or_else(|| env::var_os("TILLBOOK_DATA").map(PathBuf::from))
        .filter(|path| !path.as_os_str().is_empty())
        .ok_or_else(|| {
            Failure::usage("no_data", "which data folder is meant is not said")
                .next("Name it with --data DIR, or in TILLBOOK_DATA.")
        })?;
    let there = path.ancestors().find(|path| path.exists());
    if let Some(file) = there.filter(|there| !there.is_dir()) {
        let message = if file == path {
            format!("{} is a file, and a data folder is a folder", path.display())
        } else {
            format!("there can be no folder {}: {} is a file", path.display(), file.display())
        };
        return Err(Failure::not_done("not_a_folder", message)
            .next("Name a folder with --data; a new one need not be there yet."));
    }
    Ok(path)
}

fn endpoint(common: &Common) -> Result<Option<Endpoint>, Failure> {
    let Some(text) = &common.api_base else { return Ok(None) };
    let endpoint =
        Endpoint::parse(text).map_err(|error| Failure::usage("bad_api_base", error.to_string()))?;
    Ok(Some(endpoint))
}

/// The key from the environment, refused before anything is opened if it cannot be the right one. Its text is never
/// part of a message.
fn key(common: &Common, endpoint: Option<&Endpoint>) -> Result<Option<ApiKey>, Failure> {
    let named = common.key_env.as_deref();
    let variable = named.unwrap_or("STRIPE_SECRET_KEY");
    let text = match env::var(variable) {
        Ok(text) if !text.trim().is_empty() => text,
        _ if named.is_none() => return Ok(None),
        _ => {
            return Err(Failure::usage(
                "no_key",
                format!("there is no key in the environment variable {variable}"),
            )
            .next("Put the key there, or name another variable with --key-env."));
        }
    };
    let key =
        ApiKey::parse(&text).map_err(|error| Failure::usage("wrong_key", format!("{variable}: {error}")))?;
    if key.kind() == KeyKind::Publishable {
        return Err(Failure::usage(
            "wrong_key",
            format!("{variable} holds a publishable key (pk_), which cannot take payments"),
        )
        .next("Use a secret (sk_) or restricted (rk_) key."));
    }
    let loopback = endpoint.is_some_and(Endpoint::is_loopback);
    if loopback && key.mode() == KeyMode::Live {
        return Err(Failure::usage(
            "live_key_refused",
            "a live key is only ever sent to https://api.stripe.com",
        )
        .next("Use a test or practice key with --api-base, or leave --api-base out."));
    }
    if !loopback && key.is_practice() {
        return Err(Failure::usage("practice_key", "a practice key means nothing to Stripe")
            .next("Name the practice Stripe with --api-base."));
    }
    Ok(Some(key))
}

/// Signs in whoever `--as` names, by id or name, with the PIN in `TILLBOOK_PIN`.
pub fn sign_in(common: &Common, house: &House) -> Result<Signed, Failure> {
    let staff = common.staff.as_deref().ok_or_else(|| {
        Failure::usage("no_staff", "who does it is not said")
            .next("Name them with --as STAFF and put the PIN into TILLBOOK_PIN.")
    })?;
    let pin = pin("TILLBOOK_PIN")?;
    if house.till.shop()?.is_none() {
        return Err(TillError::Conflict(Clash::NotSetUp).into());
    }
    Ok(house.till.sign_in(staff, &pin)?)
}

/// A PIN from the environment.
pub fn pin(variable: &str) -> Result<String, Failure> {
    env::var(variable).ok().filter(|pin| !pin.is_empty()).ok_or_else(|| {
        Failure::usage("no_pin", format!("there is no PIN in the environment variable {variable}"))
            .next(format!("Put the PIN into {variable}."))
    })
}
