//! A shop in New York with what Stripe knows of it, without Stripe.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use tillbook_books::{BooksError, Exported, export_transactions};
use tillbook_store::{Access, FixedClock, SeededIds};
use tillbook_stripe::Endpoint;
use tillbook_till::view::RefundReason;
use tillbook_till::{House, LineInput, OpenOptions, RefundAsked, SetUp, Signed};

/// 2026-03-08T12:00:00Z: in New York the clocks went forward at 07:00Z of this day.
pub const NOON_S: i64 = 1_772_971_200;

pub struct Shop {
    pub folder: TempDir,
    pub clock: Arc<FixedClock>,
    pub house: House,
}

impl Shop {
    pub fn new() -> Shop {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at_ms(NOON_S * 1000));
        let house = open(&folder.path().join("data"), &clock, Access::ReadWrite);
        Shop { folder, clock, house }
    }

    pub fn set_up(&self) -> Signed {
        self.house
            .till
            .set_up(&SetUp {
                shop_name: "Corner".to_owned(),
                currency: "usd".to_owned(),
                time_zone: "America/New_York".to_owned(),
                locale: "en-US".to_owned(),
                staff_name: "Ada".to_owned(),
                pin: "4711".to_owned(),
            })
            .unwrap()
    }

    pub fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn take(&self, object: &Value) {
        self.house.mirror.take(object.to_string().as_bytes(), NOON_S * 1000).unwrap();
    }

    /// A balance transaction of its own, not behind a charge.
    pub fn transaction(&self, id: &str, created_s: i64, amount: i64, fee: i64) {
        self.take(&transaction(id, created_s, "adjustment", "usd", amount, fee));
    }

    /// A sale in cash by whoever is signed in, at this second.
    pub fn sell_for_cash(&self, by: &Signed, at_s: i64) -> String {
        self.take(&json!({"id": "prod_1", "object": "product", "created": 1, "active": true, "name": "Tea"}));
        self.take(
            &json!({"id": "price_1", "object": "price", "created": 1, "active": true, "product": "prod_1",
            "currency": "usd", "unit_amount": 350, "type": "one_time", "billing_scheme": "per_unit"}),
        );
        self.clock.set_ms(at_s * 1000 + 999);
        let line = LineInput { price_id: "price_1".to_owned(), quantity: 2 };
        let sale = self.house.till.sale_ring_up(by, &[line]).unwrap();
        self.house.till.pay_cash(by, &sale.id, 1_000).unwrap();
        sale.id
    }

    pub fn refund(&self, by: &Signed, sale_id: &str, amount: i64) {
        let asked = RefundAsked {
            sale_id: sale_id.to_owned(),
            amount_minor: Some(amount),
            reason: RefundReason::RequestedByCustomer,
            detail: None,
            approver: None,
        };
        let refund = self.house.till.refund(by, &asked);
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(refund).unwrap();
    }

    pub fn export(&self, by: &Signed, from: &str, to: &str) -> Result<Exported, BooksError> {
        export_transactions(&self.house, by, from, to, &self.out("t.csv"))
    }

    /// The ids of the rows, in order.
    pub fn ids(&self, by: &Signed, from: &str, to: &str) -> Vec<String> {
        self.export(by, from, to).unwrap();
        rows_of(&self.out("t.csv")).into_iter().map(|mut row| row.remove("id").unwrap()).collect()
    }
}

pub fn open(data: &Path, clock: &Arc<FixedClock>, access: Access) -> House {
    tillbook_till::open(OpenOptions {
        endpoint: Some(Endpoint::parse("http://127.0.0.1:9").unwrap()),
        access,
        clock: clock.clone(),
        ids: Arc::new(SeededIds::new(7)),
        ..OpenOptions::at(data)
    })
    .unwrap()
}

pub fn transaction(id: &str, created_s: i64, kind: &str, currency: &str, amount: i64, fee: i64) -> Value {
    json!({
        "id": id, "object": "balance_transaction", "created": created_s, "amount": amount, "fee": fee,
        "net": amount - fee, "currency": currency, "type": kind, "reporting_category": kind, "status": "available",
        "available_on": created_s + 172_800, "source": null, "description": format!("row {id}"), "fee_details": [],
    })
}

pub fn rows_of(path: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let heading = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| {
        heading.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect::<HashMap<_, _>>()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}
