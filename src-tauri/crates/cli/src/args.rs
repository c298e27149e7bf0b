//! What may stand on the command line. Nothing is done here; texts are only taken apart.

use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::parse::{at_least_one, list_name, parse_line, parse_staff};

/// A till and a back office for shops that use Stripe, without a window.
#[derive(Debug, Parser)]
#[command(name = "tillbook", version, disable_help_subcommand = true, after_help = AFTER_HELP)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
Environment:
  TILLBOOK_DATA              the data folder where --data is not given
  TILLBOOK_PIN               the PIN of --as, and of the staff made by setup
  TILLBOOK_VAULT_PASSPHRASE  opens the vault on a machine without a keychain
  STRIPE_SECRET_KEY          the key where --key-env is not given
  TILLBOOK_LOG               log to stderr, for example info or tillbook_stripe=debug

Exit status: 0 done, 1 a check failed or it could not be done, 2 wrong usage. A copy that was interrupted before it was
whole is 1; what is here stays, and tillbook sync goes on from there.";

/// Flags of every command; each takes those it needs.
#[derive(Debug, Clone, Default, Args)]
pub struct Common {
    /// The data folder; it belongs to one account and mode.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A Stripe on this machine, as http://127.0.0.1:PORT (test and practice keys only).
    #[arg(long, global = true, value_name = "URL")]
    pub api_base: Option<String>,
    /// The environment variable that holds the Stripe key [default: STRIPE_SECRET_KEY].
    #[arg(long, global = true, value_name = "VAR")]
    pub key_env: Option<String>,
    /// Who does it; the PIN is read from TILLBOOK_PIN.
    #[arg(id = "as", long = "as", global = true, value_name = "STAFF")]
    pub staff: Option<String>,
    /// Print exactly one JSON object on stdout.
    #[arg(long, global = true)]
    pub json: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the practice Stripe until interrupted; its address and keys are the first line of stdout.
    Practice(PracticeArgs),
    /// Bring Stripe's records here: all of them the first time, then the news.
    Sync(SyncArgs),
    /// Say how far Stripe's records are here.
    Status,
    /// Print one of Stripe's objects as it is mirrored.
    Show {
        /// Its id, such as pi_… or cus_….
        id: String,
    },
    /// Find payments, customers, invoices and products among Stripe's records here.
    Find(FindArgs),
    /// Name the shop, its currency and time zone, and its staff.
    Setup(SetupArgs),
    /// Sell and take the payment.
    Sell(SellArgs),
    /// Give back what was paid for a sale, or part of it.
    Refund(RefundArgs),
    /// List every sale with its payments and refunds.
    Sales,
    /// Ask Stripe about every payment and refund whose outcome is unknown, and settle it.
    Resolve,
    /// Write a file for the accountant, with a signed manifest beside it.
    Export(ExportArgs),
    /// Check the till's journal, or an exported file.
    Verify(VerifyArgs),
    /// Measure.
    Bench {
        /// What.
        #[command(subcommand)]
        what: BenchWhat,
    },
}

/// What can be measured.
#[derive(Debug, Subcommand)]
pub enum BenchWhat {
    /// Copying Stripe's records here, beside a bare loop; against --api-base, or a practice shop made for it.
    Mirror(BenchArgs),
    /// One round of that bare loop.
    #[command(hide = true)]
    Floor(FloorArgs),
}

/// The lists that are measured where no others are named.
const BENCH_LISTS: &str = "customers,payment_intents,charges,refunds,events";

/// `tillbook bench mirror`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// How often; the median is told.
    #[arg(long, default_value_t = 3, value_name = "N")]
    pub rounds: u16,
    /// Past payments of the practice shop.
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    pub payments: u32,
    /// Which lists.
    #[arg(long, default_value = BENCH_LISTS, value_name = "NAMES")]
    pub resources: String,
    /// At most this many requests a second.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub rate: Option<NonZeroU16>,
    /// At most this many requests a second to one list.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub endpoint_rate: Option<NonZeroU16>,
}

