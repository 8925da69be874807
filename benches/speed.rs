//! How fast the paths are that a candle takes: parsed, stored, read, exported, drawn.
//!
//! `cargo bench --bench speed` takes about a minute and prints medians; the worst frame of many
//! screens comes last.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up has nothing to measure")]
#![expect(clippy::print_stdout, reason = "the worst frame is no distribution, so it is printed")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use marketdata_tui::domain::candle::{Candle, Source};
use marketdata_tui::domain::dataset::Dataset;
use marketdata_tui::domain::gap::{Evidence, Gap, GapReason};
use marketdata_tui::domain::instrument::{ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::page::CheckedPage;
use marketdata_tui::domain::price::from_mantissa;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::series::{Series, SeriesId};
use marketdata_tui::domain::ticker::Ticker;
use marketdata_tui::domain::time::{DAY_MS, MINUTE_MS, Time};
use marketdata_tui::domain::trade::{Side, Trade};
use marketdata_tui::engine::query::ChartData;
use marketdata_tui::engine::snapshot::{CoverageView, HeartbeatView, IngestView, Mode, SeriesState, SeriesView, Snapshot};
use marketdata_tui::exchange::binance::parse::klines;
use marketdata_tui::exchange::binance::{Binance, BinanceSettings};
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::exchange::port::Exchange as _;
use marketdata_tui::exchange::stream::Roster;
use marketdata_tui::export::layout::DecimalLayout;
use marketdata_tui::export::time_form::TimeForm;
use marketdata_tui::export::{ExportOptions, Format, Subject, writer};
use marketdata_tui::store::answer::Answer;
use marketdata_tui::store::page::{self, PageWrite};
use marketdata_tui::store::rows::{self, RowsWrite};
use marketdata_tui::store::{Priority, Store, candles, instruments, reader, series};
use marketdata_tui::tui::{Colors, State, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// 2025-01-01 00:00 UTC.
const START: Time = Time::from_ms(1_735_689_600_000);
const PAGE: i64 = 1_000;
const PAGES: i64 = 10;
const LONG: i64 = 100_000;

criterion_main!(all);
criterion_group! {
    name = all;
    config = Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3)).sample_size(20);
    targets = parse, stream, insert, trades, read, export, frame
}

fn parse(criterion: &mut Criterion) {
    let body = wire_page();
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Elements(PAGE as u64));
    group.bench_function("page of 1000", |bencher| bencher.iter(|| klines(black_box(body.as_bytes()), Interval::M1).unwrap()));
}

/// Frames of a socket: a forming candle, a ticker, a trade.
fn stream(criterion: &mut Criterion) {
    // Fails where it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let protocol = Binance::new(&BinanceSettings::default(), Clock::starting_at(START)).unwrap().protocol().unwrap();
    let instrument = Arc::new(instrument());
    let roster: Roster = [&instrument].into_iter().collect();
    let frames = [
        r#"{"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1735689632031,"s":"BTCUSDT","k":{"t":1735689600000,"T":1735689659999,"s":"BTCUSDT","i":"1m","f":4359712001,"L":4359712877,"o":"93576.01000000","c":"93590.11000000","h":"93601.99000000","l":"93570.00000000","v":"8.21903000","n":877,"x":false,"q":"769204.12040160","V":"4.10022000","Q":"383740.12988010","B":"0"}}}"#,
        r#"{"stream":"btcusdt@miniTicker","data":{"e":"24hrMiniTicker","E":1735689632017,"s":"BTCUSDT","c":"93590.11000000","o":"92792.05000000","h":"96250.00000000","l":"91900.00000000","v":"19021.90382000","q":"1785801992.13020180"}}"#,
        r#"{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1735689632040,"s":"BTCUSDT","a":3400112233,"p":"93590.11000000","q":"0.00213000","f":4359712876,"l":4359712877,"T":1735689632039,"m":true,"M":true}}"#,
    ];
    let mut group = criterion.benchmark_group("stream");
    group.throughput(Throughput::Elements(frames.len() as u64));
    group.bench_function("3 frames", |bencher| {
        bencher.iter(|| {
            for frame in frames {
                assert_eq!(protocol.read(black_box(frame), &roster).unwrap().len(), 1);
            }
        });
    });
}

/// Trades as a stream brings them, each batch in a transaction of its own that outlives a power cut.
fn trades(criterion: &mut Criterion) {
    let bed = Bed::of(Dataset::Trades);
    let mut group = criterion.benchmark_group("trades");
    let mut next = 1;
    for count in [10, 256] {
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("a batch of {count}"), |bencher| {
            bencher.iter_batched(
                || {
                    next += count;
                    bed.trades(next, count)
                },
                |batch| {
                    let written = bed.store.writer().run(Priority::Live, move |connection| rows::write(connection, &batch));
                    bed.runtime.block_on(written).unwrap();
                },
                BatchSize::PerIteration,
            );
        });
    }
}

