//! `tillbook resolve`: asks Stripe about everything whose outcome is unknown.

use serde_json::json;
use tillbook_till::Settled;
use tillbook_till::view::Sale;

use crate::args::Common;
use crate::context::{self, Stripe};
use crate::failure::Failure;
use crate::output::{Exit, Output};
use crate::sale_view::{sale_json, sale_text};

/// Settles all of it. Needs nobody signed in: it takes no money, it asks what became of it.
pub async fn run(common: &Common, out: Output) -> Result<Exit, Failure> {
    let house = context::open_existing(common, Stripe::Needed)?;
    let settled = house.till.resolve().await?;
    let reader = house.till.unattended();
    let mut sales = Vec::new();
    for one in &settled {
        let (Settled::Payment { sale_id, .. } | Settled::Refund { sale_id, .. }) = one;
        if !sales.iter().any(|sale: &Sale| sale.id == *sale_id) {
            sales.push(house.till.sale(&reader, sale_id)?);
        }
    }
    let open = house.till.unsettled()?;
    let mut text = if sales.is_empty() { "Nothing was open.".to_owned() } else { String::new() };
    for sale in &sales {
        text.push_str(&sale_text(sale));
    }
    let sales: Vec<_> = sales.iter().map(sale_json).collect();
    out.answer(&json!({"settled": settled, "sales": sales, "unsettled": open}), &text);
    Ok(if open == 0 { Exit::Done } else { Exit::NotDone })
}
