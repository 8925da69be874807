//! Registering symbols and ranges: the changes that a person asks for, whether a recorder runs in
//! this process, in another one, or not at all.

use super::command::{Done, Since};
use super::core::Core;
use super::ingest::FetchError;
use super::{listing, search};
use crate::domain::dataset::Dataset;
use crate::domain::instrument::{ExchangeId, Instrument, InstrumentStatus, SymbolQuery};
use crate::domain::interval::Interval;
use crate::domain::log::LogLevel;
use crate::domain::page::time_of;
use crate::domain::range::TimeRange;
use crate::domain::series::{JobId, Series, SeriesId, full_name};
use crate::domain::time::{HOUR_MS, Time, short_duration};
use crate::exchange::clock::Clock;
use crate::exchange::error::ExchangeError;
use crate::exchange::port::{Edge, Exchange};
use crate::store::{Connection, Priority, Store, StoreError, coverage, ingest_log, instruments, jobs, series, settings};
use std::sync::Arc;

/// The registry of one store for one exchange.
#[derive(Clone)]
pub struct Registry {
    store: Store,
    exchange: Arc<dyn Exchange>,
    clock: Clock,
    max_age_ms: i64,
}

/// Why a request cannot be carried out, in a line for the person who made it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RegistryError {
    /// Nothing of that name, with near ones.
    #[error("{typed} is not traded on {exchange}{}", did_you_mean(.near))]
    UnknownSymbol {
        /// As typed.
        typed: String,
        /// Where it was looked for.
        exchange: ExchangeId,
        /// What may have been meant.
        near: Vec<String>,
    },
    /// It is recorded already.
    #[error("{0} is already recorded; to fetch more of its past use backfill")]
    Duplicate(String),
    /// A range without a candle, or without a whole step of another dataset.
    #[error("no whole {0} lies in that range: it is too short, or ends before it begins, or lies in the future or before 1970")]
    EmptyRange(String),
    /// The exchange does not serve the dataset of this instrument.
    #[error("{name} cannot be recorded: {reason}")]
    NotServed {
        /// `BTC/USDT trades`.
        name: String,
        /// Why, in the exchange's words.
        reason: String,
    },
    /// All of the range is older than what the exchange keeps.
    #[error("{exchange} keeps only the last {} of {name}: nothing of that range can be had", short_duration(*.reach_ms))]
    OutOfReach {
        /// `BTC/USDT trades`.
        name: String,
        /// Which exchange.
        exchange: ExchangeId,
        /// How far back it goes.
        reach_ms: i64,
    },
    /// The exchange or the store failed.
    #[error(transparent)]
    Failed(#[from] FetchError),
}

impl From<StoreError> for RegistryError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What is to be recorded of an instrument.
struct What {
    dataset: Dataset,
    interval: Interval,
    /// `BTC/USDT trades`.
    name: String,
    reach_ms: Option<i64>,
}

/// What came of registering it.
struct Registered {
    series: SeriesId,
    job: Option<JobId>,
    /// Whether more was asked for than the exchange keeps.
    is_clipped: bool,
}

/// What lies this close to the end of the reach would be out of it before it is asked for.
fn margin(reach_ms: i64) -> i64 {
    (reach_ms / 48).min(HOUR_MS)
}

/// What a list no longer names is delisted, and recording it ends. A list that names nothing, or has
/// lost half of what trades, is an answer cut short rather than the end of half the markets.
fn believable(list: &[Instrument], known: &[Instrument]) -> Result<(), ExchangeError> {
    let trading = |list: &[Instrument]| list.iter().filter(|one| one.status == InstrumentStatus::Trading).count();
    let (now, before) = (list.len(), trading(known));
    if now == 0 || now < before / 2 {
        return Err(ExchangeError::WrongAnswer(format!("a list of {now} instruments, where {before} traded before")));
    }
    Ok(())
}

/// Notes in the log what has changed of markets that are recorded.
fn tell(connection: &Connection, id: ExchangeId, changes: &[(String, String)], now: Time) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let mut recorded = series::all(connection)?;
    recorded.retain(|series| series.instrument.exchange == id);
    recorded.sort_by_key(|series| !series.active);
    for (native, line) in changes {
        if let Some(series) = recorded.iter().find(|series| series.instrument.native == *native) {
            ingest_log::append(connection, now, LogLevel::Warn, "gaps", Some(series.id), line)?;
        }
    }
    Ok(())
}

fn did_you_mean(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!(": did you mean {}?", near.join(", ")) }
}

impl Registry {
    /// A registry; `max_age_ms` is the age at which the instrument list is fetched anew.
    pub fn new(store: Store, exchange: Arc<dyn Exchange>, clock: Clock, max_age_ms: i64) -> Self {
        Self { store, exchange, clock, max_age_ms }
    }

    /// The same with another age.
    pub(super) const fn with_max_age(mut self, max_age_ms: i64) -> Self {
        self.max_age_ms = max_age_ms;
        self
    }

    pub(super) fn of(core: &Core, exchange: &Arc<dyn Exchange>) -> Self {
        Self::new(core.store.clone(), Arc::clone(exchange), core.clock, core.settings.instruments_max_age_ms)
    }

