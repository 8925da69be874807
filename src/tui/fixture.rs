//! A recorder made by hand, for the tests of the screens.

mod coverage;
mod market;

pub(crate) use market::market;

use super::action::Action;
use super::chord::Chord;
use super::effect::Effect;
use super::keymap::Keymap;
use super::pointer::{Gesture, Pointer};
use super::state::State;
use super::theme::{Colors, Look, Themes};
use super::update::{press, update};
use crate::domain::alert::{Alert, AlertId, Condition, Firing, Way};
use crate::domain::candle::{Candle, Source};
use crate::domain::dataset::Dataset;
use crate::domain::gap::{Gap, GapReason};
use crate::domain::instrument::{ExchangeId, Symbol};
use crate::domain::interval::Interval;
use crate::domain::price::{from_mantissa, parse_decimal};
use crate::domain::range::TimeRange;
use crate::domain::series::{JobId, SeriesId};
use crate::domain::ticker::Ticker;
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use crate::engine::query::{
    ChartData, InstrumentHit, LogFilter, LogPage, MAX_CHART_CANDLES, Provenance, Query, Reply, Revised, TradesCost,
};
use crate::engine::snapshot::{
    AlertView, AlertsView, AwayCause, AwayReport, AwaySeries, Circuit, CoverageView, Health, HeartbeatView, IngestView, JobState,
    JobView, LogEntry, LogLevel, Mode, SeriesState, SeriesView, Snapshot, StreamMood, StreamView,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::sync::Arc;

/// 2026-01-15 12:34:56 UTC.
pub(crate) const NOW: Time = Time::from_ms(1_768_480_496_000);

/// A recorder without symbols.
pub(crate) fn empty() -> Snapshot {
    Snapshot {
        at: NOW,
        mode: Mode::Recorder,
        simulated: false,
        store: "marketdata.sqlite".into(),
        exchanges: vec![health()],
        series: Vec::new(),
        jobs: Vec::new(),
        ingest: IngestView::default(),
        heartbeat: HeartbeatView::default(),
        log: Arc::from([]),
        alerts: Arc::default(),
        away: None,
        first_run: false,
        streams: vec![StreamView {
            exchange: ExchangeId::Binance,
            mood: StreamMood::Live,
            since: Some(NOW.plus_ms(-MINUTE_MS)),
            sockets: 1,
            subscriptions: 8,
            frames_per_second: 12.0,
            lag_ms: Some((90, 240)),
        }],
    }
}

/// A recorder of four symbols, two of them being fetched.
pub(crate) fn busy() -> Snapshot {
    let jobs = vec![
        job(1, "ETH/USDT", JobState::Running, (40_320, 56_000), None),
        job(2, "PEPE/USDT", JobState::Paused, (1_000, 129_600), None),
        job(3, "SOL/USDT", JobState::Failed, (0, 1_440), Some("the exchange does not know SOLUSDT")),
        job(4, "BTC/USDT", JobState::Done, (43_200, 43_200), None),
    ];
    Snapshot {
        series: vec![
            series(1, "BTC/USDT", 2, "64080.1", "63295.23", 0),
            SeriesView { state: SeriesState::Backfilling, ..series(2, "ETH/USDT", 2, "3120.55", "3130.25", 15_680) },
            series(3, "PEPE/USDT", 8, "0.00000734", "0.00000705", 0),
            SeriesView {
                state: SeriesState::Waiting("the exchange does not answer".into()),
                last_candle_end: Some(Interval::M1.floor(NOW).plus_ms(-9 * MINUTE_MS)),
                ..series(4, "币安人生/USDT", 4, "0.1234", "0.1234", 9)
            },
        ],
        jobs,
        ingest: IngestView {
            rate: 41_250.0,
            candles: 1_204_331,
            rejected: 0,
            queue: 2,
            backlog: 129,
            last_write_at: Some(NOW.plus_ms(-400)),
            store_bytes: 181_000_000,
            readers: (1, 4),
        },
        heartbeat: HeartbeatView {
            started_at: Some(NOW.plus_ms(-HOUR_MS)),
            beats: 60,
            failed: 1,
            last_at: Some(NOW.plus_ms(-51_000)),
            lag_ms: Some(182),
        },
        log: log(40),
        ..empty()
    }
}

fn health() -> Health {
    Health {
        exchange: ExchangeId::Binance,
        host: "api.binance.com".into(),
        fallback: false,
        circuit: Circuit::Closed,
        block: None,
        budget_used: 720,
        budget_limit: 6_000,
        requests: 512,
        in_flight: 1,
        latency_p50_ms: Some(83),
        latency_p95_ms: Some(210),
        errors: Vec::new(),
        last_ok_at: Some(NOW.plus_ms(-400)),
        last_error: None,
        clock_offset_ms: Some(-12),
    }
}

fn series(id: i64, symbol: &str, decimals: u32, last: &str, open: &str, queued: u64) -> SeriesView {
    let [last, open_24h] = [last, open].map(|text| parse_decimal(text).unwrap());
    let ticker = Ticker {
        native: symbol.replace('/', ""),
        last,
        open_24h: Some(open_24h),
        high_24h: last.max(open_24h),
        low_24h: last.min(open_24h),
        volume_24h: from_mantissa(1_524, 1),
        quote_volume_24h: Some(from_mantissa(9_765_807, 0)),
        mean_24h: None,
        trades_24h: None,
        at: NOW,
    };
    let to = Interval::M1.floor(NOW);
    let spark: Vec<Option<f64>> = (0..120)
        .map(|n| (!(70..78).contains(&n)).then(|| (f64::from(n) / (6.0 + id as f64)).sin() + f64::from(n) / 60.0))
        .collect();
    SeriesView {
        id: SeriesId(id),
        exchange: ExchangeId::Binance,
        symbol: Symbol::from_stored(symbol.into()),
        dataset: Dataset::Candles,
        interval: Interval::M1,
        price_decimals: decimals,
        state: SeriesState::Live,
        ticker: Some((ticker, NOW.plus_ms(-400))),
        forming: None,
        forming_at: None,
        spark: spark.into(),
        last_candle_end: Some(to),
        wanted: TimeRange::new(to.plus_ms(-30 * DAY_MS), to),
        coverage: CoverageView { wanted: 43_200, stored: 43_200 - queued, explained: 0, queued, gaps: u32::from(queued > 0) },
        lost_at: None,
        forecast: None,
        day_of_trades: None,
        revision: 1,
    }
}

fn job(id: i64, symbol: &str, state: JobState, (done, total): (u64, u64), note: Option<&str>) -> JobView {
    let to = Interval::M1.floor(NOW);
    let running = state == JobState::Running;
    JobView {
        exchange: ExchangeId::Binance,
        id: JobId(id),
        series: SeriesId(id),
        symbol: Symbol::from_stored(symbol.into()),
        dataset: Dataset::Candles,
        interval: Interval::M1,
        range: TimeRange::new(to.plus_ms(-(total as i64) * MINUTE_MS), to),
        state,
        note: note.map(ToOwned::to_owned),
        total,
        done,
        explained: if state.is_finished() { done / 3_600 } else { 0 },
        rate: if running { 41_250.0 } else { 0.0 },
        eta_ms: running.then_some(12_000),
        created_at: NOW.plus_ms(-MINUTE_MS),
        finished_at: state.is_finished().then_some(NOW),
    }
}

/// The newest `lines` lines of a log.
pub(crate) fn log(lines: i64) -> Arc<[LogEntry]> {
    (0..lines).map(|n| log_entry(n, lines)).collect()
}

/// The n-th of `lines` lines; the last one's id is 999, and there are older ones too.
fn log_entry(n: i64, lines: i64) -> LogEntry {
    let (level, component, series, message) = match n.rem_euclid(8) {
        3 => (LogLevel::Warn, "gaps", Some("ETH/USDT 1m"), "3 minutes lacking in one answer: asked again"),
        6 => (LogLevel::Error, "exchange", None, "api.binance.com did not answer within 10s (connect)"),
        _ => (LogLevel::Info, "heartbeat", None, "3 of 3 series, 182 ms"),
    };
    LogEntry {
        id: 1_000 + n - lines,
        at: NOW.plus_ms((n - lines) * 7_000),
        level,
        component: component.into(),
        series: series.map(ToOwned::to_owned),
        message: message.into(),
    }
}

/// Two alerts that fired and one that is off.
pub(crate) fn watched() -> Snapshot {
    let decimal = |text: &str| parse_decimal(text).unwrap();
    let alert = |id: i64, series: (i64, &str), condition: Condition| AlertView {
        alert: Alert { id: AlertId(id), series: SeriesId(series.0), condition, active: id != 3 },
        series: format!("{} 1m", series.1),
    };
    let firing = |id: i64, alert: i64, value: &str| Firing {
        id,
        alert: AlertId(alert),
        at: NOW.plus_ms((id - 4) * 20 * MINUTE_MS),
        value: value.into(),
    };
    let alerts = AlertsView {
        alerts: vec![
            alert(1, (1, "BTC/USDT"), Condition::Crosses { level: decimal("64000"), way: Way::Up }),
            alert(2, (4, "币安人生/USDT"), Condition::GapFound),
            alert(3, (2, "ETH/USDT"), Condition::Moves { percent: decimal("2.5"), window_ms: HOUR_MS }),
            alert(4, (3, "PEPE/USDT"), Condition::Silent { for_ms: 5 * MINUTE_MS }),
        ],
        firings: vec![
            firing(3, 1, "64010.5"),
            firing(2, 2, "2026-01-15T11:50:00Z to 2026-01-15T11:53:00Z"),
            firing(1, 1, "64000.01"),
        ],
    };
    Snapshot { alerts: Arc::new(alerts), ..busy() }
}

/// A recorder that comes back after a night; `done` of ten parts are mended.
pub(crate) fn returned(cause: AwayCause, done: u64) -> Snapshot {
    let series = busy()
        .series
        .iter()
        .map(|series| {
            let (missed, lost) = (590, if series.id.0 == 4 { 2 } else { 0 });
            let mended = missed * done / 10 - if done == 10 { lost } else { 0 };
            let lost = if done == 10 { lost } else { 0 };
            AwaySeries {
                id: series.id,
                name: series.name(),
                missed,
                mended,
                mendable: missed - mended - lost,
                lost,
                mendable_until: None,
            }
        })
        .collect();
    let range = TimeRange::new(NOW.plus_ms(-10 * HOUR_MS), NOW.plus_ms(-9 * MINUTE_MS));
    Snapshot { away: Some(Arc::new(AwayReport { cause, range, series })), ..busy() }
}

/// What a store would answer.
pub(crate) fn answer(query: &Query) -> Reply {
    match query {
        Query::Chart { series, interval, range } => Reply::Chart(chart(*series, *interval, *range)),
        Query::Coverage { range, cell } => Reply::Coverage(coverage::map(*range, *cell)),
        Query::Gaps { series, range } => Reply::Gaps(coverage::gaps(*series, *range)),
        Query::Log { before, limit, filter } => Reply::Log(older(*before, *limit, filter)),
        Query::Tape { series, limit } => Reply::Tape(market::tape(*series, *limit)),
        Query::Funding { series, .. } => Reply::Funding(market::funding(*series)),
        Query::OpenInterest { series, .. } => Reply::OpenInterest(market::interest(*series)),
        Query::Remembered { .. } => Reply::Remembered(None),
        Query::InstrumentCount => Reply::InstrumentCount(6),
        Query::Candle { range, .. } => Reply::Candle(Some(provenance(*range))),
        Query::Instruments { needle, limit } => {
            let needle = needle.to_uppercase();
            let known = ["BTC/USDT", "BTC/EUR", "WBTC/BTC", "ETH/USDT", "ETH/BTC", "PEPE/USDT"];
            let hits = known.into_iter().filter(|symbol| symbol.contains(&needle)).take(*limit);
            Reply::Instruments(
                hits.map(|symbol| InstrumentHit {
                    symbol: symbol.into(),
                    exchange: "binance",
                    status: "trading",
                    recorded: symbol == "BTC/USDT",
                    quote: symbol.split_once('/').unwrap().1.into(),
                    volume_24h: Some(from_mantissa(1_234_567_890 / symbol.len() as i64, 2)),
                    day_of_trades: Some(TradesCost { requests: 1_200, weight: 4_800, reach_ms: None }),
                })
                .collect(),
            )
        }
    }
}

/// The log has 500 lines in all.
fn older(before: Option<i64>, limit: usize, filter: &LogFilter) -> LogPage {
    let end = before.unwrap_or(1_000).min(1_000);
    let mut entries: Vec<LogEntry> =
        (500..end).map(|id| log_entry(id - 960, 40)).filter(|entry| filter.admits(entry)).rev().take(limit).collect();
    entries.reverse();
    let is_first = entries.len() < limit;
    LogPage { entries, is_first }
}

fn provenance(range: TimeRange) -> Provenance {
    let fetched_at = range.to.plus_ms(5_183);
    Provenance {
        candles: Interval::M1.count(range).unsigned_abs(),
        source: Some(Source::Rest),
        fetched_at: (fetched_at, fetched_at),
        revisions: vec![Revised {
            open_time: range.from,
            found_at: fetched_at.plus_ms(MINUTE_MS),
            field: "volume".into(),
            old: Some("44.1".into()),
            new: Some("44.87".into()),
        }],
    }
}

/// A walk of prices over `range` up to the present, with an outage and a part that is not fetched.
fn chart(series: SeriesId, interval: Interval, range: TimeRange) -> ChartData {
    let to = Interval::M1.floor(NOW);
    let first = to.plus_ms(-30 * DAY_MS);
    let outage = TimeRange::new(to.plus_ms(-31 * MINUTE_MS), to.plus_ms(-25 * MINUTE_MS));
    let off = TimeRange::new(to.plus_ms(-12 * MINUTE_MS), to.plus_ms(-10 * MINUTE_MS));
    let (base, unit, decimals) = match series.0 {
        1 => (6_408_010, 900, 2),
        2 => (312_055, 50, 2),
        3 => (734, 2, 8),
        5 => (640_799, 90, 1),
        _ => (1_234, 2, 4),
    };
    let inside = interval.inner(range.intersect(TimeRange::new(first, interval.ceil(to))));
    let count = interval.count(inside).clamp(0, MAX_CHART_CANDLES);
    let price = |time: Time| {
        let minutes = time.since(to) as f64 / MINUTE_MS as f64;
        base + ((minutes / 9.0).sin() * 6.0 + (minutes / 47.0).sin() * 9.0 + (minutes * 1.7).sin() * 2.0) as i64 * unit
    };
    let candles = (0..count)
        .map(|n| inside.to.plus_ms((n - count) * interval.ms()))
        .filter(|open| interval != Interval::M1 || !(outage.contains(*open) || off.contains(*open)))
        .map(|open_time| {
            let (open, close) = (price(open_time), price(open_time.plus_ms(interval.ms())));
            let number = |mantissa: i64| from_mantissa(mantissa.max(1), decimals);
            Candle {
                open_time,
                open: number(open),
                high: number(open.max(close) + unit * (open_time.ms() / MINUTE_MS % 3)),
                low: number(open.min(close) - unit * (open_time.ms() / MINUTE_MS % 2)),
                close: number(close),
                volume: from_mantissa(1_000 + (open_time.ms() / MINUTE_MS * 7_919 % 4_000), 2),
                quote_volume: Some(from_mantissa((1_000 + open_time.ms() / MINUTE_MS * 7_919 % 4_000) * close, decimals + 2)),
                trade_count: Some(open_time.ms() / MINUTE_MS * 31 % 900 + 12),
                taker_buy_volume: Some(from_mantissa(
                    (1_000 + open_time.ms() / MINUTE_MS * 7_919 % 4_000) * (35 + open_time.ms() / MINUTE_MS % 30),
                    4,
                )),
                taker_buy_quote_volume: None,
            }
        })
        .collect();
    let gaps = [Gap::unasked(outage, GapReason::NoCandle), Gap::unasked(off, GapReason::RecorderOff)];
    ChartData {
        series,
        interval,
        range,
        candles,
        gaps: gaps.into_iter().filter(|gap| gap.range.overlaps(range)).collect(),
        bounds: Some(TimeRange::new(first, to)),
    }
}

/// A state of this size, with its reads answered.
pub(crate) fn state(snapshot: Snapshot, columns: u16, rows: u16) -> State {
    let keys = Arc::new(Keymap::standard().unwrap());
    let (themes, _) = Themes::new(&Look::plain(Colors::Rgb)).unwrap();
    let mut state = State::new(Arc::new(snapshot), keys, themes, true);
    act(&mut state, Action::Resize(columns, rows));
    state
}

/// Updates, and answers reads at once; what is left is returned.
pub(crate) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let effects = update(state, action);
    settle(state, effects)
}

