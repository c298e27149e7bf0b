//! What is on this machine: the repository, the programs built from it, and the tools some tests need.

use std::path::{Path, PathBuf};

use tillbook_practice::{Practice, PracticeOptions, ShopSpec};

use crate::Outcome;

/// The repository's folder.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.to_owned(), Path::to_owned)
}

/// A program of the workspace, built beside the one that asks (`tillbook`, `tillbook-desktop`).
pub fn built(name: &str) -> Result<PathBuf, String> {
    let running =
        std::env::current_exe().map_err(|error| format!("cannot tell where this test is: {error}"))?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    // Test programs live in `deps` below the folder of the programs themselves.
    let found =
        running.ancestors().skip(1).take(2).map(|folder| folder.join(&file)).find(|path| path.is_file());
    found.ok_or_else(|| format!("{name} is not built: run `cargo build --workspace --all-targets` first"))
}

/// Makes a practice shop with this many payments in its past, for a till that is to be opened on this folder: of the usual
/// one all is copied before anybody can look at how that goes.
pub fn shop_with_a_past(data: &Path, payments: u32) -> Outcome<()> {
    let shop = ShopSpec { payments: Some(payments), days: Some(90), ..ShopSpec::default() };
    let options = PracticeOptions {
        data: Some(data.join("practice-stripe")),
        shop,
        seed: Some(2026),
        ..PracticeOptions::default()
    };
    Practice::start(options)?.stop();
    Ok(())
}

/// Where pictures are saved: `target/pictures`, wherever cargo's own target folder is.
pub fn picture_folder() -> PathBuf {
    repository().join("target/pictures")
}

/// The bridge between WebDriver and the window, from the cache or the path.
pub(crate) fn bridge_program() -> Option<PathBuf> {
    let cache = std::env::var_os("TILLBOOK_CACHE").map(PathBuf::from).or_else(|| {
        let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        base.or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
            .map(|base| base.join("tillbook"))
    });
    cache
        .map(|cache| cache.join("bridge/bin/tauri-driver"))
        .filter(|path| path.is_file())
        .or_else(|| on_path("tauri-driver"))
}

/// WebKit's own driver.
pub(crate) fn native_driver() -> Option<PathBuf> {
    on_path("WebKitWebDriver")
}

/// Looks a program up as a shell would.
fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Of the things a test needs, those this machine lacks: `display`, `keyring`, `bridge`, `driver`, or a program's
/// name. Where `TILLBOOK_TEST_ALL` is set (by `make test`, which has installed them all) a test must fail on what is
/// missing, otherwise it says so and skips.
pub fn missing(needs: &[&str]) -> Option<String> {
    let lacks: Vec<&str> = needs.iter().copied().filter(|need| !have(need)).collect();
    if lacks.is_empty() {
        None
    } else {
        Some(format!("skipped: this needs {} (make test brings it)", lacks.join(", ")))
    }
}

fn have(need: &str) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match need {
        "display" => set("DISPLAY") || set("WAYLAND_DISPLAY"),
        "keyring" => set("TILLBOOK_DESKTOP"),
        "bridge" => bridge_program().is_some(),
        "driver" => native_driver().is_some(),
        program => on_path(program).is_some(),
    }
}

/// Waits until no program has this data folder open any more: closing a window only asks the program to end.
pub(crate) async fn until_nobody_uses(data: &Path) -> Result<(), String> {
    for _ in 0..200 {
        if programs_on(data).is_empty() {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Err(format!("a program still uses {}", data.display()))
}

/// The process ids of the tills that were opened on this data folder (Linux, where the window tests are).
pub(crate) fn programs_on(data: &Path) -> Vec<String> {
    let variable = format!("TILLBOOK_DATA={}", data.display());
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let ours = processes.flatten().filter(|process| {
        let path = process.path();
        let named =
            std::fs::read_to_string(path.join("comm")).is_ok_and(|name| name.starts_with("tillbook-deskto"));
        named
            && std::fs::read(path.join("environ"))
                .is_ok_and(|all| all.split(|byte| *byte == 0).any(|one| one == variable.as_bytes()))
    });
    ours.filter_map(|process| process.file_name().into_string().ok()).collect()
}
