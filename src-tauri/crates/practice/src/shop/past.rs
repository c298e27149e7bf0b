//! The objects of the past, rendered when somebody looks.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use super::history::{Booked, History, Sale, Told, metadata};
use super::template::{Template, gap};
use crate::api::params::set;
use crate::facts;
use crate::resources::balance_transactions::{self, available_on};
use crate::resources::payment_intents;
use crate::resources::payment_methods::{expiry, fingerprint, last4};
use crate::resources::{charges, refunds};
use crate::world::events::API_VERSION;
use crate::world::ids::base62;
use crate::world::table::Generated;

/// Which table of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shelf {
    Intents,
    Charges,
    Refunds,
    Transactions,
    Events,
}

#[derive(Debug)]
struct Templates {
    intent: Template,
    charge: Template,
    refund: Template,
    transaction: Template,
}

/// All tables of the past.
#[derive(Debug)]
pub(super) struct Past {
    pub history: History,
    templates: Templates,
    /// The past does not change: it is added up once.
    net: OnceLock<i64>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Table {
    pub past: Arc<Past>,
    pub shelf: Shelf,
}

impl Past {
    pub(super) fn new(history: History) -> Self {
        Self { history, templates: templates(), net: OnceLock::new() }
    }

    fn intent(&self, sale: &Sale, stage: Option<Told>) -> String {
        let history = &self.history;
        let (paid, tried) = match stage {
            Some(Told::Created) => (false, false),
            _ => (!sale.declined, true),
        };
        let id = history.intents.id(sale.index);
        self.templates.intent.fill(|name, out| match name {
            "id" => quoted(out, &id),
            "secret" => {
                let _ = write!(out, "\"{id}_secret_{}\"", base62(history.chance(sale.index ^ 0xc1), 11));
            }
            "amount" => number(out, sale.amount),
            "received" => number(out, if paid { sale.amount } else { 0 }),
            "created" => number(out, sale.created),
            "canceled_at" if tried && sale.declined && stage != Some(Told::PaymentFailed) => number(out, sale.created),
            "reason" if tried && sale.declined && stage != Some(Told::PaymentFailed) => out.push_str("\"abandoned\""),
            "customer" => self.customer(sale, out),
            "charge" if tried => quoted(out, &history.charges.id(sale.index)),
            "method" if paid => quoted(out, &history.methods.id(sale.index)),
            "status" => out.push_str(match (paid, sale.declined, stage) {
                (true, ..) => "\"succeeded\"",
                (_, true, None | Some(Told::Canceled)) => "\"canceled\"",
                _ => "\"requires_payment_method\"",
            }),
            "error" if tried && sale.declined => {
                let error = json!({
                    "charge": history.charges.id(sale.index), "code": "card_declined", "decline_code": "generic_decline",
                    "doc_url": "https://stripe.com/docs/error-codes/card-declined", "message": "Your card was declined.",
                    "type": "card_error",
                });
                out.push_str(&error.to_string());
            }
            _ => out.push_str("null"),
        })
    }

    fn customer(&self, sale: &Sale, out: &mut String) {
        match sale.person.and_then(|place| self.history.people.get(place)) {
            Some(id) => quoted(out, id),
            None => out.push_str("null"),
        }
    }

    fn charge(&self, sale: &Sale, refunded: i64) -> String {
        let history = &self.history;
        let (month, year) = expiry(sale.created);
        let id = history.charges.id(sale.index);
        let failed = sale.declined;
        self.templates.charge.fill(|name, out| match name {
            "id" => quoted(out, &id),
            "amount" => number(out, sale.amount),
            "captured" => number(out, if failed { 0 } else { sale.amount }),
            "refunded" => number(out, refunded),
            "is_refunded" => {
                out.push_str(if refunded > 0 && refunded == sale.amount { "true" } else { "false" })
            }
            "is_paid" => out.push_str(if failed { "false" } else { "true" }),
            "transaction" => match history.transaction_of_sale(sale.index) {
                Some(number) => quoted(out, &history.transactions.id(number)),
                None => out.push_str("null"),
            },
            "created" => number(out, sale.created),
            "customer" => self.customer(sale, out),
            "failure_code" if failed => out.push_str("\"card_declined\""),
            "failure_message" if failed => out.push_str("\"Your card was declined.\""),
            "intent" => quoted(out, &history.intents.id(sale.index)),
            "method" => quoted(out, &history.methods.id(sale.index)),
            "receipt" if !failed => {
                let _ = write!(out, "\"https://pay.stripe.com/receipts/practice/{id}\"");
            }
            "status" => out.push_str(if failed { "\"failed\"" } else { "\"succeeded\"" }),
            "brand" => quoted(out, sale.card.brand),
            "funding" => quoted(out, sale.card.funding),
            "last4" => quoted(out, last4(sale.card)),
            "fingerprint" => quoted(out, &fingerprint(sale.card)),
            "month" => number(out, month),
            "year" => number(out, year),
            "reader" => quoted(out, &history.reader),
            "location" => quoted(out, &history.location),
            "outcome" => out.push_str(if failed { "\"issuer_declined\"" } else { "\"authorized\"" }),
            "network" => {
                out.push_str(if failed { "\"declined_by_network\"" } else { "\"approved_by_network\"" })
            }
            "seller" => out.push_str(if failed {
                "\"The bank did not return any further details with this decline.\""
            } else {
                "\"Payment complete.\""
            }),
            "why" if failed => out.push_str("\"generic_decline\""),
            _ => out.push_str("null"),
        })
    }

