//! Shares, percentages and months in whole numbers: nothing here is ever a float.

use serde_json::Value;

use crate::http::date::civil;

const DAY: i64 = 86_400;

/// `value × numerator ÷ denominator`, halves away from zero.
pub(crate) fn scaled(value: i64, numerator: i64, denominator: i64) -> i64 {
    ratio(i128::from(value) * i128::from(numerator), i128::from(denominator))
}

/// `numerator ÷ denominator`, halves away from zero; 0 where there is nothing to divide by.
pub(crate) fn ratio(numerator: i128, denominator: i128) -> i64 {
    if denominator == 0 {
        return 0;
    }
    let (top, bottom) = (numerator * denominator.signum(), denominator.abs());
    let half = (top.abs() * 2 + bottom) / (bottom * 2);
    i64::try_from(half * top.signum()).unwrap_or(if top < 0 { i64::MIN } else { i64::MAX })
}

/// `12.5` as 125 tenths. `None` for what is not a plain decimal.
pub(crate) fn decimal(text: &str) -> Option<(i128, i128)> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if part.len() > 12
        || whole.len() > 15
        || !part.bytes().chain(whole.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let scale = 10_i128.pow(u32::try_from(part.len()).ok()?);
    let units = format!("{whole}{part}").parse::<i128>().ok()?;
    Some((if negative { -units } else { units }, scale))
}

/// A percentage as JSON carries it, in its parts.
pub(crate) fn percentage(value: &Value) -> (i128, i128) {
    decimal(&value.to_string()).unwrap_or((0, 1))
}

/// So many per cent of an amount.
pub(crate) fn percent_of(amount: i64, percent: &Value) -> i64 {
    let (units, scale) = percentage(percent);
    ratio(i128::from(amount) * units, scale * 100)
}

/// Divides `total` in proportion to `weights` without losing a unit: the largest remainders get what is left over.
pub(crate) fn share(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let whole = |weight: &i64| i128::from(total) * i128::from(*weight);
    let mut parts: Vec<i64> =
        weights.iter().map(|weight| i64::try_from(whole(weight).div_euclid(sum)).unwrap_or(0)).collect();
    let mut left = total - parts.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&place| {
        std::cmp::Reverse(weights.get(place).map_or(0, |weight| whole(weight).rem_euclid(sum)))
    });
    for place in order {
        if left == 0 {
            break;
        }
        if let Some(part) = parts.get_mut(place) {
            *part += left.signum();
            left -= left.signum();
        }
    }
    parts
}

/// Days since 1970 of a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let slot = (month + 9) % 12;
    let of_year = (153 * slot + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn month_length(year: i64, month: i64) -> i64 {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days(next_year, next, 1) - days(year, month, 1)
}

/// The same day and time `months` later, or the month's last day where it has no such day.
pub(crate) fn months_later(at: i64, months: i64) -> i64 {
    let (year, month, day) = civil(at.div_euclid(DAY));
    let place = year * 12 + month - 1 + months;
    let (year, month) = (place.div_euclid(12), place.rem_euclid(12) + 1);
    days(year, month, day.min(month_length(year, month))) * DAY + at.rem_euclid(DAY)
}

/// `count` intervals after `at`; `count` may be negative.
pub(crate) fn later(at: i64, interval: &str, count: i64) -> i64 {
    match interval {
        "day" => at + count * DAY,
        "week" => at + count * 7 * DAY,
        "year" => months_later(at, count * 12),
        _ => months_later(at, count),
    }
}

/// The first turn of a cycle that is anchored at `anchor` after `start`.
pub(crate) fn next_turn(anchor: i64, start: i64, interval: &str, count: i64) -> i64 {
    let count = count.max(1);
    let longest = match interval {
        "day" => DAY,
        "week" => 7 * DAY,
        "year" => 366 * DAY,
        _ => 31 * DAY,
    } * count;
    let mut turn = (start - anchor).div_euclid(longest) - 1;
    while later(anchor, interval, turn * count) <= start {
        turn += 1;
    }
    later(anchor, interval, turn * count)
}

/// `21 Nov 2026`, as Stripe writes dates into descriptions.
pub(crate) fn day_of(at: i64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = civil(at.div_euclid(DAY));
    let name = usize::try_from(month - 1).ok().and_then(|place| MONTHS.get(place)).copied().unwrap_or("");
    format!("{day:02} {name} {year}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn halves_go_away_from_zero_and_shares_add_up() {
        assert_eq!((scaled(5, 1, 2), scaled(-5, 1, 2), scaled(7, 1, 3)), (3, -3, 2));
        assert_eq!(percent_of(999, &json!(25.5)), 255);
        assert_eq!(percent_of(-1000, &json!(19)), -190);
        assert_eq!(share(100, &[1, 1, 1]), vec![34, 33, 33]);
        assert_eq!(share(-100, &[1, 1, 1]).iter().sum::<i64>(), -100);
        assert_eq!(share(5, &[0, 0]), vec![0, 0]);
        assert_eq!(decimal("0.125"), Some((125, 1000)));
        assert_eq!(decimal("1e3"), None);
    }

    #[test]
    fn a_cycle_keeps_to_its_day_where_the_month_has_one() {
        let jan_31 = days(2027, 1, 31) * DAY + 3600;
        let feb = next_turn(jan_31, jan_31, "month", 1);
        assert_eq!(feb, days(2027, 2, 28) * DAY + 3600);
        assert_eq!(next_turn(jan_31, feb, "month", 1), days(2027, 3, 31) * DAY + 3600);
        assert_eq!(
            next_turn(jan_31, jan_31 - 5, "month", 1),
            jan_31,
            "an anchor ahead ends the first period"
        );
        assert_eq!(next_turn(jan_31, jan_31, "year", 1), days(2028, 1, 31) * DAY + 3600);
        assert_eq!(day_of(jan_31), "31 Jan 2027");
        for start in (0..400).map(|day| jan_31 + day * DAY) {
            let end = next_turn(jan_31, start, "month", 3);
            assert!(end > start && end - start <= 93 * DAY);
        }
    }
}
