//! Printing: data to standard output, everything else to standard error.

use crate::domain::dataset::Dataset;
use crate::domain::interval::Interval;
use crate::domain::time::Time;
use anyhow::Context as _;
use std::borrow::Cow;
use std::io::{self, Write};

/// Prints lines of data, without what would command a terminal.
pub(super) fn say(lines: &str) -> anyhow::Result<()> {
    put(format!("{}\n", harmless(lines)).as_bytes())
}

/// Prints bytes as they are to standard output. A reader that has gone away (`| head`) ends the output, not in
/// an error.
pub(super) fn put(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// Prints a line for the person at the terminal.
pub(super) fn tell(line: &str) {
    // Nobody can be told that standard error is gone.
    let _ = writeln!(io::stderr().lock(), "{}", harmless(line));
}

/// An error in one line: what was tried and why it failed. A cause that the text before it tells already is not
/// told twice.
pub fn error_line(error: &anyhow::Error) -> String {
    let mut line = String::from("error");
    for cause in error.chain().map(ToString::to_string) {
        if !line.ends_with(&cause) {
            line.push_str(": ");
            line.push_str(&cause);
        }
    }
    harmless(&line.replace('\n', " ")).into_owned()
}

/// Text without control characters: what an exchange answered or a person typed is not to command a terminal.
fn harmless(text: &str) -> Cow<'_, str> {
    let is_bad = |c: char| c.is_control() && c != '\n';
    if text.contains(is_bad) { text.replace(is_bad, "?").into() } else { text.into() }
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
                .map(|(at, cell)| {
                    // A row is a line, whatever an exchange answered.
                    let cell = cell.replace('\n', " ");
                    if right.contains(&at) { format!("{cell:>0$}", widths[at]) } else { format!("{cell:<0$}", widths[at]) }
                })
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
        assert_eq!(table(&[vec!["a\nb".into()]], &[]), ["a b"]);
    }

    #[test]
    fn an_error_is_one_line_that_says_everything_once() {
        let disk = || anyhow::anyhow!("the disk\nis full");
        assert_eq!(error_line(&disk()), "error: the disk is full");
        assert_eq!(error_line(&disk().context("cannot write")), "error: cannot write: the disk is full");
        assert_eq!(error_line(&disk().context("cannot write: the disk\nis full")), "error: cannot write: the disk is full");
        assert_eq!(error_line(&anyhow::anyhow!("<b>\u{1b}[2Jno")), "error: <b>?[2Jno");
    }
}
