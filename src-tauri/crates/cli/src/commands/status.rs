//! `tillbook status`: how far Stripe's records are here, and how that is known.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use tillbook_mirror::{Certificate, Hold, Status};
use tillbook_store::{Clock, SystemClock};

use crate::args::Common;
use crate::commands::sync::trouble_text;
use crate::context;
use crate::failure::Failure;
use crate::output::{Exit, Output};
use crate::sale_view::amount_text;
use crate::times::{age_text, second_text};

/// Differences that are named one by one; of more, their number is told.
const NAMED: usize = 20;

/// Reads only this machine.
pub fn run(common: &Common, out: Output) -> Result<Exit, Failure> {
    let house = context::open_to_read(common)?;
    let status = house.mirror.status()?;
    let shop = house.till.shop()?;
    let mode = json!(house.identity.mode);
    let mut text = format!(
        "{} ({}), account {}\n",
        shop.as_ref().map_or("Not set up yet", |shop| shop.name.as_str()),
        mode.as_str().unwrap_or_default(),
        status.account.as_deref().unwrap_or("not known yet")
    );
    text.push_str(&status_text(&status, SystemClock.now_ms().div_euclid(1000)));
    let mut json = json!({
        "mode": mode,
        "account": status.account.clone().or(house.identity.account),
        "till_id": house.identity.till_id,
        "shop": shop,
    });
    if let (Some(json), Value::Object(rest)) = (json.as_object_mut(), status_json(&status)) {
        json.extend(rest);
    }
    out.answer(&json, &text);
    Ok(Exit::Done)
}

fn status_json(status: &Status) -> Value {
    let by_list = |of: &dyn Fn(&tillbook_mirror::Count) -> Value| -> Map<String, Value> {
        status.counts.iter().map(|count| (count.resource.clone(), of(count))).collect()
    };
    let spent: Map<String, Value> =
        status.spent.iter().map(|(purpose, requests)| (purpose.clone(), json!(requests))).collect();
    json!({
        "complete_to": status.complete_to.map(second_text),
        "certificate": status.certificate.as_ref().map(certificate_json),
        "objects": status.counts.iter().map(|count| count.objects).sum::<i64>(),
        "counts": by_list(&|count| json!(count.objects)),
        "listed_at": by_list(&|count| json!(count.listed_at.map(second_text))),
        "copying": status.copying,
        "backlog": {
            "lists": status.copying.lists_left + status.copying.lists_again,
            "ranges": status.ranges_open,
            "records": status.dirty,
        },
        "ranges_open": status.ranges_open,
        "dirty": status.dirty,
        "rejected": status.rejected,
        "budget": {
            "reads": status.plan.budget,
            "left": status.plan.left,
            "for_old_records_today": status.plan.backfill_today,
            "next_poll_after_s": status.plan.poll_after_s,
        },
        "requests_this_month": status.requests_this_month,
        "spent": spent,
        "problems": status.problems,
        "stopped": status.stopped.as_ref().map(|(code, message)| json!({"code": code, "message": message})),
    })
}

fn certificate_json(certificate: &Certificate) -> Value {
    json!({
        "at": second_text(certificate.at),
        "holds": certificate.holds,
        "complete_to": certificate.complete_to.map(second_text),
        "audited_to": certificate.audited_to.map(second_text),
        "audited_since": certificate.audited_since.map(second_text),
        "balance": certificate.balance,
        "not_compared": certificate.not_compared,
        "healed": certificate.healed,
        "open": certificate.open,
        "doubts": certificate.doubts,
    })
}

fn status_text(status: &Status, now: i64) -> String {
    let mut text = complete_text(status);
    match &status.certificate {
        Some(certificate) => text.push_str(&certificate_text(certificate)),
        None => text.push_str("There is no certificate yet; tillbook sync makes one each day.\n"),
    }
    for count in &status.counts {
        let age = count.listed_at.map_or_else(String::new, |at| format!(", listed {}", age_text(now - at)));
        let _ = writeln!(text, "  {:>9}  {}{age}", count.objects, count.resource);
    }
    let copying = &status.copying;
    let _ = match (copying.lists_left + copying.lists_again, status.ranges_open, status.dirty) {
        (0, 0, 0) => writeln!(text, "Nothing waits to be read."),
        (lists, ranges, records) => writeln!(
            text,
            "Waiting to be read: {lists} lists in {ranges} pieces, {records} records once more."
        ),
    };
    if status.rejected > 0 {
        let _ = writeln!(text, "{} values without an id were put aside.", status.rejected);
    }
    let _ = write!(
        text,
        "{} of {} reads of 30 days are left; {} requests this month",
        status.plan.left, status.plan.budget, status.requests_this_month
    );
    let spent: Vec<String> =
        status.spent.iter().map(|(purpose, requests)| format!("{purpose} {requests}")).collect();
    if !spent.is_empty() {
        let _ = write!(text, "\nSpent in 30 days on: {}", spent.join(", "));
    }
    text.push_str(&trouble_text(&status.problems));
    if let Some((_, words)) = &status.stopped {
        let _ = write!(text, "\nThe last sync stopped: {words}");
    }
    text
}

