//! A practice Stripe, a data folder, and the program to run on them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub const PIN: &str = "4711";

/// The program, with nothing of the tester's own environment in it.
pub fn tillbook(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tillbook"));
    command.args(args);
    for name in
        ["TILLBOOK_DATA", "TILLBOOK_PIN", "TILLBOOK_VAULT_PASSPHRASE", "STRIPE_SECRET_KEY", "TILLBOOK_LOG"]
    {
        command.env_remove(name);
    }
    command
}

/// How a run ended.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(mut command: Command) -> Ran {
        let Output { status, stdout, stderr } = command.output().unwrap();
        Ran {
            code: status.code(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// The one JSON object on stdout.
    pub fn json(&self) -> Value {
        assert_eq!(self.stdout.trim_end().lines().count(), 1, "one object: {}{}", self.stdout, self.stderr);
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }

    /// The answer of a run that was done.
    pub fn done(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self.json()
    }

    /// The error's code of a run that failed with this exit status.
    pub fn failed(&self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        let json = self.json();
        assert!(!json["error"]["message"].as_str().unwrap().is_empty());
        assert!(self.stderr.contains(json["error"]["message"].as_str().unwrap()), "{}", self.stderr);
        json["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// A practice Stripe in a process of its own.
pub struct Stripe {
    process: Child,
    pub base_url: String,
    pub secret_key: String,
    pub publishable_key: String,
}

impl Stripe {
    pub fn start(args: &[&str]) -> Stripe {
        let mut process =
            tillbook(&["practice"]).args(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let first: Value = serde_json::from_str(&line).unwrap();
        let text = |key: &str| first[key].as_str().unwrap().to_owned();
        Stripe {
            process,
            base_url: text("base_url"),
            secret_key: text("secret_key"),
            publishable_key: text("publishable_key"),
        }
    }

    /// What `GET path` answers, asked without the program's own client.
    pub fn get(&self, path: &str) -> Value {
        self.ask("GET", path, "")
    }

    pub fn post(&self, path: &str, form: &str) -> Value {
        self.ask("POST", path, form)
    }

    /// Sets what is to go wrong from now on.
    pub fn faults(&self, plan: &str) {
        let answer = self.ask("POST", "/_practice/faults", plan);
        assert!(answer.get("error").is_none(), "{answer}");
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let address = self.base_url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nContent-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.secret_key,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {head}\n{body}"))
    }

    /// Every object of a list.
    pub fn all(&self, path: &str) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let mark = if path.contains('?') { '&' } else { '?' };
            let after = all
                .last()
                .map_or_else(String::new, |o| format!("&starting_after={}", o["id"].as_str().unwrap()));
            let page = self.get(&format!("{path}{mark}limit=100{after}"));
            all.extend(page["data"].as_array().unwrap_or_else(|| panic!("{page}")).iter().cloned());
            if page["has_more"] != true {
                return all;
            }
        }
    }

    /// A price that costs at least this much, in minor units: its lookup key and amount.
    pub fn price_from(&self, at_least: i64) -> (String, i64) {
        let price = self
            .all("/v1/prices?active=true")
            .into_iter()
            .filter(|price| price["lookup_key"].is_string() && price["type"] == "one_time")
            .find(|price| price["unit_amount"].as_i64().is_some_and(|amount| amount >= at_least))
            .expect("the practice shop has such a price");
        (price["lookup_key"].as_str().unwrap().to_owned(), price["unit_amount"].as_i64().unwrap())
    }

    /// PaymentIntents that name this attempt or sale.
    pub fn payment_intents_of(&self, key: &str, value: &str) -> Vec<Value> {
        self.all("/v1/payment_intents").into_iter().filter(|pi| pi["metadata"][key] == value).collect()
    }

    /// Asks it to end, and how it did.
    pub fn interrupt(mut self) -> Option<i32> {
        signal(&self.process, "INT");
        self.process.wait().unwrap().code()
    }
}

impl Drop for Stripe {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn signal(process: &Child, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), process.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// A shop: its folder, and the practice Stripe it is on.
pub struct Shop {
    pub stripe: Stripe,
    pub folder: TempDir,
}

impl Shop {
    /// On a fresh practice Stripe, not set up.
    pub fn bare() -> Shop {
        Shop { stripe: Stripe::start(&[]), folder: tempfile::tempdir().unwrap() }
    }

    /// Set up: Ada is the manager, Bob a cashier, Cleo the accountant.
    pub fn open() -> Shop {
        let shop = Shop::bare();
        shop.set_up().done();
        shop
    }

    pub fn set_up(&self) -> Ran {
        self.run(&[
            "setup",
            "--shop",
            "Corner & Co",
            "--currency",
            "usd",
            "--time-zone",
            "America/New_York",
            "--staff",
            "Ada:manager",
            "--staff",
            "Bob:cashier",
            "--staff",
            "Cleo:accountant",
        ])
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// With all common flags; Ada does it.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.offline(args);
        command.args(["--api-base", &self.stripe.base_url, "--key-env", "SHOP_KEY"]);
        command.env("SHOP_KEY", &self.stripe.secret_key);
        if !args.contains(&"--as") && ["sell", "refund"].contains(&args[0]) {
            command.args(["--as", "Ada"]);
        }
        command
    }

    /// `sync --watch`, which has the folder and has read the news once.
    pub fn watching(&self) -> Child {
        let mut command = self.command(&["sync", "--watch"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let reads = said.any(|line| line.unwrap().starts_with("Reading the news"));
        assert!(reads, "the watch ended before it began");
        child
    }

    /// With the folder alone: no key, no network.
    pub fn offline(&self, args: &[&str]) -> Command {
        let mut command = tillbook(args);
        command.arg("--json").arg("--data").arg(self.data()).env("TILLBOOK_PIN", PIN);
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args))
    }

    pub fn run_offline(&self, args: &[&str]) -> Ran {
        Ran::of(self.offline(args))
    }

    pub fn sell(&self, lines: &[&str], rest: &[&str]) -> Ran {
        let mut args = vec!["sell"];
        for line in lines {
            args.extend(["--line", line]);
        }
        args.extend(rest);
        self.run(&args)
    }

    /// Sells one thing by card.
    pub fn sell_by_card(&self, lookup_key: &str) -> Value {
        self.sell(&[lookup_key], &["--tender", "card", "--payment-method", "pm_card_visa"]).done()
    }
}

impl Shop {
    /// After `resolve`, the till and the practice Stripe agree on every sale, and nothing is open. Each sale that was
    /// paid cost `price`.
    pub fn settled(&self, price: i64) {
        self.run(&["resolve"]).done();
        let all = self.stripe.all("/v1/payment_intents");
        for sale in self.run_offline(&["sales"]).done()["sales"].as_array().unwrap() {
            let intents: Vec<_> =
                all.iter().filter(|pi| pi["metadata"]["sale_id"] == sale["sale_id"]).collect();
            let received: i64 = intents.iter().map(|pi| pi["amount_received"].as_i64().unwrap()).sum();
            let expected = if sale["status"] == "paid" { price } else { 0 };
            assert_eq!(received, expected, "{sale} {intents:?}");
            assert_ne!(sale["status"], "checking", "{sale}");
            assert!(
                intents.iter().all(|pi| pi["status"] == "succeeded" || pi["status"] == "canceled"),
                "{intents:?}"
            );
        }
    }
}

/// The rows of a CSV file by column name.
pub fn rows_of(path: &Path) -> Vec<std::collections::HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let heading = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|row| heading.iter().map(str::to_owned).zip(row.unwrap().iter().map(str::to_owned)).collect())
        .collect()
}
