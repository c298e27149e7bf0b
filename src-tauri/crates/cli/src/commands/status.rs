//! `tillbook status`: how far Stripe's records are here.

use serde_json::json;
use tillbook_mirror::Hold;

use crate::args::Common;
use crate::commands::sync::trouble_text;
use crate::context;
use crate::failure::Failure;
use crate::output::{Exit, Output};
use crate::times::second_text;

/// Reads only this machine.
pub fn run(common: &Common, out: Output) -> Result<Exit, Failure> {
    let house = context::open_to_read(common)?;
    let status = house.mirror.status()?;
    let shop = house.till.shop()?;
    let complete_to = status.complete_to.map(second_text);
    let mode = json!(house.identity.mode);
    let mut text = format!(
        "{} ({}), account {}\n",
        shop.as_ref().map_or("Not set up yet", |shop| shop.name.as_str()),
        mode.as_str().unwrap_or_default(),
        status.account.as_deref().unwrap_or("not known yet")
    );
    let copying = &status.copying;
    match &complete_to {
        Some(at) if !copying.is_whole() => text.push_str(&format!(
            "Stripe's news is read to {at}; {} of about {} older records are here{}\n",
            copying.objects,
            copying.estimate,
            match &copying.hold {
                Some(Hold { by: Some(name), .. }) => format!(", paused by {name}; tillbook sync goes on."),
                Some(Hold { by: None, .. }) => ", paused; tillbook sync goes on.".to_owned(),
                None => "; tillbook sync brings the rest.".to_owned(),
            }
        )),
        Some(at) => text.push_str(&format!("Stripe's records are complete to {at}.\n")),
        None => text.push_str("Stripe's records are not complete yet; tillbook sync brings them.\n"),
    }
    for count in &status.counts {
        text.push_str(&format!("  {:>9}  {}\n", count.objects, count.resource));
    }
    text.push_str(&format!("{} requests this month", status.requests_this_month));
    text.push_str(&trouble_text(&status.problems));
    if let Some((_, words)) = &status.stopped {
        text.push_str(&format!("\nThe last sync stopped: {words}"));
    }
    out.answer(
        &json!({
            "mode": mode,
            "account": status.account.or(house.identity.account),
            "till_id": house.identity.till_id,
            "shop": shop,
            "complete_to": complete_to,
            "objects": status.counts.iter().map(|count| count.objects).sum::<i64>(),
            "counts": status.counts.iter().map(|c| (c.resource.clone(), json!(c.objects))).collect::<serde_json::Map<_, _>>(),
            "copying": status.copying,
            "ranges_open": status.ranges_open,
            "dirty": status.dirty,
            "rejected": status.rejected,
            "requests_this_month": status.requests_this_month,
            "spent": status.spent.iter().map(|(purpose, n)| (purpose.clone(), json!(n))).collect::<serde_json::Map<_, _>>(),
            "problems": status.problems,
            "stopped": status.stopped.map(|(code, message)| json!({"code": code, "message": message})),
        }),
        &text,
    );
    Ok(Exit::Done)
}