/// Ten pages in one transaction, with coverage, rollups and log, until they outlive a power cut.
fn insert(criterion: &mut Criterion) {
    let bed = Bed::new();
    let mut next = START;
    let mut group = criterion.benchmark_group("insert");
    group.throughput(Throughput::Elements((PAGES * PAGE) as u64));
    group.bench_function("10 pages of 1000", |bencher| {
        bencher.iter_batched(
            || {
                let from = next;
                next = from.plus_ms(PAGES * PAGE * MINUTE_MS);
                bed.pages(from, PAGES)
            },
            |pages| bed.write(pages),
            BatchSize::PerIteration,
        );
    });
}

fn read(criterion: &mut Criterion) {
    let bed = Bed::filled();
    let mut group = criterion.benchmark_group("read");
    for count in [500, LONG] {
        let range = range(START, count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("{count} candles"), |bencher| {
            bencher.iter(|| {
                let read = |connection: &_| candles::read(connection, bed.series.id, bed.series.instrument.scales, range);
                bed.store.readers().with(read).unwrap()
            });
        });
    }
    group.throughput(Throughput::Elements(LONG as u64));
    group.bench_function(format!("{LONG} candles as 5m"), |bencher| {
        bencher.iter(|| {
            let mut count = 0;
            let each = |_| {
                count += 1;
                Ok(true)
            };
            let fold = |connection: &_| reader::each_folded(connection, &bed.series, Interval::M5, range(START, LONG), each);
            bed.store.readers().with(fold).unwrap();
            count
        });
    });
}

fn export(criterion: &mut Criterion) {
    let rows = walk(START, LONG);
    let instrument = instrument();
    let mut group = criterion.benchmark_group("export");
    group.throughput(Throughput::Elements(LONG as u64));
    for format in Format::ALL {
        let subject = Subject {
            exchange: instrument.exchange,
            symbol: instrument.symbol.clone(),
            interval: Interval::M1,
            range: range(START, LONG),
        };
        let layout = DecimalLayout::compact(instrument.scales);
        let options = ExportOptions { format, time: TimeForm::Iso, subject, layout };
        group.bench_function(format!("{LONG} rows of {format}"), |bencher| {
            bencher.iter(|| {
                let mut out = writer(io::sink(), &options).unwrap();
                out.write(&rows).unwrap();
                out.finish().unwrap();
            });
        });
    }
}

fn frame(criterion: &mut Criterion) {
    let chart = || State::with_snapshot(snapshot(4), 200, 50, Colors::Rgb).unwrap().with_chart(picture(4_000));
    let watch = |series: i64| State::with_snapshot(snapshot(series), 200, 50, Colors::Rgb).unwrap();
    let mut group = criterion.benchmark_group("frame 200x50");
    for (name, state) in [("chart", chart()), ("watch of 40", watch(40)), ("watch of 500", watch(500))] {
        let mut terminal = Terminal::new(TestBackend::new(200, 50)).unwrap();
        group.bench_function(name, |bencher| {
            bencher.iter(|| terminal.draw(|frame| draw(frame, black_box(&state))).map(|_| ()).unwrap());
        });
    }
    group.finish();
    worst_frame();
}

/// Ten thousand states drawn by chance, from the least terminal to a wall-sized one: few and many
/// series, charts of a few and of many thousand candles.
fn worst_frame() {
    let snapshots = [0, 1, 4, 40, 500].map(snapshot);
    let pictures = [10, 1_000, 20_000].map(picture);
    // A fixed seed: the same states in every run.
    let mut seed = 1_u64;
    let mut pick = |from: usize, to: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        from + (seed >> 33) as usize % (to - from)
    };
    let (mut worst, mut at, mut times) = (Duration::ZERO, String::new(), Vec::with_capacity(10_000));
    for _ in 0..10_000 {
        let (columns, rows) = (pick(1, 401) as u16, pick(1, 121) as u16);
        let snapshot = &snapshots[pick(0, snapshots.len())];
        let mut state = State::with_snapshot(snapshot.clone(), columns, rows, Colors::Rgb).unwrap();
        let chart = pick(0, 2) == 1;
        if chart {
            state = state.with_chart(pictures[pick(0, pictures.len())].clone());
        }
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        let began = Instant::now();
        terminal.draw(|frame| draw(frame, &state)).map(|_| ()).unwrap();
        let took = began.elapsed();
        times.push(took);
        if took > worst {
            let screen = if chart { "chart" } else { "watch" };
            (worst, at) = (took, format!("{screen} of {} series at {columns}x{rows}", snapshot.series.len()));
        }
    }
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (median, p99) = (ms(times[times.len() / 2]), ms(times[times.len() * 99 / 100]));
    println!(
        "{} random frames up to 400x120: median {median:.2} ms, p99 {p99:.2} ms, worst {:.2} ms ({at})",
        times.len(),
        ms(worst)
    );
}

