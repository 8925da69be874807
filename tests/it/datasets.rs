//! Trades, funding and open interest: fetched page by page, recorded live, mended, lost, and held to the
//! candles.

use crate::support::held_time::HeldTime;
use crate::support::program::Program;
use crate::support::rig::{BINANCE, quick};
use crate::support::rows::{Rows, SYMBOL, candle, funding, instrument, open_interest, trades};
use crate::support::{faults, time};
use marketdata_tui::domain::candle::{Candle, Source};
use marketdata_tui::domain::dataset::Dataset;
use marketdata_tui::domain::funding::Funding;
use marketdata_tui::domain::gap::{Evidence, Gap, GapReason};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::open_interest::OpenInterest;
use marketdata_tui::domain::page::CheckedPage;
use marketdata_tui::domain::price::{Decimal, from_mantissa};
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::series::SeriesId;
use marketdata_tui::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use marketdata_tui::domain::trade::Trade;
use marketdata_tui::engine::Engine;
use marketdata_tui::engine::command::{Command, Since};
use marketdata_tui::engine::query::{CoverageCell, Query, Reply};
use marketdata_tui::engine::settings::EngineSettings;
use marketdata_tui::engine::snapshot::{SeriesState, SeriesView};
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::exchange::port::{Exchange, Lane};
use marketdata_tui::sim::{SimConfig, Simulation};
use marketdata_tui::store::answer::Answer;
use marketdata_tui::store::page::{PageWrite, write as write_page};
use marketdata_tui::store::rows::{Place, RowsWrite, Table, write as write_rows};
use marketdata_tui::store::{Store, coverage, instruments, reader, revisions, series};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const START: &str = "2025-07-01T12:34:30Z";

/// A recorder on an exchange in memory.
struct World {
    fake: Arc<Rows>,
    clock: Clock,
    store: Store,
    held: HeldTime,
    settings: EngineSettings,
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        Self::at(START)
    }

    fn at(start: &str) -> Self {
        let clock = Clock::starting_at(time(start));
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.sqlite")).unwrap();
        let settings = EngineSettings {
            records: true,
            confirm_after: Duration::from_secs(2),
            settle: Duration::from_secs(60),
            ticker_every: Duration::from_secs(3_600),
            ..quick()
        };
        let held = HeldTime::hold(&store);
        Self { fake: Arc::new(Rows::new(clock)), clock, store, held, settings, folder }
    }

    async fn start(&self) -> Engine {
        let exchange: Arc<dyn Exchange> = Arc::clone(&self.fake) as _;
        let engine = Engine::start(self.store.clone(), vec![exchange], self.clock, self.settings.clone()).await.unwrap();
        self.held.settle(&*self.fake).await;
        engine
    }

    async fn stop(&mut self, engine: Engine) {
        self.held.stop(&*self.fake, engine).await;
        self.store = Store::open(&self.folder.path().join("store.sqlite")).unwrap();
        self.held = HeldTime::hold(&self.store);
    }

    async fn seconds(&self, seconds: u64) {
        let step = Duration::from_millis(if seconds > 600 { 5_000 } else { 500 });
        self.held.advance(&*self.fake, Duration::from_secs(seconds), step).await;
    }

    async fn add(&self, engine: &Engine, datasets: &[Dataset], since: Since) -> Vec<SeriesId> {
        let symbols = vec![SYMBOL.to_owned()];
        let add = Command::Add { symbols, exchange: BINANCE, datasets: datasets.to_vec(), interval: Interval::M1, since };
        let done = engine.handle().run(add).await.unwrap();
        self.held.settle(&*self.fake).await;
        done.series
    }

    async fn view(&self, engine: &Engine, id: SeriesId) -> SeriesView {
        self.seconds(1).await;
        let snapshot = engine.handle().snapshots().borrow().clone();
        snapshot.series.iter().find(|view| view.id == id).unwrap().clone()
    }

    fn stored<T: Table>(&self, id: SeriesId, range: TimeRange) -> Vec<T> {
        let read = |connection: &_| {
            let place = Place::of(connection, id, instrument().scales)?.unwrap();
            T::read(connection, place, range)
        };
        self.store.readers().with(read).unwrap()
    }

    fn gaps(&self, id: SeriesId, range: TimeRange) -> Vec<Gap> {
        let missing = |connection: &_| reader::missing(connection, &series::get(connection, id)?.unwrap(), range);
        self.store.readers().with(missing).unwrap()
    }

    fn reasons(&self, id: SeriesId, range: TimeRange) -> Vec<(TimeRange, GapReason)> {
        self.gaps(id, range).into_iter().map(|gap| (gap.range, gap.reason)).collect()
    }

    fn check(&self) -> Vec<String> {
        faults(&self.store, self.clock.now())
    }
}

