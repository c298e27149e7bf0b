//! The past sales of a shop, by arithmetic: payment `i` is always the same payment, and nothing is kept of it.
//!
//! Sales come in blocks of twenty. In each the twelfth is declined and given up, and the eighth is refunded at the time
//! of the sixteenth, in full or by half.

use serde_json::{Value, json};

use super::catalogue::ITEMS;
use super::numbers::Ids;
use super::start::Begun;
use crate::cards::{CARDS, Card};
use crate::facts;
use crate::world::ids::mix;

pub(super) const BLOCK: u64 = 20;
const DECLINED: u64 = 11;
const REFUNDED: u64 = 7;
const REFUNDED_AT: u64 = 15;
const DAY: i64 = 86_400;
/// Open from eight to six in the account's time zone.
const OPENS: i64 = 13 * 3600;
const OPEN_FOR: i64 = 10 * 3600;

/// The cards people pay with.
const PURSE: [usize; 7] = [0, 0, 1, 2, 3, 5, 6];

#[derive(Debug, Clone, Copy)]
struct Window {
    opens: i64,
    seconds: i64,
    first: u64,
    count: u64,
}

/// When and what was sold.
#[derive(Debug)]
pub(super) struct History {
    seed: u64,
    pub count: u64,
    windows: Vec<Window>,
    pub people: Vec<String>,
    pub reader: String,
    pub location: String,
    pub intents: Ids,
    pub charges: Ids,
    pub methods: Ids,
    pub transactions: Ids,
    pub refunds: Ids,
    pub events: Ids,
}

/// One past payment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sale {
    pub index: u64,
    pub amount: i64,
    pub created: i64,
    pub declined: bool,
    pub card: &'static Card,
    /// The place among the regulars, for every fourth.
    pub person: Option<usize>,
}

impl History {
    pub(super) fn new(begun: &Begun, people: Vec<String>, reader: String, location: String) -> Self {
        let days = begun.days.unwrap_or(14).max(1);
        let count = begun.payments.unwrap_or(days * 26);
        let seed = mix(begun.seed ^ 0x5a1e5);
        let ids = |prefix, length| Ids::new(prefix, length, seed);
        Self {
            seed,
            count,
            windows: windows(begun.born, days, count),
            people,
            reader,
            location,
            intents: ids("pi", 24),
            charges: ids("ch", 24),
            methods: ids("pm", 24),
            transactions: ids("txn", 24),
            refunds: ids("re", 24),
            events: ids("evt", 24),
        }
    }

    pub(super) fn created(&self, index: u64) -> i64 {
        let place = self.windows.partition_point(|window| window.first <= index).saturating_sub(1);
        let Some(window) = self.windows.get(place) else { return 0 };
        let nth = i64::try_from(index.saturating_sub(window.first)).unwrap_or(0);
        let count = i64::try_from(window.count.max(1)).unwrap_or(1);
        window.opens + nth * window.seconds / count
    }

