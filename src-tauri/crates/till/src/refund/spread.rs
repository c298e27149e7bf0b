//! Which payment gives how much back: cards first, each to what is left of it, then cash.

use crate::view::Tender;

/// What can still be given back of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cap {
    pub(crate) attempt_id: String,
    pub(crate) tender: Tender,
    pub(crate) payment_intent: Option<String>,
    pub(crate) left_minor: i64,
}

/// What is given back of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) attempt_id: String,
    pub(crate) tender: Tender,
    pub(crate) payment_intent: Option<String>,
    pub(crate) amount_minor: i64,
}

/// Spreads an amount; the caller has seen that it fits.
pub(crate) fn spread(amount_minor: i64, caps: &[Cap]) -> Vec<Part> {
    let mut left = amount_minor;
    let mut parts = Vec::new();
    for tender in [Tender::Card, Tender::Cash] {
        for cap in caps.iter().filter(|cap| cap.tender == tender) {
            let part = cap.left_minor.min(left).max(0);
            if part > 0 {
                left = left.saturating_sub(part);
                parts.push(Part {
                    attempt_id: cap.attempt_id.clone(),
                    tender,
                    payment_intent: cap.payment_intent.clone(),
                    amount_minor: part,
                });
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cap(id: usize, cash: bool, left: i64) -> Cap {
        Cap {
            attempt_id: id.to_string(),
            tender: if cash { Tender::Cash } else { Tender::Card },
            payment_intent: (!cash).then(|| format!("pi_{id}")),
            left_minor: left,
        }
    }

    #[test]
    fn cards_come_before_cash_and_each_gives_at_most_what_is_left() {
        let caps = [cap(0, true, 500), cap(1, false, 300), cap(2, false, 200)];
        let parts = spread(600, &caps);
        let told: Vec<_> = parts.iter().map(|part| (part.attempt_id.as_str(), part.amount_minor)).collect();
        assert_eq!(told, [("1", 300), ("2", 200), ("0", 100)]);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_amount_and_stay_within_their_caps(
            lefts in proptest::collection::vec((any::<bool>(), 0_i64..100_000), 1..6),
            share in 0_i64..=100,
        ) {
            let caps: Vec<Cap> = lefts.iter().enumerate().map(|(id, (cash, left))| cap(id, *cash, *left)).collect();
            let most: i64 = caps.iter().map(|cap| cap.left_minor).sum();
            let amount = most * share / 100;
            let parts = spread(amount, &caps);
            prop_assert_eq!(parts.iter().map(|part| part.amount_minor).sum::<i64>(), amount);
            for part in &parts {
                let cap = caps.iter().find(|cap| cap.attempt_id == part.attempt_id).unwrap();
                prop_assert!(part.amount_minor >= 1 && part.amount_minor <= cap.left_minor);
            }
        }
    }
}