/// `tillbook bench floor`.
#[derive(Debug, Args)]
pub struct FloorArgs {
    /// Which lists.
    #[arg(long, value_name = "NAMES")]
    pub resources: String,
    /// The SQLite file.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `tillbook practice`.
#[derive(Debug, Args)]
pub struct PracticeArgs {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Throw away what --data kept and begin anew.
    #[arg(long)]
    pub reset: bool,
    /// Make keys, ids and the shop repeatable.
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Products of a fresh shop.
    #[arg(long, value_name = "N")]
    pub products: Option<u32>,
    /// Past payments of a fresh shop.
    #[arg(long, value_name = "N")]
    pub payments: Option<u32>,
    /// Days the past payments are spread over.
    #[arg(long, value_name = "N")]
    pub days: Option<u32>,
    /// Faults to begin with: a file of the JSON that POST /_practice/faults takes.
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// Requests a second before it answers 429.
    #[arg(long, value_name = "N")]
    pub rate: Option<u32>,
    /// Post every event, signed, to this address on this machine; the first line then tells the secret.
    #[arg(long, value_name = "URL")]
    pub forward_to: Option<String>,
}

/// `tillbook sync`.
#[derive(Debug, Args)]
pub struct SyncArgs {
    /// List everything again and heal what differs.
    #[arg(long)]
    pub full: bool,
    /// Go on reading the news until interrupted.
    #[arg(long)]
    pub watch: bool,
    /// Only these, named as in Stripe's list paths: payment_intents,checkout/sessions.
    #[arg(long, value_delimiter = ',', value_name = "NAMES", value_parser = list_name)]
    pub resources: Option<Vec<String>>,
    /// At most this many requests a second.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub rate: Option<NonZeroU16>,
    /// At most this many requests a second to one list.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub endpoint_rate: Option<NonZeroU16>,
}

/// `tillbook find`.
#[derive(Debug, Args)]
pub struct FindArgs {
    /// A name, e-mail address, telephone number, amount, day, last four digits or id; the newest without it.
    #[arg(value_name = "TEXT")]
    pub text: Vec<String>,
    /// Only these.
    #[arg(long, value_enum, value_name = "KIND")]
    pub kind: Option<FindKindArg>,
    /// At most so many, up to 200.
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=200))]
    pub limit: u8,
}

/// What can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FindKindArg {
    /// Payments.
    Payment,
    /// Customers.
    Customer,
    /// Invoices.
    Invoice,
    /// Products.
    Product,
}

/// `tillbook setup`.
#[derive(Debug, Args)]
pub struct SetupArgs {
    /// The name on the receipt.
    #[arg(long, value_name = "NAME")]
    pub shop: String,
    /// Its currency, such as usd.
    #[arg(long, value_name = "CUR")]
    pub currency: String,
    /// Its time zone, such as America/New_York.
    #[arg(long, value_name = "TZ")]
    pub time_zone: String,
    /// How amounts and dates are written.
    #[arg(long, value_name = "LOCALE", default_value = "en-US")]
    pub locale: String,
    /// Who works here, as NAME:ROLE with cashier, manager or accountant; the first is a manager. The PIN is read from
    /// TILLBOOK_PIN: one for all, or one for each in the same order, with commas between.
    #[arg(long, required = true, num_args = 1.., value_name = "NAME:ROLE", value_parser = parse_staff)]
    pub staff: Vec<StaffArg>,
}

/// One `--staff`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffArg {
    /// As it is shown and printed.
    pub name: String,
    /// None where it was left out.
    pub role: Option<RoleArg>,
}

/// What a member of staff may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    /// Sells and takes payments.
    Cashier,
    /// All of it.
    Manager,
    /// Reads and exports.
    Accountant,
}

/// `tillbook sell`.
#[derive(Debug, Args)]
pub struct SellArgs {
    /// What is sold, by its price's lookup key.
    #[arg(long = "line", required = true, num_args = 1.., value_name = "LOOKUP_KEY:QTY", value_parser = parse_line)]
    pub lines: Vec<LineArg>,
    /// How it is paid.
    #[arg(long, value_enum, default_value_t = TenderArg::Card)]
    pub tender: TenderArg,
    /// Tap a simulated reader with this test card, such as pm_card_visa (practice and test keys only; not used for cash).
    #[arg(long, value_name = "PM")]
    pub payment_method: Option<String>,
    /// The reader, by id or label, where there are several.
    #[arg(long, value_name = "READER")]
    pub reader: Option<String>,
    /// Cash handed over, in minor units [default: the total].
    #[arg(long, value_name = "MINOR", value_parser = clap::value_parser!(i64).range(0..))]
    pub tendered: Option<i64>,
}