    fn refund(&self, number_: u64) -> String {
        let history = &self.history;
        let (sale, created) = history.refund(number_);
        self.templates.refund.fill(|name, out| match name {
            "id" => quoted(out, &history.refunds.id(number_)),
            "amount" => number(out, history.refunded(&sale)),
            "transaction" => quoted(out, &history.transactions.id(history.transaction_of_refund(number_))),
            "charge" => quoted(out, &history.charges.id(sale.index)),
            "created" => number(out, created),
            "customer" => self.customer(&sale, out),
            "intent" => quoted(out, &history.intents.id(sale.index)),
            "method" => quoted(out, &history.methods.id(sale.index)),
            _ => out.push_str("null"),
        })
    }

    fn transaction(&self, number_: u64, now: i64) -> String {
        let history = &self.history;
        let (amount, fee, created, source, kind) = match history.transaction(number_) {
            Booked::Sale(sale) => (
                sale.amount,
                facts::fee(sale.amount, "usd"),
                sale.created,
                history.charges.id(sale.index),
                "charge",
            ),
            Booked::Refund(refund) => {
                let (sale, created) = history.refund(refund);
                (-history.refunded(&sale), 0, created, history.refunds.id(refund), "refund")
            }
        };
        let available = available_on(created);
        self.templates.transaction.fill(|name, out| match name {
            "id" => quoted(out, &history.transactions.id(number_)),
            "amount" => number(out, amount),
            "net" => number(out, amount - fee),
            "fee" => number(out, fee),
            "details" if fee == 0 => out.push_str("[]"),
            "details" => {
                let _ = write!(out, "[{{\"amount\":{fee},\"application\":null,\"currency\":\"usd\",\"description\":\"Stripe processing fees\",\"type\":\"stripe_fee\"}}]");
            }
            "available_on" => number(out, available),
            "created" => number(out, created),
            "kind" => quoted(out, kind),
            "source" => quoted(out, &source),
            "status" => out.push_str(if available <= now { "\"available\"" } else { "\"pending\"" }),
            _ => out.push_str("null"),
        })
    }

