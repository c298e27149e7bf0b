//! The rules one by one. Months of whole shops are in [`month`].

mod month;

use super::*;

/// So many of a month, the same on each day.
fn sold(transactions: i64) -> Days {
    std::array::from_fn(|_| transactions / WINDOW_DAYS)
}

/// So many now, and so many on one of the days before.
fn spent(today: i64, before: i64) -> Days {
    let mut days = Days::default();
    (days[0], days[20]) = (today, before);
    days
}

fn open_at_nine() -> Outlook {
    Outlook { now: 9 * 3600, tills: 1, active_at: 9 * 3600, ..Outlook::default() }
}

#[test]
fn looks_are_as_rare_as_the_budget_is_small() {
    for (transactions, tills, soonest, latest) in
        [(0, 1, 6000, 7000), (0, 5, 30_000, 35_000), (300, 1, 900, 900), (60_000, 1, 900, 900)]
    {
        let outlook = Outlook { sold: sold(transactions), tills, ..open_at_nine() };
        let after = plan(&outlook).look_after_s.unwrap();
        assert!((soonest..=latest).contains(&after), "{transactions} {tills}: {after}");
        let closed = plan(&Outlook { active_at: 0, ..outlook }).look_after_s.unwrap();
        assert_eq!(closed, (after * 4).min(DAY_S), "a closed shop has little to look at");
    }
    let nearly_spent = Outlook { spent: spent(230, 0), ..open_at_nine() };
    assert_eq!(plan(&nearly_spent).look_after_s, None);
    let hundred_tills = Outlook { tills: 100, ..open_at_nine() };
    assert_eq!(plan(&hundred_tills).look_after_s, None, "it would be more than the share of a day");
}

#[test]
fn a_spent_share_leaves_a_rare_poll_and_nothing_else() {
    for spent in [spent(266, 7734), spent(266, 0), spent(0, 8000), spent(90_000, 90_000)] {
        let plan = plan(&Outlook { spent, ..open_at_nine() });
        assert_eq!(plan.poll_after_s, RARE_S, "{plan:?}");
        let rest = (plan.look_after_s, plan.spare_today, plan.may_prove, plan.backfill_today);
        assert_eq!(rest, (None, 0, false, 0));
        // Thirty days of it fit into what the budget leaves of the allocation.
        assert!(DAY_S / plan.poll_after_s * WINDOW_DAYS <= READS_AT_LEAST - budget(0, 1));
    }
    assert_eq!(budget(0, 1), 8000);
    assert_eq!(budget(1000, 5), 80_000);
}

#[test]
fn a_backfill_takes_half_of_a_day_however_often_it_asks() {
    let mut outlook = open_at_nine();
    for _ in 0..20 {
        let backfill = plan(&outlook).backfill_today;
        outlook.copied_today += backfill;
        outlook.spent[0] += backfill + 1;
    }
    let after = plan(&outlook);
    assert_eq!(outlook.copied_today, after.backfill_a_day);
    assert!(
        after.poll_after_s <= SLOWEST_OPEN_S,
        "an open shop is asked about every {} s",
        after.poll_after_s
    );
}

#[test]
fn payments_that_are_to_come_are_set_aside() {
    let mut busy = Outlook { sold: sold(3000), ..open_at_nine() };
    busy.sold[0] += 30;
    let set_aside = plan(&Outlook { payments_today: 5000, ..busy }).spare_today - plan(&busy).spare_today;
    assert_eq!(set_aside, 3030);
}

#[test]
fn what_sales_allowed_is_not_spent_where_they_may_end() {
    // A hundred sales a day until yesterday, and a share of each day that was spent.
    let mut outlook = Outlook { sold: sold(3000), ..open_at_nine() };
    let daily = budget(3000, 1) / WINDOW_DAYS;
    outlook.spent = std::array::from_fn(|ago| if ago == 0 { 0 } else { daily - 100 });
    assert!(plan(&outlook).spare_today > daily / 2, "as long as they go on");
    outlook.sold[0] = 0;
    let mut days = 0;
    while plan(&outlook).spare_today > budget(0, 1) / WINDOW_DAYS {
        days += 1;
        outlook.spent[0] = plan(&outlook).spare_today;
        outlook.sold.rotate_right(1);
        outlook.spent.rotate_right(1);
        (outlook.sold[0], outlook.spent[0]) = (0, 0);
    }
    assert!(days <= 2, "{days} days without a sale at the pace of those with a hundred");
}
