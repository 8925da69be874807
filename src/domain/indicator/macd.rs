//! The convergence and divergence of two moving averages.

use super::{ema, mean};

/// The difference of two averages and its own average.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Macd {
    /// Fast average minus slow average.
    pub line: f64,
    /// Average of the line.
    pub signal: f64,
    /// Line minus signal.
    pub histogram: f64,
}

/// Exponential averages over the periods `(fast, slow, signal)`, as TA-Lib has them: both averages
/// begin at the candle of index `slow - 1`, the fast one with the mean of the `fast` closes up to
/// it; the signal is seeded with the mean of the first `signal` values of the line. All three from
/// the close of index `slow + signal - 2` on.
pub fn macd(closes: &[f64], (fast, slow, signal): (usize, usize, usize)) -> Vec<Option<Macd>> {
    let mut values = vec![None; closes.len()];
    if fast == 0 || signal == 0 || fast > slow || closes.len() < slow {
        return values;
    }
    let begin = slow - 1;
    let weight = 2.0 / (fast as f64 + 1.0);
    let mut quick = mean(&closes[slow - fast..slow]);
    let mut line = Vec::with_capacity(closes.len() - begin);
    for (at, slow) in ema(closes, slow).into_iter().enumerate().skip(begin) {
        if at > begin {
            quick += weight * (closes[at] - quick);
        }
        line.push(quick - slow.unwrap_or(quick));
    }
    for ((average, line), slot) in ema(&line, signal).into_iter().zip(&line).zip(&mut values[begin..]) {
        *slot = average.map(|signal| Macd { line: *line, signal, histogram: line - signal });
    }
    values
}