/// A store of one series in a folder of its own.
struct Bed {
    _folder: tempfile::TempDir,
    runtime: Runtime,
    store: Store,
    series: Series,
}

impl Bed {
    fn new() -> Self {
        Self::of(Dataset::Candles)
    }

    fn of(dataset: Dataset) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let store = Store::open(&folder.path().join("bench.sqlite")).unwrap();
        let registered = store.writer().run(Priority::Live, move |connection| {
            let instrument = instrument();
            instruments::refresh(connection, instrument.exchange, std::slice::from_ref(&instrument), START)?;
            let key = instruments::id(connection, instrument.exchange, &instrument.native)?.unwrap();
            let id = series::register(connection, key, dataset, Interval::M1, START, START)?;
            series::get(connection, id)
        });
        let series = runtime.block_on(registered).unwrap().unwrap();
        Self { _folder: folder, runtime, store, series }
    }

    fn filled() -> Self {
        let bed = Self::new();
        for pages in 0..LONG / (PAGES * PAGE) {
            bed.write(bed.pages(START.plus_ms(pages * PAGES * PAGE * MINUTE_MS), PAGES));
        }
        bed
    }

    fn pages(&self, from: Time, count: i64) -> Vec<PageWrite> {
        (0..count)
            .map(|page| {
                let from = from.plus_ms(page * PAGE * MINUTE_MS);
                PageWrite {
                    answer: Answer {
                        series: self.series.id,
                        scales: self.series.instrument.scales,
                        asked: Evidence { endpoint: "/api/v3/klines".into(), asked_at: from, answer: "1000 of 1000 rows".into() },
                        received_at: from,
                        source: Source::Rest,
                        not_trading_after: None,
                        confirm_after_ms: 2_000,
                        component: "backfill",
                    },
                    interval: Interval::M1,
                    range: range(from, PAGE),
                    page: CheckedPage { candles: walk(from, PAGE), ..CheckedPage::default() },
                    quiet: Vec::new(),
                }
            })
            .collect()
    }

    fn trades(&self, from: i64, count: i64) -> RowsWrite<Trade> {
        let trade = |id: i64| Trade {
            id,
            time: START.plus_ms(id * 40),
            nanos: None,
            price: from_mantissa(9_359_011 + id % 977, 2),
            size: from_mantissa(213 + id % 7_919, 5),
            side: if id % 3 == 0 { Side::Sell } else { Side::Buy },
            fills: Some(1 + id % 2),
        };
        RowsWrite {
            answer: Answer {
                series: self.series.id,
                scales: self.series.instrument.scales,
                asked: Evidence { endpoint: "stream".into(), asked_at: START, answer: String::new() },
                received_at: START,
                source: Source::Stream,
                not_trading_after: None,
                confirm_after_ms: 0,
                component: "stream",
            },
            rows: (from..from + count).map(trade).collect(),
            rejected: Vec::new(),
            covered: Vec::new(),
            missing: Vec::new(),
        }
    }

    fn write(&self, pages: Vec<PageWrite>) {
        let written = self.store.writer().run(Priority::Backfill, move |connection| {
            pages.iter().try_for_each(|write| page::write(connection, write).map(|_| ()))
        });
        self.runtime.block_on(written).unwrap();
    }
}

fn instrument() -> Instrument {
    Instrument {
        exchange: ExchangeId::Binance,
        symbol: Symbol::spot("BTC", "USDT"),
        native: "BTCUSDT".into(),
        base: "BTC".into(),
        quote: "USDT".into(),
        kind: InstrumentKind::Spot,
        stream_name: None,
        status: InstrumentStatus::Trading,
        price_decimals: 2,
        scales: Scales { price: 2, base: 5, quote: 7 },
    }
}

const fn range(from: Time, minutes: i64) -> TimeRange {
    TimeRange::new(from, from.plus_ms(minutes * MINUTE_MS))
}

