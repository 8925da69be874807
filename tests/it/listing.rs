//! Markets that are renamed, suspended or delisted while they are recorded, on each exchange.

use crate::support::account::Account;
use crate::support::range;
use crate::support::world::{World, view};
use marketdata_tui::domain::instrument::{ExchangeId, InstrumentStatus};
use marketdata_tui::domain::price::Decimal;
use marketdata_tui::domain::time::HOUR_MS;
use marketdata_tui::engine::Engine;
use marketdata_tui::engine::command::Since;
use marketdata_tui::engine::snapshot::SeriesState;
use std::time::Duration;

/// Lists are fetched anew twice an hour.
fn world(exchange: ExchangeId) -> World {
    let mut world = World::on(exchange);
    world.settings.instruments_max_age_ms = HOUR_MS / 2;
    world.settings.mend_every = Duration::from_secs(1_860);
    world
}

/// How often the log says this.
fn told(engine: &Engine, line: &str) -> usize {
    engine.handle().snapshots().borrow().log.iter().filter(|entry| entry.message.contains(line)).count()
}

#[tokio::test(start_paused = true)]
async fn a_renamed_market_goes_on_under_its_new_name() {
    for exchange in ExchangeId::ALL {
        let world = world(exchange);
        let engine = world.start().await;
        let id = world.add(&engine, "BTC/USDT", Since::Last(HOUR_MS)).await;
        world.seconds(60).await;
        world.fake.script().renamed.insert("BTC".into(), "XBT".into());
        world.seconds(3_900).await;
        let now = view(&world, &engine, id).await;
        assert_eq!((now.symbol.as_str(), now.state), ("XBT/USDT", SeriesState::Live), "{exchange}");
        assert_eq!(told(&engine, "BTC/USDT is now called XBT/USDT; its data stay with it"), 1, "{exchange}");
        let whole = range("2025-07-01T11:34:00Z", "2025-07-01T13:40:00Z");
        assert_eq!(world.account(id, whole), Account::whole(126), "{exchange}: before and after are one series");
        world.held.stop(&*world.fake, engine).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_contract_of_another_size_is_told() {
    for exchange in [ExchangeId::BinanceUsdm, ExchangeId::Okx] {
        let world = world(exchange);
        world.fake.script().contracts.insert("BTCUSDT".into(), Decimal::new(1, 2));
        let engine = world.start().await;
        let id = world.add(&engine, "BTC/USDT:USDT", Since::Now).await;
        world.seconds(60).await;
        world.fake.script().contracts.insert("BTCUSDT".into(), Decimal::new(1, 1));
        world.seconds(3_900).await;
        assert_eq!(view(&world, &engine, id).await.state, SeriesState::Live, "{exchange}");
        let line = "a contract of BTC/USDT:USDT stands for 0.1 BTC now, for 0.01 BTC before";
        assert_eq!(told(&engine, line), 1, "{exchange}");
        world.held.stop(&*world.fake, engine).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_market_that_stops_keeps_its_data_and_goes_on_with_trading() {
    for (exchange, is_unlisted) in ExchangeId::ALL.into_iter().flat_map(|exchange| [(exchange, false), (exchange, true)]) {
        let reason = if is_unlisted { "delisted" } else { "halted" };
        let world = world(exchange);
        let engine = world.start().await;
        let id = world.add(&engine, "BTC/USDT", Since::Last(HOUR_MS)).await;
        world.seconds(60).await;
        if is_unlisted {
            world.fake.script().unlisted.insert("BTCUSDT".into());
        } else {
            world.fake.script().status.insert("BTCUSDT".into(), InstrumentStatus::Halted);
        }
        world.seconds(3_900).await;
        assert_eq!(view(&world, &engine, id).await.state, SeriesState::Stopped(reason.into()), "{exchange}");
        assert_eq!(told(&engine, &format!("{reason} on {exchange}: no new candles come")), 1, "{exchange}: said once");
        let before = range("2025-07-01T11:34:00Z", "2025-07-01T12:35:00Z");
        assert_eq!(world.account(id, before), Account::whole(61), "{exchange}: what was recorded stays");
        let beats = world.beats("BTCUSDT").len();
        world.seconds(300).await;
        assert_eq!(world.beats("BTCUSDT").len(), beats, "{exchange}: nothing is asked of a market that does not trade");
        world.fake.script().unlisted.clear();
        world.fake.script().status.clear();
        world.seconds(3_900).await;
        assert_eq!(view(&world, &engine, id).await.state, SeriesState::Live, "{exchange}");
        assert!(world.beats("BTCUSDT").len() > beats, "{exchange}");
        world.held.stop(&*world.fake, engine).await;
    }
}