    fn event(&self, number_: u64) -> String {
        let history = &self.history;
        let (index, told) = history.event(number_);
        let sale = history.sale(index);
        let object = match told {
            Told::Created | Told::Succeeded | Told::PaymentFailed | Told::Canceled => {
                self.intent(&sale, Some(told))
            }
            Told::ChargeSucceeded | Told::ChargeFailed => self.charge(&sale, 0),
            Told::ChargeRefunded => self.charge(&sale, history.refunded(&sale)),
            Told::RefundCreated => self.refund(history.refund_of(index).unwrap_or(0)),
        };
        let mut out = String::with_capacity(object.len() + 400);
        let previous = match told {
            Told::ChargeRefunded => ",\"previous_attributes\":{\"amount_refunded\":0}",
            _ => "",
        };
        let _ = write!(
            out,
            "{{\"id\":\"{}\",\"object\":\"event\",\"api_version\":\"{API_VERSION}\",\"created\":{},\"data\":{{\"object\":{object}{previous}}},\
             \"livemode\":false,\"pending_webhooks\":0,\"request\":{{\"id\":\"req_{}\",\"idempotency_key\":null}},\"type\":\"{}\"}}",
            history.events.id(number_),
            history.event_created(number_),
            base62(history.chance(number_ ^ 0xe0e0), 11),
            told.name()
        );
        out
    }
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    out.push_str(text);
    out.push('"');
}

fn number(out: &mut String, value: i64) {
    let _ = write!(out, "{value}");
}

fn with_gaps(object: &mut Value, gaps: &[(&str, &str)]) {
    for (path, name) in gaps {
        let (owner, member) = path.rsplit_once('/').unwrap_or(("", path));
        if let Some(owner) = object.pointer_mut(owner) {
            set(owner, member, gap(name));
        }
    }
}

fn templates() -> Templates {
    let mut intent = payment_intents::blank("", "", 0, 0, "usd");
    for (name, value) in [
        ("allowed_payment_method_types", json!(["card_present"])),
        ("payment_method_types", json!(["card_present"])),
        ("capture_method", json!("automatic")),
        ("metadata", metadata()),
    ] {
        set(&mut intent, name, value);
    }
    set(&mut intent, "payment_method_options", payment_intents::present_options());
    with_gaps(
        &mut intent,
        &[
            ("/id", "id"),
            ("/client_secret", "secret"),
            ("/amount", "amount"),
            ("/amount_received", "received"),
            ("/created", "created"),
            ("/canceled_at", "canceled_at"),
            ("/cancellation_reason", "reason"),
            ("/customer", "customer"),
            ("/latest_charge", "charge"),
            ("/payment_method", "method"),
            ("/status", "status"),
            ("/last_payment_error", "error"),
        ],
    );
    let mut charge = charges::past(&intent);
    with_gaps(
        &mut charge,
        &[
            ("/id", "id"),
            ("/amount", "amount"),
            ("/amount_captured", "captured"),
            ("/amount_refunded", "refunded"),
            ("/refunded", "is_refunded"),
            ("/paid", "is_paid"),
            ("/captured", "is_paid"),
            ("/balance_transaction", "transaction"),
            ("/created", "created"),
            ("/customer", "customer"),
            ("/failure_code", "failure_code"),
            ("/failure_message", "failure_message"),
            ("/payment_intent", "intent"),
            ("/payment_method", "method"),
            ("/receipt_url", "receipt"),
            ("/status", "status"),
            ("/outcome/type", "outcome"),
            ("/outcome/network_status", "network"),
            ("/outcome/seller_message", "seller"),
            ("/outcome/reason", "why"),
            ("/payment_method_details/card_present/amount_authorized", "amount"),
            ("/payment_method_details/card_present/brand", "brand"),
            ("/payment_method_details/card_present/network", "brand"),
            ("/payment_method_details/card_present/funding", "funding"),
            ("/payment_method_details/card_present/last4", "last4"),
            ("/payment_method_details/card_present/fingerprint", "fingerprint"),
            ("/payment_method_details/card_present/exp_month", "month"),
            ("/payment_method_details/card_present/exp_year", "year"),
            ("/payment_method_details/card_present/reader", "reader"),
            ("/payment_method_details/card_present/location", "location"),
        ],
    );
    let mut refund = refunds::object("", 0, &charge, 0, json!("requested_by_customer"), metadata());
    with_gaps(
        &mut refund,
        &[
            ("/id", "id"),
            ("/amount", "amount"),
            ("/balance_transaction", "transaction"),
            ("/charge", "charge"),
            ("/created", "created"),
            ("/customer", "customer"),
            ("/payment_intent", "intent"),
            ("/payment_method", "method"),
        ],
    );
    let movement = balance_transactions::of_charge(0, "usd", "", Value::Null);
    let mut transaction = balance_transactions::object("", 0, 0, &movement);
    with_gaps(
        &mut transaction,
        &[
            ("/id", "id"),
            ("/amount", "amount"),
            ("/net", "net"),
            ("/fee", "fee"),
            ("/fee_details", "details"),
            ("/available_on", "available_on"),
            ("/created", "created"),
            ("/type", "kind"),
            ("/reporting_category", "kind"),
            ("/source", "source"),
            ("/status", "status"),
        ],
    );
    Templates {
        intent: Template::new(&intent),
        charge: Template::new(&charge),
        refund: Template::new(&refund),
        transaction: Template::new(&transaction),
    }
}

impl Generated for Table {
    fn len(&self) -> u64 {
        let history = &self.past.history;
        match self.shelf {
            Shelf::Intents | Shelf::Charges => history.count,
            Shelf::Refunds => history.refund_count(),
            Shelf::Transactions => history.transaction_count(),
            Shelf::Events => history.event_count(),
        }
    }

