//! How much of what is served was judged: the other tests are run once more in one process, which notes every operation
//! whose answer was valid.

use std::collections::BTreeSet;
use std::process::Command;

use crate::truth::{NOTES, truth};

/// No practice payment gets a refund that waits for the customer, so none can run out.
const UNREACHABLE: &[&str] = &["POST /v1/test_helpers/refunds/{refund}/expire"];

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
    let silent: Vec<&String> =
        served.difference(&covered).filter(|operation| !UNREACHABLE.contains(&operation.as_str())).collect();
    assert!(silent.is_empty(), "served but never called with success: {silent:#?}");
}
