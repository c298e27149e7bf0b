//! The house's own rules, read off the files: how long a file may be, what a thing may be called, who may know whom.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tillbook_tests::repository;

/// What is not ours or is made by a build.
const PASSED_BY: &[&str] = &[".git", ".cache", "target", "node_modules", "dist", "gen"];

struct File {
    name: String,
    text: String,
}

/// Every text file that is committed (or would be), with its path from the repository's folder.
fn files() -> Vec<File> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<File>) {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|one| one.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap().to_str().unwrap();
            if PASSED_BY.contains(&name) || path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                walk(&path, root, found);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.push(File { name, text });
            }
        }
    }
    let root = repository();
    let mut found = Vec::new();
    walk(&root, &root, &mut found);
    assert!(found.len() > 100, "only {} files found", found.len());
    found
}

fn extension(name: &str) -> &str {
    Path::new(name).extension().and_then(|it| it.to_str()).unwrap_or_default()
}

fn is_code(name: &str) -> bool {
    matches!(extension(name), "rs" | "ts" | "js" | "mjs" | "svelte" | "css" | "sql" | "sh")
}

/// Fails with every offence at once.
fn none(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}:\n  {}", offences.join("\n  "));
}

#[test]
fn a_file_can_be_held_in_mind() {
    let long: Vec<String> = files()
        .iter()
        .filter(|file| is_code(&file.name) && file.text.lines().count() > 500)
        .map(|file| format!("{}: {} lines", file.name, file.text.lines().count()))
        .collect();
    none("a code file has at most 500 lines; split it where it has two purposes", &long);
}

#[test]
fn nothing_has_a_vague_name() {
    let vague = ["Manager", "Service", "Helper", "Helpers", "Util", "Utils"];
    let declares = ["struct ", "enum ", "trait ", "class ", "interface ", "type ", "mod "];
    let mut found = Vec::new();
    for file in files().iter().filter(|file| is_code(&file.name)) {
        let stem = Path::new(&file.name).file_stem().unwrap().to_str().unwrap().to_lowercase();
        if vague.iter().any(|word| stem == word.to_lowercase()) {
            found.push(file.name.clone());
        }
        for (number, line) in file.text.lines().enumerate() {
            let Some(declared) = declares.iter().find_map(|word| declared_after(line, word)) else {
                continue;
            };
            if vague.iter().any(|word| declared.ends_with(word) || declared == word.to_lowercase()) {
                found.push(format!("{}:{}: {declared}", file.name, number + 1));
            }
        }
    }
    none("Manager, Service, Helper and Util say nothing; name what it is", &found);
}

/// The name a line declares with this word, if it does.
fn declared_after<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let mut line = line.trim_start();
    for prefix in ["export ", "default ", "declare ", "pub(crate) ", "pub(super) ", "pub "] {
        line = line.strip_prefix(prefix).unwrap_or(line);
    }
    let name = line.strip_prefix(word)?;
    Some(&name[..name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len())])
}

#[test]
fn no_file_knows_one_machine() {
    // Put together here, so that this file does not hold what it looks for.
    let paths = [["/wo", "rk/"], ["/ro", "ot/"], ["/home", "/"], ["/Us", "ers/"], ["C:\\Us", "ers"]];
    let hosts =
        [["registry.", "npmjs"], ["static.", "crates.io"], ["index.", "crates.io"], ["deb.", "debian.org"]];
    let mut found = Vec::new();
    for file in files().iter().filter(|file| file.name != "Cargo.lock") {
        for (number, line) in file.text.lines().enumerate() {
            for [start, end] in paths.iter().chain(&hosts) {
                if line.contains(&format!("{start}{end}")) {
                    found.push(format!("{}:{}: {start}{end}", file.name, number + 1));
                }
            }
        }
    }
    none("a path or a registry of one machine does not belong in the repository", &found);
}

#[test]
fn one_folder_of_the_ui_knows_the_shell() {
    let knows: Vec<String> = files()
        .iter()
        .filter(|file| file.name.starts_with("ui/src/") && !file.name.starts_with("ui/src/lib/backend/"))
        .filter(|file| file.text.contains("@tauri-apps"))
        .map(|file| file.name.clone())
        .collect();
    none("@tauri-apps is imported in ui/src/lib/backend only", &knows);
}

#[test]
fn the_ui_loads_nothing_from_elsewhere() {
    let mut found = Vec::new();
    for file in files() {
        let page = file.name.starts_with("ui/src/") || file.name == "ui/index.html";
        if !page || file.name.contains(".test.") {
            continue;
        }
        for (number, line) in file.text.lines().enumerate() {
            let loads =
                ["src=\"http", "href=\"http", "url(http", "url('http", "url(\"http", "fetch('", "fetch(`"];
            if loads.iter().any(|load| line.contains(load)) {
                found.push(format!("{}:{}", file.name, number + 1));
            }
        }
    }
    none("the window shows what is bundled and asks the core for the rest", &found);
}

/// Which of our crates a crate may know. Left out: the shell, the command line and these tests, which may know all.
fn may_know() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("money", &[] as &[&str]),
        ("stripe", &["money"] as &[&str]),
        ("vault", &[]),
        ("practice", &[]),
        ("store", &["money", "vault"]),
        ("mirror", &["money", "store", "stripe"]),
        ("till", &["money", "store", "stripe", "vault", "mirror"]),
        ("books", &["money", "store", "stripe", "vault", "mirror", "till"]),
    ])
}

/// Our crates that a manifest names, by section (`dependencies`, `dev-dependencies`, …).
fn known(manifest: &str) -> Vec<(String, String)> {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        } else if let Some(rest) = line.strip_prefix("tillbook-") {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
            found.push((section.clone(), rest[..end].to_owned()));
        }
    }
    found
}

#[test]
fn knowledge_flows_one_way() {
    let mut wrong = Vec::new();
    for (room, allowed) in may_know() {
        let manifest = repository().join(format!("src-tauri/crates/{room}/Cargo.toml"));
        let manifest = std::fs::read_to_string(&manifest).unwrap();
        for (section, knows) in known(&manifest) {
            // Tests of a room may run against the practice Stripe; the client's own may not, and it knows nobody.
            let in_tests = section == "dev-dependencies" && knows == "practice" && room != "stripe";
            if !in_tests && !allowed.contains(&knows.as_str()) {
                wrong.push(format!("{room} knows {knows} ([{section}])"));
            }
        }
    }
    none("an arrow between the rooms turned round (ARCHITECTURE.md)", &wrong);
}

#[test]
fn every_room_is_on_the_map() {
    let map = std::fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    let workspace = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let mut missing = Vec::new();
    for entry in std::fs::read_dir(repository().join("src-tauri/crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !map.contains(&format!("{name}/")) || !workspace.contains(&format!("src-tauri/crates/{name}\"")) {
            missing.push(name);
        }
    }
    none("a room is missing in ARCHITECTURE.md or Cargo.toml", &missing);
}
