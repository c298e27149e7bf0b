//! Single objects, for whoever needs one now: a till that settles a payment, a screen that opens a customer.

use std::collections::BTreeSet;

use tillbook_stripe::{Client, Error, Form};

use crate::apply::Applier;
use crate::kind::KindId;
use crate::kinds;
use crate::line::Line;
use crate::stamp::Stamp;
use crate::{Mirror, MirrorError, SyncOptions, dirty};

/// How many lookup keys Stripe takes in one request.
const LOOKUP_KEYS: usize = 10;

impl Mirror {
    /// Reads one object from Stripe, applies it, and answers it as Stripe wrote it without `client_secret`. `kind` is the
    /// path of its list: `payment_intents`, `terminal/readers`.
    ///
    /// # Errors
    /// [`MirrorError::Stripe`] with `NotFound` where there is none (a tombstone is left if there was one).
    pub async fn fetch(&self, client: &Client, kind: &str, id: &str) -> Result<String, MirrorError> {
        let kind = KindId::of_list(kind).ok_or_else(|| MirrorError::UnknownResource(kind.to_owned()))?;
        let path = kind.single_path().unwrap_or_default();
        self.inner.is_active();
        let line = Line::new(&self.inner, client, &SyncOptions::default());
        let answer = line.get(&dirty::single(path, id), &Form::new()).await;
        line.book()?;
        if let Err(MirrorError::Stripe(Error::NotFound(_))) = &answer {
            self.bury_missing(kind, id)?;
        }
        let answer = answer?;
        let batch = self.inner.pack_object(&answer.body, kind)?;
        self.inner.store.mirror.write(|tx| {
            let mut applier = Applier::new(tx);
            applier.follow = true;
            applier.put_batch(&batch, Stamp::read(answer.from, answer.until))?;
            applier.finish()?;
            Ok::<(), MirrorError>(())
        })?;
        let row = batch.rows.first().ok_or_else(|| MirrorError::BadAnswer {
            asked: format!("{path}/{id}"),
            detail: "an object without an id".to_owned(),
        })?;
        self.read(|connection| self.inner.dictionaries.unpack(connection, id, batch.raw(row)))
    }

    fn bury_missing(&self, kind: KindId, id: &str) -> Result<(), MirrorError> {
        let date = self.inner.last_date().unwrap_or_default();
        self.inner.store.mirror.write(|tx| {
            let mut applier = Applier::new(tx);
            if applier.is_known(kind, id)? {
                applier.bury(kind, id, Stamp::read(date, date))?;
            }
            applier.finish()?;
            Ok(())
        })
    }

    /// Applies an object that a reply has just brought (the answer to a POST). `as_of_ms` is when it was true: Stripe's
    /// date of the reply where it is known.
    pub fn take(&self, json: &[u8], as_of_ms: i64) -> Result<(), MirrorError> {
        self.inner.is_active();
        let second = self.inner.plausible(as_of_ms.div_euclid(1000));
        self.inner.saw_date(second);
        let batch = self.inner.pack_object(json, kinds::OTHER)?;
        self.inner.store.mirror.write(|tx| {
            let mut applier = Applier::new(tx);
            applier.follow = true;
            applier.put_batch(&batch, Stamp::read(second, second.saturating_add(1)))?;
            applier.finish()?;
            Ok(())
        })
    }

    /// Applies a page of a list that was read elsewhere; answers how many objects it held.
    pub fn take_list(&self, list: &str, json: &[u8], as_of_ms: i64) -> Result<u64, MirrorError> {
        let kind = KindId::of_list(list).ok_or_else(|| MirrorError::UnknownResource(list.to_owned()))?;
        let second = self.inner.plausible(as_of_ms.div_euclid(1000));
        let (batch, _) = self.inner.pack_page(json, kind, false)?;
        self.store_batch(&batch, second, second)?;
        Ok(batch.rows.len() as u64)
    }

    /// Reads prices by their lookup keys, with their products, and applies both. Answers how many prices Stripe has.
    pub async fn fetch_prices(&self, client: &Client, lookup_keys: &[String]) -> Result<u64, MirrorError> {
        let line = Line::new(&self.inner, client, &SyncOptions::default());
        let mut prices = 0;
        for keys in lookup_keys.chunks(LOOKUP_KEYS) {
            let form = Form::new().with("limit", 100).with("lookup_keys", keys.to_vec());
            let page = line.page(kinds::PRICE, "/v1/prices", &form, false).await?;
            prices += page.batch.rows.len() as u64;
            self.store_batch(&page.batch, page.from, page.until)?;
            let products: Vec<&str> =
                page.batch.rows.iter().filter_map(|row| page.batch.column(row, "product")).collect();
            if products.is_empty() {
                continue;
            }
            let form = Form::new().with("limit", 100).with("ids", products);
            let page = line.page(kinds::PRODUCT, "/v1/products", &form, false).await?;
            self.store_batch(&page.batch, page.from, page.until)?;
        }
        line.book()?;
        Ok(prices)
    }

    /// Reads the payment methods of a customer to their end: when a customer is opened. Those that are no longer among them
    /// are asked for by name: they were detached, or are gone. Answers how many the customer has.
    pub async fn fetch_payment_methods(&self, client: &Client, customer: &str) -> Result<u64, MirrorError> {
        let line = Line::new(&self.inner, client, &SyncOptions::default());
        let listed = self.list_payment_methods(&line, customer).await;
        line.book()?;
        let listed = listed?;
        let here: Vec<String> =
            self.read(|c| Applier::new(c).inside(kinds::CUSTOMER, kinds::PAYMENT_METHOD, customer))?;
        for id in here.iter().filter(|id| !listed.contains(*id)) {
            match self.fetch(client, "payment_methods", id).await {
                Ok(_) | Err(MirrorError::Stripe(Error::NotFound(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(listed.len() as u64)
    }

    /// Every id of the list. A list that leads back into itself is an answer that cannot be read: what it does not show may
    /// be there.
    async fn list_payment_methods(
        &self,
        line: &Line,
        customer: &str,
    ) -> Result<BTreeSet<String>, MirrorError> {
        let path = format!("{}/payment_methods", dirty::single("customers", customer));
        let (mut listed, mut cursor) = (BTreeSet::new(), None);
        loop {
            let mut form = Form::new().with("limit", 100);
            if let Some(cursor) = &cursor {
                form.push("starting_after", String::as_str(cursor));
            }
            let page = line.page(kinds::PAYMENT_METHOD, &path, &form, false).await?;
            self.store_batch(&page.batch, page.from, page.until)?;
            let before = listed.len();
            listed.extend(page.batch.rows.iter().map(|row| page.batch.id(row).to_owned()));
            if !page.end.has_more {
                return Ok(listed);
            }
            if listed.len() == before {
                return Err(MirrorError::BadAnswer { asked: path, detail: "it repeats itself".to_owned() });
            }
            cursor = page.batch.rows.last().map(|row| page.batch.id(row).to_owned());
        }
    }

    pub(crate) fn store_batch(
        &self,
        batch: &crate::batch::Batch,
        from: i64,
        until: i64,
    ) -> Result<(), MirrorError> {
        self.inner.store.mirror.write(|tx| {
            let mut applier = Applier::new(tx);
            applier.put_batch(batch, Stamp::read(from, until))?;
            applier.finish()?;
            Ok(())
        })
    }
}
