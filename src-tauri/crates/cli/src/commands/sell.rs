//! `tillbook sell`: rings up, takes the payment and answers within half a minute.

use std::time::Duration;

use tillbook_mirror::MirrorError;
use tillbook_practice::cards::number_of;
use tillbook_till::view::{PaymentState, Sale, SaleState};
use tillbook_till::{House, LineInput, Signed};
use tokio::time::{Instant, timeout, timeout_at};

use crate::args::{Common, LineArg, SellArgs, TenderArg};
use crate::commands::{reader, tap};
use crate::context::{self, Stripe};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{Exit, Output, note};
use crate::sale_view::{Outcome, sale_json, sale_text};

/// How long each part may take, counted so that the answer is there within 30 seconds whatever Stripe does.
const SETTLE_WITHIN: Duration = Duration::from_secs(7);
const LOOK_UP_WITHIN: Duration = Duration::from_secs(5);
const LOOK_UP_AGAIN_WITHIN: Duration = Duration::from_secs(2);
const PAY_UNTIL: Duration = Duration::from_secs(20);
const CLOSE_UNTIL: Duration = Duration::from_secs(26);

/// Sells.
pub async fn run(common: &Common, args: &SellArgs, out: Output) -> Result<Exit, Failure> {
    let began = Instant::now();
    let card_number = check(args)?;
    let stripe = if args.tender == TenderArg::Card { Stripe::Needed } else { Stripe::IfGiven };
    let house = context::open_existing(common, stripe)?;
    let by = context::sign_in(common, &house)?;
    let mut interrupt = Interrupt::listen()?;
    if house.client.is_some() {
        // What an earlier run left open is settled first, which also frees the reader. If Stripe does not answer, this
        // sale finds out by itself.
        let _ = timeout(SETTLE_WITHIN, house.till.resolve()).await;
    }
    let lines = look_up(&house, &args.lines).await?;
    let sale = house.till.sale_ring_up(&by, &lines)?;
    let counter = Counter { house: &house, by: &by, began };
    let paid = match args.tender {
        TenderArg::Cash => house
            .till
            .pay_cash(&by, &sale.id, args.tendered.unwrap_or(sale.total_minor))
            .map_err(Failure::from),
        TenderArg::Card => {
            counter.pay_by_card(&sale, args.reader.as_deref(), card_number, &mut interrupt).await
        }
    };
    let sale = match paid {
        Ok(sale) => sale,
        Err(failure) => {
            // Nothing was taken, so the sale ends here instead of waiting in the list.
            let _ = house.till.sale_void_of(&by, &sale.id);
            return Err(failure);
        }
    };
    out.answer(&sale_json(&sale), &sale_text(&sale));
    Ok(if Outcome::of(&sale) == Outcome::Paid { Exit::Done } else { Exit::NotDone })
}

/// What clap cannot see. The number of the test card, if one is to be tapped.
fn check(args: &SellArgs) -> Result<Option<&'static str>, Failure> {
    if args.tender == TenderArg::Card && args.tendered.is_some() {
        return Err(Failure::usage("usage", "--tendered is for cash"));
    }
    // A script that names its test card for every sale means it for those by card.
    let method = args.payment_method.as_ref().filter(|_| args.tender == TenderArg::Card);
    let Some(method) = method else { return Ok(None) };
    // Some declines are documented with and without the brand.
    let with_brand = method.replacen("pm_card_charge", "pm_card_visa_charge", 1);
    let number = number_of(method).or_else(|| number_of(&with_brand)).ok_or_else(|| {
        Failure::usage("unknown_card", format!("{method:?} is not a test card"))
            .next("Take one of Stripe's, such as pm_card_visa or pm_card_visa_chargeDeclined.")
    })?;
    Ok(Some(number))
}

