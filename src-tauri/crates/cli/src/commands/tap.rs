//! The customer's hand: taps a simulated reader with a test card, once it asks for the payment.

use std::time::Duration;

use tillbook_store::{Ids, RandomIds};
use tillbook_stripe::Client;
use tillbook_stripe::terminal::{self, ActionStatus, Reader};
use tillbook_stripe::test_helpers::PresentPaymentMethod;
use tillbook_till::House;

use crate::failure::Failure;

const LOOK_EVERY: Duration = Duration::from_millis(60);

/// Waits until the reader asks for this PaymentIntent, then taps it; without a card it waits for a hand from outside.
/// `intent` says which PaymentIntent it is, once there is one.
pub async fn when_asked(
    house: &House,
    reader_id: &str,
    intent: impl Fn() -> Option<String>,
    card_number: Option<&str>,
) -> Result<(), Failure> {
    let (Some(client), Some(number)) = (&house.client, card_number) else {
        return std::future::pending().await;
    };
    loop {
        if let Some(intent) = intent()
            && asks_for(client, reader_id, &intent).await
        {
            // A key of its own for each tap: a tap whose answer was lost is seen by what the reader does next.
            let key = RandomIds.next(0);
            let tap = PresentPaymentMethod::card_present(number)
                .prepare(reader_id, &key)
                .map_err(|error| Failure::defect(error.to_string()))?;
            match client.post(&tap).await {
                // A declined card is the till's to tell.
                Ok(_) | Err(tillbook_stripe::Error::Declined(_)) => return Ok(()),
                Err(error) if asks_for(client, reader_id, &intent).await => {
                    if matches!(
                        error,
                        tillbook_stripe::Error::InvalidRequest(_) | tillbook_stripe::Error::NotFound(_)
                    ) {
                        return Err(error.into());
                    }
                }
                Err(_) => return Ok(()),
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn asks_for(client: &Client, reader_id: &str, intent: &str) -> bool {
    let Ok(query) = terminal::retrieve_reader(reader_id) else { return false };
    let Ok(reply) = client.fetch(&query).await else { return false };
    let Ok(reader) = reply.json::<Reader>() else { return false };
    reader.action.is_some_and(|action| {
        action.status == ActionStatus::InProgress && action.payment_intent() == Some(intent)
    })
}
