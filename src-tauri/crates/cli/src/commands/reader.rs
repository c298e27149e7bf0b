//! Which card reader: the one that is named, or the only one there is.

use std::time::Duration;

use tillbook_mirror::ReaderRow;
use tillbook_store::{Clock, SystemClock};
use tillbook_stripe::terminal::ListReaders;
use tillbook_till::House;
use tokio::time::timeout;

use crate::failure::Failure;

const ASK_WITHIN: Duration = Duration::from_secs(5);

/// The reader's id. Stripe is asked for its readers where the mirror does not have the one that is meant.
pub async fn choose(house: &House, named: Option<&str>) -> Result<String, Failure> {
    if let Ok(found) = among(&house.mirror.readers()?, named) {
        return Ok(found);
    }
    match timeout(ASK_WITHIN, fetch(house)).await {
        Ok(fetched) => fetched?,
        Err(_) => {
            return Err(Failure::not_done("offline", "Stripe did not answer in time; nothing was charged")
                .next("Check the network and --api-base, then try again."));
        }
    }
    among(&house.mirror.readers()?, named)
}

fn among(readers: &[ReaderRow], named: Option<&str>) -> Result<String, Failure> {
    if let Some(name) = named {
        let is_meant = |reader: &&ReaderRow| {
            reader.id == name || reader.label.as_deref().is_some_and(|label| label.eq_ignore_ascii_case(name))
        };
        return readers
            .iter()
            .find(is_meant)
            .map(|reader| reader.id.clone())
            .ok_or_else(|| refused(format!("there is no card reader {name:?}")));
    }
    let online: Vec<&ReaderRow> = readers.iter().filter(|r| r.status.as_deref() == Some("online")).collect();
    match (online.as_slice(), readers) {
        ([only], _) => Ok(only.id.clone()),
        // What the mirror last heard of it may be old.
        ([], [only]) => Ok(only.id.clone()),
        ([], []) => Err(refused("there is no card reader; register one at Stripe")),
        _ => Err(refused("there are several card readers; name one with --reader")),
    }
}

fn refused(message: impl Into<String>) -> Failure {
    Failure::not_done("reader", message).next("tillbook sync reads the readers again.")
}

async fn fetch(house: &House) -> Result<(), Failure> {
    let Some(client) = &house.client else { return Ok(()) };
    let mut list = ListReaders::default();
    list.page.limit = Some(100);
    let reply = client.fetch(&list.query()).await?;
    let page: tillbook_stripe::RawList = reply.read()?;
    let as_of_ms = reply.date_s.map_or_else(|| SystemClock.now_ms(), |second| second.saturating_mul(1000));
    for reader in &page.data {
        house.mirror.take(reader.get().as_bytes(), as_of_ms)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::among;
    use tillbook_mirror::ReaderRow;

    fn reader(id: &str, label: &str, status: &str) -> ReaderRow {
        ReaderRow {
            id: id.to_owned(),
            label: Some(label.to_owned()),
            status: Some(status.to_owned()),
            device_type: None,
            location: None,
            serial_number: None,
            last_seen_at: None,
            action_type: None,
            action_status: None,
            action_payment_intent: None,
            action_failure_code: None,
        }
    }

    #[test]
    fn the_one_that_is_meant() {
        let counter = reader("tmr_1", "Counter", "online");
        let door = reader("tmr_2", "Door", "offline");
        let yard = reader("tmr_3", "Yard", "online");
        assert_eq!(among(&[counter.clone(), door.clone()], None).unwrap(), "tmr_1");
        assert_eq!(among(std::slice::from_ref(&door), None).unwrap(), "tmr_2");
        assert_eq!(among(&[counter.clone(), door.clone()], Some("door")).unwrap(), "tmr_2");
        assert_eq!(among(&[counter.clone(), yard.clone()], Some("tmr_3")).unwrap(), "tmr_3");
        assert!(among(&[counter.clone(), yard], None).is_err());
        assert!(among(&[counter], Some("Cellar")).is_err());
        assert!(among(&[], None).is_err());
    }
}
