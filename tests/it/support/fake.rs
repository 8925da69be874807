//! An exchange in memory: the demonstration's markets, and whatever a test does to them.

use marketdata_tui::domain::candle::{Candle, Source};
use marketdata_tui::domain::dataset::Dataset;
use marketdata_tui::domain::instrument::{Contract, ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::price::Decimal;
use marketdata_tui::domain::ticker::Ticker;
use marketdata_tui::domain::time::Time;
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::exchange::error::ExchangeError;
use marketdata_tui::exchange::health::{Block, Circuit, Health};
use marketdata_tui::exchange::port::{BoxFuture, CandlePage, CandleRequest, Edge, Exchange, Lane, Service, TradesRequest};
use marketdata_tui::sim::{Market, markets};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// One request for candles.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) at: Time,
    pub(crate) request: CandleRequest,
}

/// What a test does to the exchange.
#[derive(Default)]
pub(crate) struct Script {
    /// Symbols whose candles fail, and how.
    pub(crate) failing: BTreeMap<String, ExchangeError>,
    /// Candles that do not come.
    pub(crate) withheld: BTreeSet<Time>,
    /// Candles that are not what they were.
    pub(crate) revised: BTreeMap<Time, Candle>,
    /// Symbols that do not trade.
    pub(crate) status: BTreeMap<String, InstrumentStatus>,
    /// Symbols that the list leaves out.
    pub(crate) unlisted: BTreeSet<String>,
    /// What the list calls a base asset instead.
    pub(crate) renamed: BTreeMap<String, String>,
    /// What a contract stands for; other symbols are spot markets.
    pub(crate) contracts: BTreeMap<String, Decimal>,
    /// What the next questions for an edge are answered with instead of the truth.
    pub(crate) edges: VecDeque<Time>,
    /// Whether the list of markets is empty.
    pub(crate) lists_nothing: bool,
    /// Whether a look at the list of markets panics.
    pub(crate) list_panics: bool,
    /// How many of the next requests for candles panic.
    pub(crate) panics: u32,
    /// How far ahead of the truth a look at its clock is in milliseconds, and until when.
    pub(crate) clock_ahead: Option<(i64, Time)>,
    /// Whether pages hold the candle that forms as well.
    pub(crate) forms: bool,
    /// What the newest look told of that.
    pub(crate) believed_ahead: i64,
    /// How long a look at its clock takes.
    pub(crate) clock_takes: Duration,
    /// How long each page of candles takes.
    pub(crate) takes: Duration,
    pub(crate) asked: Vec<Asked>,
    /// What was traded of each symbol within 24 h; others have no ticker.
    pub(crate) traded: BTreeMap<String, Decimal>,
    /// Whose tickers were asked for, by request.
    pub(crate) priced: Vec<Vec<String>>,
}

/// The exchange.
pub(crate) struct Fake {
    id: ExchangeId,
    clock: Clock,
    markets: Vec<Market>,
    script: Mutex<Script>,
}

impl Fake {
    pub(crate) fn on(id: ExchangeId, clock: Clock) -> Self {
        Self { id, clock, markets: markets::demo(1), script: Mutex::default() }
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    pub(crate) fn market(&self, native: &str) -> &Market {
        self.markets.iter().find(|market| market.native() == native).unwrap()
    }

    /// Requests of a lane: when, and for which range.
    pub(crate) fn asked(&self, native: &str, lane: Lane) -> Vec<Asked> {
        let script = self.script();
        script
            .asked
            .iter()
            .filter(|asked| asked.request.instrument.native == native && asked.request.lane == lane)
            .cloned()
            .collect()
    }

    fn page(&self, request: &CandleRequest) -> CandlePage {
        let now = self.clock.now();
        let script = self.script();
        let rows = self
            .market(&request.instrument.native)
            .candles(request.interval, request.range)
            .into_iter()
            .filter(|candle| candle.open_time.plus_ms(if script.forms { 0 } else { request.interval.ms() }) <= now)
            .filter(|candle| !script.withheld.contains(&candle.open_time))
            .map(|candle| Ok(script.revised.get(&candle.open_time).copied().unwrap_or(candle)))
            .take(1_000)
            .collect();
        CandlePage {
            endpoint: format!("/candles?from={}", request.range.from.iso()),
            asked_at: now,
            received_at: now,
            rows,
            source: Source::Rest,
            quiet: Vec::new(),
        }
    }
}

impl Exchange for Fake {
    fn id(&self) -> ExchangeId {
        self.id
    }

    fn page_limit(&self, _dataset: Dataset, _interval: Interval) -> usize {
        1_000
    }

    fn page_weight(&self, _instrument: &Instrument, _dataset: Dataset, _interval: Interval) -> u32 {
        1
    }

    fn trades_request(&self) -> TradesRequest {
        TradesRequest { rows: 1_000, weight: 4 }
    }

    fn service(&self, _instrument: &Instrument, dataset: Dataset, _interval: Interval) -> Result<Service, String> {
        match dataset {
            Dataset::Candles => Ok(Service { reach_ms: None, streams: false }),
            other => Err(format!("no {other} in memory")),
        }
    }