/// One `--line`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineArg {
    /// The price's lookup key.
    pub lookup_key: String,
    /// At least 1.
    pub quantity: i64,
}

/// How a sale is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TenderArg {
    /// Notes and coins.
    Cash,
    /// A card on a reader.
    Card,
}

/// `tillbook refund`.
#[derive(Debug, Args)]
pub struct RefundArgs {
    /// The sale's id.
    pub sale_id: String,
    /// How much, in minor units [default: all that can still be given back].
    #[arg(long, value_name = "MINOR", value_parser = clap::value_parser!(i64).range(1..))]
    pub amount: Option<i64>,
    /// Why, in Stripe's words.
    #[arg(long, value_enum)]
    pub reason: ReasonArg,
    /// Why, in the shop's own words.
    #[arg(long, value_name = "TEXT")]
    pub detail: Option<String>,
    /// Who allows it, where --as may not; the PIN is read from TILLBOOK_APPROVER_PIN.
    #[arg(long, value_name = "STAFF")]
    pub approver: Option<String>,
}

/// Stripe's three reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum ReasonArg {
    /// Charged twice.
    Duplicate,
    /// Not the card holder's doing.
    Fraudulent,
    /// The customer asked.
    RequestedByCustomer,
}

/// `tillbook export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// What.
    #[arg(long, value_enum, default_value_t = ReportArg::Transactions)]
    pub report: ReportArg,
    /// As what.
    #[arg(long, value_enum, default_value_t = FormatArg::Csv)]
    pub format: FormatArg,
    /// First business day, as 2026-03-01.
    #[arg(long, value_name = "DATE")]
    pub from: String,
    /// Business day after the last; not part of it.
    #[arg(long, value_name = "DATE")]
    pub to: String,
    /// Where to; a file that stands there is replaced.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// The reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportArg {
    /// Every movement of money: Stripe's balance transactions and the till's cash.
    Transactions,
}

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// RFC 4180, UTF-8.
    Csv,
}

/// `tillbook verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Check this exported file by its manifest instead of the journal; --data is not needed.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The file must be signed by this key (hex).
    #[arg(long, value_name = "KEY", requires = "file")]
    pub public_key: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn common_flags_stand_before_or_after_the_command() {
        for order in [["--data", "d", "--json", "status"], ["status", "--json", "--data", "d"]] {
            let cli = Cli::try_parse_from(["tillbook"].into_iter().chain(order)).unwrap();
            assert!(cli.common.json && cli.common.data == Some(PathBuf::from("d")));
        }
    }

    #[test]
    fn stripes_reasons_are_spelled_as_stripe_does() {
        let cli =
            Cli::try_parse_from(["tillbook", "refund", "s", "--reason", "requested_by_customer"]).unwrap();
        assert!(matches!(
            cli.command,
            Command::Refund(RefundArgs { reason: ReasonArg::RequestedByCustomer, .. })
        ));
        assert!(Cli::try_parse_from(["tillbook", "refund", "s", "--reason", "other"]).is_err());
        assert!(Cli::try_parse_from(["tillbook", "refund", "s"]).is_err());
        assert!(
            Cli::try_parse_from(["tillbook", "refund", "s", "--reason", "duplicate", "--amount", "0"])
                .is_err()
        );
    }

    #[test]
    fn a_sale_needs_a_line() {
        assert!(Cli::try_parse_from(["tillbook", "sell", "--tender", "cash"]).is_err());
        for lines in [&["--line", "a:1", "--line", "b:2"][..], &["--line", "a:1", "b:2"]] {
            let given = ["tillbook", "sell"].iter().chain(lines).chain(&["--tender", "cash"]);
            let Command::Sell(sell) = Cli::try_parse_from(given).unwrap().command else {
                panic!("not a sale")
            };
            assert_eq!(sell.lines.len(), 2);
        }
    }
}