    /// Fetches the instrument list where the cached one is too old; whether it did.
    pub async fn refresh_instruments(&self) -> Result<bool, FetchError> {
        let id = self.exchange.id();
        let now = self.clock.now();
        let cached = self.read(move |connection| instruments::refreshed_at(connection, id)).await?;
        if cached.is_some_and(|at| now.since(at) < self.max_age_ms && at <= now) {
            return Ok(false);
        }
        let list = self.exchange.instruments().await?;
        let known = self.read(move |connection| instruments::all(connection, id)).await?;
        believable(&list, &known)?;
        self.store
            .writer()
            .run(Priority::Live, move |connection| {
                instruments::refresh(connection, id, &list, now)?;
                tell(connection, id, &listing::changes(&known, &list), now)
            })
            .await?;
        Ok(true)
    }

    /// Registers a dataset of a symbol and what is wanted of its past; refuses one that is recorded already.
    /// `interval` is the width of candles; other datasets have a grid of their own.
    pub async fn add(&self, typed: &str, dataset: Dataset, interval: Interval, since: Since) -> Result<Done, RegistryError> {
        let instrument = self.resolve(typed).await?;
        let what = self.served(&instrument, dataset, interval)?;
        if self.find(&instrument, &what).await?.is_some_and(|series| series.active) {
            return Err(RegistryError::Duplicate(what.name));
        }
        let registered = self.register(&instrument, &what, since, None).await?;
        let state = match instrument.status {
            InstrumentStatus::Trading => String::new(),
            status => format!(" ({}: its past can be fetched, new {} do not come)", status.name(), dataset.label()),
        };
        let kept = self.told_reach(&what, &registered);
        let message = format!("recording {}{state}{kept}", what.name);
        Ok(Done { message, series: vec![registered.series], job: registered.job })
    }

    /// Widens the wanted range of a series, registering it where needed, and queues what is owed.
    pub async fn backfill(
        &self,
        typed: &str,
        dataset: Dataset,
        interval: Interval,
        since: Since,
        to: Option<Time>,
    ) -> Result<Done, RegistryError> {
        let instrument = self.resolve(typed).await?;
        let what = self.served(&instrument, dataset, interval)?;
        let registered = self.register(&instrument, &what, since, to).await?;
        let message = format!("fetching the past of {}{}", what.name, self.told_reach(&what, &registered));
        Ok(Done { message, series: vec![registered.series], job: registered.job })
    }

    /// What is to be recorded, where the exchange serves it.
    fn served(&self, instrument: &Instrument, dataset: Dataset, interval: Interval) -> Result<What, RegistryError> {
        let interval = dataset.grid().unwrap_or(interval);
        let name = full_name(instrument.exchange, &instrument.symbol, dataset, interval);
        match self.exchange.service(instrument, dataset, interval) {
            Ok(service) => Ok(What { dataset, interval, name, reach_ms: service.reach_ms }),
            Err(reason) => Err(RegistryError::NotServed { name, reason }),
        }
    }

    fn told_reach(&self, what: &What, registered: &Registered) -> String {
        match what.reach_ms.filter(|_| registered.is_clipped) {
            Some(reach) => format!("; {} keeps only the last {} of it", self.exchange.id(), short_duration(reach)),
            None => String::new(),
        }
    }

    /// Stops recording a series; its data stays.
    pub async fn remove(&self, id: SeriesId) -> Result<(), StoreError> {
        let now = self.exchange.now();
        self.store
            .writer()
            .run(Priority::Live, move |connection| {
                series::deactivate(connection, id, now)?;
                for job in jobs::recent(connection)?.into_iter().filter(|job| job.series == id && !job.state.is_finished()) {
                    jobs::set_state(
                        connection,
                        job.id,
                        crate::domain::job::JobState::Cancelled,
                        Some("the symbol was removed"),
                        now,
                    )?;
                }
                settings::registry_changed(connection)
            })
            .await
    }

    /// Stops recording a series and deletes all that was recorded of it.
    pub async fn purge(&self, id: SeriesId) -> Result<(), StoreError> {
        self.store
            .writer()
            .run(Priority::Live, move |connection| {
                series::purge(connection, id)?;
                settings::registry_changed(connection)
            })
            .await
    }