/// The prices of the lines. A script may sell long after the last sync, so Stripe is asked for what the keys mean now;
/// without a network the last known price counts.
async fn look_up(house: &House, lines: &[LineArg]) -> Result<Vec<LineInput>, Failure> {
    let mut keys: Vec<String> = lines.iter().map(|line| line.lookup_key.clone()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut all_known = true;
    for key in &keys {
        all_known &= house.mirror.price_by_lookup_key(key)?.is_some();
    }
    let within = if all_known { LOOK_UP_AGAIN_WITHIN } else { LOOK_UP_WITHIN };
    let asked = match &house.client {
        Some(client) => match timeout(within, house.mirror.fetch_prices(client, &keys)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Some(error)),
            Err(_) => Err(None),
        },
        None => Ok(()),
    };
    let mut found = Vec::with_capacity(lines.len());
    let mut missing = None;
    for line in lines {
        match house.mirror.price_by_lookup_key(&line.lookup_key)? {
            Some(price) => found.push(LineInput { price_id: price.id, quantity: line.quantity }),
            None => missing = Some(&line.lookup_key),
        }
    }
    match (missing, asked) {
        (None, _) => Ok(found),
        (Some(key), Ok(())) => {
            Err(Failure::not_done("not_found", format!("no price has the lookup key {key:?}"))
                .next("Check the key; prices that are not active cannot be sold."))
        }
        (Some(_), Err(error)) => Err(could_not_ask(error)),
    }
}

fn could_not_ask(error: Option<MirrorError>) -> Failure {
    match error {
        Some(error) => error.into(),
        None => Failure::not_done("offline", "Stripe did not answer in time; nothing was sold")
            .next("Check the network and --api-base, then try again."),
    }
}

/// Where a payment is taken.
struct Counter<'a> {
    house: &'a House,
    by: &'a Signed,
    began: Instant,
}

impl Counter<'_> {
    /// Takes the payment; one card, one presentation. What is not paid by then is closed, so that nothing stays open
    /// when the program ends, and if that cannot be made sure of either, the sale stays "checking".
    async fn pay_by_card(
        &self,
        sale: &Sale,
        reader: Option<&str>,
        card_number: Option<&'static str>,
        interrupt: &mut Interrupt,
    ) -> Result<Sale, Failure> {
        let till = &self.house.till;
        let reader_id = reader::choose(self.house, reader).await?;
        let started = till.pay_card_start(self.by, &sale.id, Some(&reader_id)).map_err(Failure::from)?;
        let attempt_id =
            started.payments.last().map(|payment| payment.attempt_id.clone()).unwrap_or_default();

        let pay = async {
            let drive = till.drive(&attempt_id);
            tokio::pin!(drive);
            let intent = || {
                let now = till.sale(self.by, &sale.id).ok()?;
                now.payments.into_iter().find(|payment| payment.attempt_id == attempt_id)?.payment_intent
            };
            let tap = tap::when_asked(self.house, &reader_id, intent, card_number);
            tokio::select! {
                driven = &mut drive => driven.map(|_| ()).map_err(Failure::from),
                tapped = tap => match tapped {
                    Ok(()) => drive.await.map(|_| ()).map_err(Failure::from),
                    Err(failure) => Err(failure),
                },
            }
        };
        let interrupted = tokio::select! {
            ended = timeout_at(self.began + PAY_UNTIL, pay) => {
                match ended {
                    Ok(Ok(())) => {}
                    Ok(Err(failure)) => note(&format!("tillbook: {}", failure.message)),
                    Err(_) => note("tillbook: not paid in time; closing the payment"),
                }
                false
            }
            () = interrupt.wait() => true,
        };
        // Whoever interrupts wants the program gone now; what is open is written down, and `resolve` settles it.
        if !interrupted && !is_final(&till.sale(self.by, &sale.id)?, &attempt_id) {
            let _ = timeout_at(self.began + CLOSE_UNTIL, self.close(&attempt_id)).await;
        }
        let ended = till.sale(self.by, &sale.id)?;
        if ended.state == SaleState::Open && is_final(&ended, &attempt_id) {
            till.sale_void_of(self.by, &sale.id)?;
        }
        Ok(till.sale(self.by, &sale.id)?)
    }

    async fn close(&self, attempt_id: &str) -> Result<(), Failure> {
        self.house.till.payment_cancel(self.by, attempt_id).await?;
        Ok(())
    }
}

fn is_final(sale: &Sale, attempt_id: &str) -> bool {
    sale.payments
        .iter()
        .filter(|payment| payment.attempt_id == attempt_id)
        .all(|payment| matches!(payment.state, PaymentState::Paid | PaymentState::Canceled))
}
