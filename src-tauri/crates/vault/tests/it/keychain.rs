//! The operating system's keychain: the real Secret Service where one runs, and what is said where none does.
//! `dbus-run-session` gives the tests a session of their own, so that no person's keychain is touched.

#![cfg(target_os = "linux")]

use std::process::{Command, Output, Stdio};

use tillbook_vault::{Keychain, Vault, VaultError, names};

use crate::behaves;

const INSIDE: &str = "TILLBOOK_TEST_KEYCHAIN";

/// Runs one test of this binary again inside `script`, which gets the command as its arguments. `None` if the
/// programs for it are not installed.
fn run_inside(test: &str, script: &str) -> Option<Output> {
    for program in ["dbus-run-session", "gnome-keyring-daemon"] {
        let found =
            Command::new("sh").args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            println!("skipped: {program} is not installed");
            return None;
        }
    }
    let home = tempfile::tempdir().unwrap();
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", script, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_RUNTIME_DIR", home.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Some(output)
}

fn passed(output: &Output) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{out}{err}");
}

#[test]
fn a_real_secret_service_behaves_as_a_vault() {
    if std::env::var_os(INSIDE).is_some() {
        let keychain = Keychain::open("tillbook/test-1").unwrap();
        behaves(&keychain);
        let made = keychain.random_secret(names::SIGNING).unwrap();
        assert_eq!(Keychain::open("tillbook/test-1").unwrap().get(names::SIGNING).unwrap(), Some(made));
        // Another data folder's secrets are others.
        assert_eq!(Keychain::open("tillbook/test-2").unwrap().get(names::SIGNING).unwrap(), None);
        return;
    }
    let script =
        "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 && exec \"$@\"";
    if let Some(output) = run_inside("keychain::a_real_secret_service_behaves_as_a_vault", script) {
        passed(&output);
    }
}

#[test]
fn a_keychain_that_starts_late_is_found() {
    if std::env::var_os(INSIDE).is_some() {
        let address = std::env::var("DBUS_SESSION_BUS_ADDRESS").unwrap();
        assert!(address.starts_with("unix:"), "{address}");
        // No service has been started and none can be: the bus was told to know none.
        let early = Keychain::open("tillbook/test");
        assert!(matches!(early, Err(VaultError::NoKeychain { .. })), "{early:?}");
        let mut daemon = Command::new("gnome-keyring-daemon")
            .args(["--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut daemon.stdin.take().unwrap(), b"pw").unwrap();
        daemon.wait().unwrap();
        Keychain::open("tillbook/test").unwrap().random_secret(names::JOURNAL).unwrap();
        return;
    }
    // A bus that starts nothing by itself.
    let bare = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        bare.path(),
        "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>\
         <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>\
         </busconfig>",
    )
    .unwrap();
    let script = format!("exec dbus-run-session --config-file={} -- \"$@\"", bare.path().display());
    if let Some(output) = run_inside("keychain::a_keychain_that_starts_late_is_found", &script) {
        passed(&output);
    }
}

#[test]
fn no_session_bus_is_no_keychain() {
    if std::env::var_os(INSIDE).is_some() {
        let none = Keychain::open("tillbook/test");
        assert!(matches!(none, Err(VaultError::NoKeychain { .. })), "{none:?}");
        return;
    }
    let script = "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent exec \"$@\"";
    if let Some(output) = run_inside("keychain::no_session_bus_is_no_keychain", script) {
        passed(&output);
    }
}