fn last(range_ms: i64) -> TimeRange {
    let to = Interval::M1.floor(time(START));
    TimeRange::new(to.plus_ms(-range_ms), to)
}

#[tokio::test(start_paused = true)]
async fn datasets_are_fetched_recorded_and_shown() {
    let world = World::new();
    let engine = world.start().await;
    let all = [Dataset::Trades, Dataset::Funding, Dataset::OpenInterest];
    let ids = world.add(&engine, &all, Since::Last(3 * HOUR_MS)).await;
    let [of_trades, of_funding, of_interest] = ids[..] else { panic!("{ids:?}") };
    // To past the next hour, and the moments in which it is asked for.
    world.seconds(28 * 60).await;
    let now = world.clock.now();
    let all = TimeRange::new(last(3 * HOUR_MS).from, Interval::M1.floor(now));
    assert_eq!(world.stored::<Trade>(of_trades, all), trades(all), "empty minutes and all pages are in, each trade once");
    assert_eq!(world.gaps(of_trades, all), []);
    let hours = TimeRange::new(Interval::H1.ceil(last(3 * HOUR_MS).from), Interval::H1.floor(now));
    assert_eq!(world.stored::<Funding>(of_funding, hours), funding(hours));
    assert_eq!(world.gaps(of_funding, hours), []);
    let fives = TimeRange::new(Interval::M5.ceil(all.from), Interval::M5.floor(now).plus_ms(-15 * MINUTE_MS));
    assert_eq!(world.gaps(of_interest, fives), []);
    assert_eq!(world.stored::<OpenInterest>(of_interest, fives), open_interest(fives));
    let view = world.view(&engine, of_trades).await;
    assert_eq!((view.name().as_str(), &view.state), ("BTC/USDT:USDT trades", &SeriesState::Live));
    assert_eq!((view.coverage.queued, view.lost_at), (0, None));
    let (forecast, _) = view.forecast.unwrap();
    assert_eq!((forecast.rate, forecast.next_at), (from_mantissa(1, 4), time("2025-07-01T16:00:00Z")));
    let handle = engine.handle();
    let query = |query| handle.query(query);
    let Ok(Reply::Tape(tape)) = query(Query::Tape { series: of_trades, limit: 5 }).await else { panic!("no tape") };
    assert_eq!((tape.rows.len(), tape.is_cut), (5, true));
    assert_eq!(tape.rows.last(), trades(all).last());
    let Ok(Reply::Funding(rates)) = query(Query::Funding { series: of_funding, range: all }).await else { panic!("no rates") };
    assert_eq!((rates.rows, rates.is_cut), (funding(all), false));
    let wrong = query(Query::OpenInterest { series: of_funding, range: all }).await.unwrap_err();
    assert!(wrong.0.contains("holds no open interest"), "{wrong}");
    // Live: each minute of trades once, open interest each five minutes, funding each hour.
    let live = world.fake.asked(Dataset::Trades, Lane::Live);
    assert!(live.iter().all(|range| Interval::M1.count(*range) <= 10), "{live:?}");
    assert_eq!(
        world.fake.asked(Dataset::Funding, Lane::Live).len(),
        3,
        "at the start, at the hour, and again for an hour without one"
    );
    assert_eq!(world.check(), Vec::<String>::new());
    world.held.stop(&*world.fake, engine).await;
}

