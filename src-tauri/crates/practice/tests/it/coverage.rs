//! How much of what is served was judged: the other tests are run once more in one process, which notes every operation
//! whose answer was valid.

use std::collections::BTreeSet;
use std::process::Command;

use crate::truth::{NOTES, truth};

#[test]
fn every_served_operation_is_called_and_valid() {
    if std::env::var(NOTES).is_ok() {
        return;
    }
    let Some(truth) = truth() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let notes = folder.path().join("operations");
    let program = std::env::current_exe().expect("this program");
    // A test that fails there fails by itself too.
    Command::new(program)
        .args(["--skip", "coverage::", "--quiet"])
        .env(NOTES, &notes)
        .output()
        .expect("it runs");
    let noted = std::fs::read_to_string(&notes).expect("notes were taken");
    let covered: BTreeSet<String> = noted.lines().map(str::to_owned).collect();
    let served: BTreeSet<String> = tillbook_practice::operations().into_iter().collect();
    let described = truth.operations();
    println!(
        "operations covered {} / served {} / in the description {}",
        covered.len(),
        served.len(),
        described.len()
    );
    let missing: Vec<&String> = described.difference(&served).collect();
    println!("not served: {missing:#?}");
    let unknown: Vec<&String> = served.difference(&described).collect();
    assert!(unknown.is_empty(), "served but not Stripe's: {unknown:?}");
    let silent: Vec<&String> = served.difference(&covered).collect();
    assert!(silent.is_empty(), "served but never called with success: {silent:#?}");
    the_table_says_so(&described, &served, &covered);
}

/// The README's table names every operation of the description, served or not, judged or not.
fn the_table_says_so(described: &BTreeSet<String>, served: &BTreeSet<String>, covered: &BTreeSet<String>) {
    let row = |operation: &String| {
        let served = served.contains(operation);
        let judged = match (served, covered.contains(operation)) {
            (false, _) => "—",
            (true, true) => "yes",
            (true, false) => "no",
        };
        format!("| `{operation}` | {} | {judged} |", if served { "yes" } else { "no" })
    };
    let text = include_str!("../../README.md");
    let table: Vec<&str> =
        text.lines().filter(|line| line.contains(" /v1/") && line.starts_with("| `")).collect();
    assert_eq!(table.len(), described.len(), "one row an operation");
    let wrong: Vec<String> = described
        .iter()
        .map(row)
        .filter(|row| !table.iter().any(|line| line.starts_with(row.as_str())))
        .collect();
    assert!(wrong.is_empty(), "the README should say:\n{}", wrong.join("\n"));
}
