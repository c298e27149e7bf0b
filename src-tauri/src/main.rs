//! The desktop program. It wires and delegates: what staff do is in `tillbook_till`, what the window shows in `ui/`.
//!
//! What may come in: the window's commands, each with a permission of its own. What never happens here: no decision
//! about money, no SQL, no secret in an answer.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod drive;
mod errors;
mod follow;
mod indexing;
mod inputs;
mod log;
mod place;
mod receiver;
mod start;
mod state;
mod sync_proof;
mod sync_view;
mod wire;
mod work;
mod zones;

#[cfg(test)]
mod command_names;
#[cfg(test)]
mod house_rules;
#[cfg(test)]
mod types;

use std::process::ExitCode;

use tauri::{Manager, RunEvent};

use crate::state::Desk;

fn main() -> ExitCode {
    let mut builder = tauri::Builder::default();
    // A folder of one's own is guarded by its lock; the usual one by a window that comes to the front.
    if place::own_folder().is_none() {
        builder = builder.plugin(tauri_plugin_single_instance::init(|app, _, _| come_forward(app)));
    }
    let built = builder
        .invoke_handler(handlers!())
        .setup(|app| {
            let folder = place::folder(app.handle())?;
            log::begin(&folder);
            app.manage(Desk::new(app.handle().clone()));
            tauri::async_runtime::spawn(start::start(app.handle().clone(), folder));
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|app, event| {
                if matches!(event, RunEvent::Exit) {
                    start::end(app);
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Shows the window that is there to whoever started the program a second time.
fn come_forward(app: &tauri::AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        let shown = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
        if let Err(error) = shown {
            tracing::warn!(%error, "the window did not come forward");
        }
    }
}

/// There is no window to say it in.
#[allow(clippy::print_stderr)]
fn complain(error: &tauri::Error) {
    eprintln!("Tillbook could not open its window: {error}");
}
