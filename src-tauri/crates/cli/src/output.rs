//! The two ways to answer: one JSON object, or text for people. Everything that is printed goes through here.

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::redact::without_secrets;

/// How a command ended, for whoever started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It was done.
    Done,
    /// A check failed, or it could not be done.
    NotDone,
    /// The command line was wrong.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        match exit {
            Exit::Done => ExitCode::SUCCESS,
            Exit::NotDone => ExitCode::from(1),
            Exit::Usage => ExitCode::from(2),
        }
    }
}

/// Where answers go.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// One JSON object on stdout instead of text.
    pub json: bool,
}

impl Output {
    /// The answer of a command. A reader that went away (`| head`) is no failure.
    pub fn answer(self, json: &Value, text: &str) {
        if self.json {
            line(&json.to_string());
        } else {
            line(text.trim_end());
        }
    }

    /// What went wrong: text on stderr, and the JSON object if it was asked for.
    pub fn failure(self, failure: &Failure) -> Exit {
        // A key put where a name belongs would be repeated by the message about that name.
        let message = without_secrets(&failure.message);
        if self.json {
            line(
                &json!({"error": {
                    "code": failure.code,
                    "message": message,
                    "next_step": failure.next_step,
                }})
                .to_string(),
            );
        }
        note(&format!("tillbook: {message}"));
        if let Some(next_step) = &failure.next_step {
            note(&format!("  {next_step}"));
        }
        failure.exit
    }
}

/// A line on stdout, at once.
pub fn line(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// A line on stderr.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
