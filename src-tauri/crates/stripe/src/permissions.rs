//! Which of the calls the program needs a key may make. A restricted key is only as good as the boxes its owner
//! ticked, and a till should know before the first customer does.
//!
//! Reads are asked for with a page of one. Writes are tried on an object that cannot exist: a permitted key is told
//! that there is no such object, a forbidden one gets 403, and nothing changes either way.

use crate::{Client, Error, Form, NextStep, Prepared};

/// A call the program needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Stripe's name of the permission, as its owner sees it.
    pub permission: &'static str,
    /// Reading or writing.
    pub access: Access,
    /// What the program cannot do without it.
    pub purpose: &'static str,
    /// A GET of this is harmless; for a write, the path of an object that cannot exist.
    path: &'static str,
}

/// Reading or writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// GET.
    Read,
    /// POST.
    Write,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The key may.
    Allowed,
    /// The key may not: its owner has to tick the box.
    Refused,
    /// No word: try again later.
    Unknown(String),
}

const fn read(permission: &'static str, path: &'static str, purpose: &'static str) -> Need {
    Need { permission, access: Access::Read, purpose, path }
}

const fn write(permission: &'static str, path: &'static str, purpose: &'static str) -> Need {
    Need { permission, access: Access::Write, purpose, path }
}

/// Everything the program needs, most needed first.
pub const NEEDS: &[Need] = &[
    write("PaymentIntents", "/v1/payment_intents/pi_tillbook_check/cancel", "take payments"),
    write("Terminal readers", "/v1/terminal/readers/tmr_tillbook_check/cancel_action", "use card readers"),
    write("Charges and Refunds", "/v1/refunds/re_tillbook_check", "give money back"),
    read("Events", "/v1/events", "keep the records true"),
    read("PaymentIntents", "/v1/payment_intents", "mirror payments"),
    read("Charges and Refunds", "/v1/charges", "mirror charges"),
    read("Charges and Refunds", "/v1/refunds", "mirror refunds"),
    read("Balance transaction sources", "/v1/balance_transactions", "export fees and payouts"),
    read("Balance", "/v1/balance", "check that nothing is missing"),
    read("Products", "/v1/products", "show the catalogue"),
    read("Prices", "/v1/prices", "show prices"),
    read("Customers", "/v1/customers", "show customers"),
    read("Terminal locations", "/v1/terminal/locations", "show locations"),
    read("Terminal readers", "/v1/terminal/readers", "find card readers"),
    read("Payouts", "/v1/payouts", "reconcile payouts"),
    read("Disputes", "/v1/disputes", "show disputes"),
    read("Invoices", "/v1/invoices", "show invoices"),
    read("Subscriptions", "/v1/subscriptions", "show subscriptions"),
    read("Coupons", "/v1/coupons", "show coupons"),
    read("Promotion codes", "/v1/promotion_codes", "show promotion codes"),
    read("Tax rates", "/v1/tax_rates", "show tax rates"),
    read("Credit notes", "/v1/credit_notes", "show credit notes"),
    read("SetupIntents", "/v1/setup_intents", "mirror saved cards"),
    read("Checkout Sessions", "/v1/checkout/sessions", "mirror payments by phone"),
    read("Payment Links", "/v1/payment_links", "mirror payment links"),
    write("Checkout Sessions", "/v1/checkout/sessions/cs_tillbook_check/expire", "take payments by phone"),
    write("Customers", "/v1/customers/cus_tillbook_check", "change customers"),
    write("Disputes", "/v1/disputes/dp_tillbook_check", "answer disputes"),
    write("Invoices", "/v1/invoices/in_tillbook_check/send", "send invoices"),
    write("Subscriptions", "/v1/subscriptions/sub_tillbook_check", "change subscriptions"),
];

/// Asks for each need in turn. A key that is not accepted at all ends it with that error. `attempt` makes the
/// idempotency keys of this round differ from those of the last, whose stored answers would be given again.
pub async fn check(client: &Client, needs: &[Need], attempt: &str) -> Result<Vec<(Need, Verdict)>, Error> {
    let mut verdicts = Vec::with_capacity(needs.len());
    for (index, need) in needs.iter().enumerate() {
        let outcome = match need.access {
            Access::Read if need.path == "/v1/balance" => client.get(need.path, &Form::new()).await,
            Access::Read => client.get(need.path, &Form::new().with("limit", 1)).await,
            Access::Write => {
                let key = format!("permission-{attempt}-{index}");
                client.post(&Prepared::new(need.path, &Form::new(), &key)?).await
            }
        };
        verdicts.push((*need, judge(need.access, outcome.err())?));
    }
    Ok(verdicts)
}

fn judge(access: Access, error: Option<Error>) -> Result<Verdict, Error> {
    match error {
        None => Ok(Verdict::Allowed),
        Some(Error::Permission(_)) => Ok(Verdict::Refused),
        Some(error) if error.next_step() == NextStep::CheckKey => Err(error),
        // The object that cannot exist does not: the key got as far as that. (An address that is not served at all
        // says 404 too, without this code.)
        Some(error) if access == Access::Write && error.code() == Some("resource_missing") => {
            Ok(Verdict::Allowed)
        }
        Some(Error::InvalidRequest(_)) if access == Access::Write => Ok(Verdict::Allowed),
        Some(error) => Ok(Verdict::Unknown(error.to_string())),
    }
}