#[tokio::test(start_paused = true)]
async fn a_settlement_is_there_a_moment_after_it() {
    let world = World::at("2025-07-01T15:59:30Z");
    let engine = world.start().await;
    let id = world.add(&engine, &[Dataset::Funding], Since::Last(10 * HOUR_MS)).await[0];
    world.seconds(50).await;
    let range = TimeRange::new(time("2025-07-01T08:00:00Z"), time("2025-07-01T17:00:00Z"));
    assert_eq!(world.stored::<Funding>(id, range), funding(range));
    let view = world.view(&engine, id).await;
    assert_eq!(view.last_candle_end, Some(time("2025-07-01T16:00:00Z")), "the hour that runs is not covered yet");
    assert_eq!(world.check(), Vec::<String>::new());
    world.held.stop(&*world.fake, engine).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_whole_when_it_breaks_off_stays() {
    let mut world = World::new();
    world.fake.script().answers = Some(5);
    let engine = world.start().await;
    let id = world.add(&engine, &[Dataset::Trades], Since::Last(HOUR_MS)).await[0];
    world.seconds(20).await;
    let range = last(HOUR_MS);
    let half = world.stored::<Trade>(id, range);
    assert!(!half.is_empty() && half.len() < trades(range).len());
    let covered = world.store.readers().with(|connection| coverage::all(connection, id)).unwrap();
    for minute in covered.ranges() {
        assert_eq!(world.stored::<Trade>(id, *minute), trades(*minute), "what is covered is whole");
    }
    let owed = world.gaps(id, range);
    assert!(owed.iter().any(|gap| gap.reason == GapReason::FetchFailed && gap.evidence.as_ref().unwrap().answer.contains("502")));
    world.stop(engine).await;
    world.fake.script().answers = None;
    world.fake.script().asked.clear();
    let engine = world.start().await;
    world.seconds(30).await;
    assert_eq!(world.stored::<Trade>(id, range), trades(range));
    assert_eq!(world.gaps(id, range), []);
    let again = world.fake.asked(Dataset::Trades, Lane::Backfill);
    let overlaps = |asked: &TimeRange| covered.ranges().iter().any(|held| held.overlaps(*asked));
    assert!(!again.iter().any(overlaps), "nothing that is covered is asked for again: {again:?}");
    assert_eq!(world.check(), Vec::<String>::new());
    world.held.stop(&*world.fake, engine).await;
}

#[tokio::test(start_paused = true)]
async fn bad_rows_and_missing_rows_are_owed_and_then_explained() {
    let world = World::new();
    let range = last(HOUR_MS);
    let bad = trades(range).into_iter().find(|trade| trade.time > range.from.plus_ms(20 * MINUTE_MS)).unwrap();
    let hole = Interval::M5.floor(range.from.plus_ms(30 * MINUTE_MS));
    world.fake.script().bad.insert(bad.id);
    world.fake.script().withheld.insert(hole);
    let engine = world.start().await;
    let ids = world.add(&engine, &[Dataset::Trades, Dataset::OpenInterest], Since::Last(HOUR_MS)).await;
    let minute = TimeRange::new(Interval::M1.floor(bad.time), Interval::M1.floor(bad.time).plus_ms(MINUTE_MS));
    let five = TimeRange::new(hole, hole.plus_ms(5 * MINUTE_MS));
    world.seconds(20).await;
    assert_eq!(world.reasons(ids[0], range), [(minute, GapReason::BadRow)], "two answers agree on the row");
    assert_eq!(world.gaps(ids[0], range)[0].evidence.as_ref().unwrap().answer, "no price: {}");
    assert_eq!(world.stored::<Trade>(ids[0], range).len(), trades(range).len() - 1, "the rows beside it are in");
    let until = TimeRange::new(five.from, five.to);
    assert_eq!(world.reasons(ids[1], until), [(five, GapReason::NoCandle)]);
    assert_eq!(world.check(), Vec::<String>::new());
    world.held.stop(&*world.fake, engine).await;
}

#[tokio::test(start_paused = true)]
async fn an_empty_answer_alone_is_no_evidence_that_nothing_happened() {
    let world = World::new();
    let range = last(24 * HOUR_MS);
    // The first page of each dataset that comes in, and beats among them.
    world.fake.script().empties = 4;
    let engine = world.start().await;
    let ids = world.add(&engine, &[Dataset::Trades, Dataset::Funding], Since::Last(24 * HOUR_MS)).await;
    world.seconds(60).await;
    assert_eq!(world.fake.script().empties, 0);
    assert_eq!(world.stored::<Trade>(ids[0], range), trades(range));
    let whole = TimeRange::new(Interval::H1.ceil(range.from), Interval::H1.floor(range.to));
    assert_eq!(world.stored::<Funding>(ids[1], whole), funding(whole));
    assert_eq!((world.gaps(ids[0], range), world.gaps(ids[1], whole)), (vec![], vec![]));
    assert_eq!(world.check(), Vec::<String>::new());
    world.held.stop(&*world.fake, engine).await;
}

#[tokio::test(start_paused = true)]
async fn a_changed_row_is_a_revision() {
    let world = World::new();
    let engine = world.start().await;
    let id = world.add(&engine, &[Dataset::OpenInterest], Since::Last(HOUR_MS)).await[0];
    world.seconds(20).await;
    let at = time("2025-07-01T12:25:00Z");
    world.fake.script().revised.insert(at, from_mantissa(5, 1));
    // The next beat overlaps the last stored row by one.
    world.seconds(90).await;
    let noted = world.store.readers().with(|connection| revisions::all(connection, id)).unwrap();
    let told: Vec<_> = noted.iter().map(|one| (one.open_time, one.field.as_str(), one.new_value.as_deref())).collect();
    assert_eq!(told, [(at, "amount", Some("0.5"))]);
    let row = TimeRange::new(at, at.plus_ms(1));
    assert_eq!(world.stored::<OpenInterest>(id, row)[0].amount, from_mantissa(5, 1));
    world.held.stop(&*world.fake, engine).await;
}

#[tokio::test(start_paused = true)]
async fn what_falls_out_of_reach_is_lost_and_told_before() {
    let mut world = World::new();
    world.fake.script().reach_ms.insert(Dataset::Trades, 2 * HOUR_MS);
    let engine = world.start().await;
    let id = world.add(&engine, &[Dataset::Trades], Since::Last(DAY_MS)).await[0];
    world.seconds(30).await;
    let view = world.view(&engine, id).await;
    let kept = view.wanted.from;
    assert!(kept >= time(START).plus_ms(-2 * HOUR_MS), "nobody wants what cannot be had: {}", kept.iso());
    assert_eq!((view.coverage.queued, view.coverage.explained), (0, 0));
    world.stop(engine).await;
    let off = Interval::M1.floor(world.clock.now());
    world.seconds(3 * 3_600).await;
    // The exchange is out of reach at the start: what can be had is owed, and its time runs out.
    world.fake.script().answers = Some(0);
    let engine = world.start().await;
    world.seconds(10).await;
    let now = world.clock.now();
    let gone = TimeRange::new(off, Interval::M1.ceil(now.plus_ms(-2 * HOUR_MS)));
    let noted = world.gaps(id, gone);
    assert_eq!(noted.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::Lost; 1], "{noted:#?}");
    assert!(noted[0].evidence.as_ref().unwrap().answer.starts_with("reach of 2h 00m passed"), "{noted:#?}");
    let view = world.view(&engine, id).await;
    let loss = view.lost_at.unwrap();
    let oldest = loss.at.plus_ms(-2 * HOUR_MS);
    assert!(oldest >= gone.from && oldest <= gone.to.plus_ms(MINUTE_MS), "{}", oldest.iso());
    assert!(loss.steps > 100 && loss.is_pressing(now));
    let away = engine.handle().snapshots().borrow().away.clone().unwrap();
    assert_eq!(away.series[0].mendable_until, Some(loss.at));
    let query = Query::Coverage { range: TimeRange::new(off, now), cell: CoverageCell::Hour };
    let Ok(Reply::Coverage(map)) = engine.handle().query(query).await else { panic!("no map") };
    let first = map.series[0].1.iter().find_map(|cell| cell.lost_at).unwrap();
    assert!(first >= now && first <= now.plus_ms(2 * MINUTE_MS), "{}", first.iso());
    // The mender comes back for what falls out meanwhile, without being asked.
    world.seconds(300).await;
    let gone = TimeRange::new(off, gone.to.plus_ms(3 * MINUTE_MS));
    assert!(world.gaps(id, gone).iter().all(|gap| gap.reason == GapReason::Lost));
    world.fake.script().answers = None;
    world.fake.script().asked.clear();
    world.seconds(180).await;
    let left = TimeRange::new(gone.to.plus_ms(10 * MINUTE_MS), now);
    assert_eq!(world.gaps(id, left), []);
    let first = world.fake.asked(Dataset::Trades, Lane::Backfill)[0];
    assert!(first.from.since(gone.from) < 80 * MINUTE_MS, "the old end goes first: {}", first.from.iso());
    assert_eq!(world.check(), Vec::<String>::new());
    // Should the exchange serve more than was known of it, what counted as lost is fetched after all.
    world.fake.script().reach_ms.insert(Dataset::Trades, DAY_MS);
    engine.handle().run(Command::Refresh).await.unwrap();
    world.seconds(120).await;
    assert_eq!(world.gaps(id, TimeRange::new(off, now)), []);
    world.held.stop(&*world.fake, engine).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_not_served_is_refused_in_a_line() {
    let world = World::new();
    world.fake.script().reach_ms.insert(Dataset::OpenInterest, DAY_MS);
    let engine = world.start().await;
    let add = |symbol: &str, datasets: &[Dataset], since| Command::Add {
        symbols: vec![symbol.to_owned()],
        exchange: BINANCE,
        datasets: datasets.to_vec(),
        interval: Interval::M1,
        since,
    };
    let refused = engine.handle().run(add("ETH/USDT", &[Dataset::Funding], Since::Now)).await.unwrap_err();
    assert_eq!(refused, "ETH/USDT funding cannot be recorded: no funding of ETH/USDT");
    let done = engine.handle().run(add(SYMBOL, &[Dataset::OpenInterest], Since::Listing)).await.unwrap();
    assert_eq!(done.message, "recording BTC/USDT:USDT open interest; binance keeps only the last 1d of it");
    let again = engine.handle().run(add(SYMBOL, &[Dataset::OpenInterest], Since::Now)).await.unwrap_err();
    assert!(again.starts_with("BTC/USDT:USDT open interest is already recorded"), "{again}");
    let old = Command::Backfill { series: done.series[0], since: Since::Time(time("2025-01-01")), to: Some(time("2025-01-02")) };
    let refused = engine.handle().run(old).await.unwrap_err();
    assert_eq!(refused, "binance keeps only the last 1d of BTC/USDT:USDT open interest: nothing of that range can be had");
    world.held.stop(&*world.fake, engine).await;
}

/// A store with an hour of trades, and the candles of it as `change` leaves them.
fn prepared(program: &Program, change: impl Fn(&mut Candle)) {
    std::fs::create_dir_all(program.db.parent().unwrap()).unwrap();
    let connection = marketdata_tui::store::connection::open_writer(&program.db).unwrap();
    let range = last(HOUR_MS);
    let instrument = instrument();
    let scales = instrument.scales;
    instruments::refresh(&connection, BINANCE, &[instrument], Time::EPOCH).unwrap();
    let key = instruments::id(&connection, BINANCE, "BTCUSDT").unwrap().unwrap();
    let register = |dataset| series::register(&connection, key, dataset, Interval::M1, range.from, range.to).unwrap();
    let (of_candles, of_trades) = (register(Dataset::Candles), register(Dataset::Trades));
    for id in [of_candles, of_trades] {
        series::deactivate(&connection, id, range.to).unwrap();
    }
    let answer = |series| Answer {
        series,
        scales,
        asked: Evidence { endpoint: "/test".into(), asked_at: range.to, answer: String::new() },
        received_at: range.to,
        source: Source::Rest,
        not_trading_after: None,
        confirm_after_ms: 0,
        component: "test",
    };
    let rows = RowsWrite {
        answer: answer(of_trades),
        rows: trades(range),
        rejected: Vec::new(),
        covered: vec![range],
        missing: Vec::new(),
    };
    write_rows(&connection, &rows).unwrap();
    let mut candles: Vec<Candle> = (0..60).map(|n| candle(range.from.plus_ms(n * MINUTE_MS))).collect();
    candles.iter_mut().for_each(change);
    let page = PageWrite {
        answer: answer(of_candles),
        interval: Interval::M1,
        range,
        page: CheckedPage { candles, ..CheckedPage::default() },
        quiet: Vec::new(),
    };
    write_page(&connection, &page).unwrap();
}

#[tokio::test]
async fn candles_are_held_to_the_trades() {
    let sound = Program::offline();
    prepared(&sound, |_| ());
    let ended = sound.run(&["check", "--deep"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.out.contains("BTC/USDT:USDT 1m  60 minutes compared with their trades: 60 equal, 0 different"),
        "{}",
        ended.out
    );

    let wrong = Program::offline();
    let at = last(HOUR_MS).from.plus_ms(7 * MINUTE_MS);
    prepared(&wrong, |candle| {
        if candle.open_time == at {
            candle.volume += Decimal::ONE;
            candle.trade_count = candle.trade_count.map(|count| count + 1);
        }
    });
    let ended = wrong.run(&["check", "--deep"]).await;
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.out.contains("60 minutes compared with their trades: 59 equal, 1 different"), "{}", ended.out);
    let line = ended.out.lines().find(|line| line.contains(&at.iso())).unwrap();
    assert!(line.contains("volume ") && line.contains(" by its trades ") && line.contains("trade_count "), "{line}");
    let json = wrong.json(&["check", "--deep"]).await;
    assert_eq!(json["trades"][0]["different"], 1);
    assert_eq!(json["trades"][0]["differences"][0]["open_time"], at.iso());
    let calm = wrong.run(&["check"]).await;
    assert_eq!(calm.code, Some(0), "without --deep nobody compares");
}

#[tokio::test]
async fn the_command_line_knows_datasets() {
    let program = Program::offline();
    prepared(&program, |_| ());
    let csv = program.done(&["export", SYMBOL, "--dataset", "trades", "--time", "ms"]).await;
    let expected = trades(last(HOUR_MS));
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("trade_id,time,price,size,side,fills"));
    let first = &expected[0];
    let row = format!(
        "{},{},{},{},{},1",
        first.id,
        first.time.ms(),
        first.price.normalize(),
        first.size.normalize(),
        first.side.name()
    );
    assert_eq!(lines.next(), Some(row.as_str()));
    assert_eq!(csv.lines().count(), expected.len() + 1);
    let candles = program.done(&["export", SYMBOL]).await;
    assert_eq!(candles.lines().count(), 61, "candles are what is meant without --dataset");
    let refused = program.run(&["export", SYMBOL, "--dataset", "trades", "--format", "parquet"]).await;
    assert!(refused.code == Some(2) && refused.err.contains("trades come as csv alone"), "{refused:?}");
    let refused = program.run(&["export", SYMBOL, "--dataset", "funding"]).await;
    assert!(refused.err.contains(&format!("{SYMBOL} funding is not recorded")), "{refused:?}");
    let usage = program.run(&["add", SYMBOL, "--datasets", "candles,quotes"]).await;
    assert!(usage.code == Some(2) && usage.err.contains("use candles, trades, funding or open_interest"), "{usage:?}");
    let check = program.json(&["check"]).await;
    assert_eq!(check["series"][1]["dataset"], "trades");
    let removed = program.done(&["remove", SYMBOL, "--dataset", "trades", "--purge", "--yes"]).await;
    assert_eq!(removed.trim(), format!("deleted {SYMBOL} trades"));
    assert_eq!(program.done(&["export", SYMBOL]).await.lines().count(), 61, "the candles stay");
}

