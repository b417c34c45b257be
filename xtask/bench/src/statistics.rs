//! Percentiles and medians.

/// The value that `percent` of the sorted values do not exceed (nearest rank); `NaN` of none.
pub(crate) fn percentile(sorted: &[f64], percent: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank is a small whole number")]
    #[expect(clippy::cast_precision_loss, reason = "nobody measures 2^52 values")]
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied().unwrap_or(f64::NAN)
}

/// The middle one, or between the two in the middle; `NaN` of none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let sorted = sorted(values);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// How far apart the values are, as a part of their median.
pub(crate) fn spread(values: impl IntoIterator<Item = f64>) -> f64 {
    let sorted = sorted(values);
    match (sorted.first(), sorted.last()) {
        (Some(least), Some(most)) => (most - least) / median(sorted.iter().copied()),
        _ => f64::NAN,
    }
}

/// In ascending order, without what is no number.
pub(crate) fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<_> = values.into_iter().filter(|value| !value.is_nan()).collect();
    values.sort_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_value_that_so_many_do_not_exceed() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!([50.0, 99.0, 100.0].map(|percent| percentile(&hundred, percent)), [50.0, 99.0, 100.0]);
        assert_eq!([50.0, 99.0].map(|percent| percentile(&[1.0, 2.0, 3.0], percent)), [2.0, 3.0]);
        assert_eq!(percentile(&[7.0], 0.0), 7.0);
        assert!(percentile(&[], 50.0).is_nan());
    }

    #[test]
    fn a_median_ignores_order_and_what_is_no_number() {
        assert_eq!(median([3.0, 1.0, f64::NAN, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median([]).is_nan());
    }

    #[test]
    fn a_spread_is_a_part_of_the_median() {
        assert_eq!(spread([90.0, 100.0, 110.0]), 0.2);
        assert_eq!(spread([5.0]), 0.0);
    }
}
