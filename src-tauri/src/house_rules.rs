//! A command that exists is listed, permitted, registered and described; one that is not exists nowhere.

use std::collections::BTreeSet;
use std::path::Path;

use crate::command_names::COMMANDS;

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn listed() -> BTreeSet<String> {
    COMMANDS.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn every_command_is_registered_and_nothing_else() {
    let registered: BTreeSet<String> = read("src/commands/mod.rs")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("$crate::commands::")?.strip_suffix(','))
        .filter_map(|path| path.rsplit("::").next().map(str::to_owned))
        .collect();
    assert_eq!(registered, listed());
}

#[test]
fn the_window_may_call_exactly_the_commands() {
    let capability: serde_json::Value = serde_json::from_str(&read("capabilities/main.json")).unwrap();
    let permitted: BTreeSet<&str> =
        capability["permissions"].as_array().unwrap().iter().filter_map(|one| one.as_str()).collect();
    let mut wanted: BTreeSet<String> =
        listed().iter().map(|name| format!("allow-{}", name.replace('_', "-"))).collect();
    // Hearing news is all the window may do besides.
    wanted.extend(["core:event:allow-listen".to_owned(), "core:event:allow-unlisten".to_owned()]);
    assert_eq!(permitted, wanted.iter().map(String::as_str).collect());
    assert_eq!(capability["windows"], serde_json::json!(["main"]));
}

#[test]
fn every_command_is_described() {
    let page = read("README.md");
    let described: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split('`').next())
        .map(|call| call.split('(').next().unwrap_or(call).to_owned())
        .collect();
    assert_eq!(described, listed());
}

#[test]
fn the_page_may_load_nothing_but_itself() {
    let config: serde_json::Value = serde_json::from_str(&read("tauri.conf.json")).unwrap();
    let security = &config["app"]["security"];
    let csp = security["csp"].as_str().unwrap();
    assert!(csp.starts_with("default-src 'none';"));
    for never in ["unsafe", "*", "https:", "data:", "blob:"] {
        assert!(!csp.contains(never), "{never} in {csp}");
    }
    assert_eq!(security["freezePrototype"], serde_json::json!(true));
}