/// The recorder of another process, or none, is what `status` and `gaps` tell of.
#[tokio::test]
async fn what_is_about_to_be_lost_is_told() {
    let program = Program::offline();
    std::fs::create_dir_all(program.db.parent().unwrap()).unwrap();
    let now = Clock::System.now();
    {
        let connection = marketdata_tui::store::connection::open_writer(&program.db).unwrap();
        instruments::refresh(&connection, BINANCE, &[instrument()], Time::EPOCH).unwrap();
        let key = instruments::id(&connection, BINANCE, "BTCUSDT").unwrap().unwrap();
        let from = Interval::M5.floor(now.plus_ms(-27 * DAY_MS));
        let id = series::register(&connection, key, Dataset::OpenInterest, Interval::M5, from, now).unwrap();
        series::set_reach(&connection, id, Some(30 * DAY_MS)).unwrap();
    }
    let gaps = program.json(&["gaps"]).await;
    assert_eq!((&gaps[0]["dataset"], &gaps[0]["reason"]), (&"open_interest".into(), &"not_fetched".into()));
    let lost_at = Time::parse(gaps[0]["lost_at"].as_str().unwrap(), Time::EPOCH).unwrap();
    assert_eq!(lost_at, Interval::M5.floor(now.plus_ms(-27 * DAY_MS)).plus_ms(30 * DAY_MS));
    let text = program.run(&["gaps"]).await.out;
    assert!(text.contains("LOST IN") && text.contains("2d 23h"), "{text}");
    let status = program.json(&["status"]).await;
    assert_eq!(status["perishing"][0]["dataset"], "open_interest");
    let problem =
        status["problems"].as_array().unwrap().iter().filter_map(|line| line.as_str()).find(|line| line.contains("lost"));
    let problem = problem.unwrap();
    assert!(problem.starts_with("BTC/USDT:USDT open interest: 7,77"), "{problem}");
    assert!(problem.contains("rows will be lost, the first in 2d 23h, unless fetched"), "{problem}");
    let list = program.json(&["list"]).await;
    assert_eq!((&list[0]["dataset"], &list[0]["last_price"]), (&"open_interest".into(), &serde_json::Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_dataset_that_is_not_served_does_not_keep_the_others_out() {
    let sim = Simulation::start(SimConfig::default()).await.unwrap();
    let program = Program::on(&sim.url());
    let ended = program.run(&["add", "BTC/USDT", "--datasets", "funding,candles", "--backfill", "0"]).await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), "recording BTC/USDT 1m\n"), "{ended:?}");
    let told: Vec<&str> = ended.err.lines().filter(|line| line.starts_with("error: ")).collect();
    assert!(told.len() == 1 && told[0].starts_with("error: BTC/USDT funding cannot be recorded: "), "{}", ended.err);
    let refused = program.run(&["backfill", "BTC/USDT", "--last", "1d", "--dataset", "open_interest"]).await;
    assert!(refused.code == Some(1) && refused.err.contains("open interest cannot be recorded"), "{refused:?}");
    let list = program.json(&["list"]).await;
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
}