    fn created(&self, index: u64) -> i64 {
        let history = &self.past.history;
        match self.shelf {
            Shelf::Intents | Shelf::Charges => history.created(index),
            Shelf::Refunds => history.refund(index).1,
            Shelf::Transactions => match history.transaction(index) {
                Booked::Sale(sale) => sale.created,
                Booked::Refund(refund) => history.refund(refund).1,
            },
            Shelf::Events => history.event_created(index),
        }
    }

    fn id(&self, index: u64) -> String {
        self.ids().id(index)
    }

    fn find(&self, id: &str) -> Option<u64> {
        self.ids().number(id).filter(|index| *index < self.len())
    }

    fn render(&self, index: u64, now_s: i64) -> String {
        let (past, history) = (&self.past, &self.past.history);
        match self.shelf {
            Shelf::Intents => past.intent(&history.sale(index), None),
            Shelf::Charges => {
                let sale = history.sale(index);
                past.charge(&sale, history.refunded(&sale))
            }
            Shelf::Refunds => past.refund(index),
            Shelf::Transactions => past.transaction(index, now_s),
            Shelf::Events => past.event(index),
        }
    }

    fn key(&self, index: u64, name: &str) -> Option<String> {
        let history = &self.past.history;
        let person = |index: u64| {
            let place = history.sale(index).person;
            place.and_then(|place| history.people.get(place)).cloned().unwrap_or_default()
        };
        match (self.shelf, name) {
            (Shelf::Intents | Shelf::Charges, "customer") => Some(person(index)),
            (Shelf::Charges, "payment_intent") => Some(history.intents.id(index)),
            (Shelf::Refunds, "charge") => Some(history.charges.id(history.refund(index).0.index)),
            (Shelf::Refunds, "payment_intent") => Some(history.intents.id(history.refund(index).0.index)),
            (Shelf::Transactions, "currency") => Some("usd".to_owned()),
            (Shelf::Transactions, "type") => Some(match history.transaction(index) {
                Booked::Sale(_) => "charge".to_owned(),
                Booked::Refund(_) => "refund".to_owned(),
            }),
            (Shelf::Transactions, "source") => Some(match history.transaction(index) {
                Booked::Sale(sale) => history.charges.id(sale.index),
                Booked::Refund(refund) => history.refunds.id(refund),
            }),
            (Shelf::Events, "type") => Some(history.event(index).1.name().to_owned()),
            _ => Some(String::new()),
        }
    }

    fn net(&self, index: u64) -> i64 {
        if self.shelf == Shelf::Transactions { self.past.history.net(index) } else { 0 }
    }

    fn net_of_all(&self) -> i64 {
        *self.past.net.get_or_init(|| (0..self.len()).map(|index| self.net(index)).sum())
    }

    fn find_by(&self, name: &str, value: &str) -> Option<Vec<u64>> {
        let history = &self.past.history;
        let sale = |value: &str| {
            history
                .charges
                .number(value)
                .or_else(|| history.intents.number(value))
                .filter(|index| *index < history.count)
        };
        match (self.shelf, name) {
            (Shelf::Charges, "payment_intent") => Some(sale(value).into_iter().collect()),
            (Shelf::Refunds, "charge" | "payment_intent") => {
                Some(sale(value).and_then(|index| history.refund_of(index)).into_iter().collect())
            }
            (Shelf::Transactions, "source") => {
                let refund = history.refunds.number(value).filter(|number| *number < history.refund_count());
                let booked = refund.map(|number| history.transaction_of_refund(number));
                let booked =
                    booked.or_else(|| sale(value).and_then(|index| history.transaction_of_sale(index)));
                Some(booked.into_iter().collect())
            }
            (Shelf::Transactions, "payout") => Some(Vec::new()),
            _ => None,
        }
    }
}

impl Table {
    fn ids(&self) -> &super::numbers::Ids {
        let history = &self.past.history;
        match self.shelf {
            Shelf::Intents => &history.intents,
            Shelf::Charges => &history.charges,
            Shelf::Refunds => &history.refunds,
            Shelf::Transactions => &history.transactions,
            Shelf::Events => &history.events,
        }
    }
}