/// Presses keys: `2 Shift-Left`, or letters to be typed: `a btc/usdt Enter`. Returns what is left to do
/// beside reads and the refresh of instrument lists.
pub(crate) fn keys(state: &mut State, typed: &str) -> Vec<Effect> {
    let mut left = Vec::new();
    for word in typed.split_whitespace() {
        let chords = word.parse::<Chord>().map_or_else(
            |_| word.chars().map(|letter| letter.to_string().parse().unwrap()).collect::<Vec<Chord>>(),
            |chord| vec![chord],
        );
        for chord in chords {
            let effects = press(state, chord);
            left.extend(settle(state, effects));
        }
    }
    // The lists behind the add dialog are looked after whenever it opens.
    left.retain(|effect| !matches!(effect, Effect::Command(_, crate::engine::command::Command::RefreshInstruments)));
    left
}

/// Does something with the mouse on the first cell of `words`, as they stand on the screen.
pub(crate) fn mouse(state: &mut State, gesture: Gesture, words: &str) -> Vec<Effect> {
    let (column, row) = place(state, words);
    act(state, Action::Mouse(Pointer { gesture, column, row }))
}

/// Column and row of `words` on the screen.
pub(crate) fn place(state: &State, words: &str) -> (u16, u16) {
    let screen = text(state);
    let found =
        screen.lines().zip(0..).find_map(|(line, row)| Some((super::format::width(&line[..line.find(words)?]) as u16, row)));
    found.unwrap_or_else(|| panic!("no {words} on\n{screen}"))
}

fn settle(state: &mut State, effects: Vec<Effect>) -> Vec<Effect> {
    let mut left = Vec::new();
    for effect in effects {
        match effect {
            Effect::Query { slot, generation, query } => {
                left.extend(act(state, Action::Loaded { slot, generation, reply: Ok(answer(&query)) }));
            }
            // Which series is looked at is no request: tests that care read the state.
            Effect::Watch(_) => {}
            other => left.push(other),
        }
    }
    left
}

/// The screen as text, lines without their trailing blanks.
pub(crate) fn text(state: &State) -> String {
    let mut terminal = Terminal::new(TestBackend::new(state.area.width, state.area.height)).unwrap();
    terminal.draw(|frame| super::draw(frame, state)).unwrap();
    let buffer = terminal.backend().buffer();
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            // A wide character covers the cell after it.
            x += super::format::width(symbol).max(1) as u16;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
