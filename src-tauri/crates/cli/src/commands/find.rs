//! `tillbook find TEXT`: Stripe's records that match, newest first.

use std::fmt::Write;

use tillbook_mirror::{Mirror, MirrorError};
use tillbook_till::view::{FindInput, FindKind, FindPage, FindRow};

use crate::args::{Common, FindArgs, FindKindArg};
use crate::context;
use crate::failure::Failure;
use crate::output::{Exit, Output, note};
use crate::sale_view::amount_text;
use crate::times::second_text;

/// Changes indexed in one transaction. Nobody sells with this process, so they may be many.
const STEP: usize = 2000;
/// From so many on, it is said that it takes a while.
const WORTH_SAYING: i64 = 20_000;

/// Brings the search up to date where the folder can be written, and looks. Nothing found is an answer too.
pub fn run(common: &Common, args: &FindArgs, out: Output) -> Result<Exit, Failure> {
    let house = context::open_local(common)?;
    if house.store.mirror.is_writable() {
        catch_up(&house.mirror)?;
    }
    let asked = FindInput {
        text: args.text.join(" "),
        kind: args.kind.map(|kind| match kind {
            FindKindArg::Payment => FindKind::Payment,
            FindKindArg::Customer => FindKind::Customer,
            FindKindArg::Invoice => FindKind::Invoice,
            FindKindArg::Product => FindKind::Product,
        }),
        limit: u32::from(args.limit),
    };
    let page = house.till.find(&house.till.unattended(), &asked)?;
    let json = serde_json::to_value(&page).map_err(|error| Failure::defect(error.to_string()))?;
    out.answer(&json, &page_text(&page));
    Ok(Exit::Done)
}

fn catch_up(mirror: &Mirror) -> Result<(), MirrorError> {
    let behind = mirror.index_behind()?;
    if behind >= WORTH_SAYING {
        note(&format!("tillbook: {behind} changes are made searchable first; what is done stays done"));
    }
    while mirror.index_step(STEP)? > 0 {}
    Ok(())
}

fn page_text(page: &FindPage) -> String {
    let mut text = String::new();
    for row in &page.rows {
        text.push_str(&row_text(row));
        text.push('\n');
    }
    if page.rows.is_empty() {
        text.push_str("Nothing was found.\n");
    }
    if page.more {
        text.push_str("There are more; --limit shows up to 200.\n");
    }
    if page.unindexed > 0 {
        let _ = writeln!(text, "{} changes are not searchable yet.", page.unindexed);
    }
    text
}

/// `2026-03-05 14:00:00  payment_intent  pi_…  12.40 USD  succeeded  visa 4242  Ada Lovelace  Table 7  sale …`
fn row_text(row: &FindRow) -> String {
    let mut words: Vec<String> =
        vec![row.created_ms.map_or_else(|| "-".to_owned(), |ms| second_text(ms / 1000))];
    words.extend([row.object.clone(), row.id.clone()]);
    let amount = row.amount_minor.zip(row.currency.as_deref());
    words.extend(amount.map(|(minor, currency)| amount_text(minor, currency)));
    words.extend(row.status.clone());
    words.extend(row.last4.as_ref().map(|last4| match &row.brand {
        Some(brand) => format!("{brand} {last4}"),
        None => last4.clone(),
    }));
    words.extend(row.title.clone());
    words.extend(row.detail.clone());
    words.extend(row.sale_id.as_ref().map(|sale| format!("sale {sale}")));
    // What Stripe holds is somebody's text: it moves no cursor and makes no second line.
    let line = words.join("  ");
    line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> FindRow {
        FindRow {
            object: "payment_intent".into(),
            id: "pi_1".into(),
            created_ms: Some(0),
            title: Some("Ada\u{1b}[2J\nLovelace".into()),
            detail: None,
            amount_minor: Some(1240),
            currency: Some("usd".into()),
            status: Some("succeeded".into()),
            brand: Some("visa".into()),
            last4: Some("4242".into()),
            sale_id: None,
        }
    }

    #[test]
    fn a_row_is_one_line_whatever_a_customer_is_called() {
        let text = row_text(&row());
        assert!(
            text.ends_with("payment_intent  pi_1  12.40 USD  succeeded  visa 4242  Ada [2J Lovelace"),
            "{text}"
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        let page = FindPage { rows: vec![row()], more: true, unindexed: 7 };
        let text = page_text(&page);
        assert!(
            text.contains("There are more") && text.contains("7 changes are not searchable yet"),
            "{text}"
        );
        let page = FindPage { rows: Vec::new(), more: false, unindexed: 0 };
        assert_eq!(page_text(&page), "Nothing was found.\n");
    }
}