    /// The instrument that was meant.
    pub async fn resolve(&self, typed: &str) -> Result<Instrument, RegistryError> {
        let exchange = self.exchange.id();
        let unknown = |near| RegistryError::UnknownSymbol { typed: typed.to_owned(), exchange, near };
        let query = SymbolQuery::parse(typed).map_err(|_| unknown(Vec::new()))?;
        let known = self.read(move |connection| instruments::all(connection, exchange)).await?;
        let pick = |list: &[Instrument]| {
            let mut meant: Vec<&Instrument> = list.iter().filter(|instrument| query.matches(instrument)).collect();
            // Two markets may fold to the same letters; the one that trades is meant.
            meant.sort_by_key(|instrument| instrument.status != InstrumentStatus::Trading);
            meant.first().map(|instrument| (*instrument).clone())
        };
        // A cached list that names it is good enough even while the exchange cannot be reached.
        let found = pick(&known);
        let refreshed = match self.refresh_instruments().await {
            Ok(refreshed) => refreshed,
            Err(_) if found.is_some() => false,
            Err(error) => return Err(error.into()),
        };
        let list = if refreshed { self.read(move |connection| instruments::all(connection, exchange)).await? } else { known };
        pick(&list).ok_or_else(|| {
            // As they can be typed: where the exchange was named, or would not be meant without.
            let is_named = query.exchange.is_some() || matches!(exchange, ExchangeId::Okx | ExchangeId::Kraken);
            let name = |name: String| if is_named { format!("{exchange}:{name}") } else { name };
            unknown(search::near_names(&query, &list).into_iter().map(name).collect())
        })
    }

    async fn find(&self, instrument: &Instrument, what: &What) -> Result<Option<Series>, StoreError> {
        let (exchange, native) = (instrument.exchange, instrument.native.clone());
        let (dataset, interval) = (what.dataset, what.interval);
        self.read(move |connection| match instruments::id(connection, exchange, &native)? {
            Some(id) => series::find(connection, id, dataset, interval),
            None => Ok(None),
        })
        .await
    }

    async fn register(
        &self,
        instrument: &Instrument,
        what: &What,
        since: Since,
        to: Option<Time>,
    ) -> Result<Registered, RegistryError> {
        let now = self.exchange.now();
        let &What { dataset, interval, reach_ms, .. } = what;
        let closed = interval.floor(now);
        let to = to.map_or(closed, |to| interval.floor(to).min(closed));
        let asked = match since {
            Since::Now => closed,
            Since::Last(ms) => interval.floor(now.plus_ms(-ms)),
            Since::Time(from) => interval.ceil(from),
            // All that it keeps, where it does not keep all.
            Since::Listing if reach_ms.is_some() => Time::EPOCH,
            Since::Listing => self.listing(instrument, interval).await?.unwrap_or(closed),
        };
        // No exchange is older, and none understands a negative time.
        let asked = asked.max(interval.ceil(Time::EPOCH));
        // What nobody can have is not wanted: it is no loss.
        let from = reach_ms.map_or(asked, |reach| asked.max(interval.ceil(now.plus_ms(margin(reach) - reach))));
        let is_clipped = from > asked;
        if let Some(reach_ms) = reach_ms.filter(|_| is_clipped && from >= to) {
            return Err(RegistryError::OutOfReach { name: what.name.clone(), exchange: instrument.exchange, reach_ms });
        }
        if from > to || (from == to && since != Since::Now) {
            let what = match dataset {
                Dataset::Candles => format!("{interval} candle"),
                other => format!("{interval} of {}", other.label()),
            };
            return Err(RegistryError::EmptyRange(what));
        }
        let (exchange, native, local_now) = (instrument.exchange, instrument.native.clone(), self.clock.now());
        let (series, job) = self
            .store
            .writer()
            .run(Priority::Live, move |connection| {
                let key = instruments::id(connection, exchange, &native)?
                    .ok_or_else(|| StoreError::Corrupt(format!("{native} is not listed")))?;
                let id = series::register(connection, key, dataset, interval, from, local_now)?;
                series::set_reach(connection, id, reach_ms)?;
                let range = TimeRange::new(from, to);
                let owes =
                    !coverage::touching(connection, id, range)?.ranges().iter().any(|held| held.from <= from && to <= held.to);
                let job = if owes && !range.is_empty() { Some(jobs::want(connection, id, range, local_now)?) } else { None };
                settings::registry_changed(connection)?;
                Ok((id, job))
            })
            .await?;
        Ok(Registered { series, job, is_clipped })
    }

    /// Opening of the first candle that the exchange has.
    async fn listing(&self, instrument: &Instrument, interval: Interval) -> Result<Option<Time>, FetchError> {
        let answer = self.exchange.edge_candle(Arc::new(instrument.clone()), interval, Edge::First).await?;
        let first = answer.rows.first().and_then(|row| time_of(row, |candle| candle.open_time));
        Ok(first.map(|time| interval.floor(time)))
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = self.store.readers().clone();
        tokio::task::spawn_blocking(move || readers.with(read)).await.unwrap_or(Err(StoreError::Closed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::instrument::Symbol;
    use crate::domain::instrument::tests::instrument;

    fn listed(count: usize) -> Vec<Instrument> {
        (0..count)
            .map(|at| Instrument {
                symbol: Symbol::spot(&format!("A{at}"), "USDT"),
                native: format!("A{at}USDT"),
                ..instrument()
            })
            .collect()
    }

    #[test]
    fn a_list_cut_short_delists_nothing() {
        let check = |now: usize, before: usize, expected: bool| {
            assert_eq!(believable(&listed(now), &listed(before)).is_ok(), expected, "{now} of {before}");
        };
        check(0, 0, false);
        check(0, 10, false);
        check(4, 10, false);
        check(5, 10, true);
        check(3, 0, true);
    }
}
