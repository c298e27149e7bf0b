//! What crosses between the shell and the UI besides the till's own views: the state of the program, the inputs of
//! commands, and the one shape of every error.

use serde::{Deserialize, Serialize};
pub use tillbook_till::Code;
use tillbook_till::view::{CurrencyInfo, RefundReason, Session, Shop, Staff};
use ts_rs::TS;

/// Which Stripe this window is on. The three never mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The Stripe inside the program.
    Practice,
    /// Stripe's test mode.
    Test,
    /// Real money.
    Live,
}

/// What the window needs to know before it draws anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AppState {
    /// The program's version.
    pub version: String,
    /// Which Stripe.
    pub mode: Mode,
    /// None until first-run set-up is done.
    pub shop: Option<Shop>,
    /// The shop's currency; the account's default currency before set-up.
    pub currency: CurrencyInfo,
    /// Who can sign in.
    pub staff: Vec<Staff>,
    /// Who is signed in.
    pub session: Option<Session>,
    /// Time zones to choose from at set-up (IANA names), the machine's first.
    pub time_zones: Vec<String>,
}

/// First-run set-up.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SetUpInput {
    /// 1 to 60 characters.
    pub shop_name: String,
    /// Lower-case ISO code.
    pub currency: String,
    /// IANA name.
    pub time_zone: String,
    /// BCP 47.
    pub locale: String,
    /// The first manager.
    pub staff_name: String,
    /// 4 to 12 digits.
    pub pin: String,
}

/// A refund as a person asks for it.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct RefundInput {
    /// UUIDv7.
    pub sale_id: String,
    /// None: all that can still be given back.
    pub amount_minor: Option<i64>,
    /// Stripe's reason.
    pub reason: RefundReason,
    /// In the shop's own words.
    pub detail: Option<String>,
    /// Where the one signed in may not refund: who allows it.
    pub approver_id: Option<String>,
    /// Their PIN.
    pub approver_pin: Option<String>,
}

/// Every command's error.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct CommandError {
    /// Which kind.
    pub code: Code,
    /// For a person, in English; what happened and what to do next. Never a secret.
    pub message: String,
    /// The same call may work later.
    pub retryable: bool,
    /// Numbers and names the UI puts into its own sentence.
    #[ts(type = "Record<string, unknown>")]
    pub details: serde_json::Value,
}
