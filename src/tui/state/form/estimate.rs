//! What a form will cost, said before it is sent.

use super::{Form, Purpose, Request, read};
use crate::domain::dataset::Dataset;
use crate::domain::format::Format;
use crate::domain::instrument::{ExchangeId, SymbolQuery};
use crate::domain::time::Time;
use crate::engine::command::{Command, ExportRequest};
use crate::engine::snapshot::Snapshot;
use crate::tui::format;
use crate::tui::state::cost::Cost;
use std::collections::BTreeMap;

/// Bytes of a row, measured over a million random candles: see ARCHITECTURE.md, Measurements.
const fn bytes_of_row(format: Format) -> u64 {
    match format {
        Format::Csv => 110,
        Format::Json => 250,
        Format::Parquet => 34,
    }
}

/// Which exchange is asked for what was typed; one that names none is meant for `default`, and a perpetual of
/// Binance for its futures.
fn exchange_of(typed: &str, default: ExchangeId) -> ExchangeId {
    let query = SymbolQuery::parse(typed).ok();
    let named = query.as_ref().and_then(|query| query.exchange);
    let is_perpetual = query.is_some_and(|query| query.typed.contains(':'));
    named.unwrap_or(if default == ExchangeId::Binance && is_perpetual { ExchangeId::BinanceUsdm } else { default })
}

impl Form {
    /// One line on what it will cost; nothing while it is not filled in soundly.
    pub(crate) fn estimate(&self, snapshot: &Snapshot, now: Time) -> Option<String> {
        match (&self.purpose, read::request(self, now).ok()?) {
            (_, Request::Command(Command::Add { symbols, exchange, datasets, interval, since })) => {
                if !datasets.contains(&Dataset::Candles) {
                    return Some("What it takes is known once the exchange has said how far back it serves this.".into());
                }
                let Some(from) = read::start(since, now) else {
                    return Some("All of its past: the cost is known once the exchange has named the first candle.".into());
                };
                let candles = (now.since(from) / interval.ms()).max(0).cast_unsigned();
                let mut series: BTreeMap<ExchangeId, u64> = BTreeMap::new();
                for symbol in &symbols {
                    *series.entry(exchange_of(symbol, exchange)).or_default() += 1;
                }
                let costs = series.into_iter().map(|(exchange, series)| {
                    let health = snapshot.exchanges.iter().find(|health| health.exchange == exchange);
                    Cost::of(exchange, interval, candles, series, health)
                });
                Some(costs.reduce(Cost::and)?.words())
            }
            (Purpose::Backfill(subject), Request::Command(Command::Backfill { since, to, .. })) => {
                let health = snapshot.exchanges.iter().find(|health| health.exchange == subject.exchange);
                let Some(from) = read::start(since, now) else {
                    return Some("All of its past: the cost is known once the exchange has named the first candle.".into());
                };
                let candles = (to.unwrap_or(now).min(now).since(from) / subject.interval.ms()).max(0).cast_unsigned();
                Some(Cost::of(subject.exchange, subject.interval, candles, 1, health).words())
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

    #[test]
    fn what_is_typed_names_its_exchange() {
        let check = |typed: &str, expected: ExchangeId| assert_eq!(exchange_of(typed, ExchangeId::Binance), expected, "{typed}");
        check("BTC/USDT", ExchangeId::Binance);
        check("btcusdt", ExchangeId::Binance);
        check("BTC/USDT:USDT", ExchangeId::BinanceUsdm);
        check("okx:BTC/USDT:USDT", ExchangeId::Okx);
        check("kraken:BTC/USD", ExchangeId::Kraken);
    }
}
