//! Printing: data to standard output, everything else to standard error.

use crate::domain::dataset::Dataset;
use crate::domain::interval::Interval;
use crate::domain::time::Time;
use std::io::{self, Write};

/// Prints a line of data. A reader that has gone away (`| head`) ends the output, not in an error.
pub(super) fn say(line: &str) -> anyhow::Result<()> {
    match writeln!(io::stdout().lock(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Prints a line for the person at the terminal.
pub(super) fn tell(line: &str) {
    // Nobody can be told that standard error is gone.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// `2025-01-31T12:00:00Z to …`, the end exclusive.
pub(super) fn span(from: Time, to: Time) -> String {
    format!("{} to {}", from.iso(), to.iso())
}

/// `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12 candles of 1m`, `1 candle of 1h`.
pub(super) fn candles(count: u64, interval: Interval) -> String {
    format!("{} {} of {interval}", grouped(count), if count == 1 { "candle" } else { "candles" })
}

/// `1m`, `trades`: what a series holds, in a table.
pub(super) fn kind(dataset: Dataset, interval: Interval) -> String {
    if dataset == Dataset::Candles { interval.to_string() } else { dataset.label().to_owned() }
}

/// `12 candles of 1m`, `1 row of open interest`, `3 minutes of trades`.
pub(super) fn steps(count: u64, dataset: Dataset, interval: Interval) -> String {
    match dataset {
        Dataset::Candles => candles(count, interval),
        other => format!("{} {} of {}", grouped(count), other.step(count), other.label()),
    }
}

/// Columns padded to their widest cell; cells of the columns named in `right` are right-aligned.
pub(super) fn table(rows: &[Vec<String>], right: &[usize]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter()
        .map(|row| {
            let cells: Vec<String> = row
                .iter()
                .enumerate()
                .map(
                    |(at, cell)| {
                        if right.contains(&at) { format!("{cell:>0$}", widths[at]) } else { format!("{cell:<0$}", widths[at]) }
                    },
                )
                .collect();
            cells.join("  ").trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_columns() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        let rows = vec![vec!["a".into(), "1".into()], vec!["bcd".into(), "22".into()]];
        assert_eq!(table(&rows, &[1]), ["a     1", "bcd  22"]);
    }
}
