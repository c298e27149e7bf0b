//! Tells Tauri which commands exist, so that each needs a permission of its own in `capabilities/main.json`.

include!("src/command_names.rs");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let attributes =
        tauri_build::Attributes::new().app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    tauri_build::try_build(attributes)?;
    Ok(())
}
