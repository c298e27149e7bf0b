//! The command line, run as a person or a script runs it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tillbook_tests::built;

pub const PIN: &str = "2468";

/// `tillbook practice`, serving until this is dropped.
pub struct PracticeShop {
    child: Child,
    pub base_url: String,
    pub secret_key: String,
}

impl PracticeShop {
    pub fn start() -> Self {
        let mut child = Command::new(built("tillbook").unwrap())
            .args(["practice", "--port", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        let text =
            |name: &str| said[name].as_str().unwrap_or_else(|| panic!("no {name} in {line}")).to_owned();
        Self { child, base_url: text("base_url"), secret_key: text("secret_key") }
    }
}

impl Drop for PracticeShop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A till's folder and the Stripe it talks to.
pub struct Till<'a> {
    pub data: &'a Path,
    pub base_url: &'a str,
    pub secret_key: &'a str,
}

impl Till<'_> {
    /// Runs a command of `tillbook` with `--json` and answers what it printed.
    pub fn run(&self, arguments: &[&str]) -> Value {
        let output = self.output(arguments);
        assert!(output.status.success(), "tillbook {arguments:?}: {}", words(&output));
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", words(&output)))
    }

    pub fn output(&self, arguments: &[&str]) -> Output {
        Command::new(built("tillbook").unwrap())
            .args(arguments)
            .arg("--json")
            .arg("--data")
            .arg(self.data)
            .args(["--api-base", self.base_url, "--key-env", "TILLBOOK_TEST_KEY"])
            .env("TILLBOOK_TEST_KEY", self.secret_key)
            .env("TILLBOOK_PIN", PIN)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Synchronises and sets the shop up with one manager, Ada.
    pub fn begin(&self) {
        let synced = self.run(&["sync"]);
        assert!(synced["objects"].as_i64().unwrap() > 100, "{synced}");
        self.run(&[
            "setup",
            "--shop",
            "Harbour Books",
            "--currency",
            "usd",
            "--time-zone",
            "America/New_York",
            "--staff",
            "Ada:manager",
        ]);
    }

    /// Sells two of one thing by card, and answers the sale.
    pub fn sell_by_card(&self, lookup_key: &str) -> Value {
        let line = format!("{lookup_key}:2");
        let card = ["--tender", "card", "--payment-method", "pm_card_visa"];
        let sale = self.run(&[&["sell", "--as", "Ada", "--line", &line][..], &card].concat());
        assert_eq!(sale["status"], "paid", "{sale}");
        sale
    }
}

fn words(output: &Output) -> String {
    format!(
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
