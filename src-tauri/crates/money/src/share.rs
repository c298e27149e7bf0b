//! Splitting amounts so that the parts always sum to the whole.

use crate::MoneyError;

/// A percentage as hundredths of a percent: 1900 is 19 %. Percentages are rational, never floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct BasisPoints(pub i64);

/// `numerator / denominator` rounded to the nearest integer, halves away from zero.
///
/// # Errors
/// [`MoneyError::NothingToShareOver`] for a denominator of 0, [`MoneyError::Overflow`] where it does not fit.
pub fn round_half_up_div(numerator: i128, denominator: i128) -> Result<i64, MoneyError> {
    if denominator == 0 {
        return Err(MoneyError::NothingToShareOver);
    }
    let (numerator, denominator) = if denominator < 0 {
        (
            numerator.checked_neg().ok_or(MoneyError::Overflow)?,
            denominator.checked_neg().ok_or(MoneyError::Overflow)?,
        )
    } else {
        (numerator, denominator)
    };
    let twice = numerator.checked_abs().and_then(|n| n.checked_mul(2)).ok_or(MoneyError::Overflow)?;
    let over = twice.checked_add(denominator).ok_or(MoneyError::Overflow)?;
    let size = over
        .checked_div(denominator.checked_mul(2).ok_or(MoneyError::Overflow)?)
        .ok_or(MoneyError::NothingToShareOver)?;
    let signed = if numerator < 0 { size.checked_neg().ok_or(MoneyError::Overflow)? } else { size };
    i64::try_from(signed).map_err(|_| MoneyError::Overflow)
}

/// So many basis points of an amount, rounded half away from zero.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn percentage(amount_minor: i64, rate: BasisPoints) -> Result<i64, MoneyError> {
    let product = i128::from(amount_minor).checked_mul(i128::from(rate.0)).ok_or(MoneyError::Overflow)?;
    round_half_up_div(product, 10_000)
}

/// What the units `k+1 … k+m` of a line of `n` units cost, when the whole line costs `total_minor`:
/// `round(total·(k+m)/n) − round(total·k/n)`. However a line is given back in pieces, the pieces sum to the total.
///
/// # Errors
/// [`MoneyError::UnitsOutOfRange`] unless `0 ≤ k`, `0 ≤ m`, `k + m ≤ n`, `0 < n`.
pub fn share_of_units(total_minor: i64, k: i64, m: i64, n: i64) -> Result<i64, MoneyError> {
    let last = k.checked_add(m).ok_or(MoneyError::Overflow)?;
    if k < 0 || m < 0 || n <= 0 || last > n {
        return Err(MoneyError::UnitsOutOfRange { from: k, to: last, of: n });
    }
    let up_to = |units: i64| {
        let product = i128::from(total_minor).checked_mul(i128::from(units)).ok_or(MoneyError::Overflow)?;
        round_half_up_div(product, i128::from(n))
    };
    up_to(last)?.checked_sub(up_to(k)?).ok_or(MoneyError::Overflow)
}

/// Shares an amount out by weights with the method of the largest remainder: every part is the exact share rounded
/// down or up, the parts sum to the total, and equal weights differ by one at the most (earlier parts get more).
///
/// # Errors
/// [`MoneyError::NothingToShareOver`] where there are no weights, a negative one, or only zeros.
pub fn allocate(total_minor: i64, weights: &[i64]) -> Result<Vec<i64>, MoneyError> {
    let sum: i128 = weights.iter().try_fold(0_i128, |sum, w| sum.checked_add(i128::from(*w))).unwrap_or(0);
    if sum <= 0 || weights.iter().any(|w| *w < 0) {
        return Err(MoneyError::NothingToShareOver);
    }
    let negative = total_minor < 0;
    let total = i128::from(total_minor).checked_abs().ok_or(MoneyError::Overflow)?;
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut given: i128 = 0;
    for (index, weight) in weights.iter().enumerate() {
        let product = total.checked_mul(i128::from(*weight)).ok_or(MoneyError::Overflow)?;
        let part = product.checked_div(sum).ok_or(MoneyError::NothingToShareOver)?;
        let remainder = product.checked_rem(sum).ok_or(MoneyError::NothingToShareOver)?;
        given = given.checked_add(part).ok_or(MoneyError::Overflow)?;
        parts.push(part);
        remainders.push((index, remainder));
    }
    // Stable sort: among equal remainders the earlier part comes first.
    remainders.sort_by_key(|(_, remainder)| std::cmp::Reverse(*remainder));
    let mut left = total.checked_sub(given).ok_or(MoneyError::Overflow)?;
    for (index, _) in remainders {
        if left == 0 {
            break;
        }
        if let Some(part) = parts.get_mut(index) {
            *part = part.checked_add(1).ok_or(MoneyError::Overflow)?;
            left = left.checked_sub(1).ok_or(MoneyError::Overflow)?;
        }
    }
    parts
        .into_iter()
        .map(|part| {
            let signed = if negative { part.checked_neg() } else { Some(part) };
            signed.and_then(|p| i64::try_from(p).ok()).ok_or(MoneyError::Overflow)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!(round_half_up_div(5, 2), Ok(3));
        assert_eq!(round_half_up_div(-5, 2), Ok(-3));
        assert_eq!(round_half_up_div(5, -2), Ok(-3));
        assert_eq!(round_half_up_div(4, 3), Ok(1));
        assert_eq!(round_half_up_div(1, 0), Err(MoneyError::NothingToShareOver));
        assert_eq!(percentage(1_250, BasisPoints(1_900)), Ok(238));
    }

    #[test]
    fn ten_cents_over_three() {
        assert_eq!(allocate(10, &[1, 1, 1]), Ok(vec![4, 3, 3]));
        assert_eq!(allocate(-10, &[1, 1, 1]), Ok(vec![-4, -3, -3]));
        assert_eq!(allocate(10, &[0, 0]), Err(MoneyError::NothingToShareOver));
        assert_eq!(allocate(10, &[]), Err(MoneyError::NothingToShareOver));
        assert_eq!(allocate(10, &[2, -1]), Err(MoneyError::NothingToShareOver));
        assert!(allocate(i64::MIN, &[1]).is_ok());
    }

    #[test]
    fn units_outside_the_line_are_refused() {
        assert!(share_of_units(100, 2, 2, 3).is_err());
        assert!(share_of_units(100, -1, 1, 3).is_err());
        assert!(share_of_units(100, 0, 0, 0).is_err());
        assert!(share_of_units(100, i64::MAX, 1, 3).is_err());
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(total in -1_000_000_000_i64..1_000_000_000, weights in prop::collection::vec(0_i64..1_000_000, 1..40)) {
            prop_assume!(weights.iter().any(|w| *w > 0));
            let parts = allocate(total, &weights).unwrap();
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!(*weight != 0 || *part == 0);
            }
        }

        #[test]
        fn units_given_back_in_any_pieces_sum_to_the_line(total in 0_i64..10_000_000, pieces in prop::collection::vec(1_i64..9, 1..12)) {
            let n: i64 = pieces.iter().sum();
            let mut k = 0;
            let mut sum = 0;
            for m in pieces {
                let part = share_of_units(total, k, m, n).unwrap();
                prop_assert!(part >= 0);
                sum += part;
                k += m;
            }
            prop_assert_eq!(sum, total);
        }
    }
}