    fn instruments(&self) -> BoxFuture<'_, Result<Vec<Instrument>, ExchangeError>> {
        if self.script().list_panics {
            return Box::pin(async { panic!("on purpose") });
        }
        let script = self.script();
        let instrument = |market: &Market| {
            let symbol = market.symbol();
            let (base, quote) = symbol.split_once('/').unwrap();
            let base = script.renamed.get(base).map_or(base, String::as_str);
            let (symbol, kind) = match script.contracts.get(market.native()) {
                None => (Symbol::spot(base, quote), InstrumentKind::Spot),
                Some(size) => {
                    let kind = InstrumentKind::Perpetual { settle: quote.to_owned(), contract: Contract::Base(*size) };
                    (Symbol::perpetual(base, quote, quote), kind)
                }
            };
            Instrument {
                exchange: self.id,
                symbol,
                native: market.native().to_owned(),
                base: base.to_owned(),
                quote: quote.to_owned(),
                kind,
                stream_name: None,
                status: script.status.get(market.native()).copied().unwrap_or(InstrumentStatus::Trading),
                price_decimals: 2,
                scales: Scales { price: 8, base: 8, quote: 8 },
            }
        };
        let is_listed = |market: &&Market| !script.lists_nothing && !script.unlisted.contains(market.native());
        let list = self.markets.iter().filter(is_listed).map(instrument).collect();
        Box::pin(async move { Ok(list) })
    }

    fn candles(&self, request: CandleRequest) -> BoxFuture<'_, Result<CandlePage, ExchangeError>> {
        Box::pin(async move {
            let (takes, panics) = {
                let mut script = self.script();
                script.asked.push(Asked { at: self.clock.now(), request: request.clone() });
                let panics = script.panics > 0;
                script.panics = script.panics.saturating_sub(1);
                (script.takes, panics)
            };
            assert!(!panics, "on purpose");
            if !takes.is_zero() {
                tokio::time::sleep(takes).await;
            }
            let failure = self.script().failing.get(&request.instrument.native).cloned();
            failure.map_or_else(|| Ok(self.page(&request)), Err)
        })
    }

    fn edge_candle(
        &self,
        instrument: Arc<Instrument>,
        interval: Interval,
        edge: Edge,
    ) -> BoxFuture<'_, Result<CandlePage, ExchangeError>> {
        Box::pin(async move {
            let now = self.clock.now();
            let market = self.market(&instrument.native);
            let told = self.script().edges.pop_front();
            let open = told.unwrap_or_else(|| match edge {
                Edge::First => interval.floor(market.listed_at()),
                Edge::Newest => interval.floor(now),
            });
            let rows = market.candle(interval, open).into_iter().map(Ok).collect();
            Ok(CandlePage {
                endpoint: format!("/edge?{}", instrument.native),
                asked_at: now,
                received_at: now,
                rows,
                source: Source::Rest,
                quiet: Vec::new(),
            })
        })
    }

    fn tickers(&self, instruments: Vec<Arc<Instrument>>) -> BoxFuture<'_, Result<Vec<Ticker>, ExchangeError>> {
        let mut script = self.script();
        let natives: Vec<String> = instruments.iter().map(|instrument| instrument.native.clone()).collect();
        let one = Decimal::ONE;
        let ticker = |native: &String| {
            let quote_volume_24h = *script.traded.get(native)?;
            let (native, at) = (native.clone(), self.clock.now());
            let (open_24h, quote_volume_24h) = (Some(one), Some(quote_volume_24h));
            Some(Ticker {
                native,
                last: one,
                open_24h,
                high_24h: one,
                low_24h: one,
                volume_24h: one,
                quote_volume_24h,
                mean_24h: None,
                trades_24h: None,
                at,
            })
        };
        let tickers = natives.iter().filter_map(ticker).collect();
        script.priced.push(natives);
        Box::pin(async move { Ok(tickers) })
    }

    fn sync_clock(&self) -> BoxFuture<'_, Result<Time, ExchangeError>> {
        Box::pin(async move {
            let takes = self.script().clock_takes;
            if !takes.is_zero() {
                tokio::time::sleep(takes).await;
            }
            let mut script = self.script();
            let now = self.clock.now();
            script.believed_ahead = script.clock_ahead.filter(|(_, until)| now < *until).map_or(0, |(ms, _)| ms);
            drop(script);
            Ok(self.now())
        })
    }

    fn now(&self) -> Time {
        self.clock.now().plus_ms(self.script().believed_ahead)
    }

    fn health(&self) -> Health {
        let (requests, ahead) = {
            let script = self.script();
            (script.asked.len() as u64, script.believed_ahead)
        };
        Health { clock_offset_ms: Some(ahead), ..in_memory(self.id, requests) }
    }

    fn restore_block(&self, _block: Block) {}
}

/// The health of an exchange that always serves.
pub(crate) fn in_memory(exchange: ExchangeId, requests: u64) -> Health {
    Health {
        exchange,
        host: "memory".into(),
        fallback: false,
        circuit: Circuit::Closed,
        block: None,
        budget_used: 0,
        budget_limit: 6_000,
        requests,
        in_flight: 0,
        latency_p50_ms: None,
        latency_p95_ms: None,
        errors: Vec::new(),
        last_ok_at: None,
        last_error: None,
        clock_offset_ms: Some(0),
    }
}
