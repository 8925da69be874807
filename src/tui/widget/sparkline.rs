//! A line of prices in one row.

use super::volume::EIGHTHS;

/// `values` in `columns` characters of eight heights; each shows the last value of its share, `·`
/// where all of it is missing. Equal values stand at half height.
pub(crate) fn sparkline(values: &[Option<f64>], columns: usize) -> String {
    let shown: Vec<Option<f64>> = (0..columns)
        .map(|n| {
            let (from, to) = (n * values.len() / columns, (n + 1) * values.len() / columns);
            // With fewer values than columns each value spans several columns.
            values[from..to.max(from + 1).min(values.len())].iter().rev().flatten().copied().find(|value| value.is_finite())
        })
        .collect();
    let (low, high) = shown.iter().flatten().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(*value), high.max(*value)));
    shown
        .into_iter()
        .map(|value| match value {
            None => '·',
            Some(value) if high > low => EIGHTHS[1 + ((value - low) / (high - low) * 7.0).round() as usize],
            Some(_) => EIGHTHS[4],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let check = |values: &[Option<f64>], columns: usize, expected: &str| assert_eq!(sparkline(values, columns), expected);
        check(&[Some(1.0), Some(2.0), Some(3.0)], 3, "▁▅█");
        check(&[Some(1.0), None, Some(3.0)], 3, "▁·█");
        check(&[Some(1.0), None, Some(3.0), Some(2.0)], 2, "▁█");
        check(&[Some(1.0), Some(2.0)], 4, "▁▁██");
        check(&[Some(1.0); 3], 3, "▄▄▄");
        check(&[], 3, "···");
        check(&[Some(1.0)], 0, "");
    }
}
