//! The recorder against an exchange in memory, on a clock that the tests move: heartbeats, mending,
//! commands, turns.

use crate::support::account::Account;
use crate::support::rig::BINANCE;
use crate::support::time;
use crate::support::world::{World, view};
use marketdata_tui::domain::dataset::Dataset;
use marketdata_tui::domain::gap::{Gap, GapReason};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::job::JobState;
use marketdata_tui::domain::price::trimmed;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use marketdata_tui::engine::Engine;
use marketdata_tui::engine::command::{Command, Since};
use marketdata_tui::engine::query::{Query, Reply};
use marketdata_tui::engine::snapshot::{JobView, SeriesState};
use marketdata_tui::exchange::error::ExchangeError;
use marketdata_tui::exchange::port::Lane;
use marketdata_tui::store::{candles, revisions, series};
use std::time::Duration;

async fn job(world: &World, engine: &Engine) -> JobView {
    world.seconds(1).await;
    engine.handle().snapshots().borrow().jobs.last().unwrap().clone()
}

fn server_error() -> ExchangeError {
    ExchangeError::Server { status: 502, message: "bad gateway".into() }
}

fn beat(at: &str, from: &str, to: &str) -> (String, String, String) {
    (at.into(), from.into(), to.into())
}

#[tokio::test(start_paused = true)]
async fn beats_stand_on_the_boundary_and_ask_for_what_has_closed() {
    let world = World::new();
    let engine = world.start().await;
    let id = world.add(&engine, "BTC/USDT", Since::Now).await;
    world.seconds(200).await;
    let expected = [
        beat("12:35:05", "12:34:00", "12:35:00"),
        beat("12:36:05", "12:34:00", "12:36:00"),
        beat("12:37:05", "12:34:00", "12:37:00"),
    ];
    assert_eq!(world.beats("BTCUSDT"), expected, "the overlap never reaches behind what is wanted");
    let view = view(&world, &engine, id).await;
    assert_eq!((&view.state, view.last_candle_end), (&SeriesState::Live, Some(time("2025-07-01T12:37:00Z"))));
    world.held.stop(&*world.fake, engine).await;
    let range = TimeRange::new(time("2025-07-01T12:34:00Z"), time("2025-07-01T12:37:00Z"));
    assert_eq!(world.account(id, range), Account::whole(3));
    assert_eq!(world.check(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_failing_series_holds_up_no_other() {
    let world = World::new();
    let engine = world.start().await;
    let bitcoin = world.add(&engine, "BTC/USDT", Since::Now).await;
    let ether = world.add(&engine, "ETH/USDT", Since::Now).await;
    world.fake.script().failing.insert("ETHUSDT".into(), server_error());
    world.seconds(48).await;
    assert_eq!(view(&world, &engine, bitcoin).await.last_candle_end, Some(time("2025-07-01T12:35:00Z")));
    let waiting = view(&world, &engine, ether).await;
    assert!(matches!(&waiting.state, SeriesState::Waiting(why) if why.contains("502")), "{:?}", waiting.state);
    assert_eq!(waiting.coverage.queued, 1);
    world.seconds(108).await;
    world.fake.script().failing.clear();
    world.seconds(60).await;
    let healed = view(&world, &engine, ether).await;
    assert_eq!((&healed.state, healed.coverage.queued), (&SeriesState::Live, 0));
    // Three tries in each of the three beats that failed, and one that got through.
    assert_eq!(world.beats("ETHUSDT").len(), 10, "{:?}", world.beats("ETHUSDT"));
    world.held.stop(&*world.fake, engine).await;
    let range = TimeRange::new(time("2025-07-01T12:34:00Z"), time("2025-07-01T12:38:00Z"));
    assert_eq!((world.account(bitcoin, range), world.account(ether, range)), (Account::whole(4), Account::whole(4)));
}

#[tokio::test(start_paused = true)]
async fn a_late_candle_is_neither_a_gap_nor_lost() {
    let world = World::new();
    let late = time("2025-07-01T12:35:00Z");
    let engine = world.start().await;
    let id = world.add(&engine, "BTC/USDT", Since::Now).await;
    world.fake.script().withheld.insert(late);
    world.seconds(108).await;
    let waiting = view(&world, &engine, id).await;
    assert_eq!((waiting.coverage.wanted, waiting.coverage.stored, waiting.coverage.queued), (2, 1, 1));
    let minute = TimeRange::new(late, late.plus_ms(MINUTE_MS));
    assert_eq!(
        world.gaps(id, minute),
        [Gap::unasked(minute, GapReason::NotFetched)],
        "one answer within a minute proves nothing"
    );
    world.fake.script().withheld.clear();
    world.seconds(60).await;
    world.held.stop(&*world.fake, engine).await;
    let range = TimeRange::new(late.plus_ms(-MINUTE_MS), late.plus_ms(2 * MINUTE_MS));
    assert_eq!(world.account(id, range), Account::whole(3));
}

/// What two separate answers lack is explained; the beat after it goes on.
#[tokio::test(start_paused = true)]
async fn a_minute_that_never_comes_is_explained_by_two_answers() {
    let world = World::new();
    let never = time("2025-07-01T12:35:00Z");
    let engine = world.start().await;
    let id = world.add(&engine, "BTC/USDT", Since::Now).await;
    world.fake.script().withheld.insert(never);
    world.seconds(360).await;
    let view = view(&world, &engine, id).await;
    assert_eq!((view.coverage.explained, view.coverage.queued), (1, 0), "{:?}", view.coverage);
    let gaps = world.gaps(id, view.wanted);
    assert_eq!((gaps.len(), gaps[0].reason, gaps[0].range.from), (1, GapReason::NoCandle, never));
    assert!(gaps[0].asked_count >= 2 && gaps[0].evidence.is_some());
    world.held.stop(&*world.fake, engine).await;
}

#[tokio::test(start_paused = true)]
async fn an_absence_is_noted_and_mended() {
    let mut world = World::new();
    let engine = world.start().await;
    let id = world.add(&engine, "BTC/USDT", Since::Now).await;
    world.seconds(120).await;
    world.stop(engine).await;
    // Longer than the one page that a heartbeat asks for.
    tokio::time::advance(Duration::from_secs(2 * 86_400)).await;
    let wait = Duration::from_secs(30);
    world.fake.script().failing.insert("BTCUSDT".into(), ExchangeError::CircuitOpen { until: Time::EPOCH, wait });
    let engine = world.start().await;
    world.seconds(1).await;
    let wanted = TimeRange::new(time("2025-07-01T12:34:00Z"), time("2025-07-03T12:36:00Z"));
    let noted = world.gaps(id, wanted);
    let off: Vec<&Gap> = noted.iter().filter(|gap| gap.reason == GapReason::RecorderOff).collect();
    assert_eq!(off.len(), 1, "{noted:?}");
    assert_eq!((off[0].range.from, off[0].asked_count), (time("2025-07-01T12:36:00Z"), 0));
    assert!(Interval::M1.count(off[0].range) >= 2_879, "{off:?}");
    world.fake.script().failing.clear();
    world.seconds(120).await;
    world.held.stop(&*world.fake, engine).await;
    assert_eq!(world.account(id, wanted), Account::whole(2_882));
    assert_eq!(world.check(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_of_markets_ends_no_recording() {
    let mut world = World::new();
    world.settings.instruments_max_age_ms = HOUR_MS / 2;
    world.settings.mend_every = Duration::from_secs(3_600);
    let engine = world.start().await;
    let id = world.add(&engine, "BTC/USDT", Since::Now).await;
    world.fake.script().lists_nothing = true;
    world.seconds(3_900).await;
    assert_eq!(view(&world, &engine, id).await.state, SeriesState::Live);
    assert_eq!(view(&world, &engine, id).await.coverage.queued, 0);
    world.held.stop(&*world.fake, engine).await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_symbol_is_asked_for_once() {
    let world = World::new();
    let engine = world.start().await;
    world.fake.script().failing.insert("BTCUSDT".into(), ExchangeError::UnknownSymbol("BTCUSDT".into()));
    let id = world.add(&engine, "BTC/USDT", Since::Last(DAY_MS)).await;
    world.seconds(10).await;
    let asked = world.fake.script().asked.len();
    let (state, failed) = (view(&world, &engine, id).await.state, job(&world, &engine).await);
    assert_eq!(state, SeriesState::Stopped("the exchange does not know BTCUSDT".into()));
    assert_eq!((failed.state, failed.note.as_deref()), (JobState::Failed, Some("the exchange does not know BTCUSDT")));
    world.seconds(590).await;
    assert_eq!(world.fake.script().asked.len(), asked, "it never loops");
    world.held.stop(&*world.fake, engine).await;
}

#[tokio::test(start_paused = true)]
async fn additions_are_refused_in_words() {
    let world = World::new();
    let engine = world.start().await;
    world.add(&engine, "BTC/USDT", Since::Now).await;
    let check = async |symbols: &[&str], expected: Result<&str, &str>| {
        let symbols = symbols.iter().map(|symbol| (*symbol).to_owned()).collect();
        let add = Command::Add {
            symbols,
            exchange: BINANCE,
            datasets: vec![Dataset::Candles],
            interval: Interval::M1,
            since: Since::Now,
        };
        let outcome = world.command(&engine, add).await.map(|done| done.message);
        assert_eq!(outcome.as_deref().map_err(String::as_str), expected);
    };
    let duplicate = "BTC/USDT 1m is already recorded; to fetch more of its past use backfill";
    check(&["btcusdt"], Err(duplicate)).await;
    check(&["PEPE/USD"], Err("PEPE/USD is not traded on binance: did you mean PEPE/USDT?")).await;
    check(&["QQQQ/ZZZ"], Err("QQQQ/ZZZ is not traded on binance")).await;
    // One that cannot be added does not keep the others out.
    check(&["eth-usdt", "BTC/USDT"], Ok(&format!("recording ETH/USDT 1m; {duplicate}"))).await;
    world.held.stop(&*world.fake, engine).await;
}

#[tokio::test(start_paused = true)]
async fn a_backfill_is_held_taken_up_and_called_off() {
    let mut world = World::new();
    world.settings.max_in_flight = 1;
    world.settings.records = false;
    let engine = world.start().await;
    world.fake.script().takes = Duration::from_secs(10);
    let id = world.add(&engine, "BTC/USDT", Since::Last(5 * 1_000 * MINUTE_MS)).await;
    world.seconds(15).await;
    let started = job(&world, &engine).await;
    assert_eq!((started.state, started.done, started.total), (JobState::Running, 1_000, 5_000));
    world.command(&engine, Command::Pause(started.id)).await.unwrap();
    world.seconds(60).await;
    let held = job(&world, &engine).await;
    assert_eq!((held.state, held.done), (JobState::Paused, 2_000), "the page under way comes in, and no other is asked for");
    assert_eq!(world.fake.asked("BTCUSDT", Lane::Backfill).len(), 2);
    world.command(&engine, Command::Resume(started.id)).await.unwrap();
    world.seconds(11).await;
    assert_eq!(job(&world, &engine).await.done, 3_000);
    world.command(&engine, Command::Cancel(started.id)).await.unwrap();
    world.seconds(30).await;
    let cancelled = job(&world, &engine).await;
    assert_eq!(cancelled.state, JobState::Cancelled);
    // The page under way came in; what was called off is not wanted any more.
    let asked = world.fake.asked("BTCUSDT", Lane::Backfill).len();
    let view = view(&world, &engine, id).await;
    assert!(view.coverage.stored >= 3_000 && view.coverage.wanted < 5_000, "{:?}", view.coverage);
    world.command(&engine, Command::Refresh).await.unwrap();
    world.seconds(60).await;
    assert_eq!(world.fake.asked("BTCUSDT", Lane::Backfill).len(), asked, "nothing is queued again");
    world.held.stop(&*world.fake, engine).await;
    assert_eq!(world.check(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn two_backfills_take_turns() {
    let mut world = World::new();
    world.settings.max_in_flight = 1;
    world.settings.records = false;
    let engine = world.start().await;
    world.fake.script().takes = Duration::from_secs(1);
    world.add(&engine, "BTC/USDT", Since::Last(6 * 1_000 * MINUTE_MS)).await;
    world.add(&engine, "ETH/USDT", Since::Last(3 * 1_000 * MINUTE_MS)).await;
    world.seconds(12).await;
    let order: String = world
        .fake
        .script()
        .asked
        .iter()
        .map(|asked| if asked.request.instrument.native == "BTCUSDT" { 'b' } else { 'e' })
        .collect();
    assert_eq!(order, "bebebebbb");
    world.held.stop(&*world.fake, engine).await;
}

#[tokio::test(start_paused = true)]
async fn what_lies_before_the_listing_is_explained() {
    let world = World::new();
    let listed = world.fake.market("NEWUSDT").listed_at();
    let engine = world.start().await;
    let symbols = vec!["NEW/USDT".to_owned()];
    let since = Since::Time(listed.plus_ms(-30 * DAY_MS));
    let add = Command::Add { symbols, exchange: BINANCE, datasets: vec![Dataset::Candles], interval: Interval::H1, since };
    let id = world.command(&engine, add).await.unwrap().series[0];
    world.seconds(30).await;
    world.held.stop(&*world.fake, engine).await;
    let before = TimeRange::new(listed.plus_ms(-30 * DAY_MS), listed);
    let gaps = world.gaps(id, before);
    assert_eq!((gaps.len(), gaps[0].range, gaps[0].reason), (1, before, GapReason::BeforeListing));
    assert!(gaps[0].evidence.as_ref().unwrap().answer.contains("2025-02-14"), "{gaps:?}");
    // Two pages hold the range; the empty one is not asked for again, nor are others before it.
    assert!(world.fake.asked("NEWUSDT", Lane::Backfill).len() <= 5);
    let after = TimeRange::new(listed, time("2025-07-01T12:00:00Z"));
    assert_eq!(world.account(id, after), Account::whole(Interval::H1.count(after).try_into().unwrap()));
}

/// One wrong answer about the first candle, at a page that lacks its oldest minute.
#[tokio::test(start_paused = true)]
async fn one_answer_about_the_listing_is_no_evidence() {
    let mut world = World::new();
    world.settings.max_in_flight = 1;
    world.settings.records = false;
    let engine = world.start().await;
    let to = time("2025-07-01T12:34:00Z");
    let never = to.plus_ms(-1_000 * MINUTE_MS);
    world.fake.script().withheld.insert(never);
    world.fake.script().edges.push_back(to.plus_ms(-HOUR_MS));
    let id = world.add(&engine, "BTC/USDT", Since::Time(to.plus_ms(-5_000 * MINUTE_MS))).await;
    world.seconds(30).await;
    world.held.stop(&*world.fake, engine).await;
    let account = world.account(id, TimeRange::new(to.plus_ms(-5_000 * MINUTE_MS), to));
    assert_eq!((account.right, account.explained, account.explained_away), (4_999, 1, 1), "{account:?}");
    assert_eq!(world.check(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_changed_candle_is_a_revision() {
    let world = World::new();
    let minute = time("2025-07-01T12:35:00Z");
    let engine = world.start().await;
    let id = world.add(&engine, "BTC/USDT", Since::Now).await;
    world.seconds(100).await;
    let first = world.fake.market("BTCUSDT").candle(Interval::M1, minute).unwrap();
    let mut changed = first;
    changed.close = changed.high;
    changed.volume += marketdata_tui::domain::price::Decimal::from(7);
    assert_ne!(changed, first);
    world.fake.script().revised.insert(minute, changed);
    world.seconds(60).await;
    world.held.stop(&*world.fake, engine).await;
    let (rows, found) = world
        .store
        .readers()
        .with(|connection| {
            let series = series::get(connection, id)?.unwrap();
            let range = TimeRange::new(minute, minute.plus_ms(MINUTE_MS));
            Ok((candles::read(connection, id, series.instrument.scales, range)?, revisions::all(connection, id)?))
        })
        .unwrap();
    assert_eq!(rows, [changed], "the newest answer holds");
    let fields: Vec<(&str, Option<String>, Option<String>)> =
        found.iter().map(|revision| (revision.field.as_str(), revision.old_value.clone(), revision.new_value.clone())).collect();
    let pair = |old, new| (Some(trimmed(old)), Some(trimmed(new)));
    let (close, volume) = (pair(first.close, changed.close), pair(first.volume, changed.volume));
    assert_eq!(fields, [("close", close.0, close.1), ("volume", volume.0, volume.1)]);
    assert_eq!(world.check(), Vec::<String>::new(), "rollups follow a revision");
}

#[tokio::test(start_paused = true)]
async fn the_list_of_instruments_is_fetched_once() {
    let mut world = World::new();
    let engine = world.start().await;
    let count = |engine: &Engine| {
        let handle = engine.handle();
        async move { handle.query(Query::InstrumentCount).await.unwrap() }
    };
    assert_eq!(count(&engine).await, Reply::InstrumentCount(0));
    let refresh = || Command::RefreshInstruments;
    assert_eq!(world.command(&engine, refresh()).await.unwrap().message, "fetched a list of instruments");
    assert!(matches!(count(&engine).await, Reply::InstrumentCount(many) if many > 0));
    assert_eq!(world.command(&engine, refresh()).await.unwrap().message, "the lists of instruments are fresh");
    world.stop(engine).await;
}

#[tokio::test(start_paused = true)]
async fn volumes_are_asked_for_once_and_rank_what_is_found() {
    let mut world = World::new();
    world.fake.script().traded = [("BTCUSDT", 10), ("ETHUSDT", 99)].map(|(name, volume)| (name.into(), volume.into())).into();
    let engine = world.start().await;
    world.command(&engine, Command::RefreshInstruments).await.unwrap();
    let found = |engine: &Engine| {
        let handle = engine.handle();
        async move {
            let Ok(Reply::Instruments(hits)) = handle.query(Query::Instruments { needle: "usdt".into(), limit: 20 }).await else {
                panic!()
            };
            hits.into_iter().map(|hit| (hit.symbol, hit.volume_24h.map(|volume| volume.to_string()))).collect::<Vec<_>>()
        }
    };
    assert!(found(&engine).await.iter().all(|(_, volume)| volume.is_none()));
    let look = || Command::Volumes { needle: "usdt".into() };
    world.command(&engine, look()).await.unwrap();
    let hits = found(&engine).await;
    assert_eq!(hits[..2], [("ETH/USDT".into(), Some("99".into())), ("BTC/USDT".into(), Some("10".into()))]);
    assert!(hits[2..].iter().all(|(_, volume)| volume.is_none()), "{hits:?}");
    world.command(&engine, look()).await.unwrap();
    let requests: Vec<usize> = world.fake.script().priced.iter().map(Vec::len).collect();
    assert_eq!(requests, [hits.len()], "also those without a ticker are asked for once");
    world.stop(engine).await;
}