    pub(super) fn chance(&self, index: u64) -> u64 {
        mix(self.seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(super) fn sale(&self, index: u64) -> Sale {
        let mut chance = self.chance(index);
        let lines = 1 + chance % 4;
        let mut amount = 0;
        for _ in 0..lines {
            chance >>= 8;
            let place = usize::try_from(chance % 40).unwrap_or(0);
            amount += ITEMS.get(place).map_or(0, |item| item.amount);
        }
        let card = usize::try_from(self.chance(!index) % 7).ok().and_then(|place| PURSE.get(place)).copied();
        let person = self.chance(index ^ 0xffff_0000_0000);
        let person = (person.is_multiple_of(4) && !self.people.is_empty())
            .then(|| usize::try_from(person / 4).unwrap_or(0) % self.people.len());
        Sale {
            index,
            amount,
            created: self.created(index),
            declined: index % BLOCK == DECLINED,
            card: card.and_then(|place| CARDS.get(place)).unwrap_or(&CARDS[0]),
            person,
        }
    }

    /// How much of a sale was given back.
    pub(super) fn refunded(&self, sale: &Sale) -> i64 {
        let block = sale.index / BLOCK;
        if sale.index % BLOCK != REFUNDED || block >= self.refund_count() {
            0
        } else if block.is_multiple_of(2) {
            sale.amount
        } else {
            (sale.amount / 20).max(1) * 10
        }
    }

    pub(super) fn refund_count(&self) -> u64 {
        (self.count + BLOCK - 1 - REFUNDED_AT) / BLOCK
    }

    /// The sale a refund belongs to, and when the refund was made.
    pub(super) fn refund(&self, number: u64) -> (Sale, i64) {
        (self.sale(number * BLOCK + REFUNDED), self.created(number * BLOCK + REFUNDED_AT))
    }

    pub(super) fn refund_of(&self, sale: u64) -> Option<u64> {
        (sale % BLOCK == REFUNDED && sale / BLOCK < self.refund_count()).then_some(sale / BLOCK)
    }

    pub(super) fn transaction_count(&self) -> u64 {
        let rest = self.count % BLOCK;
        self.count / BLOCK * BLOCK + rest - u64::from(rest > DECLINED) + u64::from(rest > REFUNDED_AT)
    }

    /// What a balance transaction is of.
    pub(super) fn transaction(&self, number: u64) -> Booked {
        let (block, place) = (number / BLOCK, number % BLOCK);
        let sale = |place: u64| Booked::Sale(self.sale(block * BLOCK + place));
        match place {
            0..DECLINED => sale(place),
            REFUNDED_AT => Booked::Refund(block),
            DECLINED..REFUNDED_AT => sale(place + 1),
            _ => sale(place),
        }
    }

    pub(super) fn transaction_of_sale(&self, sale: u64) -> Option<u64> {
        let (block, place) = (sale / BLOCK, sale % BLOCK);
        match place {
            DECLINED => None,
            0..DECLINED => Some(block * BLOCK + place),
            _ if place <= REFUNDED_AT => Some(block * BLOCK + place - 1),
            _ => Some(sale),
        }
    }

    pub(super) fn transaction_of_refund(&self, refund: u64) -> u64 {
        refund * BLOCK + REFUNDED_AT
    }

    /// What the balance got from a transaction.
    pub(super) fn net(&self, number: u64) -> i64 {
        match self.transaction(number) {
            Booked::Sale(sale) => sale.amount - facts::fee(sale.amount, "usd"),
            Booked::Refund(refund) => -self.refunded(&self.refund(refund).0),
        }
    }

    pub(super) fn event_count(&self) -> u64 {
        let rest = self.count % BLOCK;
        self.count / BLOCK * EVENTS + event_start(rest)
    }

    /// What an event is about: the sale it belongs to, and which one of its events it is.
    pub(super) fn event(&self, number: u64) -> (u64, Told) {
        let (block, place) = (number / EVENTS, number % EVENTS);
        let sale = (0..BLOCK).rev().find(|sale| event_start(*sale) <= place).unwrap_or(0);
        let nth = place - event_start(sale);
        let told = match (sale, nth) {
            (_, 0) => Told::Created,
            (DECLINED, 1) => Told::ChargeFailed,
            (DECLINED, 2) => Told::PaymentFailed,
            (DECLINED, _) => Told::Canceled,
            (_, 1) => Told::ChargeSucceeded,
            (_, 2) => Told::Succeeded,
            (_, 3) => Told::RefundCreated,
            _ => Told::ChargeRefunded,
        };
        let about = if matches!(told, Told::RefundCreated | Told::ChargeRefunded) { REFUNDED } else { sale };
        (block * BLOCK + about, told)
    }

    pub(super) fn event_created(&self, number: u64) -> i64 {
        let (block, place) = (number / EVENTS, number % EVENTS);
        let sale = (0..BLOCK).rev().find(|sale| event_start(*sale) <= place).unwrap_or(0);
        self.created(block * BLOCK + sale)
    }
}

/// What a balance transaction is of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Booked {
    Sale(Sale),
    Refund(u64),
}

/// The events there are of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Created,
    ChargeSucceeded,
    Succeeded,
    ChargeFailed,
    PaymentFailed,
    Canceled,
    RefundCreated,
    ChargeRefunded,
}

