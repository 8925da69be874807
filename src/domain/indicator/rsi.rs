//! The relative strength index.

/// Wilder's index of 0 to 100: 100 × gains / (gains + losses). The first gains and losses are the
/// means over `period` changes; after that each new one weighs 1 / `period`. From the close of index
/// `period` on. Where no close changed it is 50 (TA-Lib: 0).
pub fn rsi(closes: &[f64], period: usize) -> Vec<Option<f64>> {
    let mut values = vec![None; closes.len()];
    if period == 0 || closes.len() <= period {
        return values;
    }
    let n = period as f64;
    let (mut gains, mut losses) = (0.0, 0.0);
    for (at, pair) in closes.windows(2).enumerate() {
        let change = pair[1] - pair[0];
        let (gain, loss) = (change.max(0.0), (-change).max(0.0));
        if at < period {
            gains += gain / n;
            losses += loss / n;
        } else {
            gains = (gains * (n - 1.0) + gain) / n;
            losses = (losses * (n - 1.0) + loss) / n;
        }
        if at + 1 >= period {
            let sum = gains + losses;
            values[at + 1] = Some(if sum > 0.0 { 100.0 * gains / sum } else { 50.0 });
        }
    }
    values
}
