//! What exists in practice mode only: holding a card to the reader that is not there.

use tauri::State;
use tillbook_store::{Clock, Ids, RandomIds, SystemClock};
use tillbook_stripe::test_helpers::PresentPaymentMethod;

use crate::inputs::{PracticeCard, PracticeOutcome, PracticeTapInput, Tag};
use crate::state::Desk;
use crate::wire::{CommandError, Mode};

/// The cards one can hold to the practice reader, the one that pays first.
const CARDS: &[(&str, &str, PracticeOutcome)] = &[
    ("pm_card_visa", "Visa", PracticeOutcome::Pays),
    ("pm_card_mastercard", "Mastercard", PracticeOutcome::Pays),
    ("pm_card_amex", "American Express", PracticeOutcome::Pays),
    ("pm_card_visa_chargeDeclined", "Visa", PracticeOutcome::Declined),
    ("pm_card_visa_chargeDeclinedInsufficientFunds", "Visa", PracticeOutcome::InsufficientFunds),
    ("pm_card_visa_chargeDeclinedLostCard", "Visa", PracticeOutcome::LostCard),
];

/// Holds a card to the practice reader.
#[tauri::command]
pub async fn practice_tap(desk: State<'_, Desk>, input: PracticeTapInput) -> Result<(), CommandError> {
    let open = desk.open().await?;
    if open.mode != Mode::Practice {
        return Err(CommandError::practice_only());
    }
    desk.signed()?;
    let number = tillbook_practice::cards::number_of(&input.card)
        .ok_or_else(|| CommandError::invalid("card", "There is no such practice card."))?;
    let client = open.house.client.as_ref().ok_or_else(CommandError::internal)?;
    // Not written down first: it is the customer's hand, not a step of the till's.
    let key = RandomIds.next(SystemClock.now_ms());
    let prepared = PresentPaymentMethod::card_present(number)
        .prepare(&input.reader_id, &key)
        .map_err(|_| CommandError::invalid("reader_id", "There is no such reader."))?;
    client.post(&prepared).await?;
    desk.news.changed(&[Tag::Sale, Tag::Readers]);
    Ok(())
}

/// The cards one can hold to the practice reader.
#[tauri::command]
pub async fn practice_cards(desk: State<'_, Desk>) -> Result<Vec<PracticeCard>, CommandError> {
    if desk.open().await?.mode != Mode::Practice {
        return Err(CommandError::practice_only());
    }
    Ok(CARDS
        .iter()
        .map(|(method, brand, outcome)| PracticeCard {
            payment_method: (*method).to_owned(),
            brand: (*brand).to_owned(),
            outcome: *outcome,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::CARDS;

    #[test]
    fn every_card_that_is_offered_can_be_held_to_the_reader() {
        for (method, ..) in CARDS {
            assert!(tillbook_practice::cards::number_of(method).is_some(), "{method}");
        }
    }
}
