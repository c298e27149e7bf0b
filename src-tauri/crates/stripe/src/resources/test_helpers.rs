//! What only test mode and practice have: a finger that taps a simulated reader, a clock that can be turned.

use serde::{Deserialize, Serialize};

use super::common::{self, Expand, Paging};
use crate::tolerant::{identified, open_enum};
use crate::{Form, Prepared, Query, Unsendable};

const CLOCKS: &str = "test_helpers/test_clocks";

/// `POST /v1/test_helpers/terminal/readers/{id}/present_payment_method`: a test card is presented.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PresentPaymentMethod {
    /// `card_present` (what a simulated reader takes if nothing is said) or `interac_present`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub card_present: Option<Presented>,
    pub interac_present: Option<Presented>,
    /// A tip chosen on the reader.
    pub amount_tip: Option<i64>,
    pub expand: Vec<String>,
}

/// A documented test card number; never a real one.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Presented {
    pub number: Option<String>,
}

impl PresentPaymentMethod {
    /// A test card by its number.
    pub fn card_present(number: &str) -> Self {
        Self {
            kind: Some("card_present".to_owned()),
            card_present: Some(Presented { number: Some(number.to_owned()) }),
            ..Self::default()
        }
    }

    /// On one reader.
    pub fn prepare(&self, reader: &str, key: &str) -> Result<Prepared, Unsendable> {
        common::act("test_helpers/terminal/readers", reader, "present_payment_method", self, key)
    }
}

/// `POST /v1/test_helpers/refunds/{id}/expire`: a refund that waits for the customer expires.
pub fn expire_refund(id: &str, key: &str) -> Result<Prepared, Unsendable> {
    common::act("test_helpers/refunds", id, "expire", &Expand::default(), key)
}

/// `POST /v1/test_helpers/test_clocks`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CreateClock {
    pub frozen_time: i64,
    pub name: Option<String>,
}

impl CreateClock {
    /// A clock that stands still.
    pub fn prepare(&self, key: &str) -> Result<Prepared, Unsendable> {
        Prepared::new(format!("/v1/{CLOCKS}"), &Form::of(self), key)
    }
}

/// `POST …/advance`: only forward.
pub fn advance_clock(id: &str, frozen_time: i64, key: &str) -> Result<Prepared, Unsendable> {
    let params = Form::new().with("frozen_time", frozen_time);
    Prepared::new(crate::request::path_of(CLOCKS, id, "advance")?, &params, key)
}

/// `GET /v1/test_helpers/test_clocks/{id}`.
pub fn retrieve_clock(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(CLOCKS, id)
}

/// `DELETE /v1/test_helpers/test_clocks/{id}`: and everything that lives on it.
pub fn delete_clock(id: &str) -> Result<Query, Unsendable> {
    common::retrieve(CLOCKS, id)
}

/// `GET /v1/test_helpers/test_clocks`.
pub fn list_clocks(page: &Paging) -> Query {
    common::list(CLOCKS, page)
}

open_enum! {
    /// Whether a clock has arrived.
    pub enum ClockStatus {
        Ready = "ready",
        Advancing = "advancing",
        InternalFailure = "internal_failure",
    }
}

/// A test clock.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TestClock {
    pub id: String,
    #[serde(default)]
    pub deleted: bool,
    #[serde(default)]
    pub frozen_time: i64,
    #[serde(default)]
    pub status: ClockStatus,
    pub name: Option<String>,
}

identified!(TestClock);
