//! An exchange in memory with a perpetual and its datasets. Candles are folded from the trades, of which
//! a minute has none to four.

use super::fake::in_memory;
use marketdata_tui::domain::candle::{Candle, Source};
use marketdata_tui::domain::dataset::Dataset;
use marketdata_tui::domain::from_trades::candle_of;
use marketdata_tui::domain::funding::{Funding, FundingForecast};
use marketdata_tui::domain::instrument::{Contract, ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::open_interest::OpenInterest;
use marketdata_tui::domain::page::BadRow;
use marketdata_tui::domain::price::{Decimal, from_mantissa};
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::ticker::Ticker;
use marketdata_tui::domain::time::{HOUR_MS, MINUTE_MS, Time};
use marketdata_tui::domain::trade::{Side, Trade};
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::exchange::error::ExchangeError;
use marketdata_tui::exchange::health::{Block, Health};
use marketdata_tui::exchange::port::{
    BoxFuture, CandlePage, CandleRequest, Cursor, Edge, Exchange, Lane, RowsPage, RowsRequest, Service, TradesRequest,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// Trades of a page.
const PAGE: usize = 7;

/// Its one symbol.
pub(crate) const SYMBOL: &str = "BTC/USDT:USDT";

/// What a test does to it.
#[derive(Default)]
pub(crate) struct Script {
    /// How far back its datasets reach.
    pub(crate) reach_ms: BTreeMap<Dataset, i64>,
    /// Requests for trades that succeed before all others fail.
    pub(crate) answers: Option<usize>,
    /// How many of the next answers for trades and funding are empty.
    pub(crate) empties: u32,
    /// Open interest that does not come.
    pub(crate) withheld: BTreeSet<Time>,
    /// Open interest that is not what it was.
    pub(crate) revised: BTreeMap<Time, Decimal>,
    /// Trades that cannot be read.
    pub(crate) bad: BTreeSet<i64>,
    /// What was asked of rows: dataset, lane, range, and whether it was the first page.
    pub(crate) asked: Vec<(Dataset, Lane, TimeRange, bool)>,
}

/// The exchange.
pub(crate) struct Rows {
    clock: Clock,
    script: Mutex<Script>,
}

/// The trades of a range, numbered without a gap since the epoch.
pub(crate) fn trades(range: TimeRange) -> Vec<Trade> {
    let (mut all, mut minute) = (Vec::new(), range.from.ms().div_euclid(MINUTE_MS));
    while minute * MINUTE_MS < range.to.ms() {
        let count = minute % 5;
        for n in 0..count {
            all.push(Trade {
                id: minute / 5 * 10 + count * (count - 1) / 2 + n,
                time: Time::from_ms(minute * MINUTE_MS + n * 13_250),
                nanos: None,
                price: from_mantissa(6_400_000 + (minute * 37 + n * 11) % 900, 2),
                size: from_mantissa(1 + (minute + n) % 70, 3),
                side: if (minute + n) % 3 == 0 { Side::Sell } else { Side::Buy },
                fills: Some(1 + n),
            });
        }
        minute += 1;
    }
    all.retain(|trade| range.contains(trade.time));
    all
}

/// Open interest each five minutes.
pub(crate) fn open_interest(range: TimeRange) -> Vec<OpenInterest> {
    let first = Interval::M5.ceil(range.from).ms() / (5 * MINUTE_MS);
    let last = range.to.ms().div_euclid(5 * MINUTE_MS);
    (first..=last)
        .map(|n| Time::from_ms(n * 5 * MINUTE_MS))
        .filter(|time| *time < range.to)
        .map(|time| OpenInterest { time, amount: from_mantissa(time.ms() / 1_000, 3), value: None })
        .collect()
}

/// Funding each eight hours, some milliseconds late.
pub(crate) fn funding(range: TimeRange) -> Vec<Funding> {
    let first = range.from.ms().div_euclid(8 * HOUR_MS);
    let last = range.to.ms().div_euclid(8 * HOUR_MS);
    (first..=last)
        .map(|n| Time::from_ms(n * 8 * HOUR_MS + 3))
        .filter(|time| range.contains(*time))
        .map(|time| Funding { time, rate: from_mantissa(time.ms() / HOUR_MS % 97 - 50, 7), mark_price: None })
        .collect()
}

/// The candle of a minute; without trades one of no volume.
pub(crate) fn candle(open_time: Time) -> Candle {
    let minute = TimeRange::new(open_time, open_time.plus_ms(MINUTE_MS));
    candle_of(open_time, &trades(minute)).unwrap_or_else(|| {
        let before = trades(TimeRange::new(open_time.plus_ms(-5 * MINUTE_MS), open_time));
        let price = before.last().unwrap().price;
        Candle {
            open_time,
            open: price,
            high: price,
            low: price,
            close: price,
            volume: Decimal::ZERO,
            quote_volume: Some(Decimal::ZERO),
            trade_count: Some(0),
            taker_buy_volume: Some(Decimal::ZERO),
            taker_buy_quote_volume: Some(Decimal::ZERO),
        }
    })
}

/// Its one instrument.
pub(crate) fn instrument() -> Instrument {
    Instrument {
        exchange: ExchangeId::Binance,
        symbol: Symbol::from_stored(SYMBOL.into()),
        native: "BTCUSDT".into(),
        base: "BTC".into(),
        quote: "USDT".into(),
        kind: InstrumentKind::Perpetual { settle: "USDT".into(), contract: Contract::Base(Decimal::ONE) },
        stream_name: None,
        status: InstrumentStatus::Trading,
        price_decimals: 2,
        scales: Scales { price: 2, base: 3, quote: 8 },
    }
}

impl Rows {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, script: Mutex::default() }
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// Ranges that a lane asked for, each page of them counted.
    pub(crate) fn asked(&self, dataset: Dataset, lane: Lane) -> Vec<TimeRange> {
        let asked = self.script().asked.clone();
        asked.into_iter().filter(|one| (one.0, one.1) == (dataset, lane)).map(|one| one.2).collect()
    }

    /// Whether this answer is to be empty.
    fn is_empty(&self) -> bool {
        let mut script = self.script();
        let is_empty = script.empties > 0;
        script.empties = script.empties.saturating_sub(1);
        is_empty
    }

    fn heard(&self, dataset: Dataset, request: &RowsRequest) -> Result<(Time, TimeRange), ExchangeError> {
        let now = self.clock.now();
        let mut script = self.script();
        script.asked.push((dataset, request.lane, request.range, request.cursor.is_none()));
        let reach = script.reach_ms.get(&dataset).copied();
        let server_error = ExchangeError::Server { status: 502, message: "bad gateway".into() };
        if dataset == Dataset::Trades
            && let Some(left) = &mut script.answers
        {
            *left = left.checked_sub(1).ok_or_else(|| server_error.clone())?;
        }
        if reach.is_some_and(|reach| request.range.from < now.plus_ms(-reach)) {
            return Err(ExchangeError::Server { status: 400, message: "out of reach".into() });
        }
        Ok((now, TimeRange::new(request.range.from, request.range.to.min(now))))
    }
}

fn page<T>(path: &str, rows: Vec<T>, now: Time, complete: TimeRange) -> RowsPage<T> {
    RowsPage {
        endpoint: format!("/{path}?from={}", complete.from.iso()),
        asked_at: now,
        received_at: now,
        rows: rows.into_iter().map(Ok).collect(),
        complete,
        next: None,
    }
}

impl Exchange for Rows {
    fn id(&self) -> ExchangeId {
        ExchangeId::Binance
    }

    fn page_limit(&self, dataset: Dataset, _interval: Interval) -> usize {
        match dataset {
            Dataset::Candles => 1_000,
            Dataset::Trades => 60,
            Dataset::Funding | Dataset::OpenInterest => 100,
        }
    }

    fn page_weight(&self, _instrument: &Instrument, _dataset: Dataset, _interval: Interval) -> u32 {
        1
    }

    fn trades_request(&self) -> TradesRequest {
        TradesRequest { rows: 1_000, weight: 4 }
    }

    fn service(&self, instrument: &Instrument, dataset: Dataset, _interval: Interval) -> Result<Service, String> {
        if instrument.native != "BTCUSDT" {
            return Err(format!("no {dataset} of {}", instrument.symbol));
        }
        Ok(Service { reach_ms: self.script().reach_ms.get(&dataset).copied(), streams: false })
    }

    fn instruments(&self) -> BoxFuture<'_, Result<Vec<Instrument>, ExchangeError>> {
        let ether = Instrument {
            symbol: Symbol::spot("ETH", "USDT"),
            native: "ETHUSDT".into(),
            base: "ETH".into(),
            kind: InstrumentKind::Spot,
            ..instrument()
        };
        Box::pin(async move { Ok(vec![instrument(), ether]) })
    }

    fn candles(&self, request: CandleRequest) -> BoxFuture<'_, Result<CandlePage, ExchangeError>> {
        Box::pin(async move {
            let now = self.clock.now();
            let opens = (0..request.interval.count(request.range)).map(|n| request.range.from.plus_ms(n * MINUTE_MS));
            Ok(CandlePage {
                endpoint: "/candles".into(),
                asked_at: now,
                received_at: now,
                rows: opens.filter(|open| open.plus_ms(MINUTE_MS) <= now).map(|open| Ok(candle(open))).collect(),
                source: Source::Rest,
                quiet: Vec::new(),
            })
        })
    }

    fn edge_candle(
        &self,
        _instrument: Arc<Instrument>,
        interval: Interval,
        _edge: Edge,
    ) -> BoxFuture<'_, Result<CandlePage, ExchangeError>> {
        Box::pin(async move {
            let now = self.clock.now();
            let rows = vec![Ok(candle(interval.floor(now.plus_ms(-30 * 24 * HOUR_MS))))];
            let endpoint = "/edge".into();
            Ok(CandlePage { endpoint, asked_at: now, received_at: now, rows, source: Source::Rest, quiet: Vec::new() })
        })
    }

    fn trades(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Trade>, ExchangeError>> {
        Box::pin(async move {
            let (now, range) = self.heard(Dataset::Trades, &request)?;
            if self.is_empty() {
                return Ok(page("trades", Vec::new(), now, range));
            }
            let first: i64 = request.cursor.as_ref().map_or(0, |cursor| cursor.0.parse().unwrap());
            let left: Vec<Trade> = trades(range).into_iter().filter(|trade| trade.id >= first).collect();
            let from = if request.cursor.is_some() { left[0].time } else { range.from };
            let next = left.get(PAGE).copied();
            let complete = TimeRange::new(from, next.map_or(range.to, |next| next.time));
            let mut page = page("trades", left.into_iter().take(PAGE).collect(), now, complete);
            page.next = next.map(|next| Cursor(next.id.to_string()));
            let bad = self.script().bad.clone();
            for row in &mut page.rows {
                if let Some(trade) = row.as_ref().ok().filter(|trade| bad.contains(&trade.id)) {
                    *row = Err(BadRow { time: Some(trade.time), reason: "no price".into(), payload: "{}".into() });
                }
            }
            Ok(page)
        })
    }

    fn funding(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Funding>, ExchangeError>> {
        Box::pin(async move {
            let (now, range) = self.heard(Dataset::Funding, &request)?;
            let rows = if self.is_empty() { Vec::new() } else { funding(range) };
            Ok(page("funding", rows, now, range))
        })
    }

    fn open_interest(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<OpenInterest>, ExchangeError>> {
        Box::pin(async move {
            let (now, range) = self.heard(Dataset::OpenInterest, &request)?;
            let script = self.script();
            let rows = open_interest(range)
                .into_iter()
                .filter(|row| !script.withheld.contains(&row.time))
                .map(|row| OpenInterest { amount: script.revised.get(&row.time).copied().unwrap_or(row.amount), ..row })
                .collect();
            Ok(page("open-interest", rows, now, range))
        })
    }

    fn funding_forecast(&self, _instrument: Arc<Instrument>) -> BoxFuture<'_, Result<FundingForecast, ExchangeError>> {
        let next_at = self.clock.now().floor_to(8 * HOUR_MS).plus_ms(8 * HOUR_MS);
        let (rate, interval_ms) = (from_mantissa(1, 4), Some(8 * HOUR_MS));
        Box::pin(async move { Ok(FundingForecast { rate, next_at, interval_ms, mark_price: None }) })
    }

    fn tickers(&self, _instruments: Vec<Arc<Instrument>>) -> BoxFuture<'_, Result<Vec<Ticker>, ExchangeError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn sync_clock(&self) -> BoxFuture<'_, Result<Time, ExchangeError>> {
        let now = self.clock.now();
        Box::pin(async move { Ok(now) })
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn health(&self) -> Health {
        in_memory(ExchangeId::Binance, 0)
    }

    fn restore_block(&self, _block: Block) {}
}
