//! Kraken's frames never say that a candle is final, and tell nothing of minutes without trades.

use super::{World, late_beats};
use crate::support::time;
use marketdata_tui::domain::candle::{Candle, Source};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::MINUTE_MS;
use marketdata_tui::engine::snapshot::StreamMood;
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::exchange::kraken::{Kraken, KrakenSettings};
use marketdata_tui::exchange::port::Exchange;
use marketdata_tui::sim::{StreamSettings, Venue};
use std::sync::Arc;

fn client(url: &str, clock: Clock) -> Arc<dyn Exchange> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ws_url = url.replacen("http", "ws", 1);
    let settings = KrakenSettings { rest_url: url.to_owned(), ws_url: Some(ws_url), ..KrakenSettings::default() };
    Arc::new(Kraken::new(&settings, clock).unwrap())
}

#[tokio::test(start_paused = true)]
async fn candles_are_final_when_they_are_over() {
    let streams = StreamSettings { limits: false, ..StreamSettings::default() };
    let world = World::of(None, late_beats(), streams, client, &["BTC/USD"]).await;
    world.until(60, || world.view().mood == StreamMood::Live).await;
    let (id, minute) = (world.series[0], time("2025-07-01T12:35:00Z"));
    world.until(150, || world.source(id, minute).is_some()).await;
    let late = world.rig.exchange.now().since(minute.plus_ms(MINUTE_MS));
    assert_eq!((world.source(id, minute), late < 12_000), (Some(Source::Stream), true), "{late} ms after its end");
    world.until(60, || world.source(id, minute) == Some(Source::Confirmed)).await;
    world.pass(20).await;
    assert_eq!(world.losses(), []);
    let World { rig, held, engine, .. } = world;
    let range = TimeRange::new(time("2025-07-01T12:30:00Z"), minute.plus_ms(MINUTE_MS));
    held.stop(&*rig.exchange, engine).await;
    drop(held);
    let stored = rig.stored(id, range);
    let market = rig.sim.market_on(Venue::Kraken, &rig.series(id).instrument.native).unwrap();
    let values = |candle: &Candle| (candle.open_time, candle.open, candle.high, candle.low, candle.close, candle.volume);
    let expected: Vec<_> = market.candles(Interval::M1, range).iter().map(values).collect();
    assert_eq!(stored.iter().map(values).collect::<Vec<_>>(), expected);
    assert_eq!(rig.gaps(id, range), []);
}
