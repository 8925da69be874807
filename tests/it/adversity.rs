//! What a recorder must survive: parts of it that panic, refusals that were none, candles that
//! wait for a request's word for long.

use crate::support::account::Account;
use crate::support::world::{World, view};
use crate::support::{range, time};
use marketdata_tui::domain::candle::Source;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::time::{HOUR_MS, Time};
use marketdata_tui::engine::command::{Command, Since};
use marketdata_tui::engine::snapshot::SeriesState;
use marketdata_tui::exchange::error::ExchangeError;
use marketdata_tui::exchange::port::Lane;
use marketdata_tui::store::{Connection, Priority, candles, series};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_part_that_panics_is_told_of_and_goes_on() {
    let world = World::new();
    let engine = world.start().await;
    let id = world.add(&engine, "BTC/USDT", Since::Now).await;
    world.seconds(48).await;
    world.fake.script().panics = 1;
    world.seconds(180).await;
    assert_eq!(world.fake.script().panics, 0);
    let now = view(&world, &engine, id).await;
    assert_eq!((&now.state, now.last_candle_end), (&SeriesState::Live, Some(time("2025-07-01T12:38:00Z"))));
    let log = engine.handle().snapshots().borrow().log.clone();
    let told: Vec<&str> =
        log.iter().filter(|entry| entry.message.contains("panicked")).map(|entry| entry.message.as_str()).collect();
    assert!(matches!(told[..], [one] if one.contains("heartbeat") && one.contains("on purpose")), "{told:?}");
    world.held.stop(&*world.fake, engine).await;
    assert_eq!(world.account(id, range("2025-07-01T12:34:00Z", "2025-07-01T12:38:00Z")), Account::whole(4));
}

#[tokio::test(start_paused = true)]
async fn a_command_that_panics_fails_alone() {
    let mut world = World::new();
    world.settings.instruments_max_age_ms = 0;
    let engine = world.start().await;
    let id = world.add(&engine, "BTC/USDT", Since::Now).await;
    world.fake.script().list_panics = true;
    let refused = engine.handle().run(Command::RefreshInstruments).await;
    assert_eq!(refused, Err("a command panicked, the recorder goes on: on purpose".into()));
    world.fake.script().list_panics = false;
    assert_eq!(engine.handle().run(Command::RefreshInstruments).await.unwrap().message, "fetched a list of instruments");
    world.seconds(60).await;
    assert_eq!(view(&world, &engine, id).await.state, SeriesState::Live);
    let log = engine.handle().snapshots().borrow().log.clone();
    assert_eq!(log.iter().filter(|entry| entry.message.contains("a command panicked")).count(), 1);
    world.held.stop(&*world.fake, engine).await;
}

#[tokio::test(start_paused = true)]
async fn one_refusal_does_not_end_a_series_that_the_list_still_names() {
    for refusal in [
        ExchangeError::UnknownSymbol("BTCUSDT".into()),
        ExchangeError::BadRequest { code: -1_100, message: "illegal characters".into() },
    ] {
        let mut world = World::new();
        world.settings.instruments_max_age_ms = HOUR_MS;
        world.settings.mend_every = Duration::from_secs(1_860);
        let engine = world.start().await;
        let id = world.add(&engine, "BTC/USDT", Since::Now).await;
        world.seconds(48).await;
        world.fake.script().failing.insert("BTCUSDT".into(), refusal.clone());
        world.seconds(60).await;
        assert!(matches!(view(&world, &engine, id).await.state, SeriesState::Stopped(_)), "{refusal}");
        let beats = world.beats("BTCUSDT").len();
        world.seconds(3_900).await;
        assert!(world.beats("BTCUSDT").len() < beats + 10, "{refusal}: it is tried again now and then");
        world.fake.script().failing.clear();
        world.seconds(3_900).await;
        let now = view(&world, &engine, id).await;
        assert_eq!((&now.state, now.coverage.queued), (&SeriesState::Live, 0), "{refusal}");
        world.held.stop(&*world.fake, engine).await;
        assert_eq!(world.account(id, range("2025-07-01T12:34:00Z", "2025-07-01T14:40:00Z")), Account::whole(126), "{refusal}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_for_a_time_before_the_epoch() {
    let world = World::new();
    let engine = world.start().await;
    let id = world.add(&engine, "BTC/USDT", Since::Last(99 * 365 * 24 * HOUR_MS)).await;
    world.held.stop(&*world.fake, engine).await;
    let series = world.store.readers().with(|connection| series::get(connection, id)).unwrap().unwrap();
    assert_eq!(series.wanted_from, Time::EPOCH);
}

/// A run that was killed between a candle of the stream and the beat that would have confirmed it, and was
/// off for longer than a page.
#[tokio::test(start_paused = true)]
async fn a_streamed_candle_of_long_ago_is_confirmed() {
    let mut world = World::new();
    let engine = world.start().await;
    let id = world.add(&engine, "BTC/USDT", Since::Last(40 * HOUR_MS)).await;
    world.seconds(20).await;
    world.stop(engine).await;
    let long_ago = range("2025-06-29T23:00:00Z", "2025-06-29T23:01:00Z");
    let open = long_ago.from.ms();
    let mark =
        move |connection: &Connection| Ok(connection.execute("UPDATE candles SET source = 1 WHERE open_time = ?1", [open])?);
    assert_eq!(world.store.writer().run(Priority::Live, mark).await.unwrap(), 1);
    let engine = world.start().await;
    world.seconds(200).await;
    let origin = world.store.readers().with(|connection| candles::origin(connection, id, long_ago)).unwrap().unwrap();
    assert_eq!(origin.source, Some(Source::Confirmed));
    let asked = world.fake.asked("BTCUSDT", Lane::Live);
    let last = asked.last().unwrap().request.range;
    assert_eq!(Interval::M1.count(last), 3, "nothing old is asked for any more: {last:?}");
    world.held.stop(&*world.fake, engine).await;
    assert_eq!(world.check(), Vec::<String>::new());
}
