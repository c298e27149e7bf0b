//! `tillbook verify`: the till's journal, or an exported file.

use std::path::Path;

use serde_json::json;

use crate::args::{Common, VerifyArgs};
use crate::context;
use crate::failure::Failure;
use crate::output::{Exit, Output};

/// Checks the chain of the journal; with `--file`, a file against its manifest.
pub fn run(common: &Common, args: &VerifyArgs, out: Output) -> Result<Exit, Failure> {
    match &args.file {
        Some(file) => check_file(common, file, args.public_key.as_deref(), out),
        None => check_journal(common, out),
    }
}

fn check_journal(common: &Common, out: Output) -> Result<Exit, Failure> {
    let house = context::open_to_read(common)?;
    let check = house.till.journal_check(&house.till.unattended())?;
    let text = if check.intact {
        format!("The journal is intact: {} entries, the last is {}.", check.entries, check.head)
    } else {
        format!(
            "The journal is NOT intact: entry {} does not follow from the one before. {}",
            check.first_bad_seq.unwrap_or_default(),
            check.problem.as_ref().map_or("", |problem| problem.text.as_str())
        )
    };
    out.answer(&json!(check), &text);
    Ok(if check.intact { Exit::Done } else { Exit::NotDone })
}

fn check_file(common: &Common, file: &Path, public_key: Option<&str>, out: Output) -> Result<Exit, Failure> {
    // With the till's own folder at hand, the file must be signed by this till.
    let own_key = match (public_key, &common.data) {
        (None, Some(_)) => tillbook_books::public_key(&context::open_to_read(common)?)?,
        (given, _) => given.map(str::to_owned),
    };
    let check = tillbook_books::verify_file(file, own_key.as_deref())?;
    let mut text = if check.intact {
        format!("{} is intact: {} rows", check.file, check.rows)
    } else {
        format!("{} is NOT intact:", check.file)
    };
    for problem in &check.problems {
        text.push_str(&format!("\n  {problem}"));
    }
    if let Some(key) = &check.public_key {
        text.push_str(&format!("\n  signed by {key}"));
    }
    out.answer(&json!(check), &text);
    Ok(if check.intact { Exit::Done } else { Exit::NotDone })
}
