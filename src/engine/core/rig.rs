//! A recorder without an exchange, for tests.

use super::Core;
use crate::domain::dataset::Dataset;
use crate::domain::instrument::ExchangeId;
use crate::domain::instrument::tests::instrument;
use crate::domain::interval::Interval;
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use crate::engine::settings::EngineSettings;
use crate::exchange::clock::Clock;
use crate::store::{Priority, Store, instruments, series};
use std::path::Path;

/// When it starts: on a minute's boundary.
pub(in crate::engine) const START: Time = Time::from_ms(1_768_480_440_000);

/// An empty recorder whose clock runs with tokio's.
pub(in crate::engine) async fn recorder(folder: &Path) -> Core {
    let store = Store::open(&folder.join("store.sqlite")).unwrap();
    let core = Core::new(store, Vec::new(), Clock::starting_at(START), EngineSettings::default());
    core.reload().await.unwrap();
    core
}

/// Registers BTC/USDT 1m, wanted from the start on.
pub(in crate::engine) async fn recorded(core: &Core) -> SeriesId {
    registered(core, Dataset::Candles, Interval::M1).await
}

/// Registers a dataset of BTC/USDT, wanted from the start on.
pub(in crate::engine) async fn registered(core: &Core, dataset: Dataset, interval: Interval) -> SeriesId {
    let id = core
        .store
        .writer()
        .run(Priority::Live, move |connection| {
            instruments::refresh(connection, ExchangeId::Binance, &[instrument()], START)?;
            let key = instruments::id(connection, ExchangeId::Binance, "BTCUSDT")?.unwrap();
            series::register(connection, key, dataset, interval, START, START)
        })
        .await
        .unwrap();
    core.reload().await.unwrap();
    id
}
