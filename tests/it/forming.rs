//! The recorder looks at the candle that forms, and knows where the stored ones came from.

use marketdata_tui::domain::candle::{Candle, Source};
use marketdata_tui::domain::dataset::Dataset;
use marketdata_tui::domain::instrument::ExchangeId;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::series::SeriesId;
use marketdata_tui::domain::time::{HOUR_MS, MINUTE_MS, Time};
use marketdata_tui::engine::Engine;
use marketdata_tui::engine::command::{Command, Since};
use marketdata_tui::engine::handle::Handle;
use marketdata_tui::engine::query::{Provenance, Query, Reply};
use marketdata_tui::engine::settings::EngineSettings;
use marketdata_tui::engine::snapshot::SeriesView;
use marketdata_tui::exchange::binance::{Binance, BinanceSettings};
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::sim::{SimClock, SimConfig, Simulation};
use marketdata_tui::store::Store;
use std::sync::Arc;
use std::time::Duration;

/// The first view of the one series that `wanted` takes.
async fn view<T>(handle: &Handle, wanted: impl Fn(&SeriesView) -> Option<T>) -> T {
    let mut snapshots = handle.snapshots();
    let look = async {
        loop {
            let found = snapshots.borrow_and_update().series.first().and_then(&wanted);
            if let Some(found) = found {
                return found;
            }
            snapshots.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(20), look).await.expect("the snapshot never said so")
}

async fn provenance(handle: &Handle, series: SeriesId, from: Time, minutes: i64) -> Option<Provenance> {
    let range = TimeRange::new(from, from.plus_ms(minutes * MINUTE_MS));
    match handle.query(Query::Candle { series, range }).await.unwrap() {
        Reply::Candle(found) => found,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_watched_series_alone_has_a_forming_candle() {
    // The second of two tests that install it is told so; both have one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let now = Time::parse("2025-07-01T12:34:30Z", Time::EPOCH).unwrap();
    let minute = Interval::M1.floor(now);
    let sim =
        Simulation::start(SimConfig { clock: SimClock::From { at: now, speed: 0.0 }, ..SimConfig::default() }).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::starting_at(now);
    let exchange = Arc::new(Binance::new(&BinanceSettings { rest_url: sim.url(), ..Default::default() }, clock).unwrap());
    let store = Store::open(&folder.path().join("store.sqlite")).unwrap();
    let engine = Engine::start(store, vec![exchange], clock, EngineSettings::default()).await.unwrap();
    let handle = engine.handle();
    let add = Command::Add {
        symbols: vec!["BTC/USDT".into()],
        exchange: ExchangeId::Binance,
        datasets: vec![Dataset::Candles],
        interval: Interval::M1,
        since: Since::Last(HOUR_MS),
    };
    handle.run(add).await.unwrap();
    let id = view(&handle, |series| (series.coverage.queued == 0 && series.coverage.stored > 30).then_some(series.id)).await;
    view(&handle, |series| series.forming.is_none().then_some(())).await;

    handle.run(Command::Watch(Some(id))).await.unwrap();
    let first: Candle = view(&handle, |series| series.forming).await;
    assert_eq!(first.open_time, minute);
    sim.advance_clock(20_000);
    handle.run(Command::Watch(Some(id))).await.unwrap();
    let grown = view(&handle, |series| series.forming.filter(|candle| *candle != first)).await;
    assert_eq!((grown.open_time, grown.open), (first.open_time, first.open));
    assert!(grown.volume > first.volume);
    assert_eq!(provenance(&handle, id, minute, 1).await, None, "it is never stored");

    let one = provenance(&handle, id, minute.plus_ms(-MINUTE_MS), 1).await.unwrap();
    assert_eq!((one.candles, one.source, one.revisions.len()), (1, Some(Source::Rest), 0));
    assert!(one.fetched_at.0 >= now && one.fetched_at.0 == one.fetched_at.1);
    let several = provenance(&handle, id, minute.plus_ms(-5 * MINUTE_MS), 10).await.unwrap();
    assert_eq!(several.candles, 5);

    handle.run(Command::Watch(None)).await.unwrap();
    view(&handle, |series| series.forming.is_none().then_some(())).await;
    engine.stop().await;
    sim.stop().await;
}
