//! What every subcommand works with.

use super::args::Color;
use super::{Usage, output};
use crate::config::Settings;
use crate::domain::dataset::Dataset;
use crate::domain::instrument::{ExchangeId, SymbolQuery, home};
use crate::domain::interval::Interval;
use crate::domain::series::Series;
use crate::engine::registry::Registry;
use crate::engine::settings::EngineSettings;
use crate::exchange::clock::Clock;
use crate::exchange::port::Exchange;
use crate::store::{Priority, Store, View, series, settings};
use anyhow::{Context as _, bail};
use std::sync::Arc;

/// Characters of the longest text that is looked for as a symbol.
const LONGEST: usize = 64;

/// Series that an error names.
const MOST_NAMES: usize = 8;

/// Settings and what is built from them.
pub struct Context {
    /// The effective settings.
    pub settings: Settings,
    /// The exchange where a symbol names none.
    pub exchange: ExchangeId,
    /// Whether the exchange is the built-in simulation.
    pub simulated: bool,
    /// Whether the screen may show colours.
    pub color: Color,
    /// Local time.
    pub clock: Clock,
    /// Why there is no log file, where one was to be kept.
    pub log_fault: Option<String>,
}

impl Context {
    /// Opens the store to record into it, creating it where it is not there. One that holds simulated data
    /// takes those of no real exchange, and the other way round.
    pub async fn store(&self) -> anyhow::Result<Store> {
        let store = self.open()?;
        let simulated = self.simulated;
        store.writer().run(Priority::Live, move |connection| settings::claim(connection, simulated)).await?;
        Ok(store)
    }

    /// Opens the store, creating it where it is not there, for whoever writes nothing of an exchange into it.
    pub fn open(&self) -> anyhow::Result<Store> {
        Store::open(&self.settings.db_path).context("the store cannot be opened")
    }

    /// Opens a store that must be there already, to write what comes from no exchange.
    pub fn existing_store(&self) -> anyhow::Result<Store> {
        self.must_exist()?;
        self.open()
    }

    /// Opens a store that must be there already for reading alone, and tells whether its data are simulated.
    pub fn view(&self) -> anyhow::Result<View> {
        self.must_exist()?;
        let view = View::open(&self.settings.db_path).context("the store cannot be opened")?;
        if view.readers().with(settings::is_simulated)? {
            output::tell(&format!("SIMULATED: {} holds data of the demo, of no real exchange", view.path().display()));
        }
        Ok(view)
    }

    fn must_exist(&self) -> anyhow::Result<()> {
        if !self.settings.db_path.exists() {
            bail!("there is no store at {} yet: add a symbol first", self.settings.db_path.display());
        }
        Ok(())
    }

    /// The exchange that a typed symbol means.
    pub fn exchange_of(&self, typed: &str) -> anyhow::Result<ExchangeId> {
        Ok(self.meant(typed)?.1)
    }

    /// A typed symbol and its exchange.
    fn meant(&self, typed: &str) -> anyhow::Result<(SymbolQuery, ExchangeId)> {
        let query = SymbolQuery::parse(typed).map_err(|error| Usage(error.to_string()))?;
        if query.folded.is_empty() {
            return Err(Usage("no symbol is named: write one such as BTC/USDT or okx:BTC/USDT".into()).into());
        }
        if typed.chars().count() > LONGEST {
            let start: String = typed.chars().take(LONGEST).collect();
            return Err(Usage(format!("`{start}..` is longer than any symbol")).into());
        }
        let exchange = query.exchange.unwrap_or_else(|| home(self.exchange, typed));
        Ok((query, exchange))
    }

    /// What to type for a series.
    fn typed_name(&self, series: &Series) -> String {
        let (exchange, symbol) = (series.instrument.exchange, &series.instrument.symbol);
        let kind = output::kind(series.dataset, series.interval);
        if home(self.exchange, symbol.as_str()) == exchange {
            format!("{symbol} {kind}")
        } else {
            format!("{exchange}:{symbol} {kind}")
        }
    }

    /// The engine's settings; `records` is false for a one-shot command.
    pub fn engine_settings(&self, records: bool) -> EngineSettings {
        EngineSettings {
            records,
            heartbeat_delay: self.settings.heartbeat_delay,
            max_in_flight: self.settings.pages_in_flight,
            simulated: self.simulated,
            streams: self.settings.streams,
            ..EngineSettings::default()
        }
    }

    /// The registry of a store.
    pub fn registry(&self, store: &Store, exchange: &Arc<dyn Exchange>) -> Registry {
        Registry::new(store.clone(), Arc::clone(exchange), self.clock, EngineSettings::default().instruments_max_age_ms)
    }

    /// Recorded series that `typed` means, of one exchange; an error that names what is there where none is.
    pub fn find(
        &self,
        store: &View,
        typed: &str,
        dataset: Option<Dataset>,
        interval: Option<Interval>,
    ) -> anyhow::Result<Vec<Series>> {
        let (query, exchange) = self.meant(typed)?;
        let all = store.readers().with(series::all)?;
        let (mut meant, mut others): (Vec<Series>, Vec<Series>) = all.into_iter().partition(|series| {
            home(series.instrument.exchange, series.instrument.symbol.as_str()) == exchange
                && query.matches(&series.instrument)
                && super::is_meant(series, dataset, interval)
        });
        if meant.is_empty() {
            // The same symbol first: on another exchange, or another dataset of it.
            let anywhere = SymbolQuery { exchange: None, ..query };
            others.sort_by_key(|series| !anywhere.matches(&series.instrument));
            let mut names: Vec<String> = others.iter().take(MOST_NAMES).map(|series| self.typed_name(series)).collect();
            if others.len() > MOST_NAMES {
                names.push(format!("{} more that `marketdata-tui list` shows", others.len() - MOST_NAMES));
            }
            let there = if names.is_empty() {
                "nothing is recorded yet".to_owned()
            } else {
                format!("recorded are {}", names.join(", "))
            };
            let width = interval.map_or_else(String::new, |interval| format!(" {interval}"));
            let what = dataset.filter(|set| *set != Dataset::Candles).map_or(width, |set| format!(" {}", set.label()));
            bail!("{typed}{what} is not recorded on {exchange} ({there})");
        }
        meant.sort_by_key(|series| (series.dataset, series.interval));
        Ok(meant)
    }
}
