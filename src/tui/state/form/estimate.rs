//! What a form will cost, said before it is sent.

use super::{Form, Purpose, Request, read};
use crate::domain::dataset::Dataset;
use crate::domain::format::Format;
use crate::domain::time::Time;
use crate::engine::command::{Command, ExportRequest};
use crate::engine::snapshot::Snapshot;
use crate::tui::format;
use crate::tui::state::cost::Cost;

/// Bytes of a row, measured over a million random candles: see ARCHITECTURE.md, Measurements.
const fn bytes_of_row(format: Format) -> u64 {
    match format {
        Format::Csv => 110,
        Format::Json => 250,
        Format::Parquet => 34,
    }
}

impl Form {
    /// One line on what it will cost; nothing while it is not filled in soundly.
    pub(crate) fn estimate(&self, snapshot: &Snapshot, now: Time) -> Option<String> {
        match (&self.purpose, read::request(self, now).ok()?) {
            (_, Request::Command(Command::Add { symbols, exchange, datasets, interval, since })) => {
                if !datasets.contains(&Dataset::Candles) {
                    return Some("What it takes is known once the exchange has said how far back it serves this.".into());
                }
                let health = snapshot.exchanges.iter().find(|health| health.exchange == exchange);
                let Some(from) = read::start(since, now) else {
                    return Some("All of its past: the cost is known once the exchange has named the first candle.".into());
                };
                let candles = (now.since(from) / interval.ms()).max(0).cast_unsigned();
                Some(Cost::of(candles, symbols.len() as u64, health).words())
            }
            (Purpose::Backfill(subject), Request::Command(_)) if subject.dataset != Dataset::Candles => {
                Some("What it takes stands beside its job once it has begun.".into())
            }
            (Purpose::Backfill(subject), Request::Command(Command::Backfill { since, to, .. })) => {
                let health = snapshot.exchanges.iter().find(|health| health.exchange == subject.exchange);
                let Some(from) = read::start(since, now) else {
                    return Some("All of its past: the cost is known once the exchange has named the first candle.".into());
                };
                let candles = (to.unwrap_or(now).min(now).since(from) / subject.interval.ms()).max(0).cast_unsigned();
                Some(Cost::of(candles, 1, health).words())
            }
            (_, Request::Export(request)) => {
                let rows = rows(&request, snapshot)?;
                let bytes = rows.saturating_mul(bytes_of_row(request.format));
                Some(format!("About {} rows, {} (an estimate).", format::count(rows), size(bytes)))
            }
            _ => None,
        }
    }

    /// Rows that the export it asks for will have.
    pub(crate) fn expected_rows(&self, snapshot: &Snapshot, now: Time) -> Option<u64> {
        match read::request(self, now).ok()? {
            Request::Export(request) => rows(&request, snapshot),
            Request::Command(_) | Request::Show(_) => None,
        }
    }
}

/// Rows that an export will have: the candles of the range, less what its series owes on the whole.
pub(super) fn rows(request: &ExportRequest, snapshot: &Snapshot) -> Option<u64> {
    let series = snapshot.series.iter().find(|series| series.id == request.series)?;
    let range = request.range.intersect(series.wanted);
    let candles = request.interval.count(request.interval.outer(range)).max(0).cast_unsigned();
    let coverage = series.coverage;
    // A wider candle stands wherever one of its minutes is stored.
    let share = if request.interval == series.interval { (coverage.stored, coverage.wanted.max(1)) } else { (1, 1) };
    Some((u128::from(candles) * u128::from(share.0) / u128::from(share.1)) as u64)
}

/// Bytes for people: `812 B`, `4.8 MB`.
fn size(bytes: u64) -> String {
    let short = format::count(bytes);
    let number = short.trim_end_matches(char::is_alphabetic);
    // Of a file it is the gigabyte, not the billion.
    format!("{number} {}B", short[number.len()..].replace('B', "G"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!([0, 812, 4_752_000, 7_300_000_000].map(size), ["0 B", "812 B", "4.8 MB", "7.3 GB"]);
    }
}
