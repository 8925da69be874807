//! What a form will cost, said before it is sent.

use super::{Form, Purpose, Request, read};
use crate::domain::dataset::Dataset;
use crate::domain::format::Format;
use crate::domain::instrument::{ExchangeId, SymbolQuery, home};
use crate::domain::time::{DAY_MS, Time};
use crate::engine::command::{Command, ExportRequest};
use crate::engine::query::{InstrumentHit, TradesCost};
use crate::engine::snapshot::{Health, Snapshot};
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

/// Which exchange is asked for what was typed, where `usual` is meant by a name without one.
fn exchange_of(typed: &str, usual: ExchangeId) -> ExchangeId {
    SymbolQuery::parse(typed).ok().and_then(|query| query.exchange).unwrap_or_else(|| home(usual, typed))
}

fn health(snapshot: &Snapshot, exchange: ExchangeId) -> Option<&Health> {
    snapshot.exchanges.iter().find(|health| health.exchange == exchange)
}

impl Form {
    /// One line on what it will cost; nothing while it is not filled in soundly.
    pub(crate) fn estimate(&self, snapshot: &Snapshot, known: &Days, now: Time) -> Option<String> {
        match (&self.purpose, read::request(self, now).ok()?) {
            (_, Request::Command(Command::Add { symbols, exchange, datasets, interval, since })) => {
                let Some(from) = read::start(since, now) else {
                    return Some("All of its past: the cost is known once the exchange has named the first candle.".into());
                };
                let past = now.since(from).max(0);
                let candles = (past / interval.ms()).cast_unsigned();
                let mut asked: BTreeMap<ExchangeId, Vec<Option<TradesCost>>> = BTreeMap::new();
                for symbol in &symbols {
                    let exchange = exchange_of(symbol, exchange);
                    asked.entry(exchange).or_default().push(known.of(exchange, symbol));
                }
                let of_candles = asked
                    .iter()
                    .map(|(exchange, days)| {
                        let health = health(snapshot, *exchange);
                        Cost::of(*exchange, interval, candles, days.len() as u64, health)
                    })
                    .reduce(Cost::and)?
                    .words();
                let of_trades = || trades(&asked, past, snapshot);
                Some(match (datasets.contains(&Dataset::Candles), datasets.contains(&Dataset::Trades)) {
                    (true, true) if past > 0 => format!("{of_candles} {}", of_trades()),
                    (true, _) => of_candles,
                    (false, true) => of_trades(),
                    (false, false) => "What it takes is known once the exchange has said how far back it serves this.".into(),
                })
            }
            (Purpose::Backfill(subject), Request::Command(Command::Backfill { since, to, .. }))
                if subject.dataset == Dataset::Trades =>
            {
                // All of its past where no date is said: as much as is served.
                let from = read::start(since, now).unwrap_or(Time::EPOCH);
                let series = snapshot.series.iter().find(|series| series.id == subject.id);
                let day = series.and_then(|series| series.day_of_trades);
                let reach = day.and_then(|day| day.reach_ms);
                let from = reach.map_or(from, |reach| from.max(now.plus_ms(-reach)));
                let asked = BTreeMap::from([(subject.exchange, vec![day])]);
                Some(trades(&asked, to.unwrap_or(now).min(now).since(from).max(0), snapshot))
            }
            (Purpose::Backfill(subject), Request::Command(_)) if subject.dataset != Dataset::Candles => {
                Some("What it takes is known once the exchange has said how far back it serves this.".into())
            }
            (Purpose::Backfill(subject), Request::Command(Command::Backfill { since, to, .. })) => {
                let health = health(snapshot, subject.exchange);
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

/// What a day of trades takes, of symbols that were suggested.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Days(Vec<(String, TradesCost)>);

impl Days {
    /// Takes in what is known of these.
    pub(crate) fn learn(&mut self, hits: &[InstrumentHit]) {
        for hit in hits {
            if let Some(day) = hit.day_of_trades {
                let name = format!("{}:{}", hit.exchange, hit.symbol);
                self.0.retain(|(known, _)| *known != name);
                self.0.push((name, day));
            }
        }
    }

    /// Of a symbol of this exchange as it was typed.
    fn of(&self, exchange: ExchangeId, typed: &str) -> Option<TradesCost> {
        let query = SymbolQuery::parse(typed).ok()?;
        let meant = |name: &str| {
            SymbolQuery::parse(name).is_ok_and(|known| known.exchange == Some(exchange) && known.folded == query.folded)
        };
        self.0.iter().find(|(name, _)| meant(name)).map(|(_, day)| *day)
    }
}

/// What the trades of `past_ms` take, of symbols of which a day takes so much, by the exchange that is asked.
fn trades(asked: &BTreeMap<ExchangeId, Vec<Option<TradesCost>>>, past_ms: i64, snapshot: &Snapshot) -> String {
    if past_ms == 0 {
        return "Nothing of the past.".into();
    }
    let costs = asked.iter().map(|(exchange, days)| {
        let days = days.iter().copied().collect::<Option<Vec<TradesCost>>>()?;
        let of = |count: fn(&TradesCost) -> u64| days.iter().map(|day| share(count(day), day, past_ms)).sum();
        Some(Cost::of_trades(of(|day| day.requests), of(|day| day.weight), health(snapshot, *exchange)))
    });
    match costs.collect::<Option<Vec<Cost>>>().and_then(|costs| costs.into_iter().reduce(Cost::and)) {
        Some(cost) => cost.trades_words(),
        None => "Trades: many requests where much is traded; how many is not known yet.".into(),
    }
}

/// What `past_ms` take where a day takes so many, as far back as is served.
fn share(of_a_day: u64, day: &TradesCost, past_ms: i64) -> u64 {
    let served_ms = day.reach_ms.map_or(past_ms, |reach| past_ms.min(reach)).cast_unsigned();
    (u128::from(of_a_day) * u128::from(served_ms)).div_ceil(u128::from(DAY_MS.cast_unsigned())) as u64
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