impl Told {
    pub(super) fn name(self) -> &'static str {
        match self {
            Told::Created => "payment_intent.created",
            Told::ChargeSucceeded => "charge.succeeded",
            Told::Succeeded => "payment_intent.succeeded",
            Told::ChargeFailed => "charge.failed",
            Told::PaymentFailed => "payment_intent.payment_failed",
            Told::Canceled => "payment_intent.canceled",
            Told::RefundCreated => "refund.created",
            Told::ChargeRefunded => "charge.refunded",
        }
    }
}

const EVENTS: u64 = 19 * 3 + 4 + 2;

/// Where the events of a sale begin within its block: three each, four for the declined one, two for the refund that
/// follows the sixteenth.
fn event_start(place: u64) -> u64 {
    3 * place + u64::from(place > DECLINED) + 2 * u64::from(place > REFUNDED_AT)
}

/// Opening hours of the days before `born`, and of that day as far as it went.
fn windows(born: i64, days: u64, count: u64) -> Vec<Window> {
    let today = born.div_euclid(DAY) * DAY + OPENS;
    let so_far = (born - 60 - today).min(OPEN_FOR);
    let mut spans: Vec<(i64, i64)> =
        (1..=i64::try_from(days).unwrap_or(1)).rev().map(|back| (today - back * DAY, OPEN_FOR)).collect();
    if so_far > 1800 {
        spans.push((today, so_far));
    }
    let total: i64 = spans.iter().map(|(_, seconds)| *seconds).sum::<i64>().max(1);
    let (mut out, mut first, mut passed) = (Vec::with_capacity(spans.len()), 0, 0_i64);
    for (opens, seconds) in spans {
        passed += seconds;
        let until = i128::from(count) * i128::from(passed) / i128::from(total);
        let until = u64::try_from(until).unwrap_or(count);
        out.push(Window { opens, seconds, first, count: until - first });
        first = until;
    }
    out
}

/// Who came, and where: kept with the state because customers may be deleted later.
pub(super) fn scene(fact: &Value) -> (Vec<String>, String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let people =
        fact["people"].as_array().map(|people| people.iter().map(text).collect()).unwrap_or_default();
    (people, text(&fact["reader"]), text(&fact["location"]))
}

/// What a past sale says about itself.
pub(super) fn metadata() -> Value {
    json!({ "workspace_id": "practice", "purpose": "sale", "channel": "counter" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(payments: u64) -> History {
        let begun =
            Begun { born: 1_794_841_200, seed: 3, products: None, payments: Some(payments), days: Some(9) };
        History::new(&begun, vec!["cus_1".to_owned()], String::new(), String::new())
    }

    #[test]
    fn transactions_and_events_are_numbered_without_holes() {
        for payments in 0..65 {
            let history = history(payments);
            let booked: Vec<Booked> =
                (0..history.transaction_count()).map(|n| history.transaction(n)).collect();
            for (number, booked) in (0_u64..).zip(&booked) {
                let back = match booked {
                    Booked::Sale(sale) => history.transaction_of_sale(sale.index),
                    Booked::Refund(refund) => Some(history.transaction_of_refund(*refund)),
                };
                assert_eq!(back, Some(number), "{payments}");
            }
            let sales = booked.iter().filter(|booked| matches!(booked, Booked::Sale(_))).count() as u64;
            let declined = (0..payments).filter(|index| history.sale(*index).declined).count() as u64;
            assert_eq!(sales, payments - declined);
            assert_eq!(booked.len() as u64 - sales, history.refund_count());
            let events: Vec<(u64, Told)> = (0..history.event_count()).map(|n| history.event(n)).collect();
            assert_eq!(events.iter().filter(|(_, told)| *told == Told::Created).count() as u64, payments);
            assert_eq!(
                events.iter().filter(|(_, told)| *told == Told::RefundCreated).count() as u64,
                history.refund_count()
            );
        }
    }

    #[test]
    fn time_never_goes_back_and_ends_before_the_shop_was_begun() {
        let history = history(5_000);
        let times: Vec<i64> = (0..5_000).map(|index| history.created(index)).collect();
        assert!(times.windows(2).all(|pair| pair[0] <= pair[1]));
        assert!(times.last().is_some_and(|last| *last < 1_794_841_200));
        let events: Vec<i64> =
            (0..history.event_count()).map(|number| history.event_created(number)).collect();
        assert!(events.windows(2).all(|pair| pair[0] <= pair[1]));
    }
}
