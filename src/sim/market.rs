//! One market of the simulated exchange.

mod perpetual;
mod rows;
mod trades;

pub use self::perpetual::{SimFunding, SimOpenInterest};
use self::rows::{Generated, recorded_rows};
use self::trades::TradeCounts;
pub use self::trades::TradeCursor;
use super::generator::{Character, Life, Walk};
use super::interval::KlineInterval;
use super::noise::key_of;
use super::recorded::{self, RecordedError};
use super::row::{DECIMALS, ONE, Row};
use super::venue::{Perpetual, Venue};
use crate::domain::candle::Candle;
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A market: its entry in the exchange's list, and its candles.
#[derive(Debug, Clone)]
pub struct Market {
    pub(super) base: String,
    pub(super) quote: String,
    pub(super) native: String,
    pub(super) venue: Venue,
    pub(super) perpetual: Option<Perpetual>,
    pub(super) price_decimals: u32,
    pub(super) lot_decimals: u32,
    pub(super) halt: Option<Halt>,
    listed_at: Time,
    outages: Vec<TimeRange>,
    candles: Candles,
}

/// The end of trading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Halt {
    pub(super) at: Time,
    /// `BREAK` (delisted) or `HALT` (paused).
    pub(super) status: &'static str,
}

#[derive(Debug, Clone)]
enum Candles {
    Generated { life: Life, character: Character, days: Arc<Mutex<HashMap<i64, Option<Row>>>>, counts: Arc<TradeCounts> },
    Recorded { interval: KlineInterval, rows: Arc<Vec<Row>> },
}

/// Which candles are asked for, by the exchange's rule: from `start` on, or else the newest; both
/// bounds are inclusive and mean open times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) start: Option<Time>,
    pub(super) end: Option<Time>,
    pub(super) limit: usize,
}

impl Window {
    /// The times that it is about, for candles of this width.
    pub(super) fn asked(self, interval: KlineInterval, now: Time) -> TimeRange {
        let span = interval.longest_ms().saturating_mul(i64::try_from(self.limit).unwrap_or(i64::MAX));
        let end = self.end.unwrap_or(Time::from_ms(i64::MAX)).min(now).plus_ms(1);
        match self.start {
            Some(start) => TimeRange::new(start, end.min(start.plus_ms(span))),
            None => TimeRange::new(end.plus_ms(-span), end),
        }
    }
}

impl Market {
    /// A market whose candles are a function of seed, symbol and minute.
    pub fn generated(seed: u64, base: &str, quote: &str, listed_at: Time, character: Character) -> Self {
        Self {
            candles: Candles::Generated {
                life: Life::new(seed, base, quote),
                character,
                days: Arc::default(),
                counts: Arc::default(),
            },
            ..Self::named(base, quote, character.price_decimals, character.lot_decimals, listed_at)
        }
    }

    /// A market that serves the rows of a CSV file as they were recorded, at their own open and close
    /// times; wider intervals are folded from them, others are empty.
    ///
    /// The file is plain or `.gz`, with a header (`open_time_ms,open,high,low,close,volume` and up to five
    /// more, or the longer names that start with `date`) or headerless in the exchange's own columns.
    /// Columns that it does not have are served as zero, since the format knows no "unknown"; numbers of
    /// more than eight decimals are refused, since the exchange has none.
    pub fn recorded(base: &str, quote: &str, interval: Interval, path: &Path) -> Result<Self, RecordedError> {
        let interval = KlineInterval::from(interval);
        let rows = recorded::read(path, interval)?;
        let prices = rows.iter().flat_map(|row| [row.open, row.high, row.low, row.close]);
        let price_decimals = prices.map(|price| decimals(price.into())).max().unwrap_or(DECIMALS);
        let lot_decimals = rows.iter().map(|row| decimals(row.volume)).max().unwrap_or(DECIMALS);
        let listed_at = rows.first().map_or(Time::EPOCH, |row| Time::from_ms(row.open_time));
        Ok(Self {
            candles: Candles::Recorded { interval, rows: Arc::new(rows) },
            ..Self::named(base, quote, price_decimals, lot_decimals, listed_at)
        })
    }

    fn named(base: &str, quote: &str, price_decimals: u32, lot_decimals: u32, listed_at: Time) -> Self {
        Self {
            base: base.to_owned(),
            quote: quote.to_owned(),
            native: Venue::Binance.native(base, quote, false),
            venue: Venue::Binance,
            perpetual: None,
            price_decimals,
            lot_decimals,
            halt: None,
            listed_at,
            outages: Vec::new(),
            candles: Candles::Recorded { interval: KlineInterval::ALL[0], rows: Arc::default() },
        }
    }

    /// The same market, delisted at `at`: it stays in the list with status `BREAK`.
    #[must_use]
    pub fn delisted_at(self, at: Time) -> Self {
        Self { halt: Some(Halt { at, status: "BREAK" }), ..self }.afresh()
    }

    /// The same market, paused at `at` with status `HALT`.
    #[must_use]
    pub fn halted_at(self, at: Time) -> Self {
        Self { halt: Some(Halt { at, status: "HALT" }), ..self }.afresh()
    }

    /// The same market without any candle in `range` (generated markets only).
    #[must_use]
    pub fn with_outage(mut self, range: TimeRange) -> Self {
        self.outages.push(range);
        self.outages.sort();
        self.afresh()
    }