/// Candles of a price that wanders as prices do, with full digits in every column.
fn walk(from: Time, count: i64) -> Vec<Candle> {
    (0..count)
        .map(|at| {
            let open_time = from.plus_ms(at * MINUTE_MS);
            let noise = |salt: i64| (open_time.ms() / MINUTE_MS * salt).rem_euclid(9_973);
            let price = |time: Time| 6_400_000 + (((time.ms() / MINUTE_MS) as f64 / 90.0).sin() * 90_000.0) as i64;
            let (open, close) = (price(open_time), price(open_time.plus_ms(MINUTE_MS)));
            Candle {
                open_time,
                open: from_mantissa(open, 2),
                high: from_mantissa(open.max(close) + noise(31), 2),
                low: from_mantissa(open.min(close) - noise(37), 2),
                close: from_mantissa(close, 2),
                volume: from_mantissa(900_000 + noise(7_919), 5),
                quote_volume: Some(from_mantissa(5_760_012_345_678 + noise(104_729), 7)),
                trade_count: Some(1_400 + noise(3) % 900),
                taker_buy_volume: Some(from_mantissa(430_000 + noise(101), 5)),
                taker_buy_quote_volume: Some(from_mantissa(2_752_012_345_678 + noise(104_723), 7)),
            }
        })
        .collect()
}

/// The same candles as the exchange writes them.
fn wire_page() -> String {
    let mut body = String::from("[");
    for (at, candle) in walk(START, PAGE).iter().enumerate() {
        let open_time = candle.open_time.ms();
        let comma = if at == 0 { "" } else { "," };
        write!(
            body,
            "{comma}[{open_time},\"{}000000\",\"{}000000\",\"{}000000\",\"{}000000\",\"{}000\",{},\"{}0\",{},\"{}000\",\"{}0\",\"0\"]",
            candle.open,
            candle.high,
            candle.low,
            candle.close,
            candle.volume,
            open_time + MINUTE_MS - 1,
            candle.quote_volume.unwrap(),
            candle.trade_count.unwrap(),
            candle.taker_buy_volume.unwrap(),
            candle.taker_buy_quote_volume.unwrap(),
        )
        .unwrap();
    }
    body.push(']');
    body
}

/// A recorder of so many series, all of them live.
fn snapshot(series: i64) -> Snapshot {
    let at = START.plus_ms(30 * DAY_MS + 34_000);
    let end = Interval::M1.floor(at);
    let view = |id: i64| {
        let last = from_mantissa(6_408_010 + id * 731, 2);
        let ticker = Ticker {
            native: format!("C{id}USDT"),
            last,
            open_24h: Some(from_mantissa(6_329_523 + id * 733, 2)),
            high_24h: last,
            low_24h: last,
            volume_24h: from_mantissa(1_524_000 + id, 1),
            quote_volume_24h: Some(from_mantissa(9_765_807_000 + id, 0)),
            mean_24h: None,
            trades_24h: None,
            at,
        };
        SeriesView {
            id: SeriesId(id),
            exchange: ExchangeId::Binance,
            symbol: Symbol::spot(&format!("C{id}"), "USDT"),
            dataset: Dataset::Candles,
            interval: Interval::M1,
            price_decimals: 2,
            state: SeriesState::Live,
            ticker: Some((ticker, at)),
            forming: None,
            forming_at: None,
            spark: (0..120).map(|n| Some((f64::from(n) / (6.0 + id as f64)).sin() + f64::from(n) / 60.0)).collect(),
            last_candle_end: Some(end),
            wanted: TimeRange::new(START, end),
            coverage: CoverageView { wanted: 43_200, stored: 43_200, explained: 0, queued: 0, gaps: 0 },
            lost_at: None,
            forecast: None,
            day_of_trades: None,
            revision: 1,
        }
    };
    Snapshot {
        at,
        mode: Mode::Recorder,
        simulated: false,
        store: "bench.sqlite".into(),
        exchanges: Vec::new(),
        series: (1..=series).map(view).collect(),
        jobs: Vec::new(),
        ingest: IngestView::default(),
        heartbeat: HeartbeatView::default(),
        log: std::sync::Arc::from([]),
        alerts: std::sync::Arc::default(),
        away: None,
        first_run: false,
        streams: Vec::new(),
    }
}

/// What a store would answer to the chart screen, with a gap in sight.
fn picture(count: i64) -> ChartData {
    let end = Interval::M1.floor(START.plus_ms(30 * DAY_MS));
    let range = TimeRange::new(end.plus_ms(-count * MINUTE_MS), end);
    let lost = TimeRange::new(end.plus_ms(-90 * MINUTE_MS), end.plus_ms(-60 * MINUTE_MS));
    let candles = walk(range.from, count).into_iter().filter(|candle| !lost.contains(candle.open_time)).collect();
    ChartData {
        series: SeriesId(1),
        interval: Interval::M1,
        range,
        candles,
        gaps: vec![Gap::unasked(lost, GapReason::NoCandle)],
        bounds: Some(range),
    }
}
