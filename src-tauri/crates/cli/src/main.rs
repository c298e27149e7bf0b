//! `tillbook`: everything that needs no window.
//!
//! What comes in: flags and a few environment variables. What goes out: one JSON object with `--json`, text for people
//! without, exit status 0, 1 or 2. What never happens here: a decision about money or rights; the rooms make them.

mod args;
mod commands;
mod context;
mod failure;
mod interrupt;
mod output;
mod parse;
mod redact;
mod sale_view;
mod times;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::failure::Failure;
use crate::output::{Exit, Output, note};
use crate::redact::without_secrets;

fn main() -> ExitCode {
    let given: Vec<OsString> = std::env::args_os().collect();
    let cli = match Cli::try_parse_from(&given) {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error, &given).into(),
    };
    log_to_stderr();
    let out = Output { json: cli.common.json };
    // A panic is a defect; whoever waits for JSON gets it all the same.
    let ended = catch_unwind(AssertUnwindSafe(|| run(cli, out)));
    let ended = ended.unwrap_or_else(|_| Err(Failure::defect("Tillbook made a mistake and stopped")));
    ended.unwrap_or_else(|failure| out.failure(&failure)).into()
}

fn run(cli: Cli, out: Output) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(|error| Failure::defect(error.to_string()))?.block_on(commands::run(cli, out))
}

/// Help and version are answers; anything else is wrong usage, told as JSON too where that was asked for.
fn misunderstood(error: &clap::Error, given: &[OsString]) -> Exit {
    if !error.use_stderr() {
        let _ = error.print();
        return Exit::Done;
    }
    let wants_json = given.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json");
    if wants_json {
        let text = error.to_string();
        // What was wrong may take lines, "not provided:" and then what; the usage follows after an empty one.
        let lines: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
        let message = lines.join(" ").trim_start_matches("error: ").to_owned();
        return Output { json: true }
            .failure(&Failure::usage("usage", message).next("tillbook --help shows what there is."));
    }
    note(without_secrets(&error.to_string()).trim_end());
    Exit::Usage
}

/// Off unless `TILLBOOK_LOG` asks for it; never on stdout.
fn log_to_stderr() {
    let Ok(filter) = std::env::var("TILLBOOK_LOG") else { return };
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .try_init();
}