    /// The same market on another exchange, under its name there: the price goes the same ways, the
    /// trades are others.
    #[must_use]
    pub fn on(mut self, venue: Venue) -> Self {
        self.venue = venue;
        self.renamed()
    }

    /// The same market as a perpetual future. Sizes stay in the base asset.
    #[must_use]
    pub fn perpetual(mut self, terms: Perpetual) -> Self {
        self.perpetual = Some(terms);
        self.renamed()
    }

    fn renamed(mut self) -> Self {
        self.native = self.venue.native(&self.base, &self.quote, self.perpetual.is_some());
        if let Candles::Generated { life, .. } = &mut self.candles {
            life.trades = key_of(life.price, &format!("{:?} {}", self.venue, self.native));
        }
        self.afresh()
    }

    /// Where it trades.
    pub fn venue(&self) -> Venue {
        self.venue
    }

    /// Its terms, where it is a perpetual future.
    pub fn terms(&self) -> Option<Perpetual> {
        self.perpetual
    }

    /// Without the days that another variant of this market may have remembered.
    fn afresh(mut self) -> Self {
        if let Candles::Generated { days, counts, .. } = &mut self.candles {
            (*days, *counts) = (Arc::default(), Arc::default());
        }
        self
    }

    /// The exchange's spelling: `BTCUSDT`, `BTC-USDT-SWAP`, `XXBTZUSD`.
    pub fn native(&self) -> &str {
        &self.native
    }

    /// `BTC/USDT`.
    pub fn symbol(&self) -> String {
        format!("{}/{}", self.base, self.quote)
    }

    /// When trading began.
    pub fn listed_at(&self) -> Time {
        self.listed_at
    }

    /// When its last recorded candle ended, for a market from a file.
    pub fn recorded_until(&self) -> Option<Time> {
        match &self.candles {
            Candles::Recorded { rows, .. } => rows.iter().map(|row| Time::from_ms(row.close_time + 1)).max(),
            Candles::Generated { .. } => None,
        }
    }

    /// The whole candle that opens at `open_time`, whatever the exchange's clock says: what a client
    /// must end up with. `None` before the listing, after the end, in an outage, off the grid.
    pub fn candle(&self, interval: Interval, open_time: Time) -> Option<Candle> {
        let window = Window { start: Some(open_time), end: Some(open_time), limit: 1 };
        self.rows(interval.into(), window, Time::from_ms(FOREVER)).first().and_then(Row::candle)
    }

    /// Every candle whose open time lies in `range`, whole.
    pub fn candles(&self, interval: Interval, range: TimeRange) -> Vec<Candle> {
        let window = Window { start: Some(range.from), end: Some(range.to.plus_ms(-1)), limit: usize::MAX };
        self.rows(interval.into(), window, Time::from_ms(FOREVER)).iter().filter_map(Row::candle).collect()
    }

    /// The exchange's answer at `now`: the last row may still be forming.
    pub(super) fn rows(&self, interval: KlineInterval, window: Window, now: Time) -> Vec<Row> {
        match &self.candles {
            Candles::Generated { life, character, days, .. } => {
                Generated { market: self, walk: Walk::new(*life, *character), days, now }.rows(interval, window)
            }
            Candles::Recorded { interval: native, rows } => {
                recorded_rows(rows, *native, interval, window, self.last_instant(now), now)
            }
        }
    }

    /// `TRADING`, or the status it ended with.
    pub(super) fn status(&self, now: Time) -> &'static str {
        self.halt.filter(|halt| halt.at <= now).map_or("TRADING", |halt| halt.status)
    }

    /// Whether the exchange knows it yet.
    pub(super) fn is_listed(&self, now: Time) -> bool {
        self.listed_at <= now
    }

    /// The narrowest width that it has candles of.
    pub(super) fn finest(&self) -> KlineInterval {
        match self.candles {
            Candles::Generated { .. } => KlineInterval::ALL[0],
            Candles::Recorded { interval, .. } => interval,
        }
    }

    /// One price tick in 10^-8.
    pub(super) fn tick(&self) -> i64 {
        ONE / 10_i64.pow(self.price_decimals)
    }

    /// One lot in 10^-8.
    pub(super) fn lot(&self) -> i64 {
        ONE / 10_i64.pow(self.lot_decimals)
    }

    /// The last millisecond that can lie in a candle at `now`.
    fn last_instant(&self, now: Time) -> Time {
        self.halt.map_or(now, |halt| now.min(halt.at.plus_ms(-1)))
    }

    /// Whether any minute in `[from, to)` has a candle, outages taken out.
    fn trades_in(&self, from: Time, to: Time) -> bool {
        let mut at = from.max(self.listed_at);
        for outage in &self.outages {
            if outage.contains(at) {
                at = outage.to;
            }
        }
        at < to
    }
}

/// Decimals that a count of 10^-8 needs.
fn decimals(value: i128) -> u32 {
    (0..DECIMALS).find(|decimals| value % 10_i128.pow(DECIMALS - decimals) == 0).unwrap_or(DECIMALS)
}

/// Later than any clock; far enough from the ends of an `i64` to add a month.
const FOREVER: i64 = i64::MAX / 4;