fn complete_text(status: &Status) -> String {
    let copying = &status.copying;
    match status.complete_to.map(second_text) {
        Some(at) if !copying.is_whole() => format!(
            "Stripe's news is read to {at}; {} of about {} older records are here{}\n",
            copying.objects,
            copying.estimate,
            match &copying.hold {
                Some(Hold { by: Some(name), .. }) => format!(", paused by {name}; tillbook sync goes on."),
                Some(Hold { by: None, .. }) => ", paused; tillbook sync goes on.".to_owned(),
                None => "; tillbook sync brings the rest.".to_owned(),
            }
        ),
        Some(at) => format!("Stripe's records are complete to {at}.\n"),
        None => "Stripe's records are not complete yet; tillbook sync brings them.\n".to_owned(),
    }
}

fn certificate_text(certificate: &Certificate) -> String {
    let holds = if certificate.holds { "it holds" } else { "it does NOT hold" };
    let mut text = format!("Certificate of {}: {holds}.\n  ", second_text(certificate.at));
    match certificate.complete_to {
        Some(at) => text.push_str(&format!("complete to {}", second_text(at))),
        None => text.push_str("not complete yet"),
    }
    match certificate.audited_to {
        Some(at) => text.push_str(&format!(", audited to {}", second_text(at))),
        None => text.push_str(", not audited yet"),
    }
    if let Some(since) = certificate.audited_since {
        text.push_str(&format!(", every day of it since {}", second_text(since)));
    }
    text.push('\n');
    match certificate.not_compared {
        Some(why) => {
            let _ = writeln!(text, "  balance: not compared: {}", why.text());
        }
        None if certificate.balance.is_empty() => text.push_str("  balance: not compared\n"),
        None => {}
    }
    for check in &certificate.balance {
        let amount = |minor: i64| amount_text(minor, &check.currency);
        let (here, stripe) = (amount(check.mirrored_minor), amount(check.stripe_minor));
        let _ = match check.mirrored_minor == check.stripe_minor {
            true => writeln!(text, "  balance: {here}, as at Stripe"),
            false => writeln!(text, "  balance: {here} here, {stripe} at Stripe"),
        };
    }
    let healed = |one: &tillbook_mirror::Healed| {
        format!("  healed: {} {} was {}. {}\n", one.object, one.id, one.what, one.detail)
    };
    match certificate.healed.len() {
        0 => text.push_str("  healed: nothing\n"),
        many => {
            text.extend(certificate.healed.iter().take(NAMED).map(healed));
            if many > NAMED {
                let _ = writeln!(text, "  healed: {} more, which --json names", many - NAMED);
            }
        }
    }
    let open = |one: &tillbook_mirror::Healed| {
        format!("  NOT put right: {} {} was {}. {}\n", one.object, one.id, one.what, one.detail)
    };
    text.extend(certificate.open.iter().take(NAMED).map(open));
    match certificate.doubts.as_slice() {
        [] => text.push_str("  doubts: none\n"),
        doubts => text.extend(doubts.iter().map(|doubt| format!("  doubt: {doubt}\n"))),
    }
    text
}

#[cfg(test)]
mod tests {
    use tillbook_mirror::{BalanceCheck, Healed, NotCompared};

    use super::*;

    #[test]
    fn a_certificate_says_what_is_known_and_what_is_not() {
        let healed = Healed {
            object: "charge".to_owned(),
            id: "ch_1".to_owned(),
            what: "changed".to_owned(),
            detail: "amount: 1 here, 2 at Stripe".to_owned(),
            changes: Vec::new(),
        };
        let check = BalanceCheck { currency: "usd".to_owned(), mirrored_minor: 1234, stripe_minor: 1234 };
        let whole = Certificate {
            at: 86_400,
            holds: true,
            complete_to: Some(86_399),
            audited_to: Some(0),
            balance: vec![check.clone()],
            ..Certificate::default()
        };
        let text = certificate_text(&whole);
        for words in [
            "Certificate of 1970-01-02T00:00:00Z: it holds.",
            "complete to 1970-01-01T23:59:59Z, audited to 1970-01-01T00:00:00Z\n",
            "12.34",
            "as at Stripe",
            "healed: nothing",
            "doubts: none",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        let doubtful = Certificate {
            balance: vec![BalanceCheck { stripe_minor: 1, ..check }],
            open: vec![Healed { id: "ch_2".to_owned(), ..healed.clone() }],
            healed: vec![healed; NAMED + 2],
            doubts: vec!["charges: permission".to_owned()],
            ..Certificate::default()
        };
        let text = certificate_text(&doubtful);
        for words in [
            "it does NOT hold",
            "  not complete yet, not audited yet\n",
            "12.34",
            "0.01",
            "healed: charge ch_1 was changed. amount: 1 here, 2 at Stripe",
            "healed: 2 more",
            "NOT put right: charge ch_2 was changed",
            "doubt: charges: permission",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(certificate_text(&Certificate::default()).contains("balance: not compared\n"));
        let refused = Certificate { not_compared: Some(NotCompared::Permission), ..Certificate::default() };
        assert!(certificate_text(&refused).contains("balance: not compared: the key may not read it\n"));
    }
}
