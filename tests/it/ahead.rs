//! An exchange whose clock is told ahead of the truth: what forms must not pass for closed.

use crate::support::range;
use crate::support::world::World;
use marketdata_tui::engine::command::{Command, Since};
use marketdata_tui::store::{candles, series};
use std::time::Duration;

/// The exchange tells its time a minute and a half ahead for so many seconds, from the regular look on, and the
/// recorder is called to fetch as soon as it has heard that.
async fn told_ahead_for(seconds: i64) {
    let world = World::new();
    let engine = world.start().await;
    let id = world.add(&engine, "BTC/USDT", Since::Last(600_000)).await;
    world.seconds(540).await;
    {
        let mut script = world.fake.script();
        script.forms = true;
        script.clock_takes = Duration::from_secs(1);
        script.clock_ahead = Some((90_000, world.clock.now().plus_ms(100_000)));
    }
    let limit = Duration::from_secs(100);
    let is_told = || world.fake.script().believed_ahead > 0;
    world.held.until(&*world.fake, limit, Duration::from_millis(500), is_told).await;
    world.fake.script().clock_ahead = Some((90_000, world.clock.now().plus_ms(seconds * 1_000)));
    for _ in 0..4 {
        world.command(&engine, Command::Refresh).await.unwrap();
        let all = range("2025-07-01T12:00:00Z", "2025-07-01T14:00:00Z");
        let read = |connection: &_| {
            let scales = series::get(connection, id)?.unwrap().instrument.scales;
            candles::read(connection, id, scales, all)
        };
        let newest = *world.store.readers().with(read).unwrap().last().unwrap();
        let (end, now) = (newest.open_time.plus_ms(60_000), world.clock.now());
        assert!(end <= now, "a candle that ends at {} is stored at {}", end.iso(), now.iso());
        world.seconds(20).await;
    }
    world.seconds(240).await;
    let gaps = world.gaps(id, range("2025-07-01T12:25:00Z", "2025-07-01T12:47:00Z"));
    assert_eq!(gaps, [], "no minute was explained before it was over");
}

#[tokio::test(start_paused = true)]
async fn a_look_that_is_ahead_once_is_not_believed() {
    told_ahead_for(1).await;
}

/// A server that is wrong is asked twice in a row.
#[tokio::test(start_paused = true)]
async fn two_looks_in_a_row_are_one_witness() {
    told_ahead_for(20).await;
}
